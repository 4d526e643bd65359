//! What was in a box: plain bytes that are wiped when they are no longer needed.

use std::fmt;

use rkyv::util::AlignedVec;
use zeroize::Zeroize;

/// The bytes of an opened box, on 16 bytes as archives are. Overwritten with zeros when dropped.
pub(crate) struct PlainBox {
    buffer: AlignedVec<16>,
    len: usize,
}

impl PlainBox {
    /// Of a buffer, the first `len` bytes.
    pub(crate) fn new(buffer: AlignedVec<16>, len: usize) -> Self {
        let len = len.min(buffer.len());
        Self { buffer, len }
    }

    /// The same, less long: what is cut off is wiped like the rest.
    pub(crate) fn shortened(mut self, len: usize) -> Self {
        self.len = self.len.min(len);
        self
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }
}

impl Drop for PlainBox {
    fn drop(&mut self) {
        self.buffer.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for PlainBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainBox(•••)")
    }
}
