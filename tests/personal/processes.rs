//! Another process that has a key in its memory does not keep it.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use varvedb::MasterKey;
use varvedb::blocking::Store;

use crate::kit::{child, child_path};
use crate::people::*;

#[test]
fn a_process_that_has_the_key_at_hand_reads_shredded_at_its_next_look() {
    let registry = Registry::new();
    let store = registry.open_with_people();
    let mut reader = child("processes::child_that_reads_ada", &registry.store());
    let reader = reader.env("MASTER", registry.master.to_hex().as_str());
    let mut reader = reader
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut asked = reader.stdin.take().unwrap();
    let mut lines = BufReader::new(reader.stdout.take().unwrap()).lines();
    let mut answer = || {
        writeln!(asked, "look").unwrap();
        let mut said = lines.by_ref().map(Result::unwrap);
        said.find_map(|line| line.split_once("name: ").map(|(_, name)| name.to_owned()))
            .unwrap()
    };
    assert_eq!(answer(), "Ada Marker");
    let _ = store.shred(subject(ADA)).run().unwrap();
    assert_eq!(answer(), "gone");
    drop(asked);
    reader.wait().unwrap();
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_reads_ada() {
    let path = child_path();
    let master = MasterKey::from_env("MASTER").unwrap();
    let vault = path.with_file_name("people.keys");
    let options = varvedb::Store::options().vault(varvedb::VaultOptions::new(vault, master));
    let store = Store::new(&options.open_read_only(path).unwrap());
    for line in std::io::stdin().lines() {
        line.unwrap();
        println!("name: {}", load(&store, ADA).name.str_or("gone"));
    }
}
