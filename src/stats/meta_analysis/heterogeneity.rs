//! Do independent estimates differ by more than their errors? Cochran's Q.
//!
//! With yᵢ, their variances vᵢ and weights wᵢ = 1/vᵢ: ȳ = Σwᵢyᵢ/Σwᵢ, Q = Σwᵢ(yᵢ − ȳ)², chi-squared on k − 1 degrees of freedom
//! where all are equal. Used over sites, and over subgroups as the test of interaction.
//!
//! Assumptions: independent, approximately normal estimates with known variances. Order does not matter beyond rounding.
//! Edge cases: two estimates at least; a standard error that is not above zero is an error with its position.
//! Source: Cochran 1954, doi:10.2307/3001666. Oracle: metafor's published analysis of the BCG trials, Q(12) = 152.233.

use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::{StatsError, require_finite, require_same_length, require_squarable};
use crate::stats::estimate::{Alternative, NullDistribution, Test};

/// Tests that the estimates have one common value.
pub fn cochran_heterogeneity(estimates: &[f64], standard_errors: &[f64]) -> Result<Test, StatsError> {
    check(estimates, standard_errors)?;
    let weights: Vec<f64> = standard_errors.iter().map(|error| 1.0 / (error * error)).collect();
    let q = weighted_squares(estimates, &weights);
    let df = (estimates.len() - 1) as f64;
    Ok(Test {
        statistic: Some(q),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(q, df),
        alternative: Alternative::TwoSided,
        method: "Cochran's Q".into(),
    })
}

/// Σ w (y − ȳ)² about the weighted mean.
pub(super) fn weighted_squares(estimates: &[f64], weights: &[f64]) -> f64 {
    let mean = weighted_mean(estimates, weights);
    estimates.iter().zip(weights).map(|(y, w)| w * (y - mean) * (y - mean)).sum()
}

pub(super) fn weighted_mean(estimates: &[f64], weights: &[f64]) -> f64 {
    estimates.iter().zip(weights).map(|(y, w)| w * y).sum::<f64>() / weights.iter().sum::<f64>()
}

pub(super) fn check(estimates: &[f64], standard_errors: &[f64]) -> Result<(), StatsError> {
    require_same_length("estimates", estimates.len(), "standard errors", standard_errors.len())?;
    require_finite("estimates", estimates)?;
    require_finite("standard errors", standard_errors)?;
    require_squarable("estimates", estimates)?;
    require_squarable("standard errors", standard_errors)?;
    if let Some(index) = standard_errors.iter().position(|error| *error <= 0.0) {
        return Err(StatsError::InvalidAt { what: "standard errors", index, expected: "above zero" });
    }
    if estimates.len() < 2 {
        return Err(StatsError::TooFew { what: "a test of heterogeneity", needed: 2, found: estimates.len() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Weights 1 and 4: mean 0.8, Q = 1 · 0.64 + 4 · 0.04 = 0.8.
        let test = cochran_heterogeneity(&[0.0, 1.0], &[1.0, 0.5]).unwrap();
        assert!((test.statistic.unwrap() - 0.8).abs() < 1e-15);
        assert_eq!(test.distribution, NullDistribution::ChiSquared { df: 1.0 });
        assert_eq!(cochran_heterogeneity(&[0.3, 0.3, 0.3], &[1.0, 2.0, 3.0]).unwrap().p_value, 1.0);
    }

    #[test]
    fn edge_cases() {
        assert!(cochran_heterogeneity(&[1.0], &[1.0]).is_err());
        assert!(cochran_heterogeneity(&[1.0, 2.0], &[1.0, 0.0]).is_err());
        assert!(cochran_heterogeneity(&[1.0, f64::NAN], &[1.0, 1.0]).is_err());
        assert!(cochran_heterogeneity(&[1.0, 1e300], &[1.0, 1.0]).is_err());
    }
}
