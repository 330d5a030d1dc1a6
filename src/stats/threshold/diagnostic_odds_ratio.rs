//! Diagnostic odds ratio.
//!
//! Estimand: odds of a positive call with the event over those odds without it, DOR = TP·TN / (FP·FN) = LR+ / LR−.
//! Interval: exp(ln DOR ± z SE) with SE² = 1/TP + 1/FP + 1/FN + 1/TN (Woolf).
//! Units: `standard_error` is that of ln DOR.
//! Edge cases: `None` where FP·FN = 0. With TP·TN = 0 the ratio is 0 and its logarithm has no finite variance: the value
//! is given without interval. Nothing is added to the cells.
//! Sources: Woolf 1955 (doi:10.1111/j.1469-1809.1955.tb01348.x); Glas et al. 2003 (doi:10.1016/S0895-4356(03)00177-X).
//! Oracle: epiR 2.0.57 `epi.tests` (diag.or).

use super::confusion::ConfusionMatrix;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;

/// The diagnostic odds ratio with its interval.
pub fn diagnostic_odds_ratio(matrix: &ConfusionMatrix, level: f64) -> Result<Option<Estimate>, StatsError> {
    require_level(level)?;
    let cells = [matrix.true_positives, matrix.true_negatives, matrix.false_positives, matrix.false_negatives]
        .map(|count| count as f64);
    let [true_positives, true_negatives, false_positives, false_negatives] = cells;
    if false_positives * false_negatives == 0.0 {
        return Ok(None);
    }
    let value = (true_positives * true_negatives) / (false_positives * false_negatives);
    let estimate = Estimate::new(value, matrix.n() as usize);
    if value == 0.0 {
        return Ok(Some(estimate));
    }
    let standard_error = cells.iter().fold(0.0, |sum, count| sum + 1.0 / count).sqrt();
    let factor = (normal_critical(level) * standard_error).exp();
    Ok(Some(estimate.with_standard_error(standard_error).with_interval(
        value / factor,
        value * factor,
        level,
        "log method (Woolf)",
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_and_with_zero_cells() {
        // 8·15/(5·2) = 12; SE² = 1/8 + 1/15 + 1/5 + 1/2.
        let matrix = ConfusionMatrix { true_positives: 8, false_positives: 5, true_negatives: 15, false_negatives: 2 };
        let estimate = diagnostic_odds_ratio(&matrix, 0.95).unwrap().unwrap();
        assert!((estimate.value - 12.0).abs() < 1e-14);
        assert!((estimate.standard_error.unwrap() - (0.125_f64 + 1.0 / 15.0 + 0.2 + 0.5).sqrt()).abs() < 1e-15);
        assert_eq!(diagnostic_odds_ratio(&ConfusionMatrix { false_positives: 0, ..matrix }, 0.95).unwrap(), None);
        let zero = diagnostic_odds_ratio(&ConfusionMatrix { true_positives: 0, ..matrix }, 0.95).unwrap().unwrap();
        assert_eq!((zero.value, zero.interval), (0.0, None));
    }
}
