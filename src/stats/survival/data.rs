//! Right-censored, possibly left-truncated survival times: the input that all of this family share.
//!
//! Shapes and units: one row per subject (or per interval of a subject at risk); `time` in the caller's unit, zero or
//! positive; `event` is `true` where the time ends in the event and `false` where it is censored. A row is at risk on
//! (`entry`, `time`]; without `entry` from the origin on, so that a time of zero counts in the first risk set. `weight`
//! is how many subjects the row stands for; a row of weight zero is as if absent.
//!
//! Ties: at one time, events come before censorings (a subject censored at t is at risk at t). Times that follow each
//! other at a distance of at most 2^-26 (1.5e-8) times the mean size of the distinct times are one time: 0.1 + 0.2 and 0.3,
//! or the differences of two ages, are then tied as their recorder meant them to be. R's survival does the same
//! (`timefix`), with the same relative tolerance; its additional absolute tolerance of 1.5e-8 is left out, so that no
//! result depends on the unit of time.
//!
//! Missing: a NaN, an infinity, a negative time or weight, and an entry that is not below its time are errors that name
//! the position.

use crate::stats::error::{StatsError, require_finite, require_same_length};

/// Distances up to this fraction of the mean time are rounding, not time.
pub const RELATIVE_TIE_TOLERANCE: f64 = 1.0 / (1u64 << 26) as f64;

/// The columns of a survival data set. Built by [`SurvivalData::new`]; every statistic checks it first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalData<'a> {
    /// Start of the time at risk (left truncation), exclusive.
    pub entry: Option<&'a [f64]>,
    /// End of the time at risk, inclusive.
    pub time: &'a [f64],
    /// `true` where the row ends in the event.
    pub event: &'a [bool],
    /// How many subjects a row stands for.
    pub weight: Option<&'a [f64]>,
}

impl<'a> SurvivalData<'a> {
    /// Right-censored times of subjects that all count once.
    pub fn new(time: &'a [f64], event: &'a [bool]) -> Self {
        Self { entry: None, time, event, weight: None }
    }

    /// The same with late entry.
    pub fn with_entry(mut self, entry: &'a [f64]) -> Self {
        self.entry = Some(entry);
        self
    }

    /// The same with weights.
    pub fn with_weight(mut self, weight: &'a [f64]) -> Self {
        self.weight = Some(weight);
        self
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Without a row.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// The rows' weight, 1 where none is given.
    pub fn weight_of(&self, row: usize) -> f64 {
        self.weight.map_or(1.0, |weight| weight[row])
    }

    /// Rows that count: those of positive weight.
    pub fn counted_rows(&self) -> usize {
        self.counted(|_| true)
    }

    /// Of the rows that count, those that end in the event.
    pub fn counted_events(&self) -> usize {
        self.counted(|row| self.event[row])
    }

    fn counted(&self, is_meant: impl Fn(usize) -> bool) -> usize {
        (0..self.len()).filter(|row| is_meant(*row) && self.weight_of(*row) > 0.0).count()
    }

    /// The columns fit each other and hold no value that cannot be a time, an entry or a weight.
    pub fn check(&self) -> Result<(), StatsError> {
        if self.time.is_empty() {
            return Err(StatsError::Empty { what: "survival time" });
        }
        require_same_length("survival time", self.time.len(), "event", self.event.len())?;
        require_finite("survival time", self.time)?;
        require_not_negative("survival time", self.time)?;
        if let Some(entry) = self.entry {
            require_same_length("survival time", self.time.len(), "entry time", entry.len())?;
            require_finite("entry time", entry)?;
            require_not_negative("entry time", entry)?;
            if let Some(index) = entry.iter().zip(self.time).position(|(entry, time)| entry >= time) {
                return Err(StatsError::InvalidAt {
                    what: "entry time",
                    index,
                    expected: "below the survival time of the same row",
                });
            }
        }
        if let Some(weight) = self.weight {
            require_same_length("survival time", self.time.len(), "weight", weight.len())?;
            require_finite("weight", weight)?;
            require_not_negative("weight", weight)?;
            if weight.iter().all(|weight| *weight == 0.0) {
                return Err(StatsError::Undefined { what: "a survival statistic", why: "every weight is zero" });
            }
        }
        Ok(())
    }

    /// The weights count copies of rows: needed where a variance depends on the number of subjects.
    pub fn require_whole_weights(&self) -> Result<(), StatsError> {
        match self.weight.and_then(|weight| weight.iter().position(|weight| weight.fract() != 0.0)) {
            Some(index) => Err(StatsError::InvalidAt { what: "weight", index, expected: "a whole number of subjects" }),
            None => Ok(()),
        }
    }
}

fn require_not_negative(what: &'static str, values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|value| *value < 0.0) {
        Some(index) => Err(StatsError::InvalidAt { what, index, expected: "zero or positive" }),
        None => Ok(()),
    }
}

/// Bits of a time (zero or positive) that sort as the times do, shifted by one to leave room for a flag.
pub(crate) fn time_key(time: f64, flag: bool) -> u64 {
    // The sign bit is never set, so nothing is shifted out; adding zero turns -0.0 into 0.0.
    ((time + 0.0).to_bits() << 1) | u64::from(flag)
}

/// The time of a [`time_key`].
pub(crate) fn key_time(key: u64) -> f64 {
    f64::from_bits(key >> 1)
}

/// The largest distance at which neighbouring times are one time, from all times at which a row enters or leaves.
pub fn tie_tolerance(times: &[&[f64]]) -> f64 {
    let mut sorted: Vec<f64> = times.iter().flat_map(|times| times.iter().map(|time| time + 0.0)).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    tie_tolerance_of_sorted(sorted.into_iter())
}

/// As [`tie_tolerance`], of times in ascending order.
pub(crate) fn tie_tolerance_of_sorted(times: impl Iterator<Item = f64>) -> f64 {
    let mut previous = f64::NEG_INFINITY;
    let (mut sum, mut distinct) = (0.0, 0usize);
    for time in times {
        if time > previous {
            // The tolerance of each before the sum, which cannot overflow then; a power of two loses no digit.
            sum += RELATIVE_TIE_TOLERANCE * time.abs();
            distinct += 1;
            previous = time;
        }
    }
    if distinct == 0 { 0.0 } else { sum / distinct as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_input_is_named_by_its_position() {
        let event = [true, false, true];
        let check = |time: &[f64]| SurvivalData::new(time, &event).check();
        assert_eq!(check(&[1.0, 0.0, 2.0]), Ok(()));
        assert_eq!(check(&[]).unwrap_err(), StatsError::Empty { what: "survival time" });
        assert!(matches!(check(&[1.0, 2.0]).unwrap_err(), StatsError::LengthMismatch { left: 2, right: 3, .. }));
        assert!(matches!(check(&[1.0, f64::NAN, 1.0]).unwrap_err(), StatsError::NotFinite { index: 1, .. }));
        assert!(matches!(check(&[1.0, 2.0, -1.0]).unwrap_err(), StatsError::InvalidAt { index: 2, .. }));
        let time = [1.0, 2.0, 3.0];
        let data = SurvivalData::new(&time, &event);
        assert!(matches!(
            data.with_entry(&[0.0, 2.0, 0.0]).check().unwrap_err(),
            StatsError::InvalidAt { index: 1, .. }
        ));
        assert!(matches!(data.with_weight(&[0.0; 3]).check().unwrap_err(), StatsError::Undefined { .. }));
        assert!(matches!(
            data.with_weight(&[1.0, 0.5, 1.0]).require_whole_weights().unwrap_err(),
            StatsError::InvalidAt { index: 1, .. }
        ));
    }

    #[test]
    fn the_tie_tolerance_scales_with_the_unit_of_time() {
        // Distinct times 1, 2 and 3 have mean 2.
        assert_eq!(tie_tolerance(&[&[3.0, 1.0, 1.0], &[2.0, 2.0]]), 2.0 * RELATIVE_TIE_TOLERANCE);
        assert_eq!(tie_tolerance(&[&[3e-9, 1e-9, 2e-9]]), 2e-9 * RELATIVE_TIE_TOLERANCE);
        assert_eq!(tie_tolerance(&[]), 0.0);
        assert!(tie_tolerance(&[&[1e308, 1.2e308, 1.5e308, 1.7e308]]) < 1e301);
    }
}
