//! The shred ledger: all tombstones as text, to be kept beside the backups of the vault.
//!
//! An older copy of the vault that is put back knows nothing of what was shredded since; the ledger does.
//! One tombstone a line, in hexadecimal: key id, tag, subject tag; then `whole` or `purpose`, which is followed by
//! `=` and its name, and the subject, where these are legible.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::derive::{SubjectTag, Tag};
use super::error::VaultError;
use super::slot::{NO_KEY, Slot, SlotOwner, State};
use super::{Inner, Vault};
use crate::hex::Hex;
use crate::pii::{KeyId, Subject};

const TITLE: &str = "varve shred ledger 1, vault ";
const WHOLE: &str = "whole";
const PURPOSE: &str = "purpose";

/// What was shredded, as it is kept outside of the vault. It holds no key; it names the subjects, where
/// their names are short, since they stand in the clear in the events that tell of the shredding, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    vault: Uuid,
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    key: KeyId,
    owner: SlotOwner,
    is_whole: bool,
    /// `None` of a whole subject, too.
    purpose: Option<String>,
    subject: Option<Subject>,
}

impl Ledger {
    /// How many tombstones it lists.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing was shredded.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl Vault {
    /// All that was shredded in this vault.
    pub(crate) fn ledger(&self) -> Result<Ledger, VaultError> {
        let owners: Vec<_> = {
            let catalog = self.0.catalog();
            let erased = catalog.entries();
            let erased = erased.filter(|entry| entry.state == State::Erased);
            erased.map(|entry| entry.owner).collect()
        };
        let stones = self.tombstones()?.into_iter().zip(owners);
        let lines = stones.map(|(stone, owner)| Line {
            key: stone.key.unwrap_or(NO_KEY),
            owner,
            is_whole: stone.is_whole,
            purpose: stone.purpose.filter(|purpose| is_word(purpose)),
            subject: stone.subject,
        });
        Ok(Ledger {
            vault: self.0.id,
            lines: lines.collect(),
        })
    }

    /// Shreds what the ledger says was shredded, in an older copy of the same vault. Gives how many
    /// tombstones were laid.
    pub(crate) fn apply_ledger(&self, ledger: &Ledger) -> Result<usize, VaultError> {
        if ledger.vault != self.0.id {
            return Err(VaultError::OtherVault {
                what: "the shred ledger".to_owned(),
                found: ledger.vault,
                expected: self.0.id,
            });
        }
        let mut change = self.0.change()?;
        let stones = self.0.missing_stones(ledger)?;
        self.0.lay(&mut change, &stones)?;
        Ok(stones.len())
    }
}

impl Inner {
    fn missing_stones(&self, ledger: &Ledger) -> Result<Vec<(u32, Slot)>, VaultError> {
        let (mut next, seq) = {
            let catalog = self.catalog();
            (catalog.next_index(), catalog.next_seq())
        };
        let mut stones = Vec::new();
        for (line, seq) in ledger.lines.iter().zip(seq..) {
            let Some(index) = self.grave_for(line, next)? else {
                continue;
            };
            next = next.max(index as usize + 1);
            let name = (line.subject.as_ref(), line.purpose.as_deref());
            let stone = Slot::tombstone(line.owner, line.key, seq, name, line.is_whole);
            stones.push((index, stone));
        }
        Ok(stones)
    }

    /// Where a tombstone of the ledger belongs; `None` if it is there.
    fn grave_for(&self, line: &Line, next: usize) -> Result<Option<u32>, VaultError> {
        let catalog = self.catalog();
        let new = || u32::try_from(next).map_err(|_| VaultError::Full);
        match catalog.by_key(&line.key) {
            Some(entry) if entry.state == State::Live => Ok(Some(entry.index)),
            Some(_) => Ok(None),
            None if line.key != NO_KEY => new().map(Some),
            None if catalog.has_fence_of(line.owner, line.is_whole) => Ok(None),
            None => new().map(Some),
        }
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}{}", self.vault)?;
        for line in &self.lines {
            let scope = if line.is_whole { WHOLE } else { PURPOSE };
            let (tag, subject_tag) = (Hex(&line.owner.tag), Hex(&line.owner.subject_tag));
            write!(f, "{} {tag} {subject_tag} {scope}", line.key)?;
            if let Some(purpose) = &line.purpose {
                write!(f, "={purpose}")?;
            }
            if let Some(subject) = &line.subject {
                let kind = subject.key().as_ref().kind() as u8;
                write!(f, " {kind} {} {}", subject.kind(), subject.key())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl FromStr for Ledger {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<Self, VaultError> {
        let mut lines = text.lines();
        let vault = lines.next().and_then(|line| line.strip_prefix(TITLE));
        let vault = vault.and_then(|vault| vault.trim().parse().ok());
        let vault = vault.ok_or(VaultError::Ledger {
            line: 1,
            what: "it is not the title of a shred ledger, with the id of its vault",
        })?;
        let lines = lines.zip(2..).map(|(text, line)| {
            Line::parse(text).ok_or(VaultError::Ledger {
                line,
                what: "it does not name a tombstone",
            })
        });
        let lines = lines.collect::<Result<_, _>>()?;
        Ok(Self { vault, lines })
    }
}

impl Line {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.splitn(5, ' ');
        let key = KeyId(bytes_of(words.next()?)?);
        let tag: Tag = bytes_of(words.next()?)?;
        let subject_tag: SubjectTag = bytes_of(words.next()?)?;
        let (is_whole, purpose) = match words.next()? {
            WHOLE => (true, None),
            PURPOSE => (false, None),
            scope => {
                let purpose = scope.strip_prefix(PURPOSE)?.strip_prefix('=')?;
                (false, is_word(purpose).then(|| purpose.to_owned()))
            }
        };
        let subject = match words.next() {
            Some(name) => Some(subject_of(name)?),
            None => None,
        };
        Some(Self {
            key,
            owner: SlotOwner { tag, subject_tag },
            is_whole,
            purpose,
            subject,
        })
    }
}

/// Whether a purpose can stand in a line; of another one the ledger does not tell.
fn is_word(purpose: &str) -> bool {
    !purpose.is_empty() && !purpose.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn subject_of(name: &str) -> Option<Subject> {
    let (key_kind, name) = name.split_once(' ')?;
    let (kind, key) = name.split_once(' ')?;
    let subject = match key_kind {
        "1" => Subject::new(kind, key.parse::<u64>().ok()?),
        "2" => Subject::new(kind, key.parse::<Uuid>().ok()?),
        "3" => Subject::new(kind, crate::stream::Key::text(key).ok()?),
        _ => return None,
    };
    subject.ok()
}

fn bytes_of<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? * 16 + low?).ok()?;
    }
    Some(bytes)
}
