//! Every bit of a frame counts, and every record only where it was laid.

use super::*;
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
        let event = |payload| (&b""[..], payload);
        let draft = draft(&[&b"one"[..], b"two", b"six", b"ten", b"two", b""].map(event)).unwrap();
        let streams = [("a", 1, 2), ("b", 1, 2), ("a", 3, 1), ("c", 1, 1)];
        let streams = streams.iter().map(|(key, version, events)| DraftStream {
            category: 1,
            key: KeyRef::Text(key),
            first_version: Version::new(version + 3 * commit),
            events: *events,
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
    /// Whether the record is found, by a finder that has read all before it.
    fn found(&self, wanted: usize) -> Vec<bool> {
        let snapshot = self.log.snapshot();
        snapshot.warm(self.places.iter().copied());
        let mut finder = snapshot.finder();
        let alone = snapshot
            .finder()
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
        assert_eq!(all[wanted], alone, "whatever was found before");
        all
    }

    fn offset(&self, record: usize) -> usize {
        usize::try_from(self.places[record].offset()).unwrap()
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_frame_is_seen_by_whoever_reads_what_it_belongs_to() {
    let laid = laid();
    let bytes = fs::read(&laid.path).unwrap();
    let second = laid.offset(6) - 64 - 4 * 32;
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
            }
        }
        overwrite(&laid.path, at as u64, &bytes[at..=at]);
    }
    assert_eq!(scan(&laid.log.snapshot()).unwrap(), laid.records);
}

#[test]
fn a_record_in_the_place_of_another_is_seen_even_with_the_index_of_that_place() {
    let laid = laid();
    let bytes = fs::read(&laid.path).unwrap();
    let mut copies = 0;
    for from in 0..12 {
        for to in (0..12).filter(|to| *to != from && from % 6 != 5 && to % 6 != 5) {
            for keeps_index in [false, true] {
                let (source, target) = (laid.offset(from), laid.offset(to));
                let mut record = bytes[source..source + 48].to_vec();
                if keeps_index {
                    record[4..8].copy_from_slice(&bytes[target + 4..target + 8]);
                }
                overwrite(&laid.path, target as u64, &record);
                assert!(scan(&laid.log.snapshot()).is_err(), "{from} over {to}");
                let found = laid.found(to);
                assert!(!found[to], "{from} over {to}");
                assert_eq!(found.iter().filter(|found| !**found).count(), 1);
                overwrite(&laid.path, target as u64, &bytes[target..target + 48]);
                copies += 1;
            }
        }
    }
    assert_eq!(copies, 10 * 9 * 2);
}
