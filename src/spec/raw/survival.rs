//! Settings of the performance of survival models, and of tables that describe partitions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDescription {
    MeanSd,
    MedianQuartiles,
    /// Median, smallest and largest value: the last two are those of single subjects.
    MedianRange,
}

/// Thresholds from one to another in equal steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawThresholdRange {
    pub from: f64,
    pub to: f64,
    pub step: f64,
}

impl Default for RawThresholdRange {
    fn default() -> Self {
        Self { from: 0.01, to: 0.99, step: 0.01 }
    }
}

impl RawThresholdRange {
    /// The thresholds, both ends included. They are multiples of the step, not sums of it.
    pub fn thresholds(&self) -> Vec<f64> {
        let steps = ((self.to - self.from) / self.step + 1e-9).floor() as usize;
        // Rounded to nine decimals, so that 29 steps of 0.01 are 0.29.
        (0..=steps).map(|step| ((self.from + step as f64 * self.step) * 1e9).round() / 1e9).collect()
    }
}

/// A second Cox model of the outcome on a restricted cubic spline of ln(-ln(1 - predicted risk)).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCalibrationCurve {
    /// Knots of the spline.
    #[schemars(range(min = 3, max = 10))]
    pub knots: usize,
    /// Relative change of the log-likelihood at which that model stops. The default is convergence; `rms::cph` stops at
    /// 1e-4, one step early, so that figures that were published with it come out to the last digit with 1e-4 only.
    #[schemars(range(min = 1e-15, max = 1e-2))]
    pub tolerance: f64,
}

impl Default for RawCalibrationCurve {
    fn default() -> Self {
        Self { knots: 3, tolerance: 1e-12 }
    }
}

/// Bootstrap over the subjects of a partition, the models as they are: percentile intervals of measures that have no
/// formula for theirs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSurvivalBootstrap {
    #[schemars(range(min = 100, max = 100000))]
    pub replicates: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRatioInterval {
    /// The number of events by the horizon, taken as Poisson.
    #[default]
    Events,
    /// Greenwood's standard error of the observed risk.
    KaplanMeier,
}
