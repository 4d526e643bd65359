//! The stores, one file each.

pub mod cqrs_es;
pub mod eventcore;
pub mod evento;
pub mod ours;
pub mod ours_typed;
pub mod sierradb;
pub mod umadb;
pub mod upstream;
