//! An order, as three programs know it: what was `total` got a currency, then the buyer's two names
//! became one and the total became cents.

use std::convert::Infallible;

use varvedb::ExpectedVersion;
use varvedb::blocking::Store;
use varvedb::prelude::*;

pub(crate) mod v1 {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Clone, Debug, PartialEq)]
    #[varve(stream = "order")]
    pub(crate) enum OrderEvent {
        Begun {
            #[stream_id]
            id: u64,
        },
        Placed {
            #[stream_id]
            id: u64,
            first: String,
            last: String,
            total: i64,
            tags: Vec<String>,
        },
        Gifted {
            #[stream_id]
            id: u64,
        },
        Sent {
            #[stream_id]
            id: u64,
            parcel: String,
        },
    }
}

pub(crate) mod v2 {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Clone, Debug, PartialEq)]
    #[varve(stream = "order")]
    pub(crate) enum OrderEvent {
        #[varve(revision = 2)]
        Placed {
            #[stream_id]
            id: u64,
            first: String,
            last: String,
            #[varve(since = 2, default = "EUR")]
            currency: String,
            total: i64,
            tags: Vec<String>,
        },
        Gifted {
            #[stream_id]
            id: u64,
        },
        Sent {
            #[stream_id]
            id: u64,
            parcel: String,
        },
    }
}

/// The present program.
#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "order", retired("gifted"))]
pub(crate) enum OrderEvent {
    Begun {
        #[stream_id]
        id: u64,
    },
    #[varve(revision = 3, history(PlacedV1, PlacedV2))]
    Placed {
        #[stream_id]
        id: u64,
        buyer: String,
        cents: i64,
        currency: String,
        tags: Vec<String>,
    },
    #[varve(revision = 2, alias = "sent")]
    Shipped {
        #[stream_id]
        id: u64,
        parcel: String,
        #[varve(since = 2, default = 1)]
        boxes: u8,
    },
}

#[derive(VarveRevision, Debug)]
pub(crate) struct PlacedV1 {
    #[stream_id]
    id: u64,
    first: String,
    last: String,
    total: i64,
    tags: Vec<String>,
}

#[derive(VarveRevision, Debug)]
pub(crate) struct PlacedV2 {
    #[stream_id]
    id: u64,
    first: String,
    last: String,
    currency: String,
    total: i64,
    tags: Vec<String>,
}

impl<'a> Upcast<'a, PlacedV1View<'a>> for PlacedV2View<'a> {
    fn upcast(old: PlacedV1View<'a>, _: &'a Scratch) -> Self {
        let PlacedV1View {
            id,
            first,
            last,
            total,
            tags,
        } = old;
        Self {
            id,
            first,
            last,
            currency: "EUR",
            total,
            tags,
        }
    }
}

impl<'a> Upcast<'a, PlacedV2View<'a>> for OrderPlaced<'a> {
    fn upcast(old: PlacedV2View<'a>, scratch: &'a Scratch) -> Self {
        let buyer = scratch.str(format!("{} {}", old.first, old.last));
        let cents = old.total * 100;
        Self {
            id: old.id,
            buyer,
            cents,
            currency: old.currency,
            tags: old.tags,
        }
    }
}

/// Everything that it was told.
#[derive(VarveValue, Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) told: Vec<String>,
}

#[aggregate(id = u64, event = OrderEvent, error = Infallible, snapshot(every = 1))]
impl Order {
    #[apply]
    fn begun(_: OrderBegun<'_>) -> Self {
        Self { told: Vec::new() }
    }

    #[apply]
    fn placed(&mut self, e: OrderPlaced<'_>) {
        self.told.push(format!("{e:?}"));
    }

    #[apply]
    fn shipped(&mut self, e: OrderShipped<'_>) {
        self.told.push(format!("{e:?}"));
    }
}

#[derive(Default)]
pub(crate) struct Told(pub(crate) Vec<String>);

#[projection(name = "told")]
impl Told {
    #[on]
    fn placed(&mut self, e: OrderPlaced<'_>) {
        self.0.push(format!("{e:?}"));
    }

    #[on]
    fn shipped(&mut self, e: OrderShipped<'_>) {
        self.0.push(format!("{e:?}"));
    }
}

fn tags() -> Vec<String> {
    vec!["urgent".into(), "fragile".into()]
}

/// Stores events as a program of one of the versions does.
pub(crate) fn store<E: varvedb::Event>(store: &Store, events: &[E]) {
    store.register::<E>().unwrap();
    for event in events {
        let schema = E::schemas().get(event.schema_index()).unwrap();
        let mut payload = Vec::new();
        event.encode(&mut payload).unwrap();
        let name = varvedb::TypeName::new(schema.name).unwrap();
        let new = varvedb::NewEvent::new(name, payload).with_revision(schema.current_revision());
        let stream = varvedb::StreamId::new(E::CATEGORY, 7).unwrap();
        let _ = store.append(&stream, ExpectedVersion::Any, [new]).unwrap();
    }
}

/// Three years of one order, each written by the program of its time.
pub(crate) fn three_years(to: &Store) {
    let (first, last, parcel) = ("Ada".to_owned(), "Byron".to_owned(), "A-1".to_owned());
    store(
        to,
        &[
            v1::OrderEvent::Begun { id: 7 },
            v1::OrderEvent::Placed {
                id: 7,
                first: first.clone(),
                last: last.clone(),
                total: 5,
                tags: tags(),
            },
            v1::OrderEvent::Gifted { id: 7 },
            v1::OrderEvent::Sent {
                id: 7,
                parcel: parcel.clone(),
            },
        ],
    );
    store(
        to,
        &[v2::OrderEvent::Placed {
            id: 7,
            first,
            last,
            currency: "SEK".into(),
            total: 5,
            tags: tags(),
        }],
    );
    let buyer = "Ada Byron".to_owned();
    store(
        to,
        &[
            OrderEvent::Placed {
                id: 7,
                buyer,
                cents: 501,
                currency: "EUR".into(),
                tags: tags(),
            },
            OrderEvent::Shipped {
                id: 7,
                parcel,
                boxes: 2,
            },
        ],
    );
}

/// What the present program is told of them.
pub(crate) const TOLD: [&str; 5] = [
    r#"OrderPlaced { id: 7, buyer: "Ada Byron", cents: 500, currency: "EUR", tags: ["urgent", "fragile"] }"#,
    r#"OrderShipped { id: 7, parcel: "A-1", boxes: 1 }"#,
    r#"OrderPlaced { id: 7, buyer: "Ada Byron", cents: 500, currency: "SEK", tags: ["urgent", "fragile"] }"#,
    r#"OrderPlaced { id: 7, buyer: "Ada Byron", cents: 501, currency: "EUR", tags: ["urgent", "fragile"] }"#,
    r#"OrderShipped { id: 7, parcel: "A-1", boxes: 2 }"#,
];
