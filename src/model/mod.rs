//! Prediction models, one file each. A model is fitted on training rows and then scores every subject; what a reader
//! should know of it is in its [`ModelFacts`].

mod cox;
mod forest;
mod logistic;
mod scores;
mod selection;
mod svm;

pub use cox::Baseline;

use crate::cache::{UnitKind, Units};
use crate::cohort::Cohort;
use crate::features::{Encoder, FeatureError};
use crate::results::{ModelFacts, Setting};
use crate::spec::Study;
use crate::spec::raw::RawModel;
use crate::split::{Split, TrainingRows};
use crate::stats::random::Seed;
use crate::stats::{Orientation, StatsError};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A fitted model: its score for every subject of the cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    pub facts: ModelFacts,
    pub orientation: Orientation,
    /// One per subject of the cohort.
    #[serde(with = "crate::cache::exact_numbers")]
    pub scores: Vec<f64>,
    /// From scores to risks by a time, for a model of a survival outcome that gives them.
    pub baseline: Option<Baseline>,
}

#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("model `{model}` cannot be fitted: {reason}")]
    Fit { model: String, reason: String },
    #[error("model `{model}`: {source}")]
    Statistics { model: String, source: StatsError },
    #[error("model `{model}`: {source}")]
    Features { model: String, source: FeatureError },
    #[error("no predictor of model `{model}` is left: {reason}")]
    NoPredictors { model: String, reason: String },
}

/// Fits every model of the study; the models are independent of each other and of the number of threads.
pub fn fit_all(
    study: &Study,
    cohort: &Cohort,
    split: &Split,
    seed: Seed,
    units: &Units<'_>,
    done: &(dyn Fn(&str) + Sync),
) -> Result<Vec<Fitted>, Vec<ModelError>> {
    let training = split.training();
    let models: Vec<(&String, &RawModel)> =
        study.spec.models.iter().filter(|(id, _)| units.wants(UnitKind::Fit, id)).collect();
    let fitted: Vec<Result<Fitted, ModelError>> = models
        .par_iter()
        .map(|(id, model)| {
            let fitted = units.remember(UnitKind::Fit, id, || fit(study, cohort, &training, id, model, seed.child(id)));
            done(id);
            fitted
        })
        .collect();
    let mut models = Vec::new();
    let mut problems = Vec::new();
    for result in fitted {
        match result {
            Ok(model) => models.push(model),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(models) } else { Err(problems) }
}

fn fit(
    study: &Study,
    cohort: &Cohort,
    training: &TrainingRows,
    id: &str,
    model: &RawModel,
    seed: Seed,
) -> Result<Fitted, ModelError> {
    let mut facts = ModelFacts {
        id: id.to_string(),
        label: model.label().to_string(),
        kind: model.kind().to_string(),
        outcome: model.outcome().to_string(),
        description: String::new(),
        predictors: Vec::new(),
        settings: Vec::new(),
        coefficients: Vec::new(),
        selection: None,
        gives_probability: model.gives_probability(),
        ..ModelFacts::default()
    };
    if let RawModel::Scores { from, orientation, .. } = model {
        return Ok(scores::take(cohort, facts, from, *orientation));
    }
    facts.predictors = cohort.kept(model.predictors());
    if facts.predictors.is_empty() {
        let reason = "all were dropped for their missing values".to_string();
        return Err(ModelError::NoPredictors { model: id.to_string(), reason });
    }
    if let Some(rule) = model.selection() {
        let selection = selection::select(study, cohort, training, &facts, rule)?;
        facts.predictors.clone_from(&selection.selected);
        facts.selection = Some(selection);
    }
    let data = Data {
        encoder: Encoder::fit(study, cohort, training, &facts.predictors)
            .map_err(|source| ModelError::Features { model: id.to_string(), source })?,
        cohort,
        training,
        outcome: cohort.binary(model.outcome()),
    };
    if data.encoder.columns().is_empty() {
        let reason = "every predictor is constant in the training part".to_string();
        return Err(ModelError::NoPredictors { model: id.to_string(), reason });
    }
    facts.encodings = data.encoder.facts().to_vec();
    match model {
        RawModel::Cox { ties, hazards_change_with, .. } => cox::fit(&data, facts, *ties, *hazards_change_with),
        RawModel::Logistic { penalty, .. } => logistic::fit(&data, facts, *penalty),
        RawModel::Svm { cost, gamma, folds, .. } => {
            svm::fit(&data, facts, &svm::Settings { cost: *cost, gamma: *gamma, folds: *folds }, seed)
        }
        RawModel::Forest { trees, depth, leaf, .. } => {
            forest::fit(&data, facts, &forest::Settings { trees: *trees, depth: *depth, leaf: *leaf }, seed)
        }
        RawModel::Scores { from, orientation, .. } => Ok(scores::take(cohort, facts, from, *orientation)),
    }
}

/// What a model is fitted on and applied to.
struct Data<'a> {
    encoder: Encoder,
    cohort: &'a Cohort,
    training: &'a TrainingRows,
    /// Of every subject; only the training rows' are looked at.
    outcome: &'a [bool],
}

impl Data<'_> {
    fn training_outcome(&self) -> Vec<bool> {
        self.training.rows().iter().map(|row| self.outcome[*row]).collect()
    }

    /// A column of the design by its variable and level, for messages.
    fn column_name(&self, column: usize) -> String {
        self.encoder.columns().get(column).map_or_else(String::new, |column| match &column.level {
            Some(level) => format!("{} ({level})", column.variable),
            None => column.variable.clone(),
        })
    }

    fn everyone(&self) -> Vec<usize> {
        (0..self.cohort.n()).collect()
    }
}

fn setting(name: &str, value: impl ToString) -> Setting {
    Setting { name: name.to_string(), value: value.to_string() }
}

/// A matrix in the form that the linfa crates take.
fn to_array(matrix: &crate::stats::linear_algebra::Matrix) -> ndarray::Array2<f64> {
    ndarray::Array2::from_shape_fn((matrix.rows(), matrix.columns()), |(row, column)| matrix.get(row, column))
}
