//! Rounds in turn, and their medians.

use std::time::{Duration, Instant};

/// A first round that takes longer than this is the only one.
const PATIENCE: Duration = Duration::from_secs(10);

/// What one store achieved, or nothing if it has no such thing.
pub type Figure = Option<f64>;

/// Lets all take their turn, again and again, and gives the median of each.
pub fn in_turn<W: ?Sized>(
    rounds: usize,
    workers: &mut [Box<W>],
    mut measure: impl FnMut(&mut W) -> Figure,
) -> Vec<Figure> {
    let mut figures: Vec<Vec<f64>> = vec![Vec::new(); workers.len()];
    let mut is_patient = vec![true; workers.len()];
    for _ in 0..rounds {
        for ((worker, figures), patient) in
            workers.iter_mut().zip(&mut figures).zip(&mut is_patient)
        {
            if *patient {
                let begun = Instant::now();
                let figure = measure(worker);
                figures.extend(figure);
                *patient = figure.is_some() && begun.elapsed() < PATIENCE;
            }
        }
    }
    figures.into_iter().map(median).collect()
}

fn median(mut figures: Vec<f64>) -> Figure {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
