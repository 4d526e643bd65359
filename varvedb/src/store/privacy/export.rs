//! Subject access: all that a store has of one person.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Custody, ShredError};
use crate::clock::Timestamp;
use crate::codec::{DynamicSchema, DynamicValue};
use crate::error::StorageError;
use crate::event::{RecordedEvent, recorded_hash};
use crate::pii::{KeyId, OpenBoxes, Pii, Subject};
use crate::position::Position;
use crate::store::Store;
use crate::store::names::Names;
use crate::stream::StreamId;

/// A person, to be asked about.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked yet"]
pub struct SubjectAccess<'a> {
    store: &'a Store,
    subject: Subject,
}

/// All events that hold something about a person, in order, with what is theirs opened.
///
/// It shows as JSON, one event a line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SubjectExport {
    /// Who.
    pub subject: Subject,
    /// The events.
    pub events: Vec<SubjectRecord>,
}

/// An event that holds something about a person.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SubjectRecord {
    /// Its place in the log.
    pub position: Position,
    /// When it was recorded.
    pub time: Timestamp,
    /// The stream it is in.
    pub stream: StreamId,
    /// The stored name of its type.
    pub type_name: String,
    /// Which shape of its type it has.
    pub revision: u16,
    /// Its fields by their stored names: what is the person's is open, or `[shredded]`; what is of other persons
    /// stays sealed.
    pub fields: Vec<(String, DynamicValue)>,
}

impl Store {
    /// Asks about a person.
    ///
    /// ```
    /// # use varvedb::prelude::*;
    /// # use varvedb::{MasterKey, Subject, VaultOptions};
    /// # #[derive(VarveId, Clone, Copy, Debug, PartialEq)]
    /// # #[varve(subject = "person")]
    /// # struct PersonId(u64);
    /// # #[derive(VarveEvent)]
    /// # #[varve(stream = "person")]
    /// # enum PersonEvent { Registered { #[stream_id] id: PersonId, #[pii] email: Pii<String> } }
    /// # struct Person;
    /// # #[aggregate(id = PersonId, event = PersonEvent, error = std::convert::Infallible)]
    /// # impl Person {
    /// #     #[command]
    /// #     fn register(id: PersonId, email: String) -> Result<PersonEvent, std::convert::Infallible> {
    /// #         Ok(PersonEvent::Registered { id, email: email.into() })
    /// #     }
    /// #     #[apply]
    /// #     fn registered(_: PersonRegistered<'_>) -> Self { Self }
    /// # }
    /// # let folder = tempfile::tempdir()?;
    /// # let vault = VaultOptions::new(folder.path().join("people.keys"), MasterKey::generate()?);
    /// # let store = Store::options().vault(vault).open(folder.path().join("people.varve"))?;
    /// # let people = Repository::new(&store);
    /// # let person = PersonId(4711);
    /// # pollster::block_on(async {
    /// # let mut ada = people.fresh::<Person>(person);
    /// # ada.register(person, "ada@example.org".into())?;
    /// # people.save(&mut ada).await?;
    /// let export = store.subject(Subject::of(&person)?).export()?;
    /// assert!(export.to_string().contains(r#""email":"ada@example.org""#));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn subject(&self, subject: Subject) -> SubjectAccess<'_> {
        SubjectAccess {
            store: self,
            subject,
        }
    }
}

impl SubjectAccess<'_> {
    /// All events that hold something about the person: those with boxes under their keys, and where a stream is
    /// the person's own, all events of it. Before and after a shred: then it lists what is gone.
    ///
    /// It needs no types, and reads the whole log, so it takes a moment in a large store.
    pub fn export(self) -> Result<SubjectExport, ShredError> {
        let custody = self
            .store
            .readable()?
            .custody()
            .ok_or(ShredError::NoVault)?;
        let keys = custody.vault.subject_keys(&self.subject);
        let keys: BTreeSet<KeyId> = keys.into_iter().map(|(key, _)| key).collect();
        let mut reading = Reading::new(self.store, custody, &keys)?;
        reading.find_streams()?;
        Ok(SubjectExport {
            events: reading.records()?,
            subject: self.subject,
        })
    }
}

/// The log on the look for one person.
struct Reading<'a> {
    store: &'a Store,
    custody: &'a Custody,
    keys: &'a BTreeSet<KeyId>,
    names: Arc<Names>,
    schemas: BTreeMap<(u64, u16), Option<Arc<DynamicSchema>>>,
    /// Streams that are the person's own.
    streams: BTreeSet<StreamId>,
}

impl<'a> Reading<'a> {
    fn new(
        store: &'a Store,
        custody: &'a Custody,
        keys: &'a BTreeSet<KeyId>,
    ) -> Result<Self, StorageError> {
        Ok(Self {
            store,
            custody,
            keys,
            names: store.readable()?.names(),
            schemas: BTreeMap::new(),
            streams: BTreeSet::new(),
        })
    }

    fn find_streams(&mut self) -> Result<(), StorageError> {
        self.each(|reading, event| {
            let fields = reading.fields(event)?;
            let is_own = |(name, value): &(String, DynamicValue)| {
                name.starts_with("pii.stream.") && reading.is_owned(value)
            };
            if fields.iter().any(is_own) {
                reading.streams.insert(event.stream().to_stream_id());
            }
            Ok(())
        })
    }

    fn records(&mut self) -> Result<Vec<SubjectRecord>, StorageError> {
        let mut records = Vec::new();
        self.each(|reading, event| {
            let fields = reading.fields(event)?;
            let holds = fields.iter().any(|(_, value)| reading.is_owned(value));
            let stream = event.stream().to_stream_id();
            if holds || reading.streams.contains(&stream) {
                records.push(SubjectRecord {
                    position: event.position(),
                    time: event.meta().time(),
                    stream,
                    type_name: event.type_name().to_owned(),
                    revision: event.meta().revision(),
                    fields: reading.opened(event, fields)?,
                });
            }
            Ok(())
        })?;
        Ok(records)
    }

    fn each(
        &mut self,
        mut see: impl FnMut(&mut Self, &RecordedEvent<'_>) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let (store, mut failure) = (self.store, None);
        store.read_log().visit(|event| match see(self, event) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// The fields of an event; none of one whose layout the store does not have.
    fn fields(
        &mut self,
        event: &RecordedEvent<'_>,
    ) -> Result<Vec<(String, DynamicValue)>, StorageError> {
        let Some(schema) = self.schema(event) else {
            return Ok(Vec::new());
        };
        let value = schema
            .decode(event.payload())
            .map_err(|error| unreadable(event, &error))?;
        Ok(match value {
            DynamicValue::Struct(fields) => fields
                .into_iter()
                .map(|(name, value)| (name.to_string(), value))
                .collect(),
            _ => Vec::new(),
        })
    }

    fn schema(&mut self, event: &RecordedEvent<'_>) -> Option<Arc<DynamicSchema>> {
        let revision = event.meta().revision();
        let names = &self.names;
        let known = self
            .schemas
            .entry((recorded_hash(event), revision))
            .or_insert_with(|| {
                let text = names.schema_of(event.type_name(), revision)?;
                DynamicSchema::parse(text).ok().map(Arc::new)
            });
        known.clone()
    }

    fn is_owned(&self, value: &DynamicValue) -> bool {
        let key = match value {
            DynamicValue::Sealed(sealed) => KeyId::of_box(sealed),
            _ => None,
        };
        key.is_some_and(|key| self.keys.contains(&key))
    }

    /// The fields with the person's own boxes opened: what was in them stands in their place.
    fn opened(
        &mut self,
        event: &RecordedEvent<'_>,
        fields: Vec<(String, DynamicValue)>,
    ) -> Result<Vec<(String, DynamicValue)>, StorageError> {
        let Some(schema) = self.schema(event) else {
            return Ok(fields);
        };
        let mut opened = Vec::with_capacity(fields.len());
        let mut number = 0;
        for (name, value) in fields {
            let DynamicValue::Sealed(sealed) = &value else {
                opened.push((name, value));
                continue;
            };
            let context = event.box_context(number);
            number += 1;
            if !self.is_owned(&value) {
                opened.push((name, value));
                continue;
            }
            let plain = self.custody.vault.open(sealed, &context);
            match plain.map_err(|error| unreadable(event, &error))? {
                Pii::Shredded => {
                    let gone = schema.box_fields(&name).into_iter();
                    put(&mut opened, gone.map(|name| (name, DynamicValue::Shredded)));
                }
                Pii::Known(plain) => {
                    let inside = schema.decode_box(&name, plain.bytes());
                    match inside.map_err(|error| unreadable(event, &error))? {
                        DynamicValue::Struct(fields) => {
                            let fields = fields.into_iter();
                            put(
                                &mut opened,
                                fields.map(|(name, value)| (name.to_string(), value)),
                            );
                        }
                        other => opened.push((name, other)),
                    }
                }
            }
        }
        Ok(opened)
    }
}

/// Puts what was sealed in the place of what stands in the clear of it: whether it is there, how many there are.
fn put(
    fields: &mut Vec<(String, DynamicValue)>,
    opened: impl Iterator<Item = (String, DynamicValue)>,
) {
    for (name, value) in opened {
        match fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, clear)) => *clear = value,
            None => fields.push((name, value)),
        }
    }
}

fn unreadable(event: &RecordedEvent<'_>, error: &dyn fmt::Display) -> StorageError {
    let what = format!("event {}: {error}", event.position());
    StorageError::index("export what is of a person", what)
}

impl fmt::Display for SubjectExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, record) in self.events.iter().enumerate() {
            if nth > 0 {
                f.write_str("\n")?;
            }
            let name = |name: &str| Arc::<str>::from(name);
            let fields = record
                .fields
                .iter()
                .map(|(field, value)| (name(field), value.clone()));
            let line = DynamicValue::Struct(vec![
                (
                    name("position"),
                    DynamicValue::Unsigned(record.position.get().into()),
                ),
                (name("time"), DynamicValue::Moment(record.time)),
                (
                    name("stream"),
                    DynamicValue::Text(record.stream.to_string()),
                ),
                (name("type"), DynamicValue::Text(record.type_name.clone())),
                (
                    name("revision"),
                    DynamicValue::Unsigned(record.revision.into()),
                ),
                (name("fields"), DynamicValue::Struct(fields.collect())),
            ]);
            line.fmt(f)?;
        }
        Ok(())
    }
}
