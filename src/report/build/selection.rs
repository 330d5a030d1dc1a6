//! How each model chose its predictors: the univariable screen, the stepwise trace, and the coefficients of the result.

use super::anchor;
use super::names::{Names, capitalised, interval_methods, list};
use super::table::{TableBuilder, absent, number, strong, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::effects::{bounded_ratio, ratio_decimals_alone, ratio_text};
use crate::report::number::{self, fixed};
use crate::results::{LayoutItem, ModelFacts, Results, ScreenRow, SelectionFacts};

/// The least decimals of coefficients.
pub(in crate::report) const COEFFICIENT_DECIMALS: usize = 4;

/// One table per model that selects.
pub fn tables(results: &Results, item: &LayoutItem) -> Vec<Table> {
    let names = Names { results };
    shown_models(results, item)
        .filter_map(|model| Some(table(model, model.selection.as_ref()?, item, &names)))
        .collect()
}

/// The layout may name a model; any other name means all of them.
pub(in crate::report) fn shown_models<'a>(
    results: &'a Results,
    item: &LayoutItem,
) -> impl Iterator<Item = &'a ModelFacts> {
    let named = item.of.as_deref().filter(|id| results.model(id).is_some()).map(str::to_string);
    results.models.iter().filter(move |model| named.as_ref().is_none_or(|id| *id == model.id))
}

fn table(model: &ModelFacts, selection: &SelectionFacts, item: &LayoutItem, names: &Names) -> Table {
    let caption = format!("{}: {}", item.caption.trim_end_matches('.'), model.label);
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &caption);
    let intervals =
        || selection.screen.iter().flat_map(|row| &row.terms).filter_map(|term| term.odds_ratio.interval.as_ref());
    let level = intervals().next().map_or("95%".to_string(), |interval| number::level(interval.level));

    table.column("Variable", Align::Left);
    if selection.screen.is_empty() {
        chosen(&mut table, model, names);
        notes(&mut table, selection, names);
        return table.finish();
    }
    let ratio = table.column(format!("OR ({level} CI)"), Align::Decimal);
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        let n = selection.screen.iter().flat_map(|row| &row.terms).map(|term| term.odds_ratio.n).max().unwrap_or(0);
        table.footnote(ratio, format!("Interval: {}; n = {}.", list(&methods), number::count(n)));
    }
    let p = table.column("P", Align::Decimal);
    table.footnote(p, "Of the variable as a whole, alone in the model; two-sided.");
    table.column("Screen", Align::Left);
    table.span_from(1, "Univariable");
    let first = table.column("Selected", Align::Left);
    let coefficients = !model.coefficients.is_empty();
    if coefficients {
        table.column("β", Align::Decimal);
        table.column("OR", Align::Decimal);
    }
    table.span_from(first, "Final model");

    for row in &selection.screen {
        add_variable(&mut table, row, model, selection, names);
    }
    if let Some(intercept) = model.coefficients.iter().find(|term| term.variable == "(intercept)") {
        let mut cells = vec![text("Intercept")];
        cells.extend((0..4).map(|_| Cell::default()));
        cells.push(number(number::coefficient(intercept.coefficient, COEFFICIENT_DECIMALS), intercept.coefficient));
        table.row(0, cells);
    }

    notes(&mut table, selection, names);
    if selection.screen.iter().flat_map(|row| &row.terms).any(|term| term.level.is_none()) {
        table.note("For a continuous variable, OR and β are per unit of what enters the model.");
    }
    table.abbreviation("CI", "confidence interval");
    table.abbreviation("OR", "odds ratio");
    if coefficients {
        table.abbreviation("β", "coefficient, the logarithm of the odds ratio");
    }
    table.finish()
}

/// How the variables were chosen.
fn notes(table: &mut TableBuilder, selection: &SelectionFacts, names: &Names) {
    table.note(format!("{}.", selection.says.trim_end_matches('.')));
    if !selection.steps.is_empty() {
        let steps = selection.steps.iter().map(|step| {
            let action = match &step.variable {
                Some(variable) => format!("{} {}", step.action, names.variable(variable)),
                None => step.action.clone(),
            };
            format!("{action} (AIC {})", fixed(step.aic, 2))
        });
        table.note(format!("Steps: {}.", capitalised(&steps.collect::<Vec<_>>().join("; "))));
        table.abbreviation("AIC", "Akaike information criterion");
    }
}

/// Without a screen: the final model alone.
fn chosen(table: &mut TableBuilder, model: &ModelFacts, names: &Names) {
    table.column("β", Align::Decimal);
    table.column("OR", Align::Decimal);
    for term in &model.coefficients {
        let name = match (term.variable.as_str(), &term.level) {
            ("(intercept)", _) => "Intercept".to_string(),
            (variable, Some(level)) => format!("{}: {level}", names.variable(variable)),
            (variable, None) => names.variable_in_models(variable),
        };
        let beta = number::coefficient(term.coefficient, COEFFICIENT_DECIMALS);
        let mut cells = vec![text(name), number(beta, term.coefficient)];
        if term.variable != "(intercept)" {
            let ratio = term.coefficient.exp();
            cells.push(number(bounded_ratio(ratio, ratio_decimals_alone(ratio)), ratio));
        }
        table.row(0, cells);
    }
    table.abbreviation("OR", "odds ratio, per unit of what enters the model");
    table.abbreviation("β", "coefficient, the logarithm of the odds ratio");
}

fn add_variable(
    table: &mut TableBuilder,
    row: &ScreenRow,
    model: &ModelFacts,
    selection: &SelectionFacts,
    names: &Names,
) {
    let selected = selection.selected.contains(&row.variable);
    let choice = |cell: Cell| if selected { strong(cell) } else { cell };
    let verdicts = [text(if row.kept { "kept" } else { "dropped" }), choice(text(if selected { "yes" } else { "no" }))];
    let coefficient = |level: Option<&str>| {
        let term =
            model.coefficients.iter().find(|term| term.variable == row.variable && term.level.as_deref() == level);
        term.map(|term| {
            let ratio = term.coefficient.exp();
            [
                number(number::coefficient(term.coefficient, COEFFICIENT_DECIMALS), term.coefficient),
                number(bounded_ratio(ratio, ratio_decimals_alone(ratio)), ratio),
            ]
        })
    };
    let p = number(number::p_value(row.p_value), row.p_value);
    let [screen, chosen] = verdicts;
    let by_level = row.terms.iter().any(|term| term.level.is_some());
    if !by_level {
        let ratio = row
            .terms
            .first()
            .map_or_else(|| absent("No estimate."), |term| number(ratio_text(&term.odds_ratio), term.odds_ratio.value));
        let mut cells = vec![choice(text(names.variable_in_models(&row.variable))), ratio, p, screen, chosen];
        cells.extend(coefficient(None).into_iter().flatten());
        table.row(0, cells);
        return;
    }
    let head = choice(text(names.variable_with_unit(&row.variable)));
    table.row(0, vec![head, Cell::default(), p, screen, chosen]);
    let reference = names.variable_facts(&row.variable).and_then(|facts| facts.levels.first());
    if let Some(reference) = reference {
        let mut cells = vec![text(format!("{reference} (reference)")), text("1")];
        if model.coefficients.iter().any(|term| term.variable == row.variable) {
            cells.extend([Cell::default(), Cell::default(), Cell::default(), Cell::default(), text("1")]);
        }
        table.row(1, cells);
    }
    for term in &row.terms {
        let mut cells = vec![
            text(term.level.clone().unwrap_or_default()),
            number(ratio_text(&term.odds_ratio), term.odds_ratio.value),
            Cell::default(),
            Cell::default(),
            Cell::default(),
        ];
        cells.extend(coefficient(term.level.as_deref()).into_iter().flatten());
        table.row(1, cells);
    }
}
