//! Rounds in turn, their medians, and rows of tables.

use crate::latency::Percentiles;

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

pub fn median(mut figures: Vec<f64>) -> f64 {
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

/// A row that could not be measured, and why.
pub fn note(why: &str) {
    println!("| {why} | | | |");
}

/// The head of a table of rates and waits.
pub fn appends_head(title: &str) {
    println!("\n### {title}\n");
    print!("| work | ours, appends/s | floor, appends/s | ours : floor ");
    println!("| ours waits p50 / p99 / p99.9, us | floor waits, us |");
    println!("|---|---:|---:|---:|---:|---:|");
}

/// Rates as [`more_is_better`], and the waits that belong to them.
pub fn appends_row(work: &str, ours: &(f64, Percentiles), floor: &(f64, Percentiles)) {
    let ((ours, our_waits), (floor, floor_waits)) = (ours, floor);
    let ratio = ours / floor;
    println!("| {work} | {ours:.0} | {floor:.0} | {ratio:.2} | {our_waits} | {floor_waits} |");
}

/// The head of a table of bytes.
pub fn space_head(title: &str) {
    println!("\n### {title}\n\n| work | log, B/event | index, B/event | whole : payload |");
    println!("|---|---:|---:|---:|");
}

pub fn space_row(work: &str, payload: f64, log: f64, index: f64) {
    let ratio = (log + index) / payload;
    println!("| {work} | {log:.1} | {index:.1} | {ratio:.2} |");
}

/// The head of a table of rates beside those of an unhindered store.
pub fn pressure_head(title: &str) {
    println!("\n### {title}\n\n| work | appends/s | of unhindered | waits p50 / p99 / p99.9, us |");
    println!("|---|---:|---:|---:|");
}

pub fn pressure_row(work: &str, rate: f64, unhindered: f64, waits: &Percentiles) {
    let ratio = rate / unhindered;
    println!("| {work} | {rate:.0} | {ratio:.2} | {waits} |");
}
