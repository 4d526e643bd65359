//! The kit that programs test their events with, tested itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "proptest")]
mod generated;
#[path = "../kit/mod.rs"]
mod kit;
mod lock;
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each story takes of the order what it needs"
)]
#[path = "../evolution/order.rs"]
mod order;
#[cfg(feature = "proptest")]
mod personal;
mod replays;
mod shrunk;
