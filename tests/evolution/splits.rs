//! An old event that was several: every path tells of all its parts, in their order, and of no half.

use std::convert::Infallible;
use std::ops::ControlFlow;

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;
use varvedb::{AsOf, DecodeError, Event, EventView, LoadError, Rewrite};

use crate::kit::{Fresh, Place, fresh};
use crate::order::store;

/// A basket was packed at once, as pairs of a ware and a price.
mod v1 {
    use varvedb::prelude::*;

    #[derive(VarveEvent)]
    #[varve(stream = "basket")]
    pub(super) enum BasketEvent {
        Packed {
            #[stream_id]
            id: u64,
            wares: Vec<String>,
            price: u64,
        },
    }
}

/// Then in one currency; and it could be cleared.
mod v2 {
    use varvedb::prelude::*;

    #[derive(VarveEvent)]
    #[varve(stream = "basket")]
    pub(super) enum BasketEvent {
        #[varve(revision = 2)]
        Packed {
            #[stream_id]
            id: u64,
            wares: Vec<String>,
            price: u64,
            #[varve(since = 2, default = "EUR")]
            currency: String,
        },
    }
}

/// Now each ware is put in and priced by itself.
#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "basket")]
enum BasketEvent {
    Taken {
        #[stream_id]
        id: u64,
    },
    #[varve(revision = 3, alias = "packed", history(PackedV1, split(PackedV2)))]
    PutIn {
        #[stream_id]
        id: u64,
        ware: String,
    },
    Priced {
        #[stream_id]
        id: u64,
        price: String,
    },
}

#[derive(VarveRevision)]
struct PackedV1 {
    #[stream_id]
    id: u64,
    wares: Vec<String>,
    price: u64,
}

#[derive(VarveRevision)]
struct PackedV2 {
    #[stream_id]
    id: u64,
    wares: Vec<String>,
    price: u64,
    currency: String,
}

impl<'a> Upcast<'a, PackedV1View<'a>> for PackedV2View<'a> {
    fn upcast(old: PackedV1View<'a>, _: &'a Scratch) -> Self {
        let PackedV1View { id, wares, price } = old;
        let currency = "EUR";
        Self {
            id,
            wares,
            price,
            currency,
        }
    }
}

impl<'a> Split<'a, PackedV2View<'a>> for BasketEventView<'a> {
    fn split(old: PackedV2View<'a>, scratch: &'a Scratch) -> impl IntoIterator<Item = Self> {
        let id = old.id;
        let price = scratch.str(format!("{} {}", old.price, old.currency));
        // Nobody takes a basket for nothing.
        let taken = (!old.wares.is_empty()).then_some(Self::Taken(BasketTaken { id }));
        let put_in = old.wares.iter().flat_map(move |ware| {
            let put_in = Self::PutIn(BasketPutIn { id, ware });
            [put_in, Self::Priced(BasketPriced { id, price })]
        });
        taken.into_iter().chain(put_in)
    }
}

#[derive(VarveValue, Debug, PartialEq)]
struct Basket {
    told: Vec<String>,
}

#[aggregate(id = u64, event = BasketEvent, error = Infallible, snapshot(every = 1))]
impl Basket {
    #[command]
    fn count(&self) -> Result<BasketEvent, Infallible> {
        let ware = self.told.len().to_string();
        Ok(BasketEvent::PutIn { id: 7, ware })
    }

    #[apply]
    fn taken(_: BasketTaken<'_>) -> Self {
        Self { told: Vec::new() }
    }

    #[apply]
    fn put_in(&mut self, e: BasketPutIn<'_>, meta: &Meta<'_>) {
        self.told.push(format!("{} at {}", e.ware, meta.version()));
    }

    #[apply]
    fn priced(&mut self, e: BasketPriced<'_>, meta: &Meta<'_>) {
        self.told.push(format!("{} at {}", e.price, meta.version()));
    }
}

/// What `Basket` is told of `baskets`.
const TOLD: [&str; 7] = [
    "soap at 1",
    "3 EUR at 1",
    "oil at 2",
    "5 SEK at 2",
    "jam at 2",
    "5 SEK at 2",
    "tea at 4",
];

/// Three baskets of the old kinds, one of them empty, and a ware as it is put in now.
fn baskets() -> Fresh {
    let log = fresh();
    fill(&log);
    log
}

fn fill(log: &Store) {
    let packed = |wares: &[&str], price| v2::BasketEvent::Packed {
        id: 7,
        wares: wares.iter().map(|ware| (*ware).to_owned()).collect(),
        price,
        currency: "SEK".into(),
    };
    let wares = vec!["soap".to_owned()];
    let first = v1::BasketEvent::Packed {
        id: 7,
        wares,
        price: 3,
    };
    store(log, &[first]);
    store(log, &[packed(&["oil", "jam"], 5), packed(&[], 0)]);
    let ware = "tea".to_owned();
    store(log, &[BasketEvent::PutIn { id: 7, ware }]);
}

#[test]
fn a_load_applies_all_parts_in_their_order_and_counts_stored_events() {
    let log = baskets();
    let repo = Repository::new(&log).without_snapshots();
    let basket = repo.load::<Basket>(7);
    // The second basket was taken anew.
    let basket = basket.unwrap();
    assert_eq!(basket.state().told, TOLD[2..]);
    let counts = (basket.version(), basket.replayed(), basket.skipped());
    assert_eq!(counts, (4.into(), 3, 1));
    let past = repo.load_at::<Basket>(7, AsOf::Version(1.into())).unwrap();
    assert_eq!(past.state().told, TOLD[..2]);
}

#[test]
fn a_snapshot_holds_what_replay_alone_shows() {
    let log = baskets();
    let repo = Repository::new(&log);
    let replayed = repo.load::<Basket>(7).unwrap();
    let from_snapshot = repo.load::<Basket>(7).unwrap();
    assert_eq!((from_snapshot.replayed(), replayed.replayed()), (0, 3));
    assert_eq!(from_snapshot.state(), replayed.state());
    assert_eq!(from_snapshot.version(), replayed.version());
}

#[test]
fn a_command_is_decided_on_all_parts_and_saved_behind_the_stored_event() {
    let log = baskets();
    let repo = Repository::new(&log);
    repo.execute::<Basket>(7, BasketCommand::Count {}).unwrap();
    let basket = repo.load::<Basket>(7).unwrap();
    assert_eq!(basket.state().told.last().unwrap(), "5 at 5");
}

#[test]
fn a_stream_without_any_part_is_not_taken_for_an_empty_one() {
    let log = fresh();
    let empty = v1::BasketEvent::Packed {
        id: 7,
        wares: Vec::new(),
        price: 0,
    };
    store(&log, &[empty]);
    let loaded = Repository::new(&log).load::<Basket>(7);
    assert!(
        matches!(
            loaded.unwrap_err(),
            LoadError::NotCreated {
                event: "basket.packed",
                ..
            }
        ),
        "the event is named"
    );
}

#[test]
fn a_scan_shows_the_parts() {
    let log = baskets();
    let mut lengths = Vec::new();
    let scan = |event: &varvedb::RecordedEvent<'_>| {
        let scratch = Scratch::new();
        let views = BasketEvent::decode(event, &scratch).unwrap();
        let expected = views.len();
        let shown = views.into_iter().map(BasketEvent::from_view).count();
        assert_eq!(shown, expected);
        lengths.push(shown);
        ControlFlow::Continue(())
    };
    log.read_log().visit(scan).unwrap();
    assert_eq!(lengths, [3, 5, 0, 1]);
}

#[test]
fn who_asks_for_one_view_of_several_is_refused() {
    let log = baskets();
    let mut refused = Vec::new();
    let scan = |event: &varvedb::RecordedEvent<'_>| {
        let scratch = Scratch::new();
        match BasketPutIn::decode(event, &scratch) {
            Err(DecodeError::Split { revision, .. }) => refused.push(revision),
            Err(error) => panic!("{error}"),
            Ok(view) => assert_eq!(view.ware, "tea"),
        }
        ControlFlow::Continue(())
    };
    log.read_log().visit(scan).unwrap();
    assert_eq!(refused, [1, 2, 2]);
}

/// Handlers in another order than the parts, and of another enum.
#[derive(Default)]
struct Ledger(Vec<String>);

#[projection(name = "ledger")]
impl Ledger {
    #[on]
    fn begun(&mut self, _: crate::order::OrderBegun<'_>) {
        self.0.push("an order".into());
    }

    #[on]
    fn priced(&mut self, e: BasketPriced<'_>, meta: &Meta<'_>) {
        self.0.push(format!("{} at {}", e.price, meta.position()));
    }

    #[on]
    fn put_in(&mut self, e: BasketPutIn<'_>, meta: &Meta<'_>) {
        self.0.push(format!("{} at {}", e.ware, meta.position()));
    }
}

#[test]
fn a_projection_is_told_of_the_parts_in_their_order() {
    let log = baskets();
    store(&log, &[crate::order::OrderEvent::Begun { id: 7 }]);
    let mut processor = Processor::new(&log);
    let ledger = processor.register(Ledger::default()).unwrap();
    processor.catch_up().unwrap();
    let told = ledger.read().0.clone();
    assert_eq!(told[..7], TOLD);
    assert_eq!(told[7..], ["an order"]);
}

/// It does not know of the type that is split, only of one of its parts.
struct Prices {
    /// The number of the part at which it gives up.
    fails_at: u64,
}

const COUNTS: Table<String, u64> = Table::new("counts");

#[projection(name = "prices")]
impl Prices {
    #[on]
    fn priced(
        &self,
        e: BasketPriced<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let (all, price) = ("all".to_owned(), e.price.to_owned());
        let number = tables.get(COUNTS, &all)?.unwrap_or_default() + 1;
        tables.put(COUNTS, &all, &number)?;
        if number == self.fails_at {
            return Err("no more".into());
        }
        let count = tables.get(COUNTS, &price)?.unwrap_or_default();
        Ok(tables.put(COUNTS, &price, &(count + 1))?)
    }
}

fn counted(log: &Store, prices: Prices) -> Vec<(String, u64)> {
    let mut processor = Processor::new(log);
    let stops = prices.fails_at > 0;
    processor.register(prices).unwrap();
    assert_eq!(processor.catch_up().is_err(), stops);
    log.tables::<Prices>().unwrap().rows(COUNTS).unwrap()
}

fn rows(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
    let owned = |(key, count): &(&str, u64)| ((*key).to_owned(), *count);
    rows.iter().map(owned).collect()
}

#[test]
fn a_projection_that_stops_at_one_part_has_nothing_of_the_event() {
    let log = baskets();
    let before = counted(&log, Prices { fails_at: 3 });
    assert_eq!(before, rows(&[("3 EUR", 1), ("all", 1)]));
    let after = counted(&log, Prices { fails_at: 0 });
    assert_eq!(after, rows(&[("3 EUR", 1), ("5 SEK", 2), ("all", 3)]));
}

#[test]
fn split_for_good_each_part_is_an_event_with_an_id_of_its_own() {
    let log = baskets();
    let copy = Place::new();
    let copying = log.copy_to(copy.path()).map(Rewrite::upcast::<BasketEvent>);
    let report = copying.run().unwrap();
    // The third was split into nothing, the fourth is what it was.
    assert_eq!((report.changed, report.dropped, report.kept), (2, 1, 1));
    let copied = copy.open();
    let events = copied.read_log().to_vec().unwrap();
    assert_eq!(events.len(), 9);
    let old = log.read_log().to_vec().unwrap();
    assert_eq!((events[0].id, events[3].id), (old[0].id, old[1].id));
    let ids: std::collections::BTreeSet<_> = events.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), 9);
    let repo = Repository::new(&copied);
    let basket = repo.load::<Basket>(7).unwrap();
    let told = &basket.state().told;
    let versions: Vec<&str> = told
        .iter()
        .filter_map(|told| told.rsplit(' ').next())
        .collect();
    assert_eq!(versions, ["5", "6", "7", "8", "9"]);
}
