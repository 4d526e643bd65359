//! The key vault and the log tell the same story, or are brought to do so: whichever says that a key is gone is
//! believed.
//!
//! A crash between the erasing of keys and the event that says so leaves the vault ahead; a backup of the log
//! that is put back, too. An old copy of the vault leaves the log ahead.

use std::collections::{BTreeMap, HashSet};

use super::ShredError;
use super::shred::ShredRequest;
use super::shreds::Recorded;
use crate::pii::{KeyId, Subject};
use crate::store::Store;
use crate::store::open::OpenError;
use crate::vault::KeyState;

const FOUND: &str = "found in the key vault when the store was opened";

/// What the vault knows of and the log does not.
#[derive(Debug, Default)]
struct Unrecorded {
    shreds: Vec<ShredRequest>,
    /// Keys of which the vault cannot say whose they were, or for what.
    nameless: Vec<KeyId>,
}

impl Store {
    /// Completes what a crash, or a backup that was put back, has left half done.
    pub(in crate::store) async fn reconcile(&self) -> Result<(), OpenError> {
        let Some(custody) = self.readable()?.custody() else {
            return Ok(());
        };
        let recorded = custody.shreds().read_on(self)?;
        let behind = self.erase_again(&recorded)?;
        self.fence_again(&behind)?;
        let written = self.record_shreds().await;
        written.map_err(|error| OpenError::Reconcile(Box::new(error)))?;
        // What a crash has kept from being cleared out of snapshots and rows.
        let keys: Vec<KeyId> = recorded.into_iter().flat_map(|shred| shred.keys).collect();
        self.clear_boxes(&keys)?;
        if let Err(error) = custody.vault.roll_if_owed() {
            tracing::warn!(
                %error,
                "the root key could not be replaced, so older copies of the key vault still have keys that were \
                 shredded; the next shred and the next opening try again"
            );
        }
        Ok(())
    }

    /// Writes down the shreds that the vault knows of and the log does not.
    pub(super) async fn record_shreds(&self) -> Result<(), ShredError> {
        let Unrecorded { shreds, nameless } = self.unrecorded()?;
        if !nameless.is_empty() {
            tracing::warn!(
                keys = nameless.len(),
                "the log does not say that these keys were shredded, and the vault cannot say whose they \
                 were, or for what; they stay shredded"
            );
            self.clear_boxes(&nameless)?;
        }
        for request in shreds {
            let subject = request.subject.clone();
            tracing::warn!(%subject, "wrote down that this subject was shredded: {FOUND}");
            let shredded = self.ask_to_shred(request).await?;
            self.clear_boxes(&shredded.erased.keys)?;
        }
        Ok(())
    }

    /// Keys that the log says are gone, and the vault still has, are erased. Gives whose they were.
    fn erase_again(&self, recorded: &[Recorded]) -> Result<HashSet<Subject>, OpenError> {
        let mut behind = HashSet::new();
        let Some(custody) = self.readable()?.custody() else {
            return Ok(behind);
        };
        for Recorded {
            subject,
            purpose,
            keys,
        } in recorded
        {
            let is_known = |key: &KeyId| custody.vault.key_state(key) == KeyState::Erased;
            if keys.iter().all(is_known) {
                continue;
            }
            let erased = custody
                .vault
                .erase_keys(subject, purpose.as_deref(), keys)?;
            tracing::warn!(%subject, erased, "erased keys again: the log says they were shredded");
            behind.insert(subject.clone());
        }
        Ok(behind)
    }

    /// An older copy of the vault does not know who is to have no new key, and who may have one again. `behind`
    /// are subjects of whom it had keys that are gone.
    fn fence_again(&self, behind: &HashSet<Subject>) -> Result<(), OpenError> {
        let Some(custody) = self.readable()?.custody() else {
            return Ok(());
        };
        let (vault, shreds) = (&custody.vault, custody.shreds());
        for (subject, standing) in shreds.standings() {
            if vault.enrolments(subject) > standing.times_enrolled() {
                continue; // it is the log that is old
            }
            let mut is_behind = behind.contains(subject);
            if standing.is_shredded_by_default() {
                is_behind |= vault.fence(subject, None)?;
            }
            if is_behind {
                for purpose in standing.enrolled() {
                    vault.reenroll(subject, purpose)?;
                }
            }
            for purpose in standing.shredded_purposes() {
                is_behind |= vault.fence(subject, Some(purpose))?;
            }
            if is_behind {
                tracing::warn!(%subject, "the key vault, an older copy, did not know what became of this subject");
            }
        }
        Ok(())
    }

    fn unrecorded(&self) -> Result<Unrecorded, ShredError> {
        let Some(custody) = self.readable()?.custody() else {
            return Ok(Unrecorded::default());
        };
        let shreds = custody.shreds();
        let mut found = BTreeMap::<(Subject, Option<String>), u64>::new();
        let mut nameless = Vec::new();
        for tombstone in custody.vault.tombstones().map_err(ShredError::Vault)? {
            let is_recorded = |key: &KeyId| shreds.position_of(key).is_some();
            if tombstone.key.as_ref().is_none_or(is_recorded) {
                continue;
            }
            match (tombstone.subject, tombstone.purpose) {
                // Of one purpose, and nobody knows which: it must not pass for all of them.
                (Some(_), None) if !tombstone.is_whole => nameless.extend(tombstone.key),
                (Some(subject), purpose) => {
                    let last = found.entry((subject, purpose)).or_default();
                    *last = tombstone.seq.max(*last);
                }
                (None, _) => nameless.extend(tombstone.key),
            }
        }
        let request = |((subject, purpose), last)| ShredRequest {
            subject,
            purpose,
            reason: FOUND.to_owned(),
            finishes: Some(last),
        };
        let shreds = found.into_iter().map(request).collect();
        Ok(Unrecorded { shreds, nameless })
    }

    /// A reading process can erase nothing: it refuses to show what the log says is gone.
    pub(in crate::store) fn check_reconciled(&self) -> Result<(), OpenError> {
        let Some(custody) = self.readable()?.custody() else {
            return Ok(());
        };
        for Recorded { subject, keys, .. } in custody.shreds().read_on(self)? {
            if keys
                .iter()
                .any(|key| custody.vault.key_state(key) == KeyState::Live)
            {
                return Err(OpenError::NotReconciled { subject });
            }
        }
        Ok(())
    }
}
