//! The promise: after a shred, with every byte of the store and the vault, every backup of the store, and the master
//! key, nothing of that person can be read. Of everybody else everything can.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use varvedb::blocking::Store;
use varvedb::{KeeperError, RootId, RootKeeper, RootKey, VaultOptions};

use super::club::{catch_up, member};
use super::examiner::{Evidence, Findings, FoundBox, Key};
use super::people::{ADA, BOB, Registry, copy_folder, subject};

/// Of Ada, for all purposes but billing.
const ADAS: [&str; 5] = [
    "Ada Marker@example.org",
    "friend of Bob Marker",
    "Ada Marker Middle",
    "Ada Marker 1",
    "Ada Marker 2",
];
const ADAS_STREET: &str = "Ada Marker Street";
const BOBS: [&str; 6] = [
    "Bob Marker@example.org",
    "friend of Ada Marker",
    "Bob Marker Middle",
    "Bob Marker 1",
    "Bob Marker 2",
    "Bob Marker Street",
];

/// Otherwise not finding anything would mean nothing.
#[test]
fn before_a_shred_the_examiner_reads_everybody() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    let findings = examine(&registry, &[]);
    assert_readable(&findings, ADAS.iter().chain(&BOBS).chain([&ADAS_STREET]));
    assert_eq!(findings.shut().count(), 0);
    assert_eq!(findings.in_the_clear, [], "and out of boxes alone");
}

#[test]
fn after_a_shred_nothing_of_the_person_is_left_and_everything_of_the_others() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    drop(store);
    let backup = registry.folder().join("backup.varve");
    copy_folder(&registry.store(), &backup);
    let store = registry.open();
    let receipt = store
        .shred(subject(ADA))
        .reason("request 4711")
        .run()
        .unwrap();
    assert!(receipt.keys_erased >= 2, "{receipt}");
    let while_open = examine(&registry, &[&backup]);
    drop(store);
    for findings in [while_open, examine(&registry, &[&backup])] {
        assert_gone(&findings, ADAS.iter().chain([&ADAS_STREET]));
        assert_readable(&findings, &BOBS);
        assert!(findings.shut().count() > 0);
        assert!(
            findings
                .shut()
                .all(|shut| findings.tombstones.contains(&shut.key_id))
        );
    }
}

#[test]
fn snapshots_and_read_models_hold_nothing_of_the_person_either() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    catch_up(&store);
    let _ = (member(&store, ADA), member(&store, BOB));
    drop(store); // which folds the snapshots
    let findings = examine(&registry, &[]);
    let in_index = |found: &&FoundBox| found.file.contains("index");
    assert!(
        findings.boxes.iter().filter(in_index).count() >= 4,
        "{:?}",
        findings.roots
    );
    let backup = registry.folder().join("backup.varve");
    copy_folder(&registry.store(), &backup);
    let store = registry.open();
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert!(
        receipt.snapshots_removed > 0 && receipt.rows_cleared > 0,
        "{receipt}"
    );
    drop(store);
    let findings = examine(&registry, &[&backup]);
    assert!(!findings.roots.is_empty(), "the examiner has the root");
    assert_gone(&findings, ADAS.iter().chain([&ADAS_STREET]));
    assert_readable(&findings, &BOBS);
}

#[test]
fn shredding_for_one_purpose_leaves_the_others() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).purpose("billing").run().unwrap();
    drop(store);
    let findings = examine(&registry, &[]);
    assert_gone(&findings, [&ADAS_STREET]);
    assert_readable(&findings, ADAS.iter().chain(&BOBS));
}

#[test]
fn keys_that_were_rotated_away_are_erased_with_the_present_one() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    let store = registry.options().open(registry.store()).unwrap();
    let keys = store.keys().unwrap();
    keys.rotate_data_key(&subject(ADA), "general").unwrap();
    let store = Store::new(&store);
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert!(receipt.keys_erased >= 3, "{receipt}");
    drop(store);
    let findings = examine(&registry, &[]);
    assert_gone(&findings, ADAS.iter().chain([&ADAS_STREET]));
    assert_readable(&findings, &BOBS);
}

/// The stated limit, and that the examiner would see it: who kept a copy of the vault kept its keys.
#[test]
fn a_copy_of_the_vault_from_before_undoes_a_shred() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    let copy = registry.folder().join("copy.keys");
    copy_folder(&registry.vault(), &copy);
    let store = registry.open();
    let _ = store.shred(subject(ADA)).run().unwrap();
    drop(store);
    let findings = examine(&registry, &[&copy]);
    assert_readable(&findings, ADAS.iter().chain([&ADAS_STREET]));
}

/// And what ends it: a root that was held elsewhere and was destroyed.
#[test]
fn a_copy_of_the_vault_from_before_is_useless_once_the_root_was_rolled() {
    let registry = Registry::new();
    let keeper = Roots::default();
    let options = || registry.vault_options().root_keeper(keeper.clone());
    drop(register(&registry, options()));
    let old_roots = keeper.all();
    let copy = registry.folder().join("copy.keys");
    copy_folder(&registry.vault(), &copy);
    let store = varvedb::Store::options().vault(options());
    let store = store.open(registry.store()).unwrap();
    let _ = Store::new(&store).shred(subject(ADA)).run().unwrap();
    drop(store);
    let evidence = Evidence::of([&*registry.store(), &*registry.vault(), &*copy]);
    let markers: Vec<&str> = ADAS.to_vec();
    let now = evidence.examine(&[master(&registry)], &keeper.all(), &markers);
    assert_gone(&now, ADAS.iter().chain([&ADAS_STREET]));
    assert_readable(&now, &BOBS);
    let with_the_old_root = evidence.examine(&[master(&registry)], &old_roots, &markers);
    assert_readable(&with_the_old_root, ADAS.iter());
}

#[test]
fn without_the_master_key_nobody_is_read() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    let evidence = Evidence::of([registry.folder()]);
    let findings = evidence.examine(&[[1; 32]], &[], &BOBS);
    assert_gone(&findings, ADAS.iter().chain(&BOBS));
}

fn examine(registry: &Registry, more: &[&Path]) -> Findings {
    let (store, vault) = (registry.store(), registry.vault());
    let folders = [&*store, &*vault].into_iter().chain(more.iter().copied());
    let markers: Vec<&str> = ADAS
        .iter()
        .chain(&BOBS)
        .copied()
        .chain([ADAS_STREET])
        .collect();
    Evidence::of(folders).examine(&[master(registry)], &[], &markers)
}

fn master(registry: &Registry) -> Key {
    let digits = registry.master.to_hex();
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}

fn assert_readable<'a>(findings: &Findings, texts: impl IntoIterator<Item = &'a &'a str>) {
    for text in texts {
        assert!(findings.can_read(text), "{text:?} is gone");
    }
}

fn assert_gone<'a>(findings: &Findings, texts: impl IntoIterator<Item = &'a &'a str>) {
    for text in texts {
        assert!(!findings.can_read(text), "{text:?} can be read");
    }
}

fn open(registry: &Registry, vault: VaultOptions) -> Store {
    let options = varvedb::Store::options().vault(vault);
    Store::new(&options.open(registry.store()).unwrap())
}

fn register(registry: &Registry, vault: VaultOptions) -> Store {
    let store = open(registry, vault);
    Registry::register_people(&store);
    store
}

/// Stands for a key service.
#[derive(Clone, Debug, Default)]
struct Roots(Arc<Mutex<BTreeMap<RootId, RootKey>>>);

impl Roots {
    fn all(&self) -> Vec<(u32, Key)> {
        let roots = self.0.lock().unwrap();
        roots
            .iter()
            .map(|(root, key)| (root.epoch, *key.as_bytes()))
            .collect()
    }
}

impl RootKeeper for Roots {
    fn create(&self, root: RootId) -> Result<(), KeeperError> {
        let key = RootKey::generate()?;
        self.0.lock().unwrap().entry(root).or_insert(key);
        Ok(())
    }

    fn load(&self, root: RootId) -> Result<RootKey, KeeperError> {
        let roots = self.0.lock().unwrap();
        roots
            .get(&root)
            .cloned()
            .ok_or(KeeperError::Absent { root })
    }

    fn destroy(&self, root: RootId) -> Result<(), KeeperError> {
        self.0.lock().unwrap().remove(&root);
        Ok(())
    }
}
