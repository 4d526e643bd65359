//! An aggregate's `impl` block.

use super::Snapshot;
use quote::format_ident;
use syn::{Attribute, Ident, ItemImpl, Path, Type, Visibility};

/// `#[aggregate(..)] impl Account { .. }`.
pub(crate) struct Aggregate {
    pub(crate) krate: Path,
    /// The user's block, without our attributes.
    pub(crate) block: ItemImpl,
    pub(crate) name: Ident,
    /// None after a mistake in the settings, which has been reported.
    pub(crate) definition: Option<Definition>,
    /// What `AccountCommand` derives.
    pub(crate) derives: Vec<Path>,
    /// When snapshots are taken, if ever.
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) applies: Vec<Apply>,
    /// The handler of `SubjectShredded`, which is no event of the aggregate's own.
    pub(crate) shredded: Option<Apply>,
    /// False when a handler was refused: its variant must not be reported as unhandled besides.
    pub(crate) is_complete: bool,
    pub(crate) commands: Vec<Command>,
}

/// What `#[aggregate(id = .., event = .., error = ..)]` says.
pub(crate) struct Definition {
    pub(crate) id: Type,
    pub(crate) event: Path,
    pub(crate) error: Type,
}

/// `#[apply] fn deposited(&mut self, e: AccountDeposited<'_>)`
pub(crate) struct Apply {
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) method: Ident,
    pub(crate) view: Type,
    /// `AccountDeposited`
    pub(crate) view_name: Ident,
    /// What it does.
    pub(crate) fingerprint: u64,
    pub(crate) variant: Ident,
    /// Whether it has no `self` and returns the state.
    pub(crate) creates: bool,
    pub(crate) takes_meta: bool,
}

/// `#[command] fn deposit(&self, amount: u64) -> Result<AccountEvent, BankError>`
pub(crate) struct Command {
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) method: Ident,
    /// `Deposit`
    pub(crate) variant: Ident,
    /// Whether it has no `self` and asks for an aggregate that does not exist yet.
    pub(crate) creates: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Type,
}

/// A parameter of a command, which is also a field of its variant.
pub(crate) struct Parameter {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

impl Apply {
    /// The view of the event by which the store says that somebody was shredded.
    pub(crate) const SHREDDED: &'static str = "SubjectShredded";
}

impl Aggregate {
    /// `AccountCommand`
    pub(crate) fn command_enum(&self) -> Ident {
        format_ident!("{}Command", self.name)
    }

    /// `AccountCommands`
    pub(crate) fn commands_trait(&self) -> Ident {
        format_ident!("{}Commands", self.name)
    }

    /// The generated enum and trait are as visible as the most visible command.
    pub(crate) fn commands_vis(&self) -> &Visibility {
        let commands = self.commands.iter().map(|command| &command.vis);
        commands
            .max_by_key(|vis| reach(vis))
            .unwrap_or(&Visibility::Inherited)
    }
}

fn reach(vis: &Visibility) -> u8 {
    match vis {
        Visibility::Public(_) => 3,
        Visibility::Restricted(restricted) if restricted.path.is_ident("crate") => 2,
        Visibility::Restricted(restricted) if !restricted.path.is_ident("self") => 1,
        Visibility::Restricted(_) | Visibility::Inherited => 0,
    }
}
