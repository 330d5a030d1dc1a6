//! The Fine-Gray model: proportional hazards of the subdistribution of one of several competing causes.
//!
//! Estimand: β with λ(t; z) = λ₀(t) exp(zβ), where λ is the hazard of the subdistribution: among those without an event of
//! this cause, whether or not another cause has taken them. F(t; z) = 1 - exp(-Λ₀(t) exp(zβ)) is the cumulative incidence.
//! Formula: the score Σ over events of the cause of (z_i - E(t_i)), E = S₁ / S₀ the mean over the risk set weighted by
//! w exp(zβ). A subject with a competing event at X stays in the risk set, with weight w = G(t-) / G(X-), G being the
//! Kaplan-Meier curve of the time to censoring. Newton's method; events at one time as Breslow. Covariance I⁻¹ Σ (η + ψ)(η
//! + ψ)' I⁻¹ over subjects, I the information, η the score residual and ψ the pull of each censoring on G.
//!
//! Assumptions: proportional subdistribution hazards; censoring independent of event times and covariates.
//! Shapes: one slice per covariate, one value per subject. Ties of times: [`super::competing_risks`]; entry times and
//! weights are errors here. Row order: no effect on a single bit. Time n log n + n p² per iteration.
//!
//! Choice where packages differ ([`CensoringTies`]): at a time of both events and censorings, `cmprsk::crr` (the default
//! here, being the authors' program) counts all at risk when G steps, `survival::finegray` only those without an event.
//!
//! Edge cases: no event of the cause, constant or collinear covariates, and covariates whose coefficient grows without
//! bound are errors.
//!
//! Source: Fine and Gray 1999, doi:10.1080/01621459.1999.10474144; Geskus 2011, doi:10.1111/j.1541-0420.2010.01420.x.
//! Oracle: R cmprsk 2.2-11, `crr(time, cause, covariates, failcode, gtol = 1e-12)`; survival 3.5-3, `finegray` and
//! `coxph(ties = "breslow")` (coefficients). Without censoring it is [`super::cox`] with Breslow ties and sandwich.

use super::competing_risks::{CompetingRisksData, require_cause};
use crate::stats::distribution::{chi_squared_upper, normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::{Alternative, Estimate, Interval, NullDistribution, Test};
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};
use sample::{Kind, Sample};
use serde::{Deserialize, Serialize};
use sums::{Sums, add_outer};

mod sample;
mod sums;

/// Who is at risk of being censored at a time at which there are events too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CensoringTies {
    /// All at risk, those with the event included; as `cmprsk::crr`.
    #[default]
    Together,
    /// Those without an event at this time; as `survival::finegray`.
    EventsFirst,
}

/// How the model is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FineGrayOptions {
    /// Coverage of the intervals. Default 0.95.
    pub level: f64,
    /// Default together.
    pub censoring: CensoringTies,
    /// Default 50.
    pub max_iterations: usize,
}

impl Default for FineGrayOptions {
    fn default() -> Self {
        Self { level: 0.95, censoring: CensoringTies::default(), max_iterations: 50 }
    }
}

/// One covariate of a fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FineGrayCoefficient {
    /// Log subdistribution hazard ratio per unit of the covariate.
    pub coefficient: f64,
    /// From the sandwich covariance.
    pub standard_error: f64,
    pub interval: Interval,
    /// Coefficient over its standard error.
    pub z: f64,
    /// Two-sided, of `z`.
    pub p_value: f64,
    pub subdistribution_hazard_ratio: Estimate,
}

/// The cumulative baseline subdistribution hazard from `time` on, at covariates zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubdistributionStep {
    pub time: f64,
    pub cumulative_hazard: f64,
}

/// A fitted Fine-Gray model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FineGray {
    /// In the order of the covariates.
    pub coefficients: Vec<FineGrayCoefficient>,
    /// Sandwich covariance of the coefficients, by rows.
    pub covariance: Vec<Vec<f64>>,
    /// Inverse of the information, by rows: what a variance that took the weights as known would start from.
    pub model_covariance: Vec<Vec<f64>>,
    /// Of the partial pseudo-likelihood.
    pub log_likelihood_null: f64,
    pub log_likelihood: f64,
    /// All coefficients zero.
    pub wald: Test,
    pub baseline: Vec<SubdistributionStep>,
    /// Subjects, those with the event of the cause, and those with another.
    pub n: usize,
    pub events: usize,
    pub competing: usize,
    /// Newton steps taken.
    pub iterations: usize,
}

/// Fits the subdistribution hazard of `cause`.
pub fn fine_gray(
    data: &CompetingRisksData,
    cause: usize,
    covariates: &[&[f64]],
    options: &FineGrayOptions,
) -> Result<FineGray, StatsError> {
    check(data, cause, covariates, options)?;
    let sample = Sample::new(data, cause, covariates, options.censoring)?;
    let p = covariates.len();
    let mut beta = vec![0.0; p];
    let mut state = Sums::of(&sample, &beta);
    let log_likelihood_null = state.log_likelihood;
    let mut iterations = 0;
    loop {
        if iterations == options.max_iterations {
            return Err(StatsError::NotConverged { iterations });
        }
        iterations += 1;
        let score = state.score(&sample);
        let step = Cholesky::new(&state.information(&sample), 1e-12)?.solve(&score);
        let distance = largest(&step);
        (beta, state) = halved_until_better(&sample, &beta, &step, &state, 0.5 * dot(&step, &score))?;
        if let Some(column) = (0..p).find(|column| (beta[*column] * sample.range[*column]).abs() > LARGEST_SPREAD) {
            return Err(StatsError::Separated { column });
        }
        // Newton's error is squared by each step: after one this small nothing is left of it.
        if distance <= 1e-7 * (1.0 + largest(&beta)) {
            break;
        }
    }
    finish(&sample, &beta, &state, log_likelihood_null, iterations, options)
}

/// A log hazard ratio between the extremes of a covariate that no data can support: exp(30) is 10^13.
const LARGEST_SPREAD: f64 = 30.0;

fn check(
    data: &CompetingRisksData,
    cause: usize,
    covariates: &[&[f64]],
    options: &FineGrayOptions,
) -> Result<(), StatsError> {
    require_level(options.level)?;
    data.check()?;
    require_cause(cause, data.cause_count)?;
    if data.entry.is_some() || data.weight.is_some() {
        return Err(StatsError::Undefined { what: "a Fine-Gray model", why: "subjects enter late or are weighted" });
    }
    if covariates.is_empty() {
        return Err(StatsError::Empty { what: "list of covariates" });
    }
    for covariate in covariates {
        require_same_length("survival time", data.time.len(), "covariate", covariate.len())?;
        require_finite("covariate", covariate)?;
    }
    if data.cause.contains(&cause) { Ok(()) } else { Err(StatsError::NoEvents) }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

/// The step, or the first of its halves, quarters … that does not lower the log-likelihood. `gain` is what the whole step
/// is expected to add: where that is less than rounding shows, the step is taken as it is.
fn halved_until_better(
    sample: &Sample,
    beta: &[f64],
    step: &[f64],
    state: &Sums,
    gain: f64,
) -> Result<(Vec<f64>, Sums), StatsError> {
    let flat = gain.abs() <= 1e-10 * (1.0 + state.log_likelihood.abs());
    let mut fraction = 1.0;
    for _ in 0..40 {
        let candidate: Vec<f64> = beta.iter().zip(step).map(|(beta, step)| beta + fraction * step).collect();
        let next = Sums::of(sample, &candidate);
        if next.log_likelihood.is_finite() && (flat || next.log_likelihood >= state.log_likelihood) {
            return Ok((candidate, next));
        }
        fraction *= 0.5;
    }
    Err(StatsError::NotConverged { iterations: 40 })
}

fn finish(
    sample: &Sample,
    beta: &[f64],
    state: &Sums,
    log_likelihood_null: f64,
    iterations: usize,
    options: &FineGrayOptions,
) -> Result<FineGray, StatsError> {
    let p = beta.len();
    let inverse = Cholesky::new(&state.information(sample), 1e-12)?.inverse();
    let residuals = state.residuals(sample);
    let mut spread = Matrix::zeros(p, p);
    for subject in 0..sample.len() {
        add_outer(&mut spread, 1.0, residuals.row(subject));
    }
    let sandwich = inverse.multiply(&spread)?.multiply(&inverse)?;
    let statistic = dot(beta, &Cholesky::new(&sandwich, 1e-14)?.solve(beta));
    let wald = Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df: p as f64 },
        p_value: chi_squared_upper(statistic, p as f64),
        alternative: Alternative::TwoSided,
        method: "Wald".into(),
    };
    let unscaled = |matrix: &Matrix| -> Vec<Vec<f64>> {
        let value = |i: usize, j: usize| matrix.get(i, j) / (sample.scale[i] * sample.scale[j]);
        (0..p).map(|i| (0..p).map(|j| value(i, j)).collect()).collect()
    };
    let (covariance, critical) = (unscaled(&sandwich), normal_critical(options.level));
    let coefficients: Vec<FineGrayCoefficient> = (0..p)
        .map(|i| {
            let (coefficient, standard_error) = (beta[i] / sample.scale[i], covariance[i][i].sqrt());
            let (lower, upper) = (coefficient - critical * standard_error, coefficient + critical * standard_error);
            let z = coefficient / standard_error;
            let ratio = Estimate::new(coefficient.exp(), sample.len());
            FineGrayCoefficient {
                coefficient,
                standard_error,
                interval: Interval { lower, upper, level: options.level, method: "Wald, sandwich".into() },
                z,
                p_value: normal_two_sided(z),
                subdistribution_hazard_ratio: ratio
                    .with_standard_error(coefficient.exp() * standard_error)
                    .with_interval(lower.exp(), upper.exp(), options.level, "Wald, sandwich"),
            }
        })
        .collect();
    let at_means: f64 = coefficients.iter().zip(&sample.mean).map(|(estimate, mean)| estimate.coefficient * mean).sum();
    let to_zero = (-state.shift - at_means).exp();
    let baseline = (0..sample.time.len())
        .filter(|step| sample.events[*step] > 0.0)
        .map(|step| SubdistributionStep { time: sample.time[step], cumulative_hazard: to_zero * state.hazard[step] })
        .collect();
    Ok(FineGray {
        coefficients,
        covariance,
        model_covariance: unscaled(&inverse),
        log_likelihood_null,
        log_likelihood: state.log_likelihood,
        wald,
        baseline,
        n: sample.len(),
        events: sample.is_kind(Kind::Event).count(),
        competing: sample.is_kind(Kind::Competing).count(),
        iterations,
    })
}

impl FineGray {
    /// The predicted cumulative incidence by `time` of a subject with these covariates.
    pub fn incidence_at(&self, covariates: &[f64], time: f64) -> Result<f64, StatsError> {
        require_same_length("coefficients", self.coefficients.len(), "covariates", covariates.len())?;
        require_finite("covariate", covariates)?;
        let after = self.baseline.partition_point(|step| step.time <= time);
        let hazard = after.checked_sub(1).map_or(0.0, |index| self.baseline[index].cumulative_hazard);
        let predictor: f64 =
            self.coefficients.iter().zip(covariates).map(|(estimate, value)| estimate.coefficient * value).sum();
        Ok(-(-hazard * predictor.exp()).exp_m1())
    }
}

#[cfg(test)]
mod tests {
    use super::super::cox::{CoxInput, CoxOptions, Ties, cox};
    use super::*;
    use crate::stats::random::Seed;

    struct Simulated {
        time: Vec<f64>,
        cause: Vec<usize>,
        x: Vec<f64>,
        y: Vec<f64>,
    }

    fn simulate(n: usize, censored: bool, rounded: bool) -> Simulated {
        let mut stream = Seed::from_study(3).stream();
        let mut sample = Simulated { time: vec![], cause: vec![], x: vec![], y: vec![] };
        for _ in 0..n {
            let (x, y) = (stream.unit() * 2.0 - 1.0, f64::from(stream.below(2) as u32));
            let mut waiting = |rate: f64| -(1.0 - stream.unit()).ln() / rate;
            let (event, other) = (waiting((0.7 * x - 0.4 * y).exp()), waiting(0.6 * (0.5 * y).exp()));
            let end = if censored { waiting(0.5) } else { f64::INFINITY };
            let first = event.min(other).min(end);
            sample.time.push(if rounded { (first * 20.0).ceil() / 20.0 } else { first });
            sample.cause.push(if first == event { 1 } else { 2 * usize::from(first == other) });
            sample.x.push(x);
            sample.y.push(y);
        }
        sample
    }

    fn close(left: f64, right: f64, relative: f64) {
        assert!((left - right).abs() <= relative * right.abs().max(1e-3), "{left} {right}");
    }

    #[test]
    fn without_censoring_it_is_a_cox_model_in_which_competing_events_never_leave() {
        let data = simulate(200, false, true);
        let input = CompetingRisksData::new(&data.time, &data.cause, 2);
        let columns: [&[f64]; 2] = [&data.x, &data.y];
        let fit = fine_gray(&input, 1, &columns, &FineGrayOptions::default()).unwrap();
        let forever: Vec<f64> =
            data.time.iter().zip(&data.cause).map(|(time, cause)| if *cause == 2 { 1e3 } else { *time }).collect();
        let event: Vec<bool> = data.cause.iter().map(|cause| *cause == 1).collect();
        let options = CoxOptions { ties: Ties::Breslow, robust: true, ..Default::default() };
        let other = cox(&CoxInput::new(&forever, &event, &columns), &options).unwrap();
        for (ours, theirs) in fit.coefficients.iter().zip(&other.coefficients) {
            close(ours.coefficient, theirs.coefficient, 1e-9);
            close(ours.standard_error, theirs.robust_standard_error.unwrap(), 1e-9);
        }
        close(fit.log_likelihood, other.log_likelihood, 1e-12);
        close(fit.model_covariance[0][1], other.model_covariance.get(0, 1), 1e-8);
    }

    #[test]
    fn with_censoring_it_is_a_weighted_cox_model_of_the_expanded_data() {
        for rounded in [false, true] {
            let data = simulate(80, true, rounded);
            let input = CompetingRisksData::new(&data.time, &data.cause, 2);
            let columns: [&[f64]; 2] = [&data.x, &data.y];
            let options = FineGrayOptions { censoring: CensoringTies::EventsFirst, ..Default::default() };
            let fit = fine_gray(&input, 1, &columns, &options).unwrap();
            let censored_after = |time: f64, inclusive: bool| {
                let mut times: Vec<f64> = data.time.clone();
                times.sort_by(f64::total_cmp);
                times.dedup();
                times.iter().filter(|at| **at < time || inclusive && **at == time).fold(1.0, |g, at| {
                    let here = |row: &usize| data.time[*row] == *at;
                    let left = (0..80).filter(|row| data.time[*row] > *at).count() as f64;
                    let censored = (0..80).filter(here).filter(|row| data.cause[*row] == 0).count() as f64;
                    if censored > 0.0 { g * left / (left + censored) } else { g }
                })
            };
            // One row up to the competing event, and one for each later event time.
            let mut expanded: Vec<(f64, f64, bool, f64, usize)> = Vec::new();
            for row in 0..80 {
                expanded.push((-1.0, data.time[row], data.cause[row] == 1, 1.0, row));
                if data.cause[row] == 2 {
                    let mut later: Vec<f64> = (0..80).filter(|r| data.cause[*r] == 1).map(|r| data.time[r]).collect();
                    later.retain(|time| *time > data.time[row]);
                    later.sort_by(f64::total_cmp);
                    later.dedup();
                    let mut from = data.time[row];
                    for time in later {
                        let weight = censored_after(time, false) / censored_after(data.time[row], false);
                        expanded.push((from, time, false, weight, row));
                        from = time;
                    }
                }
            }
            let entry: Vec<f64> = expanded.iter().map(|row| row.0).collect();
            let time: Vec<f64> = expanded.iter().map(|row| row.1).collect();
            let event: Vec<bool> = expanded.iter().map(|row| row.2).collect();
            let weight: Vec<f64> = expanded.iter().map(|row| row.3).collect();
            let x: Vec<f64> = expanded.iter().map(|row| data.x[row.4]).collect();
            let y: Vec<f64> = expanded.iter().map(|row| data.y[row.4]).collect();
            let columns: [&[f64]; 2] = [&x, &y];
            let input =
                CoxInput { entry: Some(&entry), weight: Some(&weight), ..CoxInput::new(&time, &event, &columns) };
            let other = cox(&input, &CoxOptions { ties: Ties::Breslow, ..Default::default() }).unwrap();
            for (ours, theirs) in fit.coefficients.iter().zip(&other.coefficients) {
                close(ours.coefficient, theirs.coefficient, 1e-9);
            }
            close(fit.model_covariance[0][0], other.model_covariance.get(0, 0), 1e-8);
        }
    }

    #[test]
    fn the_sandwich_is_close_to_the_jackknife() {
        let data = simulate(250, true, false);
        let columns: [&[f64]; 2] = [&data.x, &data.y];
        let all = CompetingRisksData::new(&data.time, &data.cause, 2);
        let fit = fine_gray(&all, 1, &columns, &FineGrayOptions::default()).unwrap();
        let without = |skip: usize| {
            let keep: Vec<usize> = (0..250).filter(|row| *row != skip).collect();
            let select = |values: &[f64]| keep.iter().map(|row| values[*row]).collect::<Vec<f64>>();
            let (time, x, y) = (select(&data.time), select(&data.x), select(&data.y));
            let cause: Vec<usize> = keep.iter().map(|row| data.cause[*row]).collect();
            let fit = fine_gray(&CompetingRisksData::new(&time, &cause, 2), 1, &[&x, &y], &FineGrayOptions::default());
            fit.unwrap().coefficients[0].coefficient
        };
        let values: Vec<f64> = (0..250).map(without).collect();
        let mean = values.iter().sum::<f64>() / 250.0;
        let jackknife = (249.0 / 250.0 * values.iter().map(|value| (value - mean).powi(2)).sum::<f64>()).sqrt();
        close(fit.coefficients[0].standard_error, jackknife, 0.03);
    }

    #[test]
    fn one_binary_covariate_and_its_predicted_incidence() {
        let fit = |time: &[f64], cause: &[usize], x: &[f64]| {
            fine_gray(&CompetingRisksData::new(time, cause, 2), 1, &[x], &FineGrayOptions::default())
        };
        assert_eq!(fit(&[1.0, 2.0], &[1, 1], &[1.0, 0.0]).unwrap_err(), StatsError::Separated { column: 0 });
        assert_eq!(fit(&[1.0, 2.0], &[1, 1], &[1.0, 1.0]).unwrap_err(), StatsError::Collinear { column: 0 });
        assert_eq!(fit(&[1.0, 2.0], &[2, 0], &[1.0, 0.0]).unwrap_err(), StatsError::NoEvents);
        // Events of x = 1, 0, 1, 0 in turn. With θ = exp(β) the score is 0 where 2 = θ/(θ + 1) + θ/(θ + 2) + θ/(θ + 1),
        // which is θ² - θ - 4 = 0: θ = (1 + √17) / 2.
        let result = fit(&[1.0, 2.0, 3.0, 4.0], &[1; 4], &[1.0, 0.0, 1.0, 0.0]).unwrap();
        let theta = 0.5 * (1.0 + 17f64.sqrt());
        close(result.coefficients[0].coefficient, theta.ln(), 1e-10);
        let hazard = 1.0 / (2.0 * theta + 2.0);
        close(result.incidence_at(&[0.0], 1.0).unwrap(), 1.0 - (-hazard).exp(), 1e-10);
        close(result.incidence_at(&[1.0], 1.5).unwrap(), 1.0 - (-hazard * theta).exp(), 1e-10);
    }
}
