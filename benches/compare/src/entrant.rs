//! Who takes part, and what each means by durable.

use std::path::Path;

use crate::order::Elsewhere;
use crate::peer::Peer;
use crate::peers::cqrs_es::CqrsEs;
use crate::peers::eventcore::Eventcore;
use crate::peers::evento::Evento;
use crate::peers::ours::Ours;
use crate::peers::ours_typed::OursTyped;
use crate::peers::sierradb::Sierradb;
use crate::peers::umadb::Umadb;
use crate::peers::upstream::Upstream;
use crate::work::{Work, Worker};

/// One who takes part.
pub struct Entrant {
    pub name: &'static str,
    /// When an append is answered: how the disk is asked to keep it.
    pub durability: &'static str,
    /// The setting that makes it so.
    pub setting: &'static str,
    /// In what form a payload is stored, and what is checked when it is read.
    pub form: &'static str,
    /// Whether it appends, or reads only.
    pub appends: bool,
    pub open: fn(&Path) -> Box<dyn Work>,
}

/// The row all others are compared with.
pub const OURS: &str = "varvedb";

/// The row of loads and projections with types.
pub const OURS_TYPED: &str = "varvedb, typed";

pub const ENTRANTS: &[Entrant] = &[
    Entrant {
        name: OURS,
        durability: "fdatasync, group commit",
        setting: "default (`Durability::Sync`)",
        form: "bytes; checksums verified",
        appends: true,
        open: worker::<Ours>,
    },
    Entrant {
        name: OURS_TYPED,
        durability: "fdatasync, group commit",
        setting: "default (`Durability::Sync`)",
        form: "rkyv; checksums verified, archive validated",
        appends: false,
        open: worker::<OursTyped>,
    },
    Entrant {
        name: "varvedb 0.4.2 (upstream)",
        durability: "LMDB commit, one each",
        setting: "default (LMDB syncs); map of 4 GiB",
        form: "rkyv, handed over unread; nothing verified",
        appends: true,
        open: worker::<Upstream>,
    },
    Entrant {
        name: "umadb-core 0.7.8",
        durability: "fdatasync twice, group commit",
        setting: "default, behind its writer thread; page cache of 256 MB",
        form: "bytes; checksums of pages verified when read from the file",
        appends: true,
        open: worker::<Umadb>,
    },
    Entrant {
        name: "sierradb 0.3.1",
        durability: "fdatasync within 5 ms or 50 events",
        setting: "default; 4 buckets",
        form: "bytes, compressed where that is shorter; checksums verified",
        appends: true,
        open: worker::<Sierradb<false>>,
    },
    Entrant {
        name: "sierradb 0.3.1, eager",
        durability: "fdatasync, one each",
        setting: "`max_batch_size(1)`, `min_sync_bytes(1)`; 4 buckets",
        form: "bytes, compressed where that is shorter; checksums verified",
        appends: true,
        open: worker::<Sierradb<true>>,
    },
    Entrant {
        name: "evento 2.0.0-alpha.38 + fjall",
        durability: "fsync, one each",
        setting: "default (`PersistMode::SyncAll`)",
        form: "bitcode; decoded",
        appends: true,
        open: worker::<Evento>,
    },
    Entrant {
        name: "cqrs-es 0.5.0 + SQLite",
        durability: "fsync of the WAL, one each",
        setting: "`journal_mode = WAL`, `synchronous = FULL`; one connection",
        form: "JSON; decoded",
        appends: true,
        open: worker::<CqrsEs>,
    },
    Entrant {
        name: "eventcore 2.1.0 + SQLite",
        durability: "fsync of the WAL, one each",
        setting: "default (`journal_mode = WAL`; SQLite's own `synchronous = FULL`)",
        form: "JSON; decoded",
        appends: true,
        open: worker::<Eventcore>,
    },
    Entrant {
        name: "batpak 0.10.0",
        durability: "fdatasync, group commit",
        setting: "`sync_every_n_events(1)`, `SyncData`, `group_commit_max_batch(0)`, `DurabilityGate`",
        form: "MessagePack; decoded, checksums verified",
        appends: true,
        open: batpak,
    },
];

fn worker<P: Peer>(folder: &Path) -> Box<dyn Work> {
    Box::new(Worker::<P>::open(folder))
}

fn batpak(folder: &Path) -> Box<dyn Work> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/batpak/Cargo.toml");
    Box::new(Elsewhere::open(manifest, folder))
}
