//! Groups of subjects: by a model's score against its threshold, by quantiles of its training scores, by the levels of
//! a variable, or by the classes of an outcome.

use super::threshold::{chosen_threshold, rule_in_words};
use super::{Context, EvaluateError, pick};
use crate::data::VariableData;
use crate::spec::PartitionName;
use crate::spec::raw::{RawGroups, RawOutcome, RawStatistic};
use crate::spec::study::Part;
use crate::stats::baseline::quantile::{QuantileType, quantiles};
use crate::stats::threshold::confusion::is_positive;

pub(super) struct Groups {
    /// What makes the groups, in words.
    pub says: String,
    pub labels: Vec<String>,
    /// One per subject of the cohort; `None` where the variable is missing.
    pub of: Vec<Option<usize>>,
}

pub(super) fn groups(context: Context<'_>, groups: &RawGroups) -> Result<Groups, EvaluateError> {
    let spec = &context.study.spec;
    match groups {
        RawGroups::Threshold { model, of, labels } => {
            let Some(RawStatistic::Performance { outcome, threshold, .. }) = spec.statistics.get(of) else {
                return Err(EvaluateError::Other(format!("there is no performance analysis `{of}`")));
            };
            let cut = chosen_threshold(context, outcome, model, threshold)?;
            let column = context.model(model)?;
            let of = column.scores.iter().map(|score| Some(usize::from(is_positive(*score, column.orientation, cut))));
            Ok(Groups {
                says: format!(
                    "score of the model “{}”, cut at {cut:.3} ({}, chosen on the training part)",
                    spec.models[model.as_str()].label(),
                    rule_in_words(threshold)
                ),
                labels: labels.to_vec(),
                of: of.collect(),
            })
        }
        RawGroups::Quantiles { model, at, labels } => {
            let column = context.model(model)?;
            let risk: Vec<f64> = column.scores.iter().map(|score| column.orientation.risk(*score)).collect();
            let training = pick(&risk, &context.predictions.rows(&PartitionName::of(Part::Training)));
            let cuts = quantiles(&training, at, QuantileType::Type7)?;
            let of = risk.iter().map(|risk| Some(cuts.iter().filter(|cut| *risk >= **cut).count()));
            let places: Vec<String> = at.iter().map(|probability| format!("{probability}")).collect();
            Ok(Groups {
                says: format!(
                    "score of the model “{}”, cut at the quantiles {} of the training part",
                    spec.models[model.as_str()].label(),
                    places.join(", ")
                ),
                labels: labels.clone(),
                of: of.collect(),
            })
        }
        RawGroups::Variable { variable } => {
            let Some(VariableData::Levels(levels)) = context.cohort.variables.get(variable.as_str()) else {
                return Err(EvaluateError::Other(format!("`{variable}` has no levels")));
            };
            let declared = &spec.variables[variable.as_str()];
            Ok(Groups {
                says: declared.label.clone().unwrap_or_else(|| variable.clone()),
                labels: declared.levels.values().cloned().collect(),
                of: levels.clone(),
            })
        }
        RawGroups::Outcome { outcome } => {
            let labels = match spec.outcomes.get(outcome) {
                Some(RawOutcome::Binary { names: Some(names), .. }) => {
                    vec![names.negative.clone(), names.positive.clone()]
                }
                _ => vec!["No".to_string(), "Yes".to_string()],
            };
            let label = match spec.outcomes.get(outcome) {
                Some(RawOutcome::Binary { label, .. } | RawOutcome::Survival { label, .. }) => label.clone(),
                None => outcome.clone(),
            };
            let of = context.cohort.binary(outcome).iter().map(|event| Some(usize::from(*event))).collect();
            Ok(Groups { says: label, labels, of })
        }
    }
}
