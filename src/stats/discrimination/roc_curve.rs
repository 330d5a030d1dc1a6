//! The receiver operating characteristic curve: sensitivity and specificity at every distinct cut of a score.
//!
//! Classification rule: positive when `score >= threshold` ([`Orientation::HigherIsRisk`]), or when
//! `score <= threshold` ([`Orientation::LowerIsRisk`]). Thresholds are those of pROC: midpoints between neighbouring
//! distinct scores, with both infinities at the ends, in the unit of the score. (Where two scores are so close that the
//! midpoint rounds to the one that must stay negative, the other one is the threshold.) A midpoint is not a score of
//! the data, so `>=` and `>` give the same curve.
//!
//! Order of the points: from the threshold that calls everyone positive (sensitivity 1, specificity 0) to the one that
//! calls nobody positive (0, 1): ascending thresholds when higher is risk, descending when lower is.
//! There is one point more than there are distinct scores; none is dropped, collinear or not.
//!
//! Ties: subjects with one score move together. Missing or infinite scores: an error that names the position.
//! One positive, all scores tied (two points), perfect separation: nothing special. One class: an error.
//!
//! Source: Zweig and Campbell 1993, doi:10.1093/clinchem/39.4.561.
//! Oracle: pROC 1.18.0, `roc(...)$thresholds`, `coords(r, x, input = 'specificity')`.

use super::ranking::rank_scores;
use crate::stats::error::StatsError;
use crate::stats::estimate::Orientation;
use serde::{Deserialize, Serialize};

/// A receiver operating characteristic curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocCurve {
    /// From sensitivity 1 (everyone is called positive) to sensitivity 0.
    pub points: Vec<RocPoint>,
    pub positives: usize,
    pub negatives: usize,
}

/// What one threshold does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// In the unit of the score; infinite at the ends of the curve.
    #[serde(with = "crate::stats::estimate::number")]
    pub threshold: f64,
    pub sensitivity: f64,
    pub specificity: f64,
    pub true_positives: usize,
    pub false_positives: usize,
}

/// The curve of `score`, with every distinct threshold.
pub fn roc_curve(outcome: &[bool], score: &[f64], orientation: Orientation) -> Result<RocCurve, StatsError> {
    let ranked = rank_scores(outcome, score, orientation)?;
    let (positives, negatives) = (ranked.positives as usize, ranked.negatives as usize);
    let (mut true_positives, mut false_positives) = (positives, negatives);
    let mut previous = f64::NEG_INFINITY;
    let mut points = Vec::with_capacity(ranked.groups.len() + 1);
    let mut push = |lower: f64, upper: f64, true_positives: usize, false_positives: usize| {
        points.push(RocPoint {
            // Turning twice gives the score's own sign back.
            threshold: orientation.risk(cut_between(lower, upper)),
            sensitivity: true_positives as f64 / positives as f64,
            specificity: (negatives - false_positives) as f64 / negatives as f64,
            true_positives,
            false_positives,
        });
    };
    for group in &ranked.groups {
        push(previous, group.risk, true_positives, false_positives);
        true_positives -= group.positives as usize;
        false_positives -= group.negatives as usize;
        previous = group.risk;
    }
    push(previous, f64::INFINITY, true_positives, false_positives);
    Ok(RocCurve { points, positives, negatives })
}

/// A value above `lower` and not above `upper`: their midpoint where that is possible.
fn cut_between(lower: f64, upper: f64) -> f64 {
    let sum = lower + upper;
    // The sum of two finite scores can overflow; an infinite end is meant to stay infinite.
    let overflows = sum.is_infinite() && lower.is_finite() && upper.is_finite();
    let midpoint = if overflows { 0.5 * lower + 0.5 * upper } else { 0.5 * sum };
    if midpoint > lower {
        midpoint
    } else if lower == f64::NEG_INFINITY {
        lower
    } else {
        upper
    }
}

impl RocCurve {
    /// The sensitivity at `specificity` (from 0 to 1), linear between the points of the curve; where the curve is
    /// vertical, the highest.
    pub fn sensitivity_at(&self, specificity: f64) -> Result<f64, StatsError> {
        require_proportion("specificity", specificity)?;
        Ok(highest_at(&self.points, specificity, |point| point.specificity, |point| point.sensitivity))
    }

    /// The specificity at `sensitivity` (from 0 to 1), linear between the points of the curve; where the curve is
    /// horizontal, the highest.
    pub fn specificity_at(&self, sensitivity: f64) -> Result<f64, StatsError> {
        require_proportion("sensitivity", sensitivity)?;
        Ok(highest_at(&self.points, sensitivity, |point| point.sensitivity, |point| point.specificity))
    }
}

fn require_proportion(what: &'static str, value: f64) -> Result<(), StatsError> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(StatsError::OutOfRange { what, value, expected: "between 0 and 1" })
    }
}

/// The largest y at x on the broken line through the points, along which x and y are monotone.
fn highest_at(points: &[RocPoint], at: f64, x: impl Fn(&RocPoint) -> f64, y: impl Fn(&RocPoint) -> f64) -> f64 {
    points.windows(2).fold(f64::NEG_INFINITY, |highest, ends| {
        let (x0, x1, y0, y1) = (x(&ends[0]), x(&ends[1]), y(&ends[0]), y(&ends[1]));
        let here = if at == x0 && at == x1 {
            y0.max(y1)
        } else if at == x0 {
            y0
        } else if at == x1 {
            y1
        } else if (x0 < at) == (at < x1) {
            y0 + (y1 - y0) * ((at - x0) / (x1 - x0))
        } else {
            return highest;
        };
        highest.max(here)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 6] = [false, false, true, true, true, false];
    const SCORE: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];

    #[test]
    fn the_last_point_of_a_horizontal_end_counts() {
        // The highest score is of a subject without the event: at sensitivity 0 the curve goes on to specificity 1.
        let curve = roc_curve(&[true, false], &[1.0, 2.0], Orientation::HigherIsRisk).unwrap();
        assert_eq!(curve.specificity_at(0.0).unwrap(), 1.0);
        assert_eq!(curve.sensitivity_at(0.0).unwrap(), 1.0);
    }

    #[test]
    fn points_by_hand() {
        // Ascending: 0.1 (−), 0.35 (+), 0.4 (+ − −), 0.8 (+).
        let curve = roc_curve(&OUTCOME, &SCORE, Orientation::HigherIsRisk).unwrap();
        let counts: Vec<_> = curve.points.iter().map(|point| (point.true_positives, point.false_positives)).collect();
        assert_eq!(counts, [(3, 3), (3, 2), (2, 2), (1, 0), (0, 0)]);
        assert_eq!(curve.points[0].threshold, f64::NEG_INFINITY);
        assert_eq!(curve.points[2].threshold, 0.375);
        assert_eq!(curve.points[4].threshold, f64::INFINITY);
        assert_eq!(curve.points[3].specificity, 1.0);
        // Between (specificity 1/3, sensitivity 2/3) and (1, 1/3): at 0.8 it is 2/3 − 0.7 / 3.
        assert!((curve.sensitivity_at(0.8).unwrap() - 1.3 / 3.0).abs() < 1e-15);
        // The curve is horizontal in specificity at sensitivity 1: 0 to 1/3.
        assert_eq!(curve.specificity_at(1.0).unwrap(), 1.0 / 3.0);
        assert!(curve.specificity_at(1.5).is_err() && curve.sensitivity_at(f64::NAN).is_err());
    }

    #[test]
    fn a_turned_score_has_the_same_curve_with_thresholds_turned() {
        let turned: Vec<f64> = SCORE.iter().map(|value| -value).collect();
        let higher = roc_curve(&OUTCOME, &SCORE, Orientation::HigherIsRisk).unwrap();
        let lower = roc_curve(&OUTCOME, &turned, Orientation::LowerIsRisk).unwrap();
        for (a, b) in higher.points.iter().zip(&lower.points) {
            assert_eq!((a.threshold, a.sensitivity, a.specificity), (-b.threshold, b.sensitivity, b.specificity));
        }
    }

    #[test]
    fn every_threshold_reproduces_its_counts() {
        // Neighbouring doubles, whose midpoint rounds to one of them, and sums that overflow.
        let score = [1.0, 1.0 + f64::EPSILON, 1.0 + 2.0 * f64::EPSILON, f64::MAX, 0.9 * f64::MAX, -f64::MAX];
        for orientation in [Orientation::HigherIsRisk, Orientation::LowerIsRisk] {
            for point in roc_curve(&OUTCOME, &score, orientation).unwrap().points {
                let called = |value: f64| orientation.risk(value) >= orientation.risk(point.threshold);
                let count =
                    |class: bool| OUTCOME.iter().zip(&score).filter(|(y, s)| **y == class && called(**s)).count();
                assert_eq!((count(true), count(false)), (point.true_positives, point.false_positives), "{point:?}");
            }
        }
    }

    #[test]
    fn all_tied_has_two_points() {
        let curve = roc_curve(&[true, false], &[0.5, 0.5], Orientation::HigherIsRisk).unwrap();
        assert_eq!(curve.points.len(), 2);
        assert_eq!(curve.sensitivity_at(0.5).unwrap(), 0.5);
    }
}
