//! Promises of the index, on real files.
