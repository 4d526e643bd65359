//! JSON from native values, told by their types.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::Timestamp;

/// JSON from the native value, told by its type.
pub(super) trait Json {
    fn json(&self) -> String;
}

macro_rules! whole_numbers {
    ($($number:ty)*) => {$(
        impl Json for $number {
            fn json(&self) -> String {
                let exact = i128::try_from(*self).is_ok_and(|n| n.unsigned_abs() <= 1 << 53);
                if exact { self.to_string() } else { format!("\"{self}\"") }
            }
        }
    )*};
}
whole_numbers!(u8 i8 u16 i32 u64 i64 u128 i128);

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl Json for $float {
            fn json(&self) -> String {
                if self.is_finite() { format!("{self:?}") } else { format!("\"{self:?}\"") }
            }
        }
    )*};
}
floats!(f32 f64);

macro_rules! tuples {
    ($(($($part:ident)*))*) => {$(
        #[expect(non_snake_case, reason = "parts are called as their types")]
        impl<$($part: Json),*> Json for ($($part,)*) {
            fn json(&self) -> String {
                let ($($part,)*) = self;
                format!("[{}]", [$($part.json()),*].join(","))
            }
        }
    )*};
}
tuples!((A B) (A B C) (A B C D) (A B C D E F G H));

impl Json for bool {
    fn json(&self) -> String {
        self.to_string()
    }
}
impl Json for str {
    fn json(&self) -> String {
        let escaped = self.chars().map(|c| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            c if c < ' ' => format!("\\u00{:02x}", u32::from(c)),
            c => c.to_string(),
        });
        format!("\"{}\"", escaped.collect::<String>())
    }
}
impl Json for String {
    fn json(&self) -> String {
        self.as_str().json()
    }
}
impl Json for char {
    fn json(&self) -> String {
        self.to_string().json()
    }
}
impl Json for Uuid {
    fn json(&self) -> String {
        self.to_string().json()
    }
}
impl Json for Timestamp {
    fn json(&self) -> String {
        let moment = counted_moment(self.as_micros());
        moment.json()
    }
}
impl Json for Vec<u8> {
    fn json(&self) -> String {
        let digits = self.iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<String>().json()
    }
}
impl<T: Json> Json for Option<T> {
    fn json(&self) -> String {
        self.as_ref().map_or("null".to_owned(), Json::json)
    }
}
impl<T: Json + ?Sized> Json for Box<T> {
    fn json(&self) -> String {
        (**self).json()
    }
}
impl<T: Json> Json for [T; 2] {
    fn json(&self) -> String {
        let [first, second] = self;
        format!("[{},{}]", first.json(), second.json())
    }
}
pub(super) fn list<T: Json>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(Json::json).collect();
    format!("[{}]", items.join(","))
}
pub(super) fn object(members: impl IntoIterator<Item = (String, String)>) -> String {
    let members = members.into_iter();
    let members = members.map(|(name, value)| format!("\"{}\":{value}", name.trim_matches('"')));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
impl Json for BTreeMap<String, u64> {
    fn json(&self) -> String {
        let members = self
            .iter()
            .map(|(k, v)| format!("{}:{}", k.json(), v.json()));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}
impl Json for BTreeMap<(u8, u64), char> {
    fn json(&self) -> String {
        let pairs: Vec<_> = self
            .iter()
            .map(|(k, v)| format!("[{},{}]", k.json(), v.json()))
            .collect();
        format!("[{}]", pairs.join(","))
    }
}
/// The same moment by plain counting of years and months.
fn counted_moment(micros: i64) -> String {
    let (mut day, rest) = (
        micros.div_euclid(86_400_000_000),
        micros.rem_euclid(86_400_000_000),
    );
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = |year| if is_leap(year) { 366 } else { 365 };
    let mut year = 1970 + day.div_euclid(146_097) * 400;
    day = day.rem_euclid(146_097);
    while day >= days(year) {
        day -= days(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let year = if (0..=9999).contains(&year) {
        format!("{year:04}")
    } else {
        format!("{year:+07}")
    };
    let (second, micro) = (rest / 1_000_000, rest % 1_000_000);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{micro:06}Z",
        day + 1
    )
}
