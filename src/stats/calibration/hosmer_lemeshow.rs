//! Hosmer and Lemeshow's goodness-of-fit test.
//!
//! Hypothesis: the predicted probabilities are the probabilities of the event.
//!
//! Formula: over groups of similar prediction ([`super::groups`]) and over events and non-events,
//! Σ (observed − expected)² / expected, chi-squared with g − 2 degrees of freedom for a model fitted to these subjects.
//! Like `ResourceSelection::hoslem.test`, g is the number of groups asked for, also where tied quantiles leave fewer, and
//! g − 2 is used for predictions of an outside model too (where g would be right: the P-value is then too small);
//! [`HosmerLemeshowOptions::external`] asks for g.
//!
//! The test is weak, and depends on the grouping: calibration curves and slopes say more (Van Calster et al. 2019,
//! doi:10.1186/s12916-019-1466-7).
//!
//! Input: outcomes (`true` the event), probabilities in [0, 1], g ≥ 3. Row order does not matter, bit for bit.
//! Edge cases: a group whose expected count is 0 (predictions of exactly 0 or 1) adds nothing when the prediction is
//! right and makes the statistic infinite, with a P-value of 0, when it is not.
//!
//! Source: Hosmer and Lemeshow 1980, doi:10.1080/03610928008827941.
//! Oracle: ResourceSelection 0.3-6 `hoslem.test`.

use super::groups::{CalibrationGroup, calibration_groups};
use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How many groups, and which degrees of freedom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HosmerLemeshowOptions {
    /// Groups asked for; 10.
    pub groups: usize,
    /// The model was not fitted to these subjects: g degrees of freedom, not g − 2; `false`.
    pub external: bool,
}

impl Default for HosmerLemeshowOptions {
    fn default() -> Self {
        Self { groups: 10, external: false }
    }
}

/// The test with its groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HosmerLemeshow {
    /// The test of the term.
    pub test: Test,
    /// The groups that the quantiles made: at most as many as were asked for.
    pub groups: Vec<CalibrationGroup>,
}

/// The test.
pub fn hosmer_lemeshow(
    outcome: &[bool],
    probability: &[f64],
    options: &HosmerLemeshowOptions,
) -> Result<HosmerLemeshow, StatsError> {
    if options.groups < 3 {
        return Err(StatsError::TooFew { what: "groups", needed: 3, found: options.groups });
    }
    let groups = calibration_groups(outcome, probability, options.groups, 0.95)?;
    let statistic: f64 = groups.iter().map(distance).sum();
    let df = (options.groups - if options.external { 0 } else { 2 }) as f64;
    let p_value = if statistic.is_infinite() { 0.0 } else { chi_squared_upper(statistic, df) };
    Ok(HosmerLemeshow {
        test: Test {
            statistic: Some(statistic),
            distribution: NullDistribution::ChiSquared { df },
            p_value,
            alternative: Alternative::TwoSided,
            method: Cow::Borrowed("Hosmer-Lemeshow"),
        },
        groups,
    })
}

fn distance(group: &CalibrationGroup) -> f64 {
    let n = group.n as f64;
    let events = group.events as f64;
    let part = |observed: f64, expected: f64| {
        let difference = observed - expected;
        if difference == 0.0 { 0.0 } else { difference * difference / expected }
    };
    part(events, group.expected) + part(n - events, n - group.expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_groups_by_hand() {
        // Two subjects each at 0.25, 0.5, 0.75 (quantile bounds 0.25, 0.25 + …): events 1, 1, 1.
        // Expected events ½, 1, 1½: Σ = (½)²/½ + (½)²/1.5 + 0 + (½)²/1.5 + (½)²/½ = 1 + 1/3 = 4/3, one degree of freedom.
        let probability = [0.25, 0.25, 0.5, 0.5, 0.75, 0.75];
        let outcome = [true, false, true, false, true, false];
        let options = HosmerLemeshowOptions { groups: 3, external: false };
        let result = hosmer_lemeshow(&outcome, &probability, &options).unwrap();
        assert_eq!(result.groups.len(), 3);
        assert!((result.test.statistic.unwrap() - 4.0 / 3.0).abs() < 1e-14);
        assert_eq!(result.test.distribution, NullDistribution::ChiSquared { df: 1.0 });
    }

    #[test]
    fn a_certain_and_wrong_prediction_is_infinitely_far() {
        let options = HosmerLemeshowOptions { groups: 3, external: true };
        let wrong = hosmer_lemeshow(&[true, false, true], &[0.0, 0.5, 1.0], &options).unwrap();
        assert_eq!((wrong.test.statistic, wrong.test.p_value), (Some(f64::INFINITY), 0.0));
    }

    #[test]
    fn needs_three_groups() {
        let options = HosmerLemeshowOptions { groups: 2, external: false };
        assert!(hosmer_lemeshow(&[true, false], &[0.1, 0.2], &options).is_err());
    }
}
