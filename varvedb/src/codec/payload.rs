//! The bytes of one archive while they are written, behind what the caller's buffer already holds.

use rkyv::rancor::{self, Source};
use rkyv::ser::{Positional, Writer};

use zeroize::Zeroize;

use super::field::EncodeError;
use crate::pii::SealError;
use crate::stream::NameError;

/// Where rkyv writes an archive.
///
/// Positions count from the archive's own start, not from the buffer's: padding and pointers must
/// come out the same wherever the archive comes to lie. The log puts that start on 16 bytes.
#[derive(Debug)]
pub struct Payload<'a> {
    buffer: &'a mut Vec<u8>,
    start: usize,
    depth: u32,
    /// What is written is personal: memory that it outgrows is wiped.
    wipes: bool,
}

impl<'a> Payload<'a> {
    /// Far more than the log takes for one event, and less than rkyv's 32-bit offsets and lengths
    /// reach: beyond them rkyv panics, or cuts a number short.
    const MAX_BYTES: usize = 1 << 30;

    /// Starts an archive behind `buffer`.
    pub(super) fn behind(buffer: &'a mut Vec<u8>) -> Self {
        let start = buffer.len();
        Self {
            buffer,
            start,
            depth: 0,
            wipes: false,
        }
    }

    /// Starts an archive of personal data.
    pub(super) fn wiping(buffer: &'a mut Vec<u8>) -> Self {
        Self {
            wipes: true,
            ..Self::behind(buffer)
        }
    }

    /// Makes room for so many bytes more, and leaves nothing in the memory that was too small.
    fn grow_wiping(&mut self, more: usize) {
        if self.buffer.capacity() - self.buffer.len() >= more {
            return;
        }
        let mut larger = Vec::with_capacity((self.buffer.len() + more).next_power_of_two());
        larger.extend_from_slice(self.buffer);
        self.buffer.zeroize();
        *self.buffer = larger;
    }

    /// Steps into what a list or box points to. Refused where [`MAX_DEPTH`] ends, so that nothing
    /// is written that would be refused when it is read.
    pub(super) fn descend(&mut self) -> Result<(), EncodeError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(EncodeError::new(NotEncoded::TooDeep));
        }
        Ok(())
    }

    /// Steps back.
    pub(super) fn ascend(&mut self) {
        self.depth -= 1;
    }
}

/// How many lists and boxes may lie inside each other.
///
/// Validation recurses: without an end to it, a few kilobytes of bad bytes could exhaust the stack.
pub(super) const MAX_DEPTH: u32 = 128;

impl Positional for Payload<'_> {
    fn pos(&self) -> usize {
        self.buffer.len() - self.start
    }
}

impl Writer<rancor::Error> for Payload<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        if bytes.len() > Self::MAX_BYTES - self.pos() {
            return Err(EncodeError::new(NotEncoded::TooLarge));
        }
        if self.wipes {
            self.grow_wiping(bytes.len());
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }
}

/// A value that has no stored form.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotEncoded {
    #[error("the value is larger than 1 GiB when stored; store it elsewhere and keep a reference")]
    TooLarge,
    #[error("lists and boxes lie more than {MAX_DEPTH} deep inside each other; flatten the value")]
    TooDeep,
    #[error("a list of {0} elements is longer than the 4294967295 that can be stored")]
    TooLong(usize),
    #[error("`{value}` cannot be stored as {what}")]
    OutOfRange { value: String, what: &'static str },
    #[error("a personal field cannot be stored: it is too large, too deep, or out of range")]
    Personal,
    #[error(transparent)]
    Sealing(SealError),
    #[error("`{0}` is personal, and nobody is named whom it is about")]
    Nobody(&'static str),
    #[error("whose data it is cannot be told: {0}")]
    Subject(NameError),
}

impl From<NotEncoded> for EncodeError {
    fn from(reason: NotEncoded) -> Self {
        Self::new(reason)
    }
}
