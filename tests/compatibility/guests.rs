//! Events that hold types of other crates.

use std::ops::ControlFlow;

use varvedb::prelude::*;
use varvedb::{Event, StreamId};

use crate::reading::each_store;
use crate::zoo::ZooId;

#[derive(Clone, Debug, PartialEq, VarveEvent)]
#[varve(stream = "guest")]
pub(crate) enum GuestEvent {
    Came {
        #[stream_id]
        id: ZooId,
        weight: rust_decimal::Decimal,
        ticket: ulid::Ulid,
        born: jiff::civil::Date,
        seen: chrono::DateTime<chrono::Utc>,
    },
}

/// What is stored, in all revisions alike.
pub(crate) fn came() -> GuestEvent {
    GuestEvent::Came {
        id: ZooId(3),
        weight: rust_decimal::Decimal::new(-12_345, 2),
        ticket: ulid::Ulid(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff),
        born: jiff::civil::date(1815, 12, 10),
        seen: chrono::DateTime::from_timestamp_micros(-1).unwrap(),
    }
}

pub(crate) fn guest() -> StreamId {
    StreamId::new("guest", 3).unwrap()
}

#[test]
fn fields_of_other_crates_types_are_read_and_stored_as_they_were() {
    each_store(|store| {
        store.register::<GuestEvent>().unwrap();
        let visit = |event: &varvedb::RecordedEvent<'_>| {
            let scratch = Scratch::new();
            let views = GuestEvent::decode(event, &scratch).unwrap();
            let read: Vec<_> = views.into_iter().map(GuestEvent::from_view).collect();
            assert_eq!(read, [came()]);
            let mut payload = Vec::new();
            came().encode(&mut payload).unwrap();
            assert_eq!(event.payload(), payload);
            ControlFlow::Continue(())
        };
        store.read_stream(&guest()).visit(visit).unwrap();
        assert_eq!(store.version(&guest()).unwrap(), 1);
    });
}
