//! A type that contains itself.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::hostile::is_read_if_rkyv_accepts_it;
use super::json::{Json, list, object};
use super::{archive, schema};
use crate::VarveValue;
use crate::codec::Field;

/// A type that contains itself in lists and maps, and beside other things there.
#[derive(Clone, Debug, VarveValue)]
enum Plant {
    Seed,
    Grown {
        leaf: String,
        by: BTreeMap<u16, Plant>,
        pairs: Vec<(u8, Plant)>,
        gaps: Vec<Option<Plant>>,
        twins: Vec<[Plant; 2]>,
    },
}

impl Json for Plant {
    fn json(&self) -> String {
        let Self::Grown {
            leaf,
            by,
            pairs,
            gaps,
            twins,
        } = self
        else {
            return "\"seed\"".to_owned();
        };
        let by = by.iter().map(|(k, v)| (k.json(), v.json()));
        let grown = object([
            ("leaf".into(), leaf.json()),
            ("by".into(), object(by)),
            ("pairs".into(), list(pairs)),
            ("gaps".into(), list(gaps)),
            ("twins".into(), list(twins)),
        ]);
        object([("grown".into(), grown)])
    }
}

fn plants() -> impl Strategy<Value = Plant> {
    Just(Plant::Seed).prop_recursive(3, 24, 3, |inner| {
        let several = || 0..3_usize;
        let twins = [inner.clone(), inner.clone()];
        let grown = (
            any::<String>(),
            prop::collection::btree_map(any::<u16>(), inner.clone(), several()),
            prop::collection::vec((any::<u8>(), inner.clone()), several()),
            prop::collection::vec(prop::option::of(inner.clone()), several()),
            prop::collection::vec(twins, several()),
        );
        grown.prop_map(|(leaf, by, pairs, gaps, twins)| Plant::Grown {
            leaf,
            by,
            pairs,
            gaps,
            twins,
        })
    })
}

proptest! {
    #[test]
    fn a_type_inside_itself_is_read_wherever_it_may_lie(plant in plants()) {
        let value = schema::<Plant>().decode(&archive(&plant)).unwrap();
        prop_assert_eq!(value.to_string(), plant.json());
    }

    #[test]
    fn what_rkyv_accepts_of_a_type_inside_itself_is_read(
        plant in plants(),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..4),
    ) {
        let bytes = archive(&plant);
        is_read_if_rkyv_accepts_it::<Plant>(&bytes, &changes)?;
    }
}

#[test]
fn the_text_of_a_type_inside_itself_names_the_place() {
    let text = "enum(seed | grown{leaf: str, by: map<u16, @1>, pairs: list<(u8, @1)>, \
                gaps: list<option<@1>>, twins: list<[@1; 2]>})";
    assert_eq!(Plant::SCHEMA.text(), text);
}
