//! Observed against expected events: calibration in the large as a ratio.
//!
//! Estimand: O/E, the number of events over the sum of predicted probabilities; 1 is perfect, above 1 the model predicts
//! too little.
//!
//! Interval: on the logarithm, with Var ln(O/E) = (1 − π)/O, π = O/n the share of events (the predictions are taken as
//! given): O/E · exp(±z √((1 − π)/O)).
//!
//! Input: outcomes (`true` the event), probabilities in [0, 1]. Row order does not matter, bit for bit.
//! Edge cases: with no event the ratio is 0, without interval; when every subject has the event the interval has no
//! width; when all predictions are 0 the ratio is [`StatsError::Undefined`].
//!
//! Source: Debray et al. 2017, doi:10.1136/bmj.i6460. Oracle: the ratio in R 4.2.2.

use super::check_probabilities;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// Observed and expected events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservedExpected {
    /// Observed events.
    pub observed: usize,
    /// Σ predicted probability.
    pub expected: f64,
    /// Observed over expected; its standard error is that of the logarithm and is not given here.
    pub ratio: Estimate,
}

/// The ratio of observed to expected events.
pub fn observed_expected_ratio(
    outcome: &[bool],
    probability: &[f64],
    level: f64,
) -> Result<ObservedExpected, StatsError> {
    check_probabilities(outcome, probability)?;
    require_level(level)?;
    let mut sorted = probability.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let expected: f64 = sorted.iter().sum();
    if expected == 0.0 {
        return Err(StatsError::Undefined { what: "O/E", why: "the predicted probabilities sum to zero" });
    }
    let observed = outcome.iter().filter(|event| **event).count();
    let events = observed as f64;
    let value = events / expected;
    let mut ratio = Estimate::new(value, outcome.len());
    if observed > 0 {
        let factor = (normal_critical(level) * ((1.0 - events / outcome.len() as f64) / events).sqrt()).exp();
        ratio = ratio.with_interval(value / factor, value * factor, level, "log normal");
    }
    Ok(ObservedExpected { observed, expected, ratio })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // 2 of 4 events, expected 1.6: ratio 1.25, Var ln = (1 − ½)/2 = ¼.
        let result = observed_expected_ratio(&[true, false, true, false], &[0.4; 4], 0.95).unwrap();
        assert!((result.ratio.value - 1.25).abs() < 1e-15);
        let interval = result.ratio.interval.unwrap();
        let factor = (0.5f64 * 1.959_963_984_540_054).exp();
        assert!((interval.lower - 1.25 / factor).abs() < 1e-12 && (interval.upper - 1.25 * factor).abs() < 1e-12);
    }

    #[test]
    fn no_event_is_zero_without_limits_and_no_expectation_is_undefined() {
        let none = observed_expected_ratio(&[false, false], &[0.2, 0.3], 0.95).unwrap();
        assert_eq!((none.ratio.value, none.ratio.interval), (0.0, None));
        assert!(observed_expected_ratio(&[true], &[0.0], 0.95).is_err());
    }
}
