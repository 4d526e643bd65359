//! From tokens to the model. Mistakes that one place alone shows are found here.

mod attribute;
mod event;
mod id;
mod record;
mod settings;
mod types;

pub(crate) use self::event::event;
pub(crate) use self::id::id;
pub(crate) use self::types::is_reference;
