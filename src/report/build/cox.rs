//! Cox regression: each variable alone beside all together, the reference level in its own row.

use super::anchor;
use super::names::{Names, distinct, interval_methods, list};
use super::table::{TableBuilder, absent, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, Style, fixed};
use crate::results::{CoxAnalysis, CoxRow, LayoutItem};
use crate::stats::NullDistribution;

/// Decimals of coefficients and their standard errors.
pub(in crate::report) const COEFFICIENT_DECIMALS: usize = 3;

pub(in crate::report) const WALD_DECIMALS: usize = 2;

/// Hazard ratios and their limits.
pub(in crate::report) const RATIO: Style = Style::decimals(2);

pub(in crate::report) const CONCORDANCE: Style = Style::decimals(3);

/// Which of the two blocks of columns the table has.
struct Blocks {
    univariable: bool,
    multivariable: bool,
    proportional_hazards: bool,
}

pub fn table(analysis: &CoxAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let blocks = Blocks {
        univariable: !analysis.univariable.is_empty(),
        multivariable: !analysis.multivariable.is_empty(),
        proportional_hazards: !analysis.multivariable.is_empty() && !analysis.proportional_hazards.is_empty(),
    };
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    add_columns(&mut table, analysis, &blocks);

    let rows = || analysis.univariable.iter().chain(&analysis.multivariable);
    for variable in distinct(rows().map(|row| row.variable.as_str())) {
        let terms: Vec<&CoxRow> = rows().filter(|row| row.variable == variable).collect();
        if terms.iter().any(|row| row.level.is_some()) {
            add_levels(&mut table, variable, &terms, analysis, &blocks, names);
        } else {
            let per = terms.iter().find_map(|row| row.per.as_deref());
            let label = match per {
                Some(per) => format!("{}, {per}", names.variable(variable)),
                None => names.variable_with_unit(variable),
            };
            let cells = term_cells(text(label), variable, None, true, analysis, &blocks);
            table.row(0, cells);
        }
    }
    add_notes(&mut table, analysis, &blocks, names);
    table.finish()
}

fn add_columns(table: &mut TableBuilder, analysis: &CoxAnalysis, blocks: &Blocks) {
    let level = number::level(analysis.level);
    let methods = interval_methods(
        analysis.univariable.iter().chain(&analysis.multivariable).filter_map(|row| row.hazard_ratio.interval.as_ref()),
    );
    let footnote = format!("Interval: {}; n, all subjects of the model.", list(&methods));
    let wald = "Wald test of the coefficient against 0: (β/SE)², χ² with 1 df; two-sided.";
    let hazard_ratio = |table: &mut TableBuilder| {
        let column = table.column(format!("HR ({level} CI)"), Align::Decimal);
        if !methods.is_empty() {
            table.footnote(column, footnote.as_str());
        }
        let column = table.column("P", Align::Decimal);
        table.footnote(column, wald);
        column
    };
    let estimates = |table: &mut TableBuilder| {
        let first = table.column("β", Align::Decimal);
        table.column("SE", Align::Decimal);
        let column = table.column("Wald", Align::Decimal);
        table.footnote(column, wald);
        hazard_ratio(table);
        first
    };
    table.column("Variable", Align::Left);
    match (blocks.univariable, blocks.multivariable) {
        (true, true) => {
            let last = hazard_ratio(table);
            table.span_from(last - 1, "Univariable");
            let first = estimates(table);
            if blocks.proportional_hazards {
                let column = table.column("P, PH", Align::Decimal);
                table.footnote(column, hazards_footnote(analysis));
            }
            table.span_from(first, "Multivariable");
        }
        _ => {
            let first = estimates(table);
            if blocks.proportional_hazards {
                let column = table.column("P, PH", Align::Decimal);
                table.footnote(column, hazards_footnote(analysis));
            }
            table.span_from(first, if blocks.multivariable { "Multivariable" } else { "Univariable" });
        }
    }
}

fn hazards_footnote(analysis: &CoxAnalysis) -> String {
    let methods = distinct(analysis.proportional_hazards.iter().map(|row| row.test.method.as_ref()));
    format!("Test of proportional hazards: {}; one test per variable.", list(&methods))
}

/// A head row, the reference level, then a row per other level.
fn add_levels(
    table: &mut TableBuilder,
    variable: &str,
    terms: &[&CoxRow],
    analysis: &CoxAnalysis,
    blocks: &Blocks,
    names: &Names,
) {
    let mut head = vec![text(names.variable(variable))];
    if blocks.proportional_hazards {
        let empty = if blocks.univariable { 7 } else { 5 };
        head.extend((0..empty).map(|_| Cell::default()));
        head.push(hazards_cell(variable, analysis));
    }
    table.row(0, head);
    if let Some(reference) = terms.iter().find_map(|row| row.reference.as_deref()) {
        let mut cells = vec![text(format!("{reference} (reference)"))];
        if blocks.univariable && blocks.multivariable {
            cells.extend([text("1"), Cell::default()]);
        }
        cells.extend([Cell::default(), Cell::default(), Cell::default(), text("1")]);
        table.row(1, cells);
    }
    for level in distinct(terms.iter().filter_map(|row| row.level.as_deref())) {
        let cells = term_cells(text(level), variable, Some(level), false, analysis, blocks);
        table.row(1, cells);
    }
}

fn term_cells(
    head: Cell,
    variable: &str,
    level: Option<&str>,
    with_hazards: bool,
    analysis: &CoxAnalysis,
    blocks: &Blocks,
) -> Vec<Cell> {
    let find = |rows: &'_ [CoxRow]| -> Option<CoxRow> {
        rows.iter().find(|row| row.variable == variable && row.level.as_deref() == level).cloned()
    };
    let mut cells = vec![head];
    if blocks.univariable && blocks.multivariable {
        cells.extend(ratio_cells(find(&analysis.univariable).as_ref(), "Not fitted alone."));
    }
    let main = if blocks.multivariable { &analysis.multivariable } else { &analysis.univariable };
    match find(main) {
        Some(row) => {
            cells.push(number(fixed(row.coefficient, COEFFICIENT_DECIMALS), row.coefficient));
            cells.push(number(fixed(row.standard_error, COEFFICIENT_DECIMALS), row.standard_error));
            cells.push(number(fixed(row.wald, WALD_DECIMALS), row.wald));
            cells.extend(ratio_cells(Some(&row), ""));
        }
        None => {
            let why = "Not in the model with all terms.";
            cells.extend([absent(why), Cell::default(), Cell::default(), Cell::default(), Cell::default()]);
        }
    }
    if with_hazards && blocks.proportional_hazards {
        cells.push(hazards_cell(variable, analysis));
    }
    cells
}

fn ratio_cells(row: Option<&CoxRow>, why: &str) -> [Cell; 2] {
    match row {
        Some(row) => [
            number(RATIO.estimate(&row.hazard_ratio), row.hazard_ratio.value),
            number(number::p_value(row.p_value), row.p_value),
        ],
        None => [absent(why), Cell::default()],
    }
}

fn hazards_cell(variable: &str, analysis: &CoxAnalysis) -> Cell {
    let row = analysis.proportional_hazards.iter().find(|row| row.term == variable);
    row.map_or_else(Cell::default, |row| number(number::p_value(row.test.p_value), row.test.p_value))
}

fn add_notes(table: &mut TableBuilder, analysis: &CoxAnalysis, blocks: &Blocks, names: &Names) {
    table.note(format!(
        "{} in {}: n = {}, {} events. Ties: {}.",
        names.outcome(&analysis.outcome),
        names.set(&analysis.partition),
        number::count(analysis.n),
        number::count(analysis.events),
        analysis.ties
    ));
    let differing = analysis
        .univariable
        .iter()
        .chain(&analysis.multivariable)
        .any(|row| row.n != analysis.n || row.events != analysis.events);
    if differing {
        let parts = analysis.univariable.iter().map(|row| {
            let level = row.level.as_ref().map_or(String::new(), |level| format!(" ({level})"));
            format!("{}{level} {}/{}", names.variable(&row.variable), number::count(row.events), number::count(row.n))
        });
        table.note(format!("Events and subjects of the univariable models: {}.", parts.collect::<Vec<_>>().join("; ")));
    }
    let mut overall = Vec::new();
    if let Some(test) = &analysis.likelihood_ratio {
        overall.push(format!(
            "{} test against no predictor: {}",
            super::names::capitalised(&test.method),
            number::test(test)
        ));
    }
    if let Some(concordance) = &analysis.concordance {
        let interval = concordance.interval.as_ref().map_or(String::new(), |interval| {
            format!(" ({} CI {}; {})", number::level(interval.level), CONCORDANCE.interval(interval), interval.method)
        });
        overall.push(format!("concordance {}{interval}", CONCORDANCE.value(concordance.value)));
    }
    if let Some(global) = analysis.proportional_hazards.iter().find(|row| row.term == "global") {
        overall.push(format!("global test of proportional hazards: {}", number::test(&global.test)));
    }
    if !overall.is_empty() {
        let model = if blocks.multivariable { "Multivariable model. " } else { "" };
        table.note(format!("{model}{}.", super::names::capitalised(&overall.join("; "))));
    }
    table.abbreviation("CI", "confidence interval");
    table.abbreviation("HR", "hazard ratio");
    table.abbreviation("SE", "standard error of β");
    table.abbreviation("β", "coefficient, the logarithm of the hazard ratio");
    if blocks.proportional_hazards {
        table.abbreviation("PH", "proportional hazards");
    }
    let has_df = analysis
        .proportional_hazards
        .iter()
        .any(|row| matches!(row.test.distribution, NullDistribution::ChiSquared { .. }));
    if has_df || analysis.likelihood_ratio.is_some() || blocks.univariable || blocks.multivariable {
        table.abbreviation("df", "degrees of freedom");
    }
}
