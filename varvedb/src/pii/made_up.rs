//! Boxes that hide nothing, for tests of whatever reads and writes events without a store.
//!
//! They have a version that no key vault seals or opens, and nothing hands them to a store.

use std::sync::{Arc, LazyLock};

use rkyv::util::AlignedVec;
use sha2::{Digest, Sha256};

use super::{
    BoxContext, BoxOwner, KeyId, OpenBoxes, Pii, PiiError, PlainBox, SealBoxes, SealError,
};

/// `version, state, 0, 0 | key id | the plain bytes`
const HEADER: usize = 20;
const VERSION: u8 = 0;
const SHREDDED: u8 = 1;

/// A box as if somebody had sealed these bytes.
pub(crate) fn made_up_box(plain: &[u8], is_shredded: bool) -> Vec<u8> {
    sealed(KeyId([0; 16]), plain, is_shredded)
}

/// What opens and seals such boxes. The same bytes are sealed the same each time.
#[derive(Debug)]
pub(crate) struct MadeUpKeys;

impl MadeUpKeys {
    /// What opens them, as an event carries it.
    pub(crate) fn shared() -> &'static Arc<dyn OpenBoxes> {
        static KEYS: LazyLock<Arc<dyn OpenBoxes>> = LazyLock::new(|| Arc::new(MadeUpKeys));
        &KEYS
    }
}

impl OpenBoxes for MadeUpKeys {
    fn open(&self, sealed: &[u8], _: &BoxContext) -> Result<Pii<PlainBox>, PiiError> {
        let made_up = sealed.split_at_checked(HEADER);
        let Some(([VERSION, state, ..], plain)) = made_up else {
            return Err(PiiError::Malformed {
                what: "it was not made up for a test",
            });
        };
        if *state == SHREDDED {
            return Ok(Pii::Shredded);
        }
        let mut buffer = AlignedVec::with_capacity(plain.len());
        buffer.extend_from_slice(plain);
        Ok(Pii::Known(PlainBox::new(buffer, plain.len())))
    }
}

impl SealBoxes for MadeUpKeys {
    fn seal(
        &self,
        owner: &BoxOwner,
        _: &BoxContext,
        plain: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<KeyId, SealError> {
        let name = format!("{}/{}", owner.subject, owner.purpose);
        let digest = Sha256::digest(name);
        let key = KeyId(digest.first_chunk().copied().unwrap_or_default());
        out.extend_from_slice(&sealed(key, plain, false));
        Ok(key)
    }
}

fn sealed(key: KeyId, plain: &[u8], is_shredded: bool) -> Vec<u8> {
    let mut sealed = vec![VERSION, u8::from(is_shredded), 0, 0];
    sealed.extend_from_slice(key.as_bytes());
    sealed.extend_from_slice(plain);
    sealed
}
