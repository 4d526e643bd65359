//! A crate that denies much, and uses every macro.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::pedantic
)]

use std::fmt;

use varvedb::prelude::*;

/// Names a shelf.
#[derive(VarveId, Clone, Debug, PartialEq)]
pub struct ShelfId(String);

/// What lies on a shelf.
#[derive(VarveValue, Clone, Debug, PartialEq)]
pub struct Book {
    /// Its title.
    pub title: String,
    /// Its pages.
    pub pages: u64,
    /// How it is bound.
    pub binding: Binding,
    /// The colour of its cover.
    pub colour: Colour,
}

/// How a book is bound.
#[derive(VarveValue, Clone, Debug, PartialEq)]
pub enum Binding {
    /// By glue.
    Glued,
    /// By thread.
    Sewn {
        /// The thread.
        thread: String,
    },
}

/// The colour of a cover.
#[derive(VarveValue, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// What happens to a label.
#[derive(VarveEvent, Debug)]
#[varve(stream = "label", retired("torn"))]
pub enum LabelEvent {
    /// It was printed.
    #[varve(revision = 2, history(PrintedV1))]
    Printed {
        /// What it says.
        text: String,
    },
    /// It was stuck on.
    #[varve(revision = 2, alias = "glued")]
    Stuck {
        /// Where.
        place: String,
        /// For how long.
        #[varve(since = 2, default = 1)]
        years: u8,
    },
}

/// A label as it once was.
#[derive(VarveRevision, Debug)]
pub struct PrintedV1 {
    /// Its number.
    pub number: u64,
}

impl<'a> Upcast<'a, PrintedV1View<'a>> for LabelPrinted<'a> {
    fn upcast(old: PrintedV1View<'a>, scratch: &'a Scratch) -> Self {
        let text = scratch.str(old.number.to_string());
        Self { text }
    }
}

/// What happens to a shelf.
#[derive(VarveEvent, Debug)]
#[varve(stream = "shelf")]
pub enum ShelfEvent {
    /// It was put up.
    PutUp {
        /// Its name.
        #[stream_id]
        shelf: ShelfId,
    },
    /// A book was placed on it.
    Placed {
        /// Its name.
        #[stream_id]
        shelf: ShelfId,
        /// The book.
        book: Book,
    },
}

/// A shelf.
#[derive(VarveValue, Debug)]
pub struct Shelf {
    /// Its name.
    name: ShelfId,
    /// The pages on it.
    pages: u64,
}

/// The shelf is full.
#[derive(Debug, PartialEq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shelf is full")
    }
}

impl std::error::Error for Full {}

#[aggregate(
    id = ShelfId,
    event = ShelfEvent,
    error = Full,
    snapshot(every = 500, after_replay = "5ms", on(ShelfPlaced), revision = 2)
)]
impl Shelf {
    /// Puts a shelf up.
    ///
    /// # Errors
    ///
    /// Never.
    #[command]
    pub fn put_up(shelf: ShelfId) -> Result<ShelfEvent, Full> {
        Ok(ShelfEvent::PutUp { shelf })
    }

    /// Places a book.
    ///
    /// # Errors
    ///
    /// When it is full.
    #[command]
    pub fn place(&self, book: Book) -> Result<ShelfEvent, Full> {
        if self.pages > 100 {
            return Err(Full);
        }
        Ok(ShelfEvent::Placed {
            shelf: self.name.clone(),
            book,
        })
    }

    #[apply]
    fn put(e: ShelfPutUp<'_>) -> Self {
        Self {
            name: e.shelf,
            pages: 0,
        }
    }

    #[apply]
    fn placed(&mut self, e: ShelfPlaced<'_>, _: &Meta<'_>) {
        self.pages += e.book.pages;
    }
}

/// How many pages there are.
#[derive(Debug, Default)]
pub struct Pages(u64);

#[projection(name = "pages")]
impl Pages {
    #[on]
    fn placed(&mut self, e: ShelfPlaced<'_>) -> Result<(), Full> {
        self.0 += e.book.pages;
        Ok(())
    }
}

/// Events that nobody outside sees.
mod inside {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "door")]
    pub(super) enum DoorEvent {
        Opened,
        Knocked { times: u64 },
    }

    #[derive(VarveValue, Debug)]
    pub(super) struct Door {
        knocks: u64,
    }

    #[aggregate(id = u64, event = DoorEvent, error = std::convert::Infallible, command(derive(Debug)), snapshot(on(Opened, Knocked)))]
    impl Door {
        #[command]
        pub(super) fn open() -> Result<DoorEvent, std::convert::Infallible> {
            Ok(DoorEvent::Opened)
        }

        #[command]
        fn knock(&self, times: u64) -> Result<Option<DoorEvent>, std::convert::Infallible> {
            Ok((times > self.knocks).then_some(DoorEvent::Knocked { times }))
        }

        #[apply]
        fn opened(_: DoorOpened<'_>) -> Self {
            Self { knocks: 0 }
        }

        #[apply]
        fn knocked(&mut self, e: DoorKnocked<'_>) {
            self.knocks += e.times;
        }
    }
}

fn main() {
    let _ = inside::Door::open();
    let _ = Shelf::put_up(ShelfId("a".to_owned()));
}
