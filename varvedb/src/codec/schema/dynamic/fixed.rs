//! Bytes whose meaning is said by their name.

use uuid::Uuid;

use super::DynamicValue;
use crate::clock::Timestamp;

/// What the bytes mean. Those of an unknown name, and those that cannot mean what theirs says, are
/// shown as they are.
pub(super) fn fixed(name: &str, bytes: &[u8]) -> DynamicValue {
    known(name, bytes).unwrap_or_else(|| DynamicValue::Named(name.into(), bytes.to_vec()))
}

fn known(name: &str, bytes: &[u8]) -> Option<DynamicValue> {
    match name {
        "uuid" => Some(DynamicValue::Uuid(Uuid::from_slice(bytes).ok()?)),
        "time_us" => {
            let micros = i64::from_le_bytes(bytes.try_into().ok()?);
            Some(DynamicValue::Moment(Timestamp::from_micros(micros)))
        }
        "date_days" => Some(DynamicValue::Day(i32::from_le_bytes(
            bytes.try_into().ok()?,
        ))),
        "decimal" => decimal(bytes.try_into().ok()?).map(DynamicValue::Text),
        "ulid" => {
            let number = u128::from_be_bytes(bytes.try_into().ok()?);
            Some(DynamicValue::Text(ulid(number)))
        }
        _ => None,
    }
}

/// Four bytes of flags, of which the third says how many digits stand behind the point and the
/// fourth the sign; then a number of 96 bits.
fn decimal(bytes: [u8; 16]) -> Option<String> {
    let number = u128::from_le_bytes(bytes);
    let (flags, digits) = (number & 0xffff_ffff, number >> 32);
    let scale = usize::try_from((flags >> 16) & 0xff).ok()?;
    if flags & 0x7f00_ffff != 0 || scale > 28 {
        return None;
    }
    let sign = if flags >> 31 == 1 { "-" } else { "" };
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let point = if part.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{part}"))
}

/// 26 digits of five bits each, highest first.
fn ulid(number: u128) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let digit = |nth: u32| DIGITS.get(((number >> (5 * nth)) & 31) as usize);
    (0..26)
        .rev()
        .filter_map(digit)
        .map(|digit| char::from(*digit))
        .collect()
}
