//! The progress row: whose index this is, in which format, and up to where the log is folded.

use uuid::Uuid;

use crate::position::{Place, Position};

/// How far the log is folded into the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Folded {
    /// The last position that is; 0 when none is.
    pub(crate) position: Position,
    /// The place just behind its frame; `None` when none is.
    pub(crate) place: Option<Place>,
}

/// `format: u32, store id: 16 bytes, position: u64, segment: u32, unit: u32`, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) store_id: Uuid,
    pub(super) folded: Folded,
}

impl Progress {
    pub(super) const KEY: &'static [u8] = b"progress";
    /// Grows with every change of any table; an index of another format is built anew.
    pub(super) const FORMAT: u32 = 3;
    pub(super) const NO_ROW: &'static str = "the row that says how far it reaches cannot be read";

    const BYTES: usize = 36;

    /// Nothing folded yet.
    pub(super) fn start(store_id: Uuid) -> Self {
        let folded = Folded::default();
        Self { store_id, folded }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let place = self.folded.place.unwrap_or_default();
        let mut row = Vec::with_capacity(Self::BYTES);
        row.extend_from_slice(&Self::FORMAT.to_be_bytes());
        row.extend_from_slice(self.store_id.as_bytes());
        row.extend_from_slice(&self.folded.position.get().to_be_bytes());
        row.extend_from_slice(&encode_place(place));
        row
    }

    /// The format of a row, whatever else is in it.
    pub(super) fn format(row: &[u8]) -> Option<u32> {
        row.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
    }

    pub(super) fn decode(row: &[u8]) -> Option<Self> {
        let (_format, row) = row.split_first_chunk::<4>()?;
        let (store_id, row) = row.split_first_chunk()?;
        let (position, row) = row.split_first_chunk()?;
        let place = decode_place(row)?;
        let position = Position::new(u64::from_be_bytes(*position));
        Some(Self {
            store_id: Uuid::from_bytes(*store_id),
            folded: Folded {
                position,
                place: (position > Position::ZERO).then_some(place),
            },
        })
    }
}

/// A place as it stands in values: `segment: u32, unit: u32`, big-endian.
pub(super) fn encode_place(place: Place) -> [u8; 8] {
    (u64::from(place.segment) << 32 | u64::from(place.unit)).to_be_bytes()
}

/// The place in these bytes; `None` if they are not one.
pub(super) fn decode_place(bytes: &[u8]) -> Option<Place> {
    let (segment, unit) = bytes.split_first_chunk()?;
    Some(Place {
        segment: u32::from_be_bytes(*segment),
        unit: u32::from_be_bytes(unit.try_into().ok()?),
    })
}
