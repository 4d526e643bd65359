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
