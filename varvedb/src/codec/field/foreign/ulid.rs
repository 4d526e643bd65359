//! `Ulid`: its 16 bytes, most significant first, seen by value. Also an id, and the key of a row.

use ulid::Ulid;

use super::{Foreign, Form, field};
use crate::codec::{IdValue, RowKey, Schema};
use crate::stream::{Key, KeyRef, NameError};

/// 128 bits, most significant byte first.
#[derive(Debug)]
pub enum Bits {}

impl Form for Bits {
    type Value = [u8; 16];
    type Archived = [u8; 16];
    const SCHEMA: Schema = Schema::Fixed {
        name: "ulid",
        size: 16,
        align: 1,
    };
    const UNIT: &'static str = "in the bytes of a ULID";
    const RANGE: &'static str = "128 bits";
}

impl Foreign for Ulid {
    type Form = Bits;
    const ORIGIN: Self = Self::nil();

    fn to_value(self) -> Option<[u8; 16]> {
        Some(self.to_bytes())
    }
    fn from_value(bytes: [u8; 16]) -> Option<Self> {
        Some(Self::from_bytes(bytes))
    }
}

field!(Ulid);

impl RowKey for Ulid {
    fn encode_key(&self, out: &mut Vec<u8>) {
        self.0.encode_key(out);
    }

    fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
        u128::decode_key(bytes).map(Self)
    }
}

/// The key is a UUID of the same 128 bits.
impl IdValue for Ulid {
    fn to_key(&self) -> Result<Key, NameError> {
        self.0.to_key()
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        u128::from_key(key).map(Self)
    }
}
