//! Bytes that nobody wrote.

use proptest::prelude::*;
use proptest::sample::Index;
use rkyv::util::AlignedVec;

use super::schema;
use crate::codec::Field;
use crate::codec::record::decode;

/// Changes some bytes; if rkyv takes what comes of it, so does the reader without types.
pub(super) fn is_read_if_rkyv_accepts_it<T: Field>(
    archive: &[u8],
    changes: &[(Index, u8)],
) -> Result<(), TestCaseError> {
    let mut bytes = AlignedVec::<16>::new();
    bytes.extend_from_slice(archive);
    for (at, byte) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    let read = schema::<T>().decode(&bytes);
    if decode::<T::Archived>(&bytes).is_ok() {
        prop_assert!(read.is_ok(), "{:?}", read);
    }
    let _ = read.map(|value| value.to_string());
    Ok(())
}
