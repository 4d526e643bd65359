//! How it stands with a subject by the log: for what they were shredded, and enrolled again since.

use std::collections::{BTreeMap, BTreeSet};

use crate::position::Position;

/// A purpose, or all of them.
pub(super) type Scope = Option<String>;

/// The last shred and the last re-enrolment of a subject, for each purpose and for all.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    shreds: BTreeMap<Scope, Position>,
    enrolments: BTreeMap<Scope, Position>,
    /// All of them, also those that another one has followed.
    enrolled_at: BTreeSet<Position>,
}

impl Standing {
    pub(super) fn shred(&mut self, scope: Scope, position: Position) {
        note(&mut self.shreds, scope, position);
    }

    pub(super) fn enrol(&mut self, scope: Scope, position: Position) {
        note(&mut self.enrolments, scope, position);
        self.enrolled_at.insert(position);
    }

    /// How often the subject was enrolled again, by the log.
    pub(super) fn times_enrolled(&self) -> usize {
        self.enrolled_at.len()
    }

    /// The shred by which nobody who is meant can have new keys; `None` if somebody can.
    pub(super) fn shredded(&self, purpose: Option<&str>) -> Option<Position> {
        let shredded = self.shred_of(purpose)?;
        let enrolled = match purpose {
            Some(_) => self.enrolment_of(purpose),
            None => self.enrolments.values().max().copied(),
        };
        (Some(shredded) > enrolled).then_some(shredded)
    }

    /// Whether purposes of which the log says nothing else are shredded.
    pub(super) fn is_shredded_by_default(&self) -> bool {
        self.shred_of(None) > self.enrolment_of(None)
    }

    /// Purposes for which the subject was shredded, and was not enrolled again since.
    pub(super) fn shredded_purposes(&self) -> impl Iterator<Item = &str> {
        let purposes = self.shreds.keys().flatten().map(String::as_str);
        purposes.filter(|purpose| self.shredded(Some(purpose)).is_some())
    }

    /// For what the subject was enrolled again, and was not shredded since: all purposes if `None`.
    pub(super) fn enrolled(&self) -> impl Iterator<Item = Option<&str>> {
        let is_for_all = self.enrolment_of(None) > self.shred_of(None);
        let scopes = self.enrolments.keys().map(Option::as_deref);
        scopes.filter(move |scope| match scope {
            Some(purpose) => self.shredded(Some(purpose)).is_none(),
            None => is_for_all,
        })
    }

    /// The last shred that is about this purpose.
    fn shred_of(&self, purpose: Option<&str>) -> Option<Position> {
        last_of(&self.shreds, purpose)
    }

    fn enrolment_of(&self, purpose: Option<&str>) -> Option<Position> {
        last_of(&self.enrolments, purpose)
    }
}

/// The log may be read again where it was read before.
fn note(all: &mut BTreeMap<Scope, Position>, scope: Scope, position: Position) {
    let last = all.entry(scope).or_insert(position);
    *last = position.max(*last);
}

/// What is for all purposes is for this one, too.
fn last_of(all: &BTreeMap<Scope, Position>, purpose: Option<&str>) -> Option<Position> {
    let own = purpose.and_then(|purpose| all.get(&Some(purpose.to_owned())));
    own.max(all.get(&None)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position: u64) -> Position {
        Position::new(position)
    }

    fn enrolled(standing: &Standing) -> Vec<Option<&str>> {
        standing.enrolled().collect()
    }

    #[test]
    fn who_was_shredded_for_one_purpose_may_have_keys_for_others() {
        let mut standing = Standing::default();
        standing.shred(Some("letters".to_owned()), at(1));
        assert_eq!(standing.shredded(Some("letters")), Some(at(1)));
        assert_eq!(standing.shredded(Some("bills")), None);
        assert_eq!(standing.shredded(None), None);
    }

    #[test]
    fn who_was_enrolled_again_for_one_purpose_stays_shredded_for_the_others() {
        let mut standing = Standing::default();
        standing.shred(None, at(1));
        standing.enrol(Some("letters".to_owned()), at(2));
        assert_eq!(standing.shredded(Some("letters")), None);
        assert_eq!(standing.shredded(Some("bills")), Some(at(1)));
        assert_eq!(standing.shredded(None), None);
        assert!(standing.is_shredded_by_default());
        assert_eq!(enrolled(&standing), [Some("letters")]);
    }

    #[test]
    fn who_was_enrolled_again_for_all_purposes_can_be_shredded_for_one() {
        let mut standing = Standing::default();
        standing.shred(Some("letters".to_owned()), at(1));
        standing.shred(None, at(2));
        standing.enrol(None, at(3));
        assert!(!standing.is_shredded_by_default());
        assert_eq!(standing.shredded_purposes().count(), 0);
        standing.shred(Some("letters".to_owned()), at(4));
        assert_eq!(enrolled(&standing), [None]);
        assert_eq!(
            standing.shredded_purposes().collect::<Vec<_>>(),
            ["letters"]
        );
        assert_eq!(standing.shredded(Some("letters")), Some(at(4)));
        assert_eq!(standing.shredded(Some("bills")), None);
    }
}
