//! What is refused before it is laid.

use super::*;

const KEY: KeyRef<'_> = KeyRef::Number(1);

#[test]
fn an_event_beyond_the_limits_is_refused_and_leaves_no_trace_in_its_draft() {
    let mut draft = draft(KEY, &[(b"", b"kept")]).unwrap();
    let before = draft.bytes();
    let mut refused = |extras: usize, payload: usize| {
        let write = |bytes: usize| {
            move |out: &mut Vec<u8>| {
                out.resize(out.len() + bytes, 0);
                Ok(())
            }
        };
        let refused = draft.push::<LayError>(None, (0, 1), write(extras), write(payload));
        assert_eq!((draft.bytes(), draft.events()), (before, 1));
        refused.unwrap_err()
    };
    let payload = refused(0, 16 * 1024 * 1024 + 1);
    assert!(matches!(payload, LayError::Payload { .. }));
    let metadata = refused(1024 * 1024, 0);
    assert!(matches!(metadata, LayError::Metadata { .. }));
}

#[test]
fn a_commit_of_too_many_bytes_is_refused_and_soon_takes_no_more_memory() {
    let dir = dir();
    let (_, mut writer, _) = reopen(dir.path()).unwrap();
    let payload = vec![0; 16 * 1024 * 1024];
    let event = (&b""[..], &payload[..]);
    let large = draft(KEY, &[event; 4]).unwrap();
    let refused = writer.lay(&to_stream(&large, KEY), &mut Vec::new());
    assert!(matches!(refused, Err(LayError::Commit { .. })));
    let refused = draft(KEY, &[event; 5]).unwrap_err();
    assert!(matches!(refused, LayError::Commit { .. }));
}

#[test]
fn a_commit_of_too_many_events_or_of_none_is_refused_and_leaves_no_trace() {
    let dir = dir();
    let (log, mut writer, _) = reopen(dir.path()).unwrap();
    let mut refused = |draft: &Draft, streams: usize| {
        let one = to_stream(draft, KEY);
        let laying = Laying {
            id: one.id,
            time: one.time,
            draft,
            types: one.types,
            streams: one.streams.cycle().take(streams),
        };
        writer.lay(&laying, &mut Vec::new()).unwrap_err()
    };
    let many = draft(KEY, &vec![(&b""[..], &b""[..]); 1_000_001]).unwrap();
    assert!(matches!(refused(&many, 1), LayError::Events { .. }));
    let none = Draft::default();
    let nothing = refused(&none, 0);
    assert!(matches!(nothing, LayError::Events { count: 0, .. }));
    assert!(matches!(refused(&none, 1), LayError::Stream));
    let one = draft(KEY, &[(b"", b"")]).unwrap();
    assert!(matches!(refused(&one, 2), LayError::Stream));
    writer.flush(true).unwrap();
    assert_eq!(log.end().position, 0);
}
