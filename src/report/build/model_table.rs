//! The models in full, as far as they are coefficients: what somebody else needs to predict with them.

use super::anchor;
use super::names::Names;
use super::selection::COEFFICIENT_DECIMALS;
use super::table::{TableBuilder, number, text};
use crate::report::document::{Align, Table};
use crate::report::effects::{bounded_ratio, ratio_decimals_alone};
use crate::report::number::coefficient;
use crate::results::{LayoutItem, ModelFacts, Results};

/// Nothing where no model has coefficients.
pub fn tables(results: &Results, item: &LayoutItem) -> Vec<Table> {
    let models: Vec<&ModelFacts> = results.models.iter().filter(|model| !model.coefficients.is_empty()).collect();
    if models.is_empty() {
        return Vec::new();
    }
    let names = Names { results };
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    table.column("Term", Align::Left);
    table.column("β", Align::Decimal);
    let ratio = table.column("exp(β)", Align::Decimal);
    table.footnote(ratio, "The odds ratio in a logistic model, the hazard ratio in a Cox model.");
    for model in &models {
        table.section(format!("{} ({})", model.label, names.outcome(&model.outcome)));
        for term in &model.coefficients {
            let intercept = term.variable == "(intercept)";
            let label = match &term.level {
                _ if intercept => "Intercept".to_string(),
                None => names.variable_in_models(&term.variable),
                Some(level) => {
                    let reference = names.variable_facts(&term.variable).and_then(|facts| facts.levels.first());
                    let against = reference.map_or(String::new(), |reference| format!(", against {reference}"));
                    format!("{}: {level}{against}", names.variable(&term.variable))
                }
            };
            let mut cells =
                vec![text(label), number(coefficient(term.coefficient, COEFFICIENT_DECIMALS), term.coefficient)];
            if !intercept {
                let ratio = term.coefficient.exp();
                cells.push(number(bounded_ratio(ratio, ratio_decimals_alone(ratio)), ratio));
            }
            table.row(0, cells);
        }
    }
    table.note("A continuous variable’s β is per unit of what enters the model; missing values are handled before, as the methods say.");
    let others: Vec<&str> =
        results.models.iter().filter(|model| model.coefficients.is_empty()).map(|model| model.label.as_str()).collect();
    if !others.is_empty() {
        table.note(format!("Not a list of coefficients, and so not here: {}.", others.join(", ")));
    }
    table.abbreviation("β", "coefficient");
    vec![table.finish()]
}
