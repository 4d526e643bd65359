//! Appending from inside: from a handler, a command, a visitor, or beside open tables. The writer
//! may have to wait for whoever has tables open, and so must never be waited for by them.

use std::ops::ControlFlow;
use std::sync::mpsc::channel;
use std::time::Duration;

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;
use varvedb::{AppendError, ExpectedVersion, StoreOptions};

use crate::kit::bank::{Account, AccountCommand, AccountDeposited, AccountId};
use crate::kit::{Place, book, fresh_repository, lent, payloads};

/// Lends a book in answer to every deposit, more often than the writer's tail has room for.
fn lend_ten_times(store: &Store) -> Result<(), AppendError> {
    for _ in 0..10 {
        let _ = store.append(&book(1), ExpectedVersion::Any, [lent("a saver")])?;
    }
    Ok(())
}

struct LendsInItsTransaction(Store);

#[projection(name = "lends_in_its_transaction")]
impl LendsInItsTransaction {
    #[on]
    fn deposited(&self, _: AccountDeposited<'_>, _: &mut Tables<'_>) -> Result<(), AppendError> {
        lend_ten_times(&self.0)
    }
}

struct Lends(Store);

#[projection(name = "lends", resume)]
impl Lends {
    #[on]
    fn deposited(&self, _: AccountDeposited<'_>) -> Result<(), AppendError> {
        lend_ten_times(&self.0)
    }
}

/// A tail without room for what the handlers append.
fn short_of_room() -> StoreOptions {
    varvedb::Store::options().max_tail_events(4)
}

/// An account with one deposit.
fn one_deposit(store: &Store) {
    let repo = Repository::new(store);
    let id = AccountId(1);
    let owner = "somebody".into();
    repo.execute::<Account>(id, AccountCommand::Open { id, owner })
        .unwrap();
    repo.execute::<Account>(id, AccountCommand::Deposit { amount: 1 })
        .unwrap();
}

/// Fails the test when `story` hangs, which is what it is about; the thread is left behind.
fn without_hanging<T: Send + 'static>(story: impl FnOnce() -> T + Send + 'static) -> T {
    let (tell, hear) = channel();
    std::thread::spawn(move || tell.send(story()));
    hear.recv_timeout(Duration::from_secs(60)).unwrap()
}

#[test]
fn an_append_from_a_handler_with_tables_is_refused_and_does_not_hang() {
    let place = Place::new();
    let store = place.open_with(short_of_room());
    one_deposit(&store);
    let caught_up = without_hanging({
        let store = store.clone();
        move || {
            let mut processor = Processor::new(&store);
            let _model = processor.register(LendsInItsTransaction(store.clone()));
            processor.catch_up()
        }
    });
    let stopped = caught_up.unwrap_err().to_string();
    assert!(
        stopped.contains("from a projection without tables"),
        "{stopped}"
    );
    assert!(payloads(&store, &book(1)).is_empty());
    lend_ten_times(&store).unwrap();
}

#[test]
fn a_handler_without_tables_appends_as_much_as_it_likes() {
    let place = Place::new();
    let store = place.open_with(short_of_room());
    one_deposit(&store);
    without_hanging({
        let store = store.clone();
        move || {
            let mut processor = Processor::new(&store);
            let _model = processor.register(Lends(store.clone())).unwrap();
            processor.catch_up().unwrap();
        }
    });
    assert_eq!(payloads(&store, &book(1)).len(), 10);
}

#[test]
fn beside_open_tables_an_append_is_refused_and_does_not_hang() {
    let (store, _repo) = fresh_repository();
    let store = (*store).clone();
    without_hanging(move || {
        let tables = store.tables::<LendsInItsTransaction>().unwrap();
        assert!(matches!(
            lend_ten_times(&store),
            Err(AppendError::TablesOpen)
        ));
        assert!(store.sync().is_err());
        drop(tables);
        lend_ten_times(&store).unwrap();
        store.sync().unwrap();
    });
}

#[test]
fn a_command_may_write_to_the_store_itself() {
    let place = Place::new();
    let store = place.open_with(short_of_room());
    one_deposit(&store);
    let balance = without_hanging(move || {
        let repo = Repository::new(&store);
        let inner = repo.clone();
        let meddling = move |account: &Account| {
            lend_ten_times(&Store::new(inner.store())).unwrap();
            if account.balance < 10 {
                // Behind its own back: what it decides now is a conflict, and it decides anew.
                let deposit = AccountCommand::Deposit { amount: 10 };
                inner.execute::<Account>(account.id, deposit).unwrap();
            }
            account.deposit(100)
        };
        repo.execute::<Account>(AccountId(1), meddling).unwrap();
        repo.load::<Account>(AccountId(1)).unwrap().state().balance
    });
    assert_eq!(balance, 111);
}

#[test]
fn a_visitor_holds_nothing_open_however_long_it_takes() {
    let (store, _repo) = fresh_repository();
    one_deposit(&store);
    let store = (*store).clone();
    let category = varvedb::Category::new("account").unwrap();
    without_hanging(move || {
        let account = varvedb::StreamId::new("account", 1).unwrap();
        let mut visited = 0;
        let mut meddle = |_: &varvedb::RecordedEvent<'_>| {
            lend_ten_times(&store).unwrap();
            // Refused on a thread that holds a transaction of the index open.
            store.reset_projection::<LendsInItsTransaction>().unwrap();
            visited += 1;
            ControlFlow::Continue(())
        };
        store.read_stream(&account).visit(&mut meddle).unwrap();
        store
            .read_stream(&account)
            .backwards()
            .visit(&mut meddle)
            .unwrap();
        store.read_category(&category).visit(&mut meddle).unwrap();
        store.read_log().limit(2).visit(&mut meddle).unwrap();
        store
            .read_log()
            .backwards()
            .limit(2)
            .visit(&mut meddle)
            .unwrap();
        assert_eq!(visited, 10);
    });
}
