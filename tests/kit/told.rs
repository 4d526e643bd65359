//! What the library tells through `tracing`.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use tracing::field::Field;
use tracing::span;

/// All that is told on this thread while `f` runs.
pub fn told(f: impl FnOnce()) -> String {
    let lines = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&lines);
    let listener = Listener(move |line: &Line| {
        writeln!(kept.lock().unwrap(), "{} {}", line.level, line.text()).unwrap();
    });
    tracing::subscriber::with_default(listener, f);
    let lines = lines.lock().unwrap();
    lines.clone()
}

/// Hears everything, and hands it to a function line by line.
pub struct Listener<F>(pub F);

/// Something that was told.
pub struct Line {
    pub level: tracing::Level,
    /// The module that tells it.
    pub target: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl Line {
    /// Names and values.
    pub fn text(&self) -> String {
        let fields = self
            .fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        fields.collect::<Vec<_>>().join(" ")
    }

    /// The value of this name, or nothing.
    pub fn field(&self, name: &str) -> &str {
        let mut fields = self.fields.iter();
        let found = fields.find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }
}

impl<F: Fn(&Line) + Send + Sync + 'static> tracing::Subscriber for Listener<F> {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Vec::new();
        event.record(&mut |field: &Field, value: &dyn Debug| {
            fields.push((field.name(), format!("{value:?}")));
        });
        (self.0)(&Line {
            level: *event.metadata().level(),
            target: event.metadata().target(),
            fields,
        });
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
