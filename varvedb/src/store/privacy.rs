//! What a store does for the people its data is about: shred it, hand it out, find it, and say what it has.

mod clearing;
mod custody;
mod event;
mod export;
mod keys;
mod lookup;
mod ready;
mod receipt;
mod reconcile;
mod reenroll;
mod report;
mod shred;
mod shreds;
mod standing;

pub(crate) use self::custody::Custody;
pub use self::event::{SubjectEvent, SubjectEventView, SubjectReenrolled, SubjectShredded};
pub use self::export::{SubjectAccess, SubjectExport, SubjectRecord};
pub use self::keys::Keys;
pub use self::lookup::LookupError;
pub(crate) use self::ready::Ready;
pub use self::receipt::ShredReceipt;
pub use self::reenroll::Reenroll;
pub use self::report::{Report, report};
pub use self::shred::{Shred, ShredError};
pub(crate) use self::shred::{ShredRequest, Shredded};
pub(crate) use self::shreds::Shreds;
