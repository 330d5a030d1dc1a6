//! Signs that the answer has leaked into the predictors. They are reported, not repaired.

use super::Split;
use crate::cohort::Cohort;
use crate::data::{Expression, VariableData};
use crate::results::{Notice, NoticeLevel};
use crate::spec::Study;
use crate::spec::raw::{RawModel, RawOutcome};
use crate::spec::study::Part;
use std::collections::BTreeMap;

/// A categorical predictor, or a continuous one with few values, may decide the outcome by chance in a small part; with
/// at least this many subjects in each class it does not.
const FEWEST_PER_CLASS: usize = 20;

pub fn notices(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (id, model) in &study.spec.models {
        let outcome = model.outcome();
        for predictor in model.predictors() {
            if let Some(column) = shared_column(study, outcome, &quoted(study.variable_column(predictor))) {
                notices.push(warning(
                    "leakage/outcome-column",
                    format!("Model `{id}` predicts `{outcome}` from `{predictor}`, and the outcome is defined by the column `{column}`."),
                ));
            } else if cohort.survival(outcome).is_none() && decides(cohort, split, predictor, outcome) {
                notices.push(warning(
                    "leakage/decides-outcome",
                    format!("In the training part `{predictor}`, a predictor of model `{id}`, decides `{outcome}` without exception."),
                ));
            }
        }
        if let RawModel::Scores { from, .. } = model
            && let Some(column) = shared_column(study, outcome, from)
        {
            notices.push(warning(
                "leakage/outcome-column",
                format!(
                    "The score of `{id}` and the outcome `{outcome}` are both computed from the column `{column}`."
                ),
            ));
        }
    }
    notices.dedup();
    notices
}

fn warning(code: &str, message: String) -> Notice {
    Notice { code: code.to_string(), level: NoticeLevel::Warning, message }
}

/// The expressions that define an outcome.
pub fn definition(study: &Study, outcome: &str) -> Vec<String> {
    match study.spec.outcomes.get(outcome) {
        Some(RawOutcome::Binary { positive, .. }) => vec![positive.clone()],
        Some(RawOutcome::Survival { time, event, .. }) => vec![quoted(time), time.clone(), event.clone()],
        None => Vec::new(),
    }
}

/// A column's name as an SQL expression.
fn quoted(column: &str) -> String {
    format!("\"{}\"", column.replace('"', "\"\""))
}

/// All columns that an expression reads, through derived columns down to those of the file.
pub fn ancestors(study: &Study, text: &str, depth: usize) -> Vec<String> {
    let mut columns = Expression::columns_of(text);
    if depth < study.spec.cohort.derive.len() {
        for column in columns.clone() {
            if let Some(derived) = study.spec.cohort.derive.get(&column) {
                columns.extend(ancestors(study, derived, depth + 1));
            }
        }
    }
    columns
}

/// A column that both the outcome and the expression `text` are computed from.
fn shared_column(study: &Study, outcome: &str, text: &str) -> Option<String> {
    let of_outcome: Vec<String> =
        definition(study, outcome).iter().flat_map(|part| ancestors(study, part, 0)).collect();
    ancestors(study, text, 0).into_iter().find(|column| of_outcome.contains(column))
}

/// The predictor splits the training part into the classes of the outcome: by a threshold, or value by value when
/// there are few values.
fn decides(cohort: &Cohort, split: &Split, predictor: &str, outcome: &str) -> bool {
    let event = cohort.binary(outcome);
    let rows: Vec<usize> = (0..cohort.n()).filter(|row| split.part(*row) == Part::Training).collect();
    let events = rows.iter().filter(|row| event[**row]).count();
    if events < FEWEST_PER_CLASS || rows.len() - events < FEWEST_PER_CLASS {
        return false;
    }
    let value = |row: usize| match cohort.variables.get(predictor) {
        Some(VariableData::Continuous(values)) => values[row],
        Some(VariableData::Levels(values)) => values[row].map(|level| level as f64),
        None => None,
    };
    let mut classes: BTreeMap<u64, [usize; 2]> = BTreeMap::new();
    let mut range = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for row in rows {
        let Some(value) = value(row) else { continue };
        let class = usize::from(event[row]);
        classes.entry(value.to_bits()).or_default()[class] += 1;
        range[class] = [range[class][0].min(value), range[class][1].max(value)];
    }
    let by_threshold = range[0][1] < range[1][0] || range[1][1] < range[0][0];
    let by_value = classes.len() <= FEWEST_PER_CLASS && classes.values().all(|counts| counts.contains(&0));
    by_threshold || by_value
}
