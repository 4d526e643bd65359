//! Memory that is there before anything is measured.

use std::hint::black_box;

const PAGE: usize = 4096;

/// Touches so many mebibytes and gives them back, so that what is measured next finds memory that is in
/// use. A virtual machine gives memory that is free back to its host; to get a page again took 12 us on the machine of
/// the published figures, a third of all that 512 callers took for the events on it.
pub fn warm(mebibytes: usize) {
    let mut memory = vec![0_u8; mebibytes << 20];
    memory.iter_mut().step_by(PAGE).for_each(|byte| *byte = 1);
    black_box(&memory);
}
