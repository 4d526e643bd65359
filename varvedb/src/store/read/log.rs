//! Reading the whole log, or one category of it.

use std::ops::ControlFlow;

use super::ahead::Ahead;
use super::{PORTION, ReadError, RecordedEventBuf, recorded};
use crate::error::StorageError;
use crate::event::{RecordedEvent, TypeName};
use crate::index::{Order, Point};
use crate::log::{Record, Snapshot, Sought};
use crate::position::Position;
use crate::store::Store;
use crate::store::shared::Shared;
use crate::stream::Category;

const NOT_OURS: &str = "the record is not of the category that the index says";

/// A read of the log in the order of positions, to be narrowed and then carried out by
/// [`visit`](Self::visit) or [`to_vec`](Self::to_vec).
///
/// It ends at the head of the moment at which it starts: events that are committed meanwhile come
/// with the next read, after the position of the last.
#[derive(Clone, Debug)]
#[must_use = "a read does nothing until it is visited"]
pub struct ReadLog<'a> {
    store: &'a Store,
    category: Option<&'a Category>,
    /// The hashes of the types that are asked for; `None` is all.
    types: Option<Vec<u64>>,
    after: Position,
    before: Option<Position>,
    order: Order,
    limit: usize,
}

impl<'a> ReadLog<'a> {
    pub(crate) fn new(store: &'a Store, category: Option<&'a Category>) -> Self {
        Self {
            store,
            category,
            types: None,
            after: Position::ZERO,
            before: None,
            order: Order::Forwards,
            limit: usize::MAX,
        }
    }

    /// Only events of these types, also of what lies under names that they had before
    /// (`#[varve(alias = "..")]`), once the enum is registered or was used. The others are read and verified, too, but not handed out: it
    /// takes about as long as to read all.
    pub fn of_types<'t>(mut self, types: impl IntoIterator<Item = &'t TypeName>) -> Self {
        let registered = self.store.registered();
        let hashes = types
            .into_iter()
            .flat_map(|name| registered.names(name.as_str()));
        self.types = Some(hashes.collect());
        drop(registered);
        self
    }

    /// Only events above this position.
    pub fn after(mut self, position: impl Into<Position>) -> Self {
        self.after = position.into();
        self
    }

    /// Only events below this position.
    pub fn before(mut self, position: impl Into<Position>) -> Self {
        self.before = Some(position.into());
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
        let before = self.end(shared);
        self.before = Some(before);
        let mut left = self.limit;
        let types = self.types.take();
        let mut counted = |event: &RecordedEvent<'_>| {
            // Within a store, equal hashes are equal names.
            if let Some(types) = &types
                && !types.contains(&event.meta().type_hash)
            {
                return ControlFlow::Continue(());
            }
            left -= 1;
            match visitor(event) {
                ControlFlow::Continue(()) if left > 0 => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        };
        if self.limit == 0 {
            return Ok(());
        }
        match (self.category, self.order) {
            (Some(category), _) => self.visit_category(shared, category, &mut counted)?,
            (None, Order::Forwards) => visit_frames(shared, self.after, before, &mut counted)?,
            (None, Order::Backwards) => self.visit_back(shared, &mut counted)?,
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

    fn end(&self, shared: &Shared) -> Position {
        let beyond_head = shared.head().next();
        self.before
            .map_or(beyond_head, |before| before.min(beyond_head))
    }

    fn visit_category(
        mut self,
        shared: &Shared,
        category: &Category,
        visitor: &mut dyn FnMut(&RecordedEvent<'_>) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        let names = shared.names();
        let Some((category, _)) = names.category_id(category.as_str()) else {
            return Ok(());
        };
        let mut places: Vec<Point> = Vec::new();
        loop {
            places.clear();
            shared.index.category_places(
                category,
                self.after,
                self.before,
                self.order,
                PORTION,
                &mut places,
            )?;
            let log = shared.log.snapshot();
            let mut finder = log.finder(Sought::Whole);
            for point in Ahead::new(&log, Sought::Whole, &places, |point| point.place) {
                let record = finder.record(point.place, point.position)?;
                if record.category != category {
                    return Err(log.damaged(&record, NOT_OURS));
                }
                if visitor(&recorded(&log, &record, &names, shared.boxes())?).is_break() {
                    return Ok(());
                }
            }
            let Some(last) = places.last().filter(|_| places.len() == PORTION) else {
                return Ok(());
            };
            match self.order {
                Order::Forwards => self.after = last.position,
                Order::Backwards => self.before = Some(last.position),
            }
        }
    }

    /// Goes back in steps of a portion, each read forwards and handed out in reverse.
    fn visit_back(
        self,
        shared: &Shared,
        visitor: &mut dyn FnMut(&RecordedEvent<'_>) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        let first = self.after;
        let mut before = self.end(shared);
        let names = shared.names();
        while before > first.next() {
            let after = before
                .get()
                .saturating_sub(PORTION as u64 + 1)
                .max(first.get())
                .into();
            let mut places = Vec::with_capacity(PORTION);
            each_record(shared, after, before, |_, record| {
                places.push((record.place, record.position));
                Ok(ControlFlow::Continue(()))
            })?;
            let log = shared.log.snapshot();
            let mut finder = log.finder(Sought::Whole);
            for (place, position) in places.into_iter().rev() {
                let record = finder.record(place, position)?;
                if visitor(&recorded(&log, &record, &names, shared.boxes())?).is_break() {
                    return Ok(());
                }
            }
            before = after.next();
        }
        Ok(())
    }
}

/// Hands the events between two positions to `visitor`, straight from the frames.
pub(in crate::store) fn visit_frames(
    shared: &Shared,
    after: Position,
    before: Position,
    visitor: &mut dyn FnMut(&RecordedEvent<'_>) -> ControlFlow<()>,
) -> Result<(), StorageError> {
    let names = shared.names();
    each_record(shared, after, before, |log, record| {
        Ok(visitor(&recorded(log, record, &names, shared.boxes())?))
    })
}

fn each_record(
    shared: &Shared,
    after: Position,
    before: Position,
    mut visitor: impl FnMut(&Snapshot, &Record<'_>) -> Result<ControlFlow<()>, StorageError>,
) -> Result<(), StorageError> {
    let from = shared.index.frame_before(after.next())?;
    let log = shared.log.snapshot();
    for frame in log.frames(from) {
        let frame = frame?;
        if frame.last_position() <= after {
            continue;
        }
        for record in frame.records() {
            let record = record?;
            if record.position >= before {
                return Ok(());
            }
            if record.position > after && visitor(&log, &record)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}
