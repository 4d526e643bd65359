//! Types of other crates are written as those crates write them.

use proptest::prelude::*;
use rust_decimal::Decimal;
use ulid::Ulid;

use super::json::Json;
use super::{DynamicSchema, archive, schema};
use crate::codec::Field;

fn shown<T: Field>(value: &T) -> String {
    schema::<T>().decode(&archive(value)).unwrap().to_string()
}

proptest! {
    #[test]
    fn decimals(digits in -(1_i128 << 95)..(1 << 95), scale in 0..29_u32) {
        let decimal = Decimal::from_i128_with_scale(digits, scale);
        prop_assert_eq!(shown(&decimal), decimal.to_string().json());
    }

    #[test]
    fn bytes_that_no_decimal_has_are_shown_as_they_are(bytes: [u8; 16]) {
        let known = Decimal::deserialize(bytes);
        let expected = if known.serialize() == bytes {
            known.to_string().json()
        } else {
            format!("{{\"decimal\":{}}}", bytes.to_vec().json())
        };
        let schema = DynamicSchema::parse("decimal/16/1").unwrap();
        prop_assert_eq!(schema.decode(&bytes).unwrap().to_string(), expected);
    }

    #[test]
    fn ulids(number: u128) {
        let ulid = Ulid(number);
        prop_assert_eq!(shown(&ulid), ulid.to_string().json());
    }

    #[test]
    fn days(day in -300_000..2_000_000_i32) {
        let date = chrono::NaiveDate::from_epoch_days(day).unwrap();
        let expected = match chrono::Datelike::year(&date) {
            0..=9999 => date.format("%Y-%m-%d").to_string(),
            _ => return Ok(()),
        };
        prop_assert_eq!(shown(&date), expected.json());
    }

    #[test]
    fn moments(micros in -62_000_000_000_000_000..253_000_000_000_000_000_i64) {
        let time = chrono::DateTime::from_timestamp_micros(micros).unwrap();
        let expected = time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        prop_assert_eq!(shown(&time), expected.json());
    }
}

#[test]
fn zero_below_zero() {
    let zero = -Decimal::new(0, 2);
    assert_eq!(shown(&zero), zero.to_string().json());
}
