//! Copies that make of a store what it should have been.

use varvedb::blocking::Repository;
use varvedb::prelude::*;
use varvedb::{CopyError, Metadata, RegisterError, Rewrite, StreamId, TypeName};

use crate::kit::{Place, book};
use crate::{Desk, everything, library};

/// As it was, in two revisions.
mod old {
    use varvedb::prelude::*;

    pub(super) mod first {
        use varvedb::prelude::*;

        #[derive(VarveEvent, Debug)]
        #[varve(stream = "member")]
        pub(crate) enum MemberEvent {
            Joined { first: String, last: String },
        }
    }

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "member")]
    pub(super) enum MemberEvent {
        #[varve(revision = 2, history(JoinedV1))]
        Joined { name: String },
    }

    #[derive(VarveRevision)]
    pub(super) struct JoinedV1 {
        first: String,
        last: String,
    }

    impl<'a> Upcast<'a, JoinedV1View<'a>> for MemberJoined<'a> {
        fn upcast(old: JoinedV1View<'a>, scratch: &'a Scratch) -> Self {
            let name = scratch.str(format!("{} {}", old.first, old.last));
            Self { name }
        }
    }
}

/// As it is now: nobody knows of a revision before the first.
#[derive(VarveEvent, Debug)]
#[varve(stream = "member")]
enum MemberEvent {
    Enrolled { name: String },
}

struct Member(String);

#[aggregate(id = u64, event = MemberEvent, error = std::convert::Infallible)]
impl Member {
    #[apply]
    fn enrolled(e: MemberEnrolled<'_>) -> Self {
        Self(e.name.to_owned())
    }
}

/// Two members, of whom the first joined in the first revision.
fn members() -> Place {
    let place = Place::new();
    let store = place.open();
    let (first, last) = ("Ada".to_owned(), "Byron".to_owned());
    store_event(&store, 1, &old::first::MemberEvent::Joined { first, last });
    let name = "Mary Shelley".to_owned();
    store_event(&store, 2, &old::MemberEvent::Joined { name });
    drop(store);
    place
}

fn store_event<E: varvedb::Event>(store: &varvedb::blocking::Store, id: u64, event: &E) {
    store.register::<E>().unwrap();
    let schema = &E::schemas()[event.schema_index()];
    let mut payload = Vec::new();
    event.encode(&mut payload).unwrap();
    let name = TypeName::new(schema.name).unwrap();
    let new = varvedb::NewEvent::new(name, payload).with_revision(schema.current_revision());
    let stream = StreamId::new("member", id).unwrap();
    let _ = store
        .append(&stream, varvedb::ExpectedVersion::Any, [new])
        .unwrap();
}

#[test]
fn what_is_left_out_leaves_no_gap() {
    let (source, desk) = (library(20), Desk::new());
    let store = source.open();
    let report = store
        .copy_to(desk.path())
        .map(|event| match event.type_name() {
            "book.returned" => Ok(Rewrite::drop()),
            _ => Ok(Rewrite::keep()),
        })
        .run()
        .unwrap();
    assert_eq!((report.read, report.dropped, report.written), (50, 20, 30));
    let all = store.read_log().to_vec().unwrap();
    let kept = all.iter().filter(|e| e.type_name.as_str() == "book.lent");
    let copied = everything(&desk.path());
    let facts = |event: &varvedb::RecordedEventBuf| {
        let event = event.clone();
        (
            event.id,
            event.time,
            event.metadata,
            event.payload,
            event.stream,
        )
    };
    assert!(copied.iter().map(facts).eq(kept.map(facts)));
    assert!((1..).zip(&copied).all(|(n, event)| event.position == n));
    let of_one = copied.iter().filter(|event| event.stream == book(1));
    assert!((1..).zip(of_one).all(|(n, event)| event.version == n));
}

#[test]
fn renamed_and_upcast_for_good_it_is_read_by_a_program_without_a_past() {
    let (source, desk) = (members(), Desk::new());
    let enrolled = TypeName::new("member.enrolled").unwrap();
    let store = source.open();
    let report = store
        .copy_to(desk.path())
        .map(|event| {
            let present = Rewrite::upcast::<old::MemberEvent>(event)?;
            Ok(present.with_type(&enrolled).with_revision(1))
        })
        .run()
        .unwrap();
    assert_eq!(report.changed, 2);
    let copied = Store::options()
        .register::<MemberEvent>()
        .open(desk.path())
        .unwrap();
    let repo = Repository::new(&copied);
    let names = [1, 2].map(|id| repo.load::<Member>(id).unwrap().state().0.clone());
    assert_eq!(names, ["Ada Byron", "Mary Shelley"]);
}

#[test]
fn what_is_upcast_to_what_it_was_counts_as_kept() {
    let (source, desk) = (members(), Desk::new());
    let store = source.open();
    let copying = store.copy_to(desk.path());
    let report = copying
        .map(Rewrite::upcast::<old::MemberEvent>)
        .run()
        .unwrap();
    assert_eq!((report.read, report.changed, report.kept), (2, 1, 1));
}

#[test]
fn layouts_come_along_and_are_compared_in_the_new_store() {
    let (source, desk) = (members(), Desk::new());
    source.open().copy_to(desk.path()).run().unwrap();
    let opened = Store::options()
        .register::<old::MemberEvent>()
        .open(desk.path());
    assert!(opened.is_ok());
    drop(opened);
    let refused = Store::options()
        .register::<old::first::MemberEvent>()
        .open(desk.path());
    assert_eq!(
        refused.unwrap_err().to_string(),
        "event `member.joined` is stored at revision 2, this program knows it up to 1; update the program; \
         since revision 1: field `first: str` is gone; field `last: str` is gone; field `name: str` is new"
    );
}

type Map = fn(&varvedb::RecordedEvent<'_>) -> Result<Rewrite, varvedb::RewriteError>;

/// A store without the layout of a revision between two others is refused.
#[test]
fn layouts_of_older_revisions_come_along_even_where_no_event_has_them_any_more() {
    let source = members();
    let store = source.open();
    let maps: [Map; 2] = [Rewrite::upcast::<old::MemberEvent>, |event| {
        match event.meta().revision() {
            1 => Ok(Rewrite::drop()),
            _ => Ok(Rewrite::keep()),
        }
    }];
    for map in maps {
        let desk = Desk::new();
        let _ = store.copy_to(desk.path()).map(map).run().unwrap();
        let copied = Store::options()
            .register::<old::MemberEvent>()
            .open(desk.path())
            .unwrap();
        assert!(copied.schema("member.joined", 1).unwrap().is_some());
    }
}

/// As somebody wrote it who did not know that layouts are fixed: both fields are read, each as the other.
mod drifted {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "member")]
    pub(super) enum MemberEvent {
        Joined { last: String, first: String },
    }
}

#[test]
fn nothing_is_upcast_that_the_source_has_in_another_layout() {
    let place = Place::new();
    let store = place.open();
    let (first, last) = ("Ada".to_owned(), "Byron".to_owned());
    store_event(&store, 1, &old::first::MemberEvent::Joined { first, last });
    let desk = Desk::new();
    let copying = store
        .copy_to(desk.path())
        .map(Rewrite::upcast::<drifted::MemberEvent>);
    let refused = copying.run().unwrap_err();
    assert!(
        matches!(&refused, CopyError::Register(RegisterError::Drift { .. })),
        "{refused}"
    );
    assert_eq!(everything(&desk.path()), []);
}

#[test]
fn two_layouts_under_one_revision_are_refused() {
    let (source, desk) = (members(), Desk::new());
    let store = source.open();
    let copying = store
        .copy_to(desk.path())
        .map(|_| Ok(Rewrite::keep().with_revision(1)));
    insta::assert_snapshot!(copying.run().unwrap_err());
}

/// A store that has the layouts of revisions 1 and 4, but none between, lets no program in.
#[test]
fn a_revision_behind_one_that_nobody_knows_is_refused() {
    let (source, desk) = (members(), Desk::new());
    let store = source.open();
    let copying = store
        .copy_to(desk.path())
        .map(|_| Ok(Rewrite::keep().with_revision(4)));
    assert_eq!(
        copying.run().unwrap_err().to_string(),
        "the event at position 1 cannot be stored as `member.joined` revision 4: nothing says what the \
         layout of revision 3 is, and no program would be let into the new store; give it revision 3"
    );
}

#[test]
fn the_first_revision_is_the_first() {
    let (source, desk) = (library(1), Desk::new());
    let store = source.open();
    let copying = store.copy_to(desk.path());
    let copying = copying.map(|_| Ok(Rewrite::keep().with_revision(0)));
    copying.run().unwrap();
    assert!(everything(&desk.path()).iter().all(|e| e.revision == 1));
}

#[test]
fn a_payload_that_is_not_of_the_layout_is_refused() {
    let (source, desk) = (members(), Desk::new());
    let store = source.open();
    let copying = store
        .copy_to(desk.path())
        .map(|_| Ok(Rewrite::keep().with_payload("redacted")));
    assert_eq!(
        copying.run().unwrap_err().to_string(),
        "the event at position 1 cannot be stored as `member.joined` revision 1 with the payload that it \
         was given: the payload does not fit its schema: it is too short, at byte 0"
    );
}

#[test]
fn streams_move_and_merge_payloads_and_metadata_are_replaced() {
    let (source, desk) = (library(10), Desk::new());
    let store = source.open();
    let nobody = Metadata::default();
    store
        .copy_to(desk.path())
        .map(|event| {
            let moved = Rewrite::keep().with_stream(&book(99));
            Ok(match event.payload().first() {
                Some(b'r') => moved.with_payload("redacted").with_metadata(&nobody),
                _ => moved,
            })
        })
        .run()
        .unwrap();
    let copied = everything(&desk.path());
    assert_eq!(copied.len(), 25);
    for (n, event) in (1..).zip(&copied) {
        assert_eq!((event.version.get(), &event.stream), (n, &book(99)));
        assert!(!event.payload.starts_with(b"reader"));
        assert_eq!(event.metadata.actor, None);
    }
    let ids = |events: &[varvedb::RecordedEventBuf]| -> Vec<_> {
        events.iter().map(|event| (event.id, event.time)).collect()
    };
    assert_eq!(ids(&copied), ids(&store.read_log().to_vec().unwrap()));
}

#[test]
fn what_the_function_says_is_told_with_the_position() {
    let (source, desk) = (library(10), Desk::new());
    let store = source.open();
    let failed = store
        .copy_to(desk.path())
        .map(|event| match event.position().get() {
            7 => Err("who was that?".into()),
            _ => Ok(Rewrite::keep()),
        })
        .run();
    let said = failed.unwrap_err().to_string();
    assert_eq!(
        said,
        "could not decide on the event at position 7: who was that?"
    );
}
