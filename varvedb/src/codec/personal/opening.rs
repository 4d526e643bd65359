//! A box of an event: opened when it is first looked into, once for all its fields.

use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use rkyv::Portable;
use rkyv::bytecheck::CheckBytes;
use rkyv::vec::ArchivedVec;

use crate::codec::field::{EncodeError, Validator};
use crate::codec::record::decode;
use crate::codec::scratch::Scratch;
use crate::event::RecordedEvent;
use crate::pii::{BoxContext, BoxKind, KeyId, OpenBoxes, Pii, PiiError, PlainBox};

/// A box where it lies.
#[derive(Clone, Copy)]
pub struct Sealed<'a> {
    bytes: &'a [u8],
    cell: &'a OpenCell,
    scratch: &'a Scratch,
}

/// What opens a box, and what was in it once it is open.
pub(in crate::codec) struct OpenCell {
    context: BoxContext,
    boxes: Option<Arc<dyn OpenBoxes>>,
    /// An empty box of an event is damage; of a state or a row, it was shredded when it was written.
    may_be_empty: bool,
    opened: OnceCell<Result<Pii<PlainBox>, PiiError>>,
}

/// The `number`-th box of a recorded event.
pub fn sealed<'a>(
    event: &RecordedEvent<'a>,
    scratch: &'a Scratch,
    archived: &'a ArchivedVec<u8>,
    number: u8,
) -> Sealed<'a> {
    let context = event.box_context(number);
    Sealed::new(
        archived.as_slice(),
        context,
        event.boxes().cloned(),
        scratch,
    )
}

/// The archive in the plain bytes of a box, every byte of it checked.
pub fn plain<A>(bytes: &[u8]) -> Result<&A, EncodeError>
where
    A: Portable + for<'c> CheckBytes<Validator<'c>>,
{
    decode::<A>(bytes)
}

impl<'a> Sealed<'a> {
    pub(in crate::codec) fn new(
        bytes: &'a [u8],
        context: BoxContext,
        boxes: Option<Arc<dyn OpenBoxes>>,
        scratch: &'a Scratch,
    ) -> Self {
        let cell = scratch.keep(OpenCell {
            may_be_empty: context.kind != BoxKind::Event,
            context,
            boxes,
            opened: OnceCell::new(),
        });
        Self {
            bytes,
            cell,
            scratch,
        }
    }

    /// The plain bytes.
    pub(super) fn open(self) -> Result<Pii<&'a [u8]>, PiiError> {
        let opened = self.cell.opened.get_or_init(|| self.cell.open(self.bytes));
        match opened {
            Ok(Pii::Known(plain)) => Ok(Pii::Known(plain.bytes())),
            Ok(Pii::Shredded) => {
                if let Some(key) = self.key() {
                    self.scratch.notes().note_shredded(key);
                }
                Ok(Pii::Shredded)
            }
            Err(error) => Err(error.clone()),
        }
    }

    /// How many bytes it has.
    pub(super) fn len(self) -> usize {
        self.bytes.len()
    }

    /// The id of the key that it is sealed under.
    pub(super) fn key(self) -> Option<KeyId> {
        KeyId::of_box(self.bytes)
    }

    /// Keeps a fault for whoever asks the scratch.
    pub(super) fn note(self, fault: PiiError) {
        self.scratch.notes().note_fault(fault);
    }
}

impl OpenCell {
    fn open(&self, sealed: &[u8]) -> Result<Pii<PlainBox>, PiiError> {
        if sealed.is_empty() && self.may_be_empty {
            return Ok(Pii::Shredded);
        }
        let boxes = self.boxes.as_ref().ok_or(PiiError::NoVault)?;
        boxes.open(sealed, &self.context)
    }
}

impl fmt::Debug for Sealed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}
