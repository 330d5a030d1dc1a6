//! What came of the analysis of performance within levels of variables.

use super::MetricFacts;
use crate::stats::{Estimate, Test};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubgroupAnalysis {
    pub outcome: String,
    pub partition: String,
    pub level: f64,
    pub models: Vec<String>,
    pub variables: Vec<String>,
    /// Metrics at the models' thresholds, beside the AUC.
    pub metrics: Vec<MetricFacts>,
    /// The performance analysis whose thresholds apply.
    pub thresholds_of: Option<String>,
    /// All subjects first, then the levels of each variable in their order; each for every model.
    pub rows: Vec<SubgroupRow>,
    pub interactions: Vec<SubgroupInteraction>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubgroupRow {
    pub model: String,
    /// `None` for all subjects of the partition.
    pub variable: Option<String>,
    pub level: Option<String>,
    pub n: usize,
    pub events: usize,
    /// `None` where the level has one class only.
    pub auc: Option<Estimate>,
    /// In the order of [`SubgroupAnalysis::metrics`]; `None` where the denominator is zero.
    pub metrics: Vec<Option<Estimate>>,
}

/// Is it the same in all levels of a variable?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubgroupInteraction {
    pub model: String,
    pub variable: String,
    /// Subjects whose level is not known.
    pub missing: usize,
    /// Heterogeneity of the AUCs; `None` where fewer than two levels have one with a standard error.
    pub auc: Option<Test>,
    /// In the order of [`SubgroupAnalysis::metrics`]: equality of the proportions; `None` for what is no proportion.
    pub metrics: Vec<Option<Test>>,
}
