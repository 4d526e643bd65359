//! Events to bytes and back: field types, records, schemas. Knows nothing of files.

mod as_field;
mod complete_id;
mod event;
mod field;
mod id;
mod old_layout;
mod payload;
mod personal;
mod record;
mod revision;
mod row_key;
mod schema;
mod scratch;
mod stored;
mod unknown;
mod value;

pub use self::as_field::AsField;
pub use self::complete_id::{CompleteId, IdProbe, IncompleteId};
pub(crate) use self::event::known_name;
pub use self::event::{
    DecodeError, Event, EventSchema, EventView, Lent, NoId, OwnId, SplitType, Views, ViewsIter,
    access, foreign, stream_key,
};
pub use self::field::{EncodeError, Encoder, Field, Seq, SeqIter, SeqMap, SeqMapIter, Validator};
pub use self::id::IdValue;
pub use self::old_layout::{LayoutProbe, NoRevision, NoView, OldLayout};
pub use self::personal::{
    DatumIn, LookupEntry, Lookups, Owners, Personal, PiiList, PiiOption, PiiView, Sealed,
    SealedBytes, Sealer, Sealing, plain, seal, sealed, sealing,
};
pub use self::record::{AsArchive, Pair, Record, encode};
pub use self::revision::{Revision, Split, Upcast};
pub use self::row_key::RowKey;
pub(crate) use self::schema::{ARCHIVE_FORMAT, OPAQUE, Sampler, drift};
pub use self::schema::{DynamicError, DynamicSchema, DynamicValue};
pub use self::schema::{FieldSchema, Schema, SchemaFn, VariantSchema};
pub use self::scratch::Scratch;
pub(crate) use self::stored::without_boxes;
pub use self::stored::{NoOwn, Own, OwnProbe, Reading, Row, Stored, StoredError, Writing};
pub use self::unknown::Unknown;
#[cfg(any(fuzzing, test, feature = "proptest"))]
pub(crate) use self::value::decode_value;
#[cfg(any(fuzzing, test))]
pub(crate) use self::value::encode_value;
