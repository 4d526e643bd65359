//! Events with personal data that nobody thought of: no store and no key vault is needed for them.

use proptest::prelude::*;
use varvedb::prelude::*;
use varvedb::testing::{any_event, assert_round_trips, assert_upcasts_are_total, upcast_failures};
use varvedb::{PiiList, PiiOption};

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "guest")]
struct GuestId(u64);

#[derive(VarveValue, Clone, Debug, PartialEq)]
struct Address {
    street: String,
    floor: i8,
}

/// Personal data of every shape, of two guests, for two purposes, in two revisions.
#[derive(VarveEvent, Clone, Debug, PartialEq)]
#[varve(stream = "guest")]
enum GuestEvent {
    #[varve(revision = 2)]
    Arrived {
        #[stream_id]
        guest: GuestId,
        #[pii]
        name: Pii<String>,
        room: u16,
        #[pii(purpose = "billing")]
        address: Option<Pii<Address>>,
        #[pii]
        allergies: Vec<Pii<String>>,
        friend: GuestId,
        #[pii(subject = friend)]
        friend_name: Pii<Option<String>>,
        #[pii]
        #[varve(since = 2, default = "?")]
        language: Pii<String>,
    },
    #[varve(revision = 2, history(LeftV1))]
    Left {
        #[stream_id]
        guest: GuestId,
        #[pii]
        note: Pii<String>,
    },
}

#[derive(VarveRevision)]
struct LeftV1 {
    #[stream_id]
    guest: GuestId,
    #[pii]
    first: Pii<String>,
    #[pii]
    rest: Pii<String>,
}

impl<'a> Upcast<'a, LeftV1View<'a>> for GuestLeft<'a> {
    fn upcast(old: LeftV1View<'a>, scratch: &'a Scratch) -> Self {
        let note = match (old.first.get(), old.rest.get()) {
            (Pii::Known(first), Pii::Known(rest)) => {
                PiiView::known(scratch.str(format!("{first} {rest}")))
            }
            _ => PiiView::shredded(),
        };
        Self {
            guest: old.guest,
            note,
        }
    }
}

proptest! {
    #[test]
    fn any_event_with_personal_data_comes_back_as_it_was(event in any_event::<GuestEvent>()) {
        assert_round_trips([&event]);
    }
}

#[test]
fn made_up_personal_data_is_there_and_of_every_shape() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = any_event::<GuestEvent>();
    let events: Vec<GuestEvent> = (0..256)
        .map(|_| proptest::strategy::ValueTree::current(&strategy.new_tree(&mut runner).unwrap()))
        .collect();
    let has = |wanted: fn(&GuestEvent) -> bool| events.iter().any(wanted);
    assert!(has(
        |event| matches!(event, GuestEvent::Arrived { name: Pii::Known(name), .. } if name.len() > 8)
    ));
    assert!(has(|event| matches!(
        event,
        GuestEvent::Arrived {
            address: Some(Pii::Known(_)),
            ..
        }
    )));
    assert!(has(|event| matches!(
        event,
        GuestEvent::Arrived { address: None, .. }
    )));
    assert!(has(
        |event| matches!(event, GuestEvent::Arrived { allergies, .. } if allergies.len() > 1)
    ));
    assert!(has(|event| matches!(event, GuestEvent::Left { .. })));
}

#[test]
fn old_personal_data_is_read_also_when_it_is_shredded() {
    assert_upcasts_are_total::<GuestEvent>();
}

/// Trusts in that nothing is ever shredded.
mod careless {
    use varvedb::prelude::*;

    use super::GuestId;

    #[derive(VarveEvent)]
    #[varve(stream = "guest")]
    pub(super) enum GuestEvent {
        #[varve(revision = 2, history(LeftV1))]
        Left {
            #[stream_id]
            guest: GuestId,
            letters: u32,
        },
    }

    #[derive(VarveRevision)]
    pub(super) struct LeftV1 {
        #[stream_id]
        guest: GuestId,
        #[pii]
        note: Pii<String>,
    }

    impl<'a> Upcast<'a, LeftV1View<'a>> for GuestLeft<'a> {
        fn upcast(old: LeftV1View<'a>, _: &'a Scratch) -> Self {
            let Pii::Known(note) = old.note.get() else {
                panic!("a note is never shredded");
            };
            Self {
                guest: old.guest,
                letters: u32::try_from(note.len()).unwrap_or(u32::MAX),
            }
        }
    }
}

#[test]
fn an_upcast_that_cannot_take_a_shred_is_found() {
    let failures = upcast_failures::<careless::GuestEvent>();
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert_eq!(failures.len(), 1, "{told:?}");
    assert!(
        told[0].ends_with("it panicked: a note is never shredded"),
        "{told:?}"
    );
}

#[test]
fn what_is_shredded_cannot_come_back() {
    let event = GuestEvent::Left {
        guest: GuestId(7),
        note: Pii::Shredded,
    };
    let refused = std::panic::catch_unwind(|| assert_round_trips([&event])).unwrap_err();
    let message = refused.downcast_ref::<String>().unwrap();
    assert!(message.contains("`note` is shredded"), "{message}");
}

#[test]
fn views_of_made_up_events_say_nothing_of_what_is_in_them() {
    let event = GuestEvent::Arrived {
        guest: GuestId(7),
        name: "Secret".into(),
        room: 12,
        address: None,
        allergies: vec!["Secret".into()],
        friend: GuestId(8),
        friend_name: Pii::Known(Some("Secret".to_owned())),
        language: "Secret".into(),
    };
    assert_round_trips([&event]);
    assert!(!format!("{event:?}").contains("Secret"));
    let view = varvedb::Event::view(&event);
    assert!(!format!("{view:?}").contains("Secret"));
    let GuestEventView::Arrived(arrived) = view else {
        panic!("another variant");
    };
    let (address, allergies): (PiiOption<'_, Address>, PiiList<'_, String>) =
        (arrived.address, arrived.allergies);
    assert!(!address.is_some());
    assert_eq!(allergies.len(), 1);
}
