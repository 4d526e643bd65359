//! For tests of programs that keep events: what was stored must stay readable.
//!
//! - [`schema_lock!`](crate::schema_lock) and [`SchemaLock`]: the layouts of all events, in a file that is
//!   committed.
//! - [`assert_store_replays`] and [`store_replays`]: every event of a real store is read, every stream folded.
//! - [`assert_upcasts_are_total`]: every old revision is read, whatever it holds.
//! - [`assert_round_trips`]: events are the same when they were stored.
//!
//! With the feature `proptest`, `any_event` and `any_value` are strategies for arbitrary events and values.

mod lock;
mod made_up;
mod probe;
mod replay;
#[cfg(feature = "proptest")]
mod strategy;
mod total;

pub use self::lock::{LockError, LockFinding, SchemaLock};
pub use self::replay::{
    ReplayError, ReplayFailure, ReplayFlaw, ReplayProgress, ReplayReport, assert_store_replays,
    store_replays, streams_replay,
};
#[cfg(feature = "proptest")]
pub use self::strategy::{any_event, any_value};
pub use self::total::{
    UpcastFailure, assert_round_trips, assert_upcasts_are_total, upcast_failures,
};

/// Makes a test that compares the layouts of all revisions of these events with a text file beside the
/// crate's `Cargo.toml`.
///
/// ```
/// # use varvedb::prelude::*;
/// #[derive(VarveEvent)]
/// #[varve(stream = "account")]
/// enum AccountEvent {
///     Opened { owner: String, limit: i64 },
/// }
///
/// varvedb::schema_lock!("varve.lock"; AccountEvent);
/// # fn main() {}
/// ```
///
/// The file has one line for each revision, such as `account.opened@1 {owner: str, limit: i64}`, and
/// belongs into version control. The test fails when a layout is not what it was, when one is gone,
/// and when one is not in the file yet; `VARVE_LOCK=update cargo test` adds what is missing, and never
/// changes or removes a line. What the message means is told by [`LockFinding`].
///
/// One lock takes any number of enums, and the enums of one file belong into one lock. The test is
/// called `schema_lock`; where a module has several, name them:
/// `schema_lock!(payments: "payments.lock"; PaymentEvent)`.
#[macro_export]
macro_rules! schema_lock {
    ($file:literal; $($event:ty),+ $(,)?) => {
        $crate::schema_lock!(schema_lock: $file; $($event),+);
    };
    ($test:ident: $file:literal; $($event:ty),+ $(,)?) => {
        #[test]
        fn $test() {
            $crate::testing::SchemaLock::at(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", $file))
                $(.with::<$event>())+
                .assert();
        }
    };
}
