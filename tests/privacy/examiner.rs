//! A forensic examiner: has all bytes of all files and the master keys, and wants what was shredded.
//!
//! It knows the documented formats and shares no code with VarveDB, so that a mistake there is not made here
//! again. Nothing has to lie where it belongs: records, wrapped keys and boxes are looked for at every byte of every
//! file. And it needs less than a program that reads does. AES-GCM without its tag is a stream cipher, so
//! it decrypts whatever looks random under every root, and tries the result as a key of every box that it has
//! found; what a slot was bound to does not stop it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, AeadInOut, KeyInit, Payload};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};

pub type Key = [u8; 32];
pub type KeyId = [u8; 16];

/// A wrapped data key: nonce, key, tag.
pub const WRAP: usize = 60;
const SLOT: usize = 128;
const BOX_HEADER: usize = 60;
/// So much of every box is decrypted, whatever its length: a marker is found, and the rest is noise.
const LONGEST_PLAIN: usize = 16 * 1024;
/// Random bytes repeat few values; text, counters and offsets repeat many.
const RANDOM_VALUES: usize = 38;

/// All that the examiner was given.
#[derive(Default)]
pub struct Evidence(Vec<Exhibit>);

struct Exhibit {
    name: String,
    bytes: Vec<u8>,
}

/// What the examiner made of it.
#[derive(Debug)]
pub struct Findings {
    pub roots: Vec<Root>,
    /// Data keys by their ids, however they were found.
    pub data_keys: BTreeMap<KeyId, Key>,
    pub tombstones: BTreeSet<KeyId>,
    pub boxes: Vec<FoundBox>,
    /// Where the sought texts stand in the clear, and which.
    pub in_the_clear: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    pub vault: [u8; 16],
    pub epoch: u32,
    pub bytes: Key,
}

#[derive(Debug)]
pub struct FoundBox {
    pub file: String,
    pub key_id: KeyId,
    /// What was in it, and noise behind it; `None` if no key that was found opens it.
    pub plain: Option<Vec<u8>>,
}

impl Evidence {
    /// All files below these folders.
    pub fn of<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut evidence = Self::default();
        folders
            .into_iter()
            .for_each(|folder| evidence.seize(folder));
        evidence
    }

    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let name = name.to_owned();
        self.0.push(Exhibit { name, bytes });
    }

    fn seize(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.seize(&path);
            } else {
                self.add(&path.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }

    /// All that can be known with these master keys, and with roots that were held elsewhere: their
    /// epochs and bytes. `markers` are texts whose being readable anywhere would be a leak.
    pub fn examine(&self, masters: &[Key], roots: &[(u32, Key)], markers: &[&str]) -> Findings {
        let vaults = self.vaults();
        let mut roots = self.roots(masters, &vaults, roots);
        roots.dedup();
        let (seen, tombstones) = self.slots();
        let sealed = self.sealed();
        let wraps = self.random_windows();
        let mut data_keys = unwrapped(&wraps, &seen, &roots);
        guess(&wraps, &sealed, &roots, &mut data_keys);
        Findings {
            boxes: sealed
                .iter()
                .map(|sealed| opened(sealed, &data_keys))
                .collect(),
            in_the_clear: self.texts(markers),
            roots,
            data_keys,
            tombstones,
        }
    }

    fn vaults(&self) -> BTreeSet<[u8; 16]> {
        self.everywhere(b"VRVKEYS\0")
            .filter_map(|(exhibit, at)| array(&exhibit.bytes, at + 16))
            .collect()
    }

    /// A root record names the master key that wraps it.
    fn roots(
        &self,
        masters: &[Key],
        vaults: &BTreeSet<[u8; 16]>,
        held: &[(u32, Key)],
    ) -> Vec<Root> {
        let mut roots = Vec::new();
        for master in masters {
            let kid: [u8; 16] = derive(master, &[], &[b"varve/v1/master-kid"]);
            for (exhibit, at) in self.everywhere(&kid) {
                for vault in vaults {
                    let found = at
                        .checked_sub(4)
                        .and_then(|at| root_at(&exhibit.bytes, at, master, vault));
                    roots.extend(found);
                }
            }
        }
        for vault in vaults {
            roots.extend(held.iter().map(|(epoch, root)| Root {
                vault: *vault,
                epoch: *epoch,
                bytes: *root,
            }));
        }
        roots.sort_by_key(|root| (root.vault, root.epoch, root.bytes));
        roots
    }

    /// Whom slots were bound to, live or erased, wherever they lie; and the key ids of those that are erased.
    fn slots(&self) -> (BTreeSet<Binding>, BTreeSet<KeyId>) {
        let (mut seen, mut tombstones) = (BTreeSet::new(), BTreeSet::new());
        for exhibit in &self.0 {
            for (at, slot) in exhibit.bytes.windows(SLOT).enumerate() {
                if !matches!(slot[0], 0xA1 | 0xE5)
                    || slot[1] != 1
                    || slot[120..] != Sha256::digest(&slot[..120])[..8]
                {
                    continue;
                }
                let binding = Binding {
                    tag: array(slot, 16).unwrap(),
                    key_id: array(slot, 32).unwrap(),
                    epoch: number(slot, 4).unwrap(),
                    index: u32::try_from(at.saturating_sub(4096) / SLOT).unwrap(),
                };
                if slot[0] == 0xE5 {
                    tombstones.insert(binding.key_id);
                }
                seen.insert(binding);
            }
        }
        (seen, tombstones)
    }

    /// Where boxes begin, by their first four bytes. Three ones and a small number may be found a byte beside them,
    /// too: of those that overlap, the one is a box whose key id is known elsewhere.
    fn sealed(&self) -> Vec<Sealed<'_>> {
        let mut found: Vec<Sealed<'_>> = Vec::new();
        for kind in 0..=2 {
            let beginning = [1, 1, 1, kind];
            let places = self.everywhere(&beginning);
            found.extend(places.filter_map(|(exhibit, at)| Sealed::at(exhibit, at, kind)));
        }
        let is_box = |sealed: &Sealed<'_>| {
            let mut beside = found.iter().filter(|other| other.overlaps(sealed));
            beside.all(|other| self.mentions(&other.key_id) <= self.mentions(&sealed.key_id))
        };
        let boxes: Vec<bool> = found.iter().map(is_box).collect();
        let found = found.into_iter().zip(boxes);
        found
            .filter_map(|(sealed, is_box)| is_box.then_some(sealed))
            .collect()
    }

    fn mentions(&self, key_id: &KeyId) -> usize {
        self.everywhere(key_id).count()
    }

    /// Everything that could be a wrapped key, once.
    fn random_windows(&self) -> BTreeSet<[u8; WRAP]> {
        self.0
            .iter()
            .flat_map(|exhibit| random_windows(&exhibit.bytes))
            .collect()
    }

    fn texts(&self, markers: &[&str]) -> Vec<(String, String)> {
        let found = |marker: &&str| {
            let marker = (*marker).to_owned();
            let files: Vec<String> = self
                .everywhere(marker.as_bytes())
                .map(|(exhibit, _)| exhibit.name.clone())
                .collect();
            files
                .into_iter()
                .map(move |file| (file, marker.clone()))
                .collect::<Vec<_>>()
        };
        markers.iter().flat_map(found).collect()
    }

    fn everywhere<'a>(&'a self, sought: &[u8]) -> impl Iterator<Item = (&'a Exhibit, usize)> {
        self.0.iter().flat_map(move |exhibit| {
            let found: Vec<usize> = occurrences(&exhibit.bytes, sought).collect();
            found.into_iter().map(move |at| (exhibit, at))
        })
    }
}

impl Findings {
    /// Whether a text can be read, in the clear or out of a box.
    pub fn can_read(&self, text: &str) -> bool {
        let mut plain = self.boxes.iter().filter_map(|found| found.plain.as_deref());
        self.in_the_clear.iter().any(|(_, found)| found == text)
            || plain.any(|plain| occurrences(plain, text.as_bytes()).next().is_some())
    }

    /// Boxes that stayed shut.
    pub fn shut(&self) -> impl Iterator<Item = &FoundBox> {
        self.boxes.iter().filter(|found| found.plain.is_none())
    }
}

/// What a slot's key is bound to, as additional data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Binding {
    tag: [u8; 16],
    key_id: KeyId,
    epoch: u32,
    index: u32,
}

impl Binding {
    fn aad(&self, vault: &[u8; 16]) -> Vec<u8> {
        let mut aad = b"varve/slot/v1".to_vec();
        aad.extend(vault);
        aad.extend(self.index.to_le_bytes());
        aad.extend(self.tag);
        aad.extend(self.key_id);
        aad.extend(self.epoch.to_le_bytes());
        aad
    }
}

/// A box, or four bytes that look like the beginning of one.
struct Sealed<'a> {
    file: &'a str,
    at: usize,
    kind: u8,
    key_id: KeyId,
    salt: [u8; 24],
    commitment: [u8; 16],
    body: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn at(exhibit: &'a Exhibit, at: usize, kind: u8) -> Option<Self> {
        let body = exhibit.bytes.get(at + BOX_HEADER..)?;
        let sealed = Self {
            file: &exhibit.name,
            at,
            kind,
            key_id: array(&exhibit.bytes, at + 4)?,
            salt: array(&exhibit.bytes, at + 20)?,
            commitment: array(&exhibit.bytes, at + 44)?,
            body: &body[..body.len().min(LONGEST_PLAIN)],
        };
        // An id and a salt are random; zeros and counters are something else.
        let values: BTreeSet<u8> = sealed.key_id.into_iter().chain(sealed.salt).collect();
        let is_counter = sealed.key_id.windows(3).any(|bytes| bytes == [0; 3]);
        (values.len() > 20 && !is_counter).then_some(sealed)
    }

    /// Whether both cannot be boxes.
    fn overlaps(&self, other: &Self) -> bool {
        self.file == other.file && self.at != other.at && self.at.abs_diff(other.at) < BOX_HEADER
    }

    /// The key of the box itself, if this is its data key.
    fn key(&self, data_key: &Key) -> Option<Key> {
        let info: &[u8] =
            [&b"varve/box/v1"[..], b"varve/state/v1", b"varve/row/v1"][usize::from(self.kind)];
        let okm: [u8; 48] = derive(
            data_key,
            &self.salt,
            &[info, &[1, 1, 1, self.kind], &self.key_id],
        );
        (okm[32..] == self.commitment).then(|| array(&okm, 0).unwrap())
    }
}

fn root_at(bytes: &[u8], at: usize, master: &Key, vault: &[u8; 16]) -> Option<Root> {
    let epoch = number(bytes, at)?;
    let (kid, nonce): ([u8; 16], [u8; 12]) = (array(bytes, at + 4)?, array(bytes, at + 20)?);
    let mut aad = b"varve/root/v1".to_vec();
    aad.extend(vault);
    aad.extend(epoch.to_le_bytes());
    aad.extend(kid);
    let key = derive(master, vault, &[b"varve/v1/root-wrap"]);
    let plain = decrypt(&key, &nonce, bytes.get(at + 32..at + 112)?, &aad)?;
    Some(Root {
        vault: *vault,
        epoch,
        bytes: array(&plain, 0)?,
    })
}

/// The keys of windows that are authentic for what a slot was seen to be bound to.
fn unwrapped(
    wraps: &BTreeSet<[u8; WRAP]>,
    seen: &BTreeSet<Binding>,
    roots: &[Root],
) -> BTreeMap<KeyId, Key> {
    let mut keys = BTreeMap::new();
    for root in roots {
        let wrapping: Key = slot_wrap_key(root);
        for binding in seen {
            let aad = binding.aad(&root.vault);
            let mut found = wraps.iter().filter_map(|wrap| {
                let nonce = array(wrap, 0)?;
                decrypt(&wrapping, &nonce, &wrap[12..], &aad)
            });
            if let Some(key) = found.next() {
                keys.insert(binding.key_id, array(&key, 0).unwrap());
            }
        }
    }
    keys
}

/// The keys of windows that open a box, whatever they were bound to.
fn guess(
    wraps: &BTreeSet<[u8; WRAP]>,
    sealed: &[Sealed<'_>],
    roots: &[Root],
    keys: &mut BTreeMap<KeyId, Key>,
) {
    let mut shut: BTreeMap<KeyId, &Sealed<'_>> = BTreeMap::new();
    for sealed in sealed
        .iter()
        .filter(|sealed| !keys.contains_key(&sealed.key_id))
    {
        shut.insert(sealed.key_id, sealed);
    }
    for root in roots {
        let wrapping = slot_wrap_key(root);
        for wrap in wraps {
            let mut key: Key = array(wrap, 12).unwrap();
            decrypt_unchecked(&wrapping, &array(wrap, 0).unwrap(), &mut key);
            for (key_id, sealed) in &shut {
                if sealed.key(&key).is_some() {
                    keys.insert(*key_id, key);
                }
            }
        }
    }
}

/// The box opened by its own key, or by any other.
fn opened(sealed: &Sealed<'_>, keys: &BTreeMap<KeyId, Key>) -> FoundBox {
    let key = keys.values().find_map(|key| sealed.key(key));
    let plain = key.map(|key| {
        let mut plain = sealed.body.to_vec();
        decrypt_unchecked(&key, &[0; 12], &mut plain);
        plain
    });
    FoundBox {
        file: sealed.file.to_owned(),
        key_id: sealed.key_id,
        plain,
    }
}

fn slot_wrap_key(root: &Root) -> Key {
    derive(&root.bytes, &root.vault, &[b"varve/v1/slot-wrap"])
}

/// Every window with as many values as random bytes have.
fn random_windows(bytes: &[u8]) -> Vec<[u8; WRAP]> {
    let (mut counts, mut values) = ([0_u32; 256], 0);
    let mut windows = Vec::new();
    for (end, byte) in bytes.iter().enumerate() {
        counts[usize::from(*byte)] += 1;
        values += usize::from(counts[usize::from(*byte)] == 1);
        if let Some(gone) = end.checked_sub(WRAP) {
            let gone = usize::from(bytes[gone]);
            counts[gone] -= 1;
            values -= usize::from(counts[gone] == 0);
        }
        if values >= RANDOM_VALUES && end + 1 >= WRAP {
            windows.push(array(bytes, end + 1 - WRAP).unwrap());
        }
    }
    windows
}

fn derive<const N: usize>(key: &[u8], salt: &[u8], info: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    let hkdf = Hkdf::<Sha256>::new(Some(salt), key);
    hkdf.expand(&info.concat(), &mut out).unwrap();
    out
}

fn decrypt(key: &Key, nonce: &[u8; 12], sealed: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: sealed, aad };
    Aes256Gcm::new(key.into())
        .decrypt(nonce.into(), payload)
        .ok()
}

/// Without the tag, decrypting is what encrypting is.
fn decrypt_unchecked(key: &Key, nonce: &[u8; 12], bytes: &mut [u8]) {
    let cipher = Aes256Gcm::new(key.into());
    cipher
        .encrypt_inout_detached(nonce.into(), &[], bytes.into())
        .unwrap();
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// As many bytes are looked at a time.
const STEP: usize = 4096;

static ZEROS: [u8; STEP] = [0; STEP];

/// Where the sought bytes stand. Most of a file is zeros, which a search for anything else steps over.
pub fn occurrences<'a>(bytes: &'a [u8], sought: &[u8]) -> impl Iterator<Item = usize> + use<'a> {
    let sought = sought.to_vec();
    let steps = (0..bytes.len()).step_by(STEP);
    steps.flat_map(move |from| {
        let to = bytes.len().min(from + STEP);
        let is_zero = bytes[from..to] == ZEROS[..to - from] && sought.first() != Some(&0);
        let to = if is_zero { from } else { to };
        let found: Vec<usize> = (from..to)
            .filter(|at| bytes[*at] == sought[0] && bytes[*at..].starts_with(&sought))
            .collect();
        found
    })
}
