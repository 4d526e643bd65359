//! Appends that are held back: how fast they are, and how long they wait, when what may wait to be folded is
//! so little that the folder sets the pace.

use varvedb::{Store, TypeName};

use crate::Plan;
use crate::append::{
    Contender, Crowd, KNOWN, Streams, Writer, store_that_knows_streams, two_workers,
};
use crate::round::{median, pressure_head, pressure_row};

const CALLERS: u64 = 64;

/// How many events may wait: as many as by default, which a round does not reach, and fewer.
const TAILS: [usize; 4] = [1 << 20, 1 << 16, 1 << 13, 1 << 10];

pub fn measure(plan: &Plan) {
    pressure_head(
        "Appends held back by the folder (64 callers, 1M streams, each answered after `fdatasync`)",
    );
    let runtime = two_workers();
    for bytes in plan.sizes {
        let crowd = Crowd {
            callers: CALLERS,
            bytes: *bytes,
            span: 3 * plan.span,
        };
        let folder = tempfile::tempdir_in(&plan.dir).unwrap();
        let mut contenders = TAILS.map(|tail| {
            let options = Store::options().max_tail_events(tail);
            let path = folder.path().join(format!("{tail}.varve"));
            let store = store_that_knows_streams(options, &path, *bytes);
            let ours = Writer::Ours(store, TypeName::new("bench.done").unwrap());
            Contender::new(ours, Streams::Random(KNOWN))
        });
        for round in 0..plan.rounds {
            let first = round % TAILS.len();
            for nth in (0..TAILS.len()).map(|nth| (first + nth) % TAILS.len()) {
                crowd.append(&runtime, round, &mut contenders[nth]);
                contenders[nth].writer.settle();
            }
        }
        let figures = contenders.map(|c| (median(c.rates), c.waits.percentiles()));
        let (unhindered, _) = figures[0];
        for (tail, (rate, waits)) in TAILS.iter().zip(&figures) {
            let work = format!("{bytes} B, at most {tail} events in the tail");
            pressure_row(&work, *rate, unhindered, waits);
        }
    }
}
