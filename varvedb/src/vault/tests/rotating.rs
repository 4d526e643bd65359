//! Other keys in the place of keys, and what an older copy of the vault learns from the ledger.

use std::fs;

use super::kit::{BILLING, GENERAL, Place, live_keys, master, open, owner, person, seal};
use super::simulation::Simulation;
use crate::pii::PiiError;
use crate::vault::{KeyRing, Ledger, Vault, VaultError, VaultOptions};

#[test]
fn after_rotation_the_old_master_key_is_not_needed() {
    let place = Place::new();
    let vault = place.open();
    let sealed = seal(&vault, 1, GENERAL);
    drop(vault);
    let ring = KeyRing::new(master(2)).with_older(master(1));
    let vault = place
        .open_with(&VaultOptions::new(place.dir(), ring))
        .unwrap();
    for _ in 0..2 {
        assert_eq!(vault.rotate_master_key().unwrap(), master(2).id());
    }
    assert!(open(&vault, &sealed).unwrap().is_some());
    drop(vault);
    let old = place.open_with(&place.options()).unwrap_err();
    let wanted = master(2).id();
    assert!(matches!(old, VaultError::WrongMasterKey { wanted: id } if id == wanted));
    let new = VaultOptions::new(place.dir(), master(2));
    let vault = place.open_with(&new).unwrap();
    assert!(open(&vault, &sealed).unwrap().is_some());
}

#[test]
fn a_new_data_key_seals_what_comes_and_dies_with_the_old_one() {
    let place = Place::new();
    let vault = place.open();
    let old = seal(&vault, 1, GENERAL);
    let key = vault.rotate_data_key(&person(1), GENERAL).unwrap();
    drop(vault);
    let vault = place.open();
    let new = seal(&vault, 1, GENERAL);
    assert_eq!(new[4..20], key.0);
    assert_ne!(new[4..20], old[4..20]);
    assert!(open(&vault, &old).unwrap().is_some());
    assert_eq!(live_keys(&vault, 1), 2);
    assert_eq!(vault.erase(&person(1), None).unwrap().keys_erased, 2);
    assert!(open(&vault, &old).unwrap().is_none() && open(&vault, &new).unwrap().is_none());
    assert!(vault.rotate_data_key(&person(1), GENERAL).is_err());
    assert!(vault.rotate_data_key(&person(2), GENERAL).is_err());
}

#[test]
fn a_reading_process_follows_a_new_root() {
    let place = Place::new();
    let (writer, reader) = (place.open(), place.read());
    let sealed = seal(&writer, 1, GENERAL);
    seal(&writer, 2, GENERAL);
    writer.erase(&person(2), None).unwrap();
    let mut seen = Vec::new();
    writer
        .roll_root(&mut |progress| seen.push((progress.done, progress.of)))
        .unwrap();
    assert_eq!(seen, [(1, 1)]);
    for vault in [&writer, &reader] {
        vault.forget_cached();
        assert!(open(vault, &sealed).unwrap().is_some());
    }
    assert!(seal(&writer, 3, GENERAL).len() > 76);
}

/// With the root held elsewhere, what was copied before a roll is of no use after it.
#[test]
fn an_old_copy_does_not_open_once_its_root_is_destroyed() {
    let simulation = Simulation::default();
    let vault = simulation.open(master(1), true).unwrap();
    let sealed = seal(&vault, 1, GENERAL);
    let copy = simulation.world().replicas;
    vault.roll_root(&mut |_| {}).unwrap();
    vault.erase(&person(1), None).unwrap();
    assert!(open(&vault, &sealed).unwrap().is_none());
    let mut old = simulation.world();
    old.replicas = copy;
    let refused = Simulation::of(old).open(master(1), true).unwrap_err();
    assert!(matches!(refused, VaultError::Keeper { .. }), "{refused}");
}

#[test]
fn a_root_that_is_held_elsewhere_is_missed() {
    let simulation = Simulation::default();
    drop(simulation.open(master(1), true).unwrap());
    let refused = simulation.open(master(1), false).unwrap_err();
    assert!(matches!(refused, VaultError::RootKeeper { .. }));
}

#[test]
fn an_older_copy_learns_from_the_ledger_what_was_shredded() {
    let place = Place::new();
    let vault = place.open();
    let sealed = [1, 2, 3].map(|number| seal(&vault, number, GENERAL));
    drop(vault);
    let copies = ["keys.a", "keys.b"].map(|file| place.dir().join(file));
    let bytes = copies.clone().map(|path| fs::read(path).unwrap());
    let vault = place.open();
    let new = seal(&vault, 1, BILLING);
    vault.erase(&person(1), None).unwrap();
    vault.erase(&person(2), Some(GENERAL)).unwrap();
    let text = vault.ledger().unwrap().to_string();
    drop(vault);
    for (path, bytes) in copies.iter().zip(bytes) {
        fs::write(path, bytes).unwrap();
    }
    let vault = place.open();
    let ledger: Ledger = text.parse().unwrap();
    assert_eq!((ledger.len(), ledger.to_string()), (3, text));
    assert!(matches!(
        open(&vault, &new),
        Err(PiiError::UnknownKey { .. })
    ));
    assert_eq!(vault.apply_ledger(&ledger).unwrap(), 3);
    assert_eq!(vault.apply_ledger(&ledger).unwrap(), 0);
    let is_gone = |sealed: &Vec<u8>| open(&vault, sealed).unwrap().is_none();
    assert_eq!(sealed.each_ref().map(is_gone), [true, true, false]);
    assert!(is_gone(&new));
    assert!(vault.keys_for(&[owner(1, BILLING)]).is_err());
    assert!(vault.keys_for(&[owner(2, BILLING)]).is_ok());
}

#[test]
fn the_ledger_of_another_vault_is_refused() {
    let (one, other): (Vault, Vault) = (Place::new().open(), Place::new().open());
    let refused = one.apply_ledger(&other.ledger().unwrap()).unwrap_err();
    assert!(matches!(refused, VaultError::OtherVault { .. }));
    let unreadable = "shredded: all".parse::<Ledger>().unwrap_err();
    assert!(matches!(unreadable, VaultError::Ledger { line: 1, .. }));
    let text = format!("{}gone", one.ledger().unwrap());
    let unreadable = text.parse::<Ledger>().unwrap_err();
    assert!(matches!(unreadable, VaultError::Ledger { line: 2, .. }));
}
