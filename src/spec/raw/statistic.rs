//! The analyses of a study.

use super::survival::{RawCalibrationCurve, RawDescription, RawRatioInterval, RawSurvivalBootstrap, RawThresholdRange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawStatistic {
    /// Baseline characteristics by the classes of a binary outcome.
    BaselineTable {
        by: String,
        /// Partitions or unions of them: "training", "validation+test", "primary" (training+validation), "all".
        within: Vec<String>,
        variables: Vec<String>,
        #[serde(default)]
        continuous_test: RawContinuousTest,
        #[serde(default)]
        categorical_test: RawCategoricalTest,
    },
    /// AUC, and metrics at a threshold, of every model in every partition.
    Performance {
        outcome: String,
        /// All models of the outcome when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        partitions: Vec<String>,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bootstrap: Option<RawBootstrap>,
        threshold: RawThreshold,
        metrics: Vec<RawMetric>,
        #[serde(default)]
        interval: RawProportionInterval,
    },
    /// Paired DeLong tests of every model against one.
    Comparison {
        outcome: String,
        /// The model that the others are compared with.
        reference: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        partitions: Vec<String>,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Adjustment of the P-values over all models within a partition.
        #[serde(default)]
        adjust: RawAdjustment,
    },
    /// Kaplan-Meier curves by group with a log-rank test.
    KaplanMeier {
        outcome: String,
        groups: RawGroups,
        partitions: Vec<String>,
        /// Times of the survival rates, in the outcome's reported unit.
        rates_at: Vec<f64>,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        #[serde(default)]
        interval: RawSurvivalInterval,
        /// Curves are drawn up to this time; to the last observation when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        horizon: Option<f64>,
    },
    /// Cox regression, one term at a time and together.
    Cox {
        outcome: String,
        partition: String,
        terms: Vec<RawTerm>,
        #[serde(default = "default_true")]
        univariable: bool,
        #[serde(default = "default_true")]
        multivariable: bool,
        #[serde(default)]
        ties: RawTies,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
    },
    /// Characteristics of the subjects of each partition, side by side.
    Characteristics {
        partitions: Vec<String>,
        variables: Vec<String>,
        /// How continuous variables are described, each in a row of its own; as their `summary` says when not given.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        continuous: Vec<RawDescription>,
    },
    /// Discrimination, calibration, overall error and net benefit of models of a survival outcome, by a horizon.
    SurvivalPerformance {
        outcome: String,
        /// All models of the outcome when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        partitions: Vec<String>,
        /// The time by which the event is predicted, in the outcome's reported unit.
        horizon: f64,
        /// The time of the AUC and of the Brier score, which need subjects who are followed beyond it; the horizon when not
        /// given. Where follow-up ends at the horizon, take it a little earlier.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weighted_at: Option<f64>,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Predicted risks from which on subjects would be treated, for the table of net benefit.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        thresholds: Vec<f64>,
        /// The thresholds of the decision curve.
        #[serde(default)]
        decision_curve: RawThresholdRange,
        /// Groups of predicted risk in the calibration figure.
        #[serde(default = "default_groups")]
        #[schemars(range(min = 2, max = 50))]
        groups: usize,
        /// The smooth calibration curve behind ICI, E50 and E90.
        #[serde(default)]
        calibration_curve: RawCalibrationCurve,
        /// What the interval of observed over expected rests on.
        #[serde(default)]
        ratio_interval: RawRatioInterval,
        /// Intervals of ICI, E50, E90 and IPA; they have none when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bootstrap: Option<RawSurvivalBootstrap>,
        /// The other models are compared with this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// Agreement of predicted and observed risk, and net benefit, of every model that gives probabilities.
    Calibration {
        outcome: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        partitions: Vec<String>,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Groups of predicted risk.
        #[serde(default = "default_groups")]
        #[schemars(range(min = 2, max = 50))]
        groups: usize,
    },
}

fn default_level() -> f64 {
    0.95
}

fn default_true() -> bool {
    true
}

fn default_groups() -> usize {
    10
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawContinuousTest {
    /// Wilcoxon rank-sum test for variables described by their median, Welch's t for those described by their mean.
    #[default]
    BySummary,
    StudentT,
    WelchT,
    Wilcoxon,
    KruskalWallis,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCategoricalTest {
    /// Pearson's χ² without continuity correction; Fisher's exact test when an expected count is below 5.
    #[default]
    BySize,
    ChiSquared,
    ChiSquaredYates,
    Fisher,
}

/// Bootstrap intervals of the AUC, beside DeLong's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBootstrap {
    #[serde(default = "default_replicates")]
    #[schemars(range(min = 100, max = 1000000))]
    pub replicates: usize,
    #[serde(default)]
    pub interval: RawBootstrapInterval,
    /// Resample within the classes of the outcome.
    #[serde(default = "default_true")]
    pub stratified: bool,
}

fn default_replicates() -> usize {
    2000
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawBootstrapInterval {
    #[default]
    Percentile,
    Basic,
    Bca,
}

/// Where a score becomes a call: chosen on the training part, applied to all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawThreshold {
    pub rule: RawThresholdRule,
    /// The value of `fixed`, or the bound of `sensitivity` and `specificity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawThresholdRule {
    /// The largest sensitivity + specificity − 1.
    Youden,
    /// The point of the ROC curve closest to (0, 1).
    ClosestTopLeft,
    /// The value given.
    Fixed,
    /// The highest specificity among thresholds with at least this sensitivity.
    Sensitivity,
    /// The highest sensitivity among thresholds with at least this specificity.
    Specificity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMetric {
    Accuracy,
    Sensitivity,
    Specificity,
    PositivePredictiveValue,
    NegativePredictiveValue,
    F1,
    MatthewsCorrelation,
    CohenKappa,
    BalancedAccuracy,
    PositiveLikelihoodRatio,
    NegativeLikelihoodRatio,
    DiagnosticOddsRatio,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProportionInterval {
    #[default]
    Wilson,
    ClopperPearson,
    AgrestiCoull,
    Wald,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAdjustment {
    #[default]
    None,
    Bonferroni,
    Holm,
    Hochberg,
    BenjaminiHochberg,
    BenjaminiYekutieli,
}

/// What divides subjects into groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawGroups {
    /// A model's score against the threshold that a performance analysis chose for it.
    Threshold {
        model: String,
        /// The performance analysis.
        of: String,
        /// Labels below and from the threshold on.
        #[serde(default = "default_risk_labels")]
        labels: [String; 2],
    },
    /// A model's score cut at quantiles of its training scores.
    Quantiles { model: String, at: Vec<f64>, labels: Vec<String> },
    /// The levels of a variable.
    Variable { variable: String },
    /// The classes of a binary outcome.
    Outcome { outcome: String },
}

fn default_risk_labels() -> [String; 2] {
    ["Low risk".to_string(), "High risk".to_string()]
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSurvivalInterval {
    Plain,
    #[default]
    Log,
    LogLog,
    Logit,
    Arcsine,
}

/// A term of a Cox regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawTerm {
    Variable(String),
    Detailed(RawDetailedTerm),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDetailedTerm {
    /// A variable, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// … or the groups of a Kaplan-Meier analysis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups_of: Option<String>,
    /// The hazard ratio is for this many units of a continuous variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawTies {
    #[default]
    Efron,
    Breslow,
    Exact,
}
