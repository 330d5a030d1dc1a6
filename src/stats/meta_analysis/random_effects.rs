//! Random-effects meta-analysis of k independent estimates.
//!
//! Estimand: μ, the mean of the sites' true values, and τ², their variance: yᵢ ~ N(μ, vᵢ + τ²).
//!
//! Formula: τ² by restricted maximum likelihood, Fisher scoring from the DerSimonian-Laird value, cut at 0;
//! μ̂ = Σwᵢyᵢ/Σwᵢ with wᵢ = 1/(vᵢ + τ²). Interval and test by Hartung and Knapp: SE² = Σwᵢ(yᵢ − μ̂)²/((k − 1)Σwᵢ), against
//! Student's t on k − 1 degrees of freedom, which holds its level with few sites where the normal one does not.
//! I² = τ²/(τ² + s²) with s² = (k − 1)Σvᵢ⁻¹/((Σvᵢ⁻¹)² − Σvᵢ⁻²), the typical variance within a site.
//! Prediction interval of the true value at a new site: μ̂ ± t(k − 2)√(τ² + SE²).
//!
//! Assumptions: independent sites, normal estimates with known variances, normal true values.
//! Edge cases: two sites at least; the prediction interval needs three. Where τ² = 0 and the estimates lie closer together
//! than their errors, the interval is narrower than the common-effect one: [`RandomEffects::common`] is beside it.
//!
//! Sources: Viechtbauer 2005, doi:10.3102/10769986030003261 (REML); Hartung and Knapp 2001, doi:10.1002/sim.1009;
//! Higgins, Thompson and Spiegelhalter 2009, doi:10.1111/j.1467-985X.2008.00552.x, and IntHout et al. 2016,
//! doi:10.1136/bmjopen-2015-010247 (prediction interval); Higgins and Thompson 2002, doi:10.1002/sim.1186 (I²).
//! Oracle: the BCG trials (Colditz et al. 1994) as metafor's documentation and tests have them; Hartung and Knapp by hand.

use super::heterogeneity::{check, cochran_heterogeneity, weighted_mean, weighted_squares};
use crate::stats::distribution::{normal_critical, student_t_critical, student_t_two_sided};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, Interval, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// What several sites say together, on the scale of their estimates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomEffects {
    pub sites: usize,
    /// μ with the interval of Hartung and Knapp; `n` counts sites.
    pub mean: Estimate,
    /// That μ is 0.
    pub test: Test,
    /// Variance of the true values.
    pub tau_squared: f64,
    /// Share of the variance that is between sites, 0 to 1.
    pub i_squared: f64,
    /// Cochran's Q.
    pub heterogeneity: Test,
    /// Of the true value at a new site; `None` for fewer than three sites.
    pub prediction: Option<Interval>,
    /// The share of each site in the mean, summing to 1.
    pub weights: Vec<f64>,
    /// The mean if τ² were 0, with its normal interval.
    pub common: Estimate,
}

/// Puts the estimates of several sites together.
pub fn random_effects(estimates: &[f64], standard_errors: &[f64], level: f64) -> Result<RandomEffects, StatsError> {
    require_level(level)?;
    check(estimates, standard_errors)?;
    let variances: Vec<f64> = standard_errors.iter().map(|error| error * error).collect();
    let k = estimates.len() as f64;
    let tau_squared = restricted_maximum_likelihood(estimates, &variances)?;
    let weights: Vec<f64> = variances.iter().map(|variance| 1.0 / (variance + tau_squared)).collect();
    let total: f64 = weights.iter().sum();
    let mean = weighted_mean(estimates, &weights);
    let error = (weighted_squares(estimates, &weights) / ((k - 1.0) * total)).sqrt();
    let half = student_t_critical(level, k - 1.0) * error;
    let statistic = if error > 0.0 { Some(mean / error) } else { None };
    let inverse: Vec<f64> = variances.iter().map(|variance| 1.0 / variance).collect();
    let common_total: f64 = inverse.iter().sum();
    let common = weighted_mean(estimates, &inverse);
    let common_error = common_total.sqrt().recip();
    let common_half = normal_critical(level) * common_error;
    Ok(RandomEffects {
        sites: estimates.len(),
        mean: Estimate::new(mean, estimates.len()).with_standard_error(error).with_interval(
            mean - half,
            mean + half,
            level,
            "REML, Hartung-Knapp",
        ),
        test: Test {
            statistic,
            distribution: NullDistribution::StudentT { df: k - 1.0 },
            p_value: statistic.map_or(if mean == 0.0 { 1.0 } else { 0.0 }, |t| student_t_two_sided(t, k - 1.0)),
            alternative: Alternative::TwoSided,
            method: "Hartung-Knapp".into(),
        },
        tau_squared,
        i_squared: tau_squared / (tau_squared + typical_variance(&inverse)),
        heterogeneity: cochran_heterogeneity(estimates, standard_errors)?,
        prediction: (estimates.len() > 2).then(|| {
            let reach = student_t_critical(level, k - 2.0) * (tau_squared + error * error).sqrt();
            Interval { lower: mean - reach, upper: mean + reach, level, method: "t on k − 2".into() }
        }),
        weights: weights.iter().map(|weight| weight / total).collect(),
        common: Estimate::new(common, estimates.len()).with_standard_error(common_error).with_interval(
            common - common_half,
            common + common_half,
            level,
            "common effect",
        ),
    })
}

fn typical_variance(inverse: &[f64]) -> f64 {
    let total: f64 = inverse.iter().sum();
    let squares: f64 = inverse.iter().map(|weight| weight * weight).sum();
    (inverse.len() as f64 - 1.0) * total / (total * total - squares)
}

/// The moment estimator, where the iteration starts.
fn dersimonian_laird(estimates: &[f64], variances: &[f64]) -> f64 {
    let weights: Vec<f64> = variances.iter().map(|variance| 1.0 / variance).collect();
    let total: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let excess = weighted_squares(estimates, &weights) - (estimates.len() as f64 - 1.0);
    (excess / (total - squares / total)).max(0.0)
}

fn restricted_maximum_likelihood(estimates: &[f64], variances: &[f64]) -> Result<f64, StatsError> {
    const ITERATIONS: usize = 1000;
    let mut tau_squared = dersimonian_laird(estimates, variances);
    let scale = variances.iter().sum::<f64>() / variances.len() as f64;
    for _ in 0..ITERATIONS {
        let weights: Vec<f64> = variances.iter().map(|variance| 1.0 / (variance + tau_squared)).collect();
        let sum = |power: i32| weights.iter().map(|weight| weight.powi(power)).sum::<f64>();
        let (first, second, third) = (sum(1), sum(2), sum(3));
        let mean = weighted_mean(estimates, &weights);
        // y'PPy, tr(P) and tr(PP) of P = W − W11'W/Σw.
        let quadratic: f64 = estimates.iter().zip(&weights).map(|(y, w)| w * w * (y - mean) * (y - mean)).sum();
        let trace = first - second / first;
        let trace_of_square = second - 2.0 * third / first + (second / first) * (second / first);
        let next = (tau_squared + (quadratic - trace) / trace_of_square).max(0.0);
        let change = (next - tau_squared).abs();
        tau_squared = next;
        if change <= 1e-12 * (tau_squared + scale) {
            return Ok(tau_squared);
        }
    }
    Err(StatsError::NotConverged { iterations: ITERATIONS })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cases and others among the vaccinated, cases and others among the controls, in the 13 trials of BCG against
    /// tuberculosis (Colditz et al. 1994, doi:10.1001/jama.1994.03510330076038).
    const TRIALS: [[f64; 4]; 13] = [
        [4.0, 119.0, 11.0, 128.0],
        [6.0, 300.0, 29.0, 274.0],
        [3.0, 228.0, 11.0, 209.0],
        [62.0, 13536.0, 248.0, 12619.0],
        [33.0, 5036.0, 47.0, 5761.0],
        [180.0, 1361.0, 372.0, 1079.0],
        [8.0, 2537.0, 10.0, 619.0],
        [505.0, 87886.0, 499.0, 87892.0],
        [29.0, 7470.0, 45.0, 7232.0],
        [17.0, 1699.0, 65.0, 1600.0],
        [186.0, 50448.0, 141.0, 27197.0],
        [5.0, 2493.0, 3.0, 2338.0],
        [27.0, 16886.0, 29.0, 17825.0],
    ];

    fn log_risk_ratios() -> (Vec<f64>, Vec<f64>) {
        TRIALS
            .iter()
            .map(|[a, b, c, d]| {
                let ratio = (a / (a + b)) / (c / (c + d));
                (ratio.ln(), (1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d)).sqrt())
            })
            .unzip()
    }

    /// `rma(yi, vi)` of metafor, with REML and with a common effect: the digits that its documentation and its own tests
    /// have. The standard error there is the normal one, 1/√Σw.
    #[test]
    fn the_bcg_trials_as_metafor_has_them() {
        let (estimates, errors) = log_risk_ratios();
        let variances: Vec<f64> = errors.iter().map(|error| error * error).collect();
        let found = random_effects(&estimates, &errors, 0.95).unwrap();
        assert!((found.tau_squared - 0.3132).abs() < 5e-5, "{}", found.tau_squared);
        assert!((found.i_squared - 0.9222).abs() < 5e-5, "{}", found.i_squared);
        assert!((found.mean.value - -0.7145).abs() < 5e-5, "{}", found.mean.value);
        assert!((found.heterogeneity.statistic.unwrap() - 152.2330).abs() < 5e-5);
        let normal: f64 = variances.iter().map(|variance| 1.0 / (variance + found.tau_squared)).sum();
        assert!((normal.sqrt().recip() - 0.1798).abs() < 5e-5);
        assert!((found.common.value - -0.4303).abs() < 5e-5, "{}", found.common.value);
        let interval = found.common.interval.unwrap();
        assert!((interval.lower - -0.5097).abs() < 5e-5 && (interval.upper - -0.3509).abs() < 5e-5, "{interval:?}");
        assert!((dersimonian_laird(&estimates, &variances) - 0.3088).abs() < 5e-5);
    }

    #[test]
    fn two_equal_sites_by_hand() {
        // y = 0 and 2 with variance 1: REML τ² = s² − v = 2 − 1 = 1, μ = 1, SE² = ½(1 + 1)/2 / (1 · (½ + ½)) = 1.
        let found = random_effects(&[0.0, 2.0], &[1.0, 1.0], 0.95).unwrap();
        assert!((found.tau_squared - 1.0).abs() < 1e-9);
        assert!((found.mean.value - 1.0).abs() < 1e-12);
        assert!((found.mean.standard_error.unwrap() - 1.0).abs() < 1e-9);
        assert!((found.i_squared - 0.5).abs() < 1e-9);
        assert!(found.prediction.is_none());
        assert_eq!(found.weights, [0.5, 0.5]);
    }

    #[test]
    fn equal_estimates_have_no_variance_between() {
        let found = random_effects(&[0.4, 0.4, 0.4], &[0.1, 0.2, 0.3], 0.95).unwrap();
        assert_eq!((found.tau_squared, found.i_squared), (0.0, 0.0));
        assert!((found.common.value - 0.4).abs() < 1e-15);
        assert!(random_effects(&[0.4], &[0.1], 0.95).is_err());
    }
}
