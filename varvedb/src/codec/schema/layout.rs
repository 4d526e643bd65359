//! A layout as a value: what a schema's text means, for tools that do not have the types.

use super::{FieldSchema, Schema};

/// The layout of a stored type, owned. Made from a [`Schema`] or parsed from its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// See [`Schema::Bool`].
    Bool,
    /// See [`Schema::Int`].
    Int {
        /// Whether it can be negative.
        signed: bool,
        /// 8, 16, 32, 64 or 128.
        bits: u8,
    },
    /// See [`Schema::Float`].
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// See [`Schema::Char`].
    Char,
    /// See [`Schema::Str`].
    Str,
    /// See [`Schema::Fixed`].
    Fixed {
        /// What the bytes mean.
        name: String,
        /// How many they are.
        size: u32,
        /// To what they are aligned.
        align: u32,
    },
    /// See [`Schema::Option`].
    Option(Box<Self>),
    /// See [`Schema::Box`].
    Box(Box<Self>),
    /// See [`Schema::List`].
    List(Box<Self>),
    /// See [`Schema::Array`].
    Array(Box<Self>, u32),
    /// See [`Schema::Map`].
    Map(Box<Self>, Box<Self>),
    /// See [`Schema::Tuple`].
    Tuple(Vec<Self>),
    /// See [`Schema::Struct`].
    Struct(Vec<(String, Self)>),
    /// See [`Schema::Enum`].
    Enum(Vec<(String, Vec<(String, Self)>)>),
}

impl From<Schema> for Layout {
    fn from(schema: Schema) -> Self {
        let boxed = |schema: super::SchemaFn| Box::new(Self::from(schema()));
        match schema {
            Schema::Bool => Self::Bool,
            Schema::Int { signed, bits } => Self::Int { signed, bits },
            Schema::Float { bits } => Self::Float { bits },
            Schema::Char => Self::Char,
            Schema::Str => Self::Str,
            Schema::Fixed { name, size, align } => Self::Fixed {
                name: name.into(),
                size,
                align,
            },
            Schema::Option(value) => Self::Option(boxed(value)),
            Schema::Box(value) => Self::Box(boxed(value)),
            Schema::List(item) => Self::List(boxed(item)),
            Schema::Array(item, count) => Self::Array(boxed(item), count),
            Schema::Map(key, value) => Self::Map(boxed(key), boxed(value)),
            Schema::Tuple(parts) => Self::Tuple(parts.iter().map(|part| part().into()).collect()),
            Schema::Struct(declared) => Self::Struct(fields(declared)),
            Schema::Enum(variants) => {
                let variant = |v: &super::VariantSchema| (v.name.to_owned(), fields(v.fields));
                Self::Enum(variants.iter().map(variant).collect())
            }
        }
    }
}

fn fields(declared: &[FieldSchema]) -> Vec<(String, Layout)> {
    declared
        .iter()
        .map(|field| (field.name.to_owned(), (field.schema)().into()))
        .collect()
}
