//! The restricted mean survival time, of one group and compared between two.
//!
//! Estimand: E min(T, τ), the mean time without the event over the first τ units of time; τ minus it is the mean time
//! lost. In the unit of the input's time.
//! Formula: the area below the Kaplan-Meier curve from 0 to τ. Variance: Σ over event times t_j <= τ of
//! A_j² d_j / (n_j (n_j - d_j)), with A_j the area from t_j to τ. Limits are μ ± z s (not cut off at 0 and τ, as in
//! survRM2). Two groups: difference second - first; ratios of the means and of the times lost, whose limits and tests
//! are normal on the log scale (delta method).
//!
//! Assumptions: censoring tells nothing of the event; τ chosen before the data were seen.
//! Input, ties, weights, missing values: see [`super::kaplan_meier`]. Row order: no effect on a single bit.
//!
//! Edge cases: τ must be positive, and not beyond the last observed time of a curve that has not come down to 0 (the
//! area beyond is not estimable; R's `survfit` would extend the last value). No event before τ: mean τ, standard error
//! 0; two such groups have no test (absent). A ratio with a mean, or time lost, of 0 is absent.
//!
//! Source: Irwin 1949, doi:10.1017/S0022172400014443; Royston and Parmar 2013, doi:10.1186/1471-2288-13-152;
//! Uno et al. 2014, doi:10.1200/JCO.2014.55.2208.
//! Oracle: R survival 3.5-3, `summary(survfit(...), rmean = tau)$table`; survRM2 1.0-4, `rmst2(time, status, arm, tau)`.

use super::data::SurvivalData;
use super::kaplan_meier::{KaplanMeier, KaplanMeierOptions, kaplan_meier};
use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

const METHOD: &str = "restricted mean survival time, normal";
const LOG_METHOD: &str = "restricted mean survival time, normal on the log scale";

/// The restricted mean of one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestrictedMean {
    /// End of the time over which the mean is taken.
    pub tau: f64,
    /// Mean time without the event up to `tau`.
    pub mean: Estimate,
    /// Mean time lost up to `tau`: `tau` minus the mean.
    pub lost: Estimate,
}

/// An effect with its test; the test is absent where neither group has a variance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    pub estimate: Estimate,
    pub test: Option<Test>,
}

/// Two groups, each with its restricted mean to the same `tau`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestrictedMeanComparison {
    pub first: RestrictedMean,
    pub second: RestrictedMean,
    /// Mean of the second minus mean of the first.
    pub difference: Contrast,
    /// Mean of the second over mean of the first.
    pub ratio: Option<Contrast>,
    /// Time lost of the second over time lost of the first.
    pub ratio_lost: Option<Contrast>,
}

/// The restricted mean survival time up to `tau`.
pub fn restricted_mean(data: &SurvivalData, tau: f64, level: f64) -> Result<RestrictedMean, StatsError> {
    let curve = kaplan_meier(data, &KaplanMeierOptions { level, ..KaplanMeierOptions::default() })?;
    restricted_mean_of_curve(&curve, tau)
}

/// Times this close are one, relative to their size.
const TIED: f64 = 1.5e-8;

/// As [`restricted_mean`], from a curve that is there already; the level is the curve's.
pub fn restricted_mean_of_curve(curve: &KaplanMeier, tau: f64) -> Result<RestrictedMean, StatsError> {
    let out_of_range = |expected| StatsError::OutOfRange { what: "tau of a restricted mean", value: tau, expected };
    if !(tau > 0.0 && tau.is_finite()) {
        return Err(out_of_range("positive"));
    }
    // The last of several times that differ by rounding stands as the first of them.
    if curve.steps.last().is_some_and(|last| last.time < tau * (1.0 - TIED) && last.survival > 0.0) {
        return Err(out_of_range("at most the last observed time"));
    }
    // From τ back to 0: the area right of each event time is then known when its variance term is added.
    let (mut area, mut variance, mut right) = (0.0, 0.0, tau);
    for step in curve.steps.iter().rev().filter(|step| step.time <= tau) {
        area += step.survival * (right - step.time);
        right = step.time;
        let survivors = step.at_risk - step.events;
        if step.events > 0.0 && survivors > 0.0 {
            variance += area * area * step.events / (step.at_risk * survivors);
        }
    }
    area += right;
    let (error, z) = (f64::sqrt(variance), normal_critical(curve.level));
    let estimate = |value: f64| {
        let (lower, upper) = (value - z * error, value + z * error);
        Estimate::new(value, curve.n).with_standard_error(error).with_interval(lower, upper, curve.level, METHOD)
    };
    Ok(RestrictedMean { tau, mean: estimate(area), lost: estimate(tau - area) })
}

/// Compares the restricted means of two independent groups up to the same `tau`.
pub fn compare_restricted_means(
    first: &SurvivalData,
    second: &SurvivalData,
    tau: f64,
    level: f64,
) -> Result<RestrictedMeanComparison, StatsError> {
    let (first, second) = (restricted_mean(first, tau, level)?, restricted_mean(second, tau, level)?);
    let n = first.mean.n + second.mean.n;
    let z = normal_critical(level);
    let error = f64::hypot(error_of(&first.mean), error_of(&second.mean));
    let difference = second.mean.value - first.mean.value;
    let difference = Contrast {
        test: wald(difference, error, METHOD),
        estimate: Estimate::new(difference, n).with_standard_error(error).with_interval(
            difference - z * error,
            difference + z * error,
            level,
            METHOD,
        ),
    };
    let ratio = |first: &Estimate, second: &Estimate| {
        if first.value <= 0.0 || second.value <= 0.0 {
            return None;
        }
        let log = (second.value / first.value).ln();
        let error = f64::hypot(error_of(first) / first.value, error_of(second) / second.value);
        let estimate = Estimate::new(second.value / first.value, n).with_interval(
            (log - z * error).exp(),
            (log + z * error).exp(),
            level,
            LOG_METHOD,
        );
        Some(Contrast { estimate, test: wald(log, error, LOG_METHOD) })
    };
    let (ratio, ratio_lost) = (ratio(&first.mean, &second.mean), ratio(&first.lost, &second.lost));
    Ok(RestrictedMeanComparison { difference, ratio, ratio_lost, first, second })
}

fn error_of(estimate: &Estimate) -> f64 {
    estimate.standard_error.unwrap_or(0.0)
}

fn wald(effect: f64, error: f64, method: &'static str) -> Option<Test> {
    (error > 0.0).then(|| Test {
        statistic: Some(effect / error),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(effect / error),
        alternative: Alternative::TwoSided,
        method: method.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() <= 1e-13 * right.abs().max(1.0)
    }

    #[test]
    fn four_subjects_by_hand() {
        // S = 1 to 1, 3/4 to 3, 3/8 from 3 on (the censored at 2 leaves two at risk). To 4: 1 + 3/4·2 + 3/8 = 23/8.
        // Variance: (15/8)² · 1/(4·3) + (3/8)² · 1/(2·1) = 75/256 + 18/256.
        let data = SurvivalData::new(&[1.0, 2.0, 3.0, 4.0], &[true, false, true, false]);
        let result = restricted_mean(&data, 4.0, 0.95).unwrap();
        assert!(close(result.mean.value, 23.0 / 8.0) && close(result.lost.value, 9.0 / 8.0));
        assert!(close(result.mean.standard_error.unwrap(), (93.0f64 / 256.0).sqrt()));
        assert_eq!(result.mean.standard_error, result.lost.standard_error);
    }

    #[test]
    fn uncensored_is_the_mean_with_its_standard_error() {
        // Times 1, 2, 6: mean 3, population variance (4 + 1 + 9) / 3 = 14/3, Var of the mean 14/9.
        let data = SurvivalData::new(&[6.0, 1.0, 2.0], &[true; 3]);
        let result = restricted_mean(&data, 100.0, 0.95).unwrap();
        assert!(close(result.mean.value, 3.0) && close(result.mean.standard_error.unwrap(), (14.0f64 / 9.0).sqrt()));
    }

    #[test]
    fn tau_beyond_what_was_observed_is_an_error() {
        let data = SurvivalData::new(&[1.0, 2.0], &[true, false]);
        for tau in [2.1, 0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(restricted_mean(&data, tau, 0.95), Err(StatsError::OutOfRange { .. })), "{tau}");
        }
        assert!(restricted_mean(&data, 2.0, 0.95).is_ok());
    }

    #[test]
    fn tau_is_the_last_time_though_rounding_merged_it_with_another() {
        // 0.1 + 0.2 is a little more than 0.3, and the two are one time of the curve. R 4.2 survival 3.5-3: 0.225.
        let tau = 0.1 + 0.2;
        let time = [0.1, 0.2, 0.3, tau];
        let data = SurvivalData::new(&time, &[true, true, true, false]);
        let mean = restricted_mean(&data, tau, 0.95).unwrap().mean;
        assert!((mean.value - 0.225).abs() < 1e-9, "{}", mean.value);
    }

    #[test]
    fn groups_without_events_have_a_difference_of_zero_and_no_test() {
        let data = SurvivalData::new(&[5.0, 5.0], &[false; 2]);
        let result = compare_restricted_means(&data, &data, 4.0, 0.95).unwrap();
        assert_eq!((result.difference.estimate.value, result.difference.test), (0.0, None));
        assert_eq!(result.ratio.map(|ratio| ratio.estimate.value), Some(1.0));
        assert_eq!(result.ratio_lost, None);
    }
}
