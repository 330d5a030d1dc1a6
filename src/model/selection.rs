//! Choice of predictors on the training rows: a univariable screen, then stepwise logistic regression by AIC.

use super::ModelError;
use crate::cohort::Cohort;
use crate::features::{Encoder, FeatureError};
use crate::results::{ModelFacts, ScreenRow, ScreenTerm, SelectedTerm, SelectionFacts, SelectionStepRow};
use crate::spec::Study;
use crate::spec::raw::{RawDirection, RawSelection};
use crate::split::TrainingRows;
use crate::stats::regression::logistic::{LogisticCoefficient, LogisticInput, LogisticOptions, logistic};
use crate::stats::regression::selection::{
    Candidate, Direction, ScreenResult, Start, StepAction, StepwiseOptions, StepwiseResult, TermTest, stepwise,
    univariable_screen,
};

/// A candidate variable with its columns in the training rows.
struct CandidateColumns {
    variable: String,
    levels: Vec<Option<String>>,
    columns: Vec<Vec<f64>>,
}

pub(super) fn select(
    study: &Study,
    cohort: &Cohort,
    training: &TrainingRows,
    facts: &ModelFacts,
    rule: &RawSelection,
) -> Result<SelectionFacts, ModelError> {
    let fails = |source| ModelError::Statistics { model: facts.id.clone(), source };
    let all_outcomes = cohort.binary(&facts.outcome);
    let outcome: Vec<bool> = training.rows().iter().map(|row| all_outcomes[*row]).collect();
    let mut candidates: Vec<CandidateColumns> = facts
        .predictors
        .iter()
        .map(|name| {
            let encoder = Encoder::fit(study, cohort, training, std::slice::from_ref(name))?;
            Ok(CandidateColumns {
                variable: name.clone(),
                levels: encoder.columns().iter().map(|column| column.level.clone()).collect(),
                columns: encoder.columns_of(cohort, training.rows()),
            })
        })
        .collect::<Result<_, FeatureError>>()
        .map_err(|source| ModelError::Features { model: facts.id.clone(), source })?;
    candidates.retain(|candidate| !candidate.columns.is_empty());
    let mut says = Vec::new();
    let mut screen = Vec::new();
    if let Some(limit) = rule.screen_p_below {
        let results = with_candidates(&candidates, |candidates| {
            univariable_screen(&outcome, candidates, limit, TermTest::LikelihoodRatio)
        })
        .map_err(fails)?;
        says.push(format!("univariable likelihood-ratio test with P < {limit}"));
        screen = results.iter().map(|result| screen_row(&candidates[result.candidate], result)).collect();
        let mut kept = results.iter().map(|result| result.selected);
        candidates.retain(|_| kept.next().unwrap_or(false));
    }
    let mut steps = Vec::new();
    if let Some(direction) = rule.stepwise.filter(|_| !candidates.is_empty()) {
        let (direction, start, words) = match direction {
            RawDirection::Forward => (Direction::Forward, Start::Null, "forward"),
            RawDirection::Backward => (Direction::Backward, Start::Full, "backward"),
            RawDirection::Both => {
                (Direction::Both, Start::Full, "in both directions, starting from all that are left,")
            }
        };
        let options = StepwiseOptions { direction, start, ..StepwiseOptions::default() };
        let result =
            with_candidates(&candidates, |candidates| stepwise(&outcome, candidates, &options)).map_err(fails)?;
        says.push(format!("stepwise logistic regression {words} by AIC"));
        steps = step_rows(&candidates, &result);
        let selected = &result.selected;
        let mut position = 0;
        candidates.retain(|_| {
            position += 1;
            selected.contains(&(position - 1))
        });
    }
    if candidates.is_empty() {
        let reason = "the selection kept none of the candidates".to_string();
        return Err(ModelError::NoPredictors { model: facts.id.clone(), reason });
    }
    let (multivariable, no_multivariable_because) = match together(&outcome, &candidates) {
        Ok(terms) => (terms, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    Ok(SelectionFacts {
        says: format!("On the training part: {}.", says.join(", then ")),
        screen,
        steps,
        selected: candidates.into_iter().map(|candidate| candidate.variable).collect(),
        multivariable,
        no_multivariable_because,
    })
}

/// All selected predictors in one logistic regression: for its odds ratios, whatever kind of model is then built on them.
fn together(outcome: &[bool], selected: &[CandidateColumns]) -> Result<Vec<SelectedTerm>, String> {
    let columns: Vec<&[f64]> =
        selected.iter().flat_map(|candidate| candidate.columns.iter().map(Vec::as_slice)).collect();
    let fit = logistic(&LogisticInput::new(outcome, &columns), &LogisticOptions::default());
    let fit = fit.map_err(|error| error.to_string())?;
    let term = |variable: &str, level: Option<&String>, found: &LogisticCoefficient| SelectedTerm {
        variable: variable.to_string(),
        level: level.cloned(),
        coefficient: found.coefficient,
        standard_error: found.standard_error,
        odds_ratio: found.odds_ratio.clone(),
        p_value: found.p_value,
    };
    let names = selected
        .iter()
        .flat_map(|candidate| candidate.levels.iter().map(|level| (candidate.variable.as_str(), level.as_ref())));
    let slopes = names.zip(&fit.coefficients).map(|((variable, level), found)| term(variable, level, found));
    Ok(std::iter::once(term("(intercept)", None, &fit.intercept)).chain(slopes).collect())
}

/// Lends the columns as the slices that the statistics take.
fn with_candidates<T>(candidates: &[CandidateColumns], use_them: impl FnOnce(&[Candidate<'_>]) -> T) -> T {
    let slices: Vec<Vec<&[f64]>> =
        candidates.iter().map(|candidate| candidate.columns.iter().map(Vec::as_slice).collect()).collect();
    let lent: Vec<Candidate<'_>> = slices.iter().map(|columns| Candidate { columns }).collect();
    use_them(&lent)
}

fn screen_row(candidate: &CandidateColumns, result: &ScreenResult) -> ScreenRow {
    let terms = candidate.levels.iter().zip(&result.coefficients);
    ScreenRow {
        variable: candidate.variable.clone(),
        p_value: result.p_value,
        kept: result.selected,
        terms: terms
            .map(|(level, coefficient)| ScreenTerm { level: level.clone(), odds_ratio: coefficient.odds_ratio.clone() })
            .collect(),
    }
}

fn step_rows(candidates: &[CandidateColumns], result: &StepwiseResult) -> Vec<SelectionStepRow> {
    result
        .trace
        .iter()
        .map(|step| SelectionStepRow {
            action: match step.action {
                StepAction::Start => "start",
                StepAction::Add => "add",
                StepAction::Remove => "remove",
            }
            .to_string(),
            variable: step.candidate.map(|candidate| candidates[candidate].variable.clone()),
            aic: step.aic,
        })
        .collect()
}
