//! Times that differ by rounding only are one time: see [`crate::stats::survival::data`].

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
