//! Chunks: many positions and places in few bytes, as differences.
//!
//! A chunk is `count` and then groups, all numbers LEB128. A group is `step * 2 + run`, `distance`:
//! the next event is `step` positions and `distance` units further than the one before (the first
//! of a chunk: than 0). With `run` set, `more - 1` and `stride` follow: `more` further events, each at
//! the next position and `stride` units on. So a batch of events of one size costs a few
//! bytes, and one of mixed sizes about two bytes an event.

use crate::position::{Place, Position};

/// Where one event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) position: Position,
    pub(crate) place: Place,
}

/// More points than any chunk has: a greater count is damage, and asks for no memory.
const MAX_POINTS: u64 = 1024;

/// The fewest points that are shorter as a run than one by one.
const SHORTEST_RUN: usize = 3;

/// Room is made for no more points at once, whatever a chunk says it has: it may be damaged.
const EXPECTED_POINTS: u64 = 256;

const TOO_SHORT: &str = "a chunk is cut short";
const TOO_FAR: &str = "a chunk counts beyond the last position or place";

/// Writes the points, which ascend, behind `out`.
pub(super) fn encode(points: &[Point], out: &mut Vec<u8>) {
    debug_assert!(points.len() as u64 <= MAX_POINTS, "cut before encoding");
    put_number(points.len() as u64, out);
    let (mut position, mut place) = (0, 0);
    let mut rest = points;
    while let Some((first, behind)) = rest.split_first() {
        // Positions are dense from 1, so no log lives to see the bit that this shift drops.
        let step = (first.position.get() - position) << 1;
        let distance = packed(first.place) - place;
        let run = run(rest);
        let taken = if run.len() < SHORTEST_RUN {
            0
        } else {
            run.len() - 1
        };
        put_number(step | u64::from(taken > 0), out);
        put_number(distance, out);
        if let Some(second) = behind.first().filter(|_| taken > 0) {
            put_number(taken as u64 - 1, out);
            put_number(packed(second.place) - packed(first.place), out);
        }
        let last = run.get(taken).unwrap_or(first);
        (position, place) = (last.position.get(), packed(last.place));
        rest = behind.get(taken..).unwrap_or_default();
    }
}

/// How many points the chunk says it has.
pub(super) fn count(bytes: &[u8]) -> Result<u64, &'static str> {
    take_count(&mut &*bytes)
}

/// Puts the points behind `out`; says what is wrong if the bytes are no chunk.
pub(super) fn decode(bytes: &[u8], out: &mut Vec<Point>) -> Result<(), &'static str> {
    let mut bytes = bytes;
    let mut left = take_count(&mut bytes)?;
    out.reserve(usize::try_from(left.min(EXPECTED_POINTS)).unwrap_or(0));
    let mut cursor = Cursor::default();
    while left > 0 {
        let head = take_number(&mut bytes)?;
        let distance = take_number(&mut bytes)?;
        out.push(cursor.forward(head >> 1, distance)?);
        left -= 1;
        if head & 1 == 1 {
            let more = take_number(&mut bytes)?;
            let stride = take_number(&mut bytes)?;
            if more >= left {
                return Err("a run is longer than its chunk");
            }
            for _ in 0..=more {
                out.push(cursor.forward(1, stride)?);
            }
            left -= more + 1;
        }
    }
    if bytes.is_empty() {
        Ok(())
    } else {
        Err("bytes follow the last point of a chunk")
    }
}

/// Decodes hostile bytes; says how many points they are.
#[cfg(any(fuzzing, test))]
pub(crate) fn decode_chunk(bytes: &[u8]) -> Option<usize> {
    let mut points = Vec::new();
    decode(bytes, &mut points).ok()?;
    assert!(points.is_sorted_by(|a, b| a.position < b.position && a.place <= b.place));
    assert_eq!(count(bytes), Ok(points.len() as u64), "as many as it says");
    Some(points.len())
}

/// Takes one number off the front of `bytes`.
pub(super) fn take_number(bytes: &mut &[u8]) -> Result<u64, &'static str> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(TOO_SHORT)?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if bits.leading_zeros() < shift {
            return Err("a number has more than 64 bits");
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err("a number has more than 64 bits")
}

/// Writes one number behind `out`: seven bits a byte, the lowest first, the top bit set on all but the last.
pub(super) fn put_number(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = number.to_le_bytes();
        if number < 0x80 {
            return out.push(low);
        }
        out.push(low | 0x80);
        number >>= 7;
    }
}

/// The points at the front that follow each other directly, at equal distances.
fn run(points: &[Point]) -> &[Point] {
    let [first, second, ..] = points else {
        return points;
    };
    let stride = packed(second.place) - packed(first.place);
    let follows = |pair: &&[Point]| match pair {
        [one, next] => {
            next.position == one.position.next() && packed(next.place) - packed(one.place) == stride
        }
        _ => false,
    };
    let len = 1 + points.windows(2).take_while(follows).count();
    points.get(..len).unwrap_or(points)
}

fn take_count(bytes: &mut &[u8]) -> Result<u64, &'static str> {
    match take_number(bytes)? {
        0 => Err("a chunk is empty"),
        count if count > MAX_POINTS => Err("a chunk has more points than any may have"),
        count => Ok(count),
    }
}

/// A place as one number that grows with the log.
fn packed(place: Place) -> u64 {
    u64::from(place.segment) << 32 | u64::from(place.unit)
}

/// The last point seen, and the way to the next.
#[derive(Default)]
struct Cursor {
    position: u64,
    place: u64,
}

impl Cursor {
    fn forward(&mut self, step: u64, distance: u64) -> Result<Point, &'static str> {
        if step == 0 {
            return Err("two points of a chunk have one position");
        }
        self.position = self.position.checked_add(step).ok_or(TOO_FAR)?;
        self.place = self.place.checked_add(distance).ok_or(TOO_FAR)?;
        let [s0, s1, s2, s3, u0, u1, u2, u3] = self.place.to_be_bytes();
        Ok(Point {
            position: Position::new(self.position),
            place: Place {
                segment: u32::from_be_bytes([s0, s1, s2, s3]),
                unit: u32::from_be_bytes([u0, u1, u2, u3]),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn ascending() -> impl Strategy<Value = Vec<Point>> {
        let step = prop_oneof![4 => Just(1_u64), 1 => 1..1_000_000_u64];
        let distance = prop_oneof![4 => Just(7_u64), 2 => 1..40_u64, 1 => 1..(5_u64 << 32)];
        vec((step, distance), 1..100).prop_map(|steps| {
            let mut cursor = Cursor::default();
            let point = |(step, distance)| cursor.forward(step, distance).unwrap();
            steps.into_iter().map(point).collect()
        })
    }

    fn points(count: u64, distance: impl Fn(u64) -> u64) -> Vec<Point> {
        let mut cursor = Cursor::default();
        let point = |n| cursor.forward(1, distance(n)).unwrap();
        (0..count).map(point).collect()
    }

    fn encoded(points: &[Point]) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(points, &mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn a_chunk_gives_back_its_points(points in ascending()) {
            let bytes = encoded(&points);
            let mut back = Vec::new();
            decode(&bytes, &mut back).unwrap();
            prop_assert_eq!(&back, &points);
            prop_assert_eq!(count(&bytes), Ok(points.len() as u64));
        }

        #[test]
        fn any_bytes_are_points_that_ascend_or_an_error(bytes in vec(any::<u8>(), 0..200)) {
            let mut points = Vec::new();
            if decode(&bytes, &mut points).is_ok() {
                prop_assert!(points.is_sorted_by(|a, b| a.position < b.position));
                prop_assert!(points.is_sorted_by(|a, b| a.place <= b.place));
                prop_assert_eq!(count(&bytes), Ok(points.len() as u64));
            }
        }

        #[test]
        fn a_chunk_that_is_cut_short_or_too_long_is_refused(points in ascending(), cut: usize) {
            let mut bytes = encoded(&points);
            let kept = cut % bytes.len();
            prop_assert!(decode(&bytes[..kept], &mut Vec::new()).is_err());
            bytes.push(0);
            prop_assert!(decode(&bytes, &mut Vec::new()).is_err());
        }

        #[test]
        fn a_number_of_any_size_comes_back(number: u64) {
            let mut bytes = Vec::new();
            put_number(number, &mut bytes);
            prop_assert_eq!(take_number(&mut bytes.as_slice()), Ok(number));
        }
    }

    #[test]
    fn a_batch_of_one_size_costs_a_few_bytes_and_one_of_mixed_sizes_two_an_event() {
        assert!(encoded(&points(64, |_| 9)).len() <= 8);
        assert!(encoded(&points(64, |n| 4 + n * n % 100)).len() <= 2 * 64 + 8);
    }

    #[test]
    fn a_count_beyond_any_chunk_asks_for_no_memory() {
        let mut bytes = Vec::new();
        put_number(u64::MAX, &mut bytes);
        assert!(decode(&bytes, &mut Vec::new()).is_err());
        let run_of_all = [3, 3, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1];
        assert_eq!(
            decode(&run_of_all, &mut Vec::new()),
            Err("a run is longer than its chunk")
        );
    }
}
