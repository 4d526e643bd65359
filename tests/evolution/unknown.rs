//! Who meets what he does not know decides himself: an error, unless he says otherwise.

use std::convert::Infallible;

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;
use varvedb::projection::{HandlerError, OnUnknown, ProjectionState};
use varvedb::{ExpectedVersion, LoadError, NewEvent, ProcessorError, RegisterError, SaveError};
use varvedb::{StreamId, TypeName, Unknown};

use crate::kit::{Fresh, Place, fresh};
use crate::order::v1::{OrderBegun, OrderEvent, OrderGifted, OrderPlaced, OrderSent};
use crate::order::{self, Told, three_years};

/// The order, as the program of the first year still knows it.
#[derive(VarveValue, Debug, PartialEq)]
struct FirstOrder {
    totals: Vec<i64>,
}

#[aggregate(id = u64, event = OrderEvent, error = Infallible, snapshot(every = 1))]
impl FirstOrder {
    #[command]
    fn gift(&self) -> Result<OrderEvent, Infallible> {
        Ok(OrderEvent::Gifted { id: 7 })
    }

    #[apply]
    fn begun(_: OrderBegun<'_>) -> Self {
        Self { totals: Vec::new() }
    }

    #[apply]
    fn placed(&mut self, e: OrderPlaced<'_>) {
        self.totals.push(e.total);
    }

    #[apply]
    fn gifted(&mut self, _: OrderGifted<'_>) {}

    #[apply]
    fn sent(&mut self, _: OrderSent<'_>) {}
}

/// What a projection of the first year was told, and what it was handed raw.
#[derive(Default)]
struct FirstTold(Vec<String>);

#[projection(name = "first_told")]
impl FirstTold {
    #[on]
    fn placed(&mut self, e: OrderPlaced<'_>) {
        self.0.push(format!("placed {}", e.total));
    }

    #[on]
    fn sent(&mut self, e: OrderSent<'_>) {
        self.0.push(format!("sent {}", e.parcel));
    }
}

/// The same in the store's tables, but it does not want to hear of parcels.
struct Counted;

const COUNTS: Table<u64, u64> = Table::new("counts");

#[projection(name = "counted")]
impl Counted {
    #[on]
    fn placed(
        &self,
        _: order::OrderPlaced<'_>,
        tables: &mut Tables<'_>,
    ) -> Result<(), HandlerError> {
        tables
            .update(COUNTS, &1, |count| *count += 1)
            .map_err(|error| HandlerError::Failed(Box::new(error)))
    }

    #[on]
    fn shipped(&self, e: order::OrderShipped<'_>, _: &mut Tables<'_>) -> Result<(), HandlerError> {
        Err(HandlerError::Failed(
            format!("parcel {} is unwanted", e.parcel).into(),
        ))
    }
}

fn pondered(log: &Store) {
    let event = NewEvent::new(TypeName::new("order.pondered").unwrap(), *b"");
    let stream = StreamId::new("order", 7).unwrap();
    let _ = log.append(&stream, ExpectedVersion::Any, [event]).unwrap();
}

/// A store that was opened anew: what it was told before, it has from its log.
fn after_three_years() -> (Place, Store) {
    let place = Place::new();
    three_years(&place.open());
    let log = place.open();
    (place, log)
}

/// By the present program.
fn placed() -> order::OrderEvent {
    order::OrderEvent::Placed {
        id: 7,
        buyer: "Ada Byron".to_owned(),
        cents: 500,
        currency: "EUR".to_owned(),
        tags: Vec::new(),
    }
}

fn begun() -> Fresh {
    let log = fresh();
    order::store(&log, &[OrderEvent::Begun { id: 7 }]);
    log
}

#[test]
fn a_projection_stops_at_a_type_that_it_does_not_know() {
    let log = begun();
    pondered(&log);
    let mut processor = Processor::new(&log);
    processor.register(FirstTold::default()).unwrap();
    let stopped = processor.catch_up().unwrap_err();
    insta::assert_snapshot!(stopped);
    assert!(matches!(stopped, ProcessorError::Stopped { position, .. } if position == 2));
}

#[test]
fn a_projection_is_refused_a_store_that_knows_newer_revisions() {
    let (_place, log) = after_three_years();
    let refused = Processor::new(&log).register(FirstTold::default());
    let refused = refused.map(drop).unwrap_err();
    assert!(
        matches!(refused, ProcessorError::Schema(RegisterError::Newer { .. })),
        "{refused}"
    );
}

#[test]
fn a_projection_that_runs_already_stops_where_a_newer_program_begins_to_write() {
    let log = begun();
    let mut processor = Processor::new(&log);
    processor.register(FirstTold::default()).unwrap();
    assert_eq!(processor.catch_up().unwrap(), 1);
    order::store(&log, &[order::OrderEvent::Begun { id: 7 }, placed()]);
    let stopped = processor.catch_up().unwrap_err();
    insta::assert_snapshot!(stopped);
    assert_eq!(processor.statuses()[0].position, Position::new(2));
}

#[test]
fn a_projection_that_skips_counts_what_it_does_not_know() {
    let (_place, log) = after_three_years();
    pondered(&log);
    let mut processor = Processor::new(&log);
    let told = processor
        .register_with(FirstTold::default(), OnUnknown::Skip)
        .unwrap();
    assert_eq!(processor.catch_up().unwrap(), 8);
    assert_eq!(told.read().0, ["placed 5", "sent A-1"]);
    // Two newer revisions of an order, a shipping that was a sending, and the pondering.
    assert_eq!(processor.statuses()[0].skipped, 4);
}

#[test]
fn a_projection_that_takes_them_raw_is_handed_them_in_their_order() {
    let (_place, log) = after_three_years();
    pondered(&log);
    let mut processor = Processor::new(&log);
    let on_unknown = OnUnknown::raw(|told: &mut FirstTold, event, _| {
        let (name, revision) = (event.type_name(), event.meta().revision());
        told.0.push(format!(
            "{name}@{revision}, {} bytes",
            event.payload().len()
        ));
        Ok(())
    });
    let told = processor
        .register_with(FirstTold::default(), on_unknown)
        .unwrap();
    assert_eq!(processor.catch_up().unwrap(), 8);
    insta::assert_snapshot!(told.read().0.join("\n"));
    assert_eq!(
        processor.statuses()[0].skipped,
        0,
        "what is handled is not skipped"
    );
}

#[test]
fn a_raw_handler_of_a_projection_with_tables_writes_rows_like_others() {
    let log = begun();
    pondered(&log);
    let mut processor = Processor::new(&log);
    let on_unknown = OnUnknown::raw(|_: &mut Counted, event, tables| {
        tables.update(COUNTS, &event.position().get(), |count| *count += 1)?;
        Ok(())
    });
    processor.register_with(Counted, on_unknown).unwrap();
    assert_eq!(processor.catch_up().unwrap(), 2);
    let tables = log.tables::<Counted>().unwrap();
    assert_eq!(tables.rows(COUNTS).unwrap(), [(2, 1)]);
}

#[test]
fn a_raw_handler_that_fails_or_panics_stops_its_projection() {
    let log = begun();
    pondered(&log);
    let stopped = |on_unknown| {
        let mut processor = Processor::new(&log);
        processor
            .register_with(FirstTold::default(), on_unknown)
            .unwrap();
        let stopped = processor.catch_up().unwrap_err().to_string();
        assert!(matches!(
            processor.statuses()[0].state,
            ProjectionState::Stopped { .. }
        ));
        stopped
    };
    let failing = OnUnknown::raw(|_, _, _| Err("no thinking here".into()));
    assert!(stopped(failing).contains("at position 2: no thinking here"));
    let panicking = OnUnknown::raw(|_, _, _| panic!("thinking hurts"));
    assert!(stopped(panicking).contains("at position 2: the handler panicked: thinking hurts"));
}

#[test]
fn what_a_projection_has_no_handler_for_is_not_unknown() {
    let (_place, log) = after_three_years(); // the first of which is begun, for which there is no handler
    let shelf = StreamId::new("shelf", 1).unwrap();
    let built = NewEvent::new(TypeName::new("shelf.built").unwrap(), *b"");
    let _ = log.append(&shelf, ExpectedVersion::Any, [built]).unwrap();
    let mut processor = Processor::new(&log);
    processor.register(Told::default()).unwrap();
    assert_eq!(processor.catch_up().unwrap(), 8);
    assert_eq!(
        processor.statuses()[0].skipped,
        1,
        "only the retired gift is skipped"
    );
}

#[test]
fn what_is_skipped_is_counted_once_although_its_batch_is_handled_twice() {
    let (_place, log) = after_three_years(); // begun, placed, gifted, and then a parcel, at which the projection stops
    let mut processor = Processor::new(&log);
    processor.register(Counted).unwrap();
    let stopped = processor.catch_up().unwrap_err();
    assert!(
        matches!(stopped, ProcessorError::Stopped { position, .. } if position == 4),
        "{stopped}"
    );
    let status = &processor.statuses()[0];
    assert_eq!((status.position, status.skipped), (Position::new(3), 1));
}

#[test]
fn a_load_meets_a_type_that_it_does_not_know() {
    let log = begun();
    pondered(&log);
    let refused = Repository::new(&log).load::<FirstOrder>(7).unwrap_err();
    assert!(
        matches!(refused, LoadError::Decode { position, .. } if position == 2),
        "{refused}"
    );
}

#[test]
fn a_load_that_skips_counts_what_it_does_not_know() {
    let (_place, log) = after_three_years();
    let refused = Repository::new(&log).load::<FirstOrder>(7).unwrap_err();
    assert!(
        matches!(refused, LoadError::Schema(RegisterError::Newer { .. })),
        "{refused}"
    );
    pondered(&log);
    let repo = Repository::new(&log).with_unknown(Unknown::Skip);
    let order = repo.load::<FirstOrder>(7).unwrap();
    assert_eq!(order.state().totals, [5]);
    assert_eq!(
        (order.version().get(), order.replayed(), order.skipped()),
        (8, 4, 4)
    );
}

#[test]
fn a_state_that_lacks_something_is_not_kept_as_a_snapshot() {
    let log = begun();
    let repo = Repository::new(&log).with_unknown(Unknown::Skip);
    pondered(&log);
    for _ in 0..2 {
        let order = repo.load::<FirstOrder>(7).unwrap();
        assert_eq!(
            (order.replayed(), order.skipped()),
            (1, 1),
            "every load is from the first event"
        );
    }
    // Where nothing is unknown, one is kept.
    let log = begun();
    let repo = Repository::new(&log).with_unknown(Unknown::Skip);
    assert_eq!(repo.load::<FirstOrder>(7).unwrap().replayed(), 1);
    log.sync().unwrap();
    assert_eq!(repo.load::<FirstOrder>(7).unwrap().replayed(), 0);
}

#[test]
fn what_one_repository_skips_is_an_error_for_others_also_after_it_has_saved() {
    let log = begun();
    pondered(&log);
    let skipping = Repository::new(&log).with_unknown(Unknown::Skip);
    for _ in 0..3 {
        let mut order = skipping.load::<FirstOrder>(7).unwrap();
        order.gift().unwrap();
        skipping.save(&mut order).unwrap();
        log.sync().unwrap();
    }
    let refused = Repository::new(&log).load::<FirstOrder>(7).unwrap_err();
    assert!(
        matches!(refused, LoadError::Decode { position, .. } if position == 2),
        "{refused}"
    );
}

#[test]
fn who_skips_newer_revisions_writes_nothing() {
    let (_place, log) = after_three_years();
    let repo = Repository::new(&log).with_unknown(Unknown::Skip);
    let mut order = repo.load::<FirstOrder>(7).unwrap();
    order.gift().unwrap();
    let refused = repo.save(&mut order).unwrap_err();
    assert!(
        matches!(refused, SaveError::Schema(RegisterError::Newer { .. })),
        "{refused}"
    );
}

#[test]
fn a_stream_of_unknown_events_alone_is_an_error_also_for_who_skips() {
    let log = fresh();
    pondered(&log);
    let repo = Repository::new(&log).with_unknown(Unknown::Skip);
    let refused = repo.load::<FirstOrder>(7).unwrap_err();
    assert!(
        matches!(refused, LoadError::Decode { position, .. } if position == 1),
        "{refused}"
    );
}

#[test]
fn a_changed_layout_is_refused_also_for_who_skips() {
    let (_place, log) = after_three_years();
    let repo = Repository::new(&log).with_unknown(Unknown::Skip);
    let refused = repo.load::<changed::Order>(7).unwrap_err();
    assert!(
        matches!(refused, LoadError::Schema(RegisterError::Drift { .. })),
        "{refused}"
    );
}

/// The first year's order, as somebody remembers it wrongly.
mod changed {
    use super::{Infallible, VarveEvent, aggregate};

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "order")]
    pub(super) enum OrderEvent {
        Placed {
            #[stream_id]
            id: u64,
            total: u64,
        },
    }

    #[derive(Debug)]
    pub(super) struct Order;

    #[aggregate(id = u64, event = OrderEvent, error = Infallible)]
    impl Order {
        #[apply]
        fn placed(_: OrderPlaced<'_>) -> Self {
            Self
        }
    }
}
