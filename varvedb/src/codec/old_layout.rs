//! Whether a type that is named in `history(..)` is the layout of an old revision.
//!
//! Of one that is none, nobody can say how it becomes the next revision, which rustc would report besides. Here
//! the question is asked of a constant, and its answer gives generated code something to go on with.

use std::marker::PhantomData;

use super::event::DecodeError;
use super::revision::{Revision, Split, Upcast};
use super::scratch::Scratch;
use crate::event::RecordedEvent;

/// What generated code reads of a layout; of a type that is none, something that becomes anything.
pub trait OldLayout<const IS_REVISION: bool> {
    /// The layout, borrowed from the log.
    type View<'a>;
    /// See [`Revision::HAS_BOXES`].
    const HAS_BOXES: bool;

    /// See [`Revision::decode`].
    fn decode<'a>(
        event: &RecordedEvent<'a>,
        type_name: &'static str,
        scratch: &'a Scratch,
    ) -> Result<Self::View<'a>, DecodeError>;
}

impl<T: Revision> OldLayout<true> for T {
    type View<'a> = T::View<'a>;
    const HAS_BOXES: bool = T::HAS_BOXES;

    #[inline]
    fn decode<'a>(
        event: &RecordedEvent<'a>,
        type_name: &'static str,
        scratch: &'a Scratch,
    ) -> Result<Self::View<'a>, DecodeError> {
        <T as Revision>::decode(event, type_name, scratch)
    }
}

impl<T> OldLayout<false> for T {
    type View<'a> = NoView;
    const HAS_BOXES: bool = false;

    fn decode<'a>(
        _: &RecordedEvent<'a>,
        _: &'static str,
        _: &'a Scratch,
    ) -> Result<Self::View<'a>, DecodeError> {
        Ok(NoView(()))
    }
}

/// The view of a type that is no layout. No program that has one compiles; an empty enum would have rustc warn of
/// code that is not reached.
#[derive(Debug)]
pub struct NoView(());

#[doc(hidden)]
#[diagnostic::do_not_recommend]
impl<'a, T> Upcast<'a, NoView> for T {
    fn upcast(_: NoView, _: &'a Scratch) -> Self {
        unreachable!()
    }
}

#[doc(hidden)]
#[diagnostic::do_not_recommend]
impl<'a, T> Split<'a, NoView> for T {
    fn split(_: NoView, _: &'a Scratch) -> impl IntoIterator<Item = Self> {
        None
    }
}

/// `LayoutProbe::<T>::IS_REVISION` is its own constant for layouts, and otherwise the one of [`NoRevision`].
#[derive(Debug)]
pub struct LayoutProbe<T>(PhantomData<T>);

impl<T: Revision> LayoutProbe<T> {
    /// It is a layout.
    pub const IS_REVISION: bool = true;
}

/// See [`LayoutProbe`].
pub trait NoRevision {
    /// It is none.
    const IS_REVISION: bool = false;
}

impl<T> NoRevision for LayoutProbe<T> {}
