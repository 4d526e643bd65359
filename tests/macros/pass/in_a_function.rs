//! Everything works inside a function, as in doctests and tests.

fn main() {
    use varvedb::prelude::*;

    #[derive(VarveId, Clone, Debug, PartialEq)]
    struct OrderId(u64);

    #[derive(VarveValue, Clone, Debug, PartialEq)]
    struct Line {
        sku: String,
        gift: Gift,
    }

    #[derive(VarveValue, Clone, Debug, PartialEq)]
    enum Gift {
        No,
        Wrapped { paper: String },
    }

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "order")]
    enum OrderEvent {
        Placed { #[stream_id] id: OrderId, line: Line },
        Cancelled { #[stream_id] id: OrderId },
    }

    #[derive(Debug)]
    struct Order {
        id: OrderId,
    }

    #[aggregate(id = OrderId, event = OrderEvent, error = String)]
    impl Order {
        #[command]
        fn place(id: OrderId, line: Line) -> Result<OrderEvent, &'static str> {
            Ok(OrderEvent::Placed { id, line })
        }

        #[command]
        fn cancel(&self) -> Result<[OrderEvent; 1], String> {
            Ok([OrderEvent::Cancelled { id: self.id.clone() }])
        }

        #[apply]
        fn placed(e: OrderPlaced<'_>) -> Self {
            Self { id: e.id }
        }

        #[apply]
        fn cancelled(&mut self, _: OrderCancelled<'_>) {}
    }

    struct Lines(u64);

    #[projection(name = "lines")]
    impl Lines {
        #[on]
        fn placed(&mut self, _: OrderPlaced<'_>) {
            self.0 += 1;
        }
    }

    let line = Line { sku: "a".into(), gift: Gift::Wrapped { paper: "stars".into() } };
    let event = Order::place(OrderId(1), line).unwrap();
    let OrderEventView::Placed(OrderPlaced { line: LineView { sku, gift }, .. }) =
        varvedb::Event::view(&event)
    else {
        panic!("the view of another variant");
    };
    assert_eq!(sku, "a");
    assert!(matches!(gift, GiftView::Wrapped { paper: "stars" }));
    assert!(matches!(OrderCommand::Cancel {}, OrderCommand::Cancel { .. }));
    let _ = Gift::No;
}
