//! Counts behind numbers that are shown, for the decision which of them would tell of few subjects. A kept analysis has them, because a
//! warm run must tell what a cold one tells; results have them until it is decided, and are never written with them.

use super::{Analysis, AnalysisOutcome, CurvePoint};
use serde::{Deserialize, Serialize};

/// How many had the event by a time, and how many were at risk then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub events: usize,
    pub at_risk: usize,
}

/// Of a group's curve, each in the order of what it is of. Empty in results that were read from a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CurveTallies {
    /// At the points of the curve.
    pub curve: Vec<Tally>,
    /// At the times of the rates.
    pub rates: Vec<Tally>,
    /// Before the times of the risk table.
    pub ticks: Vec<Tally>,
    pub median: Option<Tally>,
    /// The curve at its median, which the grid may pass by.
    pub median_point: Option<CurvePoint>,
    /// At the end of the time over which the mean is taken.
    pub restricted: Option<Tally>,
}

/// Of a survival model's performance: events by the horizon.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HorizonTallies {
    pub all: usize,
    /// By the time of AUC and Brier score.
    pub weighted: usize,
    /// In the groups of predicted risk.
    pub groups: Vec<usize>,
    /// Of those acted on, at the declared thresholds and over the decision curve.
    pub net_benefit: Vec<usize>,
    pub decision_curve: Vec<usize>,
}

impl CurveTallies {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl HorizonTallies {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Takes them out of results that are about to be written.
pub fn forget_tallies(analyses: &mut [Analysis]) {
    for analysis in analyses {
        match &mut analysis.outcome {
            AnalysisOutcome::KaplanMeier(survival) => {
                let groups = survival.partitions.iter_mut().flat_map(|partition| &mut partition.groups);
                groups.for_each(|group| group.tallies = CurveTallies::default());
            }
            AnalysisOutcome::CumulativeIncidence(incidence) => {
                let groups = incidence.partitions.iter_mut().flat_map(|partition| &mut partition.groups);
                groups.for_each(|group| group.tallies = CurveTallies::default());
            }
            AnalysisOutcome::SurvivalPerformance(performance) => {
                performance.rows.iter_mut().for_each(|row| row.tallies = HorizonTallies::default());
            }
            _ => {}
        }
    }
}
