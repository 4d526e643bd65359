//! Teeth: how erasing is done usually, and that the examiner undoes it.
//!
//! Data keys lie wrapped in LMDB and are deleted there; a read model has the same data in the clear, and
//! its row is deleted. Neither is gone.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvOpenOptions};
use hkdf::Hkdf;
use sha2::Sha256;
use tempfile::TempDir;

use super::examiner::{Evidence, Findings, Key, KeyId};

const MASTER: Key = [0x4D; 32];
const VAULT: [u8; 16] = *b"the naive vault!";
const ROOT: Key = [0x52; 32];
const PEOPLE: u8 = 20;
const VICTIM: u8 = 7;

#[test]
fn a_key_that_was_deleted_from_a_database_is_found() {
    let folder = people_without("keys");
    let findings = examine(&folder);
    assert!(findings.data_keys.contains_key(&key_id(VICTIM)));
    assert!(findings.can_read(&name(VICTIM)));
    assert_eq!(findings.in_the_clear, [], "it was read out of a box");
}

#[test]
fn a_row_that_was_deleted_from_a_database_is_found() {
    let findings = examine(&people_without("rows"));
    assert!(
        findings
            .in_the_clear
            .iter()
            .any(|(_, text)| *text == name(VICTIM))
    );
}

/// Otherwise it would find things that are not there.
#[test]
fn without_the_master_key_nothing_is_found() {
    let folder = people_without("keys");
    let findings = Evidence::of([folder.path()]).examine(&[[9; 32]], &[], &[&name(VICTIM)]);
    assert!(findings.data_keys.is_empty());
    assert!(!findings.can_read(&name(VICTIM)));
    assert_eq!(findings.shut().count(), usize::from(PEOPLE));
}

fn examine(folder: &TempDir) -> Findings {
    Evidence::of([folder.path()]).examine(&[MASTER], &[], &[&name(VICTIM)])
}

/// A naive store with twenty people, of whom one was deleted from this table.
fn people_without(table: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let env = database(&folder);
    let people = table_of(&env, table);
    let boxes: Vec<u8> = (0..PEOPLE).flat_map(sealed).collect();
    std::fs::write(folder.path().join("events"), boxes).unwrap();
    std::fs::write(folder.path().join("root"), root_record()).unwrap();
    for person in 0..PEOPLE {
        let mut write = env.write_txn().unwrap();
        let row = if table == "keys" {
            wrapped(person)
        } else {
            name(person).into_bytes()
        };
        people.put(&mut write, &key_id(person), &row).unwrap();
        write.commit().unwrap();
    }
    let mut write = env.write_txn().unwrap();
    assert!(people.delete(&mut write, &key_id(VICTIM)).unwrap());
    write.commit().unwrap();
    let read = env.read_txn().unwrap();
    assert!(people.get(&read, &key_id(VICTIM)).unwrap().is_none());
    drop(read);
    folder
}

#[expect(unsafe_code, reason = "LMDB maps its file")]
fn database(folder: &TempDir) -> Env {
    let mut options = EnvOpenOptions::new();
    options.max_dbs(2).map_size(1 << 20);
    // SAFETY: the file was made by this test, lies in a folder of its own, and nobody else has it open.
    unsafe { options.open(folder.path()) }.unwrap()
}

fn table_of(env: &Env, name: &str) -> Database<'static, Bytes, Bytes> {
    let write = env.write_txn().unwrap();
    let created = env.create_databases_and_commit(write, |opener, write| {
        let mut options = opener.database_options().types::<Bytes, Bytes>();
        let table = options.name(name).create(write)?;
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(table))
    });
    created.unwrap().unwrap_commit()
}

fn name(person: u8) -> String {
    format!("Person Number {person:02} of Brno")
}

fn key_id(person: u8) -> KeyId {
    derive(&[person], b"key id")
}

fn data_key(person: u8) -> Key {
    derive(&[person], b"data key")
}

fn root_record() -> Vec<u8> {
    let kid: [u8; 16] = derive(&MASTER, b"varve/v1/master-kid");
    let aad = [&b"varve/root/v1"[..], &VAULT, &1_u32.to_le_bytes(), &kid].concat();
    let key: Key = salted(&MASTER, &VAULT, b"varve/v1/root-wrap");
    let nonce = [3; 12];
    let wrapped = encrypt(&key, &nonce, &[ROOT, [0x49; 32]].concat(), &aad);
    let header = [&b"VRVKEYS\0"[..], &[1, 0, 128, 0, 0, 0, 0, 0], &VAULT].concat();
    [&header[..], &1_u32.to_le_bytes(), &kid, &nonce, &wrapped].concat()
}

/// Bound to something that the examiner does not know.
fn wrapped(person: u8) -> Vec<u8> {
    let nonce: [u8; 12] = derive(&[person], b"nonce");
    let key: Key = salted(&ROOT, &VAULT, b"varve/v1/slot-wrap");
    [
        &nonce[..],
        &encrypt(&key, &nonce, &data_key(person), b"whatever"),
    ]
    .concat()
}

fn sealed(person: u8) -> Vec<u8> {
    let prefix = [&[1, 1, 1, 0][..], &key_id(person)].concat();
    let salt: [u8; 24] = derive(&[person], b"salt");
    let okm: [u8; 48] = salted(
        &data_key(person),
        &salt,
        &[b"varve/box/v1", &prefix[..]].concat(),
    );
    let key = okm[..32].try_into().unwrap();
    let mut plain = name(person).into_bytes();
    plain.push(0x80);
    plain.resize(32, 0);
    let body = encrypt(&key, &[0; 12], &plain, b"an event");
    [&prefix[..], &salt, &okm[32..], &body].concat()
}

fn encrypt(key: &Key, nonce: &[u8; 12], plain: &[u8], aad: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad };
    Aes256Gcm::new(key.into())
        .encrypt(nonce.into(), payload)
        .unwrap()
}

fn derive<const N: usize>(key: &[u8], info: &[u8]) -> [u8; N] {
    salted(key, &[], info)
}

fn salted<const N: usize>(key: &[u8], salt: &[u8], info: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    Hkdf::<Sha256>::new(Some(salt), key)
        .expand(info, &mut out)
        .unwrap();
    out
}
