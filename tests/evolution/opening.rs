//! Every registered revision is compared with the store's before anything is read.

use varvedb::{OpenError, RegisterError};

use crate::kit::Place;
use crate::order::{OrderEvent, store, three_years, v1, v2};

/// The order as a careless colleague remembers it.
mod misremembered {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "order")]
    pub(super) enum OrderEvent {
        #[varve(revision = 2, history(PlacedV1))]
        Placed {
            #[stream_id]
            id: u64,
            total: i64,
        },
    }

    #[derive(VarveRevision)]
    pub(super) struct PlacedV1 {
        #[stream_id]
        id: u64,
        last: String,
        first: String,
        total: i64,
    }

    impl<'a> Upcast<'a, PlacedV1View<'a>> for OrderPlaced<'a> {
        fn upcast(old: PlacedV1View<'a>, _: &'a Scratch) -> Self {
            Self {
                id: old.id,
                total: old.total,
            }
        }
    }

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "order")]
    pub(super) enum RenamedEvent {
        #[varve(alias = "sent")]
        Shipped {
            #[stream_id]
            id: u64,
            parcel: u64,
        },
    }
}

fn open<E: varvedb::Event>(place: &Place) -> Result<(), RegisterError> {
    let opened = varvedb::Store::options().register::<E>().open(place.path());
    match opened {
        Ok(_) => Ok(()),
        Err(OpenError::Schema(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

fn written_by_v1() -> Place {
    let place = Place::new();
    store(
        &place.open(),
        &[v1::OrderEvent::Sent {
            id: 7,
            parcel: "A-1".into(),
        }],
    );
    place
}

#[test]
fn each_program_opens_what_those_before_it_wrote() {
    let place = written_by_v1();
    open::<v1::OrderEvent>(&place).unwrap();
    open::<v2::OrderEvent>(&place).unwrap();
    open::<OrderEvent>(&place).unwrap();
}

#[test]
fn a_program_may_leave_out_a_revision_that_was_never_deployed() {
    let place = written_by_v1();
    open::<OrderEvent>(&place).unwrap();
    open::<OrderEvent>(&place).unwrap();
}

#[test]
fn an_older_program_is_refused_what_a_newer_one_wrote() {
    let place = Place::new();
    three_years(&place.open());
    let refused = open::<v2::OrderEvent>(&place).unwrap_err();
    insta::assert_snapshot!(refused);
}

#[test]
fn an_old_layout_that_is_not_what_was_stored_is_refused() {
    let refused = open::<misremembered::OrderEvent>(&written_by_v1()).unwrap_err();
    insta::assert_snapshot!(refused);
}

#[test]
fn a_renamed_event_is_compared_with_what_lies_under_its_old_name() {
    let refused = open::<misremembered::RenamedEvent>(&written_by_v1()).unwrap_err();
    insta::assert_snapshot!(refused);
}
