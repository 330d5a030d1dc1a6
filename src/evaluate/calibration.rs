//! Agreement of predicted and observed risk, and net benefit, of every model whose score is a probability.

use super::{Context, EvaluateError, pick};
use crate::results::{CalibrationAnalysis, CalibrationGroup, CalibrationRow, FEWEST_ACTED_ON, NetBenefitFacts};
use crate::spec::raw::RawStatistic;
use crate::stats::StatsError;
use crate::stats::calibration::brier::brier_score;
use crate::stats::calibration::expected_observed::observed_expected_ratio;
use crate::stats::calibration::groups::calibration_groups;
use crate::stats::calibration::integrated_calibration_index::integrated_calibration_index;
use crate::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};
use crate::stats::utility::net_benefit::decision_curve;
use rayon::prelude::*;

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<CalibrationAnalysis, EvaluateError> {
    let RawStatistic::Calibration { outcome, models, partitions, level, groups } = statistic else {
        return Err(EvaluateError::Other("not a calibration analysis".to_string()));
    };
    let spec = &context.study.spec;
    let models: Vec<String> = context
        .models_of(outcome, models.as_ref())?
        .into_iter()
        .filter(|model| spec.models[model.as_str()].gives_probability())
        .collect();
    let cells: Vec<(&String, &String)> =
        partitions.iter().flat_map(|partition| models.iter().map(move |model| (partition, model))).collect();
    let rows: Vec<Result<CalibrationRow, EvaluateError>> = cells
        .par_iter()
        .map(|(partition, model)| {
            calibrate(context, outcome, model, partition, *level, *groups).map_err(|source| EvaluateError::Within {
                partition: (*partition).clone(),
                what: format!("model `{model}`"),
                source,
            })
        })
        .collect();
    let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(CalibrationAnalysis { outcome: outcome.clone(), level: *level, rows })
}

fn calibrate(
    context: Context<'_>,
    outcome: &str,
    model: &str,
    partition: &str,
    level: f64,
    groups: usize,
) -> Result<CalibrationRow, StatsError> {
    let rows = context.rows(partition);
    let outcome = context.predictions.binary(outcome, &rows);
    let Some(column) = context.predictions.model(model) else {
        return Err(StatsError::Empty { what: "the model's scores" });
    };
    let probability = pick(&column.scores, &rows);
    // A prediction of exactly 0 or 1 has no logit: the slope is then not defined, the rest is.
    let options = CalibrationOptions { level, ..CalibrationOptions::default() };
    let weak = weak_calibration(&outcome, &probability, &options);
    let no_slope_because = weak.as_ref().err().map(why_no_slope);
    let weak = defined(weak)?;
    let brier = brier_score(&outcome, &probability, level)?;
    let (intercept, slope) = weak.map_or((None, None), |weak| (Some(weak.in_the_large), Some(weak.slope)));
    let thresholds: Vec<f64> = (1..100).map(|percent| f64::from(percent) / 100.0).collect();
    Ok(CalibrationRow {
        model: model.to_string(),
        partition: partition.to_string(),
        n: outcome.len(),
        events: outcome.iter().filter(|event| **event).count(),
        intercept,
        slope,
        expected_observed_ratio: defined(observed_expected_ratio(&outcome, &probability, level))?
            .map(|found| found.ratio.reciprocal()),
        brier: Some(brier.brier),
        scaled_brier: brier.scaled,
        integrated_calibration_index: defined(integrated_calibration_index(&outcome, &probability))?
            .map(|distance| distance.ici),
        groups: calibration_groups(&outcome, &probability, groups, level)?
            .into_iter()
            .map(|group| CalibrationGroup { predicted: group.mean_predicted, observed: group.observed })
            .collect(),
        no_slope_because,
        decision_curve: decision_curve(&outcome, &probability, &thresholds)?
            .into_iter()
            .take_while(|point| point.true_positives + point.false_positives >= FEWEST_ACTED_ON)
            .map(|point| NetBenefitFacts {
                threshold: point.threshold,
                net_benefit: point.net_benefit.value,
                treat_all: point.treat_all,
            })
            .collect(),
    })
}

fn why_no_slope(error: &StatsError) -> String {
    let why = match error {
        StatsError::OneClass { .. } | StatsError::NoEvents => "it needs subjects with and without the outcome",
        StatsError::InvalidAt { .. } => "a predicted risk of exactly 0 or 1 has no logit",
        StatsError::Separated { .. } => "the predictions separate those with the outcome from those without",
        StatsError::Collinear { .. } => "all predictions are alike",
        other => return other.to_string(),
    };
    why.to_string()
}

/// `None` where a statistic is not defined for these predictions; any other error stays one.
fn defined<T>(result: Result<T, StatsError>) -> Result<Option<T>, StatsError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(
            StatsError::Undefined { .. }
            | StatsError::InvalidAt { .. }
            | StatsError::OneClass { .. }
            | StatsError::Separated { .. }
            | StatsError::Collinear { .. }
            | StatsError::NoEvents,
        ) => Ok(None),
        Err(error) => Err(error),
    }
}
