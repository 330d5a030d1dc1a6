//! Sample sizes: for a declared precision, for developing a model, for telling two models apart.

use super::{Context, EvaluateError, pick};
use crate::results::{AucPrecisionRow, DetectableDifferenceRow, DevelopmentRow, PlanningAnalysis};
use crate::spec::raw::{RawAucPrecision, RawDetectableDifference, RawDevelopment, RawPlanning};
use crate::stats::StatsError;
use crate::stats::comparison::delong::paired_delong;
use crate::stats::distribution::normal_critical;
use crate::stats::planning::auc_difference::detectable_difference;
use crate::stats::planning::auc_precision::{AucVariance, auc_sample_size, standard_error};
use crate::stats::planning::riley::{self, RileyTargets, cox_snell_of_nagelkerke};

pub(super) fn evaluate(context: Context<'_>, declared: &RawPlanning) -> Result<PlanningAnalysis, EvaluateError> {
    let rows = context.rows(&declared.partition);
    let outcome = context.predictions.binary(&declared.outcome, &rows);
    let events = outcome.iter().filter(|event| **event).count();
    let prevalence = declared.prevalence.unwrap_or(events as f64 / outcome.len().max(1) as f64);
    let within = |what: &str| {
        let (partition, what) = (declared.partition.clone(), what.to_string());
        move |source| EvaluateError::Within { partition, what, source }
    };
    Ok(PlanningAnalysis {
        outcome: declared.outcome.clone(),
        partition: declared.partition.clone(),
        n: rows.len(),
        events,
        prevalence,
        prevalence_is_observed: declared.prevalence.is_none(),
        level: declared.level,
        auc_precision: declared
            .auc_precision
            .iter()
            .map(|asked| precision(asked, prevalence, rows.len(), declared.level))
            .collect::<Result<Vec<_>, _>>()
            .map_err(within("precision of an AUC"))?,
        development: declared
            .development
            .iter()
            .map(|asked| development(asked, prevalence))
            .collect::<Result<Vec<_>, _>>()
            .map_err(within("development of a model"))?,
        detectable_difference: declared
            .detectable_difference
            .iter()
            .map(|asked| difference(context, asked, &outcome, &rows, declared.level))
            .collect::<Result<Vec<_>, _>>()
            .map_err(within("a detectable difference"))?,
    })
}

fn precision(asked: &RawAucPrecision, prevalence: f64, n: usize, level: f64) -> Result<AucPrecisionRow, StatsError> {
    let RawAucPrecision { auc, width } = *asked;
    let size = auc_sample_size(auc, prevalence, width, level, AucVariance::default())?;
    let here = standard_error(auc, prevalence, n as f64, AucVariance::default());
    Ok(AucPrecisionRow { auc, width, size, width_here: 2.0 * normal_critical(level) * here })
}

fn development(asked: &RawDevelopment, prevalence: f64) -> Result<DevelopmentRow, StatsError> {
    let r_squared = match (asked.cox_snell_r_squared, asked.nagelkerke_r_squared) {
        (Some(cox_snell), _) => cox_snell,
        (None, Some(nagelkerke)) => cox_snell_of_nagelkerke(nagelkerke, prevalence)?,
        (None, None) => return Err(StatsError::Empty { what: "the anticipated R²" }),
    };
    let targets = RileyTargets { shrinkage: asked.shrinkage, ..RileyTargets::default() };
    Ok(DevelopmentRow {
        parameters: asked.parameters,
        cox_snell_r_squared: r_squared,
        shrinkage: asked.shrinkage,
        size: riley::binary(asked.parameters, r_squared, prevalence, &targets)?,
    })
}

fn difference(
    context: Context<'_>,
    asked: &RawDetectableDifference,
    outcome: &[bool],
    rows: &[usize],
    level: f64,
) -> Result<DetectableDifferenceRow, StatsError> {
    let [first, second] = &asked.models;
    let (Some(a), Some(b)) = (context.predictions.model(first), context.predictions.model(second)) else {
        return Err(StatsError::Empty { what: "the model's scores" });
    };
    let (score_a, score_b) = (pick(&a.scores, rows), pick(&b.scores, rows));
    let compared = paired_delong(outcome, &score_a, a.orientation, &score_b, b.orientation, level)?;
    Ok(DetectableDifferenceRow {
        first: first.clone(),
        second: second.clone(),
        detectable: detectable_difference(&compared.difference, asked.power, level, asked.difference)?,
    })
}
