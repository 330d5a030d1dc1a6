//! F1 of the positive class.
//!
//! Estimand: F1 = 2TP / (2TP + FP + FN), the harmonic mean of sensitivity and positive predictive value.
//! Standard error: delta method on the multinomial of the four cells. With D = 2TP + FP + FN the gradient is 2(1 − F1)/D
//! at TP and −F1/D at FP and FN, its mean is zero, and SE² = F1 (1 − F1)(2 − F1) / D. Interval: F1 ± z SE, cut to [0, 1].
//! Edge cases: `None` where D = 0 (no event and no positive call); at F1 of 0 or 1 the interval has no width.
//! Source: Takahashi et al. 2022 (doi:10.1007/s10489-021-02635-5).
//! Oracle: scikit-learn 1.9.1 `f1_score` for the value. (confidenceinterval 1.0.5 multiplies p by itself elementwise where
//! the covariance needs the outer product, so its binary intervals are slightly too wide, and are not an oracle.)

use super::confusion::ConfusionMatrix;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;

/// F1 with its interval.
pub fn f1(matrix: &ConfusionMatrix, level: f64) -> Result<Option<Estimate>, StatsError> {
    require_level(level)?;
    let twice_hits = 2.0 * matrix.true_positives as f64;
    let denominator = twice_hits + matrix.false_positives as f64 + matrix.false_negatives as f64;
    if denominator == 0.0 {
        return Ok(None);
    }
    let value = twice_hits / denominator;
    let standard_error = (value * (1.0 - value) * (2.0 - value) / denominator).sqrt();
    let half_width = normal_critical(level) * standard_error;
    let estimate = Estimate::new(value, matrix.n() as usize).with_standard_error(standard_error);
    Ok(Some(estimate.with_interval(
        (value - half_width).max(0.0),
        (value + half_width).min(1.0),
        level,
        "delta method (Takahashi)",
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_and_against_the_multinomial_covariance() {
        let matrix = ConfusionMatrix { true_positives: 8, false_positives: 5, true_negatives: 15, false_negatives: 2 };
        let estimate = f1(&matrix, 0.95).unwrap().unwrap();
        assert!((estimate.value - 16.0 / 23.0).abs() < 1e-15);
        // gᵀ (diag(p) − p pᵀ) g / n, term by term.
        let (n, d, f) = (30.0, 23.0 / 30.0, 16.0 / 23.0);
        let p = [8.0 / n, 5.0 / n, 2.0 / n];
        let g = [2.0 * (1.0 - f) / d, -f / d, -f / d];
        let mean: f64 = p.iter().zip(g).map(|(p, g)| p * g).sum();
        let square: f64 = p.iter().zip(g).map(|(p, g)| p * g * g).sum();
        assert!((estimate.standard_error.unwrap() - ((square - mean * mean) / n).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn nothing_called_and_nothing_there() {
        let matrix = ConfusionMatrix { true_positives: 0, false_positives: 0, true_negatives: 9, false_negatives: 0 };
        assert_eq!(f1(&matrix, 0.95).unwrap(), None);
    }
}
