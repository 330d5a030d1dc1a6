//! Bootstrap correction for optimism: the whole development of each model, repeated on samples of the training part.

use super::{Context, EvaluateError, pick};
use crate::model;
use crate::predictions::SurvivalColumns;
use crate::results::{OptimismAnalysis, OptimismMeasures, OptimismRow};
use crate::spec::raw::{RawModel, RawOptimism};
use crate::stats::StatsError;
use crate::stats::regression::optimism::optimism_bootstrap;
use crate::stats::resample::optimism::OptimismOptions;
use crate::stats::survival::cox::optimism::survival_optimism;

pub(super) fn evaluate(context: Context<'_>, declared: &RawOptimism) -> Result<OptimismAnalysis, EvaluateError> {
    let spec = &context.study.spec;
    let models = context.models_of(&declared.outcome, declared.models.as_ref())?;
    let developed = models
        .into_iter()
        .filter(|model| matches!(spec.models[model.as_str()], RawModel::Logistic { .. } | RawModel::Cox { .. }));
    let rows = developed
        .map(|model| {
            correct(context, declared, &model).map_err(|source| EvaluateError::Within {
                partition: "training".to_string(),
                what: format!("model `{model}`"),
                source,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(OptimismAnalysis { outcome: declared.outcome.clone(), replicates: declared.replicates, rows })
}

fn correct(context: Context<'_>, declared: &RawOptimism, id: &str) -> Result<OptimismRow, StatsError> {
    let training = context.split.training();
    let rows = training.rows();
    let develop = |positions: &[usize]| {
        let predictor =
            model::develop(context.study, context.cohort, &training.subset(positions), id, context.seed).map_err(
                |_| StatsError::Undefined { what: "the model", why: "it cannot be developed on these subjects" },
            )?;
        Ok(pick(&predictor, rows))
    };
    let options = OptimismOptions { replicates: declared.replicates, seed: context.seed.child(id) };
    let (event, measures) = match context.study.spec.models[id] {
        RawModel::Cox { .. } => {
            let SurvivalColumns { time, event, .. } = context.predictions.survival(&declared.outcome, rows);
            let measures = survival_optimism(&time, &event, develop, &options)?;
            (event, OptimismMeasures::Survival(measures))
        }
        _ => {
            let outcome = context.predictions.binary(&declared.outcome, rows);
            let measures = optimism_bootstrap(&outcome, develop, &options)?;
            (outcome, OptimismMeasures::Binary(measures))
        }
    };
    Ok(OptimismRow {
        model: id.to_string(),
        n: event.len(),
        events: event.iter().filter(|event| **event).count(),
        measures,
    })
}
