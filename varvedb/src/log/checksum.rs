//! Checksums of what is met with each event: of records, names and the headers of frames. CRC-32C, as everywhere in
//! the log; all others are left to the library.
//!
//! The library is made for what is long. For a record of a hundred bytes it takes twice as long as
//! the CPU's instruction does eight bytes at a time, and for a name of sixteen three times: it was
//! two fifths of a scan.

/// The checksum of `bytes`, going on from `start`.
#[inline]
pub(super) fn crc32c(start: u32, bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() < LONG_BYTES && std::arch::is_x86_feature_detected!("sse4.2") {
        #[expect(
            unsafe_code,
            reason = "the CPU was asked whether it has the instruction"
        )]
        // SAFETY: `by_words` reads nothing but its slice. What it asks of its caller is that the
        // CPU has SSE 4.2, which the condition has just established.
        return unsafe { by_words(start, bytes) };
    }
    crc32c::crc32c_append(start, bytes)
}

/// From here on the library sums three parts at a time, and is faster.
#[cfg(any(target_arch = "x86_64", test))]
const LONG_BYTES: usize = 768;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2")]
fn by_words(start: u32, bytes: &[u8]) -> u32 {
    use std::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u64};

    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(u64::from(!start), |sum, word| {
        _mm_crc32_u64(sum, u64::from_le_bytes(*word))
    });
    // The instruction leaves the upper half zero.
    let [a, b, c, d, ..] = sum.to_le_bytes();
    let sum = u32::from_le_bytes([a, b, c, d]);
    !rest.iter().fold(sum, |sum, byte| _mm_crc32_u8(sum, *byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_checksum_of_the_library(
            start: u32,
            bytes in prop::collection::vec(any::<u8>(), 0..LONG_BYTES + 64),
            skipped in 0_usize..16,
        ) {
            let bytes = bytes.get(skipped..).unwrap_or_default();
            prop_assert_eq!(crc32c(start, bytes), crc32c::crc32c_append(start, bytes));
        }
    }

    #[test]
    fn it_is_crc_32c() {
        assert_eq!(crc32c(0, b"123456789"), 0xe306_9283);
    }
}
