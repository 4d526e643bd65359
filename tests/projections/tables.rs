//! Read models in the store's tables.

use varvedb::blocking::{Processor, Repository};
use varvedb::prelude::*;

use crate::kit::bank::{
    Account, AccountCommand, AccountCommands, AccountDeposited, AccountId, AccountOpened,
    AccountWithdrawn,
};
use crate::kit::{Place, fresh_repository};

const BALANCES: Table<AccountId, u64> = Table::new("balances");
const OWNERS: Table<(String, AccountId), String> = Table::new("owners");

struct Balances;

#[projection(name = "balances")]
impl Balances {
    #[on]
    fn opened(&self, e: AccountOpened<'_>, tables: &mut Tables<'_>) -> Result<(), TableError> {
        tables.put(BALANCES, &e.id, &0)?;
        tables.put(OWNERS, &(e.owner.to_owned(), e.id), &e.owner.to_owned())
    }

    #[on]
    fn deposited(
        &self,
        e: AccountDeposited<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), TableError> {
        tables.update(BALANCES, &e.id, |balance| *balance += e.amount)
    }

    #[on]
    fn withdrawn(
        &self,
        e: AccountWithdrawn<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), TableError> {
        tables.update(BALANCES, &e.id, |balance| *balance -= e.amount)?;
        if tables.get(BALANCES, &e.id)? == Some(0) {
            tables.remove(BALANCES, &e.id)?;
        }
        Ok(())
    }
}

fn bank(repo: &Repository) {
    for (id, owner, amount) in [(300, "b", 30), (2, "a", 20), (1, "b", 10)] {
        let id = AccountId(id);
        let open = AccountCommand::Open {
            id,
            owner: owner.into(),
        };
        repo.execute::<Account>(id, open).unwrap();
        repo.execute::<Account>(id, AccountCommand::Deposit { amount })
            .unwrap();
    }
}

fn catch_up(store: &Store) {
    let mut processor = Processor::new(store);
    processor.register(Balances).unwrap();
    processor.catch_up().unwrap();
}

#[test]
fn rows_are_read_by_key_and_in_the_order_of_keys() {
    let (store, repo) = fresh_repository();
    bank(&repo);
    catch_up(&store);
    let tables = store.tables::<Balances>().unwrap();
    assert_eq!(tables.get(BALANCES, &AccountId(2)).unwrap(), Some(20));
    assert_eq!(tables.get(BALANCES, &AccountId(9)).unwrap(), None);
    let rows = tables.rows(BALANCES).unwrap();
    assert_eq!(
        rows,
        [(AccountId(1), 10), (AccountId(2), 20), (AccountId(300), 30)]
    );
    let owners = tables.rows(OWNERS).unwrap().into_iter().map(|(key, _)| key);
    let expected = [("a", 2), ("b", 1), ("b", 300)].map(|(o, id)| (o.to_owned(), AccountId(id)));
    assert!(owners.eq(expected));
}

#[test]
fn rows_can_be_removed() {
    let (store, repo) = fresh_repository();
    bank(&repo);
    repo.execute::<Account>(AccountId(2), AccountCommand::Empty {})
        .unwrap();
    catch_up(&store);
    assert_eq!(
        store
            .tables::<Balances>()
            .unwrap()
            .get(BALANCES, &AccountId(2))
            .unwrap(),
        None
    );
}

#[test]
fn a_read_model_goes_on_after_its_checkpoint() {
    let place = Place::new();
    {
        let store = place.open();
        bank(&Repository::new(&store));
        catch_up(&store);
    }
    let store = place.open();
    let deposit = AccountCommand::Deposit { amount: 5 };
    Repository::new(&store)
        .execute::<Account>(AccountId(1), deposit)
        .unwrap();
    catch_up(&store);
    catch_up(&store);
    assert_eq!(
        store
            .tables::<Balances>()
            .unwrap()
            .get(BALANCES, &AccountId(1))
            .unwrap(),
        Some(15)
    );
}

#[test]
fn without_the_index_a_read_model_is_made_again() {
    let place = Place::new();
    {
        let store = place.open();
        bank(&Repository::new(&store));
        catch_up(&store);
    }
    std::fs::remove_dir_all(place.path().join("index")).unwrap();
    let store = place.open();
    assert!(
        store
            .tables::<Balances>()
            .unwrap()
            .rows(BALANCES)
            .unwrap()
            .is_empty()
    );
    catch_up(&store);
    assert_eq!(
        store
            .tables::<Balances>()
            .unwrap()
            .rows(BALANCES)
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn a_key_that_is_too_long_is_a_clear_error() {
    let (store, repo) = fresh_repository();
    let id = AccountId(1);
    let open = AccountCommand::Open {
        id,
        owner: "x".repeat(1000),
    };
    repo.execute::<Account>(id, open).unwrap();
    let mut processor = Processor::new(&store);
    processor.register(Balances).unwrap();
    let error = processor.catch_up().unwrap_err().to_string();
    assert!(
        error.starts_with("projection `balances` stopped at position 1: a key of table `owners`"),
        "{error}"
    );
    assert!(
        store
            .tables::<Balances>()
            .unwrap()
            .rows(BALANCES)
            .unwrap()
            .is_empty(),
        "all or nothing"
    );
}

#[test]
fn a_projection_that_is_reset_starts_over() {
    let (store, repo) = fresh_repository();
    bank(&repo);
    catch_up(&store);
    store.reset_projection::<Balances>().unwrap();
    assert!(
        store
            .tables::<Balances>()
            .unwrap()
            .rows(BALANCES)
            .unwrap()
            .is_empty()
    );
    catch_up(&store);
    let tables = store.tables::<Balances>().unwrap();
    assert_eq!(tables.get(BALANCES, &AccountId(2)).unwrap(), Some(20));
}

#[test]
fn two_processors_cannot_count_an_event_twice() {
    let (store, repo) = fresh_repository();
    bank(&repo);
    let mut first = Processor::new(&store);
    first.register(Balances).unwrap();
    let mut second = Processor::new(&store);
    second.register(Balances).unwrap();
    first.catch_up().unwrap();
    let error = second.catch_up().unwrap_err().to_string();
    assert!(
        error.ends_with("register it with one processor only"),
        "{error}"
    );
    let tables = store.tables::<Balances>().unwrap();
    assert_eq!(tables.get(BALANCES, &AccountId(2)).unwrap(), Some(20));
}

#[test]
fn a_projection_that_is_reset_under_its_processor_stops_instead_of_leaving_stale_rows() {
    let (store, repo) = fresh_repository();
    bank(&repo);
    let mut processor = Processor::new(&store);
    processor.register(Balances).unwrap();
    processor.catch_up().unwrap();
    store.reset_projection::<Balances>().unwrap();
    let deposit = AccountCommand::Deposit { amount: 5 };
    repo.execute::<Account>(AccountId(1), deposit).unwrap();
    processor.catch_up().unwrap_err();
    let rows = |store: &Store| store.tables::<Balances>().unwrap().rows(BALANCES).unwrap();
    assert_eq!(rows(&store), []);
    catch_up(&store);
    assert_eq!(
        rows(&store),
        [(AccountId(1), 15), (AccountId(2), 20), (AccountId(300), 30)]
    );
}

/// Keeps the largest deposit of all, which needs a look at all rows.
struct Largest;
const LARGEST: Table<AccountId, u64> = Table::new("largest");

#[projection(name = "largest")]
impl Largest {
    #[on]
    fn deposited(
        &self,
        e: AccountDeposited<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), TableError> {
        let rows = tables.rows(LARGEST)?;
        if rows.iter().all(|(_, largest)| *largest < e.amount) {
            for (id, _) in rows {
                tables.remove(LARGEST, &id)?;
            }
            tables.put(LARGEST, &e.id, &e.amount)?;
        }
        Ok(())
    }
}

#[test]
fn a_handler_sees_the_rows_as_it_has_left_them() {
    let (store, repo) = fresh_repository();
    bank(&repo);
    let mut processor = Processor::new(&store);
    processor.register(Largest).unwrap();
    processor.catch_up().unwrap();
    let rows = store.tables::<Largest>().unwrap().rows(LARGEST).unwrap();
    assert_eq!(rows, [(AccountId(300), 30)]);
}

#[test]
fn too_many_looks_at_tables_refuse_an_append_and_do_not_stop_the_store() {
    let place = Place::new();
    bank(&Repository::new(&place.open()));
    // Opened anew, the writer has to look at the index for the version of a stream.
    let store = place.open();
    let repo = Repository::new(&store);
    let mut account = repo.load::<Account>(AccountId(1)).unwrap();
    account.deposit(5).unwrap();
    std::thread::scope(|scope| {
        let looks: Vec<_> = std::iter::from_fn(|| store.tables::<Balances>().ok()).collect();
        assert!(looks.len() > 1_000, "so many may look at one time");
        let saved = scope.spawn(|| repo.save(&mut account)).join().unwrap();
        assert!(saved.is_err());
    });
    repo.save(&mut account).unwrap();
}
