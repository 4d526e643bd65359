//! What is personal in a program's events, as a table for the record of processing.

use std::fmt;

use crate::pii::PiiField;

/// A table of personal fields, in Markdown.
///
/// ```
/// use varvedb::prelude::*;
/// use varvedb::{Event, privacy};
///
/// #[derive(VarveId, Clone, Debug, PartialEq)]
/// #[varve(subject = "person")]
/// struct PersonId(u64);
///
/// #[derive(VarveEvent)]
/// #[varve(stream = "person")]
/// enum PersonEvent {
///     Registered { #[stream_id] id: PersonId, #[pii] name: Pii<String> },
///     Invoiced { #[stream_id] id: PersonId, #[pii(purpose = "billing")] street: Pii<String> },
/// }
///
/// let report = privacy::report([PersonEvent::PII_INVENTORY]);
/// assert_eq!(report.to_string(), "\
/// | event             | field  | holds | about  | purpose | when shredded | looked up by |
/// |-------------------|--------|-------|--------|---------|---------------|--------------|
/// | person.registered | name   | str   | stream | general | -             | -            |
/// | person.invoiced   | street | str   | stream | billing | -             | -            |
/// ");
/// ```
pub fn report<'a>(inventories: impl IntoIterator<Item = &'a [PiiField]>) -> Report {
    let fields = inventories.into_iter().flatten();
    let mut rows: Vec<Row> = fields.map(row).collect();
    rows.insert(0, HEADINGS.map(str::to_owned));
    Report(rows)
}

/// What [`report`] makes: it shows as a table, one line for each field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report(Vec<Row>);

const COLUMNS: usize = 7;

type Row = [String; COLUMNS];

const HEADINGS: [&str; COLUMNS] = [
    "event",
    "field",
    "holds",
    "about",
    "purpose",
    "when shredded",
    "looked up by",
];

fn row(field: &PiiField) -> Row {
    let shown = |text: Option<&str>| text.unwrap_or("-").replace('|', "\\|");
    [
        field.event.to_owned(),
        field.field.to_owned(),
        (field.layout)().replace('|', "\\|"),
        field.subject.to_owned(),
        field.purpose.to_owned(),
        shown(field.fallback),
        shown(field.lookup),
    ]
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        for (number, row) in self.0.iter().enumerate() {
            for (cell, width) in row.iter().zip(widths) {
                write!(f, "| {cell:width$} ")?;
            }
            f.write_str("|\n")?;
            if number == 0 {
                for width in widths {
                    write!(f, "|{:-<1$}", "", width + 2)?;
                }
                f.write_str("|\n")?;
            }
        }
        Ok(())
    }
}
