//! How it stands with a subject by the log: for what they were shredded, and enrolled again since.

use std::collections::BTreeMap;

use crate::position::Position;

/// A purpose, or all of them.
pub(super) type Scope = Option<String>;

/// The last shred and the last re-enrolment of a subject, for each purpose and for all.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    shreds: BTreeMap<Scope, Position>,
    enrolments: BTreeMap<Scope, Position>,
}

/// What keeps a subject from having new keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    pub(super) scope: Scope,
    /// Purposes for which they were enrolled again since, where the fence is for all.
    pub(super) but: Vec<String>,
}

impl Standing {
    pub(super) fn shred(&mut self, scope: Scope, position: Position) {
        note(&mut self.shreds, scope, position);
    }

    pub(super) fn enrol(&mut self, scope: Scope, position: Position) {
        note(&mut self.enrolments, scope, position);
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

    /// All that keeps the subject from new keys, by the log.
    pub(super) fn fences(&self) -> Vec<Fence> {
        let whole = self.shred_of(None) > self.enrolment_of(None);
        let mut fences = Vec::new();
        if whole {
            let purposes = self.enrolments.keys().flatten();
            let free = purposes.filter(|purpose| self.shredded(Some(purpose)).is_none());
            fences.push(Fence {
                scope: None,
                but: free.cloned().collect(),
            });
        }
        let purposes = self.shreds.keys().flatten();
        let fenced = purposes.filter(|purpose| self.shredded(Some(purpose)).is_some());
        fences.extend(fenced.map(|purpose| Fence {
            scope: Some(purpose.clone()),
            but: Vec::new(),
        }));
        fences
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

    fn scope(purpose: &str) -> Scope {
        Some(purpose.to_owned())
    }

    #[test]
    fn who_was_shredded_for_one_purpose_may_have_keys_for_others() {
        let mut standing = Standing::default();
        standing.shred(scope("letters"), at(1));
        assert_eq!(standing.shredded(Some("letters")), Some(at(1)));
        assert_eq!(standing.shredded(Some("bills")), None);
        assert_eq!(standing.shredded(None), None);
    }

    #[test]
    fn who_was_enrolled_again_for_one_purpose_stays_shredded_for_the_others() {
        let mut standing = Standing::default();
        standing.shred(None, at(1));
        standing.enrol(scope("letters"), at(2));
        assert_eq!(standing.shredded(Some("letters")), None);
        assert_eq!(standing.shredded(Some("bills")), Some(at(1)));
        assert_eq!(standing.shredded(None), None);
        let fence = Fence {
            scope: None,
            but: vec!["letters".to_owned()],
        };
        assert_eq!(standing.fences(), [fence]);
    }

    #[test]
    fn who_was_enrolled_again_for_all_purposes_has_no_fence() {
        let mut standing = Standing::default();
        standing.shred(scope("letters"), at(1));
        standing.shred(None, at(2));
        standing.enrol(None, at(3));
        assert_eq!(standing.fences(), []);
        standing.shred(scope("letters"), at(4));
        assert_eq!(standing.shredded(Some("letters")), Some(at(4)));
        assert_eq!(standing.shredded(Some("bills")), None);
    }
}
