//! Fifteen months of a real bank: the Berka data set, replayed through commands.

mod files;
mod replay;
mod report;

use std::path::Path;

use varvedb::Store;

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
    let store = Store::options().register::<AccountEvent>().open(store)?;
    let replayed = replay::replay(&store, &book).await?;
    crate::catch_up(&store).await?;
    report::print(&store, &book, &replayed).await
}
