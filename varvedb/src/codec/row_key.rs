//! Keys of read-model rows: bytes whose order is the order of the values.

use std::time::SystemTime;

use uuid::Uuid;

use crate::clock::Timestamp;

/// A type that can be the key of a row.
///
/// The order of the encoded bytes is the order of the values, so rows are read in the order of
/// their keys; and no encoding is the beginning of another, so keys can stand behind one another.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a row",
    label = "not a row key",
    note = "use a `VarveId`, a number, a `bool`, a `char`, a `String`, a `Uuid`, a time, or a tuple of these",
    note = "keys stand in the clear, so personal data is none: use an id that says nothing about the person"
)]
pub trait RowKey: Sized {
    /// Writes the key behind `out`.
    fn encode_key(&self, out: &mut Vec<u8>);
    /// Takes a key off the front of `bytes`; `None` when they hold none.
    fn decode_key(bytes: &mut &[u8]) -> Option<Self>;
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

macro_rules! unsigned {
    ($($int:ty),*) => {$(
        impl RowKey for $int {
            fn encode_key(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
                take(bytes).map(Self::from_be_bytes)
            }
        }
    )*};
}

/// With the sign bit flipped, negative numbers come first.
macro_rules! signed {
    ($($int:ty as $unsigned:ty),*) => {$(
        impl RowKey for $int {
            fn encode_key(&self, out: &mut Vec<u8>) {
                (self.cast_unsigned() ^ <$unsigned>::MAX.wrapping_shr(1).wrapping_add(1)).encode_key(out);
            }

            fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
                let flipped = <$unsigned>::decode_key(bytes)?;
                Some((flipped ^ <$unsigned>::MAX.wrapping_shr(1).wrapping_add(1)).cast_signed())
            }
        }
    )*};
}

unsigned!(u8, u16, u32, u64, u128);
signed!(i8 as u8, i16 as u16, i32 as u32, i64 as u64, i128 as u128);

impl RowKey for bool {
    fn encode_key(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
        match u8::decode_key(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl RowKey for char {
    fn encode_key(&self, out: &mut Vec<u8>) {
        u32::from(*self).encode_key(out);
    }

    fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
        Self::from_u32(u32::decode_key(bytes)?)
    }
}

/// Text ends with 0; a 0 inside it is written as 0 255, which sorts behind the end.
impl RowKey for String {
    fn encode_key(&self, out: &mut Vec<u8>) {
        for byte in self.bytes() {
            out.push(byte);
            if byte == 0 {
                out.push(0xff);
            }
        }
        out.extend_from_slice(&[0, 0]);
    }

    fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
        let mut text = Vec::new();
        loop {
            match take::<1>(bytes)? {
                [0] => match take::<1>(bytes)? {
                    [0] => return Self::from_utf8(text).ok(),
                    [0xff] => text.push(0),
                    _ => return None,
                },
                [byte] => text.push(byte),
            }
        }
    }
}

impl RowKey for Uuid {
    fn encode_key(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
        take(bytes).map(Self::from_bytes)
    }
}

impl RowKey for Timestamp {
    fn encode_key(&self, out: &mut Vec<u8>) {
        self.as_micros().encode_key(out);
    }

    fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
        i64::decode_key(bytes).map(Self::from_micros)
    }
}

/// Rounded to microseconds, towards the past.
impl RowKey for SystemTime {
    fn encode_key(&self, out: &mut Vec<u8>) {
        Timestamp::from(*self).encode_key(out);
    }

    fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
        Timestamp::decode_key(bytes).map(Self::from)
    }
}

/// `None` comes first.
impl<K: RowKey> RowKey for Option<K> {
    fn encode_key(&self, out: &mut Vec<u8>) {
        self.is_some().encode_key(out);
        if let Some(key) = self {
            key.encode_key(out);
        }
    }

    fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
        if bool::decode_key(bytes)? {
            K::decode_key(bytes).map(Some)
        } else {
            Some(None)
        }
    }
}

macro_rules! tuple {
    ($($key:ident $at:tt),*) => {
        impl<$($key: RowKey),*> RowKey for ($($key,)*) {
            fn encode_key(&self, out: &mut Vec<u8>) {
                $(self.$at.encode_key(out);)*
            }

            fn decode_key(bytes: &mut &[u8]) -> Option<Self> {
                Some(($($key::decode_key(bytes)?,)*))
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use super::*;

    fn bytes<K: RowKey>(key: &K) -> Vec<u8> {
        let mut bytes = Vec::new();
        key.encode_key(&mut bytes);
        bytes
    }

    fn check<K: RowKey + Ord + Debug>(a: &K, b: &K) -> Result<(), TestCaseError> {
        let (encoded_a, encoded_b) = (bytes(a), bytes(b));
        prop_assert_eq!(encoded_a.cmp(&encoded_b), a.cmp(b), "{:?} and {:?}", a, b);
        let both = [encoded_a, encoded_b].concat();
        let mut rest = &both[..];
        prop_assert_eq!(&K::decode_key(&mut rest).unwrap(), a);
        prop_assert_eq!(&K::decode_key(&mut rest).unwrap(), b);
        prop_assert!(rest.is_empty());
        Ok(())
    }

    proptest! {
        #[test]
        fn numbers_sort_as_they_are(a: (u8, i8, u64, i64), b: (u8, i8, u64, i64)) {
            check(&a, &b)?;
        }

        #[test]
        fn wide_numbers_sort_as_they_are(a: (u128, i128, i16), b: (u128, i128, i16)) {
            check(&a, &b)?;
        }

        #[test]
        fn texts_sort_as_they_are(
            a in ("[a\0\u{1}é]{0,4}", any::<u16>()),
            b in ("[a\0\u{1}é]{0,4}", any::<u16>()),
        ) {
            check(&a, &b)?;
        }

        #[test]
        fn options_and_characters_sort_as_they_are(
            a: (Option<bool>, Option<char>, bool),
            b: (Option<bool>, Option<char>, bool),
        ) {
            check(&a, &b)?;
        }

        #[test]
        fn hostile_bytes_are_no_key_and_never_a_panic(bytes: Vec<u8>) {
            let _ = <(String, Option<char>, i64)>::decode_key(&mut &bytes[..]);
        }
    }
}
