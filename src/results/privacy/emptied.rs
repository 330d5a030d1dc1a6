//! An analysis of which everything was withheld says so, in the place of an empty table.

use super::{Rule, guard};
use crate::results::{Analysis, AnalysisOutcome};

/// Whether there is nothing to show of it.
pub(super) fn is_empty(analysis: &Analysis) -> bool {
    match &analysis.outcome {
        AnalysisOutcome::Performance(performance) => performance.rows.is_empty(),
        AnalysisOutcome::Comparison(comparison) => comparison.rows.is_empty(),
        AnalysisOutcome::KaplanMeier(survival) => survival.partitions.is_empty(),
        AnalysisOutcome::CumulativeIncidence(incidence) => incidence.partitions.is_empty(),
        AnalysisOutcome::Calibration(calibration) => calibration.rows.is_empty(),
        AnalysisOutcome::SurvivalPerformance(performance) => performance.rows.is_empty(),
        AnalysisOutcome::Subgroups(subgroups) => subgroups.rows.is_empty(),
        AnalysisOutcome::BaselineTable(table) => table.sets.is_empty(),
        _ => false,
    }
}

/// Whether it was withheld for that.
pub(super) fn withhold(analysis: &mut Analysis, rule: Rule) -> bool {
    if !is_empty(analysis) {
        return false;
    }
    let tree = serde_json::to_value(&analysis.outcome).unwrap_or_default();
    guard::withhold_whole(analysis, &tree, rule);
    true
}
