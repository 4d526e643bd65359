//! Every way to ask for snapshots, of structs and enums, in modules and functions and under `cfg`.

#![deny(warnings)]

use varvedb::prelude::*;

#[derive(VarveEvent)]
#[varve(stream = "lamp")]
pub enum LampEvent {
    Hung,
    Dimmed { percent: u8 },
    #[cfg(all())]
    Broke,
    #[cfg(any())]
    Melted,
}

#[derive(VarveValue, Clone, Debug)]
pub enum Lamp {
    Whole { percent: u8 },
    Broken,
}

#[aggregate(
    id = u64, event = LampEvent, error = String,
    snapshot(on(Hung, LampDimmed, Broke, Melted), every = 10, after_replay = "250us")
)]
impl Lamp {
    #[apply]
    fn hung(_: LampHung<'_>) -> Self {
        Self::Whole { percent: 100 }
    }

    #[apply]
    fn dimmed(&mut self, e: LampDimmed<'_>) {
        *self = Self::Whole { percent: e.percent };
    }

    #[cfg(all())]
    #[apply]
    fn broke(&mut self, _: LampBroke<'_>, _: &Meta<'_>) {
        *self = Self::Broken;
    }

    #[cfg(any())]
    #[apply]
    fn melted(&mut self, _: LampMelted<'_>) {
        *self = Self::Broken;
    }
}

pub mod elsewhere {
    use super::{LampBroke, LampDimmed, LampEvent, LampHung};
    use varvedb::prelude::*;

    #[derive(VarveValue)]
    pub struct Count {
        pub events: u64,
    }

    #[aggregate(id = u64, event = LampEvent, error = String, snapshot(after_replay = "1s", revision = 3))]
    impl Count {
        #[apply]
        fn hung(_: LampHung<'_>) -> Self {
            Self { events: 1 }
        }

        #[apply]
        fn dimmed(&mut self, _: LampDimmed<'_>) {
            self.events += 1;
        }

        #[apply]
        fn broke(&mut self, _: LampBroke<'_>) {
            self.events += 1;
        }
    }
}

fn main() {
    #[derive(VarveEvent)]
    #[varve(stream = "door")]
    enum DoorEvent {
        Opened,
    }

    #[derive(VarveValue)]
    struct Door {
        times: u64,
    }

    #[aggregate(id = u64, event = DoorEvent, error = String, snapshot(every = 1))]
    impl Door {
        #[command]
        fn open(&self) -> Result<DoorEvent, String> {
            Ok(DoorEvent::Opened)
        }

        #[apply]
        fn opened(_: DoorOpened<'_>) -> Self {
            Self { times: 1 }
        }
    }

    let _ = (Door { times: 1 }.open(), LampEvent::Hung, LampEvent::Broke);
    let _ = LampEvent::Dimmed { percent: 1 };
    let _ = DoorCommand::Open {};
}
