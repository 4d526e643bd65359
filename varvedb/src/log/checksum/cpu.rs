//! What the CPU has an instruction for: CRC-32C of eight bytes at a time.

use std::arch::x86_64::{
    _mm_clmulepi64_si128, _mm_crc32_u8, _mm_crc32_u64, _mm_cvtsi64_si128, _mm_cvtsi128_si64,
};

use super::LONGER_BYTES;

/// The sum of one word after the other.
#[target_feature(enable = "sse4.2")]
pub(super) fn in_turn(start: u32, bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks();
    go_on(u64::from(!start), words, rest)
}

/// The same of three parts at a time, of at least 24 bytes and fewer than [`LONGER_BYTES`]. The
/// instruction could begin with a word in each cycle, and takes three cycles: one that goes on
/// from another waits for it.
#[target_feature(enable = "sse4.2,pclmulqdq")]
pub(super) fn side_by_side(start: u32, bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<8>();
    let part = words.len() / 3;
    let (first, behind) = words.split_at(part);
    let (second, behind) = behind.split_at(part);
    let (third, behind) = behind.split_at(part);
    let mut sums = (u64::from(!start), 0, 0);
    for ((first, second), third) in first.iter().zip(second).zip(third) {
        sums = (
            add(sums.0, *first),
            add(sums.1, *second),
            add(sums.2, *third),
        );
    }
    let before = advanced(sums.0, 2 * part) ^ advanced(sums.1, part);
    go_on(_mm_crc32_u64(0, before) ^ sums.2, behind, rest)
}

#[inline]
#[target_feature(enable = "sse4.2")]
fn go_on(sum: u64, words: &[[u8; 8]], rest: &[u8]) -> u32 {
    let sum = words.iter().fold(sum, |sum, word| add(sum, *word));
    // The instruction leaves the upper half zero.
    let [a, b, c, d, ..] = sum.to_le_bytes();
    let sum = u32::from_le_bytes([a, b, c, d]);
    !rest.iter().fold(sum, |sum, byte| _mm_crc32_u8(sum, *byte))
}

#[inline]
#[target_feature(enable = "sse4.2")]
fn add(sum: u64, word: [u8; 8]) -> u64 {
    _mm_crc32_u64(sum, u64::from_le_bytes(word))
}

/// The most words that one of three parts has.
const PART_WORDS: usize = LONGER_BYTES / 8 / 3;

/// A word with which the sum of 0 is what this sum becomes when so many words of zeros follow.
#[inline]
#[target_feature(enable = "pclmulqdq")]
fn advanced(sum: u64, words: usize) -> u64 {
    debug_assert!((1..ADVANCE.len()).contains(&words), "no part has so many");
    let power = ADVANCE.get(words).copied().unwrap_or_default();
    let sum = _mm_cvtsi64_si128(sum.cast_signed());
    let power = _mm_cvtsi64_si128(i64::from(power));
    _mm_cvtsi128_si64(_mm_clmulepi64_si128::<0>(sum, power)).cast_unsigned()
}

/// For each number of words what a sum is multiplied with: x^(64 words - 33), modulo the
/// polynomial. The 33 are what is too much otherwise: the instruction multiplies a word by x^32
/// before it takes the remainder, and a product whose lowest bit has the highest power is one short.
#[expect(
    clippy::indexing_slicing,
    reason = "at compile time, where it would be an error"
)]
static ADVANCE: [u32; 2 * PART_WORDS + 1] = {
    let mut powers = [0; 2 * PART_WORDS + 1];
    let mut power = times_x(1 << 31, 31);
    let mut words = 1;
    while words < powers.len() {
        powers[words] = power;
        power = times_x(power, 64);
        words += 1;
    }
    powers
};

/// The remainder of `sum` times x^`times`; the highest bit is that of x^0.
const fn times_x(sum: u32, times: u32) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut left = times;
    let mut sum = sum;
    while left > 0 {
        let carry = if sum & 1 == 1 { POLYNOMIAL } else { 0 };
        sum = (sum >> 1) ^ carry;
        left -= 1;
    }
    sum
}
