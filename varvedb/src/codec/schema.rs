//! The layout of what is stored, known at compile time; and its text, which the store keeps.
//!
//! The text says everything that the bytes depend on, and nothing else: names of fields and
//! variants are in it, names of Rust types are not. Two programs whose events have the same text
//! read each other's bytes.

mod drift;
mod dynamic;
mod extent;
mod layout;
mod parse;
mod same;
mod sample;
mod shape;
mod text;

pub(crate) use self::drift::drift;
pub use self::dynamic::{DynamicError, DynamicSchema, DynamicValue};
use self::layout::Layout;
pub(crate) use self::sample::Sampler;

/// How payloads are archived. Goes into `store.toml`: a program that archives otherwise is refused.
pub(crate) const ARCHIVE_FORMAT: &str = "rkyv0.8/le/aligned/p32";

/// What stands for the layout of payloads that were appended without one.
pub(crate) const OPAQUE: &str = "opaque";

/// A schema on demand.
pub type SchemaFn = fn() -> Schema;

/// The layout of a stored type, made of constants.
#[derive(Clone, Copy, Debug)]
pub enum Schema {
    /// `true` or `false`, one byte.
    Bool,
    /// A whole number.
    Int {
        /// Whether it can be negative.
        signed: bool,
        /// 8, 16, 32, 64 or 128.
        bits: u8,
    },
    /// A floating-point number.
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// A Unicode scalar value.
    Char,
    /// UTF-8 text.
    Str,
    /// Bytes whose meaning their name says, such as `uuid`.
    Fixed {
        /// What they mean: a word of `a-z`, `0-9` and `_`.
        name: &'static str,
        /// How many they are.
        size: u32,
        /// To what they are aligned.
        align: u32,
    },
    /// A value or none.
    Option(SchemaFn),
    /// A value in a place of its own.
    Box(SchemaFn),
    /// Any number of values.
    List(SchemaFn),
    /// A fixed number of values.
    Array(SchemaFn, u32),
    /// Pairs sorted by their first.
    Map(SchemaFn, SchemaFn),
    /// Values side by side, without names.
    Tuple(&'static [SchemaFn]),
    /// Named fields side by side.
    Struct(&'static [FieldSchema]),
    /// Named fields side by side, in a sealed box: what is stored is a list of bytes.
    Sealed(&'static [FieldSchema]),
    /// One of several structs.
    Enum(&'static [VariantSchema]),
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct FieldSchema {
    /// Its stored name.
    pub name: &'static str,
    /// Its layout.
    pub schema: SchemaFn,
}

/// One variant.
#[derive(Clone, Copy, Debug)]
pub struct VariantSchema {
    /// Its stored name.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [FieldSchema],
}
