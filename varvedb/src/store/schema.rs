//! The shapes of events: compared with those in the store, recorded when they are new.

use tokio::sync::oneshot;

use super::names::is_sealed;
use super::writer::{Job, NewSchema};
use super::{AppendError, Store};
use crate::codec::{EventSchema, OPAQUE, Unknown, drift};
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
         update the program{}",
        since(*.known, .changes)
    )]
    Newer {
        /// The event's type.
        type_name: &'static str,
        /// The newest revision in the store.
        stored: u16,
        /// The newest revision in the program.
        known: u16,
        /// What is different in the newest, field by field; nothing where it was stored without a layout.
        changes: Vec<String>,
    },
    /// The store has the layout of a revision and that of a later one, but none in between.
    #[error(
        "event `{type_name}` is stored at revision {later}, but the store lacks the layout of revision \
         {revision}, so nobody can say whether the program's is right: {}\n  revision {later}, stored: \
         {stored}\n  revision {revision}, now:    {now}\nA store records all revisions up to the newest at \
         once, so a part of its log is missing, or was left out when it was copied. Put it back, or copy \
         the store again as a whole",
        .changes.join("; ")
    )]
    Gap {
        /// The event's type.
        type_name: &'static str,
        /// The revision that the store lacks.
        revision: u16,
        /// The next revision after it that the store has.
        later: u16,
        /// The layout in the store of that later revision.
        stored: String,
        /// The layout of the missing revision in the program.
        now: String,
        /// What the later one has differently, field by field.
        changes: Vec<String>,
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
    /// The event holds personal data, and the store was opened without a key vault.
    #[error(
        "event `{type_name}` holds personal data, and the store was opened without a key vault to seal it; \
         name one: `Store::options().vault(..)`"
    )]
    NoVault {
        /// The event's type.
        type_name: &'static str,
    },
    /// The schemas could not be recorded.
    #[error("could not record the schemas of events: {0}")]
    Append(Box<AppendError>),
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a newer revision has differently.
fn since(known: u16, changes: &[String]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    format!("; since revision {known}: {}", changes.join("; "))
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
        self.check_vault(&new)?;
        let (reply, answer) = oneshot::channel();
        self.send(Job::Register(new, reply)).await?;
        answer.await.map_err(|_| self.writer_is_gone())??;
        // Somebody else may have recorded another shape between the check and the answer.
        self.check_schemas(schemas).map(drop)
    }

    /// Layouts with personal data are let in only where it can be sealed.
    fn check_vault(&self, new: &[NewSchema]) -> Result<(), RegisterError> {
        if self.readable()?.custody().is_some() {
            return Ok(());
        }
        match new.iter().find(|schema| is_sealed(&schema.text)) {
            Some(schema) => Err(RegisterError::NoVault {
                type_name: schema.type_name,
            }),
            None => Ok(()),
        }
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

    /// Compares the schemas for a reader that does with newer revisions what it says.
    pub(crate) fn check_schemas_for(
        &self,
        schemas: &'static [EventSchema],
        unknown: Unknown,
    ) -> Result<(), RegisterError> {
        match (self.check_schemas(schemas), unknown) {
            (Err(RegisterError::Newer { .. }), Unknown::Skip) => self.check_known(schemas),
            (checked, _) => checked.map(drop),
        }
    }

    /// Compares only what the program knows, in a store that knows more.
    fn check_known(&self, schemas: &'static [EventSchema]) -> Result<(), RegisterError> {
        for schema in schemas {
            for name in schema.aliases.iter().chain([&schema.name]) {
                self.check_layouts(name, schema)?;
            }
        }
        self.registered_mut().learn_names(schemas);
        Ok(())
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
            let stored = |revision| names.schema(type_id, revision);
            check_revisions(name, schema, names.newest_revision(type_id), stored)?;
        }
        self.check_layouts(name, schema)
    }

    fn check_layouts(
        &self,
        name: &'static str,
        schema: &'static EventSchema,
    ) -> Result<Vec<NewSchema>, RegisterError> {
        let names = self.readable()?.names();
        let type_id = names.type_id(name).ok().flatten();
        let mut new = Vec::new();
        for (revision, layout) in (1..).zip(schema.revisions) {
            let stored = type_id.and_then(|type_id| names.schema(type_id, revision));
            new.extend(check_layout(name, (revision, layout.text()), stored)?);
        }
        Ok(new)
    }
}

/// Compares which revisions there are: none may be newer than the program, and none left out.
fn check_revisions<'a>(
    type_name: &'static str,
    schema: &EventSchema,
    newest: u16,
    stored: impl Fn(u16) -> Option<&'a str>,
) -> Result<(), RegisterError> {
    let known = schema.current_revision();
    if newest > known {
        let layout = stored(newest).filter(|layout| *layout != OPAQUE);
        return Err(RegisterError::Newer {
            type_name,
            stored: newest,
            known,
            changes: layout.map_or_else(Vec::new, |layout| drift(&text_of(schema, known), layout)),
        });
    }
    // Events without types are recorded one revision at a time; what they are is told by `Drift`.
    let is_typed = |revision: &u16| stored(*revision).is_some_and(|text| text != OPAQUE);
    let later = (1..=newest).rev().find(is_typed).unwrap_or(0);
    match (1..later).find(|revision| stored(*revision).is_none()) {
        Some(revision) => Err(gap(type_name, schema, revision, is_typed, &stored)),
        None => Ok(()),
    }
}

/// The first revision that the store lacks is this one; it has a later one.
fn gap<'a>(
    type_name: &'static str,
    schema: &EventSchema,
    revision: u16,
    is_typed: impl Fn(&u16) -> bool,
    stored: impl Fn(u16) -> Option<&'a str>,
) -> RegisterError {
    let now = text_of(schema, revision);
    let later = (revision..=schema.current_revision()).find(is_typed);
    let later = later.unwrap_or(revision);
    let stored = stored(later).unwrap_or_default();
    RegisterError::Gap {
        type_name,
        revision,
        later,
        changes: drift(&now, stored),
        stored: stored.to_owned(),
        now,
    }
}

/// The program's layout of a revision.
fn text_of(schema: &EventSchema, revision: u16) -> String {
    let layout = schema
        .revisions
        .get(usize::from(revision).saturating_sub(1));
    layout.map(|layout| layout.text()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VarveEvent;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "tide")]
    enum TideEvent {
        #[varve(revision = 3, alias = "began")]
        Turned {
            metres: f64,
            #[varve(since = 2, default = "")]
            harbour: String,
            #[varve(since = 3, default = false)]
            is_spring: bool,
        },
        Ended {
            at: u64,
        },
    }

    /// A store that was told of these layouts, and of none between them.
    fn store_with(schemas: &[(&'static str, u16, &str)]) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("sea.varve")).unwrap();
        let new = schemas
            .iter()
            .map(|&(type_name, revision, text)| NewSchema {
                type_name,
                revision,
                text: text.to_owned(),
            });
        let (reply, answer) = oneshot::channel();
        let registered = async {
            store
                .send(Job::Register(new.collect(), reply))
                .await
                .unwrap();
            answer.await.unwrap().unwrap();
        };
        pollster::block_on(registered);
        (folder, store)
    }

    fn refusal(schemas: &[(&'static str, u16, &str)]) -> String {
        let (_folder, store) = store_with(schemas);
        let refused = pollster::block_on(store.register::<TideEvent>());
        refused.unwrap_err().to_string()
    }

    #[test]
    fn a_revision_that_the_store_lacks_between_two_others_is_a_gap() {
        insta::assert_snapshot!(refusal(&[
            ("tide.turned", 1, "{metres: f64}"),
            (
                "tide.turned",
                3,
                "{metres: f64, harbour: str, is_spring: bool}"
            ),
        ]));
    }

    #[test]
    fn a_store_that_begins_with_a_later_revision_has_a_gap_before_it() {
        insta::assert_snapshot!(refusal(&[(
            "tide.turned",
            2,
            "{metres: f64, harbour: str}"
        )]));
    }

    #[test]
    fn under_a_former_name_revisions_are_counted_too() {
        insta::assert_snapshot!(refusal(&[("tide.began", 2, "{metres: f64, harbour: str}")]));
    }

    #[test]
    fn a_newer_store_says_what_is_new() {
        insta::assert_snapshot!(refusal(&[("tide.ended", 2, "{at: u64, by: str}")]));
    }

    #[test]
    fn an_event_without_a_type_makes_no_gap_but_is_not_read_as_a_typed_one() {
        insta::assert_snapshot!(refusal(&[("tide.turned", 3, OPAQUE)]));
    }

    #[test]
    fn what_is_missing_at_the_end_is_no_gap_but_new() {
        let (_folder, store) = store_with(&[("tide.turned", 1, "{metres: f64}")]);
        pollster::block_on(store.register::<TideEvent>()).unwrap();
    }
}
