//! A day at the bank, or fifteen months of a real one.
//!
//! Without arguments: a built-in day, told on the terminal. With the folder of the Berka data
//! set: its 49,102 transactions, replayed through commands; kill it in the middle, start it again.
//!
//! ```text
//! cargo run --release --example bank
//! cargo run --release --example bank -- path/to/berka [path/to/the/store]
//! ```

#![expect(clippy::print_stdout, reason = "the day is told on the terminal")]
#![expect(
    unreachable_pub,
    reason = "modules of an example read like those of a library"
)]

mod berka;
mod day;
// Wide lines, as in a book: the README counts them.
#[rustfmt::skip]
mod domain;
mod money;

use std::path::Path;
use std::process::ExitCode;

use varvedb::{Processor, Store};

/// What goes wrong in an example goes to the person who runs it.
type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let told = match arguments.as_slice() {
        [] => day::tell().await,
        [data] => berka::run(Path::new(data), Path::new("bank.varve")).await,
        [data, store] => berka::run(Path::new(data), Path::new(store)).await,
        _ => Err("usage: bank [FOLDER OF THE BERKA DATA [FOLDER OF THE STORE]]".into()),
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bank: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Brings the read model of all balances level with the log.
async fn catch_up(store: &Store) -> Result<(), Error> {
    let mut processor = Processor::new(store);
    processor.register(domain::Balances)?;
    processor.catch_up().await?;
    Ok(())
}
