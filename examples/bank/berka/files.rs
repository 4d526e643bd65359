//! The files of the data set, checked row by row.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use crate::Error;
use crate::money::hellers;

/// What is to be replayed: each account with its owner and its transactions, in the file's order.
pub struct Book {
    pub accounts: BTreeMap<u64, Arc<AccountRows>>,
}

/// One account.
pub struct AccountRows {
    pub client: u64,
    pub owner: String,
    pub birth_number: String,
    pub transactions: Vec<Transaction>,
}

/// One row of `trans.asc`.
pub struct Transaction {
    pub amount: i64,
    pub direction: Direction,
    pub text: String,
}

/// Into the account or out of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Credit,
    Debit,
}

impl Book {
    pub fn transactions(&self) -> usize {
        self.accounts
            .values()
            .map(|account| account.transactions.len())
            .sum()
    }
}

impl AccountRows {
    /// The sum of signed amounts, in hellers.
    pub fn balance(&self) -> i64 {
        let signed = |row: &Transaction| match row.direction {
            Direction::Credit => row.amount,
            Direction::Debit => -row.amount,
        };
        self.transactions.iter().map(signed).sum()
    }
}

/// Reads the folder; the error names file, line and what is wrong.
pub fn read(folder: &Path) -> Result<Book, Error> {
    let birth_numbers: HashMap<u64, String> = Table::open(folder, "client.asc")?
        .rows(|row| Ok((row.number(0)?, row.text(1)?.to_owned())))?;
    let holders: Vec<(u64, u64, bool)> = Table::open(folder, "disp.asc")?
        .rows(|row| Ok((row.number(2)?, row.number(1)?, row.text(3)? == "OWNER")))?;
    let owners = holders.into_iter().filter(|(_, _, is_owner)| *is_owner);
    let owners: HashMap<u64, u64> = owners
        .map(|(account, client, _)| (account, client))
        .collect();
    let mut accounts: BTreeMap<u64, AccountRows> = BTreeMap::new();
    let mut table = Table::open(folder, "trans.asc")?;
    while let Some(row) = table.next()? {
        let id = row.number(1)?;
        let transaction = row.transaction()?;
        let account = match accounts.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(account(&row, id, &owners, &birth_numbers)?),
        };
        account.transactions.push(transaction);
    }
    let accounts = accounts
        .into_iter()
        .map(|(id, rows)| (id, Arc::new(rows)))
        .collect();
    Ok(Book { accounts })
}

fn account(
    row: &Row,
    id: u64,
    owners: &HashMap<u64, u64>,
    birth_numbers: &HashMap<u64, String>,
) -> Result<AccountRows, Error> {
    let owner = owners.get(&id);
    let owner =
        owner.ok_or_else(|| row.wrong(&format!("account {id} has no OWNER in disp.asc")))?;
    let birth_number = birth_numbers.get(owner);
    let birth_number =
        birth_number.ok_or_else(|| row.wrong(&format!("client {owner} is not in client.asc")))?;
    Ok(AccountRows {
        client: *owner,
        owner: format!("client {owner}"),
        birth_number: birth_number.clone(),
        transactions: Vec::new(),
    })
}

/// One file of the data set.
struct Table {
    path: PathBuf,
    reader: csv::Reader<std::fs::File>,
}

/// One row, which knows where it stands.
struct Row {
    path: PathBuf,
    fields: StringRecord,
}

impl Table {
    fn open(folder: &Path, name: &str) -> Result<Self, Error> {
        let path = folder.join(name);
        let reader = ReaderBuilder::new()
            .delimiter(b';')
            .flexible(true)
            .from_path(&path);
        let reader = reader.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { path, reader })
    }

    fn next(&mut self) -> Result<Option<Row>, Error> {
        let mut fields = StringRecord::new();
        let read = self.reader.read_record(&mut fields);
        let is_row = read.map_err(|error| format!("{}: {error}", self.path.display()))?;
        Ok(is_row.then(|| Row {
            path: self.path.clone(),
            fields,
        }))
    }

    /// Each row as a key and a value.
    fn rows<C, T>(mut self, parse: impl Fn(&Row) -> Result<T, Error>) -> Result<C, Error>
    where
        C: FromIterator<T>,
    {
        std::iter::from_fn(|| self.next().transpose())
            .map(|row| parse(&row?))
            .collect()
    }
}

impl Row {
    fn text(&self, column: usize) -> Result<&str, Error> {
        let missing = || self.wrong(&format!("column {} is missing", column + 1));
        self.fields.get(column).ok_or_else(missing)
    }

    fn number(&self, column: usize) -> Result<u64, Error> {
        let text = self.text(column)?;
        text.parse()
            .map_err(|_| self.wrong(&format!("`{text}` is not a number")))
    }

    fn transaction(&self) -> Result<Transaction, Error> {
        let kind = self.text(3)?;
        let direction = match kind {
            "PRIJEM" => Direction::Credit,
            "VYDAJ" | "VYBER" => Direction::Debit,
            _ => return Err(self.wrong(&format!("unknown type of transaction `{kind}`"))),
        };
        let amount = self.text(5)?;
        let amount = hellers(amount)
            .filter(|amount| *amount > 0)
            .ok_or_else(|| self.wrong(&format!("`{amount}` is not an amount")))?;
        let (date, operation) = (self.text(2)?, self.text(4)?);
        Ok(Transaction {
            amount,
            direction,
            text: format!("{date} {operation}").trim_end().into(),
        })
    }

    fn wrong(&self, what: &str) -> Error {
        // The reader's own line numbers are one short where lines end in CR LF.
        let line = self.fields.position().map_or(0, |at| at.record() + 1);
        format!("{}, line {line}: {what}", self.path.display()).into()
    }
}
