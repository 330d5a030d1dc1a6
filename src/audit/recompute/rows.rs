//! Puts the rows of a table together: one row per printed quantity, one figure per printed number.

use super::agreement::{judge, judge_count, print_like};
use crate::audit::reported::{Figure, Reported, says_nothing};
use crate::results::{Agreement, FigurePart, PublishedFigure, PublishedRow};

/// The rows of one section.
pub(super) struct Rows<'a> {
    reported: &'a Reported,
    rows: Vec<PublishedRow>,
}

impl<'a> Rows<'a> {
    pub fn new(reported: &'a Reported) -> Self {
        Self { reported, rows: Vec::new() }
    }

    /// Begins a row; it is kept when it gets a figure.
    pub fn begin(&self, cohort: &str, subject: &str, quantity: &str) -> RowBuilder<'a> {
        RowBuilder {
            reported: self.reported,
            row: PublishedRow {
                cohort: cohort.to_string(),
                subject: subject.to_string(),
                quantity: quantity.to_string(),
                cohort_label: None,
                subject_label: None,
                figures: Vec::new(),
                says: String::new(),
            },
        }
    }

    pub fn push(&mut self, row: RowBuilder<'_>) {
        if !row.row.figures.is_empty() {
            self.rows.push(row.row);
        }
    }

    pub fn finish(self) -> Vec<PublishedRow> {
        self.rows
    }
}

/// A row in the making.
pub(super) struct RowBuilder<'a> {
    reported: &'a Reported,
    row: PublishedRow,
}

impl RowBuilder<'_> {
    /// How the row was recomputed, or why it was not.
    pub fn says(&mut self, text: impl Into<String>) {
        self.row.says = text.into();
    }

    /// The estimate of the row is another one than is printed: no method could give the printed limits around it.
    pub fn estimate_disagrees(&self) -> bool {
        let estimates = self.row.figures.iter().filter(|figure| figure.part == FigurePart::Value);
        estimates.into_iter().any(|figure| figure.agreement == Agreement::Disagrees)
    }

    /// A number against a value in the same unit.
    pub fn number(&mut self, part: FigurePart, figure: &Option<Figure>, value: f64) {
        self.add(part, figure, Some(value), |printed| judge(printed, value), "");
    }

    /// The same, with a verdict that was found elsewhere.
    pub fn judged(&mut self, part: FigurePart, figure: &Option<Figure>, value: f64, agreement: Agreement, says: &str) {
        self.add(part, figure, Some(value), |_| agreement, says);
    }

    /// A percent or a proportion, whichever the number is printed as: `None` when the table does not tell. Then a number
    /// above 1 is a percent, and of another the reading that agrees counts.
    pub fn share(&mut self, part: FigurePart, figure: &Option<Figure>, proportion: f64, percent: Option<bool>) {
        let printed = figure.as_ref().and_then(|figure| figure.number.as_ref());
        let percent = percent.unwrap_or_else(|| {
            printed.is_some_and(|printed| {
                printed.value() > 1.0 || judge(printed, 100.0 * proportion) < judge(printed, proportion)
            })
        });
        self.number(part, figure, if percent { 100.0 * proportion } else { proportion });
    }

    pub fn count(&mut self, part: FigurePart, figure: &Option<Figure>, count: usize) {
        self.add(part, figure, Some(count as f64), |printed| judge_count(printed, count), "");
    }

    /// A number that cannot be recomputed; the row says why.
    pub fn unknown(&mut self, part: FigurePart, figure: &Option<Figure>) {
        self.add(part, figure, None, |_| Agreement::NotRecomputable, "");
    }

    fn add(
        &mut self,
        part: FigurePart,
        figure: &Option<Figure>,
        value: Option<f64>,
        agreement: impl Fn(&crate::audit::arithmetic::Printed) -> Agreement,
        says: &str,
    ) {
        let Some(figure) = figure else { return };
        let Some(leaf) = self.reported.leaves.get(figure.leaf) else { return };
        let mut entry = PublishedFigure {
            part,
            path: leaf.path.clone(),
            line: leaf.line,
            column: leaf.column,
            printed: figure.text.clone(),
            recomputed: value,
            at_printed_precision: None,
            difference: None,
            agreement: Agreement::NotRecomputable,
            says: says.to_string(),
        };
        match &figure.number {
            Some(printed) => {
                entry.agreement = agreement(printed);
                entry.at_printed_precision = value.map(|value| print_like(printed, &figure.text, value));
                let plain = printed.relation == crate::audit::arithmetic::Relation::Equal;
                entry.difference =
                    value.filter(|value| plain && value.is_finite()).map(|value| value - printed.value());
            }
            None if says_nothing(&figure.text) => entry.says = "nothing is printed".to_string(),
            None => entry.says = "what is printed is no number".to_string(),
        }
        self.row.figures.push(entry);
    }
}
