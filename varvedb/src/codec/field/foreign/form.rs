//! What is stored in place of types of other crates.

use std::fmt::Debug;

use rkyv::Portable;
use rkyv::bytecheck::CheckBytes;
use rkyv::traits::NoUndef;

use crate::codec::Schema;
use crate::codec::field::Validator;

/// A stored form: its bytes, its layout, and its words.
pub trait Form: Debug + 'static {
    /// In memory.
    type Value: Copy + Debug + From<Self::Archived>;
    /// In an archive.
    type Archived: Copy
        + Debug
        + From<Self::Value>
        + NoUndef
        + Portable
        + for<'c> CheckBytes<Validator<'c>>
        + 'static;
    /// The layout.
    const SCHEMA: Schema;
    /// What a value counts.
    const UNIT: &'static str;
    /// What a value has to fit into.
    const RANGE: &'static str;
}
