//! A slot of the vault: one data key, the tombstone of one, or an enrolment. It lies in both replicas.
//!
//! ```text
//! 0 u8 state | 1 u8 algorithm | 2 u16 flags | 4 u32 root epoch | 8 u64 seq | 16 [16] tag | 32 [16] key id
//! 48 [60] live: nonce[12] ct[32] tag[16]; erased: whom it was of, where that is short enough
//! 108 [12] subject tag | 120 [8] checksum of 0..120
//! ```

use uuid::Uuid;

use super::derive::{self, SubjectTag, Tag};
use super::field_reader::FieldReader;
use super::random::{self, NoRandom};
use super::secret::{NotAuthentic, Secret};
use crate::pii::{KeyId, Subject};

pub(super) const SLOT: usize = 128;
pub(super) const PAGE: u64 = 4096;
/// In its tag and its flags: nobody's key.
pub(super) const NO_KEY: KeyId = KeyId([0; 16]);

const COVERED: usize = 120;
const BODY: usize = 60;
const ALGORITHM: u8 = 1;
const FLAG_CURRENT: u16 = 1;
const FLAG_WHOLE: u16 = 2;
/// No vault changes more often; a slot that says so was forged.
const LAST_SEQ: u64 = u64::MAX / 2;

/// A slot whose checksum holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) state: State,
    pub(super) flags: u16,
    pub(super) root_epoch: u32,
    /// When it was written last, in changes of the vault.
    pub(super) seq: u64,
    pub(super) tag: Tag,
    pub(super) key_id: KeyId,
    pub(super) subject_tag: SubjectTag,
    body: [u8; BODY],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Holds a wrapped data key.
    Live,
    /// Held one, or says that a subject is to have none.
    Erased,
    /// Says that a subject may have new keys, whatever tombstones are older.
    Enrolment,
}

/// What 128 bytes of a replica are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// All zero: nothing was written.
    Free,
    /// Not what was written.
    Torn,
    Slot(Slot),
}

/// Whom a slot belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SlotOwner {
    pub(super) tag: Tag,
    pub(super) subject_tag: SubjectTag,
}

/// Whom a tombstone was of, where the name was short enough for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inscription {
    pub(super) subject: Option<Subject>,
    /// `None` for the whole subject.
    pub(super) purpose: Option<String>,
}

/// Where a slot begins in a replica.
pub(super) fn offset_of(index: u32) -> u64 {
    PAGE + u64::from(index) * SLOT as u64
}

impl Slot {
    /// A slot with a new key wrapped in it. `index` is where it will lie: it cannot be moved.
    pub(super) fn live(
        owner: SlotOwner,
        (key_id, data_key): (KeyId, &Secret),
        seq: u64,
        index: u32,
        root: &WrapKey,
    ) -> Result<Self, NoRandom> {
        let slot = Self::plain(State::Live, owner, key_id, FLAG_CURRENT, seq);
        slot.with_key(data_key, index, root)
    }

    /// The tombstone of a key, or of no key at all.
    pub(super) fn tombstone(
        owner: SlotOwner,
        key_id: KeyId,
        seq: u64,
        (subject, purpose): (Option<&Subject>, Option<&str>),
        is_whole: bool,
    ) -> Self {
        let flags = if is_whole { FLAG_WHOLE } else { 0 };
        let mut slot = Self::plain(State::Erased, owner, key_id, flags, seq);
        slot.body = inscribe(subject, purpose);
        slot
    }

    /// Allows new keys for an owner who was shredded.
    pub(super) fn enrolment(owner: SlotOwner, seq: u64, is_whole: bool) -> Self {
        let flags = if is_whole { FLAG_WHOLE } else { 0 };
        Self::plain(State::Enrolment, owner, NO_KEY, flags, seq)
    }

    fn plain(state: State, owner: SlotOwner, key_id: KeyId, flags: u16, seq: u64) -> Self {
        Self {
            state,
            flags,
            root_epoch: 0,
            seq,
            tag: owner.tag,
            key_id,
            subject_tag: owner.subject_tag,
            body: [0; BODY],
        }
    }

    /// The same slot with the key wrapped under this root.
    pub(super) fn with_key(
        mut self,
        data_key: &Secret,
        index: u32,
        root: &WrapKey,
    ) -> Result<Self, NoRandom> {
        self.root_epoch = root.epoch;
        let nonce = random::array()?;
        let mut wrapped = *data_key.bytes();
        let tag = root
            .key
            .encrypt(&nonce, &self.aad(index, root.vault), &mut wrapped);
        let body = nonce.into_iter().chain(wrapped).chain(tag);
        self.body
            .iter_mut()
            .zip(body)
            .for_each(|(to, byte)| *to = byte);
        Ok(self)
    }

    /// The data key in it.
    pub(super) fn unwrap_key(&self, index: u32, root: &WrapKey) -> Result<Secret, NotAuthentic> {
        let mut fields = FieldReader(&self.body);
        let nonce = fields.array();
        let mut key = Secret::new(fields.array());
        let tag = fields.array();
        let aad = self.aad(index, root.vault);
        root.key.decrypt(&nonce, &aad, key.bytes_mut(), &tag)?;
        Ok(key)
    }

    pub(super) fn owner(&self) -> SlotOwner {
        SlotOwner {
            tag: self.tag,
            subject_tag: self.subject_tag,
        }
    }

    /// The same tombstone, laid while this root was in force: until another one is, the key that was here can
    /// be had from older copies of the vault.
    pub(super) fn buried_under(self, root_epoch: u32) -> Self {
        Self { root_epoch, ..self }
    }

    /// Whether it is about all purposes of the subject.
    pub(super) fn is_whole(&self) -> bool {
        self.flags & FLAG_WHOLE != 0
    }

    /// Whom this tombstone was of.
    pub(super) fn inscription(&self) -> Inscription {
        inscription_of(&self.body).unwrap_or_default()
    }

    pub(super) fn to_bytes(&self) -> [u8; SLOT] {
        let mut bytes = Vec::with_capacity(SLOT);
        bytes.extend([self.state.to_byte(), ALGORITHM]);
        bytes.extend(self.flags.to_le_bytes());
        bytes.extend(self.root_epoch.to_le_bytes());
        bytes.extend(self.seq.to_le_bytes());
        bytes.extend(self.tag);
        bytes.extend(self.key_id.0);
        bytes.extend(self.body);
        bytes.extend(self.subject_tag);
        bytes.extend(derive::checksum(&bytes));
        bytes.first_chunk().copied().unwrap_or([0; SLOT])
    }

    fn aad(&self, index: u32, vault: Uuid) -> Vec<u8> {
        let mut aad = b"varve/slot/v1".to_vec();
        aad.extend(vault.as_bytes());
        aad.extend(index.to_le_bytes());
        aad.extend(self.tag);
        aad.extend(self.key_id.0);
        aad.extend(self.root_epoch.to_le_bytes());
        aad
    }
}

impl Reading {
    pub(super) fn of(bytes: &[u8; SLOT]) -> Self {
        if *bytes == [0; SLOT] {
            return Self::Free;
        }
        let (covered, checksum) = bytes.split_at(COVERED);
        if derive::checksum(covered) != *checksum {
            return Self::Torn;
        }
        slot_of(covered).map_or(Self::Torn, Self::Slot)
    }
}

fn slot_of(covered: &[u8]) -> Option<Slot> {
    let mut fields = FieldReader(covered);
    let state = State::from_byte(fields.u8())?;
    let algorithm = fields.u8();
    let flags = fields.u16();
    let (root_epoch, seq) = (fields.u32(), fields.u64());
    let is_known = algorithm == ALGORITHM && flags & !(FLAG_CURRENT | FLAG_WHOLE) == 0;
    (is_known && seq <= LAST_SEQ).then(|| Slot {
        state,
        flags,
        root_epoch,
        seq,
        tag: fields.array(),
        key_id: KeyId(fields.array()),
        body: fields.array(),
        subject_tag: fields.array(),
    })
}

impl State {
    fn to_byte(self) -> u8 {
        match self {
            Self::Live => 0xA1,
            Self::Erased => 0xE5,
            Self::Enrolment => 0xB7,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0xA1 => Some(Self::Live),
            0xE5 => Some(Self::Erased),
            0xB7 => Some(Self::Enrolment),
            _ => None,
        }
    }
}

/// What a tombstone says of its owner: all of it, or nothing.
fn inscribe(subject: Option<&Subject>, purpose: Option<&str>) -> [u8; BODY] {
    let subject = subject.map(derive::canonical).unwrap_or_default();
    let purpose = purpose.unwrap_or_default().as_bytes();
    let mut body = [0; BODY];
    if subject.len() + purpose.len() + 2 > BODY {
        return body;
    }
    let len = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    let text = [len(&subject)].into_iter().chain(subject.iter().copied());
    let text = text.chain([len(purpose)]).chain(purpose.iter().copied());
    body.iter_mut().zip(text).for_each(|(to, byte)| *to = byte);
    body
}

fn inscription_of(body: &[u8]) -> Option<Inscription> {
    let (len, rest) = body.split_first()?;
    let (subject, rest) = rest.split_at_checked((*len).into())?;
    let (len, rest) = rest.split_first()?;
    let purpose = rest.get(..(*len).into())?;
    let purpose = str::from_utf8(purpose).ok()?;
    Some(Inscription {
        subject: Some(derive::subject_of(subject)?),
        purpose: (!purpose.is_empty()).then(|| purpose.to_owned()),
    })
}

/// What data keys are wrapped under: made of one root.
#[derive(Debug)]
pub(super) struct WrapKey {
    pub(super) key: Secret,
    pub(super) epoch: u32,
    pub(super) vault: Uuid,
}

impl WrapKey {
    pub(super) fn of(root: &Secret, epoch: u32, vault: Uuid) -> Self {
        let key = derive::slot_wrap_key(root, vault);
        Self { key, epoch, vault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_no_vault_comes_to_was_forged() {
        let owner = SlotOwner {
            tag: [1; 16],
            subject_tag: [2; 12],
        };
        let slot = |seq| Slot::enrolment(owner, seq, true).to_bytes();
        assert!(matches!(Reading::of(&slot(LAST_SEQ)), Reading::Slot(_)));
        assert_eq!(Reading::of(&slot(LAST_SEQ + 1)), Reading::Torn);
        assert_eq!(Reading::of(&slot(u64::MAX)), Reading::Torn);
    }
}
