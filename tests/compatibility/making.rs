//! How a golden store is made, once.

use std::fs;
use std::sync::Arc;

use varvedb::blocking::Store;
use varvedb::{Event, ExpectedVersion, ManualClock, NewCommit, NewEvent, StoreOptions, TypeName};

use crate::golden::{FORMATS, OPAQUE, OWN_ID, kept, metadata, number, text, time, uuid};
use crate::guests::{self, GuestEvent};
use crate::zoo::{self, ZooEvent};

#[test]
#[ignore = "makes the store of a new format, once"]
fn make_the_golden_store_of_this_format() {
    let path = kept(FORMATS[FORMATS.len() - 1]);
    assert!(!path.exists(), "a golden store is never written again");
    let clock = Arc::new(ManualClock::new(time(0)));
    let options = StoreOptions::default()
        .clock(clock.clone())
        .segment_bytes(1 << 16);
    let store = Store::new(&options.open(&path).unwrap());
    store.register::<ZooEvent>().unwrap();
    let event = |golden: &zoo::Golden| {
        let name = TypeName::new(golden.name).unwrap();
        NewEvent::new(name, golden.payload.clone()).with_revision(golden.revision)
    };
    // One event in each commit, then all in one.
    for (n, golden) in zoo::events(1).iter().enumerate() {
        clock.set(time(i64::try_from(n).unwrap()));
        let _ = store
            .append(&number(1), ExpectedVersion::Any, [event(golden)])
            .unwrap();
    }
    clock.set(time(100));
    let opaque = || NewEvent::new(TypeName::new("aliens.landed").unwrap(), OPAQUE);
    let commit = NewCommit::new()
        .append(
            number(2),
            ExpectedVersion::NoStream,
            zoo::events(2).iter().map(event),
        )
        .append(
            text(),
            ExpectedVersion::NoStream,
            [opaque().with_metadata(metadata()), opaque().with_id(OWN_ID)],
        )
        .append(uuid(), ExpectedVersion::NoStream, [opaque()])
        .append(number(1), ExpectedVersion::Any, [event(&zoo::events(1)[5])]);
    let _ = store.commit(commit).unwrap();
    // Enough for a second segment.
    clock.set(time(101));
    for _ in 0..3 {
        let large = NewEvent::new(TypeName::new("ids.filled").unwrap(), vec![b'x'; 30_000]);
        let _ = store
            .append(&uuid(), ExpectedVersion::Any, [large])
            .unwrap();
    }
    store.register::<GuestEvent>().unwrap();
    let mut payload = Vec::new();
    guests::came().encode(&mut payload).unwrap();
    let came = NewEvent::new(TypeName::new("guest.came").unwrap(), payload);
    let _ = store
        .append(&guests::guest(), ExpectedVersion::Any, [came])
        .unwrap();
    drop(store);
    for derived in ["index", "lock"] {
        let derived = path.join(derived);
        let _ = fs::remove_dir_all(&derived).or_else(|_| fs::remove_file(&derived));
    }
}
