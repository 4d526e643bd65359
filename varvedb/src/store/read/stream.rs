//! Reading one stream.

use std::ops::ControlFlow;

use super::ahead::Ahead;
use super::{PORTION, ReadError, RecordedEventBuf, recorded};
use crate::error::StorageError;
use crate::event::RecordedEvent;
use crate::index::{Entry, Order, VersionRange};
use crate::log::Sought;
use crate::position::Version;
use crate::store::Store;
use crate::store::shared::Shared;
use crate::stream::{KeyRef, StreamId};

/// How many events a read asks for at a time, once it has asked often. What is not in the index yet is
/// linked backwards: to find the first of half a million events takes a millisecond or more, and the second
/// thousand no less.
const LAST_PORTION: usize = 16 * PORTION;

const NOT_OURS: &str = "the record is not of the stream and version that the index says";

/// A read of one stream, to be narrowed and then carried out by [`visit`](Self::visit) or
/// [`to_vec`](Self::to_vec). A stream that does not exist has no events.
///
/// It ends at the head of the moment at which it starts.
#[derive(Clone, Debug)]
#[must_use = "a read does nothing until it is visited"]
pub struct ReadStream<'a> {
    store: &'a Store,
    stream: &'a StreamId,
    range: VersionRange,
    order: Order,
    limit: usize,
    sought: Sought,
}

impl<'a> ReadStream<'a> {
    pub(crate) fn new(store: &'a Store, stream: &'a StreamId) -> Self {
        let range = VersionRange::ALL;
        Self {
            store,
            stream,
            range,
            order: Order::Forwards,
            limit: usize::MAX,
            sought: Sought::Whole,
        }
    }

    /// Only events above this version.
    pub fn after(mut self, version: impl Into<Version>) -> Self {
        self.range.after = version.into();
        self
    }

    /// Only events below this version.
    pub fn before(mut self, version: impl Into<Version>) -> Self {
        self.range.before = Some(version.into());
        self
    }

    /// Without what the frames of the events say: ids and times are nil. For whoever does not look
    /// at them a stream that lies scattered is read with one way to memory for each event, not two.
    pub(crate) fn without_frames(mut self) -> Self {
        self.sought = Sought::Alone;
        self
    }

    /// The newest event first.
    pub fn backwards(mut self) -> Self {
        self.order = Order::Backwards;
        self
    }

    /// At most so many events.
    pub fn limit(mut self, events: usize) -> Self {
        self.limit = events;
        self
    }

    /// Hands each event to `visitor`, until it breaks or there are no more.
    pub fn visit(
        mut self,
        mut visitor: impl FnMut(&RecordedEvent<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let shared = self.store.readable()?;
        let category = self.stream.category().as_str();
        let Some((category, _)) = shared.names().category_id(category) else {
            return Ok(());
        };
        // The index of a reading process may know more than its log shows yet.
        let head = shared.head();
        let mut places: Vec<Entry> = Vec::new();
        let mut most = PORTION;
        while self.limit > 0 {
            places.clear();
            let portion = self.limit.min(most);
            let key = self.stream.key().as_ref();
            shared.index.stream_places(
                category,
                key,
                self.range,
                self.order,
                portion,
                &mut places,
            )?;
            let visible = |entry: &&Entry| entry.position <= head;
            if hand_out(
                shared,
                (category, key),
                self.sought,
                &places,
                visible,
                &mut visitor,
            )?
            .is_break()
            {
                return Ok(());
            }
            let Some(last) = places.last().filter(|_| places.len() == portion) else {
                break;
            };
            self.limit -= places.iter().filter(visible).count();
            most = (most * 2).min(LAST_PORTION);
            match self.order {
                Order::Forwards => self.range.after = last.version,
                Order::Backwards => self.range.before = Some(last.version),
            }
        }
        Ok(())
    }

    /// Copies the events out.
    pub fn to_vec(self) -> Result<Vec<RecordedEventBuf>, ReadError> {
        let mut events = Vec::new();
        self.visit(|event| {
            events.push(event.into());
            ControlFlow::Continue(())
        })?;
        Ok(events)
    }
}

/// Hands the events of a stream at these places to `visitor`, those that are visible.
fn hand_out(
    shared: &Shared,
    (category, key): (u32, KeyRef<'_>),
    sought: Sought,
    places: &[Entry],
    visible: impl Fn(&&Entry) -> bool,
    visitor: &mut impl FnMut(&RecordedEvent<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, StorageError> {
    // In this order: what a place needs to be read is there before the place is.
    let (log, names) = (shared.log.snapshot(), shared.names());
    let mut finder = log.finder(sought);
    for entry in Ahead::new(&log, sought, places, |entry| entry.place).filter(visible) {
        let record = finder.record(entry.place, entry.position)?;
        if (record.category, record.key, record.version) != (category, key, entry.version) {
            return Err(log.damaged(&record, NOT_OURS));
        }
        if visitor(&recorded(&log, &record, &names, shared.boxes())?).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
