//! Comparisons of survival beside the test of all groups: trend, pairs of groups, restricted means.

use super::anchor;
use super::names::{Names, distinct, interval_methods, list};
use super::table::{TableBuilder, absent, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, Join, Style};
use crate::results::{LayoutItem, PartitionSurvival, SurvivalAnalysis};

/// `None` where the analysis declares no further comparison.
pub fn table(analysis: &SurvivalAnalysis, item: &LayoutItem, names: &Names) -> Option<Table> {
    let shown = |partition: &PartitionSurvival| {
        let found = &partition.comparisons;
        found.trend.is_some() || !found.pairwise.is_empty() || found.restricted_to.is_some()
    };
    if !analysis.partitions.iter().any(shown) {
        return None;
    }
    let label = if item.label.is_empty() { String::new() } else { format!("{}, comparisons", item.label) };
    let mut table =
        TableBuilder::new(&format!("{}-comparisons", anchor(&item.label)), &label, "Comparisons of the groups");
    let unit = names.time_unit(&analysis.outcome);
    let level = number::level(analysis.level);
    let estimates = || {
        analysis.partitions.iter().flat_map(|partition| {
            let means = partition.comparisons.restricted_means.iter().flatten();
            means.chain(partition.comparisons.mean_differences.iter().map(|pair| &pair.difference))
        })
    };
    let intervals = || estimates().filter_map(|estimate| estimate.interval.as_ref());
    let style = Style::decimals(2).joined(Join::of(intervals()));
    table.column("Comparison", Align::Left);
    let column = table.column(format!("Estimate, {unit} ({level} CI)"), Align::Decimal);
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        table.footnote(column, format!("Interval: {}.", list(&methods)));
    }
    table.column("Statistic", Align::Decimal);
    table.column("P", Align::Decimal);
    let adjusted = analysis.partitions.iter().find_map(|row| row.comparisons.pairwise_adjustment.as_deref());
    if let Some(adjustment) = adjusted {
        let column = table.column("Adjusted P", Align::Decimal);
        table.footnote(column, format!("{adjustment}."));
    }
    for partition in analysis.partitions.iter().filter(|partition| shown(partition)) {
        table.section(names.partition(&partition.partition));
        rows(&mut table, analysis, partition, style, names);
    }
    let strata = analysis.partitions.iter().filter_map(|row| row.comparisons.stratified_by.as_deref());
    if let Some(variable) = strata.into_iter().next() {
        table.note(format!("Groups are compared within the levels of “{}”.", names.variable(variable)));
    }
    let tests = analysis.partitions.iter().flat_map(|partition| {
        let found = &partition.comparisons;
        found.pairwise.iter().filter_map(|pair| pair.test.as_ref()).chain(&found.trend)
    });
    let tests = distinct(tests.map(|test| test.method.as_ref()));
    if !tests.is_empty() {
        table.note(format!("Tests of groups: {}, two-sided.", list(&tests)));
    }
    if adjusted.is_none() {
        table.note("P-values are not adjusted for the number of comparisons.");
    }
    table.abbreviation("CI", "confidence interval");
    Some(table.finish())
}

fn rows(
    table: &mut TableBuilder,
    analysis: &SurvivalAnalysis,
    partition: &PartitionSurvival,
    style: Style,
    names: &Names,
) {
    let unit = names.time_unit(&analysis.outcome);
    // Its name in each row: a trend and a difference of means have z, two groups χ².
    let statistic = |test: &crate::stats::Test| match (number::statistic(test), test.statistic) {
        (Some(printed), Some(value)) => number(printed, value),
        _ => Cell::default(),
    };
    let p_value = |value: f64| number(number::p_value(value), value);
    let found = &partition.comparisons;
    if let Some(test) = &found.trend {
        table.row(0, vec![text("Trend over the groups"), Cell::default(), statistic(test), p_value(test.p_value)]);
    }
    for pair in &found.pairwise {
        let mut cells = vec![text(format!("{} against {}", pair.first, pair.second)), Cell::default()];
        match &pair.test {
            Some(test) => cells.extend([statistic(test), p_value(test.p_value)]),
            None => cells.extend([absent("No event happened while both groups were at risk."), Cell::default()]),
        }
        cells.extend(pair.adjusted_p_value.map(p_value));
        table.row(0, cells);
    }
    let Some(tau) = found.restricted_to else { return };
    table.row(0, vec![text(format!("Mean up to {}", number::time(tau, unit)))]);
    for (label, mean) in analysis.group_labels.iter().zip(&found.restricted_means) {
        let cell = match mean {
            Some(mean) => number(style.estimate(mean), mean.value),
            None => absent(match names.results.presentation.minimum_cell {
                None => "The group has no subject, or was not followed for that long.",
                Some(_) => "The group has no subject, was not followed for that long, or few of it had the event.",
            }),
        };
        table.row(1, vec![text(label.as_str()), cell]);
    }
    for pair in &found.mean_differences {
        let mut cells = vec![
            text(format!("{} less {}", pair.second, pair.first)),
            number(style.difference(&pair.difference), pair.difference.value),
        ];
        if let Some(test) = &pair.test {
            cells.extend([statistic(test), p_value(test.p_value)]);
        }
        table.row(1, cells);
    }
}
