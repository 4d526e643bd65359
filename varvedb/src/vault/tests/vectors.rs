//! What another implementation makes, in another language, is what this one makes and opens.
//!
//! `tests/privacy/vectors.py` is that implementation. It wrote `vectors.txt`, and checks it as well.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::super::master::MasterKey;
use super::super::root::{RootReading, RootRecord};
use super::super::secret::Secret;
use super::super::slot::{Reading, Slot, WrapKey};
use super::super::{derive, sealed_box};
use crate::pii::{BoxContext, BoxKind, KeyId, Subject};

const VECTORS: &str = include_str!("../../../../tests/privacy/vectors.txt");

#[test]
fn master_keys_have_the_same_ids() {
    for line in lines("master") {
        assert_eq!(MasterKey::new(line.bytes("key")).id().0, line.bytes("kid"));
    }
}

#[test]
fn root_records_are_opened() {
    for line in lines("root") {
        let RootReading::Record(record) = RootReading::of(&line.bytes("sector")) else {
            panic!("{line:?}");
        };
        let master = MasterKey::new(line.bytes("master_key"));
        let roots = RootRecord::unwrap(&record, line.uuid("vault"), &master).unwrap();
        assert_eq!(roots.root.bytes(), &line.bytes("secret"));
        assert_eq!(roots.index_secret.bytes(), &line.bytes("index_secret"));
        assert_eq!(u64::from(record.epoch), line.number("epoch"));
        assert_eq!(record.to_bytes(), line.bytes("sector"));
    }
}

#[test]
fn subjects_have_the_same_tags() {
    for line in lines("tag") {
        let purpose = String::from_utf8(line.vec("purpose")).unwrap();
        let tag = derive::tag(&line.secret("index_secret"), &line.subject(), &purpose);
        assert_eq!(tag, line.bytes("tag"));
    }
    for line in lines("subject_tag") {
        let tag = derive::subject_tag(&line.secret("index_secret"), &line.subject());
        assert_eq!(tag, line.bytes("subject_tag"));
        assert_eq!(derive::canonical(&line.subject()), line.vec("subject"));
    }
}

#[test]
fn wrapped_data_keys_are_unwrapped() {
    for line in lines("slot") {
        let slot = line.slot();
        let epoch = u32::try_from(line.number("epoch")).unwrap();
        let root = WrapKey::of(&line.secret("secret"), epoch, line.uuid("vault"));
        let index = u32::try_from(line.number("index")).unwrap();
        let key = slot.unwrap_key(index, &root).unwrap();
        assert_eq!(key.bytes(), &line.bytes("data_key"));
        assert!(slot.unwrap_key(index + 1, &root).is_err());
    }
}

#[test]
fn tombstones_and_enrolments_are_read_and_written() {
    for line in lines("tombstone").chain(lines("enrolment")) {
        let slot = line.slot();
        assert_eq!(slot.to_bytes(), line.bytes("slot"));
        assert_eq!(slot.seq, line.number("seq"));
    }
    for line in lines("tombstone") {
        let said = line.slot().inscription();
        let is_short = line.vec("subject").len() + line.vec("purpose").len() <= 58;
        assert_eq!(said.subject, is_short.then(|| line.subject()));
        if is_short {
            let purpose = said.purpose.unwrap_or_default();
            assert_eq!(purpose.into_bytes(), line.vec("purpose"));
        }
    }
}

#[test]
fn values_are_looked_up_by_the_same_bytes() {
    for line in lines("blind") {
        let field = String::from_utf8(line.vec("field")).unwrap();
        let blind = derive::blind(&line.secret("index_secret"), &field, &line.vec("value"));
        assert_eq!(blind, line.bytes("blind"));
    }
}

#[test]
fn boxes_are_opened_and_are_as_long() {
    for line in lines("box") {
        let (kind, sealed) = (line.kind(), line.vec("box"));
        assert_eq!(
            sealed_box::key_of(&sealed, kind).unwrap(),
            KeyId(line.bytes("key_id"))
        );
        let (data_key, context) = (line.secret("data_key"), line.context());
        let plain = sealed_box::open(&sealed, &data_key, &context).unwrap();
        assert_eq!(plain.bytes(), line.vec("plain"));
        let mut ours = Vec::new();
        let key_id = KeyId(line.bytes("key_id"));
        sealed_box::seal(key_id, &data_key, &context, plain.bytes(), &mut ours).unwrap();
        assert_eq!(ours.len(), sealed.len());
        assert_ne!(ours, sealed, "another salt");
    }
    for line in lines("padding") {
        let plain = vec![7; usize::try_from(line.number("len")).unwrap()];
        let context = BoxContext {
            kind: BoxKind::Event,
            id: Uuid::nil(),
            type_hash: 0,
            revision: 0,
            number: 0,
        };
        let mut sealed = Vec::new();
        sealed_box::seal(
            KeyId([1; 16]),
            &Secret::new([1; 32]),
            &context,
            &plain,
            &mut sealed,
        )
        .unwrap();
        assert_eq!(sealed.len() as u64, 76 + line.number("padded"));
    }
}

/// One construction: what goes in, and what comes out.
#[derive(Debug)]
struct Line(BTreeMap<&'static str, &'static str>);

fn lines(construction: &'static str) -> impl Iterator<Item = Line> {
    let found = VECTORS.lines().filter_map(move |line| {
        let (name, fields) = line.split_once(' ')?;
        let fields = fields.split(' ').filter_map(|field| field.split_once('='));
        (name == construction).then(|| Line(fields.collect()))
    });
    let mut found = found.peekable();
    assert!(
        found.peek().is_some(),
        "there are vectors of `{construction}`"
    );
    found
}

impl Line {
    fn text(&self, field: &str) -> &'static str {
        self.0
            .get(field)
            .unwrap_or_else(|| panic!("{field}: {self:?}"))
    }

    fn number(&self, field: &str) -> u64 {
        self.text(field).parse().unwrap()
    }

    fn vec(&self, field: &str) -> Vec<u8> {
        let digits = self.text(field).as_bytes().as_chunks::<2>().0;
        let byte = |pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.iter().map(|pair| byte(pair)).collect()
    }

    fn bytes<const N: usize>(&self, field: &str) -> [u8; N] {
        self.vec(field).try_into().unwrap()
    }

    fn secret(&self, field: &str) -> Secret {
        Secret::new(self.bytes(field))
    }

    fn uuid(&self, field: &str) -> Uuid {
        Uuid::from_bytes(self.bytes(field))
    }

    fn subject(&self) -> Subject {
        derive::subject_of(&self.vec("subject")).unwrap()
    }

    fn slot(&self) -> Slot {
        match Reading::of(&self.bytes("slot")) {
            Reading::Slot(slot) => slot,
            other => panic!("{other:?}: {self:?}"),
        }
    }

    fn kind(&self) -> BoxKind {
        match self.number("kind") {
            0 => BoxKind::Event,
            1 => BoxKind::State,
            _ => BoxKind::Row,
        }
    }

    fn context(&self) -> BoxContext {
        BoxContext {
            kind: self.kind(),
            id: self.uuid("id"),
            type_hash: self.number("type_hash"),
            revision: u16::try_from(self.number("revision")).unwrap(),
            number: u8::try_from(self.number("number")).unwrap(),
        }
    }
}
