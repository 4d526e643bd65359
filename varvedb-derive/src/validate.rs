//! Mistakes that show only when the parts are seen together. After this, nothing fails.

mod aggregate;
mod event;
mod past;
mod personal;
mod projection;
mod record;
mod revision;
mod value;

pub(crate) use self::aggregate::aggregate;
pub(crate) use self::event::event;
pub(crate) use self::projection::projection;
pub(crate) use self::revision::revision;
pub(crate) use self::value::value;
