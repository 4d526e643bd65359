//! The shapes of events: compared with those in the store, recorded when they are new.

use tokio::sync::oneshot;

use super::writer::{Job, NewSchema};
use super::{AppendError, Store};
use crate::codec::{EventSchema, drift};
use crate::definition::Definition;
use crate::error::StorageError;

/// Why events were not let near the store.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The layout of an event has changed since it was stored.
    #[error(
        "event `{type_name}` revision {revision} has changed since it was stored: {}\n  stored: \
         {stored}\n  now:    {now}\nThe layout of stored events is fixed. Keep revision {revision} as it \
         was, and put what is new into a later one, `#[varve(revision = ..)]`: by `since` on new fields, or \
         by `history(..)`",
        .changes.join("; ")
    )]
    Drift {
        /// The event's type.
        type_name: &'static str,
        /// The revision.
        revision: u16,
        /// The layout in the store.
        stored: String,
        /// The layout in the program.
        now: String,
        /// What has changed, field by field.
        changes: Vec<String>,
    },
    /// The store holds a newer revision than the program knows.
    #[error(
        "event `{type_name}` is stored at revision {stored}, this program knows it up to {known}; \
         update the program"
    )]
    Newer {
        /// The event's type.
        type_name: &'static str,
        /// The newest revision in the store.
        stored: u16,
        /// The newest revision in the program.
        known: u16,
    },
    /// The layout of an event has more parts than a store records.
    #[error(
        "the layout of event `{type_name}` is {bytes} bytes long when written out, at most {limit} \
         can be recorded; give it fewer fields, or split it into several events"
    )]
    TooLong {
        /// The event's type.
        type_name: &'static str,
        /// Bytes of the layout's text.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The schemas could not be recorded.
    #[error("could not record the schemas of events: {0}")]
    Append(Box<AppendError>),
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<AppendError> for RegisterError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Storage(error) => Self::Storage(error),
            other => Self::Append(Box::new(other)),
        }
    }
}

impl Store {
    /// Compares the schemas with those in the store, and records the new ones.
    pub(crate) async fn register_all(
        &self,
        schemas: &'static [EventSchema],
    ) -> Result<(), RegisterError> {
        let new = self.check_schemas(schemas)?;
        if new.is_empty() || self.is_read_only() {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        self.send(Job::Register(new, reply)).await?;
        answer.await.map_err(|_| self.writer_is_gone())??;
        // Somebody else may have recorded another shape between the check and the answer.
        self.check_schemas(schemas).map(drop)
    }

    /// Compares the schemas with those in the store; gives those that it does not know yet.
    pub(crate) fn check_schemas(
        &self,
        schemas: &'static [EventSchema],
    ) -> Result<Vec<NewSchema>, RegisterError> {
        if self.registered().has_checked(schemas) {
            return Ok(Vec::new());
        }
        let mut new = Vec::new();
        for schema in schemas {
            self.check_schema(schema, &mut new)?;
        }
        let mut registered = self.registered_mut();
        registered.learn_names(schemas);
        if new.is_empty() {
            registered.remember_checked(schemas);
        }
        Ok(new)
    }

    /// Compares the type under its present name; and what was stored under its former ones, which is
    /// read as this type, but gets nothing new.
    fn check_schema(
        &self,
        schema: &'static EventSchema,
        new: &mut Vec<NewSchema>,
    ) -> Result<(), RegisterError> {
        new.extend(self.check_name(schema.name, schema)?);
        for alias in schema.aliases {
            self.check_name(alias, schema)?;
        }
        Ok(())
    }

    fn check_name(
        &self,
        name: &'static str,
        schema: &'static EventSchema,
    ) -> Result<Vec<NewSchema>, RegisterError> {
        let names = self.readable()?.names();
        let type_id = names
            .type_id(name)
            .map_err(|clash| AppendError::HashClash {
                known: clash.known,
                new: name.to_owned(),
            })?;
        if let Some(type_id) = type_id {
            let (stored, known) = (names.newest_revision(type_id), schema.current_revision());
            if stored > known {
                return Err(RegisterError::Newer {
                    type_name: name,
                    stored,
                    known,
                });
            }
        }
        let mut new = Vec::new();
        for (revision, layout) in (1..).zip(schema.revisions) {
            let stored = type_id.and_then(|type_id| names.schema(type_id, revision));
            new.extend(check_layout(name, (revision, layout.text()), stored)?);
        }
        Ok(new)
    }
}

/// Compares one layout with the stored one; gives what is to be recorded where there is none.
fn check_layout(
    type_name: &'static str,
    (revision, now): (u16, String),
    stored: Option<&str>,
) -> Result<Option<NewSchema>, RegisterError> {
    if now.len() > Definition::MAX_TEXT_BYTES {
        return Err(RegisterError::TooLong {
            type_name,
            bytes: now.len(),
            limit: Definition::MAX_TEXT_BYTES,
        });
    }
    match stored {
        None => Ok(Some(NewSchema {
            type_name,
            revision,
            text: now,
        })),
        Some(stored) if stored == now => Ok(None),
        Some(stored) => Err(RegisterError::Drift {
            type_name,
            revision,
            stored: stored.to_owned(),
            changes: drift(stored, &now),
            now,
        }),
    }
}
