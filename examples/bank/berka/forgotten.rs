//! A client asks to be forgotten: the data goes, the money stays.

use std::fs;
use std::path::Path;

use varvedb::{Pii, Repository, Store, Subject};

use super::files::{AccountRows, Book};
use crate::Error;
use crate::domain::{Account, AccountId, ClientId};

/// Shreds the owner of the first account, and checks that nothing else has changed.
pub async fn forget(store: &Store, book: &Book, folders: [&Path; 2]) -> Result<(), Error> {
    let Some((account, rows)) = book.accounts.iter().next() else {
        return Ok(());
    };
    let receipt = store
        .shred(Subject::of(&ClientId(rows.client))?)
        .reason("the client asked to be forgotten")
        .await?;
    println!("\nA client asks to be forgotten:\n{receipt}");
    let forgotten = Repository::new(store)
        .load::<Account>(AccountId(*account))
        .await?;
    if forgotten.state().owner != Pii::Shredded {
        return Err(format!("account {account} still shows its owner").into());
    }
    for folder in folders {
        is_not_in(rows, folder)?;
    }
    println!("The birth number is in no file of the store, nor of its key vault.");
    Ok(())
}

/// Fails if the birth number stands in a file.
fn is_not_in(rows: &AccountRows, folder: &Path) -> Result<(), Error> {
    let number = rows.birth_number.as_bytes();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            is_not_in(rows, &path)?;
        } else if fs::read(&path)?
            .windows(number.len())
            .any(|bytes| bytes == number)
        {
            return Err(format!("the birth number is in {}", path.display()).into());
        }
    }
    Ok(())
}
