//! The figures of a report, as SVG with selectable text: a pure function of the results.
//!
//! Text is measured with the font that the figure names, and every place follows from the measures, so that nothing
//! collides or is cut off whatever the labels are. A figure is at most [`theme::FULL_WIDTH`](super::theme::FULL_WIDTH)
//! wide. Each comes with the values that it shows as a table, and with a text for readers who do not see it.

mod attrition_flow;
mod calibration;
mod canvas;
mod decision;
mod effect_forest;
mod explanation;
pub mod forest;
mod forest_sides;
mod incidence;
mod key;
mod learning;
mod missing_data;
mod panel;
mod precision_recall;
mod roc;
mod score_distribution;
mod step_curves;
mod step_labels;
mod step_plan;
mod subgroup_forest;
mod survival;
mod survival_calibration;
mod survival_decision;
mod threshold_explorer;
mod workflow;

use super::build::names::Names;
use super::effects::Effects;
use crate::report::document::DataTable;
use crate::results::{AnalysisOutcome, LayoutItem, PartitionFacts, Performance, Results, Show};

/// A finished figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// A complete SVG document in the colours of the light theme.
    pub svg: String,
    /// In points.
    pub width: f64,
    pub height: f64,
    /// What a reader who does not see the figure should know.
    pub alternative_text: String,
    /// The drawn values.
    pub data: DataTable,
}

/// Why a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    #[error("{show:?} is a table")]
    NotAFigure { show: Show },
    #[error("{show:?} needs an analysis and names none")]
    NoAnalysis { show: Show },
    #[error("there is no analysis \"{id}\"")]
    UnknownAnalysis { id: String },
    #[error("the analysis \"{id}\" was not computed: {why}")]
    NotComputed { id: String, why: String },
    #[error("{show:?} cannot be drawn from the analysis \"{id}\"")]
    OtherKind { show: Show, id: String },
    #[error("the analysis \"{id}\" has nothing to draw")]
    Nothing { id: String },
    #[error("{0}")]
    NoNetwork(&'static str),
    #[error("plotting failed: {0}")]
    Plot(String),
}

/// Draws the figure that `item` asks for.
pub fn draw(results: &Results, item: &LayoutItem) -> Result<Drawing, FigureError> {
    let show = item.show;
    match show {
        Show::AttritionFlow => return Ok(attrition_flow::draw(results)),
        Show::WorkflowFigure => return Ok(workflow::draw(results)),
        Show::MissingDataFigure => return Ok(missing_data::draw(results)),
        Show::LearningFigure => return learning::draw(results),
        Show::HeatMapFigure => return explanation::heat_maps(results),
        Show::FeatureMapFigure => return explanation::feature_maps(results),
        _ => {}
    }
    let id = item.of.as_deref().ok_or(FigureError::NoAnalysis { show })?;
    let analysis = results.analysis(id).ok_or_else(|| FigureError::UnknownAnalysis { id: id.to_string() })?;
    let nothing = match &analysis.outcome {
        AnalysisOutcome::Performance(performance) => performance.models.is_empty() || performance.partitions.is_empty(),
        AnalysisOutcome::KaplanMeier(survival) => survival.partitions.is_empty(),
        AnalysisOutcome::Cox(cox) => cox.univariable.is_empty() && cox.multivariable.is_empty(),
        AnalysisOutcome::Calibration(calibration) => calibration.rows.is_empty(),
        AnalysisOutcome::SurvivalPerformance(performance) => performance.rows.iter().all(|row| row.expected.is_none()),
        AnalysisOutcome::Regression(regression) => {
            regression.univariable.is_empty() && regression.multivariable.is_empty()
        }
        AnalysisOutcome::Subgroups(subgroups) => subgroups.rows.is_empty(),
        AnalysisOutcome::FineGray(fine_gray) => fine_gray.univariable.is_empty() && fine_gray.multivariable.is_empty(),
        AnalysisOutcome::CumulativeIncidence(incidence) => incidence.partitions.is_empty(),
        _ => false,
    };
    match (show, &analysis.outcome) {
        _ if nothing => Err(FigureError::Nothing { id: id.to_string() }),
        (Show::RocFigure, AnalysisOutcome::Performance(performance)) => roc::draw(performance, results),
        (Show::ScoreDistributionFigure | Show::ThresholdExplorer, AnalysisOutcome::Performance(performance))
            if performance.sweeps.iter().all(|sweep| sweep.points.len() < 2) =>
        {
            Err(FigureError::Nothing { id: id.to_string() })
        }
        (Show::ScoreDistributionFigure, AnalysisOutcome::Performance(performance)) => {
            score_distribution::draw(performance, results)
        }
        (Show::ThresholdExplorer, AnalysisOutcome::Performance(performance)) => {
            threshold_explorer::draw(performance, results)
        }
        (Show::SurvivalFigure, AnalysisOutcome::KaplanMeier(survival)) => survival::draw(survival, results),
        (Show::PrecisionRecallFigure, AnalysisOutcome::Performance(performance)) => {
            if performance.precision_recall.is_empty() {
                return Err(FigureError::Nothing { id: id.to_string() });
            }
            precision_recall::draw(performance, results)
        }
        (Show::CoxForestFigure, AnalysisOutcome::Cox(cox)) => {
            Ok(effect_forest::draw(&Effects::of_cox(cox, &Names { results }), results))
        }
        (Show::RegressionForestFigure, AnalysisOutcome::Regression(regression)) => {
            Ok(effect_forest::draw(&Effects::of_regression(regression, &Names { results }), results))
        }
        (Show::FineGrayForestFigure, AnalysisOutcome::FineGray(fine_gray)) => {
            Ok(effect_forest::draw(&Effects::of_fine_gray(fine_gray, &Names { results }), results))
        }
        (Show::IncidenceFigure, AnalysisOutcome::CumulativeIncidence(analysis)) => incidence::draw(analysis, results),
        (Show::SubgroupForestFigure, AnalysisOutcome::Subgroups(subgroups)) => {
            Ok(subgroup_forest::draw(subgroups, results))
        }
        (Show::CalibrationFigure, AnalysisOutcome::Calibration(calibration)) => {
            Ok(calibration::draw(calibration, results))
        }
        (Show::DecisionFigure, AnalysisOutcome::Calibration(calibration)) => decision::draw(calibration, results),
        (Show::SurvivalCalibrationFigure, AnalysisOutcome::SurvivalPerformance(performance)) => {
            survival_calibration::draw(performance, results)
        }
        (Show::SurvivalDecisionFigure, AnalysisOutcome::SurvivalPerformance(performance)) => {
            survival_decision::draw(performance, results)
        }
        (_, AnalysisOutcome::NotComputed { why, .. }) if show.is_figure() => {
            Err(FigureError::NotComputed { id: id.to_string(), why: why.clone() })
        }
        _ if show.is_figure() => Err(FigureError::OtherKind { show, id: id.to_string() }),
        _ => Err(FigureError::NotAFigure { show }),
    }
}

pub use key::letter;
pub use step_curves::MANY;

/// The model that stands for all where only one can be shown: the reference, else the one with the highest AUC.
pub fn model_in_front<'a>(performance: &'a Performance, results: &Results) -> Option<&'a str> {
    score_distribution::chosen(performance, results, 1).into_iter().next()
}

fn table(columns: &[&str], rows: Vec<Vec<String>>) -> DataTable {
    DataTable { columns: columns.iter().map(ToString::to_string).collect(), rows }
}

/// The parts that the cohort was split into. What only names all of them again, as "all" where there is no split, is none.
fn parts(results: &Results) -> Vec<&PartitionFacts> {
    let named_again = |part: &PartitionFacts| ["all", "primary"].contains(&part.id.as_str());
    let single: Vec<&PartitionFacts> = results.partitions.iter().filter(|part| part.union_of.is_empty()).collect();
    let split: Vec<&PartitionFacts> = single.iter().copied().filter(|part| !named_again(part)).collect();
    if split.is_empty() { single } else { split }
}

/// The label of a partition, or its id where the results do not describe it.
fn partition_label<'a>(results: &'a Results, id: &'a str) -> &'a str {
    results.partition(id).map_or(id, |partition| partition.label.as_str())
}

fn model_label<'a>(results: &'a Results, id: &'a str) -> &'a str {
    results.model(id).map_or(id, |model| model.label.as_str())
}

fn outcome_label<'a>(results: &'a Results, id: &'a str) -> &'a str {
    results.outcome(id).map_or(id, |outcome| outcome.label.as_str())
}

/// The model that the others are compared with, for an outcome; `None` where no comparison is declared.
fn reference_model<'a>(results: &'a Results, outcome: &str) -> Option<&'a str> {
    results.analyses.iter().find_map(|analysis| match &analysis.outcome {
        AnalysisOutcome::Comparison(comparison) if comparison.outcome == outcome => Some(comparison.reference.as_str()),
        _ => None,
    })
}

/// The text with its first letter as a capital.
fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
