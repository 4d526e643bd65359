//! What saving promises.

use varvedb::{Metadata, Position, Rejected, SaveError, Version};

use crate::kit::bank::{Account, AccountCommands, AccountEvent, AccountId, BankError};
use crate::kit::fresh_repository;

const ID: AccountId = AccountId(7);

fn opened(repo: &varvedb::blocking::Repository) -> varvedb::Root<Account> {
    let mut account = repo.fresh::<Account>(ID);
    account.open(ID, "somebody".into()).unwrap();
    account
}

#[test]
fn saving_says_where_the_events_are() {
    let (_store, repo) = fresh_repository();
    let mut account = opened(&repo);
    account.deposit(5).unwrap();
    let saved = repo.save(&mut account).unwrap();
    assert_eq!(
        (saved.events, saved.position, saved.version),
        (2, 2.into(), 2.into())
    );
    assert_eq!(account.version(), 2);
}

#[test]
fn saving_twice_writes_once() {
    let (store, repo) = fresh_repository();
    let mut account = opened(&repo);
    repo.save(&mut account).unwrap();
    let again = repo.save(&mut account).unwrap();
    assert_eq!(
        (again.events, again.position, again.version),
        (0, Position::ZERO, 1.into())
    );
    assert_eq!(store.head(), 1);
}

#[test]
fn after_a_conflict_the_root_is_as_it_was() {
    let (store, repo) = fresh_repository();
    let mut first = opened(&repo);
    let mut second = opened(&repo);
    second.deposit(5).unwrap();
    repo.save(&mut first).unwrap();
    for _ in 0..2 {
        assert!(matches!(
            repo.save(&mut second),
            Err(SaveError::Conflict(_))
        ));
        assert_eq!(
            (second.version(), second.uncommitted().len()),
            (Version::ZERO, 2)
        );
        assert_eq!(second.state().balance, 5);
    }
    assert_eq!(store.head(), 1);
}

#[test]
fn a_refused_command_records_nothing() {
    let (_store, repo) = fresh_repository();
    let mut account = opened(&repo);
    let refused = account.withdraw(1);
    assert_eq!(
        refused,
        Err(Rejected::Refused(BankError::Insufficient { left: 0 }))
    );
    assert_eq!(account.uncommitted().len(), 1);
}

#[test]
fn a_command_may_decide_nothing_or_several_events() {
    let (_store, repo) = fresh_repository();
    let mut account = opened(&repo);
    account.empty().unwrap();
    assert_eq!(account.uncommitted().len(), 1);
    account.churn(3).unwrap();
    let expected = [
        AccountEvent::Opened {
            id: ID,
            owner: "somebody".into(),
        },
        AccountEvent::Deposited { id: ID, amount: 3 },
        AccountEvent::Withdrawn { id: ID, amount: 3 },
    ];
    assert_eq!(account.uncommitted(), expected);
}

#[test]
fn an_account_is_created_once_and_before_anything_else() {
    let (_store, repo) = fresh_repository();
    let mut account = repo.fresh::<Account>(ID);
    assert_eq!(account.deposit(1), Err(Rejected::NotCreated));
    assert!(account.get().is_none());
    account.open(ID, "somebody".into()).unwrap();
    assert_eq!(
        account.open(ID, "else".into()),
        Err(Rejected::AlreadyExists)
    );
}

#[test]
fn an_event_for_another_stream_is_rejected_before_it_is_applied() {
    let (_store, repo) = fresh_repository();
    let mut account = opened(&repo);
    let rejected = account.misdirect().unwrap_err();
    assert!(
        matches!(rejected, Rejected::OtherStream { .. }),
        "{rejected}"
    );
    assert_eq!(
        (account.state().balance, account.uncommitted().len()),
        (0, 1)
    );
}

#[test]
fn a_closure_over_the_state_is_a_command() {
    let (_store, repo) = fresh_repository();
    let mut account = opened(&repo);
    account
        .execute(|account: &Account| account.deposit(7))
        .unwrap();
    assert_eq!(account.state().balance, 7);
}

#[test]
fn saves_carry_the_metadata_of_their_repository() {
    let (store, repo) = fresh_repository();
    let mut account = opened(&repo);
    let metadata = Metadata {
        actor: Some("front desk".into()),
        ..Metadata::default()
    };
    repo.with_metadata(metadata.clone())
        .save(&mut account)
        .unwrap();
    assert_eq!(store.read_log().to_vec().unwrap()[0].metadata, metadata);
}
