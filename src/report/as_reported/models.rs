//! The models that are lists of coefficients: what a paper prints so that others can predict with them.

use super::yaml::Mapping;
use super::{Page, add_ratio, ci_level, ci_method, ratio_in_digits, slug};
use crate::report::build::selection::COEFFICIENT_DECIMALS;
use crate::report::effects::ratio_decimals_alone;
use crate::report::number::{self, Style, fixed};
use crate::results::{CoxModelFacts, CoxTermFacts, ModelFacts, ModelTerm};
use crate::stats::Estimate;
use serde_json::{Value, json};

/// Each model with coefficients, as the table of all models prints them.
pub fn add(page: &Page<'_>, file: &mut Mapping) {
    for model in page.results.models.iter().filter(|model| !model.coefficients.is_empty()) {
        let ratio = if model.cox.is_some() { "hr" } else { "or" };
        let mut section = begin(page, model, model.coefficients.iter().filter_map(|term| term.ratio.as_ref()));
        let terms = model.coefficients.iter().filter(|term| term.variable != INTERCEPT);
        section.add("terms", json!(terms.map(|term| coefficient(page, term, ratio)).collect::<Vec<_>>()));
        if let Some(intercept) = model.coefficients.iter().find(|term| term.variable == INTERCEPT) {
            section.add("facts", json!({"intercept": beta(intercept.coefficient)}));
        }
        file.add(&page.section(&slug(&model.id)), section.into_value());
    }
}

/// Each Cox model, or the one that the item names, with the errors and tests of its coefficients.
pub fn add_cox(page: &Page<'_>, file: &mut Mapping) {
    let wanted = |model: &&ModelFacts| page.item.of.as_ref().is_none_or(|of| *of == model.id);
    for (model, cox) in page.results.models.iter().filter(wanted).filter_map(|model| Some((model, model.cox.as_ref()?)))
    {
        let mut section = begin(page, model, cox.terms.iter().map(|term| &term.hazard_ratio));
        section.add("n", json!(number::count(cox.n)));
        section.add("events", json!(number::count(cox.events)));
        section.add("terms", json!(cox.terms.iter().map(|term| tested(page, term)).collect::<Vec<_>>()));
        section.add("facts", whole(page, model, cox));
        file.add(&page.section(&slug(&model.id)), section.into_value());
    }
}

const INTERCEPT: &str = "(intercept)";

fn begin<'a>(page: &Page<'_>, model: &ModelFacts, ratios: impl Iterator<Item = &'a Estimate>) -> Mapping {
    let mut section = page.begin("regression", &model.label);
    section.add("model", json!(if model.cox.is_some() { "cox" } else { "logistic" }));
    section.add("outcome", json!(model.outcome));
    if let Some(interval) = ratios.filter_map(|ratio| ratio.interval.as_ref()).next() {
        section.add("ci_level", ci_level(interval.level));
        section.add("ci_method", json!(ci_method(interval)));
    }
    section
}

/// A level of a variable, a term of a spline, or the variable itself.
fn identified(page: &Page<'_>, variable: &str, level: Option<&str>) -> Mapping {
    let mut entry = Mapping::default();
    let name = page.names.variable(variable);
    entry.add("id", json!(level.map_or_else(|| name.to_string(), |level| format!("{name}: {level}"))));
    let levels = page.names.variable_facts(variable).map_or(&[][..], |facts| &facts.levels);
    let kind = match (level, levels.len()) {
        (Some(_), 2) => "binary",
        (Some(_), 3..) => "factor",
        _ => "continuous",
    };
    if let (Some(reference), true) = (levels.first(), level.is_some()) {
        entry.add("ref", json!(reference));
    }
    entry.add("type", json!(kind));
    entry
}

fn coefficient(page: &Page<'_>, term: &ModelTerm, key: &str) -> Value {
    let mut entry = identified(page, &term.variable, term.level.as_deref());
    let mut together = Mapping::default();
    together.add("beta", json!(beta(term.coefficient)));
    match &term.ratio {
        Some(ratio) => add_ratio(&mut together, key, ratio),
        None => {
            let ratio = term.coefficient.exp();
            if let Some(digits) = ratio_in_digits(ratio, ratio_decimals_alone(ratio)) {
                together.add(key, json!(digits));
            }
        }
    }
    entry.add("multivariable", together.into_value());
    entry.into_value()
}

fn tested(page: &Page<'_>, term: &CoxTermFacts) -> Value {
    let mut entry = identified(page, &term.variable, term.level.as_deref());
    let mut together = Mapping::default();
    together.add("beta", json!(number::coefficient(term.coefficient, 4)));
    together.add("se", json!(number::coefficient(term.standard_error, 4)));
    together.add("z", json!(fixed(term.z, 2)));
    add_ratio(&mut together, "hr", &term.hazard_ratio);
    together.add("p", json!(number::p_value(term.p_value)));
    entry.add("multivariable", together.into_value());
    entry.into_value()
}

/// What the table says of the model as a whole.
fn whole(page: &Page<'_>, model: &ModelFacts, cox: &CoxModelFacts) -> Value {
    let mut facts = Mapping::default();
    if let Some(concordance) = &cox.concordance {
        facts.add("concordance", json!(Style::decimals(3).estimate(concordance)));
    }
    for row in &cox.proportional_hazards {
        facts.add(&format!("proportional hazards, {}", row.term), json!(number::p_value(row.test.p_value)));
    }
    for point in &cox.baseline {
        let unit = page.names.time_unit(&model.outcome);
        let time = number::significant(&point.time.to_string());
        facts.add(&format!("baseline survival at {time} {unit}"), json!(fixed(point.survival, 4)));
    }
    facts.into_value()
}

fn beta(coefficient: f64) -> String {
    number::coefficient(coefficient, COEFFICIENT_DECIMALS)
}
