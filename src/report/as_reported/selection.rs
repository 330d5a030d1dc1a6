//! The univariable screen of each model that selects its predictors, and the selected ones together.

use super::yaml::Mapping;
use super::{Page, add_ratio, ci_level, ci_method, slug};
use crate::report::build::selection::{COEFFICIENT_DECIMALS, shown_models};
use crate::report::number;
use crate::results::{ModelFacts, ScreenRow, SelectedTerm, SelectionFacts, SelectionRegression};
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, file: &mut Mapping) {
    for model in shown_models(page.results, page.item) {
        if let Some(selection) = &model.selection {
            add_model(page, model, selection, file);
        }
    }
}

fn add_model(page: &Page<'_>, model: &ModelFacts, selection: &SelectionFacts, file: &mut Mapping) {
    let name = page.section(&slug(&model.id));
    let mut terms: Vec<Value> = selection.screen.iter().flat_map(|row| screened(page, row, selection)).collect();
    if selection.screen.is_empty() {
        let chosen = selection.multivariable.iter().filter(|term| term.variable != INTERCEPT);
        terms.extend(chosen.map(|term| {
            let mut entry = Mapping::default();
            entry.add("id", json!(name_of(page, &term.variable, term.level.as_deref())));
            entry.add("multivariable", together(term, selection));
            entry.into_value()
        }));
    }
    if !terms.is_empty() {
        let mut section = page.begin("regression", &model.label);
        section.add("model", json!(selection.regression));
        let alone = selection.screen.iter().flat_map(|row| &row.terms).map(|term| &term.ratio);
        let ratios = alone.chain(selection.multivariable.iter().map(|term| &term.ratio));
        if let Some(interval) = ratios.filter_map(|ratio| ratio.interval.as_ref()).next() {
            section.add("ci_level", ci_level(interval.level));
            section.add("ci_method", json!(ci_method(interval)));
        }
        section.add("terms", json!(terms));
        file.add(&name, section.into_value());
    }
    if let Some(intercept) = selection.multivariable.iter().find(|term| term.variable == INTERCEPT) {
        let mut section = page.begin("facts", &format!("{}, intercept", model.label));
        let beta = number::coefficient(intercept.coefficient, COEFFICIENT_DECIMALS);
        section.add("intercept", json!([beta, number::p_value(intercept.p_value)]));
        file.add(&format!("{name}_intercept"), section.into_value());
    }
}

const INTERCEPT: &str = "(intercept)";

fn name_of(page: &Page<'_>, variable: &str, level: Option<&str>) -> String {
    match level {
        Some(level) => format!("{}: {level}", page.names.variable(variable)),
        None => page.names.variable_in_models(variable),
    }
}

/// The audit's key of the ratio.
fn ratio_key(selection: &SelectionFacts) -> &'static str {
    match selection.regression {
        SelectionRegression::Logistic => "or",
        SelectionRegression::Cox => "hr",
    }
}

fn together(term: &SelectedTerm, selection: &SelectionFacts) -> Value {
    let mut entry = Mapping::default();
    entry.add("beta", json!(number::coefficient(term.coefficient, COEFFICIENT_DECIMALS)));
    add_ratio(&mut entry, ratio_key(selection), &term.ratio);
    entry.add("p", json!(number::p_value(term.p_value)));
    entry.into_value()
}

/// The terms of a variable. Alone its P-value is of the variable as a whole, by the likelihood ratio.
fn screened(page: &Page<'_>, row: &ScreenRow, selection: &SelectionFacts) -> Vec<Value> {
    let name = page.names.variable_in_models(&row.variable);
    let terms = row.terms.iter().map(|term| {
        let mut entry = Mapping::default();
        entry.add("id", json!(name_of(page, &row.variable, term.level.as_deref())));
        let mut alone = Mapping::default();
        add_ratio(&mut alone, ratio_key(selection), &term.ratio);
        if row.terms.len() == 1 {
            alone.add("p", json!(number::p_value(row.p_value)));
            alone.add("p_test", json!("of_the_variable"));
        }
        entry.add("univariable", alone.into_value());
        let found =
            selection.multivariable.iter().find(|other| other.variable == row.variable && other.level == term.level);
        if let Some(found) = found {
            entry.add("multivariable", together(found, selection));
        }
        entry.into_value()
    });
    let mut terms: Vec<Value> = terms.collect();
    if row.terms.len() > 1 {
        let whole = json!({"id": format!("{name}, all levels"), "type": "factor", "p": number::p_value(row.p_value), "p_test": "of_the_variable"});
        terms.push(whole);
    }
    terms
}
