//! Shapes of events are compared when the store opens or the events are first used.

use varvedb::blocking::Repository;
use varvedb::prelude::*;
use varvedb::{ExpectedVersion, LoadError, NewEvent, OpenError, RegisterError, StreamId, TypeName};

use crate::kit::Place;
use crate::kit::bank::{Account, AccountCommand, AccountEvent, AccountId};

/// The bank's events as a careless colleague has changed them.
mod changed {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "account")]
    pub(super) enum AccountEvent {
        Opened { owner: String, limit: u8 },
        Deposited { amount: i64 },
    }
}

/// A store that has recorded the bank's events.
fn used(place: &Place) {
    let repo = Repository::new(&place.open());
    let open = AccountCommand::Open {
        id: AccountId(1),
        owner: "somebody".into(),
    };
    repo.execute::<Account>(AccountId(1), open).unwrap();
}

#[test]
fn the_same_events_are_let_in_again() {
    let place = Place::new();
    used(&place);
    Store::options()
        .register::<AccountEvent>()
        .open(place.path())
        .unwrap();
}

#[test]
fn a_changed_event_is_refused_when_the_store_opens_with_what_has_changed() {
    let place = Place::new();
    used(&place);
    let opened = Store::options()
        .register::<changed::AccountEvent>()
        .open(place.path());
    insta::assert_snapshot!(opened.unwrap_err());
}

#[test]
fn a_changed_event_is_refused_on_first_use() {
    let place = Place::new();
    used(&place);
    let store = place.open();
    let registered = store.register::<changed::AccountEvent>();
    assert!(matches!(
        registered,
        Err(RegisterError::Drift { revision: 1, .. })
    ));
}

#[test]
fn schemas_outlive_the_index() {
    let place = Place::new();
    used(&place);
    std::fs::remove_dir_all(place.path().join("index")).unwrap();
    let opened = Store::options()
        .register::<changed::AccountEvent>()
        .open(place.path());
    assert!(matches!(
        opened,
        Err(OpenError::Schema(RegisterError::Drift { .. }))
    ));
}

#[test]
fn a_refused_opening_leaves_the_store_to_others() {
    let place = Place::new();
    used(&place);
    Store::options()
        .register::<changed::AccountEvent>()
        .open(place.path())
        .unwrap_err();
    used_again(&place);
}

fn used_again(place: &Place) {
    let repo = Repository::new(&place.open());
    assert_eq!(repo.load::<Account>(AccountId(1)).unwrap().version(), 1);
}

#[test]
fn opaque_events_are_not_mistaken_for_archives() {
    let place = Place::new();
    let store = place.open();
    let stream = StreamId::new("account", 1).unwrap();
    let event = NewEvent::new(
        TypeName::new("account.opened").unwrap(),
        *b"from an importer",
    );
    let _ = store
        .append(&stream, ExpectedVersion::Any, [event])
        .unwrap();
    let loaded = Repository::new(&store).load::<Account>(AccountId(1));
    let Err(LoadError::Schema(RegisterError::Drift { stored, .. })) = loaded else {
        panic!()
    };
    assert_eq!(stored, "opaque");
}

/// A clock at which the writer thread waits, once it is told to.
#[derive(Debug, Default)]
struct Held(std::sync::Mutex<()>);

impl varvedb::Clock for Held {
    fn now(&self) -> varvedb::Timestamp {
        let _held = self.0.lock().unwrap();
        varvedb::Timestamp::from_micros(1)
    }
}

#[test]
fn of_two_shapes_of_a_new_event_at_the_same_time_one_is_refused() {
    let place = Place::new();
    let clock = std::sync::Arc::new(Held::default());
    let store = Store::options()
        .clock(clock.clone())
        .open(place.path())
        .unwrap();
    let held = clock.0.lock().unwrap();
    let other = StreamId::new("other", 1).unwrap();
    let event = NewEvent::new(TypeName::new("other.event").unwrap(), *b"");
    let mut busy = Box::pin(store.append(&other, ExpectedVersion::Any, [event]));
    let mut ours = Box::pin(store.register::<AccountEvent>());
    let mut theirs = Box::pin(store.register::<changed::AccountEvent>());
    // All are asked before the writer can answer any.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(busy.as_mut().poll(&mut context).is_pending());
    assert!(ours.as_mut().poll(&mut context).is_pending());
    assert!(theirs.as_mut().poll(&mut context).is_pending());
    drop(held);
    let _ = pollster::block_on(busy).unwrap();
    pollster::block_on(ours).unwrap();
    let refused = pollster::block_on(theirs);
    assert!(
        matches!(refused, Err(RegisterError::Drift { .. })),
        "{refused:?}"
    );
}

/// An event whose shape, written out, is longer than a store can record: every list is in it four
/// times, on every floor.
mod sprawling {
    use varvedb::prelude::*;

    type Four<T> = (Vec<T>, Vec<T>, Vec<T>, Vec<T>);
    type Floors = Four<Four<Four<Four<Four<Four<Four<Four<Four<u64>>>>>>>>>;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "tower")]
    pub(super) enum TowerEvent {
        Built { floors: Floors },
    }
}

#[test]
fn a_shape_too_long_to_record_is_refused_and_leaves_the_store_as_it_was() {
    let place = Place::new();
    let store = place.open();
    let refused = store.register::<sprawling::TowerEvent>().unwrap_err();
    assert!(refused.to_string().contains("tower.built"), "{refused}");
    store.register::<AccountEvent>().unwrap();
    drop(store);
    used(&place);
}

#[test]
fn an_event_of_a_newer_program_is_not_read_as_an_older_one() {
    let place = Place::new();
    used(&place);
    let store = place.open();
    let known = store.read_log().to_vec().unwrap().remove(0);
    let newer = NewEvent::new(known.type_name, known.payload).with_revision(2);
    let account = StreamId::new("account", 1).unwrap();
    let _ = store
        .append(&account, ExpectedVersion::Any, [newer])
        .unwrap();
    let loaded = Repository::new(&store).load::<Account>(AccountId(1));
    assert_eq!(
        loaded.unwrap_err().to_string(),
        "event `account.opened` is stored at revision 2, this program knows it up to 1; update \
         the program"
    );
}
