//! Any bytes, read as payloads without their types: of a layout that stands before them, and of types
//! that are known.
#![no_main]

use libfuzzer_sys::fuzz_target;
use varvedb::__fuzz;

fuzz_target!(|bytes: &[u8]| {
    let _ = __fuzz::explain(bytes);
});
