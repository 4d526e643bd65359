//! Mistakes that show only when the parts are seen together. After this, nothing fails.

mod event;
mod record;

pub(crate) use self::event::event;
