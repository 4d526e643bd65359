//! A vault opens where it belongs, with the right key, and nowhere else.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use uuid::Uuid;

use super::kit::{GENERAL, Place, STORE, master, open, seal};
use crate::pii::PiiError;
use crate::vault::{Vault, VaultError, VaultOptions};

#[test]
fn what_was_sealed_is_opened_after_the_vault_was_closed() {
    let place = Place::new();
    let vault = place.open();
    let sealed = seal(&vault, 1, GENERAL);
    drop(vault);
    let vault = place.open();
    assert_eq!(open(&vault, &sealed).unwrap().unwrap(), "general of 1");
    assert_eq!(
        seal(&vault, 1, GENERAL)[4..20],
        sealed[4..20],
        "the same key"
    );
}

#[test]
fn both_replicas_are_the_same_file() {
    let place = Place::new();
    let vault = place.open();
    for number in 0..100 {
        seal(&vault, number, GENERAL);
    }
    let a = fs::read(place.dir().join("keys.a")).unwrap();
    let b = fs::read(place.dir().join("keys.b")).unwrap();
    assert_eq!(a.len(), 1 << 20);
    assert!(a == b);
}

#[test]
fn only_the_owner_may_look_into_the_vault() {
    let place = Place::new();
    drop(place.open());
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(place.dir()), 0o700);
    for file in ["keys.a", "keys.b", "keys.lock", ".nobackup"] {
        assert_eq!(mode(place.dir().join(file)), 0o600, "{file}");
    }
    fs::set_permissions(
        place.dir().join("keys.b"),
        fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    let refused = place.open_with(&place.options()).unwrap_err();
    assert!(
        matches!(refused, VaultError::Permissions { mode: 0o640, .. }),
        "{refused}"
    );
}

#[test]
fn a_second_writer_learns_who_is_first() {
    let place = Place::new();
    let _first = place.open();
    let refused = place.open_with(&place.options()).unwrap_err();
    let me = std::process::id();
    assert!(matches!(refused, VaultError::Locked { pid, .. } if pid == me));
}

#[test]
fn another_master_key_is_told_which_one_is_wanted() {
    let place = Place::new();
    drop(place.open());
    let options = VaultOptions::new(place.dir(), master(2));
    let refused = place.open_with(&options).unwrap_err();
    let wanted = master(1).id();
    assert!(matches!(refused, VaultError::WrongMasterKey { wanted: id } if id == wanted));
}

#[test]
fn the_vault_of_another_store_is_refused_until_it_is_adopted() {
    let place = Place::new();
    let sealed = seal(&place.open(), 1, GENERAL);
    let other = Uuid::from_u128(8);
    let open_as = |options, store| Vault::open(&options, store, &place.store(), true);
    let refused = open_as(place.options(), other).unwrap_err();
    assert!(matches!(refused, VaultError::OtherStore { found, .. } if found == STORE));
    drop(open_as(place.options().adopt(), other).unwrap());
    let vault = open_as(place.options(), other).unwrap();
    assert!(open(&vault, &sealed).unwrap().is_some());
    drop(vault);
    assert!(open_as(place.options(), STORE).is_err());
}

#[test]
fn a_vault_that_is_gone_is_not_made_anew_unless_it_is_asked_for() {
    let place = Place::new();
    let sealed = seal(&place.open(), 1, GENERAL);
    fs::remove_dir_all(place.dir()).unwrap();
    let missing = Vault::open(&place.options(), STORE, &place.store(), false).unwrap_err();
    assert!(matches!(missing, VaultError::Missing { .. }));
    assert!(!place.dir().exists());
    let options = place.options().replace_lost();
    let vault = Vault::open(&options, STORE, &place.store(), false).unwrap();
    let lost = open(&vault, &sealed).unwrap_err();
    assert!(matches!(lost, PiiError::UnknownKey { .. }));
}

#[test]
fn a_replica_that_is_gone_is_missed() {
    let place = Place::new();
    seal(&place.open(), 1, GENERAL);
    for file in ["keys.a", "keys.b"] {
        let path = place.dir().join(file);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let missing = place
            .open_with(&place.options().replace_lost())
            .unwrap_err();
        assert!(
            matches!(&missing, VaultError::MissingReplica { path: found, .. } if *found == path),
            "{missing}"
        );
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    place.open();
}

#[test]
fn a_replica_of_another_vault_is_told_apart() {
    let (place, other) = (Place::new(), Place::new());
    seal(&place.open(), 1, GENERAL);
    seal(&other.open(), 1, GENERAL);
    fs::copy(other.dir().join("keys.b"), place.dir().join("keys.b")).unwrap();
    let refused = place.open_with(&place.options()).unwrap_err();
    assert!(
        matches!(refused, VaultError::OtherVault { .. }),
        "{refused}"
    );
}

#[test]
fn the_second_replica_may_lie_elsewhere() {
    let place = Place::new();
    let second = place.store().with_extension("second");
    let options = place.options().second_replica(&second);
    let sealed = seal(&place.open_with(&options).unwrap(), 1, GENERAL);
    assert!(second.join("keys.b").exists() && !place.dir().join("keys.b").exists());
    let vault = place.open_with(&options).unwrap();
    assert!(open(&vault, &sealed).unwrap().is_some());
}

#[test]
fn a_vault_within_the_store_is_refused() {
    let place = Place::new();
    let options = VaultOptions::new(place.store().join("keys"), master(1));
    let refused = place.open_with(&options).unwrap_err();
    assert!(matches!(refused, VaultError::Colocated { .. }));
    assert!(place.open_with(&options.allow_colocated()).is_ok());
}

#[test]
fn a_format_to_come_is_told_by_its_number() {
    let place = Place::new();
    drop(place.open());
    let path = place.dir().join("keys.a");
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 2;
    let checksum = crate::vault::derive::checksum(&bytes[..504]);
    bytes[504..512].copy_from_slice(&checksum);
    fs::write(&path, bytes).unwrap();
    let refused = place.open_with(&place.options()).unwrap_err();
    assert!(matches!(refused, VaultError::Format { format: 2, .. }));
}

/// What a person reads when something does not fit must say what to do.
#[test]
fn nothing_that_is_printed_shows_a_key() {
    let place = Place::new();
    let vault = place.open();
    seal(&vault, 1, GENERAL);
    let printed = format!("{vault:?}");
    assert!(printed.contains("Secret(•••)"));
    assert!(!printed.contains("[1, 1, 1, 1"));
}
