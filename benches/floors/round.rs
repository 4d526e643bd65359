//! Rounds in turn, their medians, and rows of a table.

/// Runs both in turn and gives the median of each.
pub fn in_turn(
    rounds: usize,
    mut ours: impl FnMut() -> f64,
    mut floor: impl FnMut() -> f64,
) -> (f64, f64) {
    let pairs: Vec<(f64, f64)> = (0..rounds).map(|_| (ours(), floor())).collect();
    let (ours, floors) = pairs.into_iter().unzip();
    (median(ours), median(floors))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The head of a table.
pub fn head(title: &str, unit: &str) {
    println!("\n### {title}\n\n| work | ours, {unit} | floor, {unit} | ours : floor |");
    println!("|---|---:|---:|---:|");
}

/// A row whose figures are better when larger: the ratio is ours to the floor's.
pub fn more_is_better(work: &str, (ours, floor): (f64, f64)) {
    println!("| {work} | {ours:.0} | {floor:.0} | {:.2} |", ours / floor);
}

/// A row whose figures are better when smaller: the ratio is the floor's to ours.
pub fn less_is_better(work: &str, (ours, floor): (f64, f64)) {
    println!("| {work} | {ours:.4} | {floor:.4} | {:.2} |", floor / ours);
}
