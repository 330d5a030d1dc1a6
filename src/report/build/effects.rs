//! Regression tables: each variable alone beside all together, the reference level in its own row.

use super::anchor;
use super::names::{Names, distinct, interval_methods, list};
use super::table::{TableBuilder, absent, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::effects::{Effect, Effects, ratio_text};
use crate::report::number::{self, Style, fixed};
use crate::results::LayoutItem;

/// The least decimals of coefficients and their standard errors.
pub(in crate::report) const COEFFICIENT_DECIMALS: usize = 3;

pub(in crate::report) const WALD_DECIMALS: usize = 2;

/// Ratios and their limits.
pub(in crate::report) const RATIO: Style = Style::decimals(2);

pub(in crate::report) const CONCORDANCE: Style = Style::decimals(3);

pub fn table<'a>(effects: &Effects<'a>, item: &LayoutItem, names: &Names<'a>) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    add_columns(&mut table, effects);
    for variable in distinct(effects.all().map(|row| row.variable)) {
        let terms: Vec<&Effect> = effects.all().filter(|row| row.variable == variable).collect();
        if terms.iter().any(|row| row.level.is_some()) {
            add_levels(&mut table, variable, &terms, effects, names);
        } else {
            let label = match terms.iter().find_map(|row| row.per) {
                Some(per) => format!("{}, {per}", names.term(variable)),
                None if names.variable_facts(variable).is_none() => names.term(variable).to_string(),
                None => names.variable_with_unit(variable),
            };
            table.row(0, term_cells(text(label), variable, None, true, effects));
        }
    }
    add_notes(&mut table, effects, names);
    table.finish()
}

/// Both blocks of columns stand side by side.
fn is_double(effects: &Effects<'_>) -> bool {
    !effects.univariable.is_empty() && !effects.multivariable.is_empty()
}

fn add_columns(table: &mut TableBuilder, effects: &Effects<'_>) {
    let methods = interval_methods(effects.all().filter_map(|row| row.ratio.interval.as_ref()));
    let ratio = |table: &mut TableBuilder| {
        let column = table.column(effects.ratio_head(), Align::Decimal);
        if !methods.is_empty() {
            table.footnote(column, format!("Interval: {}; n, all subjects of the model.", list(&methods)));
        }
        let column = table.column("P", Align::Decimal);
        table.footnote(column, effects.test.as_str());
        column
    };
    table.column("Variable", Align::Left);
    if is_double(effects) {
        let last = ratio(table);
        table.span_from(last - 1, "Univariable");
    }
    let first = table.column("β", Align::Decimal);
    table.column("SE", Align::Decimal);
    let column = table.column(effects.statistic, Align::Decimal);
    table.footnote(column, effects.test.as_str());
    ratio(table);
    if let Some(last) = &effects.last {
        let column = table.column(last.head, Align::Decimal);
        table.footnote(column, last.footnote.as_str());
    }
    table.span_from(first, if effects.multivariable.is_empty() { "Univariable" } else { "Multivariable" });
}

/// A head row, the reference level, then a row per other level.
fn add_levels<'a>(
    table: &mut TableBuilder,
    variable: &'a str,
    terms: &[&Effect<'_>],
    effects: &Effects<'_>,
    names: &Names<'a>,
) {
    let mut head = vec![text(names.term(variable))];
    if effects.last.is_some() {
        let empty = if is_double(effects) { 7 } else { 5 };
        head.extend((0..empty).map(|_| Cell::default()));
        head.push(last_cell(variable, effects));
    }
    table.row(0, head);
    if let Some(reference) = terms.iter().find_map(|row| row.reference) {
        let mut cells = vec![text(format!("{reference} (reference)"))];
        if is_double(effects) {
            cells.extend([text("1"), Cell::default()]);
        }
        cells.extend([Cell::default(), Cell::default(), Cell::default(), text("1")]);
        table.row(1, cells);
    }
    for level in distinct(terms.iter().filter_map(|row| row.level)) {
        table.row(1, term_cells(text(level), variable, Some(level), false, effects));
    }
}

fn term_cells(head: Cell, variable: &str, level: Option<&str>, with_last: bool, effects: &Effects<'_>) -> Vec<Cell> {
    let find = |rows: &[Effect<'_>]| rows.iter().position(|row| row.variable == variable && row.level == level);
    let mut cells = vec![head];
    if is_double(effects) {
        cells.extend(match find(&effects.univariable) {
            Some(at) => ratio_cells(&effects.univariable[at]),
            None => [absent("Not fitted alone."), Cell::default()],
        });
    }
    let main = if effects.multivariable.is_empty() { &effects.univariable } else { &effects.multivariable };
    match find(main).map(|at| &main[at]) {
        Some(row) if row.infinite => cells.extend((0..5).map(|_| absent(INFINITE))),
        Some(row) => {
            cells.push(number(number::coefficient(row.coefficient, COEFFICIENT_DECIMALS), row.coefficient));
            cells.push(number(number::coefficient(row.standard_error, COEFFICIENT_DECIMALS), row.standard_error));
            cells.push(row.statistic.map_or_else(Cell::default, |value| number(fixed(value, WALD_DECIMALS), value)));
            cells.extend(ratio_cells(row));
        }
        None => {
            cells.extend([
                absent(effects.why_left_out),
                Cell::default(),
                Cell::default(),
                Cell::default(),
                Cell::default(),
            ]);
        }
    }
    if with_last && effects.last.is_some() {
        cells.push(last_cell(variable, effects));
    }
    cells
}

const INFINITE: &str = "No finite estimate.";

fn ratio_cells(row: &Effect<'_>) -> [Cell; 2] {
    if row.infinite {
        return [absent(INFINITE), absent(INFINITE)];
    }
    [number(ratio_text(row.ratio), row.ratio.value), number(number::p_value(row.p_value), row.p_value)]
}

fn last_cell(variable: &str, effects: &Effects<'_>) -> Cell {
    let values = effects.last.iter().flat_map(|last| &last.values);
    let value = values.into_iter().find(|(name, ..)| *name == variable);
    value.map_or_else(Cell::default, |(_, text, value)| number(text.as_str(), *value))
}

fn add_notes<'a>(table: &mut TableBuilder, effects: &Effects<'a>, names: &Names<'a>) {
    table.note(format!("{} in {}: {}", names.outcome(effects.outcome), names.set(effects.partition), effects.basis()));
    if effects.all().any(|row| row.n != effects.n || row.events != effects.events) {
        let parts = effects.univariable.iter().map(|row| {
            let level = row.level.map_or(String::new(), |level| format!(" ({level})"));
            format!("{}{level} {}/{}", names.term(row.variable), number::count(row.events), number::count(row.n))
        });
        table.note(format!("Events and subjects of the univariable models: {}.", parts.collect::<Vec<_>>().join("; ")));
    }
    let changed = |name: &&str| names.results.variables.iter().any(|it| it.name == *name && it.transform.is_some());
    let own_scale: Vec<&str> = distinct(effects.all().map(|row| row.variable))
        .into_iter()
        .filter(changed)
        .map(|name| names.variable(name))
        .collect();
    if !own_scale.is_empty() {
        table.note(format!("As measured, without the transformation that the models use: {}.", list(&own_scale)));
    }
    for cut in distinct(effects.all().map(|row| row.variable)).into_iter().filter_map(|name| names.cut(name)) {
        table.note(format!("{cut}."));
    }
    for note in &effects.notes {
        table.note(note.as_str());
    }
    table.abbreviation("CI", "confidence interval");
    table.abbreviation("SE", "standard error of β");
    table.abbreviation("df", "degrees of freedom");
    table.abbreviation(effects.ratio, effects.ratio_in_words);
    for (term, meaning) in &effects.abbreviations {
        table.abbreviation(term, meaning);
    }
}
