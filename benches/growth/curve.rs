//! What a work costs at each size, and the table of all.

use crate::ROUNDS;
use crate::grown::Grown;

/// One work on all stores.
#[derive(Debug)]
pub struct Curve {
    /// What it is called in the title of the picture.
    pub name: &'static str,
    /// What is done, durability named.
    pub work: &'static str,
    pub unit: &'static str,
    /// Events of a store, and the median cost there.
    pub points: Vec<(u64, f64)>,
    pub goal: Goal,
}

/// What the last point may cost at most.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// So many times the first.
    Times(f64),
    /// So much.
    Cost(f64),
    /// Whatever it does.
    Open,
}

impl Curve {
    /// The cost that the goal allows.
    pub fn allowed(&self) -> Option<f64> {
        match self.goal {
            Goal::Times(factor) => Some(self.points[0].1 * factor),
            Goal::Cost(cost) => Some(cost),
            Goal::Open => None,
        }
    }

    /// The cost at a point, as a multiple of the first.
    pub fn growth(&self, point: usize) -> f64 {
        self.points[point].1 / self.points[0].1
    }
}

/// Does a work on each store in turn, round after round, told the round and the place of the store;
/// the medians of its costs, by store.
pub fn in_turn<const COSTS: usize>(
    stores: &[Grown],
    mut work: impl FnMut(usize, usize) -> [f64; COSTS],
) -> [Vec<(u64, f64)>; COSTS] {
    let mut seen = vec![Vec::new(); stores.len()];
    for round in 0..ROUNDS {
        for (place, seen) in seen.iter_mut().enumerate() {
            seen.push(work(round, place));
        }
    }
    std::array::from_fn(|cost| {
        let medians = seen
            .iter()
            .map(|seen| median(seen.iter().map(|costs| costs[cost]).collect()));
        stores
            .iter()
            .map(|store| store.events)
            .zip(medians)
            .collect()
    })
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The table: the cost at the first size, and how many times as much the others cost.
pub fn print(curves: &[Curve]) {
    let Some(first) = curves.first() else { return };
    let sizes: Vec<String> = first.points.iter().map(|(size, _)| short(*size)).collect();
    println!(
        "\n### Growth (64 B; cost at a size : cost at {} events)\n",
        sizes[0]
    );
    println!("| work | at {} | {} |", sizes[0], sizes[1..].join(" | "));
    println!("|---|---:|{}", "---:|".repeat(sizes.len() - 1));
    for curve in curves {
        let growth = (1..sizes.len()).map(|point| format!("{:.2}", curve.growth(point)));
        let growth: Vec<String> = growth.collect();
        let (cost, unit) = (curve.points[0].1, curve.unit);
        println!(
            "| {} | {cost:.4} {unit} | {} |",
            curve.work,
            growth.join(" | ")
        );
    }
}

/// `100k`, `1M`.
pub fn short(events: u64) -> String {
    match events {
        1_000_000.. => format!("{}M", events / 1_000_000),
        _ => format!("{}k", events / 1_000),
    }
}
