//! A person asks what is stored of them, before and after it is shredded.

use varvedb::privacy::report;
use varvedb::{Event, Subject};

use crate::people::*;

/// The export of Ada without what differs from run to run.
fn export(store: &varvedb::blocking::Store) -> String {
    let export = store.subject(subject(ADA)).export().unwrap();
    let lines = export.to_string();
    let without_times = lines.lines().map(|line| {
        let (before, rest) = line.split_once("\"time\":\"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        let mut parts = after.split("\"key\":\"");
        let mut line = format!("{before}\"time\":\"..\"{}", parts.next().unwrap());
        for part in parts {
            line.push_str("\"key\":\"..");
            line.push_str(part.get(32..).unwrap());
        }
        line
    });
    without_times.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_event_and_field_of_a_person_is_listed_and_nothing_of_others() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let people = varvedb::blocking::Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.upgrade(3).unwrap();
    people.save(&mut ada).unwrap();
    let exported = export(&store);
    assert!(!exported.contains("Bob Marker Street"), "{exported}");
    insta::assert_snapshot!(exported);
}

#[test]
fn after_a_shred_it_lists_what_is_gone() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let exported = export(&store);
    assert!(!exported.contains("Marker"), "{exported}");
    insta::assert_snapshot!(exported);
}

#[test]
fn of_somebody_unknown_there_is_nothing() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let nobody = Subject::new("person", 99).unwrap();
    assert_eq!(store.subject(nobody).export().unwrap().events, []);
}

#[test]
fn what_is_personal_is_a_table() {
    insta::assert_snapshot!(report([PersonEvent::PII_INVENTORY]).to_string());
}
