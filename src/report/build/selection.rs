//! How each model chose its predictors: the univariable screen, the stepwise trace, and the selected ones together.

use super::anchor;
use super::names::{Names, capitalised, interval_methods, list};
use super::table::{TableBuilder, absent, number, strong, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::effects::ratio_text;
use crate::report::number::{self, fixed};
use crate::results::{LayoutItem, ModelFacts, Results, ScreenRow, SelectedTerm, SelectionFacts, SelectionRegression};

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
        || selection.screen.iter().flat_map(|row| &row.terms).filter_map(|term| term.ratio.interval.as_ref());
    let together = selection.multivariable.iter().filter_map(|term| term.ratio.interval.as_ref());
    let level = intervals().chain(together).next().map_or("95%".to_string(), |interval| number::level(interval.level));

    let ratio = ratio_words(selection.regression);
    table.column("Variable", Align::Left);
    let screened = !selection.screen.is_empty();
    if screened {
        let ratio = table.column(format!("{} ({level} CI)", ratio.short), Align::Decimal);
        let methods = interval_methods(intervals());
        if !methods.is_empty() {
            let n = selection.screen.iter().flat_map(|row| &row.terms).map(|term| term.ratio.n).max().unwrap_or(0);
            table.footnote(ratio, format!("Interval: {}; n = {}.", list(&methods), number::count(n)));
        }
        let p = table.column("P", Align::Decimal);
        table.footnote(p, "Of the variable as a whole, alone in the model; two-sided.");
        table.column("Screen", Align::Left);
        table.span_from(1, "Univariable");
        table.column("Selected", Align::Left);
    }
    multivariable_columns(&mut table, selection, &level);

    for row in &selection.screen {
        add_variable(&mut table, row, selection, names);
    }
    if !screened {
        for variable in &selection.selected {
            add_selected(&mut table, variable, selection, names);
        }
    }
    if let Some(intercept) = selection.multivariable.iter().find(|term| term.variable == INTERCEPT) {
        let mut cells = vec![text("Intercept")];
        cells.resize_with(if screened { 5 } else { 1 }, Cell::default);
        cells.extend(intercept_cells(intercept));
        table.row(0, cells);
    }

    notes(&mut table, model, selection, names);
    let continuous = |term: &SelectedTerm| term.variable != INTERCEPT && term.level.is_none();
    let per_unit = if selection.multivariable.is_empty() {
        format!("the {} is", ratio.short)
    } else {
        format!("{} and β are", ratio.short)
    };
    if selection.screen.iter().flat_map(|row| &row.terms).any(|term| term.level.is_none())
        || selection.multivariable.iter().any(continuous)
    {
        table.note(format!("For a continuous variable, {per_unit} per unit of what enters the model."));
    }
    table.abbreviation("CI", "confidence interval");
    table.abbreviation(ratio.short, ratio.full);
    if !selection.multivariable.is_empty() {
        table.abbreviation("β", &format!("coefficient, the logarithm of the {}", ratio.full));
    }
    table.finish()
}

const INTERCEPT: &str = "(intercept)";

/// How the ratio of a regression is called.
struct RatioWords {
    short: &'static str,
    full: &'static str,
    regression: &'static str,
}

fn ratio_words(regression: SelectionRegression) -> RatioWords {
    match regression {
        SelectionRegression::Logistic => {
            RatioWords { short: "OR", full: "odds ratio", regression: "logistic regression" }
        }
        SelectionRegression::Cox => RatioWords { short: "HR", full: "hazard ratio", regression: "Cox regression" },
    }
}

/// Beside the screen, the selected variables together in one regression.
fn multivariable_columns(table: &mut TableBuilder, selection: &SelectionFacts, level: &str) {
    let terms = || selection.multivariable.iter().filter(|term| term.variable != INTERCEPT);
    let Some(first) = terms().next() else { return };
    let start = table.column("β", Align::Decimal);
    let short = ratio_words(selection.regression).short;
    let ratio = table.column(format!("{short} ({level} CI)"), Align::Decimal);
    let methods = interval_methods(terms().filter_map(|term| term.ratio.interval.as_ref()));
    table.footnote(ratio, format!("Interval: {}; n = {}.", list(&methods), number::count(first.ratio.n)));
    let p = table.column("P", Align::Decimal);
    table.footnote(p, "Wald test of the coefficient, the other selected variables in the model; two-sided.");
    table.span_from(start, "Multivariable, of the selected");
}

/// How the variables were chosen.
fn notes(table: &mut TableBuilder, model: &ModelFacts, selection: &SelectionFacts, names: &Names) {
    table.note(format!("{}.", selection.says.trim_end_matches('.')));
    let regression = ratio_words(selection.regression).regression;
    if !selection.multivariable.is_empty() {
        let same_regression = matches!(
            (model.kind.as_str(), selection.regression),
            ("logistic", SelectionRegression::Logistic) | ("cox", SelectionRegression::Cox)
        );
        let of_another_fit = if same_regression && model.coefficients.iter().any(|term| term.ratio.is_some()) {
            String::new()
        } else {
            format!(" The model “{}” is then fitted on these variables in its own way.", model.label)
        };
        table.note(format!(
            "Multivariable: the selected variables together, by {regression} as if nothing had been selected, so that \
             P-values are too small and intervals too narrow.{of_another_fit}"
        ));
    }
    if let Some(why) = &selection.no_multivariable_because {
        table.note(format!("The selected variables together have no estimate by {regression}: {why}."));
    }
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

/// A variable that was chosen without a screen.
fn add_selected(table: &mut TableBuilder, variable: &str, selection: &SelectionFacts, names: &Names) {
    let terms: Vec<&SelectedTerm> = selection.multivariable.iter().filter(|term| term.variable == variable).collect();
    if terms.iter().all(|term| term.level.is_none()) {
        let mut cells = vec![text(names.variable_in_models(variable))];
        cells.extend(terms.first().into_iter().flat_map(|term| multivariable_cells(term)));
        table.row(0, cells);
        return;
    }
    table.row(0, vec![text(names.variable_with_unit(variable))]);
    if let Some(reference) = names.variable_facts(variable).and_then(|facts| facts.levels.first()) {
        table.row(1, vec![text(format!("{reference} (reference)")), Cell::default(), text("1")]);
    }
    for term in terms {
        let mut cells = vec![text(term.level.clone().unwrap_or_default())];
        cells.extend(multivariable_cells(term));
        table.row(1, cells);
    }
}

fn intercept_cells(term: &SelectedTerm) -> [Cell; 3] {
    [
        number(number::coefficient(term.coefficient, COEFFICIENT_DECIMALS), term.coefficient),
        Cell::default(),
        number(number::p_value(term.p_value), term.p_value),
    ]
}

fn multivariable_cells(term: &SelectedTerm) -> [Cell; 3] {
    [
        number(number::coefficient(term.coefficient, COEFFICIENT_DECIMALS), term.coefficient),
        number(ratio_text(&term.ratio), term.ratio.value),
        number(number::p_value(term.p_value), term.p_value),
    ]
}

fn add_variable(table: &mut TableBuilder, row: &ScreenRow, selection: &SelectionFacts, names: &Names) {
    let selected = selection.selected.contains(&row.variable);
    let choice = |cell: Cell| if selected { strong(cell) } else { cell };
    let verdicts = [text(if row.kept { "kept" } else { "dropped" }), choice(text(if selected { "yes" } else { "no" }))];
    let together = |level: Option<&str>| {
        let mut terms = selection.multivariable.iter().filter(|term| term.variable == row.variable);
        terms.find(|term| term.level.as_deref() == level).map(multivariable_cells)
    };
    let p = number(number::p_value(row.p_value), row.p_value);
    let [screen, chosen] = verdicts;
    let by_level = row.terms.iter().any(|term| term.level.is_some());
    if !by_level {
        let ratio = row
            .terms
            .first()
            .map_or_else(|| absent("No estimate."), |term| number(ratio_text(&term.ratio), term.ratio.value));
        let mut cells = vec![choice(text(names.variable_in_models(&row.variable))), ratio, p, screen, chosen];
        cells.extend(together(None).into_iter().flatten());
        table.row(0, cells);
        return;
    }
    let head = choice(text(names.variable_with_unit(&row.variable)));
    table.row(0, vec![head, Cell::default(), p, screen, chosen]);
    let reference = names.variable_facts(&row.variable).and_then(|facts| facts.levels.first());
    if let Some(reference) = reference {
        let mut cells = vec![text(format!("{reference} (reference)")), text("1")];
        if selection.multivariable.iter().any(|term| term.variable == row.variable) {
            cells.extend([Cell::default(), Cell::default(), Cell::default(), Cell::default(), text("1")]);
        }
        table.row(1, cells);
    }
    for term in &row.terms {
        let mut cells = vec![
            text(term.level.clone().unwrap_or_default()),
            number(ratio_text(&term.ratio), term.ratio.value),
            Cell::default(),
            Cell::default(),
            Cell::default(),
        ];
        cells.extend(together(term.level.as_deref()).into_iter().flatten());
        table.row(1, cells);
    }
}
