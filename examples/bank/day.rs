//! A day at the bank, told on the terminal.

use std::time::Duration;

use varvedb::{MasterKey, Repository, Store, StoreOptions, Subject, VaultOptions, Version};

use crate::Error;
use crate::catch_up;
use crate::domain::{
    Account, AccountCommand, AccountCommands, AccountEvent, AccountId, BALANCES, Balances, ClientId,
};
use crate::money::crowns;

const ADA: AccountId = AccountId(1);
const BOB: AccountId = AccountId(2);

/// Opens a new bank in a temporary folder and tells what happens there.
pub async fn tell() -> Result<(), Error> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bank.varve");
    println!("A new bank opens, in {}.\n", path.display());
    let vault = VaultOptions::new(folder.path().join("bank.keys"), MasterKey::generate()?);
    let options = Store::options().vault(vault).register::<AccountEvent>();
    let before = {
        let store = options.clone().open(&path)?;
        let repo = Repository::new(&store);
        morning(&repo).await?;
        noon(&repo).await?;
        afternoon(&repo).await?;
        let balances = evening(&store).await?;
        forgotten(&repo).await?;
        balances
    };
    night(options, &path, before).await
}

async fn morning(repo: &Repository) -> Result<(), Error> {
    println!("09:00  Two accounts are opened, and money is paid in.");
    for (id, client, owner, overdraft) in [
        (ADA, ClientId(71), "account holder 1", 50_000),
        (BOB, ClientId(72), "account holder 2", 0),
    ] {
        let mut account = repo.fresh::<Account>(id);
        account.open(id, client, owner.into(), "000000".into(), overdraft)?;
        account.deposit(100_000, "first payment".into())?;
        let saved = repo.save(&mut account).await?;
        println!(
            "       account {} has {}: {} events, one commit, at position {}",
            id.0,
            crowns(account.state().balance),
            saved.events,
            saved.position
        );
    }
    Ok(())
}

async fn noon(repo: &Repository) -> Result<(), Error> {
    println!("\n12:00  Account 2 wants 2,000.00, and is refused.");
    let mut account = repo.load::<Account>(BOB).await?;
    let Err(refusal) = account.withdraw(200_000, "rent".into()) else {
        return Err("an overdraft went through".into());
    };
    println!(
        "       the bank says: {refusal}; nothing was recorded, version {}",
        account.version()
    );
    println!("\n12:30  Account 1 may overdraw, and does.");
    repo.execute::<Account>(
        ADA,
        AccountCommand::Withdraw {
            amount: 120_000,
            text: "rent".into(),
        },
    )
    .await?;
    let account = repo.load::<Account>(ADA).await?;
    println!("       balance {}", crowns(account.state().balance));
    Ok(())
}

async fn afternoon(repo: &Repository) -> Result<(), Error> {
    println!("\n15:00  Two clerks hold account 2 at version 2. Both pay in and save.");
    let mut first = repo.load::<Account>(BOB).await?;
    let mut second = repo.load::<Account>(BOB).await?;
    first.deposit(1_000, "first clerk".into())?;
    second.deposit(2_000, "second clerk".into())?;
    repo.save(&mut first).await?;
    let Err(conflict) = repo.save(&mut second).await else {
        return Err("a version conflict went unnoticed".into());
    };
    println!("       the second is told: {conflict}");
    let deposit = AccountCommand::Deposit {
        amount: 2_000,
        text: "second clerk".into(),
    };
    let saved = repo.execute::<Account>(BOB, deposit).await?;
    println!(
        "       `execute` loads, decides and saves again: version {}",
        saved.version
    );
    let then = repo.load_at::<Account>(BOB, Version::new(2)).await?;
    println!(
        "       at version 2 the balance was {}",
        crowns(then.state().balance)
    );
    Ok(())
}

async fn evening(store: &Store) -> Result<Vec<(AccountId, i64)>, Error> {
    println!("\n18:00  A projection has followed the log and kept all balances in a table:");
    catch_up(store).await?;
    let balances = store.tables::<Balances>()?.rows(BALANCES)?;
    for (id, balance) in &balances {
        println!("       account {} {:>12}", id.0, crowns(*balance));
    }
    println!("       the bank closes at position {}", store.head());
    Ok(balances)
}

async fn forgotten(repo: &Repository) -> Result<(), Error> {
    println!("\n19:00  The client of account 2 asks to be forgotten. The money stays.");
    let receipt = repo
        .store()
        .shred(Subject::of(&ClientId(72))?)
        .reason("the client asked for it")
        .await?;
    for line in receipt.to_string().lines() {
        println!("       {line}");
    }
    let account = repo.load::<Account>(BOB).await?;
    let (owner, balance) = (&account.state().owner, account.state().balance);
    println!(
        "       account 2 belongs to {} and has {}",
        owner.str_or("[forgotten]"),
        crowns(balance)
    );
    Ok(())
}

async fn night(
    options: StoreOptions,
    path: &std::path::Path,
    before: Vec<(AccountId, i64)>,
) -> Result<(), Error> {
    println!("\n21:00  The index is thrown away. The log is the only truth.");
    std::fs::remove_dir_all(path.join("index"))?;
    let opening = std::time::Instant::now();
    let store = options.open(path)?;
    println!(
        "       reopened in {:?}, at position {}",
        rounded(opening.elapsed()),
        store.head()
    );
    let repo = Repository::new(&store);
    for (id, balance) in &before {
        let account = repo.load::<Account>(*id).await?;
        if account.state().balance != *balance {
            return Err(format!("account {} has another balance after reopening", id.0).into());
        }
    }
    catch_up(&store).await?;
    if store.tables::<Balances>()?.rows(BALANCES)? != before {
        return Err("the projection has other balances after reopening".into());
    }
    println!("       replay and projection give the same balances as before.");
    Ok(())
}

fn rounded(span: Duration) -> Duration {
    Duration::from_micros(u64::try_from(span.as_micros()).unwrap_or(u64::MAX))
}
