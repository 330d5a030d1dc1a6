//! Does the new model move subjects to where they belong?

use super::default_level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Net reclassification improvement (categorical and continuous) and integrated discrimination improvement of a new model
/// over an old one. Their known caveat is printed beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawReclassification {
    /// A binary outcome.
    pub outcome: String,
    /// The model that is there already; it gives probabilities.
    pub old: String,
    /// The model that is to be better; it gives probabilities.
    pub new: String,
    /// Partitions or unions of them.
    pub partitions: Vec<String>,
    /// Risks that part the categories, ascending, each in the higher category; without them only the continuous measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_points: Vec<f64>,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
}
