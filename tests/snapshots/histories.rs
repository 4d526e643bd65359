//! Whatever happens to a store, a load from a snapshot says what replay alone says.

use proptest::collection::vec;
use proptest::prelude::*;
use varvedb::Durability;
use varvedb::blocking::Repository;

use crate::kit::Place;
use crate::meter::{
    AnyMeter, MeterEvent, MeterId, any, every_one, every_seven, happen, installed, load_if_any,
    read, removed, slow,
};

#[derive(Clone, Debug)]
enum Step {
    /// Events of a meter, saved together; the first one of all installs it.
    Happen(u64, Vec<u64>, Durability),
    Remove(u64),
    Load(u64),
    /// Longer than the folder waits for company.
    Wait,
    Reopen,
    LoseIndex,
}

fn step() -> impl Strategy<Value = Step> {
    let durability = prop_oneof![Just(Durability::Sync), Just(Durability::Buffered)];
    let happen = (0..3_u64, vec(any::<u64>(), 1..12), durability);
    prop_oneof![
        8 => happen.prop_map(|(id, values, durability)| Step::Happen(id, values, durability)),
        1 => (0..3_u64).prop_map(Step::Remove),
        6 => (0..3_u64).prop_map(Step::Load),
        1 => Just(Step::Wait),
        1 => Just(Step::Reopen),
        1 => Just(Step::LoseIndex),
    ]
}

fn live<A: AnyMeter>(steps: &[Step]) {
    let place = Place::new();
    let mut repo = Repository::new(&place.open());
    for step in steps {
        match step {
            Step::Happen(id, values, durability) => {
                let repo = repo.clone().with_durability(*durability);
                let id = MeterId(*id);
                let is_new = repo.load::<A>(id).is_err();
                let first = is_new.then(|| installed(id));
                let events = values.iter().map(|value| read(id, *value));
                happen::<A>(&repo, id, first.into_iter().chain(events).collect());
            }
            Step::Remove(id) => {
                let id = MeterId(*id);
                if repo.load::<A>(id).is_ok() {
                    happen::<A>(&repo, id, vec![MeterEvent::Removed { id }]);
                }
            }
            Step::Load(id) => load_if_any::<A>(&repo, MeterId(*id)),
            Step::Wait => std::thread::sleep(std::time::Duration::from_millis(70)),
            Step::Reopen => {
                drop(repo);
                repo = Repository::new(&place.open());
            }
            Step::LoseIndex => {
                drop(repo);
                std::fs::remove_dir_all(place.path().join("index")).unwrap();
                repo = Repository::new(&place.open());
            }
        }
    }
    (0..3).for_each(|id| load_if_any::<A>(&repo, MeterId(id)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn snapshots_and_replay_say_the_same_at_every_policy(steps in vec(step(), 1..30)) {
        live::<every_one::Meter>(&steps);
        live::<every_seven::Meter>(&steps);
        live::<slow::Meter>(&steps);
        live::<removed::Meter>(&steps);
        live::<any::Meter>(&steps);
    }
}
