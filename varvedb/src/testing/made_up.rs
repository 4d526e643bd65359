//! Made-up events: every type, in every revision that it ever had, with values that nobody thought of.

use rkyv::util::AlignedVec;
use uuid::Uuid;

use super::probe::as_recorded;
use crate::codec::{DecodeError, Event, Scratch};
use crate::event::RecordedEvent;
use crate::stream::{Key, StreamRef};

/// A stored event that no program has stored.
#[derive(Clone, Debug)]
pub(super) struct MadeUp {
    type_name: &'static str,
    revision: u16,
    category: &'static str,
    key: Key,
    /// Aligned, as in the log.
    payload: AlignedVec<16>,
}

/// What a made-up event is to the program.
pub(super) struct Decoded<E> {
    pub(super) events: Vec<E>,
    /// Whether some of its personal data is gone: such an event is read, and never written again.
    pub(super) is_shredded: bool,
}

impl MadeUp {
    /// An event with these bytes, in the stream with this key.
    pub(super) fn in_stream<E: Event>(
        (type_name, revision): (&'static str, u16),
        key: Key,
        bytes: &[u8],
    ) -> Self {
        let mut payload = AlignedVec::with_capacity(bytes.len());
        payload.extend_from_slice(bytes);
        Self {
            type_name,
            revision,
            category: E::CATEGORY,
            key,
            payload,
        }
    }

    /// An event with these bytes, in a stream whose key is made of a number.
    pub(super) fn of<E: Event>(name: (&'static str, u16), key: u64, bytes: &[u8]) -> Self {
        let keys = [
            Key::Number(key),
            Key::Uuid(Uuid::from_u128(key.into())),
            Key::Text(format!("key-{key}").into()),
        ];
        let mut event = Self::in_stream::<E>(name, Key::Number(key), bytes);
        // Which kind of key the ids have, only the decoder knows.
        for key in keys {
            event.key = key;
            let decoded = E::decode(&event.recorded(), &Scratch::new()).map(drop);
            if !matches!(decoded, Err(DecodeError::Key { .. })) {
                break;
            }
        }
        event
    }

    /// The same, as the log hands it out.
    pub(super) fn recorded(&self) -> RecordedEvent<'_> {
        let (category, key) = (self.category, self.key.as_ref());
        as_recorded(
            (self.type_name, self.revision),
            StreamRef { category, key },
            &self.payload,
        )
    }

    /// What it is to the program, owned, in the present revision: one event, or all that it is split into.
    pub(super) fn decode<E: Event>(&self) -> Result<Decoded<E>, String> {
        let scratch = Scratch::new();
        let views = E::decode(&self.recorded(), &scratch).map_err(|error| error.to_string())?;
        let events = views.into_iter().map(E::from_view).collect();
        match scratch.fault() {
            None => Ok(Decoded {
                events,
                is_shredded: !scratch.shredded_keys().is_empty(),
            }),
            Some(fault) => Err(fault.to_string()),
        }
    }
}
