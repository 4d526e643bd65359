//! The library under another name, found by `crate = ..`.

mod my {
    pub use ::varvedb;
}

use my::varvedb::{VarveEvent, VarveId, VarveValue, aggregate, projection};

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(crate = crate::my::varvedb)]
struct ThingId(u64);

#[derive(VarveValue)]
#[varve(crate = crate::my::varvedb)]
enum Form {
    Round { size: u64 },
    Flat,
}

#[derive(VarveEvent)]
#[varve(stream = "thing", crate = crate::my::varvedb)]
enum ThingEvent {
    Made { #[stream_id] id: ThingId, form: Form },
}

struct Thing;

#[aggregate(id = ThingId, event = ThingEvent, error = String, crate = crate::my::varvedb)]
impl Thing {
    #[apply]
    fn made(_: ThingMade<'_>) -> Self {
        Self
    }
}

struct Things(u64);

#[projection(name = "things", crate = crate::my::varvedb)]
impl Things {
    #[on]
    fn made(&mut self, _: ThingMade<'_>) {
        self.0 += 1;
    }
}

fn main() {
    let _ = (Form::Round { size: 1 }, Form::Flat, Things(0), Thing);
    let _ = ThingEvent::Made { id: ThingId(1), form: Form::Flat };
}
