//! What is refused before it is laid.

use super::*;

#[test]
fn a_commit_beyond_the_limits_is_refused_and_leaves_no_trace() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let payload = vec![0; 16 * 1024 * 1024 + 1];
    let event = DraftEvent {
        type_id: 1,
        revision: 1,
        extras: &[],
        payload: &payload,
    };
    let mut stream = DraftStream {
        category: 1,
        key: KeyRef::Number(1),
        first_version: Version::new(1),
        events: &[event],
    };
    let mut refused = |stream: DraftStream<'_>| {
        let draft = Draft {
            id: Uuid::nil(),
            time: Timestamp::default(),
            streams: &[stream],
        };
        writer.lay(&draft, &mut Vec::new()).unwrap_err()
    };
    assert!(matches!(refused(stream), LayError::Payload { .. }));
    stream.events = &[];
    assert!(matches!(refused(stream), LayError::Stream));
    writer.flush(true).unwrap();
    assert_eq!(log.end().position, 0);
}

#[test]
fn a_commit_of_too_many_events_or_bytes_or_of_none_is_refused() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let mut refused = |events: &[DraftEvent<'_>], streams: usize| {
        let stream = DraftStream {
            category: 1,
            key: KeyRef::Number(1),
            first_version: Version::new(1),
            events,
        };
        let draft = Draft {
            id: Uuid::nil(),
            time: Timestamp::default(),
            streams: &vec![stream; streams],
        };
        writer.lay(&draft, &mut Vec::new()).unwrap_err()
    };
    let event = |payload| DraftEvent {
        type_id: 1,
        revision: 1,
        extras: &[],
        payload,
    };
    let many = vec![event(&[]); 1_000_001];
    assert!(matches!(refused(&many, 1), LayError::Events { .. }));
    assert!(matches!(
        refused(&many, 0),
        LayError::Events { count: 0, .. }
    ));
    let payload = vec![0; 16 * 1024 * 1024];
    let large = [event(&payload); 4];
    assert!(matches!(refused(&large, 1), LayError::Commit { .. }));
    writer.flush(true).unwrap();
    assert_eq!(log.end().position, 0);
}
