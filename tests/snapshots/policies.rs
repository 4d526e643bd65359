//! When snapshots are taken, told by how many events a load replays.

use std::sync::Arc;
use std::time::Duration;

use varvedb::blocking::Repository;
use varvedb::{Durability, ManualClock, Position, Timestamp, Version};

use crate::kit::{Place, fresh_repository};
use crate::meter::{
    AnyMeter, MeterEvent, MeterId, any, every_one, every_seven, happen, installed, load, long_ago,
    never, one_by_one, patient, read, removed, slow,
};

const ID: MeterId = MeterId(7);

#[test]
fn without_a_policy_every_load_replays_everything() {
    let (_store, repo) = fresh_repository();
    one_by_one::<never::Meter>(&repo, ID, 20);
    assert_eq!(load::<never::Meter>(&repo, ID), 20);
    assert_eq!(load::<never::Meter>(&repo, ID), 20);
    assert_eq!(repo.fresh::<never::Meter>(ID).replayed(), 0);
}

#[test]
fn every_so_many_events_a_snapshot_is_taken_while_one_root_saves_them() {
    let (_store, repo) = fresh_repository();
    one_by_one::<every_seven::Meter>(&repo, ID, 20);
    assert_eq!(load::<every_seven::Meter>(&repo, ID), 20 - 14);
    happen::<every_seven::Meter>(&repo, ID, vec![read(ID, 1)]);
    assert_eq!(load::<every_seven::Meter>(&repo, ID), 0);
}

#[test]
fn a_save_of_many_events_takes_one_snapshot_behind_them() {
    let (_store, repo) = fresh_repository();
    let events = (1..100).map(|value| read(ID, value));
    let events = std::iter::once(installed(ID)).chain(events).collect();
    happen::<every_seven::Meter>(&repo, ID, events);
    assert_eq!(load::<every_seven::Meter>(&repo, ID), 0);
}

#[test]
fn a_long_stream_that_has_no_snapshot_gets_one_by_being_loaded() {
    let (_store, repo) = fresh_repository();
    long_ago(&repo, ID, 100);
    assert_eq!(load::<every_seven::Meter>(&repo, ID), 100);
    assert_eq!(load::<every_seven::Meter>(&repo, ID), 0);
}

#[test]
fn a_load_that_replays_too_long_takes_a_snapshot() {
    let (_store, repo) = fresh_repository();
    long_ago(&repo, ID, 2_000);
    assert_eq!(load::<patient::Meter>(&repo, ID), 2_000);
    assert_eq!(load::<patient::Meter>(&repo, ID), 2_000);
    assert_eq!(load::<slow::Meter>(&repo, ID), 2_000);
    assert_eq!(load::<slow::Meter>(&repo, ID), 0);
}

#[test]
fn an_event_that_asks_for_a_snapshot_gets_it_with_its_save() {
    let (_store, repo) = fresh_repository();
    one_by_one::<removed::Meter>(&repo, ID, 50);
    assert_eq!(load::<removed::Meter>(&repo, ID), 50);
    happen::<removed::Meter>(&repo, ID, vec![MeterEvent::Removed { id: ID }]);
    assert_eq!(load::<removed::Meter>(&repo, ID), 0);
    happen::<removed::Meter>(&repo, ID, vec![read(ID, 1)]);
    assert_eq!(load::<removed::Meter>(&repo, ID), 1);
}

#[test]
fn any_one_of_several_reasons_is_enough() {
    let (_store, repo) = fresh_repository();
    one_by_one::<any::Meter>(&repo, ID, 19);
    assert_eq!(load::<any::Meter>(&repo, ID), 19);
    happen::<any::Meter>(&repo, ID, vec![MeterEvent::Removed { id: ID }]);
    assert_eq!(load::<any::Meter>(&repo, ID), 0);
    happen::<any::Meter>(&repo, ID, (0..20).map(|n| read(ID, n)).collect());
    assert_eq!(load::<any::Meter>(&repo, ID), 0);
}

#[test]
fn a_load_from_a_fresh_snapshot_replays_nothing_however_long_the_stream_is() {
    let place = Place::new();
    for (id, events) in [(MeterId(1), 10), (MeterId(2), 100_000)] {
        let repo = Repository::new(&place.open());
        long_ago(&repo, id, events);
        assert_eq!(load::<every_seven::Meter>(&repo, id), events);
        assert_eq!(load::<every_seven::Meter>(&repo, id), 0);
        drop(repo);
        let repo = Repository::new(&place.open());
        assert_eq!(load::<every_seven::Meter>(&repo, id), 0);
        happen::<every_seven::Meter>(&repo, id, vec![read(id, 1)]);
        assert_eq!(load::<every_seven::Meter>(&repo, id), 1);
    }
}

#[test]
fn a_closed_store_has_written_its_snapshots() {
    let place = Place::new();
    one_by_one::<every_one::Meter>(&Repository::new(&place.open()), ID, 5);
    let repo = Repository::new(&place.open());
    assert_eq!(load::<every_one::Meter>(&repo, ID), 0);
}

#[test]
fn without_the_index_there_are_no_snapshots_and_loads_take_them_anew() {
    let place = Place::new();
    one_by_one::<every_seven::Meter>(&Repository::new(&place.open()), ID, 20);
    std::fs::remove_dir_all(place.path().join("index")).unwrap();
    let repo = Repository::new(&place.open());
    assert_eq!(load::<every_seven::Meter>(&repo, ID), 20);
    assert_eq!(load::<every_seven::Meter>(&repo, ID), 0);
}

#[test]
fn a_repository_without_snapshots_neither_reads_nor_takes_them() {
    let (_store, repo) = fresh_repository();
    let without = repo.clone().without_snapshots();
    one_by_one::<every_one::Meter>(&without, ID, 9);
    assert_eq!(without.load::<every_one::Meter>(ID).unwrap().replayed(), 9);
    assert_eq!(load::<every_one::Meter>(&repo, ID), 9, "none was taken");
    assert_eq!(load::<every_one::Meter>(&repo, ID), 0);
    assert_eq!(without.load::<every_one::Meter>(ID).unwrap().replayed(), 9);
}

#[test]
fn a_buffered_save_is_in_a_snapshot_only_together_with_its_events() {
    let (store, repo) = fresh_repository();
    let buffered = repo.with_durability(Durability::Buffered);
    one_by_one::<every_one::Meter>(&buffered, ID, 9);
    assert_eq!(load::<every_one::Meter>(&buffered, ID), 0);
    store.sync().unwrap();
    assert_eq!(load::<every_one::Meter>(&buffered, ID), 0);
}

#[test]
fn a_load_of_an_earlier_moment_does_not_look_at_a_later_snapshot() {
    let place = Place::new();
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(0)));
    let repo = Repository::new(&place.open_with(varvedb::Store::options().clock(clock.clone())));
    for number in 0..18 {
        clock.advance(Duration::from_micros(1));
        let event = if number == 0 {
            installed(ID)
        } else {
            read(ID, number)
        };
        happen::<every_seven::Meter>(&repo, ID, vec![event]);
    }
    drop(repo);
    // Reopened, so that the newest snapshot, of version 14, is on the disk.
    let repo = Repository::new(&place.open());
    let without = repo.clone().without_snapshots();
    let replayed = |as_of: varvedb::AsOf| {
        let root = repo.load_at::<every_seven::Meter>(ID, as_of).unwrap();
        let replayed = without.load_at::<every_seven::Meter>(ID, as_of).unwrap();
        assert_eq!(root.state(), replayed.state(), "{as_of:?}");
        assert_eq!(root.version(), replayed.version(), "{as_of:?}");
        root.replayed()
    };
    for (moment, expected) in [(1, 1), (13, 13), (14, 0), (15, 1), (18, 4), (99, 4)] {
        assert_eq!(replayed(Version::new(moment).into()), expected);
        assert_eq!(replayed(Position::new(moment).into()), expected);
        let time = Timestamp::from_micros(moment.try_into().unwrap());
        assert_eq!(replayed(time.into()), expected);
    }
    assert_eq!(load::<every_seven::Meter>(&repo, ID), 4, "none was taken");
}

#[test]
fn a_root_from_a_snapshot_saves_and_conflicts_like_any_other() {
    let (_store, repo) = fresh_repository();
    one_by_one::<every_one::Meter>(&repo, ID, 5);
    let mut one = repo.load::<every_one::Meter>(ID).unwrap();
    let mut other = repo.load::<every_one::Meter>(ID).unwrap();
    assert_eq!(one.replayed(), 0);
    for root in [&mut one, &mut other] {
        root.execute(crate::meter::Happens(vec![read(ID, 3)]))
            .unwrap();
    }
    assert_eq!(repo.save(&mut one).unwrap().version, 6);
    assert!(matches!(
        repo.save(&mut other),
        Err(varvedb::SaveError::Conflict(_))
    ));
    load::<every_one::Meter>(&repo, ID);
}

#[test]
fn a_thousand_streams_have_a_snapshot_each() {
    fn replays<A: AnyMeter>(repo: &Repository) -> u64 {
        (0..1_000).map(|id| load::<A>(repo, MeterId(id))).sum()
    }
    let place = Place::new();
    let repo = Repository::new(&place.open());
    for id in (0..1_000).map(MeterId) {
        long_ago(&repo.clone().with_durability(Durability::Buffered), id, 2);
    }
    assert_eq!(replays::<every_one::Meter>(&repo), 2_000);
    assert_eq!(replays::<every_one::Meter>(&repo), 0);
    drop(repo);
    let repo = Repository::new(&place.open());
    assert_eq!(replays::<every_one::Meter>(&repo), 0);
}

#[test]
fn callers_at_the_same_time_see_what_replay_says() {
    let (_store, repo) = fresh_repository();
    happen::<every_one::Meter>(&repo, ID, vec![installed(ID)]);
    let repo = repo.with_retries(1_000);
    std::thread::scope(|scope| {
        for caller in 0..4 {
            let repo = repo.clone();
            scope.spawn(move || {
                for round in 0..50 {
                    happen::<every_one::Meter>(&repo, ID, vec![read(ID, caller * round)]);
                    let root = repo.load::<every_one::Meter>(ID).unwrap();
                    let without = repo.clone().without_snapshots();
                    let replayed = without.load_at::<every_one::Meter>(ID, root.version());
                    assert_eq!(root.state(), replayed.unwrap().state());
                }
            });
        }
    });
    assert_eq!(repo.load::<every_one::Meter>(ID).unwrap().version(), 201);
    load::<every_one::Meter>(&repo, ID);
}
