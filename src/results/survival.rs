//! Cox prediction models and how they perform: what their fit says, and discrimination, calibration, overall error and
//! utility of the predicted risk by a horizon.

use super::{HorizonTallies, ProportionalHazardsRow};
use crate::stats::{Estimate, Test};
use serde::{Deserialize, Serialize};

/// What was estimated on the training part to turn a continuous variable into columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncodingFacts {
    pub variable: String,
    /// Values beyond these count as these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// Of a restricted cubic spline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub knots: Vec<f64>,
}

/// A Cox model as fitted on the training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxModelFacts {
    pub n: usize,
    pub events: usize,
    /// "Efron", "Breslow"
    pub ties: String,
    /// In the order of [`super::ModelFacts::coefficients`].
    pub terms: Vec<CoxTermFacts>,
    pub likelihood_ratio: Test,
    pub wald: Test,
    pub score: Test,
    /// Harrell's C in the training part; Somers' Dxy is 2 C - 1.
    pub concordance: Option<Estimate>,
    /// One test per variable and one of all, by scaled Schoenfeld residuals; empty where the data are too few.
    pub proportional_hazards: Vec<ProportionalHazardsRow>,
    /// "time", "the rank of time": with what the coefficients may change under the alternative of these tests.
    pub hazards_change_with: String,
    /// Survival of a subject whose linear predictor is 0, that is, with all columns at `means`.
    pub baseline: Vec<BaselinePoint>,
    /// Of the columns, in the order of the terms: the linear predictor is the sum of β (x - mean).
    pub means: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxTermFacts {
    pub variable: String,
    /// The level of a categorical variable, or the term of a spline.
    pub level: Option<String>,
    pub coefficient: f64,
    pub standard_error: f64,
    /// Coefficient over standard error.
    pub z: f64,
    #[serde(with = "crate::stats::estimate::number")]
    pub p_value: f64,
    pub hazard_ratio: Estimate,
}

/// The baseline at a time, in the outcome's reported unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselinePoint {
    pub time: f64,
    pub cumulative_hazard: f64,
    pub survival: f64,
}

/// How the models of a survival outcome perform, per model and partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalPerformance {
    pub outcome: String,
    pub level: f64,
    /// The time by which the event is predicted, in the outcome's reported unit.
    pub horizon: f64,
    /// The time of AUC and Brier score.
    pub weighted_at: f64,
    /// "3 knots, converged": how the smooth calibration curve was fitted.
    pub curve_says: String,
    pub rows: Vec<SurvivalPerformanceRow>,
    /// Paired differences from the reference model; empty without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<SurvivalComparisonRow>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SurvivalPerformanceRow {
    pub model: String,
    pub partition: String,
    pub n: usize,
    pub events: usize,
    pub harrell_c: Option<Estimate>,
    pub uno_c: Option<Estimate>,
    /// Cumulative cases against dynamic controls.
    pub auc: Option<Estimate>,
    /// 1 - Kaplan-Meier at the horizon.
    pub observed: Option<Estimate>,
    /// Mean predicted risk by the horizon.
    pub expected: Option<f64>,
    pub observed_expected_ratio: Option<Estimate>,
    /// Coefficient of the linear predictor in a Cox model of the partition.
    pub slope: Option<Estimate>,
    /// Observed over expected events, and slope, over the whole follow-up, by Poisson regression.
    pub observed_expected_follow_up: Option<Estimate>,
    pub slope_follow_up: Option<Estimate>,
    /// Distances of predicted risk from the smooth curve.
    pub calibration_distance: Option<CalibrationDistanceFacts>,
    pub brier: Option<Estimate>,
    /// Of a model that gives everybody the Kaplan-Meier risk.
    pub null_brier: Option<f64>,
    /// Index of prediction accuracy: 1 - Brier / null Brier.
    pub scaled_brier: Option<f64>,
    /// Bootstrap intervals of what has no other; absent where no bootstrap was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resampled: Option<ResampledFacts>,
    /// At the declared thresholds.
    pub net_benefit: Vec<SurvivalNetBenefit>,
    pub decision_curve: Vec<SurvivalDecisionPoint>,
    /// Groups of predicted risk with their observed risk.
    pub groups: Vec<super::CalibrationGroup>,
    /// The smooth curve, on a grid of predicted risks.
    pub curve: Vec<CalibrationCurveFacts>,
    /// What is absent above, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undefined: Vec<Undefined>,
    #[serde(default, skip_serializing_if = "HorizonTallies::is_empty")]
    pub tallies: HorizonTallies,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationDistanceFacts {
    /// Mean, median, 90th percentile and maximum of |predicted - smoothed| over subjects.
    pub ici: f64,
    pub e50: f64,
    pub e90: f64,
    pub e_max: f64,
}

/// The measure of all subjects with its bootstrap interval; absent where it is not defined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResampledFacts {
    pub ici: Option<Estimate>,
    pub e50: Option<Estimate>,
    pub e90: Option<Estimate>,
    pub scaled_brier: Option<Estimate>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalNetBenefit {
    pub threshold: f64,
    pub acted_on: usize,
    pub net_benefit: Estimate,
    pub treat_all: f64,
    /// Unset where those acted on were not followed to the horizon.
    pub followed_to_horizon: bool,
}

/// A point of a decision curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalDecisionPoint {
    pub threshold: f64,
    pub acted_on: usize,
    pub net_benefit: f64,
    pub treat_all: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationCurveFacts {
    pub predicted: f64,
    /// Smoothed risk with its pointwise interval.
    pub observed: Estimate,
}

/// A measure that a model or a partition does not allow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undefined {
    pub measure: String,
    pub why: String,
}

/// A model less the reference, on the same subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalComparisonRow {
    pub model: String,
    pub partition: String,
    pub harrell_c: Option<DifferenceFacts>,
    pub uno_c: Option<DifferenceFacts>,
    pub auc: Option<DifferenceFacts>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DifferenceFacts {
    pub difference: Estimate,
    /// Absent where both scores rank all subjects alike.
    pub test: Option<Test>,
}

/// Characteristics of the subjects of each partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Characteristics {
    pub partitions: Vec<CharacteristicsColumn>,
    pub rows: Vec<CharacteristicsRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CharacteristicsColumn {
    pub partition: String,
    pub n: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CharacteristicsRow {
    pub variable: String,
    /// One per partition.
    pub cells: Vec<Description>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "description", rename_all = "snake_case")]
pub enum Description {
    MeanSd {
        n: usize,
        missing: usize,
        mean: f64,
        /// Absent for a single value.
        sd: Option<f64>,
    },
    MedianQuartiles {
        n: usize,
        missing: usize,
        median: f64,
        lower_quartile: f64,
        upper_quartile: f64,
    },
    MedianRange {
        n: usize,
        missing: usize,
        median: f64,
        /// Absent where they are withheld.
        smallest: Option<f64>,
        largest: Option<f64>,
    },
    /// One count per level, in the order of the variable's levels.
    Counts {
        n: usize,
        missing: usize,
        counts: Vec<usize>,
    },
    /// No subject has a value.
    Empty {
        missing: usize,
    },
}
