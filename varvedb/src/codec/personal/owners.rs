//! Whose data is in some events: what keys are made ready for before they are encoded.

use crate::pii::{BoxOwner, Subject, SubjectKey};
use crate::stream::NameError;

/// The owners of boxes, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners(Vec<BoxOwner>);

impl Owners {
    /// Nobody.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds the person that an id names, for a purpose.
    pub fn add<I: SubjectKey>(&mut self, id: &I, purpose: &'static str) -> Result<(), NameError> {
        self.add_own(Some(&Subject::of(id)?), purpose);
        Ok(())
    }

    /// Adds a person, if there is one, for a purpose.
    pub fn add_own(&mut self, subject: Option<&Subject>, purpose: &'static str) {
        let Some(subject) = subject.cloned() else {
            return;
        };
        let owner = BoxOwner { subject, purpose };
        if !self.0.contains(&owner) {
            self.0.push(owner);
        }
    }

    /// All of them.
    pub(crate) fn as_slice(&self) -> &[BoxOwner] {
        &self.0
    }
}
