//! Prediction models, one file each. A model is fitted on training rows and then scores every subject; what a reader
//! should know of it is in its [`ModelFacts`].

mod backbone;
mod cox;
pub mod explain;
mod forest;
mod heads;
mod library;
mod logistic;
mod machine;
pub mod network;
pub mod onnx;
mod scores;
mod selection;
mod svm;

pub use backbone::{Backbone, NetworkInputs, backbones, check_files, images, network_class, trained_files_sha256};
pub use cox::Baseline;
pub use heads::{FeatureBlock, Head};
pub use library::library_version;

use crate::cache::{UnitKind, Units};
use crate::cohort::Cohort;
use crate::features::{Encoder, FeatureError};
use crate::results::{ModelFacts, Setting};
use crate::spec::raw::RawModel;
use crate::spec::{Diagnostic, Study};
use crate::split::{Split, TrainingRows};
use crate::stats::random::Seed;
use crate::stats::{Orientation, StatsError};
use heads::{Ground, Headed};
use indexmap::IndexMap;
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
    /// Of a logistic model, one per subject of the cohort: a probability that rounds to 1 has lost them. Empty for others.
    #[serde(with = "crate::cache::exact_numbers")]
    pub log_odds: Vec<f64>,
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

impl ModelError {
    pub fn model(&self) -> &str {
        match self {
            Self::Fit { model, .. }
            | Self::Statistics { model, .. }
            | Self::Features { model, .. }
            | Self::NoPredictors { model, .. } => model,
        }
    }

    /// Why, after the model's name.
    pub fn reason(&self) -> String {
        match self {
            Self::Fit { reason, .. } => reason.clone(),
            Self::Statistics { source, .. } => source.to_string(),
            Self::Features { source, .. } => source.to_string(),
            Self::NoPredictors { reason, .. } => format!("no predictor is left: {reason}"),
        }
    }

    /// The same with the place at which the study declares the model.
    pub fn diagnostic(&self, study: &Study) -> Diagnostic {
        Diagnostic::error("model/fit", self.to_string(), study.place(&format!("models/{}", self.model())))
    }
}

/// The models of a study, in its order, with the machines behind the scores of those that have one on features of
/// networks.
pub struct FittedModels {
    pub models: Vec<Fitted>,
    /// Why the others are not among them.
    pub not_fitted: Vec<ModelError>,
    pub heads: IndexMap<String, Head>,
}

/// Fits every model of the study; the models are independent of each other and of the number of threads. Those that draw on
/// others come after them. One that cannot be fitted takes none of the others away.
pub fn fit_all(
    study: &Study,
    cohort: &Cohort,
    split: &Split,
    backbones: &IndexMap<String, Backbone>,
    seed: Seed,
    units: &Units<'_>,
    done: &(dyn Fn(&str) + Sync),
) -> FittedModels {
    let training = split.training();
    let ground = Ground { study, cohort, training: &training, backbones };
    let wanted = study.spec.models.iter().filter(|(id, _)| units.wants(UnitKind::Fit, id));
    let (fusions, others): (Vec<_>, Vec<_>) = wanted.partition(|(_, model)| matches!(model, RawModel::Fusion { .. }));
    let (first, mut not_fitted) = fit_side_by_side(&others, done, |id, model| match model {
        RawModel::Network { .. } | RawModel::Onnx { .. } => {
            ground.network(blank_facts(id, model), model, seed.child(id))
        }
        // What is fitted on networks is not kept here: the networks are, and the rest takes no time.
        _ => units
            .remember(UnitKind::Fit, id, || fit(study, cohort, &training, id, model, seed.child(id)))
            .map(|fitted| Headed { fitted, head: None }),
    });
    let known: Vec<Fitted> = first.iter().map(|headed| headed.fitted.clone()).collect();
    let (second, more) = fit_side_by_side(&fusions, done, |id, model| {
        ground.fusion(blank_facts(id, model), model, &known, seed.child(id))
    });
    not_fitted.extend(more);
    not_fitted.sort_by_key(|error| study.spec.models.get_index_of(error.model()));
    let mut headed: Vec<Headed> = first.into_iter().chain(second).collect();
    headed.sort_by_key(|headed| study.spec.models.get_index_of(&headed.fitted.facts.id));
    let mut fitted = FittedModels { models: Vec::new(), not_fitted, heads: IndexMap::new() };
    for Headed { fitted: model, head } in headed {
        if let Some(head) = head {
            fitted.heads.insert(model.facts.id.clone(), head);
        }
        fitted.models.push(model);
    }
    fitted
}

fn fit_side_by_side(
    models: &[(&String, &RawModel)],
    done: &(dyn Fn(&str) + Sync),
    fit: impl Fn(&str, &RawModel) -> Result<Headed, ModelError> + Sync,
) -> (Vec<Headed>, Vec<ModelError>) {
    let fitted: Vec<Result<Headed, ModelError>> = models
        .par_iter()
        .map(|(id, model)| {
            let fitted = fit(id, model);
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
    (models, problems)
}

/// Develops one logistic or Cox model anew on these training rows, choice of predictors included; its linear predictor for
/// every subject of the cohort: log odds, or the logarithm of a hazard ratio.
pub fn develop(
    study: &Study,
    cohort: &Cohort,
    training: &TrainingRows,
    id: &str,
    seed: Seed,
) -> Result<Vec<f64>, ModelError> {
    match study.spec.models.get(id) {
        Some(model) => {
            let fitted = fit(study, cohort, training, id, model, seed)?;
            Ok(if matches!(model, RawModel::Cox { .. }) { fitted.scores } else { fitted.log_odds })
        }
        None => Err(ModelError::Fit { model: id.to_string(), reason: "it is not declared".to_string() }),
    }
}

fn blank_facts(id: &str, model: &RawModel) -> ModelFacts {
    ModelFacts {
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
    }
}

fn fit(
    study: &Study,
    cohort: &Cohort,
    training: &TrainingRows,
    id: &str,
    model: &RawModel,
    seed: Seed,
) -> Result<Fitted, ModelError> {
    let mut facts = blank_facts(id, model);
    if let RawModel::Scores { from, orientation, .. } = model {
        return Ok(scores::take(cohort, facts, from, *orientation));
    }
    facts.predictors = cohort.kept(model.predictors());
    if facts.predictors.is_empty() {
        let reason = "all were dropped for their missing values".to_string();
        return Err(ModelError::NoPredictors { model: id.to_string(), reason });
    }
    if let Some(rule) = model.selection() {
        let selection = selection::select(study, cohort, training, &facts, model, rule)?;
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
    // What has one value only in the training part has no column, and is no predictor of this model.
    facts.predictors.retain(|name| data.encoder.columns().iter().any(|column| &column.variable == name));
    facts.encodings = data.encoder.facts().to_vec();
    facts.imputed = data.encoder.imputed(study, cohort);
    match model {
        RawModel::Cox { ties, hazards_change_with, .. } => cox::fit(&data, facts, *ties, *hazards_change_with),
        RawModel::Logistic { penalty, .. } => logistic::fit(&data, facts, *penalty),
        RawModel::Svm { cost, gamma, folds, .. } => {
            svm::fit(&data, facts, &machine::Settings { cost: *cost, gamma: *gamma, folds: *folds }, seed)
        }
        RawModel::Forest { trees, depth, leaf, .. } => {
            forest::fit(&data, facts, &forest::Settings { trees: *trees, depth: *depth, leaf: *leaf }, seed)
        }
        RawModel::Scores { from, orientation, .. } => Ok(scores::take(cohort, facts, from, *orientation)),
        RawModel::Network { .. } | RawModel::Onnx { .. } | RawModel::Fusion { .. } => {
            Err(ModelError::Fit { model: id.to_string(), reason: "it is fitted on features of networks".to_string() })
        }
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
