//! The fence: nothing personal is taken of who was shredded.

use super::{BoxOwner, Subject};

/// Nothing personal of somebody is taken for a purpose for which they were shredded, until they are enrolled again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{subject} was shredded, so nothing personal of theirs is stored for the purpose `{purpose}`; if they \
     have come back, enrol them again: `store.reenroll(..)`"
)]
pub struct Fenced {
    /// Whose data it is.
    pub subject: Subject,
    /// What it was for.
    pub purpose: String,
}

impl From<&BoxOwner> for Fenced {
    fn from(owner: &BoxOwner) -> Self {
        Self {
            subject: owner.subject.clone(),
            purpose: owner.purpose.to_owned(),
        }
    }
}
