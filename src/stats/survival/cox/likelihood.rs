//! Efron's and Breslow's partial likelihood, its gradient and its information.
//!
//! With r = weight · exp(linear predictor), S and S_D the sums of r over the risk set and over the d events at one time,
//! and f = k/d for k = 0, …, d−1 (Efron) or f = 0 (Breslow), a time contributes
//!
//!   Σ_D w η − w̄ Σ_k ln(S − f S_D),   w̄ the mean weight of the events (Efron 1977, doi:10.1080/01621459.1977.10480613).
//!
//! The information is Σ_k w̄ [mean of x xᵀ] − Σ_k w̄ [mean of x][mean of x]ᵀ. Its first part needs no running sum of
//! second moments: exchanged, it is Σ_rows (expected events of the row) x xᵀ, where the expected events are the row's
//! risk times the baseline hazard over its time at risk. So the walk over time carries p + 1 sums instead of
//! (p + 1)(p + 2)/2, and the cross-product is one pass that vectorises.

use super::columns::{add_scaled, dot, with_columns};
use super::extended::Extended;
use super::long_sums::{CompensatedSum, LogSum};
use super::outer_products::{OuterProducts, add_outer, add_outer_products};
use super::prepare::{NEVER, Prepared};
use super::sweep::{RiskSet, add_products, covariates, product_width, rescale, risk_sweep};
use crate::stats::linear_algebra::Matrix;
use std::ops::Range;

/// Which approximation the likelihood takes for events at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TieTerms {
    Efron,
    Breslow,
}

#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    pub log_likelihood: f64,
    pub score: Vec<f64>,
    pub information: Matrix,
    /// The information's diagonal before the squared means are subtracted: the scale of its rounding error.
    pub raw_diagonal: Vec<f64>,
}

impl Evaluation {
    pub fn zero(columns: usize) -> Self {
        Self {
            log_likelihood: 0.0,
            score: vec![0.0; columns],
            information: Matrix::zeros(columns, columns),
            raw_diagonal: vec![0.0; columns],
        }
    }
}

/// What a sweep leaves behind for each row and block; kept so that a residual needs no second sweep.
#[derive(Clone, Debug)]
pub(super) struct Hazards {
    /// Weighted relative risk of each sorted row, relative to `reference` of the block in which it joins.
    pub risk: Vec<f64>,
    pub reference: Vec<f64>,
    /// Hazard at each block's time, times exp(`reference`).
    pub increment: Vec<f64>,
    /// The part of it that a row with the event at that time is exposed to.
    pub tied_increment: Vec<f64>,
    /// Hazard up to and with each block's time, times exp(`reference`).
    pub cumulative: Vec<Extended>,
}

impl Hazards {
    pub fn new(data: &Prepared) -> Self {
        let blocks = data.blocks.len();
        Self {
            risk: vec![0.0; data.len()],
            reference: vec![0.0; blocks],
            increment: vec![0.0; blocks],
            tied_increment: vec![0.0; blocks],
            cumulative: vec![Extended::default(); blocks],
        }
    }

    /// Sums the increments from the first event time on.
    pub fn cumulate(&mut self, data: &Prepared) {
        cumulate(data, &self.reference, &self.increment, 1, &mut self.cumulative);
    }

    /// Turns the weighted risks of the rows that join in some blocks, one behind the other, into their expected numbers of
    /// events, times their weights.
    pub fn expose(&self, data: &Prepared, blocks: Range<usize>, risks: &mut [f64]) {
        let start = data.blocks[blocks.start].rows().start;
        for (index, block) in blocks.clone().zip(&data.blocks[blocks]) {
            let rows = block.rows();
            let risks = &mut risks[rows.start - start..rows.end - start];
            // A row with its own event at this time is not exposed to all of the hazard then.
            let spared = self.increment[index] - self.tied_increment[index];
            let exposed = self.cumulative[index];
            if data.truncation.is_some() {
                for (row, risk) in rows.zip(risks) {
                    let exposed = match self.entered(data, index, row) {
                        Some(Entered { block, factor }) => exposed.minus(self.cumulative[block], factor),
                        None => exposed.value(),
                    };
                    *risk *= if block.deaths().contains(&row) { exposed - spared } else { exposed };
                }
            } else {
                let exposed = exposed.value();
                if spared != 0.0 {
                    let deaths = block.deaths();
                    let part = (exposed - spared) / exposed;
                    risks[deaths.start - rows.start..deaths.end - rows.start].iter_mut().for_each(|risk| *risk *= part);
                }
                risks.iter_mut().for_each(|risk| *risk *= exposed);
            }
        }
    }

    /// Where the exposure of a row that joins in block `joins` begins, if not at the origin.
    pub fn entered(&self, data: &Prepared, joins: usize, row: usize) -> Option<Entered> {
        let leaves = data.truncation.as_ref()?.leaves[row];
        let block = (leaves != NEVER).then_some(leaves as usize)?;
        Some(Entered { block, factor: rescale(self.reference[joins], self.reference[block]) })
    }
}

/// The block of the latest event time at or before a row's entry, and what brings its sums to the row's reference.
pub(super) struct Entered {
    pub block: usize,
    pub factor: f64,
}

/// For each block the sums of `increments` (`width` per block, relative as `reference` says) from the stratum's first
/// event time to its own.
pub(super) fn cumulate(data: &Prepared, reference: &[f64], increments: &[f64], width: usize, sums: &mut [Extended]) {
    let differences = data.truncation.is_some();
    let mut running = vec![Extended::default(); width];
    for stratum in &data.strata {
        running.fill(Extended::default());
        let mut level = None;
        for block in stratum.blocks.clone().rev() {
            if let Some(earlier) = level.replace(reference[block])
                && earlier != reference[block]
            {
                let factor = rescale(reference[block], earlier);
                running.iter_mut().for_each(|sum| sum.scale(factor));
            }
            let at = block * width..(block + 1) * width;
            for ((running, increment), sum) in running.iter_mut().zip(&increments[at.clone()]).zip(&mut sums[at]) {
                if differences {
                    running.add(*increment)
                } else {
                    running.add_plainly(*increment)
                }
                *sum = *running;
            }
        }
    }
}

/// The sums over k of one event time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TieSums {
    /// Σ 1 / (S − f S_D), Σ f / (S − f S_D).
    pub inverse: f64,
    pub tied_inverse: f64,
    /// Σ 1 / (S − f S_D)², Σ f / (S − f S_D)², Σ f² / (S − f S_D)².
    pub square: f64,
    pub tied_square: f64,
    pub twice_tied_square: f64,
}

impl TieTerms {
    pub fn sums(self, total: f64, tied_total: f64, deaths: usize) -> TieSums {
        let count = deaths as f64;
        if self == TieTerms::Breslow || deaths == 1 {
            let inverse = 1.0 / total;
            return TieSums { inverse: count * inverse, square: count * inverse * inverse, ..TieSums::default() };
        }
        let mut sums = TieSums::default();
        for k in 0..deaths {
            let part = k as f64 / count;
            let denominator = total - part * tied_total;
            let inverse = 1.0 / denominator;
            let square = inverse * inverse;
            sums.inverse += inverse;
            sums.tied_inverse += part * inverse;
            sums.square += square;
            sums.tied_square += part * square;
            sums.twice_tied_square += part * part * square;
        }
        sums
    }

    /// Σ ln(S − f S_D).
    pub fn log_denominator(self, total: f64, tied_total: f64, deaths: usize) -> f64 {
        let count = deaths as f64;
        if self == TieTerms::Breslow || deaths == 1 {
            return count * total.ln();
        }
        let mut logs = LogSum::default();
        (0..deaths).for_each(|k| logs.add(total - k as f64 / count * tied_total));
        logs.value()
    }
}

/// The linear predictor of every sorted row, in the columns as centred and scaled.
pub(super) fn linear_predictors(data: &Prepared, beta: &[f64], predictor: &mut [f64]) {
    predict(data, beta)(0..data.len(), predictor);
}

/// The same of some rows only, as a sweep wants it.
pub(super) fn predict<'a>(data: &'a Prepared, beta: &'a [f64]) -> impl Fn(Range<usize>, &mut [f64]) + 'a {
    let p = data.columns;
    move |rows, predictor| {
        let predictor = &mut predictor[rows.clone()];
        predictor.copy_from_slice(&data.offset[rows.clone()]);
        if !beta.is_empty() {
            for (value, row) in predictor.iter_mut().zip(data.design[rows.start * p..rows.end * p].chunks_exact(p)) {
                *value += dot::<0>(row, beta);
            }
        }
    }
}

pub(super) fn evaluate(data: &Prepared, ties: TieTerms, beta: &[f64], hazards: &mut Hazards) -> Evaluation {
    if data.truncation.is_some() {
        return evaluate_truncated(data, ties, beta, hazards);
    }
    with_columns!(data.columns, evaluate_sized(data, ties, beta, hazards))
}

fn evaluate_sized<const P: usize>(data: &Prepared, ties: TieTerms, beta: &[f64], hazards: &mut Hazards) -> Evaluation {
    let p = if P == 0 { data.columns } else { P };
    let predict = |rows: Range<usize>, predictor: &mut [f64]| {
        for row in rows {
            predictor[row] = data.offset[row] + dot::<P>(&data.design[row * p..row * p + p], beta);
        }
    };
    let mut expected = CompensatedSum::default();
    let mut logs = LogSum::default();
    let mut means = OuterProducts::<P>::new(p);
    let mut score = data.sums.events.clone();
    let Hazards { risk, reference, increment, tied_increment, .. } = hazards;
    risk_sweep(data, p, predict, covariates::<P>(data), risk, reference, |set| {
        let deaths = set.deaths.len();
        let weight = mean_weight(data, set.deaths.clone());
        let terms = ties.sums(set.total, set.tied_total, deaths);
        if deaths == 1 && weight == 1.0 {
            logs.add(set.total);
        } else {
            expected.add(weight * ties.log_denominator(set.total, set.tied_total, deaths));
        }
        if set.reference != 0.0 {
            expected.add(weight * deaths as f64 * set.reference);
        }
        increment[set.block] = weight * terms.inverse;
        tied_increment[set.block] = weight * (terms.inverse - terms.tied_inverse);
        add_scaled::<P>(&mut score, -increment[set.block], set.sums);
        means.add(set.sums, weight * terms.square);
        if deaths > 1 {
            add_scaled::<P>(&mut score, weight * terms.tied_inverse, set.tied_sums);
            add_tied_means(means.sums(), p, weight, &terms, set);
        }
    });
    hazards.cumulate(data);
    let second = second_moments::<P>(data, hazards);
    let observed = dot::<P>(beta, &data.sums.events) + data.sums.event_offsets;
    Evaluation {
        log_likelihood: observed - expected.value() - logs.value(),
        score,
        information: symmetric_difference(&second, means.sums(), p),
        raw_diagonal: (0..p).map(|j| second[j * p + j]).collect(),
    }
}

/// Σ (expected events) x xᵀ over the rows, their upper triangle.
fn second_moments<const P: usize>(data: &Prepared, hazards: &Hazards) -> Vec<f64> {
    let p = if P == 0 { data.columns } else { P };
    let mut sums = vec![0.0; p * p];
    let mut expected = Vec::new();
    for group in &data.groups {
        let rows = data.rows_of(group);
        expected.clear();
        expected.extend_from_slice(&hazards.risk[rows.clone()]);
        hazards.expose(data, group.clone(), &mut expected);
        add_outer_products::<P>(p, &mut sums, &data.design[rows.start * p..rows.end * p], &expected);
    }
    sums
}

/// With left truncation a row's exposure is a difference of hazards, which may cancel where a coefficient is far out on the
/// way to infinity: here the second moments are summed over the risk sets as the first are.
fn evaluate_truncated(data: &Prepared, ties: TieTerms, beta: &[f64], hazards: &mut Hazards) -> Evaluation {
    let p = data.columns;
    linear_predictors(data, beta, &mut hazards.risk);
    let predictor = hazards.risk.clone();
    let mut log_likelihood = CompensatedSum::default();
    let mut evaluation = Evaluation::zero(p);
    let (mut second, mut means) = (vec![0.0; p * p], vec![0.0; p * p]);
    let add = |row: usize, factor: f64, sums: &mut [f64]| add_products(data, row, factor, sums);
    risk_sweep(
        data,
        product_width(p),
        |_, _| (),
        add,
        &mut hazards.risk,
        &mut hazards.reference,
        |set| {
            let weight = mean_weight(data, set.deaths.clone());
            let terms = ties.sums(set.total, set.tied_total, set.deaths.len());
            let log_denominator = ties.log_denominator(set.total, set.tied_total, set.deaths.len());
            log_likelihood.add(-weight * (log_denominator + set.deaths.len() as f64 * set.reference));
            for row in set.deaths.clone() {
                log_likelihood.add(data.weight[row] * predictor[row]);
                for (sum, value) in evaluation.score.iter_mut().zip(data.row(row)) {
                    *sum += data.weight[row] * value;
                }
            }
            let mean = |at: usize| weight * (terms.inverse * set.sums[at] - terms.tied_inverse * set.tied_sums[at]);
            let mut at = p;
            for a in 0..p {
                evaluation.score[a] -= mean(a);
                for b in a..p {
                    second[a * p + b] += mean(at);
                    at += 1;
                }
            }
            add_squared_means(&mut means, p, weight, &terms, set);
        },
    );
    evaluation.log_likelihood = log_likelihood.value();
    evaluation.raw_diagonal = (0..p).map(|j| second[j * p + j]).collect();
    evaluation.information = symmetric_difference(&second, &means, p);
    evaluation
}

/// The information with each event time's part of it multiplied by a factor, one per block.
pub(super) fn time_weighted_information(data: &Prepared, ties: TieTerms, beta: &[f64], factors: &[f64]) -> Matrix {
    let p = data.columns;
    let mut hazards = Hazards::new(data);
    let mut means = vec![0.0; p * p];
    let Hazards { risk, reference, increment, tied_increment, .. } = &mut hazards;
    risk_sweep(data, p, predict(data, beta), covariates::<0>(data), risk, reference, |set| {
        let weight = factors[set.block] * mean_weight(data, set.deaths.clone());
        let terms = ties.sums(set.total, set.tied_total, set.deaths.len());
        increment[set.block] = weight * terms.inverse;
        tied_increment[set.block] = weight * (terms.inverse - terms.tied_inverse);
        add_squared_means(&mut means, p, weight, &terms, set);
    });
    hazards.cumulate(data);
    symmetric_difference(&second_moments::<0>(data, &hazards), &means, p)
}

/// `sums` += weight · Σ_k (mean of x)(mean of x)ᵀ.
fn add_squared_means(sums: &mut [f64], p: usize, weight: f64, terms: &TieSums, set: &RiskSet) {
    let all = &set.sums[..p];
    add_outer(sums, weight * terms.square, all, all);
    add_tied_means(sums, p, weight, terms, set);
}

/// The part of it that the events' own sums have.
fn add_tied_means(sums: &mut [f64], p: usize, weight: f64, terms: &TieSums, set: &RiskSet) {
    let (all, tied) = (&set.sums[..p], &set.tied_sums[..p]);
    if terms.tied_square != 0.0 {
        add_outer(sums, -weight * terms.tied_square, all, tied);
        add_outer(sums, -weight * terms.tied_square, tied, all);
        add_outer(sums, weight * terms.twice_tied_square, tied, tied);
    }
}

/// A symmetric matrix from the upper triangle of a difference.
fn symmetric_difference(left: &[f64], right: &[f64], p: usize) -> Matrix {
    let mut matrix = Matrix::zeros(p, p);
    for a in 0..p {
        for b in a..p {
            let value = left[a * p + b] - right[a * p + b];
            matrix.set(a, b, value);
            matrix.set(b, a, value);
        }
    }
    matrix
}

pub(super) fn mean_weight(data: &Prepared, deaths: std::ops::Range<usize>) -> f64 {
    if deaths.len() == 1 {
        return data.weight[deaths.start];
    }
    let count = deaths.len() as f64;
    data.weight[deaths].iter().sum::<f64>() / count
}
