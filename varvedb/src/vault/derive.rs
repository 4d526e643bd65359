//! Keys, tags and checksums that are made of others: HKDF, HMAC and SHA-256, each with a name of its own.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::secret::Secret;
use crate::pii::Subject;
use crate::stream::Key;

/// Between the parts of what is hashed; no kind of subject and no text key contains it.
const SEPARATOR: u8 = 0x1F;

/// Finds the data keys of one subject and one purpose.
pub(super) type Tag = [u8; 16];
/// Finds the data keys of one subject, whatever the purpose.
pub(super) type SubjectTag = [u8; 12];

/// The first eight bytes of SHA-256: guards against torn writes and rot, not against people.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 8] {
    first(&Sha256::digest(bytes))
}

/// The key under which a master key wraps the root.
pub(super) fn root_wrap_key(master: &[u8; 32], vault: Uuid) -> Secret {
    expand(master, Some(vault.as_bytes()), &[b"varve/v1/root-wrap"])
}

/// The key under which a root wraps data keys.
pub(super) fn slot_wrap_key(root: &Secret, vault: Uuid) -> Secret {
    expand(
        root.bytes(),
        Some(vault.as_bytes()),
        &[b"varve/v1/slot-wrap"],
    )
}

/// Where the data keys of a subject and a purpose are found. The purpose is empty for all of the subject.
pub(super) fn tag(index_secret: &Secret, subject: &Subject, purpose: &str) -> Tag {
    let subject = canonical(subject);
    let parts = [&*subject, &[SEPARATOR], purpose.as_bytes()];
    first(&mac(index_secret, &parts))
}

/// Where all data keys of a subject are found.
pub(super) fn subject_tag(index_secret: &Secret, subject: &Subject) -> SubjectTag {
    first(&mac(index_secret, &[&canonical(subject)]))
}

/// A value of a field as it is looked up: equal values give equal bytes, and nothing else shows.
pub(super) fn blind(index_secret: &Secret, field: &str, value: &[u8]) -> [u8; 16] {
    let key = expand(
        index_secret.bytes(),
        None,
        &[b"varve/ix/v1", field.as_bytes()],
    );
    first(&mac(&key, &[value]))
}

/// The bytes by which a subject is hashed, and by which a tombstone names it.
pub(super) fn canonical(subject: &Subject) -> Vec<u8> {
    let key = subject.key();
    let mut bytes = subject.kind().as_bytes().to_vec();
    bytes.extend([SEPARATOR, key.as_ref().kind() as u8]);
    match key {
        Key::Number(number) => bytes.extend(number.to_be_bytes()),
        Key::Uuid(uuid) => bytes.extend(uuid.as_bytes()),
        Key::Text(text) => bytes.extend(text.as_bytes()),
    }
    bytes
}

/// The subject with these canonical bytes, if they are some.
pub(super) fn subject_of(canonical: &[u8]) -> Option<Subject> {
    let at = canonical.iter().position(|byte| *byte == SEPARATOR)?;
    let (kind, rest) = canonical.split_at_checked(at)?;
    let (key_kind, key) = rest.get(1..)?.split_first()?;
    let key = match key_kind {
        1 => Key::Number(u64::from_be_bytes(key.try_into().ok()?)),
        2 => Key::Uuid(Uuid::from_bytes(key.try_into().ok()?)),
        3 => Key::text(str::from_utf8(key).ok()?).ok()?,
        _ => return None,
    };
    Subject::new(str::from_utf8(kind).ok()?, key).ok()
}

/// 48 bytes for one box: a key and a commitment to it.
pub(super) fn box_keys(data_key: &Secret, salt: &[u8; 24], info: &[&[u8]]) -> (Secret, [u8; 16]) {
    let mut okm = zeroize::Zeroizing::new([0; 48]);
    let hkdf = Hkdf::<Sha256>::new(Some(salt), data_key.bytes());
    hkdf.expand_multi_info(info, okm.as_mut_slice())
        .expect("HKDF gives up to 8,160 bytes");
    let key = okm.first_chunk().copied().unwrap_or_default();
    let commitment = okm.last_chunk().copied().unwrap_or_default();
    (Secret::new(key), commitment)
}

fn expand(ikm: &[u8; 32], salt: Option<&[u8]>, info: &[&[u8]]) -> Secret {
    let mut key = Secret::empty();
    let hkdf = Hkdf::<Sha256>::new(salt, ikm);
    hkdf.expand_multi_info(info, key.bytes_mut())
        .expect("HKDF gives up to 8,160 bytes");
    key
}

fn mac(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}
