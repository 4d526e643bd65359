//! Variants of events and values.

use syn::{Attribute, Ident, LitInt, Path};

use super::{Record, StoredName};

/// One kind of event, or one form of a value.
pub(crate) struct Variant {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) name: StoredName,
    pub(crate) record: Record,
    pub(crate) past: Past,
}

/// How a kind of event came to its present name and shape. Values have no past of their own.
#[derive(Default)]
pub(crate) struct Past {
    /// `revision = 3`, as it stands in the code.
    pub(crate) revision: Option<(u16, LitInt)>,
    /// `history(PlacedV1, PlacedV2)`
    pub(crate) history: Option<History>,
    /// `alias = "old_name"`
    pub(crate) aliases: Vec<StoredName>,
    /// Whether something in it was refused: what does not fit besides is not reported.
    pub(crate) is_doubtful: bool,
}

/// The layouts of the older revisions.
pub(crate) struct History {
    pub(crate) key: Ident,
    pub(crate) layouts: Vec<Layout>,
}

/// `PlacedV1`, or `split(PlacedV1)`.
pub(crate) struct Layout {
    pub(crate) path: Path,
    /// Whether it becomes several present events, instead of the next revision.
    pub(crate) is_split: bool,
}

impl Variant {
    /// The revision that is written.
    pub(crate) fn revision(&self) -> u16 {
        let given = self
            .past
            .revision
            .as_ref()
            .filter(|_| !self.past.is_doubtful);
        given.map_or(1, |(number, _)| *number)
    }

    /// The layouts of the older revisions, as far as they have structs of their own.
    pub(crate) fn history(&self) -> &[Layout] {
        let history = self.past.history.as_ref();
        history.map_or(&[], |history| &history.layouts)
    }

    /// From one revision to where it is upcast no further: to the layout that is split, or to the last.
    pub(crate) fn upcasts(&self, revision: u16) -> &[Layout] {
        let from = usize::from(revision) - 1;
        let layouts = self.history().get(from..).unwrap_or_default();
        let split = layouts.iter().position(|layout| layout.is_split);
        let end = split.map_or(layouts.len(), |split| split + 1);
        layouts.get(..end).unwrap_or_default()
    }

    /// The last revision that is split, as all before it are; 0 if none is.
    pub(crate) fn last_split(&self) -> u16 {
        let last = self.history().iter().rposition(|layout| layout.is_split);
        last.map_or(0, |last| u16::try_from(last + 1).unwrap_or(u16::MAX))
    }
}
