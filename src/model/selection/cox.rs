//! The choice for a survival outcome, by Cox regression.

use super::{CandidateColumns, Coefficient, Screened, Searched, Step, Together};
use crate::cohort::SurvivalOutcome;
use crate::model::cox::ties_of;
use crate::spec::raw::{RawDirection, RawModelTies};
use crate::stats::StatsError;
use crate::stats::survival::cox::{
    CoxCoefficient, CoxFit, CoxInput, CoxOptions, Criterion, Direction, Move, cox, stepwise,
};

pub(super) struct Outcome {
    time: Vec<f64>,
    event: Vec<bool>,
    options: CoxOptions,
}

impl Outcome {
    pub(super) fn of(everyone: SurvivalOutcome<'_>, rows: &[usize], ties: RawModelTies) -> Outcome {
        Outcome {
            time: rows.iter().map(|row| everyone.time[*row]).collect(),
            event: rows.iter().map(|row| everyone.event[*row]).collect(),
            options: CoxOptions { ties: ties_of(ties), ..CoxOptions::default() },
        }
    }

    pub(super) fn alone(&self, candidate: &CandidateColumns) -> Result<Screened, StatsError> {
        let fit = self.fit(std::slice::from_ref(candidate))?;
        Ok(Screened {
            p_value: fit.likelihood_ratio.p_value,
            ratios: fit.coefficients.into_iter().map(|coefficient| coefficient.hazard_ratio).collect(),
        })
    }

    pub(super) fn search(
        &self,
        candidates: &[CandidateColumns],
        direction: RawDirection,
    ) -> Result<Searched, StatsError> {
        let direction = match direction {
            RawDirection::Forward => Direction::Forward,
            RawDirection::Backward => Direction::Backward,
            RawDirection::Both => Direction::Both,
        };
        let columns = columns_of(candidates);
        let mut next = 0..columns.len();
        let terms: Vec<Vec<usize>> =
            candidates.iter().map(|candidate| next.by_ref().take(candidate.columns.len()).collect()).collect();
        let input = CoxInput::new(&self.time, &self.event, &columns);
        let found = stepwise(&input, &terms, direction, Criterion::Akaike, &self.options)?;
        let steps = found.path.iter().map(|step| {
            let (action, candidate) = match step.made {
                Move::Start => ("start", None),
                Move::Drop(term) => ("remove", Some(term)),
                Move::Add(term) => ("add", Some(term)),
            };
            Step { action, candidate, aic: step.value }
        });
        Ok(Searched { steps: steps.collect(), selected: found.terms.clone() })
    }

    pub(super) fn together(&self, selected: &[CandidateColumns]) -> Result<Together, StatsError> {
        let fit = self.fit(selected)?;
        Ok(Together { intercept: None, slopes: fit.coefficients.into_iter().map(coefficient).collect() })
    }

    /// A coefficient that is infinite has no ratio to be printed.
    fn fit(&self, candidates: &[CandidateColumns]) -> Result<CoxFit, StatsError> {
        let columns = columns_of(candidates);
        let fit = cox(&CoxInput::new(&self.time, &self.event, &columns), &self.options)?;
        match fit.monotone.first() {
            Some(column) => Err(StatsError::Separated { column: *column }),
            None => Ok(fit),
        }
    }
}

fn columns_of(candidates: &[CandidateColumns]) -> Vec<&[f64]> {
    candidates.iter().flat_map(|candidate| candidate.columns.iter().map(Vec::as_slice)).collect()
}

fn coefficient(found: CoxCoefficient) -> Coefficient {
    Coefficient {
        coefficient: found.coefficient,
        standard_error: found.standard_error,
        ratio: found.hazard_ratio,
        p_value: found.p_value,
    }
}
