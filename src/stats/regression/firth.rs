//! Logistic regression by Firth's penalised likelihood: finite also where the outcome is separated.
//!
//! Estimand: the coefficients of a logistic model ([`super::logistic`]), with the first-order bias of maximum likelihood
//! removed.
//!
//! Formula: maximises ℓ*(β) = ℓ(β) + ½ ln det I(β), I = X'WX the Fisher information, W = diag(w p (1 − p)). The score is
//! Σ \[w (y − p) + h (½ − p)\] x, with h the leverages, the diagonal of W½ X I⁻¹ X' W½. Solved by scoring with
//! step-halving, in an orthogonal basis, by the information of the augmented data below: near a leverage of 1 the penalty
//! curves as much as the likelihood, and steps by I alone would be twice too long. Where that is slow, by minus the derivative
//! of the score.
//!
//! Intervals and tests: profile penalised likelihood, {b : 2(ℓ*(β̂) − max ℓ* given β_j = b) ≤ χ²₁}, and the penalised
//! likelihood-ratio test of β_j = 0; the determinant is always that of the information of all columns. Wald limits
//! rest on the inverse information and are poor under separation.
//!
//! Two standard errors are in use: that of I⁻¹ at the estimate (Firth 1993; brglm2), and that of the information with
//! weights w(1 + h) p (1 − p), the model of the data augmented by pseudo-observations (logistf since 1.24).
//!
//! Input, row order and errors as in [`super::logistic`], save that separation is no error.
//!
//! Source: Firth 1993, doi:10.1093/biomet/80.1.27; Heinze and Schemper 2002, doi:10.1002/sim.1047.
//! Oracle: logistf 1.26.1 `logistf(pl = TRUE)` with tightened tolerances; brglm2 0.9 `type = "AS_mean"`.

use super::design::{BLOCK, Design};
use super::likelihood::{Constraint, evaluate, largest, predictor_block, term};
use super::logistic::{LogisticInput, LogisticInterval, inverse_logit, likelihood_ratio_test};
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Estimate, Interval, Test};
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How a penalised model is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct FirthOptions {
    /// Coverage of the intervals; 0.95.
    pub level: f64,
    /// Scoring iterations before [`StatsError::NotConverged`]; 1000.
    pub max_iterations: usize,
    /// Largest last step of a coefficient, in the orthogonal basis, relative to the largest or to 1; 1e-11.
    pub tolerance: f64,
    /// Profile.
    pub interval: LogisticInterval,
}

impl Default for FirthOptions {
    fn default() -> Self {
        Self { level: 0.95, max_iterations: 1000, tolerance: 1e-11, interval: LogisticInterval::Profile }
    }
}

/// One coefficient of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirthCoefficient {
    /// On the log odds.
    pub coefficient: f64,
    /// From the inverse information at the estimate.
    pub standard_error: f64,
    /// From the inverse information of the augmented data.
    pub augmented_standard_error: f64,
    /// Penalised likelihood-ratio test of a coefficient of 0.
    pub test: Test,
    /// Limits of the coefficient.
    pub interval: Interval,
    /// e^coefficient with its limits.
    pub odds_ratio: Estimate,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirthFit {
    /// Of the model.
    pub intercept: FirthCoefficient,
    /// In the order of the columns.
    pub coefficients: Vec<FirthCoefficient>,
    /// Inverse information at the estimate; the intercept first.
    #[serde(with = "super::matrix_by_rows")]
    pub covariance: Matrix,
    /// At the estimate, in the parametrisation of the columns.
    pub penalized_log_likelihood: f64,
    /// With all coefficients but the intercept 0; the determinant is that of all columns.
    pub penalized_log_likelihood_null: f64,
    /// Against the intercept alone.
    pub likelihood_ratio: Test,
    /// Subjects.
    pub n: usize,
    /// Events among them.
    pub events: usize,
    /// Iterations until convergence.
    pub iterations: usize,
}

impl FirthFit {
    /// The linear predictor (log odds) of one subject's values, without offset.
    pub fn linear_predictor(&self, row: &[f64]) -> f64 {
        self.coefficients
            .iter()
            .zip(row)
            .fold(self.intercept.coefficient, |sum, (c, value)| sum + c.coefficient * value)
    }

    /// The predicted probability of the event for one subject's values.
    pub fn probability(&self, row: &[f64]) -> f64 {
        inverse_logit(self.linear_predictor(row))
    }
}

/// Fits the model.
pub fn firth_logistic(input: &LogisticInput<'_>, options: &FirthOptions) -> Result<FirthFit, StatsError> {
    require_level(options.level)?;
    let design = Design::new(input.outcome, input.covariates, input.weight, input.offset)?;
    let penalized = Penalized { design: &design, options };
    let classes = design.class_weights();
    let mut start = vec![0.0; design.width()];
    start[0] = (classes.events / classes.others).ln();
    let maximum = penalized.maximise(start.clone(), &[])?;
    let null = penalized.null(&start)?;

    let estimates = design.original(&maximum.coefficients);
    let covariance = design.original_covariance(&maximum.point.information.inverse());
    let augmented = design.original_covariance(&maximum.point.augmented.inverse());
    let n = design.rows();
    let mut coefficients = (0..estimates.len())
        .map(|j| {
            let error = covariance.get(j, j).sqrt();
            let zero = penalized.profile(&maximum, j, 0.0, maximum.coefficients.clone())?;
            let half = normal_critical(options.level) * error;
            let (lower, upper, method) = match options.interval {
                LogisticInterval::Wald => (estimates[j] - half, estimates[j] + half, "Wald"),
                LogisticInterval::Profile => (
                    penalized.profile_limit(&maximum, j, estimates[j], -half)?,
                    penalized.profile_limit(&maximum, j, estimates[j], half)?,
                    "profile penalised likelihood",
                ),
            };
            Ok(FirthCoefficient {
                coefficient: estimates[j],
                standard_error: error,
                augmented_standard_error: augmented.get(j, j).sqrt(),
                test: likelihood_ratio_test(zero.drop, 1.0),
                interval: Interval { lower, upper, level: options.level, method: Cow::Borrowed(method) },
                odds_ratio: Estimate::new(estimates[j].exp(), n).with_interval(
                    lower.exp(),
                    upper.exp(),
                    options.level,
                    method,
                ),
            })
        })
        .collect::<Result<Vec<_>, StatsError>>()?;
    let intercept = coefficients.remove(0);
    // The determinant of the information depends on the parametrisation: back to that of the caller's columns.
    let shift = design.log_determinant();
    Ok(FirthFit {
        penalized_log_likelihood: maximum.point.log_likelihood - shift,
        penalized_log_likelihood_null: null.point.log_likelihood - shift,
        likelihood_ratio: likelihood_ratio_test(
            2.0 * (maximum.point.log_likelihood - null.point.log_likelihood),
            coefficients.len() as f64,
        ),
        n,
        events: design.outcome.iter().filter(|event| **event).count(),
        iterations: maximum.iterations,
        covariance,
        intercept,
        coefficients,
    })
}

/// The penalised log-likelihood (in the basis) and what its maximisation needs, at one point.
struct Point {
    log_likelihood: f64,
    score: Vec<f64>,
    information: Cholesky,
    /// With weights w (1 + h) p (1 − p).
    augmented: Cholesky,
}

struct Maximum {
    coefficients: Vec<f64>,
    point: Point,
    /// The derivative of the maximum by the value of the (single) constraint.
    multiplier: f64,
    iterations: usize,
}

/// A point of the profile of one coefficient.
struct Profile {
    /// Twice the fall of the penalised log-likelihood from its maximum.
    drop: f64,
    /// The derivative of the profile by the coefficient.
    slope: f64,
    coefficients: Vec<f64>,
}

/// A block's part of the penalty.
struct Penalty {
    score: Vec<f64>,
    information: Matrix,
}

/// Scoring steps before the observed curvature is asked for.
const PATIENCE: usize = 15;

struct Penalized<'a> {
    design: &'a Design,
    options: &'a FirthOptions,
}

impl Penalized<'_> {
    fn point(&self, coefficients: &[f64]) -> Result<Point, StatsError> {
        let plain = evaluate(self.design, coefficients);
        let information = Cholesky::new(&plain.information, 0.0)
            .map_err(|_| StatsError::NotConverged { iterations: self.options.max_iterations })?;
        let mut score = plain.score;
        let width = self.design.width();
        let mut augmented = plain.information;
        for block in self.by_block(|start, end| self.penalty(coefficients, &information, start, end)) {
            for (sum, value) in score.iter_mut().zip(block.score) {
                *sum += value;
            }
            for j in 0..width {
                for k in 0..width {
                    augmented.add(j, k, block.information.get(j, k));
                }
            }
        }
        let augmented = Cholesky::new(&augmented, 0.0)
            .map_err(|_| StatsError::NotConverged { iterations: self.options.max_iterations })?;
        let log_likelihood = plain.log_likelihood + 0.5 * information.log_determinant();
        Ok(Point { log_likelihood, score, information, augmented })
    }

    fn by_block<T: Send>(&self, work: impl Fn(usize, usize) -> T + Sync) -> Vec<T> {
        let rows = self.design.rows();
        (0..rows.div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| work(block * BLOCK, rows.min((block + 1) * BLOCK)))
            .collect()
    }

    /// Leverages of the rows from `start` to `end`: w p (1 − p) |L⁻¹x|², with I = L L'.
    fn leverages(&self, predictor: &[f64], information: &Cholesky, start: usize, end: usize) -> Vec<f64> {
        let factor = information.factor();
        let mut solved: Vec<Vec<f64>> = Vec::with_capacity(self.design.width());
        let mut leverage = vec![0.0; end - start];
        for (j, column) in self.design.basis().iter().enumerate() {
            let mut image = column[start..end].to_vec();
            for (k, earlier) in solved.iter().enumerate() {
                let share = factor.get(j, k);
                for (value, part) in image.iter_mut().zip(earlier) {
                    *value -= share * part;
                }
            }
            for (value, sum) in image.iter_mut().zip(&mut leverage) {
                *value /= factor.get(j, j);
                *sum += *value * *value;
            }
            solved.push(image);
        }
        for (row, (sum, predictor)) in leverage.iter_mut().zip(predictor).enumerate() {
            let weight = self.design.weight.as_ref().map_or(1.0, |weight| weight[start + row]);
            *sum *= weight * term(true, *predictor).variance;
        }
        leverage
    }

    /// What the pseudo-observations, which weigh their leverages, add to score and information over a block:
    /// Σ h (½ − p) x and Σ h p (1 − p) x x'.
    fn penalty(&self, coefficients: &[f64], information: &Cholesky, start: usize, end: usize) -> Penalty {
        let mut pull = predictor_block(self.design, coefficients, start, end);
        let mut variance = self.leverages(&pull, information, start, end);
        for (predictor, leverage) in pull.iter_mut().zip(&mut variance) {
            let term = term(true, *predictor);
            // ½ − p = (1 − p) − ½.
            *predictor = *leverage * (term.residual - 0.5);
            *leverage *= term.variance;
        }
        let columns: Vec<&[f64]> = self.design.basis().iter().map(|column| &column[start..end]).collect();
        let mut added = Matrix::zeros(columns.len(), columns.len());
        for (j, column) in columns.iter().enumerate() {
            let weighted: Vec<f64> = column.iter().zip(&variance).map(|(value, weight)| value * weight).collect();
            for (k, other) in columns[..=j].iter().enumerate() {
                let value = dot(&weighted, other);
                added.set(j, k, value);
                added.set(k, j, value);
            }
        }
        Penalty { score: columns.iter().map(|column| dot(column, &pull)).collect(), information: added }
    }

    /// All coefficients but the intercept 0: in the orthogonal basis too.
    fn null(&self, start: &[f64]) -> Result<Maximum, StatsError> {
        let unit = Matrix::identity(self.design.width());
        let constraints: Vec<Constraint<'_>> =
            (1..self.design.width()).map(|j| Constraint { functional: unit.row(j), value: 0.0 }).collect();
        self.maximise(start.to_vec(), &constraints)
    }

    /// Minus the derivative of the score, by central differences; `None` where it is not positive definite.
    fn observed_information(&self, coefficients: &[f64]) -> Option<Cholesky> {
        const STEP: f64 = 1e-5;
        let width = coefficients.len();
        let score = |j: usize, step: f64| {
            let mut moved = coefficients.to_vec();
            moved[j] += step;
            self.point(&moved).ok().map(|point| point.score)
        };
        let mut information = Matrix::zeros(width, width);
        for j in 0..width {
            let (above, below) = (score(j, STEP)?, score(j, -STEP)?);
            for k in 0..width {
                let value = (below[k] - above[k]) / (2.0 * STEP);
                information.add(j, k, 0.5 * value);
                information.add(k, j, 0.5 * value);
            }
        }
        Cholesky::new(&information, 1e-10).ok()
    }

    /// Scoring under linear constraints.
    fn maximise(&self, start: Vec<f64>, constraints: &[Constraint<'_>]) -> Result<Maximum, StatsError> {
        let mut coefficients = start;
        let mut point = self.point(&coefficients)?;
        for iterations in 1..=self.options.max_iterations {
            // Where scoring is slow, as on a ridge, the curvature of the penalised likelihood itself ends it.
            let curvature = if iterations > PATIENCE { self.observed_information(&coefficients) } else { None };
            let curvature = curvature.as_ref().unwrap_or(&point.augmented);
            let step = scoring_step(&point, curvature, &coefficients, constraints)?;
            let scale = largest(&coefficients).max(1.0);
            let size = largest(&step.direction);
            if size <= self.options.tolerance * scale {
                return Ok(Maximum { coefficients, point, multiplier: step.multiplier, iterations });
            }
            let on_constraints = constraints.iter().all(|constraint| constraint.is_met(&coefficients));
            // Near separation the information is flat and a full step would leave the region where it means anything.
            let mut fraction = if size > 5.0 && on_constraints { 5.0 / size } else { 1.0 };
            let shortest = 1e-6 * fraction;
            loop {
                let trial: Vec<f64> = coefficients.iter().zip(&step.direction).map(|(c, d)| c + fraction * d).collect();
                let next = self.point(&trial);
                if let Ok(next) = next {
                    let allowed = 1e-12 * point.log_likelihood.abs() + step.price;
                    if !on_constraints || next.log_likelihood >= point.log_likelihood - allowed || fraction < shortest {
                        coefficients = trial;
                        point = next;
                        break;
                    }
                } else if fraction < shortest {
                    return Err(StatsError::NotConverged { iterations });
                }
                fraction *= 0.5;
            }
        }
        Err(StatsError::NotConverged { iterations: self.options.max_iterations })
    }

    /// The profile of coefficient `position` at `value`.
    fn profile(&self, maximum: &Maximum, position: usize, value: f64, start: Vec<f64>) -> Result<Profile, StatsError> {
        let constraint = Constraint { functional: self.design.functional(position), value };
        let inner = self.maximise(start, &[constraint])?;
        Ok(Profile {
            drop: 2.0 * (maximum.point.log_likelihood - inner.point.log_likelihood),
            slope: inner.multiplier,
            coefficients: inner.coefficients,
        })
    }

    /// The limit on the side of `half` (a Wald half-width with its sign): where the profile has fallen by critical².
    /// Newton's steps, kept between a point that is known to lie inside and one that is known to lie outside.
    fn profile_limit(&self, maximum: &Maximum, position: usize, estimate: f64, half: f64) -> Result<f64, StatsError> {
        let critical = normal_critical(self.options.level);
        let (mut inside, mut outside) = (estimate, None);
        let mut value = estimate + half;
        let mut start = maximum.coefficients.clone();
        for _ in 0..200 {
            let profile = self.profile(maximum, position, value, start)?;
            let excess = profile.drop - critical * critical;
            if excess <= 0.0 {
                inside = value;
            } else {
                outside = Some(value);
            }
            let newton = value + excess / (2.0 * profile.slope);
            let next = match outside {
                // Outwards by at most as much again.
                None => {
                    let farthest = 2.0 * value - estimate;
                    if (newton - value) / half > 0.0 && ((newton - farthest) / half) < 0.0 { newton } else { farthest }
                }
                Some(outside) if (newton - inside) * (newton - outside) < 0.0 => newton,
                Some(outside) => 0.5 * (inside + outside),
            };
            if (next - value).abs() <= 1e-10 * (value - estimate).abs() {
                return Ok(next);
            }
            start = profile.coefficients;
            value = next;
        }
        Err(StatsError::NotConverged { iterations: 200 })
    }
}

struct Step {
    direction: Vec<f64>,
    multiplier: f64,
    /// By how much closing what gap there is to the constraints may lower the log-likelihood.
    price: f64,
}

/// I · step = score − C'λ with C (coefficients + step) = values; I is the curvature that is given.
fn scoring_step(
    point: &Point,
    curvature: &Cholesky,
    coefficients: &[f64],
    constraints: &[Constraint<'_>],
) -> Result<Step, StatsError> {
    let mut direction = curvature.solve(&point.score);
    if constraints.is_empty() {
        return Ok(Step { direction, multiplier: 0.0, price: 0.0 });
    }
    let along: Vec<Vec<f64>> = constraints.iter().map(|c| curvature.solve(c.functional)).collect();
    let size = constraints.len();
    let mut system = Matrix::zeros(size, size);
    let gaps: Vec<f64> =
        constraints.iter().map(|constraint| constraint.value - dot(constraint.functional, coefficients)).collect();
    let mut right = vec![0.0; size];
    for (i, constraint) in constraints.iter().enumerate() {
        right[i] = dot(constraint.functional, &direction) - gaps[i];
        for (j, along) in along.iter().enumerate() {
            system.set(i, j, dot(constraint.functional, along));
        }
    }
    let multipliers = Cholesky::new(&system, 0.0)?.solve(&right);
    for (along, multiplier) in along.iter().zip(&multipliers) {
        for (step, part) in direction.iter_mut().zip(along) {
            *step -= multiplier * part;
        }
    }
    let price = multipliers.iter().zip(&gaps).map(|(multiplier, gap)| (multiplier * gap).abs()).sum();
    Ok(Step { direction, multiplier: multipliers[0], price })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(outcome: &[bool], covariates: &[&[f64]]) -> FirthFit {
        firth_logistic(&LogisticInput::new(outcome, covariates), &FirthOptions::default()).unwrap()
    }

    #[test]
    fn a_saturated_two_by_two_table_adds_one_half_to_each_cell() {
        // Jeffreys' prior in a saturated model adds 1/2 to every cell: exposed 4 events and 0 others, unexposed 1 and 3:
        // log odds (1.5 / 3.5), log odds ratio ln(4.5 / 0.5) − ln(1.5 / 3.5) = ln 21. Separated for maximum likelihood.
        let outcome = [true, true, true, true, true, false, false, false];
        let exposed = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let fit = fit(&outcome, &[&exposed]);
        assert!((fit.coefficients[0].coefficient - 21f64.ln()).abs() < 1e-9);
        assert!((fit.intercept.coefficient - (1.5f64 / 3.5).ln()).abs() < 1e-9);
        assert!(fit.coefficients[0].interval.lower < 21f64.ln() && fit.coefficients[0].interval.upper.is_finite());
    }

    #[test]
    fn a_single_exposed_subject_has_a_leverage_near_one_and_an_estimate() {
        // ½ in each cell: ln(1.5 / 0.5) for the exposed, who had the event, less ln((e + ½) / (others + ½)).
        for unexposed in [5usize, 10, 37, 100, 1000] {
            for events in [0, 1, unexposed / 3] {
                let outcome: Vec<bool> = (0..=unexposed).map(|row| row == 0 || row <= events).collect();
                let exposed: Vec<f64> = (0..=unexposed).map(|row| f64::from(u8::from(row == 0))).collect();
                let base = ((events as f64 + 0.5) / ((unexposed - events) as f64 + 0.5)).ln();
                let fit = fit(&outcome, &[&exposed]);
                assert!((fit.coefficients[0].coefficient - (3f64.ln() - base)).abs() < 1e-8, "{unexposed} {events}");
                assert!(fit.coefficients[0].interval.upper.is_finite());
            }
        }
    }

    #[test]
    fn small_random_designs_all_have_limits() {
        let mut stream = crate::stats::random::Seed::from_study(12).stream();
        for round in 0..300 {
            let n = [8, 20, 100][round % 3];
            let columns: Vec<Vec<f64>> = (0..3)
                .map(|column| {
                    let value =
                        |unit: f64| if column == 0 { f64::from(u8::from(unit < 0.2)) } else { 4.0 * unit - 2.0 };
                    (0..n).map(|_| value(stream.unit())).collect()
                })
                .collect();
            let varies = |column: &Vec<f64>| column.iter().any(|value| *value != column[0]);
            let outcome: Vec<bool> = (0..n).map(|row| stream.unit() < 0.5 + 0.2 * columns[1][row]).collect();
            if !columns.iter().all(varies) || outcome.iter().all(|event| *event == outcome[0]) {
                continue;
            }
            let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let fit = firth_logistic(&LogisticInput::new(&outcome, &views), &FirthOptions::default());
            assert!(fit.is_ok(), "round {round}, n = {n}: {:?}", fit.err());
        }
    }

    #[test]
    fn complete_separation_is_finite_with_finite_limits() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let outcome: Vec<bool> = (0..10).map(|i| i >= 5).collect();
        let fit = fit(&outcome, &[&x]);
        let slope = &fit.coefficients[0];
        assert!(slope.coefficient > 0.0 && slope.coefficient < 5.0);
        assert!(
            slope.interval.lower > 0.0 && slope.interval.upper > slope.coefficient && slope.interval.upper.is_finite()
        );
        assert!(slope.test.p_value < 0.01);
    }

    #[test]
    fn an_intercept_alone_adds_one_half_to_each_class() {
        let fit = fit(&[true, false, false, false], &[]);
        assert!((fit.intercept.coefficient - (1.5f64 / 3.5).ln()).abs() < 1e-10);
    }
}
