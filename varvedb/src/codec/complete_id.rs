//! Whether an id type has the derives that every id needs.
//!
//! A missing derive would be reported by rustc once per trait and use. Here the question is asked
//! of a constant, and its answer makes one bound true or false.

use std::fmt::Debug;
use std::marker::PhantomData;

/// Holds for id types with all derives. Its supertraits are known to code that has it as a bound,
/// also where the bound turns out to be false.
#[diagnostic::on_unimplemented(
    message = "`{Self}` needs `Clone`, `Debug` and `PartialEq` to be an id",
    label = "a derive is missing",
    note = "derive them together: `#[derive(VarveId, Clone, Debug, PartialEq)]`"
)]
pub trait CompleteId<const IS_COMPLETE: bool>: Clone + Debug + PartialEq {}

impl<T: Clone + Debug + PartialEq> CompleteId<true> for T {}

/// `IdProbe::<T>::IS_COMPLETE` is its own constant when `T` has the derives, and otherwise the one
/// of [`IncompleteId`].
#[derive(Debug)]
pub struct IdProbe<T>(PhantomData<T>);

impl<T: Clone + Debug + PartialEq> IdProbe<T> {
    /// All derives are there.
    pub const IS_COMPLETE: bool = true;
}

/// See [`IdProbe`].
pub trait IncompleteId {
    /// A derive is missing.
    const IS_COMPLETE: bool = false;
}

impl<T> IncompleteId for IdProbe<T> {}
