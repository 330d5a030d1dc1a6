//! Welch's t test: two means, variances not assumed equal.
//!
//! Estimand: μ₁ − μ₂. Statistic t = (x̄₁ − x̄₂)/√(s₁²/n₁ + s₂²/n₂), Student's T with
//! ν = (v₁ + v₂)²/(v₁²/(n₁ − 1) + v₂²/(n₂ − 1)) degrees of freedom, vᵢ = sᵢ²/nᵢ. Interval: difference ± t quantile · SE.
//! Assumptions: independent samples, means close to normal.
//! Sign: first group minus second; `Greater` means the first mean is larger. Row order does not matter, bit for bit.
//! Edge cases: each group needs two values; groups without variation are `Undefined`.
//! Source: Welch 1947 (doi:10.1093/biomet/34.1-2.28). Oracle: R 4.2.2 `t.test`.

use super::mean_difference::{Contrast, MeanDifference};
use super::moments::moments;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Alternative;

/// Welch's t test of two groups.
pub fn welch_t(
    first: &[f64],
    second: &[f64],
    alternative: Alternative,
    level: f64,
) -> Result<MeanDifference, StatsError> {
    require_level(level)?;
    let (first, second) = (moments("first group", first, 2)?, moments("second group", second, 2)?);
    let error_first = first.standard_deviation / (first.n as f64).sqrt();
    let error_second = second.standard_deviation / (second.n as f64).sqrt();
    let standard_error = error_first.hypot(error_second);
    let share = |error: f64| (error / standard_error) * (error / standard_error);
    let (share_first, share_second) = (share(error_first), share(error_second));
    let df = 1.0
        / (share_first * share_first / (first.n as f64 - 1.0) + share_second * share_second / (second.n as f64 - 1.0));
    Contrast {
        mean_first: first.mean,
        mean_second: second.mean,
        difference: first.mean - second.mean,
        standard_error,
        df,
        n: first.n + second.n,
    }
    .test(alternative, level, "Welch's t test")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::estimate::NullDistribution;

    #[test]
    fn by_hand() {
        // 1, 2, 3 and 2, 4, 6: means 2 and 4, v = 1/3 and 4/3, t = −2/√(5/3), ν = (25/9)/(1/18 + 16/18) = 50/17.
        let result = welch_t(&[1.0, 2.0, 3.0], &[6.0, 2.0, 4.0], Alternative::TwoSided, 0.95).unwrap();
        assert!((result.test.statistic.unwrap() + 2.0 / (5.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!(
            matches!(result.test.distribution, NullDistribution::StudentT { df } if (df - 50.0 / 17.0).abs() < 1e-14)
        );
        let less = welch_t(&[1.0, 2.0, 3.0], &[6.0, 2.0, 4.0], Alternative::Less, 0.95).unwrap();
        assert!((less.test.p_value - 0.5 * result.test.p_value).abs() < 1e-16);
    }

    #[test]
    fn constant_and_small_groups() {
        assert!(matches!(
            welch_t(&[0.1; 5], &[0.1; 7], Alternative::TwoSided, 0.95),
            Err(StatsError::Undefined { .. })
        ));
        assert!(welch_t(&[0.1; 5], &[0.1, 0.2], Alternative::TwoSided, 0.95).is_ok());
        assert!(welch_t(&[1.0], &[1.0, 2.0], Alternative::TwoSided, 0.95).is_err());
        assert!(welch_t(&[1.0, 2.0], &[1.0, 2.0], Alternative::TwoSided, 0.0).is_err());
    }
}
