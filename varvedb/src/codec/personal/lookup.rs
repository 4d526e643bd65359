//! What an event can be found by: personal data, as `#[pii(lookup = ..)]` makes it equal where it means the same.

use zeroize::Zeroizing;

use super::PiiView;
use crate::codec::field::Field;
use crate::pii::{KeyId, Pii, PiiError};

/// The data by which one event can be found.
#[derive(Debug, Default)]
pub struct Lookups(Vec<LookupEntry>);

/// One datum.
pub struct LookupEntry {
    /// The stored names of type and field, such as `account.opened.email`.
    pub field: &'static str,
    /// The data key that it is sealed under.
    pub key: KeyId,
    /// What the normalising function made of it.
    pub value: Zeroizing<Vec<u8>>,
}

impl Lookups {
    /// Adds a datum, unless it is shredded.
    pub fn add<T: Field, N: AsRef<[u8]>>(
        &mut self,
        field: &'static str,
        view: &PiiView<'_, T>,
        normalise: impl FnOnce(&T) -> N,
    ) -> Result<(), PiiError> {
        if let (Some(key), Pii::Known(datum)) = (view.key(), view.open()?) {
            let value = Zeroizing::new(normalise(&T::from_view(datum)).as_ref().to_vec());
            self.0.push(LookupEntry { field, key, value });
        }
        Ok(())
    }

    /// All of them.
    pub(crate) fn entries(&self) -> &[LookupEntry] {
        &self.0
    }
}

impl std::fmt::Debug for LookupEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LookupEntry({})", self.field)
    }
}
