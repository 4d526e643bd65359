//! SIGKILL between any two steps of what is done to keys, and between any two of the opening after that: it has not begun, or
//! is completed; neighbours lose nothing.

use std::path::Path;

use varvedb::blocking::{Repository, Store};
use varvedb::{Category, KeyRing, LoadError, MasterKey, Pii, StoreOptions, VaultOptions};

use crate::club::*;
use crate::kit::child_path;
use crate::people::*;
use crate::step::{Act, Drawer, Steps};

const CLEO: PersonId = PersonId(3);
const REGISTER: Act = Act("interrupted::child_that_registers");
const SHRED: Act = Act("interrupted::child_that_shreds");
const SHRED_AND_ROLL: Act = Act("interrupted::child_that_shreds_and_rolls");
const ROTATE: Act = Act("interrupted::child_that_rotates");
const ROLL: Act = Act("interrupted::child_that_rolls");
const ROLL_ELSEWHERE: Act = Act("interrupted::child_that_rolls_a_root_held_elsewhere");
const OPEN: Act = Act("interrupted::child_that_opens");

/// Ada and Bob, in events, snapshots and rows; and what everything was like before something was done.
struct Before {
    registry: Registry,
    people: [Known; 2],
}

/// All that is known of a person, wherever it is.
#[derive(Debug, PartialEq)]
struct Known {
    person: Person,
    member: Member,
    entry: Entry,
}

impl Known {
    fn of(store: &Store, id: PersonId) -> Self {
        Self {
            person: load(store, id),
            member: member(store, id).0,
            entry: entry(store, id),
        }
    }

    /// Whether nothing, or everything, of it is gone; an error if it is something between.
    fn is_gone(&self) -> Result<bool, String> {
        let Person {
            name,
            email,
            address,
            phones,
            ..
        } = &self.person;
        let mut gone = vec![name.is_shredded(), email.is_shredded()];
        gone.extend(address.iter().map(Pii::is_shredded));
        gone.extend(phones.iter().map(Pii::is_shredded));
        gone.push(self.member.name.is_shredded());
        gone.extend(self.member.address.iter().map(Pii::is_shredded));
        gone.push(self.entry.name.is_shredded());
        gone.extend(self.entry.phones.iter().map(Pii::is_shredded));
        match gone.iter().filter(|is_gone| **is_gone).count() {
            0 => Ok(false),
            all if all == gone.len() => Ok(true),
            _ => Err(format!("half of it is gone: {self:?}")),
        }
    }
}

impl Before {
    fn new(options: impl Fn(&Path) -> StoreOptions) -> Self {
        let registry = Registry::new();
        std::fs::create_dir(registry.folder().join("before")).unwrap();
        let store = Self::store(&registry);
        let open = Store::new(&options(&store).open(&store).unwrap());
        Registry::register_people(&open);
        catch_up(&open);
        let people = [ADA, BOB].map(|id| Known::of(&open, id));
        Self { registry, people }
    }

    fn store(registry: &Registry) -> std::path::PathBuf {
        registry.folder().join("before/people.varve")
    }

    /// Does it on a copy, up to this step.
    fn interrupted(&self, act: &Act, stop_at: Option<usize>) -> Interrupted {
        let place = tempfile::tempdir().unwrap();
        copy_folder(&self.registry.folder().join("before"), place.path());
        let steps = act.run(&place.path().join("people.varve"), stop_at);
        Interrupted { place, steps }
    }

    /// Does it on copies, once for each step it has, killed there.
    fn interrupted_everywhere(&self, act: &Act) -> impl Iterator<Item = Interrupted> {
        let steps = self.interrupted(act, None).steps.len();
        assert!(steps > 4, "the child tells its steps");
        (0..steps).map(|step| self.interrupted(act, Some(step)))
    }

    fn is_as_it_was(&self, store: &Store, id: PersonId) -> Result<(), String> {
        let was = &self.people[usize::try_from(id.0 - 1).unwrap()];
        let is = Known::of(store, id);
        if is == *was {
            Ok(())
        } else {
            Err(format!("{was:?} has become {is:?}"))
        }
    }

    /// Of Bob nothing is gone but what he said of Ada.
    fn bob_lost_nothing_of_his(&self, store: &Store) -> Result<(), String> {
        let mut bob = Known::of(store, BOB);
        let was = &self.people[1];
        if bob.person.friend_names == [Pii::Shredded] {
            bob.person.friend_names.clone_from(&was.person.friend_names);
            bob.member.friend_name = was.member.friend_name.clone();
        }
        if bob == *was {
            Ok(())
        } else {
            Err(format!("Bob was {was:?}, and is {bob:?}"))
        }
    }
}

/// What a killed process left.
struct Interrupted {
    place: tempfile::TempDir,
    /// What it had done.
    steps: Vec<String>,
}

impl Interrupted {
    fn store(&self) -> std::path::PathBuf {
        self.place.path().join("people.varve")
    }

    fn open(&self, options: &StoreOptions) -> Store {
        let opened = options.clone().open(self.store());
        Store::new(&opened.unwrap_or_else(|error| panic!("after {:?}: {error}", self.steps)))
    }

    fn has(&self, step: &str) -> bool {
        self.steps.iter().any(|known| known == step)
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.place.path().join("people.keys").join(name)).unwrap()
    }

    /// The wrapped keys of the slots that are not what they were before.
    fn wrapped_keys_that_were(&self, before: &Before) -> Vec<Vec<u8>> {
        let before = before.registry.folder().join("before/people.keys/keys.a");
        let (before, after) = (std::fs::read(before).unwrap(), self.file("keys.a"));
        let slots = before.chunks(128).zip(after.chunks(128)).skip(32);
        let others = slots.filter(|(before, after)| before != after);
        others.map(|(before, _)| before[48..108].to_vec()).collect()
    }
}

/// The master key of all these stories, and the one after it.
fn masters() -> [MasterKey; 2] {
    [1, 2].map(|byte| MasterKey::new([byte; 32]))
}

fn vault(store: &Path, masters: impl varvedb::MasterKeys + 'static) -> VaultOptions {
    VaultOptions::new(store.with_file_name("people.keys"), masters)
}

fn plain(store: &Path) -> StoreOptions {
    let [master, _] = masters();
    varvedb::Store::options().vault(vault(store, master))
}

fn with_drawer(store: &Path) -> StoreOptions {
    let [master, _] = masters();
    varvedb::Store::options().vault(vault(store, master).root_keeper(Drawer::beside(store)))
}

fn with_both(store: &Path) -> StoreOptions {
    let [master, new] = masters();
    varvedb::Store::options().vault(vault(store, KeyRing::new(new).with_older(master)))
}

fn shreds(store: &Store) -> usize {
    let category = Category::new("varve_subject").unwrap();
    store.read_category(&category).to_vec().unwrap().len()
}

/// Ada is wholly there or wholly gone, which it must be if it was begun; the log says so once; of others nothing is lost.
fn judge_shred(before: &Before, store: &Store, is_begun: bool) -> Result<(), String> {
    before.bob_lost_nothing_of_his(store)?;
    let is_gone = Known::of(store, ADA).is_gone()?;
    let shreds = shreds(store);
    match (is_begun, is_gone) {
        (true, false) => return Err("Ada was shredded, and is there again".into()),
        (false, true) => return Err("nobody has shredded Ada".into()),
        (false, false) => before.is_as_it_was(store, ADA)?,
        (true, true) => {}
    }
    if shreds == usize::from(is_gone) {
        Ok(())
    } else {
        Err(format!("the log says {shreds} times that Ada is gone"))
    }
}

/// Asked for again it is completed, and its keys are nowhere.
fn shred_again(before: &Before, interrupted: &Interrupted, store: &Store, is_begun: bool) {
    let receipt = store.shred(subject(ADA)).run().unwrap();
    let erased = if is_begun { 0 } else { 2 };
    assert_eq!((receipt.keys_erased, receipt.keys_gone), (erased, 2));
    let cleared = (receipt.snapshots_removed, receipt.rows_cleared);
    assert_eq!(cleared == (0, 0), is_begun, "the opening cleared them");
    judge_shred(before, store, true).unwrap();
    let keys = interrupted.wrapped_keys_that_were(before);
    assert!(keys.len() >= 2);
    for key in keys {
        assert!(files_with(interrupted.place.path(), &key).is_empty());
    }
}

#[test]
fn a_shred_that_is_killed_at_any_step_has_not_begun_or_is_completed() {
    let before = Before::new(plain);
    let steps = before.interrupted(&SHRED, None).steps;
    let expected = [
        "began",
        "wrote A",
        "wrote A",
        "synced A",
        "wrote B",
        "wrote B",
        "synced B",
        "wrote to the log",
        "synced the log",
        "cleared snapshots and rows",
        "answered",
    ];
    assert_eq!(steps, expected, "two keys, for two purposes");
    for interrupted in before.interrupted_everywhere(&SHRED) {
        let is_begun = interrupted.has("wrote A");
        let was = std::fs::read(before.registry.folder().join("before/people.keys/keys.b"));
        let was = was.unwrap();
        assert_eq!(interrupted.file("keys.a") != was, is_begun);
        assert_eq!(
            interrupted.file("keys.b") != was,
            interrupted.has("wrote B")
        );
        let store = interrupted.open(&plain(&interrupted.store()));
        let judged = judge_shred(&before, &store, is_begun);
        assert_eq!(judged, Ok(()), "after {:?}", interrupted.steps);
        shred_again(&before, &interrupted, &store, is_begun);
    }
}

#[test]
fn a_shred_is_completed_though_the_opening_that_completes_it_is_killed_at_any_step() {
    let before = Before::new(plain);
    for step in [
        "wrote A",
        "synced A",
        "wrote B",
        "synced B",
        "wrote to the log",
        "synced the log",
    ] {
        let steps = before.interrupted(&SHRED, None).steps;
        let first = steps.iter().position(|known| known == step);
        let mut killed = 0;
        loop {
            let interrupted = before.interrupted(&SHRED, first);
            let opening = OPEN.run(&interrupted.store(), Some(killed));
            let store = interrupted.open(&plain(&interrupted.store()));
            let judged = judge_shred(&before, &store, true);
            assert_eq!(judged, Ok(()), "after {step}, then {opening:?}");
            if opening.len() <= killed {
                break;
            }
            killed += 1;
        }
        assert!(killed > 5, "killed {killed} times");
    }
}

/// The control: what the judge is there for is seen by it.
#[test]
fn were_a_shred_lost_doubled_or_not_told_it_would_be_seen() {
    let before = Before::new(plain);
    let steps = before.interrupted(&SHRED, None).steps;
    let at = |step: &str| before.interrupted(&SHRED, steps.iter().position(|known| known == step));
    // A vault that forgets a flushed tombstone.
    let interrupted = at("synced A");
    let a = interrupted.place.path().join("people.keys/keys.a");
    std::fs::write(a, interrupted.file("keys.b")).unwrap();
    let store = interrupted.open(&plain(&interrupted.store()));
    let judged = judge_shred(&before, &store, interrupted.has("wrote A"));
    assert_eq!(judged, Err("Ada was shredded, and is there again".into()));
    drop(store);
    // A store that completes nothing: this one may not write.
    let interrupted = at("synced B");
    let reading = plain(&interrupted.store()).open_read_only(interrupted.store());
    let judged = judge_shred(&before, &Store::new(&reading.unwrap()), true);
    assert_eq!(judged, Err("the log says 0 times that Ada is gone".into()));
    // A store that writes down what was written down.
    let store = interrupted.open(&plain(&interrupted.store()));
    let _ = store.reenroll(subject(ADA)).run().unwrap();
    let judged = judge_shred(&before, &store, true);
    assert_eq!(judged, Err("the log says 2 times that Ada is gone".into()));
}

#[test]
fn a_shred_with_the_root_held_elsewhere_is_completed_from_any_step() {
    let before = Before::new(with_drawer);
    for interrupted in before.interrupted_everywhere(&SHRED_AND_ROLL) {
        let is_begun = interrupted.has("wrote A");
        let store = interrupted.open(&with_drawer(&interrupted.store()));
        let judged = judge_shred(&before, &store, is_begun);
        assert_eq!(judged, Ok(()), "after {:?}", interrupted.steps);
        // The opening has rolled the root if the shred owed it.
        let drawer = Drawer::beside(&interrupted.store());
        let after = format!("after {:?}", interrupted.steps);
        assert_eq!(drawer.epochs().len(), 1, "{after}");
        assert_eq!(drawer.epochs() != ["0"], is_begun, "{after}");
        shred_again(&before, &interrupted, &store, is_begun);
        assert_eq!(drawer.epochs().len(), 1, "{after}");
        assert_ne!(drawer.epochs(), ["0"], "{after}");
    }
}

#[test]
fn new_keys_are_lost_or_used_and_no_data_without_them() {
    let before = Before::new(plain);
    for interrupted in before.interrupted_everywhere(&REGISTER) {
        let store = interrupted.open(&plain(&interrupted.store()));
        let after = format!("after {:?}", interrupted.steps);
        for id in [ADA, BOB] {
            assert_eq!(before.is_as_it_was(&store, id), Ok(()), "{after}");
        }
        let cleo = Repository::new(&store).load::<Person>(CLEO);
        assert_eq!(cleo.is_ok(), interrupted.has("wrote to the log"), "{after}");
        match cleo {
            Ok(cleo) => assert_eq!(cleo.state().name, Pii::from("Cleo Marker"), "{after}"),
            Err(LoadError::NotFound { .. }) => register_cleo(&store),
            Err(error) => panic!("{after}: {error}"),
        }
        assert_eq!(
            load(&store, CLEO).address,
            Some(address("Cleo Street").into())
        );
        let receipt = store.shred(subject(CLEO)).run().unwrap();
        assert_eq!(receipt.keys_erased, 2, "{after}: one for each purpose");
    }
}

#[test]
fn a_master_key_that_is_rotated_is_the_old_one_or_the_new_one_at_any_step() {
    let before = Before::new(plain);
    for interrupted in before.interrupted_everywhere(&ROTATE) {
        let after = format!("after {:?}", interrupted.steps);
        let path = interrupted.store();
        let store = interrupted.open(&with_both(&path));
        for id in [ADA, BOB] {
            assert_eq!(before.is_as_it_was(&store, id), Ok(()), "{after}");
        }
        drop(store);
        let opens = |master: &MasterKey| {
            let options = varvedb::Store::options().vault(vault(&path, master.clone()));
            options.open(&path).is_ok()
        };
        let one_of_them = masters().map(|master| opens(&master));
        let is_new = interrupted.has("wrote A");
        assert_eq!(one_of_them, [!is_new, is_new], "{after}");
        let store = interrupted.open(&with_both(&path));
        store.keys().unwrap().rotate_master_key().unwrap();
        drop(store);
        assert_eq!(masters().map(|master| opens(&master)), [false, true]);
    }
}

#[test]
fn a_root_that_is_rolled_is_whole_from_any_step() {
    for (act, options) in [
        (ROLL, plain as fn(&Path) -> StoreOptions),
        (ROLL_ELSEWHERE, with_drawer),
    ] {
        let before = Before::new(options);
        for interrupted in before.interrupted_everywhere(&act) {
            let after = format!("after {:?}", interrupted.steps);
            let store = interrupted.open(&options(&interrupted.store()));
            for id in [ADA, BOB] {
                assert_eq!(before.is_as_it_was(&store, id), Ok(()), "{after}");
            }
            // The opening finishes what had begun; then there is nothing of the old root.
            let is_begun = interrupted.has("wrote A");
            let keys = interrupted.wrapped_keys_that_were(&before);
            assert_eq!(!keys.is_empty(), is_begun, "{after}");
            for key in keys {
                assert!(
                    files_with(interrupted.place.path(), &key).is_empty(),
                    "{after}"
                );
            }
            store.keys().unwrap().roll_root(|_| {}).unwrap();
            store.keys().unwrap().forget_cached();
            assert_eq!(before.is_as_it_was(&store, ADA), Ok(()), "{after}");
            if act.0 == ROLL_ELSEWHERE.0 {
                let drawer = Drawer::beside(&interrupted.store());
                assert_eq!(drawer.epochs().len(), 1, "{after}");
                assert!(!drawer.epochs().contains(&"0".to_owned()), "{after}");
            }
        }
    }
}

fn register_cleo(store: &Store) {
    let people = Repository::new(store);
    let mut cleo = people.fresh::<Person>(CLEO);
    cleo.register(CLEO, "Cleo Marker".into(), "cleo@example.org".into())
        .unwrap();
    cleo.invoice(address("Cleo Street"), 5).unwrap();
    people.save(&mut cleo).unwrap();
}

/// In a child: does something to the store that its parent gave it, step by step.
fn act(options: fn(&Path) -> StoreOptions, act: impl FnOnce(&Store)) {
    let path = child_path();
    let store = Store::new(&options(&path).open(&path).unwrap());
    Steps::begin();
    act(&store);
    Steps::end();
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_registers() {
    act(plain, register_cleo);
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_shreds() {
    act(plain, |store| {
        let _ = store.shred(subject(ADA)).run().unwrap();
    });
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_shreds_and_rolls() {
    act(with_drawer, |store| {
        assert!(store.shred(subject(ADA)).run().unwrap().root_rolled);
    });
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_rotates() {
    act(with_both, |store| {
        store.keys().unwrap().rotate_master_key().unwrap();
    });
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_rolls() {
    act(plain, |store| {
        store.keys().unwrap().roll_root(|_| {}).unwrap();
    });
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_rolls_a_root_held_elsewhere() {
    act(with_drawer, |store| {
        store.keys().unwrap().roll_root(|_| {}).unwrap();
    });
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn child_that_opens() {
    let path = child_path();
    Steps::begin();
    let store = plain(&path).open(&path).unwrap();
    Steps::end();
    drop(store);
}
