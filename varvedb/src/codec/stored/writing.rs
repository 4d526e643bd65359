//! Writing what is kept: each personal field into a box of its own.

use std::fmt;

use crate::codec::field::EncodeError;
use crate::codec::payload::NotEncoded;
use crate::codec::personal::{Personal, seal_box, sealing};
use crate::codec::record::{Record, encode};
use crate::pii::{BoxOwner, KeptContext, KeyId, SealBoxes, SealError, Subject, SubjectKey};

/// One value on its way to where it is kept.
pub struct Writing<'a> {
    own: Option<&'a Subject>,
    keys: Option<&'a dyn SealBoxes>,
    context: KeptContext<'a>,
    /// Who was shredded: nothing of theirs is kept.
    gone: &'a [BoxOwner],
    boxes: Vec<Vec<u8>>,
}

impl<'a> Writing<'a> {
    /// Of a value in this place. `own` is whom the aggregate's id names.
    pub(crate) fn new(
        own: Option<&'a Subject>,
        keys: Option<&'a dyn SealBoxes>,
        gone: &'a [BoxOwner],
        context: KeptContext<'a>,
    ) -> Self {
        Self {
            own,
            keys,
            context,
            gone,
            boxes: Vec::new(),
        }
    }

    /// Seals a field about the one whom the aggregate's id names.
    pub fn seal_own<P: Personal>(
        &mut self,
        purpose: &'static str,
        field: &'static str,
        value: &P,
    ) -> Result<(), EncodeError> {
        match self.own.cloned() {
            Some(subject) => self.put(&BoxOwner { subject, purpose }, field, value),
            None => Err(NotEncoded::Nobody(field).into()),
        }
    }

    /// Seals a field about the one whom `id` names.
    pub fn seal<I: SubjectKey, P: Personal>(
        &mut self,
        id: &I,
        purpose: &'static str,
        field: &'static str,
        value: &P,
    ) -> Result<(), EncodeError> {
        let subject = Subject::of(id).map_err(NotEncoded::Subject)?;
        self.put(&BoxOwner { subject, purpose }, field, value)
    }

    /// Writes the boxes, and behind them what is clear.
    pub fn finish<R: Record>(&mut self, clear: &R, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let boxes: Vec<&[u8]> = self.boxes.iter().map(Vec::as_slice).collect();
        put_boxes(&boxes, out);
        encode(clear, out)
    }

    /// The ids of the keys that were used, each once.
    pub(crate) fn keys(&self) -> Vec<KeyId> {
        let mut keys: Vec<KeyId> = self
            .boxes
            .iter()
            .filter_map(|sealed| KeyId::of_box(sealed))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// What is shredded stays so: its box is empty. Of several data either all are there or none.
    fn put<P: Personal>(
        &mut self,
        owner: &BoxOwner,
        field: &'static str,
        value: &P,
    ) -> Result<(), EncodeError> {
        let sealed = if value.is_all_shredded() || self.gone.contains(owner) {
            Vec::new()
        } else if value.is_shredded() {
            return Err(NotEncoded::Sealing(SealError::Shredded { field }).into());
        } else {
            let context = self.context.of_box(self.boxes.len());
            seal_box(self.keys, owner, &context, &sealing(value, field)?)?
        };
        self.boxes.push(sealed);
        Ok(())
    }
}

/// Writes the table of boxes, and the boxes.
pub(super) fn put_boxes(boxes: &[&[u8]], out: &mut Vec<u8>) {
    let count = u16::try_from(boxes.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    for sealed in boxes {
        let len = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&len.to_le_bytes());
    }
    for sealed in boxes {
        out.extend_from_slice(sealed);
    }
}

impl fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writing")
            .field("boxes", &self.boxes.len())
            .finish_non_exhaustive()
    }
}
