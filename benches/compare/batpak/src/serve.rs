//! Does what is ordered, one order a line, and answers with one figure a line: the other end of
//! `order.rs`.

use std::io::stdin;
use std::time::Duration;

use crate::work::Work;

/// Takes orders from the standard input until it ends.
pub fn serve(work: &mut impl Work) {
    for line in stdin().lines() {
        let line = line.unwrap();
        let mut words = line.split(' ');
        let order = words.next().unwrap_or_default();
        let mut number = || words.next().unwrap().parse::<u64>().unwrap();
        let figure = match order {
            "append" => {
                let (callers, bytes) = (number(), size(number()));
                Some(work.append(callers, bytes, Duration::from_micros(number())))
            }
            "batches" => {
                let bytes = size(number());
                Some(work.append_batches(bytes, Duration::from_micros(number())))
            }
            "exactly" => {
                let (callers, appends) = (number(), number());
                work.append_exactly(callers, appends, size(number()));
                None
            }
            "fill" => {
                work.fill(size(number()));
                None
            }
            "log" => work.read_log(),
            "load" => work.load(),
            "project" => work.project(),
            _ => return,
        };
        let answer = figure.map_or_else(|| "nothing".to_owned(), |figure| figure.to_string());
        println!("{answer}");
        work.settle();
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap()
}
