//! Reclassification of subjects by a new model, per partition.

use super::{Context, EvaluateError, pick};
use crate::results::{ReclassificationAnalysis, ReclassificationRow};
use crate::spec::raw::RawReclassification;
use crate::stats::StatsError;
use crate::stats::reclassification::integrated_discrimination::integrated_discrimination;
use crate::stats::reclassification::net_reclassification::{categorical_nri, continuous_nri};

pub(super) fn evaluate(
    context: Context<'_>,
    declared: &RawReclassification,
) -> Result<ReclassificationAnalysis, EvaluateError> {
    context.model(&declared.old)?;
    context.model(&declared.new)?;
    let rows = declared
        .partitions
        .iter()
        .map(|partition| {
            within(context, declared, partition).map_err(|source| EvaluateError::Within {
                partition: partition.clone(),
                what: "reclassification".to_string(),
                source,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(ReclassificationAnalysis {
        outcome: declared.outcome.clone(),
        old: declared.old.clone(),
        new: declared.new.clone(),
        level: declared.level,
        cut_points: declared.cut_points.clone(),
        rows,
    })
}

fn within(
    context: Context<'_>,
    declared: &RawReclassification,
    partition: &str,
) -> Result<ReclassificationRow, StatsError> {
    let RawReclassification { outcome, old, new, cut_points, level, .. } = declared;
    let rows = context.rows(partition);
    let outcome = context.predictions.binary(outcome, &rows);
    let (Some(old), Some(new)) = (context.predictions.model(old), context.predictions.model(new)) else {
        return Err(StatsError::Empty { what: "the model's scores" });
    };
    let (old, new) = (pick(&old.scores, &rows), pick(&new.scores, &rows));
    Ok(ReclassificationRow {
        partition: partition.to_string(),
        n: rows.len(),
        events: outcome.iter().filter(|event| **event).count(),
        categorical: if cut_points.is_empty() {
            None
        } else {
            Some(categorical_nri(&outcome, &old, &new, cut_points, *level)?)
        },
        continuous: continuous_nri(&outcome, &old, &new, *level)?,
        integrated: integrated_discrimination(&outcome, &old, &new, *level)?,
    })
}
