//! Are the subjects of two partitions alike?

use super::{RawCategoricalTest, RawContinuousTest, default_true};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characteristics of the subjects of one partition beside those of another: training against test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSetComparison {
    /// The two partitions; no part of the split may be in both.
    pub partitions: [String; 2],
    /// The rows of the table.
    pub variables: Vec<String>,
    /// Binary outcomes whose share is compared too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<String>,
    /// How continuous variables are compared.
    #[serde(default)]
    pub continuous_test: RawContinuousTest,
    /// How variables with levels are compared.
    #[serde(default)]
    pub categorical_test: RawCategoricalTest,
    /// A column with standardised mean differences.
    #[serde(default = "default_true")]
    pub differences: bool,
}
