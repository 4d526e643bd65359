//! Sealing: records of personal fields into boxes, while their event is encoded.

use std::fmt;

use zeroize::Zeroizing;

use crate::codec::field::EncodeError;
use crate::codec::payload::NotEncoded;
use crate::codec::record::{Record, encode_wiping};
use crate::pii::{BoxContext, BoxKind, BoxOwner, SealBoxes, SealError, Subject, SubjectKey};
use uuid::Uuid;

/// A box as it is stored.
pub type SealedBytes = Vec<u8>;

/// Seals the boxes of one event, one after another.
pub struct Sealer<'a> {
    boxes: Option<&'a dyn SealBoxes>,
    context: BoxContext,
}

impl<'a> Sealer<'a> {
    /// For what has no personal data; a box that is asked for is an error.
    pub const fn none() -> Self {
        Self {
            boxes: None,
            context: BoxContext {
                kind: BoxKind::Event,
                id: Uuid::nil(),
                type_hash: 0,
                revision: 0,
                number: 0,
            },
        }
    }

    /// For an event with this id, hash of its type's name, and revision.
    pub(crate) fn of_event(
        boxes: &'a dyn SealBoxes,
        (id, type_hash, revision): (Uuid, u64, u16),
    ) -> Self {
        let context = BoxContext {
            kind: BoxKind::Event,
            id,
            type_hash,
            revision,
            number: 0,
        };
        Self::new(Some(boxes), context)
    }

    /// For the event, state or row that this is the context of.
    pub(crate) fn new(boxes: Option<&'a dyn SealBoxes>, context: BoxContext) -> Self {
        Self { boxes, context }
    }

    /// Seals a record; the next one has the next number.
    pub(in crate::codec) fn seal_for<R: Record>(
        &mut self,
        owner: &BoxOwner,
        record: &R,
    ) -> Result<SealedBytes, EncodeError> {
        let none = || SealError::NoVault {
            subject: owner.subject.clone(),
        };
        let boxes = self.boxes.ok_or_else(none).map_err(NotEncoded::Sealing)?;
        let plain: Zeroizing<Vec<u8>> = encode_wiping(record)?;
        let mut sealed = Vec::new();
        let done = boxes.seal(owner, &self.context, &plain, &mut sealed);
        done.map_err(NotEncoded::Sealing)?;
        self.skip();
        Ok(sealed)
    }

    /// Leaves out a box, which keeps its number.
    pub(in crate::codec) fn skip(&mut self) {
        self.context.number = self.context.number.saturating_add(1);
    }
}

/// Seals a record of personal fields of the person that `id` names.
pub fn seal<I: SubjectKey, R: Record>(
    sealer: &mut Sealer<'_>,
    id: &I,
    purpose: &'static str,
    record: &R,
) -> Result<SealedBytes, EncodeError> {
    let subject = Subject::of(id).map_err(NotEncoded::Subject)?;
    sealer.seal_for(&BoxOwner { subject, purpose }, record)
}

impl fmt::Debug for Sealer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
