//! Survival by group and set: events, median, rates at the declared times, log-rank test.

use super::anchor;
use super::names::{Names, interval_methods, list};
use super::survival_comparisons;
use super::table::{TableBuilder, absent, number, text};
use crate::report::document::{Align, Table};
use crate::report::number::{self, Style};
use crate::results::{LayoutItem, SurvivalAnalysis};
use crate::stats::Estimate;

pub(in crate::report) const MEDIAN: Style = Style::decimals(1);

/// Survival at a time, as a percentage.
pub(in crate::report) const RATE: Style = Style::percent();

/// The rates, and where more than the test of all groups is declared, the comparisons.
pub fn tables(analysis: &SurvivalAnalysis, item: &LayoutItem, names: &Names) -> Vec<Table> {
    let mut tables = vec![table(analysis, item, names)];
    tables.extend(survival_comparisons::table(analysis, item, names));
    tables
}

fn table(analysis: &SurvivalAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    let unit = names.time_unit(&analysis.outcome);
    let groups = || analysis.partitions.iter().flat_map(|partition| &partition.groups);
    let methods = |estimates: &mut dyn Iterator<Item = &Estimate>| {
        let intervals: Vec<_> = estimates.filter_map(|estimate| estimate.interval.as_ref()).collect();
        let methods = interval_methods(intervals);
        (!methods.is_empty()).then(|| format!("Interval: {}; n, the subjects of the group.", list(&methods)))
    };

    table.column("Group", Align::Left);
    table.column("n", Align::Decimal);
    table.column("Events", Align::Decimal);
    let median = table.column(format!("Median, {unit} ({level} CI)"), Align::Decimal);
    if let Some(footnote) = methods(&mut groups().filter_map(|group| group.median.as_ref())) {
        table.footnote(median, footnote);
    }
    let first = median + 1;
    for (at, time) in analysis.rate_times.iter().enumerate() {
        let column = table.column(format!("{} {}", shortest(*time), number::unit_of(*time, unit)), Align::Decimal);
        if let Some(footnote) = methods(&mut groups().filter_map(|group| group.rates.get(at)?.as_ref())) {
            table.footnote(column, footnote);
        }
    }
    if !analysis.rate_times.is_empty() {
        table.span_from(first, format!("{}, % ({level} CI), at", names.event_free(&analysis.outcome)));
    }

    for partition in &analysis.partitions {
        let n: usize = partition.groups.iter().map(|group| group.n).sum();
        let events: usize = partition.groups.iter().map(|group| group.events).sum();
        let test = match &partition.log_rank {
            Some(test) => format!("; {} test: {}", test.method, number::test(test)),
            None => "; groups not compared: fewer than two have subjects and events".to_string(),
        };
        let label = names.partition(&partition.partition);
        table.section(format!("{label} (n = {}, {} events{test})", number::count(n), number::count(events)));
        for group in &partition.groups {
            let mut cells = vec![
                text(group.label.as_str()),
                number(number::count(group.n), group.n as f64),
                number(number::count(group.events), group.events as f64),
            ];
            cells.push(match &group.median {
                Some(median) => number(number::open_ended(MEDIAN.estimate(median)), median.value),
                None if group.n == 0 => absent("No subject is in the group."),
                None if group.median_withheld => absent("Withheld: it would tell of few subjects."),
                None => text("NR"),
            });
            cells.extend(group.rates.iter().map(|rate| match rate {
                Some(rate) => number(RATE.estimate(rate), rate.value),
                None if group.n == 0 => absent("No subject is in the group."),
                None => absent(&names.no_rate()),
            }));
            table.row(0, cells);
        }
    }

    table.note(format!("Groups: {}.", analysis.grouped_by.trim_end_matches('.')));
    if let Some(entry) = &analysis.entry {
        table.note(format!(
            "A subject is at risk from the time that “{}” holds (delayed entry); survival is given survival to the first entry.",
            names.variable(entry)
        ));
    }
    table.abbreviation("CI", "confidence interval");
    if groups().any(|group| {
        group.n > 0 && !group.median_withheld && group.median.as_ref().is_none_or(|median| !upper_is_finite(median))
    }) {
        table.abbreviation("NR", "not reached");
    }
    table.finish()
}

fn upper_is_finite(estimate: &Estimate) -> bool {
    estimate.interval.as_ref().is_none_or(|interval| interval.upper.is_finite())
}

/// "1", "0.5"
pub(in crate::report) fn shortest(time: f64) -> String {
    let decimals = (0..=3).find(|&decimals| {
        let scaled = time * [1.0, 10.0, 100.0, 1000.0][decimals];
        (scaled - scaled.round()).abs() < 1e-9
    });
    number::fixed(time, decimals.unwrap_or(3))
}
