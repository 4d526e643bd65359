//! From tokens to the model. Mistakes that one place alone shows are found here.

mod aggregate;
mod attribute;
mod block;
mod event;
mod fingerprint;
mod history;
mod id;
mod personal;
mod projection;
mod record;
mod revision;
mod settings;
mod snapshot;
mod types;
mod value;

pub(crate) use self::aggregate::aggregate;
pub(crate) use self::event::event;
pub(crate) use self::id::id;
pub(crate) use self::projection::projection;
pub(crate) use self::revision::revision;
pub(crate) use self::types::{mentions, with_inferred_lifetimes};
pub(crate) use self::value::value;
