//! The macros of VarveDB. Use them through the `varvedb` crate.
