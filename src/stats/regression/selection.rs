//! Selection of candidate predictors for a logistic model: univariable screening, single-term tests, stepwise selection.
//!
//! A candidate is one predictor with all its columns (the dummy columns of a factor, the basis of a spline), which enter
//! and leave together. Each decision rests on a full maximum-likelihood fit ([`super::logistic`]).
//!
//! Stepwise selection follows R's `step()`: from an explicit start (the intercept alone, or all candidates), at each step
//! the one addition or removal is made that most lowers the criterion, and none when none lowers it. With
//! [`Criterion::PValue`], a term is added while the least P-value is below `enter`, and the term with the greatest
//! P-value is removed while that is at or above `remove`.
//!
//! Ties: values of the criterion within 1e-8 of each other are equal; removals come before additions, removals in the
//! order of the model, additions in the order of the candidates. Equal P-values go to the larger statistic, then to the
//! earlier candidate. So the result does not depend on row order or threads.
//!
//! Errors: [`StatsError::Collinear`] and [`StatsError::Separated`] name the column by its position among the columns of
//! all candidates, counted through. A model that cannot be fitted ends the selection: it is not passed over.
//!
//! Caution: P-values and intervals of a selected model ignore the selection, and are too small (Harrell 2015, Regression
//! Modeling Strategies, ch. 4.3); see [`super::optimism`] for validation that repeats it.
//!
//! Source: Venables and Ripley 2002, Modern Applied Statistics with S, ch. 6.8; Hosmer, Lemeshow and Sturdivant 2013, ch. 4.
//! Oracle: R 4.2.2 `step`, `drop1`, `anova(test = "Chisq")`.

use super::logistic::{
    LogisticCoefficient, LogisticFit, LogisticInput, LogisticOptions, likelihood_ratio_test, logistic,
};
use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Differences of an information criterion below this are rounding.
const EQUAL: f64 = 1e-8;

/// One predictor: all the columns that enter together.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// One slice per column.
    pub columns: &'a [&'a [f64]],
}

/// How a term's P-value is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermTest {
    /// Twice the difference of the log-likelihoods with and without the term.
    #[default]
    LikelihoodRatio,
    /// The term's coefficients against their covariance, jointly.
    Wald,
}

/// One candidate alone in the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreenResult {
    /// Position among the candidates.
    pub candidate: usize,
    /// That of `test`.
    pub p_value: f64,
    /// The test of the term.
    pub test: Test,
    /// `p_value` is below the limit.
    pub selected: bool,
    /// One per column, with 95% Wald limits.
    pub coefficients: Vec<LogisticCoefficient>,
}

/// Fits each candidate alone; it is selected when its P-value is strictly below `p_below`.
pub fn univariable_screen(
    outcome: &[bool],
    candidates: &[Candidate<'_>],
    p_below: f64,
    test: TermTest,
) -> Result<Vec<ScreenResult>, StatsError> {
    require_probability("P-value limit of the screen", p_below)?;
    let search = Search { outcome, candidates, test };
    (0..candidates.len())
        .map(|candidate| {
            let fit = search.fit(&[candidate])?;
            let test = match test {
                TermTest::LikelihoodRatio => fit.likelihood_ratio.clone(),
                TermTest::Wald => wald_test(&fit, 0, fit.coefficients.len())?,
            };
            let p_value = test.p_value;
            Ok(ScreenResult { candidate, p_value, test, selected: p_value < p_below, coefficients: fit.coefficients })
        })
        .collect()
}

/// The model without (or with) one term, against the present model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermComparison {
    /// Position among the candidates.
    pub candidate: usize,
    /// Of the model without the term.
    pub deviance: f64,
    /// Akaike's criterion of the model without the term.
    pub aic: f64,
    /// The test of the term.
    pub test: Test,
}

/// Each of the candidates dropped in turn from the model of all: its test given the others.
pub fn drop_one(
    outcome: &[bool],
    candidates: &[Candidate<'_>],
    test: TermTest,
) -> Result<Vec<TermComparison>, StatsError> {
    let search = Search { outcome, candidates, test };
    let all: Vec<usize> = (0..candidates.len()).collect();
    let full = search.fit(&all)?;
    all.iter()
        .map(|candidate| {
            let reduced = search.fit(&without(&all, *candidate))?;
            let test = search.term_test(&full, &all, &reduced, *candidate)?;
            Ok(TermComparison { candidate: *candidate, deviance: reduced.deviance, aic: reduced.aic, test })
        })
        .collect()
}

/// Which moves are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Additions only.
    Forward,
    /// Removals only.
    Backward,
    /// Additions and removals.
    #[default]
    Both,
}

/// Where selection begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The intercept alone.
    Null,
    /// All candidates.
    #[default]
    Full,
}

/// What a move must better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Deviance + 2 per coefficient.
    #[default]
    Aic,
    /// Deviance + ln(n) per coefficient.
    Bic,
    /// Enter with P below `enter`, leave with P at or above `remove`; `enter` may not exceed `remove`.
    PValue { enter: f64, remove: f64 },
}

/// `candidate` is only allowed in a model that has all of `requires`: an interaction and its main effects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marginality {
    /// Position among the candidates.
    pub candidate: usize,
    /// Positions of the candidates that must be in the model.
    pub requires: Vec<usize>,
}

/// Default: both directions from the full model, by AIC; P-values by likelihood ratio; no marginality.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepwiseOptions {
    /// Which moves are allowed.
    pub direction: Direction,
    /// Where selection begins.
    pub start: Start,
    /// What a move must better.
    pub criterion: Criterion,
    /// How P-values are found, those of the trace too.
    pub test: TermTest,
    /// Which candidates require others.
    pub marginality: Vec<Marginality>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAction {
    /// The first model.
    Start,
    /// A candidate entered.
    Add,
    /// A candidate left.
    Remove,
}

/// One line of the trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectionStep {
    /// What was done.
    pub action: StepAction,
    /// Absent for the start.
    pub candidate: Option<usize>,
    /// The information criterion of the model after this step: AIC, or BIC where that is the criterion.
    pub aic: f64,
    /// Of the term that was added or removed, given the others; absent for the start.
    pub p: Option<f64>,
}

/// What selection chose, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepwiseResult {
    /// Positions among the candidates, in the order in which they stand in the model.
    pub selected: Vec<usize>,
    /// Every step, the start first.
    pub trace: Vec<SelectionStep>,
    /// The final model, its columns in the order of `selected`.
    pub fit: LogisticFit,
}

/// Stepwise selection.
pub fn stepwise(
    outcome: &[bool],
    candidates: &[Candidate<'_>],
    options: &StepwiseOptions,
) -> Result<StepwiseResult, StatsError> {
    check_options(candidates.len(), options)?;
    let search = Search { outcome, candidates, test: options.test };
    let mut selected: Vec<usize> = match options.start {
        Start::Null => Vec::new(),
        Start::Full => (0..candidates.len()).collect(),
    };
    let mut fit = search.fit(&selected)?;
    let mut trace = vec![SelectionStep {
        action: StepAction::Start,
        candidate: None,
        aic: information(&fit, options.criterion),
        p: None,
    }];
    // A model met twice would be met for ever (which only Wald P-values can bring about).
    let mut visited = vec![sorted(&selected)];
    loop {
        let moves = search.moves(&selected, &fit, options)?;
        let Some(choice) = choose(moves, information(&fit, options.criterion), options.criterion) else { break };
        if visited.contains(&sorted(&choice.selected)) {
            break;
        }
        visited.push(sorted(&choice.selected));
        trace.push(SelectionStep {
            action: choice.action,
            candidate: Some(choice.candidate),
            aic: information(&choice.fit, options.criterion),
            p: Some(choice.test.p_value),
        });
        selected = choice.selected;
        fit = choice.fit;
    }
    Ok(StepwiseResult { selected, trace, fit })
}

struct Move {
    action: StepAction,
    candidate: usize,
    selected: Vec<usize>,
    fit: LogisticFit,
    test: Test,
}

impl Move {
    fn statistic(&self) -> f64 {
        self.test.statistic.unwrap_or(0.0)
    }
}

struct Search<'a> {
    outcome: &'a [bool],
    candidates: &'a [Candidate<'a>],
    test: TermTest,
}

impl Search<'_> {
    fn fit(&self, selected: &[usize]) -> Result<LogisticFit, StatsError> {
        let columns: Vec<&[f64]> =
            selected.iter().flat_map(|candidate| self.candidates[*candidate].columns.iter().copied()).collect();
        logistic(&LogisticInput::new(self.outcome, &columns), &LogisticOptions::default())
            .map_err(|error| self.name_column(error, selected))
    }

    /// A column of the model, counted through the columns of all candidates.
    fn name_column(&self, error: StatsError, selected: &[usize]) -> StatsError {
        let through = |column: usize| {
            let first = |candidate: usize| self.candidates[..candidate].iter().map(|c| c.columns.len()).sum::<usize>();
            selected
                .iter()
                .flat_map(|candidate| {
                    let first = first(*candidate);
                    first..first + self.candidates[*candidate].columns.len()
                })
                .nth(column)
                .unwrap_or(column)
        };
        match error {
            StatsError::Collinear { column } => StatsError::Collinear { column: through(column) },
            StatsError::Separated { column } => StatsError::Separated { column: through(column) },
            other => other,
        }
    }

    /// The test of `candidate` in `larger`, whose terms are `selected`.
    fn term_test(
        &self,
        larger: &LogisticFit,
        selected: &[usize],
        smaller: &LogisticFit,
        candidate: usize,
    ) -> Result<Test, StatsError> {
        let width = |candidate: &usize| self.candidates[*candidate].columns.len();
        match self.test {
            TermTest::LikelihoodRatio => {
                Ok(likelihood_ratio_test(smaller.deviance - larger.deviance, width(&candidate) as f64))
            }
            TermTest::Wald => {
                let first = selected.iter().take_while(|term| **term != candidate).map(width).sum();
                wald_test(larger, first, width(&candidate))
            }
        }
    }

    /// Every allowed move: removals in the order of the model, then additions in the order of the candidates.
    fn moves(&self, selected: &[usize], fit: &LogisticFit, options: &StepwiseOptions) -> Result<Vec<Move>, StatsError> {
        let mut moves = Vec::new();
        if options.direction != Direction::Forward {
            for candidate in selected.iter().copied().filter(|c| may_leave(*c, selected, &options.marginality)) {
                let remaining = without(selected, candidate);
                let reduced = self.fit(&remaining)?;
                let test = self.term_test(fit, selected, &reduced, candidate)?;
                moves.push(Move { action: StepAction::Remove, candidate, selected: remaining, fit: reduced, test });
            }
        }
        if options.direction != Direction::Backward {
            for candidate in (0..self.candidates.len()).filter(|c| may_enter(*c, selected, &options.marginality)) {
                let enlarged: Vec<usize> = selected.iter().copied().chain([candidate]).collect();
                let larger = self.fit(&enlarged)?;
                let test = self.term_test(&larger, &enlarged, fit, candidate)?;
                moves.push(Move { action: StepAction::Add, candidate, selected: enlarged, fit: larger, test });
            }
        }
        Ok(moves)
    }
}

fn may_leave(candidate: usize, selected: &[usize], marginality: &[Marginality]) -> bool {
    !marginality.iter().any(|rule| selected.contains(&rule.candidate) && rule.requires.contains(&candidate))
}

fn may_enter(candidate: usize, selected: &[usize], marginality: &[Marginality]) -> bool {
    !selected.contains(&candidate)
        && marginality
            .iter()
            .filter(|rule| rule.candidate == candidate)
            .all(|rule| rule.requires.iter().all(|required| selected.contains(required)))
}

/// The move to make, if any.
fn choose(moves: Vec<Move>, present: f64, criterion: Criterion) -> Option<Move> {
    let Criterion::PValue { enter, remove } = criterion else {
        return moves.into_iter().fold(None, |best: Option<Move>, next| {
            let bar = best.as_ref().map_or(present, |best| information(&best.fit, criterion));
            if information(&next.fit, criterion) < bar - EQUAL { Some(next) } else { best }
        });
    };
    let (removals, additions): (Vec<Move>, Vec<Move>) =
        moves.into_iter().partition(|candidate| candidate.action == StepAction::Remove);
    let weakest = removals.into_iter().fold(None, |best: Option<Move>, next| match best {
        Some(best) if best.test.p_value >= next.test.p_value => Some(best),
        _ => Some(next),
    });
    let strongest = additions.into_iter().fold(None, |best: Option<Move>, next| match best {
        Some(best) if !stronger(&next, &best) => Some(best),
        _ => Some(next),
    });
    weakest
        .filter(|weakest| weakest.test.p_value >= remove)
        .or_else(|| strongest.filter(|strongest| strongest.test.p_value < enter))
}

/// P-values that both underflow to zero are told apart by the statistic.
fn stronger(next: &Move, best: &Move) -> bool {
    let (p_next, p_best) = (next.test.p_value, best.test.p_value);
    p_next < p_best || (p_next == p_best && next.statistic() > best.statistic())
}

fn information(fit: &LogisticFit, criterion: Criterion) -> f64 {
    match criterion {
        Criterion::Bic => fit.bic(),
        Criterion::Aic | Criterion::PValue { .. } => fit.aic,
    }
}

/// That the coefficients `first..first + width` (the intercept not counted) are all zero: b' V⁻¹ b, chi-squared.
fn wald_test(fit: &LogisticFit, first: usize, width: usize) -> Result<Test, StatsError> {
    let mut covariance = Matrix::zeros(width, width);
    for i in 0..width {
        for j in 0..width {
            covariance.set(i, j, fit.covariance.get(1 + first + i, 1 + first + j));
        }
    }
    let estimates: Vec<f64> = fit.coefficients[first..first + width].iter().map(|c| c.coefficient).collect();
    let statistic = dot(&estimates, &Cholesky::new(&covariance, 0.0)?.solve(&estimates));
    let df = width as f64;
    Ok(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(statistic, df),
        alternative: Alternative::TwoSided,
        method: Cow::Borrowed("Wald"),
    })
}

fn without(selected: &[usize], candidate: usize) -> Vec<usize> {
    selected.iter().copied().filter(|term| *term != candidate).collect()
}

fn sorted(selected: &[usize]) -> Vec<usize> {
    let mut sorted = selected.to_vec();
    sorted.sort_unstable();
    sorted
}

fn require_probability(what: &'static str, value: f64) -> Result<(), StatsError> {
    if value > 0.0 && value <= 1.0 {
        Ok(())
    } else {
        Err(StatsError::OutOfRange { what, value, expected: "above 0 and at most 1" })
    }
}

fn check_options(candidates: usize, options: &StepwiseOptions) -> Result<(), StatsError> {
    if let Criterion::PValue { enter, remove } = options.criterion {
        require_probability("P-value to enter", enter)?;
        require_probability("P-value to remove", remove)?;
        if enter > remove {
            let expected = "at most the P-value to remove";
            return Err(StatsError::OutOfRange { what: "P-value to enter", value: enter, expected });
        }
    }
    let beyond = |rule: &Marginality| rule.candidate >= candidates || rule.requires.iter().any(|r| *r >= candidates);
    match options.marginality.iter().position(beyond) {
        Some(index) => {
            Err(StatsError::InvalidAt { what: "marginality rule", index, expected: "positions of candidates" })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 12] = [true, false, true, false, true, true, false, false, true, false, true, false];
    const STRONG: [f64; 12] = [2.0, 0.5, 1.8, 0.7, 1.1, 2.2, 1.2, 0.2, 0.9, 1.0, 1.9, 0.8];
    const WEAK: [f64; 12] = [0.1, 0.4, 0.3, 0.2, 0.9, 0.6, 0.8, 0.3, 0.2, 0.7, 0.5, 0.4];

    fn run(columns: &[&[f64]], options: &StepwiseOptions) -> Result<StepwiseResult, StatsError> {
        let single: Vec<[&[f64]; 1]> = columns.iter().map(|column| [*column]).collect();
        let candidates: Vec<Candidate<'_>> = single.iter().map(|columns| Candidate { columns }).collect();
        stepwise(&OUTCOME, &candidates, options)
    }

    fn options(direction: Direction, start: Start, criterion: Criterion) -> StepwiseOptions {
        StepwiseOptions { direction, start, criterion, ..StepwiseOptions::default() }
    }

    #[test]
    fn forward_takes_the_strong_and_leaves_the_weak() {
        let result = run(&[&WEAK, &STRONG], &options(Direction::Forward, Start::Null, Criterion::Aic)).unwrap();
        assert_eq!(result.selected, vec![1]);
        assert_eq!(result.trace.len(), 2);
        // No event rate but one half: deviance of the null model 24 ln 2, its AIC 2 more.
        assert!((result.trace[0].aic - (24.0 * 2f64.ln() + 2.0)).abs() < 1e-10);
        assert!((result.trace[1].aic - result.fit.aic).abs() < 1e-12);
    }

    #[test]
    fn equal_candidates_go_to_the_first() {
        let copy = STRONG.map(|value| 3.0 - value);
        let null = options(Direction::Forward, Start::Null, Criterion::PValue { enter: 0.2, remove: 0.2 });
        let error = run(&[&WEAK, &STRONG, &copy], &null);
        // After the first has entered, its mirror image cannot be fitted beside it: that is said, not passed over.
        assert_eq!(error.err(), Some(StatsError::Collinear { column: 2 }));
        let single = run(&[&copy, &WEAK], &null).unwrap();
        assert_eq!(single.selected, vec![0]);
    }

    #[test]
    fn an_interaction_waits_for_its_main_effects_and_keeps_them() {
        let product: Vec<f64> = STRONG.iter().zip(&WEAK).map(|(a, b)| a * b).collect();
        let marginality = vec![Marginality { candidate: 2, requires: vec![0, 1] }];
        let backward = StepwiseOptions {
            marginality: marginality.clone(),
            ..options(Direction::Backward, Start::Full, Criterion::PValue { enter: 1e-9, remove: 1e-9 })
        };
        let result = run(&[&STRONG, &WEAK, &product], &backward).unwrap();
        assert_eq!(result.trace[1].candidate, Some(2));
        let forward = StepwiseOptions { marginality, ..options(Direction::Forward, Start::Null, Criterion::Aic) };
        assert!(!run(&[&STRONG, &WEAK, &product], &forward).unwrap().selected.contains(&2));
    }

    #[test]
    fn no_candidate_leaves_the_intercept() {
        let result = run(&[], &StepwiseOptions::default()).unwrap();
        assert!(result.selected.is_empty() && result.trace.len() == 1);
    }

    #[test]
    fn a_screen_of_several_columns_tests_them_together() {
        let columns: [&[f64]; 2] = [&STRONG, &WEAK];
        let candidates = [Candidate { columns: &columns }, Candidate { columns: &columns[1..] }];
        let screen = univariable_screen(&OUTCOME, &candidates, 0.1, TermTest::LikelihoodRatio).unwrap();
        assert_eq!(screen[0].test.distribution, NullDistribution::ChiSquared { df: 2.0 });
        assert!(screen[0].selected && !screen[1].selected);
        let wald = univariable_screen(&OUTCOME, &candidates, 0.1, TermTest::Wald).unwrap();
        // With one column Wald's chi-squared is z².
        assert!((wald[1].test.statistic.unwrap() - wald[1].coefficients[0].wald).abs() < 1e-12);
    }

    #[test]
    fn entering_more_easily_than_leaving_is_refused() {
        let cycling = options(Direction::Both, Start::Null, Criterion::PValue { enter: 0.2, remove: 0.1 });
        assert!(matches!(run(&[&STRONG], &cycling), Err(StatsError::OutOfRange { .. })));
    }
}
