//! What opening a log makes of the place where its frames end.
//!
//! Opening starts where the index ends: everything before was folded into it, hence durable. From
//! there every frame is verified, byte by byte, until there is none. When what follows is not a
//! frame and not zeros, it is one of two things:
//!
//! - a *torn tail*: a group of frames that was being written when the machine stopped. It was
//!   never acknowledged, so it is cut off;
//! - *damage*: bytes that were durable once. That is an error that names the place. It is never
//!   cut off, since acknowledged events would silently be gone.
//!
//! It is damage if anything proves that these bytes were durable:
//!
//! 1. the segment has a footer, or there is a segment behind it: both are made only after all
//!    frames of the segment were synced;
//! 2. there is a valid frame further on whose `durable position` is not before the position
//!    expected here: whoever laid it knew that this position was synced;
//! 3. the index holds more than the log;
//! 4. the `lock` file says that the log was synced further.
//!
//! A later frame with a smaller durable position belongs to the same group, of which no frame was
//! acknowledged: it goes with the rest. Of the very last group nothing behind it can tell whether
//! it was acknowledged. Where neither the index nor the `lock` file can, a torn write and later
//! damage look the same: it is cut off, and [`Recovery`] and a warning say so.
//!
//! Cutting writes zeros over all that is behind the last whole frame, and syncs, before anything
//! is appended. Otherwise a frame of the torn group could come back to life behind a new one.

use std::fs::OpenOptions;

use crate::error::{Damage, StorageError};
use crate::log::flaw::Flaw;
use crate::log::scan::{Scan, Stop, Visit};
use crate::log::segment::FOOTER_BYTES;
use crate::log::zeros::write_zeros;
use crate::position::{Place, Position};

/// What was found and done when a log was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// Frames that were taken in, definitions included.
    pub(crate) frames: u64,
    /// The torn tail that was cut off, if there was one.
    pub(crate) cut: Option<Cut>,
}

/// A torn tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Where it began.
    pub(crate) place: Place,
    /// The first position it may have held.
    pub(crate) position: Position,
    /// How many bytes had been written.
    pub(crate) bytes: u64,
}

/// Scans up to the end of the log. What is damaged is an error; what is torn is left to
/// [`cut`], and until then it is as if it were not there.
pub(super) fn scan_to_end(
    scan: &mut Scan,
    bound: Option<Position>,
    visit: &mut Visit<'_>,
) -> Result<Stop, StorageError> {
    let mut proved = false;
    loop {
        let before = scan.end.place;
        let stop = match scan.run(bound, visit)? {
            Stop::End if !scan.is_at_end()? => Stop::Flaw(Flaw::new("no frame begins here")),
            stop => stop,
        };
        proved = proved && before == scan.end.place;
        match stop {
            Stop::Flaw(flaw) if flaw.whole || proved => return Err(damage(scan, flaw)),
            Stop::End | Stop::Unborn if proved => {
                let what = if scan.is_followed(scan.end.place.segment) {
                    "a segment that others follow ends without a footer"
                } else {
                    "a frame was here once, now there are only zeros"
                };
                return Err(scan.damaged_here(what));
            }
            // A reading process may have met a frame that was just being written, and then found
            // proof that it has been: so look again before calling it damage.
            Stop::Flaw(_) | Stop::End | Stop::Unborn if was_durable(scan, stop)? => {
                proved = true;
                if let Some(open) = &mut scan.open {
                    open.window.refresh()?;
                }
            }
            stop => return Ok(stop),
        }
    }
}

/// Whether something proves that there was more where the scan has stopped.
fn was_durable(scan: &mut Scan, stop: Stop) -> Result<bool, StorageError> {
    let is_followed = scan.is_followed(scan.end.place.segment);
    // Where only zeros are, no frame is that could say so.
    let has_more = matches!(stop, Stop::Flaw(_));
    Ok(is_followed || (has_more && scan.is_proved_behind()?))
}

fn damage(scan: &Scan, flaw: Flaw) -> StorageError {
    let place = scan.end.place;
    flaw.damage(&scan.path(place.segment), place, scan.end.position.next())
}

/// Refuses a log that ends before what was synced: whole segments may be gone, and nothing in those
/// that are left says so.
pub(super) fn check_end(scan: &Scan, stop: Stop, synced: Position) -> Result<(), StorageError> {
    let end = scan.end.position;
    if end >= synced {
        return Ok(());
    }
    let place = scan.end.place;
    let what = match stop {
        Stop::Flaw(flaw) => flaw.what,
        Stop::End | Stop::Unborn | Stop::Sealed | Stop::Bound => "the log ends here",
    };
    let damage = Damage {
        path: scan.path(place.segment),
        offset: place.offset(),
        position: Some(end.next()),
        what,
    };
    Err(StorageError::cut_short(damage, end, synced))
}

/// What is wrong at the place where a scan stopped, if that is before `up_to`.
pub(super) fn missing(scan: &Scan, stop: Stop, up_to: Position) -> Option<StorageError> {
    if scan.end.position >= up_to {
        return None;
    }
    Some(match stop {
        Stop::Flaw(flaw) => damage(scan, flaw),
        Stop::End | Stop::Unborn | Stop::Sealed | Stop::Bound => {
            scan.damaged_here("no frame is where one was written")
        }
    })
}

/// Cuts the torn tail off, if there is one, and makes everything before it durable.
pub(super) fn cut(scan: &mut Scan, stop: Stop) -> Result<Option<Cut>, StorageError> {
    let (place, position) = (scan.end.place, scan.end.position.next());
    let path = scan.path(place.segment);
    let Some(open) = &mut scan.open else {
        return Ok(None);
    };
    let file = OpenOptions::new()
        .write(true)
        .open(&path)
        .map_err(|error| StorageError::io("open", &path, error))?;
    let mut torn = None;
    match stop {
        Stop::Flaw(flaw) => {
            let end = open.window.written_end(place.offset())?;
            let bytes = end.saturating_sub(place.offset());
            tracing::warn!(
                segment = %path.display(), offset = place.offset(), %position, bytes,
                "cut off a torn tail that was never acknowledged: {}", flaw.what
            );
            write_zeros(&file, &path, place.offset(), end)?;
            torn = Some(Cut {
                place,
                position,
                bytes,
            });
        }
        // The footer was written, but perhaps the rest of the file was not cut off yet.
        Stop::Sealed if open.window.len() > place.offset() + FOOTER_BYTES => file
            .set_len(place.offset() + FOOTER_BYTES)
            .map_err(|error| StorageError::io("trim", &path, error))?,
        Stop::End | Stop::Sealed | Stop::Unborn | Stop::Bound => {}
    }
    // The frames that were found may so far be in the page cache alone: a program that was killed
    // leaves them there. Only now are they as durable as the next frame will say they are.
    file.sync_all()
        .map_err(|error| StorageError::io("sync", &path, error))?;
    open.window.refresh()?;
    Ok(torn)
}
