//! The models of a study.

use super::{RawArchitecture, RawHead, RawMachine, RawOnnxScore, RawStart, RawTraining};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawModel {
    /// Logistic regression by maximum likelihood, or with an L2 penalty.
    Logistic {
        label: String,
        outcome: String,
        predictors: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<RawSelection>,
        /// Half of this number times the sum of squared coefficients (of standardised predictors) is added to the
        /// negative log-likelihood.
        #[serde(default)]
        #[schemars(range(min = 0.0))]
        penalty: f64,
    },
    /// Support vector machine with a radial kernel on standardised predictors; probabilities by Platt scaling.
    Svm {
        label: String,
        outcome: String,
        predictors: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<RawSelection>,
        /// C, the price of a margin violation.
        #[serde(default = "default_cost")]
        cost: f64,
        /// γ of exp(−γ‖x − y‖²); one over the number of columns when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gamma: Option<f64>,
        /// Folds of the cross-fitting behind the Platt scaling.
        #[serde(default = "default_folds")]
        #[schemars(range(min = 2, max = 20))]
        folds: usize,
    },
    /// Random forest of classification trees; the score is the share of trees that vote for the event.
    Forest {
        label: String,
        outcome: String,
        predictors: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<RawSelection>,
        #[serde(default = "default_trees")]
        #[schemars(range(min = 1, max = 10000))]
        trees: usize,
        /// The greatest depth of a tree; no limit when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1))]
        depth: Option<u16>,
        /// The fewest subjects in a leaf.
        #[serde(default = "default_leaf")]
        #[schemars(range(min = 1))]
        leaf: usize,
    },
    /// Cox proportional hazards regression of a survival outcome. Its score is the linear predictor; with the baseline
    /// hazard of the training part it gives the risk by any time within that part's follow-up.
    Cox {
        label: String,
        outcome: String,
        predictors: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<RawSelection>,
        /// What is done with events at the same time.
        #[serde(default)]
        ties: RawModelTies,
        /// The function of time with which the test of proportional hazards lets coefficients change.
        #[serde(default)]
        hazards_change_with: RawTimeFunction,
    },
    /// A residual network on images, trained here and evaluated from the ONNX file that training writes.
    Network {
        label: String,
        outcome: String,
        /// A model input of `images:`.
        image: String,
        #[serde(default)]
        architecture: RawArchitecture,
        #[serde(default)]
        start: RawStart,
        #[serde(default)]
        training: RawTraining,
        #[serde(default)]
        head: RawHead,
        /// The machine of `head: svm`.
        #[serde(default)]
        machine: RawMachine,
    },
    /// A network from elsewhere, as it is.
    Onnx {
        label: String,
        outcome: String,
        /// A model input of `images:`.
        image: String,
        /// The file, relative to this spec.
        path: String,
        /// SHA-256 of the file.
        sha256: String,
        #[serde(default)]
        head: RawHead,
        /// The machine of `head: svm`.
        #[serde(default)]
        machine: RawMachine,
        /// What the output is.
        #[serde(default)]
        score: RawOnnxScore,
        /// The name of the output with the score; the first output when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<String>,
        /// Which class is the event, counted from 0.
        #[serde(default = "default_positive_class")]
        positive_class: usize,
        /// The name of the output with pooled features, for `head: svm` and fusion.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        features: Option<String>,
        /// The name of the output with the last feature maps, for heat maps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        feature_maps: Option<String>,
    },
    /// A support vector machine on the pooled features of networks beside the selected predictors of other models.
    Fusion {
        label: String,
        outcome: String,
        /// Networks, and models with predictors.
        of: Vec<String>,
        #[serde(default)]
        machine: RawMachine,
    },
    /// A score that is already in the table: a reader's call, another team's model. Nothing is fitted.
    Scores {
        label: String,
        outcome: String,
        /// An SQL expression over the table's columns that gives the score.
        from: String,
        orientation: RawOrientation,
        /// The score is a probability of the event, so that calibration can be judged.
        #[serde(default)]
        is_probability: bool,
    },
}

/// The likelihood of tied event times; each implies a baseline hazard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawModelTies {
    #[default]
    Efron,
    Breslow,
}

/// A function of time g: the test asks whether a coefficient changes with g(t).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawTimeFunction {
    /// 1 - S(t) of the Kaplan-Meier curve.
    #[default]
    KaplanMeier,
    /// Time itself.
    Identity,
    Rank,
    Log,
}

/// Which end of a score means the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawOrientation {
    HigherIsRisk,
    LowerIsRisk,
}

fn default_positive_class() -> usize {
    1
}

pub(super) fn default_cost() -> f64 {
    1.0
}

pub(super) fn default_folds() -> usize {
    5
}

fn default_trees() -> usize {
    500
}

fn default_leaf() -> usize {
    5
}

/// How predictors are chosen from the candidates, on the training part: by logistic regression for a binary outcome, by
/// Cox regression for survival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSelection {
    /// Candidates stay when their univariable likelihood-ratio test has a P-value below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub screen_p_below: Option<f64>,
    /// Stepwise regression by AIC over those that stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stepwise: Option<RawDirection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDirection {
    Forward,
    Backward,
    Both,
}
