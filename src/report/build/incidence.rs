//! Cumulative incidence by group and set: events of either kind, incidences at the declared times, Gray's test.

use super::anchor;
use super::names::{Names, interval_methods, list};
use super::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Table};
use crate::report::number::{self, Style};
use crate::results::{IncidenceAnalysis, LayoutItem};

pub fn table(analysis: &IncidenceAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    let unit = names.time_unit(&analysis.outcome);
    let groups = || analysis.partitions.iter().flat_map(|partition| &partition.groups);
    table.column("Group", Align::Left);
    table.column("n", Align::Decimal);
    table.column("Events", Align::Decimal);
    let last = table.column("Competing", Align::Decimal);
    for (at, time) in analysis.rate_times.iter().enumerate() {
        let column = table.column(number::time(*time, unit), Align::Decimal);
        let estimates = groups().filter_map(|group| group.rates.get(at)?.as_ref()?.interval.as_ref());
        let methods = interval_methods(estimates);
        if !methods.is_empty() {
            table.footnote(column, format!("Interval: {}; n, the subjects of the group.", list(&methods)));
        }
    }
    if !analysis.rate_times.is_empty() {
        table.span_from(
            last + 1,
            format!("{}, cumulative incidence, % ({level} CI), at", names.outcome(&analysis.outcome)),
        );
    }
    for partition in &analysis.partitions {
        let n: usize = partition.groups.iter().map(|group| group.n).sum();
        let test = match &partition.gray {
            Some(test) => format!("; {}: {}", test.method, number::test(test)),
            None => "; groups not compared: fewer than two have subjects and events".to_string(),
        };
        table.section(format!("{} (n = {}{test})", names.partition(&partition.partition), number::count(n)));
        for group in &partition.groups {
            let mut cells = vec![text(group.label.as_str())];
            cells.extend([group.n, group.events].map(|count| number(number::count(count), count as f64)));
            cells.push(match group.competing {
                Some(count) => number(number::count(count), count as f64),
                None => absent("Withheld: the number, or one that it would give away, is below the study’s minimum."),
            });
            cells.extend(group.rates.iter().map(|rate| match rate {
                Some(rate) if rate.interval.is_none() && rate.value == 0.0 => marked(
                    number(Style::percent().estimate(rate), rate.value),
                    "No event before this time: no interval.",
                ),
                Some(rate) => number(Style::percent().estimate(rate), rate.value),
                None if group.n == 0 => absent("No subject is in the group."),
                None => absent(&names.no_rate()),
            }));
            table.row(0, cells);
        }
    }
    let competing: Vec<&str> = analysis.competing.iter().map(|outcome| names.outcome(outcome)).collect();
    table.note(format!("Competing events: {}.", list(&competing)));
    table.note(format!("Groups: {}.", analysis.grouped_by.trim_end_matches('.')));
    table.abbreviation("CI", "confidence interval");
    table.finish()
}
