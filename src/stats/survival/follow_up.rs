//! The length of follow-up, by the reverse Kaplan-Meier method.
//!
//! Estimand: the median (or any quantile) of the time for which subjects would have been followed had no event ended
//! their observation: the potential follow-up.
//! Formula: the Kaplan-Meier curve with the roles of event and censoring swapped. At tied times it then counts the
//! censorings before the events, as R does with `survfit(Surv(time, 1 - status) ~ 1)`.
//! For comparison also the plain medians that papers print: of all observed times, and of the censored alone (which
//! both underestimate or distort; Schemper and Smith).
//!
//! Input, units, missing values: see [`super::data`]. Row order: no effect on a single bit.
//! Edge cases: nobody censored: the potential follow-up was never seen to end, its median is infinite, and there is no
//! median of the censored.
//!
//! Source: Schemper and Smith 1996, doi:10.1016/0197-2456(96)00075-X.
//! Oracle: R survival 3.5-3, `quantile(survfit(Surv(time, 1 - status) ~ 1))`; R `median`.

use super::data::SurvivalData;
use super::kaplan_meier::{KaplanMeier, KaplanMeierOptions, kaplan_meier};
use crate::stats::error::StatsError;
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// Three descriptions of how long subjects were followed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Median potential follow-up (reverse Kaplan-Meier).
    pub reverse_kaplan_meier: Estimate,
    /// Median of all observed times, whether they end in the event or not.
    pub observed: f64,
    /// Median of the times of the censored; absent where nobody is.
    pub censored: Option<f64>,
}

/// The curve of the time to censoring.
pub fn reverse_kaplan_meier(data: &SurvivalData, options: &KaplanMeierOptions) -> Result<KaplanMeier, StatsError> {
    let swapped: Vec<bool> = data.event.iter().map(|event| !event).collect();
    kaplan_meier(&SurvivalData { event: &swapped, ..*data }, options)
}

/// The median potential follow-up.
pub fn median_follow_up(data: &SurvivalData, options: &KaplanMeierOptions) -> Result<Estimate, StatsError> {
    Ok(reverse_kaplan_meier(data, options)?.median())
}

/// All three medians.
pub fn follow_up(data: &SurvivalData, options: &KaplanMeierOptions) -> Result<FollowUp, StatsError> {
    let reverse_kaplan_meier = median_follow_up(data, options)?;
    let all: Vec<usize> = (0..data.len()).collect();
    let censored: Vec<usize> = (0..data.len()).filter(|row| !data.event[*row]).collect();
    let Some(observed) = median_time(data, &all) else {
        return Err(StatsError::Empty { what: "survival time" });
    };
    Ok(FollowUp { reverse_kaplan_meier, observed, censored: median_time(data, &censored) })
}

/// The median of the times of `rows`, each as often as its weight says.
fn median_time(data: &SurvivalData, rows: &[usize]) -> Option<f64> {
    let mut times: Vec<(f64, f64)> =
        rows.iter().map(|row| (data.time[*row], data.weight_of(*row))).filter(|(_, weight)| *weight > 0.0).collect();
    times.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let half = 0.5 * times.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut below = 0.0;
    let mut lower_middle = None;
    for (time, weight) in times {
        below += weight;
        if let Some(lower) = lower_middle {
            return Some(0.5 * (lower + time));
        }
        if below > half {
            return Some(time);
        }
        if below == half {
            lower_middle = Some(time);
        }
    }
    lower_middle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_subjects_by_hand() {
        // Censored at 2, 4, 5; events at 1, 3. Censoring curve: 3/4 at 2, 3/8 at 4, 0 at 5: its median is 4.
        let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &[true, false, true, false, false]);
        let result = follow_up(&data, &KaplanMeierOptions::default()).unwrap();
        assert_eq!((result.reverse_kaplan_meier.value, result.observed, result.censored), (4.0, 3.0, Some(4.0)));
    }

    #[test]
    fn nobody_censored_was_followed_to_the_end() {
        let data = SurvivalData::new(&[1.0, 2.0], &[true, true]);
        let result = follow_up(&data, &KaplanMeierOptions::default()).unwrap();
        assert_eq!((result.reverse_kaplan_meier.value, result.observed, result.censored), (f64::INFINITY, 1.5, None));
    }

    #[test]
    fn weights_repeat_rows_in_the_plain_medians_too() {
        let data = SurvivalData::new(&[1.0, 2.0, 9.0], &[false; 3]).with_weight(&[1.0, 1.0, 3.0]);
        assert_eq!(follow_up(&data, &KaplanMeierOptions::default()).unwrap().observed, 9.0);
    }
}
