//! Promises about allocations: events are encoded, read and seen without one for each.
//!
//! A binary of its own, because its allocator counts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../kit/mod.rs"]
mod kit;

mod counting;

use std::ops::ControlFlow;

use varvedb::blocking::{Repository, Store};
use varvedb::prelude::*;
use varvedb::{Event, EventView, ExpectedVersion, NewEvent, RecordedEvent, StreamId, TypeName};

use crate::counting::allocations;
use crate::kit::fresh;

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq)]
struct SensorId(u64);

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "sensor")]
enum SensorEvent {
    Measured {
        #[stream_id]
        id: SensorId,
        unit: String,
        place: String,
        values: Vec<f64>,
        at: Vec<u32>,
        calibrated: Option<u16>,
    },
}

#[derive(Debug)]
struct Sensor;

#[aggregate(id = SensorId, event = SensorEvent, error = std::convert::Infallible)]
impl Sensor {
    #[command]
    fn measure(id: SensorId, times: usize) -> Result<Vec<SensorEvent>, std::convert::Infallible> {
        Ok(vec![measured_by(id); times])
    }

    #[apply]
    fn measured(_: SensorMeasured<'_>) -> Self {
        Self
    }
}

fn measured() -> SensorEvent {
    measured_by(SensorId(1))
}

fn measured_by(id: SensorId) -> SensorEvent {
    SensorEvent::Measured {
        id,
        unit: "kPa".into(),
        place: "a place whose name does not lie in line".into(),
        values: vec![0.5; 100],
        at: vec![7; 100],
        calibrated: Some(3),
    }
}

const EVENTS: usize = 10_000;

/// A store with so many events in one stream.
fn fill(store: &Store) -> StreamId {
    let stream = StreamId::new("sensor", 1_u64).unwrap();
    let name = TypeName::new(SensorMeasured::NAME).unwrap();
    let mut payload = Vec::new();
    measured().encode(&mut payload).unwrap();
    for _ in 0..EVENTS / 500 {
        let events = (0..500).map(|_| NewEvent::new(name.clone(), payload.clone()));
        let _ = store.append(&stream, ExpectedVersion::Any, events).unwrap();
    }
    stream
}

/// Looks at every part of an event, as a handler would.
fn look(event: &RecordedEvent<'_>, sum: &mut f64) -> ControlFlow<()> {
    for SensorEventView::Measured(seen) in SensorEvent::decode(event, &Scratch::new()).unwrap() {
        *sum += seen.values.iter().sum::<f64>() + f64::from(seen.at.iter().sum::<u32>());
        *sum += f64::from(seen.calibrated.unwrap_or(0));
        assert!(seen.unit.len() < seen.place.len());
    }
    ControlFlow::Continue(())
}

/// How many allocations more ten times the events take.
fn more_for_more_events(mut read: impl FnMut(usize, &mut f64)) -> usize {
    let mut sum = 0.0;
    read(EVENTS, &mut sum);
    let few = allocations(|| read(EVENTS / 10, &mut sum));
    let many = allocations(|| read(EVENTS, &mut sum));
    assert!(sum > 0.0);
    many.saturating_sub(few)
}

#[test]
fn an_event_is_encoded_into_a_buffer_with_room_without_an_allocation() {
    let event = measured();
    let mut buffer = Vec::with_capacity(1 << 20);
    event.encode(&mut buffer).unwrap();
    let counted = allocations(|| {
        for _ in 0..100 {
            event.encode(&mut buffer).unwrap();
        }
    });
    assert_eq!(counted, 0);
    assert_eq!(buffer.len() % 101, 0);
}

/// How many allocations it takes to save so many events of a new sensor.
fn allocations_of_save(repo: &Repository, id: u64, events: usize) -> usize {
    let mut sensor = repo.fresh::<Sensor>(SensorId(id));
    sensor.measure(SensorId(id), events).unwrap();
    allocations(|| assert_eq!(repo.save(&mut sensor).unwrap().events, events))
}

#[test]
fn a_save_takes_no_allocation_for_each_of_its_events() {
    let repo = Repository::new(&fresh());
    let save = |id, events| allocations_of_save(&repo, id, events);
    save(1, 10);
    let (few, many) = (save(2, 10), save(3, 1_000));
    assert!(many < few + 10, "{few} for 10 events, {many} for 1,000");
}

#[test]
fn a_save_uses_the_memory_of_the_one_before() {
    let repo = Repository::new(&fresh());
    let save = |id, events| allocations_of_save(&repo, id, events);
    save(1, 1);
    let (first, next) = (save(2, 500), save(3, 500));
    assert!(
        next + 8 < first,
        "{first} for the first of 500 events, {next} for the next"
    );
}

#[test]
fn an_event_is_seen_without_an_allocation() {
    let event = measured();
    let counted = allocations(|| {
        let SensorEventView::Measured(seen) = event.view();
        assert_eq!(seen.values.iter().count(), 100);
    });
    assert_eq!(counted, 0);
}

#[test]
fn the_log_is_read_and_seen_without_an_allocation_per_event() {
    let store = fresh();
    fill(&store);
    let more = more_for_more_events(|limit, sum| {
        let read = store.read_log().limit(limit);
        read.visit(|event| look(event, sum)).unwrap();
    });
    assert!(more < 100, "{more} allocations more for 9,000 events more");
}

#[test]
fn a_category_and_the_events_of_a_type_are_read_without_an_allocation_per_event() {
    let store = fresh();
    let stream = fill(&store);
    let measured = TypeName::new(SensorMeasured::NAME).unwrap();
    let more = more_for_more_events(|limit, sum| {
        let read = store.read_category(stream.category()).limit(limit);
        let read = read.of_types([&measured]);
        read.visit(|event| look(event, sum)).unwrap();
    });
    assert!(more < 100, "{more} allocations more for 9,000 events more");
}

#[test]
fn a_stream_is_read_and_seen_without_an_allocation_per_event() {
    let store = fresh();
    let stream = fill(&store);
    let more = more_for_more_events(|limit, sum| {
        let read = store.read_stream(&stream).limit(limit);
        read.visit(|event| look(event, sum)).unwrap();
    });
    assert!(more < 100, "{more} allocations more for 9,000 events more");
}

#[test]
fn an_allocation_is_counted() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(7)))), 1);
}
