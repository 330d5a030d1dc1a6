//! Weak calibration: calibration in the large, calibration intercept and slope, by logistic recalibration.
//!
//! Estimands, with L = logit of the predicted probability:
//! - calibration in the large: a of logit P(Y) = a + L; 0 is perfect, above 0 the model predicts too little;
//! - slope: b of logit P(Y) = a' + b L; 1 is perfect, below 1 predictions are too extreme (overfitting); a' is the
//!   intercept of the same model (perfect: 0, together with b = 1).
//!
//! Tests: a = 0 and b = 1 by Wald; a' = 0 and b = 1 together by the likelihood ratio of the recalibrated against the given
//! predictions, 2 degrees of freedom (Cox 1958). From it val.prob's indices: unreliability U = (that statistic − 2)/n,
//! discrimination D = (twice the log-likelihood of the given predictions above that of the share of events − 1)/n, and
//! quality Q = D − U.
//!
//! Input: outcomes (`true` the event), probabilities strictly between 0 and 1 (the logit of 0 or 1 is infinite; nothing
//! is clipped). Row order does not matter, bit for bit.
//! Edge cases: one class is [`StatsError::OneClass`]; predictions that are all equal have no slope
//! ([`StatsError::Collinear`]), predictions that separate the classes an infinite one ([`StatsError::Separated`]).
//!
//! Source: Cox 1958, doi:10.1093/biomet/45.3-4.562; Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7;
//! Harrell 2015, ch. 10.9 (D, U, Q).
//! Oracle: R 4.2.2 `glm(y ~ offset(L))`, `glm(y ~ L)`; rms 6.5-0 `val.prob`.

use super::check_probabilities;
use super::groups::Sorted;
use crate::stats::distribution::{chi_squared_upper, normal_two_sided};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use crate::stats::regression::logistic::{
    LogisticCoefficient, LogisticInput, LogisticInterval, LogisticOptions, logistic,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How limits are found.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationOptions {
    /// 0.95.
    pub level: f64,
    /// Wald.
    pub interval: LogisticInterval,
}

impl Default for CalibrationOptions {
    fn default() -> Self {
        Self { level: 0.95, interval: LogisticInterval::Wald }
    }
}

/// Calibration in the large, intercept and slope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeakCalibration {
    /// Intercept with the logit of the predictions as offset.
    pub in_the_large: Estimate,
    /// That it is 0.
    pub in_the_large_test: Test,
    /// Intercept of the model with a slope.
    pub intercept: Estimate,
    /// Of the logit of the predictions.
    pub slope: Estimate,
    /// That the slope is 1.
    pub slope_test: Test,
    /// That intercept and slope are 0 and 1.
    pub joint_test: Test,
    /// D: (2 (log-likelihood of the given predictions − that of the share of events) − 1) / n.
    pub discrimination: f64,
    /// U: (joint statistic − 2) / n.
    pub unreliability: f64,
    /// Q = D − U.
    pub quality: f64,
}

/// Calibration in the large, intercept and slope.
pub fn weak_calibration(
    outcome: &[bool],
    probability: &[f64],
    options: &CalibrationOptions,
) -> Result<WeakCalibration, StatsError> {
    let predictor = logits(outcome, probability)?;
    let fit_options =
        LogisticOptions { level: options.level, interval: options.interval, ..LogisticOptions::default() };
    let shifted = LogisticInput { outcome, covariates: &[], weight: None, offset: Some(&predictor) };
    let large = logistic(&shifted, &fit_options)?;
    let sloped = logistic(&LogisticInput::new(outcome, &[&predictor]), &fit_options)?;
    let slope = &sloped.coefficients[0];

    let given: f64 =
        Sorted::new(outcome, probability).pairs().map(|(y, p)| if y == 1.0 { p.ln() } else { (-p).ln_1p() }).sum();
    let joint = (2.0 * (sloped.log_likelihood - given)).max(0.0);
    let n = outcome.len() as f64;
    let discrimination = (2.0 * (given - sloped.log_likelihood_null) - 1.0) / n;
    let unreliability = (joint - 2.0) / n;
    Ok(WeakCalibration {
        in_the_large: estimate(&large.intercept, large.n),
        in_the_large_test: wald(large.intercept.z),
        intercept: estimate(&sloped.intercept, sloped.n),
        slope: estimate(slope, sloped.n),
        slope_test: wald((slope.coefficient - 1.0) / slope.standard_error),
        joint_test: Test {
            statistic: Some(joint),
            distribution: NullDistribution::ChiSquared { df: 2.0 },
            p_value: chi_squared_upper(joint, 2.0),
            alternative: Alternative::TwoSided,
            method: Cow::Borrowed("likelihood ratio"),
        },
        discrimination,
        unreliability,
        quality: discrimination - unreliability,
    })
}

/// Log odds of the predictions, which must be inside (0, 1).
pub(crate) fn logits(outcome: &[bool], probability: &[f64]) -> Result<Vec<f64>, StatsError> {
    check_probabilities(outcome, probability)?;
    match probability.iter().position(|p| *p <= 0.0 || *p >= 1.0) {
        Some(index) => Err(StatsError::InvalidAt { what: "probability", index, expected: "strictly between 0 and 1" }),
        None => Ok(probability.iter().map(|p| p.ln() - (-p).ln_1p()).collect()),
    }
}

fn estimate(coefficient: &LogisticCoefficient, n: usize) -> Estimate {
    let interval = &coefficient.interval;
    Estimate::new(coefficient.coefficient, n).with_standard_error(coefficient.standard_error).with_interval(
        interval.lower,
        interval.upper,
        interval.level,
        interval.method.clone(),
    )
}

fn wald(z: f64) -> Test {
    Test {
        statistic: Some(z),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(z),
        alternative: Alternative::TwoSided,
        method: Cow::Borrowed("Wald"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_by_hand() {
        // Predictions ¼ and ½; of four at ¼ one has the event, of four at ½ three: logits ln(1/3), 0 observed ln(1/3), ln 3.
        // Slope (ln 3 + ln 3)/(ln 3) = 2, intercept ln 3.
        let probability = [0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5];
        let outcome = [true, false, false, false, true, true, true, false];
        let result = weak_calibration(&outcome, &probability, &CalibrationOptions::default()).unwrap();
        assert!((result.slope.value - 2.0).abs() < 1e-11);
        assert!((result.intercept.value - 3f64.ln()).abs() < 1e-11);
    }

    #[test]
    fn certain_predictions_and_equal_predictions_are_errors() {
        let options = CalibrationOptions::default();
        let error = weak_calibration(&[true, false], &[1.0, 0.5], &options);
        let expected = "strictly between 0 and 1";
        assert_eq!(error, Err(StatsError::InvalidAt { what: "probability", index: 0, expected }));
        let error = weak_calibration(&[true, false], &[0.5, 0.5], &options);
        assert_eq!(error, Err(StatsError::Collinear { column: 0 }));
        let error = weak_calibration(&[true, false, true, false], &[0.6, 0.4, 0.7, 0.2], &options);
        assert_eq!(error, Err(StatsError::Separated { column: 0 }));
    }
}
