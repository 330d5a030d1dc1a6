//! Are several independent estimates the same?
//!
//! Estimand: the null hypothesis θ₁ = … = θₖ, of the same quantity in k independent samples (an AUC in men and in women,
//! in four hospitals): the test of interaction between the quantity and what parts the samples.
//!
//! Formula: with wᵢ = 1/SEᵢ² and θ̄ = Σwᵢθᵢ/Σwᵢ, Q = Σwᵢ(θᵢ − θ̄)² is χ² with k − 1 degrees of freedom under the null.
//! For two samples Q is the square of (θ₁ − θ₂)/√(SE₁² + SE₂²).
//!
//! Assumptions: the samples have no subject in common; each estimate is approximately normal and its standard error is as
//! good as known.
//!
//! Edge cases: fewer than two estimates are an error; so is one without a standard error or with one of zero, which says
//! that the sample is too small or perfectly separated, not that the estimate is certain. The order of the estimates
//! moves the last bit at most.
//!
//! Source: Cochran 1954, doi:10.2307/3001666. No oracle: checked by hand, and for two samples against the z test.

use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};

/// Cochran's Q test that all `estimates` are of one value.
pub fn heterogeneity(estimates: &[&Estimate]) -> Result<Test, StatsError> {
    if estimates.len() < 2 {
        return Err(StatsError::TooFew { what: "a comparison of estimates", needed: 2, found: estimates.len() });
    }
    let weights = estimates
        .iter()
        .enumerate()
        .map(|(index, estimate)| match estimate.standard_error {
            Some(error) if error > 0.0 && error.is_finite() && estimate.value.is_finite() => Ok(1.0 / (error * error)),
            _ => Err(StatsError::InvalidAt {
                what: "the standard error of an estimate",
                index,
                expected: "finite and above 0",
            }),
        })
        .collect::<Result<Vec<f64>, StatsError>>()?;
    let total: f64 = weights.iter().sum();
    let mean = estimates.iter().zip(&weights).map(|(estimate, weight)| weight * estimate.value).sum::<f64>() / total;
    let statistic: f64 =
        estimates.iter().zip(&weights).map(|(estimate, weight)| weight * (estimate.value - mean).powi(2)).sum();
    let df = (estimates.len() - 1) as f64;
    Ok(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(statistic, df),
        alternative: Alternative::TwoSided,
        method: "heterogeneity (Cochran's Q)".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distribution::normal_two_sided;

    fn estimate(value: f64, standard_error: f64) -> Estimate {
        Estimate::new(value, 50).with_standard_error(standard_error)
    }

    /// Weights 100, 100, 25; mean (80 + 60 + 17.5)/225 = 0.7; Q = 100·0.01 + 100·0.01 + 0 = 2 on 2 df: P = e⁻¹.
    #[test]
    fn by_hand() {
        let parts = [estimate(0.8, 0.1), estimate(0.6, 0.1), estimate(0.7, 0.2)];
        let test = heterogeneity(&parts.iter().collect::<Vec<_>>()).unwrap();
        assert!((test.statistic.unwrap() - 2.0).abs() < 1e-12);
        assert!((test.p_value - (-1.0f64).exp()).abs() < 1e-14);
    }

    #[test]
    fn of_two_it_is_the_z_test() {
        let parts = [estimate(0.83, 0.031), estimate(0.71, 0.052)];
        let test = heterogeneity(&[&parts[0], &parts[1]]).unwrap();
        let z = (0.83 - 0.71) / (0.031f64.powi(2) + 0.052f64.powi(2)).sqrt();
        assert!((test.p_value / normal_two_sided(z) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_estimate_without_uncertainty_is_refused() {
        let parts = [estimate(1.0, 0.0), estimate(0.7, 0.1)];
        assert!(matches!(heterogeneity(&[&parts[0], &parts[1]]), Err(StatsError::InvalidAt { index: 0, .. })));
        assert!(matches!(heterogeneity(&[&parts[1]]), Err(StatsError::TooFew { found: 1, .. })));
        assert!(heterogeneity(&[&Estimate::new(0.5, 3), &parts[1]]).is_err());
    }
}
