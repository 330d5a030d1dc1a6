//! Logistic regression by maximum likelihood.
//!
//! Estimand: the coefficients β of logit P(event | x) = β₀ + x'β (+ offset), each e^β an odds ratio per unit of its
//! column; with `weight`, the maximiser of the weighted log-likelihood.
//!
//! Method: Newton's iterations (here the same as iteratively reweighted least squares) with step-halving, in an
//! orthogonal basis of the columns, until the step is below `tolerance`; standard errors are from the inverse information
//! **at** the estimate. (R's `glm` stops at a relative change of the deviance of 1e-8 and reports standard errors from
//! the iterate before the last, which in small samples differ from these in the fourth digit.)
//!
//! Input: one slice per column, each as long as `outcome` (`true` is the event); the intercept is added. Weights are
//! case weights (zero leaves a row out, none may be negative); the offset is on the logit scale. Missing values are
//! errors. Row order does not matter, bit for bit.
//!
//! Edge cases: only one class in the rows of positive weight is [`StatsError::OneClass`]; a constant column or one that
//! is a combination of the earlier ones is [`StatsError::Collinear`], with its position among the columns; complete or
//! quasi-complete separation is [`StatsError::Separated`], with the column that contributes most to the separating
//! direction (use [`super::firth`] there); it is recognised by a certificate (a direction along which no subject's
//! likelihood falls), not by the size of a coefficient. No covariate is allowed: an intercept is fitted.
//!
//! Intervals: Wald, β ± z·se, or profile likelihood, {b : 2(ℓ(β̂) − max ℓ given β_j = b) ≤ χ²₁}, whose limits are roots
//! found to 1e-10 (MASS interpolates them between points of a grid). Tests: Wald per coefficient; likelihood ratio of
//! the model against the intercept (and offset) alone.
//!
//! Sources: McCullagh and Nelder 1989, Generalized Linear Models, ch. 4; Albert and Anderson 1984,
//! doi:10.1093/biomet/71.1.1; Venzon and Moolgavkar 1988, doi:10.2307/2347496.
//! Oracle: R 4.2.2 `glm(family = binomial)`, `MASS::confint.glm` 7.3-58.2.

use super::design::{ClassWeights, Design};
use super::likelihood::{Constraint, Maximum, Stopping, maximise};
use crate::stats::distribution::{chi_squared_upper, normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, Interval, NullDistribution, Test};
use crate::stats::linear_algebra::Matrix;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Outcome and columns of a logistic regression.
#[derive(Clone, Copy, Debug)]
pub struct LogisticInput<'a> {
    /// `true` is the event.
    pub outcome: &'a [bool],
    /// One slice per column, without the intercept.
    pub covariates: &'a [&'a [f64]],
    /// Case weights, none negative.
    pub weight: Option<&'a [f64]>,
    /// A known part of the linear predictor.
    pub offset: Option<&'a [f64]>,
}

impl<'a> LogisticInput<'a> {
    /// No weights, no offset.
    pub fn new(outcome: &'a [bool], covariates: &'a [&'a [f64]]) -> Self {
        Self { outcome, covariates, weight: None, offset: None }
    }
}

/// How limits of coefficients and odds ratios are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogisticInterval {
    /// Estimate ± normal quantile · standard error, on the log odds.
    #[default]
    Wald,
    /// Profile likelihood.
    Profile,
}

/// How a logistic model is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticOptions {
    /// Coverage of the intervals; 0.95.
    pub level: f64,
    /// Newton iterations before [`StatsError::NotConverged`]; 100.
    pub max_iterations: usize,
    /// Largest last step of a coefficient, in the orthogonal basis, relative to the largest or to 1; 1e-12.
    pub tolerance: f64,
    /// Wald.
    pub interval: LogisticInterval,
}

impl Default for LogisticOptions {
    fn default() -> Self {
        Self { level: 0.95, max_iterations: 100, tolerance: 1e-12, interval: LogisticInterval::Wald }
    }
}

/// One coefficient of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticCoefficient {
    /// On the log odds.
    pub coefficient: f64,
    /// Of the coefficient.
    pub standard_error: f64,
    /// Coefficient over standard error.
    pub z: f64,
    /// Wald's chi-squared statistic on one degree of freedom, z².
    pub wald: f64,
    /// Two-sided, of the Wald test.
    pub p_value: f64,
    /// Limits of the coefficient.
    pub interval: Interval,
    /// e^coefficient with its limits; its standard error is not given (it is the coefficient's that is meaningful).
    pub odds_ratio: Estimate,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticFit {
    /// Of the model.
    pub intercept: LogisticCoefficient,
    /// In the order of the columns.
    pub coefficients: Vec<LogisticCoefficient>,
    /// Of the intercept and the coefficients, in this order.
    #[serde(with = "super::matrix_by_rows")]
    pub covariance: Matrix,
    /// Of the intercept (and offset) alone.
    pub log_likelihood_null: f64,
    /// Of the model.
    pub log_likelihood: f64,
    /// −2 log-likelihood.
    pub deviance: f64,
    /// Deviance + 2 · number of coefficients, the intercept among them.
    pub aic: f64,
    /// Against the intercept (and offset) alone, on as many degrees of freedom as there are columns.
    pub likelihood_ratio: Test,
    /// Rows of positive weight.
    pub n: usize,
    /// Events among them.
    pub events: usize,
    /// Iterations until convergence.
    pub iterations: usize,
}

impl LogisticFit {
    /// The linear predictor (log odds) of one subject's values, without offset; missing trailing values count as 0.
    pub fn linear_predictor(&self, row: &[f64]) -> f64 {
        self.coefficients
            .iter()
            .zip(row)
            .fold(self.intercept.coefficient, |sum, (coefficient, value)| sum + coefficient.coefficient * value)
    }

    /// The predicted probability of the event for one subject's values.
    pub fn probability(&self, row: &[f64]) -> f64 {
        inverse_logit(self.linear_predictor(row))
    }

    /// Deviance + ln(n) · number of coefficients, the intercept among them.
    pub fn bic(&self) -> f64 {
        self.deviance + (self.n as f64).ln() * (self.coefficients.len() + 1) as f64
    }
}

/// 1 / (1 + e^−η), without overflow.
pub fn inverse_logit(linear_predictor: f64) -> f64 {
    let tail = (-linear_predictor.abs()).exp();
    if linear_predictor >= 0.0 { 1.0 / (1.0 + tail) } else { tail / (1.0 + tail) }
}

/// Fits the model.
pub fn logistic(input: &LogisticInput<'_>, options: &LogisticOptions) -> Result<LogisticFit, StatsError> {
    require_level(options.level)?;
    let design = Design::new(input.outcome, input.covariates, input.weight, input.offset)?;
    let stopping = Stopping { tolerance: options.tolerance, max_iterations: options.max_iterations };
    let null = fit_null(&design, stopping)?;
    let mut start = vec![0.0; design.width()];
    start[0] = null.intercept;
    let maximum = maximise(&design, start, None, stopping)?;

    let estimates = design.original(&maximum.coefficients);
    let covariance = design.original_covariance(&maximum.information.inverse());
    let limits = match options.interval {
        LogisticInterval::Wald => wald_limits(&estimates, &covariance, options.level),
        LogisticInterval::Profile => {
            profile_limits(&design, &maximum, &estimates, &covariance, options.level, stopping)?
        }
    };
    let n = design.rows();
    let mut coefficients: Vec<LogisticCoefficient> = estimates
        .iter()
        .zip(limits)
        .enumerate()
        .map(|(j, (estimate, interval))| coefficient(*estimate, covariance.get(j, j).sqrt(), interval, n))
        .collect();
    let intercept = coefficients.remove(0);
    let log_likelihood = maximum.evaluation.log_likelihood;
    let log_likelihood_null = null.log_likelihood;
    let df = coefficients.len() as f64;
    Ok(LogisticFit {
        log_likelihood_null,
        log_likelihood,
        deviance: -2.0 * log_likelihood,
        aic: -2.0 * log_likelihood + 2.0 * (df + 1.0),
        likelihood_ratio: likelihood_ratio_test(2.0 * (log_likelihood - log_likelihood_null), df),
        n,
        events: design.outcome.iter().filter(|event| **event).count(),
        iterations: maximum.iterations,
        covariance,
        intercept,
        coefficients,
    })
}

/// The model of the intercept and the offset.
struct NullModel {
    intercept: f64,
    log_likelihood: f64,
}

fn fit_null(design: &Design, stopping: Stopping) -> Result<NullModel, StatsError> {
    let ClassWeights { events, others } = design.class_weights();
    let intercept = (events / others).ln();
    if design.offset.is_none() {
        let total = events + others;
        let log_likelihood = events * (events / total).ln() + others * (others / total).ln();
        return Ok(NullModel { intercept, log_likelihood });
    }
    let maximum = maximise(design, vec![intercept], None, stopping)?;
    Ok(NullModel { intercept: maximum.coefficients[0], log_likelihood: maximum.evaluation.log_likelihood })
}

/// A likelihood-ratio test; with no degree of freedom the P-value is 1.
pub(crate) fn likelihood_ratio_test(statistic: f64, df: f64) -> Test {
    // The larger model cannot fit worse: a negative difference is rounding.
    let statistic = statistic.max(0.0);
    Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: if df > 0.0 { chi_squared_upper(statistic, df) } else { 1.0 },
        alternative: Alternative::TwoSided,
        method: Cow::Borrowed("likelihood ratio"),
    }
}

fn coefficient(estimate: f64, standard_error: f64, interval: Interval, n: usize) -> LogisticCoefficient {
    let z = estimate / standard_error;
    LogisticCoefficient {
        coefficient: estimate,
        standard_error,
        z,
        wald: z * z,
        p_value: normal_two_sided(z),
        odds_ratio: Estimate::new(estimate.exp(), n).with_interval(
            interval.lower.exp(),
            interval.upper.exp(),
            interval.level,
            interval.method.clone(),
        ),
        interval,
    }
}

fn wald_limits(estimates: &[f64], covariance: &Matrix, level: f64) -> Vec<Interval> {
    let critical = normal_critical(level);
    estimates
        .iter()
        .enumerate()
        .map(|(j, estimate)| {
            let half = critical * covariance.get(j, j).sqrt();
            Interval { lower: estimate - half, upper: estimate + half, level, method: Cow::Borrowed("Wald") }
        })
        .collect()
}

fn profile_limits(
    design: &Design,
    maximum: &Maximum,
    estimates: &[f64],
    covariance: &Matrix,
    level: f64,
    stopping: Stopping,
) -> Result<Vec<Interval>, StatsError> {
    let critical = normal_critical(level);
    (0..estimates.len())
        .map(|j| {
            let half = critical * covariance.get(j, j).sqrt();
            let limit = |side: f64| profile_limit(design, maximum, j, estimates[j] + side * half, critical, stopping);
            let (lower, upper) = (limit(-1.0)?, limit(1.0)?);
            Ok(Interval { lower, upper, level, method: Cow::Borrowed("profile likelihood") })
        })
        .collect()
}

/// One root of 2(ℓ(β̂) − ℓ_profile(b)) = critical². The left side is convex in b, so that Newton's method from the Wald
/// limit overshoots at most once and then walks to the root from outside.
fn profile_limit(
    design: &Design,
    maximum: &Maximum,
    position: usize,
    wald_limit: f64,
    critical: f64,
    stopping: Stopping,
) -> Result<f64, StatsError> {
    let functional = design.functional(position);
    let mut limit = wald_limit;
    let mut coefficients = maximum.coefficients.clone();
    for _ in 0..stopping.max_iterations {
        let constraint = Constraint { functional, value: limit };
        let inner = maximise(design, coefficients, Some(constraint), stopping)?;
        let excess = 2.0 * (maximum.evaluation.log_likelihood - inner.evaluation.log_likelihood) - critical * critical;
        let step = excess / (2.0 * inner.multiplier);
        coefficients = inner.coefficients;
        limit += step;
        if step.abs() <= 1e-10 * limit.abs().max((wald_limit - limit).abs()) {
            return Ok(limit);
        }
    }
    Err(StatsError::NotConverged { iterations: stopping.max_iterations })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(outcome: &[bool], covariates: &[&[f64]]) -> Result<LogisticFit, StatsError> {
        logistic(&LogisticInput::new(outcome, covariates), &LogisticOptions::default())
    }

    /// Outcomes and one column of a two by two table: events and others at x = 1, then at x = 0.
    fn table(a: usize, b: usize, c: usize, d: usize) -> (Vec<bool>, Vec<f64>) {
        let outcome = [vec![true; a], vec![false; b], vec![true; c], vec![false; d]].concat();
        let exposed = [vec![1.0; a + b], vec![0.0; c + d]].concat();
        (outcome, exposed)
    }

    #[test]
    fn two_by_two_by_hand() {
        // Odds ratio (6·5)/(2·3) = 5, standard error √(1/6 + 1/2 + 1/3 + 1/5) = √1.2.
        let (outcome, exposed) = table(6, 2, 3, 5);
        let fit = fit(&outcome, &[&exposed]).unwrap();
        let slope = &fit.coefficients[0];
        assert!((slope.odds_ratio.value - 5.0).abs() < 1e-11);
        assert!((slope.standard_error - 1.2f64.sqrt()).abs() < 1e-11);
        assert!((fit.intercept.coefficient - 0.6f64.ln()).abs() < 1e-11);
        assert!((fit.probability(&[1.0]) - 0.75).abs() < 1e-12);
        assert_eq!((fit.n, fit.events), (16, 9));
    }

    #[test]
    fn profile_limits_do_not_depend_on_the_unit_of_a_covariate() {
        // Cells per litre in the place of 10⁹ cells per litre: coefficients and limits are 10⁹ times smaller.
        let outcome = [true, false, true, true, false, false, true, false, true, false];
        let x = [2.1, 1.3, 3.7, 2.9, 1.8, 2.6, 3.1, 0.9, 1.5, 2.2];
        let options = LogisticOptions { interval: LogisticInterval::Profile, ..LogisticOptions::default() };
        let limits = |scale: f64| {
            let scaled = x.map(|value| value * scale);
            let columns: [&[f64]; 1] = [&scaled];
            let fit = logistic(&LogisticInput::new(&outcome, &columns), &options).unwrap();
            let interval = &fit.coefficients[0].interval;
            [interval.lower * scale, interval.upper * scale]
        };
        for (large, plain) in limits(1e9).iter().zip(limits(1.0)) {
            assert!((large / plain - 1.0).abs() < 1e-7, "{large} {plain}");
        }
    }

    #[test]
    fn an_intercept_alone_is_the_log_odds_and_its_profile_limits_are_roots() {
        // Log-likelihood at p: 3 ln p + 5 ln(1 − p), at its maximum p = 3/8.
        let outcome = [true, true, true, false, false, false, false, false];
        let options = LogisticOptions { interval: LogisticInterval::Profile, ..LogisticOptions::default() };
        let fit = logistic(&LogisticInput::new(&outcome, &[]), &options).unwrap();
        assert!((fit.intercept.coefficient - 0.6f64.ln()).abs() < 1e-12);
        let value = |p: f64| 3.0 * p.ln() + 5.0 * (1.0 - p).ln();
        for limit in [fit.intercept.interval.lower, fit.intercept.interval.upper] {
            let fall = 2.0 * (value(0.375) - value(inverse_logit(limit)));
            assert!((fall - 3.841_458_820_694_124).abs() < 1e-8, "{fall}");
        }
        assert_eq!(fit.likelihood_ratio.p_value, 1.0);
    }

    #[test]
    fn separation_is_named_whatever_its_form() {
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        let noise = [0.3, -1.0, 0.8, 0.1, -0.4, 1.1, 0.0, 0.5, -0.9, 0.7, -0.2, 0.4];
        let complete: Vec<bool> = x.iter().map(|x| *x > 5.5).collect();
        assert_eq!(fit(&complete, &[&noise, &x]).err(), Some(StatsError::Separated { column: 1 }));
        // Quasi-complete: a dummy under which everyone has the event; the others overlap.
        let (outcome, exposed) = table(4, 0, 4, 4);
        assert_eq!(fit(&outcome, &[&noise, &exposed]).err(), Some(StatsError::Separated { column: 1 }));
        // Quasi-complete by one shared value of a continuous column.
        let shared = [1.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0, 7.0];
        let outcome = [false, false, false, false, true, true, true, true];
        assert_eq!(fit(&outcome, &[&shared]).err(), Some(StatsError::Separated { column: 0 }));
        // By a combination of columns only: neither separates alone.
        let (u, v) = ([0.0, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0], [0.5, 1.5, 2.5, 3.5, -0.5, 0.5, 1.5, 2.5]);
        let outcome = [true, true, true, true, false, false, false, false];
        assert!(matches!(fit(&outcome, &[&u, &v]), Err(StatsError::Separated { .. })));
        // As many coefficients as subjects.
        assert!(matches!(fit(&[true, false], &[&[0.0, 1.0]]), Err(StatsError::Separated { column: 0 })));
    }

    #[test]
    fn nearly_separated_is_not_separated() {
        // One pair overlaps by a thousandth of the range: the estimate is large and finite, and the score is zero there.
        let mut x: Vec<f64> = (0..40).map(f64::from).collect();
        let outcome: Vec<bool> = (0..40).map(|i| i >= 20).collect();
        (x[19], x[20]) = (19.52, 19.48);
        let fit = fit(&outcome, &[&x]).unwrap();
        let residual = |x: &f64, event: &bool| (if *event { 1.0 } else { 0.0 }) - fit.probability(&[*x]);
        let score: f64 = x.iter().zip(&outcome).map(|(x, event)| residual(x, event) * x).sum();
        assert!(fit.coefficients[0].coefficient > 1.0 && score.abs() < 1e-9, "{score}");
    }

    #[test]
    fn weights_count_rows_and_zero_leaves_out() {
        let (outcome, exposed) = table(6, 2, 3, 5);
        let full = fit(&outcome, &[&exposed]).unwrap();
        let grouped = LogisticInput {
            outcome: &[true, false, true, false, true],
            covariates: &[&[1.0, 1.0, 0.0, 0.0, 9.0]],
            weight: Some(&[6.0, 2.0, 3.0, 5.0, 0.0]),
            offset: None,
        };
        let weighted = logistic(&grouped, &LogisticOptions::default()).unwrap();
        assert!((weighted.deviance - full.deviance).abs() < 1e-11);
        assert!((weighted.coefficients[0].standard_error - full.coefficients[0].standard_error).abs() < 1e-11);
        assert_eq!(weighted.n, 4);
    }

    #[test]
    fn an_offset_of_the_fitted_predictor_leaves_nothing() {
        let (outcome, exposed) = table(6, 2, 3, 5);
        let model = fit(&outcome, &[&exposed]).unwrap();
        let offset: Vec<f64> = exposed.iter().map(|x| model.linear_predictor(&[*x])).collect();
        let input = LogisticInput { outcome: &outcome, covariates: &[&exposed], weight: None, offset: Some(&offset) };
        let rest = logistic(&input, &LogisticOptions::default()).unwrap();
        assert!(rest.coefficients[0].coefficient.abs() < 1e-10 && rest.intercept.coefficient.abs() < 1e-10);
        assert!((rest.log_likelihood - model.log_likelihood).abs() < 1e-12);
    }

    #[test]
    fn scale_and_place_of_a_column_do_not_matter() {
        let x = [0.2, 1.1, 0.4, 2.2, 1.7, 0.1, 3.0, 1.2];
        let outcome = [false, true, false, true, false, true, true, false];
        let near = fit(&outcome, &[&x]).unwrap();
        for (scale, place) in [(1e-12, 0.0), (1e12, 0.0), (1.0, 1e6), (1e150, 0.0)] {
            let moved: Vec<f64> = x.iter().map(|x| scale * x + place).collect();
            let far = fit(&outcome, &[&moved]).unwrap();
            assert!((far.deviance - near.deviance).abs() < 1e-8 * near.deviance);
            let ratio = far.coefficients[0].coefficient * scale / near.coefficients[0].coefficient;
            assert!((ratio - 1.0).abs() < 1e-7, "{ratio}");
        }
    }

    #[test]
    fn a_far_tail_keeps_its_p_value() {
        // 5000 against 5000 with shares 0.6 and 0.4: z = ln(2.25)/√(2/3000 + 2/2000) ≈ 19.9, p ≈ 1e-87.
        let (outcome, exposed) = table(3000, 2000, 2000, 3000);
        let fit = fit(&outcome, &[&exposed]).unwrap();
        let z = 2.25f64.ln() / (2.0 / 3000.0 + 2.0 / 2000.0f64).sqrt();
        assert!((fit.coefficients[0].z - z).abs() < 1e-9);
        let p = fit.coefficients[0].p_value;
        assert!(p > 0.0 && p < 1e-80);
        assert!(fit.likelihood_ratio.p_value > 0.0 && fit.likelihood_ratio.p_value < 1e-80);
    }

    #[test]
    fn bad_input_is_an_error() {
        let x = [1.0, 2.0, f64::NAN];
        assert_eq!(fit(&[true, false, true], &[&x]).err(), Some(StatsError::NotFinite { what: "covariate", index: 2 }));
        assert_eq!(fit(&[], &[]).err(), Some(StatsError::Empty { what: "outcome" }));
        assert_eq!(fit(&[true, true], &[]).err(), Some(StatsError::OneClass { positives: 2, negatives: 0 }));
        let options = LogisticOptions { level: 1.0, ..LogisticOptions::default() };
        assert!(logistic(&LogisticInput::new(&[true, false], &[]), &options).is_err());
    }
}
