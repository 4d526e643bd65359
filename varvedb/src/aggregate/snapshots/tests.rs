//! Whatever bytes stand in a snapshot's row, they are a state or ignored.

use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::collection::vec;
use proptest::prelude::*;
use varvedb::prelude::*;

use super::{Snapshots, Unusable};
use crate::aggregate::Aggregate;
use crate::clock::Timestamp;
use crate::index::{LastEvent, StateSnapshot, see_hostile_snapshot};
use crate::position::{Position, Version};
use crate::stream::StreamId;

#[derive(VarveEvent, Debug)]
#[varve(stream = "shelf")]
enum ShelfEvent {
    PutUp { name: String },
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
struct Shelf {
    name: String,
    books: Vec<Book>,
    places: BTreeMap<String, u64>,
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
enum Book {
    Lent {
        to: String,
    },
    Here {
        pages: Option<u32>,
        within: Vec<Book>,
    },
}

#[aggregate(id = u64, event = ShelfEvent, error = Infallible, snapshot(every = 1))]
impl Shelf {
    #[apply]
    fn put_up(e: ShelfPutUp<'_>) -> Self {
        Self {
            name: e.name.to_owned(),
            books: Vec::new(),
            places: BTreeMap::new(),
        }
    }
}

fn snapshots() -> &'static Snapshots<Shelf> {
    Shelf::snapshots().unwrap()
}

fn shelf() -> Shelf {
    let here = Book::Here {
        pages: Some(300),
        within: vec![Book::Lent {
            to: "somebody far away".into(),
        }],
    };
    Shelf {
        name: "the one by the window".into(),
        books: vec![here.clone(), here],
        places: BTreeMap::from([("top".into(), 1), ("below the top".into(), 2)]),
    }
}

fn stream() -> StreamId {
    StreamId::new("shelf", 1).unwrap()
}

const LAST: LastEvent = LastEvent {
    version: Version::new(1),
    position: Position::new(1),
    id: uuid::Uuid::nil(),
    time: Timestamp::from_micros(0),
};

/// A row with this program's fingerprint, room for the checksum, and these bytes.
fn row(last: &[u8], state: &[u8]) -> Vec<u8> {
    let fingerprint = snapshots().fingerprint().to_bytes();
    [&fingerprint, &[0; 4][..], last, state].concat()
}

fn archive() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("shelves.varve")).unwrap();
    let keep = |snapshot: &StateSnapshot<'_>| snapshot.state.to_vec();
    let kept = snapshots().write((&shelf(), &1), LAST, (&store, &stream()), keep);
    kept.unwrap()
}

fn read(row: &[u8], is_signed: bool) -> Result<Shelf, Unusable> {
    let read = see_hostile_snapshot(row, is_signed, |row| {
        snapshots().read(row, (&stream(), None))
    });
    read.map(|(state, _)| state)
}

#[test]
fn a_state_comes_back_as_it_was() {
    assert_eq!(read(&row(&[0; 40], &archive()), true).unwrap(), shelf());
}

#[test]
fn a_foreign_fingerprint_is_seen_before_the_checksum_and_the_state() {
    let whole = row(&[0; 40], &archive());
    let parts = [
        (0, "the name of the aggregate or the layout of its state"),
        (8, "an event handler"),
        (16, "the events"),
        (24, "the revision in `snapshot(revision = ..)`"),
    ];
    for (at, part) in parts {
        let mut row = whole.clone();
        row[at] ^= 1;
        assert_eq!(read(&row, false), Err(Unusable::Changed(part)));
        assert_eq!(read(&row[..32], false), Err(Unusable::Changed(part)));
    }
    let damaged = Err(Unusable::Damaged("its checksum does not hold".into()));
    assert_eq!(read(&whole, false), damaged);
}

proptest! {
    #[test]
    fn any_bytes_are_a_state_or_ignored(bytes in vec(any::<u8>(), 0..300), is_signed: bool) {
        let _ = read(&bytes, is_signed);
        let _ = read(&row(&[], &bytes), is_signed);
        let _ = read(&row(&[7; 40], &bytes), is_signed);
    }

    /// As if the checksum held by chance: the archive is checked byte by byte all the same.
    #[test]
    fn a_changed_archive_is_a_state_or_ignored(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        kept: prop::sample::Index,
    ) {
        let mut archive = archive();
        for (at, byte) in changes {
            let at = at.index(archive.len());
            archive[at] = byte;
        }
        let _ = read(&row(&[0; 40], &archive), true);
        let _ = read(&row(&[0; 40], &archive[..kept.index(archive.len())]), true);
    }
}
