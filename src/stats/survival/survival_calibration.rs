//! Calibration of predicted risks at a horizon: observed over expected, overall and in groups of similar prediction.
//!
//! Estimand: O/E, the observed probability of the event by the horizon h over the mean predicted one; 1 is perfect, above 1
//! the model predicts too little. Observed is 1 - S(h) of the Kaplan-Meier curve, so that censoring before h is allowed for.
//! Interval of O/E, on the logarithm, the predictions taken as given ([`RatioInterval`]): by the number of events up to h,
//! O/E · exp(± z / √events), as McLernon et al. do (an event count taken for Poisson); or by the standard error of the
//! Kaplan-Meier risk, O/E · exp(± z s / (1 - S(h))), which without censoring is that of a binomial proportion.
//! Groups are bounded by the quantiles of the predictions, as in [`crate::stats::calibration::groups`].
//!
//! Assumptions: censoring tells nothing of the event (within each group, for the groups).
//! Shapes: `risk` is the predicted probability of the event by h, in [0, 1], one per subject; h in the unit of the times.
//! Weights are copies of rows. Ties of times, missing values: [`super::data`]. Row order: no effect on a single bit.
//!
//! Edge cases: a horizon after the last observed time of a curve that has not come down to 0 is an error: nobody knows the
//! risk there (of a group: its observed risk is absent). No event by h: the observed risk and O/E are 0 without interval. All predictions 0: O/E is
//! undefined, an error.
//!
//! Source: McLernon et al. 2023, doi:10.7326/M22-0844; Crowson, Atkinson and Therneau 2016, doi:10.1177/0962280213497434.
//! Oracle: the formulas, in R survival 3.5-3, `summary(survfit(...), times = h)`.

use super::data::SurvivalData;
use super::kaplan_meier::{KaplanMeier, KaplanMeierOptions, SurvivalInterval, kaplan_meier};
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// What the interval of O/E rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatioInterval {
    /// The number of events by the horizon, taken as Poisson.
    #[default]
    Events,
    /// Greenwood's standard error of the observed risk.
    KaplanMeier,
}

/// Observed and expected risk by the horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservedExpectedSurvival {
    pub horizon: f64,
    /// 1 - S(h), with its interval.
    pub observed: Estimate,
    /// Mean predicted risk.
    pub expected: f64,
    pub ratio: Estimate,
    /// Events up to and with the horizon.
    pub events: f64,
}

/// A group of subjects of similar predicted risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalCalibrationGroup {
    /// Bounds of the group: predictions above `lower` (in the first group: from it on) up to `upper`.
    pub lower: f64,
    pub upper: f64,
    pub n: usize,
    /// Rows with the event up to and at the horizon.
    pub events: usize,
    pub mean_predicted: f64,
    /// 1 - S(h) of the group; absent where its follow-up ends before the horizon.
    pub observed: Option<Estimate>,
}

/// Observed over expected risk of the event by `horizon`.
pub fn observed_expected_survival(
    data: &SurvivalData,
    risk: &[f64],
    horizon: f64,
    level: f64,
    interval: RatioInterval,
) -> Result<ObservedExpectedSurvival, StatsError> {
    check(data, risk, horizon)?;
    let curve = kaplan_meier(data, &KaplanMeierOptions { level, interval: SurvivalInterval::default() })?;
    let Some(observed) = observed_risk(&curve, horizon) else {
        let expected = "at most the last observed time";
        return Err(StatsError::OutOfRange { what: "horizon", value: horizon, expected });
    };
    let expected = mean_risk(data, risk);
    if expected <= 0.0 {
        return Err(StatsError::Undefined { what: "O/E", why: "every predicted risk is zero" });
    }
    let events = curve.steps.iter().filter(|step| step.time <= horizon).fold(0.0, |sum, step| sum + step.events);
    let value = observed.value / expected;
    let log_error = match interval {
        RatioInterval::Events => (events > 0.0).then(|| 1.0 / f64::sqrt(events)),
        RatioInterval::KaplanMeier => {
            observed.standard_error.filter(|_| observed.value > 0.0).map(|error| error / observed.value)
        }
    };
    let mut ratio = Estimate::new(value, data.len());
    if let Some(log_error) = log_error {
        let factor = (normal_critical(level) * log_error).exp();
        let method = match interval {
            RatioInterval::Events => "log normal, Poisson events",
            RatioInterval::KaplanMeier => "log normal, Greenwood",
        };
        ratio = ratio.with_interval(value / factor, value * factor, level, method);
    }
    Ok(ObservedExpectedSurvival { horizon, observed, expected, ratio, events })
}

/// Observed against mean predicted risk in up to `groups` groups of about equal size.
pub fn survival_calibration_groups(
    data: &SurvivalData,
    risk: &[f64],
    horizon: f64,
    groups: usize,
    level: f64,
) -> Result<Vec<SurvivalCalibrationGroup>, StatsError> {
    check(data, risk, horizon)?;
    if groups == 0 {
        return Err(StatsError::TooFew { what: "groups", needed: 1, found: 0 });
    }
    let mut sorted = risk.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut bounds = quantile_bounds(&sorted, groups);
    if let [only] = bounds[..] {
        bounds.push(only);
    }
    let mut result = Vec::with_capacity(groups);
    for (index, pair) in bounds.windows(2).enumerate() {
        let (lower, upper) = (pair[0], pair[1]);
        let above = |risk: f64| if index == 0 { risk >= lower } else { risk > lower };
        let rows: Vec<usize> = (0..risk.len()).filter(|row| above(risk[*row]) && risk[*row] <= upper).collect();
        let select = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        let (time, entry, weight) = (select(data.time), data.entry.map(select), data.weight.map(select));
        let event: Vec<bool> = rows.iter().map(|row| data.event[*row]).collect();
        let part = SurvivalData { entry: entry.as_deref(), time: &time, event: &event, weight: weight.as_deref() };
        if !(0..part.len()).any(|row| part.weight_of(row) > 0.0) {
            continue;
        }
        let curve = kaplan_meier(&part, &KaplanMeierOptions { level, interval: SurvivalInterval::default() })?;
        result.push(SurvivalCalibrationGroup {
            lower,
            upper,
            n: rows.len(),
            events: rows.iter().filter(|row| data.event[**row] && data.time[**row] <= horizon).count(),
            mean_predicted: mean_risk(&part, &select(risk)),
            observed: observed_risk(&curve, horizon),
        });
    }
    Ok(result)
}

/// The distinct quantiles 0, 1/g, …, 1 of sorted values.
fn quantile_bounds(sorted: &[f64], groups: usize) -> Vec<f64> {
    let mut bounds: Vec<f64> = (0..=groups).map(|k| sample_quantile(sorted, k as f64 / groups as f64)).collect();
    bounds.dedup();
    bounds
}

/// Type 7 of Hyndman and Fan (1996, doi:10.1080/00031305.1996.10473566), R's default, of sorted values.
pub(super) fn sample_quantile(sorted: &[f64], probability: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * probability;
    let below = (place.floor() as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    let part = place - below as f64;
    // Between equal values no rounding may come in: a bound must not divide ties.
    let (low, high) = (sorted[below], sorted[above]);
    if part > 0.0 && high != low { (1.0 - part) * low + part * high } else { low }
}

fn check(data: &SurvivalData, risk: &[f64], horizon: f64) -> Result<(), StatsError> {
    data.check()?;
    require_same_length("survival time", data.len(), "predicted risk", risk.len())?;
    require_finite("predicted risk", risk)?;
    super::censoring_weights::require_horizon(horizon)?;
    match risk.iter().position(|risk| !(0.0..=1.0).contains(risk)) {
        Some(index) => Err(StatsError::InvalidAt { what: "predicted risk", index, expected: "between 0 and 1" }),
        None => Ok(()),
    }
}

/// The mean over subjects, added in the order of the risks.
fn mean_risk(data: &SurvivalData, risk: &[f64]) -> f64 {
    let mut parts: Vec<(f64, f64)> = risk.iter().enumerate().map(|(row, risk)| (*risk, data.weight_of(row))).collect();
    parts.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let (sum, weight) = parts.iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0 * part.1, sum.1 + part.1));
    sum / weight
}

/// 1 - S(h) with the curve's limits turned round; `None` after the end of a curve that has not come down to 0. Without an
/// event, or with nobody left, Greenwood's variance is no measure of what is not known, and there is no interval.
fn observed_risk(curve: &KaplanMeier, horizon: f64) -> Option<Estimate> {
    let last = curve.steps.last()?;
    if horizon > last.time && last.survival > 0.0 {
        return None;
    }
    let survival = curve.at(horizon);
    let mut observed = Estimate::new(1.0 - survival.value, curve.n);
    observed.standard_error = survival.standard_error;
    Some(match survival.interval {
        Some(interval) if interval.lower < interval.upper => {
            observed.with_interval(1.0 - interval.upper, 1.0 - interval.lower, interval.level, interval.method)
        }
        _ => observed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 5.0];
    const EVENT: [bool; 5] = [true, false, true, false, false];

    fn ratio(risk: &[f64], horizon: f64, interval: RatioInterval) -> Result<ObservedExpectedSurvival, StatsError> {
        observed_expected_survival(&SurvivalData::new(&TIME, &EVENT), risk, horizon, 0.95, interval)
    }

    /// A group without an event was told as "0.000 (0.000-0.000)", as if it could have none.
    #[test]
    fn no_event_is_no_certainty() {
        let data = SurvivalData::new(&[5.0, 6.0, 7.0, 1.0, 2.0, 6.0], &[false, true, false, true, true, false]);
        let groups = survival_calibration_groups(&data, &[0.1, 0.1, 0.1, 0.8, 0.8, 0.8], 4.0, 2, 0.95).unwrap();
        let observed: Vec<&Estimate> = groups.iter().filter_map(|group| group.observed.as_ref()).collect();
        assert_eq!((observed[0].value, observed[0].interval.as_ref()), (0.0, None));
        assert!(observed[1].interval.as_ref().is_some_and(|interval| interval.lower < interval.upper));
        assert_eq!(groups.iter().map(|group| group.events).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn five_subjects_by_hand() {
        // S(3) = 4/5 · 2/3 = 8/15: observed 7/15, expected 1/3, ratio 7/5; two events by then.
        let result = ratio(&[0.1, 0.2, 0.3, 0.4, 2.0 / 3.0], 3.5, RatioInterval::Events).unwrap();
        assert!((result.ratio.value - 1.4).abs() < 1e-14);
        assert_eq!(result.events, 2.0);
        let factor = (1.959963984540054 / 2f64.sqrt()).exp();
        let interval = result.ratio.interval.unwrap();
        assert!((interval.lower - 1.4 / factor).abs() < 1e-14 && (interval.upper - 1.4 * factor).abs() < 1e-13);
        // Greenwood: (8/15)² (1/20 + 1/6), relative to 7/15: 8/7 · √(13/60).
        let result = ratio(&[0.1, 0.2, 0.3, 0.4, 2.0 / 3.0], 3.5, RatioInterval::KaplanMeier).unwrap();
        let factor = (1.959963984540054 * 8.0 / 7.0 * (13.0f64 / 60.0).sqrt()).exp();
        assert!((result.ratio.interval.unwrap().upper - 1.4 * factor).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_known_is_said() {
        assert!(matches!(ratio(&[0.5; 5], 5.5, RatioInterval::Events), Err(StatsError::OutOfRange { .. })));
        assert!(matches!(ratio(&[0.0; 5], 3.0, RatioInterval::Events), Err(StatsError::Undefined { .. })));
        assert!(matches!(ratio(&[1.5; 5], 3.0, RatioInterval::Events), Err(StatsError::InvalidAt { index: 0, .. })));
        let none = ratio(&[0.5; 5], 0.5, RatioInterval::KaplanMeier).unwrap();
        assert_eq!((none.ratio.value, none.ratio.interval), (0.0, None));
    }

    #[test]
    fn groups_are_halves_with_their_own_curves() {
        let data = SurvivalData::new(&TIME, &EVENT);
        let groups = survival_calibration_groups(&data, &[0.9, 0.8, 0.7, 0.2, 0.1], 3.0, 2, 0.95).unwrap();
        // Median 0.7: rows 2 to 4 (event at 3 of three), rows 0 and 1 (event at 1 of two; followed up to 2 only).
        assert_eq!(groups.iter().map(|group| group.n).collect::<Vec<_>>(), vec![3, 2]);
        assert!((groups[0].observed.as_ref().unwrap().value - 1.0 / 3.0).abs() < 1e-15);
        assert!((groups[1].mean_predicted - 0.85).abs() < 1e-15);
        assert_eq!(groups[1].observed, None);
        assert_eq!(survival_calibration_groups(&data, &[0.5; 5], 3.0, 4, 0.95).unwrap().len(), 1);
    }
}
