//! Counts behind numbers that are shown, for the decision which of them would tell of few subjects. They are never written.

use super::CurvePoint;

/// How many had the event by a time, and how many were at risk then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub events: usize,
    pub at_risk: usize,
}

/// Of a group's curve, each in the order of what it is of. Empty in results that were read from a file.
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Debug, Default)]
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

/// Two results are alike where what they show is.
impl PartialEq for CurveTallies {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl PartialEq for HorizonTallies {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
