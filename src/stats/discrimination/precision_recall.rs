//! The precision-recall curve, and three numbers that are called the area under it.
//!
//! Estimand: precision (positive predictive value) against recall (sensitivity) over all thresholds. It depends on the
//! prevalence: areas of cohorts with different prevalence are not comparable, and a useless score has the prevalence.
//!
//! Formulas, with points in order of increasing recall R and precision P:
//! - [`average_precision`](PrecisionRecall::average_precision) Σ (R_i − R_{i−1}) P_i: a step function, no interpolation;
//! - [`interpolated_area`](PrecisionRecall::interpolated_area) the area under the curve that is reached by mixing
//!   neighbouring thresholds: false positives linear in true positives (Davis and Goadrich), integrated in closed form;
//! - [`trapezoid_area`](PrecisionRecall::trapezoid_area) straight lines between points, from recall 0 with precision 1:
//!   optimistic, since a straight line in this plane is out of reach; given because papers print it.
//!
//! Thresholds: the distinct scores, from the strictest on; positive when `score >= threshold`
//! ([`Orientation::HigherIsRisk`]) or `score <= threshold` ([`Orientation::LowerIsRisk`]).
//! Inputs, ties, orientation, missing values, row order: as in `auc.rs`.
//!
//! Edge cases: all tied: one point, and average precision and interpolated area are the prevalence; perfect separation:
//! all areas are 1; one positive is enough; one class is an error.
//!
//! Source: Davis and Goadrich 2006, doi:10.1145/1143844.1143874; Keilwagen et al. 2014, doi:10.1371/journal.pone.0092209.
//! Oracle: scikit-learn 1.9.1, `average_precision_score`; the other two by hand.

use super::ranking::rank_scores;
use crate::stats::error::StatsError;
use crate::stats::estimate::Orientation;
use serde::{Deserialize, Serialize};

/// A precision-recall curve and its areas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecall {
    /// From the strictest threshold (lowest recall) to the one that calls everyone positive.
    pub points: Vec<PrecisionRecallPoint>,
    pub average_precision: f64,
    pub interpolated_area: f64,
    pub trapezoid_area: f64,
    pub positives: usize,
    pub negatives: usize,
}

/// What one threshold does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallPoint {
    /// A score of the data, in its unit.
    pub threshold: f64,
    pub precision: f64,
    pub recall: f64,
    pub true_positives: usize,
    pub false_positives: usize,
}

/// The curve of `score`, with every distinct threshold.
pub fn precision_recall(
    outcome: &[bool],
    score: &[f64],
    orientation: Orientation,
) -> Result<PrecisionRecall, StatsError> {
    let ranked = rank_scores(outcome, score, orientation)?;
    let positives = ranked.positives as f64;
    let (mut true_positives, mut false_positives) = (0usize, 0usize);
    let mut points: Vec<PrecisionRecallPoint> = Vec::with_capacity(ranked.groups.len());
    let (mut steps, mut interpolated, mut trapezoids) = (0.0, 0.0, 0.0);
    for group in ranked.groups.iter().rev() {
        let gained = f64::from(group.positives);
        interpolated += mixed_area(
            Called { true_positives: true_positives as f64, false_positives: false_positives as f64 },
            Called { true_positives: gained, false_positives: f64::from(group.negatives) },
        );
        true_positives += group.positives as usize;
        false_positives += group.negatives as usize;
        let precision = true_positives as f64 / (true_positives + false_positives) as f64;
        let previous = points.last().map_or(1.0, |point| point.precision);
        steps += gained * precision;
        trapezoids += gained * 0.5 * (previous + precision);
        points.push(PrecisionRecallPoint {
            threshold: orientation.risk(group.risk),
            precision,
            recall: true_positives as f64 / positives,
            true_positives,
            false_positives,
        });
    }
    Ok(PrecisionRecall {
        points,
        average_precision: steps / positives,
        interpolated_area: interpolated / positives,
        trapezoid_area: trapezoids / positives,
        positives: ranked.positives as usize,
        negatives: ranked.negatives as usize,
    })
}

/// Who is called positive.
struct Called {
    true_positives: f64,
    false_positives: f64,
}

/// ∫ precision d(true positives) while `added` is added in constant proportion to `before`.
fn mixed_area(before: Called, added: Called) -> f64 {
    if added.true_positives == 0.0 {
        return 0.0;
    }
    // With x added true positives, and s false positives for each: ∫ (T + x) / (T + F + (1 + s) x) dx.
    let per_true = 1.0 + added.false_positives / added.true_positives;
    let called = before.true_positives + before.false_positives;
    if called == 0.0 {
        return added.true_positives / per_true;
    }
    // = x / (1 + s) + (T − (T + F) / (1 + s)) / (1 + s) · ln(1 + (1 + s) x / (T + F))
    let excess = before.true_positives - called / per_true;
    (added.true_positives + excess * (per_true * added.true_positives / called).ln_1p()) / per_true
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 6] = [false, false, true, true, true, false];
    const SCORE: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
    const HIGHER: Orientation = Orientation::HigherIsRisk;

    #[test]
    fn by_hand() {
        // Descending: 0.8 (+): 1/1; 0.4 (+ − −): 2/4; 0.35 (+): 3/5; 0.1 (−): 3/6.
        let curve = precision_recall(&OUTCOME, &SCORE, HIGHER).unwrap();
        let precision: Vec<f64> = curve.points.iter().map(|point| point.precision).collect();
        assert_eq!(precision, [1.0, 0.5, 0.6, 0.5]);
        assert_eq!(curve.points[3].threshold, 0.1);
        assert!((curve.average_precision - (1.0 + 0.5 + 0.6) / 3.0).abs() < 1e-15);
        assert!((curve.trapezoid_area - (1.0 + 0.75 + 0.55) / 3.0).abs() < 1e-15);
        // ∫₀¹ (1 + x) / (1 + 3x) dx = 1/3 + (2/9) ln 4; ∫₀¹ (2 + x) / (4 + x) dx = 1 − 2 ln(5/4).
        let area = 1.0 + (1.0 / 3.0 + 2.0 / 9.0 * 4f64.ln()) + (1.0 - 2.0 * 1.25f64.ln());
        assert!((curve.interpolated_area - area / 3.0).abs() < 1e-15);
    }

    #[test]
    fn the_closed_form_is_the_integral() {
        // 3 true and 5 false called before, 4 true and 7 false added: midpoint rule with 10⁵ steps.
        let integral = (0..100_000).fold(0.0, |sum, step| {
            let x = 4.0 * (f64::from(step) + 0.5) / 1e5;
            sum + 4e-5 * (3.0 + x) / (8.0 + x * (1.0 + 7.0 / 4.0))
        });
        let closed = mixed_area(
            Called { true_positives: 3.0, false_positives: 5.0 },
            Called { true_positives: 4.0, false_positives: 7.0 },
        );
        assert!((closed - integral).abs() < 1e-9);
    }

    #[test]
    fn edge_cases() {
        let tied = precision_recall(&[true, false, false, false], &[2.0; 4], HIGHER).unwrap();
        assert_eq!((tied.points.len(), tied.average_precision, tied.interpolated_area), (1, 0.25, 0.25));
        let perfect = precision_recall(&[true, true, false], &[3.0, 2.0, 1.0], HIGHER).unwrap();
        let areas = [perfect.average_precision, perfect.interpolated_area, perfect.trapezoid_area];
        assert_eq!(areas, [1.0; 3]);
        let lower = precision_recall(&[true, true, false], &[1.0, 2.0, 3.0], Orientation::LowerIsRisk).unwrap();
        assert_eq!((lower.average_precision, lower.points[0].threshold), (1.0, 1.0));
    }
}
