//! Whether two schemas are one layout, even where they contain themselves.
//!
//! A schema that contains itself is an endless tree, so it cannot be compared node by node to the
//! end. Nor can constants be told apart by where they lie: the compiler may keep several copies of
//! one, and the text of a layout must not depend on that. So two schemas are the same unless a
//! difference is found, and a question that is already being asked is not asked again.

use super::{FieldSchema, Schema, VariantSchema};

/// Whether the two describe the same bytes under the same names.
pub(super) fn same(a: Schema, b: Schema) -> bool {
    Comparison::default().schemas(a, b)
}

#[derive(Default)]
struct Comparison {
    /// Pairs of structs or enums of which the question was asked. Each lies somewhere, and there
    /// are only so many places, so the comparison ends.
    asked: Vec<(Place, Place)>,
}

/// Where a list of fields or variants lies, and how long it is.
type Place = (usize, usize);

impl Comparison {
    fn schemas(&mut self, a: Schema, b: Schema) -> bool {
        match (a, b) {
            (Schema::Bool, Schema::Bool)
            | (Schema::Char, Schema::Char)
            | (Schema::Str, Schema::Str) => true,
            (
                Schema::Int { signed, bits },
                Schema::Int {
                    signed: other_signed,
                    bits: other_bits,
                },
            ) => signed == other_signed && bits == other_bits,
            (Schema::Float { bits }, Schema::Float { bits: other }) => bits == other,
            (
                Schema::Fixed { name, size, align },
                Schema::Fixed {
                    name: other_name,
                    size: other_size,
                    align: other_align,
                },
            ) => (name, size, align) == (other_name, other_size, other_align),
            (Schema::Option(a), Schema::Option(b))
            | (Schema::Box(a), Schema::Box(b))
            | (Schema::List(a), Schema::List(b)) => self.schemas(a(), b()),
            (Schema::Array(a, count), Schema::Array(b, other_count)) => {
                count == other_count && self.schemas(a(), b())
            }
            (Schema::Map(key, value), Schema::Map(other_key, other_value)) => {
                self.schemas(key(), other_key()) && self.schemas(value(), other_value())
            }
            (Schema::Tuple(a), Schema::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.schemas(a(), b()))
            }
            (Schema::Struct(a), Schema::Struct(b)) => {
                self.was_asked(place(a), place(b)) || self.fields(a, b)
            }
            (Schema::Sealed(a), Schema::Sealed(b)) => self.fields(a, b),
            (Schema::Enum(a), Schema::Enum(b)) => {
                self.was_asked(place(a), place(b)) || self.variants(a, b)
            }
            _ => false,
        }
    }

    fn was_asked(&mut self, a: Place, b: Place) -> bool {
        if self.asked.contains(&(a, b)) {
            return true;
        }
        self.asked.push((a, b));
        false
    }

    fn fields(&mut self, a: &[FieldSchema], b: &[FieldSchema]) -> bool {
        a.len() == b.len()
            && a.iter().zip(b).all(|(a, b)| a.name == b.name)
            && (a.iter().zip(b)).all(|(a, b)| self.schemas((a.schema)(), (b.schema)()))
    }

    fn variants(&mut self, a: &[VariantSchema], b: &[VariantSchema]) -> bool {
        a.len() == b.len()
            && a.iter().zip(b).all(|(a, b)| a.name == b.name)
            && (a.iter().zip(b)).all(|(a, b)| self.fields(a.fields, b.fields))
    }
}

fn place<T>(list: &'static [T]) -> Place {
    (list.as_ptr().addr(), list.len())
}
