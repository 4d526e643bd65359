// Personal data in metadata.
use varvedb::{Metadata, Pii};

fn main() {
    let name: Pii<String> = "Ada".into();
    let mut metadata = Metadata::default();
    *metadata.entries.entry("name".into()).or_default() = name;
}
