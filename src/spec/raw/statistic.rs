//! The analyses of a study.

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
