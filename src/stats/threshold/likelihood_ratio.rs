//! Likelihood ratios of a positive and of a negative call.
//!
//! Estimand: LR+ = P(positive | event) / P(positive | no event) = sensitivity / (1 − specificity), and
//! LR− = P(negative | event) / P(negative | no event) = (1 − sensitivity) / specificity. Both are a ratio (a/m)/(b/n) of
//! two independent proportions.
//! Interval: log method, exp(ln LR ± z SE) with SE² = 1/a − 1/m + 1/b − 1/n (Simel et al.).
//! Units: `standard_error` is that of ln LR.
//! Edge cases: `None` where the ratio has no value (b = 0, or a class is missing). With a = 0 the ratio is 0 and its
//! logarithm has no finite variance: the value is given without interval. Nothing is added to the cells.
//! Source: Simel, Samsa and Matchar 1991 (doi:10.1016/0895-4356(91)90128-V).
//! Oracle: epiR 2.0.57 `epi.tests` (lr.pos, lr.neg).

use super::confusion::ConfusionMatrix;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;

/// Name of the interval in a footnote.
const METHOD: &str = "log method (Simel)";

/// LR+: how much more often a subject with the event is called positive.
pub fn positive(matrix: &ConfusionMatrix, level: f64) -> Result<Option<Estimate>, StatsError> {
    ratio(matrix.true_positives, matrix.positives(), matrix.false_positives, matrix.negatives(), level)
}

/// LR−: how much more often a subject with the event is called negative.
pub fn negative(matrix: &ConfusionMatrix, level: f64) -> Result<Option<Estimate>, StatsError> {
    ratio(matrix.false_negatives, matrix.positives(), matrix.true_negatives, matrix.negatives(), level)
}

/// (a/m)/(b/n), or nothing where that has no value.
fn ratio(a: u64, m: u64, b: u64, n: u64, level: f64) -> Result<Option<Estimate>, StatsError> {
    require_level(level)?;
    if m == 0 || n == 0 || b == 0 {
        return Ok(None);
    }
    let value = (a as f64 / m as f64) / (b as f64 / n as f64);
    let estimate = Estimate::new(value, (m + n) as usize);
    if a == 0 {
        return Ok(Some(estimate));
    }
    // 1/a − 1/m as (m − a)/(a m): exact zero where a = m.
    let variance = (m - a) as f64 / (a as f64 * m as f64) + (n - b) as f64 / (b as f64 * n as f64);
    let standard_error = variance.sqrt();
    let factor = (normal_critical(level) * standard_error).exp();
    Ok(Some(estimate.with_standard_error(standard_error).with_interval(value / factor, value * factor, level, METHOD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Sensitivity 8/10, specificity 15/20: LR+ = 0.8/0.25 = 3.2, SE² = 1/8 − 1/10 + 1/5 − 1/20 = 0.175.
        let matrix = ConfusionMatrix { true_positives: 8, false_positives: 5, true_negatives: 15, false_negatives: 2 };
        let estimate = positive(&matrix, 0.95).unwrap().unwrap();
        assert!((estimate.value - 3.2).abs() < 1e-14);
        assert!((estimate.standard_error.unwrap() - 0.175_f64.sqrt()).abs() < 1e-15);
        let interval = estimate.interval.unwrap();
        assert!((interval.lower * interval.upper - 3.2 * 3.2).abs() < 1e-12);
        assert!((negative(&matrix, 0.95).unwrap().unwrap().value - 0.2 / 0.75).abs() < 1e-15);
    }

    #[test]
    fn zero_cells() {
        let perfect = ConfusionMatrix { true_positives: 3, false_positives: 0, true_negatives: 4, false_negatives: 0 };
        assert_eq!(positive(&perfect, 0.95).unwrap(), None);
        let zero = negative(&perfect, 0.95).unwrap().unwrap();
        assert_eq!((zero.value, zero.interval), (0.0, None));
        assert!(positive(&perfect, 1.0).is_err());
    }
}
