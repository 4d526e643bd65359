//! A program that has changed since notices it: before a byte of the state is looked at.

use crate::kit::fresh_repository;
use crate::meter::{AnyMeter, MeterId, load, one_by_one};
use varvedb::blocking::Repository;

const ID: MeterId = MeterId(7);

/// The program that took the snapshots.
mod before {
    use varvedb::prelude::*;

    use crate::meter::{MeterEvent, MeterId, MeterInstalled, MeterRead, MeterRemoved};

    #[derive(VarveValue, Debug, PartialEq)]
    pub(super) struct Meter {
        pub(super) total: u64,
        pub(super) last: u64,
    }

    #[aggregate(id = MeterId, event = MeterEvent, error = std::convert::Infallible, snapshot(every = 1))]
    impl Meter {
        #[apply]
        fn installed(_: MeterInstalled<'_>) -> Self {
            Self { total: 0, last: 0 }
        }

        #[apply]
        fn read(&mut self, e: MeterRead<'_>) {
            self.total += e.value;
            self.last = e.value;
        }

        #[apply]
        fn removed(&mut self, _: MeterRemoved<'_>) {}
    }
}

/// The same, laid out otherwise, under another policy, and moved about.
mod formatted {
    use varvedb::prelude::*;

    use crate::meter::{MeterEvent, MeterId, MeterInstalled, MeterRead, MeterRemoved};

    #[derive(VarveValue, Debug, PartialEq)]
    pub(super) struct Meter {
        pub(super) total: u64,
        pub(super) last: u64,
    }

    #[aggregate(id = MeterId, event = MeterEvent, error = std::convert::Infallible, snapshot(every = 1000))]
    impl Meter {
        #[apply]
        fn removed(&mut self, _: MeterRemoved<'_>) {}

        /// Takes a reading in.
        #[apply]
        #[rustfmt::skip]
        fn read(
            &mut self,
            e: MeterRead<'_>,
        ) {
            // First the sum,
            self . total += e
                .value;
            /* then the last. */ self.last = e.value;
        }

        #[apply]
        #[rustfmt::skip]
        fn installed(_: MeterInstalled<'_>) -> Self {
            Self {
                total: 0,
                last: 0,
            }
        }
    }
}

/// The same state, folded otherwise.
mod folded_otherwise {
    use varvedb::prelude::*;

    use crate::meter::{MeterEvent, MeterId, MeterInstalled, MeterRead, MeterRemoved};

    #[derive(VarveValue, Debug, PartialEq)]
    pub(super) struct Meter {
        pub(super) total: u64,
        pub(super) last: u64,
    }

    #[aggregate(id = MeterId, event = MeterEvent, error = std::convert::Infallible, snapshot(every = 1))]
    impl Meter {
        #[apply]
        fn installed(_: MeterInstalled<'_>) -> Self {
            Self { total: 0, last: 0 }
        }

        #[apply]
        fn read(&mut self, e: MeterRead<'_>) {
            self.total += e.value + 1;
            self.last = e.value;
        }

        #[apply]
        fn removed(&mut self, _: MeterRemoved<'_>) {}
    }
}

/// Another state: the same bytes under other names.
mod another_state {
    use varvedb::prelude::*;

    use crate::meter::{MeterEvent, MeterId, MeterInstalled, MeterRead, MeterRemoved};

    #[derive(VarveValue, Debug, PartialEq)]
    pub(super) struct Meter {
        pub(super) last: u64,
        pub(super) total: u64,
    }

    #[aggregate(id = MeterId, event = MeterEvent, error = std::convert::Infallible, snapshot(every = 1))]
    impl Meter {
        #[apply]
        fn installed(_: MeterInstalled<'_>) -> Self {
            Self { total: 0, last: 0 }
        }

        #[apply]
        fn read(&mut self, e: MeterRead<'_>) {
            self.total += e.value;
            self.last = e.value;
        }

        #[apply]
        fn removed(&mut self, _: MeterRemoved<'_>) {}
    }
}

/// A function that a handler calls has changed, and the user has said so.
mod another_revision {
    use varvedb::prelude::*;

    use crate::meter::{MeterEvent, MeterId, MeterInstalled, MeterRead, MeterRemoved};

    #[derive(VarveValue, Debug, PartialEq)]
    pub(super) struct Meter {
        pub(super) total: u64,
        pub(super) last: u64,
    }

    #[aggregate(
        id = MeterId, event = MeterEvent, error = std::convert::Infallible,
        snapshot(every = 1, revision = 2)
    )]
    impl Meter {
        #[apply]
        fn installed(_: MeterInstalled<'_>) -> Self {
            Self { total: 0, last: 0 }
        }

        #[apply]
        fn read(&mut self, e: MeterRead<'_>) {
            self.total += e.value;
            self.last = e.value;
        }

        #[apply]
        fn removed(&mut self, _: MeterRemoved<'_>) {}
    }
}

/// There is a new event.
mod another_event {
    use varvedb::prelude::*;

    use crate::meter::MeterId;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "meter")]
    pub(super) enum MeterEvent {
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
        Reset {
            #[stream_id]
            id: MeterId,
        },
    }

    #[derive(VarveValue, Debug, PartialEq)]
    pub(super) struct Meter {
        pub(super) total: u64,
        pub(super) last: u64,
    }

    #[aggregate(id = MeterId, event = MeterEvent, error = std::convert::Infallible, snapshot(every = 1))]
    impl Meter {
        #[apply]
        fn installed(_: MeterInstalled<'_>) -> Self {
            Self { total: 0, last: 0 }
        }

        #[apply]
        fn read(&mut self, e: MeterRead<'_>) {
            self.total += e.value;
            self.last = e.value;
        }

        #[apply]
        fn removed(&mut self, _: MeterRemoved<'_>) {}

        #[apply]
        fn reset(&mut self, _: MeterReset<'_>) {
            self.total = 0;
        }
    }
}

/// Ten events, and a snapshot of the last of them.
fn used() -> (crate::kit::Fresh, Repository) {
    let (store, repo) = fresh_repository();
    one_by_one::<before::Meter>(&repo, ID, 10);
    assert_eq!(load::<before::Meter>(&repo, ID), 0);
    (store, repo)
}

fn is_noticed_and_replaced<A: AnyMeter>() {
    let (_store, repo) = used();
    assert_eq!(load::<A>(&repo, ID), 10, "the old snapshot is ignored");
    assert_eq!(load::<A>(&repo, ID), 0, "and replaced");
    assert_eq!(load::<before::Meter>(&repo, ID), 10, "for everybody");
}

#[test]
fn layout_comments_order_and_policy_do_not_count() {
    let (_store, repo) = used();
    assert_eq!(load::<formatted::Meter>(&repo, ID), 0);
    let root = repo.load::<formatted::Meter>(ID).unwrap();
    let expected = formatted::Meter { total: 45, last: 9 };
    assert_eq!(root.state(), &expected);
}

#[test]
fn a_changed_handler_is_noticed() {
    is_noticed_and_replaced::<folded_otherwise::Meter>();
    let (_store, repo) = used();
    let root = repo.load::<folded_otherwise::Meter>(ID).unwrap();
    assert_eq!(root.state().total, 45 + 9);
}

#[test]
fn a_changed_state_is_noticed() {
    is_noticed_and_replaced::<another_state::Meter>();
    let (_store, repo) = used();
    let root = repo.load::<another_state::Meter>(ID).unwrap();
    assert_eq!((root.state().total, root.state().last), (45, 9));
}

#[test]
fn a_changed_revision_is_noticed() {
    is_noticed_and_replaced::<another_revision::Meter>();
}

#[test]
fn changed_events_are_noticed() {
    let (_store, repo) = used();
    let loaded = || repo.load::<another_event::Meter>(ID).unwrap().replayed();
    assert_eq!(loaded(), 10);
    assert_eq!(loaded(), 0);
}

/// The repository of one program after that of another: nothing is mixed up on the way.
#[test]
fn two_programs_that_disagree_never_read_each_others_states() {
    let (_store, repo) = used();
    for round in 0..5 {
        let command = || crate::meter::Happens(vec![crate::meter::read(ID, round)]);
        repo.execute::<folded_otherwise::Meter>(ID, command())
            .unwrap();
        load::<before::Meter>(&repo, ID);
        load::<folded_otherwise::Meter>(&repo, ID);
        repo.execute::<another_state::Meter>(ID, command()).unwrap();
        load::<before::Meter>(&repo, ID);
    }
}
