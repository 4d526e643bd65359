//! What the slots say, in memory and without any key: which keys there are, whose, and who is shredded.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::derive::SubjectTag;
use super::slot::{NO_KEY, Slot, SlotOwner, State};
use crate::pii::KeyId;

/// All slots in their order.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// `None` where a slot is free.
    slots: Vec<Option<Entry>>,
    by_key: HashMap<KeyId, u32, RandomState>,
    by_subject: HashMap<SubjectTag, Vec<u32>, RandomState>,
    seq: u64,
}

/// A slot without its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) index: u32,
    pub(super) state: State,
    pub(super) is_whole: bool,
    pub(super) root_epoch: u32,
    pub(super) seq: u64,
    pub(super) owner: SlotOwner,
    pub(super) key_id: KeyId,
}

impl Catalog {
    /// Notes what a slot holds now.
    pub(super) fn put(&mut self, index: u32, slot: &Slot) {
        let entry = Entry {
            index,
            state: slot.state,
            is_whole: slot.is_whole(),
            root_epoch: slot.root_epoch,
            seq: slot.seq,
            owner: slot.owner(),
            key_id: slot.key_id,
        };
        self.seq = self.seq.max(slot.seq);
        let at = index as usize;
        if self.slots.len() <= at {
            self.slots.resize(at + 1, None);
        }
        let Some(place) = self.slots.get_mut(at) else {
            return;
        };
        let before = place.replace(entry);
        if before.is_none_or(|before| before.owner.subject_tag != entry.owner.subject_tag) {
            let of_subject = self.by_subject.entry(entry.owner.subject_tag);
            of_subject.or_default().push(index);
        }
        if entry.key_id != NO_KEY {
            self.by_key.insert(entry.key_id, index);
        }
    }

    pub(super) fn by_key(&self, key: &KeyId) -> Option<&Entry> {
        self.slots.get(*self.by_key.get(key)? as usize)?.as_ref()
    }

    /// All slots of a subject, whatever the purpose.
    pub(super) fn of_subject(&self, tag: SubjectTag) -> impl Iterator<Item = &Entry> {
        let indexes = self.by_subject.get(&tag).into_iter().flatten();
        indexes.filter_map(|index| self.slots.get(*index as usize)?.as_ref())
    }

    /// The key that new boxes of an owner are sealed with: the newest of those that live.
    pub(super) fn current(&self, owner: SlotOwner) -> Option<&Entry> {
        let live = self
            .of_subject(owner.subject_tag)
            .filter(|entry| entry.state == State::Live && entry.owner.tag == owner.tag);
        live.max_by_key(|entry| entry.seq)
    }

    /// Whether an owner was shredded and not enrolled again since.
    pub(super) fn is_fenced(&self, owner: SlotOwner) -> bool {
        let newest = |state| {
            self.newest(owner.subject_tag, |entry| {
                entry.state == state && (entry.is_whole || entry.owner.tag == owner.tag)
            })
        };
        newest(State::Erased) > newest(State::Enrolment)
    }

    /// Whether a subject was shredded as a whole, and not enrolled again since for any purpose.
    pub(super) fn is_fenced_whole(&self, subject: SubjectTag) -> bool {
        let stones = self.newest(subject, |entry| {
            entry.state == State::Erased && entry.is_whole
        });
        stones > self.newest(subject, |entry| entry.state == State::Enrolment)
    }

    /// Whether a subject was shredded for any purpose, and not enrolled again as a whole since.
    pub(super) fn has_fence(&self, subject: SubjectTag) -> bool {
        let stones = self.newest(subject, |entry| entry.state == State::Erased);
        let enrolments = self.newest(subject, |entry| {
            entry.state == State::Enrolment && entry.is_whole
        });
        stones > enrolments
    }

    /// Whether there is, or was, a fence of just this owner: who was enrolled again since may stay so.
    pub(super) fn has_fence_of(&self, owner: SlotOwner, is_whole: bool) -> bool {
        let mut entries = self.of_subject(owner.subject_tag);
        entries.any(|entry| {
            entry.state == State::Erased && entry.owner == owner && entry.is_whole == is_whole
        })
    }

    /// How often a subject was enrolled again.
    pub(super) fn enrolments(&self, subject: SubjectTag) -> usize {
        let entries = self.of_subject(subject);
        entries
            .filter(|entry| entry.state == State::Enrolment)
            .count()
    }

    /// Whether a key was erased since this root came into force.
    pub(super) fn has_erased_under(&self, root_epoch: u32) -> bool {
        self.entries().any(|entry| {
            let was_key = entry.key_id != NO_KEY;
            entry.state == State::Erased && was_key && entry.root_epoch >= root_epoch
        })
    }

    fn newest(&self, subject: SubjectTag, is_meant: impl Fn(&Entry) -> bool) -> Option<u64> {
        let meant = self.of_subject(subject).filter(|entry| is_meant(entry));
        meant.map(|entry| entry.seq).max()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().flatten()
    }

    /// The number of the next slot that was never used.
    pub(super) fn next_index(&self) -> usize {
        self.slots.len()
    }

    /// The number of the next change.
    pub(super) fn next_seq(&self) -> u64 {
        self.seq.saturating_add(1)
    }

    /// Whom a tag belongs to, whatever is known of it.
    pub(super) fn knows(&self, owner: SlotOwner, is_whole: bool) -> bool {
        self.of_subject(owner.subject_tag)
            .any(|entry| is_whole || entry.is_whole || entry.owner.tag == owner.tag)
    }
}
