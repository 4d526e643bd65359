//! Checksums of what a log reads most: names, headers of frames, and records. CRC-32C, as everywhere in
//! the log.
//!
//! The library is made for what is long. It looks for three parts of a kilobyte each, and of 256 bytes,
//! before the CPU's instruction does eight bytes at a time: that took two fifths of a scan. What is
//! shorter than [`LONGER_BYTES`] is summed here.

#[cfg(target_arch = "x86_64")]
mod cpu;

/// The checksum of `bytes`, going on from `start`; quick for what is short.
#[inline]
pub(super) fn crc32c(start: u32, bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() < LONG_BYTES && std::arch::is_x86_feature_detected!("sse4.2") {
        #[expect(
            unsafe_code,
            reason = "the CPU was asked whether it has the instruction"
        )]
        // SAFETY: `in_turn` reads nothing but its slice. What it asks of its caller is that the CPU
        // has SSE 4.2, which the condition has just established.
        return unsafe { cpu::in_turn(start, bytes) };
    }
    crc32c::crc32c_append(start, bytes)
}

/// The same, quick for what has any length, as a record has.
///
/// A function of its own: one of both is too large to be inlined where names are read, and a scan
/// of 64 bytes took a sixth longer.
#[inline]
pub(super) fn crc32c_of_record(start: u32, bytes: &[u8]) -> u32 {
    if bytes.len() < LONG_BYTES {
        crc32c(start, bytes)
    } else {
        crc32c_of_long(start, bytes)
    }
}

/// From here on it is worth it to sum three parts at a time.
const LONG_BYTES: usize = 160;

/// From here on the library does so, and is as fast.
const LONGER_BYTES: usize = 1536;

// Each of three parts has a word at least.
const _: () = assert!(LONG_BYTES >= 3 * 8 && LONG_BYTES < LONGER_BYTES);

#[inline(never)]
fn crc32c_of_long(start: u32, bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() < LONGER_BYTES
        && std::arch::is_x86_feature_detected!("sse4.2")
        && std::arch::is_x86_feature_detected!("pclmulqdq")
    {
        #[expect(
            unsafe_code,
            reason = "the CPU was asked whether it has the instructions"
        )]
        // SAFETY: `side_by_side` reads nothing but its slice and a table that is checked. What it
        // asks of its caller is that the CPU has SSE 4.2 and PCLMULQDQ, which the condition has
        // just established.
        return unsafe { cpu::side_by_side(start, bytes) };
    }
    crc32c::crc32c_append(start, bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGER_BYTES, crc32c, crc32c_of_record};

    #[test]
    fn it_is_crc_32c() {
        assert_eq!(crc32c(0, b"123456789"), 0xe306_9283);
        assert_eq!(crc32c_of_record(0, &[b'a'; 400]), 0x62ea_fb52);
    }

    proptest! {
        #[test]
        fn it_is_the_checksum_of_the_library(
            start: u32,
            bytes in prop::collection::vec(any::<u8>(), 0..LONGER_BYTES + 64),
            skipped in 0_usize..16,
        ) {
            let bytes = bytes.get(skipped..).unwrap_or_default();
            let expected = crc32c::crc32c_append(start, bytes);
            prop_assert_eq!(crc32c(start, bytes), expected);
            prop_assert_eq!(crc32c_of_record(start, bytes), expected);
        }
    }
}
