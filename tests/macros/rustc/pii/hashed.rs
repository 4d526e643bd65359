// Personal data is no key of a map.
use std::collections::HashSet;

use varvedb::Pii;

fn main() {
    let mut names: HashSet<Pii<String>> = HashSet::new();
    names.insert("Ada".into());
    earlier::<Pii<String>>("Ada".into(), "Bob".into());
}

fn earlier<T: Ord>(one: T, other: T) -> T {
    one.min(other)
}
