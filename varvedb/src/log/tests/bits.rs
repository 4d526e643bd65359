//! Every bit of a frame counts, and every record only where it was laid.

use super::*;
use crate::log::frame::FrameHeader;
use crate::log::snapshot::Snapshot;

/// An event as it is read: where it belongs, and what it says.
type Seen = (Position, Version, Uuid, u32, u32, Vec<u8>);

/// A log of two commits alike, each of several runs; the records of both, as they were laid.
struct Laid {
    _dir: TempDir,
    path: PathBuf,
    log: Log,
    places: Vec<Place>,
    records: Vec<Seen>,
    end: u64,
}

fn laid() -> Laid {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let mut places = Vec::new();
    for commit in 0..2 {
        let [one, two, six, ten] = ["one", "two", "six", "ten"].map(|p| (&b""[..], p.as_bytes()));
        let runs: [(&str, u64, &[Event<'_>]); 4] = [
            ("a", 1, &[one, two]),
            ("b", 1, &[six, ten]),
            ("a", 3, &[two]),
            ("c", 1, &[(b"", b"")]),
        ];
        let draft = runs.map(|(key, _, events)| (KeyRef::Text(key), events));
        let draft = draft_runs(&draft).unwrap();
        let streams = runs.iter().map(|(key, version, events)| DraftStream {
            category: 1,
            key: KeyRef::Text(key),
            first_version: Version::new(version + 3 * commit),
            events: u32::try_from(events.len()).unwrap(),
        });
        let laying = Laying {
            id: Uuid::from_u128(1 << 100),
            time: Timestamp::from_micros(5),
            draft: &draft,
            types: &[7],
            streams,
        };
        writer.lay(&laying, &mut places).unwrap();
    }
    writer.flush(true).unwrap();
    let records = scan(&log.snapshot()).unwrap();
    assert_eq!((records.len(), places.len()), (12, 12));
    Laid {
        path: segment(&dir, 1),
        end: log.end().place.offset(),
        _dir: dir,
        log,
        places,
        records,
    }
}

fn seen(record: &Record<'_>) -> Seen {
    let run = match record.key {
        KeyRef::Text(text) => u32::from(text.as_bytes()[0]),
        _ => 0,
    };
    (
        record.position,
        record.version,
        record.id,
        record.type_id,
        run,
        record.payload.to_vec(),
    )
}

fn scan(snapshot: &Snapshot) -> Result<Vec<Seen>, StorageError> {
    let mut all = Vec::new();
    for frame in snapshot.frames(None) {
        for record in frame?.records() {
            all.push(seen(&record?));
        }
    }
    Ok(all)
}

impl Laid {
    /// Whether each record is found, by a finder that has read all before it.
    fn found(&self, wanted: usize) -> Vec<bool> {
        let snapshot = self.log.snapshot();
        let mut look = snapshot.look();
        for place in &self.places {
            look.prefetch_rest(*place, Sought::Whole);
        }
        let mut finder = snapshot.finder(Sought::Whole);
        let by_itself = snapshot
            .finder(Sought::Whole)
            .record(self.places[wanted], self.records[wanted].0)
            .is_ok();
        let all = self.places.iter().zip(&self.records).map(|(place, laid)| {
            let Ok(record) = finder.record(*place, laid.0) else {
                return false;
            };
            assert_eq!(seen(&record), *laid, "what is found is what was laid");
            true
        });
        let all: Vec<bool> = all.collect();
        assert_eq!(all[wanted], by_itself, "whatever was found before");
        all
    }

    /// Whether the record is found without its frame.
    fn found_alone(&self, wanted: usize) -> bool {
        let snapshot = self.log.snapshot();
        let mut finder = snapshot.finder(Sought::Alone);
        let Ok(record) = finder.record(self.places[wanted], self.records[wanted].0) else {
            return false;
        };
        let (mut alone, laid) = (seen(&record), &self.records[wanted]);
        assert!(alone.2.is_nil(), "its id is in the frame");
        alone.2 = laid.2;
        assert_eq!(alone, *laid, "what is found is what was laid");
        true
    }

    /// Which records are verified with the name that this one carries, or may.
    fn run(record: usize) -> std::ops::Range<usize> {
        match record % 6 {
            0 | 2 => record..record + 2,
            _ => record..record + 1,
        }
    }

    fn offset(&self, record: usize) -> usize {
        usize::try_from(self.places[record].offset()).unwrap()
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_frame_is_seen_by_whoever_reads_what_it_belongs_to() {
    let laid = laid();
    let bytes = fs::read(&laid.path).unwrap();
    let second = laid.offset(6) - 64;
    for at in 64..usize::try_from(laid.end).unwrap() {
        let owner = laid.places.iter().rposition(|p| p.offset() <= at as u64);
        let owner = owner.filter(|n| *n != 5 || at < second);
        for bit in 0..8 {
            overwrite(&laid.path, at as u64, &[bytes[at] ^ 1 << bit]);
            assert!(scan(&laid.log.snapshot()).is_err(), "bit {bit} of {at}");
            let found = laid.found(owner.unwrap_or(0));
            assert!(found.contains(&false), "bit {bit} of {at}");
            if let Some(owner) = owner {
                assert!(!found[owner], "bit {bit} of {at}, record {owner}");
                // Who does not go back to the frame does not look at the way.
                let is_way_back = (4..8).contains(&(at - laid.offset(owner)));
                assert_eq!(laid.found_alone(owner), is_way_back, "bit {bit} of {at}");
            }
        }
        overwrite(&laid.path, at as u64, &bytes[at..=at]);
    }
    assert_eq!(scan(&laid.log.snapshot()).unwrap(), laid.records);
}

/// No checksum covers the way back: a valid header of another frame would give its id and time.
#[test]
fn a_way_back_to_the_frame_before_is_seen_by_whoever_goes_it() {
    let laid = laid();
    let frame = laid.offset(0) - FrameHeader::BYTES;
    for record in 6..12 {
        let at = laid.offset(record);
        let bytes = fs::read(&laid.path).unwrap();
        let back = u32::try_from((at - frame) / 16).unwrap();
        overwrite(&laid.path, at as u64 + 4, &back.to_le_bytes());
        assert!(scan(&laid.log.snapshot()).is_err(), "{record}");
        let found = laid.found(record);
        assert!((0..12).filter(|n| !found[*n]).eq([record]), "{found:?}");
        assert!(laid.found_alone(record), "{record}");
        overwrite(&laid.path, at as u64 + 4, &bytes[at + 4..at + 8]);
    }
}

#[test]
fn a_record_in_the_place_of_another_is_seen_even_with_the_way_back_of_that_place() {
    let laid = laid();
    let bytes = fs::read(&laid.path).unwrap();
    // The first of a run carries a name of 16 bytes; the payload of the last of a commit is empty.
    let len = |record: usize| match record % 6 {
        0 | 2 | 4 => 64,
        _ => 48,
    };
    let pairs = (0..12).flat_map(|from| (0..12).map(move |to| (from, to)));
    let mut copies = 0;
    for (from, to) in pairs.filter(|(from, to)| from != to && len(*from) == len(*to)) {
        for keeps_way in [false, true] {
            let (source, target) = (laid.offset(from), laid.offset(to));
            let mut record = bytes[source..source + len(from)].to_vec();
            if keeps_way {
                record[4..8].copy_from_slice(&bytes[target + 4..target + 8]);
            }
            overwrite(&laid.path, target as u64, &record);
            assert!(scan(&laid.log.snapshot()).is_err(), "{from} over {to}");
            let found = laid.found(to);
            let lost = (0..12).filter(|n| !found[*n]);
            let has_other_name = laid.records[from].4 != laid.records[to].4;
            let run = if has_other_name {
                Laid::run(to)
            } else {
                to..to + 1
            };
            assert!(lost.eq(run), "{from} over {to}: {found:?}");
            assert!(!laid.found_alone(to), "{from} over {to}");
            overwrite(&laid.path, target as u64, &bytes[target..target + len(to)]);
            copies += 1;
        }
    }
    assert_eq!(copies, (6 * 5 + 6 * 5) * 2);
}
