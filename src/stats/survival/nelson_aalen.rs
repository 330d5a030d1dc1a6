//! The Nelson-Aalen estimate of the cumulative hazard, and the survival curve that follows from it.
//!
//! Estimand: H(t) = ∫ from 0 to t of the hazard; S(t) = exp(-H(t)).
//! Formula: H(t) = Σ over event times t_j <= t of d_j / n_j, with variance Σ d_j / n_j² (Aalen); or, where tied events
//! are taken to have happened one after the other (Fleming and Harrington), d_j / n_j is replaced by
//! Σ k = 0 … d_j - 1 of 1 / (n_j - k), and the variance's term by the sum of 1 / (n_j - k)². Both agree without ties.
//! Limits of H: H exp(± z s / H), which stay above 0. S has standard error S s, and limits as in
//! [`SurvivalInterval`] with s in the place of the standard error of ln S.
//!
//! Assumptions, input, missing values: as [`super::kaplan_meier`]; a weight is a whole number of copies.
//! Row order: no effect on a single bit.
//!
//! Edge cases: without an event H is 0 with standard error 0 and no limits. Outside the observed times as
//! [`super::kaplan_meier`].
//!
//! Source: Nelson 1972, doi:10.1080/00401706.1972.10488991; Aalen 1978, doi:10.1214/aos/1176344247; Fleming and
//! Harrington 1984, doi:10.1080/03610928408828837.
//! Oracle: R survival 3.5-3, `survfit(..., stype = 2, ctype = 1)` and `ctype = 2`, whose `cumhaz`, `std.chaz`.

use super::data::SurvivalData;
use super::kaplan_meier::SurvivalInterval;
use super::risk_table::risk_table;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// What is done with events at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HazardTies {
    /// All at once: d / n.
    #[default]
    NelsonAalen,
    /// One after the other: 1/n + 1/(n - 1) + …
    FlemingHarrington,
}

/// Coverage and ties.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NelsonAalenOptions {
    /// Coverage of the pointwise intervals. Default 0.95.
    pub level: f64,
    /// Default Nelson-Aalen.
    pub ties: HazardTies,
}

impl Default for NelsonAalenOptions {
    fn default() -> Self {
        Self { level: 0.95, ties: HazardTies::default() }
    }
}

/// The cumulative hazard from `time` to the next step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NelsonAalenStep {
    pub time: f64,
    /// At risk just before `time`.
    pub at_risk: f64,
    pub events: f64,
    pub censored: f64,
    pub cumulative_hazard: f64,
    pub standard_error: f64,
}

/// A cumulative hazard with a step at every time at which a subject leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NelsonAalen {
    /// By rising time.
    pub steps: Vec<NelsonAalenStep>,
    /// Rows of the input.
    pub n: usize,
    /// Rows of the input that end in the event.
    pub events: usize,
    pub options: NelsonAalenOptions,
}

/// The Nelson-Aalen estimate of all rows of `data`.
pub fn nelson_aalen(data: &SurvivalData, options: &NelsonAalenOptions) -> Result<NelsonAalen, StatsError> {
    require_level(options.level)?;
    let table = risk_table(data)?;
    data.require_whole_weights()?;
    let (mut hazard, mut variance) = (0.0, 0.0);
    let mut steps = Vec::with_capacity(table.len());
    for row in &table {
        if row.events > 0.0 {
            match options.ties {
                HazardTies::NelsonAalen => {
                    hazard += row.events / row.at_risk;
                    variance += row.events / (row.at_risk * row.at_risk);
                }
                HazardTies::FlemingHarrington => {
                    for earlier in 0..row.events as usize {
                        let at_risk = row.at_risk - earlier as f64;
                        hazard += 1.0 / at_risk;
                        variance += 1.0 / (at_risk * at_risk);
                    }
                }
            }
        }
        steps.push(NelsonAalenStep {
            time: row.time,
            at_risk: row.at_risk,
            events: row.events,
            censored: row.censored,
            cumulative_hazard: hazard,
            standard_error: f64::sqrt(variance),
        });
    }
    let events = data.event.iter().filter(|event| **event).count();
    Ok(NelsonAalen { steps, n: data.len(), events, options: *options })
}

impl NelsonAalen {
    fn step_at(&self, time: f64) -> Option<&NelsonAalenStep> {
        let after = self.steps.partition_point(|step| step.time <= time);
        after.checked_sub(1).map(|index| &self.steps[index])
    }

    /// H(t), with log-transformed limits.
    pub fn at(&self, time: f64) -> Estimate {
        let (hazard, error) =
            self.step_at(time).map_or((0.0, 0.0), |step| (step.cumulative_hazard, step.standard_error));
        let estimate = Estimate::new(hazard, self.n).with_standard_error(error);
        if hazard == 0.0 {
            return estimate;
        }
        let factor = (normal_critical(self.options.level) * error / hazard).exp();
        estimate.with_interval(hazard / factor, hazard * factor, self.options.level, "Nelson-Aalen, log")
    }

    /// S(t) = exp(-H(t)), with limits on the scale `interval`.
    pub fn survival_at(&self, time: f64, interval: SurvivalInterval) -> Estimate {
        let (hazard, error) =
            self.step_at(time).map_or((0.0, 0.0), |step| (step.cumulative_hazard, step.standard_error));
        let survival = (-hazard).exp();
        let estimate = Estimate::new(survival, self.n).with_standard_error(survival * error);
        let critical = normal_critical(self.options.level);
        match interval.limits(survival, error, critical) {
            Some(limits) => {
                estimate.with_interval(limits.lower, limits.upper, self.options.level, interval.method_of_hazard())
            }
            None => estimate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tied_events_at_once_and_one_after_the_other() {
        // At 1: two of four; at 3: one of one. H = 2/4 + 1, or 1/4 + 1/3 + 1.
        let data = SurvivalData::new(&[1.0, 1.0, 2.0, 3.0], &[true, true, false, true]);
        let at_once = nelson_aalen(&data, &NelsonAalenOptions::default()).unwrap().at(3.0);
        assert!((at_once.value - 1.5).abs() < 1e-15);
        assert!((at_once.standard_error.unwrap() - (2.0f64 / 16.0 + 1.0).sqrt()).abs() < 1e-15);
        let options = NelsonAalenOptions { ties: HazardTies::FlemingHarrington, ..Default::default() };
        let in_turn = nelson_aalen(&data, &options).unwrap().at(3.0);
        assert!((in_turn.value - 19.0 / 12.0).abs() < 1e-15);
        assert!((in_turn.standard_error.unwrap() - (1.0f64 / 16.0 + 1.0 / 9.0 + 1.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn without_events_the_hazard_is_zero_and_survival_one() {
        let data = SurvivalData::new(&[1.0, 2.0], &[false, false]);
        let fit = nelson_aalen(&data, &NelsonAalenOptions::default()).unwrap();
        assert_eq!((fit.at(2.0).value, fit.at(2.0).standard_error, fit.at(2.0).interval), (0.0, Some(0.0), None));
        assert_eq!(fit.survival_at(2.0, SurvivalInterval::Log).value, 1.0);
    }

    #[test]
    fn the_limits_are_symmetric_on_the_log_scale() {
        let data = SurvivalData::new(&[1.0, 2.0, 3.0], &[true, true, false]);
        let estimate = nelson_aalen(&data, &NelsonAalenOptions::default()).unwrap().at(2.0);
        let interval = estimate.interval.unwrap();
        assert!(
            interval.lower > 0.0 && (interval.lower * interval.upper - estimate.value * estimate.value).abs() < 1e-14
        );
    }
}
