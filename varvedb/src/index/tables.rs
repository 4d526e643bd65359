//! The tables of the index: opened by name, once it is known whose they are.

use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, RoTxn, WithoutTls};
use uuid::Uuid;

use super::environment::refused;
use super::error::IndexError;
use super::progress::Progress;

/// One table: bytes to bytes, in the order of the keys.
pub(super) type Table = Database<'static, Bytes, Bytes>;

/// The tables; `docs/format.md` describes their rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tables {
    /// One row: whose index this is, and how far it reaches.
    pub(super) progress: Table,
    pub(super) definitions: Table,
    /// Stream → how many events it has, and the last of its places.
    pub(super) heads: Table,
    /// Stream and version → earlier places, in full chunks.
    pub(super) runs: Table,
    /// Category and position → places.
    pub(super) categories: Table,
    /// Position → the place of a frame, for some frames.
    pub(super) marks: Table,
    /// The rows of read models.
    pub(super) rows: Table,
    /// Projection → how far it has come.
    pub(super) checkpoints: Table,
    /// Stream → what it has come to at one of its versions.
    pub(super) snapshots: Table,
    /// Data key → rows and snapshots with boxes that are sealed under it.
    pub(super) owned: Table,
}

const PROGRESS: &str = "progress";
const OTHERS: [&str; 9] = [
    "definitions",
    "heads",
    "runs",
    "categories",
    "marks",
    "rows",
    "checkpoints",
    "snapshots",
    "owned",
];

impl Tables {
    pub(super) const COUNT: u32 = 10;

    /// The tables that are there, once the progress row says that they are those of this store
    /// and in this format; `None` where there are none.
    pub(super) fn existing(
        env: &Env<WithoutTls>,
        store_id: Uuid,
    ) -> Result<Option<Self>, IndexError> {
        // The tables of another format may be others, so their names are not asked for before.
        let [progress] = open(env, [PROGRESS])?;
        let Some(progress) = progress else {
            return Ok(None);
        };
        check_owner(&env.read_txn().map_err(refused)?, progress, store_id)?;
        let mut others = open(env, OTHERS)?.into_iter();
        let mut next = || {
            let missing = || IndexError::Damaged("a table is missing".to_owned());
            others.next().flatten().ok_or_else(missing)
        };
        Ok(Some(Self {
            progress,
            definitions: next()?,
            heads: next()?,
            runs: next()?,
            categories: next()?,
            marks: next()?,
            rows: next()?,
            checkpoints: next()?,
            snapshots: next()?,
            owned: next()?,
        }))
    }

    /// Makes the tables, all of them in one transaction.
    pub(super) fn create(env: &Env<WithoutTls>, store_id: Uuid) -> Result<Self, IndexError> {
        let progress = Progress::start(store_id);
        let txn = env.write_txn().map_err(refused)?;
        let created = env.create_databases_and_commit(txn, |opener, txn| {
            let [
                definitions,
                heads,
                runs,
                categories,
                marks,
                rows,
                checkpoints,
                snapshots,
                owned,
            ] = OTHERS.map(|name| opener.create_database::<Bytes, Bytes>(txn, Some(name)));
            let table = opener.create_database::<Bytes, Bytes>(txn, Some(PROGRESS))?;
            table.put(txn, Progress::KEY, &progress.encode())?;
            let first = (table, definitions?, heads?, runs?);
            let tables = (
                first,
                (categories?, marks?, rows?, checkpoints?, snapshots?),
                owned?,
            );
            Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(tables))
        });
        let none = || IndexError::Damaged("its tables were not made".to_owned());
        let tables = created.map_err(refused)?.commit().ok_or_else(none)?;
        let ((progress, definitions, heads, runs), others, owned) = tables;
        let (categories, marks, rows, checkpoints, snapshots) = others;
        Ok(Self {
            progress,
            definitions,
            heads,
            runs,
            categories,
            marks,
            rows,
            checkpoints,
            snapshots,
            owned,
        })
    }
}

/// The tables with these names, where they exist.
fn open<const N: usize>(
    env: &Env<WithoutTls>,
    names: [&str; N],
) -> Result<[Option<Table>; N], IndexError> {
    let txn = env.read_txn().map_err(refused)?;
    let opened = env.open_databases_and_commit(txn, |opener, txn| {
        let tables = names.map(|name| opener.open_database::<Bytes, Bytes>(txn, Some(name)));
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(tables))
    });
    let tables = opened.map_err(refused)?.commit();
    let mut found = [None; N];
    for (place, table) in found.iter_mut().zip(tables.into_iter().flatten()) {
        *place = table.map_err(refused)?;
    }
    Ok(found)
}

/// Refuses the index of another store or format.
fn check_owner(
    txn: &RoTxn<'_, WithoutTls>,
    table: Table,
    store_id: Uuid,
) -> Result<(), IndexError> {
    let row = table.get(txn, Progress::KEY).map_err(refused)?;
    let format = row.and_then(Progress::format).unwrap_or(0);
    if format != Progress::FORMAT {
        let expected = Progress::FORMAT;
        return Err(IndexError::Format {
            expected,
            found: format,
        });
    }
    let progress = row.and_then(Progress::decode);
    let found = progress
        .ok_or_else(|| IndexError::Damaged(Progress::NO_ROW.to_owned()))?
        .store_id;
    if found == store_id {
        Ok(())
    } else {
        Err(IndexError::Foreign {
            expected: store_id,
            found,
        })
    }
}
