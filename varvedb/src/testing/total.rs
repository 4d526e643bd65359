//! Checks of the codec of one enum: every old revision is read whatever is in it, and what is written comes back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use uuid::Uuid;

use super::made_up::MadeUp;
use crate::codec::{
    DynamicSchema, EncodeError, Event, EventSchema, OwnId, Sampler, Schema, Sealer,
};
use crate::log::MAX_PAYLOAD_BYTES;
use crate::pii::MadeUpKeys;
use crate::projection::panic_message;
use crate::stream::Key;

/// How many payloads are made up for each revision of each type.
const PAYLOADS: u64 = 256;

/// A made-up event of an old revision that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{type_name}` revision {revision} is not read when it holds {stored}: {reason}")]
#[non_exhaustive]
pub struct UpcastFailure {
    /// Its type.
    pub type_name: &'static str,
    /// Its revision.
    pub revision: u16,
    /// What it held, as JSON.
    pub stored: String,
    /// What happened: an error, or a panic's message.
    pub reason: String,
}

/// Fails unless every revision of every type of an enum can be read, whatever it holds.
///
/// Payloads of all old layouts are made up, among them those with the smallest and the greatest numbers, empty and
/// long texts and lists; each is decoded, upcast, made an event of its own, and written again. They are the same in
/// every run. What cannot be checked is whether an upcast means the right thing.
///
/// Personal data is made up like all else, and shredded now and then; an upcast has to take that, too. Neither a store
/// nor a key vault is needed.
///
/// Streams are made up, too, so the events have ids with `#[derive(VarveId)]`, or ones that any number, `Uuid` or text
/// of letters and digits is a key of.
///
/// ```
/// # use varvedb::prelude::*;
/// # #[derive(VarveEvent)]
/// # #[varve(stream = "account")]
/// # enum AccountEvent { Opened { owner: String, limit: i64 } }
/// varvedb::testing::assert_upcasts_are_total::<AccountEvent>();
/// ```
///
/// # Panics
///
/// With the first payload of each revision that is not read.
#[track_caller]
pub fn assert_upcasts_are_total<E: Event>() {
    let failures = upcast_failures::<E>();
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{}", told.join("\n"));
}

/// What [`assert_upcasts_are_total`] finds: at most one failure for each revision of each type.
pub fn upcast_failures<E: Event>() -> Vec<UpcastFailure> {
    let schemas = E::schemas().iter();
    schemas
        .flat_map(|schema| (1..=schema.current_revision()).map(move |revision| (schema, revision)))
        .filter_map(|(schema, revision)| first_failure::<E>(schema, revision))
        .collect()
}

fn first_failure<E: Event>(schema: &'static EventSchema, revision: u16) -> Option<UpcastFailure> {
    let layout = *schema
        .revisions
        .get(usize::from(revision).checked_sub(1)?)?;
    let sampler = Sampler::of(layout)?;
    (0..PAYLOADS).find_map(|nth| {
        let mut choices = choices(nth);
        let key = choices.next().unwrap_or(0);
        let payload = sampler.draw(&mut choices);
        let reason = read_and_write::<E>((schema.name, revision), key, &payload).err()?;
        Some(UpcastFailure {
            type_name: schema.name,
            revision,
            stored: shown(layout, &payload),
            reason,
        })
    })
}

/// An upcast is the program's own code, and may panic.
fn read_and_write<E: Event>(
    name: (&'static str, u16),
    key: u64,
    payload: &[u8],
) -> Result<(), String> {
    let done = catch_unwind(AssertUnwindSafe(|| {
        let event = MadeUp::of::<E>(name, key, payload);
        let decoded = event.decode::<E>()?;
        let written = |event| written(event).map(drop).map_err(|error| error.to_string());
        if decoded.is_shredded {
            return Ok(());
        }
        decoded.events.iter().try_for_each(written)
    }));
    done.unwrap_or_else(|panic| Err(format!("it panicked: {}", panic_message(panic.as_ref()))))
}

/// The payload of an event, its personal data in boxes that are made up.
fn written<E: Event>(event: &E) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    let mut sealer = Sealer::of_event(&MadeUpKeys, (Uuid::nil(), 0, 1));
    event.encode_sealed(&mut sealer, &mut bytes)?;
    Ok(bytes)
}

/// A payload as JSON.
fn shown(layout: Schema, payload: &[u8]) -> String {
    let value = DynamicSchema::parse(&layout.text()).and_then(|schema| schema.decode(payload));
    value.map_or_else(|error| error.to_string(), |value| value.to_string())
}

/// The choices of the nth payload, the same every time: at first all one number, so that the least and the greatest
/// of everything come together; then what follows from a counter that is mixed.
fn choices(nth: u64) -> Box<dyn Iterator<Item = u64>> {
    const ALIKE: u64 = 16;
    if nth < ALIKE {
        return Box::new(std::iter::repeat(nth << 60));
    }
    Box::new((0..).map(move |count| mixed(nth << 32 | count)))
}

/// A finalizer by which every bit of the number changes about half of all bits.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Fails unless these events can be written, and are the same events when they are read.
///
/// Two events are the same when they are written as the same bytes, and are of the same stream where they name it.
///
/// # Panics
///
/// With the first that cannot be written, or comes back as another.
#[track_caller]
pub fn assert_round_trips<'e, E: Event<Id: OwnId>>(events: impl IntoIterator<Item = &'e E>) {
    for (nth, event) in events.into_iter().enumerate() {
        if let Err(reason) = round_trip(event) {
            panic!("event {nth}, a `{}`, {reason}", type_name(event));
        }
    }
}

fn round_trip<E: Event<Id: OwnId>>(event: &E) -> Result<(), String> {
    let written = bytes(event)?;
    let schema = E::schemas().get(event.schema_index());
    let schema = schema.ok_or("has no schema")?;
    let name = (schema.name, schema.current_revision());
    let key = own_key(event)?;
    let stored = match &key {
        Some(key) => MadeUp::in_stream::<E>(name, key.clone(), &written),
        None => MadeUp::of::<E>(name, 1, &written),
    };
    let read = stored.decode::<E>();
    let read = read.map_err(|error| format!("is not read: {error}"))?;
    let [read] = read.events.as_slice() else {
        return Err(format!("comes back as {} events", read.events.len()));
    };
    let again_key = own_key(read)?;
    if again_key != key {
        return Err(format!(
            "comes back in another stream: {again_key:?} instead of {key:?}"
        ));
    }
    let again = bytes(read)?;
    if again == written && read.schema_index() == event.schema_index() {
        return Ok(());
    }
    let layout = schema.revisions.last().copied();
    let shown = |bytes| {
        layout
            .map(|layout| shown(layout, bytes))
            .unwrap_or_default()
    };
    Err(format!(
        "comes back as another\n  written: {}\n  read:    {}",
        shown(&written),
        shown(&again)
    ))
}

/// The key of the stream that the event names, if it names one.
fn own_key<E: Event<Id: OwnId>>(event: &E) -> Result<Option<Key>, String> {
    let key = event.stream_id().map(|id| id.to_own_key());
    key.transpose()
        .map_err(|error| format!("names no stream: {error}"))
}

fn bytes<E: Event>(event: &E) -> Result<Vec<u8>, String> {
    let bytes = written(event).map_err(|error| format!("cannot be written: {error}"))?;
    if bytes.len() > MAX_PAYLOAD_BYTES {
        let found = bytes.len();
        return Err(format!(
            "cannot be stored: it has {found} bytes, at most {MAX_PAYLOAD_BYTES} are possible"
        ));
    }
    Ok(bytes)
}

fn type_name<E: Event>(event: &E) -> &'static str {
    E::schemas()
        .get(event.schema_index())
        .map_or("", |schema| schema.name)
}
