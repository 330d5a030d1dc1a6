//! How much of the apparent performance is optimism.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bootstrap correction for optimism of logistic and Cox models: each replicate repeats the whole development, choice of
/// predictors included, on a sample of the training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOptimism {
    /// A binary outcome, or one of survival.
    pub outcome: String,
    /// All logistic or Cox models of the outcome when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// Bootstrap samples.
    #[serde(default = "default_replicates")]
    #[schemars(range(min = 20, max = 100000))]
    pub replicates: usize,
}

fn default_replicates() -> usize {
    200
}
