//! Cox regression: each term alone and with the others; what is said of the model as a whole.

use super::yaml::Mapping;
use super::{Page, add_ratio, ci_level, cohort};
use crate::report::build::effects::{COEFFICIENT_DECIMALS, CONCORDANCE, WALD_DECIMALS};
use crate::report::number::{self, fixed};
use crate::results::{CoxAnalysis, CoxRow};
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, analysis: &CoxAnalysis, file: &mut Mapping) {
    let mut section = page.begin("regression", "");
    section.add("model", json!("cox"));
    section.add("cohort", json!(cohort(page.results, &analysis.partition, &analysis.outcome)));
    section.add("outcome", json!(analysis.outcome));
    section.add("n", json!(number::count(analysis.n)));
    section.add("events", json!(number::count(analysis.events)));
    section.add("ci_level", ci_level(analysis.level));
    section.add("ci_method", json!("wald"));
    let mut terms: Vec<Value> = Vec::new();
    let mut seen: Vec<(&str, Option<&str>)> = Vec::new();
    for row in analysis.univariable.iter().chain(&analysis.multivariable) {
        let key = (row.variable.as_str(), row.level.as_deref());
        if !seen.contains(&key) {
            seen.push(key);
            terms.push(term(page, analysis, row));
        }
    }
    section.add("terms", json!(terms));
    let mut whole = Mapping::default();
    if let Some(test) = &analysis.likelihood_ratio {
        whole.add("likelihood_ratio", json!(number::test(test)));
    }
    if let Some(concordance) = &analysis.concordance {
        whole.add("concordance", json!(CONCORDANCE.estimate(concordance)));
    }
    for row in &analysis.proportional_hazards {
        let printed = if row.term == "global" { number::test(&row.test) } else { number::p_value(row.test.p_value) };
        whole.add(&format!("proportional hazards, {}", row.term), json!(printed));
    }
    if !whole.is_empty() {
        section.add("facts", whole.into_value());
    }
    file.add(&page.section(""), section.into_value());
}

fn term(page: &Page<'_>, analysis: &CoxAnalysis, row: &CoxRow) -> Value {
    let mut entry = Mapping::default();
    let name = page.names.variable(&row.variable);
    match (&row.level, &row.per) {
        (Some(level), _) => entry.add("id", json!(format!("{name}: {level}"))),
        (None, Some(per)) => entry.add("id", json!(format!("{name}, {per}"))),
        (None, None) => entry.add("id", json!(name)),
    }
    if let Some(reference) = &row.reference {
        entry.add("ref", json!(reference));
    }
    let levels = page.names.variable_facts(&row.variable).map_or(0, |facts| facts.levels.len());
    entry.add(
        "type",
        json!(match (&row.level, levels) {
            (Some(_), 2) => "binary",
            (Some(_), _) => "factor",
            (None, _) => "continuous",
        }),
    );
    let find =
        |rows: &[CoxRow]| rows.iter().find(|other| other.variable == row.variable && other.level == row.level).cloned();
    let (alone, together) = (find(&analysis.univariable), find(&analysis.multivariable));
    let both = !analysis.univariable.is_empty() && !analysis.multivariable.is_empty();
    if let Some(row) = alone.as_ref().filter(|row| !analysis.is_without_estimate(row)) {
        // Beside a multivariable model the report prints ratio and P only.
        entry.add("univariable", estimates(row, !both));
    }
    if let Some(row) = together.as_ref().filter(|row| !analysis.is_without_estimate(row)) {
        entry.add("multivariable", estimates(row, true));
    }
    entry.into_value()
}

fn estimates(row: &CoxRow, with_coefficient: bool) -> Value {
    let mut entry = Mapping::default();
    if with_coefficient {
        entry.add("beta", json!(number::coefficient(row.coefficient, COEFFICIENT_DECIMALS)));
        entry.add("se", json!(number::coefficient(row.standard_error, COEFFICIENT_DECIMALS)));
        entry.add("wald", json!(fixed(row.wald, WALD_DECIMALS)));
    }
    add_ratio(&mut entry, "hr", &row.hazard_ratio);
    entry.add("p", json!(number::p_value(row.p_value)));
    entry.into_value()
}
