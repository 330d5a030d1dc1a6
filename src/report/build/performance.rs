//! Models × sets × metrics, with the method and the n of each interval; then thresholds and counts.

use super::anchor;
use super::names::{self, Names, distinct, interval_methods, list};
use super::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, Style, fixed};
use crate::results::{LayoutItem, MetricFacts, Performance, PerformanceRow};
use crate::stats::discrimination::partial_auc::PartialAucAxis;
use crate::stats::{Estimate, Interval};

/// So many thresholds are listed below the table of metrics; more are found in the second table.
const THRESHOLDS_IN_A_NOTE: usize = 6;

pub(in crate::report) const AUC: Style = Style::decimals(3);

pub(in crate::report) const THRESHOLD_DECIMALS: usize = 3;

/// The method's name, as results hold it.
const DELONG: &str = "DeLong";

const WITHHELD: &str =
    "Withheld: a cell of the confusion matrix is below the study’s minimum, or another set would give it away.";

const ONE_CLASS: &str = "Not defined: the set has one class only.";

pub fn tables(analysis: &Performance, item: &LayoutItem, names: &Names) -> Vec<Table> {
    let mut tables = metrics_tables(analysis, item, names);
    tables.push(counts_table(analysis, item, names));
    tables
}

fn metrics_tables(analysis: &Performance, item: &LayoutItem, names: &Names) -> Vec<Table> {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    let bootstrap: Vec<&Interval> = analysis.rows.iter().filter_map(|row| row.auc_bootstrap.as_ref()).collect();

    table.column("Model", Align::Left);
    let auc = table.column(format!("AUC ({level} CI)"), Align::Decimal);
    let auc_intervals = analysis.rows.iter().filter_map(|row| row.auc.as_ref()?.interval.as_ref());
    let auc_methods = interval_methods(auc_intervals);
    if !auc_methods.is_empty() {
        table.footnote(auc, format!("Interval: {}; n, all subjects of the set.", list(&auc_methods)));
    }
    if let Some(note) = delong_at_the_edge(analysis) {
        table.note(note);
    }
    if !bootstrap.is_empty() {
        let column = table.column(format!("{level} CI, bootstrap"), Align::Decimal);
        let methods = list(&interval_methods(bootstrap.iter().copied()));
        let replicates = replicates(analysis, &methods);
        table.footnote(column, format!("Interval of the same AUC: {methods}{replicates}."));
    }
    let areas = further_areas(&mut table, analysis);
    for (at, metric) in analysis.metrics.iter().enumerate() {
        let percent = if metric.is_proportion { ", %" } else { "" };
        let column = table.column(format!("{}{percent} ({level} CI)", metric.abbreviation), Align::Decimal);
        if let Some(footnote) = metric_footnote(analysis, at) {
            table.footnote(column, footnote);
        }
        if metric.abbreviation != metric.label {
            table.abbreviation(&metric.abbreviation, &names::metric(&metric.label));
        }
    }

    for partition in &analysis.partitions {
        let rows: Vec<&PerformanceRow> = analysis.rows.iter().filter(|row| row.partition == *partition).collect();
        table.section(set_head(partition, &rows, &analysis.outcome, names));
        for row in rows {
            let mut cells = vec![text(names.model(&row.model))];
            cells.push(row.auc.as_ref().map_or_else(|| absent(ONE_CLASS), |auc| estimate_cell(auc, AUC)));
            if !bootstrap.is_empty() {
                cells.push(match &row.auc_bootstrap {
                    Some(interval) => number(AUC.interval(interval), interval.lower),
                    None => absent(if row.auc.is_none() { ONE_CLASS } else { "No bootstrap interval was computed." }),
                });
            }
            cells.extend(areas.iter().map(|area| match area(row) {
                Some(estimate) => estimate_cell(estimate, AUC),
                None => absent(ONE_CLASS),
            }));
            for (metric, estimate) in analysis.metrics.iter().zip(&row.metrics) {
                cells.push(match estimate {
                    Some(estimate) => estimate_cell(estimate, metric_style(metric)),
                    None if row.confusion.is_none() => absent(WITHHELD),
                    None => absent("Not defined: no subject is in the denominator."),
                });
            }
            table.row(0, cells);
        }
    }

    table.note(thresholds_note(analysis, item, names));
    table.abbreviation("AUC", "area under the receiver operating characteristic curve");
    table.abbreviation("CI", "confidence interval");
    table.finish_in_parts()
}

/// What DeLong's intervals do not say near 0 and 1.
fn delong_at_the_edge(analysis: &Performance) -> Option<&'static str> {
    let areas = || analysis.rows.iter().filter_map(|row| row.auc.as_ref());
    let intervals = || {
        let all = areas().filter_map(|auc| auc.interval.as_ref());
        all.filter(|interval| interval.method == DELONG)
    };
    if intervals().any(|interval| interval.lower == interval.upper) {
        Some(
            "An AUC of 0 or 1 has no variance by DeLong’s method: the interval without width is no sign of certainty. Limits \
             beyond 0 and 1 are cut off there.",
        )
    } else if intervals().any(|interval| interval.lower <= 0.0 || interval.upper >= 1.0) {
        Some("DeLong’s limits beyond 0 and 1 are cut off there.")
    } else {
        None
    }
}

/// A column of areas: what it takes from a row.
type Area = fn(&PerformanceRow) -> Option<&Estimate>;

/// The columns of a partial AUC and of the average precision, where they are declared.
fn further_areas(table: &mut TableBuilder, analysis: &Performance) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    let mut add = |table: &mut TableBuilder, head: &str, area: Area, what: String| {
        let intervals = analysis.rows.iter().filter_map(|row| area(row)?.interval.as_ref());
        let methods = interval_methods(intervals);
        let interval = if methods.is_empty() { String::new() } else { format!(" Interval: {}.", list(&methods)) };
        let level = number::level(analysis.level);
        let ci = if methods.is_empty() { String::new() } else { format!(" ({level} CI)") };
        let column = table.column(format!("{head}{ci}"), Align::Decimal);
        table.footnote(column, format!("{what}{interval}"));
        areas.push(area);
    };
    if let Some(range) = &analysis.partial_range {
        let axis = match range.axis {
            PartialAucAxis::Specificity => "specificities",
            PartialAucAxis::Sensitivity => "sensitivities",
        };
        let over = format!("Area over {axis} from {} to {}.", range.lower, range.upper);
        add(table, "pAUC", |row| row.partial_auc.as_ref().map(|partial| &partial.area), over.clone());
        let scaled = format!("{over} Standardised after McClish: 0.5 by chance, 1 at best.");
        add(table, "pAUC, standardised", |row| row.partial_auc.as_ref().map(|partial| &partial.standardised), scaled);
        table.abbreviation("pAUC", "partial area under the receiver operating characteristic curve");
    }
    if analysis.rows.iter().any(|row| row.average_precision.is_some()) {
        let what =
            "Area under the precision-recall curve by steps; by chance it is the share of subjects with the outcome.";
        add(table, "AP", |row| row.average_precision.as_ref(), what.to_string());
        table.abbreviation("AP", "average precision");
    }
    areas
}

/// ", 2000 replicates", where the method does not say so itself.
fn replicates(analysis: &Performance, methods: &str) -> String {
    match analysis.replicates {
        Some(count) if !methods.contains("replicates") => format!(", {} replicates", number::count(count)),
        _ => String::new(),
    }
}

pub(in crate::report) fn metric_style(metric: &MetricFacts) -> Style {
    if metric.is_proportion { Style::percent() } else { Style::decimals(3) }
}

fn estimate_cell(estimate: &Estimate, style: Style) -> Cell {
    number(style.estimate(estimate), estimate.value)
}

/// "Test set (n = 871; 402 with lymph-node metastasis)"
fn set_head<'a>(partition: &'a str, rows: &[&PerformanceRow], outcome: &'a str, names: &Names<'a>) -> String {
    let label = names.partition(partition);
    match rows.first() {
        Some(row) => format!(
            "{label} (n = {}; {} with {})",
            number::count(row.n),
            number::count(row.events),
            names.outcome(outcome)
        ),
        None => label.to_string(),
    }
}

/// What a metric is a share of, in words and as a number.
type Denominator = (&'static str, fn(&PerformanceRow) -> Option<u64>);

/// Method of a metric's intervals and what their n is.
fn metric_footnote(analysis: &Performance, at: usize) -> Option<String> {
    let estimates = || analysis.rows.iter().filter_map(|row| Some((row, row.metrics.get(at)?.as_ref()?)));
    let methods = interval_methods(estimates().filter_map(|(_, estimate)| estimate.interval.as_ref()));
    if methods.is_empty() {
        return None;
    }
    let denominators: [Denominator; 5] = [
        ("all subjects of the set", |row| Some(row.n as u64)),
        ("the subjects with the outcome", |row| Some(row.events as u64)),
        ("the subjects without the outcome", |row| Some((row.n - row.events) as u64)),
        ("the subjects called positive", |row| row.confusion.map(|facts| facts.true_positives + facts.false_positives)),
        ("the subjects called negative", |row| row.confusion.map(|facts| facts.true_negatives + facts.false_negatives)),
    ];
    let n = denominators
        .iter()
        .find(|(_, count)| estimates().all(|(row, estimate)| Some(estimate.n as u64) == count(row)))
        .map_or(String::new(), |(words, _)| format!("; n, {words}"));
    Some(format!("Interval: {}{n}.", list(&methods)))
}

fn thresholds_note(analysis: &Performance, item: &LayoutItem, names: &Names) -> String {
    let told = analysis.thresholds.len() <= THRESHOLDS_IN_A_NOTE;
    let rules: Vec<String> = analysis.thresholds.iter().map(|facts| names.rule(facts)).collect();
    let distinct_rules = distinct(rules.iter().map(String::as_str));
    if !told {
        return format!(
            "A score at the model's threshold, or beyond it towards higher risk, is called positive; the thresholds ({}) are in {}, counts.",
            list(&distinct_rules),
            item.label
        );
    }
    let values = analysis.thresholds.iter().zip(&rules).map(|(facts, rule)| {
        let rule = if distinct_rules.len() > 1 { format!(" ({rule})") } else { String::new() };
        format!("{} {}{rule}", names.model(&facts.model), fixed(facts.threshold, THRESHOLD_DECIMALS))
    });
    let common = if distinct_rules.len() == 1 { format!(" ({})", distinct_rules[0]) } else { String::new() };
    format!(
        "A score at the model's threshold, or beyond it towards higher risk, is called positive. Thresholds{common}: {}.",
        values.collect::<Vec<_>>().join("; ")
    )
}

/// Thresholds with where they were chosen, and the four counts behind every proportion.
fn counts_table(analysis: &Performance, item: &LayoutItem, names: &Names) -> Table {
    let label = if item.label.is_empty() { String::new() } else { format!("{}, counts", item.label) };
    let caption = "Decision thresholds, and the counts behind each proportion";
    let mut table = TableBuilder::new(&format!("{}-counts", anchor(&item.label)), &label, caption);
    for (head, align) in [
        ("Model", Align::Left),
        ("Threshold", Align::Decimal),
        ("Rule", Align::Left),
        ("Chosen on", Align::Left),
        ("TP", Align::Decimal),
        ("FN", Align::Decimal),
        ("FP", Align::Decimal),
        ("TN", Align::Decimal),
    ] {
        table.column(head, align);
    }
    let count = |count: u64| number(number::count(usize::try_from(count).unwrap_or(usize::MAX)), count as f64);
    for partition in &analysis.partitions {
        let rows: Vec<&PerformanceRow> = analysis.rows.iter().filter(|row| row.partition == *partition).collect();
        table.section(set_head(partition, &rows, &analysis.outcome, names));
        for row in rows {
            let mut cells = vec![text(names.model(&row.model))];
            match analysis.thresholds.iter().find(|facts| facts.model == row.model) {
                Some(facts) => cells.extend([
                    number(fixed(facts.threshold, THRESHOLD_DECIMALS), facts.threshold),
                    text(facts.rule.as_str()),
                    text(if Names::is_declared(facts) { "—" } else { names.partition(&facts.chosen_on) }),
                ]),
                None => cells.extend([
                    marked(text(number::ABSENT), "The model has no threshold."),
                    Cell::default(),
                    Cell::default(),
                ]),
            }
            cells.extend(match &row.confusion {
                Some(confusion) => [
                    confusion.true_positives,
                    confusion.false_negatives,
                    confusion.false_positives,
                    confusion.true_negatives,
                ]
                .map(count),
                None => std::array::from_fn(|_| absent(WITHHELD)),
            });
            table.row(0, cells);
        }
    }
    table.note("A score at the threshold, or beyond it towards higher risk, is called positive; one threshold per model holds in every set.");
    table.abbreviation("FN", "false negatives");
    table.abbreviation("FP", "false positives");
    table.abbreviation("TN", "true negatives");
    table.abbreviation("TP", "true positives");
    table.finish()
}
