//! The curves as a picture: small multiples in SVG, for light and dark pages.

use std::fmt::Write;

use crate::curve::{Curve, short};

const COLUMNS: usize = 3;
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 240.0;
const HEADING: f64 = 64.0;

/// Where a panel's plot begins and ends, seen from the panel's upper left corner.
const LEFT: f64 = 56.0;
const RIGHT: f64 = WIDTH - 36.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = HEIGHT - 44.0;

const STYLE: &str = "\
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 }
  .work { font-size: 13px; font-weight: 600 }
  .value { paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
  .faint { fill: #57606a }
  .paper { fill: #ffffff }
  .grid { stroke: #d0d7de }
  .goal { stroke: #bc4c00; stroke-dasharray: 5 4 }
  .goal-label { fill: #bc4c00 }
  .curve { stroke: #0969da; stroke-width: 2; fill: none }
  .point { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .value { stroke: #0d1117 }
    .faint { fill: #9198a1 }
    .paper { fill: #0d1117 }
    .grid { stroke: #3d444d }
    .goal { stroke: #f0883e }
    .goal-label { fill: #f0883e }
    .curve { stroke: #58a6ff }
    .point { fill: #58a6ff }
  }
";

/// The whole picture.
pub fn draw(curves: &[Curve]) -> String {
    let width = WIDTH * COLUMNS as f64;
    let height = HEADING + HEIGHT * curves.len().div_ceil(COLUMNS) as f64;
    let title = title(curves);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    text(&mut svg, "title", "start", (20.0, 30.0), &title);
    let subtitle = "Cost by events in the store (logarithmic). Events of 64 bytes over a million \
                    streams; medians. Dashed: the goal.";
    text(&mut svg, "faint", "start", (20.0, 50.0), subtitle);
    for (place, curve) in curves.iter().enumerate() {
        let x = WIDTH * (place % COLUMNS) as f64;
        let y = HEADING + HEIGHT * (place / COLUMNS) as f64;
        let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
        panel(&mut svg, curve);
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

/// What one sees: how many times as much a work that has a goal costs in the largest store as in
/// the smallest.
fn title(curves: &[Curve]) -> String {
    let points = &curves[0].points;
    let last = points.len() - 1;
    let more = points[last].0 / points[0].0;
    let told = |curve: &Curve| format!("{} {:.1}×", curve.name, curve.growth(last));
    let with_goal = curves.iter().filter(|curve| curve.allowed().is_some());
    let told: Vec<String> = with_goal.map(told).collect();
    format!("{more} times the events cost: {}", told.join(", "))
}

fn panel(svg: &mut String, curve: &Curve) {
    let work = curve.work.replace('`', "");
    text(svg, "work", "start", (20.0, 20.0), &work);
    text(svg, "faint", "start", (20.0, 38.0), curve.unit);
    let scale = Scale::of(curve);
    for tick in scale.ticks() {
        let y = scale.y(tick);
        line(svg, "grid", (LEFT, y), (RIGHT, y));
        text(svg, "faint", "end", (LEFT - 6.0, y + 4.0), &figure(tick));
    }
    goal(svg, curve, &scale);
    let places: Vec<(f64, f64)> = curve
        .points
        .iter()
        .map(|(events, cost)| (scale.x(*events), scale.y(*cost)))
        .collect();
    let path: Vec<String> = places
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let _ = writeln!(
        svg,
        "<polyline class=\"curve\" points=\"{}\"/>",
        path.join(" ")
    );
    for ((x, y), (events, cost)) in places.iter().zip(&curve.points) {
        let _ = writeln!(
            svg,
            "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>"
        );
        text(svg, "value", "middle", (*x, y - 9.0), &figure(*cost));
        text(svg, "faint", "middle", (*x, BOTTOM + 18.0), &short(*events));
    }
    text(svg, "faint", "end", (RIGHT + 20.0, BOTTOM + 34.0), "events");
}

/// The goal's line, or where it would be above the plot.
fn goal(svg: &mut String, curve: &Curve, scale: &Scale) {
    let Some(allowed) = curve.allowed() else {
        return;
    };
    let label = format!("goal {} {}", figure(allowed), curve.unit);
    if allowed > scale.top {
        text(
            svg,
            "goal-label",
            "end",
            (RIGHT + 20.0, 38.0),
            &(label + " ↑"),
        );
        return;
    }
    let y = scale.y(allowed);
    line(svg, "goal", (LEFT, y), (RIGHT, y));
    text(svg, "goal-label", "end", (RIGHT + 20.0, 38.0), &label);
}

/// Where events and costs lie in the plot.
struct Scale {
    first: f64,
    last: f64,
    step: f64,
    top: f64,
}

impl Scale {
    fn of(curve: &Curve) -> Self {
        let sizes = curve.points.iter().map(|(events, _)| *events as f64);
        let highest = curve
            .points
            .iter()
            .map(|(_, cost)| *cost)
            .fold(0.0, f64::max);
        let near = curve.allowed().filter(|allowed| *allowed < 2.0 * highest);
        let step = round_step(highest.max(near.unwrap_or(0.0)) / 3.0);
        Self {
            first: sizes.clone().fold(f64::MAX, f64::min).log10(),
            last: sizes.fold(0.0, f64::max).log10(),
            step,
            top: (highest.max(near.unwrap_or(0.0)) / step).ceil() * step,
        }
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let (step, top) = (self.step, self.top);
        (0..10)
            .map(move |tick| f64::from(tick) * step)
            .take_while(move |at| *at < top * 1.001)
    }

    fn x(&self, events: u64) -> f64 {
        let share = ((events as f64).log10() - self.first) / (self.last - self.first);
        LEFT + 18.0 + share * (RIGHT - LEFT - 36.0)
    }

    fn y(&self, cost: f64) -> f64 {
        BOTTOM - cost / self.top * (BOTTOM - TOP)
    }
}

/// The next of 1, 2 and 5 times a power of ten.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(least)
}

/// A figure with as many digits as say something.
fn figure(cost: f64) -> String {
    match cost {
        0.0 => "0".into(),
        100.0.. => format!("{cost:.0}"),
        1.0.. => format!("{cost:.1}"),
        _ => format!("{cost:.3}"),
    }
}

fn line(svg: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

fn text(svg: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), words: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>"
    );
}
