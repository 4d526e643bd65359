//! Snapshots of aggregates: when one is taken, what it is made by, and how it is read again.

mod fingerprint;
mod policy;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::OnceLock;

use self::fingerprint::Fingerprint;
pub(super) use self::policy::Loaded;
use self::policy::Policy;
use super::Aggregate;
use crate::codec::{EncodeError, Event, Field, SchemaFn, decode_value, encode_value};
use crate::index::{LastEvent, SnapshotRow, StateSnapshot};

/// What `#[aggregate(.., snapshot(..))]` says, and how the state becomes bytes and a state again.
pub struct Snapshots<A: Aggregate> {
    policy: Policy<A>,
    handlers: &'static [u64],
    revision: u64,
    schema: SchemaFn,
    encode: fn(&A, &mut Vec<u8>) -> Result<(), EncodeError>,
    decode: fn(&[u8]) -> Result<A, EncodeError>,
    fingerprint: OnceLock<Fingerprint>,
}

/// A state that can be archived.
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` cannot be kept in a snapshot",
    label = "needs `#[derive(VarveValue)]`, and fields that can all be stored; or leave `snapshot(..)` out"
)]
pub trait SnapshotState: Field {}

#[diagnostic::do_not_recommend]
impl<T: Field> SnapshotState for T {}

/// Snapshots of an aggregate whose event handlers have these hashes; its policy is said by the methods.
pub const fn snapshots<A: Aggregate + SnapshotState>(handlers: &'static [u64]) -> Snapshots<A> {
    Snapshots {
        policy: Policy::NEVER,
        handlers,
        revision: 1,
        schema: <A as Field>::schema,
        encode: encode_value::<A>,
        decode: decode_value::<A>,
        fingerprint: OnceLock::new(),
    }
}

/// What generated code calls, one for each setting.
impl<A: Aggregate> Snapshots<A> {
    /// After so many events since the last snapshot.
    #[must_use]
    pub const fn every(mut self, events: u64) -> Self {
        self.policy.every = Some(events);
        self
    }

    /// After a load that replayed longer than this.
    #[must_use]
    pub const fn after_replay(mut self, micros: u64) -> Self {
        self.policy.after_replay_micros = Some(micros);
        self
    }

    /// After events of this kind.
    #[must_use]
    pub const fn on(mut self, is_met: fn(&<A::Event as Event>::View<'_>) -> bool) -> Self {
        self.policy.on = Some(is_met);
        self
    }

    /// The user's own number for what the macro cannot see.
    #[must_use]
    pub const fn revision(mut self, revision: u64) -> Self {
        self.revision = revision;
        self
    }
}

impl<A: Aggregate> Snapshots<A> {
    /// When a snapshot is due.
    pub(super) fn policy(&self) -> &Policy<A> {
        &self.policy
    }

    /// The state in a row, and its last event. The state's bytes are not touched unless this
    /// program's own fingerprint stands before them.
    pub(super) fn read(&self, row: SnapshotRow<'_>) -> Result<(A, LastEvent), Unusable> {
        let found = row.fingerprint().map_err(Unusable::damaged)?;
        if let Some(changed) = self.fingerprint().difference(found) {
            return Err(Unusable::Changed(changed));
        }
        let StateSnapshot { last, state, .. } = row.open().map_err(Unusable::damaged)?;
        match (self.decode)(state) {
            Ok(state) => Ok((state, last)),
            Err(error) => Err(Unusable::Damaged(error.to_string())),
        }
    }

    /// Hands the snapshot of a state to `keep`.
    pub(super) fn write<T>(
        &self,
        state: &A,
        last: LastEvent,
        keep: impl FnOnce(&StateSnapshot<'_>) -> T,
    ) -> Result<T, EncodeError> {
        let mut bytes = Vec::new();
        (self.encode)(state, &mut bytes)?;
        Ok(keep(&StateSnapshot {
            fingerprint: self.fingerprint().to_bytes(),
            last,
            state: &bytes,
            owners: &[],
        }))
    }

    fn fingerprint(&self) -> &Fingerprint {
        self.fingerprint.get_or_init(|| {
            let layout = (self.schema)().text();
            let state = (A::NAME, &*layout);
            Fingerprint::new(state, self.handlers, A::Event::schemas(), self.revision)
        })
    }
}

impl<A: Aggregate> fmt::Debug for Snapshots<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshots")
            .field("policy", &self.policy)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// Why a snapshot is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// Another program made it, and this has changed since.
    Changed(&'static str),
    /// Its bytes are not what was written.
    Damaged(String),
}

impl Unusable {
    fn damaged(what: &'static str) -> Self {
        Self::Damaged(what.to_owned())
    }
}
