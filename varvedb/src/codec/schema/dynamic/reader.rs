//! The walk through the bytes of a payload, along a shape.
//!
//! - Every byte is read by a checked slice; every sum of offsets is checked.
//! - What a pointer points to lies in the *room* of whoever points: behind what its elder siblings
//!   point to, and before itself. So no byte is visited twice, and there are no circles. rkyv checks the same.
//! - Nothing is allocated for elements that the payload has no bytes for.

use std::ops::Range;
use std::sync::Arc;

use super::super::shape::{Fields, Kind, Node, NodeId, Part, Shape};
use super::fixed::fixed;
use super::{DynamicError, DynamicValue};
use crate::codec::payload::MAX_DEPTH;

/// How many values may lie inside each other: the stack of a thread has an end. It is five for each
/// list, map and box that may lie inside another.
const MAX_NESTED: u32 = 5 * MAX_DEPTH;

/// How many values there may be for each byte, and in the smallest payload. Those that take no
/// bytes are not bounded by the payload otherwise, and a text may ask for any number of them.
const MAX_VALUES: (usize, usize) = (16, 1 << 16);

/// For how many parts room is made before they are read: a text may have thousands at each of many
/// levels, and a payload bytes for the first alone.
const MAX_RESERVED: usize = 64;

pub(super) struct Reader<'a> {
    shape: &'a Shape,
    bytes: &'a [u8],
    /// Where what is pointed to may lie.
    room: Range<usize>,
    nested: u32,
    /// How many values may still be read.
    values: usize,
}

impl<'a> Reader<'a> {
    /// Reads the value of a payload, or of what was in a box; it lies at the end.
    pub(super) fn read(
        shape: &'a Shape,
        root: NodeId,
        bytes: &'a [u8],
    ) -> Result<DynamicValue, DynamicError> {
        let size = shape.node(root).extent.size as usize;
        let Some(at) = bytes.len().checked_sub(size) else {
            return Err(invalid("it is too short", 0));
        };
        let (each, least) = MAX_VALUES;
        let mut reader = Reader {
            shape,
            bytes,
            room: 0..at,
            nested: 0,
            values: bytes.len().saturating_mul(each).saturating_add(least),
        };
        reader.value(root, at)
    }

    // What follows calls itself, so its frames are kept small: loops, where iterators and closures
    // would do elsewhere.

    fn value(&mut self, node: NodeId, at: usize) -> Result<DynamicValue, DynamicError> {
        self.count(at)?;
        self.nested += 1;
        let node = self.shape.node(node);
        let value = match &node.kind {
            Kind::Option(value) => self.option(*value, at),
            Kind::Box(value) => self.boxed(*value, at),
            Kind::List(item) => self.list(*item, at),
            Kind::Array(item, count) => self.items(*item, *count as usize, at),
            Kind::Map(pair) => self.map(*pair, at),
            Kind::Sealed { byte, .. } => self.sealed(*byte, at),
            Kind::Tuple(parts) => self.tuple(parts, at),
            Kind::Struct(fields) => self.structure(fields, at),
            Kind::Enum(variants) => self.variant(variants, at),
            _ => self.scalar(node, at),
        };
        self.nested -= 1;
        value
    }

    fn part(&mut self, part: Part, at: usize) -> Result<DynamicValue, DynamicError> {
        self.value(part.node, at.saturating_add(part.at as usize))
    }

    fn option(&mut self, value: Part, at: usize) -> Result<DynamicValue, DynamicError> {
        match self.byte(at)? {
            0 => Ok(DynamicValue::None),
            1 => self.part(value, at),
            _ => Err(invalid("the tag of an option is neither 0 nor 1", at)),
        }
    }

    fn boxed(&mut self, value: NodeId, at: usize) -> Result<DynamicValue, DynamicError> {
        let distance = i32::from_le_bytes(self.array(at)?);
        let size = self.shape.node(value).extent.size as usize;
        let place = self.place(at, distance, size)?;
        let after = self.enter(&place);
        let value = self.value(value, place.start)?;
        self.room = after;
        Ok(value)
    }

    fn list(&mut self, item: NodeId, at: usize) -> Result<DynamicValue, DynamicError> {
        let (place, count) = self.elements(item, at)?;
        let after = self.enter(&place);
        let items = self.items(item, count, place.start)?;
        self.room = after;
        Ok(items)
    }

    fn sealed(&mut self, byte: NodeId, at: usize) -> Result<DynamicValue, DynamicError> {
        let (place, _) = self.elements(byte, at)?;
        let sealed = self.take(place.start, place.len())?;
        Ok(DynamicValue::Sealed(sealed.to_vec()))
    }

    fn map(&mut self, pair: NodeId, at: usize) -> Result<DynamicValue, DynamicError> {
        let (place, count) = self.elements(pair, at)?;
        let Node { kind, extent } = self.shape.node(pair);
        let Kind::Tuple(parts) = kind else {
            return Err(invalid("a map has no pairs", at));
        };
        let &[key, value] = parts.as_slice() else {
            return Err(invalid("a map has no pairs", at));
        };
        let after = self.enter(&place);
        let mut pairs = Vec::new();
        for nth in 0..count {
            let at = nth_of(nth, extent.size, place.start);
            pairs.push((self.part(key, at)?, self.part(value, at)?));
        }
        self.room = after;
        Ok(if self.shape.is_scalar(key.node) {
            DynamicValue::Map(pairs)
        } else {
            DynamicValue::List(pairs.into_iter().map(listed).collect())
        })
    }

    /// Values one behind the other.
    fn items(
        &mut self,
        item: NodeId,
        count: usize,
        at: usize,
    ) -> Result<DynamicValue, DynamicError> {
        let Node { kind, extent } = self.shape.node(item);
        if kind.is_byte() {
            return Ok(DynamicValue::Bytes(self.take(at, count)?.to_vec()));
        }
        // Not reserved beforehand: what takes no bytes can be any number.
        let mut items = Vec::new();
        for nth in 0..count {
            items.push(self.value(item, nth_of(nth, extent.size, at))?);
        }
        Ok(DynamicValue::List(items))
    }

    fn tuple(&mut self, parts: &[Part], at: usize) -> Result<DynamicValue, DynamicError> {
        let mut values = Vec::with_capacity(parts.len().min(MAX_RESERVED));
        for part in parts {
            values.push(self.part(*part, at)?);
        }
        Ok(DynamicValue::List(values))
    }

    fn structure(&mut self, fields: &Fields, at: usize) -> Result<DynamicValue, DynamicError> {
        self.fields(fields, at).map(DynamicValue::Struct)
    }

    fn variant(
        &mut self,
        variants: &[(Arc<str>, Fields)],
        at: usize,
    ) -> Result<DynamicValue, DynamicError> {
        let Some((name, fields)) = variants.get(usize::from(self.byte(at)?)) else {
            return Err(invalid("an enum has no variant of this number", at));
        };
        let fields = self.fields(fields, at)?;
        Ok(DynamicValue::Variant(Arc::clone(name), fields))
    }

    fn fields(
        &mut self,
        fields: &Fields,
        at: usize,
    ) -> Result<Vec<(Arc<str>, DynamicValue)>, DynamicError> {
        let mut values = Vec::with_capacity(fields.len().min(MAX_RESERVED));
        for (name, part) in fields {
            values.push((Arc::clone(name), self.part(*part, at)?));
        }
        Ok(values)
    }

    // What follows does not.

    fn scalar(&mut self, node: &Node, at: usize) -> Result<DynamicValue, DynamicError> {
        match &node.kind {
            Kind::Bool => self.bool(at),
            Kind::Int { signed, bits } => self.int(*signed, *bits, at),
            Kind::Float { bits: 32 } => {
                Ok(DynamicValue::Single(f32::from_le_bytes(self.array(at)?)))
            }
            Kind::Float { .. } => Ok(DynamicValue::Double(f64::from_le_bytes(self.array(at)?))),
            Kind::Char => self.char(at),
            Kind::Str => self.text(at),
            Kind::Fixed { name, extent } => Ok(fixed(name, self.take(at, extent.size as usize)?)),
            _ => Err(invalid("a value with parts is read as one without", at)),
        }
    }

    fn bool(&self, at: usize) -> Result<DynamicValue, DynamicError> {
        match self.byte(at)? {
            0 => Ok(DynamicValue::Bool(false)),
            1 => Ok(DynamicValue::Bool(true)),
            _ => Err(invalid("a `bool` is neither 0 nor 1", at)),
        }
    }

    fn int(&self, signed: bool, bits: u8, at: usize) -> Result<DynamicValue, DynamicError> {
        let bytes = self.take(at, usize::from(bits / 8))?;
        let is_negative = signed && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = [if is_negative { 0xff } else { 0 }; 16];
        for (wide, byte) in wide.iter_mut().zip(bytes) {
            *wide = *byte;
        }
        Ok(if signed {
            DynamicValue::Signed(i128::from_le_bytes(wide))
        } else {
            DynamicValue::Unsigned(u128::from_le_bytes(wide))
        })
    }

    fn char(&self, at: usize) -> Result<DynamicValue, DynamicError> {
        let char = char::from_u32(u32::from_le_bytes(self.array(at)?));
        let char = char.ok_or_else(|| invalid("a `char` is no Unicode scalar value", at))?;
        Ok(DynamicValue::Text(char.into()))
    }

    fn text(&mut self, at: usize) -> Result<DynamicValue, DynamicError> {
        let place = self.take(at, 8)?;
        let bytes = match place.first() {
            Some(first) if first & 0xc0 == 0x80 => self.text_elsewhere(at)?,
            _ => place.split(|byte| *byte == 0xff).next().unwrap_or_default(),
        };
        let text = str::from_utf8(bytes).map_err(|_| invalid("a text is not UTF-8", at))?;
        Ok(DynamicValue::Text(text.to_owned()))
    }

    fn text_elsewhere(&mut self, at: usize) -> Result<&'a [u8], DynamicError> {
        let marked = u32::from_le_bytes(self.array(at)?);
        let length = (marked & 0x3f) | ((marked & !0xff) >> 2);
        let distance = self.array(at.saturating_add(4))?;
        let place = self.place(at, i32::from_le_bytes(distance), length as usize)?;
        let bytes = self.take(place.start, length as usize)?;
        self.room.start = place.end;
        Ok(bytes)
    }

    /// Where the elements of the list at `at` lie, and how many they are.
    fn elements(&self, item: NodeId, at: usize) -> Result<(Range<usize>, usize), DynamicError> {
        let distance = i32::from_le_bytes(self.array(at)?);
        let count = u32::from_le_bytes(self.array(at.saturating_add(4))?) as usize;
        let size = self.shape.node(item).extent.size as usize;
        if count == 0 {
            return Ok((self.room.end..self.room.end, 0));
        }
        if size == 0 {
            return Err(invalid("elements of a list take no bytes", at));
        }
        let size = size.checked_mul(count);
        let size = size.ok_or_else(|| invalid("a list is longer than the payload", at))?;
        Ok((self.place(at, distance, size)?, count))
    }

    /// The bytes `distance` from `at`, if they lie in the room.
    fn place(&self, at: usize, distance: i32, size: usize) -> Result<Range<usize>, DynamicError> {
        let start = isize::try_from(distance)
            .ok()
            .and_then(|distance| at.checked_add_signed(distance));
        let place = start.and_then(|start| Some(start..start.checked_add(size)?));
        place
            .filter(|place| place.start >= self.room.start && place.end <= self.room.end)
            .ok_or_else(|| invalid("a pointer leads to where nothing of its own can lie", at))
    }

    /// Lets in what lies in `place`: what that points to lies before it. Gives the room that is left
    /// afterwards, which lies behind it.
    fn enter(&mut self, place: &Range<usize>) -> Range<usize> {
        if place.is_empty() {
            return self.room.clone();
        }
        let after = place.end..self.room.end;
        self.room.end = place.start;
        after
    }

    /// Counts a value that is about to be read.
    fn count(&mut self, at: usize) -> Result<(), DynamicError> {
        if self.nested >= MAX_NESTED {
            return Err(invalid("too many values lie inside each other", at));
        }
        let left = self.values.checked_sub(1);
        self.values = left.ok_or_else(|| invalid("it has too many values for its bytes", at))?;
        Ok(())
    }

    fn byte(&self, at: usize) -> Result<u8, DynamicError> {
        self.array(at).map(|[byte]| byte)
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], DynamicError> {
        let bytes = self.take(at, N)?;
        bytes.try_into().map_err(|_| invalid("it is too short", at))
    }

    fn take(&self, at: usize, bytes: usize) -> Result<&'a [u8], DynamicError> {
        let end = at.checked_add(bytes);
        end.and_then(|end| self.bytes.get(at..end))
            .ok_or_else(|| invalid("it is too short", at))
    }
}

fn listed((key, value): (DynamicValue, DynamicValue)) -> DynamicValue {
    DynamicValue::List(vec![key, value])
}

/// Where one of several values lies that begin at `at`.
fn nth_of(nth: usize, size: u32, at: usize) -> usize {
    at.saturating_add(nth.saturating_mul(size as usize))
}

fn invalid(what: &'static str, at: usize) -> DynamicError {
    DynamicError::Invalid { what, at }
}
