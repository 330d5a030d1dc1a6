//! Standard error of an AUC from the AUC and the two group sizes alone.
//!
//! Estimand: the standard error of the AUC when no scores are at hand, as for a printed table.
//!
//! Formula: with Q₁ = A / (2 − A) and Q₂ = 2 A² / (1 + A),
//! Var = [A (1 − A) + (n₊ − 1)(Q₁ − A²) + (n₋ − 1)(Q₂ − A²)] / (n₊ n₋); interval A ± z SE, clipped to [0, 1].
//!
//! Assumptions: scores of both groups are exponential (a good approximation to binormal scores); independent subjects.
//! For a score with few values, or far from that shape, DeLong's interval on the data is the one to take.
//!
//! Edge cases: A = 0 or 1 gives a standard error of 0 and an interval of width zero, which says nothing about the
//! uncertainty; one positive is enough; no positive or no negative is an error; A outside [0, 1] is an error.
//!
//! Source: Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747. No oracle: checked by hand.

use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;

/// `auc` with the standard error and the interval that its size and the numbers of subjects imply.
pub fn hanley_mcneil(auc: f64, positives: usize, negatives: usize, level: f64) -> Result<Estimate, StatsError> {
    require_level(level)?;
    if !(0.0..=1.0).contains(&auc) {
        return Err(StatsError::OutOfRange { what: "AUC", value: auc, expected: "between 0 and 1" });
    }
    if positives == 0 || negatives == 0 {
        return Err(StatsError::OneClass { positives, negatives });
    }
    let (n_positive, n_negative) = (positives as f64, negatives as f64);
    let squared = auc * auc;
    let beats_two_negatives = auc / (2.0 - auc);
    let two_positives_beat = 2.0 * squared / (1.0 + auc);
    let spread = auc * (1.0 - auc)
        + (n_positive - 1.0) * (beats_two_negatives - squared)
        + (n_negative - 1.0) * (two_positives_beat - squared);
    // Rounding may leave a negative zero at AUC 1.
    let standard_error = (spread.max(0.0) / (n_positive * n_negative)).sqrt();
    let half_width = normal_critical(level) * standard_error;
    Ok(Estimate::new(auc, positives + negatives).with_standard_error(standard_error).with_interval(
        (auc - half_width).max(0.0),
        (auc + half_width).min(1.0),
        level,
        "Hanley and McNeil",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // A = 0.8, 4 and 6 subjects: Q1 = 2/3, Q2 = 1.28/1.8; [0.16 + 3 (2/3 − 0.64) + 5 (0.7111… − 0.64)] / 24
        // = [0.16 + 0.08 + 0.35555…] / 24.
        let estimate = hanley_mcneil(0.8, 4, 6, 0.95).unwrap();
        let variance = (0.24 + 5.0 * (1.28 / 1.8 - 0.64)) / 24.0;
        assert!((estimate.standard_error.unwrap() - f64::sqrt(variance)).abs() < 1e-15);
        assert_eq!(estimate.interval.unwrap().upper, 1.0);
    }

    #[test]
    fn one_half_gives_the_null_variance_of_mann_whitney() {
        // At A = 1/2: Q1 = Q2 = 1/3, so Var = (1/4 + (n − 2) / 12) / (n₊ n₋) = (n + 1) / (12 n₊ n₋).
        let estimate = hanley_mcneil(0.5, 30, 70, 0.95).unwrap();
        assert!((estimate.standard_error.unwrap() - (101.0f64 / (12.0 * 2100.0)).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn edge_cases() {
        for auc in [0.0, 1.0] {
            assert_eq!(hanley_mcneil(auc, 1, 1, 0.95).unwrap().standard_error, Some(0.0));
        }
        assert!(hanley_mcneil(0.7, 0, 5, 0.95).is_err());
        assert!(hanley_mcneil(1.2, 5, 5, 0.95).is_err());
        assert!(hanley_mcneil(f64::NAN, 5, 5, 0.95).is_err());
    }
}
