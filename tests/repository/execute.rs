//! What `execute` promises.

use varvedb::{ExecuteError, Rejected, SaveError};

use crate::kit::bank::{Account, AccountCommand, AccountId, BankError};
use crate::kit::fresh_repository;

const ID: AccountId = AccountId(7);

fn open() -> AccountCommand {
    AccountCommand::Open {
        id: ID,
        owner: "somebody".into(),
    }
}

#[test]
fn executing_loads_decides_and_saves() {
    let (_store, repo) = fresh_repository();
    assert_eq!(repo.execute::<Account>(ID, open()).unwrap().version, 1);
    let saved = repo
        .execute::<Account>(ID, AccountCommand::Deposit { amount: 5 })
        .unwrap();
    assert_eq!((saved.events, saved.version), (1, 2.into()));
    assert_eq!(repo.load::<Account>(ID).unwrap().state().balance, 5);
}

#[test]
fn what_the_aggregate_refuses_is_not_tried_again() {
    let (store, repo) = fresh_repository();
    repo.execute::<Account>(ID, open()).unwrap();
    let error = repo
        .execute::<Account>(ID, AccountCommand::Withdraw { amount: 1 })
        .unwrap_err();
    let refused = ExecuteError::Rejected(Rejected::Refused(BankError::Insufficient { left: 0 }));
    assert_eq!(error.to_string(), refused.to_string());
    assert_eq!(store.head(), 1);
}

#[test]
fn a_command_for_what_does_not_exist_is_rejected() {
    let (_store, repo) = fresh_repository();
    let error = repo
        .execute::<Account>(ID, AccountCommand::Deposit { amount: 1 })
        .unwrap_err();
    assert!(
        matches!(error, ExecuteError::Rejected(Rejected::NotCreated)),
        "{error}"
    );
}

#[test]
fn every_deposit_counts_however_many_run_at_once() {
    const CALLERS: u64 = 16;
    let (_store, repo) = fresh_repository();
    repo.execute::<Account>(ID, open()).unwrap();
    let patient = repo.clone().with_retries(usize::MAX);
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            let deposit = || patient.execute::<Account>(ID, AccountCommand::Deposit { amount: 1 });
            scope.spawn(move || deposit().unwrap());
        }
    });
    let account = repo.load::<Account>(ID).unwrap();
    assert_eq!(
        (account.state().balance, account.version()),
        (CALLERS, (CALLERS + 1).into())
    );
}

#[test]
fn retries_are_bounded() {
    let (_store, repo) = fresh_repository();
    repo.execute::<Account>(ID, open()).unwrap();
    let impatient = repo.clone().with_retries(2);
    let tries = std::cell::Cell::new(0);
    // Somebody else is always quicker: the command itself pays in beside its own load and save.
    let always_late = |account: &Account| {
        tries.set(tries.get() + 1);
        repo.execute::<Account>(ID, AccountCommand::Deposit { amount: 1 })
            .unwrap();
        account.deposit(100)
    };
    let error = impatient.execute::<Account>(ID, always_late).unwrap_err();
    assert!(
        matches!(error, ExecuteError::Save(SaveError::Conflict(_))),
        "{error}"
    );
    assert_eq!(tries.get(), 3, "once, and two retries");
    assert_eq!(repo.load::<Account>(ID).unwrap().state().balance, 3);
}
