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
    pub(crate) layouts: Vec<Path>,
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
    pub(crate) fn history(&self) -> &[Path] {
        let history = self.past.history.as_ref();
        history.map_or(&[], |history| &history.layouts)
    }
}
