//! Newton's method with step halving for a concave log-likelihood, from zero.

use super::likelihood::Evaluation;
use crate::stats::error::StatsError;
use crate::stats::linear_algebra::{Cholesky, dot, quadratic_form};

/// A column whose variance in the risk sets is below this part of its second moment does not vary there.
const CONSTANT: f64 = 1e-12;
/// A pivot below this part of its diagonal means a column that is a combination of others.
const COLLINEAR: f64 = 1e-12;
/// Once the search is under way only a pivot lost to rounding ends it.
const SINGULAR: f64 = 1e-15;
const MAXIMUM_HALVINGS: usize = 60;

#[derive(Clone, Debug)]
pub(super) struct Maximum {
    pub beta: Vec<f64>,
    pub null: Evaluation,
    pub at_maximum: Evaluation,
    /// Likelihoods evaluated after that at zero: steps and halvings of steps.
    pub iterations: usize,
    /// Columns along which the likelihood still rises, ever less, however large the coefficient becomes.
    pub monotone: Vec<usize>,
}

/// Climbs until the log-likelihood changes by at most `tolerance` of itself (R's criterion), or, where it goes to zero,
/// by `tolerance`/1000 of its value at the start.
pub(super) fn maximise(
    columns: usize,
    tolerance: f64,
    max_iterations: usize,
    mut evaluate: impl FnMut(&[f64]) -> Result<Evaluation, StatsError>,
) -> Result<Maximum, StatsError> {
    let mut beta = vec![0.0; columns];
    let null = evaluate(&beta)?;
    let mut step = first_step(&null)?;
    let mut current = null.clone();
    let least_change = 1e-3 * tolerance * null.log_likelihood.abs();
    if columns == 0 {
        return Ok(Maximum { beta, at_maximum: current, null, iterations: 0, monotone: Vec::new() });
    }
    let mut iterations = 0;
    while iterations < max_iterations {
        iterations += 1;
        let candidate = |step: &[f64]| beta.iter().zip(step).map(|(b, s)| b + s).collect::<Vec<f64>>();
        let mut next_beta = candidate(&step);
        let mut next = evaluate(&next_beta)?;
        let rounding = 1e-14 * current.log_likelihood.abs();
        let mut halvings = 0;
        while !(next.log_likelihood >= current.log_likelihood - rounding && next.log_likelihood.is_finite()) {
            halvings += 1;
            iterations += 1;
            if halvings > MAXIMUM_HALVINGS {
                return Err(StatsError::NotConverged { iterations });
            }
            step.iter_mut().for_each(|value| *value *= 0.5);
            next_beta = candidate(&step);
            next = evaluate(&next_beta)?;
        }
        let change = (next.log_likelihood - current.log_likelihood).abs();
        let converged = change <= tolerance * next.log_likelihood.abs() || change <= least_change;
        beta = next_beta;
        current = next;
        let next_step = Cholesky::new(&current.information, SINGULAR).map(|cholesky| cholesky.solve(&current.score));
        match next_step {
            Ok(next_step) if next_step.iter().all(|value| value.is_finite()) => step = next_step,
            // The likelihood became flat along the last step: what can be said of it is said below.
            _ => {
                let monotone = monotone_columns(&step, &beta, &null, &current);
                return if monotone.is_empty() {
                    Err(StatsError::NotConverged { iterations })
                } else {
                    Ok(Maximum { beta, at_maximum: current, null, iterations, monotone })
                };
            }
        }
        if converged && halvings == 0 {
            let monotone = monotone_columns(&step, &beta, &null, &current);
            return Ok(Maximum { beta, at_maximum: current, null, iterations, monotone });
        }
    }
    Err(StatsError::NotConverged { iterations })
}

fn first_step(null: &Evaluation) -> Result<Vec<f64>, StatsError> {
    for (column, raw) in null.raw_diagonal.iter().enumerate() {
        let variance = null.information.get(column, column);
        // Written so that a NaN fails too.
        if !(variance > CONSTANT * raw) {
            return Err(StatsError::Collinear { column });
        }
    }
    Ok(Cholesky::new(&null.information, COLLINEAR)?.solve(&null.score))
}

/// At a proper maximum the next step is nothing. Along a direction without a maximum it stays of the order of one unit,
/// as both gradient and curvature die away together, and hardly any of the curvature at zero is left.
fn monotone_columns(step: &[f64], beta: &[f64], null: &Evaluation, current: &Evaluation) -> Vec<usize> {
    let curvature = quadratic_form(&current.information, step);
    let at_zero = quadratic_form(&null.information, step);
    if curvature > 1e-5 * at_zero || dot(step, step) == 0.0 {
        return Vec::new();
    }
    (0..step.len()).filter(|j| step[*j].abs() > 1e-5 && step[*j].abs() > 1e-4 * beta[*j].abs()).collect()
}
