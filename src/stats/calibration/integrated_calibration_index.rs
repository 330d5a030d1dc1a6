//! The integrated calibration index and its relatives: distances between predictions and a smooth calibration curve.
//!
//! Estimand: with c(p) the smoothed share of events among subjects of prediction p, the distribution of |p − c(p)| over
//! subjects: its mean (ICI, also called Eavg), median (E50), 90th percentile (E90, quantile type 7) and maximum (Emax).
//! 0 is perfect. All are biased upwards: a smooth of noise is never the diagonal.
//!
//! Curve ([`Smoother`]): [`super::lowess`], span 2/3, no robust iteration, as `rms::val.prob` draws it; or
//! [`super::loess`], a local quadratic with span 3/4, as Austin and Steyerberg's code does. Their values differ somewhat.
//!
//! Input: outcomes (`true` the event), probabilities in [0, 1]. Row order does not matter, bit for bit.
//! Edge case: when all predictions are equal the curve is the share of events.
//!
//! Source: Austin and Steyerberg 2019, doi:10.1002/sim.8281. Oracle: rms 6.5-0 `val.prob` (Eavg, E90, Emax).

use super::check_probabilities;
use super::groups::quantile;
use super::loess::{LoessOptions, loess};
use super::lowess::{LowessOptions, SmoothCurve, lowess};
use crate::stats::error::StatsError;
use serde::{Deserialize, Serialize};

/// Distances between predictions and the calibration curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationDistance {
    /// Mean absolute distance.
    pub ici: f64,
    /// Median.
    pub e50: f64,
    /// 90th percentile.
    pub e90: f64,
    /// Maximum.
    pub e_max: f64,
    /// Subjects.
    pub n: usize,
}

/// How the calibration curve is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Smoother {
    /// A local line, as `rms::val.prob`.
    #[default]
    Lowess,
    /// A local quadratic, as R's `loess`. It may leave [0, 1].
    Loess,
}

/// ICI, E50, E90 and Emax by lowess.
pub fn integrated_calibration_index(outcome: &[bool], probability: &[f64]) -> Result<CalibrationDistance, StatsError> {
    integrated_calibration_index_by(outcome, probability, Smoother::Lowess)
}

/// ICI, E50, E90 and Emax by a given smoother.
pub fn integrated_calibration_index_by(
    outcome: &[bool],
    probability: &[f64],
    smoother: Smoother,
) -> Result<CalibrationDistance, StatsError> {
    let curve = calibration_curve(outcome, probability, smoother)?;
    calibration_distance(&curve.x, &curve.y)
}

/// The smooth calibration curve at the subjects' predictions, ascending.
pub fn calibration_curve(outcome: &[bool], probability: &[f64], smoother: Smoother) -> Result<SmoothCurve, StatsError> {
    check_probabilities(outcome, probability)?;
    let event: Vec<f64> = outcome.iter().map(|event| if *event { 1.0 } else { 0.0 }).collect();
    match smoother {
        Smoother::Lowess => lowess(probability, &event, &LowessOptions { iterations: 0, ..LowessOptions::default() }),
        Smoother::Loess => loess(probability, &event, &LoessOptions::default()),
    }
}

/// The summary for predictions and the risks that a curve gives at them.
pub fn calibration_distance(predicted: &[f64], smoothed: &[f64]) -> Result<CalibrationDistance, StatsError> {
    crate::stats::error::require_same_length("predicted", predicted.len(), "smoothed", smoothed.len())?;
    let mut distance: Vec<f64> = predicted.iter().zip(smoothed).map(|(p, c)| (p - c).abs()).collect();
    crate::stats::error::require_finite("distance", &distance)?;
    distance.sort_unstable_by(f64::total_cmp);
    let Some(e_max) = distance.last().copied() else {
        return Err(StatsError::Empty { what: "predicted" });
    };
    let n = distance.len();
    Ok(CalibrationDistance {
        ici: distance.iter().sum::<f64>() / n as f64,
        e50: quantile(&distance, 0.5),
        e90: quantile(&distance, 0.9),
        e_max,
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_predictions_are_compared_with_the_share_of_events() {
        let result = integrated_calibration_index(&[true, false, false, false], &[0.5; 4]).unwrap();
        // Window ⌊8/3⌋ = 2 points, but all four are at distance 0 and count: the curve is ¼.
        assert_eq!((result.ici, result.e50, result.e90, result.e_max), (0.25, 0.25, 0.25, 0.25));
    }

    #[test]
    fn both_smoothers_see_a_constant_excess() {
        // Every prediction is 0.2 above the share of events among its neighbours.
        let n = 400;
        let probability: Vec<f64> = (0..n).map(|i| 0.4 + 0.5 * f64::from(i) / f64::from(n)).collect();
        let mut owed = 0.0;
        let outcome: Vec<bool> = probability
            .iter()
            .map(|p| {
                owed += p - 0.2;
                let event = owed >= 0.5;
                if event {
                    owed -= 1.0;
                }
                event
            })
            .collect();
        for smoother in [Smoother::Lowess, Smoother::Loess] {
            let result = integrated_calibration_index_by(&outcome, &probability, smoother).unwrap();
            assert!((result.ici - 0.2).abs() < 0.01, "{smoother:?} {result:?}");
        }
    }

    #[test]
    fn distances_by_hand() {
        // Distances 0.1, 0.2, 0.3: mean 0.2, median 0.2, 90th percentile 0.2 + 0.8·0.1.
        let result = calibration_distance(&[0.1, 0.5, 0.9], &[0.2, 0.3, 0.6]).unwrap();
        assert!((result.ici - 0.2).abs() < 1e-15 && (result.e90 - 0.28).abs() < 1e-15);
    }
}
