//! Old layouts of events, and how each becomes the next.

use std::fmt::Debug;

use super::event::DecodeError;
use super::field::EncodeError;
use super::personal::Sealer;
use super::schema::Schema;
use super::scratch::Scratch;
use crate::event::RecordedEvent;

/// The layout that an event had in an old revision: a struct with `#[derive(VarveRevision)]`, named in
/// the `history(..)` of its variant.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the layout of an old revision",
    label = "not an old layout",
    note = "add `#[derive(VarveRevision)]` to the struct that has the fields as they were stored"
)]
pub trait Revision: Sized + 'static {
    /// The layout, borrowed from the log or from `self`.
    type View<'a>: Clone + Debug;
    /// The layout as the store knows it.
    const SCHEMA: Schema;
    /// Whether it has boxes of personal data.
    #[doc(hidden)]
    const HAS_BOXES: bool = false;

    /// The payload of `event` in this layout, read where it lies. `type_name` is for the error; boxes of personal data
    /// are opened in `scratch`.
    fn decode<'a>(
        event: &RecordedEvent<'a>,
        type_name: &'static str,
        scratch: &'a Scratch,
    ) -> Result<Self::View<'a>, DecodeError>;
    /// Writes the payload as it was written then: for tests of what reads it today.
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// The same with what is personal sealed in boxes.
    fn encode_sealed(&self, sealer: &mut Sealer<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let _ = sealer;
        self.encode(out)
    }
    /// The same as an upcast sees it.
    fn view(&self) -> Self::View<'_>;
    /// What a view shows, owned.
    fn from_view(view: Self::View<'_>) -> Self;
}

/// How the next revision of an event is read from the one before it.
///
/// Both are views: what stays as it is, is borrowed on, and nothing is written anew. What has to be made
/// is kept in the scratch, which lives as long as the event is looked at. An upcast cannot fail: an event
/// is a fact, and every program after this one must be able to read it.
///
/// ```
/// use varvedb::prelude::*;
///
/// #[derive(VarveEvent)]
/// #[varve(stream = "person")]
/// enum PersonEvent {
///     #[varve(revision = 2, history(RegisteredV1))]
///     Registered { #[stream_id] id: u64, name: String, age: u16 },
/// }
///
/// #[derive(VarveRevision)]
/// struct RegisteredV1 { #[stream_id] id: u64, first: String, last: String, age: u16 }
///
/// impl<'a> Upcast<'a, RegisteredV1View<'a>> for PersonRegistered<'a> {
///     fn upcast(old: RegisteredV1View<'a>, scratch: &'a Scratch) -> Self {
///         let name = scratch.str(format!("{} {}", old.first, old.last));
///         PersonRegistered { id: old.id, name, age: old.age }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "nothing says how `{Old}` becomes `{Self}`",
    label = "needs an upcast to the next revision",
    note = "write `impl<'a> Upcast<'a, {Old}> for {Self} {{ fn upcast(old: {Old}, scratch: &'a Scratch) -> Self {{ .. }} }}`"
)]
pub trait Upcast<'a, Old>: Sized {
    /// The event in the newer layout.
    fn upcast(old: Old, scratch: &'a Scratch) -> Self;
}

/// How an old event becomes several present ones: for a layout named in `history(split(..))`.
///
/// All parts have the position, version, id and time of the stored event. A load applies them in order; a
/// projection is told of them in order, within one transaction and checkpoint. Without parts the event is
/// passed over, as one of a retired type is.
///
/// ```
/// use varvedb::prelude::*;
///
/// #[derive(VarveEvent)]
/// #[varve(stream = "account")]
/// enum AccountEvent {
///     #[varve(revision = 2, history(split(OpenedV1)))]
///     Opened { owner: String },
///     LimitSet { cents: u64 },
/// }
///
/// /// When an account was opened, it was given its limit.
/// #[derive(VarveRevision)]
/// struct OpenedV1 { owner: String, limit: u64 }
///
/// impl<'a> Split<'a, OpenedV1View<'a>> for AccountEventView<'a> {
///     fn split(old: OpenedV1View<'a>, _: &'a Scratch) -> impl IntoIterator<Item = Self> {
///         let opened = AccountOpened { owner: old.owner };
///         let limit_set = AccountLimitSet { cents: old.limit };
///         [Self::Opened(opened), Self::LimitSet(limit_set)]
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "nothing says which events `{Old}` becomes",
    label = "needs a split into views of the enum",
    note = "write `impl<'a> Split<'a, {Old}> for {Self} {{ fn split(old: {Old}, scratch: &'a Scratch) -> impl IntoIterator<Item = Self> {{ .. }} }}`"
)]
pub trait Split<'a, Old>: Sized {
    /// The events that the old one is, in their order.
    fn split(old: Old, scratch: &'a Scratch) -> impl IntoIterator<Item = Self>;
}
