//! A root that is held elsewhere is replaced after every shred, whatever comes in between.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use varvedb::blocking::{Repository, Store};
use varvedb::privacy::ShredError;
use varvedb::{KeeperError, Pii, RootId, RootKeeper, RootKey, VaultOptions};

use crate::people::*;

/// A key service that can refuse to change anything, and one call of which can fail.
#[derive(Clone, Debug, Default)]
struct KeyService(Arc<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    roots: Mutex<BTreeMap<RootId, RootKey>>,
    is_away: AtomicBool,
    /// So many calls are answered before one fails.
    answers: Mutex<Option<usize>>,
}

impl KeyService {
    fn go_away(&self, is_away: bool) {
        self.0.is_away.store(is_away, Ordering::SeqCst);
    }

    fn epochs(&self) -> Vec<u32> {
        let roots = self.0.roots.lock().unwrap();
        roots.keys().map(|root| root.epoch).collect()
    }

    /// Fails once, after so many calls.
    fn fail_after(&self, calls: usize) {
        *self.0.answers.lock().unwrap() = Some(calls);
    }

    /// Fails no more. Whether it has.
    fn recover(&self) -> bool {
        self.0.answers.lock().unwrap().take().is_none()
    }

    fn answer(&self) -> Result<(), KeeperError> {
        let mut answers = self.0.answers.lock().unwrap();
        if *answers == Some(0) {
            *answers = None;
            return Err(KeeperError::failed("the line went dead"));
        }
        *answers = answers.map(|left| left - 1);
        Ok(())
    }

    fn change(&self) -> Result<(), KeeperError> {
        if self.0.is_away.load(Ordering::SeqCst) {
            return Err(KeeperError::failed("the key service does not answer"));
        }
        self.answer()
    }
}

impl RootKeeper for KeyService {
    fn create(&self, root: RootId) -> Result<(), KeeperError> {
        self.change()?;
        let key = RootKey::generate()?;
        self.0.roots.lock().unwrap().entry(root).or_insert(key);
        Ok(())
    }

    fn load(&self, root: RootId) -> Result<RootKey, KeeperError> {
        self.answer()?;
        let roots = self.0.roots.lock().unwrap();
        roots
            .get(&root)
            .cloned()
            .ok_or(KeeperError::Absent { root })
    }

    fn destroy(&self, root: RootId) -> Result<(), KeeperError> {
        self.change()?;
        self.0.roots.lock().unwrap().remove(&root);
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

/// What somebody reads of Bob who has a copy of store and vault, the master key, and the roots of today.
fn bob_in_the_copy(registry: &Registry, service: &KeyService) -> Option<Pii<String>> {
    let vault = VaultOptions::new(registry.folder().join("old.keys"), registry.master.clone());
    let options = varvedb::Store::options().vault(vault.root_keeper(service.clone()));
    let store = options
        .open_read_only(registry.folder().join("old.varve"))
        .ok()?;
    let bob = Repository::new(&Store::new(&store))
        .load::<Person>(BOB)
        .ok()?;
    Some(bob.state().name.clone())
}

#[test]
fn a_keeper_that_fails_at_any_call_costs_nobody_their_data_and_breaks_no_promise() {
    const CLEO: PersonId = PersonId(3);
    let mut calls = 0;
    loop {
        let (registry, service) = (Registry::new(), KeyService::default());
        let store = open(&registry, &service);
        Registry::register_people(&store);
        service.fail_after(calls);
        let is_refused = store.shred(subject(ADA)).run().is_err();
        let has_failed = service.recover();
        assert_eq!(is_refused, has_failed, "after {calls} calls");
        let people = Repository::new(&store);
        let mut cleo = people.fresh::<Person>(CLEO);
        cleo.register(CLEO, "Cleo".into(), "cleo@example.org".into())
            .unwrap();
        people.save(&mut cleo).unwrap();
        copy_folder(&registry.store(), &registry.folder().join("old.varve"));
        copy_folder(&registry.vault(), &registry.folder().join("old.keys"));
        let copied = bob_in_the_copy(&registry, &service);
        assert_eq!(copied, Some("Bob Marker".into()), "after {calls} calls");
        assert!(store.shred(subject(BOB)).run().unwrap().root_rolled);
        assert_eq!(
            bob_in_the_copy(&registry, &service),
            None,
            "after {calls} calls"
        );
        drop((cleo, people, store));
        let store = open(&registry, &service);
        assert_eq!(
            load(&store, CLEO).name,
            Pii::from("Cleo"),
            "after {calls} calls"
        );
        for gone in [ADA, BOB] {
            assert_eq!(load(&store, gone).name, Pii::Shredded);
        }
        assert_eq!(service.epochs().len(), 1);
        if !has_failed {
            break;
        }
        calls += 1;
    }
    assert!(calls >= 4, "one is made, both are loaded, one is destroyed");
}

#[test]
fn who_reads_while_the_root_is_rolled_reads() {
    let (registry, service) = (Registry::new(), KeyService::default());
    let vault = registry.vault_options().root_keeper(service).cached_keys(0);
    let store = varvedb::Store::options()
        .vault(vault)
        .open(registry.store())
        .unwrap();
    let store = Store::new(&store);
    Registry::register_people(&store);
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..300 {
                store.keys().unwrap().roll_root(|_| ()).unwrap();
            }
            is_done.store(true, Ordering::SeqCst);
        });
        while !is_done.load(Ordering::SeqCst) {
            assert_eq!(load(&store, BOB).name, Pii::from("Bob Marker"));
        }
    });
}

#[test]
fn one_keeper_serves_several_stores() {
    let service = KeyService::default();
    let (one, other) = (Registry::new(), Registry::new());
    for registry in [&one, &other] {
        Registry::register_people(&open(registry, &service));
    }
    let _ = open(&one, &service).shred(subject(ADA)).run().unwrap();
    assert_eq!(
        load(&open(&other, &service), ADA).name,
        Pii::from("Ada Marker")
    );
    assert_eq!(
        load(&open(&one, &service), BOB).name,
        Pii::from("Bob Marker")
    );
}
