//! The people of these stories: who they are, what is known of them, and where it is kept.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use varvedb::blocking::{Repository, Store};
use varvedb::prelude::*;
use varvedb::{MasterKey, StoreOptions, Subject, VaultOptions};

#[derive(VarveId, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[varve(subject = "person")]
pub struct PersonId(pub u64);

#[derive(VarveValue, Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub street: String,
    pub town: String,
}

#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "person")]
pub enum PersonEvent {
    Registered {
        #[stream_id]
        id: PersonId,
        #[pii(fallback = "somebody".to_owned())]
        name: Pii<String>,
        #[pii(lookup = lower, fallback = |PersonId(id)| format!("{id}@nowhere"))]
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
        #[pii]
        words: Pii<String>,
        #[pii(subject = friend, fallback = |PersonId(friend)| format!("person {friend}"))]
        friend_name: Pii<String>,
    },
    Listed {
        #[stream_id]
        id: PersonId,
        #[pii]
        middle_name: Option<Pii<String>>,
        #[pii]
        phones: Vec<Pii<String>>,
    },
    Upgraded {
        #[stream_id]
        id: PersonId,
        plan: u8,
    },
}

/// Addresses are equal however they are written.
pub fn lower(email: &str) -> String {
    email.trim().to_lowercase()
}

#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub id: PersonId,
    pub name: Pii<String>,
    pub called: Option<String>,
    pub email: Pii<String>,
    pub address: Option<Pii<Address>>,
    pub friend_names: Vec<Pii<String>>,
    pub middle_name: Option<Pii<String>>,
    pub phones: Vec<Pii<String>>,
    pub plan: u8,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Never {}

#[aggregate(id = PersonId, event = PersonEvent, error = Never)]
impl Person {
    #[command]
    pub fn register(id: PersonId, name: String, email: String) -> Result<PersonEvent, Never> {
        let (name, email) = (name.into(), email.into());
        Ok(PersonEvent::Registered {
            id,
            name,
            email,
            plan: 1,
        })
    }
    #[command]
    pub fn invoice(&self, address: Address, cents: u64) -> Result<PersonEvent, Never> {
        let address = address.into();
        Ok(PersonEvent::Invoiced {
            id: self.id,
            address,
            cents,
        })
    }
    #[command]
    pub fn refer(
        &self,
        friend: PersonId,
        words: String,
        name: String,
    ) -> Result<PersonEvent, Never> {
        let (words, friend_name) = (words.into(), name.into());
        Ok(PersonEvent::Referred {
            id: self.id,
            friend,
            words,
            friend_name,
        })
    }
    #[command]
    pub fn list(
        &self,
        middle_name: Option<String>,
        phones: Vec<String>,
    ) -> Result<PersonEvent, Never> {
        let middle_name = middle_name.map(Pii::from);
        let phones = phones.into_iter().map(Pii::from).collect();
        Ok(PersonEvent::Listed {
            id: self.id,
            middle_name,
            phones,
        })
    }
    #[command]
    pub fn upgrade(&self, plan: u8) -> Result<PersonEvent, Never> {
        Ok(PersonEvent::Upgraded { id: self.id, plan })
    }
    #[apply]
    fn registered(event: PersonRegistered<'_>) -> Self {
        Self {
            id: event.id,
            name: event.name.to_pii(),
            called: event.name.or_fallback(),
            email: event.email.to_pii(),
            address: None,
            friend_names: Vec::new(),
            middle_name: None,
            phones: Vec::new(),
            plan: event.plan,
        }
    }
    #[apply]
    fn invoiced(&mut self, event: PersonInvoiced<'_>) {
        self.address = Some(event.address.to_pii());
    }
    #[apply]
    fn referred(&mut self, event: PersonReferred<'_>) {
        self.friend_names.push(event.friend_name.to_pii());
    }
    #[apply]
    fn listed(&mut self, event: PersonListed<'_>) {
        self.middle_name = event.middle_name.to_pii();
        self.phones = event.phones.to_pii();
    }
    #[apply]
    fn upgraded(&mut self, event: PersonUpgraded<'_>) {
        self.plan = event.plan;
    }
}

pub const ADA: PersonId = PersonId(1);
pub const BOB: PersonId = PersonId(2);

pub fn subject(id: PersonId) -> Subject {
    Subject::of(&id).unwrap()
}

pub fn address(street: &str) -> Address {
    Address {
        street: street.to_owned(),
        town: "Brno".to_owned(),
    }
}

/// A folder with a store and its key vault, and the master key of both.
pub struct Registry {
    folder: TempDir,
    pub master: MasterKey,
}

impl Registry {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            master: MasterKey::generate().unwrap(),
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn store(&self) -> PathBuf {
        self.folder().join("people.varve")
    }

    pub fn vault(&self) -> PathBuf {
        self.folder().join("people.keys")
    }

    pub fn vault_options(&self) -> VaultOptions {
        VaultOptions::new(self.vault(), self.master.clone())
    }

    pub fn options(&self) -> StoreOptions {
        varvedb::Store::options().vault(self.vault_options())
    }

    pub fn open(&self) -> Store {
        Store::new(&self.options().open(self.store()).unwrap())
    }

    /// Ada, who referred Bob; Bob; an invoice and a list for each.
    pub fn open_with_people(&self) -> Store {
        let store = self.open();
        Self::register_people(&store);
        store
    }

    pub fn register_people(store: &Store) {
        let people = Repository::new(store);
        for (id, name, friend) in [(ADA, "Ada Marker", BOB), (BOB, "Bob Marker", ADA)] {
            let mut person = people.fresh::<Person>(id);
            person
                .register(id, name.into(), format!("{name}@example.org"))
                .unwrap();
            person
                .invoice(address(&format!("{name} Street")), 100)
                .unwrap();
            person
                .refer(friend, "go on".into(), format!("friend of {name}"))
                .unwrap();
            let phones = vec![format!("{name} 1"), format!("{name} 2")];
            person.list(Some(format!("{name} Middle")), phones).unwrap();
            people.save(&mut person).unwrap();
        }
    }
}

pub fn load(store: &Store, id: PersonId) -> Person {
    let people = Repository::new(store);
    people.load::<Person>(id).unwrap().state().clone()
}

/// All bytes of all files below a folder.
pub fn all_bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(all_bytes(&path));
        } else {
            files.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    files
}

/// The files below a folder in which these bytes are.
pub fn files_with(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let is_in = |file: &[u8]| file.windows(bytes.len()).any(|window| window == bytes);
    let files = all_bytes(folder).into_iter();
    files
        .filter(|(_, file)| is_in(file))
        .map(|(path, _)| path)
        .collect()
}

/// Copies a folder, as a backup does.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Puts a copy of a folder in its place again.
pub fn put_back(copy: &Path, place: &Path) {
    fs::remove_dir_all(place).unwrap();
    copy_folder(copy, place);
}
