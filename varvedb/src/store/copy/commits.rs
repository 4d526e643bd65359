//! The commits of a store, in order.

use crate::error::StorageError;
use crate::event::{Boxes, RecordedEvent};
use crate::log::{Frame, FrameKind, Snapshot};
use crate::position::Position;
use crate::store::names::Names;
use crate::store::read::recorded;

/// The events of each commit up to a position.
pub(super) fn commits<'s>(
    log: &'s Snapshot,
    (names, boxes): (&'s Names, Boxes<'s>),
    up_to: Position,
) -> impl Iterator<Item = Result<Vec<RecordedEvent<'s>>, StorageError>> {
    let frames = log.frames(None);
    let is_asked = move |frame: &Result<Frame<'_>, _>| match frame {
        Ok(frame) => frame.last_position() <= up_to,
        Err(_) => true,
    };
    frames
        .take_while(is_asked)
        .filter(|frame| !matches!(frame, Ok(frame) if frame.kind() == FrameKind::Definitions))
        .map(move |frame| {
            let records = frame?.records();
            records
                .map(|record| recorded(log, &record?, names, boxes))
                .collect()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{NewEvent, TypeName};
    use crate::store::{ExpectedVersion, NewCommit, Rewrite, Store};
    use crate::stream::StreamId;

    /// How many events each commit has.
    fn lengths(store: &Store) -> Vec<usize> {
        let shared = store.readable().unwrap();
        let (log, names) = (shared.log.snapshot(), shared.names());
        let commits = commits(&log, (&names, None), store.head());
        commits.map(|commit| commit.unwrap().len()).collect()
    }

    #[test]
    fn what_was_one_commit_is_one_in_a_copy() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("old")).unwrap();
        let event = || NewEvent::new(TypeName::new("book.lent").unwrap(), *b"");
        for (of_one, of_two) in [(1, 1), (3, 2), (1, 4)] {
            let events = |count| (0..count).map(|_| event());
            let [one, two] = [1_u64, 2].map(|key| StreamId::new("book", key).unwrap());
            let commit = NewCommit::new()
                .append(one, ExpectedVersion::Any, events(of_one))
                .append(two, ExpectedVersion::Any, events(of_two));
            let _ = pollster::block_on(store.commit(commit)).unwrap();
        }
        let without_the_second = |event: &RecordedEvent<'_>| match event.position().get() {
            3..=7 => Rewrite::drop(),
            _ => Rewrite::keep(),
        };
        let copy = dir.path().join("new");
        let copying = store.copy_to(&copy);
        copying
            .map(|event| Ok(without_the_second(event)))
            .run()
            .unwrap();
        assert_eq!(lengths(&store), [2, 5, 5]);
        assert_eq!(lengths(&Store::open(&copy).unwrap()), [2, 5]);
    }
}
