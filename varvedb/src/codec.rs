//! Events to bytes and back: field types, records, schemas. Knows nothing of files.

mod complete_id;
mod event;
mod field;
mod id;
mod record;
mod schema;

pub use self::complete_id::{CompleteId, IdProbe, IncompleteId};
pub use self::event::{
    DecodeError, Event, EventSchema, EventView, NoId, access, foreign, stream_key,
};
pub use self::field::{EncodeError, Encoder, Field, Validator};
pub use self::id::IdValue;
pub use self::record::{AsArchive, Pair, Record, encode};
pub use self::schema::{FieldSchema, Schema, SchemaFn, VariantSchema};
