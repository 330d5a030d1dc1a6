//! Performance within the levels of variables, with the test of interaction beside each variable.

use super::anchor;
use super::performance::metric_style;
use super::names::{self, Names, interval_methods, list};
use super::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, Style};
use crate::results::{LayoutItem, SubgroupAnalysis, SubgroupInteraction, SubgroupRow};
use crate::stats::{NullDistribution, Test};

pub fn table(analysis: &SubgroupAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    table.column("Subgroup", Align::Left);
    table.column("n", Align::Decimal);
    table.column("Events", Align::Decimal);
    let auc = table.column(format!("AUC ({level} CI)"), Align::Decimal);
    let methods = interval_methods(
        analysis.rows.iter().filter_map(|row| row.auc.as_ref()).filter_map(|auc| auc.interval.as_ref()),
    );
    if !methods.is_empty() {
        table.footnote(auc, format!("Interval: {}; n, all subjects of the level.", list(&methods)));
    }
    let p = table.column("P", Align::Decimal);
    let tests: Vec<&Test> = analysis.interactions.iter().filter_map(|row| row.auc.as_ref()).collect();
    if let Some(test) = tests.first() {
        table.footnote(p, format!("Interaction: is the AUC the same in all levels? {}.", test.method));
    }
    for (at, metric) in analysis.metrics.iter().enumerate() {
        let percent = if metric.is_proportion { ", %" } else { "" };
        let column = table.column(format!("{}{percent} ({level} CI)", metric.abbreviation), Align::Decimal);
        let estimates = analysis.rows.iter().filter_map(|row| row.metrics.get(at)?.as_ref()?.interval.as_ref());
        let methods = interval_methods(estimates);
        if !methods.is_empty() {
            table.footnote(column, format!("Interval: {}.", list(&methods)));
        }
        if metric.is_proportion {
            let column = table.column("P", Align::Decimal);
            table.footnote(
                column,
                "Interaction: is the proportion the same in all levels? Pearson's χ² where no other test is marked.",
            );
        }
        if metric.abbreviation != metric.label {
            table.abbreviation(&metric.abbreviation, &names::metric(&metric.label));
        }
    }
    for model in &analysis.models {
        table.section(names.model(model));
        let rows = |variable: Option<&str>| {
            analysis
                .rows
                .iter()
                .filter(move |row| row.model == *model && row.variable.as_deref() == variable)
                .collect::<Vec<_>>()
        };
        for row in rows(None) {
            let cells = row_cells(analysis, row, "All subjects", names);
            table.row(0, cells);
        }
        for variable in &analysis.variables {
            let interaction = analysis.interactions.iter().find(|row| row.model == *model && row.variable == *variable);
            table.row(0, head_cells(analysis, interaction, names.variable(variable)));
            for row in rows(Some(variable)) {
                let cells = row_cells(analysis, row, row.level.as_deref().unwrap_or_default(), names);
                table.row(1, cells);
            }
        }
    }
    let set = names.set(&analysis.partition);
    table.note(format!("{} in {set}.", names.outcome(&analysis.outcome)));
    let missing: Vec<String> = analysis
        .interactions
        .iter()
        .filter(|row| row.missing > 0 && analysis.models.first() == Some(&row.model))
        .map(|row| format!("{} {}", names.variable(&row.variable), number::count(row.missing)))
        .collect();
    if !missing.is_empty() {
        table.note(format!("Subjects without a known level: {}.", missing.join("; ")));
    }
    table.note(
        "P-values are not adjusted for the number of subgroups; a subgroup that differs by chance is to be expected \
         among many.",
    );
    table.abbreviation("AUC", "area under the receiver operating characteristic curve");
    table.abbreviation("CI", "confidence interval");
    table.finish()
}

fn head_cells(analysis: &SubgroupAnalysis, interaction: Option<&SubgroupInteraction>, label: &str) -> Vec<Cell> {
    let p_value = |test: Option<&Test>| match test {
        Some(test) => number(number::p_value(test.p_value), test.p_value),
        None => absent("Not tested: a level has too few subjects of either class, or nothing differs."),
    };
    let mut cells = vec![text(label), Cell::default(), Cell::default(), Cell::default()];
    cells.push(p_value(interaction.and_then(|row| row.auc.as_ref())));
    for (at, metric) in analysis.metrics.iter().enumerate() {
        cells.push(Cell::default());
        if metric.is_proportion {
            let test = interaction.and_then(|row| row.metrics.get(at)?.as_ref());
            let cell = p_value(test);
            cells.push(match test {
                Some(test) if !matches!(test.distribution, NullDistribution::ChiSquared { .. }) => {
                    marked(cell, format!("{}: an expected count is below 5.", test.method))
                }
                _ => cell,
            });
        }
    }
    cells
}

fn row_cells(analysis: &SubgroupAnalysis, row: &SubgroupRow, label: &str, names: &Names) -> Vec<Cell> {
    let mut cells = vec![
        text(label),
        number(number::count(row.n), row.n as f64),
        number(number::count(row.events), row.events as f64),
        match &row.auc {
            Some(auc) => number(Style::decimals(3).estimate(auc), auc.value),
            None => absent("Not defined: the level has one class only."),
        },
        Cell::default(),
    ];
    for (metric, estimate) in analysis.metrics.iter().zip(&row.metrics) {
        let style = metric_style(metric);
        cells.push(match estimate {
            Some(estimate) => number(style.estimate(estimate), estimate.value),
            None => absent(match names.results.presentation.minimum_cell {
                None => "Not defined: no subject is in the denominator.",
                Some(_) => {
                    "Not defined, as no subject is in the denominator, or withheld, as it tells of few subjects."
                }
            }),
        });
        if metric.is_proportion {
            cells.push(Cell::default());
        }
    }
    cells
}
