//! The binomial log-likelihood with logit link, its score and information, and its maximisation.
//!
//! With the linear predictor η = x'β + offset and prior weights w, the log-likelihood is
//! Σ w [y η − ln(1 + e^η)]; the score is Σ w (y − p) x, the information Σ w p (1 − p) x x', where p = 1 / (1 + e^−η).
//! Each term is computed from e^−|η|, so that none overflows and none cancels. Sums run over blocks of rows in
//! parallel, and the blocks are added in their order.

use super::design::{BLOCK, Design, dot_block};
use crate::stats::error::StatsError;
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Part of a Newton step below which no shorter one is tried.
const SHORTEST: f64 = 1e-6;

/// Log-likelihood and derivatives at one point.
pub(crate) struct Evaluation {
    pub(crate) log_likelihood: f64,
    pub(crate) score: Vec<f64>,
    pub(crate) information: Matrix,
}

/// A linear condition on the coefficients in the basis: `functional · coefficients = value`.
pub(crate) struct Constraint<'a> {
    pub(crate) functional: &'a [f64],
    pub(crate) value: f64,
}

impl Constraint<'_> {
    /// Within rounding of its parts, however small the coefficient: that of a value in 1e9 is of the order of 1e-9.
    pub(crate) fn is_met(&self, coefficients: &[f64]) -> bool {
        let gap = self.value - dot(self.functional, coefficients);
        let parts: f64 = self.functional.iter().zip(coefficients).map(|(factor, value)| (factor * value).abs()).sum();
        gap.abs() <= 1e-9 * self.value.abs().max(parts)
    }
}

pub(crate) struct Maximum {
    pub(crate) coefficients: Vec<f64>,
    pub(crate) evaluation: Evaluation,
    pub(crate) information: Cholesky,
    /// The derivative of the maximised log-likelihood by the constraint's value; 0 without a constraint.
    pub(crate) multiplier: f64,
    pub(crate) iterations: usize,
}

/// When to stop: the largest step of a coefficient in the basis, relative to the largest coefficient or 1.
#[derive(Clone, Copy)]
pub(crate) struct Stopping {
    pub(crate) tolerance: f64,
    pub(crate) max_iterations: usize,
}

/// One subject's part in the sums.
pub(crate) struct Term {
    pub(crate) log_likelihood: f64,
    pub(crate) residual: f64,
    pub(crate) variance: f64,
}

pub(crate) fn term(event: bool, predictor: f64) -> Term {
    let tail = (-predictor.abs()).exp();
    let (near, far) = (1.0 / (1.0 + tail), tail / (1.0 + tail));
    // `towards`: the linear predictor points to the class that was observed.
    let towards = event == (predictor >= 0.0);
    let missed = if towards { far } else { near };
    Term {
        log_likelihood: -tail.ln_1p() - if towards { 0.0 } else { predictor.abs() },
        residual: if event { missed } else { -missed },
        variance: near * far,
    }
}

/// The linear predictor of the rows from `start` to `end` under the first `coefficients.len()` basis columns.
pub(crate) fn predictor_block(design: &Design, coefficients: &[f64], start: usize, end: usize) -> Vec<f64> {
    let mut predictor = match &design.offset {
        Some(offset) => offset[start..end].to_vec(),
        None => vec![0.0; end - start],
    };
    for (column, coefficient) in design.basis().iter().zip(coefficients) {
        for (sum, value) in predictor.iter_mut().zip(&column[start..end]) {
            *sum += coefficient * value;
        }
    }
    predictor
}

/// Evaluates the model of the first `coefficients.len()` basis columns.
pub(crate) fn evaluate(design: &Design, coefficients: &[f64]) -> Evaluation {
    let width = coefficients.len();
    let blocks: Vec<Evaluation> = (0..design.rows().div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| evaluate_block(design, coefficients, block * BLOCK, design.rows().min((block + 1) * BLOCK)))
        .collect();
    let empty = Evaluation { log_likelihood: 0.0, score: vec![0.0; width], information: Matrix::zeros(width, width) };
    blocks.into_iter().fold(empty, |mut sum, block| {
        sum.log_likelihood += block.log_likelihood;
        for j in 0..width {
            sum.score[j] += block.score[j];
            for k in 0..width {
                sum.information.add(j, k, block.information.get(j, k));
            }
        }
        sum
    })
}

fn evaluate_block(design: &Design, coefficients: &[f64], start: usize, end: usize) -> Evaluation {
    let width = coefficients.len();
    let mut residual = predictor_block(design, coefficients, start, end);
    let mut variance = vec![0.0; end - start];
    let mut log_likelihood = 0.0;
    for (row, (residual, variance)) in residual.iter_mut().zip(&mut variance).enumerate() {
        let term = term(design.outcome[start + row], *residual);
        let weight = design.weight.as_ref().map_or(1.0, |weight| weight[start + row]);
        log_likelihood += weight * term.log_likelihood;
        *residual = weight * term.residual;
        *variance = weight * term.variance;
    }
    let columns: Vec<&[f64]> = design.basis()[..width].iter().map(|column| &column[start..end]).collect();
    let score = columns.iter().map(|column| dot_block(column, &residual)).collect();
    let mut information = Matrix::zeros(width, width);
    let mut weighted = vec![0.0; end - start];
    for (j, column) in columns.iter().enumerate() {
        for ((product, value), variance) in weighted.iter_mut().zip(*column).zip(&variance) {
            *product = value * variance;
        }
        for (k, other) in columns[..=j].iter().enumerate() {
            let value = dot_block(&weighted, other);
            information.set(j, k, value);
            information.set(k, j, value);
        }
    }
    Evaluation { log_likelihood, score, information }
}

/// Maximises the log-likelihood over the first `start.len()` basis columns by Newton's method with step-halving, under
/// at most one linear constraint (which `start` need not meet).
///
/// Without a constraint, a fit that runs away is recognised as separation: see [`separating_direction`].
pub(crate) fn maximise(
    design: &Design,
    start: Vec<f64>,
    constraint: Option<Constraint<'_>>,
    stopping: Stopping,
) -> Result<Maximum, StatsError> {
    let mut coefficients = start;
    let mut evaluation = evaluate(design, &coefficients);
    // In the basis a coefficient moves the linear predictors by about as much as itself.
    let farthest_offset = design.offset.as_ref().map_or(0.0, |offset| largest(offset));
    let longest = |coefficients: &[f64]| 10.0 + 2.0 * (largest(coefficients) + farthest_offset);
    let mut last_direction: Option<Vec<f64>> = None;
    let mut last_size = f64::INFINITY;
    for iterations in 1..=stopping.max_iterations {
        let Ok(information) = Cholesky::new(&evaluation.information, 0.0) else {
            return Err(stopped(design, last_direction.as_deref(), iterations));
        };
        let Step { direction, multiplier } = newton_step(&information, &evaluation, &coefficients, &constraint);
        let scale = largest(&coefficients).max(1.0);
        let size = largest(&direction) / scale;
        // Steps that are small and no longer shrink are rounding: the estimate is as good as it can be.
        if size <= stopping.tolerance || (size <= 1e-8 && size >= 0.5 * last_size) {
            return Ok(Maximum { coefficients, evaluation, information, multiplier, iterations });
        }
        if !size.is_finite() {
            return Err(stopped(design, last_direction.as_deref(), iterations));
        }
        if constraint.is_none()
            && iterations > 8
            && size * scale > 0.01
            && let Some(column) = separating_direction(design, &direction)
        {
            return Err(StatsError::Separated { column });
        }
        // A step that first has to meet the constraint may lower the log-likelihood. One near the maximum changes it by
        // less than rounding, and Newton's method converges there without being watched.
        let on_constraint = constraint.as_ref().is_none_or(|constraint| constraint.is_met(&coefficients));
        let watched = on_constraint && size > 1e-5;
        // Offsets far from the outcomes leave so little curvature that a whole step is many orders of magnitude too long.
        let mut fraction = if watched { (longest(&coefficients) / largest(&direction)).min(1.0) } else { 1.0 };
        let shortest = SHORTEST * fraction;
        loop {
            let trial: Vec<f64> = coefficients.iter().zip(&direction).map(|(c, d)| c + fraction * d).collect();
            let next = evaluate(design, &trial);
            // Where all fitted probabilities are 0 or 1 the information is lost, and the way back with it. Not so on the way
            // to infinity, where that is how a separated fit ends.
            let lost =
                || Cholesky::new(&next.information, 0.0).is_err() && separating_direction(design, &direction).is_none();
            let rises = next.log_likelihood >= evaluation.log_likelihood && !lost();
            if !watched || rises || fraction < shortest {
                coefficients = trial;
                evaluation = next;
                break;
            }
            fraction *= 0.5;
        }
        last_direction = Some(direction);
        last_size = size;
    }
    Err(stopped(design, last_direction.as_deref(), stopping.max_iterations))
}

struct Step {
    direction: Vec<f64>,
    multiplier: f64,
}

fn newton_step(
    information: &Cholesky,
    evaluation: &Evaluation,
    coefficients: &[f64],
    constraint: &Option<Constraint<'_>>,
) -> Step {
    let free = information.solve(&evaluation.score);
    let Some(Constraint { functional, value }) = constraint else {
        return Step { direction: free, multiplier: 0.0 };
    };
    // Lagrange: information · step = score − multiplier · functional, functional · (coefficients + step) = value.
    let along = information.solve(functional);
    let gap = value - dot(functional, coefficients);
    let multiplier = (dot(functional, &free) - gap) / dot(functional, &along);
    let direction = free.iter().zip(&along).map(|(free, along)| free - multiplier * along).collect();
    Step { direction, multiplier }
}

fn stopped(design: &Design, direction: Option<&[f64]>, iterations: usize) -> StatsError {
    match direction.and_then(|direction| separating_direction(design, direction)) {
        Some(column) => StatsError::Separated { column },
        None => StatsError::NotConverged { iterations },
    }
}

/// The column that separates, when `direction` is a direction in which no subject's likelihood falls and some rise
/// without end: x'd ≥ 0 for every event and ≤ 0 for every other (Albert and Anderson 1984,
/// doi:10.1093/biomet/71.1.1). Newton's steps tend to such a direction when, and only when, there is one; subjects in
/// the overlap of a quasi-complete separation approach zero from either side, which the tolerance allows for.
fn separating_direction(design: &Design, direction: &[f64]) -> Option<usize> {
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut start = 0;
    while start < design.rows() {
        let end = design.rows().min(start + BLOCK);
        let mut margin = vec![0.0; end - start];
        for (column, coefficient) in design.basis().iter().zip(direction) {
            for (sum, value) in margin.iter_mut().zip(&column[start..end]) {
                *sum += coefficient * value;
            }
        }
        for (margin, event) in margin.iter().zip(&design.outcome[start..end]) {
            let margin = if *event { *margin } else { -margin };
            least = least.min(margin);
            greatest = greatest.max(margin);
        }
        start = end;
    }
    (greatest > 0.0 && least >= -1e-7 * greatest).then(|| design.dominant_column(direction))
}

pub(crate) fn largest(values: &[f64]) -> f64 {
    values
        .iter()
        .fold(0.0, |largest, value| if value.abs() > largest || value.is_nan() { value.abs() } else { largest })
}
