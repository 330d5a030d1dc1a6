//! From the maximum of the likelihood to the fitted model: scales undone, tests, intervals.

use super::likelihood::{Evaluation, Hazards, TieTerms, evaluate};
use super::newton::{Maximum, invertible, maximise};
use super::prepare::Prepared;
use super::score_parts::{robust_parts, sandwich};
use super::{CoxCoefficient, CoxFit, CoxInput, CoxOptions, Ties};
use crate::stats::distribution::{chi_squared_upper, normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, Interval, NullDistribution, Test};
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};

/// A pivot of a robust covariance below this part of its diagonal is rounding: the matrix is singular.
const ROBUST_RANK: f64 = 1e-12;
const SINGULAR: &str = "the robust covariance of the coefficients is singular";

/// Fits a Cox model.
pub fn cox(input: &CoxInput, options: &CoxOptions) -> Result<CoxFit, StatsError> {
    require_level(options.level)?;
    let data = Prepared::new(input)?;
    let maximum = maximum(&data, options)?;
    let robust = options.robust || input.cluster.is_some();
    finish(&data, input.cluster, &maximum, options, robust)
}

/// The maximum of the likelihood that the options name, in the columns as centred and scaled.
pub(super) fn maximum(data: &Prepared, options: &CoxOptions) -> Result<Maximum, StatsError> {
    let mut hazards = Hazards::new(data);
    let ties = options.ties;
    maximise(&data.range, options.tolerance, options.max_iterations, |beta| match ties {
        Ties::Efron => Ok(evaluate(data, TieTerms::Efron, beta, &mut hazards)),
        Ties::Breslow => Ok(evaluate(data, TieTerms::Breslow, beta, &mut hazards)),
        Ties::ExactPartial => super::exact_partial::evaluate(data, beta, &mut hazards),
        Ties::ExactMarginal => super::exact_marginal::evaluate(data, beta, &mut hazards),
    })
}

fn finish(
    data: &Prepared,
    cluster: Option<&[usize]>,
    maximum: &Maximum,
    options: &CoxOptions,
    robust: bool,
) -> Result<CoxFit, StatsError> {
    let p = data.columns;
    let null_inverse = inverse(&maximum.null)?;
    let model = inverse_at_maximum(maximum)?;
    let (covariance, robust_score, clusters) = if robust {
        let terms = match options.ties {
            Ties::Efron => TieTerms::Efron,
            Ties::Breslow => TieTerms::Breslow,
            Ties::ExactPartial | Ties::ExactMarginal => {
                return Err(StatsError::Undefined {
                    what: "the robust covariance",
                    why: "an exact likelihood has no score residuals",
                });
            }
        };
        let parts = robust_parts(data, terms, &maximum.beta, cluster)?;
        if parts.rows() < 2 {
            return Err(StatsError::TooFew { what: "clusters", needed: 2, found: parts.rows() });
        }
        let at_null = robust_parts(data, terms, &vec![0.0; p], cluster)?;
        let sandwich = sandwich(&parts, &model)?;
        // Residuals that are all zero leave rounding, and a P-value of nothing.
        if (0..p).any(|j| sandwich.get(j, j) <= 1e-20 * model.get(j, j)) {
            return Err(StatsError::Undefined { what: "the robust covariance", why: "no residual differs from zero" });
        }
        let score = if parts.rows() > p { robust_score_test(&at_null).ok() } else { None };
        (sandwich, score, Some(parts.rows()))
    } else {
        (model.clone(), None, None)
    };
    let log_likelihood = maximum.at_maximum.log_likelihood;
    let ratio = (2.0 * (log_likelihood - maximum.null.log_likelihood)).max(0.0);
    let wald = match clusters {
        None => Some(wald_statistic(&covariance, &maximum.beta, 0.0)?),
        Some(clusters) if clusters <= p => None,
        Some(_) => wald_statistic(&covariance, &maximum.beta, ROBUST_RANK).ok(),
    };
    let wald = wald.map(|wald| chi_squared(wald, p, if robust { "Wald, robust" } else { "Wald" }));
    let no_robust_test_because = match clusters {
        Some(clusters) if clusters <= p => Some(format!(
            "{clusters} clusters cannot tell how {p} coefficients vary together: their robust covariance is singular"
        )),
        Some(_) if wald.is_none() || robust_score.is_none() => Some(SINGULAR.to_string()),
        _ => None,
    };
    let score = dot(&maximum.null.score, &null_inverse.multiply_vector(&maximum.null.score));
    let covariance = unscaled(&covariance, &data.scale);
    let model_covariance = unscaled(&model, &data.scale);
    let coefficients = (0..p)
        .map(|j| {
            let standard_error = model_covariance.get(j, j).sqrt();
            let robust_error = robust.then(|| covariance.get(j, j).sqrt());
            let monotone = maximum.monotone.contains(&j);
            coefficient(
                maximum.beta[j] / data.scale[j],
                standard_error,
                robust_error,
                options.level,
                monotone,
                data.len(),
            )
        })
        .collect();
    Ok(CoxFit {
        coefficients,
        covariance,
        model_covariance,
        log_likelihood_null: maximum.null.log_likelihood,
        log_likelihood,
        likelihood_ratio: chi_squared(ratio, p, "likelihood ratio"),
        wald,
        score: chi_squared(score, p, "score"),
        robust_score,
        no_robust_test_because,
        n: data.len(),
        events: data.events,
        iterations: maximum.iterations,
        monotone: maximum.monotone.clone(),
        ties: options.ties,
        means: data.sums.means.clone(),
        level: options.level,
        clusters,
    })
}

impl CoxFit {
    /// bᵀ V⁻¹ b of some of the coefficients.
    pub(super) fn wald_statistic(&self, columns: &[usize], beta: &[f64]) -> Result<f64, StatsError> {
        let mut part = Matrix::zeros(columns.len(), columns.len());
        for (a, row) in columns.iter().enumerate() {
            for (b, column) in columns.iter().enumerate() {
                part.set(a, b, self.covariance.get(*row, *column));
            }
        }
        let values: Vec<f64> = columns.iter().map(|column| beta[*column]).collect();
        if self.clusters.is_none() {
            return wald_statistic(&part, &values, 0.0);
        }
        wald_statistic(&part, &values, ROBUST_RANK)
            .map_err(|_| StatsError::Undefined { what: "the robust Wald test", why: SINGULAR })
    }
}

/// bᵀ V⁻¹ b.
fn wald_statistic(covariance: &Matrix, beta: &[f64], tolerance: f64) -> Result<f64, StatsError> {
    Ok(dot(beta, &Cholesky::new(covariance, tolerance)?.solve(beta)))
}

fn inverse(evaluation: &Evaluation) -> Result<Matrix, StatsError> {
    Ok(Cholesky::new(&evaluation.information, 0.0)?.inverse())
}

/// Along a monotone direction the variance is as large as rounding lets it be.
fn inverse_at_maximum(maximum: &Maximum) -> Result<Matrix, StatsError> {
    let information = &maximum.at_maximum.information;
    if maximum.monotone.is_empty() {
        return inverse(&maximum.at_maximum);
    }
    invertible(information, &maximum.null.information)
        .map(|factor| factor.inverse())
        .ok_or(StatsError::NotConverged { iterations: maximum.iterations })
}

fn unscaled(covariance: &Matrix, scale: &[f64]) -> Matrix {
    let mut result = covariance.clone();
    for a in 0..scale.len() {
        for b in 0..scale.len() {
            result.set(a, b, covariance.get(a, b) / scale[a] / scale[b]);
        }
    }
    result
}

/// uᵀ (Σ u_i u_iᵀ)⁻¹ u with u_i the score residuals at β = 0, summed within clusters.
fn robust_score_test(residuals: &Matrix) -> Result<Test, StatsError> {
    let p = residuals.columns();
    let mut total = vec![0.0; p];
    for row in 0..residuals.rows() {
        for (sum, value) in total.iter_mut().zip(residuals.row(row)) {
            *sum += value;
        }
    }
    let variance = sandwich(residuals, &Matrix::identity(p))?;
    Ok(chi_squared(wald_statistic(&variance, &total, ROBUST_RANK)?, p, "score, robust"))
}

pub(super) fn chi_squared(statistic: f64, df: usize, method: &'static str) -> Test {
    let df = df as f64;
    Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: if df == 0.0 { 1.0 } else { chi_squared_upper(statistic, df) },
        alternative: Alternative::TwoSided,
        method: method.into(),
    }
}

fn coefficient(
    coefficient: f64,
    standard_error: f64,
    robust_standard_error: Option<f64>,
    level: f64,
    monotone: bool,
    n: usize,
) -> CoxCoefficient {
    let used = robust_standard_error.unwrap_or(standard_error);
    let z = coefficient / used;
    let reach = normal_critical(level) * used;
    let method = if robust_standard_error.is_some() { "Wald, robust" } else { "Wald" };
    let (lower, upper, ratio, method) = if monotone {
        let ratio = if coefficient > 0.0 { f64::INFINITY } else { 0.0 };
        (f64::NEG_INFINITY, f64::INFINITY, ratio, "none: monotone likelihood")
    } else {
        (coefficient - reach, coefficient + reach, coefficient.exp(), method)
    };
    CoxCoefficient {
        coefficient,
        standard_error,
        robust_standard_error,
        interval: Interval { lower, upper, level, method: method.into() },
        z,
        wald: z * z,
        p_value: normal_two_sided(z),
        hazard_ratio: Estimate::new(ratio, n).with_interval(lower.exp(), upper.exp(), level, method),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 4] = [1.0, 2.0, 3.0, 4.0];

    fn fit(time: &[f64], event: &[bool], columns: &[&[f64]]) -> Result<CoxFit, StatsError> {
        cox(&CoxInput::new(time, event, columns), &CoxOptions::default())
    }

    #[test]
    fn four_subjects_worked_by_hand() {
        // x = 1, 0, 1, 0 with events at 1, 2 and 3. With θ = e^β the likelihood is θ/(2θ+2) · 1/(θ+2) · θ/(θ+1), whose
        // logarithm's slope in β, 2 − 2θ/(θ+1) − θ/(θ+2), is zero where 2(θ+1)(θ+2) = 2θ(θ+2) + θ(θ+1): θ² − θ − 4 = 0,
        // so θ = (1 + √17)/2.
        let x = [1.0, 0.0, 1.0, 0.0];
        let fit = fit(&TIME, &[true, true, true, false], &[&x]).unwrap();
        let theta = 0.5 * (1.0 + 17f64.sqrt());
        assert!((fit.coefficients[0].hazard_ratio.value - theta).abs() < 1e-12);
        let log_likelihood = 2.0 * theta.ln() - (2.0 * theta + 2.0).ln() - (theta + 2.0).ln() - (theta + 1.0).ln();
        assert!((fit.log_likelihood - log_likelihood).abs() < 1e-14);
        // At zero: risk sets of 4, 3 and 2; score 1/2 − 1/3 + 1/2 and information 1/4 + 2/9 + 1/4.
        assert!((fit.log_likelihood_null + 24f64.ln()).abs() < 1e-14);
        let (score, information) = (1.0 / 2.0 - 1.0 / 3.0 + 1.0 / 2.0, 1.0 / 4.0 + 2.0 / 9.0 + 1.0 / 4.0);
        assert!((fit.score.statistic.unwrap() - score * score / information).abs() < 1e-13);
        assert_eq!((fit.n, fit.events, fit.monotone.len()), (4, 3, 0));
        assert_eq!(fit.means, vec![0.0]);
    }

    #[test]
    fn what_cannot_be_estimated_is_an_error_that_names_the_column() {
        let (x, same, late) = ([1.0, 0.0, 1.0, 0.5], [2.0; 4], [0.3, 0.0, 0.0, 0.0]);
        let twice = [3.0, 1.0, 3.0, 2.0];
        let event = [true, true, true, false];
        assert_eq!(fit(&TIME, &[false; 4], &[&x]).unwrap_err(), StatsError::NoEvents);
        assert_eq!(fit(&TIME, &event, &[&x, &same]).unwrap_err(), StatsError::Collinear { column: 1 });
        assert_eq!(fit(&TIME, &event, &[&x, &twice]).unwrap_err(), StatsError::Collinear { column: 1 });
        // Varies only before the first event.
        assert_eq!(
            fit(&TIME, &[false, true, true, false], &[&x, &late]).unwrap_err(),
            StatsError::Collinear { column: 1 }
        );
        assert_eq!(fit(&[1.0], &[true], &[&[1.0]]).unwrap_err(), StatsError::Collinear { column: 0 });
        assert_eq!(fit(&[], &[], &[&[]]).unwrap_err(), StatsError::Empty { what: "survival time" });
        assert!(matches!(
            fit(&TIME, &event, &[&[0.0, f64::NAN, 1.0, 2.0]]),
            Err(StatsError::NotFinite { index: 1, .. })
        ));
        assert!(matches!(fit(&TIME, &event, &[&[0.0, 1.0]]), Err(StatsError::LengthMismatch { .. })));
        let columns: [&[f64]; 1] = [&x];
        let input = CoxInput::new(&TIME, &event, &columns);
        let refused = |input: CoxInput, options: CoxOptions| cox(&input, &options).unwrap_err();
        let negative = CoxInput { weight: Some(&[1.0, -1.0, 1.0, 1.0]), ..input };
        assert!(matches!(refused(negative, CoxOptions::default()), StatsError::InvalidAt { index: 1, .. }));
        let entry = CoxInput { entry: Some(&[0.0, 2.0, 1.0, 1.0]), ..input };
        assert!(matches!(refused(entry, CoxOptions::default()), StatsError::InvalidAt { index: 1, .. }));
        assert!(matches!(
            refused(input, CoxOptions { level: 1.0, ..CoxOptions::default() }),
            StatsError::OutOfRange { .. }
        ));
        let one_cluster = CoxInput { cluster: Some(&[7; 4]), ..input };
        assert!(matches!(refused(one_cluster, CoxOptions::default()), StatsError::TooFew { needed: 2, found: 1, .. }));
    }

    #[test]
    fn few_clusters_keep_the_fit_and_the_robust_errors() {
        let (x, z) = ([1.0, 0.0, 1.0, 0.0, 0.5, 0.2], [0.0, 1.0, 1.0, 0.0, 2.0, 1.0]);
        let time = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let columns: [&[f64]; 2] = [&x, &z];
        let plain = CoxInput::new(&time, &[true; 6], &columns);
        let fit =
            |cluster: &[usize]| cox(&CoxInput { cluster: Some(cluster), ..plain }, &CoxOptions::default()).unwrap();
        let two = fit(&[0, 0, 0, 1, 1, 1]);
        assert_eq!((&two.wald, &two.robust_score, two.clusters), (&None, &None, Some(2)));
        assert!(two.no_robust_test_because.as_deref().unwrap().contains("2 clusters"));
        // The two sums of residuals are u and −u: each variance is twice the square of what u moves a coefficient by, and
        // the correlation is 1 or −1.
        let (a, b) = (two.covariance.get(0, 0).sqrt(), two.covariance.get(1, 1).sqrt());
        assert!(a > 0.0 && b > 0.0 && (two.covariance.get(0, 1).abs() - a * b).abs() < 1e-12 * a * b);
        assert_eq!(two.coefficients[0].robust_standard_error, Some(a));
        assert!(two.likelihood_ratio.p_value > 0.0 && two.score.p_value > 0.0);
        let three = fit(&[0, 0, 1, 1, 2, 2]);
        assert!(three.wald.is_some() && three.robust_score.is_some() && three.no_robust_test_because.is_none());
    }

    #[test]
    fn residuals_that_are_all_zero_have_no_robust_error() {
        // All die at one time: with Breslow's likelihood nobody's residual differs from zero, and the error would be rounding.
        let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0, 4.0]];
        let input = CoxInput::new(&[3.0; 4], &[true; 4], &columns);
        let robust = CoxOptions { ties: Ties::Breslow, robust: true, ..CoxOptions::default() };
        assert!(matches!(
            super::cox(&input, &robust),
            Err(StatsError::Undefined { what: "the robust covariance", .. })
        ));
        assert!(super::cox(&input, &CoxOptions { robust: false, ..robust }).is_ok());
    }

    #[test]
    fn a_monotone_likelihood_is_said_and_its_limit_reported() {
        // The subjects with x = 1 all have the event before the others: θ → ∞, and what is left is the likelihood of the
        // order within the groups, 1/2 · 1 · 1/2 for two and two (the last time is censored).
        let x = [1.0, 1.0, 0.0, 0.0];
        let fit = fit(&TIME, &[true, true, true, false], &[&x]).unwrap();
        assert_eq!(fit.monotone, vec![0]);
        assert!((fit.log_likelihood - 0.25f64.ln()).abs() < 1e-9);
        let ratio = &fit.coefficients[0].hazard_ratio;
        assert_eq!(ratio.value, f64::INFINITY);
        let interval = ratio.interval.as_ref().unwrap();
        assert_eq!((interval.lower, interval.upper), (0.0, f64::INFINITY));
        assert!(fit.coefficients[0].coefficient.is_finite() && fit.coefficients[0].p_value > 0.9);
        // The other way round the ratio is zero.
        let turned = [0.0, 0.0, 1.0, 1.0];
        assert_eq!(
            super::cox(&CoxInput::new(&TIME, &[true, true, true, false], &[&turned]), &CoxOptions::default())
                .unwrap()
                .coefficients[0]
                .hazard_ratio
                .value,
            0.0
        );
    }

    #[test]
    fn a_model_without_covariates_has_its_likelihood_and_no_test() {
        let fit = fit(&TIME, &[true; 4], &[]).unwrap();
        assert!((fit.log_likelihood + 24f64.ln()).abs() < 1e-14);
        assert_eq!((fit.likelihood_ratio.p_value, fit.coefficients.len()), (1.0, 0));
    }

    #[test]
    fn offsets_of_thousands_and_a_time_of_zero_do_no_harm() {
        let x = [1.0, 0.0, 1.0, 0.0, 0.5];
        let time = [0.0, 2.0, 3.0, 4.0, 5.0];
        let event = [true, true, true, true, false];
        let columns: [&[f64]; 1] = [&x];
        let plain = CoxInput::new(&time, &event, &columns);
        let reference = cox(&plain, &CoxOptions::default()).unwrap();
        let shifted = CoxInput { offset: Some(&[5000.0; 5]), ..plain };
        let other = cox(&shifted, &CoxOptions::default()).unwrap();
        assert!((reference.coefficients[0].coefficient - other.coefficients[0].coefficient).abs() < 1e-10);
        // An early subject at hopeless odds: it costs 2000 of the log-likelihood and changes little else.
        let hopeless = CoxInput { offset: Some(&[-2000.0, 0.0, 0.0, 0.0, 0.0]), ..plain };
        let fit = cox(&hopeless, &CoxOptions::default()).unwrap();
        assert!(fit.log_likelihood < -1990.0 && fit.coefficients[0].coefficient.is_finite());
    }

    #[test]
    fn a_result_survives_json() {
        let x = [1.0, 1.0, 0.0, 0.0];
        let fit = fit(&TIME, &[true, true, true, false], &[&x]).unwrap();
        let text = serde_json::to_string(&fit).unwrap();
        assert_eq!(serde_json::from_str::<CoxFit>(&text).unwrap(), fit);
    }
}
