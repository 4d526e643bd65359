//! The canonical text of a layout.
//!
//! ```text
//! {customer: str, price: {cents: i64, currency: str}, lines: list<{sku: str, qty: u32}>,
//!  gift: enum(no | wrapped{paper: str, colour: option<u8>}), at: time_us/8/8, sums: [u64; 3]}
//! ```
//!
//! A type that contains itself would have no end. Where a struct or enum comes again inside itself,
//! the text says which of those around the place it is, counted from the outermost: a folder of
//! folders is `{name: str, folders: list<@1>}`.

use std::fmt;
use std::sync::Arc;

use super::{Layout, Schema};

impl Schema {
    /// The canonical text.
    pub fn text(self) -> String {
        Layout::from(self).to_string()
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Char => f.write_str("char"),
            Self::Str => f.write_str("str"),
            Self::Again(nth) => write!(f, "@{nth}"),
            Self::Int { signed, bits } => write!(f, "{}{bits}", if *signed { 'i' } else { 'u' }),
            Self::Float { bits } => write!(f, "f{bits}"),
            Self::Fixed { name, size, align } => write!(f, "{name}/{size}/{align}"),
            Self::Option(value) => write!(f, "option<{value}>"),
            Self::Box(value) => write!(f, "box<{value}>"),
            Self::List(item) => write!(f, "list<{item}>"),
            Self::Array(item, count) => write!(f, "[{item}; {count}]"),
            Self::Map(key, value) => write!(f, "map<{key}, {value}>"),
            Self::Tuple(parts) => {
                f.write_str("(")?;
                separated(f, parts, ", ", |f, part| part.fmt(f))?;
                f.write_str(")")
            }
            Self::Struct(declared) => fields(f, declared),
            Self::Sealed(declared) => {
                f.write_str("sealed<")?;
                fields(f, declared)?;
                f.write_str(">")
            }
            Self::Enum(variants) => {
                f.write_str("enum(")?;
                separated(f, variants, " | ", |f, (name, declared)| {
                    f.write_str(name)?;
                    if declared.is_empty() {
                        Ok(())
                    } else {
                        fields(f, declared)
                    }
                })?;
                f.write_str(")")
            }
        }
    }
}

fn fields(f: &mut fmt::Formatter<'_>, declared: &[(Arc<str>, Layout)]) -> fmt::Result {
    f.write_str("{")?;
    separated(f, declared, ", ", |f, (name, layout)| {
        write!(f, "{name}: {layout}")
    })?;
    f.write_str("}")
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    separator: &str,
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(separator)?;
        }
        write(f, item)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{FieldSchema, SchemaFn, VariantSchema};
    use super::*;
    use crate::codec::Field;

    const fn field(name: &'static str, schema: SchemaFn) -> FieldSchema {
        FieldSchema { name, schema }
    }

    fn folder() -> Schema {
        const FIELDS: &[FieldSchema] = &[field("name", str), field("folders", folders)];
        Schema::Struct(FIELDS)
    }
    fn folders() -> Schema {
        Schema::List(folder)
    }
    fn str() -> Schema {
        String::SCHEMA
    }

    #[test]
    fn a_type_that_contains_itself_has_a_text_with_an_end() {
        assert_eq!(folder().text(), "{name: str, folders: list<@1>}");
    }

    /// The folder again, as the compiler may lay it out: each turn around the circle a copy.
    fn unrolled() -> Schema {
        const FIELDS: &[FieldSchema] = &[field("name", str), field("folders", unrolled_once)];
        Schema::Struct(FIELDS)
    }
    fn unrolled_once() -> Schema {
        Schema::List(|| {
            const FIELDS: &[FieldSchema] = &[field("name", str), field("folders", folders)];
            Schema::Struct(FIELDS)
        })
    }

    #[test]
    fn the_text_does_not_depend_on_how_often_the_compiler_copied_a_constant() {
        assert_eq!(unrolled().text(), folder().text());
    }

    fn sum() -> Schema {
        const TERMS: &[FieldSchema] = &[field("left", boxed), field("note", note)];
        const VARIANTS: &[VariantSchema] = &[
            VariantSchema {
                name: "zero",
                fields: &[],
            },
            VariantSchema {
                name: "sum",
                fields: TERMS,
            },
        ];
        Schema::Enum(VARIANTS)
    }
    fn boxed() -> Schema {
        Schema::Box(sum)
    }
    fn note() -> Schema {
        const FIELDS: &[FieldSchema] = &[field("about", about), field("notes", notes)];
        Schema::Struct(FIELDS)
    }
    fn about() -> Schema {
        Schema::List(sum)
    }
    fn notes() -> Schema {
        Schema::Map(str, note)
    }

    #[test]
    fn types_that_contain_each_other_say_which_of_those_around_them_they_mean() {
        let text = "enum(zero | sum{left: box<@1>, note: {about: list<@1>, notes: map<str, @2>}})";
        assert_eq!(sum().text(), text);
        assert_eq!(text.parse(), Ok(Layout::from(sum())));
    }

    #[test]
    fn two_fields_of_one_type_are_not_a_type_inside_itself() {
        fn money() -> Schema {
            const FIELDS: &[FieldSchema] = &[field("cents", i64::schema)];
            Schema::Struct(FIELDS)
        }
        const FIELDS: &[FieldSchema] = &[field("net", money), field("gross", money)];
        assert_eq!(
            Schema::Struct(FIELDS).text(),
            "{net: {cents: i64}, gross: {cents: i64}}"
        );
    }
}
