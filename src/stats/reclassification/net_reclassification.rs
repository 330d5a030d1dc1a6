//! The net reclassification improvement (NRI), by risk categories and continuous.
//!
//! Estimand: among events, the share that the new model moves up minus the share that it moves down; among the others,
//! down minus up; their sum is the NRI, from −2 to 2. By categories, a move is to a higher or lower risk category
//! (bounded by cut-points; a probability at a cut-point is in the category above); continuous, any rise or fall.
//! The NRI is not a proportion of patients, and is best reported as its two parts. See the caution in [`super`].
//!
//! Formula of the standard error, per class of n subjects: √((up + down) − (up − down)²)/√n with up and down the shares
//! (the variance at the estimate, not under the null hypothesis); for the sum, of both classes together. The test is
//! estimate over this standard error, as in `Hmisc::improveProb` and PredictABEL.
//!
//! Input: outcomes (`true` the event), probabilities in [0, 1] of the old and the new model, ascending cut-points.
//! Row order does not matter, bit for bit.
//! Edge cases: needs both classes; where no one moves the standard error is 0 and the test is `None`.
//!
//! Source: Pencina et al. 2008, doi:10.1002/sim.2929; Pencina et al. 2011, doi:10.1002/sim.4085 (continuous).
//! Oracle: Hmisc 4.8-0 `improveProb`; nricens 1.6 `nribin`.

use super::{check_pairs, wald};
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_finite, require_level};
use crate::stats::estimate::{Estimate, Test};
use serde::{Deserialize, Serialize};

/// What the new model did to the subjects of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// Moved up.
    pub up: usize,
    /// Moved down.
    pub down: usize,
    /// Not moved.
    pub same: usize,
}

impl Moves {
    /// Subjects of the class.
    pub fn n(&self) -> usize {
        self.up + self.down + self.same
    }

    /// Share moved up.
    pub fn share_up(&self) -> f64 {
        self.up as f64 / self.n() as f64
    }

    /// Share moved down.
    pub fn share_down(&self) -> f64 {
        self.down as f64 / self.n() as f64
    }

    fn count(&mut self, change: std::cmp::Ordering) {
        match change {
            std::cmp::Ordering::Greater => self.up += 1,
            std::cmp::Ordering::Less => self.down += 1,
            std::cmp::Ordering::Equal => self.same += 1,
        }
    }

    fn variance(&self) -> f64 {
        let (up, down) = (self.share_up(), self.share_down());
        ((up + down) - (up - down) * (up - down)) / self.n() as f64
    }
}

/// An estimate and the test that it is 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Improvement {
    /// The improvement.
    pub estimate: Estimate,
    /// `None` where nothing varies.
    pub test: Option<Test>,
}

impl Improvement {
    pub(super) fn new(value: f64, variance: f64, n: usize, level: f64) -> Self {
        let error = variance.max(0.0).sqrt();
        let half = normal_critical(level) * error;
        let estimate =
            Estimate::new(value, n).with_standard_error(error).with_interval(value - half, value + half, level, "Wald");
        Self { estimate, test: wald(value, error) }
    }
}

/// The NRI and its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetReclassification {
    /// Sum of the two parts.
    pub nri: Improvement,
    /// Up minus down among events.
    pub events: Improvement,
    /// Down minus up among the others.
    pub others: Improvement,
    /// What happened to the events.
    pub event_moves: Moves,
    /// What happened to the others.
    pub other_moves: Moves,
}

/// Subjects of one class by category under either model: `counts[old][new]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReclassificationTable {
    /// Categories in ascending order of risk.
    pub counts: Vec<Vec<usize>>,
}

/// The NRI by categories, with the tables it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoricalReclassification {
    /// The improvement by categories.
    pub reclassification: NetReclassification,
    /// Among subjects with the event.
    pub events: ReclassificationTable,
    /// Among subjects without the event.
    pub others: ReclassificationTable,
}

/// The continuous NRI: any change of the probability counts.
pub fn continuous_nri(
    outcome: &[bool],
    old: &[f64],
    new: &[f64],
    level: f64,
) -> Result<NetReclassification, StatsError> {
    check_pairs(outcome, old, new)?;
    require_level(level)?;
    let mut event_moves = Moves::default();
    let mut other_moves = Moves::default();
    for ((event, old), new) in outcome.iter().zip(old).zip(new) {
        let moves = if *event { &mut event_moves } else { &mut other_moves };
        // Adding zero gives zero one sign.
        moves.count((new + 0.0).total_cmp(&(old + 0.0)));
    }
    Ok(summary(event_moves, other_moves, level))
}

/// The NRI by risk categories.
pub fn categorical_nri(
    outcome: &[bool],
    old: &[f64],
    new: &[f64],
    cut_points: &[f64],
    level: f64,
) -> Result<CategoricalReclassification, StatsError> {
    check_pairs(outcome, old, new)?;
    require_level(level)?;
    require_finite("cut-point", cut_points)?;
    if cut_points.is_empty() {
        return Err(StatsError::Empty { what: "cut-points" });
    }
    if let Some(index) = cut_points.windows(2).position(|pair| pair[1] <= pair[0]) {
        return Err(StatsError::InvalidAt { what: "cut-point", index: index + 1, expected: "above the one before" });
    }
    let category = |p: f64| cut_points.partition_point(|cut| *cut <= p);
    let size = cut_points.len() + 1;
    let table = || ReclassificationTable { counts: vec![vec![0; size]; size] };
    let (mut events, mut others) = (table(), table());
    let mut event_moves = Moves::default();
    let mut other_moves = Moves::default();
    for ((event, old), new) in outcome.iter().zip(old).zip(new) {
        let (table, moves) = if *event { (&mut events, &mut event_moves) } else { (&mut others, &mut other_moves) };
        let (from, to) = (category(*old), category(*new));
        table.counts[from][to] += 1;
        moves.count(to.cmp(&from));
    }
    Ok(CategoricalReclassification { reclassification: summary(event_moves, other_moves, level), events, others })
}

fn summary(event_moves: Moves, other_moves: Moves, level: f64) -> NetReclassification {
    let of_events = event_moves.share_up() - event_moves.share_down();
    let of_others = other_moves.share_down() - other_moves.share_up();
    let (event_variance, other_variance) = (event_moves.variance(), other_moves.variance());
    NetReclassification {
        nri: Improvement::new(
            of_events + of_others,
            event_variance + other_variance,
            event_moves.n() + other_moves.n(),
            level,
        ),
        events: Improvement::new(of_events, event_variance, event_moves.n(), level),
        others: Improvement::new(of_others, other_variance, other_moves.n(), level),
        event_moves,
        other_moves,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 7] = [true, true, true, true, false, false, false];
    const OLD: [f64; 7] = [0.2, 0.5, 0.6, 0.9, 0.2, 0.5, 0.7];
    const NEW: [f64; 7] = [0.6, 0.55, 0.4, 0.9, 0.1, 0.3, 0.8];

    #[test]
    fn continuous_by_hand() {
        // Events: up 2, down 1, same 1: ¼. Others: down 2, up 1: ⅓. Variances (¾ − 1/16)/4 and (1 − 1/9)/3.
        let result = continuous_nri(&OUTCOME, &OLD, &NEW, 0.95).unwrap();
        assert!((result.events.estimate.value - 0.25).abs() < 1e-15);
        assert!((result.others.estimate.value - 1.0 / 3.0).abs() < 1e-15);
        let variance: f64 = 11.0 / 64.0 + 8.0 / 27.0;
        assert!((result.nri.estimate.standard_error.unwrap() - variance.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn categories_by_hand_with_a_value_on_the_cut() {
        // Cut at 0.5, upper category from 0.5 on. Events: 0.2→0.6 up, 0.5→0.55 same, 0.6→0.4 down, same: 0.
        // Others: same, 0.5→0.3 down, same: ⅓.
        let result = categorical_nri(&OUTCOME, &OLD, &NEW, &[0.5], 0.95).unwrap();
        assert_eq!(result.events.counts, vec![vec![0, 1], vec![1, 2]]);
        assert_eq!(result.others.counts, vec![vec![1, 0], vec![1, 1]]);
        assert!((result.reclassification.nri.estimate.value - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn the_same_model_moves_no_one() {
        let result = continuous_nri(&OUTCOME, &OLD, &OLD, 0.95).unwrap();
        assert_eq!((result.nri.estimate.value, result.nri.test), (0.0, None));
    }

    #[test]
    fn exchanging_the_models_changes_the_sign() {
        let (forth, back) =
            (continuous_nri(&OUTCOME, &OLD, &NEW, 0.95).unwrap(), continuous_nri(&OUTCOME, &NEW, &OLD, 0.95).unwrap());
        assert_eq!(forth.nri.estimate.value, -back.nri.estimate.value);
    }

    #[test]
    fn bad_cut_points_and_one_class_are_errors() {
        assert!(categorical_nri(&OUTCOME, &OLD, &NEW, &[0.5, 0.5], 0.95).is_err());
        let error = continuous_nri(&[true, true], &[0.1, 0.2], &[0.1, 0.2], 0.95);
        assert_eq!(error, Err(StatsError::OneClass { positives: 2, negatives: 0 }));
    }
}
