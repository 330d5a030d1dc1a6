//! Is the study large enough, and how large would the next one have to be?

use super::default_level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sample size: for an AUC of a declared precision, for developing a model (Riley's criteria), and the smallest difference
/// of two AUCs that this study could detect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPlanning {
    /// A binary outcome.
    pub outcome: String,
    /// Its share of events is taken from this partition, and its n is what the sample sizes are held against.
    pub partition: String,
    /// The share of events, where another than the observed one is anticipated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub prevalence: Option<f64>,
    /// Anticipated AUCs, each with the width that its interval shall not exceed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auc_precision: Vec<RawAucPrecision>,
    /// Models to be developed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub development: Vec<RawDevelopment>,
    /// Pairs of this study's models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detectable_difference: Vec<RawDetectableDifference>,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAucPrecision {
    /// The anticipated AUC.
    #[schemars(range(min = 0.5, max = 0.999))]
    pub auc: f64,
    /// From the lower to the upper limit of its interval.
    #[schemars(range(min = 0.001, max = 1.0))]
    pub width: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDevelopment {
    /// Candidate parameters: columns of the design, before any selection.
    #[schemars(range(min = 1))]
    pub parameters: u32,
    /// The anticipated R² of Nagelkerke, or …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub nagelkerke_r_squared: Option<f64>,
    /// … that of Cox and Snell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub cox_snell_r_squared: Option<f64>,
    /// The expected shrinkage factor that is aimed at.
    #[serde(default = "default_shrinkage")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub shrinkage: f64,
}

fn default_shrinkage() -> f64 {
    0.9
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDetectableDifference {
    /// The two models, whose AUCs are compared on the same subjects.
    pub models: [String; 2],
    /// The chance to find the difference.
    #[serde(default = "default_power")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub power: f64,
    /// A difference for which n is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 1.0))]
    pub difference: Option<f64>,
}

fn default_power() -> f64 {
    0.8
}
