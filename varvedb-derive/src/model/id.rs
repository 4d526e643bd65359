//! An id type.

use syn::{Ident, LitStr, Path, Type};

/// `struct AccountId(Uuid)` with `#[derive(VarveId)]`.
pub(crate) struct Id {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) value: Type,
    /// `subject = "person"`: which kind of person it names.
    pub(crate) subject: Option<LitStr>,
}
