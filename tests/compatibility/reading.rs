//! What is read from the stores that are kept.

use std::fmt::Write;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use varvedb::blocking::Store;
use varvedb::prelude::Scratch;
use varvedb::{Event, ExpectedVersion, NewEvent, StoreOptions, TypeName, Version};

use crate::golden::{FORMATS, OPAQUE, OWN_ID, copy, kept, metadata, number, text, time, uuid};
use crate::zoo::{self, ZooEvent};

pub(crate) fn each_store(promise: impl Fn(&Store)) {
    for format in FORMATS {
        let copy = copy(format);
        let options = StoreOptions::default().register::<ZooEvent>();
        let store = options.open(copy.path().join("zoo.varve")).unwrap();
        promise(&Store::new(&store));
    }
}

#[test]
fn every_event_of_every_revision_is_read_as_it_was_meant() {
    each_store(|store| {
        for id in [1, 2] {
            let mut read = Vec::new();
            let visit = |event: &varvedb::RecordedEvent<'_>| {
                let scratch = Scratch::new();
                let views = ZooEvent::decode(event, &scratch).unwrap();
                read.extend(views.into_iter().map(ZooEvent::from_view));
                ControlFlow::Continue(())
            };
            store.read_stream(&number(id)).visit(visit).unwrap();
            let mut meant: Vec<_> = zoo::events(id).into_iter().map(|g| g.read).collect();
            if id == 1 {
                meant.push(meant[5].clone());
            }
            assert_eq!(read, meant);
        }
    });
}

#[test]
fn an_event_is_stored_today_in_the_bytes_in_which_it_was_stored_then() {
    each_store(|store| {
        for id in [1, 2] {
            let stored = store.read_stream(&number(id)).to_vec().unwrap();
            for (stored, golden) in stored.iter().zip(zoo::events(id)) {
                assert_eq!(stored.type_name.as_str(), golden.name);
                assert_eq!(stored.revision, golden.revision);
                assert_eq!(stored.payload, golden.payload, "{}", golden.name);
            }
        }
    });
}

#[test]
fn ids_times_metadata_and_keys_of_every_kind_are_there() {
    each_store(|store| {
        let first = store.read_stream(&number(1)).to_vec().unwrap();
        for (event, n) in first.iter().zip(0..11) {
            assert_eq!((event.position.get(), event.version.get()), (n + 1, n + 1));
            assert_eq!(event.time, time(i64::try_from(n).unwrap()));
        }
        assert_eq!(first[11].position, 26);
        let aliens = store.read_stream(&text()).to_vec().unwrap();
        assert_eq!(aliens[0].metadata, metadata());
        assert_eq!((aliens[1].id, aliens[1].time), (OWN_ID, time(100)));
        assert_eq!(aliens[1].payload, OPAQUE);
        let ids = store.read_stream(&uuid()).to_vec().unwrap();
        assert_eq!(ids.len(), 4, "in two segments");
        assert_eq!(ids[3].payload.len(), 30_000);
    });
}

#[test]
fn new_events_go_on_where_the_old_ones_end() {
    each_store(|store| {
        let golden = &zoo::events(1)[0];
        let name = TypeName::new(golden.name).unwrap();
        let event = NewEvent::new(name, golden.payload.clone());
        let appended = store
            .append(
                &number(1),
                ExpectedVersion::Exact(Version::new(12)),
                [event],
            )
            .unwrap();
        assert_eq!(
            (appended.first_position.get(), appended.version().get()),
            (31, 13)
        );
        assert!(store.read_log().to_vec().unwrap()[30].time >= time(101));
    });
}

/// With nothing but what the store says of itself.
#[test]
fn every_event_is_explained_as_it_always_was() {
    for format in FORMATS {
        let copy = copy(format);
        let store = Store::open(copy.path().join("zoo.varve")).unwrap();
        let mut text = String::new();
        let visit = |event: &varvedb::RecordedEvent<'_>| {
            let meta = event.meta();
            let value = match store.explain(event) {
                Ok(value) if event.payload().len() < 1_000 => value.to_string(),
                Ok(_) => "long".to_owned(),
                Err(error) => error.to_string(),
            };
            let (name, revision) = (meta.type_name(), meta.revision());
            writeln!(
                text,
                "{} {} {name}@{revision} {value}",
                meta.position(),
                meta.stream()
            )
            .unwrap();
            ControlFlow::Continue(())
        };
        store.read_log().visit(visit).unwrap();
        insta::assert_snapshot!(format, text);
    }
}

#[test]
fn what_is_kept_is_the_log_alone_and_is_not_changed_by_reading_it() {
    for format in FORMATS {
        assert_eq!(names_in(&kept(format)), ["log", "store.toml"]);
        let segments = ["0000000000000001.varve", "0000000000000002.varve"];
        assert_eq!(names_in(&kept(format).join("log")), segments);
        let copy = copy(format);
        let path = copy.path().join("zoo.varve");
        let store = Store::open(&path).unwrap();
        store.read_log().to_vec().unwrap();
        drop(store);
        for file in segments.map(|segment| Path::new("log").join(segment)) {
            let [was, is] =
                [kept(format), path.clone()].map(|at| fs::read(at.join(&file)).unwrap());
            assert!(was == is, "{} of {format}", file.display());
        }
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
        .into_iter()
        .map(|name| name.into_string().unwrap())
        .collect()
}
