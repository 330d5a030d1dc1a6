//! Decision curves for a time-to-event outcome: the net benefit at a horizon, under censoring.
//!
//! Estimand: as in [`super::net_benefit`], the event being one by the horizon: at a threshold t of the predicted risk by
//! the horizon, with w = t / (1 − t), NB(t) = P(acted on, event by the horizon) − w · P(acted on, no event by then).
//!
//! Formula (Vickers et al. 2008): with x the share of subjects whose predicted risk is **at or above** t, and S the
//! Kaplan-Meier survival of these subjects at the horizon, NB = x (1 − S) − w x S; acting on all is the same with x = 1
//! and the S of everyone; acting on no one is 0.
//!
//! Interval: delta method, with Greenwood's variance of S and the binomial variance of x, which are uncorrelated in large
//! samples: Var = x² (1 + w)² Var S + (1 − (1 + w) S)² x (1 − x) / n.
//!
//! Assumption: censoring independent of the event time among those acted on.
//! Input: predicted risks in [0, 1] by the horizon, thresholds in [0, 1), one subject per row of `data`. Row order does
//! not matter, bit for bit. Cost: one Kaplan-Meier curve per threshold, thresholds in parallel.
//! Edge cases: where no one is acted on the net benefit is 0; where follow-up of those acted on ends by censoring before
//! the horizon, S is the last value of the curve, and [`SurvivalNetBenefitPoint::followed_to_horizon`] is `false`.
//!
//! Source: Vickers et al. 2008, doi:10.1186/1472-6947-8-53; McLernon et al. 2023, doi:10.7326/M22-0844.
//! Oracle: the printed net benefit of the latter's public companion (R survival 3.3).

use super::net_benefit::odds;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::Estimate;
use crate::stats::survival::SurvivalData;
use crate::stats::survival::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

/// The decision curve at one threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalNetBenefitPoint {
    /// The predicted probability from which on subjects are acted on.
    pub threshold: f64,
    /// Subjects whose predicted risk is at or above the threshold.
    pub acted_on: usize,
    /// Kaplan-Meier risk by the horizon of those acted on; absent where there is no one.
    pub risk_of_acted_on: Option<f64>,
    /// Per subject, in units of one acted-on event.
    pub net_benefit: Estimate,
    /// Net benefit of acting on everyone.
    pub treat_all: f64,
    /// Net benefit of acting on no one: 0.
    pub treat_none: f64,
    /// Net benefit over the Kaplan-Meier risk of everyone; absent where that is 0.
    pub standardized: Option<f64>,
    /// Per subject, against acting on everyone.
    pub interventions_avoided: Option<f64>,
    /// Someone among those acted on was followed to the horizon, or all had the event before.
    pub followed_to_horizon: bool,
}

/// The decision curve of predicted risks by `horizon`.
pub fn survival_decision_curve(
    data: &SurvivalData,
    risk: &[f64],
    horizon: f64,
    thresholds: &[f64],
    level: f64,
) -> Result<Vec<SurvivalNetBenefitPoint>, StatsError> {
    check_input(data, risk, horizon, thresholds)?;
    require_level(level)?;
    let everyone = Group::of(data, (0..data.len()).collect(), horizon)?;
    let prevalence = 1.0 - everyone.survival;
    let points: Vec<Result<SurvivalNetBenefitPoint, StatsError>> = thresholds
        .par_iter()
        .map(|threshold| {
            let weight = odds(*threshold);
            let rows: Vec<usize> = (0..data.len()).filter(|row| risk[*row] >= *threshold).collect();
            let acted_on = rows.len();
            let treat_all = prevalence - weight * everyone.survival;
            let (net_benefit, group) = if acted_on == 0 {
                (Estimate::new(0.0, data.len()), None)
            } else {
                let group = Group::of(data, rows, horizon)?;
                (group.net_benefit(data.len(), weight, level), Some(group))
            };
            Ok(SurvivalNetBenefitPoint {
                threshold: *threshold,
                acted_on,
                risk_of_acted_on: group.as_ref().map(|group| 1.0 - group.survival),
                treat_all,
                treat_none: 0.0,
                standardized: (prevalence > 0.0).then(|| net_benefit.value / prevalence),
                interventions_avoided: (weight > 0.0).then(|| (net_benefit.value - treat_all) / weight),
                followed_to_horizon: group.is_none_or(|group| group.followed_to_horizon),
                net_benefit,
            })
        })
        .collect();
    points.into_iter().collect()
}

/// Kaplan-Meier at the horizon among some subjects.
struct Group {
    size: usize,
    survival: f64,
    standard_error: f64,
    followed_to_horizon: bool,
}

impl Group {
    fn of(data: &SurvivalData, rows: Vec<usize>, horizon: f64) -> Result<Self, StatsError> {
        let time: Vec<f64> = rows.iter().map(|row| data.time[*row]).collect();
        let event: Vec<bool> = rows.iter().map(|row| data.event[*row]).collect();
        let curve = kaplan_meier(&SurvivalData::new(&time, &event), &KaplanMeierOptions::default())?;
        let at = curve.at(horizon);
        let last = time.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(Self {
            size: rows.len(),
            survival: at.value,
            // Where everyone has had the event Greenwood's variance is taken as 0.
            standard_error: at.standard_error.unwrap_or(0.0),
            followed_to_horizon: last >= horizon || at.value == 0.0,
        })
    }

    fn net_benefit(&self, n: usize, weight: f64, level: f64) -> Estimate {
        let share = self.size as f64 / n as f64;
        let gain = (1.0 - self.survival) - weight * self.survival;
        let of_survival = share * (1.0 + weight) * self.standard_error;
        let variance = of_survival * of_survival + gain * gain * share * (1.0 - share) / n as f64;
        let (value, error) = (share * gain, variance.sqrt());
        let half = normal_critical(level) * error;
        Estimate::new(value, n).with_standard_error(error).with_interval(
            value - half,
            value + half,
            level,
            "delta method",
        )
    }
}

fn check_input(data: &SurvivalData, risk: &[f64], horizon: f64, thresholds: &[f64]) -> Result<(), StatsError> {
    data.check()?;
    if data.entry.is_some() || data.weight.is_some() {
        let why = "it is given for subjects observed from the origin on, each counting once";
        return Err(StatsError::Undefined { what: "net benefit", why });
    }
    require_same_length("time", data.len(), "risk", risk.len())?;
    require_finite("risk", risk)?;
    if let Some(index) = risk.iter().position(|risk| !(0.0..=1.0).contains(risk)) {
        return Err(StatsError::InvalidAt { what: "risk", index, expected: "between 0 and 1" });
    }
    if !(horizon > 0.0 && horizon.is_finite()) {
        return Err(StatsError::OutOfRange { what: "horizon", value: horizon, expected: "above 0 and finite" });
    }
    match thresholds.iter().position(|threshold| !(0.0..1.0).contains(threshold)) {
        Some(index) => Err(StatsError::InvalidAt { what: "threshold", index, expected: "at least 0 and below 1" }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::utility::net_benefit::decision_curve;

    #[test]
    fn by_hand_with_a_censored_subject() {
        // Acted on at 0.4: times 1 (event), 2 (censored), 3 (event), 5 (event) of six subjects. At horizon 4:
        // S = 3/4 · 1/2 = 3/8; w = 2/3, x = 4/6: NB = 2/3 · (5/8 − 2/3 · 3/8) = 1/4.
        let time = [1.0, 2.0, 3.0, 5.0, 6.0, 6.0];
        let event = [true, false, true, true, false, false];
        let risk = [0.9, 0.8, 0.7, 0.4, 0.3, 0.1];
        let point = &survival_decision_curve(&SurvivalData::new(&time, &event), &risk, 4.0, &[0.4], 0.95).unwrap()[0];
        assert_eq!(point.acted_on, 4);
        assert!((point.net_benefit.value - 0.25).abs() < 1e-14);
        assert!(point.followed_to_horizon);
    }

    #[test]
    fn without_censoring_it_is_the_binary_net_benefit() {
        let time = [1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0, 2.5];
        let event = [true; 8];
        let risk = [0.9, 0.2, 0.7, 0.4, 0.3, 0.1, 0.6, 0.8];
        let outcome = time.map(|time| time <= 4.0);
        let thresholds = [0.0, 0.15, 0.35, 0.65, 0.95];
        let survival =
            survival_decision_curve(&SurvivalData::new(&time, &event), &risk, 4.0, &thresholds, 0.95).unwrap();
        for (ours, binary) in survival.iter().zip(decision_curve(&outcome, &risk, &thresholds).unwrap()) {
            assert!((ours.net_benefit.value - binary.net_benefit.value).abs() < 1e-14);
            assert!((ours.treat_all - binary.treat_all).abs() < 1e-14);
            // Without censoring Greenwood's variance is the binomial one, and the delta methods agree.
            let error = ours.net_benefit.standard_error.unwrap_or(0.0);
            let binary_error = binary.net_benefit.standard_error.unwrap();
            assert!((error - binary_error).abs() < 1e-14 || ours.acted_on <= 4, "{error} {binary_error}");
        }
    }

    #[test]
    fn no_one_acted_on_is_zero_and_short_follow_up_is_said() {
        let (time, event) = ([1.0, 2.0], [true, false]);
        let data = SurvivalData::new(&time, &event);
        let points = survival_decision_curve(&data, &[0.2, 0.3], 5.0, &[0.5, 0.1], 0.95).unwrap();
        assert_eq!((points[0].acted_on, points[0].net_benefit.value), (0, 0.0));
        assert!(points[0].followed_to_horizon && !points[1].followed_to_horizon);
    }
}
