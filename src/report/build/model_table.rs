//! The models in full, as far as they are coefficients: what somebody else needs to predict with them.

use super::anchor;
use super::cox_model::encoding_text;
use super::names::{Names, interval_methods, list};
use super::selection::COEFFICIENT_DECIMALS;
use super::table::{TableBuilder, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::effects::{bounded_ratio, ratio_decimals_alone, ratio_text};
use crate::report::number::{self, coefficient};
use crate::results::{LayoutItem, ModelFacts, ModelTerm, Results};

/// Nothing where no model has coefficients.
pub fn tables(results: &Results, item: &LayoutItem) -> Vec<Table> {
    let models: Vec<&ModelFacts> = results.models.iter().filter(|model| !model.coefficients.is_empty()).collect();
    if models.is_empty() {
        return Vec::new();
    }
    let names = Names { results };
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let ratios = || models.iter().flat_map(|model| &model.coefficients).filter_map(|term| term.ratio.as_ref());
    let intervals = || ratios().filter_map(|ratio| ratio.interval.as_ref());
    let level = intervals().next().map(|interval| format!(" ({} CI)", number::level(interval.level)));
    table.column("Term", Align::Left);
    table.column("β", Align::Decimal);
    let ratio = table.column(format!("exp(β){}", level.as_deref().unwrap_or_default()), Align::Decimal);
    table.footnote(ratio, "The odds ratio in a logistic model, the hazard ratio in a Cox model.");
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        table.footnote(ratio, format!("Interval: {}; n, the subjects that the model was fitted on.", list(&methods)));
        table.abbreviation("CI", "confidence interval");
    }
    for model in &models {
        table.section(format!("{} ({})", model.label, names.outcome(&model.outcome)));
        add_model(&mut table, model, &names);
    }
    table.note("A continuous variable’s β is per unit of what enters the model.");
    let encodings = models.iter().flat_map(|model| &model.encodings).map(|encoding| encoding_text(encoding, &names));
    let mut told: Vec<String> = Vec::new();
    for text in encodings {
        // Of several models that hold a variable, each has it from the same training part.
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told.into_iter().for_each(|text| table.note(text));
    if models.iter().any(|model| !model.imputed.is_empty()) {
        table.note("Missing values are replaced before, as the methods say.");
    }
    let penalised: Vec<&str> =
        models.iter().filter(|model| lacks_intervals(model)).map(|model| model.label.as_str()).collect();
    if !penalised.is_empty() && !methods.is_empty() {
        table.note(format!("Penalised, and so without an interval: {}.", list(&penalised)));
    }
    let others: Vec<&str> =
        results.models.iter().filter(|model| model.coefficients.is_empty()).map(|model| model.label.as_str()).collect();
    if !others.is_empty() {
        table.note(format!("Not a list of coefficients, and so not here: {}.", others.join(", ")));
    }
    table.abbreviation("β", "coefficient");
    vec![table.finish()]
}

fn lacks_intervals(model: &ModelFacts) -> bool {
    model.coefficients.iter().all(|term| term.ratio.is_none())
}

/// A row per variable; one with several terms has a head, the reference level, and a row for each.
fn add_model(table: &mut TableBuilder, model: &ModelFacts, names: &Names) {
    let mut done: Vec<&str> = Vec::new();
    for term in &model.coefficients {
        let variable = term.variable.as_str();
        if done.contains(&variable) {
            continue;
        }
        done.push(variable);
        if term.level.is_none() {
            let intercept = variable == "(intercept)";
            let label = if intercept { "Intercept".to_string() } else { names.variable_in_models(variable) };
            let mut cells = vec![text(label), beta(term)];
            if !intercept {
                cells.push(ratio_cell(term));
            }
            table.row(0, cells);
            continue;
        }
        table.row(0, vec![text(names.variable_in_models(variable))]);
        if let Some(reference) = names.variable_facts(variable).and_then(|facts| facts.levels.first()) {
            table.row(1, vec![text(format!("{reference} (reference)")), Cell::default(), text("1")]);
        }
        for level in model.coefficients.iter().filter(|other| other.variable == variable) {
            table.row(1, vec![text(level.level.clone().unwrap_or_default()), beta(level), ratio_cell(level)]);
        }
    }
}

fn beta(term: &ModelTerm) -> Cell {
    number(coefficient(term.coefficient, COEFFICIENT_DECIMALS), term.coefficient)
}

fn ratio_cell(term: &ModelTerm) -> Cell {
    match &term.ratio {
        Some(ratio) => number(ratio_text(ratio), ratio.value),
        None => {
            let ratio = term.coefficient.exp();
            number(bounded_ratio(ratio, ratio_decimals_alone(ratio)), ratio)
        }
    }
}
