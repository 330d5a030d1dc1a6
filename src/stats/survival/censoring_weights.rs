//! Inverse-probability-of-censoring weights: what time-dependent AUC and Brier score have in common.
//!
//! Estimand: G(t), the probability to be uncensored after t, by Kaplan-Meier with the roles of event and censoring
//! swapped. At one time the events come first: the censorings at t are held against those at risk who had no event at t.
//! Weights at a horizon h: a subject with the event by h (a case) has 1 / G just before its time; a subject known to be
//! event-free after h (a control) 1 / G(h); a subject censored by h has 0.
//! Influence: an estimate that is a sum over weighted subjects moves with the estimated G, too. By the martingale
//! representation of Kaplan-Meier, subject k pulls it by ∫ Q(u) dM_k(u) / π(u), with M_k its censoring martingale, π(u)
//! the fraction at risk of censoring at u (less all but one of those censored at u), and Q(u) the mean over subjects of what each adds with a weight that G(u) is
//! a factor of.
//!
//! Assumptions: censoring depends neither on the event time nor on the score (marginal weights).
//! Input: [`SurvivalData`] without entry times and weights; those are errors here.
//! Source: Graf et al. 1999, doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5; Blanche,
//! Dartigues and Jacqmin-Gadda 2013, doi:10.1002/sim.5958.

use super::data::{SurvivalData, time_key};
use super::risk_table::{RiskRow, risk_table};
use crate::stats::error::{StatsError, require_finite, require_same_length};
use serde::{Deserialize, Serialize};

/// At which side of an event's own time the censoring survival is taken for its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CensoringSide {
    /// G(T-): the subject's own risk set had not lost those censored at T yet. As timeROC, riskRegression, R's survival.
    #[default]
    JustBefore,
    /// G(T), as scikit-survival. Undefined where everybody event-free at T is censored at T.
    At,
}

/// What a subject is at a horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Case,
    Control,
    /// Censored by the horizon: of unknown status, of weight zero.
    Unknown,
}

/// The subjects in an order that does not depend on the rows' order, with the censoring curve.
pub(super) struct CensoredSample {
    /// Rows of the input, sorted by time, status and score.
    pub rows: Vec<usize>,
    /// For each sorted subject the distinct time it leaves at.
    step: Vec<usize>,
    event: Vec<bool>,
    table: Vec<RiskRow>,
    /// G just before each distinct time, and at the end the last value.
    before: Vec<f64>,
}

impl CensoredSample {
    /// `score` breaks ties of time and status in the sorted order.
    pub fn new(data: &SurvivalData, score_name: &'static str, score: &[f64]) -> Result<Self, StatsError> {
        if data.entry.is_some() {
            return Err(StatsError::Undefined { what: "a censoring weight", why: "subjects enter late" });
        }
        if data.weight.is_some() {
            return Err(StatsError::Undefined { what: "a censoring weight", why: "rows are weighted already" });
        }
        let table = risk_table(data)?;
        require_same_length("survival time", data.len(), score_name, score.len())?;
        require_finite(score_name, score)?;
        let mut order: Vec<(u64, f64, usize)> =
            (0..data.len()).map(|row| (time_key(data.time[row], !data.event[row]), score[row] + 0.0, row)).collect();
        order.sort_unstable_by(|left, right| left.0.cmp(&right.0).then(left.1.total_cmp(&right.1)));
        let rows: Vec<usize> = order.iter().map(|(_, _, row)| *row).collect();
        let mut current = 0;
        let step = rows
            .iter()
            .map(|row| {
                while current + 1 < table.len() && table[current + 1].time <= data.time[*row] {
                    current += 1;
                }
                current
            })
            .collect();
        let mut before = Vec::with_capacity(table.len() + 1);
        let mut uncensored = 1.0;
        before.push(uncensored);
        for row in &table {
            if row.censored > 0.0 {
                let at_risk = row.at_risk - row.events;
                uncensored *= (at_risk - row.censored) / at_risk;
            }
            before.push(uncensored);
        }
        let event = rows.iter().map(|row| data.event[*row]).collect();
        Ok(Self { rows, step, event, table, before })
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of distinct times up to and with `horizon`.
    fn steps_by(&self, horizon: f64) -> usize {
        self.table.partition_point(|row| row.time <= horizon)
    }

    /// What each sorted subject is at `horizon`; an event exactly there makes a case if `inclusive`, and nobody if not.
    pub fn statuses(&self, horizon: f64, inclusive: bool) -> Vec<Status> {
        let by = self.steps_by(horizon);
        let before = self.table.partition_point(|row| row.time < horizon);
        (0..self.len())
            .map(|subject| match (self.step[subject], self.event[subject]) {
                (step, _) if step >= by => Status::Control,
                (step, true) if inclusive || step < before => Status::Case,
                _ => Status::Unknown,
            })
            .collect()
    }

    /// The weight of each sorted subject at `horizon`.
    pub fn weights(&self, horizon: f64, statuses: &[Status], side: CensoringSide) -> Result<Vec<f64>, StatsError> {
        let at_horizon = self.before[self.steps_by(horizon)];
        let mut weights = Vec::with_capacity(self.len());
        for (subject, status) in statuses.iter().enumerate() {
            let uncensored = match (status, side) {
                (Status::Case, CensoringSide::JustBefore) => self.before[self.step[subject]],
                (Status::Case, CensoringSide::At) => self.before[self.step[subject] + 1],
                (Status::Control, _) => at_horizon,
                (Status::Unknown, _) => f64::INFINITY,
            };
            if uncensored <= 0.0 {
                return Err(StatsError::Undefined {
                    what: "a censoring weight",
                    why: "everybody left is censored at the time of an event",
                });
            }
            weights.push(1.0 / uncensored);
        }
        Ok(weights)
    }

    /// For each sorted subject its pull on the mean of `parts` through the estimated censoring curve: `parts` holds what
    /// each subject adds to the estimate (times n) with its weight as a factor.
    pub fn pull_through_censoring(
        &self,
        horizon: f64,
        statuses: &[Status],
        side: CensoringSide,
        parts: &[f64],
    ) -> Vec<f64> {
        let n = self.len() as f64;
        // Sums of the parts by the number of distinct times whose censorings are in the part's weight.
        let mut ending_at = vec![0.0; self.table.len() + 1];
        for (subject, part) in parts.iter().enumerate() {
            let end = match (statuses[subject], side) {
                (Status::Case, CensoringSide::JustBefore) => self.step[subject],
                (Status::Case, CensoringSide::At) => self.step[subject] + 1,
                (Status::Control, _) => self.steps_by(horizon),
                (Status::Unknown, _) => 0,
            };
            ending_at[end] += part;
        }
        let mut by_step = vec![0.0; self.table.len()];
        let mut mean = 0.0;
        for step in (0..self.table.len()).rev() {
            mean += ending_at[step + 1] / n;
            let row = &self.table[step];
            // Of several censored at one time the factor of G loses all but one at once: with the number at risk
            // before them the standard error would not tend to the truth as n grows.
            let at_risk = row.at_risk - row.events - (row.censored - 1.0).max(0.0);
            by_step[step] = if at_risk > 0.0 { mean / (at_risk / n) } else { 0.0 };
        }
        // Each subject's compensator: over all times at which it was at risk of censoring.
        let mut compensator = Vec::with_capacity(self.table.len() + 1);
        let mut sum = 0.0;
        compensator.push(sum);
        for (row, integrand) in self.table.iter().zip(&by_step) {
            if row.censored > 0.0 {
                sum += integrand * row.censored / (row.at_risk - row.events);
            }
            compensator.push(sum);
        }
        (0..self.len())
            .map(|subject| {
                let step = self.step[subject];
                if self.event[subject] { -compensator[step] } else { by_step[step] - compensator[step + 1] }
            })
            .collect()
    }
}

/// The standard error of a mean of influences, whose squares are added in ascending order.
pub(super) fn standard_error(influences: &[f64]) -> f64 {
    let n = influences.len() as f64;
    let mut squares: Vec<f64> = influences.iter().map(|influence| influence * influence).collect();
    squares.sort_unstable_by(f64::total_cmp);
    (squares.iter().sum::<f64>() / (n * (n - 1.0))).sqrt()
}

/// A horizon is a finite time that is not negative.
pub(super) fn require_horizon(horizon: f64) -> Result<(), StatsError> {
    if horizon.is_finite() && horizon >= 0.0 {
        Ok(())
    } else {
        Err(StatsError::OutOfRange { what: "horizon", value: horizon, expected: "a finite time, zero or later" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_five_subjects_by_hand() {
        // Event at 1; event and censoring at 2; event at 3; event-free at 4.
        // The censoring at 2 is one of three without an event at 2: G is 1 up to 2, then 2/3.
        let data = SurvivalData::new(&[1.0, 2.0, 2.0, 3.0, 4.0], &[true, true, false, true, false]);
        let sample = CensoredSample::new(&data, "score", &[0.0; 5]).unwrap();
        let statuses = sample.statuses(3.0, true);
        use Status::{Case, Control, Unknown};
        assert_eq!(statuses, vec![Case, Case, Unknown, Case, Control]);
        let weights = sample.weights(3.0, &statuses, CensoringSide::JustBefore).unwrap();
        assert_eq!(weights, vec![1.0, 1.0, 0.0, 1.5, 1.5]);
        let weights = sample.weights(3.0, &statuses, CensoringSide::At).unwrap();
        assert_eq!(weights, vec![1.0, 1.5, 0.0, 1.5, 1.5]);
        assert_eq!(sample.statuses(3.0, false)[3], Unknown);
    }

    #[test]
    fn the_pull_of_censorings_at_one_time_by_hand() {
        // Two of four are censored at 1. The event at 2 and the control have G(1) in their weight and add 1 each: Q = 2/4.
        // At risk 4, less one of the two: Q / (3/4) = 2/3; compensator 2/3 of 2/4.
        let data = SurvivalData::new(&[1.0, 1.0, 2.0, 3.0], &[false, false, true, true]);
        let sample = CensoredSample::new(&data, "score", &[0.0; 4]).unwrap();
        let statuses = sample.statuses(2.0, true);
        let pull = sample.pull_through_censoring(2.0, &statuses, CensoringSide::JustBefore, &[0.0, 0.0, 1.0, 1.0]);
        for (pull, expected) in pull.into_iter().zip([1.0, 1.0, -1.0, -1.0]) {
            assert!((pull - expected / 3.0).abs() < 1e-15);
        }
    }

    #[test]
    fn the_weights_of_all_subjects_add_up_to_their_number() {
        let data = SurvivalData::new(&[1.0, 2.0, 2.5, 3.0, 4.0, 5.0], &[true, false, true, false, true, false]);
        let sample = CensoredSample::new(&data, "score", &[0.0; 6]).unwrap();
        let statuses = sample.statuses(4.5, true);
        let weights = sample.weights(4.5, &statuses, CensoringSide::JustBefore).unwrap();
        assert!((weights.iter().sum::<f64>() - 6.0).abs() < 1e-14);
    }
}
