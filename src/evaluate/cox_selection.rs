//! Stepwise choice of the terms of a Cox model.

use super::terms::{Term, positions};
use crate::results::CoxStep;
use crate::spec::raw::{RawCoxDirection, RawCoxSelection, RawInformationCriterion};
use crate::stats::StatsError;
use crate::stats::survival::cox::{
    CoxInput, CoxOptions, Criterion, Direction, Move, Selection, TermTest, backward_by_p, forward_by_p, stepwise,
};

pub(super) struct Chosen {
    pub says: String,
    pub steps: Vec<CoxStep>,
    /// Positions among the terms.
    pub kept: Vec<usize>,
}

pub(super) fn select(
    input: &CoxInput<'_>,
    terms: &[Term],
    declared: &RawCoxSelection,
    options: &CoxOptions,
) -> Result<Chosen, StatsError> {
    let columns = positions(terms);
    let (direction, way) = match declared.direction {
        RawCoxDirection::Forward => (Direction::Forward, "forward"),
        RawCoxDirection::Backward => (Direction::Backward, "backward"),
        RawCoxDirection::Both => (Direction::Both, "in both directions, starting from all terms,"),
    };
    let (selection, by) = match declared.p {
        Some(limit) => {
            let selection = match direction {
                Direction::Forward => forward_by_p(input, &columns, limit, options)?,
                _ => backward_by_p(input, &columns, limit, TermTest::LikelihoodRatio, options)?,
            };
            (selection, format!("likelihood-ratio tests, P < {limit}"))
        }
        None => {
            let (criterion, name) = match declared.criterion {
                RawInformationCriterion::Aic => (Criterion::Akaike, "AIC"),
                RawInformationCriterion::Bic => (Criterion::Bayesian, "BIC"),
            };
            (stepwise(input, &columns, direction, criterion, options)?, name.to_string())
        }
    };
    Ok(Chosen {
        says: format!("stepwise {way} by {by}"),
        steps: steps(&selection, terms),
        kept: selection.terms.clone(),
    })
}

fn steps(selection: &Selection, terms: &[Term]) -> Vec<CoxStep> {
    let name = |term: usize| terms.get(term).map(|term| term.name.clone());
    selection
        .path
        .iter()
        .map(|step| {
            let (action, term) = match step.made {
                Move::Start => ("start", None),
                Move::Drop(term) => ("remove", name(term)),
                Move::Add(term) => ("add", name(term)),
            };
            CoxStep { action: action.to_string(), term, value: step.value }
        })
        .collect()
}
