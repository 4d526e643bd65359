//! The house is built in floors: imports only go down, and rooms of one floor do not know each
//! other (except on the ground floor).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// From the ground up. `blocking` mirrors the top in another key, so it stands above.
const FLOORS: &[&[&str]] = &[
    &[
        "clock",
        "definition",
        "directory",
        "error",
        "event",
        "hex",
        "pii",
        "position",
        "stream",
    ],
    &["codec", "log", "index", "vault"],
    &["store"],
    &["aggregate", "projection"],
    &["testing", "blocking", "__fuzz"],
];

#[test]
fn imports_only_go_down_the_stairs() {
    let wrong: Vec<String> = sources()
        .iter()
        .flat_map(|file| {
            let room = room(file);
            imports(file).into_iter().filter_map(move |other| {
                let (from, to) = (floor(&room), floor(&other));
                let is_down = to < from || (to == from && (from == 0 || room == other));
                (!is_down).then(|| format!("{} uses crate::{other}", file.display()))
            })
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "imports that go up or sideways:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_room_has_a_floor() {
    let rooms: BTreeSet<String> = sources().iter().map(|file| room(file)).collect();
    assert!(
        rooms.contains("log"),
        "the test reads the sources: {rooms:?}"
    );
    for room in &rooms {
        assert!(floor(room) < FLOORS.len(), "{room}");
    }
}

/// Otherwise an old revision could be read as the present one, by whoever did not know of it.
#[test]
fn stored_bytes_become_views_in_one_place() {
    assert_eq!(files_with("api::access"), ["codec/record.rs"]);
    let seams = [
        "codec/event.rs",
        "codec/personal/opening.rs", // what was in a box
        "codec/value.rs",            // rows and snapshots
    ];
    assert_eq!(files_with("record::decode"), seams);
    for way_around in [
        "rkyv::access",
        "access_unchecked",
        "from_bytes::<",
        "access::<",
    ] {
        let found = files_with(way_around);
        assert!(
            found.iter().all(|file| file == "codec/record.rs"),
            "{way_around}: {found:?}"
        );
    }
}

/// Sources that say this outside of their comments.
fn files_with(word: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let says = |file: &PathBuf| {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let mut code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        code.any(|line| line.contains(word))
    };
    let is_test = |file: &PathBuf| {
        let mut parts = file.components().map(Component::as_os_str);
        parts.any(|part| part == "tests" || part == "tests.rs")
    };
    let files = sources()
        .into_iter()
        .filter(|file| !is_test(file) && says(file));
    files.map(|file| file.display().to_string()).collect()
}

fn floor(room: &str) -> usize {
    let floor = FLOORS.iter().position(|rooms| rooms.contains(&room));
    floor.unwrap_or_else(|| panic!("`{room}` has no floor in ARCHITECTURE.md and in this test"))
}

/// Every source file of the library but its root, which sees all.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") && path != root.join("lib.rs")
            {
                files.push(path.strip_prefix(&root).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

fn room(file: &Path) -> String {
    let first = file
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The first word of every `crate::` path outside comments. `$crate::` is what a macro writes into the
/// crate of its caller, who stands above all floors.
fn imports(file: &Path) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let text = fs::read_to_string(path).unwrap();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| {
        line.replace("$crate::", "")
            .split("crate::")
            .skip(1)
            .map(first_word)
            .collect::<Vec<_>>()
    })
    .filter(|word| !word.is_empty())
    .collect()
}

fn first_word(path: &str) -> String {
    let is_room = |c: &char| c.is_ascii_lowercase() || *c == '_';
    path.chars().take_while(is_room).collect()
}
