//! Snapshots: what a stream has come to at one of its versions, so that a load need not begin at the
//! first event.
//!
//! Disposable: whoever cannot use one reads the events. A snapshot waits in memory until a fold takes
//! it along, and only one whose last event is folded goes into the tables: these survive a power
//! cut, so they must not know more than the log does.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLockReadGuard, RwLockWriteGuard};

use uuid::Uuid;

use super::Index;
use super::environment::{Transaction, failed};
use super::name::StreamName;
use super::owned::own_snapshot;
use crate::clock::Timestamp;
use crate::error::StorageError;
use crate::pii::KeyId;
use crate::position::{Position, Version};
use crate::stream::KeyRef;

/// Snapshots that wait at one time; one more is dropped.
const MAX_WAITING: usize = 4096;
/// Bytes that wait at one time; a snapshot beyond them is dropped.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// What the state was made by, opaque to the index.
pub(crate) type Fingerprint = [u8; 32];

/// The state of an aggregate after one event of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateSnapshot<'a> {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) last: LastEvent,
    /// An archive, at any address.
    pub(crate) state: &'a [u8],
    /// The data keys under which personal data in it is sealed; not known of a row that was read.
    pub(crate) owners: &'a [KeyId],
}

/// The last event that is in a snapshot's state. Found again in the log, it proves that the snapshot
/// is of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastEvent {
    pub(crate) version: Version,
    pub(crate) position: Position,
    pub(crate) id: Uuid,
    pub(crate) time: Timestamp,
}

/// A row of the table, of which nothing is believed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotRow<'a> {
    stream: &'a [u8],
    row: &'a [u8],
}

/// The snapshots that wait for a fold, the newest of each stream.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    rows: HashMap<Arc<[u8]>, WaitingRow>,
    bytes: usize,
}

#[derive(Clone, Debug)]
pub(super) struct WaitingRow {
    pub(super) stream: Arc<[u8]>,
    position: Position,
    row: Arc<[u8]>,
    pub(super) owners: Arc<[KeyId]>,
}

impl Index {
    /// Hands a snapshot to the folds to come. Look-ups find it at once; the disk has it when its last
    /// event is folded. Says whether it was taken: when too many wait, it is dropped.
    pub(crate) fn offer_snapshot(
        &self,
        category: u32,
        key: KeyRef<'_>,
        snapshot: &StateSnapshot<'_>,
    ) -> Result<bool, StorageError> {
        let stream = StreamName::new(category, key)?;
        let row = WaitingRow {
            stream: stream.as_bytes().into(),
            position: snapshot.last.position,
            row: SnapshotRow::encode(stream.as_bytes(), snapshot).into(),
            owners: snapshot.owners.into(),
        };
        Ok(self.waiting_mut().add(row))
    }

    /// Shows the newest snapshot of a stream to `see`. Keep that short: a transaction is open.
    pub(crate) fn snapshot<T>(
        &self,
        category: u32,
        key: KeyRef<'_>,
        see: impl FnOnce(SnapshotRow<'_>) -> T,
    ) -> Result<Option<T>, StorageError> {
        let stream = StreamName::new(category, key)?;
        let stream = stream.as_bytes();
        // In this order: a snapshot stops waiting when it is in the table.
        let waiting = self.waiting().row(stream);
        if let Some(row) = waiting {
            return Ok(Some(see(SnapshotRow { stream, row: &row })));
        }
        let transaction = self.shared.environment.snapshot()?;
        let table = transaction.tables.snapshots;
        let row = table
            .get(transaction.txn(), stream)
            .map_err(failed("read a snapshot"))?;
        Ok(row.map(|row| see(SnapshotRow { stream, row })))
    }

    /// Whether snapshots wait to be taken along by a fold.
    pub(crate) fn has_waiting_snapshots(&self) -> bool {
        !self.waiting().rows.is_empty()
    }

    /// Drops those that wait with boxes sealed under this key; says how many.
    pub(super) fn drop_waiting(&self, owner: &KeyId) -> u64 {
        self.waiting_mut().drop_owned(owner)
    }

    /// Those that may go into the tables together with the event at this position.
    pub(super) fn snapshots_through(&self, folded: Position) -> Vec<WaitingRow> {
        self.waiting().through(folded)
    }

    /// Takes along what waits though there is nothing to fold.
    pub(super) fn fold_snapshots(&self) -> Result<(), StorageError> {
        if !self.has_waiting_snapshots() {
            return Ok(());
        }
        let snapshots = self.snapshots_through(self.folded()?.position);
        if snapshots.is_empty() {
            return Ok(());
        }
        let environment = &self.shared.environment;
        let written: Result<(), StorageError> =
            environment.write(|transaction| self.put_snapshots(&snapshots, transaction));
        self.forget_snapshots(&snapshots);
        if let Err(error) = written {
            tracing::warn!(%error, "dropped {} snapshots", snapshots.len());
        }
        Ok(())
    }

    /// Puts the rows into the table, one for each stream. Of those with boxes only what waits to this moment:
    /// what was dropped since, because somebody was shredded, must not come back.
    pub(super) fn put_snapshots(
        &self,
        snapshots: &[WaitingRow],
        transaction: &mut Transaction<'_>,
    ) -> Result<(), StorageError> {
        let table = transaction.tables.snapshots;
        for snapshot in snapshots {
            if !snapshot.owners.is_empty() && !self.waiting().still_has(snapshot) {
                continue;
            }
            own_snapshot(transaction, snapshot)?;
            transaction.put(table, &snapshot.stream, &snapshot.row)?;
        }
        Ok(())
    }

    /// They wait no longer, unless a newer one came meanwhile.
    pub(super) fn forget_snapshots(&self, snapshots: &[WaitingRow]) {
        let mut waiting = self.waiting_mut();
        for snapshot in snapshots {
            waiting.forget(snapshot);
        }
    }

    // Nothing panics under this lock; the rows are whole in any case.
    fn waiting(&self) -> RwLockReadGuard<'_, Waiting> {
        let waiting = self.shared.snapshots.read();
        waiting.unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting_mut(&self) -> RwLockWriteGuard<'_, Waiting> {
        let waiting = self.shared.snapshots.write();
        waiting.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, row: WaitingRow) -> bool {
        let known = self.rows.get(&row.stream);
        if known.is_some_and(|known| known.position > row.position) {
            return false;
        }
        let freed_bytes = known.map_or(0, |known| known.row.len());
        let bytes = self.bytes - freed_bytes + row.row.len();
        let is_full = known.is_none() && self.rows.len() >= MAX_WAITING;
        if is_full || bytes > MAX_WAITING_BYTES {
            return false;
        }
        self.bytes = bytes;
        self.rows.insert(Arc::clone(&row.stream), row);
        true
    }

    fn drop_owned(&mut self, owner: &KeyId) -> u64 {
        let of_owner = self.rows.extract_if(|_, row| row.owners.contains(owner));
        let mut dropped = 0;
        for (_, row) in of_owner {
            self.bytes -= row.row.len();
            dropped += 1;
        }
        dropped
    }

    /// Whether this very row waits.
    fn still_has(&self, row: &WaitingRow) -> bool {
        let known = self.rows.get(&row.stream);
        known.is_some_and(|known| Arc::ptr_eq(&known.row, &row.row))
    }

    fn row(&self, stream: &[u8]) -> Option<Arc<[u8]>> {
        self.rows.get(stream).map(|known| Arc::clone(&known.row))
    }

    fn through(&self, folded: Position) -> Vec<WaitingRow> {
        let is_folded = |row: &&WaitingRow| row.position <= folded;
        let mut rows: Vec<WaitingRow> = self.rows.values().filter(is_folded).cloned().collect();
        rows.sort_by(|a, b| a.stream.cmp(&b.stream)); // in the order of the table
        rows
    }

    fn forget(&mut self, row: &WaitingRow) {
        if self.still_has(row) {
            self.rows.remove(&row.stream);
            self.bytes -= row.row.len();
        }
    }
}

const CUT_SHORT: &str = "its row is cut short";

impl<'a> SnapshotRow<'a> {
    /// What stands before the state: fingerprint, checksum, version, position, id, time.
    const HEADER_BYTES: usize = 32 + 4 + 8 + 8 + 16 + 8;

    /// The fingerprint, before anything else is looked at.
    pub(crate) fn fingerprint(self) -> Result<Fingerprint, &'static str> {
        self.row.first_chunk().copied().ok_or(CUT_SHORT)
    }

    /// The snapshot, if these are the bytes that were written for this stream.
    pub(crate) fn open(self) -> Result<StateSnapshot<'a>, &'static str> {
        let (fingerprint, row) = take(self.row)?;
        let (checksum, rest) = take(row)?;
        if checksum_of(self.stream, &fingerprint, rest) != u32::from_be_bytes(checksum) {
            return Err("its checksum does not hold");
        }
        let (version, row) = take(rest)?;
        let (position, row) = take(row)?;
        let (id, row) = take(row)?;
        let (time, state) = take(row)?;
        let last = LastEvent {
            version: Version::new(u64::from_be_bytes(version)),
            position: Position::new(u64::from_be_bytes(position)),
            id: Uuid::from_bytes(id),
            time: Timestamp::from_micros(i64::from_be_bytes(time)),
        };
        Ok(StateSnapshot {
            fingerprint,
            last,
            state,
            owners: &[],
        })
    }

    fn encode(stream: &[u8], snapshot: &StateSnapshot<'_>) -> Vec<u8> {
        let StateSnapshot {
            fingerprint,
            last,
            state,
            ..
        } = snapshot;
        let mut row = Vec::with_capacity(Self::HEADER_BYTES + state.len());
        row.extend_from_slice(fingerprint);
        row.extend_from_slice(&[0; 4]);
        row.extend_from_slice(&last.version.get().to_be_bytes());
        row.extend_from_slice(&last.position.get().to_be_bytes());
        row.extend_from_slice(last.id.as_bytes());
        row.extend_from_slice(&last.time.as_micros().to_be_bytes());
        row.extend_from_slice(state);
        sign(stream, &mut row);
        row
    }
}

/// Makes the checksum of a row right.
fn sign(stream: &[u8], row: &mut [u8]) {
    if let Some((fingerprint, rest)) = row.split_first_chunk_mut::<32>()
        && let Some((checksum, rest)) = rest.split_first_chunk_mut::<4>()
    {
        *checksum = checksum_of(stream, fingerprint, rest).to_be_bytes();
    }
}

fn checksum_of(stream: &[u8], fingerprint: &Fingerprint, rest: &[u8]) -> u32 {
    let checksum = crc32c::crc32c_append(crc32c::crc32c(stream), fingerprint);
    crc32c::crc32c_append(checksum, rest)
}

fn take<const N: usize>(row: &[u8]) -> Result<([u8; N], &[u8]), &'static str> {
    let (bytes, rest) = row.split_first_chunk().ok_or(CUT_SHORT)?;
    Ok((*bytes, rest))
}

/// Shows hostile bytes as a row of a snapshot to `see`, as they are or with their checksum made right.
#[cfg(any(fuzzing, test))]
pub(crate) fn see_hostile_snapshot<T>(
    bytes: &[u8],
    is_signed: bool,
    see: impl FnOnce(SnapshotRow<'_>) -> T,
) -> T {
    let (stream, mut row) = (b"stream", bytes.to_vec());
    if is_signed {
        sign(stream, &mut row);
    }
    see(SnapshotRow { stream, row: &row })
}
