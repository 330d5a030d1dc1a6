//! Choosing the covariates of a Cox model: one at a time, by dropping, by adding, step by step.
//!
//! A term is a group of columns that enter and leave together (the indicators of one factor). Stepwise selection goes
//! from model to model by the greatest fall of −2 log-likelihood + penalty · coefficients (2 for Akaike's criterion, the
//! logarithm of the number of events for the Bayesian one) among all drops and, where the direction allows, all
//! additions, and stops when no move lowers it. Backward elimination by P drops the term with the highest P until all are
//! below the threshold; forward selection by P adds that with the lowest P while it is below.
//!
//! Ties between moves go to "no move", then to drops in the order of the terms in the model, then to additions in the
//! order of the candidates. All models are fitted to the same rows. Selection by P or by a criterion makes the P-values
//! and intervals of the final model too good; that is a property of the method, not of this code.
//! Edge cases: a model may lose all its terms; a candidate that is collinear with the terms in the model is an error that
//! names the column among the input's covariates.
//! Source: Akaike 1974 (doi:10.1109/TAC.1974.1100705); Volinsky and Raftery 2000 (doi:10.1111/j.0006-341X.2000.00256.x).
//! Oracle: R MASS 7.3-58 `stepAIC`, stats 4.2.2 `drop1` and `anova` on survival's `coxph`.

use super::fit::chi_squared;
use super::{CoxFit, CoxInput, CoxOptions, cox};
use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::StatsError;
use crate::stats::estimate::Test;
use serde::{Deserialize, Serialize};

/// A difference of the criterion below this is no difference.
const NO_DIFFERENCE: f64 = 1e-7;

/// The model without one of its terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DroppedTerm {
    /// Position among the terms.
    pub term: usize,
    /// Of the model that is left.
    pub akaike: f64,
    /// Of the term, given the others.
    pub likelihood_ratio: Test,
}

/// The model with its terms up to one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequentialTerm {
    pub term: usize,
    pub log_likelihood: f64,
    /// Of the term, given those before it.
    pub likelihood_ratio: Test,
}

/// Which moves a stepwise selection may make, and where it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From all terms, dropping.
    Backward,
    /// From none, adding.
    Forward,
    /// From all terms, dropping and adding again.
    Both,
}

/// What a stepwise selection minimises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    #[default]
    Akaike,
    /// With the number of events as sample size.
    Bayesian,
}

/// The P-value by which terms are dropped or added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermTest {
    #[default]
    LikelihoodRatio,
    Wald,
}

/// One move of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    Start,
    Drop(usize),
    Add(usize),
}

/// A move and what it led to: the criterion of the new model, or the P-value for which the move was made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionStep {
    pub made: Move,
    pub value: f64,
}

/// A selected model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    pub path: Vec<SelectionStep>,
    /// Positions among the terms, in the order of the final model.
    pub terms: Vec<usize>,
    pub fit: CoxFit,
}

/// The terms, and how any set of them is fitted.
struct Candidates<'a> {
    input: &'a CoxInput<'a>,
    terms: &'a [Vec<usize>],
    options: &'a CoxOptions,
}

impl<'a> Candidates<'a> {
    fn new(input: &'a CoxInput<'a>, terms: &'a [Vec<usize>], options: &'a CoxOptions) -> Result<Self, StatsError> {
        let columns = input.covariates.len();
        if let Some(column) = terms.iter().flatten().find(|column| **column >= columns) {
            let expected = "a column of the input";
            return Err(StatsError::OutOfRange { what: "column of a term", value: *column as f64, expected });
        }
        Ok(Self { input, terms, options })
    }

    fn columns(&self, terms: &[usize]) -> Vec<usize> {
        terms.iter().flat_map(|term| self.terms[*term].iter().copied()).collect()
    }

    fn fit(&self, terms: &[usize]) -> Result<CoxFit, StatsError> {
        let columns = self.columns(terms);
        let covariates: Vec<&[f64]> = columns.iter().map(|column| self.input.covariates[*column]).collect();
        cox(&CoxInput { covariates: &covariates, ..*self.input }, self.options).map_err(|error| match error {
            StatsError::Collinear { column } => StatsError::Collinear { column: columns[column] },
            other => other,
        })
    }

    /// The test of dropping each term of a model.
    fn drops(&self, terms: &[usize], full: &CoxFit) -> Result<Vec<DroppedTerm>, StatsError> {
        terms
            .iter()
            .map(|term| {
                let rest: Vec<usize> = terms.iter().copied().filter(|other| other != term).collect();
                let fit = self.fit(&rest)?;
                Ok(DroppedTerm { term: *term, akaike: fit.akaike(), likelihood_ratio: ratio_test(&fit, full) })
            })
            .collect()
    }

    fn all(&self) -> Vec<usize> {
        (0..self.terms.len()).collect()
    }
}

fn ratio_test(smaller: &CoxFit, larger: &CoxFit) -> Test {
    let statistic = 2.0 * (larger.log_likelihood - smaller.log_likelihood);
    chi_squared(statistic, larger.coefficients.len() - smaller.coefficients.len(), "likelihood ratio")
}

/// One model per term, each with that term alone.
pub fn univariable(input: &CoxInput, terms: &[Vec<usize>], options: &CoxOptions) -> Result<Vec<CoxFit>, StatsError> {
    let candidates = Candidates::new(input, terms, options)?;
    (0..terms.len()).map(|term| candidates.fit(&[term])).collect()
}

/// The model of all terms without each of them in turn.
pub fn drop_each(input: &CoxInput, terms: &[Vec<usize>], options: &CoxOptions) -> Result<Vec<DroppedTerm>, StatsError> {
    let candidates = Candidates::new(input, terms, options)?;
    let all = candidates.all();
    candidates.drops(&all, &candidates.fit(&all)?)
}

/// The terms tested in their order, each given those before it.
pub fn sequential(
    input: &CoxInput,
    terms: &[Vec<usize>],
    options: &CoxOptions,
) -> Result<Vec<SequentialTerm>, StatsError> {
    let candidates = Candidates::new(input, terms, options)?;
    let mut before = candidates.fit(&[])?;
    let mut tested = Vec::new();
    for term in 0..terms.len() {
        let fit = candidates.fit(&candidates.all()[..=term])?;
        let likelihood_ratio = ratio_test(&before, &fit);
        tested.push(SequentialTerm { term, log_likelihood: fit.log_likelihood, likelihood_ratio });
        before = fit;
    }
    Ok(tested)
}

/// Selection by a criterion; the path's values are the criterion's.
pub fn stepwise(
    input: &CoxInput,
    terms: &[Vec<usize>],
    direction: Direction,
    criterion: Criterion,
    options: &CoxOptions,
) -> Result<Selection, StatsError> {
    let candidates = Candidates::new(input, terms, options)?;
    let mut current = if direction == Direction::Forward { Vec::new() } else { candidates.all() };
    let mut fit = candidates.fit(&current)?;
    let value = |fit: &CoxFit| match criterion {
        Criterion::Akaike => fit.akaike(),
        Criterion::Bayesian => fit.bayesian(),
    };
    let mut path = vec![SelectionStep { made: Move::Start, value: value(&fit) }];
    loop {
        let mut best: Option<(SelectionStep, Vec<usize>, CoxFit)> = None;
        for (made, next) in moves(&current, terms.len(), direction) {
            let candidate = candidates.fit(&next)?;
            let step = SelectionStep { made, value: value(&candidate) };
            if best.as_ref().is_none_or(|(best, ..)| step.value < best.value) {
                best = Some((step, next, candidate));
            }
        }
        match best {
            Some((step, next, candidate)) if step.value < value(&fit) - NO_DIFFERENCE => {
                path.push(step);
                current = next;
                fit = candidate;
            }
            _ => return Ok(Selection { path, terms: current, fit }),
        }
    }
}

fn moves(current: &[usize], terms: usize, direction: Direction) -> Vec<(Move, Vec<usize>)> {
    let mut moves = Vec::new();
    if direction != Direction::Forward {
        for term in current {
            moves.push((Move::Drop(*term), current.iter().copied().filter(|other| other != term).collect()));
        }
    }
    if direction != Direction::Backward {
        for term in (0..terms).filter(|term| !current.contains(term)) {
            moves.push((Move::Add(term), current.iter().copied().chain([term]).collect()));
        }
    }
    moves
}

/// Drops the term with the highest P until all are below `threshold`; the path's values are the P-values of the dropped.
pub fn backward_by_p(
    input: &CoxInput,
    terms: &[Vec<usize>],
    threshold: f64,
    test: TermTest,
    options: &CoxOptions,
) -> Result<Selection, StatsError> {
    require_threshold(threshold)?;
    let candidates = Candidates::new(input, terms, options)?;
    let mut current = candidates.all();
    let mut fit = candidates.fit(&current)?;
    let mut path = Vec::new();
    loop {
        let p_values: Vec<f64> = match test {
            TermTest::LikelihoodRatio => {
                candidates.drops(&current, &fit)?.iter().map(|dropped| dropped.likelihood_ratio.p_value).collect()
            }
            TermTest::Wald => wald_p_values(&candidates, &current, &fit)?,
        };
        let mut worst: Option<(usize, f64)> = None;
        for (position, p_value) in p_values.into_iter().enumerate() {
            if worst.is_none_or(|(_, highest)| p_value > highest) {
                worst = Some((position, p_value));
            }
        }
        match worst {
            Some((position, value)) if value >= threshold => {
                path.push(SelectionStep { made: Move::Drop(current.remove(position)), value });
                fit = candidates.fit(&current)?;
            }
            _ => return Ok(Selection { path, terms: current, fit }),
        }
    }
}

/// Adds the term with the lowest likelihood-ratio P while it is below `threshold`; the path's values are those P-values.
pub fn forward_by_p(
    input: &CoxInput,
    terms: &[Vec<usize>],
    threshold: f64,
    options: &CoxOptions,
) -> Result<Selection, StatsError> {
    require_threshold(threshold)?;
    let candidates = Candidates::new(input, terms, options)?;
    let mut current = Vec::new();
    let mut fit = candidates.fit(&current)?;
    let mut path = Vec::new();
    loop {
        let mut best: Option<(usize, f64, CoxFit)> = None;
        for term in (0..terms.len()).filter(|term| !current.contains(term)) {
            let mut next = current.clone();
            next.push(term);
            let candidate = candidates.fit(&next)?;
            let p_value = ratio_test(&fit, &candidate).p_value;
            if best.as_ref().is_none_or(|(_, lowest, _)| p_value < *lowest) {
                best = Some((term, p_value, candidate));
            }
        }
        match best {
            Some((term, value, candidate)) if value < threshold => {
                path.push(SelectionStep { made: Move::Add(term), value });
                current.push(term);
                fit = candidate;
            }
            _ => return Ok(Selection { path, terms: current, fit }),
        }
    }
}

fn require_threshold(threshold: f64) -> Result<(), StatsError> {
    if threshold > 0.0 && threshold < 1.0 {
        Ok(())
    } else {
        Err(StatsError::OutOfRange { what: "threshold of P", value: threshold, expected: "between 0 and 1" })
    }
}

/// The Wald test of each term's columns together.
fn wald_p_values(candidates: &Candidates, terms: &[usize], fit: &CoxFit) -> Result<Vec<f64>, StatsError> {
    let beta = fit.beta();
    let mut next = 0;
    terms
        .iter()
        .map(|term| {
            let width = candidates.terms[*term].len();
            let columns: Vec<usize> = (next..next + width).collect();
            next += width;
            let statistic = fit.wald_statistic(&columns, &beta)?;
            Ok(chi_squared_upper(statistic, width as f64))
        })
        .collect()
}
