//! The kit that programs test their events with, tested itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod lock;
