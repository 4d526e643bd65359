//! A lock needs nothing in scope but its events, and is nothing outside of tests.

#![deny(warnings, missing_docs, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

mod events {
    use varvedb::VarveEvent;

    #[derive(VarveEvent)]
    #[varve(stream = "lamp")]
    pub(crate) enum LampEvent {
        Hung { #[stream_id] lamp: u64 },
    }

    #[derive(VarveEvent)]
    #[varve(stream = "fuse")]
    pub(crate) enum FuseEvent {
        Blown { #[stream_id] fuse: u64 },
    }
}

varvedb::schema_lock!("varve.lock"; events::LampEvent, events::FuseEvent);
varvedb::schema_lock!(fuses: "fuses.lock"; events::FuseEvent,);

fn main() {
    let _ = (events::LampEvent::Hung { lamp: 1 }, events::FuseEvent::Blown { fuse: 1 });
    let folder = std::env::temp_dir().join("no such folder");
    let lock = varvedb::testing::SchemaLock::at(folder.join("varve.lock")).with::<events::LampEvent>();
    assert!(lock.check().is_err());
}
