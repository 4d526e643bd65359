//! Small memories: they make a store slower, never wrong.

use varvedb::{Durability, ExpectedVersion, NewCommit, Version};

use crate::kit::{Place, book, lent};

/// A writer that remembered few streams once forgot one that was written to in the same group, before
/// the index knew of it: the next commit of the group got the same versions again.
#[test]
fn a_writer_that_remembers_few_streams_gives_no_version_twice() {
    const STREAMS: u64 = 8;
    for remembered in [0, 1, 2, 5] {
        let place = Place::new();
        let store = place.open_with(varvedb::Store::options().remembered_streams(remembered));
        std::thread::scope(|scope| {
            for caller in 0..16 {
                let store = &store;
                scope.spawn(move || {
                    for n in 0..50 {
                        let stream = book((caller + n) % STREAMS);
                        let commit = NewCommit::new()
                            .append(stream, ExpectedVersion::Any, [lent("a")])
                            .with_durability(Durability::Buffered);
                        let _ = store.commit(commit).unwrap();
                    }
                });
            }
        });
        for number in 0..STREAMS {
            let events = store.read_stream(&book(number)).to_vec().unwrap();
            let versions: Vec<Version> = events.iter().map(|event| event.version).collect();
            let dense: Vec<Version> = (1..=100).map(Version::new).collect();
            assert_eq!(versions, dense, "{remembered} remembered");
        }
    }
}

/// A tail that was full of few events once waited a second for more of them, which could not come: these
/// appends took more than a minute.
#[test]
fn a_tail_that_is_full_is_folded_at_once_however_small_it_is() {
    const EVENTS: u64 = 1_000;
    let place = Place::new();
    let store = place.open_with(varvedb::Store::options().max_tail_events(10));
    for _ in 0..EVENTS {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent("a")])
            .unwrap();
    }
    assert_eq!(store.version(&book(1)).unwrap(), EVENTS);
}
