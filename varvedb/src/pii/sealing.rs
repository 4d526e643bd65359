//! The seam between what is personal and how it is encrypted: boxes are sealed and opened through it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Pii, PiiError, PlainBox, Subject};
use crate::event::type_hash;
use crate::hex::Hex;

/// Names a data key: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

/// Whose data a box holds, and what for. Each owner has a data key of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BoxOwner {
    /// The person.
    pub(crate) subject: Subject,
    /// The purpose; `general` unless the field names one.
    pub(crate) purpose: &'static str,
}

/// In what a box lies. Boxes of one kind cannot be opened as boxes of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoxKind {
    /// An event.
    Event,
    /// The state of an aggregate, in a snapshot.
    State,
    /// A row of a read model.
    Row,
}

/// What a box is bound to: moved elsewhere, it does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BoxContext {
    /// In what it lies.
    pub(crate) kind: BoxKind,
    /// The event's id; of a state or row, what is made of its name and key.
    pub(crate) id: Uuid,
    /// The hash of the stored name of the event's type; of a state or row, of the name of its aggregate or table.
    pub(crate) type_hash: u64,
    /// The stored revision; 0 of a state or row.
    pub(crate) revision: u16,
    /// Which of the boxes of one event, from 0.
    pub(crate) number: u8,
}

impl BoxContext {
    /// The context of the first box of an event with this id, hash of its type's name, and revision.
    pub(crate) const fn of_event(id: Uuid, type_hash: u64, revision: u16) -> Self {
        Self {
            kind: BoxKind::Event,
            id,
            type_hash,
            revision,
            number: 0,
        }
    }
}

/// The context of what is kept beside the log, by the name of what it is and its key. It is made when the first
/// box is met, for most of what is kept has none.
pub(crate) struct KeptContext<'a> {
    kind: BoxKind,
    name: &'a dyn Fn() -> (String, Cow<'a, [u8]>),
    made: OnceCell<BoxContext>,
}

impl<'a> KeptContext<'a> {
    /// Of what `name` gives the name and the key.
    pub(crate) fn new(kind: BoxKind, name: &'a dyn Fn() -> (String, Cow<'a, [u8]>)) -> Self {
        Self {
            kind,
            name,
            made: OnceCell::new(),
        }
    }

    /// Of its `number`-th box.
    pub(crate) fn of_box(&self, number: usize) -> BoxContext {
        BoxContext {
            number: u8::try_from(number).unwrap_or(u8::MAX),
            ..*self.made.get_or_init(|| self.make())
        }
    }

    fn make(&self) -> BoxContext {
        let (name, key) = (self.name)();
        let digest = Sha256::new_with_prefix(&name)
            .chain_update([0x1f])
            .chain_update(&key)
            .finalize();
        BoxContext {
            kind: self.kind,
            id: Uuid::from_bytes(digest.first_chunk().copied().unwrap_or_default()),
            type_hash: type_hash(&name),
            revision: 0,
            number: 0,
        }
    }
}

impl fmt::Debug for KeptContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptContext")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Opens boxes: the key vault.
pub(crate) trait OpenBoxes: fmt::Debug + Send + Sync {
    /// What is in the box, or [`Pii::Shredded`] if the tombstone of its data key says so.
    fn open(&self, sealed: &[u8], context: &BoxContext) -> Result<Pii<PlainBox>, PiiError>;
}

/// Seals boxes: data keys that were made ready for the owners before.
pub(crate) trait SealBoxes: fmt::Debug {
    /// Writes the sealed box behind `out`, and gives the id of the data key. The same bytes are sealed
    /// otherwise each time.
    fn seal(
        &self,
        owner: &BoxOwner,
        context: &BoxContext,
        plain: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<KeyId, SealError>;
}

/// Why a box was not sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SealError {
    /// There is no key vault.
    #[error(
        "an event holds personal data of {subject}, and the store was opened without a key vault; \
         name one: `Store::options().vault(..)`"
    )]
    NoVault {
        /// Whose.
        subject: Subject,
    },
    /// No key was made ready for the owner.
    #[error("there is no data key of {subject} for the purpose `{purpose}`")]
    NoKey {
        /// Whose.
        subject: Subject,
        /// What for.
        purpose: &'static str,
    },
    /// A field that was shredded cannot be stored anew.
    #[error(
        "`{field}` is shredded, and what is gone cannot be stored again; leave it out or give a new value"
    )]
    Shredded {
        /// The field's stored name.
        field: &'static str,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {what}")]
    NoRandom {
        /// What it said.
        what: String,
    },
}

impl KeyId {
    /// The id that stands in a box, where its bytes are at least a header.
    pub(crate) fn of_box(sealed: &[u8]) -> Option<Self> {
        sealed.get(4..20)?.first_chunk().copied().map(Self)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}
