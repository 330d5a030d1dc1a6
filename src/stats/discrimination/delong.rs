//! Interval for one AUC by the method of DeLong, DeLong and Clarke-Pearson.
//!
//! Estimand: the AUC (see `auc.rs`), and the variance of its estimate over samples of n₊ and n₋ independent subjects.
//!
//! Formula: with the placement values V₁₀ of the positives and V₀₁ of the negatives,
//! Var = S₁₀ / n₊ + S₀₁ / n₋, where S are sample variances (denominator one less than the count). Placement values come
//! from midranks in O(n log n) (Sun and Xu 2014), and are summed exactly in integers.
//! Interval: [`DelongScale::Plain`] AUC ± z SE, clipped to [0, 1]; [`DelongScale::Logit`] the same on the scale of
//! ln(AUC / (1 − AUC)), with SE / (AUC (1 − AUC)), taken back.
//!
//! Assumptions: subjects are independent (several lesions of one patient are not: see `resample/cluster.rs`).
//! Inputs, ties, orientation, missing values: as in `auc.rs`. Row order: the same bits in any.
//!
//! Edge cases:
//! - one positive, or one negative: the variance is not defined; `standard_error` and `interval` are `None`;
//! - AUC 1 or 0 (perfect separation): the standard error is 0 and the plain interval has width zero, which says nothing
//!   about the uncertainty; on the logit scale the interval is `None`;
//! - all scores tied: AUC 0.5 with standard error 0 and an interval of width zero.
//!
//! Source: DeLong et al. 1988, doi:10.2307/2531595; Sun and Xu 2014, doi:10.1109/LSP.2014.2337313; logit scale:
//! Pepe 2003, The Statistical Evaluation of Medical Tests, section 5.2.
//! Oracle: pROC 1.18.0, `var(r, method = 'delong')`, `ci.auc(r, method = 'delong', conf.level = 0.95)`.

use super::placement::{auc_of, delong_variance, half_pairs};
use super::ranking::{RankedScores, rank_scores};
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Estimate, Orientation};
use serde::{Deserialize, Serialize};

/// The scale on which the interval is symmetric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelongScale {
    /// The AUC itself, clipped to [0, 1] (as pROC does).
    #[default]
    Plain,
    /// Its log odds: never leaves (0, 1), and is the better choice near 1.
    Logit,
}

/// The AUC with DeLong's standard error and the plain interval of coverage `level`.
pub fn delong_auc(
    outcome: &[bool],
    score: &[f64],
    orientation: Orientation,
    level: f64,
) -> Result<Estimate, StatsError> {
    delong_auc_scaled(outcome, score, orientation, level, DelongScale::Plain)
}

/// The AUC with DeLong's standard error (of the AUC, on either scale) and the interval of coverage `level`.
pub fn delong_auc_scaled(
    outcome: &[bool],
    score: &[f64],
    orientation: Orientation,
    level: f64,
    scale: DelongScale,
) -> Result<Estimate, StatsError> {
    require_level(level)?;
    Ok(delong_of_ranked(&rank_scores(outcome, score, orientation)?, level, scale))
}

fn delong_of_ranked(scores: &RankedScores, level: f64, scale: DelongScale) -> Estimate {
    let pairs = half_pairs(scores);
    let auc = auc_of(pairs.total, scores.positives, scores.negatives);
    delong_estimate(auc, delong_variance(scores, &pairs), scores.units(), level, scale)
}

/// An AUC and its DeLong variance, if that is defined, as an estimate with its interval.
pub(crate) fn delong_estimate(
    auc: f64,
    variance: Option<f64>,
    units: usize,
    level: f64,
    scale: DelongScale,
) -> Estimate {
    let estimate = Estimate::new(auc, units);
    let Some(variance) = variance else { return estimate };
    let standard_error = variance.sqrt();
    let estimate = estimate.with_standard_error(standard_error);
    let half_width = normal_critical(level) * standard_error;
    match scale {
        DelongScale::Plain => {
            estimate.with_interval((auc - half_width).max(0.0), (auc + half_width).min(1.0), level, "DeLong")
        }
        DelongScale::Logit if auc > 0.0 && auc < 1.0 => {
            // exp of the half-width on the logit scale: the factor by which the odds may be off.
            let factor = (half_width / (auc * (1.0 - auc))).exp();
            // Written so that an infinite factor gives 0 and 1.
            let lower = auc / (auc + (1.0 - auc) * factor);
            let upper = 1.0 - (1.0 - auc) / ((1.0 - auc) + auc * factor);
            estimate.with_interval(lower, upper, level, "DeLong, logit scale")
        }
        DelongScale::Logit => estimate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variance_by_hand() {
        // Positives 0.35, 0.8, 0.4; negatives 0.1, 0.4, 0.4. V10 = 1/3, 1, 2/3; V01 = 1, 1/2, 1/2.
        // Var = (1/9) / 3 + (1/12) / 3 = 7/108; AUC 2/3; the upper limit is clipped.
        let outcome = [false, false, true, true, true, false];
        let score = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
        let estimate = delong_auc(&outcome, &score, Orientation::HigherIsRisk, 0.95).unwrap();
        let standard_error = (7.0f64 / 108.0).sqrt();
        assert!((estimate.standard_error.unwrap() - standard_error).abs() < 1e-15);
        let interval = estimate.interval.unwrap();
        assert!((interval.lower - (2.0 / 3.0 - 1.959963984540054 * standard_error)).abs() < 1e-14);
        assert_eq!((interval.upper, estimate.n), (1.0, 6));

        // On the logit scale: ln 2 ± 1.96 · SE · 9/2.
        let logit = delong_auc_scaled(&outcome, &score, Orientation::HigherIsRisk, 0.95, DelongScale::Logit).unwrap();
        let interval = logit.interval.unwrap();
        let expit = |x: f64| 1.0 / (1.0 + (-x).exp());
        let half_width = 1.959963984540054 * standard_error * 4.5;
        assert!((interval.lower - expit(2f64.ln() - half_width)).abs() < 1e-14);
        assert!((interval.upper - expit(2f64.ln() + half_width)).abs() < 1e-14);
    }

    #[test]
    fn one_positive_has_no_interval() {
        let estimate = delong_auc(&[true, false, false], &[0.5, 0.2, 0.7], Orientation::HigherIsRisk, 0.95).unwrap();
        assert_eq!((estimate.value, estimate.standard_error, estimate.interval), (0.5, None, None));
    }

    #[test]
    fn perfect_separation_has_width_zero_or_none() {
        let outcome = [true, true, false, false];
        let score = [4.0, 3.0, 2.0, 1.0];
        for (orientation, auc) in [(Orientation::HigherIsRisk, 1.0), (Orientation::LowerIsRisk, 0.0)] {
            let plain = delong_auc(&outcome, &score, orientation, 0.95).unwrap();
            let interval = plain.interval.unwrap();
            assert_eq!((plain.value, plain.standard_error), (auc, Some(0.0)));
            assert_eq!((interval.lower, interval.upper), (auc, auc));
            let logit = delong_auc_scaled(&outcome, &score, orientation, 0.95, DelongScale::Logit).unwrap();
            assert_eq!((logit.standard_error, logit.interval), (Some(0.0), None));
        }
    }

    #[test]
    fn all_tied_has_width_zero() {
        let outcome = [true, true, false, false, false];
        for scale in [DelongScale::Plain, DelongScale::Logit] {
            let estimate = delong_auc_scaled(&outcome, &[7.0; 5], Orientation::HigherIsRisk, 0.95, scale).unwrap();
            let interval = estimate.interval.unwrap();
            assert_eq!((estimate.value, estimate.standard_error), (0.5, Some(0.0)));
            assert_eq!((interval.lower, interval.upper), (0.5, 0.5));
        }
    }

    #[test]
    fn refuses_a_level_that_is_none() {
        for level in [0.0, 1.0, 95.0, f64::NAN] {
            assert!(delong_auc(&[true, false], &[1.0, 0.0], Orientation::HigherIsRisk, level).is_err());
        }
    }
}
