//! Gray's test: whether the cumulative incidence of one cause is the same in two or more groups.
//!
//! Null hypothesis: F_1g(t), the cumulative incidence of the cause in group g, is the same for all groups.
//! Formula: a log-rank comparison of subdistribution hazards. With Y_g at risk in group g, S_g its Kaplan-Meier curve of
//! all causes, h_g = Y_g / S_g(t-) and R_g = h_g (1 - F_1g(t-)), the score of group g is
//! z_g = Σ W(t) (d_1g - d_1 R_g / R), sums over g without index; W = (1 - F⁰(t-))^ρ, with F⁰ the incidence pooled
//! by dF⁰ = d_1 / h. Its covariance, from the martingales of both kinds of events: with
//! a_gr = W h_g (1{g = r} - h_r / h) and c_gr(t) = ∫ a_gr dF⁰ / (1 - F⁰) up to t, the sum over groups r of
//! ∫ A_gr A_g'r dF⁰ / h_r, A_gr = a_gr + (1 - (1 - F⁰) / S_r) (c_gr(∞) - c_gr), and of
//! ∫ B_gr B_g'r dF_2r / h_r, B_gr = (1 - F⁰) / S_r · (c_gr(∞) - c_gr), both with the hypergeometric factor for ties,
//! 1 - (d - 1) / (n - 1). z'V⁻z over all groups but one is chi-squared. Strata: scores and covariances are added.
//!
//! Assumptions: censoring is alike in the groups, or at least independent of the event within them.
//! Input, ties, missing values: [`super::competing_risks`]; entry times and weights are errors here.
//! Row order: no effect on a single bit.
//!
//! Edge cases: no event of the cause is an error; so are groups that were never at risk together.
//!
//! Source: Gray 1988, doi:10.1214/aos/1176350951.
//! Oracle: R cmprsk 2.2-11, `cuminc(time, cause, group, strata, rho)$Tests`.

use super::competing_risks::{CompetingRisksData, require_cause};
use super::data::{tie_tolerance, time_key};
use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::{StatsError, require_same_length};
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};
use serde::{Deserialize, Serialize};

/// The test and the scores behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrayTest {
    pub test: Test,
    /// Observed minus expected events of the cause, by group; all add up to zero.
    pub score: Vec<f64>,
}

/// Tests the cumulative incidence of `cause` between groups numbered from 0; `rho` 0 weighs all times alike.
pub fn gray(
    data: &CompetingRisksData,
    cause: usize,
    group: &[usize],
    group_count: usize,
    rho: f64,
    strata: Option<&[usize]>,
) -> Result<GrayTest, StatsError> {
    check(data, cause, group, group_count, rho, strata)?;
    let mut rows: Vec<Row> = (0..data.time.len())
        .map(|row| Row {
            stratum: strata.map_or(0, |strata| strata[row]),
            key: time_key(data.time[row], data.cause[row] == 0),
            time: data.time[row],
            kind: match data.cause[row] {
                0 => Kind::Censored,
                other if other == cause => Kind::Event,
                _ => Kind::Competing,
            },
            group: group[row],
        })
        .collect();
    if !rows.iter().any(|row| row.kind == Kind::Event) {
        return Err(StatsError::NoEvents);
    }
    // Counts are whole numbers: rows alike in stratum and key may be in any order.
    rows.sort_unstable_by_key(|row| (row.stratum, row.key));
    let tolerance = tie_tolerance(&[data.time]);
    let mut score = vec![0.0; group_count];
    let mut variance = Matrix::zeros(group_count, group_count);
    for stratum in rows.chunk_by(|left, right| left.stratum == right.stratum) {
        Sweep::new(group_count, rho).run(stratum, tolerance, &mut score, &mut variance);
    }
    let statistic = quadratic_form(&score, &variance)?;
    let df = (group_count - 1) as f64;
    let test = Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(statistic, df),
        alternative: Alternative::TwoSided,
        method: if strata.is_some() { "Gray, stratified" } else { "Gray" }.into(),
    };
    Ok(GrayTest { test, score })
}

fn check(
    data: &CompetingRisksData,
    cause: usize,
    group: &[usize],
    group_count: usize,
    rho: f64,
    strata: Option<&[usize]>,
) -> Result<(), StatsError> {
    data.check()?;
    require_cause(cause, data.cause_count)?;
    require_same_length("survival time", data.time.len(), "group", group.len())?;
    if let Some(strata) = strata {
        require_same_length("survival time", data.time.len(), "stratum", strata.len())?;
    }
    if data.entry.is_some() || data.weight.is_some() {
        return Err(StatsError::Undefined { what: "Gray's test", why: "subjects enter late or are weighted" });
    }
    if group_count < 2 {
        return Err(StatsError::TooFew { what: "a test between groups", needed: 2, found: group_count });
    }
    if !rho.is_finite() {
        return Err(StatsError::OutOfRange { what: "rho of Gray's test", value: rho, expected: "finite" });
    }
    if let Some(index) = group.iter().position(|group| *group >= group_count) {
        return Err(StatsError::InvalidAt { what: "group", index, expected: "below the number of groups" });
    }
    match (0..group_count).find(|wanted| !group.contains(wanted)) {
        Some(_) => Err(StatsError::Undefined { what: "Gray's test", why: "a group has no subject" }),
        None => Ok(()),
    }
}

/// The last group's score follows from the others.
fn quadratic_form(score: &[f64], variance: &Matrix) -> Result<f64, StatsError> {
    let free = score.len() - 1;
    let mut part = Matrix::zeros(free, free);
    for i in 0..free {
        for j in 0..free {
            part.set(i, j, variance.get(i, j));
        }
    }
    match Cholesky::new(&part, 1e-10) {
        Ok(cholesky) => Ok(dot(&score[..free], &cholesky.solve(&score[..free]))),
        Err(_) => Err(StatsError::Undefined {
            what: "Gray's test",
            why: "some groups were never at risk together when an event happened",
        }),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Event,
    Competing,
    Censored,
}

#[derive(Clone, Copy)]
struct Row {
    stratum: usize,
    key: u64,
    time: f64,
    kind: Kind,
    group: usize,
}

/// One group at the current time; `_before` is the left limit.
#[derive(Clone, Copy)]
struct Group {
    at_risk: f64,
    events: f64,
    competing: f64,
    leaving: f64,
    survival_before: f64,
    survival: f64,
    incidence_before: f64,
    incidence: f64,
}

impl Group {
    /// h, the number at risk had nobody had an event yet.
    fn potential(&self) -> f64 {
        if self.at_risk > 0.0 { self.at_risk / self.survival_before } else { 0.0 }
    }

    /// R, the number at risk of the subdistribution.
    fn subdistribution(&self) -> f64 {
        self.potential() * (1.0 - self.incidence_before)
    }
}

/// One pass over a stratum. The covariance needs c(∞), which is known at the end only; its sums are therefore kept by
/// the powers of c(∞) that they are multiplied with.
struct Sweep {
    rho: f64,
    groups: Vec<Group>,
    /// F⁰ before and at the current time.
    pooled_before: f64,
    pooled: f64,
    /// c by group and group.
    c: Matrix,
    /// Σ weight · factor², and Σ weight · factor · (a - factor c), by group r (and g).
    quadratic: Vec<f64>,
    linear: Matrix,
}

impl Sweep {
    fn new(group_count: usize, rho: f64) -> Self {
        let group = Group {
            at_risk: 0.0,
            events: 0.0,
            competing: 0.0,
            leaving: 0.0,
            survival_before: 1.0,
            survival: 1.0,
            incidence_before: 0.0,
            incidence: 0.0,
        };
        Self {
            rho,
            groups: vec![group; group_count],
            pooled_before: 0.0,
            pooled: 0.0,
            c: Matrix::zeros(group_count, group_count),
            quadratic: vec![0.0; group_count],
            linear: Matrix::zeros(group_count, group_count),
        }
    }

    fn run(mut self, rows: &[Row], tolerance: f64, score: &mut [f64], variance: &mut Matrix) {
        for row in rows {
            self.groups[row.group].at_risk += 1.0;
        }
        for tied in rows.chunk_by(|left, right| right.time - left.time <= tolerance) {
            for row in tied {
                let group = &mut self.groups[row.group];
                group.leaving += 1.0;
                match row.kind {
                    Kind::Event => group.events += 1.0,
                    Kind::Competing => group.competing += 1.0,
                    Kind::Censored => {}
                }
            }
            if tied.iter().any(|row| row.kind != Kind::Censored) {
                self.add_time(score, variance);
            }
            for group in &mut self.groups {
                group.at_risk -= group.leaving;
                group.survival_before = group.survival;
                group.incidence_before = group.incidence;
                (group.events, group.competing, group.leaving) = (0.0, 0.0, 0.0);
            }
            self.pooled_before = self.pooled;
        }
        let count = self.groups.len();
        for g in 0..count {
            for other in 0..count {
                for r in 0..count {
                    let (c, c_other) = (self.c.get(g, r), self.c.get(other, r));
                    let value = c * c_other * self.quadratic[r]
                        + c * self.linear.get(other, r)
                        + c_other * self.linear.get(g, r);
                    variance.add(g, other, value);
                }
            }
        }
    }

    fn add_time(&mut self, score: &mut [f64], variance: &mut Matrix) {
        let events: f64 = self.groups.iter().map(|group| group.events).sum();
        let potential: f64 = self.groups.iter().map(Group::potential).sum();
        let subdistribution: f64 = self.groups.iter().map(Group::subdistribution).sum();
        for group in self.groups.iter_mut().filter(|group| group.at_risk > 0.0) {
            let ending = group.events + group.competing;
            group.survival = group.survival_before * ((group.at_risk - ending) / group.at_risk);
            group.incidence = group.incidence_before + group.survival_before * group.events / group.at_risk;
        }
        self.pooled = self.pooled_before + events / potential;
        let weight = (1.0 - self.pooled_before).powf(self.rho);
        let a = self.contrasts(weight, potential);
        if events > 0.0 {
            let step = events / (potential * (1.0 - self.pooled_before));
            for (g, (score, group)) in score.iter_mut().zip(&self.groups).enumerate() {
                *score += weight * (group.events - events * group.subdistribution() / subdistribution);
                for r in 0..self.groups.len() {
                    self.c.add(g, r, a.get(g, r) * step);
                }
            }
        }
        for r in 0..self.groups.len() {
            let group = self.groups[r];
            if group.at_risk <= 0.0 {
                continue;
            }
            let before = group.survival_before;
            if events > 0.0 {
                let factor = if group.survival > 0.0 { 1.0 - (1.0 - self.pooled) / group.survival } else { 1.0 };
                let spread = ties(events, potential * before) * before * events / (potential * group.at_risk);
                self.add_spread(r, spread, factor, |g| a.get(g, r), variance);
            }
            if group.competing > 0.0 && group.survival > 0.0 {
                let factor = -(1.0 - self.pooled) / group.survival;
                let increments = group.competing * (before / group.at_risk).powi(2);
                self.add_spread(r, ties(group.competing, group.at_risk) * increments, factor, |_| 0.0, variance);
            }
        }
    }

    /// a by group g and group r.
    fn contrasts(&self, weight: f64, potential: f64) -> Matrix {
        let count = self.groups.len();
        let mut a = Matrix::zeros(count, count);
        for g in 0..count {
            let own = self.groups[g].potential();
            for r in 0..count {
                let kept = f64::from(g == r) - self.groups[r].potential() / potential;
                a.set(g, r, weight * own * kept);
            }
        }
        a
    }

    /// Adds spread · (a_g + factor (c_g(∞) - c_g)) (a_h + factor (c_h(∞) - c_h)), sorted by powers of c(∞).
    fn add_spread(&mut self, r: usize, spread: f64, factor: f64, a: impl Fn(usize) -> f64, variance: &mut Matrix) {
        self.quadratic[r] += spread * factor * factor;
        for g in 0..self.groups.len() {
            let known = a(g) - factor * self.c.get(g, r);
            self.linear.add(g, r, spread * factor * known);
            for h in 0..self.groups.len() {
                variance.add(g, h, spread * known * (a(h) - factor * self.c.get(h, r)));
            }
        }
    }
}

/// The hypergeometric factor of `count` events at one time among `among`. As in cmprsk it has no bound: with heavy ties the
/// pooled number at risk can be less than the events, and the factor negative.
fn ties(count: f64, among: f64) -> f64 {
    if count > 1.0 && among != 1.0 { 1.0 - (count - 1.0) / (among - 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::data::SurvivalData;
    use super::super::log_rank::{LogRankWeight, log_rank};
    use super::*;
    use crate::stats::random::Seed;

    #[test]
    fn two_subjects_at_risk_by_hand() {
        // One event of the cause, at 1, in group 0 with one subject in each group: score 1/2, and h = R = 1 for both.
        // a = (1/2, -1/2), F⁰ = 1/2 at 1, c = a · (1/2) / 1 at 1 and ever after: only a counts, A = a.
        // V = Σ_r a_r² · dF⁰ / h_r = 1/4 · 1/2 + 1/4 · 1/2 = 1/4: z²/V = 1, as the log-rank test has it.
        let data = CompetingRisksData::new(&[1.0, 2.0], &[1, 0], 1);
        let result = gray(&data, 1, &[0, 1], 2, 0.0, None).unwrap();
        assert!((result.test.statistic.unwrap() - 1.0).abs() < 1e-14);
        assert_eq!(result.score, vec![0.5, -0.5]);
    }

    #[test]
    fn heavy_ties_are_weighed_as_cmprsk_weighs_them() {
        // R, cmprsk 2.2-11: cuminc(c(2, 1, 2, 2, 1), c(2, 1, 1, 1, 1), c(0, 1, 1, 0, 1))$Tests.
        let data = CompetingRisksData::new(&[2.0, 1.0, 2.0, 2.0, 1.0], &[2, 1, 1, 1, 1], 2);
        let group = [0, 1, 1, 0, 1];
        for (cause, statistic, p_value) in
            [(1, 2.5796201085404178, 0.10824763834922424), (2, 1.2096774193548387, 0.27139601757306009)]
        {
            let test = gray(&data, cause, &group, 2, 0.0, None).unwrap().test;
            assert!((test.statistic.unwrap() - statistic).abs() < 1e-12, "{:?}", test.statistic);
            assert!((test.p_value - p_value).abs() < 1e-12);
        }
    }

    /// Two groups of 60, hazards 1 of the cause and 0.5 of another in both, censored at different rates.
    fn under_the_null(seed: Seed) -> GrayTest {
        let mut stream = seed.stream();
        let (mut time, mut cause, mut group) = (Vec::new(), Vec::new(), Vec::new());
        for subject in 0..120 {
            let side = subject % 2;
            let mut waiting = |rate: f64| -(1.0 - stream.unit()).ln() / rate;
            let (event, competing, censored) = (waiting(1.0), waiting(0.5), waiting([0.3, 0.9][side]));
            let first = event.min(competing).min(censored);
            // Rounded, so that there are ties.
            time.push((first * 50.0).ceil());
            cause.push(if first == event { 1 } else { 2 * usize::from(first == competing) });
            group.push(side);
        }
        gray(&CompetingRisksData::new(&time, &cause, 2), 1, &group, 2, 0.0, None).unwrap()
    }

    #[test]
    fn the_statistic_is_chi_squared_under_the_null() {
        // The mean of n chi-squared values of 1 degree of freedom is 1 with standard error √(2 / n).
        let seed = Seed::from_study(1);
        let values: Vec<f64> =
            (0..800).filter_map(|replicate| under_the_null(seed.replicate(replicate)).test.statistic).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!((mean - 1.0).abs() < 4.0 * (2.0f64 / 800.0).sqrt(), "{mean}");
        let rejected = values.iter().filter(|value| **value > 3.841).count() as f64;
        assert!((rejected / 800.0 - 0.05).abs() < 4.0 * (0.05f64 * 0.95 / 800.0).sqrt(), "{rejected}");
    }

    #[test]
    fn with_one_cause_the_score_is_that_of_the_log_rank_test() {
        let time = [1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let event = [true, true, true, false, true, true, false, true];
        let group = [0, 1, 0, 1, 2, 1, 0, 2];
        let result =
            gray(&CompetingRisksData::new(&time, &event.map(usize::from), 1), 1, &group, 3, 0.0, None).unwrap();
        let other = log_rank(&SurvivalData::new(&time, &event), &group, 3, LogRankWeight::LogRank, None).unwrap();
        for (score, group) in result.score.iter().zip(&other.groups) {
            assert!((score - (group.observed - group.expected)).abs() < 1e-14);
        }
    }

    #[test]
    fn what_cannot_be_compared_is_an_error() {
        let test = |cause: &[usize], group: &[usize], count: usize| {
            gray(&CompetingRisksData::new(&[1.0, 2.0, 3.0], cause, 2), 1, group, count, 0.0, None)
        };
        assert_eq!(test(&[0, 2, 0], &[0, 1, 1], 2).unwrap_err(), StatsError::NoEvents);
        assert!(matches!(test(&[1, 2, 0], &[0, 0, 0], 2), Err(StatsError::Undefined { .. })));
        assert!(matches!(test(&[1, 2, 0], &[0, 1, 2], 2), Err(StatsError::InvalidAt { index: 2, .. })));
        assert!(matches!(test(&[1, 2, 0], &[0, 0, 0], 1), Err(StatsError::TooFew { .. })));
        // The only event happens when group 0 has left.
        assert!(matches!(test(&[0, 1, 0], &[0, 1, 1], 2), Err(StatsError::Undefined { .. })));
    }
}
