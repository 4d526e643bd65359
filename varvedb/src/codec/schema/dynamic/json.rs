//! Dynamic values as JSON text.

use std::fmt::{self, Display, Formatter, Write};
use std::sync::Arc;

use super::DynamicValue;
use crate::clock::Timestamp;
use crate::hex::Hex;
use crate::pii::KeyId;

/// Beyond it, programs whose only numbers are doubles would read another number.
const MAX_EXACT: u128 = 1 << 53;

impl Display for DynamicValue {
    /// JSON, on one line.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(items) => list(f, items),
            Self::Map(pairs) => map(f, pairs),
            Self::Struct(fields) => structure(f, fields),
            Self::Variant(name, fields) if fields.is_empty() => quoted(f, name),
            Self::Variant(name, fields) => {
                f.write_char('{')?;
                quoted(f, name)?;
                f.write_char(':')?;
                structure(f, fields)?;
                f.write_char('}')
            }
            Self::Sealed(sealed) => match KeyId::of_box(sealed) {
                Some(key) => write!(f, "{{\"sealed\":{},\"key\":\"{key}\"}}", sealed.len()),
                None => write!(f, "{{\"sealed\":{}}}", sealed.len()),
            },
            Self::Opaque(bytes) => marked(f, "opaque", bytes),
            Self::Named(name, bytes) => marked(f, name, bytes),
            Self::None => f.write_str("null"),
            _ if self.is_bare() => self.plain(f),
            _ => quoted_display(f, &Plain(self)),
        }
    }
}

impl DynamicValue {
    /// Whether JSON has a value without quotes for it.
    fn is_bare(&self) -> bool {
        match self {
            Self::None | Self::Bool(_) => true,
            Self::Unsigned(number) => *number <= MAX_EXACT,
            Self::Signed(number) => number.unsigned_abs() <= MAX_EXACT,
            Self::Single(number) => number.is_finite(),
            Self::Double(number) => number.is_finite(),
            _ => false,
        }
    }

    /// A scalar as text without quotes.
    fn plain(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Unsigned(number) => number.fmt(f),
            Self::Signed(number) => number.fmt(f),
            Self::Single(number) => write!(f, "{number:?}"),
            Self::Double(number) => write!(f, "{number:?}"),
            Self::Text(text) => f.write_str(text),
            Self::Uuid(id) => id.fmt(f),
            Self::Moment(time) => moment(f, *time),
            Self::Day(day) => date(f, i64::from(*day)),
            Self::Shredded => f.write_str("[shredded]"),
            Self::Bytes(bytes) | Self::Named(_, bytes) => Hex(bytes).fmt(f),
            Self::Variant(name, fields) if fields.is_empty() => f.write_str(name),
            _ => write!(f, "{self}"),
        }
    }
}

fn list(f: &mut Formatter<'_>, items: &[DynamicValue]) -> fmt::Result {
    f.write_char('[')?;
    for (nth, item) in items.iter().enumerate() {
        comma(f, nth)?;
        item.fmt(f)?;
    }
    f.write_char(']')
}

fn map(f: &mut Formatter<'_>, pairs: &[(DynamicValue, DynamicValue)]) -> fmt::Result {
    f.write_char('{')?;
    for (nth, (key, value)) in pairs.iter().enumerate() {
        comma(f, nth)?;
        quoted_display(f, &Plain(key))?;
        write!(f, ":{value}")?;
    }
    f.write_char('}')
}

fn structure(f: &mut Formatter<'_>, fields: &[(Arc<str>, DynamicValue)]) -> fmt::Result {
    f.write_char('{')?;
    for (nth, (name, value)) in fields.iter().enumerate() {
        comma(f, nth)?;
        quoted(f, name)?;
        write!(f, ":{value}")?;
    }
    f.write_char('}')
}

/// Bytes, under a name that says what is known of them.
fn marked(f: &mut Formatter<'_>, name: &str, bytes: &[u8]) -> fmt::Result {
    f.write_char('{')?;
    quoted(f, name)?;
    write!(f, ":\"{}\"}}", Hex(bytes))
}

fn comma(f: &mut Formatter<'_>, nth: usize) -> fmt::Result {
    if nth > 0 { f.write_char(',') } else { Ok(()) }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    quoted_display(f, &text)
}

fn quoted_display(f: &mut Formatter<'_>, value: &dyn Display) -> fmt::Result {
    f.write_char('"')?;
    write!(Escaped(f), "{value}")?;
    f.write_char('"')
}

/// A scalar without quotes.
struct Plain<'a>(&'a DynamicValue);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.plain(f)
    }
}

/// Text on its way into a JSON string.
struct Escaped<'a, 'f>(&'a mut Formatter<'f>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c {
            '"' | '\\' => write!(self.0, "\\{c}"),
            '\n' => self.0.write_str("\\n"),
            '\t' => self.0.write_str("\\t"),
            '\r' => self.0.write_str("\\r"),
            c if c < ' ' => write!(self.0, "\\u{:04x}", u32::from(c)),
            c => self.0.write_char(c),
        })
    }
}

fn moment(f: &mut Formatter<'_>, time: Timestamp) -> fmt::Result {
    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400 * SECOND;
    let micros = time.as_micros();
    let (day, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (second, micro) = (rest / SECOND, rest % SECOND);
    date(f, day)?;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    write!(f, "T{hour:02}:{minute:02}:{second:02}.{micro:06}Z")
}

/// A day of the Gregorian calendar, counted from 1970-01-01; years of more digits have a sign.
fn date(f: &mut Formatter<'_>, day: i64) -> fmt::Result {
    // Years are counted from March, so that the leap day is the last of its year.
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    if (0..=9999).contains(&year) {
        write!(f, "{year:04}-{month:02}-{day:02}")
    } else {
        write!(f, "{year:+07}-{month:02}-{day:02}")
    }
}
