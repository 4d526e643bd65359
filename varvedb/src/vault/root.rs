//! A root record: the root and the index secret, wrapped by a master key. There is room for two, in a
//! sector each, so that another can be written before the first is overwritten.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::derive;
use super::field_reader::FieldReader;
use super::header::{self, SECTOR};
use super::master::{MasterKey, MasterKeyId};
use super::random::{self, NoRandom};
use super::secret::{NotAuthentic, Secret};

const ALGORITHM: u8 = 1;
const FIELDS: usize = 116;
const WRAPPED: usize = 64;

/// A record whose checksum holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RootRecord {
    pub(super) stage: Stage,
    pub(super) epoch: u32,
    pub(super) master: MasterKeyId,
    nonce: [u8; 12],
    wrapped: [u8; WRAPPED],
    tag: [u8; 16],
}

/// Whether the root is in use, or will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Next,
    Current,
}

/// What a sector is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RootReading {
    /// All zero: no record.
    None,
    /// Not what was written.
    Torn,
    Record(RootRecord),
}

/// What a record wraps.
#[derive(Debug)]
pub(super) struct Roots {
    /// All zero if the root is held elsewhere.
    pub(super) root: Secret,
    pub(super) index_secret: Secret,
}

impl RootRecord {
    pub(super) fn wrap(
        stage: Stage,
        epoch: u32,
        vault: Uuid,
        master: &MasterKey,
        roots: &Roots,
    ) -> Result<Self, NoRandom> {
        let mut wrapped = Zeroizing::new([0; WRAPPED]);
        let secrets = roots.root.bytes().iter().chain(roots.index_secret.bytes());
        wrapped
            .iter_mut()
            .zip(secrets)
            .for_each(|(to, byte)| *to = *byte);
        let nonce = random::array()?;
        let aad = aad(vault, epoch, &master.id());
        let key = derive::root_wrap_key(master.bytes(), vault);
        let tag = key.encrypt(&nonce, &aad, wrapped.as_mut_slice());
        Ok(Self {
            stage,
            epoch,
            master: master.id(),
            nonce,
            wrapped: *wrapped,
            tag,
        })
    }

    pub(super) fn unwrap(&self, vault: Uuid, master: &MasterKey) -> Result<Roots, NotAuthentic> {
        let mut wrapped = Zeroizing::new(self.wrapped);
        let aad = aad(vault, self.epoch, &self.master);
        let key = derive::root_wrap_key(master.bytes(), vault);
        key.decrypt(&self.nonce, &aad, wrapped.as_mut_slice(), &self.tag)?;
        let mut fields = FieldReader(wrapped.as_slice());
        Ok(Roots {
            root: Secret::new(fields.array()),
            index_secret: Secret::new(fields.array()),
        })
    }

    /// The same record, further on.
    pub(super) fn at(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }

    pub(super) fn to_bytes(&self) -> [u8; SECTOR] {
        let stage = match self.stage {
            Stage::Current => 1,
            Stage::Next => 2,
        };
        let mut bytes = Vec::with_capacity(SECTOR);
        bytes.extend([stage, ALGORITHM, 0, 0]);
        bytes.extend(self.epoch.to_le_bytes());
        bytes.extend(self.master.as_bytes());
        bytes.extend(self.nonce);
        bytes.extend(self.wrapped);
        bytes.extend(self.tag);
        header::with_checksum(bytes)
    }
}

impl RootReading {
    pub(super) fn of(bytes: &[u8; SECTOR]) -> Self {
        if *bytes == [0; SECTOR] {
            return Self::None;
        }
        let record = header::covered(bytes).and_then(record_of);
        record.map_or(Self::Torn, Self::Record)
    }
}

fn record_of(covered: &[u8]) -> Option<RootRecord> {
    let mut fields = FieldReader(covered);
    let stage = match fields.u8() {
        1 => Stage::Current,
        2 => Stage::Next,
        _ => return None,
    };
    let is_known = fields.u8() == ALGORITHM && fields.u16() == 0;
    let is_padded = covered.get(FIELDS..)?.iter().all(|byte| *byte == 0);
    (is_known && is_padded).then(|| RootRecord {
        stage,
        epoch: fields.u32(),
        master: MasterKeyId(fields.array()),
        nonce: fields.array(),
        wrapped: fields.array(),
        tag: fields.array(),
    })
}

fn aad(vault: Uuid, epoch: u32, master: &MasterKeyId) -> Vec<u8> {
    let mut aad = b"varve/root/v1".to_vec();
    aad.extend(vault.as_bytes());
    aad.extend(epoch.to_le_bytes());
    aad.extend(master.as_bytes());
    aad
}
