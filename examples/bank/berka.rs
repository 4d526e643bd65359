//! Fifteen months of a real bank: the Berka data set, replayed through commands.

mod files;
mod forgotten;
mod replay;
mod report;

use std::path::Path;

use varvedb::{MasterKey, Repository, Store, VaultOptions};

use crate::Error;
use crate::domain::AccountEvent;

/// Replays the data in `data` into the store at `store`, from wherever an earlier run was ended.
pub async fn run(data: &Path, store: &Path) -> Result<(), Error> {
    let book = files::read(data)?;
    println!(
        "{} transactions of {} accounts read from {}",
        book.transactions(),
        book.accounts.len(),
        data.display()
    );
    let keys = store.with_extension("keys");
    let vault = VaultOptions::new(&keys, master_key(&store.with_extension("master"))?);
    let store = Store::options()
        .vault(vault)
        .register::<AccountEvent>()
        .open(store)?;
    let replayed = replay::replay(&store, &book).await?;
    crate::catch_up(&store).await?;
    report::print(&store, &book, &replayed).await?;
    forgotten::forget(&store, &book, [store.path(), &keys]).await?;
    report::check(&Repository::new(&store), &store, &book).await
}

/// The key that the vault's keys are wrapped under. A real bank has it in a key management service, or at least
/// on another machine than the backups.
fn master_key(path: &Path) -> Result<MasterKey, Error> {
    if path.exists() {
        return Ok(MasterKey::from_file(path)?);
    }
    let key = MasterKey::generate()?;
    key.save(path)?;
    Ok(key)
}
