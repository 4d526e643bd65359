//! What this process has registered with an open store.

use std::collections::{HashMap, HashSet};

use crate::codec::EventSchema;
use crate::event::type_hash;

/// The events that this process knows. Nothing of it is recorded.
#[derive(Debug, Default)]
pub(super) struct Registered {
    /// Schemas that were compared with the store's and found equal, by the place of their table.
    checked: HashSet<usize>,
    /// By the hash of a type's name, those of the names that it had before.
    former: HashMap<u64, Vec<u64>>,
}

impl Registered {
    pub(super) fn has_checked(&self, schemas: &'static [EventSchema]) -> bool {
        self.checked.contains(&schemas.as_ptr().addr())
    }

    /// Remembers that the store has these schemas.
    pub(super) fn remember_checked(&mut self, schemas: &'static [EventSchema]) {
        self.checked.insert(schemas.as_ptr().addr());
    }

    /// Learns what the types were called before.
    pub(super) fn learn_names(&mut self, schemas: &[EventSchema]) {
        for schema in schemas.iter().filter(|schema| !schema.aliases.is_empty()) {
            let former = schema.aliases.iter().map(|alias| type_hash(alias));
            self.former.insert(schema.hash, former.collect());
        }
    }

    /// The hashes of this name and of those that its type had before.
    pub(super) fn names(&self, name: &str) -> impl Iterator<Item = u64> {
        let hash = type_hash(name);
        let former = self.former.get(&hash).into_iter().flatten();
        former.copied().chain([hash])
    }
}
