//! The area under a part of the ROC curve, plain and standardised after McClish.
//!
//! Estimand: ∫ sensitivity d(specificity) over a range of specificity, or ∫ specificity d(sensitivity) over a range of
//! sensitivity. The curve is linear between its points (so a tie counts one half, as in the full area).
//!
//! Formula of the standardised area: ½ [1 + (A − A_min) / (A_max − A_min)], with A_max the width of the range and A_min
//! the area under the chance diagonal there. It is 1 for a perfect curve and ½ for the diagonal whatever the range.
//! Below the diagonal it is less than ½, as in scikit-learn; pROC gives NA there.
//!
//! Range: `lower` < `upper`, both in [0, 1]. A false-positive rate up to 0.1 is a specificity from 0.9 to 1.
//! Inputs, ties, orientation, missing values, row order: as in `auc.rs`.
//!
//! Edge cases: the range [0, 1] gives the AUC; one positive is enough; a range of no width is an error.
//!
//! Source: McClish 1989, doi:10.1177/0272989X8900900307.
//! Oracle: pROC 1.18.0, `auc(r, partial.auc = c(1, 0.9), partial.auc.focus = 'specificity', partial.auc.correct = TRUE)`;
//! scikit-learn 1.9.1, `roc_auc_score(y, s, max_fpr = 0.1)`.

use super::roc_curve::{RocPoint, roc_curve};
use crate::stats::error::StatsError;
use crate::stats::estimate::Orientation;
use serde::{Deserialize, Serialize};

/// What the range is a range of; the area is that of the other over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialAucAxis {
    Specificity,
    Sensitivity,
}

/// A part of the ROC curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartialAucRange {
    pub axis: PartialAucAxis,
    pub lower: f64,
    pub upper: f64,
}

/// The area under a part of the ROC curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartialAuc {
    /// Between 0 and the width of the range.
    pub area: f64,
    /// Standardised after McClish: 1 for a perfect curve, ½ on the diagonal.
    pub standardised: f64,
    pub range: PartialAucRange,
}

/// The partial area of `score` over `range`.
pub fn partial_auc(
    outcome: &[bool],
    score: &[f64],
    orientation: Orientation,
    range: PartialAucRange,
) -> Result<PartialAuc, StatsError> {
    let PartialAucRange { axis, lower, upper } = range;
    for bound in [lower, upper] {
        if !(0.0..=1.0).contains(&bound) {
            return Err(StatsError::OutOfRange {
                what: "bound of a partial AUC",
                value: bound,
                expected: "between 0 and 1",
            });
        }
    }
    if lower >= upper {
        return Err(StatsError::OutOfRange {
            what: "upper bound of a partial AUC",
            value: upper,
            expected: "above the lower bound",
        });
    }
    let curve = roc_curve(outcome, score, orientation)?;
    let along = |point: &RocPoint| match axis {
        PartialAucAxis::Specificity => PlanePoint { x: point.specificity, y: point.sensitivity },
        PartialAucAxis::Sensitivity => PlanePoint { x: point.sensitivity, y: point.specificity },
    };
    let area = curve
        .points
        .windows(2)
        .fold(0.0, |sum, ends| sum + area_within(along(&ends[0]), along(&ends[1]), lower, upper));
    let width = upper - lower;
    // Under the diagonal y = 1 − x.
    let chance = width * (1.0 - 0.5 * (lower + upper));
    Ok(PartialAuc { area, standardised: 0.5 * (1.0 + (area - chance) / (width - chance)), range })
}

#[derive(Clone, Copy)]
struct PlanePoint {
    x: f64,
    y: f64,
}

/// The area under the segment between two points, as far as x lies between the bounds.
fn area_within(first: PlanePoint, second: PlanePoint, lower: f64, upper: f64) -> f64 {
    let (left, right) = if first.x <= second.x { (first, second) } else { (second, first) };
    let (start, end) = (left.x.max(lower), right.x.min(upper));
    if start >= end {
        return 0.0;
    }
    let height = |x: f64| {
        if x == left.x {
            left.y
        } else if x == right.x {
            right.y
        } else {
            left.y + (right.y - left.y) * ((x - left.x) / (right.x - left.x))
        }
    };
    (end - start) * 0.5 * (height(start) + height(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 6] = [false, false, true, true, true, false];
    const SCORE: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];

    fn partial(axis: PartialAucAxis, lower: f64, upper: f64) -> Result<PartialAuc, StatsError> {
        partial_auc(&OUTCOME, &SCORE, Orientation::HigherIsRisk, PartialAucRange { axis, lower, upper })
    }

    #[test]
    fn by_hand() {
        // In specificity the curve falls from (1/3, 2/3) to (1, 1/3): at 0.9 it is 1/3 + 0.05.
        let high = partial(PartialAucAxis::Specificity, 0.9, 1.0).unwrap();
        assert!((high.area - 0.1 * (1.0 / 3.0 + 0.025)).abs() < 1e-15);
        // Chance area 0.1 · 0.05: ½ (1 + (0.035833… − 0.005) / 0.095).
        assert!((high.standardised - 0.5 * (1.0 + (0.1 * (1.0 / 3.0 + 0.025) - 0.005) / 0.095)).abs() < 1e-14);
        // From sensitivity 2/3 upwards the specificity is 1/3.
        let sensitive = partial(PartialAucAxis::Sensitivity, 0.8, 1.0).unwrap();
        assert!((sensitive.area - 0.2 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn the_whole_range_is_the_auc() {
        for axis in [PartialAucAxis::Specificity, PartialAucAxis::Sensitivity] {
            let whole = partial(axis, 0.0, 1.0).unwrap();
            assert!((whole.area - 2.0 / 3.0).abs() < 1e-15 && (whole.standardised - 2.0 / 3.0).abs() < 1e-15);
        }
    }

    #[test]
    fn perfect_and_chance() {
        let range = PartialAucRange { axis: PartialAucAxis::Specificity, lower: 0.7, upper: 0.95 };
        let outcome = [true, false];
        let perfect = partial_auc(&outcome, &[1.0, 0.0], Orientation::HigherIsRisk, range).unwrap();
        assert!((perfect.area - 0.25).abs() < 1e-15 && (perfect.standardised - 1.0).abs() < 1e-15);
        let chance = partial_auc(&outcome, &[1.0, 1.0], Orientation::HigherIsRisk, range).unwrap();
        assert!((chance.standardised - 0.5).abs() < 1e-15);
        let inverted = partial_auc(&outcome, &[0.0, 1.0], Orientation::HigherIsRisk, range).unwrap();
        assert_eq!(inverted.area, 0.0);
        assert!(inverted.standardised < 0.5);
    }

    #[test]
    fn refuses_a_range_that_is_none() {
        for (lower, upper) in [(0.9, 0.9), (1.0, 0.9), (-0.1, 0.5), (0.5, 1.1), (f64::NAN, 1.0)] {
            assert!(partial(PartialAucAxis::Specificity, lower, upper).is_err());
        }
    }
}
