//! Grouped calibration: observed against predicted risk in groups of equal size.
//!
//! Estimand: in each group of subjects with similar predicted probability, the mean prediction and the share of events.
//!
//! Groups: bounded by the quantiles k/g of the predictions (type 7 of Hyndman and Fan), closed on the right, the first
//! on both sides; equal quantiles are merged, so that ties never straddle a bound, and an interval without subjects (two
//! quantiles between the same two predictions) is left out: there may be fewer than g groups.
//! This is R's `cut(p, unique(quantile(p, seq(0, 1, 1/g))), include.lowest = TRUE)`, arithmetic of the quantiles included.
//!
//! Interval of the share: Wilson's score interval (Wilson 1927, doi:10.1080/01621459.1927.10502953), inside [0, 1].
//!
//! Input: outcomes (`true` the event), probabilities in [0, 1]. Row order does not matter, bit for bit.
//! Edge case: when all predictions are equal there is one group.
//!
//! Oracle: R 4.2.2 `cut`, `quantile`, `tapply`.

use super::check_probabilities;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;
use crate::stats::threshold::proportion::{self, ProportionInterval};
use serde::{Deserialize, Serialize};

/// One group of subjects, by ascending prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationGroup {
    /// Bounds of the group: predictions above `lower` (in the first group: from it on) up to `upper`.
    pub lower: f64,
    /// Upper bound of the group.
    pub upper: f64,
    /// Subjects.
    pub n: usize,
    /// Events among them.
    pub events: usize,
    /// Σ prediction.
    pub expected: f64,
    /// Mean predicted probability.
    pub mean_predicted: f64,
    /// Share of events, with Wilson's interval.
    pub observed: Estimate,
}

/// Up to `groups` groups of about equal size.
pub fn calibration_groups(
    outcome: &[bool],
    probability: &[f64],
    groups: usize,
    level: f64,
) -> Result<Vec<CalibrationGroup>, StatsError> {
    check_probabilities(outcome, probability)?;
    require_level(level)?;
    if groups == 0 {
        return Err(StatsError::TooFew { what: "groups", needed: 1, found: 0 });
    }
    let rows = Sorted::new(outcome, probability);
    let bounds = quantile_bounds(&rows.probability, groups);
    let mut result = Vec::with_capacity(bounds.len());
    let mut start = 0;
    for (k, upper) in bounds.iter().enumerate().skip(1) {
        let end = rows.probability.partition_point(|p| p <= upper);
        if end > start {
            result.push(group(&rows, start, end, bounds[k - 1], *upper, level)?);
        }
        start = end;
    }
    if bounds.len() == 1 {
        result.push(group(&rows, 0, rows.outcome.len(), bounds[0], bounds[0], level)?);
    }
    Ok(result)
}

fn group(
    rows: &Sorted,
    start: usize,
    end: usize,
    lower: f64,
    upper: f64,
    level: f64,
) -> Result<CalibrationGroup, StatsError> {
    let n = end - start;
    let events = rows.outcome[start..end].iter().filter(|event| **event).count();
    let expected: f64 = rows.probability[start..end].iter().sum();
    Ok(CalibrationGroup {
        lower,
        upper,
        n,
        events,
        expected,
        mean_predicted: expected / n as f64,
        observed: proportion::estimate(events as u64, n as u64, level, ProportionInterval::Wilson)?,
    })
}

/// Subjects by ascending probability; equal probabilities by outcome.
pub(crate) struct Sorted {
    pub(crate) probability: Vec<f64>,
    pub(crate) outcome: Vec<bool>,
}

impl Sorted {
    pub(crate) fn new(outcome: &[bool], probability: &[f64]) -> Self {
        let mut rows: Vec<(f64, bool)> = probability.iter().copied().zip(outcome.iter().copied()).collect();
        rows.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        let (probability, outcome) = rows.into_iter().unzip();
        Self { probability, outcome }
    }

    /// Outcome as 0 or 1, and probability.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.outcome.iter().zip(&self.probability).map(|(event, p)| (if *event { 1.0 } else { 0.0 }, *p))
    }
}

/// The distinct quantiles 0, 1/g, …, 1 of sorted values, not empty.
pub(crate) fn quantile_bounds(sorted: &[f64], groups: usize) -> Vec<f64> {
    let step = 1.0 / groups as f64;
    let mut bounds: Vec<f64> =
        (0..=groups).map(|k| quantile(sorted, if k == groups { 1.0 } else { (k as f64 * step).min(1.0) })).collect();
    bounds.dedup();
    bounds
}

/// Type 7 of Hyndman and Fan (1996, doi:10.1080/00031305.1996.10473566), R's default; `sorted` must not be empty.
pub(crate) fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * probability;
    // R counts from one; the rounding of 1 + place decides on which side of an order statistic the quantile falls.
    let index = 1.0 + place;
    let below = (index.floor() as usize).clamp(1, sorted.len());
    let above = (index.ceil() as usize).clamp(1, sorted.len());
    let part = index - below as f64;
    let (low, high) = (sorted[below - 1], sorted[above - 1]);
    if part > 0.0 && high != low { (1.0 - part) * low + part * high } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_by_hand() {
        // Median of 0.1, 0.2, 0.4, 0.8 is 0.3: two and two.
        let groups = calibration_groups(&[false, true, true, true], &[0.8, 0.1, 0.4, 0.2], 2, 0.95).unwrap();
        assert_eq!(groups.len(), 2);
        assert_eq!((groups[0].n, groups[0].events), (2, 2));
        assert!((groups[0].mean_predicted - 0.15).abs() < 1e-15 && (groups[1].mean_predicted - 0.6).abs() < 1e-15);
        assert_eq!(groups[0].observed.interval.as_ref().unwrap().upper, 1.0);
        // Wilson, 1 of 2, z² = 3.8414588: centre ½, half-width √(z²/8 + z⁴/16)/(1 + z²/2) = 0.4055 …
        let interval = groups[1].observed.interval.clone().unwrap();
        let squared = 3.841_458_820_694_124f64;
        let half = (squared / 8.0 + squared * squared / 16.0).sqrt() / (1.0 + squared / 2.0);
        assert!((interval.lower - (0.5 - half)).abs() < 1e-12 && (interval.upper - (0.5 + half)).abs() < 1e-12);
    }

    #[test]
    fn equal_predictions_make_one_group() {
        let groups = calibration_groups(&[false, true, true], &[0.3; 3], 10, 0.95).unwrap();
        assert_eq!(groups.len(), 1);
        assert_eq!((groups[0].n, groups[0].events), (3, 2));
    }

    #[test]
    fn every_subject_is_in_one_group() {
        let probability: Vec<f64> = (0..101).map(|i| f64::from(i % 7) / 10.0).collect();
        let outcome: Vec<bool> = (0..101).map(|i| i % 3 == 0).collect();
        for g in 1..=20 {
            let groups = calibration_groups(&outcome, &probability, g, 0.9).unwrap();
            assert_eq!(groups.iter().map(|group| group.n).sum::<usize>(), 101);
            assert!(groups.iter().all(|group| group.n > 0));
        }
    }
}
