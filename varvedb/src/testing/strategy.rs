//! Strategies of `proptest`: arbitrary events and values, with the feature `proptest`.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use super::made_up::MadeUp;
use crate::codec::{Event, Field, Sampler, decode_value};

/// Choices of which one event or value is made up: when there are no more, all that is left is empty or 0.
const CHOICES: usize = 512;

/// Arbitrary events of an enum, in their present revision, in arbitrary streams.
///
/// The strategy is made of the schemas alone, so no type has to derive anything for it. Failures are made smaller
/// like any other. Numbers are often the smallest or the greatest of their type; floating-point numbers are finite,
/// so that events can be compared. Ids are those with `#[derive(VarveId)]`, or ones that any number, `Uuid` or text of
/// letters and digits is a key of.
///
/// ```
/// use proptest::prelude::*;
/// use varvedb::prelude::*;
/// use varvedb::testing::{any_event, assert_round_trips};
///
/// #[derive(VarveEvent, Debug)]
/// #[varve(stream = "account")]
/// enum AccountEvent {
///     Opened { owner: String, limit: i64 },
/// }
///
/// proptest!(|(event in any_event::<AccountEvent>())| assert_round_trips([&event]));
/// ```
///
/// # Panics
///
/// When the layout of an event takes more than 4 GiB.
pub fn any_event<E: Event + Debug>() -> impl Strategy<Value = E> + Clone {
    let samplers = E::schemas().iter().map(|schema| {
        let present = schema
            .revisions
            .last()
            .and_then(|layout| Sampler::of(*layout));
        let sampler = present.unwrap_or_else(|| panic!("`{}` takes more than 4 GiB", schema.name));
        (schema, sampler.without_nan().without_shredded())
    });
    let samplers: Vec<_> = samplers.collect();
    (0..samplers.len(), choices()).prop_filter_map(
        "the event is not one of its enum",
        move |(nth, choices)| {
            let (schema, sampler) = samplers.get(nth)?;
            let mut choices = choices.into_iter();
            let key = choices.next().unwrap_or(0);
            let payload = sampler.draw(&mut choices);
            let name = (schema.name, schema.current_revision());
            // The present revision of a type is never split.
            MadeUp::of::<E>(name, key, &payload)
                .decode()
                .ok()?
                .events
                .pop()
        },
    )
}

/// Arbitrary values of a type that can be stored, such as a struct with `#[derive(VarveValue)]`; see [`any_event`].
///
/// # Panics
///
/// When the layout of the type takes more than 4 GiB.
pub fn any_value<T: Field + Debug>() -> impl Strategy<Value = T> + Clone {
    let sampler = Sampler::of(T::SCHEMA).map(Sampler::without_nan);
    let sampler = sampler.unwrap_or_else(|| panic!("a value takes more than 4 GiB"));
    choices().prop_filter_map("the value is not one of its type", move |choices| {
        decode_value(&sampler.draw(&mut choices.into_iter())).ok()
    })
}

fn choices() -> impl Strategy<Value = Vec<u64>> + Clone {
    vec(any::<u64>(), 0..CHOICES)
}
