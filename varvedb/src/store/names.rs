//! The names a store knows: categories, event types and their schemas, and the small numbers that
//! stand for them in the log.
//!
//! Invariants: numbers are dense from 0 in the order of definition; a name or a hash is defined
//! once; nothing is ever removed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::RandomState;

use crate::definition::Definition;
use crate::event::type_hash;
use crate::stream::KeyKind;

/// Whether a layout, as text, has boxes of personal data: their kind is a word that no name can be.
pub(crate) fn is_sealed(layout: &str) -> bool {
    layout.contains(": sealed<")
}

/// All names at one moment. Cheap to clone as an [`Arc`]; definitions are rare.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    categories: Vec<CategoryName>,
    category_ids: HashMap<Arc<str>, u32, RandomState>,
    types: Vec<TypeName>,
    type_ids: HashMap<u64, u32, RandomState>,
    schemas: HashMap<(u32, u16), Arc<str>, RandomState>,
}

/// A category, and what its keys are.
#[derive(Clone, Debug)]
pub(crate) struct CategoryName {
    pub(crate) name: Arc<str>,
    pub(crate) keys: KeyKind,
}

/// An event type.
#[derive(Clone, Debug)]
pub(crate) struct TypeName {
    pub(crate) name: Arc<str>,
    pub(crate) hash: u64,
}

impl Names {
    /// The number of a category, and the kind of its keys.
    pub(crate) fn category_id(&self, name: &str) -> Option<(u32, KeyKind)> {
        let id = *self.category_ids.get(name)?;
        Some((id, self.category(id)?.keys))
    }

    /// The category with this number.
    pub(crate) fn category(&self, id: u32) -> Option<&CategoryName> {
        self.categories.get(usize::try_from(id).ok()?)
    }

    /// All categories, in the order in which they were first used.
    pub(crate) fn categories(&self) -> &[CategoryName] {
        &self.categories
    }

    /// The number of an event type; `Err` names the type that has the same hash.
    pub(crate) fn type_id(&self, name: &str) -> Result<Option<u32>, HashClash> {
        let Some(&id) = self.type_ids.get(&type_hash(name)) else {
            return Ok(None);
        };
        match self.event_type(id) {
            Some(known) if &*known.name == name => Ok(Some(id)),
            Some(known) => Err(HashClash {
                known: known.name.to_string(),
            }),
            None => Ok(None),
        }
    }

    /// The event type with this number.
    pub(crate) fn event_type(&self, id: u32) -> Option<&TypeName> {
        self.types.get(usize::try_from(id).ok()?)
    }

    /// The schema of one revision, if one was ever registered.
    pub(crate) fn schema(&self, type_id: u32, revision: u16) -> Option<&str> {
        self.schemas.get(&(type_id, revision)).map(|text| &**text)
    }

    /// The schema of one revision of the type with this name. A name that only shares its hash with a
    /// known one has none.
    pub(crate) fn schema_of(&self, type_name: &str, revision: u16) -> Option<&str> {
        self.schema(self.type_id(type_name).ok()??, revision)
    }

    /// Whether some layout has boxes of personal data.
    pub(crate) fn has_sealed(&self) -> bool {
        self.schemas.values().any(|text| is_sealed(text))
    }

    /// The newest revision with a schema; 0 when there is none.
    pub(crate) fn newest_revision(&self, type_id: u32) -> u16 {
        let revisions = self.schemas.keys().filter(|(id, _)| *id == type_id);
        revisions.map(|(_, revision)| *revision).max().unwrap_or(0)
    }

    /// The definition that gives a new category the next number.
    pub(crate) fn new_category(&self, name: &str, keys: KeyKind) -> Definition {
        Definition::Category {
            id: next_id(&self.categories),
            name: name.to_owned(),
            keys,
        }
    }

    /// The definition that gives a new type the next number.
    pub(crate) fn new_type(&self, name: &str) -> Definition {
        Definition::Type {
            id: next_id(&self.types),
            name: name.to_owned(),
        }
    }

    /// Takes a definition in. Says what is wrong with one that no store can have written; the same
    /// definition a second time is fine, since a rebuilt index meets the log's again.
    pub(crate) fn define(&mut self, definition: &Definition) -> Result<(), &'static str> {
        match definition {
            Definition::Category { id, name, keys } => self.define_category(*id, name, *keys),
            Definition::Type { id, name } => self.define_type(*id, name),
            Definition::Schema {
                type_id,
                revision,
                text,
            } => self.define_schema(*type_id, *revision, text),
        }
    }

    fn define_category(&mut self, id: u32, name: &str, keys: KeyKind) -> Result<(), &'static str> {
        if let Some(known) = self.category(id) {
            let same = &*known.name == name && known.keys == keys;
            return if same {
                Ok(())
            } else {
                Err("a category is defined twice")
            };
        }
        if id != next_id(&self.categories) || self.category_ids.contains_key(name) {
            return Err("a category is defined out of order");
        }
        let name: Arc<str> = name.into();
        self.category_ids.insert(Arc::clone(&name), id);
        self.categories.push(CategoryName { name, keys });
        Ok(())
    }

    fn define_type(&mut self, id: u32, name: &str) -> Result<(), &'static str> {
        let hash = type_hash(name);
        if let Some(known) = self.event_type(id) {
            return if &*known.name == name {
                Ok(())
            } else {
                Err("an event type is defined twice")
            };
        }
        if id != next_id(&self.types) || self.type_ids.contains_key(&hash) {
            return Err("an event type is defined out of order");
        }
        self.type_ids.insert(hash, id);
        self.types.push(TypeName {
            name: name.into(),
            hash,
        });
        Ok(())
    }

    fn define_schema(
        &mut self,
        type_id: u32,
        revision: u16,
        text: &str,
    ) -> Result<(), &'static str> {
        if self.event_type(type_id).is_none() {
            return Err("a schema is defined for an unknown event type");
        }
        match self.schemas.get(&(type_id, revision)) {
            Some(known) if &**known != text => Err("a schema is defined twice"),
            Some(_) => Ok(()),
            None => {
                self.schemas.insert((type_id, revision), text.into());
                Ok(())
            }
        }
    }
}

/// Two type names with one hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HashClash {
    pub(crate) known: String,
}

fn next_id<T>(known: &[T]) -> u32 {
    u32::try_from(known.len()).unwrap_or(u32::MAX)
}

/// The names of an open store, shared by its threads.
#[derive(Debug, Default)]
pub(crate) struct SharedNames(RwLock<Arc<Names>>);

impl SharedNames {
    /// The names of now.
    pub(crate) fn get(&self) -> Arc<Names> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets somebody look at the names of now, who does not keep them: all callers do, and would
    /// otherwise hand the count of who does from core to core.
    pub(crate) fn see<T>(&self, look: impl FnOnce(&Names) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the place of what was known, which is part of it.
    pub(crate) fn replace(&self, names: Arc<Names>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// Takes definitions in, in order, up to one that no store can have written. Whoever meets
    /// such a one gives up, so what came before it does no harm.
    pub(crate) fn define(&self, definitions: &[Definition]) -> Result<(), &'static str> {
        let mut shared = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // A copy only while somebody looks at the names: an opening with many takes no more than
        // with few.
        let names = Arc::make_mut(&mut shared);
        definitions
            .iter()
            .try_for_each(|definition| names.define(definition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(definitions: &[Definition]) -> Result<Names, &'static str> {
        let mut names = Names::default();
        definitions
            .iter()
            .try_for_each(|definition| names.define(definition))?;
        Ok(names)
    }

    fn account() -> Definition {
        Definition::Category {
            id: 0,
            name: "account".into(),
            keys: KeyKind::Number,
        }
    }

    #[test]
    fn a_definition_met_twice_is_the_same_definition() {
        let names = names(&[account(), account()]).unwrap();
        assert_eq!(names.category_id("account"), Some((0, KeyKind::Number)));
        assert_eq!(names.categories().len(), 1);
    }

    #[test]
    fn a_number_keeps_its_name() {
        let other = Definition::Category {
            id: 0,
            name: "order".into(),
            keys: KeyKind::Number,
        };
        assert_eq!(
            names(&[account(), other]).unwrap_err(),
            "a category is defined twice"
        );
    }

    #[test]
    fn numbers_leave_no_gap() {
        let gap = Definition::Type {
            id: 1,
            name: "account.opened".into(),
        };
        assert_eq!(
            names(&[gap]).unwrap_err(),
            "an event type is defined out of order"
        );
    }

    #[test]
    fn a_schema_belongs_to_a_type_and_never_changes() {
        let opened = Definition::Type {
            id: 0,
            name: "account.opened".into(),
        };
        let schema = |text: &str| Definition::Schema {
            type_id: 0,
            revision: 1,
            text: text.into(),
        };
        assert!(names(&[schema("{}")]).is_err());
        assert!(names(&[opened.clone(), schema("{}"), schema("{a: u8}")]).is_err());
        let names = names(&[opened, schema("{}")]).unwrap();
        assert_eq!(
            (names.schema(0, 1), names.newest_revision(0)),
            (Some("{}"), 1)
        );
    }
}
