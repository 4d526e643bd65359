//! A box opens as what it was sealed as, and never as something else.

use proptest::prelude::*;

use super::kit::{GENERAL, Place, context, open, owner, person, seal};
use crate::pii::{BoxContext, BoxKind, KeyId, OpenBoxes, Pii, PiiError, SealBoxes};
use crate::vault::{VaultError, sealed_box, secret::Secret};

const KEY: KeyId = KeyId([5; 16]);

fn key() -> Secret {
    Secret::new([9; 32])
}

fn sealed(plain: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::new();
    sealed_box::seal(KEY, &key(), &context(), plain, &mut sealed).unwrap();
    sealed
}

#[test]
fn the_length_of_a_box_tells_little_of_what_is_in_it() {
    let lengths =
        [0, 1, 31, 32, 200, 255, 256, 1000, 100_000].map(|len| sealed(&vec![7; len]).len());
    let padded = [32, 32, 32, 64, 224, 256, 288, 1024, 106_496];
    assert_eq!(lengths, padded.map(|len| len + 76));
}

#[test]
fn the_same_bytes_are_sealed_otherwise_each_time() {
    assert_ne!(sealed(b"Ada")[20..], sealed(b"Ada")[20..]);
}

#[test]
fn a_box_does_not_open_in_another_place() {
    let sealed = sealed(b"Ada");
    let here = context();
    let elsewhere = [
        BoxContext {
            id: uuid::Uuid::from_u128(98),
            ..here
        },
        BoxContext {
            type_hash: 13,
            ..here
        },
        BoxContext {
            revision: 2,
            ..here
        },
        BoxContext { number: 1, ..here },
    ];
    for context in elsewhere {
        let refused = sealed_box::open(&sealed, &key(), &context).unwrap_err();
        assert_eq!(refused, PiiError::Tampered { key: KEY });
    }
    for kind in [BoxKind::State, BoxKind::Row] {
        let refused = sealed_box::open(&sealed, &key(), &BoxContext { kind, ..here });
        assert!(matches!(refused, Err(PiiError::Malformed { .. })));
    }
    let other = Secret::new([8; 32]);
    let refused = sealed_box::open(&sealed, &other, &here).unwrap_err();
    assert_eq!(refused, PiiError::Tampered { key: KEY });
}

/// The box of a shredded key looks the same to the end: only its key says that it is gone.
#[test]
fn no_flipped_bit_of_a_box_opens_it_or_shreds_it() {
    let vault = Place::new().open();
    let sealed = seal(&vault, 1, GENERAL);
    seal(&vault, 2, GENERAL);
    vault.erase(&person(2), None).unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&vault, &flipped).is_err(), "bit {bit}");
    }
    for len in 0..sealed.len() {
        assert!(open(&vault, &sealed[..len]).is_err(), "{len} bytes");
    }
}

#[test]
fn keys_are_given_to_those_who_were_named() {
    let vault = Place::new().open();
    let keys = vault.keys_for(&[owner(1, GENERAL)]).unwrap();
    let refused = keys.seal(&owner(2, GENERAL), &context(), b"", &mut Vec::new());
    assert!(refused.is_err());
    assert!(!format!("{keys:?}").contains("Secret"));
}

#[test]
fn what_is_looked_up_differs_by_field_and_by_vault() {
    let (one, other) = (Place::new().open(), Place::new().open());
    assert_eq!(one.blind("email", b"ada@x"), one.blind("email", b"ada@x"));
    assert_ne!(one.blind("email", b"ada@x"), one.blind("phone", b"ada@x"));
    assert_ne!(one.blind("email", b"ada@x"), one.blind("email", b"ada@y"));
    assert_ne!(one.blind("email", b"ada@x"), other.blind("email", b"ada@x"));
}

#[test]
fn errors_tell_what_to_do() {
    let vault = Place::new().open();
    seal(&vault, 1, GENERAL);
    vault.erase(&person(1), None).unwrap();
    let refused: VaultError = vault.keys_for(&[owner(1, GENERAL)]).unwrap_err();
    insta::assert_snapshot!(refused, @"person-1 was shredded (purpose `general`) and gets no new data key unless it is enrolled again");
}

proptest! {
    #[test]
    fn what_was_sealed_is_what_is_opened(plain: Vec<u8>, other: Vec<u8>) {
        let mut out = other.clone();
        sealed_box::seal(KEY, &key(), &context(), &plain, &mut out).unwrap();
        prop_assert_eq!(&out[..other.len()], &other);
        let opened = sealed_box::open(&out[other.len()..], &key(), &context()).unwrap();
        prop_assert_eq!(opened.bytes(), plain);
    }

    #[test]
    fn no_bytes_are_taken_for_a_box(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let vault = VAULT.with(Clone::clone);
        prop_assert!(!matches!(vault.open(&bytes, &context()), Ok(Pii::Known(_) | Pii::Shredded)));
    }
}

thread_local! {
    static VAULT: crate::vault::Vault = Place::new().open();
}
