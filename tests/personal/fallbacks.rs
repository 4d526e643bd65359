//! What stands for a datum that is shredded: what its field says, which may be made of the person's id.

use varvedb::Event;
use varvedb::blocking::{Repository, Store};
use varvedb::prelude::*;

use crate::people::*;

/// What a list shows of somebody, whether they are shredded or not.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    name: Option<String>,
    mail: Option<String>,
    friend: Option<String>,
}

#[aggregate(id = PersonId, event = PersonEvent, error = Never)]
impl Shown {
    #[apply]
    fn registered(event: PersonRegistered<'_>) -> Self {
        Self {
            name: event.name.or_fallback(),
            mail: event.email.or_fallback(),
            friend: None,
        }
    }
    #[apply]
    fn referred(&mut self, event: PersonReferred<'_>) {
        self.friend = event.friend_name.or_fallback();
    }
    #[apply]
    fn invoiced(&mut self, _: PersonInvoiced<'_>) {}
    #[apply]
    fn listed(&mut self, _: PersonListed<'_>) {}
    #[apply]
    fn upgraded(&mut self, _: PersonUpgraded<'_>) {}
}

fn shown(store: &Store, id: PersonId) -> [Option<String>; 3] {
    let shown = Repository::new(store).load::<Shown>(id).unwrap();
    let Shown { name, mail, friend } = shown.state().clone();
    [name, mail, friend]
}

fn some(texts: [&str; 3]) -> [Option<String>; 3] {
    texts.map(|text| Some(text.to_owned()))
}

#[test]
fn what_is_there_needs_no_fallback() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let there = [
        "Ada Marker",
        "Ada Marker@example.org",
        "friend of Ada Marker",
    ];
    assert_eq!(shown(&store, ADA), some(there));
}

#[test]
fn a_fallback_may_be_made_of_the_id_of_whom_it_is_about() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let _ = store.shred(subject(ADA)).run().unwrap();
    let ada = shown(&store, ADA);
    assert_eq!(ada, some(["somebody", "1@nowhere", "friend of Ada Marker"]));
    let [_, _, friend_of_bob] = shown(&store, BOB);
    assert_eq!(
        friend_of_bob.as_deref(),
        Some("person 1"),
        "Ada is Bob's friend"
    );
}

#[test]
fn it_is_the_same_before_an_event_is_saved() {
    let event = PersonEvent::Referred {
        id: ADA,
        friend: BOB,
        words: Pii::Shredded,
        friend_name: Pii::Shredded,
    };
    let PersonEventView::Referred(view) = event.view() else {
        panic!("{event:?}");
    };
    assert_eq!(view.friend_name.or_fallback().as_deref(), Some("person 2"));
    assert_eq!(view.words.or_fallback(), None);
}
