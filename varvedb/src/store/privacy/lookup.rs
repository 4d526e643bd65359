//! Lookup: streams by personal data that is sealed, through a blind index.
//!
//! A row says under which keyed hash of a datum which stream has it, and is owned by the data key of the box
//! that the datum lies in: it goes with the key. Rows are written when somebody looks, from the events since the
//! last look; they are derived, like all of the index.

use std::ops::ControlFlow;

use crate::codec::{DecodeError, Event, Lookups, RowKey, Scratch};
use crate::error::StorageError;
use crate::event::{RecordedEvent, type_hash};
use crate::index::{Checkpoint, RowReader, RowWriter};
use crate::pii::PiiError;
use crate::position::Position;
use crate::store::{ReadError, RegisterError, Store};
use crate::stream::{Category, Key, StreamId};

use super::Custody;

/// Events that are read for one transaction.
const PORTION: u64 = 4096;

const TABLE: &str = "blind";

/// Why nothing was looked up.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// The store was opened without its key vault.
    #[error(
        "what is looked up is sealed, and the store was opened without its key vault; name it: `Store::options().vault(..)`"
    )]
    NoVault,
    /// The field is not looked up.
    #[error("`{events}` has no field `{field}` with `#[pii(lookup = ..)]`{}", there_are(.known))]
    NoSuchField {
        /// The enum.
        events: &'static str,
        /// The field that was asked for.
        field: String,
        /// The fields that there are.
        known: Vec<&'static str>,
    },
    /// An event could not be read.
    #[error("event {position} cannot be looked into: {source}")]
    Decode {
        /// The event's position.
        position: Position,
        /// Why not.
        source: DecodeError,
    },
    /// A sealed box could not be opened.
    #[error("personal data in event {position} cannot be read: {source}")]
    Pii {
        /// The event's position.
        position: Position,
        /// Why not.
        source: PiiError,
    },
    /// The events have another shape than those in the store.
    #[error(transparent)]
    Schema(#[from] RegisterError),
    /// The disk or the store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn there_are(fields: &[&str]) -> String {
    match fields {
        [] => String::new(),
        fields => format!("; there are `{}`", fields.join("`, `")),
    }
}

impl From<ReadError> for LookupError {
    fn from(error: ReadError) -> Self {
        Self::Storage(error.into())
    }
}

impl Store {
    /// The streams of events of `E` whose field was once this value, made equal as `#[pii(lookup = ..)]` says:
    /// `value` is what that function makes of it. In the order of their keys.
    ///
    /// What was shredded is not found. The events since the last call are read first, so what was saved before is
    /// found; a process that only reads finds what the writing one has looked at.
    ///
    /// The index has keyed hashes alone. **Who holds the index, the vault and the master key can confirm a guess**,
    /// also after a shred, as long as remnants of the row are on the disk: `docs/privacy.md` says more.
    ///
    /// ```
    /// # use varvedb::prelude::*;
    /// # use varvedb::{MasterKey, Subject, VaultOptions};
    /// # #[derive(VarveId, Clone, Copy, Debug, PartialEq)]
    /// # #[varve(subject = "person")]
    /// # struct PersonId(u64);
    /// #[derive(VarveEvent)]
    /// #[varve(stream = "person")]
    /// enum PersonEvent {
    ///     Registered { #[stream_id] id: PersonId, #[pii(lookup = str::to_lowercase)] email: Pii<String> },
    /// }
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
    ///
    /// let streams = store.find_by::<PersonEvent>("email", "ada@example.org")?;
    /// assert_eq!(streams, [varvedb::StreamId::new("person", 4711)?]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn find_by<E: Event>(
        &self,
        field: &str,
        value: impl AsRef<[u8]>,
    ) -> Result<Vec<StreamId>, LookupError> {
        let custody = self.readable()?.custody().ok_or(LookupError::NoVault)?;
        let paths = paths::<E>(field)?;
        self.check_schemas(E::schemas())?;
        if !self.is_read_only() {
            self.look_up_to_now::<E>(custody)?;
        }
        let rows = self.readable()?.index.read()?;
        let namespace = namespace::<E>();
        let mut streams = Vec::new();
        for path in paths {
            let blind = custody.vault.blind(&path, value.as_ref());
            find::<E>((&rows, &namespace), &blind, &mut streams)?;
        }
        streams.sort();
        streams.dedup();
        Ok(streams)
    }

    /// Brings the blind index of these events level with the log.
    fn look_up_to_now<E: Event>(&self, custody: &Custody) -> Result<(), LookupError> {
        let namespace = namespace::<E>();
        let category = Category::from_checked(E::CATEGORY);
        let index = &self.readable()?.index;
        let head = self.head();
        loop {
            let is_done = index.write(|rows: &mut RowWriter<'_, '_>| {
                let reached = rows.checkpoint(&namespace)?;
                let after = reached.map_or(Position::ZERO, |reached| reached.position);
                let (mut last, mut seen, mut failure) = (after, 0, None);
                let read = self.read_category(&category).after(after);
                read.before(head.next()).visit(|event| {
                    let noted = note::<E>(event, custody, (rows, &namespace));
                    last = event.position();
                    seen += 1;
                    match noted {
                        Ok(()) if seen < PORTION => ControlFlow::Continue(()),
                        Ok(()) => ControlFlow::Break(()),
                        Err(error) => {
                            failure = Some(error);
                            ControlFlow::Break(())
                        }
                    }
                })?;
                if let Some(failure) = failure {
                    return Err(failure);
                }
                let is_done = seen < PORTION;
                let checkpoint = Checkpoint {
                    position: if is_done { head } else { last },
                    note: Vec::new(),
                };
                if checkpoint.position > after {
                    rows.set_checkpoint(&namespace, &checkpoint)?;
                }
                Ok::<_, LookupError>(is_done)
            })?;
            if is_done {
                return Ok(());
            }
        }
    }
}

/// Where the rows of an enum are. Other fields, or other functions that make them equal, begin anew: what was written
/// before does not have them.
fn namespace<E: Event>() -> String {
    let fields = E::PII_INVENTORY.iter();
    let looked_up: String = fields
        .filter_map(|known| {
            Some(format!(
                "{}.{}={};",
                known.event, known.field, known.lookup?
            ))
        })
        .collect();
    format!(
        "varve lookup {} {:016x}",
        E::CATEGORY,
        type_hash(&looked_up)
    )
}

/// The types' and field's names under which a field is looked up.
fn paths<E: Event>(field: &str) -> Result<Vec<String>, LookupError> {
    let fields = E::PII_INVENTORY
        .iter()
        .filter(|known| known.lookup.is_some());
    let paths = fields.clone().filter(|known| known.field == field);
    let paths: Vec<String> = paths
        .map(|known| format!("{}.{field}", known.event))
        .collect();
    if paths.is_empty() {
        let mut known: Vec<&str> = fields.map(|known| known.field).collect();
        known.dedup();
        return Err(LookupError::NoSuchField {
            events: E::NAME,
            field: field.to_owned(),
            known,
        });
    }
    Ok(paths)
}

/// Writes the rows of one event; of a type that is retired, or unknown to this program, there are none.
fn note<E: Event>(
    event: &RecordedEvent<'_>,
    custody: &Custody,
    (rows, namespace): (&mut RowWriter<'_, '_>, &str),
) -> Result<(), LookupError> {
    let position = event.position();
    let scratch = Scratch::new();
    let views = match E::decode(event, &scratch) {
        Ok(views) => views,
        Err(DecodeError::Retired { .. }) => return Ok(()),
        Err(error) if error.is_unknown() => return Ok(()),
        Err(source) => return Err(LookupError::Decode { position, source }),
    };
    let mut lookups = Lookups::default();
    for view in views {
        let looked = E::lookups(&view, &mut lookups);
        looked.map_err(|source| LookupError::Pii { position, source })?;
    }
    for entry in lookups.entries() {
        let blind = custody.vault.blind(entry.field, &entry.value);
        let mut key = blind.to_vec();
        key.extend_from_slice(entry.key.as_bytes());
        put_key(event.stream().key().to_key(), &mut key);
        rows.put(namespace, TABLE, &key, &[])?;
        rows.own_whole((namespace, TABLE), &key, &entry.key)?;
    }
    Ok(())
}

fn find<E: Event>(
    (rows, namespace): (&RowReader<'_>, &str),
    blind: &[u8; 16],
    streams: &mut Vec<StreamId>,
) -> Result<(), StorageError> {
    use std::ops::Bound;
    let mut end = blind.to_vec();
    end.extend_from_slice(&[0xff; 300]);
    let range = (Bound::Included(&blind[..]), Bound::Included(&end[..]));
    rows.scan(
        (namespace, TABLE),
        range,
        crate::index::Order::Forwards,
        |key, _| {
            let found = key.get(32..).and_then(take_key);
            let category = Category::from_checked(E::CATEGORY);
            streams.extend(found.map(|key| StreamId::from_checked(category, key)));
            ControlFlow::Continue(())
        },
    )
}

/// The key of a stream as the last part of a row's key.
fn put_key(key: Key, out: &mut Vec<u8>) {
    match key {
        Key::Number(number) => {
            out.push(1);
            number.encode_key(out);
        }
        Key::Uuid(uuid) => {
            out.push(2);
            uuid.encode_key(out);
        }
        Key::Text(text) => {
            out.push(3);
            text.to_string().encode_key(out);
        }
    }
}

fn take_key(bytes: &[u8]) -> Option<Key> {
    let (kind, mut rest) = bytes.split_first()?;
    match kind {
        1 => u64::decode_key(&mut rest).map(Key::Number),
        2 => uuid::Uuid::decode_key(&mut rest).map(Key::Uuid),
        3 => Some(Key::Text(String::decode_key(&mut rest)?.into())),
        _ => None,
    }
}
