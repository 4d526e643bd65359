//! The transactions, carried out as commands: 64 accounts at a time, each in its own order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use varvedb::{LoadError, Repository, Root, Store};

use super::files::{AccountRows, Book, Direction, Transaction};
use crate::Error;
use crate::domain::{Account, AccountCommands, AccountId, ClientId};

/// Accounts that are worked on at the same time; their commits share the disk's syncs.
const CLERKS: usize = 64;

/// The rows of one day are not in the bank's own order, so a withdrawal may stand before the
/// deposit that covered it: every account may overdraw by as much as the whole data set moves.
const OVERDRAFT: i64 = 1_000_000_000_000;

/// What a replay has done.
pub struct Replayed {
    /// Transactions that an earlier run had carried out already.
    pub found: u64,
    /// Transactions that this run carried out, one commit each.
    pub carried_out: u64,
    pub elapsed: Duration,
}

type Queue = Arc<Mutex<VecDeque<(AccountId, Arc<AccountRows>)>>>;

/// Carries out every transaction that the store does not have yet.
pub async fn replay(store: &Store, book: &Book) -> Result<Replayed, Error> {
    let repo = Repository::new(store);
    let bar = bar(book.transactions())?;
    let queue = book
        .accounts
        .iter()
        .map(|(id, rows)| (AccountId(*id), Arc::clone(rows)));
    let queue: Queue = Arc::new(Mutex::new(queue.collect()));
    let started = Instant::now();
    let mut clerks = JoinSet::new();
    for _ in 0..CLERKS {
        clerks.spawn(work(repo.clone(), Arc::clone(&queue), bar.clone()));
    }
    let (mut found, mut carried_out) = (0, 0);
    while let Some(done) = clerks.join_next().await {
        let (skipped, new) = done??;
        found += skipped;
        carried_out += new;
    }
    bar.finish_and_clear();
    Ok(Replayed {
        found,
        carried_out,
        elapsed: started.elapsed(),
    })
}

/// One clerk: takes account after account until there is none.
async fn work(repo: Repository, queue: Queue, bar: ProgressBar) -> Result<(u64, u64), Error> {
    let (mut found, mut carried_out) = (0, 0);
    loop {
        let Some((id, rows)) = take(&queue)? else {
            return Ok((found, carried_out));
        };
        let mut account = open(&repo, id, &rows).await?;
        // The stream itself says how far an earlier run came: one event opened the account.
        let done = account.version().get() - 1;
        found += done;
        bar.inc(done);
        for transaction in rows.transactions.iter().skip(usize::try_from(done)?) {
            carry_out(&mut account, transaction)?;
            repo.save(&mut account).await?;
            carried_out += 1;
            bar.inc(1);
        }
    }
}

fn take(queue: &Queue) -> Result<Option<(AccountId, Arc<AccountRows>)>, Error> {
    let mut queue = queue.lock().map_err(|_| "another clerk failed")?;
    Ok(queue.pop_front())
}

async fn open(
    repo: &Repository,
    id: AccountId,
    rows: &AccountRows,
) -> Result<Root<Account>, Error> {
    match repo.load::<Account>(id).await {
        Ok(account) => Ok(account),
        Err(LoadError::NotFound { .. }) => {
            let mut account = repo.fresh::<Account>(id);
            let (owner, birth_number) = (rows.owner.clone(), rows.birth_number.clone());
            account.open(
                id,
                ClientId(rows.client),
                owner.into(),
                birth_number.into(),
                OVERDRAFT,
            )?;
            repo.save(&mut account).await?;
            Ok(account)
        }
        Err(error) => Err(error.into()),
    }
}

fn carry_out(account: &mut Root<Account>, transaction: &Transaction) -> Result<(), Error> {
    let Transaction {
        amount,
        direction,
        text,
    } = transaction;
    match direction {
        Direction::Credit => account.deposit(*amount, text.clone())?,
        Direction::Debit => account.withdraw(*amount, text.clone())?,
    }
    Ok(())
}

fn bar(transactions: usize) -> Result<ProgressBar, Error> {
    let style = "{bar:40} {pos:>6} of {len} transactions, {per_sec}, {eta} to go";
    let bar = ProgressBar::new(transactions.try_into()?);
    bar.set_style(ProgressStyle::with_template(style)?);
    Ok(bar)
}
