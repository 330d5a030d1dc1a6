//! The exact partial likelihood of a discrete time scale: given that d of the n subjects at risk have the event, the
//! chance that it is those d.
//!
//! A time contributes Π_D r / e_d, e_d the sum over all subsets of size d of the products of their risks. e_d is written
//! by the law of a sum of independent indicators: with p_i = θ r_i / (1 + θ r_i) and θ such that Σ p_i = d,
//! e_d = P(sum = d) θ^−d Π (1 + θ r_i), and P(sum = d) is near its mode, so the recursion over subjects (Gail, Lubin and
//! Rubinstein 1981, doi:10.1093/biomet/68.3.703) adds positive numbers that neither over- nor underflow. It carries the
//! first and second moments of Σ x along, which give gradient and information.
//!
//! Time: n d p² for a time with d > 1 events among n at risk. Weights other than 1 have no meaning here and are an error.

use super::exact_marginal::add_single_event;
use super::likelihood::{Evaluation, Hazards, linear_predictors};
use super::prepare::Prepared;
use super::sweep::{add_products, product_width, risk_sweep};
use crate::stats::error::StatsError;
use crate::stats::linear_algebra::Matrix;

pub(super) fn evaluate(data: &Prepared, beta: &[f64], hazards: &mut Hazards) -> Result<Evaluation, StatsError> {
    if !data.unit_weights() {
        return Err(StatsError::Undefined {
            what: "an exact partial likelihood",
            why: "it has no meaning for weights other than 1",
        });
    }
    let p = data.columns;
    linear_predictors(data, beta, &mut hazards.risk);
    let predictor = hazards.risk.clone();
    let add = |row: usize, factor: f64, sums: &mut [f64]| add_products(data, row, factor, sums);
    let mut evaluation = Evaluation::zero(p);
    risk_sweep(
        data,
        product_width(p),
        |_, _| (),
        add,
        &mut hazards.risk,
        &mut hazards.reference,
        |set| {
            if set.deaths.len() == 1 {
                add_single_event(&mut evaluation, data, set, &predictor);
                return;
            }
            let at_risk: Vec<usize> = data.at_risk(set.block).collect();
            let moments = Moments::of(data, &at_risk, &predictor, set.deaths.len());
            evaluation.log_likelihood -= moments.log_sum;
            for row in set.deaths.clone() {
                evaluation.log_likelihood += predictor[row];
                for (sum, value) in evaluation.score.iter_mut().zip(data.row(row)) {
                    *sum += value;
                }
            }
            for a in 0..p {
                evaluation.score[a] -= moments.mean[a];
                evaluation.raw_diagonal[a] += moments.variance.get(a, a) + moments.mean[a] * moments.mean[a];
                for b in 0..p {
                    evaluation.information.add(a, b, moments.variance.get(a, b));
                }
            }
        },
    );
    Ok(evaluation)
}

/// Of the sum of the covariates of the d subjects that have the event.
struct Moments {
    /// ln e_d.
    log_sum: f64,
    mean: Vec<f64>,
    variance: Matrix,
}

impl Moments {
    fn of(data: &Prepared, at_risk: &[usize], predictor: &[f64], deaths: usize) -> Self {
        let p = data.columns;
        let odds_scale = log_odds_scale(at_risk.iter().map(|row| predictor[*row]), at_risk.len(), deaths);
        let chance = |row: usize| 1.0 / (1.0 + (-(predictor[row] + odds_scale)).exp());
        // Moments about the mean that independent indicators would have, so that little cancels.
        let mut centre = vec![0.0; p];
        for row in at_risk {
            for (sum, value) in centre.iter_mut().zip(data.row(*row)) {
                *sum += chance(*row) * value / deaths as f64;
            }
        }
        let width = 1 + p + p * (p + 1) / 2;
        let mut states = vec![0.0; (deaths + 1) * width];
        states[0] = 1.0;
        let mut log_rest = 0.0;
        let mut deviation = vec![0.0; p];
        for (seen, row) in at_risk.iter().enumerate() {
            let exponent = predictor[*row] + odds_scale;
            let (has, has_not) = (chance(*row), 1.0 / (1.0 + exponent.exp()));
            log_rest += exponent.max(0.0) + (-exponent.abs()).exp().ln_1p();
            for ((deviation, value), centre) in deviation.iter_mut().zip(data.row(*row)).zip(&centre) {
                *deviation = value - centre;
            }
            // States that can still reach d, from the highest down, so that each reads the one below before it changes.
            let least = deaths.saturating_sub(at_risk.len() - seen - 1);
            for count in (least..=deaths.min(seen + 1)).rev() {
                let (below, state) = states.split_at_mut(count * width);
                let state = &mut state[..width];
                state.iter_mut().for_each(|value| *value *= has_not);
                if count > 0 {
                    add_subject(state, &below[(count - 1) * width..], &deviation, has);
                }
            }
        }
        let state = &states[deaths * width..];
        let (probability, first, second) = (state[0], &state[1..=p], &state[p + 1..]);
        let mut moments = Self {
            log_sum: probability.ln() + log_rest - deaths as f64 * odds_scale,
            mean: (0..p).map(|a| deaths as f64 * centre[a] + first[a] / probability).collect(),
            variance: Matrix::zeros(p, p),
        };
        let mut at = 0;
        for a in 0..p {
            for b in a..p {
                let value = second[at] / probability - first[a] / probability * (first[b] / probability);
                moments.variance.set(a, b, value);
                moments.variance.set(b, a, value);
                at += 1;
            }
        }
        moments
    }
}

/// `state` += `has` · `below` with the subject's deviation added to its sum.
fn add_subject(state: &mut [f64], below: &[f64], deviation: &[f64], has: f64) {
    let p = deviation.len();
    let probability = has * below[0];
    state[0] += probability;
    let mut at = p + 1;
    for a in 0..p {
        let first = has * below[1 + a];
        state[1 + a] += first + probability * deviation[a];
        for b in a..p {
            state[at] += has * below[at]
                + first * deviation[b]
                + has * below[1 + b] * deviation[a]
                + probability * deviation[a] * deviation[b];
            at += 1;
        }
    }
}

/// ln θ with Σ θ r / (1 + θ r) = d, to a few digits: any θ is right, a good one only keeps the numbers near 1.
fn log_odds_scale(predictors: impl Iterator<Item = f64> + Clone, count: usize, deaths: usize) -> f64 {
    let highest = predictors.clone().fold(f64::NEG_INFINITY, f64::max);
    let lowest = predictors.clone().fold(f64::INFINITY, f64::min);
    // One half short of everybody, so that θ stays finite when all at risk have the event.
    let target = (deaths as f64).min(count as f64 - 0.5);
    let odds = (target / (count as f64 - target)).ln();
    let (mut low, mut high) = (odds - highest - 1.0, odds - lowest + 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let expected: f64 = predictors.clone().map(|value| 1.0 / (1.0 + (-(value + middle)).exp())).sum();
        if expected < target {
            low = middle
        } else {
            high = middle
        }
        if high - low < 1e-3 {
            break;
        }
    }
    0.5 * (low + high)
}
