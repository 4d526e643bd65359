//! Keys for what is kept beside the log: snapshots and rows, where it is no mistake that somebody was shredded.

use crate::codec::{Owners, Writing};
use crate::pii::{BoxOwner, Fenced, KeptContext, SealBoxes, Subject};
use crate::store::Store;
use crate::store::append::AppendError;
use crate::vault::DataKeys;

/// The data keys of some owners, and who of them was shredded.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    keys: Option<DataKeys>,
    gone: Vec<BoxOwner>,
}

impl Store {
    /// The data keys of these owners, and who of them was shredded.
    pub(crate) fn keys_to_keep(&self, owners: &Owners) -> Result<Ready, AppendError> {
        let mut ready = Ready::default();
        if owners.as_slice().is_empty() {
            return Ok(ready);
        }
        let Some(custody) = self.readable()?.custody() else {
            return Ok(ready);
        };
        let mut there = owners.as_slice().to_vec();
        while !there.is_empty() {
            match custody.data_keys(&there) {
                Ok(keys) => {
                    ready.keys = Some(keys);
                    break;
                }
                Err(AppendError::SubjectShredded(fenced)) => {
                    let is_gone = |owner: &mut BoxOwner| Fenced::from(&*owner) == fenced;
                    let before = ready.gone.len();
                    ready.gone.extend(there.extract_if(.., is_gone));
                    if ready.gone.len() == before {
                        return Err(fenced.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(ready)
    }
}

impl Ready {
    /// Writes a value in this place with these keys.
    pub(crate) fn writing<'a>(
        &'a self,
        own: Option<&'a Subject>,
        context: KeptContext<'a>,
    ) -> Writing<'a> {
        let keys = self.keys.as_ref().map(|keys| keys as &dyn SealBoxes);
        Writing::new(own, keys, &self.gone, context)
    }
}
