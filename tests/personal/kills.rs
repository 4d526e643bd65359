//! SIGKILL at any moment of making keys, sealing and shredding: what was answered holds, and nobody else is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use varvedb::blocking::{Repository, Store};
use varvedb::{Category, LoadError, MasterKey, Pii, VaultOptions};

use crate::kit::{child, child_path};
use crate::people::*;

const ROUNDS: u64 = 60;

/// What the child was told of, over all rounds.
#[derive(Default)]
struct Told {
    saved: BTreeSet<u64>,
    asked: BTreeSet<u64>,
    shredded: BTreeSet<u64>,
}

#[test]
fn what_was_answered_holds_whenever_the_process_is_killed() {
    let registry = Registry::new();
    drop(registry.open());
    let mut told = Told::default();
    for round in 0..ROUNDS {
        let wait = Duration::from_micros(3_000 + round * 7919 % 60_000);
        run_and_kill(&registry, wait, &mut told);
        check(&registry.open(), &told);
    }
    assert!(
        told.shredded.len() > 10,
        "{} shreds were answered",
        told.shredded.len()
    );
}

fn run_and_kill(registry: &Registry, wait: Duration, told: &mut Told) {
    let mut writer = child("kills::child_that_registers_and_shreds", &registry.store());
    let writer = writer.env("MASTER", registry.master.to_hex().as_str());
    let mut writer = writer.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let killer = std::thread::spawn(move || {
        std::thread::sleep(wait);
        writer.kill().unwrap();
        writer.wait().unwrap();
    });
    for line in lines.map_while(Result::ok) {
        let Some((what, person)) = line.rsplit_once(' ') else {
            continue;
        };
        let Ok(person) = person.parse() else { continue };
        match what.rsplit_once(' ').map_or(what, |(_, what)| what) {
            "saved" => drop(told.saved.insert(person)),
            "asked" => drop(told.asked.insert(person)),
            "shredded" => drop(told.shredded.insert(person)),
            _ => {}
        }
    }
    killer.join().unwrap();
}

/// Everybody who was saved is there, everybody who was shredded is gone, and of nobody it is said twice.
fn check(store: &Store, told: &Told) {
    let category = Category::new("varve_subject").unwrap();
    let mut said = BTreeMap::new();
    for event in store.read_category(&category).to_vec().unwrap() {
        *said.entry(event.payload).or_insert(0) += 1;
    }
    assert!(
        said.values().all(|times| *times == 1),
        "a shred is written down once"
    );
    let mut gone = 0;
    for person in told.saved.iter().copied() {
        let loaded = Repository::new(store).load::<Person>(PersonId(person));
        let name = match loaded {
            Ok(loaded) => loaded.state().name.clone(),
            Err(LoadError::NotFound { .. }) => panic!("person {person} was saved"),
            Err(error) => panic!("person {person}: {error}"),
        };
        gone += usize::from(name.is_shredded());
        if told.shredded.contains(&person) {
            assert_eq!(name, Pii::Shredded, "person {person} was shredded");
        } else if !told.asked.contains(&person) {
            assert_eq!(name, Pii::Known(format!("Person {person}")));
        }
    }
    assert!(
        said.len() >= gone,
        "{gone} are gone, and {} are said to be",
        said.len()
    );
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_registers_and_shreds() {
    let path = child_path();
    let master = MasterKey::from_env("MASTER").unwrap();
    let vault = VaultOptions::new(path.with_file_name("people.keys"), master);
    let options = varvedb::Store::options().vault(vault);
    let store = Store::new(&options.open(path).unwrap());
    let people = Repository::new(&store);
    let first = u64::try_from(
        store
            .streams(&Category::new("person").unwrap(), None, usize::MAX)
            .unwrap()
            .len(),
    );
    let tell = |what: &str, person: u64| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{what} {person}").unwrap();
        out.flush().unwrap();
    };
    for person in first.unwrap().. {
        let id = PersonId(person);
        let mut new = people.fresh::<Person>(id);
        new.register(
            id,
            format!("Person {person}"),
            format!("{person}@example.org"),
        )
        .unwrap();
        new.invoice(address("Street"), 5).unwrap();
        people.save(&mut new).unwrap();
        tell("saved", person);
        if person % 3 == 1 {
            tell("asked", person - 1);
            let _ = store
                .shred(subject(PersonId(person - 1)))
                .reason(person.to_string())
                .run()
                .unwrap();
            tell("shredded", person - 1);
        }
    }
}
