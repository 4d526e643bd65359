//! An id type.

use syn::{Ident, Path, Type};

/// `struct AccountId(Uuid)` with `#[derive(VarveId)]`.
pub(crate) struct Id {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) value: Type,
}
