//! SIGKILL while a projection works: no event is counted twice, none is missed.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;

use crate::kit::bank::{Account, AccountCommand, AccountDeposited, AccountId};
use crate::kit::{Place, child, child_path};

const ROUNDS: u64 = 30;

const TOTALS: Table<AccountId, (u64, u64)> = Table::new("totals");

/// How many deposits, and how much, for each account.
struct Totals;

#[projection(name = "totals")]
impl Totals {
    #[on]
    fn deposited(
        &self,
        e: AccountDeposited<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), TableError> {
        let (count, sum) = tables.get(TOTALS, &e.id)?.unwrap_or_default();
        tables.put(TOTALS, &e.id, &(count + 1, sum + e.amount))
    }
}

#[test]
fn a_read_model_in_the_store_counts_each_event_exactly_once() {
    let place = Place::new();
    for round in 0..ROUNDS {
        let mut child = child("exactly_once::child_that_counts", &place.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "ready"));
        std::thread::sleep(Duration::from_micros(round * 1_777));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let store = place.open();
    let mut processor = Processor::new(&store);
    processor.register(Totals).unwrap();
    processor.catch_up().unwrap();
    let account = Repository::new(&store)
        .load::<Account>(AccountId(1))
        .unwrap();
    let total = store
        .tables::<Totals>()
        .unwrap()
        .get(TOTALS, &AccountId(1))
        .unwrap()
        .unwrap();
    assert_eq!(
        total,
        (account.version().get() - 1, account.state().balance)
    );
    assert!(total.0 > ROUNDS, "the children got something done");
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_counts() {
    let store = Store::new(&varvedb::Store::open(child_path()).unwrap());
    let repo = Repository::new(&store);
    let id = AccountId(1);
    let _ = repo.execute::<Account>(
        id,
        AccountCommand::Open {
            id,
            owner: "somebody".into(),
        },
    );
    let mut processor = Processor::new(&store);
    processor.register(Totals).unwrap();
    println!("\nready");
    for amount in 1.. {
        repo.execute::<Account>(id, AccountCommand::Deposit { amount: amount % 9 })
            .unwrap();
        processor.catch_up().unwrap();
    }
}
