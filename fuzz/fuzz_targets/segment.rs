//! Any bytes, read as a segment.
#![no_main]

use libfuzzer_sys::fuzz_target;
use varvedb::__fuzz;

fuzz_target!(|bytes: &[u8]| {
    let _ = __fuzz::segment(bytes);
});
