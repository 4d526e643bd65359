//! A store with personal data, and its key vault: what was sealed is opened for ever, and what was shredded stays so.
//!
//! The index is kept with it, for the snapshot and the row in it: machines that LMDB writes other files on go without.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;
use varvedb::{ManualClock, MasterKey, SaveError, StoreOptions, StreamId, Subject, VaultOptions};

use crate::golden::{kept, time};

const SEALED: &str = "format-3-sealed";
const STORE: &str = "people.varve";
const VAULT: &str = "people.keys";
const MASTER: [u8; 32] = [7; 32];

const ADA: PersonId = PersonId(1);
const GONE: PersonId = PersonId(2);

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq)]
#[varve(subject = "person")]
struct PersonId(u64);

#[derive(VarveValue, Clone, Debug, PartialEq)]
struct Address {
    street: String,
    floor: Option<u8>,
}

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "person")]
enum PersonEvent {
    Registered {
        #[stream_id]
        id: PersonId,
        #[pii]
        name: Pii<String>,
        #[pii(lookup = as_it_is)]
        email: Pii<String>,
        plan: u8,
    },
    Invoiced {
        #[stream_id]
        id: PersonId,
        #[pii(purpose = "billing")]
        address: Pii<Address>,
        cents: u64,
    },
    Referred {
        #[stream_id]
        id: PersonId,
        friend: PersonId,
        #[pii(subject = friend)]
        friend_name: Pii<String>,
        #[pii]
        words: Vec<Pii<String>>,
    },
}

fn as_it_is(email: &str) -> String {
    email.to_owned()
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
struct Person {
    id: PersonId,
    #[pii]
    name: Pii<String>,
    #[pii]
    email: Pii<String>,
    #[pii(purpose = "billing")]
    address: Option<Pii<Address>>,
    #[pii(subject = friend)]
    friend_name: Option<Pii<String>>,
    friend: PersonId,
    #[pii]
    words: Vec<Pii<String>>,
    plan: u8,
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum Never {}

#[aggregate(id = PersonId, event = PersonEvent, error = Never, snapshot(every = 2))]
impl Person {
    #[command]
    fn come(id: PersonId, events: Vec<PersonEvent>) -> Result<Vec<PersonEvent>, Never> {
        let _ = id;
        Ok(events)
    }
    #[command]
    fn invoice(&self, address: Address) -> Result<PersonEvent, Never> {
        Ok(PersonEvent::Invoiced {
            id: self.id,
            address: address.into(),
            cents: 1,
        })
    }
    #[apply]
    fn registered(event: PersonRegistered<'_>) -> Self {
        Self {
            id: event.id,
            name: event.name.to_pii(),
            email: event.email.to_pii(),
            address: None,
            friend_name: None,
            friend: event.id,
            words: Vec::new(),
            plan: event.plan,
        }
    }
    #[apply]
    fn invoiced(&mut self, event: PersonInvoiced<'_>) {
        self.address = Some(event.address.to_pii());
    }
    #[apply]
    fn referred(&mut self, event: PersonReferred<'_>) {
        self.friend = event.friend;
        self.friend_name = Some(event.friend_name.to_pii());
        self.words = event.words.to_pii();
    }
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
#[varve(subject = id)]
struct Entry {
    id: PersonId,
    #[pii]
    name: Pii<String>,
    plan: u8,
}

struct Book;
const BOOK: Table<PersonId, Entry> = Table::new("book");

#[projection(name = "book")]
impl Book {
    #[on]
    fn registered(
        &self,
        event: PersonRegistered<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), TableError> {
        let entry = Entry {
            id: event.id,
            name: event.name.to_pii(),
            plan: event.plan,
        };
        tables.put(BOOK, &event.id, &entry)
    }
}

fn events(id: PersonId, name: &str, friend: PersonId, friend_name: &str) -> Vec<PersonEvent> {
    vec![
        PersonEvent::Registered {
            id,
            name: name.into(),
            email: format!("{name}@example.org").into(),
            plan: 3,
        },
        PersonEvent::Invoiced {
            id,
            address: address(name).into(),
            cents: 900,
        },
        PersonEvent::Referred {
            id,
            friend,
            friend_name: friend_name.into(),
            words: vec!["kind".into(), "å, 字".into()],
        },
    ]
}

fn address(of: &str) -> Address {
    Address {
        street: format!("{of} Street"),
        floor: Some(2),
    }
}

fn ada() -> Person {
    Person {
        id: ADA,
        name: "Ada".into(),
        email: "Ada@example.org".into(),
        address: Some(address("Ada").into()),
        friend_name: Some(Pii::Shredded),
        friend: GONE,
        words: vec!["kind".into(), "å, 字".into()],
        plan: 3,
    }
}

fn gone() -> Person {
    Person {
        id: GONE,
        name: Pii::Shredded,
        email: Pii::Shredded,
        address: Some(Pii::Shredded),
        friend_name: Some("Ada".into()),
        friend: ADA,
        words: vec![Pii::Shredded, Pii::Shredded],
        plan: 3,
    }
}

fn options(folder: &Path) -> StoreOptions {
    let vault = VaultOptions::new(folder.join(VAULT), MasterKey::new(MASTER));
    StoreOptions::default().vault(vault)
}

fn subject(id: PersonId) -> Subject {
    Subject::of(&id).unwrap()
}

fn stream(id: PersonId) -> StreamId {
    StreamId::new("person", id.0).unwrap()
}

/// A copy of the kept store and vault, and one without its index.
fn copies() -> [TempDir; 2] {
    [true, false].map(|has_index| {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(&kept(SEALED), copy.path());
        let index = copy.path().join(STORE).join("index");
        if !has_index
            || cfg!(not(all(
                target_endian = "little",
                target_pointer_width = "64"
            )))
        {
            fs::remove_dir_all(index).unwrap();
        }
        copy
    })
}

/// Modes are not kept, and a vault that others may read is refused.
fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = entry.map(|e| (e.path(), to.join(e.file_name()))).unwrap();
        if from.is_dir() {
            fs::create_dir(&to).unwrap();
            copy_folder(&from, &to);
        } else {
            fs::write(&to, fs::read(&from).unwrap()).unwrap();
        }
        let mode = if to.is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn each_copy(promise: impl Fn(&Store)) {
    for copy in copies() {
        let store = options(copy.path()).open(copy.path().join(STORE));
        promise(&Store::new(&store.unwrap()));
    }
}

#[test]
fn what_was_sealed_is_opened_and_what_was_shredded_is_not() {
    each_copy(|store| {
        let people = Repository::new(store);
        assert_eq!(*people.load::<Person>(ADA).unwrap().state(), ada());
        assert_eq!(*people.load::<Person>(GONE).unwrap().state(), gone());
        let last = store.read_log().to_vec().unwrap().pop().unwrap();
        assert_eq!(last.type_name.as_str(), "varve_subject.shredded");
        assert_eq!(last.time, time(3));
        let again = store.shred(subject(GONE)).run().unwrap();
        assert_eq!((again.keys_erased, again.keys_gone), (0, 2));
        assert_eq!(again.position, last.position, "it is not told again");
    });
}

#[test]
#[cfg(all(target_endian = "little", target_pointer_width = "64"))]
fn a_snapshot_is_still_believed_and_a_row_is_still_opened() {
    let [with_index, _] = copies();
    let store = options(with_index.path()).open(with_index.path().join(STORE));
    let store = Store::new(&store.unwrap());
    let people = Repository::new(&store);
    let loaded = people.load::<Person>(ADA).unwrap();
    assert_eq!((loaded.state(), loaded.replayed()), (&ada(), 0));
    let row = |id| store.tables::<Book>().unwrap().get(BOOK, &id).unwrap();
    let entry = |id, name| Entry { id, name, plan: 3 };
    assert_eq!(row(ADA), Some(entry(ADA, "Ada".into())));
    assert_eq!(row(GONE), Some(entry(GONE, Pii::Shredded)));
}

#[test]
fn a_person_is_found_by_what_was_sealed_and_told_all_of_it() {
    each_copy(|store| {
        let found = |email: &str| store.find_by::<PersonEvent>("email", email);
        assert_eq!(found("Ada@example.org").unwrap(), [stream(ADA)]);
        assert_eq!(found("Gone@example.org").unwrap(), []);
        let export = store.subject(subject(ADA)).export().unwrap().to_string();
        assert!(export.contains("Ada Street"), "{export}");
    });
}

#[test]
fn the_vault_goes_on_where_it_was() {
    each_copy(|store| {
        let people = Repository::new(store);
        let mut gone = people.load::<Person>(GONE).unwrap();
        gone.invoice(address("New")).unwrap();
        let refused = people.save(&mut gone).unwrap_err();
        assert!(
            matches!(refused, SaveError::SubjectShredded(_)),
            "{refused:?}"
        );
        let mut ada = people.load::<Person>(ADA).unwrap();
        ada.invoice(address("New")).unwrap();
        people.save(&mut ada).unwrap();
        let loaded = people.load::<Person>(ADA).unwrap();
        assert_eq!(loaded.state().address, Some(address("New").into()));
        let receipt = store.shred(subject(ADA)).run().unwrap();
        assert_eq!(receipt.keys_erased, 2, "the keys of then were used");
    });
}

#[test]
#[ignore = "makes the store of a new format, once"]
fn make_the_golden_store_with_personal_data() {
    let path = kept(SEALED);
    assert!(!path.exists(), "a golden store is never written again");
    fs::create_dir(&path).unwrap();
    let clock = Arc::new(ManualClock::new(time(0)));
    let options = options(&path).clock(clock.clone()).segment_bytes(1 << 16);
    let store = Store::new(&options.open(path.join(STORE)).unwrap());
    let people = Repository::new(&store);
    for (id, events) in [
        (ADA, events(ADA, "Ada", GONE, "Gone")),
        (GONE, events(GONE, "Gone", ADA, "Ada")),
    ] {
        clock.set(time(i64::try_from(id.0).unwrap()));
        let mut person = people.fresh::<Person>(id);
        person.come(id, events).unwrap();
        people.save(&mut person).unwrap();
    }
    let mut processor = Processor::new(&store);
    processor.register(Book).unwrap();
    processor.catch_up().unwrap();
    let found = store.find_by::<PersonEvent>("email", "Ada@example.org"); // writes the blind index
    assert_eq!(found.unwrap(), [stream(ADA)]);
    clock.set(time(3));
    let _ = store
        .shred(subject(GONE))
        .reason("request 1")
        .run()
        .unwrap();
    let _ = people.load::<Person>(ADA).unwrap(); // takes a snapshot
    drop((processor, people, store));
    for derived in ["lock", "index/lock.mdb"] {
        fs::remove_file(path.join(STORE).join(derived)).unwrap();
    }
    for replica in ["keys.a", "keys.b"] {
        trim(&path.join(VAULT).join(replica));
    }
    fs::remove_file(path.join(VAULT).join("keys.lock")).unwrap();
    trim(&path.join(STORE).join("log/0000000000000001.varve"));
}

/// Cuts off zeros that were written for what was to come.
fn trim(path: &PathBuf) {
    let bytes = fs::read(path).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    let end = end.next_multiple_of(128);
    file.set_len(u64::try_from(end).unwrap()).unwrap();
}
