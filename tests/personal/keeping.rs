//! Snapshots and rows seal what is personal under the same keys, and lose it with them.

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;
use varvedb::privacy::SubjectShredded;

use crate::people::*;

/// A member of a club, kept in snapshots.
#[derive(VarveValue, Clone, Debug, PartialEq)]
pub struct Member {
    id: PersonId,
    #[pii]
    name: Pii<String>,
    #[pii(purpose = "billing")]
    address: Option<Pii<Address>>,
    #[pii(subject = friend)]
    friend_name: Pii<String>,
    friend: PersonId,
    events: u32,
    is_forgotten: bool,
}

#[aggregate(id = PersonId, event = PersonEvent, error = Never, snapshot(every = 2))]
impl Member {
    #[apply]
    fn registered(event: PersonRegistered<'_>) -> Self {
        Self {
            id: event.id,
            name: event.name.to_pii(),
            address: None,
            friend_name: "nobody".into(),
            friend: BOB,
            events: 1,
            is_forgotten: false,
        }
    }
    #[apply]
    fn invoiced(&mut self, event: PersonInvoiced<'_>) {
        self.address = Some(event.address.to_pii());
        self.events += 1;
    }
    #[apply]
    fn referred(&mut self, event: PersonReferred<'_>) {
        self.friend = event.friend;
        self.friend_name = event.friend_name.to_pii();
        self.events += 1;
    }
    #[apply]
    fn listed(&mut self, _: PersonListed<'_>) {
        self.events += 1;
    }
    #[apply]
    fn upgraded(&mut self, _: PersonUpgraded<'_>) {
        self.events += 1;
    }
    #[apply]
    fn forget(&mut self, event: SubjectShredded<'_>) {
        self.is_forgotten |= event.id::<PersonId>() == Some(self.id);
    }
}

#[derive(VarveValue, Clone, Debug, PartialEq)]
#[varve(subject = id)]
pub struct Entry {
    id: PersonId,
    #[pii]
    name: Pii<String>,
    #[pii]
    phones: Vec<Pii<String>>,
    plan: u8,
}

pub struct Book;
const BOOK: Table<PersonId, Entry> = Table::new("book");
const SHREDDED: Table<u64, u64> = Table::new("shredded");

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
            phones: Vec::new(),
            plan: event.plan,
        };
        tables.put(BOOK, &event.id, &entry)
    }
    #[on]
    fn listed(&self, event: PersonListed<'_>, tables: &mut Tables<'_>) -> Result<(), TableError> {
        let Some(mut entry) = tables.get(BOOK, &event.id)? else {
            return Ok(());
        };
        entry.phones = event.phones.to_pii();
        tables.put(BOOK, &event.id, &entry)
    }
    #[on]
    fn upgraded(
        &self,
        event: PersonUpgraded<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), TableError> {
        let Some(mut entry) = tables.get(BOOK, &event.id)? else {
            return Ok(());
        };
        entry.plan = event.plan;
        tables.put(BOOK, &event.id, &entry)
    }
    #[on]
    fn shredded(
        &self,
        event: SubjectShredded<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), TableError> {
        let person = event.id::<PersonId>().map_or(0, |PersonId(id)| id);
        tables.put(
            SHREDDED,
            &person,
            &event.key_ids().count().try_into().unwrap(),
        )
    }
}

fn catch_up(store: &Store) {
    let mut processor = Processor::new(store);
    processor.register(Book).unwrap();
    processor.catch_up().unwrap();
}

fn entry(store: &Store, id: PersonId) -> Entry {
    store
        .tables::<Book>()
        .unwrap()
        .get(BOOK, &id)
        .unwrap()
        .unwrap()
}

fn member(store: &Store, id: PersonId) -> (Member, u64) {
    let member = Repository::new(store).load::<Member>(id).unwrap();
    (member.state().clone(), member.replayed())
}

#[test]
fn a_snapshot_is_sealed_and_gone_with_the_subject() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let (before, replayed) = member(&store, ADA);
    assert_eq!(replayed, 4);
    assert_eq!(
        member(&store, ADA),
        (before.clone(), 0),
        "from the snapshot"
    );
    let (bob, _) = member(&store, BOB);
    drop(store);
    assert!(files_with(registry.folder(), b"Marker").is_empty());
    let store = registry.open();
    assert_eq!(
        member(&store, ADA),
        (before.clone(), 0),
        "from the snapshot on the disk"
    );
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert_eq!(
        receipt.snapshots_removed, 2,
        "her own, and Bob's, which has her name"
    );
    let (after, replayed) = member(&store, ADA);
    assert_eq!(replayed, 4, "from the events");
    let expected = Member {
        name: Pii::Shredded,
        address: Some(Pii::Shredded),
        is_forgotten: true,
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(
        member(&store, ADA),
        (expected, 0),
        "a state with what is shredded can be kept"
    );
    let (bob_now, _) = member(&store, BOB);
    assert_eq!(
        bob_now,
        Member {
            friend_name: Pii::Shredded,
            ..bob
        }
    );
}

#[test]
fn a_row_is_sealed_and_keeps_what_is_not_personal() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    catch_up(&store);
    let before = entry(&store, ADA);
    assert_eq!(before.name, Pii::from("Ada Marker"));
    assert_eq!(before.phones.len(), 2);
    assert!(files_with(registry.folder(), b"Marker").is_empty());
    let receipt = store.shred(subject(ADA)).run().unwrap();
    assert_eq!(receipt.rows_cleared, 1);
    let gone = Entry {
        name: Pii::Shredded,
        phones: vec![Pii::Shredded, Pii::Shredded],
        ..before
    };
    assert_eq!(entry(&store, ADA), gone);
    assert_eq!(entry(&store, BOB).name, Pii::from("Bob Marker"));
    let people = Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.upgrade(9).unwrap();
    people.save(&mut ada).unwrap();
    catch_up(&store);
    assert_eq!(entry(&store, ADA), Entry { plan: 9, ..gone });
    let tables = store.tables::<Book>().unwrap();
    assert_eq!(
        tables.rows(SHREDDED).unwrap(),
        [(1, 2)],
        "the projection was told"
    );
}

#[test]
fn a_projection_that_comes_after_a_shred_finds_what_is_left() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    catch_up(&store);
    assert_eq!(entry(&store, ADA).name, Pii::Shredded);
    assert_eq!(entry(&store, BOB).name, Pii::from("Bob Marker"));
}
