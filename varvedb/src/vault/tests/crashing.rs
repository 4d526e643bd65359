//! Power may fail, or the process be killed, after every single operation, and again in the recovery from
//! that: no neighbour is lost, what was shredded stays so, what was promised is there.

use std::collections::HashSet;

use super::kit::{BILLING, GENERAL, master, open, owner, person, seal};
use super::simulation::{Op, Simulation, World};
use crate::vault::slot::{PAGE, Reading, SLOT, State};
use crate::vault::{KeyRing, Vault};

/// Persons 0 to 6 have one key each: the first four share a sector.
const PERSONS: u64 = 7;
const VICTIM: u64 = 2;

/// A vault before something is done to it, and boxes that were sealed with its keys.
struct Before {
    world: World,
    boxes: Vec<Vec<u8>>,
    is_external: bool,
}

impl Before {
    fn new(persons: u64, is_external: bool) -> Self {
        let simulation = Simulation::default();
        let vault = simulation.open(ring(), is_external).unwrap();
        let boxes = (0..persons).map(|number| seal(&vault, number, GENERAL));
        Self {
            boxes: boxes.collect(),
            world: simulation.world(),
            is_external,
        }
    }

    fn open(&self, simulation: &Simulation) -> Result<Vault, String> {
        let vault = simulation.open(ring(), self.is_external);
        vault.map_err(|error| error.to_string())
    }

    /// What is done, operation by operation.
    fn run(&self, syncs_late: bool, act: impl FnOnce(&Vault)) -> Vec<Op> {
        let mut simulation = Simulation::of(self.world.clone());
        let vault = self.open(&simulation).unwrap();
        let opening = simulation.ops().len();
        drop(vault);
        simulation.syncs_late = syncs_late;
        let vault = self.open(&simulation).unwrap();
        act(&vault);
        simulation.ops().split_off(opening)
    }

    /// Breaks off after every operation, and again after every operation of the recovery; then judges what
    /// the recovery after that makes of it. `judge` is told how many operations were done at least.
    fn break_off(&self, ops: &[Op], judge: &dyn Fn(&Aftermath<'_>) -> Result<(), String>) -> Toll {
        let mut toll = Toll::default();
        for done in 0..=ops.len() {
            let ops = &ops[..done];
            let mut worlds = HashSet::new(); // different ways often lead to the same one
            for world in self.world.after_power_cut(ops) {
                let recovery = self.recover(&world, ops, judge, &mut toll);
                for again in 0..recovery.len() {
                    worlds.extend(world.after_power_cut(&recovery[..again]));
                }
            }
            worlds.extend(self.after_kill(ops, judge, &mut toll));
            for world in worlds {
                self.recover(&world, ops, judge, &mut toll);
            }
        }
        toll
    }

    /// A process is killed, so that nothing is lost yet; power fails while the next one recovers.
    fn after_kill(
        &self,
        ops: &[Op],
        judge: &dyn Fn(&Aftermath<'_>) -> Result<(), String>,
        toll: &mut Toll,
    ) -> Vec<World> {
        let mut written = self.world.clone();
        for op in ops {
            written.apply(op);
        }
        let recovery = self.recover(&written, ops, judge, toll);
        let worlds = (0..recovery.len()).flat_map(|again| {
            let all: Vec<Op> = ops.iter().chain(&recovery[..again]).cloned().collect();
            self.world.after_power_cut(&all)
        });
        worlds.collect()
    }

    /// Recovers, judges, and gives what the recovery did.
    fn recover(
        &self,
        world: &World,
        ops: &[Op],
        judge: &dyn Fn(&Aftermath<'_>) -> Result<(), String>,
        toll: &mut Toll,
    ) -> Vec<Op> {
        toll.worlds += 1;
        let simulation = Simulation::of(world.clone());
        let judged = self.open(&simulation).and_then(|vault| {
            let recovery = simulation.ops();
            let world = simulation.world();
            judge(&Aftermath {
                before: self,
                vault,
                world: &world,
                ops,
            })?;
            Ok(recovery)
        });
        judged.unwrap_or_else(|violation| {
            toll.violations.push(violation);
            Vec::new()
        })
    }
}

/// What is there after the last recovery.
struct Aftermath<'a> {
    before: &'a Before,
    vault: Vault,
    world: &'a World,
    /// What was done before it was broken off.
    ops: &'a [Op],
}

impl Aftermath<'_> {
    fn has_synced(&self, at: usize) -> bool {
        self.ops
            .iter()
            .any(|op| matches!(op, Op::Sync(of) if *of == at))
    }

    /// The boxes of all but the victim open, and both replicas say the same.
    fn neighbours(&self, victim: Option<u64>) -> Result<(), String> {
        for (number, sealed) in (0..).zip(&self.before.boxes) {
            if Some(number) != victim && self.is_shredded(sealed)? {
                return Err(format!("neighbour {number} is shredded"));
            }
        }
        let [a, b] = &self.world.replicas;
        let len = a.len().max(b.len());
        let padded = |replica: &Vec<u8>| [replica.clone(), vec![0; len - replica.len()]].concat();
        if padded(a) != padded(b) {
            return Err("the replicas differ after recovery".into());
        }
        Ok(())
    }

    fn is_shredded(&self, sealed: &[u8]) -> Result<bool, String> {
        let opened = open(&self.vault, sealed).map_err(|error| error.to_string())?;
        Ok(opened.is_none())
    }
}

#[derive(Debug, Default)]
struct Toll {
    worlds: usize,
    violations: Vec<String>,
}

impl Toll {
    #[track_caller]
    fn is_nothing_of(&self, least: usize) {
        assert!(self.worlds >= least, "only {} worlds", self.worlds);
        let first = self.violations.first();
        let count = self.violations.len();
        assert_eq!(count, 0, "of {} worlds, the first: {first:?}", self.worlds);
    }
}

fn ring() -> KeyRing {
    KeyRing::new(master(1)).with_older(master(2))
}

/// The wrapped key of a person, as it lies in the slots.
fn wrapped(world: &World, slot: usize) -> Vec<u8> {
    let at = usize::try_from(PAGE).unwrap() + slot * SLOT;
    world.replicas[0][at + 48..at + 108].to_vec()
}

fn judge_erasure(after: &Aftermath<'_>) -> Result<(), String> {
    after.neighbours(Some(VICTIM))?;
    let is_shredded = after.is_shredded(&after.before.boxes[2])?;
    if after.has_synced(0) && !is_shredded {
        return Err("shredded, and there again".into());
    }
    let key = wrapped(&after.before.world, 2);
    if is_shredded && after.world.contains(&key) {
        return Err("shredded, and its wrapped key still there".into());
    }
    Ok(())
}

/// Only what is done after the vault was opened counts.
fn after_opening(before: &Before, ops: Vec<Op>) -> Vec<Op> {
    let simulation = Simulation::of(before.world.clone());
    drop(before.open(&simulation).unwrap());
    ops.into_iter().skip(simulation.ops().len()).collect()
}

#[test]
fn shredding_survives_every_power_cut() {
    let before = Before::new(PERSONS, false);
    let ops = before.run(false, |vault| {
        vault.erase(&person(VICTIM), None).unwrap();
    });
    let ops = after_opening(&before, ops);
    assert_eq!(ops.len(), 4, "A, sync, B, sync: {ops:?}");
    before.break_off(&ops, &judge_erasure).is_nothing_of(40);
}

#[test]
fn shredding_two_keys_in_two_sectors_survives_every_power_cut() {
    let mut before = Before::new(PERSONS, false);
    let simulation = Simulation::of(before.world.clone());
    seal(&before.open(&simulation).unwrap(), VICTIM, BILLING);
    before.world = simulation.world();
    let ops = before.run(false, |vault| {
        assert_eq!(vault.erase(&person(VICTIM), None).unwrap().keys_erased, 2);
    });
    let ops = after_opening(&before, ops);
    let toll = before.break_off(&ops, &|after| {
        judge_erasure(after)?;
        let key = wrapped(&after.before.world, 7);
        let is_synced = after.has_synced(0);
        if is_synced && after.world.contains(&key) {
            return Err("the other key is still there".into());
        }
        Ok(())
    });
    toll.is_nothing_of(200);
}

/// The control: were `A` not durable before `B` is touched, neighbours would be lost.
#[test]
fn were_a_synced_late_neighbours_would_be_lost() {
    let before = Before::new(PERSONS, false);
    let ops = before.run(true, |vault| {
        vault.erase(&person(VICTIM), None).unwrap();
    });
    let ops = after_opening(&before, ops);
    let toll = before.break_off(&ops, &judge_erasure);
    let lost = toll.violations.iter();
    let lost = lost.filter(|what| what.contains("damaged in both replicas"));
    assert!(lost.count() > 0, "{toll:?}");
}

/// The control: were a live key in `B` to beat its tombstone in `A`, a person would come back.
#[test]
fn did_a_tombstone_not_win_a_person_would_come_back() {
    let before = Before::new(PERSONS, false);
    let ops = before.run(false, |vault| {
        vault.erase(&person(VICTIM), None).unwrap();
    });
    let ops = after_opening(&before, ops);
    let mut returned = 0;
    for done in 0..ops.len() {
        for mut world in before.world.after_power_cut(&ops[..done]) {
            let_the_living_win(&mut world);
            let vault = before.open(&Simulation::of(world)).unwrap();
            let is_synced = ops[..done].iter().any(|op| matches!(op, Op::Sync(0)));
            let is_back = open(&vault, &before.boxes[2]).unwrap().is_some();
            returned += usize::from(is_synced && is_back);
        }
    }
    assert!(returned > 0);
}

fn let_the_living_win(world: &mut World) {
    let [a, b] = &mut world.replicas;
    let first = usize::try_from(PAGE).unwrap();
    for at in (first..b.len()).step_by(SLOT) {
        let state = |replica: &[u8]| {
            let bytes = replica[at..at + SLOT].try_into().unwrap();
            match Reading::of(&bytes) {
                Reading::Slot(slot) => Some(slot.state),
                _ => None,
            }
        };
        if state(a) == Some(State::Erased) && state(b) == Some(State::Live) {
            a[at..at + SLOT].copy_from_slice(&b[at..at + SLOT]);
        }
    }
}

#[test]
fn new_keys_survive_every_power_cut_once_they_were_given_out() {
    let before = Before::new(PERSONS, false);
    let owners: Vec<_> = (10..13).map(|number| owner(number, GENERAL)).collect();
    let ops = before.run(false, |vault| {
        vault.keys_for(&owners).unwrap();
    });
    let ops = after_opening(&before, ops);
    let toll = before.break_off(&ops, &|after| {
        after.neighbours(None)?;
        let is_done = after.ops.len() == ops.len();
        for number in 10..13 {
            let has_key = !after.vault.subject_keys(&person(number)).is_empty();
            if is_done && !has_key {
                return Err(format!("the key of {number} was given out, and is lost"));
            }
        }
        let asked_again = after.vault.keys_for(&owners);
        asked_again.map(drop).map_err(|error| error.to_string())
    });
    toll.is_nothing_of(200);
}

#[test]
fn enrolling_survives_every_power_cut() {
    let mut before = Before::new(PERSONS, false);
    let simulation = Simulation::of(before.world.clone());
    let vault = before.open(&simulation).unwrap();
    vault.erase(&person(VICTIM), None).unwrap();
    before.world = simulation.world();
    let ops = before.run(false, |vault| {
        vault.reenroll(&person(VICTIM), None).unwrap();
    });
    let ops = after_opening(&before, ops);
    let toll = before.break_off(&ops, &|after| {
        after.neighbours(Some(VICTIM))?;
        if !after.is_shredded(&after.before.boxes[2])? {
            return Err("enrolling brought an old key back".into());
        }
        let is_done = after.ops.len() == ops.len();
        let gets_key = after.vault.keys_for(&[owner(VICTIM, GENERAL)]).is_ok();
        if is_done && !gets_key {
            return Err("enrolled, and forgotten".into());
        }
        Ok(())
    });
    toll.is_nothing_of(40);
}

/// Nothing of the old master key is left when it returns.
#[test]
fn another_master_key_survives_every_power_cut() {
    let mut before = Before::new(4, false);
    // From master key 2 to 1, which is current after the restart; then the other way round.
    let simulation = Simulation::default();
    let vault = simulation.open(master(2), false).unwrap();
    before.boxes = (0..4).map(|number| seal(&vault, number, GENERAL)).collect();
    before.world = simulation.world();
    let ops = before.run(false, |vault| {
        assert_eq!(vault.rotate_master_key().unwrap(), master(1).id());
    });
    let ops = after_opening(&before, ops);
    let toll = before.break_off(&ops, &|after| {
        after.neighbours(None)?;
        let is_done = after.ops.len() == ops.len();
        let only_new = Simulation::of(after.world.clone()).open(master(1), false);
        if is_done && only_new.is_err() {
            return Err("the new master key does not open it".into());
        }
        let only_old = Simulation::of(after.world.clone()).open(master(2), false);
        if is_done && only_old.is_ok() {
            return Err("the old master key still opens it".into());
        }
        Ok(())
    });
    toll.is_nothing_of(200);
}

#[test]
fn a_new_root_survives_every_power_cut() {
    for is_external in [false, true] {
        let before = Before::new(4, is_external);
        let old = wrapped(&before.world, 1);
        let ops = before.run(false, |vault| {
            assert_eq!(vault.roll_root(&mut |_| {}).unwrap(), 1);
        });
        let ops = after_opening(&before, ops);
        let toll = before.break_off(&ops, &|after| {
            after.neighbours(None)?;
            let is_done = after.ops.len() == ops.len();
            if is_done && after.world.contains(&old) {
                return Err("a key is still wrapped under the old root".into());
            }
            if is_done && is_external && after.world.roots.contains(&0) {
                return Err("the old root is still there".into());
            }
            Ok(())
        });
        toll.is_nothing_of(300);
    }
}

#[test]
fn a_new_vault_survives_every_power_cut() {
    for is_external in [false, true] {
        let simulation = Simulation::default();
        let id = simulation.open(ring(), is_external).unwrap().vault_id();
        let ops = simulation.ops();
        let before = Before {
            world: World::default(),
            boxes: Vec::new(),
            is_external,
        };
        let toll = before.break_off(&ops, &|after| {
            after.neighbours(None)?;
            let is_done = after.ops.len() == ops.len();
            if is_done && after.vault.vault_id() != id {
                return Err("it was made a second time".into());
            }
            let sealed = seal(&after.vault, 1, GENERAL);
            after.is_shredded(&sealed).map(drop)
        });
        toll.is_nothing_of(100);
    }
}

/// What recovery has mended once needs no mending.
#[test]
fn recovery_comes_to_an_end() {
    let before = Before::new(PERSONS, false);
    let ops = before.run(false, |vault| {
        vault.erase(&person(VICTIM), None).unwrap();
    });
    let ops = after_opening(&before, ops);
    for done in 0..=ops.len() {
        for world in before.world.after_power_cut(&ops[..done]) {
            let first = Simulation::of(world);
            drop(before.open(&first).unwrap());
            let second = Simulation::of(first.world());
            drop(before.open(&second).unwrap());
            let writes = second.ops();
            let writes = writes.iter().filter(|op| matches!(op, Op::Write(..)));
            assert_eq!(writes.count(), 0);
        }
    }
}
