//! What handlers return, and how they fail.

use std::any::Any;
use std::error::Error;

use crate::codec::{DecodeError, Scratch};
use crate::pii::PiiError;

/// Why a projection stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandlerError {
    /// The event could not be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The handler looked into a sealed box that could not be opened.
    #[error("personal data in the event cannot be read: {0}")]
    Pii(#[from] PiiError),
    /// The handler returned an error.
    #[error("{0}")]
    Failed(Box<dyn Error + Send + Sync>),
    /// The event is of a type that the projection's enums do not have.
    #[error(
        "`{type_name}` is not an event of this projection's `{category}` events; if it is new, update the program; \
         if it was one once, name it in `#[varve(retired(\"..\"))]` or as the `alias` of a variant; to pass it over, \
         register the projection with `OnUnknown::Skip`"
    )]
    Unknown {
        /// The stored name.
        type_name: String,
        /// The category of its stream.
        category: String,
    },
    /// Another processor has moved the projection's checkpoint meanwhile.
    #[error("another processor feeds this projection too; register it with one processor only")]
    Overtaken,
    /// The handler panicked.
    #[error("the handler panicked: {0}")]
    Panicked(String),
}

/// What a handler may return: nothing, or a `Result` of nothing.
#[diagnostic::on_unimplemented(
    message = "a projection's handler cannot return `{Self}`",
    label = "return nothing, or `Result<(), E>` with any error type `E`"
)]
pub trait HandlerResult {
    /// The result in its one form.
    fn into_result(self) -> Result<(), HandlerError>;
}

impl HandlerResult for () {
    fn into_result(self) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> HandlerResult for Result<(), E> {
    fn into_result(self) -> Result<(), HandlerError> {
        self.map_err(|error| HandlerError::Failed(error.into()))
    }
}

/// What a handler has come to: a fault in what it looked at counts more than what it returned.
pub fn handled(result: impl HandlerResult, scratch: &Scratch) -> Result<(), HandlerError> {
    let result = result.into_result();
    match scratch.fault() {
        Some(fault) => Err(fault.clone().into()),
        None => result,
    }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    said.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}
