//! The canonical text of a layout.
//!
//! ```text
//! {customer: str, price: {cents: i64, currency: str}, lines: list<{sku: str, qty: u32}>,
//!  gift: enum(no | wrapped{paper: str, colour: option<u8>}), at: time_us/8/8, sums: [u64; 3]}
//! ```

use std::fmt;

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

fn fields(f: &mut fmt::Formatter<'_>, declared: &[(String, Layout)]) -> fmt::Result {
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
