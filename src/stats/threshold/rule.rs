//! How a threshold is chosen.
//!
//! Candidates: −∞, the midpoints between neighbouring distinct scores, and +∞ (as pROC). A midpoint that rounds onto the
//! score it must exclude is moved to the other one, so a candidate always parts the two.
//! Rules: Youden, the largest J = Se + Sp − 1; closest to the top left corner, the smallest (1 − Se)² + (1 − Sp)²;
//! `Sensitivity { at_least }`, the largest specificity among thresholds whose sensitivity is at least that, and
//! `Specificity` the other way round; `Maximum { metric }`, the largest value among the thresholds where the metric has one;
//! `Fixed`, the value itself.
//! Ties: of equally good thresholds the most sensitive is chosen, the one that calls most subjects positive: to miss an
//! event is taken to be the worse error. Youden's J and the distance are compared in whole numbers, so that rounding
//! decides nothing.
//! Assumptions: a threshold chosen on data is optimistic on those data; choose it on the training part.
//! Cost: O(n log n). Row order does not matter: only the counts at distinct scores enter.
//! Edge cases: rules that need both classes report `OneClass`; `at_least` outside [0, 1] is an error (1 is always reached:
//! in the extreme by calling everyone positive).
//! Sources: Youden 1950 (doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3); Perkins and Schisterman 2006
//! (doi:10.1093/aje/kwj063). Oracle: pROC 1.18.0 `coords(x = "best")`.

use super::confusion::ConfusionMatrix;
use super::metric::Metric;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::{Orientation, number};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// How a threshold is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum ThresholdRule {
    /// Largest sensitivity + specificity − 1.
    Youden,
    /// Smallest distance to sensitivity = specificity = 1.
    ClosestTopLeft,
    /// Given in advance.
    Fixed {
        /// The threshold.
        value: f64,
    },
    /// Most specific threshold that is sensitive enough.
    Sensitivity {
        /// The sensitivity to reach.
        at_least: f64,
    },
    /// Most sensitive threshold that is specific enough.
    Specificity {
        /// The specificity to reach.
        at_least: f64,
    },
    /// Largest value of a metric.
    Maximum {
        /// The metric.
        metric: Metric,
    },
}

/// A chosen threshold and what it does on the data that it was chosen on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChosenThreshold {
    /// On the score's own scale. Infinite where calling everyone (or no one) positive is best.
    #[serde(with = "number")]
    pub threshold: f64,
    /// The rule that chose it.
    pub rule: ThresholdRule,
    /// The counts at the threshold.
    pub confusion: ConfusionMatrix,
}

/// Chooses a threshold for `score` by `rule`.
pub fn choose(
    rule: ThresholdRule,
    outcome: &[bool],
    score: &[f64],
    orientation: Orientation,
) -> Result<ChosenThreshold, StatsError> {
    require_same_length("outcome", outcome.len(), "score", score.len())?;
    require_finite("score", score)?;
    if outcome.is_empty() {
        return Err(StatsError::Empty { what: "outcome" });
    }
    if let ThresholdRule::Fixed { value } = rule {
        let confusion = ConfusionMatrix::at(outcome, score, orientation, value)?;
        return Ok(ChosenThreshold { threshold: value, rule, confusion });
    }
    if let ThresholdRule::Sensitivity { at_least } | ThresholdRule::Specificity { at_least } = rule
        && !(0.0..=1.0).contains(&at_least)
    {
        return Err(StatsError::OutOfRange { what: "at_least", value: at_least, expected: "between 0 and 1" });
    }
    let positives = outcome.iter().filter(|event| **event).count();
    let negatives = outcome.len() - positives;
    if (positives == 0 || negatives == 0) && !matches!(rule, ThresholdRule::Maximum { .. }) {
        return Err(StatsError::OneClass { positives, negatives });
    }
    let mut best: Option<ChosenThreshold> = None;
    // From "everyone is positive" on: the first of equals is the most sensitive one.
    for (threshold, confusion) in candidates(outcome, score, orientation) {
        if !eligible(rule, &confusion) {
            continue;
        }
        if best.as_ref().is_none_or(|best| compare(rule, &confusion, &best.confusion) == Ordering::Greater) {
            best = Some(ChosenThreshold { threshold, rule, confusion });
        }
    }
    best.ok_or(StatsError::Undefined { what: "the threshold", why: "the metric has no value at any threshold" })
}

/// Every threshold that parts the data, with its counts, from the one that calls everyone positive to the one that
/// calls no one positive.
fn candidates(outcome: &[bool], score: &[f64], orientation: Orientation) -> Vec<(f64, ConfusionMatrix)> {
    let mut order: Vec<(f64, bool)> =
        score.iter().zip(outcome).map(|(score, event)| (orientation.risk(*score), *event)).collect();
    order.sort_by(|left, right| left.0.total_cmp(&right.0));
    let positives = outcome.iter().filter(|event| **event).count() as u64;
    let mut confusion = ConfusionMatrix {
        true_positives: positives,
        false_positives: outcome.len() as u64 - positives,
        true_negatives: 0,
        false_negatives: 0,
    };
    let mut found = vec![(orientation.risk(f64::NEG_INFINITY), confusion)];
    for (index, (risk, event)) in order.iter().enumerate() {
        if *event {
            confusion.true_positives -= 1;
            confusion.false_negatives += 1;
        } else {
            confusion.false_positives -= 1;
            confusion.true_negatives += 1;
        }
        // On the risk scale the next subject up is the lowest that is still positive.
        match order.get(index + 1) {
            Some((next, _)) if next > risk => found.push((orientation.risk(part(*risk, *next)), confusion)),
            Some(_) => {}
            None => found.push((orientation.risk(f64::INFINITY), confusion)),
        }
    }
    found
}

/// A number in (below, above], their midpoint where that is representable.
fn part(below: f64, above: f64) -> f64 {
    // Halved first: the sum of two large numbers could overflow. The plain mean is exact more often, so it goes first.
    let mean = 0.5 * (below + above);
    let mean = if mean.is_finite() { mean } else { 0.5 * below + 0.5 * above };
    if mean > below { mean } else { above }
}

fn eligible(rule: ThresholdRule, confusion: &ConfusionMatrix) -> bool {
    let reaches = |metric: Metric, at_least: f64| metric.value(confusion).is_some_and(|value| value >= at_least);
    match rule {
        ThresholdRule::Sensitivity { at_least } => reaches(Metric::Sensitivity, at_least),
        ThresholdRule::Specificity { at_least } => reaches(Metric::Specificity, at_least),
        ThresholdRule::Maximum { metric } => metric.value(confusion).is_some(),
        ThresholdRule::Youden | ThresholdRule::ClosestTopLeft | ThresholdRule::Fixed { .. } => true,
    }
}

/// Whether `left` is better than `right`.
fn compare(rule: ThresholdRule, left: &ConfusionMatrix, right: &ConfusionMatrix) -> Ordering {
    match rule {
        ThresholdRule::Youden => scaled_youden(left).cmp(&scaled_youden(right)),
        ThresholdRule::ClosestTopLeft => scaled_distance(right).cmp(&scaled_distance(left)),
        ThresholdRule::Sensitivity { .. } => left.true_negatives.cmp(&right.true_negatives),
        ThresholdRule::Specificity { .. } => left.true_positives.cmp(&right.true_positives),
        ThresholdRule::Maximum { metric } => {
            metric.value(left).partial_cmp(&metric.value(right)).unwrap_or(Ordering::Equal)
        }
        ThresholdRule::Fixed { .. } => Ordering::Equal,
    }
}

/// J · P · N.
fn scaled_youden(confusion: &ConfusionMatrix) -> i128 {
    let product = |left: u64, right: u64| i128::from(left) * i128::from(right);
    product(confusion.true_positives, confusion.negatives()) - product(confusion.false_positives, confusion.positives())
}

/// Squared distance · P² · N². Fits for P·N below 2^63, which is more than any memory holds.
fn scaled_distance(confusion: &ConfusionMatrix) -> u128 {
    let square = |left: u64, right: u64| {
        let product = u128::from(left) * u128::from(right);
        product.saturating_mul(product)
    };
    square(confusion.false_negatives, confusion.negatives())
        .saturating_add(square(confusion.false_positives, confusion.positives()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 6] = [false, false, true, false, true, true];
    const SCORE: [f64; 6] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];

    fn chosen(rule: ThresholdRule) -> f64 {
        choose(rule, &OUTCOME, &SCORE, Orientation::HigherIsRisk).unwrap().threshold
    }

    #[test]
    fn by_hand() {
        // J is 2/3 at 0.25 (Se 1, Sp 2/3) and at 0.45 (Se 2/3, Sp 1): the more sensitive one is taken.
        assert!((chosen(ThresholdRule::Youden) - 0.25).abs() < 1e-15);
        assert!((chosen(ThresholdRule::ClosestTopLeft) - 0.25).abs() < 1e-15);
        assert!((chosen(ThresholdRule::Specificity { at_least: 1.0 }) - 0.45).abs() < 1e-15);
        assert!((chosen(ThresholdRule::Sensitivity { at_least: 0.6 }) - 0.45).abs() < 1e-15);
        assert!((chosen(ThresholdRule::Sensitivity { at_least: 1.0 }) - 0.25).abs() < 1e-15);
        assert!((chosen(ThresholdRule::Maximum { metric: Metric::PositivePredictiveValue }) - 0.45).abs() < 1e-15);
        assert_eq!(chosen(ThresholdRule::Fixed { value: 0.4 }), 0.4);
    }

    #[test]
    fn the_orientation_mirrors_the_threshold() {
        let mirrored: Vec<f64> = SCORE.iter().map(|score| -score).collect();
        for rule in [ThresholdRule::Youden, ThresholdRule::Specificity { at_least: 0.9 }] {
            let higher = choose(rule, &OUTCOME, &SCORE, Orientation::HigherIsRisk).unwrap();
            let lower = choose(rule, &OUTCOME, &mirrored, Orientation::LowerIsRisk).unwrap();
            assert_eq!(higher.threshold, -lower.threshold);
            assert_eq!(higher.confusion, lower.confusion);
            let again = ConfusionMatrix::at(&OUTCOME, &mirrored, Orientation::LowerIsRisk, lower.threshold).unwrap();
            assert_eq!(again, lower.confusion);
        }
    }

    #[test]
    fn neighbouring_doubles_and_extreme_scales_are_parted() {
        let next = f64::from_bits(1.0_f64.to_bits() + 1);
        for (low, high) in
            [(1.0, next), (-next, -1.0), (-f64::MAX, f64::MAX), (0.9 * f64::MAX, f64::MAX), (0.0, 5e-324)]
        {
            for orientation in [Orientation::HigherIsRisk, Orientation::LowerIsRisk] {
                let score = [orientation.risk(low), orientation.risk(high)];
                let best = choose(ThresholdRule::Youden, &[false, true], &score, orientation).unwrap();
                assert!(best.threshold.is_finite());
                assert_eq!((best.confusion.true_positives, best.confusion.true_negatives), (1, 1));
                let again = ConfusionMatrix::at(&[false, true], &score, orientation, best.threshold).unwrap();
                assert_eq!(again, best.confusion);
            }
        }
    }

    #[test]
    fn negative_zero_is_zero() {
        let best =
            choose(ThresholdRule::Youden, &[false, true, true], &[0.0, -0.0, 1.0], Orientation::HigherIsRisk).unwrap();
        let again =
            ConfusionMatrix::at(&[false, true, true], &[0.0, -0.0, 1.0], Orientation::HigherIsRisk, best.threshold);
        assert_eq!(again.unwrap(), best.confusion);
    }

    #[test]
    fn all_tied_and_one_class() {
        let tied = choose(ThresholdRule::Youden, &[true, false], &[1.0, 1.0], Orientation::HigherIsRisk).unwrap();
        assert_eq!((tied.threshold, tied.confusion.true_positives), (f64::NEG_INFINITY, 1));
        assert_eq!(
            choose(ThresholdRule::Youden, &[true, true], &[1.0, 2.0], Orientation::HigherIsRisk),
            Err(StatsError::OneClass { positives: 2, negatives: 0 })
        );
        let rule = ThresholdRule::Sensitivity { at_least: 80.0 };
        assert!(choose(rule, &OUTCOME, &SCORE, Orientation::HigherIsRisk).is_err());
    }
}
