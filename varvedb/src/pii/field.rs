//! What is personal in an event: a line of the inventory.

/// A personal field of an event, as the record of processing lists it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PiiField {
    /// The event's stored type, such as `account.opened`.
    pub event: &'static str,
    /// The field's stored name.
    pub field: &'static str,
    /// The layout of what is sealed, as the store writes it down, such as `str`.
    pub layout: LayoutFn,
    /// Which field names the person; `stream` for the stream's id.
    pub subject: &'static str,
    /// What the datum is used for; it can be shredded for one purpose and kept for another.
    pub purpose: &'static str,
    /// What stands for it when it is shredded, as it is written in the program.
    pub fallback: Option<&'static str>,
    /// The function by which it is looked up, as it is written in the program.
    pub lookup: Option<&'static str>,
}

/// A layout's text on demand.
pub type LayoutFn = fn() -> String;

impl PiiField {
    /// What generated code calls.
    #[doc(hidden)]
    pub const fn new(
        (event, field, layout): (&'static str, &'static str, LayoutFn),
        (subject, purpose): (&'static str, &'static str),
        fallback: Option<&'static str>,
        lookup: Option<&'static str>,
    ) -> Self {
        Self {
            event,
            field,
            layout,
            subject,
            purpose,
            fallback,
            lookup,
        }
    }
}
