//! The univariable screen of each model that selects its predictors; the coefficients of the result as facts.

use super::yaml::Mapping;
use super::{Page, add_ratio, ci_level, ci_method, ratio_in_digits, slug};
use crate::report::build::selection::{COEFFICIENT_DECIMALS, shown_models};
use crate::report::effects::ratio_decimals_alone;
use crate::report::number;
use crate::results::{ModelFacts, ScreenRow, SelectionFacts};
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
    let terms: Vec<Value> = selection.screen.iter().flat_map(|row| screened(page, row)).collect();
    if !terms.is_empty() {
        let mut section = page.begin("regression", &model.label);
        section.add("model", json!("logistic"));
        let intervals =
            selection.screen.iter().flat_map(|row| &row.terms).find_map(|term| term.odds_ratio.interval.as_ref());
        if let Some(interval) = intervals {
            section.add("ci_level", ci_level(interval.level));
            section.add("ci_method", json!(ci_method(interval)));
        }
        section.add("terms", json!(terms));
        file.add(&name, section.into_value());
    }
    let mut coefficients = Mapping::default();
    for term in &model.coefficients {
        let level = term.level.as_ref().map_or(String::new(), |level| format!(": {level}"));
        let is_intercept = term.variable == "(intercept)";
        let beta = number::coefficient(term.coefficient, COEFFICIENT_DECIMALS);
        let ratio = libm::exp(term.coefficient);
        let printed = match ratio_in_digits(ratio, ratio_decimals_alone(ratio)) {
            Some(ratio) if !is_intercept => json!([beta, ratio]),
            _ => json!([beta]),
        };
        coefficients.add(&format!("{}{level}", page.names.variable(&term.variable)), printed);
    }
    if !coefficients.is_empty() {
        let mut section = page.begin("facts", &format!("{}, coefficients and odds ratios", model.label));
        section.add("coefficients", coefficients.into_value());
        file.add(&format!("{name}_coefficients"), section.into_value());
    }
}

/// The terms of a variable. Its P-value is of the variable as a whole, by the likelihood ratio.
fn screened(page: &Page<'_>, row: &ScreenRow) -> Vec<Value> {
    let name = page.names.variable_in_models(&row.variable);
    let terms = row.terms.iter().map(|term| {
        let mut entry = Mapping::default();
        match &term.level {
            Some(level) => entry.add("id", json!(format!("{}: {level}", page.names.variable(&row.variable)))),
            None => entry.add("id", json!(name)),
        }
        let mut alone = Mapping::default();
        add_ratio(&mut alone, "or", &term.odds_ratio);
        if row.terms.len() == 1 {
            alone.add("p", json!(number::p_value(row.p_value)));
            alone.add("p_test", json!("of_the_variable"));
        }
        entry.add("univariable", alone.into_value());
        entry.into_value()
    });
    let mut terms: Vec<Value> = terms.collect();
    if row.terms.len() > 1 {
        let whole = json!({"id": format!("{name}, all levels"), "type": "factor", "p": number::p_value(row.p_value), "p_test": "of_the_variable"});
        terms.push(whole);
    }
    terms
}
