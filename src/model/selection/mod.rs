//! Choice of predictors on the training rows: a univariable screen, then stepwise regression by AIC, both by the
//! regression that suits the outcome: logistic for a binary one, Cox for survival.

mod cox;
mod logistic;

use super::ModelError;
use crate::cohort::Cohort;
use crate::features::{Encoder, FeatureError};
use crate::results::{
    ModelFacts, ScreenRow, ScreenTerm, SelectedTerm, SelectionFacts, SelectionRegression, SelectionStepRow,
};
use crate::spec::Study;
use crate::spec::raw::{RawDirection, RawModel, RawSelection};
use crate::split::TrainingRows;
use crate::stats::regression::separation::separation;
use crate::stats::{Estimate, StatsError};

/// A candidate variable with its columns in the training rows.
struct CandidateColumns {
    variable: String,
    levels: Vec<Option<String>>,
    columns: Vec<Vec<f64>>,
}

/// A candidate alone in the model.
struct Screened {
    /// Of the variable as a whole, by the likelihood ratio.
    p_value: f64,
    /// One per column.
    ratios: Vec<Estimate>,
}

/// What a stepwise search did.
struct Searched {
    steps: Vec<Step>,
    /// Positions among the candidates.
    selected: Vec<usize>,
}

struct Step {
    action: &'static str,
    /// Position among the candidates.
    candidate: Option<usize>,
    aic: f64,
}

/// A coefficient of the model of all selected candidates.
struct Coefficient {
    coefficient: f64,
    standard_error: f64,
    ratio: Estimate,
    p_value: f64,
}

/// All selected candidates in one model.
struct Together {
    intercept: Option<Coefficient>,
    /// One per column, candidate after candidate.
    slopes: Vec<Coefficient>,
}

/// The regression by which candidates are looked at, with the outcome in the training rows.
enum Regression {
    Logistic(logistic::Outcome),
    Cox(cox::Outcome),
}

/// Said of a candidate by itself.
const MONOTONE: &str =
    "orders the events without exception in the training part, so its coefficient is infinite; drop it";

impl Regression {
    fn of(cohort: &Cohort, training: &TrainingRows, model: &RawModel) -> Option<Regression> {
        let rows = training.rows();
        Some(match model {
            RawModel::Cox { outcome, ties, .. } => {
                Regression::Cox(cox::Outcome::of(cohort.survival(outcome)?, rows, *ties))
            }
            _ => Regression::Logistic(logistic::Outcome::of(cohort.binary(model.outcome()), rows)),
        })
    }

    fn kind(&self) -> SelectionRegression {
        match self {
            Regression::Logistic(_) => SelectionRegression::Logistic,
            Regression::Cox(_) => SelectionRegression::Cox,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Regression::Logistic(_) => "logistic regression",
            Regression::Cox(_) => "Cox regression",
        }
    }

    /// Why there is no fit, with the name of the candidate that is at fault.
    fn why(&self, error: &StatsError, candidates: &[CandidateColumns]) -> String {
        let mut names = candidates.iter().flat_map(|candidate| {
            candidate.levels.iter().map(|level| match level {
                Some(level) => format!("`{}` ({level})", candidate.variable),
                None => format!("`{}`", candidate.variable),
            })
        });
        let mut name = |column: usize| names.nth(column).unwrap_or_default();
        match (self, error) {
            (_, StatsError::Collinear { column }) => {
                format!("{} is a combination of the other candidates; drop one", name(*column))
            }
            (Regression::Logistic(outcome), StatsError::Separated { column }) => {
                let all =
                    || candidates.iter().flat_map(|candidate| candidate.columns.iter().map(move |it| (candidate, it)));
                let columns: Vec<&[f64]> = all().map(|(_, column)| column.as_slice()).collect();
                let variables: Vec<&str> = all().map(|(candidate, _)| candidate.variable.as_str()).collect();
                let variable = |column: usize| format!("`{}`", variables[column]);
                match separation(outcome.positive(), &columns, &variables, *column).name(name, variable) {
                    Some(name) => format!(
                        "{name} separates the outcomes of the training part, so its coefficient is infinite; drop it"
                    ),
                    None => "the candidates together separate the outcomes of the training part, though none does \
                             alone, so that coefficients are infinite; take fewer"
                        .to_string(),
                }
            }
            (Regression::Cox(outcome), StatsError::Separated { column }) => {
                let is_alone = |candidate: &&CandidateColumns| {
                    matches!(outcome.alone(candidate), Err(StatsError::Separated { .. }))
                };
                match candidates.iter().find(is_alone) {
                    // Of one candidate the level can be named.
                    Some(_) if candidates.len() == 1 => {
                        format!("{} {MONOTONE}", name(*column))
                    }
                    Some(candidate) => format!("`{}` {MONOTONE}", candidate.variable),
                    None => {
                        "the candidates together order the events without exception in the training part, though none \
                             does alone, so that coefficients are infinite; take fewer"
                            .to_string()
                    }
                }
            }
            (_, other) => other.to_string(),
        }
    }

    fn alone(&self, candidate: &CandidateColumns) -> Result<Screened, StatsError> {
        match self {
            Regression::Logistic(outcome) => outcome.alone(candidate),
            Regression::Cox(outcome) => outcome.alone(candidate),
        }
    }

    fn search(&self, candidates: &[CandidateColumns], direction: RawDirection) -> Result<Searched, StatsError> {
        match self {
            Regression::Logistic(outcome) => outcome.search(candidates, direction),
            Regression::Cox(outcome) => outcome.search(candidates, direction),
        }
    }

    fn together(&self, selected: &[CandidateColumns]) -> Result<Together, StatsError> {
        match self {
            Regression::Logistic(outcome) => outcome.together(selected),
            Regression::Cox(outcome) => outcome.together(selected),
        }
    }
}

pub(super) fn select(
    study: &Study,
    cohort: &Cohort,
    training: &TrainingRows,
    facts: &ModelFacts,
    model: &RawModel,
    rule: &RawSelection,
) -> Result<SelectionFacts, ModelError> {
    let Some(regression) = Regression::of(cohort, training, model) else {
        let reason = "its outcome is no survival outcome".to_string();
        return Err(ModelError::Fit { model: facts.id.clone(), reason });
    };
    let mut candidates = candidates(study, cohort, training, facts)?;
    let fails = |source: StatsError, candidates: &[CandidateColumns]| ModelError::Fit {
        model: facts.id.clone(),
        reason: regression.why(&source, candidates),
    };
    let mut says = Vec::new();
    let mut screen = Vec::new();
    if let Some(limit) = rule.screen_p_below {
        screen = candidates
            .iter()
            .map(|candidate| {
                let alone = regression.alone(candidate);
                Ok(screen_row(candidate, alone.map_err(|why| fails(why, std::slice::from_ref(candidate)))?, limit))
            })
            .collect::<Result<Vec<ScreenRow>, ModelError>>()?;
        says.push(format!("univariable likelihood-ratio test with P < {limit}"));
        let mut kept = screen.iter().map(|row| row.kept);
        candidates.retain(|_| kept.next().unwrap_or(false));
    }
    let mut steps = Vec::new();
    if let Some(direction) = rule.stepwise.filter(|_| !candidates.is_empty()) {
        let words = match direction {
            RawDirection::Forward => "forward",
            RawDirection::Backward => "backward",
            RawDirection::Both => "in both directions, starting from all that are left,",
        };
        let searched = regression.search(&candidates, direction).map_err(|why| fails(why, &candidates))?;
        says.push(format!("stepwise {} {words} by AIC", regression.name()));
        steps = searched.steps.iter().map(|step| step_row(step, &candidates)).collect();
        let mut position = 0;
        candidates.retain(|_| {
            position += 1;
            searched.selected.contains(&(position - 1))
        });
    }
    if candidates.is_empty() {
        let reason = "the selection kept none of the candidates".to_string();
        return Err(ModelError::NoPredictors { model: facts.id.clone(), reason });
    }
    let (multivariable, no_multivariable_because) = match regression.together(&candidates) {
        Ok(together) => (selected_terms(&candidates, together), None),
        Err(why) => (Vec::new(), Some(regression.why(&why, &candidates))),
    };
    Ok(SelectionFacts {
        regression: regression.kind(),
        says: format!("On the training part: {}.", says.join(", then ")),
        screen,
        steps,
        selected: candidates.into_iter().map(|candidate| candidate.variable).collect(),
        multivariable,
        no_multivariable_because,
    })
}

/// The predictors that have a column in the training rows.
fn candidates(
    study: &Study,
    cohort: &Cohort,
    training: &TrainingRows,
    facts: &ModelFacts,
) -> Result<Vec<CandidateColumns>, ModelError> {
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
    Ok(candidates)
}

fn screen_row(candidate: &CandidateColumns, found: Screened, limit: f64) -> ScreenRow {
    let terms = candidate.levels.iter().zip(found.ratios);
    ScreenRow {
        variable: candidate.variable.clone(),
        p_value: found.p_value,
        kept: found.p_value < limit,
        terms: terms.map(|(level, ratio)| ScreenTerm { level: level.clone(), ratio }).collect(),
    }
}

fn step_row(step: &Step, candidates: &[CandidateColumns]) -> SelectionStepRow {
    SelectionStepRow {
        action: step.action.to_string(),
        variable: step.candidate.map(|candidate| candidates[candidate].variable.clone()),
        aic: step.aic,
    }
}

/// For the ratios of the selected candidates, whatever kind of model is then built on them.
fn selected_terms(selected: &[CandidateColumns], together: Together) -> Vec<SelectedTerm> {
    let term = |variable: &str, level: Option<&String>, found: Coefficient| SelectedTerm {
        variable: variable.to_string(),
        level: level.cloned(),
        coefficient: found.coefficient,
        standard_error: found.standard_error,
        ratio: found.ratio,
        p_value: found.p_value,
    };
    let names = selected
        .iter()
        .flat_map(|candidate| candidate.levels.iter().map(|level| (candidate.variable.as_str(), level.as_ref())));
    let slopes = names.zip(together.slopes).map(|((variable, level), found)| term(variable, level, found));
    together.intercept.map(|found| term("(intercept)", None, found)).into_iter().chain(slopes).collect()
}
