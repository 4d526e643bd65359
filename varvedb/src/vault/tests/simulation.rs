//! A medium that loses power: what was not synced is there, or not, or half, or something else.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use super::kit::STORE;
use crate::vault::disk::{Disk, Replica};
use crate::vault::header::SECTOR;
use crate::vault::keeper::{KeeperError, RootId, RootKeeper, RootKey};
use crate::vault::lock::Epoch;
use crate::vault::media::{Media, MediaProbe};
use crate::vault::replicas::Replicas;
use crate::vault::{MasterKeys, Vault, VaultError, VaultOptions};

/// What survives: two replicas, and the epochs of the roots that are held elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) replicas: [Vec<u8>; 2],
    pub(super) roots: BTreeSet<u32>,
}

/// Something that was done to the world.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Write(usize, usize, Vec<u8>),
    Sync(usize),
    CreateRoot(u32),
    DestroyRoot(u32),
}

/// A world in use, and what was done to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Simulation {
    state: Arc<Mutex<(World, Vec<Op>)>>,
    /// The negative control: `A` is synced only when `B` was written too.
    pub(super) syncs_late: bool,
}

impl Simulation {
    pub(super) fn of(world: World) -> Self {
        Self {
            state: Arc::new(Mutex::new((world, Vec::new()))),
            syncs_late: false,
        }
    }

    /// Opens the vault in it, as after a restart.
    pub(super) fn open(
        &self,
        masters: impl MasterKeys + 'static,
        is_external: bool,
    ) -> Result<Vault, VaultError> {
        let mut options = VaultOptions::new("simulated", masters);
        if is_external {
            options = options.root_keeper(self.clone());
        }
        let paths = ["keys.a", "keys.b"].map(PathBuf::from);
        let replicas = Replicas::new(Box::new(self.clone()), paths, SECTOR as u64);
        Vault::recover(&options, replicas, Epoch::alone(), STORE, true)
    }

    pub(super) fn world(&self) -> World {
        self.lock().0.clone()
    }

    pub(super) fn ops(&self) -> Vec<Op> {
        self.lock().1.clone()
    }

    fn lock(&self) -> MutexGuard<'_, (World, Vec<Op>)> {
        self.state.lock().unwrap()
    }

    fn apply(&self, op: Op) {
        let (world, ops) = &mut *self.lock();
        world.apply(&op);
        ops.push(op);
    }
}

impl World {
    pub(super) fn apply(&mut self, op: &Op) {
        match op {
            Op::Write(at, offset, bytes) => put(&mut self.replicas[*at], *offset, bytes),
            Op::Sync(_) => {}
            Op::CreateRoot(epoch) => drop(self.roots.insert(*epoch)),
            Op::DestroyRoot(epoch) => drop(self.roots.remove(epoch)),
        }
    }

    /// Every world that a power cut after these operations may leave: of each sector that was written and
    /// not synced, what was there, what was written, something else, and either half of it.
    pub(super) fn after_power_cut(&self, ops: &[Op]) -> Vec<Self> {
        let (durable, written) = self.durable_and_written(ops);
        let mut worlds = vec![durable.clone()];
        for at in [0, 1] {
            for sector in 0..written.replicas[at].len().div_ceil(SECTOR) {
                let bytes = sector * SECTOR..(sector + 1) * SECTOR;
                let new = &written.replicas[at][bytes.clone()];
                let old = &durable.replicas[at][bytes.clone()];
                if old == new {
                    continue;
                }
                let fates = fates(old, new);
                worlds = worlds
                    .iter()
                    .flat_map(|world| {
                        fates.iter().map(|fate| {
                            let mut world = world.clone();
                            put(&mut world.replicas[at], bytes.start, fate);
                            world
                        })
                    })
                    .collect();
            }
        }
        worlds
    }

    /// What is surely there, and what would be if nothing were lost; of the same lengths.
    fn durable_and_written(&self, ops: &[Op]) -> (Self, Self) {
        let (mut durable, mut written) = (self.clone(), self.clone());
        for op in ops {
            written.apply(op);
            match op {
                Op::Sync(at) => durable.replicas[*at] = written.replicas[*at].clone(),
                Op::Write(..) => {}
                root => durable.apply(root),
            }
        }
        for at in [0, 1] {
            let len = written.replicas[at].len().next_multiple_of(SECTOR);
            written.replicas[at].resize(len, 0);
            durable.replicas[at].resize(len, 0);
        }
        (durable, written)
    }

    /// Whether these bytes lie anywhere in the replicas.
    pub(super) fn contains(&self, bytes: &[u8]) -> bool {
        let mut replicas = self.replicas.iter();
        replicas.any(|replica| replica.windows(bytes.len()).any(|window| window == bytes))
    }
}

fn fates(old: &[u8], new: &[u8]) -> [Vec<u8>; 5] {
    let half = SECTOR / 2;
    let garbage =
        (0..SECTOR).map(|at| u8::try_from((at * 167 + at / 7 + 91) % 256).unwrap_or_default());
    [
        old.to_vec(),
        new.to_vec(),
        garbage.collect(),
        [&new[..half], &old[half..]].concat(),
        [&old[..half], &new[half..]].concat(),
    ]
}

fn put(replica: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if replica.len() < end {
        replica.resize(end, 0);
    }
    replica[offset..end].copy_from_slice(bytes);
}

fn number(at: Replica) -> usize {
    match at {
        Replica::A => 0,
        Replica::B => 1,
    }
}

impl Disk for Simulation {
    fn len(&self, at: Replica) -> io::Result<u64> {
        Ok(self.lock().0.replicas[number(at)].len() as u64)
    }

    fn read(&self, at: Replica, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let state = self.lock();
        let there = &state.0.replicas[number(at)];
        let there = there
            .get(usize::try_from(offset).unwrap()..)
            .unwrap_or_default();
        let len = there.len().min(bytes.len());
        bytes[..len].copy_from_slice(&there[..len]);
        bytes[len..].fill(0);
        Ok(())
    }

    fn write(&self, at: Replica, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        self.apply(Op::Write(number(at), offset, bytes.to_vec()));
        Ok(())
    }

    fn sync(&self, at: Replica) -> io::Result<()> {
        match at {
            Replica::A if self.syncs_late => {}
            Replica::B if self.syncs_late => {
                self.apply(Op::Sync(0));
                self.apply(Op::Sync(1));
            }
            _ => self.apply(Op::Sync(number(at))),
        }
        Ok(())
    }

    fn probe(&self, _: Replica, _: u64, _: u64) -> Option<MediaProbe> {
        None
    }

    fn probed(&self, _: Replica, _: MediaProbe) -> Media {
        Media::Unknown
    }
}

impl RootKeeper for Simulation {
    fn create(&self, RootId { epoch, .. }: RootId) -> Result<(), KeeperError> {
        self.apply(Op::CreateRoot(epoch));
        Ok(())
    }

    fn load(&self, RootId { epoch, .. }: RootId) -> Result<RootKey, KeeperError> {
        let is_there = self.lock().0.roots.contains(&epoch);
        let root = is_there.then(|| RootKey::new([100 + u8::try_from(epoch).unwrap(); 32]));
        root.ok_or_else(|| KeeperError::failed("there is no such root"))
    }

    fn destroy(&self, RootId { epoch, .. }: RootId) -> Result<(), KeeperError> {
        self.apply(Op::DestroyRoot(epoch));
        Ok(())
    }
}
