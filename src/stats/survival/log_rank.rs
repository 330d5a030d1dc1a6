//! The log-rank test of two or more groups, its weighted relatives, stratified, for trend, and pairwise.
//!
//! Null hypothesis: the hazards of all groups are equal at all times (within each stratum).
//! Formula: at each event time, with d events among n at risk, and n_g of these in group g, the events of group g are
//! held against their expectation d n_g / n under the hypergeometric distribution, whose covariance is
//! d (n - d) / (n - 1) · n_g / n · (1{g = h} - n_h / n). Both are summed with weights w, over times and strata:
//! U = Σ w (observed - expected), V = Σ w² covariance; U' V⁻ U is chi-squared. Its degrees of freedom are the rank of V:
//! the groups that were ever at risk at an event, less one (less more where groups were never at risk together).
//! For trend, with scores c: z = c'U / √(c'Vc), which is standard normal.
//!
//! Weights ([`LogRankWeight`]), S being the Kaplan-Meier curve of the stratum's pooled groups:
//! 1 (log-rank); S(t-)^ρ (1 - S(t-))^γ (Fleming-Harrington; ρ = 1, γ = 0 is what R's `survdiff(rho = 1)` calls Peto
//! and Peto); n (Gehan); √n (Tarone-Ware); Π (1 - d / (n + 1)) up to and with t (Peto and Peto, after Prentice).
//!
//! Shapes: `group` and `strata` hold one small whole number per row; groups count from 0 to `group_count - 1`.
//! Assumptions: censoring does not depend on the group's hazard; large samples (for few events the P-value is rough).
//! Ties and missing values: see [`super::data`]. A weight of a row is how often it is repeated, hence whole.
//! Row order: no effect on a single bit.
//!
//! Edge cases: no event at all is an error; so is one when no event happened while two groups were at risk. A group
//! without rows, or never at risk at an event, does not count as a group.
//!
//! Source: Mantel 1966; Peto and Peto 1972, doi:10.2307/2344317; Harrington and Fleming 1982,
//! doi:10.1093/biomet/69.3.553; Tarone and Ware 1977, doi:10.1093/biomet/64.1.156; Prentice 1978,
//! doi:10.1093/biomet/65.1.167.
//! Oracle: R survival 3.5-3, `survdiff(Surv(time, status) ~ group + strata(s), rho =)`; statsmodels 0.15.0, `survdiff`
//! for Gehan and Tarone-Ware.

use super::data::SurvivalData;
use crate::stats::distribution::{chi_squared_upper, normal_two_sided};
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use sums::{RANK_TOLERANCE, Sums, generalised_form};

mod sums;

/// How much each event time counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "weight", rename_all = "snake_case")]
pub enum LogRankWeight {
    /// All alike: most powerful against proportional hazards.
    #[default]
    LogRank,
    /// `rho` weighs early differences, `gamma` late ones; both zero or positive.
    FlemingHarrington { rho: f64, gamma: f64 },
    /// By the number at risk (Gehan, Breslow: the generalised Wilcoxon test).
    Gehan,
    /// By the root of the number at risk.
    TaroneWare,
    /// By an estimate of survival that is close to Kaplan-Meier's.
    PetoPeto,
}

impl LogRankWeight {
    /// The test's name as a table's footnote prints it.
    pub fn method(self) -> Cow<'static, str> {
        match self {
            LogRankWeight::LogRank => Cow::Borrowed("log-rank"),
            LogRankWeight::FlemingHarrington { rho, gamma } => {
                Cow::Owned(format!("Fleming-Harrington (rho = {rho}, gamma = {gamma})"))
            }
            LogRankWeight::Gehan => Cow::Borrowed("Gehan-Breslow"),
            LogRankWeight::TaroneWare => Cow::Borrowed("Tarone-Ware"),
            LogRankWeight::PetoPeto => Cow::Borrowed("Peto-Peto"),
        }
    }

    fn check(self) -> Result<(), StatsError> {
        if let LogRankWeight::FlemingHarrington { rho, gamma } = self {
            for value in [rho, gamma] {
                if !(value.is_finite() && value >= 0.0) {
                    let what = "exponent of a Fleming-Harrington weight";
                    return Err(StatsError::OutOfRange { what, value, expected: "zero or positive" });
                }
            }
        }
        Ok(())
    }
}

/// One group, over all strata.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRankGroup {
    /// Subjects (rows, times their weight).
    pub n: usize,
    /// Weighted sum of events.
    pub observed: f64,
    /// Weighted sum of the events expected were all hazards equal.
    pub expected: f64,
}

/// The groups of one stratum, in the order of the groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRankStratum {
    /// The stratum's number in the input.
    pub stratum: usize,
    pub groups: Vec<LogRankGroup>,
}

/// Observed and expected events and the test that compares them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRank {
    pub test: Test,
    pub groups: Vec<LogRankGroup>,
    /// One per stratum, ascending; a single one where there are no strata.
    pub strata: Vec<LogRankStratum>,
    /// Covariance of observed minus expected, by group and group.
    pub variance: Vec<Vec<f64>>,
}

/// The test of two of the groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogRankPair {
    /// Numbers of the groups.
    pub first: usize,
    pub second: usize,
    /// Absent where no event happened while both groups were at risk.
    pub test: Option<Test>,
}

/// Tests that all groups have one hazard (within strata, if given).
pub fn log_rank(
    data: &SurvivalData,
    group: &[usize],
    group_count: usize,
    weight: LogRankWeight,
    strata: Option<&[usize]>,
) -> Result<LogRank, StatsError> {
    let sums = Sums::of(data, group, group_count, weight, strata)?;
    let form = generalised_form(&sums.difference(), &sums.variance);
    if form.rank == 0 {
        return Err(StatsError::Undefined {
            what: "the log-rank test",
            why: "no event happened while two groups were at risk",
        });
    }
    let df = form.rank as f64;
    let test = Test {
        statistic: Some(form.value),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(form.value, df),
        alternative: Alternative::TwoSided,
        method: named(weight, "", strata),
    };
    Ok(LogRank { test, groups: sums.totals(), strata: sums.strata, variance: sums.variance })
}

/// Tests for a trend of the hazard over `scores`, one per group; z is positive where the hazard rises with the score.
pub fn log_rank_trend(
    data: &SurvivalData,
    group: &[usize],
    scores: &[f64],
    weight: LogRankWeight,
    strata: Option<&[usize]>,
) -> Result<Test, StatsError> {
    require_finite("trend score", scores)?;
    let sums = Sums::of(data, group, scores.len(), weight, strata)?;
    let difference = sums.difference();
    // A shift of the scores changes nothing but the rounding: both sums over the groups are zero.
    let centre = scores.iter().sum::<f64>() / scores.len() as f64;
    let scores: Vec<f64> = scores.iter().map(|score| score - centre).collect();
    let (mut numerator, mut variance, mut scale) = (0.0, 0.0, 0.0);
    for (g, score) in scores.iter().enumerate() {
        numerator += score * difference[g];
        scale += score * score * sums.variance[g][g];
        for (h, other) in scores.iter().enumerate() {
            variance += score * other * sums.variance[g][h];
        }
    }
    if variance <= RANK_TOLERANCE * scale {
        return Err(StatsError::Undefined {
            what: "the log-rank test for trend",
            why: "no event happened while groups of different scores were at risk",
        });
    }
    let z = numerator / variance.sqrt();
    Ok(Test {
        statistic: Some(z),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(z),
        alternative: Alternative::TwoSided,
        method: named(weight, " for trend", strata),
    })
}

/// Tests each pair of groups on the rows of these two alone. The P-values are not adjusted.
pub fn log_rank_pairwise(
    data: &SurvivalData,
    group: &[usize],
    group_count: usize,
    weight: LogRankWeight,
    strata: Option<&[usize]>,
) -> Result<Vec<LogRankPair>, StatsError> {
    check(data, group, group_count, weight, strata)?;
    let mut pairs = Vec::with_capacity(group_count * group_count.saturating_sub(1) / 2);
    for first in 0..group_count {
        for second in first + 1..group_count {
            let rows: Vec<usize> = (0..data.len()).filter(|row| [first, second].contains(&group[*row])).collect();
            let select = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
            let (time, entry, row_weight) = (select(data.time), data.entry.map(select), data.weight.map(select));
            let event: Vec<bool> = rows.iter().map(|row| data.event[*row]).collect();
            let pair =
                SurvivalData { entry: entry.as_deref(), time: &time, event: &event, weight: row_weight.as_deref() };
            let side: Vec<usize> = rows.iter().map(|row| usize::from(group[*row] == second)).collect();
            let stratum: Option<Vec<usize>> = strata.map(|strata| rows.iter().map(|row| strata[*row]).collect());
            // The input as a whole was checked above: what is left to fail is a pair that holds no comparison.
            let test = log_rank(&pair, &side, 2, weight, stratum.as_deref()).ok().map(|result| result.test);
            pairs.push(LogRankPair { first, second, test });
        }
    }
    Ok(pairs)
}

fn named(weight: LogRankWeight, suffix: &str, strata: Option<&[usize]>) -> Cow<'static, str> {
    let stratified = if strata.is_some() { ", stratified" } else { "" };
    match (suffix, stratified) {
        ("", "") => weight.method(),
        _ => Cow::Owned(format!("{}{suffix}{stratified}", weight.method())),
    }
}

fn check(
    data: &SurvivalData,
    group: &[usize],
    group_count: usize,
    weight: LogRankWeight,
    strata: Option<&[usize]>,
) -> Result<(), StatsError> {
    data.check()?;
    data.require_whole_weights()?;
    weight.check()?;
    require_same_length("survival time", data.len(), "group", group.len())?;
    if let Some(strata) = strata {
        require_same_length("survival time", data.len(), "stratum", strata.len())?;
    }
    if group_count < 2 {
        return Err(StatsError::TooFew { what: "a test between groups", needed: 2, found: group_count });
    }
    if u32::try_from(data.len().max(group_count)).is_err() {
        let (what, value) = ("number of subjects or groups", data.len().max(group_count) as f64);
        return Err(StatsError::OutOfRange { what, value, expected: "below 2^32" });
    }
    match group.iter().position(|group| *group >= group_count) {
        Some(index) => Err(StatsError::InvalidAt { what: "group", index, expected: "below the number of groups" }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    const EVENT: [bool; 6] = [true, true, false, true, true, false];
    const GROUP: [usize; 6] = [0, 1, 0, 1, 0, 1];

    fn two_groups(weight: LogRankWeight) -> LogRank {
        log_rank(&SurvivalData::new(&TIME, &EVENT), &GROUP, 2, weight, None).unwrap()
    }

    #[test]
    fn six_subjects_by_hand() {
        // At risk (group 0, group 1) at the events 1, 2, 4, 5: (3, 3), (2, 3), (1, 2), (1, 1).
        // Expected of group 0: 1/2 + 2/5 + 1/3 + 1/2 = 26/15; observed 2. Variance: 1/4 + 6/25 + 2/9 + 1/4.
        let result = two_groups(LogRankWeight::LogRank);
        let variance = 0.25 + 0.24 + 2.0 / 9.0 + 0.25;
        assert_eq!((result.groups[0].n, result.groups[0].observed), (3, 2.0));
        assert!((result.groups[0].expected - 26.0 / 15.0).abs() < 1e-15);
        assert!((result.groups[1].expected - 34.0 / 15.0).abs() < 1e-15);
        assert!((result.variance[0][0] - variance).abs() < 1e-15);
        assert!((result.test.statistic.unwrap() - (4.0f64 / 15.0).powi(2) / variance).abs() < 1e-14);
    }

    #[test]
    fn each_weight_by_hand() {
        // The same table; differences of group 0: 1/2, -2/5, -1/3, 1/2; S(t-): 1, 5/6, 2/3, 4/9.
        let expect = |weights: [f64; 4], weight| {
            let result = two_groups(weight);
            let u: f64 = weights.iter().zip([0.5, -0.4, -1.0 / 3.0, 0.5]).map(|(w, d)| w * d).sum();
            let v: f64 = weights.iter().zip([0.25, 0.24, 2.0 / 9.0, 0.25]).map(|(w, v)| w * w * v).sum();
            assert!((result.test.statistic.unwrap() - u * u / v).abs() < 1e-13, "{weight:?}");
        };
        expect([6.0, 5.0, 3.0, 2.0], LogRankWeight::Gehan);
        expect([6f64.sqrt(), 5f64.sqrt(), 3f64.sqrt(), 2f64.sqrt()], LogRankWeight::TaroneWare);
        let survival = [1.0, 5.0 / 6.0, 2.0 / 3.0, 4.0 / 9.0];
        expect(survival, LogRankWeight::FlemingHarrington { rho: 1.0, gamma: 0.0 });
        expect(survival.map(|s| s * (1.0 - s)), LogRankWeight::FlemingHarrington { rho: 1.0, gamma: 1.0 });
        // 1 - 1/7 = 6/7, times 1 - 1/6, times 1 - 1/4, times 1 - 1/3.
        expect([6.0 / 7.0, 5.0 / 7.0, 15.0 / 28.0, 5.0 / 14.0], LogRankWeight::PetoPeto);
    }

    #[test]
    fn trend_of_two_groups_is_the_signed_root_and_the_only_pair_is_the_test() {
        let result = two_groups(LogRankWeight::LogRank);
        let data = SurvivalData::new(&TIME, &EVENT);
        let trend = log_rank_trend(&data, &GROUP, &[0.0, 1.0], LogRankWeight::LogRank, None).unwrap();
        // Group 0 has more events than expected: the hazard falls with the score.
        assert!((trend.statistic.unwrap() + result.test.statistic.unwrap().sqrt()).abs() < 1e-14);
        assert!((trend.p_value - result.test.p_value).abs() < 1e-14);
        let pairs = log_rank_pairwise(&data, &GROUP, 2, LogRankWeight::LogRank, None).unwrap();
        assert_eq!(pairs[0].test.as_ref(), Some(&result.test));
    }

    #[test]
    fn a_group_that_never_meets_another_takes_its_degree_of_freedom_with_it() {
        // Group 2 has no rows; groups 0 and 1 are those of the two-group test.
        let data = SurvivalData::new(&TIME, &EVENT);
        let result = log_rank(&data, &GROUP, 3, LogRankWeight::LogRank, None).unwrap();
        assert_eq!(result.test, two_groups(LogRankWeight::LogRank).test);
        // In strata where only one group is present nothing can be compared.
        let error = log_rank(&data, &GROUP, 2, LogRankWeight::LogRank, Some(&GROUP)).unwrap_err();
        assert!(matches!(error, StatsError::Undefined { .. }));
        let error = log_rank_trend(&data, &GROUP, &[0.0, 1.0], LogRankWeight::LogRank, Some(&GROUP)).unwrap_err();
        assert!(matches!(error, StatsError::Undefined { .. }));
        let error = log_rank_trend(&data, &GROUP, &[1.0, 1.0], LogRankWeight::LogRank, None).unwrap_err();
        assert!(matches!(error, StatsError::Undefined { .. }));
    }

    #[test]
    fn a_later_entry_keeps_a_subject_out_of_earlier_risk_sets() {
        // Group 1's first subject enters at 1: at the event at 1 the risk sets are (3, 2), later all is as before.
        let data = SurvivalData::new(&TIME, &EVENT).with_entry(&[0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        let result = log_rank(&data, &GROUP, 2, LogRankWeight::LogRank, None).unwrap();
        assert!((result.groups[0].expected - (0.6 + 0.4 + 1.0 / 3.0 + 0.5)).abs() < 1e-15);
    }

    #[test]
    fn wrong_input_is_an_error() {
        let data = SurvivalData::new(&TIME, &EVENT);
        let test = |data: &SurvivalData, group: &[usize], count, weight| log_rank(data, group, count, weight, None);
        assert!(matches!(test(&data, &GROUP, 1, LogRankWeight::LogRank), Err(StatsError::TooFew { .. })));
        assert!(matches!(
            test(&data, &[0, 1, 2, 0, 1, 0], 2, LogRankWeight::LogRank),
            Err(StatsError::InvalidAt { index: 2, .. })
        ));
        let weight = LogRankWeight::FlemingHarrington { rho: -1.0, gamma: 0.0 };
        assert!(matches!(test(&data, &GROUP, 2, weight), Err(StatsError::OutOfRange { .. })));
        let censored = SurvivalData::new(&TIME, &[false; 6]);
        assert_eq!(test(&censored, &GROUP, 2, LogRankWeight::LogRank).unwrap_err(), StatsError::NoEvents);
        let half = data.with_weight(&[0.5; 6]);
        assert!(matches!(test(&half, &GROUP, 2, LogRankWeight::LogRank), Err(StatsError::InvalidAt { index: 0, .. })));
    }
}
