// Personal data is no key of a map.
use std::collections::{BTreeSet, HashSet};

use varvedb::Pii;

fn main() {
    let mut names: HashSet<Pii<String>> = HashSet::new();
    names.insert("Ada".into());
    let mut sorted: BTreeSet<Pii<String>> = BTreeSet::new();
    sorted.insert("Ada".into());
}
