//! Any bytes, read as a snapshot of the index, also with their checksum made right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use varvedb::__fuzz;

fuzz_target!(|bytes: &[u8]| {
    let _ = __fuzz::snapshot(bytes);
});
