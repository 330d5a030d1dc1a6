//! Survival models × sets × measures: discrimination and overall error, calibration, comparisons, and net benefit.

use super::anchor;
use super::names::{Names, capitalised, distinct, interval_methods, list};
use super::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, Join, Style, fixed};
use crate::results::{
    CalibrationDistanceFacts, DifferenceFacts, LayoutItem, ResampledFacts, SurvivalComparisonRow, SurvivalPerformance,
    SurvivalPerformanceRow, Undefined,
};
use crate::stats::{Estimate, Interval};

type Row = SurvivalPerformanceRow;

/// An estimate of a row.
#[derive(Clone, Copy)]
pub(in crate::report) struct Quantity {
    /// The audit's name of it.
    pub metric: &'static str,
    pub decimals: usize,
    pub value: fn(&Row) -> Option<&Estimate>,
}

const HARRELL_C: Quantity = Quantity { metric: "harrell_c", decimals: 3, value: |row| row.harrell_c.as_ref() };
const UNO_C: Quantity = Quantity { metric: "uno_c", decimals: 3, value: |row| row.uno_c.as_ref() };
const AUC: Quantity = Quantity { metric: "auc", decimals: 3, value: |row| row.auc.as_ref() };
const BRIER: Quantity = Quantity { metric: "brier", decimals: 3, value: |row| row.brier.as_ref() };
const OBSERVED_EXPECTED: Quantity =
    Quantity { metric: "oe", decimals: 2, value: |row| row.observed_expected_ratio.as_ref() };
const SLOPE: Quantity = Quantity { metric: "slope", decimals: 2, value: |row| row.slope.as_ref() };
const IN_THE_LARGE: Quantity =
    Quantity { metric: "in_the_large", decimals: 2, value: |row| row.observed_expected_follow_up.as_ref() };
const SLOPE_OVERALL: Quantity =
    Quantity { metric: "slope_overall", decimals: 2, value: |row| row.slope_follow_up.as_ref() };

/// Those of the main table, then those of the table of calibration.
pub(in crate::report) const MEASURES: [Quantity; 8] =
    [HARRELL_C, UNO_C, AUC, BRIER, OBSERVED_EXPECTED, SLOPE, IN_THE_LARGE, SLOPE_OVERALL];

/// A column of estimates.
struct Measure {
    head: String,
    quantity: Quantity,
    /// By these its absence is explained.
    explained_by: &'static [&'static str],
    footnote: &'static str,
}

/// Explains what a model without predicted risks lacks.
const RISK: &str = "Risk";

/// The main table, the one of calibration where there are predicted risks, and that of comparisons where there are any.
pub fn tables(analysis: &SurvivalPerformance, item: &LayoutItem, names: &Names) -> Vec<Table> {
    let mut tables = vec![discrimination(analysis, item, names)];
    if analysis.rows.iter().any(|row| row.expected.is_some()) {
        tables.push(calibration(analysis, item, names));
    }
    if !analysis.comparisons.is_empty() {
        tables.push(comparisons(analysis, item, names));
    }
    tables
}

/// "5 years"
pub(in crate::report) fn at(time: f64, analysis: &SurvivalPerformance, names: &Names) -> String {
    number::time(time, names.time_unit(&analysis.outcome))
}

fn discrimination(analysis: &SurvivalPerformance, item: &LayoutItem, names: &Names) -> Table {
    let weighted = at(analysis.weighted_at, analysis, names);
    let measure = |head: String, quantity, explained_by| Measure { head, quantity, explained_by, footnote: "" };
    let measures = [
        measure("Harrell’s C".to_string(), HARRELL_C, &["Harrell's C"]),
        measure("Uno’s C".to_string(), UNO_C, &["Uno's C"]),
        measure(format!("AUC at {weighted}"), AUC, &["AUC"]),
        measure(format!("Brier score at {weighted}"), BRIER, &["Brier score", RISK]),
    ];
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let styles = columns(&mut table, analysis, &measures);
    let resampled = |row: &Row| row.resampled.as_ref().and_then(|facts| facts.scaled_brier.clone());
    let style = resampled_column(&mut table, "IPA", "", analysis, resampled);
    body(&mut table, analysis, names, |row| {
        let mut cells = cells(row, &measures, &styles);
        cells.push(scalar(row.scaled_brier, resampled(row), style, row, &["Scaled Brier score", "Brier score", RISK]));
        cells
    });
    table.note("n of every estimate: all subjects of the set.");
    table.abbreviation("AUC", "area under the time-dependent receiver operating characteristic curve");
    table.abbreviation("CI", "confidence interval");
    table
        .abbreviation("IPA", "index of prediction accuracy, 1 less the Brier score over that of the Kaplan-Meier risk");
    table.finish()
}

fn calibration(analysis: &SurvivalPerformance, item: &LayoutItem, names: &Names) -> Table {
    let horizon = at(analysis.horizon, analysis, names);
    let measures = [
        Measure {
            head: format!("O/E at {horizon}"),
            quantity: OBSERVED_EXPECTED,
            explained_by: &["O/E", RISK],
            footnote: "Kaplan-Meier risk over mean predicted risk.",
        },
        Measure {
            head: "Slope".to_string(),
            quantity: SLOPE,
            explained_by: &["Slope"],
            footnote: "Coefficient of the linear predictor in a Cox model of the set.",
        },
        Measure {
            head: "O/E, whole follow-up".to_string(),
            quantity: IN_THE_LARGE,
            explained_by: &["O/E, whole follow-up", RISK],
            footnote: "Observed over expected events, by Poisson regression.",
        },
        Measure {
            head: "Slope, whole follow-up".to_string(),
            quantity: SLOPE_OVERALL,
            explained_by: &["Slope, whole follow-up", RISK],
            footnote: "Coefficient of the linear predictor, by Poisson regression.",
        },
    ];
    let label = if item.label.is_empty() { String::new() } else { format!("{}, calibration", item.label) };
    let caption = format!("Calibration of predicted risks by {horizon}");
    let mut table = TableBuilder::new(&format!("{}-calibration", anchor(&item.label)), &label, &caption);
    let styles = columns(&mut table, analysis, &measures);
    let says = format!("Distances of the predicted risks from a smooth curve: {}.", analysis.curve_says);
    let distances: Vec<(Distance, Style)> = DISTANCES
        .into_iter()
        .map(|distance| {
            let style = resampled_column(&mut table, distance.head, &says, analysis, |row| {
                row.resampled.as_ref().and_then(distance.resampled).cloned()
            });
            (distance, style)
        })
        .collect();
    body(&mut table, analysis, names, |row| {
        let mut cells = cells(row, &measures, &styles);
        cells.extend(distances.iter().map(|(distance, style)| {
            let value = row.calibration_distance.as_ref().map(distance.value);
            let resampled = row.resampled.as_ref().and_then(distance.resampled).cloned();
            scalar(value, resampled, *style, row, &["Smooth calibration curve", RISK])
        }));
        cells
    });
    table.note("Where calibration is perfect, ratios and slopes are 1 and distances 0.");
    if analysis.rows.iter().any(distance_below_its_interval) {
        table.note(
            "In resamples a distance tends to be larger than in the data: a percentile interval of a small distance may lie \
             above it.",
        );
    }
    table.abbreviation("CI", "confidence interval");
    table.abbreviation("E50, E90, Emax", "median, 90th percentile and maximum of the distances");
    table.abbreviation("ICI", "integrated calibration index, the mean of the distances");
    table.abbreviation("O/E", "observed over expected");
    table.finish()
}

/// The model column and one per measure; returns how the numbers of each are set.
fn columns(table: &mut TableBuilder, analysis: &SurvivalPerformance, measures: &[Measure]) -> Vec<Style> {
    let level = number::level(analysis.level);
    table.column("Model", Align::Left);
    let mut styles = Vec::new();
    for measure in measures {
        let intervals =
            || analysis.rows.iter().filter_map(measure.quantity.value).filter_map(|value| value.interval.as_ref());
        let methods = interval_methods(intervals());
        let interval = if methods.is_empty() { String::new() } else { format!(" ({level} CI)") };
        let column = table.column(format!("{}{interval}", measure.head), Align::Decimal);
        let mut footnote: Vec<String> = Vec::new();
        footnote.extend((!measure.footnote.is_empty()).then(|| measure.footnote.to_string()));
        footnote.extend((!methods.is_empty()).then(|| format!("Interval: {}.", list(&methods))));
        if !footnote.is_empty() {
            table.footnote(column, footnote.join(" "));
        }
        styles.push(Style::decimals(measure.quantity.decimals).joined(Join::of(intervals())));
    }
    styles
}

/// A section per set, a row per model.
fn body(table: &mut TableBuilder, analysis: &SurvivalPerformance, names: &Names, cells: impl Fn(&Row) -> Vec<Cell>) {
    for partition in distinct(analysis.rows.iter().map(|row| row.partition.as_str())) {
        table.section(section(partition, analysis, names));
        for row in analysis.rows.iter().filter(|row| row.partition == partition) {
            table.row(0, std::iter::once(text(names.model(&row.model))).chain(cells(row)).collect());
        }
    }
}

fn section(partition: &str, analysis: &SurvivalPerformance, names: &Names) -> String {
    let row = analysis.rows.iter().find(|row| row.partition == partition);
    let (n, events) = row.map_or((0, 0), |row| (row.n, row.events));
    format!("{} (n = {}; {} events)", names.partition(partition), number::count(n), number::count(events))
}

fn cells(row: &Row, measures: &[Measure], styles: &[Style]) -> Vec<Cell> {
    let cell = |(measure, style): (&Measure, &Style)| match (measure.quantity.value)(row) {
        Some(estimate) => number(style.estimate(estimate), estimate.value),
        None => absent(&why(row, measure.explained_by)),
    };
    measures.iter().zip(styles).map(cell).collect()
}

/// A distance from the smooth curve.
#[derive(Clone, Copy)]
pub(in crate::report) struct Distance {
    head: &'static str,
    pub metric: &'static str,
    pub value: fn(&CalibrationDistanceFacts) -> f64,
    pub resampled: fn(&ResampledFacts) -> Option<&Estimate>,
}

pub(in crate::report) const DISTANCES: [Distance; 4] = [
    Distance { head: "ICI", metric: "ici", value: |distance| distance.ici, resampled: |facts| facts.ici.as_ref() },
    Distance { head: "E50", metric: "e50", value: |distance| distance.e50, resampled: |facts| facts.e50.as_ref() },
    Distance { head: "E90", metric: "e90", value: |distance| distance.e90, resampled: |facts| facts.e90.as_ref() },
    Distance { head: "Emax", metric: "emax", value: |distance| distance.e_max, resampled: |_| None },
];

fn distance_below_its_interval(row: &Row) -> bool {
    DISTANCES.iter().any(|distance| {
        let estimate = row.resampled.as_ref().and_then(distance.resampled);
        let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
        let value = row.calibration_distance.as_ref().map(distance.value);
        interval.zip(value).is_some_and(|(interval, value)| value < interval.lower)
    })
}

/// A column of numbers that have an interval where one was resampled.
fn resampled_column(
    table: &mut TableBuilder,
    head: &str,
    footnote: &str,
    analysis: &SurvivalPerformance,
    resampled: impl Fn(&Row) -> Option<Estimate>,
) -> Style {
    let intervals: Vec<Interval> = analysis.rows.iter().filter_map(|row| resampled(row)?.interval).collect();
    let methods = interval_methods(&intervals);
    let interval = if methods.is_empty() { String::new() } else { format!(" ({} CI)", number::level(analysis.level)) };
    let column = table.column(format!("{head}{interval}"), Align::Decimal);
    let mut text: Vec<String> = Vec::new();
    text.extend((!footnote.is_empty()).then(|| footnote.to_string()));
    text.extend((!methods.is_empty()).then(|| format!("Interval: {}; the models are not refitted.", list(&methods))));
    if !text.is_empty() {
        table.footnote(column, text.join(" "));
    }
    Style::decimals(3).joined(Join::of(&intervals))
}

/// A number, with its interval where it was resampled.
fn scalar(value: Option<f64>, resampled: Option<Estimate>, style: Style, row: &Row, explained_by: &[&str]) -> Cell {
    match (value, resampled) {
        (Some(value), Some(estimate)) => number(style.estimate(&estimate), value),
        (Some(value), None) => number(style.value(value), value),
        (None, _) => absent(&why(row, explained_by)),
    }
}

/// Why a measure is absent.
fn why(row: &Row, explained_by: &[&str]) -> String {
    let explains = |undefined: &&Undefined| explained_by.contains(&undefined.measure.as_str());
    let found = row.undefined.iter().find(explains);
    found
        .map_or_else(|| "Not defined in this set.".to_string(), |undefined| format!("{}.", capitalised(&undefined.why)))
}

/// A difference of a comparison.
pub(in crate::report) struct Compared {
    pub name: &'static str,
    pub metric: &'static str,
    pub value: fn(&SurvivalComparisonRow) -> Option<&DifferenceFacts>,
}

pub(in crate::report) const COMPARED: [Compared; 3] = [
    Compared { name: "Harrell’s C", metric: "harrell_c", value: |row| row.harrell_c.as_ref() },
    Compared { name: "Uno’s C", metric: "uno_c", value: |row| row.uno_c.as_ref() },
    Compared { name: "AUC", metric: "auc", value: |row| row.auc.as_ref() },
];

/// Each model less the reference.
fn comparisons(analysis: &SurvivalPerformance, item: &LayoutItem, names: &Names) -> Table {
    let label = if item.label.is_empty() { String::new() } else { format!("{}, comparison", item.label) };
    let reference = analysis.reference.as_deref().unwrap_or_default();
    let caption = format!("Differences from the model “{}” on the same subjects", names.model(reference));
    let mut table = TableBuilder::new(&format!("{}-comparison", anchor(&item.label)), &label, &caption);
    let level = number::level(analysis.level);
    table.column("Model", Align::Left);
    let mut styles = Vec::new();
    for Compared { name, value, .. } in COMPARED {
        let facts = || analysis.comparisons.iter().filter_map(value);
        let intervals: Vec<&Interval> = facts().filter_map(|facts| facts.difference.interval.as_ref()).collect();
        let column = table.column(format!("{name} ({level} CI)"), Align::Decimal);
        let methods = interval_methods(intervals.iter().copied());
        if !methods.is_empty() {
            table.footnote(column, format!("Interval: {}.", list(&methods)));
        }
        let p = table.column("P", Align::Decimal);
        let tests = distinct(facts().filter_map(|facts| Some(facts.test.as_ref()?.method.as_ref())));
        if !tests.is_empty() {
            table.footnote(p, format!("{}; two-sided, not adjusted.", capitalised(&list(&tests))));
        }
        styles.push(Style::decimals(3).joined(Join::of(intervals)));
    }
    for partition in distinct(analysis.comparisons.iter().map(|row| row.partition.as_str())) {
        table.section(section(partition, analysis, names));
        for row in analysis.comparisons.iter().filter(|row| row.partition == partition) {
            let mut cells = vec![text(names.model(&row.model))];
            for (compared, style) in COMPARED.iter().zip(&styles) {
                match (compared.value)(row) {
                    Some(facts) => cells.extend(difference_cells(facts, *style)),
                    None => cells.extend([absent("Not defined in this set."), Cell::default()]),
                }
            }
            table.row(0, cells);
        }
    }
    table.note("Model less reference; above 0 the model discriminates better.");
    table.abbreviation("AUC", "area under the time-dependent receiver operating characteristic curve");
    table.abbreviation("CI", "confidence interval");
    table.finish()
}

fn difference_cells(facts: &DifferenceFacts, style: Style) -> [Cell; 2] {
    let p = facts.test.as_ref().map_or_else(
        || absent("Both rank all subjects alike."),
        |test| number(number::p_value(test.p_value), test.p_value),
    );
    [number(style.difference(&facts.difference), facts.difference.value), p]
}

/// Net benefit at the declared thresholds, beside treating everybody; `None` where no threshold was declared.
pub fn net_benefit(analysis: &SurvivalPerformance, item: &LayoutItem, names: &Names) -> Option<Table> {
    let points = || analysis.rows.iter().flat_map(|row| &row.net_benefit);
    points().next()?;
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    let intervals = || points().filter_map(|point| point.net_benefit.interval.as_ref());
    table.column("Model", Align::Left);
    table.column("Threshold", Align::Decimal);
    table.column("Treated, n", Align::Decimal);
    let column = table.column(format!("Net benefit ({level} CI)"), Align::Decimal);
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        table.footnote(column, format!("Interval: {}; n, all subjects of the set.", list(&methods)));
    }
    table.column("Treat all", Align::Decimal);
    let style = Style::decimals(3).joined(Join::of(intervals()));
    for partition in distinct(analysis.rows.iter().map(|row| row.partition.as_str())) {
        table.section(section(partition, analysis, names));
        let rows = analysis.rows.iter().filter(|row| row.partition == partition);
        for (row, point) in rows.flat_map(|row| row.net_benefit.iter().map(move |point| (row, point))) {
            let mut value = number(style.estimate(&point.net_benefit), point.net_benefit.value);
            if !point.followed_to_horizon {
                value = marked(value, "Those treated were not followed to the horizon: their last known risk is used.");
            }
            let cells = vec![
                text(names.model(&row.model)),
                number(number::level(point.threshold), point.threshold),
                number(number::count(point.acted_on), point.acted_on as f64),
                value,
                number(fixed(point.treat_all, 3), point.treat_all),
            ];
            table.row(0, cells);
        }
    }
    table.note("Per subject; whoever has a predicted risk at or above the threshold is treated. Treating nobody is 0.");
    table.abbreviation("CI", "confidence interval");
    Some(table.finish())
}
