//! A sealed box: what is personal in one event, state or row, of one person and for one purpose.
//!
//! ```text
//! 0 u8 version | 1 u8 suite | 2 u8 padding | 3 u8 kind | 4 [16] key id | 20 [24] salt | 44 [16] commitment
//! 60 ciphertext | tag[16]
//! ```
//!
//! Every box has a key of its own, made of the data key and the salt. The commitment is made with it: who
//! opens a box with the data key it names cannot be given another plain text under another one.

use rkyv::util::AlignedVec;
use subtle::ConstantTimeEq;

use super::derive;
use super::random::{self, NoRandom};
use super::secret::Secret;
use crate::pii::{BoxContext, BoxKind, KeyId, PiiError, PlainBox};

const VERSION: u8 = 1;
/// HKDF-SHA256 and AES-256-GCM.
const SUITE: u8 = 1;
/// One `0x80`, then zeros up to a class of lengths.
const PADDING: u8 = 1;
const PREFIX: usize = 20;
const HEADER: usize = 60;
const TAG: usize = 16;
const CLASS: usize = 32;
const AAD: usize = PREFIX + 27;
/// A box has a key of its own, so one nonce is enough for all.
const NONCE: [u8; 12] = [0; 12];

/// The data key that a box names, if these bytes look like a box of this kind.
pub(super) fn key_of(sealed: &[u8], kind: BoxKind) -> Result<KeyId, PiiError> {
    Parts::of(sealed, kind).map(|parts| parts.key_id())
}

/// Writes the box behind `out`.
pub(super) fn seal(
    key_id: KeyId,
    data_key: &Secret,
    context: &BoxContext,
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), NoRandom> {
    let salt = random::array()?;
    let mut prefix = [0; PREFIX];
    prefix[..4].copy_from_slice(&[VERSION, SUITE, PADDING, kind_byte(context.kind)]);
    prefix[4..].copy_from_slice(key_id.as_bytes());
    let (key, commitment) = keys(data_key, &prefix, &salt);
    let padded = padded_len(plain.len());
    out.reserve_exact(HEADER + padded + TAG); // else growing would leave plain text behind
    out.extend_from_slice(&prefix);
    out.extend_from_slice(&salt);
    out.extend_from_slice(&commitment);
    let body = out.len();
    out.extend_from_slice(plain);
    out.push(0x80);
    out.resize(body + padded, 0);
    let tag = key.encrypt(
        &NONCE,
        &aad(&prefix, context),
        out.get_mut(body..).unwrap_or_default(),
    );
    out.extend_from_slice(&tag);
    Ok(())
}

/// What is in the box. Anything wrong, once its key is known, is the same error.
pub(super) fn open(
    sealed: &[u8],
    data_key: &Secret,
    context: &BoxContext,
) -> Result<PlainBox, PiiError> {
    let parts = Parts::of(sealed, context.kind)?;
    let tampered = || PiiError::Tampered {
        key: parts.key_id(),
    };
    let (key, commitment) = keys(data_key, parts.prefix, parts.salt);
    if !bool::from(commitment.ct_eq(parts.commitment)) {
        return Err(tampered());
    }
    let mut buffer = AlignedVec::with_capacity(parts.body.len());
    buffer.extend_from_slice(parts.body);
    let aad = aad(parts.prefix, context);
    key.decrypt(&NONCE, &aad, &mut buffer, parts.tag)
        .map_err(|_| tampered())?;
    let plain = PlainBox::new(buffer, parts.body.len()); // from here on it is wiped
    let len = unpadded_len(plain.bytes()).ok_or_else(tampered)?;
    Ok(plain.shortened(len))
}

/// The parts of a box whose lengths and first four bytes were checked.
struct Parts<'a> {
    prefix: &'a [u8; PREFIX],
    salt: &'a [u8; 24],
    commitment: &'a [u8; 16],
    body: &'a [u8],
    tag: &'a [u8; TAG],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a [u8], kind: BoxKind) -> Result<Self, PiiError> {
        let malformed = |what| PiiError::Malformed { what };
        let parts = Self::split(sealed).ok_or_else(|| malformed("it is too short"))?;
        let [version, suite, padding, of_kind, ..] = *parts.prefix;
        if version != VERSION {
            return Err(malformed("its version is unknown"));
        }
        if suite != SUITE {
            return Err(malformed("its suite of algorithms is unknown"));
        }
        if padding != PADDING {
            return Err(malformed("its padding is unknown"));
        }
        if of_kind != kind_byte(kind) {
            return Err(malformed("it was sealed to lie in something else"));
        }
        if parts.body.is_empty() || !parts.body.len().is_multiple_of(CLASS) {
            return Err(malformed("no box has its length"));
        }
        Ok(parts)
    }

    fn split(sealed: &'a [u8]) -> Option<Self> {
        let (prefix, rest) = sealed.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (commitment, rest) = rest.split_first_chunk()?;
        let (body, tag) = rest.split_last_chunk()?;
        Some(Self {
            prefix,
            salt,
            commitment,
            body,
            tag,
        })
    }

    fn key_id(&self) -> KeyId {
        KeyId(self.prefix.last_chunk().copied().unwrap_or_default())
    }
}

/// The box's own key, and the commitment to it.
fn keys(data_key: &Secret, prefix: &[u8; PREFIX], salt: &[u8; 24]) -> (Secret, [u8; 16]) {
    let info: &[u8] = match prefix[3] {
        0 => b"varve/box/v1",
        1 => b"varve/state/v1",
        _ => b"varve/row/v1",
    };
    derive::box_keys(data_key, salt, &[info, prefix])
}

fn kind_byte(kind: BoxKind) -> u8 {
    match kind {
        BoxKind::Event => 0,
        BoxKind::State => 1,
        BoxKind::Row => 2,
    }
}

/// What the box is bound to. Of fixed length, so that it can be read in one way only.
fn aad(prefix: &[u8; PREFIX], context: &BoxContext) -> [u8; AAD] {
    let mut aad = [0; AAD];
    aad[..20].copy_from_slice(prefix);
    aad[20..36].copy_from_slice(context.id.as_bytes());
    aad[36..44].copy_from_slice(&context.type_hash.to_le_bytes());
    aad[44..46].copy_from_slice(&context.revision.to_le_bytes());
    aad[46] = context.number;
    aad
}

/// How long plain bytes are with their padding: few lengths, so that they tell little.
fn padded_len(plain: usize) -> usize {
    let len = plain + 1;
    let step = if len <= 8 * CLASS {
        CLASS
    } else {
        CLASS.max(len.next_power_of_two() / 16)
    };
    len.next_multiple_of(step)
}

/// How long padded bytes are without their padding, if it is the one they must have.
fn unpadded_len(padded: &[u8]) -> Option<usize> {
    let len = padded.iter().rposition(|byte| *byte != 0)?;
    (padded.get(len) == Some(&0x80) && padded_len(len) == padded.len()).then_some(len)
}
