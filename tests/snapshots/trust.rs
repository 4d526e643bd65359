//! A snapshot that is damaged, or not of this log, is ignored and replaced; never an error.

use std::fs;
use std::path::Path;

use varvedb::blocking::Repository;

use crate::kit::Place;
use crate::kit::told::told;
use crate::meter::{AnyMeter, MeterId, every_one, every_seven, load, long_ago, one_by_one, read};

const ID: MeterId = MeterId(7);
const TEXT: &[u8] = b"behind the door";

/// Changes every place in the index where the text of the state lies.
fn damage(place: &Place) {
    let path = place.path().join("index").join("data.mdb");
    let mut bytes = fs::read(&path).unwrap();
    let found: Vec<usize> = (0..bytes.len() - TEXT.len())
        .filter(|at| bytes[*at..].starts_with(TEXT))
        .collect();
    assert!(!found.is_empty(), "the state is in the index");
    for at in found {
        bytes[at] ^= 0x20;
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_snapshot_is_told_ignored_and_replaced() {
    let place = Place::new();
    one_by_one::<every_one::Meter>(&Repository::new(&place.open()), ID, 5);
    damage(&place);
    let repo = Repository::new(&place.open());
    let said = told(|| assert_eq!(load::<every_one::Meter>(&repo, ID), 5));
    assert!(
        said.contains("WARN message=ignored a damaged snapshot: its checksum does not hold"),
        "{said}"
    );
    assert!(said.contains("stream=meter-7"), "{said}");
    assert_eq!(load::<every_one::Meter>(&repo, ID), 0);
    drop(repo);
    let repo = Repository::new(&place.open());
    assert_eq!(
        load::<every_one::Meter>(&repo, ID),
        0,
        "replaced on the disk too"
    );
}

#[test]
fn every_load_says_what_it_did() {
    let place = Place::new();
    let repo = Repository::new(&place.open());
    one_by_one::<every_seven::Meter>(&repo, ID, 9);
    let said = told(|| drop(repo.load::<every_seven::Meter>(ID).unwrap()));
    let expected = "DEBUG message=loaded aggregate=\"Meter\" stream=meter-7 version=9 \
                    snapshot=7 replayed=2 skipped=0\n";
    assert_eq!(said, expected);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}

/// A store and its copy go on by themselves; then one gets the other's index. Both logs look alike, and
/// the index fits; but its snapshots are of events that this log does not have.
fn another_copys_snapshot_is_ignored<A: AnyMeter>() {
    let (place, other) = (Place::new(), Place::new());
    one_by_one::<A>(&Repository::new(&place.open()), ID, 5);
    copy(&place.path(), &other.path());
    for (place, value) in [(&place, 1), (&other, 2)] {
        let repo = Repository::new(&place.open());
        let command = crate::meter::Happens(vec![read(ID, value)]);
        repo.execute::<A>(ID, command).unwrap();
        assert_eq!(load::<A>(&repo, ID), 0);
    }
    fs::remove_dir_all(other.path().join("index")).unwrap();
    copy(&place.path().join("index"), &other.path().join("index"));

    let repo = Repository::new(&other.open());
    let said = told(|| assert_eq!(load::<A>(&repo, ID), 6));
    assert!(
        said.contains("WARN message=ignored a snapshot that is not of this log"),
        "{said}"
    );
    assert_eq!(load::<A>(&repo, ID), 0, "replaced");
}

#[test]
fn a_snapshot_of_another_copy_of_the_log_is_ignored() {
    another_copys_snapshot_is_ignored::<every_one::Meter>();
}

/// Ids and times are in the frames of the log, where a load without snapshots does not look for it.
#[test]
fn it_is_ignored_even_if_no_handler_asks_for_metadata() {
    another_copys_snapshot_is_ignored::<incurious::Meter>();
}

mod incurious {
    use varvedb::prelude::*;

    use crate::meter::{MeterEvent, MeterId, MeterInstalled, MeterRead, MeterRemoved};

    #[derive(VarveValue, Clone, Debug, PartialEq)]
    pub(super) struct Meter {
        values: Vec<u64>,
    }

    #[aggregate(id = MeterId, event = MeterEvent, error = std::convert::Infallible, snapshot(every = 1))]
    impl Meter {
        #[apply]
        fn installed(_: MeterInstalled<'_>) -> Self {
            Self { values: Vec::new() }
        }

        #[apply]
        fn read(&mut self, e: MeterRead<'_>) {
            self.values.push(e.value);
        }

        #[apply]
        fn removed(&mut self, _: MeterRemoved<'_>) {
            self.values.clear();
        }
    }
}

/// The index of an earlier day has an earlier snapshot, which is as good as any.
#[test]
fn an_older_index_has_older_snapshots() {
    let (place, image) = (Place::new(), Place::new());
    long_ago(&Repository::new(&place.open()), ID, 1);
    let repo = Repository::new(&place.open());
    one_by_one::<every_one::Meter>(&repo, MeterId(8), 3);
    drop(repo);
    copy(&place.path().join("index"), &image.path());
    let repo = Repository::new(&place.open());
    for value in 0..4 {
        let command = crate::meter::Happens(vec![read(MeterId(8), value)]);
        repo.execute::<every_one::Meter>(MeterId(8), command)
            .unwrap();
    }
    drop(repo);
    fs::remove_dir_all(place.path().join("index")).unwrap();
    copy(&image.path(), &place.path().join("index"));
    let repo = Repository::new(&place.open());
    assert_eq!(load::<every_one::Meter>(&repo, MeterId(8)), 4);
    assert_eq!(load::<every_one::Meter>(&repo, MeterId(8)), 0);
}
