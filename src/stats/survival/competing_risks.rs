//! Times to the first of several kinds of events: the input that the competing-risks statistics share.
//!
//! Shapes and units: as [`super::data`], with `cause` in the place of `event`: 0 is censored, 1 … `cause_count` the kinds
//! of events. Ties: all events at a time come before the censorings at it; events of different causes at one time share
//! its risk set.

use super::data::{SurvivalData, key_time, time_key};
use super::risk_table::{RiskRow, risk_table};
use crate::stats::error::{StatsError, require_same_length};

/// The columns of a competing-risks data set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompetingRisksData<'a> {
    /// Start of the time at risk, exclusive.
    pub entry: Option<&'a [f64]>,
    /// End of the time at risk, inclusive.
    pub time: &'a [f64],
    /// 0 where the time is censored, otherwise the number of the event's cause.
    pub cause: &'a [usize],
    /// How many subjects a row stands for.
    pub weight: Option<&'a [f64]>,
    /// Causes are numbered 1 to `cause_count`.
    pub cause_count: usize,
}

/// The risk table of all causes, and the events of each.
#[derive(Clone, Debug)]
pub(super) struct CauseTable {
    pub rows: Vec<RiskRow>,
    /// For each cause (from 1), the weight of its events in each of `rows`.
    pub events: Vec<Vec<f64>>,
}

impl<'a> CompetingRisksData<'a> {
    /// Subjects from the origin on that all count once.
    pub fn new(time: &'a [f64], cause: &'a [usize], cause_count: usize) -> Self {
        Self { entry: None, time, cause, weight: None, cause_count }
    }

    /// Whether each row ends in an event of any cause.
    pub(super) fn any_event(&self) -> Vec<bool> {
        self.cause.iter().map(|cause| *cause > 0).collect()
    }

    /// As right-censored data of the event of any cause.
    pub(super) fn all_causes<'b>(&self, any_event: &'b [bool]) -> SurvivalData<'b>
    where
        'a: 'b,
    {
        SurvivalData { entry: self.entry, time: self.time, event: any_event, weight: self.weight }
    }

    /// The columns fit each other, and every cause has a number that was announced.
    pub fn check(&self) -> Result<(), StatsError> {
        require_same_length("survival time", self.time.len(), "cause", self.cause.len())?;
        if let Some(index) = self.cause.iter().position(|cause| *cause > self.cause_count) {
            return Err(StatsError::InvalidAt { what: "cause", index, expected: "at most the number of causes" });
        }
        let any_event = self.any_event();
        self.all_causes(&any_event).check()
    }

    pub(super) fn table(&self) -> Result<CauseTable, StatsError> {
        self.check()?;
        let any_event = self.any_event();
        let data = self.all_causes(&any_event);
        let rows = risk_table(&data)?;
        let mut ending: Vec<(u64, usize, f64)> = (0..data.len())
            .filter(|row| any_event[*row] && data.weight_of(*row) > 0.0)
            .map(|row| (time_key(data.time[row], false), self.cause[row], data.weight_of(row)))
            .collect();
        ending
            .sort_unstable_by(|left, right| (left.0, left.1).cmp(&(right.0, right.1)).then(left.2.total_cmp(&right.2)));
        let mut events = vec![vec![0.0; rows.len()]; self.cause_count];
        let mut step = 0;
        for (key, cause, weight) in ending {
            // The table's times are the first of those that are one time.
            while step + 1 < rows.len() && rows[step + 1].time <= key_time(key) {
                step += 1;
            }
            events[cause - 1][step] += weight;
        }
        Ok(CauseTable { rows, events })
    }
}

/// A cause's number is one of those announced.
pub(super) fn require_cause(cause: usize, cause_count: usize) -> Result<(), StatsError> {
    if cause >= 1 && cause <= cause_count {
        Ok(())
    } else {
        let (what, value) = ("number of the cause", cause as f64);
        Err(StatsError::OutOfRange { what, value, expected: "between 1 and the number of causes" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_apart_and_causes_checked() {
        let (time, cause) = ([2.0, 1.0, 2.0, 2.0], [1, 2, 2, 0]);
        let table = CompetingRisksData::new(&time, &cause, 2).table().unwrap();
        assert_eq!(table.rows.iter().map(|row| row.at_risk).collect::<Vec<_>>(), vec![4.0, 3.0]);
        assert_eq!(table.events, vec![vec![0.0, 1.0], vec![1.0, 1.0]]);
        let error = CompetingRisksData::new(&time, &cause, 1).check().unwrap_err();
        assert!(matches!(error, StatsError::InvalidAt { index: 1, .. }));
        assert!(require_cause(0, 2).is_err() && require_cause(3, 2).is_err() && require_cause(2, 2).is_ok());
    }
}
