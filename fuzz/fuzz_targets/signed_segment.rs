//! A frame that was laid, changed and signed again, read in every way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use varvedb::__fuzz;

fuzz_target!(|bytes: &[u8]| {
    let _ = __fuzz::signed_segment(bytes);
});
