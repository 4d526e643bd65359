//! A real store is replayed as a whole, and everything in it that fails is told.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use varvedb::blocking::{Repository, Store};
use varvedb::testing::{ReplayError, assert_store_replays, store_replays, streams_replay};
use varvedb::{Durability, ExpectedVersion, Key, NewEvent, StreamId, TypeName};

use crate::kit::bank::{Account, AccountCommand, AccountId};
use crate::kit::{Place, child, child_path};
use crate::order::{Order, OrderEvent, store, three_years, v1};

/// The order, of which something else is thought.
mod fearful {
    use std::convert::Infallible;

    use varvedb::aggregate;

    use super::OrderEvent;
    use crate::order::{OrderBegun, OrderPlaced, OrderShipped};

    pub(super) struct Order {
        cents: i64,
    }

    #[aggregate(id = u64, event = OrderEvent, error = Infallible)]
    impl Order {
        #[apply]
        fn begun(_: OrderBegun<'_>) -> Self {
            Self { cents: 0 }
        }

        #[apply]
        fn placed(&mut self, e: OrderPlaced<'_>) {
            assert!(self.cents < 1000, "that is more than {}", self.cents);
            self.cents += e.cents;
        }

        #[apply]
        fn shipped(&mut self, _: OrderShipped<'_>) {}
    }
}

/// A lamp, whose events do not say which: and once it was told when it flickered.
mod lamp {
    use std::convert::Infallible;

    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "lamp")]
    pub(super) enum LampEvent {
        Hung,
        #[varve(revision = 2, history(split(LitV1)))]
        Lit,
    }

    #[derive(VarveRevision)]
    pub(super) struct LitV1 {
        flickers: u8,
    }

    impl<'a> Split<'a, LitV1View<'a>> for LampEventView<'a> {
        fn split(old: LitV1View<'a>, _: &'a Scratch) -> impl IntoIterator<Item = Self> {
            let is_lit = old.flickers == 0;
            is_lit.then(|| Self::Lit(LampLit::default()))
        }
    }

    pub(super) struct Lamp;

    #[aggregate(id = u64, event = LampEvent, error = Infallible)]
    impl Lamp {
        #[apply]
        fn hung(_: LampHung<'_>) -> Self {
            Self
        }

        #[apply]
        fn lit(&mut self, _: LampLit<'_>) {}
    }
}

fn raw(store: &Store, stream: u64, (name, revision): (&str, u16), payload: &[u8]) {
    let event = NewEvent::new(TypeName::new(name).unwrap(), payload).with_revision(revision);
    let stream = StreamId::new("order", stream).unwrap();
    let _ = store
        .append(&stream, ExpectedVersion::Any, [event])
        .unwrap();
}

fn bank_with(accounts: u64, deposits: u64) -> Place {
    let place = Place::new();
    let store = place.open();
    let repo = Repository::new(&store).with_durability(Durability::Buffered);
    for account in 1..=accounts {
        let id = AccountId(account);
        let owner = "somebody".to_owned();
        repo.execute::<Account>(id, AccountCommand::Open { id, owner })
            .unwrap();
        for amount in 1..=deposits {
            repo.execute::<Account>(id, AccountCommand::Deposit { amount })
                .unwrap();
        }
    }
    place
}

#[test]
fn a_store_of_three_years_replays() {
    let place = Place::new();
    three_years(&place.open());
    assert_store_replays::<Order>(place.path());
    let report = store_replays::<Order>(place.path(), |_| {}).unwrap();
    assert_eq!((report.streams, report.events, report.skipped), (1, 6, 1));
    assert!(report.failures.is_empty());
}

#[test]
fn every_failure_is_told_with_its_stream_position_type_and_revision() {
    let place = Place::new();
    let log = place.open();
    three_years(&log);
    raw(&log, 8, ("order.placed", 1), b"not an archive");
    raw(&log, 8, ("order.pondered", 1), b"");
    raw(&log, 9, ("order.gifted", 1), b"");
    store(&log, &[v1::OrderEvent::Begun { id: 7 }]);
    drop(log);
    let report = store_replays::<Order>(place.path(), |_| {}).unwrap();
    insta::with_settings!({filters => [("0x[0-9a-f]+", "[address]")]}, {
        insta::assert_snapshot!(report);
    });
}

#[test]
fn a_stream_that_does_not_begin_with_its_creation_is_told_once() {
    let place = Place::new();
    store(
        &place.open(),
        &[1, 2].map(|boxes| OrderEvent::Shipped {
            id: 7,
            parcel: "A-1".into(),
            boxes,
        }),
    );
    let report = store_replays::<Order>(place.path(), |_| {}).unwrap();
    insta::assert_snapshot!(report);
}

#[test]
fn an_old_event_that_becomes_none_is_skipped() {
    let place = Place::new();
    let log = place.open();
    log.register::<lamp::LampEvent>().unwrap();
    let lamp = StreamId::new("lamp", 1).unwrap();
    let lit = TypeName::new("lamp.lit").unwrap();
    let hung = NewEvent::new(TypeName::new("lamp.hung").unwrap(), []);
    let events = [
        hung,
        NewEvent::new(lit.clone(), [0]),
        NewEvent::new(lit, [1]),
    ];
    let _ = log.append(&lamp, ExpectedVersion::Any, events).unwrap();
    drop(log);
    let report = store_replays::<lamp::Lamp>(place.path(), |_| {}).unwrap();
    assert_eq!((report.events, report.skipped), (2, 1), "{report}");
    assert!(report.failures.is_empty(), "{report}");
}

#[test]
fn a_stream_that_no_id_names_is_a_failure_also_where_events_do_not_name_theirs() {
    let place = Place::new();
    let log = place.open();
    log.register::<lamp::LampEvent>().unwrap();
    let lamp = StreamId::new("lamp", Key::text("hall").unwrap()).unwrap();
    let hung = NewEvent::new(TypeName::new("lamp.hung").unwrap(), []);
    let _ = log.append(&lamp, ExpectedVersion::Any, [hung]).unwrap();
    drop(log);
    let report = store_replays::<lamp::Lamp>(place.path(), |_| {}).unwrap();
    assert_eq!(report.failures.len(), 1, "{report}");
    assert!(
        report.to_string().contains("is not a valid `u64`"),
        "{report}"
    );
}

#[test]
fn a_handler_that_panics_is_a_failure_of_its_event() {
    let place = Place::new();
    three_years(&place.open());
    let report = store_replays::<fearful::Order>(place.path(), |_| {}).unwrap();
    insta::assert_snapshot!(report);
}

#[test]
#[should_panic(expected = "order.pondered")]
fn the_assertion_fails_with_the_failures() {
    let place = Place::new();
    raw(&place.open(), 8, ("order.pondered", 1), b"");
    assert_store_replays::<Order>(place.path());
}

#[test]
#[should_panic(expected = "no stream of category `order`")]
fn a_store_without_such_events_tests_nothing() {
    let place = bank_with(1, 0);
    assert_store_replays::<Order>(place.path());
}

#[test]
fn another_shape_of_events_is_an_error_before_anything_is_read() {
    let place = Place::new();
    three_years(&place.open());
    let refused = store_replays::<crate::shrunk::Order>(place.path(), |_| {});
    assert!(
        matches!(refused, Err(ReplayError::Schema(_))),
        "{refused:?}"
    );
}

#[test]
fn what_is_there_is_counted_and_progress_is_told() {
    let place = bank_with(1030, 4); // more streams than are looked up at once, more events than go untold
    let mut told = Vec::new();
    let report = store_replays::<Account>(place.path(), |progress| told.push(progress)).unwrap();
    assert_eq!(
        (report.streams, report.events, report.failures.len()),
        (1030, 5150, 0)
    );
    let events: Vec<u64> = told.iter().map(|progress| progress.events).collect();
    assert_eq!(events, [4096, 5150]);
    assert!(told.iter().all(|progress| progress.at_most == 5150));
}

#[test]
fn an_open_store_is_replayed_where_it_is_open() {
    let place = bank_with(2, 3);
    let store = place.open();
    let report = streams_replay::<Account>(&store, |_| {}).unwrap();
    assert_eq!((report.streams, report.events), (2, 8));
}

#[test]
#[ignore = "a child process of the test below"]
fn child_that_writes() {
    let place = child_path();
    let store = varvedb::Store::open(place).unwrap();
    let repo = Repository::new(&store);
    let id = AccountId(77);
    let owner = "somebody".to_owned();
    repo.execute::<Account>(id, AccountCommand::Open { id, owner })
        .unwrap();
    println!("\nready");
    std::io::stdin().lines().next().unwrap().unwrap();
}

#[test]
fn a_store_is_replayed_beside_the_program_that_writes_to_it() {
    let place = bank_with(2, 3);
    let mut writer = child("replays::child_that_writes", &place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "ready"));
    let report = store_replays::<Account>(place.path(), |_| {}).unwrap();
    assert_eq!(
        (report.streams, report.events, report.failures.len()),
        (3, 9, 0)
    );
    writeln!(writer.stdin.take().unwrap(), "done").unwrap();
    assert!(writer.wait().unwrap().success());
}
