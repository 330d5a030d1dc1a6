//! Options of the performance analysis: thresholds, metrics, intervals, further areas.

use crate::stats::threshold::Metric;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The interval of the AUC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAucInterval {
    #[default]
    Delong,
    /// DeLong's on the log odds of the AUC: it never leaves (0, 1).
    LogitDelong,
    /// From the AUC and the class sizes alone.
    HanleyMcneil,
}

/// A part of the area under the ROC curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPartialAuc {
    /// What the range is a range of.
    pub over: RawRocAxis,
    /// The lower end of the range.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub from: f64,
    /// The upper end of the range.
    #[serde(default = "default_to")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub to: f64,
}

fn default_to() -> f64 {
    1.0
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRocAxis {
    Specificity,
    Sensitivity,
}

/// Where a score becomes a call: chosen on the training part, applied to all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawThreshold {
    /// How the threshold is chosen.
    pub rule: RawThresholdRule,
    /// The value of `fixed`, or the bound of `sensitivity` and `specificity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The metric of `maximum`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<RawMetric>,
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
    /// The largest value of a metric.
    Maximum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMetric {
    Accuracy,
    Sensitivity,
    Specificity,
    PositivePredictiveValue,
    NegativePredictiveValue,
    /// The harmonic mean of positive predictive value and sensitivity.
    F1,
    MatthewsCorrelation,
    CohenKappa,
    BalancedAccuracy,
    PositiveLikelihoodRatio,
    NegativeLikelihoodRatio,
    DiagnosticOddsRatio,
    /// Sensitivity + specificity − 1.
    Youden,
    /// The share of subjects with the event.
    Prevalence,
    /// The share of subjects called positive.
    ApparentPrevalence,
    /// 1 − specificity.
    FalsePositiveRate,
    /// 1 − sensitivity.
    FalseNegativeRate,
    /// 1 − positive predictive value.
    FalseDiscoveryRate,
    /// 1 − negative predictive value.
    FalseOmissionRate,
}

impl From<RawMetric> for Metric {
    fn from(metric: RawMetric) -> Self {
        match metric {
            RawMetric::Accuracy => Metric::Accuracy,
            RawMetric::Sensitivity => Metric::Sensitivity,
            RawMetric::Specificity => Metric::Specificity,
            RawMetric::PositivePredictiveValue => Metric::PositivePredictiveValue,
            RawMetric::NegativePredictiveValue => Metric::NegativePredictiveValue,
            RawMetric::F1 => Metric::F1,
            RawMetric::MatthewsCorrelation => Metric::MatthewsCorrelation,
            RawMetric::CohenKappa => Metric::CohenKappa,
            RawMetric::BalancedAccuracy => Metric::BalancedAccuracy,
            RawMetric::PositiveLikelihoodRatio => Metric::PositiveLikelihoodRatio,
            RawMetric::NegativeLikelihoodRatio => Metric::NegativeLikelihoodRatio,
            RawMetric::DiagnosticOddsRatio => Metric::DiagnosticOddsRatio,
            RawMetric::Youden => Metric::Youden,
            RawMetric::Prevalence => Metric::Prevalence,
            RawMetric::ApparentPrevalence => Metric::ApparentPrevalence,
            RawMetric::FalsePositiveRate => Metric::FalsePositiveRate,
            RawMetric::FalseNegativeRate => Metric::FalseNegativeRate,
            RawMetric::FalseDiscoveryRate => Metric::FalseDiscoveryRate,
            RawMetric::FalseOmissionRate => Metric::FalseOmissionRate,
        }
    }
}

/// Interval of a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProportionInterval {
    #[default]
    Wilson,
    ClopperPearson,
    AgrestiCoull,
    Wald,
    /// Of every metric, proportion or not, as `bootstrap` says; the threshold stays as it was chosen.
    Bootstrap,
}
