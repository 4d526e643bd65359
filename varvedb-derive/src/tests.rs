//! The macros outside the compiler.

mod expansions;
mod mutations;
