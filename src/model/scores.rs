//! A score that is already in the table: nothing is fitted.

use super::Fitted;
use crate::cohort::Cohort;
use crate::results::ModelFacts;
use crate::spec::raw::RawOrientation;
use crate::stats::Orientation;

pub(super) fn take(cohort: &Cohort, mut facts: ModelFacts, from: &str, orientation: RawOrientation) -> Fitted {
    let (orientation, words) = match orientation {
        RawOrientation::HigherIsRisk => (Orientation::HigherIsRisk, "higher"),
        RawOrientation::LowerIsRisk => (Orientation::LowerIsRisk, "lower"),
    };
    facts.description = format!("Given in the data as {from}; {words} values mean the event. Nothing is fitted.");
    let scores = cohort.scores.get(&facts.id).cloned().unwrap_or_default();
    Fitted { facts, orientation, scores, baseline: None, log_odds: Vec::new() }
}
