//! Comparisons of calls at thresholds, of partitions, and reclassification.

use super::names::{Names, distinct, interval_methods, list};
use super::table::{TableBuilder, absent, number, text};
use super::{anchor, verdict};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, Join, Style, fixed};
use crate::results::{
    LayoutItem, MetricComparison, MetricComparisonRow, OverallTest, PartitionComparison, ReclassificationAnalysis,
};
use crate::stats::comparison::non_inferiority::NonInferiority;
use crate::stats::reclassification::net_reclassification::{Improvement, NetReclassification};

pub fn metric_comparison(analysis: &MetricComparison, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    let intervals = || analysis.rows.iter().filter_map(|row| row.difference.interval.as_ref());
    let style = Style::percent().joined(Join::of(intervals()));
    table.column("Metric and model", Align::Left);
    table.column("n", Align::Decimal);
    table.column("Reference, %", Align::Decimal);
    table.column("Model, %", Align::Decimal);
    let only = table.column("Only the reference right", Align::Decimal);
    table.column("Only the model right", Align::Decimal);
    table.footnote(only, "Subjects on whom the two calls differ.");
    let difference = table.column(format!("Difference, % points ({level} CI)"), Align::Decimal);
    table.footnote(difference, "Of the model less that of the reference.");
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        table.footnote(difference, format!("Interval: {}.", list(&methods)));
    }
    let p = table.column("P", Align::Decimal);
    let tests = distinct(analysis.rows.iter().map(|row| row.test.method.as_ref()));
    table.footnote(p, format!("{} test, two-sided.", list(&tests)));
    let adjusted = analysis.rows.iter().any(|row| row.adjusted_p_value.is_some());
    if adjusted {
        let column = table.column("Adjusted P", Align::Decimal);
        table.footnote(column, format!("{}.", analysis.adjustment.as_deref().unwrap_or_default()));
    }
    let verdicts = non_inferiority_columns(
        &mut table,
        analysis.rows.iter().find_map(|row| row.non_inferiority.as_ref()),
        Style::percent(),
        " percentage points",
    );
    for partition in distinct(analysis.rows.iter().map(|row| row.partition.as_str())) {
        table.section(names.partition(partition));
        let within: Vec<&MetricComparisonRow> = analysis.rows.iter().filter(|row| row.partition == partition).collect();
        for metric in distinct(within.iter().map(|row| row.metric.as_str())) {
            table.row(0, vec![text(metric)]);
            for row in within.iter().filter(|row| row.metric == metric) {
                let count = |count: u64| number(number::count(count as usize), count as f64);
                let mut cells = vec![
                    text(names.model(&row.model)),
                    number(number::count(row.n), row.n as f64),
                    number(number::percent(row.reference_value), row.reference_value),
                    number(number::percent(row.model_value), row.model_value),
                    count(row.right.only_first),
                    count(row.right.only_second),
                    number(style.difference(&row.difference), row.difference.value),
                    number(number::p_value(row.test.p_value), row.test.p_value),
                ];
                if adjusted {
                    cells.push(row.adjusted_p_value.map_or_else(Cell::default, |p| number(number::p_value(p), p)));
                }
                if verdicts {
                    cells.extend(non_inferiority_cells(row.non_inferiority.as_ref(), Style::percent()));
                }
                table.row(1, cells);
            }
        }
    }
    table.note(format!("Reference: {}.", names.model(&analysis.reference)));
    overall_note(&mut table, &analysis.overall, names);
    verdict::of_metric_comparison(&mut table, analysis, Style::percent(), names);
    if analysis.adjustment.is_none() {
        table.note("P-values are not adjusted for the number of comparisons.");
    }
    table.abbreviation("CI", "confidence interval");
    table.finish()
}

/// "Test that all models are equal: AUC in the test set, χ² = …".
pub fn overall_note(table: &mut TableBuilder, overall: &[OverallTest], names: &Names) {
    if overall.is_empty() {
        return;
    }
    let methods = distinct(overall.iter().map(|row| row.test.method.as_ref()));
    let parts: Vec<String> = overall
        .iter()
        .map(|row| format!("{} in {}, {}", row.measure, names.set(&row.partition), number::test(&row.test)))
        .collect();
    let models = overall.first().map_or(0, |row| row.models);
    table.note(format!("Test that all {models} models are equal ({}): {}.", list(&methods), parts.join("; ")));
    table.abbreviation("df", "degrees of freedom");
}

/// The columns of a non-inferiority test, where there is one.
pub fn non_inferiority_columns(
    table: &mut TableBuilder,
    example: Option<&NonInferiority>,
    style: Style,
    unit: &str,
) -> bool {
    let Some(example) = example else { return false };
    let first = table.column("Lower bound", Align::Decimal);
    table.footnote(
        first,
        format!(
            "One-sided {} bound of the model less the reference, the lower limit of the interval; not inferior where it lies above the margin of −{}{unit}.",
            number::level(example.level),
            style.value(example.margin)
        ),
    );
    let p = table.column("P", Align::Decimal);
    table.footnote(p, "Non-inferiority, one-sided Wald test: a small P speaks for non-inferiority.");
    table.column("Verdict", Align::Left);
    table.span_from(first, "Non-inferiority");
    true
}

pub fn non_inferiority_cells(result: Option<&NonInferiority>, style: Style) -> Vec<Cell> {
    match result {
        Some(result) => vec![
            number(style.value(result.bound), result.bound),
            match &result.test {
                Some(test) => number(number::p_value(test.p_value), test.p_value),
                None => absent("The interval is not made of a standard error, and has no P-value of this kind."),
            },
            text(if result.non_inferior { "not inferior" } else { "not shown" }),
        ],
        None => vec![absent("The difference has no standard error, or one of zero."), Cell::default(), Cell::default()],
    }
}

pub fn partition_comparison(analysis: &PartitionComparison, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    let (first, second) = (names.partition(&analysis.first), names.partition(&analysis.second));
    let intervals = || analysis.rows.iter().filter_map(|row| row.difference.interval.as_ref());
    let style = Style::decimals(3).joined(Join::of(intervals()));
    table.column("Model", Align::Left);
    let column = table.column(format!("AUC, {first} ({level} CI)"), Align::Decimal);
    let aucs = || analysis.rows.iter().flat_map(|row| [&row.auc_first, &row.auc_second]);
    let methods = interval_methods(aucs().filter_map(|auc| auc.interval.as_ref()));
    if !methods.is_empty() {
        table.footnote(column, format!("Interval: {}; n, all subjects of the set.", list(&methods)));
    }
    table.column(format!("AUC, {second} ({level} CI)"), Align::Decimal);
    let difference = table.column(format!("Difference ({level} CI)"), Align::Decimal);
    table.footnote(difference, format!("{first} less {}.", super::names::lower_first(second)));
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        table.footnote(difference, format!("Interval: {}.", list(&methods)));
    }
    table.column("Statistic", Align::Decimal);
    let p = table.column("P", Align::Decimal);
    let tests = distinct(analysis.rows.iter().map(|row| row.test.method.as_ref()));
    table.footnote(p, format!("{} test, two-sided.", list(&tests)));
    for row in &analysis.rows {
        table.row(
            0,
            vec![
                text(names.model(&row.model)),
                number(Style::decimals(3).estimate(&row.auc_first), row.auc_first.value),
                number(Style::decimals(3).estimate(&row.auc_second), row.auc_second.value),
                number(style.difference(&row.difference), row.difference.value),
                row.test.statistic.map_or_else(Cell::default, |value| number(fixed(value, 2), value)),
                number(number::p_value(row.test.p_value), row.test.p_value),
            ],
        );
    }
    table.note("The subjects of the two sets are others: the comparison is unpaired. P-values are not adjusted.");
    table.abbreviation("AUC", "area under the receiver operating characteristic curve");
    table.abbreviation("CI", "confidence interval");
    table.finish()
}

/// What the literature warns of, wherever these measures are printed.
const CAVEAT: &str = "Read with care: these improvements can be positive, and their tests significant, for a new model \
                      that is merely miscalibrated or that adds noise (Hilden and Gerds 2014, doi:10.1002/sim.5804; Pepe \
                      et al. 2015, doi:10.1007/s12561-014-9118-0). Judge a model by its discrimination, calibration and \
                      net benefit.";

pub fn reclassification(analysis: &ReclassificationAnalysis, item: &LayoutItem, names: &Names) -> Vec<Table> {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    let mut all: Vec<&Improvement> = Vec::new();
    for row in &analysis.rows {
        let integrated = &row.integrated;
        all.extend([&integrated.idi, &integrated.events, &integrated.others]);
        for nri in [Some(&row.continuous), row.categorical.as_ref().map(|found| &found.reclassification)] {
            all.extend(nri.into_iter().flat_map(|nri| [&nri.nri, &nri.events, &nri.others]));
        }
    }
    let intervals = || all.iter().filter_map(|improvement| improvement.estimate.interval.as_ref());
    let style = Style::decimals(3).joined(Join::of(intervals()));
    table.column("Measure", Align::Left);
    for (head, footnote) in [
        ("Total", ""),
        (
            "With the outcome",
            "The share that moved up less the share that moved down; for IDI, the rise of the mean risk.",
        ),
        (
            "Without the outcome",
            "The share that moved down less the share that moved up; for IDI, the fall of the mean risk.",
        ),
    ] {
        let column = table.column(format!("{head} ({level} CI)"), Align::Decimal);
        if !footnote.is_empty() {
            table.footnote(column, footnote);
        }
        if head == "Total" {
            let methods = interval_methods(intervals());
            table.footnote(column, format!("Interval: {}.", list(&methods)));
            let column = table.column("P", Align::Decimal);
            table.footnote(column, "That the total is zero; two-sided.");
        }
    }
    for row in &analysis.rows {
        let label = names.partition(&row.partition);
        table.section(format!(
            "{label} (n = {}; {} with the outcome)",
            number::count(row.n),
            number::count(row.events)
        ));
        let mut add = |name: &str, total: &Improvement, events: &Improvement, others: &Improvement| {
            let estimate = |part: &Improvement| number(style.estimate(&part.estimate), part.estimate.value);
            let p = match &total.test {
                Some(test) => number(number::p_value(test.p_value), test.p_value),
                None => absent("Nothing varies."),
            };
            table.row(0, vec![text(name), estimate(total), p, estimate(events), estimate(others)]);
        };
        let mut nri = |name: &str, found: &NetReclassification| add(name, &found.nri, &found.events, &found.others);
        if let Some(found) = &row.categorical {
            nri("NRI, by categories", &found.reclassification);
        }
        nri("NRI, continuous", &row.continuous);
        add("IDI", &row.integrated.idi, &row.integrated.events, &row.integrated.others);
    }
    table.note(format!("{} against {}.", names.model(&analysis.new), names.model(&analysis.old)));
    table.note(CAVEAT);
    table.abbreviation("CI", "confidence interval");
    table.abbreviation("IDI", "integrated discrimination improvement");
    table.abbreviation("NRI", "net reclassification improvement");
    let mut tables = vec![table.finish()];
    if analysis.rows.iter().any(|row| row.categorical.is_some()) {
        tables.push(moves(analysis, item, names));
    }
    tables
}

/// How many went from which category to which.
fn moves(analysis: &ReclassificationAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let label = if item.label.is_empty() { String::new() } else { format!("{}, counts", item.label) };
    let id = format!("{}-counts", anchor(&item.label));
    let caption = format!(
        "Categories of risk by {} (rows) and by {} (columns)",
        names.model(&analysis.old),
        names.model(&analysis.new)
    );
    let mut table = TableBuilder::new(&id, &label, &caption);
    let cuts = &analysis.cut_points;
    let percent = |cut: f64| number::significant(&format!("{}", (cut * 1e8).round() / 1e6));
    let categories: Vec<String> = (0..=cuts.len())
        .map(|index| match (index.checked_sub(1).map(|before| cuts[before]), cuts.get(index)) {
            (None, Some(upper)) => format!("below {}%", percent(*upper)),
            (Some(lower), Some(upper)) => format!("{}% to below {}%", percent(lower), percent(*upper)),
            (Some(lower), None) => format!("{}% and above", percent(lower)),
            (None, None) => "all".to_string(),
        })
        .collect();
    table.column("Risk by the old model", Align::Left);
    for _ in 0..2 {
        let mut first = None;
        for category in &categories {
            let column = table.column(category.as_str(), Align::Decimal);
            first.get_or_insert(column);
        }
        let head = if first == Some(1) { "With the outcome" } else { "Without the outcome" };
        table.span_from(first.unwrap_or(1), head);
    }
    for row in &analysis.rows {
        let Some(found) = &row.categorical else { continue };
        table.section(names.partition(&row.partition));
        for (index, category) in categories.iter().enumerate() {
            let mut cells = vec![text(category.as_str())];
            for counts in [&found.events.counts, &found.others.counts] {
                let counts = counts.get(index).cloned().unwrap_or_default();
                cells.extend(counts.into_iter().map(|count| number(number::count(count), count as f64)));
            }
            table.row(0, cells);
        }
    }
    table.finish()
}
