//! How many bytes a layout takes and where its fields lie: what a decoder without the types needs.
//!
//! It repeats the arithmetic of `repr(C)`. A record is a balanced tree of pairs: of n fields the
//! first half, rounded up, is the left part and the rest the right one, and so on in each part.
//! Padding lies between parts and behind each pair, so it is not that of a flat struct.

/// The bytes that a value takes in its place, and what its address must be a multiple of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Bytes, padding at the end included.
    pub(super) size: u32,
    /// 1, 2, 4, 8 or 16.
    pub(super) align: u32,
}

impl Extent {
    /// A pointer and a length, of four bytes each. Short text lies in their place.
    pub(super) const LIST: Self = Self { size: 8, align: 4 };
    pub(super) const POINTER: Self = Self { size: 4, align: 4 };
    pub(super) const EMPTY: Self = Self { size: 0, align: 1 };
    pub(super) const TAG: Self = Self { size: 1, align: 1 };

    /// A number of so many bits.
    pub(super) fn number(bits: u8) -> Self {
        let bytes = u32::from(bits / 8);
        Self {
            size: bytes,
            align: bytes,
        }
    }

    /// So many of these, one behind the other; `None` where 32 bits cannot count the bytes.
    pub(super) fn repeated(self, count: u32) -> Option<Self> {
        Some(Self {
            size: self.size.checked_mul(count)?,
            align: self.align,
        })
    }

    /// Room for either.
    pub(super) fn or(self, other: Self) -> Option<Self> {
        Self {
            size: self.size.max(other.size),
            align: self.align.max(other.align),
        }
        .padded()
    }

    /// Where `next` begins behind this, and the extent of both, not yet padded at the end.
    fn then(self, next: Self) -> Option<(u32, Self)> {
        let offset = self.size.checked_next_multiple_of(next.align)?;
        let both = Self {
            size: offset.checked_add(next.size)?,
            align: self.align.max(next.align),
        };
        Some((offset, both))
    }

    /// This, as one element of an array.
    fn padded(self) -> Option<Self> {
        Some(Self {
            size: self.size.checked_next_multiple_of(self.align)?,
            align: self.align,
        })
    }
}

/// The offset of each field of a record, and the extent of the whole.
pub(super) fn record(fields: &[Extent]) -> Option<(Vec<u32>, Extent)> {
    let mut offsets = Vec::with_capacity(fields.len());
    let whole = tree(fields, 0, &mut offsets)?;
    Some((offsets, whole))
}

/// The offset of each field of a variant, or of an option's value, and the extent with that variant.
/// Here the fields do lie as in a flat struct, whose first is the tag.
pub(super) fn behind_tag(fields: &[Extent]) -> Option<(Vec<u32>, Extent)> {
    let mut offsets = Vec::with_capacity(fields.len());
    let mut whole = Extent::TAG;
    for field in fields {
        let (offset, longer) = whole.then(*field)?;
        offsets.push(offset);
        whole = longer;
    }
    Some((offsets, whole.padded()?))
}

/// Lays `fields` as a tree of pairs that begins at `start`.
fn tree(fields: &[Extent], start: u32, offsets: &mut Vec<u32>) -> Option<Extent> {
    match fields {
        [] => Some(Extent::EMPTY),
        [field] => {
            offsets.push(start);
            Some(*field)
        }
        _ => {
            let (left, right) = fields.split_at(fields.len().div_ceil(2));
            let left = tree(left, start, offsets)?;
            // Where the right part begins depends on its alignment, which its own start does not.
            let right_align = right.iter().map(|field| field.align).max()?;
            let offset = left.size.checked_next_multiple_of(right_align)?;
            let right = tree(right, start.checked_add(offset)?, offsets)?;
            let (_, pair) = left.then(right)?;
            pair.padded()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::mem::offset_of;

    use rkyv::Archived;
    use uuid::Uuid;

    use super::super::Layout;
    use super::super::shape::Shape;
    use super::*;
    use crate::codec::{Field, Pair};
    use crate::{Timestamp, VarveValue};

    #[derive(VarveValue)]
    enum Gift {
        No,
        Wrapped {
            paper: String,
            colour: Option<u8>,
            weight: f64,
        },
        Numbered {
            small: u8,
            large: u128,
            middle: u16,
        },
    }

    #[derive(VarveValue)]
    struct Line {
        sku: String,
        gift: Gift,
        quantity: u16,
        parts: Vec<u8>,
        hidden: bool,
    }

    fn extent(layout: &Layout) -> Option<Extent> {
        Shape::of(layout).map(|shape| shape.root().extent)
    }

    #[track_caller]
    fn takes_what_the_compiler_says<T: Field>() {
        let extent = extent(&Layout::from(T::SCHEMA)).unwrap();
        assert_eq!(extent.size as usize, size_of::<T::Archived>());
        assert_eq!(extent.align as usize, align_of::<T::Archived>());
    }

    #[test]
    fn every_kind_takes_the_bytes_that_the_compiler_gives_it() {
        takes_what_the_compiler_says::<bool>();
        takes_what_the_compiler_says::<char>();
        takes_what_the_compiler_says::<u16>();
        takes_what_the_compiler_says::<i128>();
        takes_what_the_compiler_says::<f32>();
        takes_what_the_compiler_says::<f64>();
        takes_what_the_compiler_says::<String>();
        takes_what_the_compiler_says::<Uuid>();
        takes_what_the_compiler_says::<Timestamp>();
        takes_what_the_compiler_says::<Box<u128>>();
        takes_what_the_compiler_says::<Vec<u128>>();
        takes_what_the_compiler_says::<BTreeMap<u64, u128>>();
        takes_what_the_compiler_says::<[u16; 5]>();
        takes_what_the_compiler_says::<[u128; 0]>();
        takes_what_the_compiler_says::<Option<bool>>();
        takes_what_the_compiler_says::<Option<u64>>();
        takes_what_the_compiler_says::<Option<Option<u128>>>();
        takes_what_the_compiler_says::<Option<[u8; 0]>>();
        takes_what_the_compiler_says::<Gift>();
        takes_what_the_compiler_says::<Option<Gift>>();
        takes_what_the_compiler_says::<[Line; 3]>();
    }

    #[test]
    fn records_of_every_length_take_the_bytes_of_their_tree() {
        takes_what_the_compiler_says::<(u8,)>();
        takes_what_the_compiler_says::<(u8, u64)>();
        takes_what_the_compiler_says::<(u8, u64, u8)>();
        takes_what_the_compiler_says::<(u8, u8, u64, u8)>();
        takes_what_the_compiler_says::<(u8, u128, u8, u16, u64)>();
        takes_what_the_compiler_says::<(u64, u8, u8, u16, u8, u32)>();
        takes_what_the_compiler_says::<(u8, u8, u8, u8, u16, u8, u64)>();
        takes_what_the_compiler_says::<(u8, u16, u8, u32, u8, u64, u8, u128)>();
        takes_what_the_compiler_says::<((u8, u64, u8), u8, Option<(u8, u16)>)>();
    }

    #[test]
    fn fields_lie_where_the_compiler_puts_them() {
        type Five = Pair<
            Pair<Pair<u8, Archived<u64>>, u8>,
            Pair<Archived<u16>, <Option<u32> as Field>::Archived>,
        >;
        let (offsets, whole) = offsets::<(u8, u64, u8, u16, Option<u32>)>();
        assert_eq!(
            offsets,
            [
                offset_of!(Five, 0.0.0),
                offset_of!(Five, 0.0.1),
                offset_of!(Five, 0.1),
                offset_of!(Five, 1.0),
                offset_of!(Five, 1.1),
            ]
        );
        assert_eq!(whole, size_of::<Five>());
    }

    #[test]
    fn fields_of_seven_lie_where_the_compiler_puts_them() {
        type Seven = Pair<
            Pair<Pair<u8, Archived<u16>>, Pair<u8, Archived<u128>>>,
            Pair<Pair<u8, Archived<u64>>, bool>,
        >;
        let (offsets, whole) = offsets::<(u8, u16, u8, u128, u8, u64, bool)>();
        assert_eq!(
            offsets,
            [
                offset_of!(Seven, 0.0.0),
                offset_of!(Seven, 0.0.1),
                offset_of!(Seven, 0.1.0),
                offset_of!(Seven, 0.1.1),
                offset_of!(Seven, 1.0.0),
                offset_of!(Seven, 1.0.1),
                offset_of!(Seven, 1.1),
            ]
        );
        assert_eq!(whole, size_of::<Seven>());
    }

    fn offsets<T: Field>() -> (Vec<usize>, usize) {
        let Layout::Tuple(parts) = Layout::from(T::SCHEMA) else {
            unreachable!("a tuple's layout is a tuple");
        };
        let parts: Vec<Extent> = parts.iter().map(|part| extent(part).unwrap()).collect();
        let (offsets, whole) = record(&parts).unwrap();
        let offsets = offsets.into_iter().map(|offset| offset as usize).collect();
        (offsets, whole.size as usize)
    }

    #[test]
    fn a_layout_too_large_to_count_has_no_extent() {
        let huge: Layout = "[[u128; 4000000000]; 4000000000]".parse().unwrap();
        assert_eq!(extent(&huge), None);
        let sum: Layout = "{a: [u8; 4294967295], b: [u8; 4294967295]}"
            .parse()
            .unwrap();
        assert_eq!(extent(&sum), None);
    }
}
