//! Rounds in turn, and their medians.

use std::time::{Duration, Instant};

/// A first round that takes longer than this is the only one.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one store achieved, or nothing if it has no such thing.
pub type Figure = Option<f64>;

/// Lets all take their turn, begun by another each time, and gives the median of each.
pub fn in_turn<W: ?Sized>(
    rounds: usize,
    workers: &mut [Box<W>],
    mut measure: impl FnMut(&mut W) -> Figure,
) -> Vec<Figure> {
    let mut figures: Vec<Vec<f64>> = vec![Vec::new(); workers.len()];
    let mut is_patient = vec![true; workers.len()];
    for round in 0..rounds {
        for turn in 0..workers.len() {
            let turn = (round + turn) % workers.len();
            if is_patient[turn] {
                let begun = Instant::now();
                let figure = measure(&mut workers[turn]);
                figures[turn].extend(figure);
                is_patient[turn] = figure.is_some() && begun.elapsed() < PATIENCE;
            }
        }
    }
    figures.into_iter().map(median).collect()
}

fn median(mut figures: Vec<f64>) -> Figure {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
