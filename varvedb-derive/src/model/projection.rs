//! A projection's `impl` block.

use syn::{Attribute, Ident, ItemImpl, LitStr, Path, Type};

/// `#[projection(name = "balances")] impl Balances { .. }`.
pub(crate) struct Projection {
    pub(crate) krate: Path,
    /// The user's block, without our attributes.
    pub(crate) block: ItemImpl,
    /// None after a mistake in it, which has been reported.
    pub(crate) name: Option<LitStr>,
    /// The setting that keeps its checkpoint although its read model is elsewhere.
    pub(crate) resume: Option<Ident>,
    pub(crate) handlers: Vec<On>,
}

/// `#[on] fn opened(&mut self, e: AccountOpened<'_>)`
pub(crate) struct On {
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) method: Ident,
    pub(crate) receiver: syn::FnArg,
    pub(crate) changes_itself: bool,
    pub(crate) view: Type,
    /// What it takes after the event.
    pub(crate) arguments: Vec<Argument>,
    /// None when it returns nothing.
    pub(crate) output: Option<Type>,
}

/// What a handler may take besides the event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    Meta,
    Tables,
}

/// Where the read model lives: `varvedb::Home`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Memory,
    Tables,
    Elsewhere,
}

impl Projection {
    /// One handler that takes tables says where the whole read model lives.
    pub(crate) fn home(&self) -> Home {
        if self
            .handlers
            .iter()
            .any(|on| on.arguments.contains(&Argument::Tables))
        {
            Home::Tables
        } else if self.resume.is_some() {
            Home::Elsewhere
        } else {
            Home::Memory
        }
    }
}
