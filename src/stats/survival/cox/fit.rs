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
    maximise(data.columns, options.tolerance, options.max_iterations, |beta| match ties {
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
        if parts.rows() <= p {
            return Err(StatsError::TooFew { what: "clusters", needed: p + 1, found: parts.rows() });
        }
        let at_null = robust_parts(data, terms, &vec![0.0; p], cluster)?;
        (sandwich(&parts, &model)?, Some(robust_score_test(&at_null)?), Some(parts.rows()))
    } else {
        (model.clone(), None, None)
    };
    let log_likelihood = maximum.at_maximum.log_likelihood;
    let ratio = (2.0 * (log_likelihood - maximum.null.log_likelihood)).max(0.0);
    let wald = Cholesky::new(&covariance, 0.0).map(|factor| dot(&maximum.beta, &factor.solve(&maximum.beta)));
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
        wald: chi_squared(wald?, p, if robust { "Wald, robust" } else { "Wald" }),
        score: chi_squared(score, p, "score"),
        robust_score,
        n: data.len(),
        events: data.events,
        iterations: maximum.iterations,
        monotone: maximum.monotone.clone(),
        ties: options.ties,
        means: data.means.clone(),
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
        Ok(dot(&values, &Cholesky::new(&part, 0.0)?.solve(&values)))
    }
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
    let statistic = dot(&total, &Cholesky::new(&variance, 0.0)?.solve(&total));
    Ok(chi_squared(statistic, p, "score, robust"))
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
