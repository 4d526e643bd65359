//! Two aggregates that are alike in all that is compared, and are not the same.

use varvedb::prelude::*;

use crate::kit::fresh_repository;
use crate::meter::{MeterEvent, MeterId, MeterInstalled, MeterRead, MeterRemoved, one_by_one};

const ID: MeterId = MeterId(7);

#[derive(VarveValue, Debug, PartialEq)]
struct Gas {
    total: u64,
}

#[derive(VarveValue, Debug, PartialEq)]
struct Power {
    total: u64,
}

impl Gas {
    const FACTOR: u64 = 1;
}

impl Power {
    const FACTOR: u64 = 10;
}

#[aggregate(id = MeterId, event = MeterEvent, error = std::convert::Infallible, snapshot(every = 1))]
impl Gas {
    #[apply]
    fn installed(_: MeterInstalled<'_>) -> Self {
        Self { total: 0 }
    }

    #[apply]
    fn read(&mut self, e: MeterRead<'_>) {
        self.total += e.value * Self::FACTOR;
    }

    #[apply]
    fn removed(&mut self, _: MeterRemoved<'_>) {}
}

#[aggregate(id = MeterId, event = MeterEvent, error = std::convert::Infallible, snapshot(every = 1))]
impl Power {
    #[apply]
    fn installed(_: MeterInstalled<'_>) -> Self {
        Self { total: 0 }
    }

    #[apply]
    fn read(&mut self, e: MeterRead<'_>) {
        self.total += e.value * Self::FACTOR;
    }

    #[apply]
    fn removed(&mut self, _: MeterRemoved<'_>) {}
}

/// The handlers of both have the same tokens, and each means its own constant: one once took the state of
/// the other for its own.
#[test]
fn aggregates_that_read_the_same_streams_with_the_same_words_keep_their_states_apart() {
    let (_store, repo) = fresh_repository();
    one_by_one::<Gas>(&repo, ID, 10);
    assert_eq!(repo.load::<Gas>(ID).unwrap().state().total, 45);
    assert_eq!(repo.load::<Power>(ID).unwrap().state().total, 450);
    assert_eq!(repo.load::<Gas>(ID).unwrap().state().total, 45);
}
