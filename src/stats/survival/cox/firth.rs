//! Cox regression by Firth's penalised likelihood: finite also where the likelihood is monotone.
//!
//! Estimand: the coefficients of a Cox model ([`super`]), with the first-order bias of maximum likelihood removed.
//! Formula: maximises ℓ*(β) = ℓ(β) + ½ ln det I(β), I the information of the partial likelihood. The gradient is
//! U_j + ½ tr(I⁻¹ ∂I/∂β_j), and ∂I/∂β is the sum of the third central moments of x in the risk sets. The determinant is
//! that of the covariates as given.
//! Intervals and tests: profile penalised likelihood, {b : 2(ℓ*(β̂) − max ℓ* given β_j = b) ≤ χ²₁}, and the penalised
//! likelihood-ratio test of β_j = 0; the determinant is always that of the information of all columns. The standard error
//! is from I⁻¹ at the estimate.
//! Ties: Breslow by default, as coxphf has it, or Efron. Exact likelihoods: an error.
//! Input, missing policy, row order and other errors as in [`super`], except that a monotone likelihood is no error.
//! Edge cases: one event still has a finite estimate. A limit that lies beyond all reach is reported as infinite.
//! Source: Firth 1993 (doi:10.1093/biomet/80.1.27); Heinze and Schemper 2001 (doi:10.1111/j.0006-341X.2001.00114.x).
//! Oracle: the definition, by differences of ℓ and of ln det I (tests/properties/cox.rs). R coxphf defines the same estimate.

use super::fit::chi_squared;
use super::likelihood::{Hazards, TieTerms, evaluate, mean_weight, predict};
use super::prepare::Prepared;
use super::sweep::{add_products, product_width, risk_sweep};
use super::{CoxInput, Ties, matrix_by_rows};
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Estimate, Interval, Test};
use crate::stats::linear_algebra::{Cholesky, Matrix, dot, quadratic_form};
use serde::{Deserialize, Serialize};

const MAXIMUM_HALVINGS: usize = 60;
/// No step moves a linear predictor of typical size by more than this.
const LONGEST_STEP: f64 = 5.0;
/// Times that the search for a limit goes twice as far.
const DOUBLINGS: usize = 40;

/// How a penalised Cox model is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirthCoxOptions {
    /// Breslow or Efron; Breslow by default.
    pub ties: Ties,
    /// Coverage of the intervals, 0.95.
    pub level: f64,
    /// 1000.
    pub max_iterations: usize,
    /// Longest last step of a coefficient times its column's mean absolute deviation: 1e-11.
    pub tolerance: f64,
}

impl Default for FirthCoxOptions {
    fn default() -> Self {
        Self { ties: Ties::Breslow, level: 0.95, max_iterations: 1000, tolerance: 1e-11 }
    }
}

/// One covariate of a penalised Cox model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirthCoxCoefficient {
    /// Log hazard ratio per unit of the covariate.
    pub coefficient: f64,
    pub standard_error: f64,
    /// Profile penalised likelihood.
    pub interval: Interval,
    /// exp(coefficient), with the same interval.
    pub hazard_ratio: Estimate,
    /// Penalised likelihood-ratio test of no effect.
    pub test: Test,
}

/// A Cox model fitted by penalised likelihood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirthCoxFit {
    pub coefficients: Vec<FirthCoxCoefficient>,
    #[serde(with = "matrix_by_rows")]
    pub covariance: Matrix,
    /// ℓ* with all coefficients zero, and at its maximum.
    pub penalised_log_likelihood_null: f64,
    pub penalised_log_likelihood: f64,
    pub likelihood_ratio: Test,
    pub wald: Test,
    pub n: usize,
    pub events: usize,
    pub iterations: usize,
    pub ties: Ties,
}

/// Fits a Cox model by Firth's penalised likelihood.
pub fn firth_cox(input: &CoxInput, options: &FirthCoxOptions) -> Result<FirthCoxFit, StatsError> {
    require_level(options.level)?;
    let ties = match options.ties {
        Ties::Breslow => TieTerms::Breslow,
        Ties::Efron => TieTerms::Efron,
        Ties::ExactPartial | Ties::ExactMarginal => {
            let why = "it is known for Breslow's and Efron's likelihood only";
            return Err(StatsError::Undefined { what: "Firth's penalty", why });
        }
    };
    let data = Prepared::new(input)?;
    let p = data.columns;
    if p == 0 {
        return Err(StatsError::Empty { what: "covariates" });
    }
    let model = Penalised { data: &data, ties, options };
    let null = model.evaluate(&vec![0.0; p])?;
    let best = model.maximise(vec![0.0; p], None)?;
    let covariance = best.at.inverse.clone();
    let coefficients = (0..p).map(|column| model.coefficient(&best, column)).collect::<Result<_, _>>()?;
    let shift: f64 = data.scale.iter().map(|scale| scale.ln()).sum();
    let ratio = 2.0 * (best.at.value - null.value);
    let wald = quadratic_form(&best.at.information, &best.beta);
    let mut unscaled = covariance;
    for a in 0..p {
        for b in 0..p {
            unscaled.set(a, b, unscaled.get(a, b) / data.scale[a] / data.scale[b]);
        }
    }
    Ok(FirthCoxFit {
        coefficients,
        covariance: unscaled,
        penalised_log_likelihood_null: null.value + shift,
        penalised_log_likelihood: best.at.value + shift,
        likelihood_ratio: chi_squared(ratio.max(0.0), p, "penalised likelihood ratio"),
        wald: chi_squared(wald, p, "Wald"),
        n: data.len(),
        events: data.events,
        iterations: best.iterations,
        ties: options.ties,
    })
}

struct Penalised<'a> {
    data: &'a Prepared,
    ties: TieTerms,
    options: &'a FirthCoxOptions,
}

/// ℓ* and what belongs to it at one β, in the columns as centred and scaled.
#[derive(Clone)]
struct At {
    value: f64,
    gradient: Vec<f64>,
    information: Matrix,
    inverse: Matrix,
}

#[derive(Clone)]
struct Best {
    beta: Vec<f64>,
    at: At,
    iterations: usize,
}

impl Penalised<'_> {
    fn evaluate(&self, beta: &[f64]) -> Result<At, StatsError> {
        let mut hazards = Hazards::new(self.data);
        let plain = evaluate(self.data, self.ties, beta, &mut hazards);
        for (column, raw) in plain.raw_diagonal.iter().enumerate() {
            // As in an unpenalised fit: a column that does not vary in any risk set. A NaN fails too.
            let varies = plain.information.get(column, column) > 1e-12 * raw;
            if !varies && beta.iter().all(|beta| *beta == 0.0) {
                return Err(StatsError::Collinear { column });
            }
        }
        let factor = Cholesky::new(&plain.information, 1e-14)?;
        let inverse = factor.inverse();
        let mut gradient = self.penalty_gradient(beta, &inverse, &mut hazards);
        for (sum, score) in gradient.iter_mut().zip(&plain.score) {
            *sum = score + 0.5 * *sum;
        }
        let value = plain.log_likelihood + 0.5 * factor.log_determinant();
        Ok(At { value, gradient, information: plain.information, inverse })
    }

    /// tr(V ∂I/∂β_j) = Σ E[(x − x̄)ᵀ V (x − x̄) (x_j − x̄_j)] over events, by sums of x, x xᵀ, q = xᵀ V x and q x.
    fn penalty_gradient(&self, beta: &[f64], inverse: &Matrix, hazards: &mut Hazards) -> Vec<f64> {
        let (data, p) = (self.data, self.data.columns);
        let spread: Vec<f64> = (0..data.len()).map(|row| quadratic_form(inverse, data.row(row))).collect();
        // The products, then q, then q x.
        let products = product_width(p);
        let width = products + 1 + p;
        let add = |row: usize, factor: f64, sums: &mut [f64]| {
            let (first, last) = sums.split_at_mut(products);
            add_products(data, row, factor, first);
            let scaled = factor * spread[row];
            last[0] += scaled;
            for (sum, value) in last[1..].iter_mut().zip(data.row(row)) {
                *sum += scaled * value;
            }
        };
        let mut gradient = vec![0.0; p];
        let mut mean = vec![0.0; width];
        risk_sweep(data, width, predict(data, beta), add, &mut hazards.risk, &mut hazards.reference, |set| {
            let deaths = set.deaths.len();
            let weight = mean_weight(data, set.deaths.clone());
            // Breslow's steps are all alike.
            let steps = if self.ties == TieTerms::Efron { deaths } else { 1 };
            for k in 0..steps {
                let part = k as f64 / deaths as f64;
                let total = set.total - part * set.tied_total;
                for ((mean, sum), tied) in mean.iter_mut().zip(set.sums).zip(set.tied_sums) {
                    *mean = (sum - part * tied) / total;
                }
                let turned = inverse.multiply_vector(&mean[..p]);
                let repeat = weight * (deaths / steps) as f64;
                let mut at = p;
                for a in 0..p {
                    gradient[a] += repeat * (mean[products + 1 + a] - mean[products] * mean[a]);
                    for b in a..p {
                        let covariance = mean[at] - mean[a] * mean[b];
                        gradient[a] -= 2.0 * repeat * turned[b] * covariance;
                        if b != a {
                            gradient[b] -= 2.0 * repeat * turned[a] * covariance;
                        }
                        at += 1;
                    }
                }
            }
        });
        gradient
    }

    /// The maximum of ℓ*, with one coefficient held where it is if `fixed` names it. The curvature of the penalty is not
    /// known in closed form: the steps begin as Fisher's scoring and learn it (BFGS; Nocedal and Wright 2006, 6.1).
    fn maximise(&self, start: Vec<f64>, fixed: Option<usize>) -> Result<Best, StatsError> {
        let free: Vec<usize> = (0..start.len()).filter(|column| Some(*column) != fixed).collect();
        let part = |values: &[f64]| free.iter().map(|column| values[*column]).collect::<Vec<f64>>();
        let mut best = Best { at: self.evaluate(&start)?, beta: start, iterations: 0 };
        if free.is_empty() {
            return Ok(best);
        }
        let mut curvature = scoring_inverse(&best.at.information, &free)?;
        let mut halvings = 0;
        let mut step = curvature.multiply_vector(&part(&best.at.gradient));
        while best.iterations < self.options.max_iterations {
            best.iterations += 1;
            let longest = step.iter().fold(0.0, |longest: f64, value| longest.max(value.abs()));
            let gain = dot(&step, &part(&best.at.gradient));
            let size = best.at.value.abs().max(1.0);
            // Converged, or the step promises less than rounding can show.
            if (longest <= self.options.tolerance && halvings == 0) || (halvings > 0 && gain.abs() <= 1e-14 * size) {
                return Ok(best);
            }
            if longest > LONGEST_STEP {
                step.iter_mut().for_each(|value| *value *= LONGEST_STEP / longest);
            }
            let mut beta = best.beta.clone();
            for (column, value) in free.iter().zip(&step) {
                beta[*column] += value;
            }
            match self.evaluate(&beta) {
                Ok(at) if at.value >= best.at.value - 1e-14 * size => {
                    let before = part(&best.at.gradient);
                    let fall: Vec<f64> = before.iter().zip(part(&at.gradient)).map(|(b, a)| b - a).collect();
                    best = Best { beta, at, ..best };
                    halvings = 0;
                    let moved = dot(&step, &fall);
                    if moved > 1e-10 * (dot(&step, &step) * dot(&fall, &fall)).sqrt() {
                        learn(&mut curvature, &step, &fall, moved);
                    } else {
                        curvature = scoring_inverse(&best.at.information, &free)?;
                    }
                    step = curvature.multiply_vector(&part(&best.at.gradient));
                }
                _ => {
                    halvings += 1;
                    if halvings > MAXIMUM_HALVINGS {
                        return Err(StatsError::NotConverged { iterations: best.iterations });
                    }
                    if halvings == 1 {
                        curvature = scoring_inverse(&best.at.information, &free)?;
                        step = curvature.multiply_vector(&part(&best.at.gradient));
                    }
                    step.iter_mut().for_each(|value| *value *= 0.5);
                }
            }
        }
        Err(StatsError::NotConverged { iterations: best.iterations })
    }

    fn coefficient(&self, best: &Best, column: usize) -> Result<FirthCoxCoefficient, StatsError> {
        let level = self.options.level;
        let scale = self.data.scale[column];
        let mut without = best.beta.clone();
        without[column] = 0.0;
        let without = self.maximise(without, Some(column))?;
        let ratio = (2.0 * (best.at.value - without.at.value)).max(0.0);
        let lower = self.limit(best, column, -1.0)? / scale;
        let upper = self.limit(best, column, 1.0)? / scale;
        let coefficient = best.beta[column] / scale;
        let method = "profile penalised likelihood";
        Ok(FirthCoxCoefficient {
            coefficient,
            standard_error: best.at.inverse.get(column, column).sqrt() / scale,
            interval: Interval { lower, upper, level, method: method.into() },
            hazard_ratio: Estimate::new(coefficient.exp(), self.data.len()).with_interval(
                lower.exp(),
                upper.exp(),
                level,
                method,
            ),
            test: chi_squared(ratio, 1, "penalised likelihood ratio"),
        })
    }

    /// Where the profile has fallen by half the χ² quantile, on one side: Newton's method on the profile, whose slope is the
    /// gradient of ℓ*, kept within a bracket.
    fn limit(&self, best: &Best, column: usize, side: f64) -> Result<f64, StatsError> {
        let critical = normal_critical(self.options.level);
        let target = best.at.value - 0.5 * critical * critical;
        let profile = |from: &Best, value: f64| {
            let mut beta = from.beta.clone();
            beta[column] = value;
            self.maximise(beta, Some(column))
        };
        let mut reach = critical * best.at.inverse.get(column, column).sqrt();
        let mut inside = best.clone();
        let mut outside = None;
        for _ in 0..DOUBLINGS {
            // Where the information is lost to rounding the profile cannot be followed further.
            let Ok(next) = profile(&inside, best.beta[column] + side * reach) else { break };
            if next.at.value < target {
                outside = Some(next);
                break;
            }
            inside = next;
            reach *= 2.0;
        }
        let Some(mut outside) = outside else { return Ok(side * f64::INFINITY) };
        let mut current = outside.clone();
        for _ in 0..200 {
            let (low, high) = (inside.beta[column], outside.beta[column]);
            let step = (target - current.at.value) / current.at.gradient[column];
            let newton = current.beta[column] + step;
            let within = (newton - low) * side > 0.0 && (high - newton) * side > 0.0;
            let next = if within { newton } else { 0.5 * (low + high) };
            let moved = (next - current.beta[column]).abs();
            if moved <= 1e-12 * (1.0 + next.abs()) || (high - low).abs() <= 1e-12 * (1.0 + next.abs()) {
                return Ok(next);
            }
            current = profile(&current, next)?;
            if current.at.value < target {
                outside = current.clone();
            } else {
                inside = current.clone();
            }
        }
        Ok(current.beta[column])
    }
}

/// The inverse information of the free columns, the others held.
fn scoring_inverse(information: &Matrix, free: &[usize]) -> Result<Matrix, StatsError> {
    let mut part = Matrix::zeros(free.len(), free.len());
    for (a, row) in free.iter().enumerate() {
        for (b, column) in free.iter().enumerate() {
            part.set(a, b, information.get(*row, *column));
        }
    }
    Ok(Cholesky::new(&part, 0.0)?.inverse())
}

/// Makes an inverse curvature agree with the fall of the gradient along the last step; `moved` is their product.
fn learn(inverse: &mut Matrix, step: &[f64], fall: &[f64], moved: f64) {
    let turned = inverse.multiply_vector(fall);
    let along = (1.0 + dot(fall, &turned) / moved) / moved;
    for a in 0..step.len() {
        for b in 0..step.len() {
            let value = along * step[a] * step[b] - (step[a] * turned[b] + turned[a] * step[b]) / moved;
            inverse.add(a, b, value);
        }
    }
}
