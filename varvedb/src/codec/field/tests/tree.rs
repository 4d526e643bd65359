//! A type that contains itself, archived as the macros archive an enum: by a derive of rkyv, whose
//! fields are fields of ours.

use std::fmt;

use rkyv::rancor::Source;
use rkyv::validation::ArchiveContext;
use rkyv::{Archive, Place};

use crate::codec::field::{EncodeError, Encoder, Field, Seq};
use crate::codec::{AsField, FieldSchema, Schema};

/// As deep as a test wants it.
#[derive(Clone, Debug, PartialEq, Archive)]
#[rkyv(bytecheck(bounds(__C: ArchiveContext, __C::Error: Source)))]
pub(super) struct Tree {
    #[rkyv(with = AsField)]
    pub(super) leaf: String,
    #[rkyv(with = AsField, omit_bounds)]
    pub(super) branches: Vec<Tree>,
}

impl Tree {
    /// Lists inside each other, so many of them, and a leaf in the innermost.
    pub(super) fn of_depth(lists: u32, leaf: &str) -> Self {
        let tree = |branches| Self {
            leaf: leaf.to_owned(),
            branches,
        };
        (0..lists).fold(tree(Vec::new()), |inner, _| tree(vec![inner]))
    }
}

#[derive(Clone, PartialEq)]
pub(super) struct TreeView<'a> {
    leaf: &'a str,
    branches: Seq<'a, Tree>,
}

impl fmt::Debug for TreeView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{:?}", self.leaf, self.branches)
    }
}

impl Field for Tree {
    type Archived = ArchivedTree;
    type Resolver = TreeResolver;
    type View<'a> = TreeView<'a>;
    // Without the branches: the text of a layout that contains itself has no end.
    const SCHEMA: Schema = Schema::Struct(&[FieldSchema {
        name: "leaf",
        schema: String::schema,
    }]);

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<TreeResolver, EncodeError> {
        Ok(TreeResolver {
            leaf: Field::serialize(&self.leaf, encoder)?,
            branches: Field::serialize(&self.branches, encoder)?,
        })
    }
    fn resolve(&self, resolver: TreeResolver, out: Place<ArchivedTree>) {
        Archive::resolve(self, resolver, out);
    }
    fn view(&self) -> TreeView<'_> {
        TreeView {
            leaf: self.leaf.view(),
            branches: self.branches.view(),
        }
    }
    fn view_archived(archived: &ArchivedTree) -> TreeView<'_> {
        TreeView {
            leaf: String::view_archived(&archived.leaf),
            branches: Vec::view_archived(&archived.branches),
        }
    }
    fn from_view(view: TreeView<'_>) -> Self {
        Self {
            leaf: view.leaf.to_owned(),
            branches: Vec::from_view(view.branches),
        }
    }
}
