//! What came of sample-size questions.

use crate::stats::planning::auc_difference::DetectableDifference;
use crate::stats::planning::auc_precision::AucSampleSize;
use crate::stats::planning::riley::RileySampleSize;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanningAnalysis {
    pub outcome: String,
    pub partition: String,
    /// What the study has in that partition.
    pub n: usize,
    pub events: usize,
    /// The anticipated share of events, and whether it is the observed one.
    pub prevalence: f64,
    pub prevalence_is_observed: bool,
    pub level: f64,
    pub auc_precision: Vec<AucPrecisionRow>,
    pub development: Vec<DevelopmentRow>,
    pub detectable_difference: Vec<DetectableDifferenceRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AucPrecisionRow {
    pub auc: f64,
    pub width: f64,
    pub size: AucSampleSize,
    /// The width that the study's own n gives.
    pub width_here: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DevelopmentRow {
    pub parameters: u32,
    pub cox_snell_r_squared: f64,
    pub shrinkage: f64,
    pub size: RileySampleSize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectableDifferenceRow {
    pub first: String,
    pub second: String,
    pub detectable: DetectableDifference,
}
