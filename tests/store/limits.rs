//! The largest and the smallest that fit, and one more.

use varvedb::{
    AppendError, Category, ExpectedVersion, ManualClock, NewCommit, NewEvent, StreamId, Timestamp,
    TypeName,
};

use crate::kit::{Place, book, fresh, lent, payloads};

fn event(payload: Vec<u8>) -> NewEvent {
    NewEvent::new(TypeName::new("book.lent").unwrap(), payload)
}

#[test]
fn a_commit_of_too_many_events_is_refused_and_the_next_is_not() {
    const MOST: usize = 1_000_000;
    let store = fresh();
    let none = event(Vec::new());
    let commit =
        |count| NewCommit::new().append(book(1), ExpectedVersion::Any, vec![none.clone(); count]);
    let error = store.commit(commit(MOST + 1)).unwrap_err();
    assert!(
        matches!(
            error,
            AppendError::TooLarge {
                unit: "events",
                limit: 1_000_000,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(store.commit(commit(1)).unwrap().version(), 1);
}

#[test]
fn a_commit_of_too_many_bytes_is_refused_whole() {
    let store = fresh();
    let commit = |last: usize| {
        let events = [16 << 20, 16 << 20, 16 << 20, last].map(|bytes| event(vec![7; bytes]));
        NewCommit::new().append(book(1), ExpectedVersion::Any, events)
    };
    let error = store.commit(commit(16 << 20)).unwrap_err();
    let AppendError::TooLarge {
        actual,
        limit,
        unit: "bytes",
        ..
    } = error
    else {
        panic!("{error}")
    };
    let over = usize::try_from(actual - limit).unwrap();
    assert!(store.commit(commit((16 << 20) - over + 16)).is_err());
    let _ = store.commit(commit((16 << 20) - over)).unwrap();
    assert_eq!(store.read_stream(&book(1)).to_vec().unwrap().len(), 4);
}

#[test]
fn a_name_that_fits_is_kept_as_it_is_and_one_byte_more_is_refused() {
    let store = fresh();
    for key in [
        "x",
        " ",
        "é",
        "a-b/c d\u{1f600}\"'\\",
        "\u{202e}",
        &"x".repeat(200),
        &"é".repeat(100),
    ] {
        let stream = StreamId::text("note", key).unwrap();
        let _ = store
            .append(&stream, ExpectedVersion::NoStream, [lent(key)])
            .unwrap();
        assert_eq!(payloads(&store, &stream), [key]);
    }
    for key in ["", "a\0b", "a\nb", &"x".repeat(201), &"é".repeat(101)] {
        let said = StreamId::text("note", key).unwrap_err().to_string();
        assert!(
            said.ends_with("use 1 to 200 bytes without control characters"),
            "{said}"
        );
    }
    assert!(Category::new("x".repeat(64)).is_ok());
    for name in ["", "A", "1", "a.b", "a-b", "é", &"x".repeat(65)] {
        let said = Category::new(name).unwrap_err().to_string();
        assert!(said.contains("use 1 to 64 of a-z, 0-9 and `_`"), "{said}");
    }
    let notes = Category::new("note").unwrap();
    assert_eq!(store.streams(&notes, None, 99).unwrap().len(), 7);
}

/// Each stream of a commit was once compared with all before it, while every other caller waited.
#[test]
fn a_commit_may_go_to_very_many_streams() {
    const STREAMS: u64 = 30_000;
    let store = fresh();
    let commit = (0..STREAMS)
        .chain([7, 7])
        .fold(NewCommit::new(), |commit, number| {
            commit.append(book(number), ExpectedVersion::Any, [event(Vec::new())])
        });
    let appended = store.commit(commit).unwrap();
    assert_eq!(appended.last_position, STREAMS + 2);
    assert_eq!(appended.version(), 3);
    assert_eq!(store.version(&book(STREAMS - 1)).unwrap(), 1);
}

#[test]
fn hundreds_of_categories_and_types_are_met_again() {
    const NAMES: u64 = 300;
    let place = Place::new();
    let store = place.open();
    for number in 0..NAMES {
        let stream = StreamId::new(format!("c{number}"), number).unwrap();
        let event = NewEvent::new(TypeName::new(format!("c{number}.done")).unwrap(), "");
        let _ = store
            .append(&stream, ExpectedVersion::Any, [event])
            .unwrap();
    }
    let before = store.read_log().to_vec().unwrap();
    drop(store);
    std::fs::remove_dir_all(place.path().join("index")).unwrap();
    let store = place.open();
    assert_eq!(store.categories().unwrap().len() as u64, NAMES);
    assert_eq!(store.read_log().to_vec().unwrap(), before);
}

#[test]
fn a_clock_that_is_wrong_by_ages_dates_wrongly_and_breaks_nothing() {
    let place = Place::new();
    let micros = [i64::MIN, -1, 0, 1, i64::MAX, 0, i64::MIN];
    for time in micros {
        let clock = std::sync::Arc::new(ManualClock::new(Timestamp::from_micros(time)));
        let store = place.open_with(varvedb::Store::options().clock(clock));
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent("a")])
            .unwrap();
    }
    std::fs::remove_dir_all(place.path().join("index")).unwrap();
    let events = place.open().read_log().to_vec().unwrap();
    assert_eq!(events.len(), micros.len());
    assert!(events.is_sorted_by_key(|event| event.time));
}
