//! Matthews correlation coefficient: Pearson's correlation (φ) of call and truth.
//!
//! Formula: φ = (TP·TN − FP·FN) / √(P N C⁺ C⁻) with P, N the subjects with and without the event and C⁺, C⁻ those called
//! positive and negative.
//! Standard error: delta method on the multinomial of the four cells. With the margin skews u = (P − N)/√(P N) and
//! v = (C⁺ − C⁻)/√(C⁺ C⁻): n SE² = 1 − φ² + φ (1 + φ²/2) u v − ¾ φ² (u² + v²).
//! Interval: φ ± z SE, cut to [−1, 1].
//! Edge cases: `None` where a margin is empty (one class, or all calls alike).
//! Sources: Matthews 1975 (doi:10.1016/0005-2795(75)90109-9); Bishop, Fienberg and Holland 1975, chapter 11.
//! Oracle: scikit-learn 1.9.1 `matthews_corrcoef` for the value; a numerical gradient for the standard error.

use super::confusion::ConfusionMatrix;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;

/// The Matthews correlation with its interval.
pub fn matthews_correlation(matrix: &ConfusionMatrix, level: f64) -> Result<Option<Estimate>, StatsError> {
    require_level(level)?;
    let Some(value) = coefficient(matrix) else { return Ok(None) };
    let skew = |left: u64, right: u64| (left as f64 - right as f64) / (left as f64 * right as f64).sqrt();
    let truth = skew(matrix.positives(), matrix.negatives());
    let calls = skew(matrix.called_positive(), matrix.called_negative());
    let square = value * value;
    let variance =
        1.0 - square + value * (1.0 + 0.5 * square) * truth * calls - 0.75 * square * (truth * truth + calls * calls);
    // At |φ| = 1 the variance is zero up to rounding.
    let standard_error = (variance.max(0.0) / matrix.n() as f64).sqrt();
    let half_width = normal_critical(level) * standard_error;
    let estimate = Estimate::new(value, matrix.n() as usize).with_standard_error(standard_error);
    Ok(Some(estimate.with_interval(
        (value - half_width).max(-1.0),
        (value + half_width).min(1.0),
        level,
        "delta method",
    )))
}

/// φ alone.
pub fn coefficient(matrix: &ConfusionMatrix) -> Option<f64> {
    let margins = [matrix.positives(), matrix.negatives(), matrix.called_positive(), matrix.called_negative()];
    if margins.contains(&0) {
        return None;
    }
    // The difference of the products in whole numbers, so that independence gives exactly zero.
    let product = |left: u64, right: u64| i128::from(left) * i128::from(right);
    let numerator = product(matrix.true_positives, matrix.true_negatives)
        .saturating_sub(product(matrix.false_positives, matrix.false_negatives));
    let scale = margins.iter().fold(1.0, |scale, margin| scale * (*margin as f64).sqrt());
    Some((numerator as f64 / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phi(cells: [f64; 4]) -> f64 {
        let [a, b, c, d] = cells;
        (a * d - b * c) / ((a + b) * (c + d) * (a + c) * (b + d)).sqrt()
    }

    #[test]
    fn by_hand_and_standard_error_by_numerical_gradient() {
        let matrix = ConfusionMatrix { true_positives: 8, false_positives: 5, true_negatives: 15, false_negatives: 2 };
        let estimate = matthews_correlation(&matrix, 0.95).unwrap().unwrap();
        // (8·15 − 5·2)/√(10·20·13·17) = 110/√44200.
        assert!((estimate.value - 110.0 / 44200.0_f64.sqrt()).abs() < 1e-15);
        let n = 30.0;
        let p = [8.0 / n, 5.0 / n, 2.0 / n, 15.0 / n];
        let gradient: Vec<f64> = (0..4)
            .map(|i| {
                let step = 1e-6;
                let (mut up, mut down) = (p, p);
                up[i] += step;
                down[i] -= step;
                (phi(up) - phi(down)) / (2.0 * step)
            })
            .collect();
        let mean: f64 = p.iter().zip(&gradient).map(|(p, g)| p * g).sum();
        let square: f64 = p.iter().zip(&gradient).map(|(p, g)| p * g * g).sum();
        assert!((estimate.standard_error.unwrap() - ((square - mean * mean) / n).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn perfect_opposite_undefined_and_huge() {
        let perfect = ConfusionMatrix { true_positives: 3, false_positives: 0, true_negatives: 4, false_negatives: 0 };
        assert_eq!(coefficient(&perfect), Some(1.0));
        let opposite = ConfusionMatrix { true_positives: 0, false_positives: 4, true_negatives: 0, false_negatives: 3 };
        assert_eq!(coefficient(&opposite), Some(-1.0));
        let alike = ConfusionMatrix { true_positives: 3, false_positives: 4, true_negatives: 0, false_negatives: 0 };
        assert_eq!(coefficient(&alike), None);
        let count = 1 << 40;
        let huge = ConfusionMatrix {
            true_positives: 3 * count,
            false_positives: count,
            true_negatives: 3 * count,
            false_negatives: count,
        };
        assert!((coefficient(&huge).unwrap() - 0.5).abs() < 1e-15);
    }
}
