//! What `#[derive(VarveEvent)]` implements, and the little that its code calls.

use std::fmt::Debug;

use rkyv::Portable;
use rkyv::bytecheck::CheckBytes;

use super::field::{EncodeError, Validator};
use super::personal::{Lookups, Owners, Sealer};
use super::schema::Schema;
use super::scratch::Scratch;
use crate::event::RecordedEvent;
use crate::pii::{PiiError, PiiField};
use crate::stream::{Key, NameError, StreamKey};

/// The events of one aggregate: an enum with `#[derive(VarveEvent)]`.
pub trait Event: Sized + Send + 'static {
    /// The category of the streams that hold these events.
    const CATEGORY: &'static str;
    /// The enum's name in Rust, for messages.
    const NAME: &'static str;
    /// The type of the `#[stream_id]` fields; [`NoId`] when the aggregate supplies the id.
    type Id;
    /// Any of these events, borrowed from the log or from `self`.
    type View<'a>: Debug;

    /// What is personal in these events: for the record of processing, see
    /// [`privacy::report`](crate::privacy::report).
    const PII_INVENTORY: &'static [PiiField] = &[];

    /// Whether some revision has boxes of personal data, which are bound to the events' ids.
    #[doc(hidden)]
    const HAS_BOXES: bool = false;

    /// All types, in the order of the variants, each with the schemas of all its revisions.
    fn schemas() -> &'static [EventSchema];
    /// The event's own stream, if it names one.
    fn stream_id(&self) -> Option<Self::Id>;
    /// Which of [`Event::schemas`] this event has.
    fn schema_index(&self) -> usize;
    /// Writes the payload behind `out`, as an archive of its own. Of an event with personal data it is an error:
    /// that is [sealed](Self::encode_sealed).
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Whose personal data is in it, and what for.
    fn owners(&self, owners: &mut Owners) -> Result<(), NameError> {
        let _ = owners;
        Ok(())
    }
    /// Writes the payload with what is personal sealed in boxes.
    fn encode_sealed(&self, sealer: &mut Sealer<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let _ = sealer;
        self.encode(out)
    }
    /// What an event can be found by: `#[pii(lookup = ..)]`.
    fn lookups(view: &Self::View<'_>, lookups: &mut Lookups) -> Result<(), PiiError> {
        let _ = (view, lookups);
        Ok(())
    }
    /// The event as handlers see it.
    fn view(&self) -> Self::View<'_>;
    /// A recorded event of any revision as handlers see it, read where it lies: one view, or several
    /// of an old one that is [split](super::Split). What an upcast has to make for it is kept in `scratch`.
    ///
    /// This is the one way from stored bytes to events.
    fn decode<'a>(
        event: &RecordedEvent<'a>,
        scratch: &'a Scratch,
    ) -> Result<Views<Self::View<'a>>, DecodeError>;
    /// The event that a view shows, owned.
    fn from_view(view: Self::View<'_>) -> Self;
}

/// The view of one variant, such as `AccountOpened<'_>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the view of an event",
    label = "expected an event view, such as `AccountOpened<'_>`",
    note = "`#[derive(VarveEvent)] enum AccountEvent {{ Opened {{ .. }} }}` makes the view `AccountOpened<'_>`"
)]
pub trait EventView<'a>: Sized {
    /// [`type_hash`](crate::__private::type_hash) of the stored name.
    const HASH: u64;
    /// The stored name, such as `account.opened`.
    const NAME: &'static str;

    /// [`type_hash`](crate::__private::type_hash) of the names that it had before.
    const ALIASES: &'static [u64];

    /// Every type of the enum this view belongs to: what the store must know to read it.
    fn schemas() -> &'static [EventSchema];
    /// The view of a recorded event of this type, of any revision that is not split; see
    /// [`Event::decode`].
    fn decode(event: &RecordedEvent<'a>, scratch: &'a Scratch) -> Result<Self, DecodeError>;

    /// Which recorded events of the enum this view belongs to are several present ones.
    #[doc(hidden)]
    const SPLITS: &'static [SplitType] = &[];

    /// Whether a recorded event is one of these.
    #[doc(hidden)]
    #[inline]
    fn is_split(event: &RecordedEvent<'_>) -> bool {
        let meta = event.meta();
        Self::SPLITS.iter().any(|split| {
            meta.revision() <= split.up_to_revision && split.hashes.contains(&meta.type_hash)
        })
    }

    /// For each part of an event that is split, in order, the view, if the part is of this type.
    #[doc(hidden)]
    fn parts(
        event: &RecordedEvent<'a>,
        scratch: &'a Scratch,
    ) -> Result<Vec<Option<Self>>, DecodeError> {
        let _ = (event, scratch);
        Ok(Vec::new())
    }
}

/// A type of which old revisions are several present events.
#[derive(Clone, Copy, Debug)]
pub struct SplitType {
    /// The hashes of its names, present and former.
    pub hashes: &'static [u64],
    /// The last of the revisions that are split, as all before it are.
    pub up_to_revision: u16,
}

/// What a recorded event is to the program: one view, or several of an old event that is
/// [split](super::Split); to be gone through in order.
#[derive(Clone, Debug)]
#[must_use = "they are gone through by `for` or `try_each`"]
pub struct Views<V>(Few<V>);

#[derive(Clone, Debug)]
enum Few<V> {
    One(V),
    Several(Vec<V>),
}

impl<V> Views<V> {
    /// The event is what it was.
    #[inline]
    pub fn one(view: V) -> Self {
        Self(Few::One(view))
    }

    /// The event is split.
    pub fn several(parts: impl IntoIterator<Item = V>) -> Self {
        Self(Few::Several(parts.into_iter().collect()))
    }

    /// Whether the event is split into none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many they are.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.0 {
            Few::One(_) => 1,
            Few::Several(parts) => parts.len(),
        }
    }

    /// Hands each to `visitor`, until one fails: where events are many, it is a little quicker than
    /// `for`.
    #[inline]
    pub fn try_each<E>(self, mut visitor: impl FnMut(V) -> Result<(), E>) -> Result<(), E> {
        match self.0 {
            Few::One(view) => visitor(view),
            Few::Several(parts) => parts.into_iter().try_for_each(visitor),
        }
    }
}

impl<V> IntoIterator for Views<V> {
    type Item = V;
    type IntoIter = ViewsIter<V>;

    #[inline]
    fn into_iter(self) -> ViewsIter<V> {
        match self.0 {
            Few::One(view) => ViewsIter(Some(view), Vec::new().into_iter()),
            Few::Several(parts) => ViewsIter(None, parts.into_iter()),
        }
    }
}

/// The [`Views`] of an event, one after another.
#[derive(Clone, Debug)]
pub struct ViewsIter<V>(Option<V>, std::vec::IntoIter<V>);

impl<V> Iterator for ViewsIter<V> {
    type Item = V;

    #[inline]
    fn next(&mut self) -> Option<V> {
        self.0.take().or_else(|| self.1.next())
    }
}

/// A type of event and the layouts of its revisions, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct EventSchema {
    /// The stored name, such as `account.opened`.
    pub name: &'static str,
    /// Its hash.
    pub hash: u64,
    /// One layout per revision; the last is the current one.
    pub revisions: &'static [Schema],
    /// The stored names that it had before; what lies under them is read as this type.
    pub aliases: &'static [&'static str],
    /// The stored names of types that its enum has retired: the same for all types of the enum.
    pub retired: &'static [&'static str],
}

impl EventSchema {
    /// The revision that is written.
    pub const fn current_revision(&self) -> u16 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the macro refuses more than u16::MAX"
        )]
        {
            self.revisions.len() as u16
        }
    }
}

/// The id of events that do not name their stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoId {}

/// The id by which an event names its own stream: any id, or [`NoId`].
pub trait OwnId {
    /// The key of that stream.
    fn to_own_key(&self) -> Result<Key, NameError>;
}

impl<I: StreamKey> OwnId for I {
    fn to_own_key(&self) -> Result<Key, NameError> {
        self.to_key()
    }
}

impl OwnId for NoId {
    fn to_own_key(&self) -> Result<Key, NameError> {
        match *self {}
    }
}

/// The type itself, named together with a lifetime: for views that have nothing to borrow.
pub trait Lent<'a> {
    /// The type.
    type Same;
}

impl<T> Lent<'_> for T {
    type Same = T;
}

/// A recorded event that cannot be shown as the view that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are not an archive of this layout.
    #[error("the stored bytes of `{type_name}` revision {revision} are not valid: {reason}")]
    Invalid {
        /// The stored name.
        type_name: &'static str,
        /// The stored revision.
        revision: u16,
        /// What the validation found.
        reason: String,
    },
    /// The event was stored by a newer program.
    #[error(
        "`{type_name}` was stored at revision {revision}, this program knows it up to {known}; \
         update the program"
    )]
    Newer {
        /// The stored name.
        type_name: &'static str,
        /// The stored revision.
        revision: u16,
        /// The newest revision this program knows.
        known: u16,
    },
    /// One view was asked of an event that is several: `history(split(..))`.
    #[error(
        "`{type_name}` revision {revision} is several events to this program; read it by \
         `Event::decode`"
    )]
    Split {
        /// The stored name.
        type_name: &'static str,
        /// The stored revision.
        revision: u16,
    },
    /// The event is of a type that the enum does not have.
    #[error(
        "`{type_name}` is not an event of `{expected}`; if it was one once, name it in \
         `#[varve(retired(\"..\"))]` or as the `alias` of a variant; if it is new, update the program"
    )]
    Foreign {
        /// The stored name.
        type_name: String,
        /// The enum.
        expected: &'static str,
    },
    /// The event is of a type that was there once: `#[varve(retired("..")]`. Who reads decides;
    /// [`Repository::load`](crate::Repository::load) passes it over and counts it.
    #[error("`{type_name}` is retired: this program passes it over")]
    Retired {
        /// The stored name.
        type_name: &'static str,
    },
    /// The stream's key does not name a stream of this aggregate.
    #[error("the key `{key}` of the stream of a `{type_name}` is not a valid `{id}`")]
    Key {
        /// The stored name.
        type_name: &'static str,
        /// The key.
        key: String,
        /// The id type.
        id: &'static str,
    },
}

/// Reads the payload of `event` as an archive, validated.
pub fn access<'a, A>(
    event: &RecordedEvent<'a>,
    type_name: &'static str,
) -> Result<&'a A, DecodeError>
where
    A: Portable + for<'c> CheckBytes<Validator<'c>>,
{
    super::record::decode::<A>(event.payload()).map_err(|error| DecodeError::Invalid {
        type_name,
        revision: event.meta().revision(),
        reason: error.to_string(),
    })
}

/// The id of the stream that `event` lies in.
pub fn stream_key<K: StreamKey>(
    event: &RecordedEvent<'_>,
    type_name: &'static str,
) -> Result<K, DecodeError> {
    K::from_key(event.stream().key()).ok_or_else(|| DecodeError::Key {
        type_name,
        key: event.stream().key().to_string(),
        id: std::any::type_name::<K>(),
    })
}

/// The stored name of an event that `E` has decoded.
pub(crate) fn known_name<E: Event>(event: &RecordedEvent<'_>) -> &'static str {
    let recorded = event.type_name();
    let schemas = E::schemas().iter();
    let mut names = schemas.flat_map(|schema| schema.aliases.iter().chain([&schema.name]));
    names
        .find(|name| **name == recorded)
        .copied()
        .unwrap_or_default()
}

/// What `E` answers to an event of a type that it does not have.
pub fn foreign<E: Event>(event: &RecordedEvent<'_>) -> DecodeError {
    DecodeError::Foreign {
        type_name: event.type_name().to_owned(),
        expected: E::NAME,
    }
}
