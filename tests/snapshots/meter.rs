//! A meter, in as many versions as there are policies. Its handlers look at the event's metadata, so that a
//! state that was not folded from recorded events would show.

use std::convert::Infallible;
use std::fmt::Debug;

use varvedb::blocking::Repository;
use varvedb::prelude::*;
use varvedb::{Aggregate, Command, LoadError};

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeterId(pub u64);

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "meter")]
pub enum MeterEvent {
    Installed {
        #[stream_id]
        id: MeterId,
        place: String,
    },
    Read {
        #[stream_id]
        id: MeterId,
        value: u64,
    },
    Removed {
        #[stream_id]
        id: MeterId,
    },
}

/// Decides exactly these events, whatever the state.
#[derive(Clone)]
pub struct Happens(pub Vec<MeterEvent>);

impl<A: Aggregate<Event = MeterEvent>> Command<A> for Happens {
    fn decide(self, _: Option<&A>) -> Result<Vec<MeterEvent>, Rejected<A::Error>> {
        Ok(self.0)
    }
}

/// What every version of the meter is.
pub trait AnyMeter:
    Aggregate<Id = MeterId, Event = MeterEvent, Error = Infallible> + Debug + PartialEq
{
}

impl<A> AnyMeter for A where
    A: Aggregate<Id = MeterId, Event = MeterEvent, Error = Infallible> + Debug + PartialEq
{
}

macro_rules! meter {
    ($module:ident $(, $snapshot:ident($($setting:tt)*))?) => {
        pub mod $module {
            use varvedb::Timestamp;
            use varvedb::prelude::*;

            use super::{MeterEvent, MeterId, MeterInstalled, MeterRead, MeterRemoved};

            #[derive(VarveValue, Clone, Debug, PartialEq)]
            pub struct Meter {
                pub id: MeterId,
                pub place: String,
                pub sum: u64,
                pub latest: Vec<(u64, Option<u64>)>,
                pub changed_at: Timestamp,
                pub is_removed: bool,
            }

            #[aggregate(
                id = MeterId, event = MeterEvent, error = std::convert::Infallible
                $(, $snapshot($($setting)*))?
            )]
            impl Meter {
                #[apply]
                fn installed(e: MeterInstalled<'_>, meta: &Meta<'_>) -> Self {
                    Self {
                        id: e.id,
                        place: e.place.to_owned(),
                        sum: 0,
                        latest: Vec::new(),
                        changed_at: meta.time(),
                        is_removed: false,
                    }
                }

                #[apply]
                fn read(&mut self, e: MeterRead<'_>, meta: &Meta<'_>) {
                    self.sum = self.sum.wrapping_mul(3).wrapping_add(e.value);
                    self.latest.push((meta.position().get(), Some(e.value)));
                    if self.latest.len() > 3 {
                        self.latest.remove(0);
                    }
                    self.changed_at = meta.time();
                }

                #[apply]
                fn removed(&mut self, _: MeterRemoved<'_>) {
                    self.is_removed = true;
                }
            }
        }
    };
}

meter!(never);
meter!(every_one, snapshot(every = 1));
meter!(every_seven, snapshot(every = 7));
meter!(slow, snapshot(after_replay = "1us"));
meter!(patient, snapshot(after_replay = "1000s"));
meter!(removed, snapshot(on(Removed)));
meter!(
    any,
    snapshot(every = 20, after_replay = "1000s", on(MeterRemoved))
);

pub fn installed(id: MeterId) -> MeterEvent {
    let place = "in the cellar, behind the door".to_owned();
    MeterEvent::Installed { id, place }
}

pub fn read(id: MeterId, value: u64) -> MeterEvent {
    MeterEvent::Read { id, value }
}

/// Saves these events together.
pub fn happen<A: AnyMeter>(repo: &Repository, id: MeterId, events: Vec<MeterEvent>) {
    repo.execute::<A>(id, Happens(events)).unwrap();
}

/// A meter with so many events, each saved alone and by the same root.
pub fn one_by_one<A: AnyMeter>(repo: &Repository, id: MeterId, events: u64) {
    let mut root = repo.fresh::<A>(id);
    for number in 0..events {
        let event = if number == 0 {
            installed(id)
        } else {
            read(id, number)
        };
        root.execute(Happens(vec![event])).unwrap();
        repo.save(&mut root).unwrap();
    }
}

/// A meter with so many events, saved without any snapshots.
pub fn long_ago(repo: &Repository, id: MeterId, events: u64) {
    let mut root = repo.fresh::<never::Meter>(id);
    let mut event = |number| match number {
        0 => installed(id),
        number => read(id, number),
    };
    for first in (0..events).step_by(1000) {
        let batch = (first..(first + 1000).min(events)).map(&mut event);
        root.execute(Happens(batch.collect())).unwrap();
        repo.save(&mut root).unwrap();
    }
}

/// Loads a meter, checks that replay alone says the same, and gives the number of events replayed.
pub fn load<A: AnyMeter>(repo: &Repository, id: MeterId) -> u64 {
    let root = repo.load::<A>(id).unwrap();
    let replayed = repo.clone().without_snapshots().load::<A>(id).unwrap();
    assert_eq!(root.state(), replayed.state());
    assert_eq!(root.version(), replayed.version());
    assert_eq!(replayed.replayed(), replayed.version().get());
    root.replayed()
}

/// The same, for a meter that may not exist yet.
pub fn load_if_any<A: AnyMeter>(repo: &Repository, id: MeterId) {
    match repo.clone().without_snapshots().load::<A>(id) {
        Err(LoadError::NotFound { .. }) => {
            assert!(matches!(
                repo.load::<A>(id),
                Err(LoadError::NotFound { .. })
            ));
        }
        loaded => {
            loaded.unwrap();
            load::<A>(repo, id);
        }
    }
}
