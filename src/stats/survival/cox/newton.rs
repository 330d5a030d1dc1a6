//! Newton's method with step halving for a concave log-likelihood, from zero.

use super::likelihood::Evaluation;
use crate::stats::error::StatsError;
use crate::stats::linear_algebra::{Cholesky, Matrix, dot, quadratic_form};

/// A column whose variance in the risk sets is below this part of its second moment does not vary there.
const CONSTANT: f64 = 1e-12;
/// A pivot below this part of its diagonal means a column that is a combination of others.
const COLLINEAR: f64 = 1e-12;
/// Once the search is under way only a pivot lost to rounding ends it.
const SINGULAR: f64 = 1e-15;
const MAXIMUM_HALVINGS: usize = 60;
/// Differences of the log-likelihood below this part of its size are noise.
const ROUNDING: f64 = 1e-14;
/// A change that ends the search when the likelihood is monotone: each step then gains a fixed part of the one before.
const MONOTONE: f64 = 1e-10;
/// As MONOTONE, where more of the curvature is added than is left: the steps are ever shorter and find no end.
const FLAT: f64 = 1e-6;
/// As ROUNDING, where the linear predictors differ by hundreds, as they may when the likelihood is monotone.
const FAR_OUT: f64 = 1e-7;
/// Part of the curvature at zero that is added to the curvature of a step.
const TRACE: f64 = 1e-13;
/// Part of the curvature at zero below which curvature is noise.
const NOISE: f64 = 1e-16;
/// Where a step promises less than this part of the log-likelihood, the Newton decrement tells better than the likelihood
/// which of two points is nearer to the maximum.
const NEAR: f64 = 1e-11;
/// A step that changes no row's risk, relative to any other's, by more than this part ends at the maximum: its error is the
/// square of it.
const LAST: f64 = 1e-7;
/// The likelihood is not evaluated again after the last step if the information would change by less than this part.
const SAME: f64 = 1e-9;

#[derive(Clone, Debug)]
pub(super) struct Maximum {
    pub beta: Vec<f64>,
    pub null: Evaluation,
    pub at_maximum: Evaluation,
    /// Steps and halvings of steps.
    pub iterations: usize,
    /// Columns along which the likelihood still rises, ever less, however large the coefficient becomes.
    pub monotone: Vec<usize>,
}

/// Climbs until the log-likelihood changes by at most `tolerance` of itself (R's criterion), or, where it goes to zero, of
/// a tenth of its value at the start. `range` is the greatest difference between two rows, of each column.
pub(super) fn maximise(
    range: &[f64],
    tolerance: f64,
    max_iterations: usize,
    mut evaluate: impl FnMut(&[f64]) -> Result<Evaluation, StatsError>,
) -> Result<Maximum, StatsError> {
    let columns = range.len();
    let mut beta = vec![0.0; columns];
    let null = evaluate(&beta)?;
    let mut step = first_step(&null)?;
    let mut current = null.clone();
    if columns == 0 {
        return Ok(Maximum { beta, at_maximum: current, null, iterations: 0, monotone: Vec::new() });
    }
    let finish = |beta: Vec<f64>, at_maximum: Evaluation, step: &[f64], iterations| {
        let monotone = monotone_columns(step, &beta, &null, &at_maximum);
        Ok(Maximum { beta, null: null.clone(), at_maximum, iterations, monotone })
    };
    let mut iterations = 0;
    let mut halvings = 0;
    while iterations < max_iterations {
        iterations += 1;
        let next_beta: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + s).collect();
        let next = evaluate(&next_beta)?;
        // A likelihood that goes to zero is a sum of terms that cancel: its rounding is that of the terms.
        let size = next.log_likelihood.abs().max(0.1 * null.log_likelihood.abs());
        let change = (next.log_likelihood - current.log_likelihood).abs();
        let small = change <= tolerance * size;
        let next_step = solve(&next, &null);
        let promise = dot(&step, &current.score).abs();
        let nearer = promise <= NEAR * size
            && next_step.as_ref().is_some_and(|next_step| dot(next_step, &next.score).abs() <= promise);
        let rises = next.log_likelihood.is_finite()
            && (nearer || next.log_likelihood >= current.log_likelihood - ROUNDING * size);
        match next_step {
            Some(next_step) if rises => {
                let last = is_last(&next_step, &step, range, &next.information, &current.information);
                (beta, current, step) = (next_beta, next, next_step);
                let still_climbs = if traced(&step, &current) { FLAT } else { MONOTONE };
                let on_the_way_to_infinity =
                    || change <= still_climbs * size && !monotone_columns(&step, &beta, &null, &current).is_empty();
                if halvings == 0 && (small || on_the_way_to_infinity()) {
                    return finish(beta, current, &step, iterations);
                }
                if halvings == 0 && last && iterations < max_iterations {
                    current.log_likelihood += 0.5 * dot(&step, &current.score);
                    beta.iter_mut().zip(&step).for_each(|(beta, step)| *beta += step);
                    return finish(beta, current, &step, iterations + 1);
                }
                halvings = 0;
            }
            _ => {
                // What the step promised is less than rounding can show, which so far out on the way to infinity is more.
                let far_out = promise <= FAR_OUT * current.log_likelihood.abs().max(0.1 * null.log_likelihood.abs())
                    && !monotone_columns(&step, &beta, &null, &current).is_empty();
                if promise <= ROUNDING * size || far_out {
                    return finish(beta, current, &step, iterations);
                }
                halvings += 1;
                if halvings > MAXIMUM_HALVINGS {
                    return Err(StatsError::NotConverged { iterations });
                }
                step.iter_mut().for_each(|value| *value *= 0.5);
            }
        }
    }
    Err(StatsError::NotConverged { iterations })
}

/// Whether the next step is so short that the likelihood at its end is known: it goes on to change by as much, for its
/// length, as along the step before.
fn is_last(next: &[f64], step: &[f64], range: &[f64], information: &Matrix, before: &Matrix) -> bool {
    let greatest_change = |step: &[f64]| step.iter().zip(range).map(|(step, range)| step.abs() * range).sum::<f64>();
    let (next, step) = (greatest_change(next), greatest_change(step));
    let columns = 0..range.len();
    let entries = columns.clone().flat_map(|a| columns.clone().map(move |b| (a, b)));
    let changed = entries.map(|(a, b)| {
        let size = (information.get(a, a) * information.get(b, b)).sqrt();
        (information.get(a, b) - before.get(a, b)).abs() / size
    });
    // Written so that a NaN is not the last.
    next <= LAST && changed.map(|part| part * next / step).all(|part| part <= SAME)
}

/// The Newton step from a point, along which the likelihood rises; `None` where it is not finite. A trace of the curvature
/// at zero is added, so that a column whose own curvature has died away takes no step of noise over noise.
fn solve(at: &Evaluation, null: &Evaluation) -> Option<Vec<f64>> {
    let mut information = at.information.clone();
    for j in 0..information.rows() {
        information.add(j, j, TRACE * null.information.get(j, j));
    }
    let step = invertible(&information, &null.information)?.solve(&at.score);
    step.iter().all(|value| value.is_finite()).then_some(step)
}

/// Whether most of the curvature of this step is what [`solve`] added.
fn traced(step: &[f64], at: &Evaluation) -> bool {
    quadratic_form(&at.information, step) < 0.5 * dot(step, &at.score)
}

/// The factor of an information matrix. Where the likelihood is monotone the matrix loses its rank to rounding before the
/// likelihood stops to rise; then as little as it takes of the diagonal of `scale` is added to its own.
pub(super) fn invertible(information: &Matrix, scale: &Matrix) -> Option<Cholesky> {
    if let Ok(factor) = Cholesky::new(information, SINGULAR) {
        return Some(factor);
    }
    let mut part = 1e-14;
    while part < 1.0 {
        let mut ridged = information.clone();
        for j in 0..ridged.rows() {
            ridged.add(j, j, part * scale.get(j, j).abs());
        }
        if let Ok(factor) = Cholesky::new(&ridged, SINGULAR) {
            return Some(factor);
        }
        part *= 100.0;
    }
    None
}

fn first_step(null: &Evaluation) -> Result<Vec<f64>, StatsError> {
    for (column, raw) in null.raw_diagonal.iter().enumerate() {
        let variance = null.information.get(column, column);
        // A NaN does not vary either.
        let varies = variance > CONSTANT * raw;
        if !varies {
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
    // The step as it would be without the trace of curvature at zero, which is most of it this far out.
    let whole = (dot(step, &current.score) / curvature.max(NOISE * at_zero)).max(1.0);
    let reach = |j: usize| whole * step[j].abs();
    (0..step.len()).filter(|j| reach(*j) > 1e-5 && reach(*j) > 1e-4 * beta[*j].abs()).collect()
}
