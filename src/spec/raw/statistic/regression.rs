//! Logistic regression as an analysis: odds ratios of declared terms.

use super::{RawTerm, default_level, default_true};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Logistic regression of a binary outcome on declared terms: odds ratios of each term alone and of all together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRegression {
    /// A binary outcome.
    pub outcome: String,
    /// The subjects: a partition or a union of partitions.
    pub partition: String,
    /// Variables, or the groups of a kaplan_meier analysis.
    pub terms: Vec<RawTerm>,
    /// Fit each term alone.
    #[serde(default = "default_true")]
    pub univariable: bool,
    /// Fit all terms together.
    #[serde(default = "default_true")]
    pub multivariable: bool,
    /// How coefficients are estimated.
    #[serde(default)]
    pub estimation: RawEstimation,
    /// How intervals are made; Wald's for maximum likelihood, the profile of the penalised likelihood for Firth's when not
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<RawCoefficientInterval>,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawEstimation {
    /// Maximum likelihood. A term that separates the classes has no estimate, and the report says so.
    #[default]
    MaximumLikelihood,
    /// Firth's penalised likelihood, which has an estimate under separation too.
    Firth,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCoefficientInterval {
    /// Estimate ± normal quantile · standard error, on the log odds.
    Wald,
    /// Where the (penalised) profile likelihood falls by half of the χ² quantile.
    Profile,
}
