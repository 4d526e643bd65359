//! Types of other crates are stored in forms of ours.

use std::fmt::Debug;
use std::time::SystemTime;

use proptest::prelude::*;
use rkyv::rend::{i32_le, i64_le};
use rust_decimal::Decimal;
use ulid::Ulid;

use super::round_trip::check;
use super::{archive, as_row};
use crate::clock::Timestamp;
use crate::codec::field::Field;
use crate::codec::record::decode;
use crate::codec::{IdValue, RowKey, decode_value};
use crate::stream::{Key, KeyRef};

type ChronoMoment = chrono::DateTime<chrono::Utc>;
type TimeMoment = time::OffsetDateTime;

fn stored<T: Field>(value: &T) -> (String, Vec<u8>) {
    (T::SCHEMA.text(), archive(value).unwrap().to_vec())
}

/// What lies in these bytes, or why it does not.
fn decoded<T: Field>(bytes: &[u8]) -> Result<T, String> {
    decode_value(bytes).map_err(|error| error.to_string())
}

fn key<K: RowKey>(key: &K) -> Vec<u8> {
    let mut bytes = Vec::new();
    key.encode_key(&mut bytes);
    bytes
}

fn check_key<K: RowKey + Ord + Debug>(a: &K, b: &K) -> Result<(), TestCaseError> {
    let (key_a, key_b) = (key(a), key(b));
    prop_assert_eq!(key_a.cmp(&key_b), a.cmp(b));
    prop_assert_eq!(&K::decode_key(&mut &key_a[..]).unwrap(), a);
    Ok(())
}

/// Moments of the years 1 to 9998, which every crate can represent.
fn moments() -> impl Strategy<Value = i64> {
    -62_000_000_000_000_000..253_000_000_000_000_000_i64
}

/// Days of the same years.
fn days() -> impl Strategy<Value = i32> {
    -719_000..2_900_000
}

proptest! {
    #[test]
    fn a_moment_has_the_same_bytes_whatever_its_type(micros in moments()) {
        let ours = Timestamp::from_micros(micros);
        let chrono = ChronoMoment::from_timestamp_micros(micros).unwrap();
        let jiff = jiff::Timestamp::from_microsecond(micros).unwrap();
        let time = TimeMoment::from_unix_timestamp_nanos(i128::from(micros) * 1_000).unwrap();
        let as_ours = stored(&ours);
        prop_assert_eq!(&stored(&SystemTime::from(ours)), &as_ours);
        prop_assert_eq!(&stored(&chrono), &as_ours);
        prop_assert_eq!(&stored(&chrono.naive_utc()), &as_ours);
        prop_assert_eq!(&stored(&jiff), &as_ours);
        prop_assert_eq!(&stored(&time), &as_ours);
        prop_assert_eq!(decoded::<jiff::Timestamp>(&as_ours.1), Ok(jiff));
        check(&(chrono, chrono.naive_utc(), jiff, time))?;
        check(&(vec![Some(jiff)], vec![(1_u8, time)], Box::new(chrono)))?;
    }

    #[test]
    fn a_date_has_the_same_bytes_whatever_its_type(days in days()) {
        let chrono = chrono::NaiveDate::from_epoch_days(days).unwrap();
        let jiff: jiff::civil::Date = chrono.to_string().parse().unwrap();
        let time = time::Date::from_julian_day(days + 2_440_588).unwrap();
        let expected = ("date_days/4/4".to_owned(), days.to_le_bytes().to_vec());
        prop_assert_eq!(&stored(&chrono), &expected);
        prop_assert_eq!(&stored(&jiff), &expected);
        prop_assert_eq!(&stored(&time), &expected);
        check(&(chrono, jiff, time))?;
    }

    #[test]
    fn times_and_dates_sort_as_they_are(a in (moments(), days()), b in (moments(), days())) {
        let moment = |us| ChronoMoment::from_timestamp_micros(us).unwrap();
        let day = |days| chrono::NaiveDate::from_epoch_days(days).unwrap();
        check_key(&(moment(a.0), day(a.1)), &(moment(b.0), day(b.1)))?;
        check_key(&moment(a.0).naive_utc(), &moment(b.0).naive_utc())?;
        let moment = |us| jiff::Timestamp::from_microsecond(us).unwrap();
        let day = |days: i32| decoded::<jiff::civil::Date>(&days.to_le_bytes()).unwrap();
        check_key(&(moment(a.0), day(a.1)), &(moment(b.0), day(b.1)))?;
        let moment = |us: i64| decoded::<TimeMoment>(&us.to_le_bytes()).unwrap();
        let day = |days: i32| decoded::<time::Date>(&days.to_le_bytes()).unwrap();
        check_key(&(moment(a.0), day(a.1)), &(moment(b.0), day(b.1)))?;
    }

    #[test]
    fn decimals_come_back_with_their_zeros(digits: (u32, u32, u32), negative: bool, scale in 0..=28_u32) {
        let decimal = Decimal::from_parts(digits.0, digits.1, digits.2, negative, scale);
        check(&(decimal, vec![decimal], Some(decimal)))?;
        let back = as_row(&decimal).unwrap();
        prop_assert_eq!(back.to_string(), decimal.to_string());
        prop_assert_eq!(stored(&decimal), ("decimal/16/1".to_owned(), decimal.serialize().to_vec()));
    }

    #[test]
    fn ulids_are_fields_keys_and_ids(a: u128, b: u128) {
        let ulid = Ulid::from(a);
        check(&ulid)?;
        check_key(&ulid, &Ulid::from(b))?;
        prop_assert_eq!(stored(&ulid), ("ulid/16/1".to_owned(), a.to_be_bytes().to_vec()));
        prop_assert_eq!(ulid.to_key().unwrap(), Key::Uuid(uuid::Uuid::from_u128(a)));
        prop_assert_eq!(Ulid::from_key(ulid.to_key().unwrap().as_ref()), Some(ulid));
    }

    #[test]
    fn what_a_type_cannot_represent_is_refused_and_never_a_panic(micros: i64, days: i32, bytes: [u8; 16]) {
        let _ = decoded::<Vec<ChronoMoment>>(&bytes);
        let _ = decoded::<ChronoMoment>(&micros.to_le_bytes());
        let _ = decoded::<chrono::NaiveDateTime>(&micros.to_le_bytes());
        let _ = decoded::<jiff::Timestamp>(&micros.to_le_bytes());
        let _ = decoded::<TimeMoment>(&micros.to_le_bytes());
        let _ = decoded::<chrono::NaiveDate>(&days.to_le_bytes());
        let _ = decoded::<jiff::civil::Date>(&days.to_le_bytes());
        let _ = decoded::<time::Date>(&days.to_le_bytes());
        if let Ok(decimal) = decoded::<Decimal>(&bytes) {
            prop_assert_eq!(decimal.serialize(), bytes);
        }
        for key in [&micros.to_be_bytes()[..], &days.to_be_bytes()] {
            let _ = ChronoMoment::decode_key(&mut &*key);
            let _ = chrono::NaiveDate::decode_key(&mut &*key);
            let _ = jiff::Timestamp::decode_key(&mut &*key);
            let _ = jiff::civil::Date::decode_key(&mut &*key);
            let _ = TimeMoment::decode_key(&mut &*key);
            let _ = time::Date::decode_key(&mut &*key);
        }
    }
}

#[test]
fn the_last_and_the_first_of_each_type_come_back() {
    check(&[ChronoMoment::MIN_UTC.view(), ChronoMoment::MAX_UTC.view()]).unwrap();
    check(&[chrono::NaiveDate::MIN, chrono::NaiveDate::MAX]).unwrap();
    check(&[jiff::Timestamp::MIN.view(), jiff::Timestamp::MAX.view()]).unwrap();
    check(&[jiff::civil::Date::MIN, jiff::civil::Date::MAX]).unwrap();
    check(&[time::Date::MIN, time::Date::MAX]).unwrap();
    check(&[Decimal::MIN, Decimal::MAX]).unwrap();
}

#[test]
fn bytes_beyond_a_type_say_so() {
    let year_20000 = archive(&chrono::NaiveDate::from_ymd_opt(20_000, 1, 1).unwrap()).unwrap();
    let error = decoded::<jiff::civil::Date>(&year_20000).unwrap_err();
    assert!(
        error.contains("6585322 days since 1970-01-01 cannot be represented as `jiff"),
        "{error}"
    );
    for extreme in [i64::MIN, i64::MAX] {
        let bytes = extreme.to_le_bytes();
        assert!(decode::<<ChronoMoment as Field>::Archived>(&super::aligned(&bytes)).is_err());
        assert!(decode::<<jiff::Timestamp as Field>::Archived>(&super::aligned(&bytes)).is_err());
        assert!(decode::<i64_le>(&super::aligned(&bytes)).is_ok());
    }
    for extreme in [i32::MIN, i32::MAX] {
        let bytes = super::aligned(&extreme.to_le_bytes());
        assert!(decode::<<time::Date as Field>::Archived>(&bytes).is_err());
        assert!(decode::<i32_le>(&bytes).is_ok());
    }
    assert!(decoded::<Decimal>(&[0xff; 16]).is_err());
}

#[test]
fn moments_are_rounded_towards_the_past_and_seen_so() {
    let chrono = |nanos| ChronoMoment::from_timestamp_nanos(nanos);
    let jiff = |nanos| jiff::Timestamp::from_nanosecond(nanos).unwrap();
    let time = |nanos| TimeMoment::from_unix_timestamp_nanos(nanos).unwrap();
    assert_eq!(chrono(-1).view(), chrono(-1_000));
    assert_eq!(jiff(-1).view(), jiff(-1_000));
    assert_eq!(time(-1).view(), time(-1_000));
    assert_eq!(as_row(&chrono(1_999)).unwrap(), chrono(1_000));
    assert_eq!(as_row(&jiff(-1_001)).unwrap(), jiff(-2_000));
    assert_eq!(as_row(&time(-1_001)).unwrap(), time(-2_000));
}

#[test]
fn a_moment_with_an_offset_is_seen_as_utc() {
    let offset = time::UtcOffset::from_hms(5, 30, 0).unwrap();
    let there = TimeMoment::UNIX_EPOCH.to_offset(offset);
    assert_eq!(there.view().offset(), time::UtcOffset::UTC);
    assert_eq!(as_row(&there).unwrap(), TimeMoment::UNIX_EPOCH);
}

#[test]
fn a_key_of_another_kind_is_no_ulid() {
    assert_eq!(Ulid::from_key(KeyRef::Number(7)), None);
}
