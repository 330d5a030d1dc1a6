//! What came of comparisons beside that of paired AUCs: of calls at thresholds, between partitions, by reclassification.

use super::DeclaredClaim;
use crate::stats::comparison::non_inferiority::NonInferiority;
use crate::stats::comparison::paired_proportions::PairedCounts;
use crate::stats::reclassification::integrated_discrimination::IntegratedDiscrimination;
use crate::stats::reclassification::net_reclassification::{CategoricalReclassification, NetReclassification};
use crate::stats::{Estimate, Test};
use serde::{Deserialize, Serialize};

/// A test over all models of a partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverallTest {
    pub partition: String,
    /// What is compared: "AUC", "Sensitivity".
    pub measure: String,
    /// How many models.
    pub models: usize,
    pub test: Test,
}

/// Accuracy, sensitivity and specificity of every model against the reference model's, on the same subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricComparison {
    pub outcome: String,
    /// The performance analysis whose thresholds made the calls.
    pub thresholds_of: String,
    pub level: f64,
    pub reference: String,
    /// How P-values were adjusted, and over which family, in words; `None` when they were not.
    pub adjustment: Option<String>,
    /// What the study declared that a model has to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<DeclaredClaim>,
    pub rows: Vec<MetricComparisonRow>,
    /// Cochran's Q, where there are three models or more and they disagree.
    pub overall: Vec<OverallTest>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricComparisonRow {
    pub partition: String,
    /// "Sensitivity"
    pub metric: String,
    /// Compared with [`MetricComparison::reference`].
    pub model: String,
    /// The metric's denominator, the same for both models.
    pub n: usize,
    pub reference_value: f64,
    pub model_value: f64,
    /// Subjects that both models called right, the reference alone, the model alone, neither.
    pub right: PairedCounts,
    /// The model's less the reference's, with its interval.
    pub difference: Estimate,
    pub test: Test,
    pub adjusted_p_value: Option<f64>,
    /// Of the model to the reference, where a margin is declared and the test is defined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_inferiority: Option<NonInferiority>,
    /// Whether what the study declared is shown; `None` where nothing is declared, or the test is not defined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
}

/// Each model's AUC in two partitions of different subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartitionComparison {
    pub outcome: String,
    pub level: f64,
    pub first: String,
    pub second: String,
    pub rows: Vec<PartitionComparisonRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartitionComparisonRow {
    pub model: String,
    pub auc_first: Estimate,
    pub auc_second: Estimate,
    /// AUC in the first less AUC in the second partition.
    pub difference: Estimate,
    pub test: Test,
}

/// Reclassification of subjects by a new model, per partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReclassificationAnalysis {
    pub outcome: String,
    pub old: String,
    pub new: String,
    pub level: f64,
    /// Risks that part the categories; empty where there are none.
    pub cut_points: Vec<f64>,
    pub rows: Vec<ReclassificationRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReclassificationRow {
    pub partition: String,
    pub n: usize,
    pub events: usize,
    /// By categories of risk; `None` without cut points.
    pub categorical: Option<CategoricalReclassification>,
    pub continuous: NetReclassification,
    pub integrated: IntegratedDiscrimination,
}
