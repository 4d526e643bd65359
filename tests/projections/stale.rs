//! A reading process that dies in the middle of a look at the tables.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;

use crate::kit::bank::{Account, AccountCommand, AccountDeposited, AccountId};
use crate::kit::{Place, child, child_path};

const LAST: Table<u64, String> = Table::new("last");

/// Keeps one long row, written anew for every deposit.
struct Last;

#[projection(name = "last")]
impl Last {
    #[on]
    fn deposited(
        &self,
        e: AccountDeposited<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), TableError> {
        tables.put(LAST, &0, &e.amount.to_string().repeat(10_000))
    }
}

fn index_bytes_after(store: &Store, deposits: u64) -> u64 {
    let repo = Repository::new(store);
    let id = AccountId(1);
    let mut processor = Processor::new(store);
    processor.register(Last).unwrap();
    for amount in 0..deposits {
        repo.execute::<Account>(id, AccountCommand::Deposit { amount })
            .unwrap();
        processor.catch_up().unwrap();
    }
    store.size().unwrap().index_bytes
}

#[test]
fn a_reading_process_that_was_killed_does_not_let_the_index_grow_for_ever() {
    let place = Place::new();
    let options = varvedb::Store::options().index_map_bytes(1 << 20);
    let store = place.open_with(options);
    let id = AccountId(1);
    let owner = "somebody".to_owned();
    Repository::new(&store)
        .execute::<Account>(id, AccountCommand::Open { id, owner })
        .unwrap();
    index_bytes_after(&store, 3);
    let mut reader = child("stale::child_that_looks", &place.path())
        .stdout(Stdio::piped())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(reader.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "looking"));
    reader.kill().unwrap();
    reader.wait().unwrap();
    let bytes = index_bytes_after(&store, 150);
    assert!(bytes <= 1 << 20, "{bytes}");
}

#[test]
#[ignore = "a child process of the test above"]
fn child_that_looks() {
    let store = varvedb::Store::open_read_only(child_path()).unwrap();
    let _tables = store.tables::<Last>().unwrap();
    println!("\nlooking");
    // Until it is killed.
    let _ = std::io::stdin().lines().next();
}
