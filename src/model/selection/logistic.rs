//! The choice for a binary outcome, by logistic regression.

use super::{CandidateColumns, Coefficient, Screened, Searched, Step, Together};
use crate::spec::raw::RawDirection;
use crate::stats::StatsError;
use crate::stats::regression::logistic::{LogisticCoefficient, LogisticInput, LogisticOptions, logistic};
use crate::stats::regression::selection::{Candidate, Direction, Start, StepAction, StepwiseOptions, stepwise};

pub(super) struct Outcome {
    positive: Vec<bool>,
}

impl Outcome {
    pub(super) fn of(everyone: &[bool], rows: &[usize]) -> Outcome {
        Outcome { positive: rows.iter().map(|row| everyone[*row]).collect() }
    }

    /// Of the training rows, in their order.
    pub(super) fn positive(&self) -> &[bool] {
        &self.positive
    }

    pub(super) fn alone(&self, candidate: &CandidateColumns) -> Result<Screened, StatsError> {
        let columns: Vec<&[f64]> = candidate.columns.iter().map(Vec::as_slice).collect();
        let fit = logistic(&LogisticInput::new(&self.positive, &columns), &LogisticOptions::default())?;
        Ok(Screened {
            p_value: fit.likelihood_ratio.p_value,
            ratios: fit.coefficients.into_iter().map(|coefficient| coefficient.odds_ratio).collect(),
        })
    }

    pub(super) fn search(
        &self,
        candidates: &[CandidateColumns],
        direction: RawDirection,
    ) -> Result<Searched, StatsError> {
        let (direction, start) = match direction {
            RawDirection::Forward => (Direction::Forward, Start::Null),
            RawDirection::Backward => (Direction::Backward, Start::Full),
            RawDirection::Both => (Direction::Both, Start::Full),
        };
        let slices: Vec<Vec<&[f64]>> =
            candidates.iter().map(|candidate| candidate.columns.iter().map(Vec::as_slice).collect()).collect();
        let lent: Vec<Candidate<'_>> = slices.iter().map(|columns| Candidate { columns }).collect();
        let options = StepwiseOptions { direction, start, ..StepwiseOptions::default() };
        let found = stepwise(&self.positive, &lent, &options)?;
        let steps = found.trace.iter().map(|step| Step {
            action: match step.action {
                StepAction::Start => "start",
                StepAction::Add => "add",
                StepAction::Remove => "remove",
            },
            candidate: step.candidate,
            aic: step.aic,
        });
        Ok(Searched { steps: steps.collect(), selected: found.selected.clone() })
    }

    pub(super) fn together(&self, selected: &[CandidateColumns]) -> Result<Together, StatsError> {
        let columns: Vec<&[f64]> =
            selected.iter().flat_map(|candidate| candidate.columns.iter().map(Vec::as_slice)).collect();
        let fit = logistic(&LogisticInput::new(&self.positive, &columns), &LogisticOptions::default())?;
        Ok(Together {
            intercept: Some(coefficient(fit.intercept)),
            slopes: fit.coefficients.into_iter().map(coefficient).collect(),
        })
    }
}

fn coefficient(found: LogisticCoefficient) -> Coefficient {
    Coefficient {
        coefficient: found.coefficient,
        standard_error: found.standard_error,
        ratio: found.odds_ratio,
        p_value: found.p_value,
    }
}
