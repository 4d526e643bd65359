//! What the store holds after the replay, checked against the files.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use varvedb::{Category, Repository, Store};

use super::files::Book;
use super::replay::Replayed;
use crate::Error;
use crate::domain::{Account, AccountId, BALANCES, Balances};
use crate::money::crowns;

/// Loads of the longest stream that are timed.
const LOADS: usize = 101;

/// Prints the report; fails when a balance is not the sum of the account's amounts.
pub async fn print(store: &Store, book: &Book, replayed: &Replayed) -> Result<(), Error> {
    let repo = Repository::new(store);
    check(&repo, store, book).await?;
    let streams = streams(store)?;
    let size = store.size()?;
    println!();
    if replayed.found > 0 {
        println!(
            "found          {} transactions of an earlier run",
            replayed.found
        );
    }
    println!(
        "appended       {} transactions, one durable commit each: {:.0} appends/s",
        replayed.carried_out,
        rate(replayed)
    );
    println!("events         {}", store.head());
    println!("streams        {}", streams.len());
    println!("log            {} KiB", size.log_bytes / 1024);
    println!("index          {} KiB", size.index_bytes / 1024);
    print_longest(&repo, &streams).await?;
    println!("\nThe ten largest balances:");
    let mut balances = store.tables::<Balances>()?.rows(BALANCES)?;
    balances.sort_by_key(|(id, balance)| (Reverse(*balance), *id));
    for (id, balance) in balances.iter().take(10) {
        println!("    account {:>5} {:>16}", id.0, crowns(*balance));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a rate is for looking at")]
fn rate(replayed: &Replayed) -> f64 {
    replayed.carried_out as f64 / replayed.elapsed.as_secs_f64()
}

/// Every balance, by replay and by projection, is the sum of its amounts in the file.
pub async fn check(repo: &Repository, store: &Store, book: &Book) -> Result<(), Error> {
    let tables = store.tables::<Balances>()?;
    for (id, rows) in &book.accounts {
        let id = AccountId(*id);
        let expected = rows.balance();
        let replayed = repo.load::<Account>(id).await?.state().balance;
        let projected = tables.get(BALANCES, &id)?;
        if replayed != expected || projected != Some(expected) {
            let sum = crowns(expected);
            return Err(format!(
                "account {}: the file's amounts make {sum}, replay gives {}, the projection {}",
                id.0,
                crowns(replayed),
                projected.map_or("nothing".into(), crowns)
            )
            .into());
        }
    }
    println!(
        "All {} balances, by replay and by projection, equal the sums of their signed amounts.",
        book.accounts.len()
    );
    Ok(())
}

fn streams(store: &Store) -> Result<Vec<(AccountId, u64)>, Error> {
    let streams = store.streams(&Category::new("account")?, None, usize::MAX)?;
    let numbered = streams
        .into_iter()
        .map(|(stream, version)| match stream.key() {
            varvedb::Key::Number(number) => Ok((AccountId(*number), version.get())),
            other => Err(format!("stream {stream} has a key `{other}` that is no number").into()),
        });
    numbered.collect()
}

async fn print_longest(repo: &Repository, streams: &[(AccountId, u64)]) -> Result<(), Error> {
    let Some((id, events)) = streams.iter().max_by_key(|(_, events)| *events) else {
        return Ok(());
    };
    let mut times = Vec::with_capacity(LOADS);
    for _ in 0..LOADS {
        let started = Instant::now();
        repo.load::<Account>(*id).await?;
        times.push(started.elapsed());
    }
    times.sort();
    let micros = |time: Option<&Duration>| time.map_or(0.0, |t| t.as_secs_f64() * 1e6);
    println!(
        "longest        account {}, {events} events, loaded in {:.0} us (best {:.0}, worst {:.0})",
        id.0,
        micros(times.get(LOADS / 2)),
        micros(times.first()),
        micros(times.last())
    );
    Ok(())
}
