//! A value read without its type is the value that was written, and nothing hostile panics.

#[cfg(all(
    feature = "chrono",
    feature = "jiff",
    feature = "time",
    feature = "rust_decimal",
    feature = "ulid"
))]
mod foreign;
mod hostile;
mod json;
mod limits;
mod plant;
mod zoo;

use super::DynamicSchema;
use crate::codec::{Field, encode};

fn archive<T: Field>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&value, &mut bytes).unwrap();
    bytes
}

fn schema<T: Field>() -> DynamicSchema {
    DynamicSchema::parse(&T::SCHEMA.text()).unwrap()
}

#[test]
fn types_of_other_crates_are_text() {
    let shown = |text: &str, bytes: &[u8]| {
        let schema = DynamicSchema::parse(text).unwrap();
        schema.decode(bytes).unwrap().to_string()
    };
    let decimal = |flags: u32, digits: u32| {
        let bytes: Vec<u8> = [flags, digits, 0, 0]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        shown("decimal/16/1", &bytes)
    };
    assert_eq!(decimal(0x0002_0000, 150), "\"1.50\"");
    assert_eq!(decimal(0x8003_0000, 7), "\"-0.007\"");
    assert_eq!(decimal(0, 42), "\"42\"");
    assert_eq!(
        decimal(0x0000_0001, 1),
        "{\"decimal\":\"01000000010000000000000000000000\"}"
    );
    assert_eq!(
        shown(
            "ulid/16/1",
            &0x0156_3e3a_b5d3_d676_4c61_efb9_9302_bd5b_u128.to_be_bytes()
        ),
        "\"01ARZ3NDEKTSV4RRFFQ69G5FAV\""
    );
    assert_eq!(
        shown("date_days/4/4", &19_675_i32.to_le_bytes()),
        "\"2023-11-14\""
    );
    assert_eq!(
        shown("date_days/4/4", &(-719_529_i32).to_le_bytes()),
        "\"-000001-12-31\""
    );
    assert_eq!(shown("point/2/1", &[1, 255]), "{\"point\":\"01ff\"}");
}
