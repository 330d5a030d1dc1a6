//! Binds the analyses that a study declares to its cohort and predictions. Nothing is computed here: the numbers come
//! from [`crate::stats`].

mod agreement;
mod baseline_table;
mod calibration;
mod characteristics;
mod clusters;
mod comparison;
mod competing;
mod cox;
mod cox_selection;
mod cumulative_incidence;
mod entry;
mod fine_gray;
mod groups;
mod kaplan_meier;
mod metric_comparison;
mod optimism;
mod partition_comparison;
mod performance;
mod planning;
mod reclassification;
mod regression;
mod subgroups;
mod survival_comparisons;
mod survival_performance;
mod tally;
mod sweep;
mod terms;
mod threshold;

use crate::cache::{UnitKind, Units};
use crate::cohort::Cohort;
use crate::predictions::{Predictions, ScoreColumn};
use crate::results::{Analysis, AnalysisOutcome};
use crate::spec::raw::RawStatistic;
use crate::spec::{PartitionName, Study};
use crate::split::Split;
use crate::stats::StatsError;
use crate::stats::random::Seed;
use rayon::prelude::*;

/// What an analysis looks at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub study: &'a Study,
    pub cohort: &'a Cohort,
    pub predictions: &'a Predictions,
    /// For what repeats the development of a model.
    pub split: &'a Split,
    pub seed: Seed,
}

impl Context<'_> {
    /// Rows of a partition by its name; the spec was checked, so an unknown name has no rows.
    fn rows(&self, partition: &str) -> Vec<usize> {
        PartitionName::parse(partition).map(|name| self.predictions.rows(&name)).unwrap_or_default()
    }

    fn model(&self, id: &str) -> Result<&ScoreColumn, EvaluateError> {
        self.predictions.model(id).ok_or_else(|| EvaluateError::NotFitted(vec![id.to_string()]))
    }

    /// The models that an analysis is about, less those that could not be fitted: the study's notices name them.
    fn models_of(&self, outcome: &str, named: Option<&Vec<String>>) -> Result<Vec<String>, EvaluateError> {
        let asked = self.study.models_of(outcome, named);
        let (fitted, others): (Vec<String>, Vec<String>) =
            asked.into_iter().partition(|model| self.predictions.model(model).is_some());
        if fitted.is_empty() && !others.is_empty() { Err(EvaluateError::NotFitted(others)) } else { Ok(fitted) }
    }
}

/// Why an analysis has no result.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("{0}")]
    Statistics(#[from] StatsError),
    #[error("in the {partition} part, {what}: {source}")]
    Within { partition: String, what: String, source: StatsError },
    #[error("it needs {}, which could not be fitted", models_in_words(.0))]
    NotFitted(Vec<String>),
    #[error("{0}")]
    Other(String),
}

fn models_in_words(models: &[String]) -> String {
    let names: Vec<String> = models.iter().map(|model| format!("`{model}`")).collect();
    format!("{} {}", if models.len() == 1 { "the model" } else { "the models" }, names.join(", "))
}

/// All declared analyses, in their order. One that cannot be computed says why, and the others go on.
pub fn evaluate(context: Context<'_>, units: &Units<'_>, done: &(dyn Fn(&str) + Sync)) -> Vec<Analysis> {
    let statistics: Vec<(&String, &RawStatistic)> =
        context.study.spec.statistics.iter().filter(|(id, _)| units.wants(UnitKind::Statistic, id)).collect();
    statistics
        .par_iter()
        .map(|(id, statistic)| {
            let context = Context { seed: context.seed.child(id), ..context };
            let outcome =
                units.remember(UnitKind::Statistic, id, || one(context, id, statistic)).unwrap_or_else(|error| {
                    AnalysisOutcome::NotComputed { declared: statistic.kind().to_string(), why: error.to_string() }
                });
            done(id);
            Analysis { id: (*id).clone(), outcome }
        })
        .collect()
}

fn one(context: Context<'_>, id: &str, statistic: &RawStatistic) -> Result<AnalysisOutcome, EvaluateError> {
    Ok(match statistic {
        RawStatistic::BaselineTable { .. } => {
            AnalysisOutcome::BaselineTable(baseline_table::evaluate(context, statistic)?)
        }
        RawStatistic::Performance { .. } => AnalysisOutcome::Performance(performance::evaluate(context, statistic)?),
        RawStatistic::Comparison { .. } => AnalysisOutcome::Comparison(comparison::evaluate(context, statistic)?),
        RawStatistic::KaplanMeier { .. } => {
            AnalysisOutcome::KaplanMeier(kaplan_meier::evaluate(context, id, statistic)?)
        }
        RawStatistic::Cox { .. } => AnalysisOutcome::Cox(cox::evaluate(context, statistic)?),
        RawStatistic::Characteristics { .. } => {
            AnalysisOutcome::Characteristics(characteristics::evaluate(context, statistic)?)
        }
        RawStatistic::SurvivalPerformance { .. } => {
            AnalysisOutcome::SurvivalPerformance(survival_performance::evaluate(context, statistic)?)
        }
        RawStatistic::Calibration { .. } => AnalysisOutcome::Calibration(calibration::evaluate(context, statistic)?),
        RawStatistic::SetComparison(declared) => {
            AnalysisOutcome::SetComparison(baseline_table::compare_sets(context, declared)?)
        }
        RawStatistic::MetricComparison(declared) => {
            AnalysisOutcome::MetricComparison(metric_comparison::evaluate(context, declared)?)
        }
        RawStatistic::PartitionComparison(declared) => {
            AnalysisOutcome::PartitionComparison(partition_comparison::evaluate(context, declared)?)
        }
        RawStatistic::Regression(declared) => AnalysisOutcome::Regression(regression::evaluate(context, declared)?),
        RawStatistic::Subgroups(declared) => AnalysisOutcome::Subgroups(subgroups::evaluate(context, declared)?),
        RawStatistic::Reclassification(declared) => {
            AnalysisOutcome::Reclassification(reclassification::evaluate(context, declared)?)
        }
        RawStatistic::Optimism(declared) => AnalysisOutcome::Optimism(optimism::evaluate(context, declared)?),
        RawStatistic::Agreement(declared) => AnalysisOutcome::Agreement(agreement::evaluate(context, declared)?),
        RawStatistic::CumulativeIncidence(declared) => {
            AnalysisOutcome::CumulativeIncidence(cumulative_incidence::evaluate(context, declared)?)
        }
        RawStatistic::FineGray(declared) => AnalysisOutcome::FineGray(fine_gray::evaluate(context, declared)?),
        RawStatistic::Planning(declared) => AnalysisOutcome::Planning(planning::evaluate(context, declared)?),
    })
}

/// The values of a slice at some positions.
fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}
