//! The fingerprint of a snapshot: everything that says what a state means and how it came about, as
//! far as the program can see itself.

use std::fmt::Write;

use crate::codec::EventSchema;
use crate::event::type_hash as hash;
use crate::index;

/// What a state was made by. Where it differs, the state may not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// The aggregate's name and the layout of its state.
    state: u64,
    /// The code of the event handlers.
    handlers: u64,
    /// The events that they take, in all their revisions.
    events: u64,
    /// What the user counts up for the rest.
    revision: u64,
}

impl Fingerprint {
    pub(super) fn new(
        (name, layout): (&str, &str),
        handlers: &[u64],
        events: &[EventSchema],
        revision: u64,
    ) -> Self {
        Self {
            state: hash(&format!("{name} {layout}")),
            handlers: hash(&handlers_text(handlers)),
            events: hash(&events_text(events)),
            revision,
        }
    }

    pub(super) fn to_bytes(self) -> index::Fingerprint {
        let mut bytes = [0; 32];
        let parts = [self.state, self.handlers, self.events, self.revision];
        for (place, part) in bytes.chunks_exact_mut(8).zip(parts) {
            place.copy_from_slice(&part.to_be_bytes());
        }
        bytes
    }

    /// What differs from the fingerprint that was found, in words; `None` if nothing does.
    pub(super) fn difference(self, found: index::Fingerprint) -> Option<&'static str> {
        const PARTS: [&str; 4] = [
            "the name of the aggregate or the layout of its state",
            "an event handler",
            "the events",
            "the revision in `snapshot(revision = ..)`",
        ];
        let own = self.to_bytes();
        let parts = own.chunks_exact(8).zip(found.chunks_exact(8)).zip(PARTS);
        parts
            .filter(|((own, found), _)| own != found)
            .map(|(_, part)| part)
            .next()
    }
}

/// In the order of the hashes, so that to move a handler changes nothing.
fn handlers_text(handlers: &[u64]) -> String {
    let mut handlers = handlers.to_vec();
    handlers.sort_unstable();
    format!("{handlers:?}")
}

fn events_text(events: &[EventSchema]) -> String {
    let mut lines: Vec<String> = events.iter().flat_map(revisions).collect();
    lines.sort_unstable();
    lines.concat()
}

fn revisions(event: &EventSchema) -> impl Iterator<Item = String> {
    (1..).zip(event.revisions).map(|(revision, layout)| {
        let mut line = String::new();
        let _ = writeln!(line, "{} {revision} {}", event.name, layout.text());
        line
    })
}
