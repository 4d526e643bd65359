//! What loading promises.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use varvedb::blocking::Repository;
use varvedb::prelude::*;
use varvedb::{
    ExpectedVersion, LoadError, ManualClock, NewEvent, Position, StreamId, Timestamp, TypeName,
    Version,
};

use crate::kit::bank::{
    Account, AccountCommands, AccountDeposited, AccountEvent, AccountId, AccountOpened,
    AccountWithdrawn,
};
use crate::kit::{Place, fresh_repository};

const ID: AccountId = AccountId(7);

/// An account whose three events were saved one by one, a second apart.
fn three_seconds(place: &Place) -> Repository {
    let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_000_000)));
    let store = place.open_with(Store::options().clock(clock.clone()));
    let repo = Repository::new(&store);
    let mut account = repo.fresh::<Account>(ID);
    account.open(ID, "somebody".into()).unwrap();
    repo.save(&mut account).unwrap();
    for amount in [10, 5] {
        clock.advance(Duration::from_secs(1));
        account.deposit(amount).unwrap();
        repo.save(&mut account).unwrap();
    }
    repo
}

#[test]
fn what_was_saved_is_loaded() {
    let place = Place::new();
    let repo = three_seconds(&place);
    let account = repo.load::<Account>(ID).unwrap();
    assert_eq!((account.id(), account.version()), (&ID, Version::new(3)));
    let last_change = Timestamp::from_micros(3_000_000);
    let expected = Account {
        id: ID,
        owner: "somebody".into(),
        balance: 15,
        last_change,
    };
    assert_eq!(account.state(), &expected);
    assert!(account.uncommitted().is_empty());
}

#[test]
fn an_empty_stream_is_not_found() {
    let (_store, repo) = fresh_repository();
    let error = repo.load::<Account>(ID).unwrap_err();
    assert!(matches!(error, LoadError::NotFound { .. }));
    assert_eq!(
        error.to_string(),
        "there is no stream account-7; start one with `repo.fresh`"
    );
}

#[test]
fn an_aggregate_is_loaded_as_it_was() {
    let place = Place::new();
    let repo = three_seconds(&place);
    let balance_at = |as_of: varvedb::AsOf| {
        repo.load_at::<Account>(ID, as_of)
            .map(|account| account.state().balance)
            .ok()
    };
    let tenths = |tenths: i64| Timestamp::from_micros(tenths * 100_000);
    assert_eq!(balance_at(Version::new(2).into()), Some(10));
    assert_eq!(balance_at(Version::new(99).into()), Some(15));
    assert_eq!(balance_at(Version::ZERO.into()), None);
    assert_eq!(balance_at(tenths(5).into()), None);
    assert_eq!(balance_at(tenths(10).into()), Some(0));
    assert_eq!(balance_at(tenths(25).into()), Some(10));
    assert_eq!(balance_at(Position::new(1).into()), Some(0));
}

/// Its handlers take no metadata, so that a load looks at no frame unless it has to.
struct Balance(u64);

#[aggregate(id = AccountId, event = AccountEvent, error = Infallible)]
impl Balance {
    #[apply]
    fn opened(_: AccountOpened<'_>) -> Self {
        Self(0)
    }

    #[apply]
    fn deposited(&mut self, e: AccountDeposited<'_>) {
        self.0 += e.amount;
    }

    #[apply]
    fn withdrawn(&mut self, e: AccountWithdrawn<'_>) {
        self.0 -= e.amount;
    }
}

#[test]
fn it_is_loaded_as_it_was_at_a_moment_even_if_no_handler_asks_for_times() {
    let place = Place::new();
    let repo = three_seconds(&place);
    let balance_at = |tenths: i64| {
        let moment = Timestamp::from_micros(tenths * 100_000);
        let loaded = repo.load_at::<Balance>(ID, moment);
        loaded.map(|balance| balance.state().0).ok()
    };
    let balances = [5, 10, 25, 30].map(balance_at);
    assert_eq!(balances, [None, Some(0), Some(10), Some(15)]);
}

#[test]
fn what_an_older_state_decides_is_a_conflict() {
    let place = Place::new();
    let repo = three_seconds(&place);
    let mut account = repo.load_at::<Account>(ID, Version::new(2)).unwrap();
    account.withdraw(10).unwrap();
    assert!(matches!(
        repo.save(&mut account),
        Err(varvedb::SaveError::Conflict(_))
    ));
}

#[test]
fn an_event_that_is_not_the_aggregates_fails_the_load_and_says_where() {
    let (store, repo) = fresh_repository();
    let stream = StreamId::new("account", 7).unwrap();
    let event = NewEvent::new(TypeName::new("account.painted").unwrap(), *b"blue");
    let _ = store
        .append(&stream, ExpectedVersion::Any, [event])
        .unwrap();
    assert_eq!(
        repo.load::<Account>(ID).unwrap_err().to_string(),
        "event 1 of stream account-7 cannot be replayed: \
         `account.painted` is not an event of `AccountEvent`; if it was one once, name it in \
         `#[varve(retired(\"..\"))]` or as the `alias` of a variant; if it is new, update the program"
    );
}

#[test]
fn a_stream_that_begins_in_the_middle_fails_the_load_and_says_why() {
    let (store, repo) = fresh_repository();
    let mut account = repo.fresh::<Account>(ID);
    account.open(ID, "somebody".into()).unwrap();
    account.deposit(1).unwrap();
    repo.save(&mut account).unwrap();
    let events = store.read_log().to_vec().unwrap();
    let stray = NewEvent::new(events[1].type_name.clone(), events[1].payload.clone());
    let stream = StreamId::new("account", 8).unwrap();
    let _ = store
        .append(&stream, ExpectedVersion::NoStream, [stray])
        .unwrap();
    assert_eq!(
        repo.load::<Account>(AccountId(8)).unwrap_err().to_string(),
        "stream account-8 cannot be replayed: `Deposited` at position 3 comes before any event \
         that creates the Account"
    );
}

#[test]
fn hostile_payloads_fail_the_load_and_never_the_process() {
    let (store, repo) = fresh_repository();
    let mut account = repo.fresh::<Account>(ID);
    account
        .open(ID, "somebody with a long name".into())
        .unwrap();
    repo.save(&mut account).unwrap();
    let good = store.read_log().to_vec().unwrap().remove(0);
    for at in 0..good.payload.len() {
        let mut payload = good.payload.clone();
        payload[at] ^= 0xff;
        let stream = StreamId::new("account", 100 + at as u64).unwrap();
        let event = NewEvent::new(good.type_name.clone(), payload);
        let _ = store
            .append(&stream, ExpectedVersion::NoStream, [event])
            .unwrap();
        // Validation is about memory, not about meaning: a changed letter passes.
        if let Err(error) = repo.load::<Account>(AccountId(100 + at as u64)) {
            assert!(matches!(error, LoadError::Decode { .. }), "{error}");
        }
    }
    let cut = NewEvent::new(good.type_name.clone(), good.payload[..3].to_vec());
    let stream = StreamId::new("account", 99).unwrap();
    let _ = store
        .append(&stream, ExpectedVersion::NoStream, [cut])
        .unwrap();
    assert!(matches!(
        repo.load::<Account>(AccountId(99)),
        Err(LoadError::Decode { .. })
    ));
}
