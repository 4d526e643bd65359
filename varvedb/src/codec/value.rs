//! Rows of read models: single values as archives of their own.

use rkyv::util::AlignedVec;

use super::record::decode;
use super::{EncodeError, Field, encode};

/// Writes a value behind `out`.
pub(crate) fn encode_value<T: Field>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    encode(&value, out)
}

/// The value in these bytes, wherever they lie: rows of the index are not aligned, so they are
/// copied first.
pub(crate) fn decode_value<T: Field>(bytes: &[u8]) -> Result<T, EncodeError> {
    let mut aligned = AlignedVec::<16>::with_capacity(bytes.len());
    aligned.extend_from_slice(bytes);
    let archived = decode::<T::Archived>(&aligned)?;
    Ok(T::from_view(T::view_archived(archived)))
}
