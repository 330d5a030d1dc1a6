//! The models: what was fitted, on what, and how predictors were chosen.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    pub id: String,
    pub label: String,
    /// "logistic", "svm", "forest", "scores", …
    pub kind: String,
    pub outcome: String,
    /// One sentence with what was fitted, by what, with which settings.
    pub description: String,
    /// Variables that the model uses, after selection.
    pub predictors: Vec<String>,
    pub settings: Vec<Setting>,
    /// Coefficients where the model has them, on the scale of the variables; else empty.
    pub coefficients: Vec<ModelTerm>,
    pub selection: Option<SelectionFacts>,
    /// Unset for models whose score is not a probability.
    pub gives_probability: bool,
    /// What was estimated to turn continuous variables into columns; empty where nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encodings: Vec<super::EncodingFacts>,
    /// What a missing value of a predictor counts as, where the cohort has missing values of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imputed: Vec<ImputedFacts>,
    /// Networks that this model is made of, itself among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// Of a Cox model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cox: Option<super::CoxModelFacts>,
    /// Of a model that is a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkFacts>,
}

/// The median, or the most frequent level, of the training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImputedFacts {
    pub variable: String,
    /// Of a continuous variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Of a variable with levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
}

/// A network, as the file that it was evaluated from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkFacts {
    /// The model input.
    pub image: String,
    /// "residual network of 3 stages …", or what the file says of itself.
    pub architecture: String,
    /// How many numbers were trained; `None` for a network from elsewhere.
    pub parameters: Option<usize>,
    /// The length of the pooled features; `None` where the file does not give them.
    pub features: Option<usize>,
    /// SHA-256 of the ONNX file.
    pub sha256: String,
    /// What computed its outputs.
    pub runtime: String,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// One entry per epoch of training; empty for a network from elsewhere.
    pub history: Vec<EpochFacts>,
}

/// An epoch of training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochFacts {
    pub epoch: usize,
    /// Mean cross-entropy over the epoch's varied images.
    pub training_loss: f64,
    /// On the training images as they are.
    pub training_auc: Option<f64>,
    /// On the part that training is stopped by.
    pub validation_loss: Option<f64>,
    pub validation_auc: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelTerm {
    /// "(intercept)" or a variable's name.
    pub variable: String,
    /// The level, for a categorical variable, or the term of a spline.
    pub level: Option<String>,
    pub coefficient: f64,
    /// e^coefficient with its interval, where the fit has one: a penalised fit has none, and an intercept needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<crate::stats::Estimate>,
}

/// How the predictors of a model were chosen, on the training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionFacts {
    pub regression: SelectionRegression,
    pub says: String,
    pub screen: Vec<ScreenRow>,
    pub steps: Vec<SelectionStepRow>,
    pub selected: Vec<String>,
    /// The selected predictors together, by that regression on the training part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub multivariable: Vec<SelectedTerm>,
    /// Why there is no such model, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_multivariable_because: Option<String>,
}

/// By what regression candidates were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectionRegression {
    Logistic,
    Cox,
}

/// A term of the model of all selected predictors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectedTerm {
    /// "(intercept)" or a variable's name.
    pub variable: String,
    pub level: Option<String>,
    pub coefficient: f64,
    pub standard_error: f64,
    /// The odds ratio or hazard ratio.
    pub ratio: crate::stats::Estimate,
    /// Wald, two-sided.
    #[serde(with = "crate::stats::estimate::number")]
    pub p_value: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreenRow {
    pub variable: String,
    #[serde(with = "crate::stats::estimate::number")]
    pub p_value: f64,
    pub kept: bool,
    /// One row per term of the variable: its odds ratio or hazard ratio.
    pub terms: Vec<ScreenTerm>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreenTerm {
    pub level: Option<String>,
    pub ratio: crate::stats::Estimate,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionStepRow {
    /// "start", "add" or "remove".
    pub action: String,
    pub variable: Option<String>,
    pub aic: f64,
}
