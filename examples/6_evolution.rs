//! Lesson 6: evolution. One store lives through three programs; the third reads what each has written.
//!
//! Run it with `cargo run --example 6_evolution`.

#![expect(clippy::print_stdout, reason = "a lesson is read aloud")]
#![cfg_attr(rustfmt, rustfmt::skip)] // three programs on one page

use std::convert::Infallible;

use varvedb::blocking::Repository;
use varvedb::prelude::*;

mod first_year {
    use super::{Infallible, VarveEvent, aggregate};

    #[derive(VarveEvent)]
    #[varve(stream = "member")]
    pub(super) enum MemberEvent {
        Joined { first: String, last: String },
    }
    pub(super) struct Member;
    #[aggregate(id = u64, event = MemberEvent, error = Infallible)]
    impl Member {
        #[command]
        pub(super) fn join(first: String, last: String) -> Result<MemberEvent, Infallible> {
            Ok(MemberEvent::Joined { first, last })
        }
        #[apply] fn joined(_: MemberJoined<'_>) -> Self { Self }
    }
}

/// A field is added: no old layout is kept, only said what older events have in its place.
mod second_year {
    use super::{Infallible, VarveEvent, aggregate};

    #[derive(VarveEvent)]
    #[varve(stream = "member")]
    pub(super) enum MemberEvent {
        #[varve(revision = 2)]
        Joined { first: String, last: String, #[varve(since = 2, default = "basic")] plan: String },
    }
    pub(super) struct Member;
    #[aggregate(id = u64, event = MemberEvent, error = Infallible)]
    impl Member {
        #[command]
        pub(super) fn join(first: String, last: String) -> Result<MemberEvent, Infallible> {
            Ok(MemberEvent::Joined { first, last, plan: "gold".to_owned() })
        }
        #[apply] fn joined(_: MemberJoined<'_>) -> Self { Self }
    }
}

/// One event was two: the old layouts are kept, and what they said is told in the events of today.
mod third_year {
    use super::{Infallible, Scratch, Split, Upcast, VarveEvent, VarveRevision, aggregate};

    #[derive(VarveEvent)]
    #[varve(stream = "member")]
    pub(super) enum MemberEvent {
        #[varve(revision = 3, history(JoinedV1, split(JoinedV2)))]
        Joined { name: String },
        PlanChosen { plan: String },
    }
    #[derive(VarveRevision)] struct JoinedV1 { first: String, last: String }
    #[derive(VarveRevision)] struct JoinedV2 { first: String, last: String, plan: String }

    impl<'a> Upcast<'a, JoinedV1View<'a>> for JoinedV2View<'a> {
        fn upcast(old: JoinedV1View<'a>, _: &'a Scratch) -> Self {
            Self { first: old.first, last: old.last, plan: "basic" } // borrowed from the log
        }
    }
    impl<'a> Split<'a, JoinedV2View<'a>> for MemberEventView<'a> {
        fn split(old: JoinedV2View<'a>, scratch: &'a Scratch) -> impl IntoIterator<Item = Self> {
            let name = scratch.str(format!("{} {}", old.first, old.last)); // made, and kept
            let chosen = MemberPlanChosen { plan: old.plan };
            [Self::Joined(MemberJoined { name }), Self::PlanChosen(chosen)]
        }
    }
    pub(super) struct Member { pub(super) name: String, pub(super) plans: Vec<String> }
    #[aggregate(id = u64, event = MemberEvent, error = Infallible)]
    impl Member {
        #[command]
        pub(super) fn choose(&self, plan: String) -> Result<MemberEvent, Infallible> {
            Ok(MemberEvent::PlanChosen { plan })
        }
        #[apply] fn joined(e: MemberJoined<'_>) -> Self { Self { name: e.name.into(), plans: vec![] } }
        #[apply] fn plan_chosen(&mut self, e: MemberPlanChosen<'_>) { self.plans.push(e.plan.into()); }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let gym = folder.path().join("gym.varve");
    let open = || Store::open(&gym).map(|store| Repository::new(&store));
    let (first, last) = ("Ada".to_owned(), "Byron".to_owned());
    open()?.execute::<first_year::Member>(1, first_year::MemberCommand::Join { first, last })?;
    let (first, last) = ("Mary".to_owned(), "Shelley".to_owned());
    open()?.execute::<second_year::Member>(2, second_year::MemberCommand::Join { first, last })?;

    let repo = open()?;
    repo.execute::<third_year::Member>(1, third_year::MemberCommand::Choose { plan: "gold".to_owned() })?;
    for id in [1, 2] {
        let member = repo.load::<third_year::Member>(id)?;
        let (state, events) = (member.state(), member.version());
        println!("{}: {}, of {events} stored", state.name, state.plans.join(", then "));
    }

    // A program from before is told so, and reads nothing.
    if let Err(refused) = repo.load::<first_year::Member>(2) { println!("{refused}"); }
    Ok(())
}
