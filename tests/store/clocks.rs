//! Clocks that are behind the log.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use varvedb::{ExpectedVersion, ManualClock, Store, Timestamp};

use crate::kit::{Place, book, lent};

/// Keeps the warnings of the thread that listens.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        let _ = fmt::write(&mut self.0, format_args!("{value:?} "));
    }
}

#[test]
fn a_clock_that_is_far_behind_the_log_is_warned_of_once_for_each_opening() {
    const HOUR: Duration = Duration::from_secs(3600);
    let place = Place::new();
    let clock = Arc::new(ManualClock::new(Timestamp::default()));
    let warnings_of_a_day = || {
        let warnings = Warnings::default();
        tracing::subscriber::with_default(warnings.clone(), || {
            let store = place.open_with(Store::options().clock(clock.clone()));
            for _ in 0..3 {
                let append = store.append(&book(1), ExpectedVersion::Any, [lent("a")]);
                let _ = append.unwrap();
            }
        });
        warnings.0.lock().unwrap().clone()
    };
    assert_eq!(warnings_of_a_day(), [""; 0], "a new store has no times yet");
    clock.advance(HOUR);
    assert_eq!(warnings_of_a_day(), [""; 0]);
    clock.set(Timestamp::from_micros(3_570_000_000));
    assert_eq!(
        warnings_of_a_day(),
        [""; 0],
        "half a minute is what clocks are"
    );
    clock.set(Timestamp::default());
    for _ in 0..2 {
        let said = warnings_of_a_day();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("the clock is behind the log"), "{said:?}");
        assert!(said[0].contains("3600"), "{said:?}");
    }
    let last = place.open().read_log().to_vec().unwrap().pop().unwrap();
    assert_eq!(last.time, Timestamp::from_micros(3_600_000_000));
}
