//! The processor: live, several projections, and handlers that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use varvedb::blocking::Repository;
use varvedb::prelude::*;
use varvedb::projection::ProjectionState;
use varvedb::{Position, ProcessorError};

use crate::kit::bank::{Account, AccountCommand, AccountDeposited, AccountId, AccountOpened};
use crate::kit::{Place, fresh_repository};

/// Counts deposits, and fails, or panics, at amounts that it does not like.
#[derive(Default)]
struct Picky(Vec<u64>);

#[projection(name = "picky")]
impl Picky {
    #[on]
    fn deposited(&mut self, e: AccountDeposited<'_>) -> Result<(), String> {
        assert_ne!(e.amount, 666, "the devil's amount");
        if e.amount == 13 {
            return Err("an unlucky amount".into());
        }
        self.0.push(e.amount);
        Ok(())
    }
}

#[derive(Default)]
struct Calm(u64);

#[projection(name = "calm")]
impl Calm {
    #[on]
    fn deposited(&mut self, _: AccountDeposited<'_>) {
        self.0 += 1;
    }
}

const DONE: Table<u64, u64> = Table::new("done");

/// Keeps what it handled in a table, and fails at 13.
struct PickyTables;

#[projection(name = "picky_tables")]
impl PickyTables {
    #[on]
    fn deposited(&self, e: AccountDeposited<'_>, tables: &mut Tables<'_>) -> Result<(), Unlucky> {
        tables.update(DONE, &e.amount, |times| *times += 1)?;
        if e.amount == 13 {
            Err(Unlucky::Amount)
        } else {
            Ok(())
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Unlucky {
    #[error("an unlucky amount")]
    Amount,
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Sends every opening somewhere else.
struct Mailer(Arc<AtomicU64>);

#[projection(name = "mailer", resume)]
impl Mailer {
    #[on]
    fn opened(&mut self, _: AccountOpened<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn deposits(repo: &Repository, amounts: &[u64]) {
    let id = AccountId(1);
    let _ = repo.execute::<Account>(
        id,
        AccountCommand::Open {
            id,
            owner: "somebody".into(),
        },
    );
    for amount in amounts {
        let deposit = AccountCommand::Deposit { amount: *amount };
        repo.execute::<Account>(id, deposit).unwrap();
    }
}

#[test]
fn a_handler_that_fails_stops_its_projection_loudly_and_no_other() {
    let (store, repo) = fresh_repository();
    deposits(&repo, &[1, 2, 13, 4]);
    let mut processor = varvedb::blocking::Processor::new(&store);
    let picky = processor.register(Picky::default()).unwrap();
    let calm = processor.register(Calm::default()).unwrap();
    let error = processor.catch_up().unwrap_err();
    assert_eq!(
        error.to_string(),
        "projection `picky` stopped at position 4: an unlucky amount"
    );
    assert_eq!((picky.read().0.clone(), calm.read().0), (vec![1, 2], 4));
    let statuses = processor.statuses();
    assert_eq!(
        (statuses[0].position, statuses[1].position),
        (3.into(), 5.into())
    );
    assert!(matches!(statuses[0].state, ProjectionState::Stopped { .. }));
    assert!(matches!(statuses[1].state, ProjectionState::Running));
}

#[test]
fn a_handler_that_panics_stops_its_projection_and_no_other() {
    let (store, repo) = fresh_repository();
    deposits(&repo, &[1, 666, 3]);
    let mut processor = varvedb::blocking::Processor::new(&store);
    processor.register(Picky::default()).unwrap();
    let calm = processor.register(Calm::default()).unwrap();
    let error = processor.catch_up().unwrap_err().to_string();
    assert!(
        error.contains("the handler panicked") && error.contains("the devil's"),
        "{error}"
    );
    assert_eq!(calm.read().0, 3);
}

#[test]
fn rows_of_the_event_that_failed_are_taken_back_and_those_before_it_are_kept() {
    let (store, repo) = fresh_repository();
    deposits(&repo, &[1, 2, 13, 4]);
    for _ in 0..2 {
        let mut processor = varvedb::blocking::Processor::new(&store);
        processor.register(PickyTables).unwrap();
        assert!(matches!(
            processor.catch_up(),
            Err(ProcessorError::Stopped { .. })
        ));
        let rows = store.tables::<PickyTables>().unwrap().rows(DONE).unwrap();
        assert_eq!(rows, [(1, 1), (2, 1)]);
    }
}

#[test]
fn effects_elsewhere_are_not_repeated_after_a_restart() {
    let place = Place::new();
    let sent = Arc::new(AtomicU64::new(0));
    for _ in 0..3 {
        let store = place.open();
        deposits(&Repository::new(&store), &[]);
        let mut processor = varvedb::blocking::Processor::new(&store);
        processor.register(Mailer(Arc::clone(&sent))).unwrap();
        processor.catch_up().unwrap();
    }
    assert_eq!(sent.load(Ordering::Relaxed), 1);
}

#[test]
fn two_projections_cannot_share_a_name() {
    let (store, _repo) = fresh_repository();
    let mut processor = varvedb::blocking::Processor::new(&store);
    processor.register(Calm::default()).unwrap();
    let again = processor.register(Calm::default());
    assert!(matches!(
        again,
        Err(ProcessorError::SameName { name: "calm" })
    ));
}

#[test]
fn a_reading_process_cannot_run_what_writes() {
    let place = Place::new();
    drop(place.open());
    let store = Store::open_read_only(place.path()).unwrap();
    let mut processor = varvedb::blocking::Processor::new(&store);
    let registered = processor.register(PickyTables);
    assert!(matches!(
        registered,
        Err(ProcessorError::ReadOnly {
            name: "picky_tables"
        })
    ));
}

#[tokio::test]
async fn a_running_processor_follows_live_and_can_be_ended() {
    let (store, _) = fresh_repository();
    let repo = varvedb::Repository::new(&store);
    let id = AccountId(1);
    let open = AccountCommand::Open {
        id,
        owner: "somebody".into(),
    };
    repo.execute::<Account>(id, open).await.unwrap();
    let mut processor = Processor::new(&store);
    let calm = processor.register(Calm::default()).unwrap();
    let write = async {
        for number in 1..=50 {
            let deposit = AccountCommand::Deposit { amount: number };
            repo.execute::<Account>(id, deposit).await.unwrap();
            if number % 10 == 0 {
                until(|| calm.read().0 == number).await;
            }
        }
    };
    tokio::select! {
        ended = processor.run() => panic!("{ended:?}"),
        () = write => {}
    }
    assert_eq!(processor.statuses()[0].position, Position::new(51));
    // It can be taken up again, and misses nothing.
    repo.execute::<Account>(id, AccountCommand::Deposit { amount: 51 })
        .await
        .unwrap();
    processor.catch_up().await.unwrap();
    assert_eq!(calm.read().0, 51);
}

#[tokio::test]
async fn a_processor_ends_when_its_last_projection_has_stopped() {
    let (store, repo) = fresh_repository();
    deposits(&repo, &[13]);
    let mut processor = Processor::new(&store);
    processor.register(Picky::default()).unwrap();
    let ended = processor.run().await;
    assert!(matches!(
        ended,
        Err(ProcessorError::Stopped { name: "picky", .. })
    ));
}

/// Waits for progress, looking at it; the test's own time limit is the runner's.
async fn until(done: impl Fn() -> bool) {
    while !done() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_projection_does_not_run_ahead_of_the_disk() {
    let place = Place::new();
    let forever = std::time::Duration::from_secs(3600);
    let store = place.open_with(Store::options().sync_within(forever));
    let repo = varvedb::Repository::new(&store);
    let hasty = repo.clone().with_durability(varvedb::Durability::Buffered);
    let id = AccountId(1);
    let open = AccountCommand::Open {
        id,
        owner: "somebody".into(),
    };
    hasty.execute::<Account>(id, open).await.unwrap();
    hasty
        .execute::<Account>(id, AccountCommand::Deposit { amount: 1 })
        .await
        .unwrap();
    let mut processor = Processor::new(&store);
    let calm = processor.register(Calm::default()).unwrap();
    let later = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert_eq!(
            calm.read().0,
            0,
            "a power cut could still take the deposit back"
        );
        store.sync().unwrap();
        until(|| calm.read().0 == 1).await;
    };
    tokio::select! {
        ended = processor.run() => panic!("{ended:?}"),
        () = later => {}
    }
    hasty
        .execute::<Account>(id, AccountCommand::Deposit { amount: 2 })
        .await
        .unwrap();
    processor.catch_up().await.unwrap();
    assert_eq!(calm.read().0, 2, "catching up brings it to the disk itself");
}
