//! Sealing: records of personal fields into boxes, while their event is encoded.

use std::fmt;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::codec::field::EncodeError;
use crate::codec::payload::NotEncoded;
use crate::codec::record::{Record, encode_wiping};
use crate::pii::{BoxContext, BoxOwner, SealBoxes, SealError, Subject, SubjectKey};

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
            context: BoxContext::of_event(Uuid::nil(), 0, 0),
        }
    }

    /// For an event with this id, hash of its type's name, and revision.
    pub(crate) fn of_event(
        boxes: &'a dyn SealBoxes,
        (id, type_hash, revision): (Uuid, u64, u16),
    ) -> Self {
        Self {
            boxes: Some(boxes),
            context: BoxContext::of_event(id, type_hash, revision),
        }
    }
}

/// Seals a record into one box.
pub(in crate::codec) fn seal_box<R: Record>(
    boxes: Option<&dyn SealBoxes>,
    owner: &BoxOwner,
    context: &BoxContext,
    record: &R,
) -> Result<SealedBytes, EncodeError> {
    let none = || SealError::NoVault {
        subject: owner.subject.clone(),
    };
    let boxes = boxes.ok_or_else(none).map_err(NotEncoded::Sealing)?;
    let plain: Zeroizing<Vec<u8>> = encode_wiping(record)?;
    let mut sealed = Vec::new();
    let done = boxes.seal(owner, context, &plain, &mut sealed);
    done.map_err(NotEncoded::Sealing)?;
    Ok(sealed)
}

/// Seals a record of personal fields of the person that `id` names; the next one has the next number.
pub fn seal<I: SubjectKey, R: Record>(
    sealer: &mut Sealer<'_>,
    id: &I,
    purpose: &'static str,
    record: &R,
) -> Result<SealedBytes, EncodeError> {
    let subject = Subject::of(id).map_err(NotEncoded::Subject)?;
    let owner = BoxOwner { subject, purpose };
    let made = seal_box(sealer.boxes, &owner, &sealer.context, record)?;
    sealer.context.number = sealer.context.number.saturating_add(1);
    Ok(made)
}

impl fmt::Debug for Sealer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
