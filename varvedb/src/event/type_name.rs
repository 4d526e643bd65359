//! The stable name under which an event is stored.

use std::fmt;
use std::sync::Arc;

use crate::stream::NameError;

/// The stable name of an event type, such as `account.opened`.
///
/// One to 128 characters: words of `a-z`, `0-9` and `_`, joined by dots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName(Arc<str>);

impl TypeName {
    /// The longest a type's name may be, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Checks the name.
    pub fn new(name: impl AsRef<str>) -> Result<Self, NameError> {
        let name = name.as_ref();
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        };
        if name.len() <= Self::MAX_BYTES && name.split('.').all(word) {
            Ok(Self(name.into()))
        } else {
            let rule = "use 1 to 128 characters: words of a-z, 0-9 and `_`, joined by dots";
            Err(NameError::new("event type", name, rule))
        }
    }

    /// A name that was checked when it was stored.
    pub(crate) fn from_checked(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 64-bit FNV-1a of a type's name, so that generated code can `match` on a number.
///
/// The store refuses a second type with the hash of a first, so within one store equal hashes
/// mean equal names.
pub const fn type_hash(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "`i` is below `len`; iterators are not const"
        )]
        let byte = bytes[i];
        hash = (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}
