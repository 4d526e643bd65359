//! Events with personal data change shape: what was sealed before is seen in the shape of today.

use varvedb::StreamId;
use varvedb::blocking::{Repository, Store};
use varvedb::prelude::*;

use crate::people::{ADA, BOB, Never, PersonId, Registry, lower, subject};

/// The program of the first year.
mod before {
    use super::*;

    #[derive(VarveEvent, Clone, Debug, PartialEq)]
    #[varve(stream = "guest")]
    pub enum GuestEvent {
        Arrived {
            #[stream_id]
            guest: PersonId,
            #[pii]
            name: Pii<String>,
            #[pii]
            mail: Pii<String>,
        },
        Moved {
            #[stream_id]
            guest: PersonId,
            #[pii]
            town: Pii<String>,
        },
    }

    #[derive(Debug)]
    pub struct Guest;

    #[aggregate(id = PersonId, event = GuestEvent, error = Never)]
    impl Guest {
        #[command]
        pub fn arrive(guest: PersonId, name: String) -> Result<GuestEvent, Never> {
            let mail = format!("{name}@Example.org").into();
            let name = name.into();
            Ok(GuestEvent::Arrived { guest, name, mail })
        }
        #[command]
        pub fn leave(&self, guest: PersonId, town: String) -> Result<GuestEvent, Never> {
            let town = town.into();
            Ok(GuestEvent::Moved { guest, town })
        }
        #[apply]
        fn arrived(_: GuestArrived<'_>) -> Self {
            Self
        }
        #[apply]
        fn moved(&mut self, _: GuestMoved<'_>) {}
    }
}

/// The program of today: addresses are looked up, and some fields are new.
mod today {
    use super::*;

    #[derive(VarveRevision, Clone, Debug, PartialEq)]
    pub struct ArrivedV1 {
        #[stream_id]
        pub guest: PersonId,
        #[pii]
        pub name: Pii<String>,
        #[pii]
        pub mail: Pii<String>,
    }

    #[derive(VarveEvent, Clone, Debug, PartialEq)]
    #[varve(stream = "guest")]
    pub enum GuestEvent {
        #[varve(revision = 2, history(ArrivedV1))]
        Arrived {
            #[stream_id]
            guest: PersonId,
            #[pii]
            name: Pii<String>,
            #[pii(lookup = lower)]
            mail: Pii<String>,
            #[pii]
            phone: Option<Pii<String>>,
        },
        #[varve(revision = 2)]
        Moved {
            #[stream_id]
            guest: PersonId,
            #[pii]
            town: Pii<String>,
            #[pii]
            #[varve(since = 2, default = None)]
            street: Option<Pii<String>>,
            #[pii]
            #[varve(since = 2, default = Vec::new())]
            keepers: Vec<Pii<String>>,
        },
    }

    impl<'a> Upcast<'a, ArrivedV1View<'a>> for GuestArrived<'a> {
        fn upcast(old: ArrivedV1View<'a>, _: &'a Scratch) -> Self {
            Self {
                guest: old.guest,
                phone: Some(old.name.map(|_| "unknown")).into(),
                name: old.name,
                mail: old.mail.map(|mail| mail.trim_start_matches("mailto:")),
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Guest {
        pub name: Pii<String>,
        pub mail: Pii<String>,
        pub phone: Option<Pii<String>>,
        pub town: Option<Pii<String>>,
        pub street: Option<Pii<String>>,
        pub keepers: Vec<Pii<String>>,
    }

    #[aggregate(id = PersonId, event = GuestEvent, error = Never)]
    impl Guest {
        #[apply]
        fn arrived(event: GuestArrived<'_>) -> Self {
            Self {
                name: event.name.to_pii(),
                mail: event.mail.to_pii(),
                phone: event.phone.to_pii(),
                town: None,
                street: None,
                keepers: Vec::new(),
            }
        }
        #[apply]
        fn moved(&mut self, event: GuestMoved<'_>) {
            self.town = Some(event.town.to_pii());
            self.street = event.street.to_pii();
            self.keepers = event.keepers.to_pii();
        }
    }
}

fn open_with_old_guests(registry: &Registry) -> Store {
    use before::GuestCommands as _;
    let store = registry.open();
    let guests = Repository::new(&store);
    for (id, name) in [(ADA, "Ada Marker"), (BOB, "Bob Marker")] {
        let mut guest = guests.fresh::<before::Guest>(id);
        guest.arrive(id, name.into()).unwrap();
        guest.leave(id, format!("town of {name}")).unwrap();
        guests.save(&mut guest).unwrap();
    }
    drop(guests);
    drop(store);
    registry.open()
}

fn guest(store: &Store, id: PersonId) -> today::Guest {
    let guests = Repository::new(store);
    guests.load::<today::Guest>(id).unwrap().state().clone()
}

#[test]
fn what_was_sealed_in_an_old_layout_is_seen_in_the_new_one_and_can_be_shredded() {
    let registry = Registry::new();
    let store = open_with_old_guests(&registry);
    let old = today::Guest {
        name: "Ada Marker".into(),
        mail: "Ada Marker@Example.org".into(),
        phone: Some("unknown".into()),
        town: Some("town of Ada Marker".into()),
        street: None,
        keepers: Vec::new(),
    };
    assert_eq!(guest(&store, ADA), old);
    let _ = store.shred(subject(ADA)).run().unwrap();
    let gone = today::Guest {
        name: Pii::Shredded,
        mail: Pii::Shredded,
        phone: Some(Pii::Shredded),
        town: Some(Pii::Shredded),
        ..old
    };
    assert_eq!(guest(&store, ADA), gone);
    assert_eq!(guest(&store, BOB).name, Pii::from("Bob Marker"));
}

#[test]
fn what_an_upcast_has_mapped_is_looked_up_until_it_is_shredded() {
    let registry = Registry::new();
    let store = open_with_old_guests(&registry);
    let found = |mail: &str| {
        let found = store.find_by::<today::GuestEvent>("mail", lower(mail));
        found.unwrap()
    };
    let ada = StreamId::new("guest", ADA.0).unwrap();
    assert_eq!(found("ada marker@example.org"), [ada]);
    let _ = store.shred(subject(ADA)).run().unwrap();
    assert!(found("ada marker@example.org").is_empty());
    assert_eq!(found("bob marker@example.org").len(), 1);
}

#[test]
fn upcasts_of_boxes_are_total() {
    varvedb::testing::assert_upcasts_are_total::<today::GuestEvent>();
}

/// The program of next year: names are looked up, too.
mod next {
    use super::*;

    #[derive(VarveEvent, Clone, Debug, PartialEq)]
    #[varve(stream = "guest")]
    pub enum GuestEvent {
        #[varve(revision = 2, history(today::ArrivedV1))]
        Arrived {
            #[stream_id]
            guest: PersonId,
            #[pii(lookup = lower)]
            name: Pii<String>,
            #[pii(lookup = lower)]
            mail: Pii<String>,
            #[pii]
            phone: Option<Pii<String>>,
        },
    }

    impl<'a> Upcast<'a, today::ArrivedV1View<'a>> for GuestArrived<'a> {
        fn upcast(old: today::ArrivedV1View<'a>, _: &'a Scratch) -> Self {
            Self {
                guest: old.guest,
                phone: None.into(),
                name: old.name,
                mail: old.mail,
            }
        }
    }
}

#[test]
fn a_field_that_comes_to_be_looked_up_later_finds_what_was_there_before() {
    let registry = Registry::new();
    let store = open_with_old_guests(&registry);
    let by_mail = store.find_by::<today::GuestEvent>("mail", "bob marker@example.org");
    assert_eq!(by_mail.unwrap().len(), 1);
    let by_name = store.find_by::<next::GuestEvent>("name", "bob marker");
    assert_eq!(by_name.unwrap().len(), 1);
}
