//! Where a snapshot cannot be used, the events behind it are upcast again.

use std::fs;

use varvedb::blocking::Repository;

use crate::kit::Place;
use crate::order::{Order, TOLD, three_years};

/// A text of the snapshot's state, which no event has: it was made by upcasts and handlers.
const TEXT: &[u8] = b"OrderPlaced";

/// Changes every place in the index where the state lies.
fn damage(place: &Place) {
    let path = place.path().join("index").join("data.mdb");
    let mut bytes = fs::read(&path).unwrap();
    let is_text = |at: &usize| bytes.get(*at..).is_some_and(|rest| rest.starts_with(TEXT));
    let found: Vec<usize> = (0..bytes.len()).filter(is_text).collect();
    assert!(!found.is_empty(), "the state is in the index");
    for at in found {
        *bytes.get_mut(at).unwrap() ^= 0x20;
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_snapshot_over_old_revisions_falls_back_to_upcasting_them() {
    let place = Place::new();
    three_years(&place.open());
    let load = || Repository::new(&place.open()).load::<Order>(7).unwrap();
    assert_eq!(load().replayed(), 6, "the first load takes a snapshot");
    let kept = load();
    assert_eq!((kept.replayed(), kept.version().get()), (0, 7));
    assert_eq!(kept.state().told, TOLD);

    damage(&place);
    let upcast = load();
    assert_eq!(
        (upcast.replayed(), upcast.skipped()),
        (6, 1),
        "every event is read again"
    );
    assert_eq!(upcast.state(), kept.state());
    assert_eq!(upcast.version(), kept.version());

    let again = load();
    assert_eq!(
        (again.replayed(), again.state()),
        (0, kept.state()),
        "and a new snapshot is kept"
    );
}
