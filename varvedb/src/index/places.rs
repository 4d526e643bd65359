//! The rows of the tables, read: heads, runs, categories, marks. Every byte is treated as hostile.

use std::ops::Bound;

use heed::{AnyTls, RoTxn};

use super::chain::Chain;
use super::chunk::{self, Point};
use super::environment::{damaged, failed};
use super::name::StreamName;
use super::progress::{Progress, decode_place};
use super::tables::{Table, Tables};
use super::{Entry, Order, VersionRange};
use crate::definition::Definition;
use crate::error::StorageError;
use crate::position::{Place, Position, Version};

type Txn<'a> = RoTxn<'a, AnyTls>;

const READ: &str = "read the index";

/// The last chunk of a stream: how many versions lie before it, and its points.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) before: Version,
    pub(super) points: Vec<Point>,
}

pub(super) fn progress(txn: &Txn<'_>, tables: &Tables) -> Result<Progress, StorageError> {
    let row = tables
        .progress
        .get(txn, Progress::KEY)
        .map_err(failed(READ))?;
    let progress = row.and_then(Progress::decode);
    progress.ok_or_else(|| damaged("progress", Progress::NO_ROW))
}

pub(super) fn definitions(txn: &Txn<'_>, tables: &Tables) -> Result<Vec<Definition>, StorageError> {
    let mut definitions = Vec::new();
    for row in tables.definitions.iter(txn).map_err(failed(READ))? {
        let (key, mut value) = row.map_err(failed(READ))?;
        let decoded = Definition::decode(&mut value);
        let definition = decoded.map_err(|what| damaged("definitions", what))?;
        if !value.is_empty() || key != definition_key(&definition) {
            return Err(damaged(
                "definitions",
                "a row does not have the key of what it defines",
            ));
        }
        definitions.push(definition);
    }
    Ok(definitions)
}

/// `tag: u8, id: u32 BE, revision: u16 BE`: categories, then types, then schemas.
pub(super) fn definition_key(definition: &Definition) -> [u8; 7] {
    let (tag, id, revision) = match definition {
        Definition::Category { id, .. } => (1, *id, 0),
        Definition::Type { id, .. } => (2, *id, 0),
        Definition::Schema {
            type_id, revision, ..
        } => (3, *type_id, *revision),
    };
    let [i0, i1, i2, i3] = id.to_be_bytes();
    let [r0, r1] = revision.to_be_bytes();
    [tag, i0, i1, i2, i3, r0, r1]
}

/// How many events the stream with this name has in the tables.
pub(super) fn version(
    txn: &Txn<'_>,
    tables: &Tables,
    name: &[u8],
) -> Result<Version, StorageError> {
    match tables.heads.get(txn, name).map_err(failed(READ))? {
        Some(row) => head_version(row),
        None => Ok(Version::ZERO),
    }
}

/// How many events a stream with this row has: nothing but its first two numbers is looked at.
pub(super) fn head_version(mut row: &[u8]) -> Result<Version, StorageError> {
    let before = chunk::take_number(&mut row);
    let count = chunk::count(row);
    let version = before.and_then(|before| {
        let version = before.checked_add(count?);
        version.ok_or("a stream is longer than any may be")
    });
    version
        .map(Version::new)
        .map_err(|what| damaged("heads", what))
}

/// The head of the stream with this name; empty for a stream that has no events in the tables.
pub(super) fn head(txn: &Txn<'_>, tables: &Tables, name: &[u8]) -> Result<Head, StorageError> {
    let Some(mut row) = tables.heads.get(txn, name).map_err(failed(READ))? else {
        return Ok(Head::default());
    };
    head_version(row)?;
    let mut head = Head::default();
    let decoded = chunk::take_number(&mut row).and_then(|before| {
        head.before = Version::new(before);
        chunk::decode(row, &mut head.points)
    });
    decoded.map_err(|what| damaged("heads", what))?;
    Ok(head)
}

/// Puts the places of a stream's events behind `out`, at most `limit`.
pub(super) fn stream(
    txn: &Txn<'_>,
    tables: &Tables,
    stream: &StreamName,
    range: VersionRange,
    (order, limit): (Order, usize),
    out: &mut Vec<Entry>,
) -> Result<(), StorageError> {
    let Head { before, points } = head(txn, tables, stream.as_bytes())?;
    let wanted = out.len().saturating_add(limit);
    let from_head = |out: &mut Vec<Entry>| take_entries(before, &points, range, order, wanted, out);
    match order {
        Order::Forwards => {
            stream_runs(txn, tables, stream, range, before, (order, wanted), out)?;
            from_head(out);
        }
        Order::Backwards => {
            from_head(out);
            stream_runs(txn, tables, stream, range, before, (order, wanted), out)?;
        }
    }
    Ok(())
}

/// Puts the places of a category's events between two positions behind `out`, at most `limit`.
pub(super) fn category(
    txn: &Txn<'_>,
    tables: &Tables,
    category: u32,
    (after, before): (Position, Option<Position>),
    (order, limit): (Order, usize),
    out: &mut Vec<Point>,
) -> Result<(), StorageError> {
    let end = before.unwrap_or(Position::new(u64::MAX));
    if end <= after.next() {
        return Ok(());
    }
    let wanted = out.len().saturating_add(limit);
    let within =
        |point: &Point| point.position > after && before.is_none_or(|b| point.position < b);
    let start = category_key(category, Position::ZERO);
    let lowest = at_or_before(
        txn,
        tables.categories,
        &category_key(category, after.next()),
        &start,
    )?;
    let keys = (lowest, category_key(category, end));
    let mut points = Vec::new();
    visit(txn, tables.categories, &keys, order, |_, row| {
        points.clear();
        chunk::decode(row, &mut points).map_err(|what| damaged("categories", what))?;
        let left = wanted.saturating_sub(out.len());
        match order {
            Order::Forwards => out.extend(points.iter().filter(|p| within(p)).take(left)),
            Order::Backwards => out.extend(points.iter().rev().filter(|p| within(p)).take(left)),
        }
        Ok(out.len() < wanted)
    })
}

/// The last chunk of a category; `None` for one without events in the tables.
pub(super) fn last_category_chunk(
    txn: &Txn<'_>,
    tables: &Tables,
    category: u32,
) -> Result<Option<Vec<Point>>, StorageError> {
    let end = category_key(category, Position::new(u64::MAX));
    let last = tables
        .categories
        .get_lower_than_or_equal_to(txn, &end)
        .map_err(failed(READ))?;
    let Some((_, row)) = last.filter(|(key, _)| key.starts_with(&category.to_be_bytes())) else {
        return Ok(None);
    };
    let mut points = Vec::new();
    chunk::decode(row, &mut points).map_err(|what| damaged("categories", what))?;
    Ok(Some(points))
}

/// The last mark at or before a position.
pub(super) fn mark_before(
    txn: &Txn<'_>,
    tables: &Tables,
    position: Position,
) -> Result<Option<(Position, Place)>, StorageError> {
    let key = position.get().to_be_bytes();
    let mark = tables
        .marks
        .get_lower_than_or_equal_to(txn, &key)
        .map_err(failed(READ))?;
    let Some((key, row)) = mark else {
        return Ok(None);
    };
    let position = key
        .try_into()
        .ok()
        .map(u64::from_be_bytes)
        .map(Position::new);
    let mark = position.zip(decode_place(row));
    mark.map(Some)
        .ok_or_else(|| damaged("marks", "a row has another length than any may have"))
}

/// `category: u32 BE, first position: u64 BE`.
pub(super) fn category_key(category: u32, first: Position) -> Vec<u8> {
    let mut key = Vec::with_capacity(12);
    key.extend_from_slice(&category.to_be_bytes());
    key.extend_from_slice(&first.get().to_be_bytes());
    key
}

/// The part of a stream that lies before its head.
fn stream_runs(
    txn: &Txn<'_>,
    tables: &Tables,
    stream: &StreamName,
    range: VersionRange,
    before_head: Version,
    (order, wanted): (Order, usize),
    out: &mut Vec<Entry>,
) -> Result<(), StorageError> {
    let first = range.after.next();
    let last = match range.before {
        Some(before) if before <= before_head => Version::new(before.get().saturating_sub(1)),
        _ => before_head,
    };
    if first > last || out.len() >= wanted {
        return Ok(());
    }
    let lowest = stream.chunk(Version::ZERO);
    let lowest = at_or_before(txn, tables.runs, &stream.chunk(first), &lowest)?;
    let keys = (lowest, stream.chunk(last));
    let mut chain = Chain::new(first, last, order);
    let mut points = Vec::new();
    visit(txn, tables.runs, &keys, order, |key, row| {
        points.clear();
        chunk::decode(row, &mut points).map_err(|what| damaged("runs", what))?;
        let before = chain.join(key, points.len())?;
        take_entries(before, &points, range, order, wanted, out);
        Ok(out.len() < wanted)
    })?;
    if out.len() >= wanted {
        return Ok(());
    }
    chain.check_end()
}

/// Puts those points of a chunk behind `out` that are in the range, until it has `wanted` entries.
fn take_entries(
    before: Version,
    points: &[Point],
    range: VersionRange,
    order: Order,
    wanted: usize,
    out: &mut Vec<Entry>,
) {
    let numbered = (1..).zip(points).map(|(n, point)| Entry {
        version: before.plus(n),
        position: point.position,
        place: point.place,
    });
    let entries = numbered.filter(|entry| range.contains(entry.version));
    let left = wanted.saturating_sub(out.len());
    match order {
        Order::Forwards => out.extend(entries.take(left)),
        Order::Backwards => {
            let mut entries: Vec<Entry> = entries.collect();
            entries.reverse();
            out.extend(entries.into_iter().take(left));
        }
    }
}

/// The last key at or before `key`, or `lowest` where there is none that is not below it.
fn at_or_before(
    txn: &Txn<'_>,
    table: Table,
    key: &[u8],
    lowest: &[u8],
) -> Result<Vec<u8>, StorageError> {
    let found = table
        .get_lower_than_or_equal_to(txn, key)
        .map_err(failed(READ))?;
    let found = found.map(|(key, _)| key).filter(|key| *key >= lowest);
    Ok(found.unwrap_or(lowest).to_vec())
}

/// Shows the rows from the first key to the last one, until `see` says that it has seen enough.
fn visit(
    txn: &Txn<'_>,
    table: Table,
    (first, last): &(Vec<u8>, Vec<u8>),
    order: Order,
    mut see: impl FnMut(&[u8], &[u8]) -> Result<bool, StorageError>,
) -> Result<(), StorageError> {
    let keys = (
        Bound::Included(first.as_slice()),
        Bound::Included(last.as_slice()),
    );
    let mut see_row = |row: heed::Result<(&[u8], &[u8])>| {
        let (key, value) = row.map_err(failed(READ))?;
        see(key, value)
    };
    match order {
        Order::Forwards => {
            for row in table.range(txn, &keys).map_err(failed(READ))? {
                if !see_row(row)? {
                    break;
                }
            }
        }
        Order::Backwards => {
            for row in table.rev_range(txn, &keys).map_err(failed(READ))? {
                if !see_row(row)? {
                    break;
                }
            }
        }
    }
    Ok(())
}
