//! The bytes of what is personal lie as `docs/format.md` says, for whoever reads them without this library.

use varvedb::RecordedEventBuf;
use varvedb::blocking::{Repository, Store};

use crate::people::*;

/// The last so many bytes of the first event of this type: its root.
fn root(store: &Store, type_name: &str, bytes: usize) -> (Vec<u8>, Vec<u8>) {
    let events = store.read_log().to_vec().unwrap();
    let is_meant = |event: &&RecordedEventBuf| event.type_name.as_str() == type_name;
    let payload = events.iter().find(is_meant).unwrap().payload.clone();
    let root = payload[payload.len() - bytes..].to_vec();
    (payload, root)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn i32_at(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

#[test]
fn shapes_come_first_and_then_the_box_as_a_list_of_bytes() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let schema = store.schema("person.listed", 1).unwrap().unwrap();
    assert_eq!(
        schema.text(),
        "{middle_name: bool, phones: u32, pii.stream.general: \
         sealed<{middle_name: option<str>, phones: list<str>}>}"
    );
    let (payload, root) = root(&store, "person.listed", 16);
    assert_eq!(root[..4], [1, 0, 0, 0], "there is a middle name");
    assert_eq!(u32_at(&root, 4), 2, "two phones");
    assert!(i32_at(&root, 8) < 0, "it points back");
    let back = i32_at(&root, 8).unsigned_abs() as usize;
    let at = payload.len() - 8 - back;
    let sealed = &payload[at..at + u32_at(&root, 12) as usize];
    assert_eq!(
        sealed[..4],
        [1, 1, 1, 0],
        "version, suite, padding, an event"
    );
    assert_eq!((sealed.len() - 60 - 16) % 32, 0);
}

#[test]
fn boxes_are_numbered_in_the_order_of_their_first_fields() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let schema = store.schema("person.referred", 1).unwrap().unwrap();
    assert_eq!(
        schema.text(),
        "{friend: u64, pii.stream.general: sealed<{words: str}>, \
         pii.friend.general: sealed<{friend_name: str}>}"
    );
}

#[test]
fn a_shred_is_written_down_as_an_event_of_the_store_itself() {
    let registry = Registry::new();
    let store = registry.open();
    let people = Repository::new(&store);
    let mut ada = people.fresh::<Person>(ADA);
    ada.register(ADA, "Ada".into(), "ada".into()).unwrap();
    people.save(&mut ada).unwrap();
    let _ = store.shred(subject(ADA)).reason("asked").run().unwrap();
    let _ = store.reenroll(subject(ADA)).reason("back").run().unwrap();

    let whom = "subject: {kind: str, key: enum(number{value: u64} | uuid{value: uuid/16/1} | \
                text{value: str})}, purpose: option<str>, reason: str";
    let text = |name| store.schema(name, 1).unwrap().unwrap().text().to_owned();
    assert_eq!(
        text("varve_subject.shredded"),
        format!("{{{whom}, keys: list<uuid/16/1>}}")
    );
    assert_eq!(text("varve_subject.reenrolled"), format!("{{{whom}}}"));

    let (payload, shredded) = root(&store, "varve_subject.shredded", 64);
    assert_eq!(shredded[..8], *b"person\xff\xff");
    assert_eq!(shredded[8], 0, "a number");
    assert_eq!(shredded[16..24], ADA.0.to_le_bytes());
    assert_eq!(shredded[32], 0, "all purposes");
    assert_eq!(shredded[48..56], *b"asked\xff\xff\xff");
    assert_eq!(u32_at(&shredded, 60), 1, "one key");
    assert_eq!(payload.len(), 16 + 64);
    let (_, enrolled) = root(&store, "varve_subject.reenrolled", 56);
    assert_eq!(enrolled[..8], *b"person\xff\xff");
    assert_eq!(enrolled[48..], *b"back\xff\xff\xff\xff");
    let last = store.read_log().to_vec().unwrap().pop().unwrap();
    assert_eq!(last.stream.to_string(), "varve_subject-1");
}
