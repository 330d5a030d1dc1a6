//! Performance within the levels of variables.

use super::{RawMetric, RawProportionInterval, default_level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Performance of models within the levels of variables, with a test of interaction: is it the same in all levels?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSubgroups {
    /// A binary outcome.
    pub outcome: String,
    /// All models of the outcome when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// The subjects: a partition or a union of partitions.
    pub partition: String,
    /// Variables with levels; a continuous one needs a derived column with its groups.
    pub variables: Vec<String>,
    /// A performance analysis, at whose thresholds the metrics are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds_of: Option<String>,
    /// Metrics within each level, beside the AUC; they need `thresholds_of`.
    #[serde(default)]
    pub metrics: Vec<RawMetric>,
    /// Interval of metrics that are proportions.
    #[serde(default)]
    pub interval: RawProportionInterval,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
}
