//! Events that hold every kind of field, as the golden store has them.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use uuid::Uuid;
use varvedb::prelude::*;
use varvedb::{Event, Revision, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, VarveId)]
pub(crate) struct ZooId(pub u64);

#[derive(Clone, Debug, PartialEq, VarveEvent)]
#[varve(stream = "zoo")]
pub(crate) enum ZooEvent {
    Numbered {
        #[stream_id]
        id: ZooId,
        yes: bool,
        unsigned: (u8, u16, u32, u64, u128),
        signed: (i8, i16, i32, i64, i128),
        floats: (f32, f64),
        letter: char,
    },
    Written {
        #[stream_id]
        id: ZooId,
        empty: String,
        short: String,
        long: String,
    },
    Timed {
        #[stream_id]
        id: ZooId,
        at: Timestamp,
        system: SystemTime,
        key: Uuid,
    },
    Gathered {
        #[stream_id]
        id: ZooId,
        none: Option<u64>,
        some: Option<String>,
        boxed: Box<u32>,
        none_of_them: Vec<String>,
        numbers: Vec<u16>,
        lists: Vec<Vec<String>>,
        map: BTreeMap<u16, String>,
        array: [u16; 3],
        one: (u8, u64, u16),
    },
    Nested {
        #[stream_id]
        id: ZooId,
        price: Money,
        gifts: Vec<Gift>,
        keeper: ZooId,
        tree: Tree,
    },
    Emptied {
        #[stream_id]
        id: ZooId,
    },
    #[varve(revision = 2)]
    Fed {
        #[stream_id]
        id: ZooId,
        food: String,
        #[varve(since = 2, default = 1)]
        grams: u32,
    },
    #[varve(revision = 3, history(PricedV1, PricedV2))]
    Priced {
        #[stream_id]
        id: ZooId,
        price: Money,
    },
}

#[derive(Debug, Clone, PartialEq, VarveValue)]
pub(crate) struct Money {
    pub(crate) cents: i64,
    pub(crate) currency: String,
}

#[derive(Debug, Clone, PartialEq, VarveValue)]
pub(crate) enum Gift {
    No,
    Wrapped { paper: String, colour: Option<u8> },
    Voucher { money: Money, times: u16 },
}

#[derive(Debug, Clone, PartialEq, VarveValue)]
pub(crate) enum Tree {
    Leaf { name: String },
    Branches { inner: Vec<Tree> },
}

#[derive(VarveRevision)]
pub(crate) struct PricedV1 {
    #[stream_id]
    pub(crate) id: ZooId,
    pub(crate) euros: i64,
}

#[derive(VarveRevision)]
pub(crate) struct PricedV2 {
    #[stream_id]
    pub(crate) id: ZooId,
    pub(crate) cents: i64,
}

impl<'a> Upcast<'a, PricedV1View<'a>> for PricedV2View<'a> {
    fn upcast(old: PricedV1View<'a>, _: &'a Scratch) -> Self {
        Self {
            id: old.id,
            cents: old.euros * 100,
        }
    }
}

impl<'a> Upcast<'a, PricedV2View<'a>> for ZooPriced<'a> {
    fn upcast(old: PricedV2View<'a>, _: &'a Scratch) -> Self {
        Self {
            id: old.id,
            price: MoneyView {
                cents: old.cents,
                currency: "EUR",
            },
        }
    }
}

/// `Fed` when it had no grams.
#[derive(VarveRevision)]
struct FedV1 {
    #[stream_id]
    id: ZooId,
    food: String,
}

/// What is stored: name, revision and payload; and what a program of today is to read.
pub(crate) struct Golden {
    pub(crate) name: &'static str,
    pub(crate) revision: u16,
    pub(crate) payload: Vec<u8>,
    pub(crate) read: ZooEvent,
}

/// All that stream `id` holds, in order.
pub(crate) fn events(id: u64) -> Vec<Golden> {
    let id = || ZooId(id);
    let euros = |cents| Money {
        cents,
        currency: "EUR".to_owned(),
    };
    let fed = |grams| ZooEvent::Fed {
        id: id(),
        food: "hay".to_owned(),
        grams,
    };
    let priced = |cents| ZooEvent::Priced {
        id: id(),
        price: euros(cents),
    };
    vec![
        present("zoo.numbered", 1, numbered(id())),
        present("zoo.written", 1, written(id())),
        present("zoo.timed", 1, timed(id())),
        present("zoo.gathered", 1, gathered(id())),
        present("zoo.nested", 1, nested(id())),
        present("zoo.emptied", 1, ZooEvent::Emptied { id: id() }),
        past(
            "zoo.fed",
            1,
            &FedV1 {
                id: id(),
                food: "hay".to_owned(),
            },
            fed(1),
        ),
        present("zoo.fed", 2, fed(400)),
        past(
            "zoo.priced",
            1,
            &PricedV1 {
                id: id(),
                euros: 12,
            },
            priced(1_200),
        ),
        past(
            "zoo.priced",
            2,
            &PricedV2 {
                id: id(),
                cents: 1_250,
            },
            priced(1_250),
        ),
        present("zoo.priced", 3, priced(-1)),
    ]
}

fn present(name: &'static str, revision: u16, event: ZooEvent) -> Golden {
    let mut payload = Vec::new();
    event.encode(&mut payload).unwrap();
    Golden {
        name,
        revision,
        payload,
        read: event,
    }
}

fn past(name: &'static str, revision: u16, old: &impl Revision, read: ZooEvent) -> Golden {
    let mut payload = Vec::new();
    old.encode(&mut payload).unwrap();
    Golden {
        name,
        revision,
        payload,
        read,
    }
}

fn numbered(id: ZooId) -> ZooEvent {
    ZooEvent::Numbered {
        id,
        yes: true,
        unsigned: (u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX),
        signed: (i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN),
        floats: (1.5, -0.25),
        letter: 'å',
    }
}

fn written(id: ZooId) -> ZooEvent {
    ZooEvent::Written {
        id,
        empty: String::new(),
        short: "eight by".to_owned(),
        long: "nine byte and more: \"quoted\", \u{1F99B} and a \n line".to_owned(),
    }
}

fn timed(id: ZooId) -> ZooEvent {
    ZooEvent::Timed {
        id,
        at: Timestamp::from_micros(-1),
        system: SystemTime::UNIX_EPOCH + Duration::from_micros(1_700_000_000_123_456),
        key: Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff),
    }
}

fn gathered(id: ZooId) -> ZooEvent {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    ZooEvent::Gathered {
        id,
        none: None,
        some: Some("something".to_owned()),
        boxed: Box::new(7),
        none_of_them: Vec::new(),
        numbers: vec![1, 2, 3],
        lists: vec![words(&["a", "a longer word"]), Vec::new(), words(&["b"])],
        map: BTreeMap::from([
            (2, "two".to_owned()),
            (1, "one, and written out".to_owned()),
        ]),
        array: [7, 8, 9],
        one: (1, 2, 3),
    }
}

fn nested(id: ZooId) -> ZooEvent {
    let money = Money {
        cents: 995,
        currency: "a currency of a long name".to_owned(),
    };
    let leaf = |name: &str| Tree::Leaf {
        name: name.to_owned(),
    };
    ZooEvent::Nested {
        id,
        price: money.clone(),
        gifts: vec![
            Gift::No,
            Gift::Wrapped {
                paper: "striped".to_owned(),
                colour: Some(3),
            },
            Gift::Voucher { money, times: 2 },
        ],
        keeper: ZooId(9),
        tree: Tree::Branches {
            inner: vec![
                leaf("left"),
                Tree::Branches {
                    inner: vec![leaf("deeper")],
                },
            ],
        },
    }
}
