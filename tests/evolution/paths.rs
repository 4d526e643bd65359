//! There is one way from stored bytes to a view, and every path takes it.

use std::ops::ControlFlow;

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;
use varvedb::{AsOf, DecodeError, Event};

use crate::kit::{Fresh, fresh};
use crate::order::{Order, OrderEvent, OrderEventView, TOLD, Told, three_years};

fn after_three_years() -> Fresh {
    let store = fresh();
    three_years(&store);
    store
}

/// What a reader of the log is told, and how many events it met that are retired.
fn scanned(store: &Store) -> (Vec<String>, usize) {
    let (mut told, mut retired) = (Vec::new(), 0);
    let scan = |event: &varvedb::RecordedEvent<'_>| {
        let scratch = Scratch::new();
        match OrderEvent::decode(event, &scratch) {
            Ok(views) => told.extend(views.into_iter().filter_map(|view| match view {
                OrderEventView::Begun(_) => None,
                OrderEventView::Placed(e) => Some(format!("{e:?}")),
                OrderEventView::Shipped(e) => Some(format!("{e:?}")),
            })),
            Err(DecodeError::Retired { .. }) => retired += 1,
            Err(error) => panic!("{error}"),
        }
        ControlFlow::Continue(())
    };
    store.read_log().visit(scan).unwrap();
    (told, retired)
}

#[test]
fn a_scan_shows_every_revision_as_the_present_one() {
    let store = after_three_years();
    assert_eq!(scanned(&store), (TOLD.map(str::to_owned).to_vec(), 1));
}

#[test]
fn a_load_shows_every_revision_as_the_present_one_and_counts_what_is_retired() {
    let store = after_three_years();
    let order = Repository::new(&store).load::<Order>(7).unwrap();
    assert_eq!(order.state().told, TOLD);
    assert_eq!(
        (order.version().get(), order.replayed(), order.skipped()),
        (7, 6, 1)
    );
}

#[test]
fn a_load_of_the_past_shows_the_present_revision() {
    let store = after_three_years();
    let past = AsOf::Version(4.into());
    let order = Repository::new(&store).load_at::<Order>(7, past).unwrap();
    assert_eq!(order.state().told, TOLD[..2]);
}

#[test]
fn a_snapshot_holds_what_replay_alone_shows() {
    let store = after_three_years();
    let repo = Repository::new(&store);
    repo.load::<Order>(7).unwrap();
    let from_snapshot = repo.load::<Order>(7).unwrap();
    let replayed = repo.without_snapshots().load::<Order>(7).unwrap();
    assert_eq!((from_snapshot.replayed(), replayed.replayed()), (0, 6));
    assert_eq!(from_snapshot.state(), replayed.state());
    assert_eq!(from_snapshot.version(), replayed.version());
}

#[test]
fn a_projection_is_told_every_revision_as_the_present_one() {
    let store = after_three_years();
    let mut processor = Processor::new(&store);
    let told = processor.register(Told::default()).unwrap();
    processor.catch_up().unwrap();
    assert_eq!(told.read().0, TOLD);
}

#[test]
fn views_are_made_owned_and_written_again_in_the_present_revision() {
    let store = after_three_years();
    let mut again = Vec::new();
    let scan = |event: &varvedb::RecordedEvent<'_>| {
        let scratch = Scratch::new();
        if let Ok(views) = OrderEvent::decode(event, &scratch) {
            again.extend(views.into_iter().map(OrderEvent::from_view));
        }
        ControlFlow::Continue(())
    };
    store.read_log().visit(scan).unwrap();
    let copy = fresh();
    crate::order::store(&copy, &again);
    assert_eq!(scanned(&copy), (TOLD.map(str::to_owned).to_vec(), 0));
}
