//! Backups come back: a tombstone on either side wins, and what is lost is never shown as shredded.

use std::fs;
use std::path::PathBuf;

use varvedb::blocking::Repository;
use varvedb::{LoadError, Pii, VaultOptions};

use crate::people::*;

/// Copies of store and vault as they are.
fn back_up(registry: &Registry) -> (PathBuf, PathBuf) {
    let [store, vault] = ["store.bak", "vault.bak"].map(|name| registry.folder().join(name));
    copy_folder(&registry.store(), &store);
    copy_folder(&registry.vault(), &vault);
    (store, vault)
}

/// A registry whose Ada was shredded, and copies of its store and vault from before.
fn shredded() -> (Registry, PathBuf, PathBuf) {
    let registry = Registry::new();
    drop(registry.open_with_people());
    let (store, vault) = back_up(&registry);
    let open = registry.open();
    let _ = open
        .shred(subject(ADA))
        .reason("request 4711")
        .run()
        .unwrap();
    drop(open);
    (registry, store, vault)
}

fn shreds(store: &varvedb::blocking::Store) -> usize {
    let category = varvedb::Category::new("varve_subject").unwrap();
    store.read_category(&category).to_vec().unwrap().len()
}

#[test]
fn an_old_log_with_the_vault_of_today_stays_shredded_and_is_told_so() {
    let (registry, old_store, _) = shredded();
    put_back(&old_store, &registry.store());
    let store = registry.open();
    assert_eq!(load(&store, ADA).name, Pii::Shredded);
    assert_eq!(load(&store, BOB).name, Pii::from("Bob Marker"));
    assert_eq!(shreds(&store), 1, "projections erase again");
    drop(store);
    assert_eq!(shreds(&registry.open()), 1, "once");
}

#[test]
fn the_log_of_today_with_an_old_vault_is_erased_again() {
    let (registry, _, old_vault) = shredded();
    put_back(&old_vault, &registry.vault());
    let reading = registry.options().open_read_only(registry.store());
    insta::assert_snapshot!(reading.unwrap_err().to_string());
    let store = registry.open();
    assert_eq!(load(&store, ADA).name, Pii::Shredded);
    assert_eq!(load(&store, BOB).name, Pii::from("Bob Marker"));
    assert_eq!(shreds(&store), 1);
}

#[test]
fn a_vault_that_is_lost_is_a_loud_error_and_nobody_looks_shredded() {
    let (registry, _, _) = shredded();
    fs::remove_dir_all(registry.vault()).unwrap();
    let anew = VaultOptions::new(registry.vault(), registry.master.clone()).replace_lost();
    let options = varvedb::Store::options().vault(anew);
    let store = varvedb::blocking::Store::new(&options.open(registry.store()).unwrap());
    let lost = Repository::new(&store).load::<Person>(BOB).unwrap_err();
    assert!(matches!(lost, LoadError::Pii { .. }), "{lost:?}");
    assert!(
        lost.to_string().contains("does not know data key"),
        "{lost}"
    );
    let ada = Repository::new(&store).load::<Person>(ADA);
    let ada = ada.map(|ada| ada.state().name.clone());
    assert!(!matches!(ada, Ok(Pii::Known(_))), "the log knows of Ada");
}

#[test]
fn both_old_know_nothing_and_the_ledger_tells_them() {
    let (registry, old_store, old_vault) = shredded();
    let store = registry.open();
    let ledger = store.keys().unwrap().ledger().unwrap();
    drop(store);
    put_back(&old_store, &registry.store());
    put_back(&old_vault, &registry.vault());
    let store = registry.open();
    assert_eq!(
        load(&store, ADA).name,
        Pii::from("Ada Marker"),
        "the limit that is documented"
    );
    assert_eq!(
        pollster::block_on(store.keys().unwrap().apply_ledger(&ledger)).unwrap(),
        2
    );
    assert_eq!(load(&store, ADA).name, Pii::Shredded);
    assert_eq!(load(&store, BOB).name, Pii::from("Bob Marker"));
    assert_eq!(shreds(&store), 1);
}

#[test]
fn a_ledger_shreds_no_more_than_was_shredded() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    let (old_store, old_vault) = back_up(&registry);
    let store = registry.open();
    let _ = store.shred(subject(ADA)).purpose("billing").run().unwrap();
    let ledger = store.keys().unwrap().ledger().unwrap().to_string();
    let ledger = ledger.parse().unwrap();
    drop(store);
    put_back(&old_store, &registry.store());
    put_back(&old_vault, &registry.vault());
    let store = registry.open();
    let applied = store.keys().unwrap().apply_ledger(&ledger);
    assert_eq!(pollster::block_on(applied).unwrap(), 1);
    let ada = load(&store, ADA);
    assert_eq!(ada.address, Some(Pii::Shredded));
    assert_eq!(
        ada.name,
        Pii::from("Ada Marker"),
        "nobody asked for that to go"
    );
    assert_eq!(shreds(&store), 1);
    drop(store);
    let ada = load(&registry.open(), ADA);
    assert_eq!(ada.name, Pii::from("Ada Marker"), "nor later");
}

#[test]
fn who_was_enrolled_again_stays_so_when_an_old_log_is_put_back() {
    let (registry, old_store, _) = shredded();
    let store = registry.open();
    let _ = store.reenroll(subject(ADA)).run().unwrap();
    let people = Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.refer(BOB, "hello again".into(), "Bob".into()).unwrap();
    people.save(&mut ada).unwrap();
    drop((ada, people, store));
    put_back(&old_store, &registry.store());
    drop(registry.open());
    let store = registry.open(); // also when the log has been told
    assert_eq!(load(&store, ADA).name, Pii::Shredded);
    assert_eq!(shreds(&store), 1, "projections erase again");
    let people = Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.refer(BOB, "hello again".into(), "Bob".into()).unwrap();
    people.save(&mut ada).unwrap();
}

/// Adds something personal for the purpose `general`.
fn list(store: &varvedb::blocking::Store, phone: &str) -> Result<(), varvedb::SaveError> {
    let people = Repository::new(store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.list(None, vec![phone.into()]).unwrap();
    people.save(&mut ada).map(drop)
}

/// Adds something personal for the purpose `billing`.
fn invoice(store: &varvedb::blocking::Store) -> Result<(), varvedb::SaveError> {
    let people = Repository::new(store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.invoice(address("Ada Marker Street"), 7).unwrap();
    people.save(&mut ada).map(drop)
}

#[test]
fn an_old_vault_learns_from_the_log_who_is_fenced_without_ever_having_had_a_key() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    for purpose in ["general", "billing"] {
        let _ = store.shred(subject(ADA)).purpose(purpose).run().unwrap();
    }
    store
        .reenroll(subject(ADA))
        .purpose("general")
        .run()
        .unwrap();
    drop(store);
    let (_, old_vault) = back_up(&registry);
    let store = registry.open();
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert_eq!(
        receipt.keys_erased, 0,
        "there is no key to destroy, and a fence to put up"
    );
    drop(store);
    put_back(&old_vault, &registry.vault());
    let store = registry.open();
    assert!(list(&store, "123").is_err());
    assert_eq!(shreds(&store), 4, "it is written down already");
}

#[test]
fn an_old_vault_learns_from_the_log_for_what_somebody_was_enrolled_again() {
    let (registry, _, old_vault) = shredded();
    let store = registry.open();
    store
        .reenroll(subject(ADA))
        .purpose("general")
        .run()
        .unwrap();
    drop(store);
    put_back(&old_vault, &registry.vault());
    let store = registry.open();
    assert_eq!(load(&store, ADA).name, Pii::Shredded);
    list(&store, "123").unwrap();
    assert!(invoice(&store).is_err(), "not for this");
}

#[test]
fn a_ledger_does_not_undo_what_came_after_it() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    for purpose in ["general", "billing"] {
        let _ = store.shred(subject(ADA)).purpose(purpose).run().unwrap();
    }
    let _ = store.shred(subject(ADA)).run().unwrap(); // a fence, and no key
    let ledger = store.keys().unwrap().ledger().unwrap();
    store.reenroll(subject(ADA)).run().unwrap();
    let applied = store.keys().unwrap().apply_ledger(&ledger);
    assert_eq!(
        pollster::block_on(applied).unwrap(),
        0,
        "all of it is known"
    );
    list(&store, "123").unwrap();
}
