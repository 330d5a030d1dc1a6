//! Agreement of predicted and observed risk, per model that gives probabilities and set.

use super::anchor;
use super::names::{Names, distinct, interval_methods, list};
use super::table::{TableBuilder, absent, number, text};
use crate::report::document::{Align, Table};
use crate::report::number::{self, Join, Style, fixed};
use crate::results::{CalibrationAnalysis, CalibrationRow, LayoutItem};
use crate::stats::{Estimate, Interval};

/// A column of estimates.
pub(in crate::report) struct Measure {
    head: &'static str,
    /// The audit's name of it.
    pub metric: &'static str,
    pub decimals: usize,
    pub value: fn(&CalibrationRow) -> Option<Estimate>,
    ideal: &'static str,
}

pub(in crate::report) const MEASURES: [Measure; 4] = [
    Measure {
        head: "Intercept",
        metric: "calibration_intercept",
        decimals: 2,
        value: |row| row.intercept.clone(),
        ideal: "0 where calibration is perfect",
    },
    Measure {
        head: "Slope",
        metric: "calibration_slope",
        decimals: 2,
        value: |row| row.slope.clone(),
        ideal: "1 where calibration is perfect",
    },
    Measure {
        head: "O/E",
        metric: "oe",
        decimals: 2,
        value: observed_expected,
        ideal: "1 where calibration is perfect",
    },
    Measure {
        head: "Brier score",
        metric: "brier",
        decimals: 3,
        value: |row| row.brier.clone(),
        ideal: "Mean squared difference of outcome and predicted risk; 0 only where every prediction is certain and right",
    },
];

/// The results hold expected over observed; all tables of the report print observed over expected, so that in each of them
/// a ratio above 1 means that too few events were predicted.
fn observed_expected(row: &CalibrationRow) -> Option<Estimate> {
    row.expected_observed_ratio.as_ref().map(Estimate::reciprocal)
}

/// Decimals of the columns without an interval.
pub(in crate::report) const PLAIN_DECIMALS: usize = 3;

/// Why a set has no estimate of intercept and slope.
fn no_slope(row: &CalibrationRow) -> String {
    let why = row.no_slope_because.as_deref().unwrap_or("it has no finite estimate");
    format!("Not defined in this set: {why}.")
}

/// Why it has none of another measure.
fn not_defined(row: &CalibrationRow) -> &'static str {
    match row.events == 0 || row.events == row.n {
        true => "Not defined in this set: it needs subjects with and without the outcome.",
        false => "Not defined for the predictions of this set.",
    }
}

pub fn table(analysis: &CalibrationAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    table.column("Model", Align::Left);
    let mut styles = Vec::new();
    for measure in &MEASURES {
        let intervals: Vec<Interval> = analysis.rows.iter().filter_map(|row| (measure.value)(row)?.interval).collect();
        let methods = interval_methods(&intervals);
        let head = if methods.is_empty() { measure.head.to_string() } else { format!("{} ({level} CI)", measure.head) };
        let column = table.column(head, Align::Decimal);
        if methods.is_empty() {
            table.footnote(column, format!("{}.", measure.ideal));
        } else {
            table.footnote(
                column,
                format!("{}. Interval: {}; n, all subjects of the set.", measure.ideal, list(&methods)),
            );
        }
        styles.push(Style::decimals(measure.decimals).joined(Join::of(&intervals)));
    }
    table.column("Scaled Brier", Align::Decimal);
    table.column("ICI", Align::Decimal);

    for partition in distinct(analysis.rows.iter().map(|row| row.partition.as_str())) {
        let rows: Vec<&CalibrationRow> = analysis.rows.iter().filter(|row| row.partition == partition).collect();
        let (n, events) = rows.first().map_or((0, 0), |row| (row.n, row.events));
        let label = names.partition(partition);
        table.section(format!("{label} (n = {}; {} with the outcome)", number::count(n), number::count(events)));
        for row in rows {
            let mut cells = vec![text(names.model(&row.model))];
            cells.extend(MEASURES.iter().zip(&styles).map(|(measure, style)| match (measure.value)(row) {
                Some(estimate) => number(style.estimate(&estimate), estimate.value),
                None if ["calibration_intercept", "calibration_slope"].contains(&measure.metric) => {
                    absent(&no_slope(row))
                }
                None => absent(not_defined(row)),
            }));
            cells.extend([row.scaled_brier, row.integrated_calibration_index].map(|value| match value {
                Some(value) => number(fixed(value, PLAIN_DECIMALS), value),
                None => absent(not_defined(row)),
            }));
            table.row(0, cells);
        }
    }

    table.note(
        "Intercept with the slope held at 1 (calibration in the large); slope of the logit of the predicted risk; scaled \
         Brier score, 1 less the ratio to the score of the set's own prevalence.",
    );
    table.abbreviation("CI", "confidence interval");
    table.abbreviation("O/E", "observed over expected number of events");
    table.abbreviation("ICI", "integrated calibration index");
    table.finish()
}
