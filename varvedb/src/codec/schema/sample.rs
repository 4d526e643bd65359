//! Samples: payloads of a layout with made-up values, for tests of whatever reads them.
//!
//! All that is made up follows from a sequence of choices, and is least where the choices are 0 or have come to
//! their end: so whoever looks for the smallest example only has to make the sequence smaller.

use std::sync::Arc;

use super::shape::{Fields, Kind, Node, NodeId, Part, Shape};
use super::{Layout, Schema};
use crate::pii::made_up_box;

/// How deep values point to values; from there on, lists are empty.
const DEEP: u32 = 4;

/// A layout of which payloads are made up.
#[derive(Clone, Debug)]
pub(crate) struct Sampler {
    shape: Shape,
    has_nan: bool,
    has_shredded: bool,
}

impl Sampler {
    /// Of this layout; `None` where its values are larger than 4 GiB.
    pub(crate) fn of(schema: Schema) -> Option<Self> {
        Some(Self {
            shape: Shape::of(&Layout::from(schema))?,
            has_nan: true,
            has_shredded: true,
        })
    }

    /// Makes up nothing that was shredded: such an event is never written again.
    #[cfg(feature = "proptest")]
    pub(crate) fn without_shredded(mut self) -> Self {
        self.has_shredded = false;
        self
    }

    /// Makes up no floating-point number that is not equal to itself, nor an infinite one.
    #[cfg(feature = "proptest")]
    pub(crate) fn without_nan(mut self) -> Self {
        self.has_nan = false;
        self
    }

    /// Makes a payload up. Its bytes must lie at a multiple of 16 to be read.
    pub(crate) fn draw(&self, choices: &mut dyn Iterator<Item = u64>) -> Vec<u8> {
        let mut drawing = Drawing {
            sampler: self,
            choices,
            out: Vec::new(),
            depth: 0,
        };
        drawing.block(self.shape.root(), 1, |drawing, block| {
            drawing.value(self.shape.root_id(), block, 0);
        });
        drawing.out
    }
}

/// A payload that is being made up: what is pointed to is written before what points to it.
struct Drawing<'a> {
    sampler: &'a Sampler,
    choices: &'a mut dyn Iterator<Item = u64>,
    out: Vec<u8>,
    /// How many pointers lead here.
    depth: u32,
}

/// Values side by side that are not written yet.
struct Block {
    bytes: Vec<u8>,
    pointers: Vec<Pointer>,
}

struct Pointer {
    /// Where in the block it lies, and from where in the block it counts.
    at: usize,
    from: usize,
    /// Where in the payload it leads to.
    to: usize,
}

impl Block {
    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn point(&mut self, at: usize, to: usize) {
        self.pointers.push(Pointer { at, from: at, to });
    }

    fn put_list(&mut self, at: usize, to: usize, count: usize) {
        self.point(at, to);
        self.put(at + 4, &u32_of(count).to_le_bytes());
    }
}

impl Drawing<'_> {
    /// Writes `count` values of a type, one behind the other, and says where.
    fn block(
        &mut self,
        node: &Node,
        count: usize,
        fill: impl FnOnce(&mut Self, &mut Block),
    ) -> usize {
        let (size, align) = (node.extent.size as usize, node.extent.align as usize);
        let mut block = Block {
            bytes: vec![0; size * count],
            pointers: Vec::new(),
        };
        self.depth += 1;
        fill(self, &mut block);
        self.depth -= 1;
        self.out.resize(self.out.len().next_multiple_of(align), 0);
        let start = self.out.len();
        for Pointer { at, from, to } in std::mem::take(&mut block.pointers) {
            block.put(at, &distance(start + from, to).to_le_bytes());
        }
        self.out.extend_from_slice(&block.bytes);
        start
    }

    fn value(&mut self, node: NodeId, block: &mut Block, at: usize) {
        let node = self.sampler.shape.node(node);
        match &node.kind {
            Kind::Bool => {
                let is_true = u8::from(self.below(2) == 1);
                block.put(at, &[is_true]);
            }
            Kind::Int { bits, .. } => self.number(*bits, block, at),
            Kind::Float { bits } => self.float(*bits, block, at),
            Kind::Char => block.put(at, &u32::from(self.char()).to_le_bytes()),
            Kind::Str => {
                let text = self.text();
                self.put_text(&text, block, at);
            }
            Kind::Fixed { name, extent } => self.fixed(name, extent.size as usize, block, at),
            Kind::Option(value) => {
                if self.below(2) == 1 {
                    block.put(at, &[1]);
                    self.part(*value, block, at);
                }
            }
            Kind::Box(value) => {
                let to = self.values(*value, 1);
                block.point(at, to);
            }
            Kind::List(item) => {
                let count = self.count();
                let to = self.values(*item, count);
                block.put_list(at, to, count);
            }
            Kind::Sealed { inside, .. } => self.sealed(*inside, block, at),
            Kind::Map(pair) => self.map(*pair, block, at),
            Kind::Array(item, count) => {
                let size = self.sampler.shape.node(*item).extent.size as usize;
                (0..*count as usize).for_each(|nth| self.value(*item, block, at + nth * size));
            }
            Kind::Tuple(parts) => parts.iter().for_each(|part| self.part(*part, block, at)),
            Kind::Struct(fields) => self.fields(fields, block, at),
            Kind::Enum(variants) => {
                let nth = self.variant(variants);
                block.put(at, &[nth]);
                if let Some((_, fields)) = variants.get(usize::from(nth)) {
                    self.fields(fields, block, at);
                }
            }
        }
    }

    fn part(&mut self, part: Part, block: &mut Block, at: usize) {
        self.value(part.node, block, at + part.at as usize);
    }

    fn fields(&mut self, fields: &Fields, block: &mut Block, at: usize) {
        for (_, part) in fields {
            self.part(*part, block, at);
        }
    }

    /// Values of one type in a block of their own.
    fn values(&mut self, id: NodeId, count: usize) -> usize {
        let node = self.sampler.shape.node(id);
        let size = node.extent.size as usize;
        self.block(node, count, |drawing, block| {
            (0..count).for_each(|nth| drawing.value(id, block, nth * size));
        })
    }

    /// A box that tests can open.
    fn sealed(&mut self, inside: NodeId, block: &mut Block, at: usize) {
        let is_shredded = self.sampler.has_shredded && self.below(4) == 3;
        let around = std::mem::take(&mut self.out);
        self.values(inside, 1);
        let plain = std::mem::replace(&mut self.out, around);
        let sealed = made_up_box(&plain, is_shredded);
        let to = self.out.len();
        self.out.extend_from_slice(&sealed);
        block.put_list(at, to, sealed.len());
    }

    /// Keys are sorted where it is known how; else there is one at most.
    fn map(&mut self, pair: NodeId, block: &mut Block, at: usize) {
        let shape = &self.sampler.shape;
        let node = shape.node(pair);
        let &[key, value] = (match &node.kind {
            Kind::Tuple(parts) => parts.as_slice(),
            _ => &[],
        }) else {
            return;
        };
        let count = self.count();
        let keys = match &shape.node(key.node).kind {
            Kind::Int { signed, bits } => self.numbers(count, *signed, *bits),
            Kind::Str => self.texts(count),
            _ => Keys::Other(count.min(1)),
        };
        let (count, size) = (keys.count(), node.extent.size as usize);
        let to = self.block(node, count, |drawing, block| {
            for nth in 0..count {
                let at = nth * size;
                match &keys {
                    Keys::Numbers(keys) => {
                        let bytes = keys.get(nth).map_or(&[][..], Vec::as_slice);
                        block.put(at + key.at as usize, bytes);
                    }
                    Keys::Texts(keys) => {
                        let text = keys.get(nth).map_or("", String::as_str);
                        drawing.put_text(text, block, at + key.at as usize);
                    }
                    Keys::Other(_) => drawing.part(key, block, at),
                }
                drawing.part(value, block, at);
            }
        });
        block.put_list(at, to, count);
    }

    fn numbers(&mut self, count: usize, signed: bool, bits: u8) -> Keys {
        let bytes = usize::from(bits / 8);
        let mut drawn: Vec<u128> = (0..count).map(|_| self.bits_of_number(bits)).collect();
        // Turning the sign around makes negative numbers the smaller ones.
        let sign = u128::from(signed) << (bits - 1);
        drawn.sort_by_key(|number| number ^ sign);
        drawn.dedup();
        let stored = |number: u128| number.to_le_bytes().into_iter().take(bytes).collect();
        Keys::Numbers(drawn.into_iter().map(stored).collect())
    }

    fn texts(&mut self, count: usize) -> Keys {
        let mut drawn: Vec<String> = (0..count).map(|_| self.text()).collect();
        drawn.sort();
        drawn.dedup();
        Keys::Texts(drawn)
    }

    fn number(&mut self, bits: u8, block: &mut Block, at: usize) {
        let number = self.bits_of_number(bits).to_le_bytes();
        block.put(at, number.get(..usize::from(bits / 8)).unwrap_or_default());
    }

    /// Mostly small; often the greatest and the least there are; else anything. Nothing above `bits`.
    fn bits_of_number(&mut self, bits: u8) -> u128 {
        let all = u128::MAX >> (128 - u32::from(bits));
        let sign = 1 << (bits - 1);
        match self.below(8) {
            0..=3 => u128::from(self.below(128)),
            4 => all,
            5 => sign,
            6 => sign - 1,
            _ => (u128::from(self.choice()) << 64 | u128::from(self.choice())) & all,
        }
    }

    fn float(&mut self, bits: u8, block: &mut Block, at: usize) {
        let double = match self.below(4) {
            0 | 1 => f64::from(self.small()) / 4.0,
            2 => -f64::from(self.small()),
            _ => f64::from_bits(self.choice()),
        };
        #[expect(clippy::cast_possible_truncation, reason = "any number will do")]
        let single = double as f32;
        let is_plain = self.sampler.has_nan || single.is_finite();
        let (single, double) = if is_plain {
            (single, double)
        } else {
            (0.0, 0.0)
        };
        if bits == 32 {
            block.put(at, &single.to_le_bytes());
        } else {
            block.put(at, &double.to_le_bytes());
        }
    }

    fn char(&mut self) -> char {
        match self.below(8) {
            0..=5 => char::from(b'a' + u8::try_from(self.below(26)).unwrap_or(0)),
            6 => ' ',
            _ => {
                let code = u32::try_from(self.below(0x11_0000)).unwrap_or(0);
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
        }
    }

    /// Short enough to lie in place, or not.
    fn text(&mut self) -> String {
        let longest = if self.below(4) < 3 { 9 } else { 70 };
        let length = self.below(longest);
        (0..length).map(|_| self.char()).collect()
    }

    fn put_text(&mut self, text: &str, block: &mut Block, at: usize) {
        const IN_PLACE: usize = 8;
        if text.len() <= IN_PLACE {
            block.put(at, &[0xff; IN_PLACE]);
            return block.put(at, text.as_bytes());
        }
        let to = self.out.len();
        self.out.extend_from_slice(text.as_bytes());
        let length = u32_of(text.len());
        let marked = (length & 0x3f) | 0x80 | ((length & !0x3f) << 2);
        block.put(at, &marked.to_le_bytes());
        // The pointer lies behind the length, but counts from before it.
        block.pointers.push(Pointer {
            at: at + 4,
            from: at,
            to,
        });
    }

    fn fixed(&mut self, name: &str, size: usize, block: &mut Block, at: usize) {
        const MICROS: (i64, i64) = (-62_135_000_000_000_000, 253_402_000_000_000_000);
        const DAYS: (i64, i64) = (-719_000, 2_932_000);
        match name {
            "time_us" => {
                let micros = self.between(MICROS);
                block.put(at, &micros.to_le_bytes());
            }
            "date_days" => {
                let days = i32::try_from(self.between(DAYS)).unwrap_or(0);
                block.put(at, &days.to_le_bytes());
            }
            "decimal" => self.decimal(block, at),
            _ => (0..size).for_each(|nth| {
                let byte = self.byte();
                block.put(at + nth, &[byte]);
            }),
        }
    }

    /// Scale and sign, then 96 bits of digits.
    fn decimal(&mut self, block: &mut Block, at: usize) {
        let digits = self.bits_of_number(96);
        let scale = u32::try_from(self.below(29)).unwrap_or(0) << 16;
        let sign = u32::from(self.below(2) == 1 && digits > 0) << 31;
        block.put(at, &(scale | sign).to_le_bytes());
        block.put(at + 4, digits.to_le_bytes().get(..12).unwrap_or_default());
    }

    fn between(&mut self, (least, greatest): (i64, i64)) -> i64 {
        match self.below(4) {
            0 => self.small().into(),
            _ => least + i64::try_from(self.below(greatest.abs_diff(least))).unwrap_or(0),
        }
    }

    /// Whichever: a type contains itself only in lists and maps, so they alone bring it to an end.
    fn variant(&mut self, variants: &[(Arc<str>, Fields)]) -> u8 {
        let count = u64::try_from(variants.len()).unwrap_or(u64::MAX);
        u8::try_from(self.below(count)).unwrap_or(0)
    }

    /// How many elements a list has.
    fn count(&mut self) -> usize {
        if self.is_deep() {
            return 0;
        }
        let most = if self.below(16) < 15 { 4 } else { 20 };
        usize::try_from(self.below(most)).unwrap_or(0)
    }

    fn is_deep(&self) -> bool {
        self.depth > DEEP
    }

    fn small(&mut self) -> i16 {
        i16::try_from(self.below(2048)).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }

    /// A number from 0 up to, but not `end`: the smaller the choice, the smaller the number.
    fn below(&mut self, end: u64) -> u64 {
        u64::try_from((u128::from(self.choice()) * u128::from(end)) >> 64).unwrap_or(0)
    }

    fn choice(&mut self) -> u64 {
        self.choices.next().unwrap_or(0)
    }
}

/// The keys of a map.
enum Keys {
    Numbers(Vec<Vec<u8>>),
    Texts(Vec<String>),
    Other(usize),
}

impl Keys {
    fn count(&self) -> usize {
        match self {
            Self::Numbers(keys) => keys.len(),
            Self::Texts(keys) => keys.len(),
            Self::Other(count) => *count,
        }
    }
}

/// What a pointer at `from` holds to lead to `to`.
fn distance(from: usize, to: usize) -> i32 {
    let distance = i32::try_from(from.abs_diff(to)).unwrap_or(i32::MAX);
    if to < from { -distance } else { distance }
}

fn u32_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::codec::{Field, decode_value, encode_value};
    use crate::{Timestamp, VarveValue};

    #[derive(Debug, VarveValue)]
    enum Folder {
        Empty,
        Full {
            name: String,
            first: Option<Box<u128>>,
            folders: Vec<Folder>,
            by_number: BTreeMap<i16, Folder>,
            by_name: BTreeMap<String, Folder>,
            pairs: Vec<(u8, [Folder; 2])>,
        },
    }

    type Numbers = (u8, i8, u16, i32, u64, i64, u128, i128);
    type Others = (
        (f32, f64, char, bool),
        Box<(String, u16)>,
        [Option<u16>; 2],
        Timestamp,
        Uuid,
        BTreeMap<(u8, u64), char>,
        Vec<u8>,
        Vec<(u8, u128, u8)>,
    );

    /// A sample is what the program itself would write of the value that it reads in it.
    fn is_as_if_written<T: Field>(choices: impl IntoIterator<Item = u64>) {
        let sampler = Sampler::of(T::SCHEMA).unwrap();
        let drawn = sampler.draw(&mut choices.into_iter());
        let value = decode_value::<T>(&drawn).unwrap();
        let mut written = Vec::new();
        encode_value(&value, &mut written).unwrap();
        assert_eq!(drawn, written);
    }

    fn choices() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(any::<u64>(), 0..400)
    }

    proptest! {
        #[test]
        fn numbers_are_as_if_written(choices in choices()) {
            is_as_if_written::<Numbers>(choices);
        }

        #[test]
        fn every_other_kind_is_as_if_written(choices in choices()) {
            is_as_if_written::<Others>(choices);
        }

        #[test]
        fn what_contains_itself_is_as_if_written(choices in choices()) {
            is_as_if_written::<Folder>(choices);
        }
    }

    #[cfg(all(
        feature = "chrono",
        feature = "jiff",
        feature = "time",
        feature = "rust_decimal",
        feature = "ulid"
    ))]
    proptest! {
        #[test]
        fn types_of_other_crates_are_as_if_written(choices in choices()) {
            type Foreign = (
                (chrono::DateTime<chrono::Utc>, chrono::NaiveDate),
                (jiff::Timestamp, jiff::civil::Date),
                (time::OffsetDateTime, time::Date),
                rust_decimal::Decimal,
                ulid::Ulid,
                std::time::SystemTime,
            );
            is_as_if_written::<Foreign>(choices);
        }
    }

    #[test]
    fn choices_without_an_end_make_a_sample_with_one() {
        for choice in 0..64_u64 {
            is_as_if_written::<Folder>(std::iter::repeat_n(choice << 58, 1 << 20));
        }
    }

    #[cfg(feature = "proptest")]
    #[test]
    fn numbers_that_are_not_equal_to_themselves_come_only_where_they_are_wanted() {
        let choices = [u64::MAX, f64::NAN.to_bits()];
        let drawn = |sampler: &Sampler| {
            let drawn = sampler.draw(&mut choices.into_iter());
            decode_value::<f64>(&drawn).unwrap()
        };
        let sampler = Sampler::of(f64::SCHEMA).unwrap();
        assert!(drawn(&sampler).is_nan());
        assert!(drawn(&sampler.without_nan()).is_finite());
    }

    #[test]
    fn without_choices_everything_is_least() {
        type Lists = (String, Vec<u8>, BTreeMap<u8, u8>, Option<u8>);
        let least = |schema| Sampler::of(schema).unwrap().draw(&mut std::iter::empty());
        let numbers = decode_value::<Numbers>(&least(Numbers::SCHEMA)).unwrap();
        assert_eq!(numbers, (0, 0, 0, 0, 0, 0, 0, 0));
        let lists = decode_value::<Lists>(&least(Lists::SCHEMA)).unwrap();
        assert_eq!(lists, Lists::default());
    }

    #[test]
    fn the_greatest_and_the_least_of_every_number_come() {
        let sampler = Sampler::of(Numbers::SCHEMA).unwrap();
        let drawn = |choice: u64| {
            let drawn = sampler.draw(&mut std::iter::repeat(choice << 61));
            decode_value::<Numbers>(&drawn).unwrap()
        };
        let (u8s, i8s, ..) = drawn(4);
        assert_eq!((u8s, i8s), (u8::MAX, -1));
        let (_, i8s, _, i32s, _, i64s, _, i128s) = drawn(5);
        assert_eq!(
            (i8s, i32s, i64s, i128s),
            (i8::MIN, i32::MIN, i64::MIN, i128::MIN)
        );
        let (_, i8s, _, i32s, _, i64s, _, i128s) = drawn(6);
        assert_eq!(
            (i8s, i32s, i64s, i128s),
            (i8::MAX, i32::MAX, i64::MAX, i128::MAX)
        );
    }
}
