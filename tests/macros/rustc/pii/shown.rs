// Personal data is not shown.
use varvedb::Pii;

fn main() {
    let name: Pii<String> = "Ada".into();
    println!("{name}");
}
