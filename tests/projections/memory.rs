//! Read models in memory.

use std::collections::BTreeMap;

use varvedb::blocking::{Processor, Repository};
use varvedb::prelude::*;

use crate::kit::bank::{Account, AccountCommand, AccountDeposited, AccountId, AccountOpened};
use crate::kit::{Place, fresh_repository};

#[derive(Debug, Default)]
struct Deposits {
    totals: BTreeMap<AccountId, u64>,
    seen: Vec<u64>,
}

#[projection(name = "deposits")]
impl Deposits {
    #[on]
    fn opened(&mut self, e: AccountOpened<'_>) {
        self.totals.insert(e.id, 0);
    }

    #[on]
    fn deposited(&mut self, e: AccountDeposited<'_>, meta: &Meta<'_>) {
        *self.totals.entry(e.id).or_default() += e.amount;
        self.seen.push(meta.position().get());
    }
}

fn deposit(repo: &Repository, id: u64, amount: u64) {
    let id = AccountId(id);
    let open = AccountCommand::Open {
        id,
        owner: "somebody".into(),
    };
    let _ = repo.execute::<Account>(id, open);
    repo.execute::<Account>(id, AccountCommand::Deposit { amount })
        .unwrap();
}

#[test]
fn catching_up_hands_every_event_to_its_handler_in_order() {
    let (store, repo) = fresh_repository();
    deposit(&repo, 1, 10);
    deposit(&repo, 2, 20);
    repo.execute::<Account>(AccountId(2), AccountCommand::Withdraw { amount: 1 })
        .unwrap();
    let mut processor = Processor::new(&store);
    let deposits = processor.register(Deposits::default()).unwrap();
    assert_eq!(processor.catch_up().unwrap(), store.head());
    assert_eq!(
        deposits.read().totals,
        [(AccountId(1), 10), (AccountId(2), 20)].into()
    );
    assert_eq!(deposits.read().seen, [2, 4]);
    deposit(&repo, 1, 1);
    processor.catch_up().unwrap();
    assert_eq!(deposits.read().seen, [2, 4, 6], "nothing is handled twice");
}

#[test]
fn a_read_model_in_memory_starts_over_with_the_process() {
    let place = Place::new();
    {
        let store = place.open();
        deposit(&Repository::new(&store), 1, 10);
        let mut processor = Processor::new(&store);
        processor.register(Deposits::default()).unwrap();
        processor.catch_up().unwrap();
    }
    let store = place.open();
    let mut processor = Processor::new(&store);
    let deposits = processor.register(Deposits::default()).unwrap();
    processor.catch_up().unwrap();
    assert_eq!(deposits.read().totals, [(AccountId(1), 10)].into());
}

#[test]
fn a_reading_process_may_keep_a_read_model_in_memory() {
    let place = Place::new();
    deposit(&Repository::new(&place.open()), 1, 10);
    let store = Store::open_read_only(place.path()).unwrap();
    let mut processor = Processor::new(&store);
    let deposits = processor.register(Deposits::default()).unwrap();
    processor.catch_up().unwrap();
    assert_eq!(deposits.read().totals, [(AccountId(1), 10)].into());
}
