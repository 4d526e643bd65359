//! What is kept of the people beside the log: a club whose members are kept in snapshots, and a book of addresses.

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;
use varvedb::privacy::SubjectShredded;

use super::people::*;

/// A member of a club, kept in snapshots.
#[derive(VarveValue, Clone, Debug, PartialEq)]
pub struct Member {
    pub id: PersonId,
    #[pii]
    pub name: Pii<String>,
    #[pii(purpose = "billing")]
    pub address: Option<Pii<Address>>,
    #[pii(subject = friend)]
    pub friend_name: Pii<String>,
    pub friend: PersonId,
    pub events: u32,
    pub is_forgotten: bool,
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
    pub id: PersonId,
    #[pii]
    pub name: Pii<String>,
    #[pii]
    pub phones: Vec<Pii<String>>,
    pub plan: u8,
}

pub struct Book;
pub const BOOK: Table<PersonId, Entry> = Table::new("book");
pub const SHREDDED: Table<u64, u64> = Table::new("shredded");

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

pub fn catch_up(store: &Store) {
    let mut processor = Processor::new(store);
    processor.register(Book).unwrap();
    processor.catch_up().unwrap();
}

pub fn entry(store: &Store, id: PersonId) -> Entry {
    store
        .tables::<Book>()
        .unwrap()
        .get(BOOK, &id)
        .unwrap()
        .unwrap()
}

pub fn member(store: &Store, id: PersonId) -> (Member, u64) {
    let member = Repository::new(store).load::<Member>(id).unwrap();
    (member.state().clone(), member.replayed())
}
