//! `Decimal` of `rust_decimal`: the 16 bytes of its `serialize`, seen by value.
//!
//! Zeros at the end are kept: 1.50 comes back as 1.50.

use rust_decimal::Decimal;

use super::{Foreign, Form, field};
use crate::codec::Schema;

/// Flags (scale and sign) and 96 bits of digits, as four little-endian `u32`.
#[derive(Debug)]
pub enum Digits {}

impl Form for Digits {
    type Value = [u8; 16];
    type Archived = [u8; 16];
    const SCHEMA: Schema = Schema::Fixed {
        name: "decimal",
        size: 16,
        align: 1,
    };
    const UNIT: &'static str = "in the bytes of a decimal";
    const RANGE: &'static str = "a decimal of 96 bits";
}

impl Foreign for Decimal {
    type Form = Digits;
    const ORIGIN: Self = Self::ZERO;

    fn to_value(self) -> Option<[u8; 16]> {
        Some(self.serialize())
    }
    /// Only bytes that `serialize` can have made: others are read as some number, not theirs.
    fn from_value(bytes: [u8; 16]) -> Option<Self> {
        Some(Self::deserialize(bytes)).filter(|decimal| decimal.serialize() == bytes)
    }
}

field!(Decimal);
