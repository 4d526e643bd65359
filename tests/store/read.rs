//! What reads promise.

use std::ops::ControlFlow;

use varvedb::blocking::Store;
use varvedb::{Category, ExpectedVersion, NewEvent, ReadLog, StreamId, TypeName};

use crate::kit::{Place, book, fresh, lent, payloads, returned};

/// Ten events, taking turns between two books and a reader's card.
fn ten_events(place: &Place) -> Store {
    let store = place.open();
    for number in 1..=10_u64 {
        let event = lent(&number.to_string());
        let stream = if number % 5 == 0 {
            StreamId::text("card", "7").unwrap()
        } else {
            book(number % 2)
        };
        let _ = store
            .append(&stream, ExpectedVersion::Any, [event])
            .unwrap();
    }
    store
}

fn numbers(events: &[varvedb::RecordedEventBuf]) -> Vec<u64> {
    events.iter().map(|event| event.position.get()).collect()
}

#[test]
fn a_stream_is_read_forwards_backwards_after_a_version_and_with_a_limit() {
    let place = Place::new();
    let store = ten_events(&place);
    let odd = book(1);
    let read = || store.read_stream(&odd);
    assert_eq!(numbers(&read().to_vec().unwrap()), [1, 3, 7, 9]);
    assert_eq!(numbers(&read().after(1).to_vec().unwrap()), [3, 7, 9]);
    assert_eq!(
        numbers(&read().after(1).before(4).to_vec().unwrap()),
        [3, 7]
    );
    assert_eq!(numbers(&read().after(1).limit(2).to_vec().unwrap()), [3, 7]);
    assert_eq!(numbers(&read().backwards().to_vec().unwrap()), [9, 7, 3, 1]);
    assert_eq!(
        numbers(&read().backwards().after(2).to_vec().unwrap()),
        [9, 7]
    );
    assert_eq!(
        numbers(&read().backwards().before(3).limit(1).to_vec().unwrap()),
        [3]
    );
    assert!(read().limit(0).to_vec().unwrap().is_empty());
    assert!(read().after(u64::MAX).to_vec().unwrap().is_empty());
    assert!(read().after(3).before(2).to_vec().unwrap().is_empty());
}

#[test]
fn a_read_of_some_types_counts_and_shows_these_only() {
    let place = Place::new();
    let store = place.open();
    for number in 1..=4 {
        let events = [lent("reader 7"), returned()];
        let _ = store
            .append(&book(number), ExpectedVersion::NoStream, events)
            .unwrap();
    }
    let [lent, returned, unknown] =
        ["book.lent", "book.returned", "book.burnt"].map(|name| TypeName::new(name).unwrap());
    let log = || store.read_log();
    let books = Category::new("book").unwrap();
    let read = |read: ReadLog<'_>| numbers(&read.to_vec().unwrap());
    assert_eq!(read(log().of_types([&returned])), [2, 4, 6, 8]);
    assert_eq!(read(log().of_types([&returned]).limit(2)), [2, 4]);
    assert_eq!(read(log().of_types([&lent]).backwards().limit(2)), [7, 5]);
    let of_books = store.read_category(&books).of_types([&lent, &unknown]);
    assert_eq!(read(of_books.after(2)), [3, 5, 7]);
    assert!(read(log().of_types([&unknown])).is_empty());
    assert!(read(log().of_types([])).is_empty());
}

#[test]
fn the_log_is_read_in_the_order_of_positions() {
    let place = Place::new();
    let store = ten_events(&place);
    let all: Vec<u64> = (1..=10).collect();
    assert_eq!(numbers(&store.read_log().to_vec().unwrap()), all);
    assert_eq!(
        numbers(&store.read_log().after(7).to_vec().unwrap()),
        [8, 9, 10]
    );
    assert_eq!(
        numbers(&store.read_log().after(2).before(5).to_vec().unwrap()),
        [3, 4]
    );
    assert_eq!(
        numbers(&store.read_log().backwards().limit(3).to_vec().unwrap()),
        [10, 9, 8]
    );
    assert!(store.read_log().after(10).to_vec().unwrap().is_empty());
    assert!(store.read_log().limit(0).to_vec().unwrap().is_empty());
}

#[test]
fn a_category_is_read_as_one_stream() {
    let place = Place::new();
    let store = ten_events(&place);
    let (books, cards) = (
        Category::new("book").unwrap(),
        Category::new("card").unwrap(),
    );
    let read = || store.read_category(&books);
    assert_eq!(numbers(&read().to_vec().unwrap()), [1, 2, 3, 4, 6, 7, 8, 9]);
    assert_eq!(numbers(&read().after(4).limit(2).to_vec().unwrap()), [6, 7]);
    assert_eq!(
        numbers(&read().backwards().limit(2).to_vec().unwrap()),
        [9, 8]
    );
    assert_eq!(
        numbers(&store.read_category(&cards).to_vec().unwrap()),
        [5, 10]
    );
    let nothing = Category::new("nothing").unwrap();
    assert!(store.read_category(&nothing).to_vec().unwrap().is_empty());
}

#[test]
fn reads_longer_than_a_portion_miss_nothing_in_either_direction() {
    const EVENTS: u64 = 2500;
    let store = fresh();
    for batch in 0..EVENTS / 50 {
        let events = (0..50).map(|n| lent(&(batch * 50 + n).to_string()));
        let _ = store
            .append(&book(batch % 2), ExpectedVersion::Any, events)
            .unwrap();
    }
    let books = Category::new("book").unwrap();
    let forwards: Vec<u64> = (1..=EVENTS).collect();
    let backwards: Vec<u64> = (1..=EVENTS).rev().collect();
    assert_eq!(numbers(&store.read_log().to_vec().unwrap()), forwards);
    assert_eq!(
        numbers(&store.read_log().backwards().to_vec().unwrap()),
        backwards
    );
    assert_eq!(
        numbers(&store.read_category(&books).to_vec().unwrap()),
        forwards
    );
    assert_eq!(
        numbers(&store.read_category(&books).backwards().to_vec().unwrap()),
        backwards
    );
    let odd = book(1);
    let stream = store.read_stream(&odd).to_vec().unwrap();
    let versions: Vec<u64> = stream.iter().map(|event| event.version.get()).collect();
    assert_eq!(versions, (1..=EVENTS / 2).collect::<Vec<u64>>());
    let mut reversed = store.read_stream(&odd).backwards().to_vec().unwrap();
    reversed.reverse();
    assert_eq!(reversed, stream);
}

#[test]
fn a_visitor_that_breaks_sees_no_more() {
    let place = Place::new();
    let store = ten_events(&place);
    let mut seen = 0;
    let visitor = |_: &varvedb::RecordedEvent<'_>| {
        seen += 1;
        if seen == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    store.read_log().visit(visitor).unwrap();
    assert_eq!(seen, 3);
}

#[test]
fn payloads_lie_aligned_for_archives() {
    let store = fresh();
    let odd = (1..40).map(|bytes| lent(&"x".repeat(bytes)));
    let _ = store.append(&book(1), ExpectedVersion::Any, odd).unwrap();
    let check = |event: &varvedb::RecordedEvent<'_>| {
        assert_eq!(event.payload().as_ptr().addr() % 16, 0);
        ControlFlow::Continue(())
    };
    store.read_log().visit(check).unwrap();
}

#[test]
fn streams_are_listed_in_the_order_of_their_keys() {
    let store = fresh();
    for number in [300, 2, 1, 256] {
        let _ = store
            .append(&book(number), ExpectedVersion::Any, [lent("a")])
            .unwrap();
    }
    let books = Category::new("book").unwrap();
    let listed = store.streams(&books, None, 3).unwrap();
    assert_eq!(
        listed.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(),
        [1, 2, 256].map(book)
    );
    let rest = store.streams(&books, Some(&256.into()), 10).unwrap();
    assert_eq!(rest, [(book(300), 1.into())]);
    assert_eq!(store.categories().unwrap(), [books]);
}

#[test]
fn odd_names_are_kept_apart() {
    let place = Place::new();
    let store = place.open();
    let names = [
        "a",
        "a-",
        "a-b",
        "ab",
        "ä",
        "0",
        "00",
        " ",
        "🌊",
        &"x".repeat(200),
    ];
    for name in names {
        let stream = StreamId::text("lake", name).unwrap();
        let event = NewEvent::new(TypeName::new("lake.named").unwrap(), name);
        let _ = store
            .append(&stream, ExpectedVersion::NoStream, [event])
            .unwrap();
    }
    drop(store);
    let store = place.open();
    for name in names {
        assert_eq!(
            payloads(&store, &StreamId::text("lake", name).unwrap()),
            [name]
        );
    }
    for refused in ["", "a\n", "\0", &"x".repeat(201)] {
        assert!(StreamId::text("lake", refused).is_err(), "{refused:?}");
    }
}

#[test]
fn bounds_and_limits_may_be_any_numbers() {
    let store = fresh();
    for _ in 0..4 {
        let _ = store
            .append(&book(1), ExpectedVersion::Any, [lent("a"), lent("b")])
            .unwrap();
    }
    let category = Category::new("book").unwrap();
    let stream = book(1);
    let numbers = [0, 1, 3, 8, 9, u64::MAX - 1, u64::MAX];
    let limits = [0, 1, 3, usize::MAX];
    for (after, before) in numbers.iter().flat_map(|a| numbers.map(|b| (*a, b))) {
        let within: Vec<u64> = (1..=8).filter(|n| *n > after && *n < before).collect();
        for (limit, is_backwards) in limits.iter().flat_map(|l| [(*l, false), (*l, true)]) {
            let mut expected = within.clone();
            if is_backwards {
                expected.reverse();
            }
            expected.truncate(limit);
            let log = |read: ReadLog<'_>| {
                let read = read.after(after).before(before).limit(limit);
                let read = if is_backwards { read.backwards() } else { read };
                let events = read.to_vec().unwrap();
                events.iter().map(|e| e.position.get()).collect::<Vec<_>>()
            };
            assert_eq!(log(store.read_log()), expected, "{after} {before} {limit}");
            assert_eq!(log(store.read_category(&category)), expected);
            let read = store.read_stream(&stream).after(after).before(before);
            let read = if is_backwards { read.backwards() } else { read };
            let events = read.limit(limit).to_vec().unwrap();
            let versions: Vec<u64> = events.iter().map(|e| e.version.get()).collect();
            assert_eq!(versions, expected);
        }
    }
}
