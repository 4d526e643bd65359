//! Events that were renamed are found under the name that they have now.

use varvedb::TypeName;
use varvedb::blocking::Repository;

use crate::kit::fresh;
use crate::order::{Order, store, three_years, v1};

#[test]
fn a_filter_by_the_new_name_finds_what_lies_under_the_old_one() {
    let log = fresh();
    three_years(&log);
    let shipped = TypeName::new("order.shipped").unwrap();
    let found = log.read_log().of_types([&shipped]).to_vec().unwrap();
    let names: Vec<&str> = found.iter().map(|event| event.type_name.as_str()).collect();
    assert_eq!(names, ["order.sent", "order.shipped"]);
}

#[test]
fn a_stream_of_retired_events_alone_is_not_taken_for_an_empty_one() {
    let log = fresh();
    store(&log, &[v1::OrderEvent::Gifted { id: 7 }]);
    let loaded = Repository::new(&log).load::<Order>(7);
    assert_eq!(
        loaded.unwrap_err().to_string(),
        "stream order-7 cannot be replayed: `order.gifted` at position 1 comes before any event that \
         creates the Order"
    );
}
