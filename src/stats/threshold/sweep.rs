//! What a score does at each of a list of thresholds that do not come from the data.
//!
//! Estimand: none; the numbers of subjects with and without the event that are called positive at each threshold.
//! Classification rule: positive when `score >= threshold` ([`Orientation::HigherIsRisk`]), or when
//! `score <= threshold` ([`Orientation::LowerIsRisk`]), as in [`super::confusion`].
//!
//! Inputs: one outcome and one score per subject; thresholds in the unit of the score, finite, in any order. Ties: a
//! score that equals a threshold is called positive at it. Missing or infinite scores: an error that names the position.
//! One class, one subject: nothing special; no subject: an error. Time O((n + k) log n).
//!
//! Because the thresholds are round numbers and not scores, the counts can be shown where an ROC curve with its
//! thresholds, each of which is a subject's score, cannot.

use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::Orientation;

/// The counts at one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepPoint {
    /// In the unit of the score.
    pub threshold: f64,
    pub true_positives: usize,
    pub false_positives: usize,
}

/// The counts at each threshold, in the order of the thresholds.
pub fn threshold_sweep(
    outcome: &[bool],
    score: &[f64],
    orientation: Orientation,
    thresholds: &[f64],
) -> Result<Vec<SweepPoint>, StatsError> {
    require_same_length("outcome", outcome.len(), "score", score.len())?;
    if outcome.is_empty() {
        return Err(StatsError::Empty { what: "subjects" });
    }
    require_finite("score", score)?;
    require_finite("thresholds", thresholds)?;
    let sorted = |event: bool| {
        let of_class = outcome.iter().zip(score).filter(|(is_event, _)| **is_event == event);
        let mut risks: Vec<f64> = of_class.map(|(_, value)| orientation.risk(*value)).collect();
        risks.sort_by(f64::total_cmp);
        risks
    };
    let (positives, negatives) = (sorted(true), sorted(false));
    let called = |risks: &[f64], threshold: f64| risks.len() - risks.partition_point(|risk| *risk < threshold);
    Ok(thresholds
        .iter()
        .map(|&threshold| {
            let cut = orientation.risk(threshold);
            SweepPoint { threshold, true_positives: called(&positives, cut), false_positives: called(&negatives, cut) }
        })
        .collect())
}

/// About fifty to a hundred and twenty round thresholds, ascending, that span the middle 98 in 100 of the scores: multiples of
/// 1, 2 or 5 times a power of ten. Scores that are probabilities get 0, 0.01, … 1.
///
/// The ends are quantiles rounded outwards to a whole step, so no threshold is a subject's score. All scores equal: the
/// two multiples around that score. Empty or not finite: an error.
pub fn round_thresholds(score: &[f64], is_probability: bool) -> Result<Vec<f64>, StatsError> {
    require_finite("score", score)?;
    if score.is_empty() {
        return Err(StatsError::Empty { what: "scores" });
    }
    if is_probability && score.iter().all(|value| (0.0..=1.0).contains(value)) {
        return Ok((0..=100).map(|hundredth| f64::from(hundredth) / 100.0).collect());
    }
    let mut sorted = score.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |part: f64| sorted[((sorted.len() - 1) as f64 * part).round() as usize];
    let (low, high) = (rank(0.01), rank(0.99));
    let spread = if high > low { high - low } else { low.abs().max(1.0) };
    // The largest of 1, 2, 5 × 10^k that makes at least fifty steps.
    let wanted = spread / 50.0;
    let magnitude = wanted.log10().floor() as i32;
    let factor = [5.0, 2.0, 1.0].into_iter().find(|factor| factor * power(magnitude) <= wanted).unwrap_or(1.0);
    let multiple = |value: f64| {
        if magnitude < 0 { value / (power(-magnitude) / factor) } else { value * (factor * power(magnitude)) }
    };
    let step = factor * power(magnitude);
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    let last = if last > first { last } else { first + 1.0 };
    Ok((0..=(last - first) as usize).map(|at| multiple(first + at as f64)).collect())
}

fn power(exponent: i32) -> f64 {
    10_f64.powi(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores 0.2 0.4 0.4 0.9, events at 0.4 (one of the two) and 0.9. At 0.4: the three scores of 0.4 and more, two of
    /// them events.
    #[test]
    fn counts_by_hand() {
        let outcome = [false, true, false, true];
        let score = [0.2, 0.4, 0.4, 0.9];
        let counts = |orientation, thresholds: &[f64]| -> Vec<(usize, usize)> {
            let points = threshold_sweep(&outcome, &score, orientation, thresholds).unwrap();
            points.iter().map(|point| (point.true_positives, point.false_positives)).collect()
        };
        let higher = counts(Orientation::HigherIsRisk, &[0.0, 0.2, 0.4, 0.41, 0.9, 1.0]);
        assert_eq!(higher, [(2, 2), (2, 2), (2, 1), (1, 0), (1, 0), (0, 0)]);
        let lower = counts(Orientation::LowerIsRisk, &[0.1, 0.2, 0.4, 1.0]);
        assert_eq!(lower, [(0, 0), (0, 1), (1, 2), (2, 2)]);
    }

    #[test]
    fn what_cannot_be_counted_is_an_error() {
        let sweep =
            |outcome: &[bool], score: &[f64]| threshold_sweep(outcome, score, Orientation::HigherIsRisk, &[0.5]);
        assert!(matches!(sweep(&[], &[]), Err(StatsError::Empty { .. })));
        assert!(sweep(&[true], &[f64::NAN]).is_err());
        assert!(sweep(&[true, false], &[0.1]).is_err());
        assert!(round_thresholds(&[], false).is_err());
    }

    #[test]
    fn thresholds_are_round_and_span_the_scores() {
        let hundred = round_thresholds(&[0.031, 0.9], true).unwrap();
        assert_eq!((hundred.len(), hundred[7], hundred[100]), (101, 0.07, 1.0));
        // From −1.237 to 1.618 a step of 0.05 makes 57 parts.
        let decision = round_thresholds(&[-1.237, 0.1, 1.618], false).unwrap();
        assert_eq!((decision[0], decision[1], *decision.last().unwrap()), (-1.25, -1.2, 1.65));
        assert!(decision.windows(2).all(|pair| pair[0] < pair[1]));
        let one_value = round_thresholds(&[3.0; 5], false).unwrap();
        assert!(one_value.first().unwrap() <= &3.0 && one_value.last().unwrap() >= &3.0 && one_value.len() >= 2);
        let large = round_thresholds(&[1_000.0, 91_000.0], false).unwrap();
        assert_eq!((large[0], large[1] - large[0]), (1_000.0, 1_000.0));
    }
}
