//! Bytes that are not what was written: mended from the other replica, or an error; never a panic, and
//! never a shredded person.

use proptest::prelude::*;

use super::kit::{GENERAL, master, open, person, seal};
use super::simulation::{Simulation, World};
use crate::vault::VaultError;
use crate::vault::slot::{PAGE, SLOT};

/// A vault with a live slot, a tombstone and an enrolment, and the box of the live one.
fn vault() -> (World, Vec<u8>) {
    let simulation = Simulation::default();
    let vault = simulation.open(master(1), false).unwrap();
    let sealed = seal(&vault, 1, GENERAL);
    seal(&vault, 2, GENERAL);
    vault.erase(&person(2), None).unwrap();
    vault.reenroll(&person(2), None).unwrap();
    (simulation.world(), sealed)
}

fn flip(world: &mut World, at: usize, bit: usize) {
    world.replicas[at][bit / 8] ^= 1 << (bit % 8);
}

fn slot_bits(slot: usize) -> impl Iterator<Item = usize> {
    let first = usize::try_from(PAGE).unwrap() + slot * SLOT;
    first * 8..(first + SLOT) * 8
}

#[test]
fn a_flipped_bit_in_one_replica_is_mended_from_the_other() {
    let (world, sealed) = vault();
    for bit in (0..3).flat_map(slot_bits) {
        for at in [0, 1] {
            let mut damaged = world.clone();
            flip(&mut damaged, at, bit);
            let simulation = Simulation::of(damaged);
            let vault = simulation.open(master(1), false).unwrap();
            assert!(open(&vault, &sealed).unwrap().is_some());
            assert_eq!(simulation.world(), world, "bit {bit} of {at}");
        }
    }
}

#[test]
fn the_same_bit_flipped_in_both_replicas_is_an_error_that_names_the_slot() {
    let (world, _) = vault();
    for number in 0..3 {
        for bit in slot_bits(number) {
            let mut damaged = world.clone();
            flip(&mut damaged, 0, bit);
            flip(&mut damaged, 1, bit);
            let refused = Simulation::of(damaged).open(master(1), false).unwrap_err();
            let slot = u32::try_from(number).unwrap();
            assert!(
                matches!(refused, VaultError::Corrupt { slot: found, .. } if found == slot),
                "bit {bit}: {refused}"
            );
        }
    }
}

#[test]
fn a_flipped_bit_in_the_first_page_is_mended_or_an_error() {
    let (world, sealed) = vault();
    // All of the fields and checksums, and some of the zeros between them.
    let is_zero =
        |bit: &usize| (56..504).contains(&(bit / 8 % 512)) && !(512..628).contains(&(bit / 8));
    for bit in (0..1536 * 8).filter(|bit| !is_zero(bit) || bit % 37 == 0) {
        let mut damaged = world.clone();
        flip(&mut damaged, 0, bit);
        let simulation = Simulation::of(damaged.clone());
        let vault = simulation.open(master(1), false).unwrap();
        assert_eq!(simulation.world(), world, "bit {bit}");
        drop(vault);
        flip(&mut damaged, 1, bit);
        let refused = Simulation::of(damaged).open(master(1), false);
        assert!(
            matches!(refused, Err(VaultError::Damaged { .. })),
            "bit {bit}: {refused:?}"
        );
    }
    let vault = Simulation::of(world).open(master(1), false).unwrap();
    assert!(open(&vault, &sealed).unwrap().is_some());
}

/// A key whose slot was exchanged with another's does not open anything.
#[test]
fn a_slot_does_not_hold_in_another_place() {
    let simulation = Simulation::default();
    let vault = simulation.open(master(1), false).unwrap();
    let sealed = [1, 2].map(|number| seal(&vault, number, GENERAL));
    let mut world = simulation.world();
    let first = usize::try_from(PAGE).unwrap();
    for replica in &mut world.replicas {
        let (one, other) = replica[first..].split_at_mut(SLOT);
        one.swap_with_slice(&mut other[..SLOT]);
    }
    let vault = Simulation::of(world).open(master(1), false).unwrap();
    for sealed in sealed {
        assert!(open(&vault, &sealed).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_a_vault_panic(
        a in prop::collection::vec(any::<u8>(), 0..6000),
        b in prop::collection::vec(any::<u8>(), 0..6000),
    ) {
        let world = World { replicas: [a, b], ..World::default() };
        drop(Simulation::of(world).open(master(1), false));
    }

    /// Bytes written over a good vault: it opens as it was or not at all, and nobody is shredded by it.
    #[test]
    fn no_bytes_over_a_vault_shred_anybody(
        bytes in prop::collection::vec(any::<u8>(), 1..600),
        at in 0..4700_usize,
        in_both: bool,
    ) {
        let (mut world, sealed) = vault();
        for replica in world.replicas.iter_mut().take(1 + usize::from(in_both)) {
            let end = replica.len().min(at + bytes.len());
            let start = at.min(end);
            replica[start..end].copy_from_slice(&bytes[..end - start]);
        }
        if let Ok(vault) = Simulation::of(world).open(master(1), false) {
            prop_assert!(!matches!(open(&vault, &sealed), Ok(None)));
        }
    }

    /// The replicas are cut short, each somewhere.
    #[test]
    fn no_shortened_replica_shreds_anybody(a in 0..5000_usize, b in 0..5000_usize) {
        let (mut world, sealed) = vault();
        world.replicas[0].truncate(a);
        world.replicas[1].truncate(b);
        if let Ok(vault) = Simulation::of(world).open(master(1), false) {
            prop_assert!(!matches!(open(&vault, &sealed), Ok(None)));
        }
    }
}
