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
    /// Rows of the input that have a weight.
    pub n: usize,
    /// Of these, those that end in the event.
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
                    let in_turn = reciprocals(row.at_risk, row.events);
                    hazard += in_turn.sum;
                    variance += in_turn.squares;
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
    Ok(NelsonAalen { steps, n: data.counted_rows(), events: data.counted_events(), options: *options })
}

/// Sums over those at risk before each of several events that come one after the other.
struct Reciprocals {
    sum: f64,
    squares: f64,
}

/// So many are added one by one.
const ONE_BY_ONE: f64 = 1000.0;

/// Σ 1/k and Σ 1/k² over k = at_risk - events + 1 … at_risk.
fn reciprocals(at_risk: f64, events: f64) -> Reciprocals {
    let mut sums = Reciprocals { sum: 0.0, squares: 0.0 };
    let mut add = |k: f64| {
        sums.sum += 1.0 / k;
        sums.squares += 1.0 / (k * k);
    };
    if events <= ONE_BY_ONE {
        (0..events as u32).for_each(|earlier| add(at_risk - f64::from(earlier)));
        return sums;
    }
    // Of many the smallest k one by one, and the rest by Euler and Maclaurin, whose next term is below 1e-20 there.
    let mut first = at_risk - events + 1.0;
    while first < ONE_BY_ONE {
        add(first);
        first += 1.0;
    }
    let powers = |power: i32| (first.powi(-power), at_risk.powi(-power));
    let [(a1, b1), (a2, b2), (a3, b3), (a4, b4), (a5, b5)] = [1, 2, 3, 4, 5].map(powers);
    sums.sum += ((at_risk - first) / first).ln_1p() + (a1 + b1) / 2.0 + (a2 - b2) / 12.0 - (a4 - b4) / 120.0;
    sums.squares += (a1 - b1) + (a2 + b2) / 2.0 + (a3 - b3) / 6.0 - (a5 - b5) / 30.0;
    sums
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
    fn many_tied_events_are_added_without_a_walk_over_them() {
        for (at_risk, events) in [(5000.0, 5000.0), (1_000_000.0, 1500.0), (123_456.0, 123_400.0)] {
            let exact = (0..events as u32).rev().map(|earlier| 1.0 / (at_risk - f64::from(earlier)));
            let sums = reciprocals(at_risk, events);
            let expected: f64 = exact.clone().sum();
            assert!((sums.sum - expected).abs() < 1e-12 * expected);
            let expected: f64 = exact.map(|term| term * term).sum();
            assert!((sums.squares - expected).abs() < 1e-12 * expected);
        }
        // Euler's constant, and pi²/6.
        let sums = reciprocals(1e15, 1e15);
        assert!((sums.sum - (1e15f64.ln() + 0.5772156649015329)).abs() < 1e-13);
        assert!((sums.squares - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-14);
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
