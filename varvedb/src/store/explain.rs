//! Events explained by the store alone: it has the layout of each as text.

use super::{RecordedEventBuf, Store};
use crate::codec::{DynamicError, DynamicSchema, DynamicValue};
use crate::error::StorageError;
use crate::event::RecordedEvent;
use crate::position::Position;

impl Store {
    /// What an event says, read without the program that wrote it, by the layout that the store has
    /// of its type and revision. It is shown as JSON; see [`DynamicValue`].
    ///
    /// It is shown as it was stored: with the fields of its revision, nothing upcast. What its
    /// stream is called is no part of it, so its `#[stream_id]` is not there.
    ///
    /// An event that was appended without a layout, by [`Store::append`], is
    /// [`DynamicValue::Opaque`]. To explain many, take their [`schema`](Self::schema) once.
    ///
    /// ```
    /// # use varvedb::prelude::*;
    /// # use varvedb::{ExpectedVersion, StreamId, blocking};
    /// #[derive(VarveEvent)]
    /// #[varve(stream = "account")]
    /// enum AccountEvent {
    ///     Opened { #[stream_id] id: u64, owner: String, limit: Option<i64> },
    /// }
    /// # #[derive(Debug)] struct Account;
    /// # #[aggregate(id = u64, event = AccountEvent, error = std::convert::Infallible)]
    /// # impl Account {
    /// #     #[command]
    /// #     fn open(id: u64, owner: String) -> Result<AccountEvent, std::convert::Infallible> {
    /// #         Ok(AccountEvent::Opened { id, owner, limit: Some(-500) })
    /// #     }
    /// #     #[apply] fn opened(_: AccountOpened<'_>) -> Self { Self }
    /// # }
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path();
    /// # {
    /// # let repo = blocking::Repository::new(&Store::open(path)?);
    /// # let mut account = repo.fresh::<Account>(7);
    /// # account.open(7, "Ada".into())?;
    /// # repo.save(&mut account)?;
    /// # }
    /// // Another program, which does not know `AccountEvent`.
    /// let store = Store::open_read_only(path)?;
    /// for event in store.read_log().to_vec()? {
    ///     let value = store.explain(&event)?;
    ///     assert_eq!(value.to_string(), r#"{"owner":"Ada","limit":-500}"#);
    /// }
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain<'e>(
        &self,
        event: impl Into<Explainable<'e>>,
    ) -> Result<DynamicValue, ExplainError> {
        let event = event.into();
        let Some(schema) = self.schema(event.type_name, event.revision)? else {
            return Err(ExplainError::Unknown {
                type_name: event.type_name.to_owned(),
                revision: event.revision,
            });
        };
        let explained = schema.decode(event.payload);
        explained.map_err(|reason| ExplainError::Payload {
            type_name: event.type_name.to_owned(),
            revision: event.revision,
            position: event.position,
            reason,
        })
    }

    /// The layout of a type's revision, ready to read payloads; `None` if the store has none.
    pub fn schema(
        &self,
        type_name: &str,
        revision: u16,
    ) -> Result<Option<DynamicSchema>, ExplainError> {
        let names = self.readable()?.names();
        let text = names.schema_of(type_name, revision);
        let schema = text.map(DynamicSchema::parse).transpose();
        schema.map_err(|reason| ExplainError::Schema {
            type_name: type_name.to_owned(),
            revision,
            reason,
        })
    }
}

/// What [`Store::explain`] takes: a `&RecordedEvent` or a `&RecordedEventBuf`.
#[derive(Clone, Copy, Debug)]
pub struct Explainable<'a> {
    type_name: &'a str,
    revision: u16,
    position: Position,
    payload: &'a [u8],
}

impl<'a> From<&RecordedEvent<'a>> for Explainable<'a> {
    fn from(event: &RecordedEvent<'a>) -> Self {
        Self {
            type_name: event.type_name(),
            revision: event.meta().revision(),
            position: event.position(),
            payload: event.payload(),
        }
    }
}

impl<'a> From<&'a RecordedEventBuf> for Explainable<'a> {
    fn from(event: &'a RecordedEventBuf) -> Self {
        Self {
            type_name: event.type_name.as_str(),
            revision: event.revision,
            position: event.position,
            payload: &event.payload,
        }
    }
}

/// Why an event could not be explained.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The payload is not a value of its layout.
    #[error(
        "event `{type_name}` revision {revision} at position {} cannot be explained: {reason}",
        .position.get()
    )]
    Payload {
        /// The event's type.
        type_name: String,
        /// Its revision.
        revision: u16,
        /// Where it lies in the log.
        position: Position,
        /// What is wrong.
        reason: DynamicError,
    },
    /// The layout is not one that this version knows.
    #[error("events `{type_name}` of revision {revision} cannot be explained: {reason}")]
    Schema {
        /// The events' type.
        type_name: String,
        /// Their revision.
        revision: u16,
        /// What is wrong.
        reason: DynamicError,
    },
    /// The event is not one of this store.
    #[error(
        "the store has no layout of event `{type_name}` revision {revision}; ask the store that the \
         event was read from"
    )]
    Unknown {
        /// The event's type.
        type_name: String,
        /// Its revision.
        revision: u16,
    },
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
