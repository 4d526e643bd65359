//! Commands: requests that are decided on the state alone and may be refused.

use super::Aggregate;
use crate::codec::Event;

/// Something that can be asked of an aggregate: the generated enum, or a closure over its state.
pub trait Command<A: Aggregate> {
    /// The events that follow, or a refusal; `None` is a stream without events.
    fn decide(self, state: Option<&A>) -> Result<Vec<A::Event>, Rejected<A::Error>>;
}

impl<A, F, R> Command<A> for F
where
    A: Aggregate,
    F: FnOnce(&A) -> Result<R, A::Error>,
    R: IntoEvents<A::Event>,
{
    fn decide(self, state: Option<&A>) -> Result<Vec<A::Event>, Rejected<A::Error>> {
        let state = state.ok_or(Rejected::NotCreated)?;
        self(state)
            .map(IntoEvents::into_events)
            .map_err(Rejected::Refused)
    }
}

/// Why a command was not carried out. Nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected<E> {
    /// The aggregate refused; its own error says why.
    #[error("{0}")]
    Refused(E),
    /// The command needs a state, and no event has created one.
    #[error("it does not exist yet")]
    NotCreated,
    /// The command creates what exists already.
    #[error("it exists already")]
    AlreadyExists,
    /// The command decided an event that names another stream.
    #[error("the command decided an event for stream `{event}`, but this is `{root}`")]
    OtherStream {
        /// The id in the event.
        event: String,
        /// The id of the root.
        root: String,
    },
}

/// What a command may return inside its `Ok`: one event, an `Option`, a `Vec` or an array of them.
#[diagnostic::on_unimplemented(
    message = "a command cannot return `{Self}` here",
    label = "expected `{E}`, `Option<{E}>`, `Vec<{E}>` or an array of it"
)]
pub trait IntoEvents<E> {
    /// The events, in order.
    fn into_events(self) -> Vec<E>;
}

impl<E: Event> IntoEvents<E> for E {
    fn into_events(self) -> Vec<E> {
        vec![self]
    }
}

impl<E> IntoEvents<E> for Vec<E> {
    fn into_events(self) -> Vec<E> {
        self
    }
}

impl<E> IntoEvents<E> for Option<E> {
    fn into_events(self) -> Vec<E> {
        self.into_iter().collect()
    }
}

impl<E, const N: usize> IntoEvents<E> for [E; N] {
    fn into_events(self) -> Vec<E> {
        self.into()
    }
}

/// What generated code does with the result of a command's method.
pub fn into_events<A, R, E>(decision: Result<R, E>) -> Result<Vec<A::Event>, Rejected<A::Error>>
where
    A: Aggregate,
    R: IntoEvents<A::Event>,
    E: Into<A::Error>,
{
    match decision {
        Ok(events) => Ok(events.into_events()),
        Err(error) => Err(Rejected::Refused(error.into())),
    }
}

/// What generated code does before a command that takes `&self`.
pub fn existing<A, E>(state: Option<&A>) -> Result<&A, Rejected<E>> {
    state.ok_or(Rejected::NotCreated)
}

/// What generated code does before a command that creates.
pub fn absent<A, E>(state: Option<&A>) -> Result<(), Rejected<E>> {
    match state {
        None => Ok(()),
        Some(_) => Err(Rejected::AlreadyExists),
    }
}
