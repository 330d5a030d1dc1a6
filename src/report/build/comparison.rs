//! Every model's AUC against the reference model's, paired, per set.

use super::names::{Names, distinct, interval_methods, list};
use super::paired::{non_inferiority_cells, non_inferiority_columns, overall_note};
use super::table::{TableBuilder, number, text};
use super::{anchor, verdict};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, Join, Style, fixed};
use crate::results::{Comparison, ComparisonRow, LayoutItem};
use crate::stats::NullDistribution;

/// Decimals of the AUCs.
pub(in crate::report) const AUC_DECIMALS: usize = 3;

/// Decimals of the test statistic.
pub(in crate::report) const STATISTIC_DECIMALS: usize = 2;

/// How differences and their intervals are set.
pub(in crate::report) fn difference_style(analysis: &Comparison) -> Style {
    let intervals = analysis.rows.iter().filter_map(|row| row.difference.interval.as_ref());
    Style::decimals(3).joined(Join::of(intervals))
}

pub fn table(analysis: &Comparison, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    let reference = names.model(&analysis.reference);
    let intervals = || analysis.rows.iter().filter_map(|row| row.difference.interval.as_ref());
    let style = difference_style(analysis);

    table.column("Model", Align::Left);
    table.column("AUC of the reference", Align::Decimal);
    table.column("AUC of the model", Align::Decimal);
    let difference = table.column(format!("Difference ({level} CI)"), Align::Decimal);
    table.footnote(difference, "AUC of the model less that of the reference.");
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        table.footnote(difference, format!("Interval: {}; n, all subjects of the set.", list(&methods)));
    }
    let normal = analysis.rows.iter().all(|row| row.test.distribution == NullDistribution::Normal);
    table.column(if normal { "z" } else { "Statistic" }, Align::Decimal);
    let p = table.column("P", Align::Decimal);
    let tests = distinct(analysis.rows.iter().map(|row| row.test.method.as_ref()));
    table.footnote(p, format!("{} test, two-sided.", list(&tests)));
    let adjusted = analysis.rows.iter().any(|row| row.adjusted_p_value.is_some());
    if adjusted {
        let column = table.column("Adjusted P", Align::Decimal);
        if let Some(adjustment) = &analysis.adjustment {
            table.footnote(column, format!("{adjustment}."));
        }
    }

    let verdicts = non_inferiority_columns(
        &mut table,
        analysis.rows.iter().find_map(|row| row.non_inferiority.as_ref()),
        Style::decimals(3),
        "",
    );

    for partition in distinct(analysis.rows.iter().map(|row| row.partition.as_str())) {
        let rows: Vec<&ComparisonRow> = analysis.rows.iter().filter(|row| row.partition == partition).collect();
        let n = rows.first().map_or(0, |row| row.n);
        let events = names.results.partition(partition).and_then(|facts| {
            facts.outcomes.iter().find(|outcome| outcome.outcome == analysis.outcome).map(|outcome| outcome.events)
        });
        let events = events.map_or(String::new(), |events| format!("; {} with the outcome", number::count(events)));
        table.section(format!("{} (n = {}{events})", names.partition(partition), number::count(n)));
        for row in rows {
            let mut cells = vec![
                text(names.model(&row.model)),
                number(fixed(row.auc_reference, AUC_DECIMALS), row.auc_reference),
                number(fixed(row.auc_model, AUC_DECIMALS), row.auc_model),
                number(style.difference(&row.difference), row.difference.value),
                row.test
                    .statistic
                    .map_or_else(Cell::default, |statistic| number(fixed(statistic, STATISTIC_DECIMALS), statistic)),
                number(number::p_value(row.test.p_value), row.test.p_value),
            ];
            if adjusted {
                cells.push(row.adjusted_p_value.map_or_else(Cell::default, |p| number(number::p_value(p), p)));
            }
            if verdicts {
                cells.extend(non_inferiority_cells(row.non_inferiority.as_ref(), Style::decimals(3)));
            }
            table.row(0, cells);
        }
    }

    table.note(format!("Reference: {reference}."));
    overall_note(&mut table, &analysis.overall, names);
    if !analysis.too_few_for_all.is_empty() {
        let sets: Vec<String> = analysis.too_few_for_all.iter().map(|partition| names.set(partition)).collect();
        table.note(format!(
            "That all models are equal is not tested in {}: its χ² holds with five subjects of the rarer class or more for each \
             degree of freedom.",
            list(&sets)
        ));
    }
    verdict::of_comparison(&mut table, analysis, Style::decimals(3), names);
    if analysis.adjustment.is_none() {
        table.note("P-values are not adjusted for the number of comparisons.");
    }
    table.abbreviation("AUC", "area under the receiver operating characteristic curve");
    table.abbreviation("CI", "confidence interval");
    table.finish()
}
