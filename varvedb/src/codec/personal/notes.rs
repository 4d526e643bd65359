//! What went wrong, or was found gone, while the boxes of one event were opened.

use std::cell::{OnceCell, RefCell};

use crate::pii::{KeyId, PiiError};

/// Kept in the scratch of the event, for whoever asks when its handler is done.
#[derive(Debug, Default)]
pub(in crate::codec) struct Notes {
    fault: OnceCell<PiiError>,
    shredded: RefCell<Vec<KeyId>>,
}

impl Notes {
    /// The first fault, if there was one.
    pub(in crate::codec) fn fault(&self) -> Option<&PiiError> {
        self.fault.get()
    }

    /// The keys that were found destroyed.
    pub(in crate::codec) fn shredded(&self) -> Vec<KeyId> {
        self.shredded.borrow().clone()
    }

    pub(super) fn note_fault(&self, fault: PiiError) {
        self.fault.get_or_init(|| fault);
    }

    pub(super) fn note_shredded(&self, key: KeyId) {
        let mut shredded = self.shredded.borrow_mut();
        if !shredded.contains(&key) {
            shredded.push(key);
        }
    }
}
