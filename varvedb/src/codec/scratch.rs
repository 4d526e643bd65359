//! Scratch: what has to be made while one event is decoded, and must outlive the making.
//!
//! A view borrows. Where an upcast makes something new, such as a name joined from two, the view
//! needs somebody to borrow it from: the scratch, which lives as long as the decoded event is looked
//! at. As long as nothing is kept it is one empty cell, and costs nothing.

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::fmt;

use super::field::{Field, Seq};
use super::personal::Notes;
use crate::pii::{KeyId, PiiError};

/// A home for what an [`Upcast`](crate::Upcast) makes.
///
/// ```
/// use varvedb::Scratch;
///
/// let scratch = Scratch::new();
/// let name: &str = scratch.str(format!("{} {}", "Ada", "Lovelace"));
/// let parts = scratch.list(vec![1_u32, 2, 3]);
/// assert_eq!((name, parts.len()), ("Ada Lovelace", 3));
/// ```
///
/// What is kept is dropped with the scratch, so make one for each event that is decoded.
#[derive(Default)]
pub struct Scratch {
    first: OnceCell<Box<Chunk>>,
    notes: OnceCell<Box<Notes>>,
}

/// Some cells, of which the first `used` are filled, and more of them. Each chunk has twice as many
/// as the one before, so that the last is never far.
struct Chunk {
    cells: Box<[OnceCell<Box<dyn Any + Send>>]>,
    used: Cell<usize>,
    next: OnceCell<Box<Self>>,
}

impl Scratch {
    const FIRST_CELLS: usize = 4;

    /// An empty scratch.
    pub const fn new() -> Self {
        Self {
            first: OnceCell::new(),
            notes: OnceCell::new(),
        }
    }

    /// Why a box of personal data could not be opened that somebody looked into by a call that cannot fail, such as
    /// [`PiiView::get`](crate::PiiView::get): then it seemed shredded, and was not.
    pub fn fault(&self) -> Option<&PiiError> {
        self.notes.get().and_then(|notes| notes.fault())
    }

    /// The data keys that were found destroyed by whoever looked.
    pub(crate) fn shredded_keys(&self) -> Vec<KeyId> {
        self.notes
            .get()
            .map(|notes| notes.shredded())
            .unwrap_or_default()
    }

    /// What is to be remembered of the boxes of the event.
    pub(super) fn notes(&self) -> &Notes {
        self.notes.get_or_init(Box::default)
    }

    /// Keeps a text, and lends it.
    pub fn str(&self, text: impl Into<String>) -> &str {
        self.keep(text.into())
    }

    /// Keeps a list, and lends its view.
    pub fn list<T: Field + Send>(&self, items: Vec<T>) -> Seq<'_, T> {
        self.value(items)
    }

    /// Keeps any value that an event can hold, and lends its view.
    pub fn value<T: Field + Send>(&self, value: T) -> T::View<'_> {
        self.keep(value).view()
    }

    pub(super) fn keep<T: Send + 'static>(&self, value: T) -> &T {
        let mut chunk = self
            .first
            .get_or_init(|| Box::new(Chunk::new(Self::FIRST_CELLS)));
        while chunk.is_full() {
            let more = chunk.cells.len().saturating_mul(2);
            chunk = chunk.next.get_or_init(|| Box::new(Chunk::new(more)));
        }
        chunk.keep(value)
    }
}

impl Chunk {
    fn new(cells: usize) -> Self {
        Self {
            cells: (0..cells).map(|_| OnceCell::new()).collect(),
            used: Cell::new(0),
            next: OnceCell::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.used.get() == self.cells.len()
    }

    /// Keeps a value in the first empty cell; there is one.
    fn keep<T: Send + 'static>(&self, value: T) -> &T {
        let at = self.used.replace(self.used.get() + 1);
        let kept = self
            .cells
            .get(at)
            .map(|cell| cell.get_or_init(|| Box::new(value)));
        kept.and_then(|kept| kept.downcast_ref())
            .unwrap_or_else(|| unreachable!("an empty cell takes any value"))
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays_where_it_is_whatever_comes_after() {
        let scratch = Scratch::new();
        let texts: Vec<&str> = (0..1_000)
            .map(|i| scratch.str(format!("text {i}")))
            .collect();
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(*text, format!("text {i}"));
        }
    }

    #[test]
    fn values_of_several_types_lie_side_by_side() {
        let scratch = Scratch::new();
        let (list, text) = (scratch.list(vec!["a".to_owned()]), scratch.str("b"));
        let number = scratch.value(Some(7_u64));
        assert_eq!((list.get(0), text, number), (Some("a"), "b", Some(7)));
    }

    #[test]
    fn nothing_kept_is_nothing_allocated() {
        assert!(Scratch::new().first.get().is_none());
    }
}
