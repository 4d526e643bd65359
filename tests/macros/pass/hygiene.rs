//! No prelude, and names of the standard library and of generated code taken by others.

#![no_implicit_prelude]
#![deny(warnings)]
#![allow(dead_code, non_upper_case_globals, clippy::all)]

mod std {}
mod core {}
pub struct Result;
pub struct Option;
pub struct Vec;
pub struct String;
pub struct Box;
pub trait Clone {}
pub trait Debug {}
pub trait Field {}
pub trait Event {}
pub trait Record {}
pub struct Some;
pub struct None;
pub struct Ok;
pub struct Err;
pub const event: u64 = 1;
pub const recorded: u64 = 1;
pub const out: u64 = 1;
pub const view: u64 = 1;
pub const meta: u64 = 1;
pub const field_1: u64 = 1;
pub const f: u64 = 1;
pub const key: u64 = 1;
pub const encoder: u64 = 1;
pub const resolver: u64 = 1;
pub const archived: u64 = 1;
pub const revision: u64 = 1;

#[derive(::varvedb::VarveId, ::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
pub struct ThingId(u64);

pub const scratch: u64 = 1;
pub const type_name: u64 = 1;

#[derive(::varvedb::VarveEvent)]
#[varve(stream = "past", retired("gone"))]
pub enum PastEvent {
    #[varve(revision = 3, history(DoneV1, DoneV2), alias = "made")]
    Done { scratch: u64, type_name: u64 },
    #[varve(revision = 2)]
    Left { view: u64, #[varve(since = 2, default = view)] revision: u64 },
}

#[derive(::varvedb::VarveRevision)]
pub struct DoneV1 {
    scratch: u64,
    view: u64,
}

#[derive(::varvedb::VarveRevision)]
pub struct DoneV2 {
    scratch: u64,
    recorded: u64,
}

impl<'a> ::varvedb::Upcast<'a, DoneV1View<'a>> for DoneV2View<'a> {
    fn upcast(old: DoneV1View<'a>, _: &'a ::varvedb::Scratch) -> Self {
        DoneV2View { scratch: old.scratch, recorded: old.view }
    }
}

impl<'a> ::varvedb::Upcast<'a, DoneV2View<'a>> for PastDone<'a> {
    fn upcast(old: DoneV2View<'a>, _: &'a ::varvedb::Scratch) -> Self {
        PastDone { scratch: old.scratch, type_name: old.recorded }
    }
}

#[derive(::varvedb::VarveValue)]
pub struct Part {
    r#type: u64,
    archived: ::std::string::String,
    resolver: u64,
    out: u64,
    encoder: u64,
}

// Apart from the constants: rkyv's own derive, which stores enums, takes them for its locals, and it
// takes one name from the prelude.
mod form {
    use ::core::marker::Sized;

    #[derive(::varvedb::VarveValue)]
    pub enum Form {
        Round { r#type: u64, encoder: u64, f: u64 },
        Flat,
    }
}
use form::Form;

#[derive(::varvedb::VarveEvent)]
#[varve(stream = "thing")]
pub enum ThingEvent {
    Made {
        #[stream_id]
        recorded: ThingId,
        r#type: u64,
        raw: u64,
        event: u64,
        out: u64,
        view: u64,
        f: u64,
        field_0: ::std::string::String,
        part: Part,
        form: Form,
    },
    Gone {
        #[stream_id]
        key: ThingId,
    },
}

#[derive(::varvedb::VarveValue)]
pub struct Thing {
    snapshots: u64,
}

#[::varvedb::aggregate(
    id = ThingId,
    event = ThingEvent,
    error = ::std::string::String,
    snapshot(every = 2, on(ThingGone))
)]
impl Thing {
    #[command]
    fn lose(
        &self,
        state: u64,
        field_0: u64,
        r#type: u64,
    ) -> ::core::result::Result<ThingEvent, ::std::string::String> {
        let _ = (state, field_0, r#type);
        ::core::result::Result::Ok(ThingEvent::Gone { key: ThingId(1) })
    }

    #[apply]
    fn made(_: ThingMade<'_>) -> Self {
        Thing { snapshots: 0 }
    }

    #[apply]
    fn gone(&mut self, _: ThingGone<'_>, _: &::varvedb::Meta<'_>) {}
}

pub struct Things(u64);

#[::varvedb::projection(name = "things")]
impl Things {
    #[on]
    fn made(&mut self, e: ThingMade<'_>, _: &::varvedb::Meta<'_>) {
        self.0 += e.r#type;
    }
}

fn main() {}
