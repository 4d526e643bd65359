//! What fields promise, and what the stories about it are told with.

mod bytes;
mod depth;
#[cfg(all(
    feature = "chrono",
    feature = "jiff",
    feature = "time",
    feature = "rust_decimal",
    feature = "ulid"
))]
mod foreign;
mod hostile;
mod round_trip;
mod tree;

use rkyv::util::AlignedVec;
use varvedb_derive::VarveValue;

use super::{EncodeError, Field};
use crate::codec::{decode_value, encode, encode_value};

/// An enum and, in it, a struct, as applications have them.
#[derive(Clone, Debug, PartialEq, VarveValue)]
enum Gift {
    No,
    Wrapped { paper: String, colour: Option<u8> },
    Several { lines: Vec<Line>, inside: Vec<Gift> },
}

#[derive(Clone, Debug, PartialEq, VarveValue)]
struct Line {
    sku: String,
    quantity: u16,
    cents: i64,
}

/// The archive of a single value.
fn archive<T: Field>(value: &T) -> Result<AlignedVec<16>, EncodeError> {
    let mut bytes = Vec::new();
    encode(&value, &mut bytes)?;
    Ok(aligned(&bytes))
}

/// The same bytes where the log would put them.
fn aligned(bytes: &[u8]) -> AlignedVec<16> {
    let mut aligned = AlignedVec::new();
    aligned.extend_from_slice(bytes);
    aligned
}

/// The value written as a row and read as one.
fn as_row<T: Field>(value: &T) -> Result<T, EncodeError> {
    let mut row = Vec::new();
    encode_value(value, &mut row)?;
    decode_value(&row)
}
