//! What was done to the data before a model saw them: columns that were derived, missing values, and which sets had a part in
//! the fit.

use crate::report::build::names::{Names, list};
use crate::report::document::{Block, Definition};
use crate::report::number::{self, count, percent};
use crate::results::{ImputedFacts, MissingRule, ModelFacts, Results};

/// The columns that the table does not have, each with the expression that makes it.
pub fn derived(results: &Results) -> Vec<Block> {
    if results.study.derived.is_empty() {
        return Vec::new();
    }
    let entries = results.study.derived.iter().map(|column| {
        let of = if column.of.is_empty() { String::new() } else { format!("{} = ", list(&column.of)) };
        let external = match (&results.external, column.external) {
            (Some(external), true) => format!(" ({})", external.label),
            _ => String::new(),
        };
        // One line, whatever the indentation of the spec.
        let expression = column.expression.split_whitespace().collect::<Vec<_>>().join(" ");
        Definition { term: format!("{}{external}", column.name), text: format!("{of}{expression}") }
    });
    let text = "Columns that are derived from those of the table, as SQL expressions:".to_string();
    vec![Block::Paragraph { text }, Block::Definitions { entries: entries.collect() }]
}

/// What happened to missing values of predictors; nothing for results of a program that did not say.
pub fn missing_values(results: &Results) -> Option<String> {
    let rule = results.study.missing.as_ref()?;
    let predictors = predictors(&results.models);
    if predictors.is_empty() && results.cohort.dropped_variables.is_empty() {
        return None;
    }
    let mut sentences = Vec::new();
    sentences.extend(dropped(results, rule));
    sentences.push(match rule.imputed {
        true => imputed(results),
        false => complete_cases(results),
    });
    Some(sentences.join(" "))
}

/// Those of all models, and those that a selection looked at.
fn predictors(models: &[ModelFacts]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for model in models {
        let screened = model.selection.iter().flat_map(|selection| &selection.screen).map(|row| &row.variable);
        for name in model.predictors.iter().chain(screened) {
            if !found.contains(&name.as_str()) {
                found.push(name);
            }
        }
    }
    found
}

fn dropped(results: &Results, rule: &MissingRule) -> Option<String> {
    let share = number::level(rule.drop_above?);
    let names = Names { results };
    let dropped: Vec<String> = results
        .cohort
        .dropped_variables
        .iter()
        .map(|dropped| {
            let part = dropped.part(count, percent).unwrap_or_else(|| "how many is withheld".to_string());
            format!("“{}” ({part})", names.variable(&dropped.variable))
        })
        .collect();
    let which = if dropped.is_empty() { "none was".to_string() } else { list(&dropped) };
    Some(format!(
        "Predictors with more than {share} of their values missing were to be left out of all models: {which}."
    ))
}

fn complete_cases(results: &Results) -> String {
    let incomplete = |step: &&crate::results::AttritionStep| step.kind == crate::results::AttritionKind::Missing;
    let flows = std::iter::once(&results.cohort).chain(results.external.as_ref().map(|external| &external.flow));
    let left: usize = flows.flat_map(|flow| &flow.steps).filter(incomplete).map(|step| step.excluded).sum();
    let rule = "Subjects with a missing value in any predictor were to be left out (complete cases)";
    match left {
        // Where small counts are withheld, steps of the flow were joined.
        0 if results.presentation.minimum_cell.is_some() => format!("{rule}. Nothing was imputed."),
        0 => format!("{rule}; there was none, or the criteria had excluded them before. Nothing was imputed."),
        1 => format!("{rule}: 1 was. Nothing was imputed."),
        left => format!("{rule}: {} were. Nothing was imputed.", count(left)),
    }
}

fn imputed(results: &Results) -> String {
    let names = Names { results };
    let mut values: Vec<&ImputedFacts> = Vec::new();
    for facts in results.models.iter().flat_map(|model| &model.imputed) {
        if !values.iter().any(|known| known.variable == facts.variable) {
            values.push(facts);
        }
    }
    let rule = "Missing values of predictors were to be replaced, in models, by the median, or the most frequent level, of the \
                training set";
    if values.is_empty() {
        return format!("{rule}; no predictor had any.");
    }
    let told: Vec<String> = values
        .iter()
        .map(|facts| {
            let by = match (&facts.level, facts.value) {
                (Some(level), _) => format!("“{level}”"),
                (None, Some(value)) => number::significant(&value.to_string()),
                (None, None) => number::ABSENT.to_string(),
            };
            let missing = names.variable_facts(&facts.variable).and_then(|variable| variable.missing);
            let missing = missing.map_or_else(
                || "few values".to_string(),
                |missing| format!("{} {}", count(missing), if missing == 1 { "value" } else { "values" }),
            );
            format!("“{}” ({missing}) by {by}", names.variable(&facts.variable))
        })
        .collect();
    format!(
        "{rule}: {}. That is a single imputation, after derived columns were made: no interval or test knows that these values \
         were not observed.",
        list(&told)
    )
}
