#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! - [`prelude`]: the macros and the words of every day.
//! - [`Repository`] and [`Root`]: aggregates. [`Processor`] and [`projection`](mod@projection): read models.
//! - [`Store`]: the floor below, without types. [`blocking`]: all of it without `await`.

// Generated code says `::varvedb::…`; so do the examples and tests inside this crate.
extern crate self as varvedb;

#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod __fuzz;
mod aggregate;
pub mod blocking;
mod clock;
mod codec;
mod definition;
mod directory;
mod error;
mod event;
mod hex;
mod index;
mod log;
mod pii;
mod position;
pub mod projection;
mod store;
mod stream;
pub mod testing;
mod vault;

pub use crate::aggregate::{
    Aggregate, AsOf, Command, ExecuteError, IntoEvents, LoadError, Rejected, Repository, Root,
    SaveError, Saved,
};
pub use crate::clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use crate::codec::{
    DecodeError, DynamicError, DynamicSchema, DynamicValue, Event, EventView, Field, PiiList,
    PiiOption, PiiView, Revision, RowKey, Scratch, Seq, SeqIter, SeqMap, SeqMapIter, Split,
    Unknown, Upcast, Views, ViewsIter,
};
pub use crate::error::{Damage, StorageError};
pub use crate::event::{
    Meta, Metadata, MetadataError, MetadataRef, NewEvent, RecordedEvent, TypeName,
};
pub use crate::pii::{Fenced, KeyId, Pii, PiiError, PiiField, Subject, SubjectKey};
pub use crate::position::{Position, Version};
pub use crate::projection::{Processor, ProcessorError, Projection};
pub use crate::store::{
    AppendError, Appended, CopyError, CopyProgress, CopyReport, CopyTo, Durability,
    ExpectedVersion, ExplainError, Explainable, NewCommit, OpenError, OpenProgress, ReadError,
    ReadLog, ReadStream, RecordedEventBuf, RegisterError, Rewrite, RewriteError, Store,
    StoreOptions, StoreSize, VersionConflict,
};
pub use crate::stream::{
    Category, Key, KeyKind, KeyRef, NameError, StreamId, StreamKey, StreamRef,
};

#[cfg(feature = "keyring")]
pub use crate::vault::OsKeyring;
pub use crate::vault::{
    KeeperError, KeyRing, Ledger, MasterKey, MasterKeyError, MasterKeyId, MasterKeys, Media,
    RollProgress, RootId, RootKeeper, RootKey, VaultError, VaultOptions,
};

#[doc = include_str!("macros/event.md")]
pub use varvedb_derive::VarveEvent;
#[doc = include_str!("macros/id.md")]
pub use varvedb_derive::VarveId;
#[doc = include_str!("macros/revision.md")]
pub use varvedb_derive::VarveRevision;
#[doc = include_str!("macros/value.md")]
pub use varvedb_derive::VarveValue;
#[doc = include_str!("macros/aggregate.md")]
pub use varvedb_derive::aggregate;
#[doc = include_str!("macros/apply.md")]
pub use varvedb_derive::apply;
#[doc = include_str!("macros/command.md")]
pub use varvedb_derive::command;
#[doc = include_str!("macros/on.md")]
pub use varvedb_derive::on;
#[doc = include_str!("macros/projection.md")]
pub use varvedb_derive::projection;

// Their examples run with the others.
#[cfg(doctest)]
#[doc = include_str!("../../docs/schema.md")]
struct SchemaPage;
#[cfg(doctest)]
#[doc = include_str!("../../docs/privacy.md")]
struct PrivacyPage;
#[cfg(doctest)]
#[doc = include_str!("../../docs/fields.md")]
struct FieldsPage;

/// What a store does for the people its data is about: shred it, hand it out, find it, and say what it has.
///
/// See `docs/privacy.md` for what is promised, and under which assumptions.
pub mod privacy {
    pub use crate::store::{
        Keys, LookupError, Reenroll, Report, Shred, ShredError, ShredReceipt, SubjectAccess,
        SubjectEvent, SubjectEventView, SubjectExport, SubjectRecord, SubjectReenrolled,
        SubjectShredded, report,
    };
}

/// The words of every day.
///
/// ```
/// use varvedb::prelude::*;
/// ```
pub mod prelude {
    pub use crate::projection::{Table, TableError, Tables};
    pub use crate::{
        Meta, Pii, PiiView, Position, Processor, Rejected, Repository, Root, Scratch, Seq, Split,
        Store, Upcast, VarveEvent, VarveId, VarveRevision, VarveValue, Version, aggregate, apply,
        command, on, projection,
    };
}

/// What generated code calls. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use std::vec::Vec;

    pub use rkyv;

    pub use crate::aggregate::{
        Aggregate, Command, IntoEvents, NotCreated, Rejected, Root, Snapshots, absent, created,
        existing, into_events, snapshots,
    };
    pub use crate::codec::{
        AsArchive, AsField, DecodeError, EncodeError, Encoder, Event, EventSchema, EventView,
        Field, FieldSchema, IdValue, Lent, NoId, OwnId, Pair, Record, Revision, RowKey, Schema,
        SchemaFn, Scratch, Split, SplitType, Upcast, Validator, VariantSchema, Views, access,
        encode, stream_key,
    };
    pub use crate::codec::{CompleteId, IdProbe, IncompleteId, foreign};
    pub use crate::codec::{
        DatumIn, LookupEntry, Lookups, NoOwn, Own, OwnProbe, Owners, Personal, PiiView, Reading,
        Row, Sealed, SealedBytes, Sealer, Sealing, Stored, StoredError, Writing, plain, seal,
        sealed, sealing,
    };
    pub use crate::codec::{LayoutProbe, NoRevision, NoView, OldLayout};
    pub use crate::event::{Meta, RecordedEvent, present_hash, recorded_hash, type_hash};
    pub use crate::pii::{LayoutFn, PiiError, PiiField, Subject, SubjectKey};
    pub use crate::projection::{
        HandlerError, HandlerResult, Home, Interest, Projection, Tables, handled,
    };
    pub use crate::store::SubjectShredded;
    pub use crate::stream::{Key, KeyRef, NameError, StreamKey};
}
