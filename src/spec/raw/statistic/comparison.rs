//! Options of comparisons, and the comparisons beside that of paired AUCs.

use super::{RawAdjustment, RawBootstrap, default_level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The test of a difference of two AUCs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAucTest {
    #[default]
    Delong,
    /// The difference over its bootstrap standard error, with a bootstrap interval; needs `bootstrap`.
    Bootstrap,
}

/// What a model has to show against the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawClaim {
    /// That it is better: higher, with a two-sided P, adjusted where `adjust` says so, below one minus the level.
    Superior,
    /// That it is not worse by the `non_inferiority_margin` or more.
    NonInferior,
}

/// Paired comparison of accuracy, sensitivity and specificity of every model with one model's, at the thresholds that a
/// performance analysis chose; Cochran's Q over all models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMetricComparison {
    /// The performance analysis whose thresholds make the calls.
    pub thresholds_of: String,
    /// The model that the others are compared with.
    pub reference: String,
    /// All models of the performance analysis when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// Partitions or unions of them.
    pub partitions: Vec<String>,
    /// What is compared.
    #[serde(default = "default_metrics")]
    pub metrics: Vec<RawPairedMetric>,
    /// The test of paired calls.
    #[serde(default)]
    pub test: RawPairedTest,
    /// Interval of the difference.
    #[serde(default)]
    pub interval: RawPairedInterval,
    /// Adjustment of the P-values over all models within a partition, per metric.
    #[serde(default)]
    pub adjust: RawAdjustment,
    /// A model is not inferior to the reference when it is surely less than this below it; the test is one-sided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub non_inferiority_margin: Option<f64>,
    /// What a model has to show. The report prints the rule with a verdict in words on every model, per metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<RawClaim>,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
}

fn default_metrics() -> Vec<RawPairedMetric> {
    vec![RawPairedMetric::Accuracy, RawPairedMetric::Sensitivity, RawPairedMetric::Specificity]
}

/// Proportions whose denominator is the same for two models on the same subjects, so that they can be compared in pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPairedMetric {
    Accuracy,
    Sensitivity,
    Specificity,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPairedTest {
    /// McNemar's test, exact.
    #[default]
    McnemarExact,
    /// McNemar's test, mid-P.
    McnemarMidP,
    /// McNemar's χ² test without correction.
    McnemarChiSquared,
    /// McNemar's χ² test with continuity correction.
    McnemarChiSquaredCorrected,
}

/// Interval of a difference of paired proportions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPairedInterval {
    #[default]
    Newcombe,
    Tango,
    Wald,
}

/// Comparison of each model's AUC between two partitions, whose subjects are others: unpaired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPartitionComparison {
    /// A binary outcome.
    pub outcome: String,
    /// All models of the outcome when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// The two partitions; no part of the split may be in both.
    pub partitions: [String; 2],
    /// The test of a difference.
    #[serde(default)]
    pub test: RawAucTest,
    /// For `test: bootstrap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap: Option<RawBootstrap>,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
}
