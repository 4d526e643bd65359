//! A root that is held elsewhere is replaced after every shred, whatever comes in between.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use varvedb::blocking::Store;
use varvedb::privacy::ShredError;
use varvedb::{KeeperError, Pii, RootKeeper, RootKey, VaultOptions};

use crate::people::*;

/// A key service that can be out of reach.
#[derive(Clone, Debug, Default)]
struct KeyService(Arc<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    roots: Mutex<BTreeMap<u32, RootKey>>,
    is_away: AtomicBool,
}

impl KeyService {
    fn go_away(&self, is_away: bool) {
        self.0.is_away.store(is_away, Ordering::SeqCst);
    }

    fn epochs(&self) -> Vec<u32> {
        self.0.roots.lock().unwrap().keys().copied().collect()
    }

    fn check(&self) -> Result<(), KeeperError> {
        if self.0.is_away.load(Ordering::SeqCst) {
            return Err(KeeperError::failed("the key service does not answer"));
        }
        Ok(())
    }
}

impl RootKeeper for KeyService {
    fn create(&self, epoch: u32) -> Result<(), KeeperError> {
        self.check()?;
        let root = RootKey::generate()?;
        self.0.roots.lock().unwrap().entry(epoch).or_insert(root);
        Ok(())
    }

    fn load(&self, epoch: u32) -> Result<RootKey, KeeperError> {
        let roots = self.0.roots.lock().unwrap();
        roots
            .get(&epoch)
            .cloned()
            .ok_or(KeeperError::Absent { epoch })
    }

    fn destroy(&self, epoch: u32) -> Result<(), KeeperError> {
        self.check()?;
        self.0.roots.lock().unwrap().remove(&epoch);
        Ok(())
    }
}

fn open(registry: &Registry, service: &KeyService) -> Store {
    let vault: VaultOptions = registry.vault_options().root_keeper(service.clone());
    let options = varvedb::Store::options().vault(vault);
    Store::new(&options.open(registry.store()).unwrap())
}

fn shred_while_away(store: &Store, service: &KeyService) -> ShredError {
    service.go_away(true);
    let refused = store.shred(subject(ADA)).run().unwrap_err();
    service.go_away(false);
    refused
}

#[test]
fn a_shred_replaces_the_root_and_destroys_the_old_one() {
    let (registry, service) = (Registry::new(), KeyService::default());
    let store = open(&registry, &service);
    Registry::register_people(&store);
    assert_eq!(service.epochs(), [0]);
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert!(receipt.root_rolled);
    assert_eq!(service.epochs(), [1]);
    let again = store.shred(subject(ADA)).run().unwrap();
    assert!(
        again.root_rolled,
        "older copies of the vault are still worthless"
    );
    assert_eq!(service.epochs(), [1], "nothing was erased since");
    assert_eq!(load(&store, BOB).name, Pii::from("Bob Marker"));
}

#[test]
fn a_root_that_cannot_be_replaced_is_an_error_with_the_receipt_in_it() {
    let (registry, service) = (Registry::new(), KeyService::default());
    let store = open(&registry, &service);
    Registry::register_people(&store);
    let refused = shred_while_away(&store, &service);
    insta::assert_snapshot!(refused.to_string());
    let ShredError::RootKept { receipt, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((receipt.keys_erased, receipt.root_rolled), (2, false));
    assert_eq!(load(&store, ADA).name, Pii::Shredded);
    let again = store.shred(subject(ADA)).run().unwrap();
    assert_eq!((again.keys_erased, again.root_rolled), (0, true));
    assert_eq!(service.epochs(), [1]);
}

#[test]
fn a_root_that_is_owed_is_replaced_when_the_store_is_opened() {
    let (registry, service) = (Registry::new(), KeyService::default());
    let store = open(&registry, &service);
    Registry::register_people(&store);
    let _ = shred_while_away(&store, &service);
    drop(store);
    service.go_away(true);
    let store = open(&registry, &service);
    assert_eq!(
        load(&store, BOB).name,
        Pii::from("Bob Marker"),
        "it is no reason to stand still"
    );
    drop(store);
    service.go_away(false);
    let store = open(&registry, &service);
    assert_eq!(service.epochs(), [1]);
    assert_eq!(load(&store, ADA).name, Pii::Shredded);
    assert_eq!(load(&store, BOB).name, Pii::from("Bob Marker"));
    drop(store);
    drop(open(&registry, &service));
    assert_eq!(service.epochs(), [1], "once");
}
