//! The counts over round thresholds of one model in one partition. The thresholds are the same in every partition.

use super::Context;
use crate::results::{ThresholdPoint, ThresholdSweep};
use crate::stats::threshold::sweep::{round_thresholds, threshold_sweep};
use crate::stats::{Orientation, StatsError};

pub(super) fn facts(
    context: Context<'_>,
    model: &str,
    partition: &str,
    outcome: &[bool],
    score: &[f64],
) -> Result<ThresholdSweep, StatsError> {
    let Some(column) = context.predictions.model(model) else {
        return Err(StatsError::Empty { what: "the model's scores" });
    };
    let is_probability = context.study.spec.models.get(model).is_some_and(|model| model.gives_probability());
    let thresholds = round_thresholds(&column.scores, is_probability)?;
    let points = threshold_sweep(outcome, score, column.orientation, &thresholds)?;
    let positives = outcome.iter().filter(|event| **event).count();
    Ok(ThresholdSweep {
        model: model.to_string(),
        partition: partition.to_string(),
        higher_is_risk: column.orientation == Orientation::HigherIsRisk,
        positives,
        negatives: outcome.len() - positives,
        points: points
            .into_iter()
            .map(|point| ThresholdPoint {
                threshold: point.threshold,
                true_positives: point.true_positives,
                false_positives: point.false_positives,
            })
            .collect(),
    })
}
