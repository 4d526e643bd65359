//! How many bytes a layout takes and where its fields lie: what a decoder without the types needs.
//!
//! It repeats the arithmetic of `repr(C)`. A record is a balanced tree of pairs: of n fields the
//! first half, rounded up, is the left part and the rest the right one, and so on in each part.
//! Padding lies between parts and behind each pair, so it is not that of a flat struct.

use super::Layout;

/// The bytes that a value takes in its place, and what its address must be a multiple of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Bytes, padding at the end included.
    pub(crate) size: u32,
    /// 1, 2, 4, 8 or 16.
    pub(crate) align: u32,
}

/// A pointer and a length, of four bytes each. Short text lies in their place.
const LIST: Extent = Extent { size: 8, align: 4 };
const POINTER: Extent = Extent { size: 4, align: 4 };
const EMPTY: Extent = Extent { size: 0, align: 1 };
const TAG: Extent = Extent { size: 1, align: 1 };

impl Layout {
    /// The bytes of a value; `None` where 32 bits cannot count them.
    pub(crate) fn extent(&self) -> Option<Extent> {
        match self {
            Self::Bool => Some(TAG),
            Self::Int { bits, .. } | Self::Float { bits } => Some(number(*bits)),
            Self::Char => Some(number(32)),
            Self::Fixed { size, align, .. } => Some(Extent {
                size: *size,
                align: *align,
            }),
            Self::Str | Self::List(_) | Self::Map(..) => Some(LIST),
            Self::Box(_) => Some(POINTER),
            Self::Option(value) => behind_tag([value.as_ref()]).map(|(_, extent)| extent),
            Self::Array(item, count) => repeated(item.extent()?, *count),
            Self::Tuple(parts) => record(parts).map(|(_, extent)| extent),
            Self::Struct(fields) => record(layouts(fields)).map(|(_, extent)| extent),
            Self::Enum(variants) => variants.iter().try_fold(TAG, |widest, (_, fields)| {
                let (_, extent) = behind_tag(layouts(fields))?;
                widest.or(extent)
            }),
            // The parser and the compiler refuse a value that lies inside itself.
            Self::Again(_) => None,
        }
    }
}

/// The offset of each field of a record, and the extent of the whole.
pub(crate) fn record<'a>(
    fields: impl IntoIterator<Item = &'a Layout>,
) -> Option<(Vec<u32>, Extent)> {
    let fields: Option<Vec<Extent>> = fields.into_iter().map(Layout::extent).collect();
    let fields = fields?;
    let mut offsets = Vec::with_capacity(fields.len());
    let whole = tree(&fields, 0, &mut offsets)?;
    Some((offsets, whole))
}

/// The offset of each field of a variant, or of an option's value, and the extent with that variant.
/// Here the fields do lie as in a flat struct, whose first is the tag.
pub(crate) fn behind_tag<'a>(
    fields: impl IntoIterator<Item = &'a Layout>,
) -> Option<(Vec<u32>, Extent)> {
    let mut offsets = Vec::new();
    let mut whole = TAG;
    for field in fields {
        let (offset, longer) = whole.then(field.extent()?)?;
        offsets.push(offset);
        whole = longer;
    }
    Some((offsets, whole.padded()?))
}

/// Lays `fields` as a tree of pairs that begins at `start`.
fn tree(fields: &[Extent], start: u32, offsets: &mut Vec<u32>) -> Option<Extent> {
    match fields {
        [] => Some(EMPTY),
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

impl Extent {
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

    /// Room for either.
    fn or(self, other: Self) -> Option<Self> {
        Self {
            size: self.size.max(other.size),
            align: self.align.max(other.align),
        }
        .padded()
    }
}

fn number(bits: u8) -> Extent {
    let bytes = u32::from(bits / 8);
    Extent {
        size: bytes,
        align: bytes,
    }
}

fn repeated(item: Extent, count: u32) -> Option<Extent> {
    Some(Extent {
        size: item.size.checked_mul(count)?,
        align: item.align,
    })
}

fn layouts(fields: &[(String, Layout)]) -> impl Iterator<Item = &Layout> {
    fields.iter().map(|(_, layout)| layout)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::mem::offset_of;

    use rkyv::Archived;
    use uuid::Uuid;

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

    #[track_caller]
    fn takes_what_the_compiler_says<T: Field>() {
        let extent = Layout::from(T::SCHEMA).extent().unwrap();
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
        let (offsets, whole) = record(&parts).unwrap();
        let offsets = offsets.into_iter().map(|offset| offset as usize).collect();
        (offsets, whole.size as usize)
    }

    #[test]
    fn a_layout_too_large_to_count_has_no_extent() {
        let huge: Layout = "[[u128; 4000000000]; 4000000000]".parse().unwrap();
        assert_eq!(huge.extent(), None);
        let sum: Layout = "{a: [u8; 4294967295], b: [u8; 4294967295]}"
            .parse()
            .unwrap();
        assert_eq!(sum.extent(), None);
    }
}
