//! What is shredded stays so, for everybody, until a person is enrolled again; and nothing else is.

use std::fs;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::kit::{BILLING, GENERAL, Place, live_keys, open, owner, person, seal};
use crate::pii::{KeyId, PiiError};
use crate::vault::{KeyState, VaultError};

#[test]
fn a_shredded_person_is_gone_and_the_others_are_not() {
    let place = Place::new();
    let vault = place.open();
    let sealed: Vec<_> = (0..8).map(|number| seal(&vault, number, GENERAL)).collect();
    let erased = vault.erase(&person(3), None).unwrap();
    assert_eq!((erased.keys_erased, erased.replicas), (1, 2));
    for vault in [vault, place.read()] {
        for (number, sealed) in sealed.iter().enumerate() {
            let is_gone = open(&vault, sealed).unwrap().is_none();
            assert_eq!(is_gone, number == 3);
        }
    }
    assert!(open(&place.open(), &sealed[3]).unwrap().is_none());
}

#[test]
fn erasing_again_tells_what_was_erased_then() {
    let place = Place::new();
    let vault = place.open();
    seal(&vault, 1, GENERAL);
    let first = vault.erase(&person(1), None).unwrap();
    let again = vault.erase(&person(1), None).unwrap();
    assert_eq!(again.keys, first.keys);
    assert_eq!((first.keys_erased, again.keys_erased), (1, 0));
}

#[test]
fn whoever_is_not_known_cannot_be_shredded() {
    let vault = Place::new().open();
    seal(&vault, 1, GENERAL);
    for purpose in [None, Some(GENERAL)] {
        let unknown = vault.erase(&person(2), purpose).unwrap_err();
        assert!(matches!(unknown, VaultError::UnknownSubject { subject } if subject == person(2)));
    }
    assert!(vault.erase(&person(1), Some(BILLING)).is_err());
}

#[test]
fn one_purpose_is_shredded_and_the_other_kept() {
    let vault = Place::new().open();
    let (general, billing) = (seal(&vault, 1, GENERAL), seal(&vault, 1, BILLING));
    vault.erase(&person(1), Some(GENERAL)).unwrap();
    assert!(open(&vault, &general).unwrap().is_none());
    assert!(open(&vault, &billing).unwrap().is_some());
    assert!(vault.keys_for(&[owner(1, BILLING)]).is_ok());
    let refused = vault.keys_for(&[owner(1, GENERAL)]).unwrap_err();
    assert!(matches!(refused, VaultError::SubjectShredded { .. }));
    assert_eq!(vault.erase(&person(1), None).unwrap().keys_erased, 1);
    assert!(open(&vault, &billing).unwrap().is_none());
}

#[test]
fn a_shredded_person_gets_no_key_until_enrolled_again() {
    let place = Place::new();
    let vault = place.open();
    let old = seal(&vault, 1, GENERAL);
    vault.erase(&person(1), None).unwrap();
    drop(vault);
    let vault = place.open();
    for purpose in [GENERAL, BILLING] {
        let refused = vault.keys_for(&[owner(1, purpose)]).unwrap_err();
        assert!(matches!(refused, VaultError::SubjectShredded { .. }));
    }
    vault.reenroll(&person(1), None).unwrap();
    let new = seal(&vault, 1, GENERAL);
    drop(vault);
    let vault = place.open();
    assert!(open(&vault, &old).unwrap().is_none());
    assert!(open(&vault, &new).unwrap().is_some());
    vault.erase(&person(1), None).unwrap();
    assert!(open(&vault, &new).unwrap().is_none());
    assert!(vault.keys_for(&[owner(1, GENERAL)]).is_err());
}

#[test]
fn enrolled_for_one_purpose_is_not_enrolled_for_another() {
    let vault = Place::new().open();
    seal(&vault, 1, GENERAL);
    vault.erase(&person(1), None).unwrap();
    vault.reenroll(&person(1), Some(BILLING)).unwrap();
    assert!(vault.keys_for(&[owner(1, GENERAL)]).is_err());
    assert!(vault.keys_for(&[owner(1, BILLING)]).is_ok());
}

#[test]
fn shredding_whoever_was_enrolled_and_has_no_key_ends_the_enrolment() {
    let vault = Place::new().open();
    seal(&vault, 1, GENERAL);
    vault.erase(&person(1), None).unwrap();
    vault.reenroll(&person(1), Some(BILLING)).unwrap();
    assert_eq!(vault.erase(&person(1), None).unwrap().keys_erased, 0);
    assert!(vault.keys_for(&[owner(1, BILLING)]).is_err());
    vault.reenroll(&person(1), None).unwrap();
    vault.erase(&person(1), Some(GENERAL)).unwrap();
    assert!(vault.keys_for(&[owner(1, GENERAL)]).is_err());
    assert!(vault.keys_for(&[owner(1, BILLING)]).is_ok());
}

#[test]
fn a_tombstone_names_whom_it_is_of() {
    let vault = Place::new().open();
    let billing = KeyId(seal(&vault, 1, BILLING)[4..20].try_into().unwrap());
    seal(&vault, 2, GENERAL);
    vault.erase(&person(1), Some(BILLING)).unwrap();
    vault.erase(&person(2), None).unwrap();
    let [one, other] = vault.tombstones().unwrap().try_into().unwrap();
    assert_eq!(one.key, Some(billing));
    assert_eq!(one.subject, Some(person(1)));
    assert_eq!(one.purpose.as_deref(), Some(BILLING));
    assert!(!one.is_whole && other.is_whole && other.seq > one.seq);
    assert_eq!((other.subject, other.purpose), (Some(person(2)), None));
}

/// The events are newer than the vault: what they say is shredded is shredded.
#[test]
fn an_older_copy_of_the_vault_learns_what_was_shredded_since() {
    let place = Place::new();
    let vault = place.open();
    let old = seal(&vault, 1, GENERAL);
    drop(vault);
    let copies = ["keys.a", "keys.b"].map(|file| place.dir().join(file));
    let bytes = copies.clone().map(|path| fs::read(path).unwrap());
    let vault = place.open();
    let new = seal(&vault, 1, BILLING);
    let keys = vault.erase(&person(1), None).unwrap().keys;
    drop(vault);
    for (path, bytes) in copies.iter().zip(bytes) {
        fs::write(path, bytes).unwrap();
    }
    let vault = place.open();
    assert!(open(&vault, &old).unwrap().is_some());
    assert!(matches!(
        open(&vault, &new),
        Err(PiiError::UnknownKey { .. })
    ));
    assert_eq!(vault.erase_keys(&person(1), None, &keys).unwrap(), 2);
    assert_eq!(vault.erase_keys(&person(1), None, &keys).unwrap(), 0);
    drop(vault);
    let vault = place.open();
    assert!(open(&vault, &old).unwrap().is_none());
    assert!(open(&vault, &new).unwrap().is_none());
    assert!(vault.keys_for(&[owner(1, GENERAL)]).is_err());
}

#[test]
fn another_process_with_the_key_in_memory_sees_the_shredding_at_once() {
    let place = Place::new();
    let (writer, reader) = (place.open(), place.read());
    let sealed = seal(&writer, 1, GENERAL);
    assert!(
        open(&reader, &sealed).unwrap().is_some(),
        "made after the reader came"
    );
    writer.erase(&person(1), None).unwrap();
    assert!(open(&reader, &sealed).unwrap().is_none());
    let key = KeyId(sealed[4..20].try_into().unwrap());
    assert_eq!(reader.key_state(&key), KeyState::Erased);
    assert!(matches!(
        reader.erase(&person(1), None),
        Err(VaultError::ReadOnly)
    ));
}

#[test]
fn a_reader_that_came_before_the_lock_file_sees_the_shredding_too() {
    let place = Place::new();
    let sealed = seal(&place.open(), 1, GENERAL);
    fs::remove_file(place.dir().join("keys.lock")).unwrap();
    let reader = place.read();
    assert!(open(&reader, &sealed).unwrap().is_some());
    place.open().erase(&person(1), None).unwrap();
    assert!(open(&reader, &sealed).unwrap().is_none());
}

#[test]
fn all_who_ask_at_once_get_one_key() {
    let place = Place::new();
    let vault = place.open();
    let barrier = Barrier::new(8);
    thread::scope(|scope| {
        for number in 0..8 {
            let (vault, barrier) = (&vault, &barrier);
            scope.spawn(move || {
                barrier.wait();
                vault.keys_for(&[owner(1, GENERAL), owner(number + 2, GENERAL)])
            });
        }
    });
    assert_eq!(vault.subject_keys(&person(1)).len(), 1);
    assert!((2..10).all(|number| live_keys(&vault, number) == 1));
}

#[test]
fn few_keys_stay_in_memory_and_none_for_long() {
    let place = Place::new();
    for options in [
        place.options().cached_keys(0),
        place.options().cached_keys(2),
        place.options().cache_for(Duration::ZERO),
    ] {
        let vault = place.open_with(&options).unwrap();
        let sealed: Vec<_> = (0..5).map(|number| seal(&vault, number, GENERAL)).collect();
        vault.forget_cached();
        for sealed in sealed.iter().chain(&sealed) {
            assert!(open(&vault, sealed).unwrap().is_some());
        }
        assert!(vault.0.cache.lock().unwrap().len() <= 2);
    }
}
