//! Snapshots of aggregates: when one is taken, what it is made by, and how it is read again.

mod fingerprint;
mod policy;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use self::fingerprint::Fingerprint;
pub(super) use self::policy::Loaded;
use self::policy::Policy;
use super::Aggregate;
use crate::codec::{
    EncodeError, Event, Own, Owners, Reading, SchemaFn, Stored, StoredError, Writing,
};
use crate::event::Boxes;
use crate::index::{LastEvent, SnapshotRow, StateSnapshot};
use crate::pii::{BoxKind, KeptContext, Subject};
use crate::store::{AppendError, Store};
use crate::stream::{NameError, StreamId};

/// What `#[aggregate(.., snapshot(..))]` says, and how the state becomes bytes and a state again.
pub struct Snapshots<A: Aggregate> {
    policy: Policy<A>,
    handlers: &'static [u64],
    revision: u64,
    schema: SchemaFn,
    own: Option<Own<A::Id>>,
    codec: StateCodec<A>,
    fingerprint: OnceLock<Fingerprint>,
}

/// How a state becomes bytes and a state again.
struct StateCodec<A> {
    owners: fn(&A, Option<&Subject>, &mut Owners) -> Result<(), NameError>,
    write: fn(&A, &mut Writing<'_>, &mut Vec<u8>) -> Result<(), EncodeError>,
    read: fn(&[u8], &Reading<'_>) -> Result<A, StoredError>,
}

/// A state that can be archived.
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` cannot be kept in a snapshot",
    label = "needs `#[derive(VarveValue)]`, and fields that can all be stored; or leave `snapshot(..)` out"
)]
pub trait SnapshotState: Stored {}

#[diagnostic::do_not_recommend]
impl<T: Stored> SnapshotState for T {}

/// Snapshots of an aggregate whose event handlers have these hashes, and whose id names a person by `own`, if it
/// does; its policy is said by the methods.
///
/// # Panics
///
/// Where nobody is named whom the state's personal data is about; in a `static`, that is a compile error.
pub const fn snapshots<A: Aggregate + SnapshotState>(
    handlers: &'static [u64],
    own: Option<Own<A::Id>>,
) -> Snapshots<A> {
    assert!(
        own.is_some() || !A::NEEDS_OWNER,
        "a state with personal data needs to know whom it is about: say of the aggregate's id what kind of person \
         it names, `#[varve(subject = \"person\")]`, or name a field of the state, `#[pii(subject = person)]`"
    );
    Snapshots {
        policy: Policy::NEVER,
        handlers,
        revision: 1,
        schema: <A as Stored>::layout,
        own,
        codec: StateCodec {
            owners: <A as Stored>::owners,
            write: <A as Stored>::write,
            read: <A as Stored>::read,
        },
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
    pub(super) fn read(
        &self,
        row: SnapshotRow<'_>,
        (stream, boxes): (&StreamId, Boxes<'_>),
    ) -> Result<(A, LastEvent), Unusable> {
        let found = row.fingerprint().map_err(Unusable::damaged)?;
        if let Some(changed) = self.fingerprint().difference(found) {
            return Err(Unusable::Changed(changed));
        }
        let StateSnapshot { last, state, .. } = row.open().map_err(Unusable::damaged)?;
        let name = || name_of::<A>(stream);
        let context = KeptContext::new(BoxKind::State, &name);
        match (self.codec.read)(state, &Reading::new(boxes, context)) {
            Ok(state) => Ok((state, last)),
            Err(error) => Err(Unusable::Damaged(error.to_string())),
        }
    }

    /// Hands the snapshot of a state to `keep`.
    pub(super) fn write<T>(
        &self,
        (state, id): (&A, &A::Id),
        last: LastEvent,
        (store, stream): (&Store, &StreamId),
        keep: impl FnOnce(&StateSnapshot<'_>) -> T,
    ) -> Result<T, NotTaken> {
        let own = self.own.map(|own| own(id)).transpose()?;
        let mut owners = Owners::new();
        (self.codec.owners)(state, own.as_ref(), &mut owners)?;
        let ready = store.keys_to_keep(&owners)?;
        let name = || name_of::<A>(stream);
        let context = KeptContext::new(BoxKind::State, &name);
        let mut writing = ready.writing(own.as_ref(), context);
        let mut bytes = Vec::new();
        (self.codec.write)(state, &mut writing, &mut bytes)?;
        Ok(keep(&StateSnapshot {
            fingerprint: self.fingerprint().to_bytes(),
            last,
            state: &bytes,
            owners: &writing.keys(),
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

/// What the boxes of a state are bound to.
fn name_of<A: Aggregate>(stream: &StreamId) -> (String, Cow<'static, [u8]>) {
    (A::NAME.to_owned(), stream.to_string().into_bytes().into())
}

/// Why no snapshot was taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotTaken {
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Keys(#[from] AppendError),
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
