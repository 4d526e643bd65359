//! What a derived event promises: it comes back from the log as it went in.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use varvedb::blocking::Store;
use varvedb::prelude::*;
use varvedb::{DecodeError, Event, EventView, ExpectedVersion, NewEvent, StreamId, TypeName};

#[derive(VarveId, Clone, Debug, PartialEq)]
struct OrderId(String);

#[derive(VarveValue, Clone, Debug, PartialEq)]
struct Line {
    sku: String,
    #[varve(name = "qty")]
    quantity: u32,
    gift: Gift,
    colour: Colour,
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
enum Gift {
    No,
    Wrapped { paper: String, inside: Vec<Self> },
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
enum Colour {
    Red,
    Blue,
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
struct Nothing;

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "order")]
enum OrderEvent {
    Placed {
        first: u8,
        #[stream_id]
        order: OrderId,
        lines: Vec<Line>,
        notes: BTreeMap<String, Option<i64>>,
        referrer: OrderId,
        nothing: Nothing,
        r#type: String,
    },
    #[varve(name = "shipped_off")]
    Shipped {
        parcels: [u16; 3],
        #[stream_id]
        order: OrderId,
    },
    Cancelled {
        #[stream_id]
        order: OrderId,
    },
}

fn order() -> OrderId {
    OrderId("2024-α".to_owned())
}

fn one_of_each() -> [OrderEvent; 3] {
    let inside = vec![
        Gift::No,
        Gift::Wrapped {
            paper: "paper with more than eight letters".to_owned(),
            inside: vec![],
        },
    ];
    let line = |gift, colour| Line {
        sku: "A-1".to_owned(),
        quantity: 2,
        gift,
        colour,
    };
    let stars = "stars".to_owned();
    let placed = OrderEvent::Placed {
        first: 1,
        order: order(),
        lines: vec![
            line(Gift::No, Colour::Red),
            line(
                Gift::Wrapped {
                    paper: stars,
                    inside,
                },
                Colour::Blue,
            ),
        ],
        notes: BTreeMap::from([("a".to_owned(), Some(-1)), ("b".to_owned(), None)]),
        referrer: OrderId("somebody".to_owned()),
        nothing: Nothing,
        r#type: "gift".to_owned(),
    };
    let shipped = OrderEvent::Shipped {
        parcels: [1, 2, 65_535],
        order: order(),
    };
    [placed, shipped, OrderEvent::Cancelled { order: order() }]
}

/// The event as the untyped floor stores it.
fn new_event(event: &OrderEvent) -> NewEvent {
    let schema = OrderEvent::schemas().get(event.schema_index());
    let mut payload = Vec::new();
    event.encode(&mut payload).unwrap();
    NewEvent::new(TypeName::new(schema.unwrap().name).unwrap(), payload)
}

fn decoded(store: &Store) -> Vec<Result<OrderEvent, DecodeError>> {
    let mut events = Vec::new();
    let read = store.read_log().visit(|recorded| {
        let scratch = Scratch::new();
        match OrderEvent::decode(recorded, &scratch) {
            Ok(views) => events.extend(views.into_iter().map(OrderEvent::from_view).map(Ok)),
            Err(error) => events.push(Err(error)),
        }
        ControlFlow::Continue(())
    });
    read.unwrap();
    events
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = varvedb::Store::options().open(folder.path().join("orders.varve"));
    (folder, Store::new(&store.unwrap()))
}

fn append(store: &Store, stream: &StreamId, events: impl IntoIterator<Item = NewEvent>) {
    let _ = store.append(stream, ExpectedVersion::Any, events).unwrap();
}

#[test]
fn an_event_comes_back_as_it_went_in() {
    let (_folder, store) = store();
    let stream = StreamId::text("order", "2024-α").unwrap();
    append(&store, &stream, one_of_each().iter().map(new_event));
    let back: Vec<_> = decoded(&store).into_iter().map(Result::unwrap).collect();
    assert_eq!(back, one_of_each());
}

#[test]
fn a_view_of_a_new_event_shows_what_the_view_of_the_recorded_one_shows() {
    let (_folder, store) = store();
    let stream = StreamId::text("order", "2024-α").unwrap();
    append(&store, &stream, one_of_each().iter().map(new_event));
    let mut shown = Vec::new();
    let read = store.read_log().visit(|recorded| {
        let scratch = Scratch::new();
        let views = OrderEvent::decode(recorded, &scratch).unwrap();
        shown.extend(views.into_iter().map(|view| format!("{view:?}")));
        ControlFlow::Continue(())
    });
    read.unwrap();
    assert_eq!(
        shown,
        one_of_each().map(|event| format!("{:?}", event.view()))
    );
}

#[test]
fn stored_names_are_what_was_written_and_the_stream_id_is_not_stored_twice() {
    let names = OrderEvent::schemas().iter().map(|schema| schema.name);
    let expected = ["order.placed", "order.shipped_off", "order.cancelled"];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    assert_eq!(OrderShipped::NAME, "order.shipped_off");
    assert!(new_event(&one_of_each()[2]) == NewEvent::new(TypeName::new(expected[2]).unwrap(), []));
}

#[test]
fn an_event_of_another_enum_is_foreign() {
    let (_folder, store) = store();
    let stream = StreamId::text("order", "1").unwrap();
    let paid = NewEvent::new(TypeName::new("order.paid").unwrap(), []);
    append(&store, &stream, [paid]);
    let error = decoded(&store).remove(0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`order.paid` is not an event of `OrderEvent`; if it was one once, name it in \
         `#[varve(retired(\"..\"))]` or as the `alias` of a variant; if it is new, update the program"
    );
}

#[test]
fn an_event_of_a_newer_program_is_never_guessed() {
    let (_folder, store) = store();
    let stream = StreamId::text("order", "1").unwrap();
    append(
        &store,
        &stream,
        [new_event(&one_of_each()[1]).with_revision(2)],
    );
    let error = decoded(&store).remove(0).unwrap_err();
    assert!(matches!(
        error,
        DecodeError::Newer {
            revision: 2,
            known: 1,
            ..
        }
    ));
}

#[test]
fn a_key_of_another_kind_is_an_error_and_not_an_id() {
    let (_folder, store) = store();
    let stream = StreamId::new("order", 7).unwrap();
    append(&store, &stream, one_of_each().iter().map(new_event));
    for error in decoded(&store) {
        assert!(matches!(error, Err(DecodeError::Key { .. })));
    }
}

#[test]
fn bytes_that_are_no_archive_are_an_error() {
    let (_folder, store) = store();
    let stream = StreamId::text("order", "1").unwrap();
    let short = NewEvent::new(TypeName::new("order.placed").unwrap(), [1, 2, 3]);
    append(&store, &stream, [short]);
    let error = decoded(&store).remove(0).unwrap_err();
    assert!(matches!(error, DecodeError::Invalid { .. }));
}
