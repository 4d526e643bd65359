//! Tables in Markdown: a row for each store, a figure and a ratio for each size of payload.

use std::fmt::Write;

use crate::entrant::{OURS, OURS_TYPED};
use crate::round::Figure;

/// What a figure says.
#[derive(Clone, Copy)]
pub enum Unit {
    AppendsPerSecond,
    EventsPerSecond,
    MicrosPerEvent,
    MicrosPerLoad,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::AppendsPerSecond => "appends/s",
            Self::EventsPerSecond => "events/s",
            Self::MicrosPerEvent => "us/event",
            Self::MicrosPerLoad => "us/load",
        }
    }

    fn show(self, figure: f64) -> String {
        match self {
            Self::AppendsPerSecond | Self::EventsPerSecond => format!("{figure:.0}"),
            Self::MicrosPerEvent => format!("{figure:.4}"),
            Self::MicrosPerLoad => format!("{figure:.1}"),
        }
    }

    /// How many times better ours is.
    fn ratio(self, ours: f64, peer: f64) -> f64 {
        match self {
            Self::AppendsPerSecond | Self::EventsPerSecond => ours / peer,
            Self::MicrosPerEvent | Self::MicrosPerLoad => peer / ours,
        }
    }
}

/// One table: rows of a name and a remark, and a column of figures for each size of payload.
pub struct Table {
    pub title: &'static str,
    pub unit: Unit,
    /// What the remark says.
    pub remark: &'static str,
    pub rows: Vec<(&'static str, &'static str)>,
    pub sizes: Vec<(usize, Vec<Figure>)>,
    pub includes: &'static str,
}

impl Table {
    /// The row all others are compared with.
    fn ours(&self, figures: &[Figure], baseline: &str) -> Figure {
        let rows = self.rows.iter().zip(figures);
        rows.filter(|((name, _), _)| *name == baseline)
            .find_map(|(_, figure)| *figure)
    }

    /// The table in Markdown. Stores without a figure are left out.
    pub fn show(&self, baseline: &str) -> String {
        let mut text = format!("\n### {}\n\n| store | {} |", self.title, self.remark);
        for (bytes, _) in &self.sizes {
            write!(text, " {bytes} B, {} | ours : it |", self.unit.name()).unwrap();
        }
        text.push_str("\n|---|---|");
        text.push_str(&"---:|---:|".repeat(self.sizes.len()));
        for (row, (name, remark)) in self.rows.iter().enumerate() {
            let figures = self
                .sizes
                .iter()
                .map(|(_, figures)| (figures[row], figures));
            let figures: Vec<_> = figures.collect();
            if figures.iter().all(|(figure, _)| figure.is_none()) {
                continue;
            }
            write!(text, "\n| {name} | {remark} |").unwrap();
            for (figure, all) in figures {
                let ours = self.ours(all, baseline);
                text.push_str(&self.cells(figure, ours, [OURS, OURS_TYPED].contains(name)));
            }
        }
        write!(text, "\n\n{}\n", self.includes).unwrap();
        text
    }

    fn cells(&self, figure: Figure, ours: Figure, is_ours: bool) -> String {
        let Some(figure) = figure else {
            return " | |".to_owned();
        };
        let shown = self.unit.show(figure);
        let ratio = ours
            .filter(|_| !is_ours)
            .map(|ours| self.unit.ratio(ours, figure));
        match ratio {
            // Truncated, not rounded: nothing is rounded in our favour.
            Some(ratio) if ratio < 1.0 => {
                format!(
                    " **{shown}** | **{:.2}, faster** |",
                    (ratio * 100.0).floor() / 100.0
                )
            }
            Some(ratio) => format!(" {shown} | {:.2} |", (ratio * 100.0).floor() / 100.0),
            None => format!(" {shown} | |"),
        }
    }
}
