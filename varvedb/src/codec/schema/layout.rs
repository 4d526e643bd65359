//! A layout as a value: what a schema's text means, for tools that do not have the types.

use std::sync::Arc;

use super::same::same;
use super::{FieldSchema, Schema, SchemaFn};

/// Layouts side by side, and their names.
pub(crate) type Fields = Vec<(Arc<str>, Layout)>;

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
    Struct(Fields),
    /// See [`Schema::Sealed`].
    Sealed(Fields),
    /// See [`Schema::Enum`].
    Enum(Vec<(Arc<str>, Fields)>),
    /// One of the structs and enums around this place again, counted from the outermost, 1.
    Again(u32),
}

impl From<Schema> for Layout {
    fn from(schema: Schema) -> Self {
        Unfolding::default().layout(schema)
    }
}

/// A schema on its way to being a layout.
#[derive(Default)]
struct Unfolding {
    /// The structs and enums around the current place, outermost first.
    open: Vec<Schema>,
}

impl Unfolding {
    fn layout(&mut self, schema: Schema) -> Layout {
        match schema {
            Schema::Bool => Layout::Bool,
            Schema::Int { signed, bits } => Layout::Int { signed, bits },
            Schema::Float { bits } => Layout::Float { bits },
            Schema::Char => Layout::Char,
            Schema::Str => Layout::Str,
            Schema::Fixed { name, size, align } => Layout::Fixed {
                name: name.into(),
                size,
                align,
            },
            Schema::Option(value) => Layout::Option(self.boxed(value)),
            Schema::Box(value) => Layout::Box(self.boxed(value)),
            Schema::List(item) => Layout::List(self.boxed(item)),
            Schema::Array(item, count) => Layout::Array(self.boxed(item), count),
            Schema::Map(key, value) => Layout::Map(self.boxed(key), self.boxed(value)),
            Schema::Tuple(parts) => {
                Layout::Tuple(parts.iter().map(|part| self.layout(part())).collect())
            }
            Schema::Sealed(declared) => Layout::Sealed(self.fields(declared)),
            Schema::Struct(_) | Schema::Enum(_) => self.again(schema).unwrap_or_else(|| {
                self.open.push(schema);
                let layout = self.opened(schema);
                self.open.pop();
                layout
            }),
        }
    }

    fn boxed(&mut self, schema: SchemaFn) -> Box<Layout> {
        Box::new(self.layout(schema()))
    }

    /// Where `schema` is already open, if it is.
    fn again(&self, schema: Schema) -> Option<Layout> {
        let at = self.open.iter().position(|open| same(*open, schema))?;
        u32::try_from(at + 1).ok().map(Layout::Again)
    }

    fn opened(&mut self, schema: Schema) -> Layout {
        match schema {
            Schema::Enum(variants) => {
                let variants = variants.iter();
                Layout::Enum(
                    variants
                        .map(|variant| (variant.name.into(), self.fields(variant.fields)))
                        .collect(),
                )
            }
            Schema::Struct(declared) => Layout::Struct(self.fields(declared)),
            _ => self.layout(schema),
        }
    }

    fn fields(&mut self, declared: &[FieldSchema]) -> Fields {
        declared
            .iter()
            .map(|field| (field.name.into(), self.layout((field.schema)())))
            .collect()
    }
}
