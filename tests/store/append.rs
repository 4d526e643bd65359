//! What an append promises.

use varvedb::{AppendError, Durability, ExpectedVersion, Key, NewCommit, StreamId, Version};

use crate::kit::{Place, book, fresh, lent, payloads, returned};

#[test]
fn an_append_says_where_its_events_are() {
    let store = fresh();
    let first = store
        .append(&book(1), ExpectedVersion::Any, [lent("a"), returned()])
        .unwrap();
    let second = store
        .append(&book(2), ExpectedVersion::Any, [lent("b")])
        .unwrap();
    assert_eq!(
        (first.first_position, first.last_position),
        (1.into(), 2.into())
    );
    assert_eq!(
        (second.first_position, second.last_position),
        (3.into(), 3.into())
    );
    assert_eq!((first.version(), second.version()), (2.into(), 1.into()));
    assert_eq!(store.head(), 3);
}

#[test]
fn each_expectation_accepts_what_it_names_and_nothing_else() {
    use ExpectedVersion::{Any, Exact, NoStream, StreamExists};
    let store = fresh();
    let _ = store
        .append(&book(1), Any, [lent("a"), returned()])
        .unwrap();
    let (there, missing) = (book(1), book(2));
    let cases = [
        (&there, Any, true),
        (&there, NoStream, false),
        (&there, StreamExists, true),
        (&there, Exact(Version::new(1)), false),
        (&missing, StreamExists, false),
        (&missing, Exact(Version::new(1)), false),
        (&missing, Exact(Version::ZERO), true),
    ];
    for (stream, expected, accepted) in cases {
        let before = store.version(stream).unwrap();
        let answer = store.append(stream, expected, [lent("b")]);
        assert_eq!(answer.is_ok(), accepted, "{stream} expects {expected}");
        let after = store.version(stream).unwrap();
        assert_eq!(
            after == before.next(),
            accepted,
            "{stream} expects {expected}"
        );
    }
}

#[test]
fn a_conflict_says_what_was_expected_and_what_was_found() {
    let store = fresh();
    let _ = store
        .append(&book(42), ExpectedVersion::Any, [lent("a"), returned()])
        .unwrap();
    let error = store
        .append(&book(42), Version::new(1), [lent("b")])
        .unwrap_err();
    let AppendError::Conflict(conflict) = &error else {
        panic!("{error}")
    };
    assert_eq!(
        (conflict.stream.clone(), conflict.actual),
        (book(42), Version::new(2))
    );
    assert_eq!(
        error.to_string(),
        "stream book-42 is at version 2, expected version 1; load it again and decide anew"
    );
}

#[test]
fn a_conflict_fails_only_its_own_caller() {
    const CALLERS: u64 = 32;
    let store = fresh();
    let won: Vec<bool> = std::thread::scope(|scope| {
        let race = |caller: u64| {
            let store = &store;
            // Two callers each want to create the same stream.
            move || {
                store
                    .append(&book(caller / 2), ExpectedVersion::NoStream, [lent("x")])
                    .is_ok()
            }
        };
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| scope.spawn(race(caller)))
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    });
    assert_eq!(won.iter().filter(|won| **won).count() as u64, CALLERS / 2);
    assert_eq!(store.head(), CALLERS / 2);
    assert!((0..CALLERS / 2).all(|stream| store.version(&book(stream)).unwrap() == 1));
}

#[test]
fn a_commit_of_several_streams_is_written_whole_or_not_at_all() {
    let store = fresh();
    let transfer = |expected: ExpectedVersion| {
        NewCommit::new()
            .append(book(1), ExpectedVersion::Any, [lent("a")])
            .append(book(2), expected, [lent("b"), returned()])
            .append(book(1), ExpectedVersion::StreamExists, [returned()])
    };
    store
        .commit(transfer(ExpectedVersion::StreamExists))
        .unwrap_err();
    assert_eq!(
        (store.head().get(), store.version(&book(1)).unwrap()),
        (0, Version::ZERO)
    );
    let appended = store.commit(transfer(ExpectedVersion::NoStream)).unwrap();
    assert_eq!(
        appended.versions,
        [Version::new(1), Version::new(2), Version::new(2)]
    );
    assert_eq!(payloads(&store, &book(1)), ["a", ""]);
    assert_eq!(payloads(&store, &book(2)), ["b", ""]);
}

#[test]
fn an_append_of_nothing_is_refused() {
    let store = fresh();
    let nothing = store.append(&book(1), ExpectedVersion::Any, []);
    assert!(matches!(nothing, Err(AppendError::Empty)));
    assert!(matches!(
        store.commit(NewCommit::new()),
        Err(AppendError::Empty)
    ));
}

#[test]
fn an_event_that_is_too_large_is_refused_and_the_next_is_not() {
    const LIMIT: usize = 16 << 20;
    let store = fresh();
    let large = |bytes: usize| [lent(&"x".repeat(bytes))];
    let error = store
        .append(&book(1), ExpectedVersion::Any, large(LIMIT + 1))
        .unwrap_err();
    assert!(
        matches!(
            error,
            AppendError::TooLarge {
                limit: 16_777_216,
                ..
            }
        ),
        "{error}"
    );
    let _ = store
        .append(&book(1), ExpectedVersion::NoStream, large(LIMIT))
        .unwrap();
    assert_eq!(payloads(&store, &book(1))[0].len(), LIMIT);
}

#[test]
fn the_keys_of_a_category_are_of_one_kind() {
    let store = fresh();
    let _ = store
        .append(&book(1), ExpectedVersion::Any, [lent("a")])
        .unwrap();
    let named = StreamId::text("book", "moby-dick").unwrap();
    let error = store
        .append(&named, ExpectedVersion::Any, [lent("a")])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the key of book-moby-dick is text, but the keys of this category are a number"
    );
    assert!(store.read_stream(&named).to_vec().unwrap().is_empty());
}

#[test]
fn a_buffered_append_is_seen_at_once_and_survives_closing() {
    let place = Place::new();
    let store = place.open();
    let commit = NewCommit::new().append(book(1), ExpectedVersion::Any, [lent("a")]);
    let _ = store
        .commit(commit.with_durability(Durability::Buffered))
        .unwrap();
    assert_eq!(payloads(&store, &book(1)), ["a"]);
    drop(store);
    assert_eq!(payloads(&place.open(), &book(1)), ["a"]);
}

#[test]
fn a_thousand_callers_share_the_queue_and_none_is_lost() {
    let place = Place::new();
    let store = place.open_with(varvedb::Store::options().queue_commits(4));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..1000 {
            let store = varvedb::Store::clone(&store);
            callers.spawn(async move {
                let one = [lent(&caller.to_string())];
                store
                    .append(&book(caller % 10), ExpectedVersion::Any, one)
                    .await
                    .unwrap()
            });
        }
        let mut positions: Vec<u64> = Vec::new();
        while let Some(appended) = callers.join_next().await {
            positions.push(appended.unwrap().first_position.get());
        }
        positions.sort_unstable();
        assert_eq!(positions, (1..=1000).collect::<Vec<u64>>());
    });
}

#[test]
fn a_refused_commit_leaves_no_name_behind() {
    let place = Place::new();
    let store = place.open();
    let too_large = lent(&"x".repeat((16 << 20) + 1));
    let no_key = varvedb::Metadata {
        entries: [(String::new(), String::new())].into(),
        ..varvedb::Metadata::default()
    };
    let refused = [
        NewCommit::new().append(book(1), ExpectedVersion::Any, [too_large]),
        NewCommit::new().append(
            book(1),
            ExpectedVersion::Any,
            [lent("a").with_metadata(no_key)],
        ),
        NewCommit::new()
            .append(book(1), ExpectedVersion::Any, [lent("a")])
            .append(book(2), ExpectedVersion::StreamExists, [lent("b")]),
        NewCommit::new()
            .append(book(1), ExpectedVersion::Any, [lent("a")])
            .append(
                StreamId::text("book", "a").unwrap(),
                ExpectedVersion::Any,
                [lent("b")],
            ),
    ];
    for commit in refused {
        store.commit(commit).unwrap_err();
        assert!(store.categories().unwrap().is_empty());
    }
    let named = StreamId::text("book", "moby-dick").unwrap();
    let _ = store
        .append(&named, ExpectedVersion::NoStream, [lent("a")])
        .unwrap();
    drop(store);
    assert_eq!(payloads(&place.open(), &named), ["a"]);
}

/// Once such a key was written to the log, and the store could never be opened again.
#[test]
fn a_text_that_is_no_key_names_no_stream() {
    for text in ["", "moby\0dick", "moby\ndick", &"x".repeat(201)] {
        let named = StreamId::new("book", Key::Text(text.into())).unwrap_err();
        assert!(named.to_string().contains("1 to 200 bytes"), "{named}");
        assert_eq!(StreamId::text("book", text), Err(named));
    }
}

#[test]
fn whoever_hears_of_a_conflict_sees_what_it_conflicts_with() {
    let store = fresh();
    let contend = |_: u64| {
        let mut known = 0;
        for _ in 0..200 {
            let expected = ExpectedVersion::Exact(known.into());
            known = match store.append(&book(1), expected, [lent("reader")]) {
                Ok(appended) => appended.version().get(),
                Err(AppendError::Conflict(conflict)) => {
                    let seen = store.version(&book(1)).unwrap();
                    assert!(seen >= conflict.actual, "{conflict}, but {seen} is seen");
                    seen.get()
                }
                Err(error) => panic!("{error}"),
            };
        }
    };
    std::thread::scope(|scope| {
        for caller in 0..8 {
            scope.spawn(move || contend(caller));
        }
    });
}
