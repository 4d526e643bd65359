//! Reading what is kept.

use std::sync::Arc;

use rkyv::util::AlignedVec;

use super::StoredError;
use crate::codec::personal::Sealed;
use crate::codec::scratch::Scratch;
use crate::event::Boxes;
use crate::pii::{KeptContext, OpenBoxes, PiiError};

/// Where a value that is read lies, and what opens its boxes.
#[derive(Debug)]
pub struct Reading<'a> {
    boxes: Option<&'a Arc<dyn OpenBoxes>>,
    context: KeptContext<'a>,
}

/// The parts of what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredParts<'a> {
    /// The boxes, empty where they were shredded.
    pub(super) boxes: Vec<&'a [u8]>,
    /// What is clear: an archive at any address.
    pub(super) rest: &'a [u8],
}

impl<'a> StoredParts<'a> {
    /// Splits the bytes; `None` where they are not parts.
    pub(super) fn split(bytes: &'a [u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk()?;
        let (zeros, mut rest) = rest.split_first_chunk::<2>()?;
        if *zeros != [0; 2] {
            return None;
        }
        let mut lengths = Vec::new();
        for _ in 0..u16::from_le_bytes(*count) {
            let (len, behind) = rest.split_first_chunk()?;
            lengths.push(usize::try_from(u32::from_le_bytes(*len)).ok()?);
            rest = behind;
        }
        let mut boxes = Vec::with_capacity(lengths.len());
        for len in lengths {
            let (sealed, behind) = rest.split_at_checked(len)?;
            boxes.push(sealed);
            rest = behind;
        }
        Some(Self { boxes, rest })
    }
}

impl<'a> Reading<'a> {
    /// Of a value in this place.
    pub(crate) fn new(boxes: Boxes<'a>, context: KeptContext<'a>) -> Self {
        Self { boxes, context }
    }

    /// The parts of a value with so many boxes; what is clear is copied to where archives can lie.
    pub fn parts<'b>(
        &self,
        bytes: &'b [u8],
        count: usize,
    ) -> Result<(Vec<&'b [u8]>, AlignedVec<16>), StoredError> {
        let parts = StoredParts::split(bytes).filter(|parts| parts.boxes.len() == count);
        let other = || StoredError::Invalid("its boxes are not those of this type".to_owned());
        let StoredParts { boxes, rest } = parts.ok_or_else(other)?;
        let mut clear = AlignedVec::with_capacity(rest.len());
        clear.extend_from_slice(rest);
        Ok((boxes, clear))
    }

    /// The `number`-th box.
    pub fn sealed<'b>(&self, boxes: &[&'b [u8]], number: u8, scratch: &'b Scratch) -> Sealed<'b> {
        let bytes = boxes.get(usize::from(number)).copied().unwrap_or_default();
        let context = self.context.of_box(number.into());
        Sealed::new(bytes, context, self.boxes.cloned(), scratch)
    }

    /// Fails if something in the value could not be opened.
    pub fn check(&self, scratch: &Scratch) -> Result<(), PiiError> {
        scratch.fault().cloned().map_or(Ok(()), Err)
    }
}
