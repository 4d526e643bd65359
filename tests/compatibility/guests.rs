//! Events that hold types of other crates.

use varvedb::prelude::*;

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
