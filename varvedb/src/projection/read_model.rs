//! A registered projection, for queries beside the processor that feeds it.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// A registered projection. Cheap to clone; read it from any thread, but not from the projection's
/// own handlers: these have `self`, and would wait for themselves.
pub struct ReadModel<P> {
    pub(super) projection: Arc<RwLock<P>>,
}

impl<P> ReadModel<P> {
    pub(super) fn new(projection: P) -> Self {
        Self {
            projection: Arc::new(RwLock::new(projection)),
        }
    }

    /// Looks at the projection. The processor waits meanwhile: keep it short.
    pub fn read(&self) -> ReadModelGuard<'_, P> {
        // A handler that panics stops its projection; what it left can still be looked at.
        ReadModelGuard(
            self.projection
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl<P> Clone for ReadModel<P> {
    fn clone(&self) -> Self {
        Self {
            projection: Arc::clone(&self.projection),
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for ReadModel<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadModel").field(&*self.read()).finish()
    }
}

/// A look at a [`ReadModel`].
#[derive(Debug)]
#[must_use = "the processor waits while there is a look, and only then"]
pub struct ReadModelGuard<'a, P>(RwLockReadGuard<'a, P>);

impl<P> Deref for ReadModelGuard<'_, P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.0
    }
}
