//! Figures that a paper prints a second time: each is held against the recomputed value itself, not against the first
//! printing.

use super::agreement::judge;
use super::rows::Rows;
use super::{Context, performance, regression};
use crate::audit::reported::{Figure, Restated, RestatedOf};
use crate::results::{FigurePart, PublishedRow, PublishedTable};

pub(super) fn rows(context: &Context<'_>, items: &[Restated], tables: &[PublishedTable]) -> Vec<PublishedRow> {
    let mut all = Vec::new();
    for item in items {
        let mut found = match &item.of {
            RestatedOf::Metrics(row) => performance::restated(context, row),
            RestatedOf::Term(term) => regression::restated(context, term),
            RestatedOf::Pointer { pointer, value } => pointed(context, pointer, value, tables),
        };
        if let Some(place) = &item.place {
            found.iter_mut().for_each(|row| row.subject = format!("{} ({place})", row.subject));
        }
        all.extend(found);
    }
    all
}

/// The value of the figure that is pointed at, with the precision of this printing.
fn pointed(context: &Context<'_>, pointer: &str, value: &Figure, tables: &[PublishedTable]) -> Vec<PublishedRow> {
    let mut rows = Rows::new(context.reported);
    let original = tables.iter().flat_map(|table| &table.rows).find_map(|row| {
        let figure = row.figures.iter().find(|figure| figure.path == pointer)?;
        Some((row, figure))
    });
    let figure = Some(value.clone());
    let mut row = match original {
        Some((row, _)) => rows.begin(&row.cohort, &row.subject, &row.quantity),
        None => rows.begin("", pointer, ""),
    };
    match original.and_then(|(_, figure)| figure.recomputed) {
        Some(recomputed) => {
            // "12 %" and "0.12" are the same figure.
            let scaled = [1.0, 100.0, 0.01].map(|factor| factor * recomputed);
            let number = value.number.as_ref();
            let best = number.and_then(|number| scaled.into_iter().min_by_key(|value| judge(number, *value)));
            row.number(FigurePart::Value, &figure, best.unwrap_or(recomputed));
        }
        None => {
            row.unknown(FigurePart::Value, &figure);
            row.says("the figure that is repeated is not recomputable");
        }
    }
    rows.push(row);
    rows.finish()
}
