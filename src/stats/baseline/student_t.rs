//! Student's t tests: two means with equal variances, and the mean of paired differences.
//!
//! Two groups: t = (x̄₁ − x̄₂)/(s √(1/n₁ + 1/n₂)) with the pooled s² = ((n₁ − 1)s₁² + (n₂ − 1)s₂²)/(n₁ + n₂ − 2), on
//! n₁ + n₂ − 2 degrees of freedom. Pairs: t = d̄/(s_d/√n) on n − 1. Interval: difference ± t quantile · SE.
//! Assumptions: independent samples (or pairs) from normal distributions; equal variances for the pooled test.
//! Sign: first minus second. Row order does not matter, bit for bit.
//! Edge cases: each group needs one value and both together three; pairs at least two; data without variation are `Undefined`.
//! Source: Student 1908 (doi:10.1093/biomet/6.1.1). Oracle: R 4.2.2 `t.test(var.equal = TRUE)`, `t.test(paired = TRUE)`.

use super::mean_difference::{Contrast, MeanDifference};
use super::moments::moments;
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::Alternative;

/// The pooled t test of two groups.
pub fn student_t(
    first: &[f64],
    second: &[f64],
    alternative: Alternative,
    level: f64,
) -> Result<MeanDifference, StatsError> {
    require_level(level)?;
    let (first, second) = (moments("first group", first, 1)?, moments("second group", second, 1)?);
    if first.n + second.n < 3 {
        return Err(StatsError::TooFew { what: "both groups together", needed: 3, found: first.n + second.n });
    }
    let df = (first.n + second.n - 2) as f64;
    // A group of one has no deviation of its own and adds nothing.
    let part = |n: usize, deviation: f64| if n > 1 { deviation * ((n - 1) as f64 / df).sqrt() } else { 0.0 };
    let pooled = part(first.n, first.standard_deviation).hypot(part(second.n, second.standard_deviation));
    Contrast {
        mean_first: first.mean,
        mean_second: second.mean,
        difference: first.mean - second.mean,
        standard_error: pooled * (1.0 / first.n as f64 + 1.0 / second.n as f64).sqrt(),
        df,
        n: first.n + second.n,
    }
    .test(alternative, level, "Student's t test")
}

/// The t test of paired values: `first[i]` and `second[i]` are of one unit.
pub fn paired_t(
    first: &[f64],
    second: &[f64],
    alternative: Alternative,
    level: f64,
) -> Result<MeanDifference, StatsError> {
    require_level(level)?;
    require_same_length("first", first.len(), "second", second.len())?;
    require_finite("first", first)?;
    require_finite("second", second)?;
    let differences: Vec<f64> = first.iter().zip(second).map(|(left, right)| left - right).collect();
    let of_difference = moments("paired differences", &differences, 2)?;
    Contrast {
        mean_first: moments("first", first, 2)?.mean,
        mean_second: moments("second", second, 2)?.mean,
        difference: of_difference.mean,
        standard_error: of_difference.standard_deviation / (of_difference.n as f64).sqrt(),
        df: of_difference.n as f64 - 1.0,
        n: of_difference.n,
    }
    .test(alternative, level, "paired t test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // 1, 2, 3 and 2, 4, 6: pooled s² = (2 + 8)/4, SE = √(2.5 · 2/3), t = −2/SE. Pairs: −1, −2, −3: t = −2/(1/√3).
        let pooled = student_t(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0], Alternative::TwoSided, 0.95).unwrap();
        assert!((pooled.test.statistic.unwrap() + 2.0 / (5.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        let paired = paired_t(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0], Alternative::TwoSided, 0.95).unwrap();
        assert!((paired.test.statistic.unwrap() + 2.0 * 3.0_f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn a_group_of_one_is_enough_beside_two() {
        assert!(student_t(&[1.0], &[2.0, 4.0], Alternative::TwoSided, 0.95).is_ok());
        assert!(student_t(&[1.0], &[2.0], Alternative::TwoSided, 0.95).is_err());
        assert!(paired_t(&[1.0, 2.0], &[2.0, 3.0], Alternative::TwoSided, 0.95).is_err());
    }
}
