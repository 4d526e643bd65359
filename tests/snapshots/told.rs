//! What the library tells through `tracing`.

use std::sync::{Arc, Mutex};

/// What is told on this thread while `f` runs.
pub fn told(f: impl FnOnce()) -> String {
    let lines = Arc::new(Mutex::new(String::new()));
    tracing::subscriber::with_default(Lines(Arc::clone(&lines)), f);
    let lines = lines.lock().unwrap();
    lines.clone()
}

struct Lines(Arc<Mutex<String>>);

impl tracing::Subscriber for Lines {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        use std::fmt::Write;
        let mut lines = self.0.lock().unwrap();
        write!(lines, "{}", event.metadata().level()).unwrap();
        event.record(
            &mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                write!(lines, " {field}={value:?}").unwrap();
            },
        );
        lines.push('\n');
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
