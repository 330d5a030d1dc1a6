//! Times that differ by rounding only are one time: see [`crate::stats::survival::data`].

use crate::stats::error::StatsError;
use crate::stats::survival::data::tie_tolerance_of_sorted;

/// Gives each of a set of times the least of those that follow it at a distance that is only rounding.
pub(in crate::stats::survival) struct OneTime {
    /// Empty where no two times are that close.
    sorted: Vec<f64>,
    /// For each of `sorted` the first of those that follow each other so closely.
    first: Vec<f64>,
}

impl OneTime {
    pub fn new(time: &[f64], entry: Option<&[f64]>) -> Self {
        let times = time.iter().chain(entry.unwrap_or_default());
        let mut keys: Vec<u64> = times.map(|time| ordered_bits(*time)).collect();
        keys.sort_unstable();
        Self::of_sorted(keys.into_iter().map(from_ordered_bits))
    }

    /// As `new`, of times in ascending order.
    pub fn of_sorted(times: impl Iterator<Item = f64> + Clone) -> Self {
        let tolerance = tie_tolerance_of_sorted(times.clone());
        let mut previous = f64::NEG_INFINITY;
        let mut close = |time: f64| time > previous && time - std::mem::replace(&mut previous, time) <= tolerance;
        if !times.clone().any(&mut close) {
            return Self { sorted: Vec::new(), first: Vec::new() };
        }
        let mut sorted: Vec<f64> = times.collect();
        sorted.dedup();
        let mut first = sorted.clone();
        for i in 1..first.len() {
            if sorted[i] - sorted[i - 1] <= tolerance {
                first[i] = first[i - 1];
            }
        }
        Self { sorted, first }
    }

    /// The one time that stands for `time`, which must be one of those given.
    pub fn of(&self, time: f64) -> f64 {
        self.walk().of(time)
    }

    /// No row of positive weight has an entry and a time that are one time: such a row would never be at risk.
    pub fn require_time_at_risk(&self, entry: &[f64], time: &[f64], weight: Option<&[f64]>) -> Result<(), StatsError> {
        if self.sorted.is_empty() {
            return Ok(());
        }
        let closed =
            |row: &usize| weight.is_none_or(|weight| weight[*row] > 0.0) && self.of(entry[*row]) == self.of(time[*row]);
        match (0..time.len()).find(closed) {
            Some(index) => Err(StatsError::InvalidAt {
                what: "entry time",
                index,
                expected: "below the survival time of the same row by more than rounding",
            }),
            None => Ok(()),
        }
    }

    /// As `of`, fast where successive times are near each other.
    pub fn walk(&self) -> Walk<'_> {
        Walk { times: self, position: 0 }
    }
}

/// A place among the sorted times.
pub(in crate::stats::survival) struct Walk<'a> {
    times: &'a OneTime,
    position: usize,
}

impl Walk<'_> {
    pub fn of(&mut self, time: f64) -> f64 {
        let time = time + 0.0;
        let OneTime { sorted, first } = self.times;
        if sorted.is_empty() {
            return time;
        }
        let near = [self.position, self.position + 1, self.position.wrapping_sub(1)];
        self.position = match near.into_iter().find(|position| sorted.get(*position) == Some(&time)) {
            Some(position) => position,
            None => sorted.partition_point(|other| *other < time).min(sorted.len() - 1),
        };
        first[self.position]
    }
}

/// Bits that sort as the numbers do; both zeros alike.
pub(in crate::stats::survival) fn ordered_bits(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

pub(in crate::stats::survival) fn from_ordered_bits(bits: u64) -> f64 {
    f64::from_bits(if bits >> 63 == 1 { bits & !(1 << 63) } else { !bits })
}

#[cfg(test)]
mod tests {
    use crate::stats::error::StatsError;
    use crate::stats::survival::concordance::{ConcordanceInput, concordance};
    use crate::stats::survival::cox::{CoxInput, cox};

    #[test]
    fn an_interval_that_rounding_closes_is_refused_as_kaplan_meier_refuses_it() {
        let entry = [0.0, 4.99999999, 1.0, 2.0, 3.0, 6.99999999999];
        let (time, event) = ([5.0, 9.0, 12.0, 20.0, 31.0, 7.0], [true; 6]);
        let x = [1.0, 3.0, 2.0, 5.0, 4.0, 2.0];
        let refused = |error| matches!(error, Some(StatsError::InvalidAt { what: "entry time", index: 5, .. }));
        let columns = [x.as_slice()];
        let input = CoxInput { entry: Some(&entry), ..CoxInput::new(&time, &event, &columns) };
        assert!(refused(cox(&input, &Default::default()).err()));
        let input = ConcordanceInput { entry: Some(&entry), ..ConcordanceInput::new(&time, &event, &x) };
        assert!(refused(concordance(&input, &Default::default()).err()));
        // A row of weight zero is as if absent.
        let weight = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0];
        assert!(concordance(&ConcordanceInput { weight: Some(&weight), ..input }, &Default::default()).is_ok());
    }
}
