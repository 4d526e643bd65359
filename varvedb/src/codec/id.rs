//! What an id type may wrap.

use uuid::Uuid;

use super::RowKey;
use crate::stream::{Key, KeyRef, NameError};

/// The value inside a `#[derive(VarveId)]` struct.
#[diagnostic::on_unimplemented(
    message = "an id cannot wrap `{Self}`",
    label = "use `u64`, `u128`, `Uuid` or `String`",
    note = "a number keeps streams smallest; a `Uuid` needs nobody to hand out numbers"
)]
pub trait IdValue: RowKey {
    /// The key for this value.
    fn to_key(&self) -> Result<Key, NameError>;
    /// The value for this key.
    fn from_key(key: KeyRef<'_>) -> Option<Self>;
}

impl IdValue for u64 {
    fn to_key(&self) -> Result<Key, NameError> {
        Ok(Key::Number(*self))
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        match key {
            KeyRef::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl IdValue for u128 {
    fn to_key(&self) -> Result<Key, NameError> {
        Ok(Key::Uuid(Uuid::from_u128(*self)))
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        match key {
            KeyRef::Uuid(uuid) => Some(uuid.as_u128()),
            _ => None,
        }
    }
}

impl IdValue for Uuid {
    fn to_key(&self) -> Result<Key, NameError> {
        Ok(Key::Uuid(*self))
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        match key {
            KeyRef::Uuid(uuid) => Some(*uuid),
            _ => None,
        }
    }
}

impl IdValue for String {
    fn to_key(&self) -> Result<Key, NameError> {
        Key::text(self)
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        match key {
            KeyRef::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}
