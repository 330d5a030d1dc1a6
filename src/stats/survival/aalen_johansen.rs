//! The cumulative incidence of each of several competing causes (Aalen-Johansen).
//!
//! Estimand: F_k(t), the probability of an event of cause k by t, in a world in which the other causes exist.
//! Formula: F_k(t) = Σ over event times t_j <= t of S(t_j-) d_kj / n_j, with S the Kaplan-Meier curve of all causes
//! together; Σ_k F_k + S = 1. Variance by the infinitesimal jackknife, Σ over subjects of U² with
//! U = ∫ S(u-)/n(u) dM_k(u) - ∫ (F_k(t) - F_k(u))/(n(u) - d(u)) dM(u), M_k and M the subject's martingales of cause k and of
//! any cause. Where all are at risk from the origin on that is the delta method (Greenwood's where there is one cause): with d_j events of all
//! causes and D_j = F_k(t) - F_k(t_j), the sum over event times of D_j² d_j / (n_j (n_j - d_j)), plus that of
//! S(t_j-)² d_kj (n_j - d_kj) / n_j³, less twice that of D_j S(t_j-) d_kj / n_j². Limits on the log-log scale of F by
//! default, F to the power of exp(± z s / (F ln F)); other scales as in [`SurvivalInterval`].
//! Weights: whole ones are copies of a row; others weigh the influence of one subject, Σ w² U², as R does with all weights.
//!
//! Assumptions: censoring tells nothing of the event or its cause.
//! Input, ties, weights, missing values: [`super::competing_risks`]. Row order: no effect on a single bit.
//!
//! Edge cases: a cause without events has incidence 0, standard error 0 and no limits. After the last observed time the
//! curve stays at its last value.
//!
//! Source: Aalen and Johansen 1978; Gaynor et al. 1993, doi:10.1080/01621459.1993.10476289; Marubini and Valsecchi 1995
//! (the delta-method variance); Choudhury 2002, doi:10.1002/sim.1075 (log-log limits).
//! Oracle: R survival 3.5-3, `summary(survfit(Surv(time, factor(cause)) ~ 1), times)`, whose infinitesimal-jackknife
//! standard errors are these, also with late entry (`Surv(entry, time, …)`, `id =` one for each row); cmprsk's `cuminc` has a variance that differs in the fourth digit.

use super::competing_risks::{CauseTable, CompetingRisksData, require_cause};
use super::influence_sums::{Move, variances};
use super::kaplan_meier::SurvivalInterval;
use super::risk_table::RiskRow;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// How the pointwise intervals are made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AalenJohansenOptions {
    /// Coverage of the pointwise intervals. Default 0.95.
    pub level: f64,
    /// Scale of the pointwise intervals of the incidence. Default log-log.
    pub interval: SurvivalInterval,
}

impl Default for AalenJohansenOptions {
    fn default() -> Self {
        Self { level: 0.95, interval: SurvivalInterval::LogLog }
    }
}

/// The incidence of one cause from `time` to the next step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidenceStep {
    pub time: f64,
    /// At risk, of all causes, just before `time`.
    pub at_risk: f64,
    /// Events of this cause.
    pub events: f64,
    /// Events of the other causes.
    pub competing: f64,
    pub censored: f64,
    pub incidence: f64,
    pub standard_error: f64,
    /// Limits of the pointwise interval, absent where its scale has none.
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// The curve of one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CumulativeIncidence {
    /// From 1.
    pub cause: usize,
    /// By rising time.
    pub steps: Vec<IncidenceStep>,
    /// Rows of the input that have a weight.
    pub n: usize,
    pub level: f64,
    pub interval_method: SurvivalInterval,
}

/// The curves of all causes, in the order of their numbers.
pub fn aalen_johansen(
    data: &CompetingRisksData,
    options: &AalenJohansenOptions,
) -> Result<Vec<CumulativeIncidence>, StatsError> {
    require_level(options.level)?;
    let table = data.table()?;
    Ok((1..=data.cause_count).map(|cause| curve(data, &table, cause, options)).collect())
}

/// The curve of one cause.
pub fn cumulative_incidence(
    data: &CompetingRisksData,
    cause: usize,
    options: &AalenJohansenOptions,
) -> Result<CumulativeIncidence, StatsError> {
    require_level(options.level)?;
    require_cause(cause, data.cause_count)?;
    Ok(curve(data, &data.table()?, cause, options))
}

fn curve(
    data: &CompetingRisksData,
    table: &CauseTable,
    cause: usize,
    options: &AalenJohansenOptions,
) -> CumulativeIncidence {
    let any_event = data.any_event();
    let all_causes = data.all_causes(&any_event);
    let critical = normal_critical(options.level);
    let mut steps = Vec::with_capacity(table.rows.len());
    let (mut survival, mut incidence) = (1.0, 0.0);
    let mut variance = RunningVariance::default();
    // Only where all are at risk from the origin on, as copies of rows, do the subjects' influences add up to the delta method.
    let one_by_one = data.entry.is_some() || all_causes.require_whole_weights().is_err();
    let mut moves = Vec::new();
    for (row, events) in table.rows.iter().zip(&table.events[cause - 1]) {
        if row.events > 0.0 {
            let rise = survival * events / row.at_risk;
            incidence += rise;
            variance.add(survival, rise, *events, row.events, row.at_risk, row.all_have_event);
        }
        if one_by_one {
            moves.push(influence(row, *events, survival, incidence, cause, data.cause_count));
        }
        survival *= if row.all_have_event { 0.0 } else { (row.at_risk - row.events) / row.at_risk };
        steps.push(IncidenceStep {
            time: row.time,
            at_risk: row.at_risk,
            events: *events,
            competing: row.events - events,
            censored: row.censored,
            incidence,
            standard_error: variance.value().sqrt(),
            lower: None,
            upper: None,
        });
    }
    if one_by_one {
        let variances = variances(&all_causes, |row| data.cause[row], &table.rows, &moves);
        steps.iter_mut().zip(variances).for_each(|(step, variance)| step.standard_error = variance.sqrt());
    }
    for step in &mut steps {
        let limits = options.interval.limits(step.incidence, step.standard_error / step.incidence, critical);
        (step.lower, step.upper) = (limits.map(|limits| limits.lower), limits.map(|limits| limits.upper));
    }
    let (level, interval_method, n) = (options.level, options.interval, all_causes.counted_rows());
    CumulativeIncidence { cause, steps, n, level, interval_method }
}

/// How a subject's influence on F moves at one time: the integrals of S(u-)/n dM_k, of dM/(n - d) and of F(u) dM/(n - d),
/// of which the second counts with -F(t).
fn influence(row: &RiskRow, events: f64, survival: f64, incidence: f64, cause: usize, causes: usize) -> Move<3> {
    let own = survival / row.at_risk;
    // Where nobody is left the curve cannot rise again: the term would be infinite times zero.
    let any = if row.all_have_event { 0.0 } else { 1.0 / (row.at_risk - row.events) };
    let hazard = row.events / row.at_risk;
    Move {
        at_risk: [-own * events / row.at_risk, -any * hazard, -any * hazard * incidence],
        events: (1..=causes).map(|of| [if of == cause { own } else { 0.0 }, any, any * incidence]).collect(),
        coefficient: [1.0, -incidence, 1.0],
    }
}

/// The variance's three sums, moved on with each rise of the curve: squares of differences are added up as the
/// differences grow, so that nothing is cancelled.
#[derive(Default)]
struct RunningVariance {
    /// Σ a_j, Σ a_j D_j and Σ a_j D_j², with a_j = d_j / (n_j (n_j - d_j)) and D_j = F(t) - F(t_j).
    total: f64,
    first: f64,
    second: f64,
    /// Σ c_j and Σ c_j D_j, with c_j = S(t_j-) d_kj / n_j².
    own_total: f64,
    own_first: f64,
    /// Σ S(t_j-)² d_kj (n_j - d_kj) / n_j³.
    binomial: f64,
}

impl RunningVariance {
    fn add(&mut self, survival: f64, rise: f64, events: f64, all_events: f64, at_risk: f64, all_have_event: bool) {
        self.second += rise * (2.0 * self.first + rise * self.total);
        self.first += rise * self.total;
        self.own_first += rise * self.own_total;
        // Where nobody is left the curve cannot rise again: the term would be infinite times zero.
        if !all_have_event {
            self.total += all_events / (at_risk * (at_risk - all_events));
        }
        self.own_total += survival * events / (at_risk * at_risk);
        self.binomial += survival * survival * events * (at_risk - events) / (at_risk * at_risk * at_risk);
    }

    fn value(&self) -> f64 {
        (self.second + self.binomial - 2.0 * self.own_first).max(0.0)
    }
}

impl CumulativeIncidence {
    /// F(t) with its standard error and interval.
    pub fn at(&self, time: f64) -> Estimate {
        let after = self.steps.partition_point(|step| step.time <= time);
        let Some(step) = after.checked_sub(1).map(|index| &self.steps[index]) else {
            return Estimate::new(0.0, self.n).with_standard_error(0.0);
        };
        let estimate = Estimate::new(step.incidence, self.n).with_standard_error(step.standard_error);
        match (step.lower, step.upper) {
            (Some(lower), Some(upper)) => {
                estimate.with_interval(lower, upper, self.level, self.interval_method.method_of_incidence())
            }
            _ => estimate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
    use super::*;
    use crate::stats::survival::SurvivalData;

    #[test]
    fn five_subjects_by_hand() {
        // Cause 1 at 1, cause 2 at 2, censored at 3, cause 1 at 4, censored at 5.
        // S: 4/5 at 1, 3/5 at 2, 3/10 at 4. F1: 1/5 at 1, 1/5 + 3/5 · 1/2 = 1/2 at 4; F2: 4/5 · 1/4 = 1/5 at 2.
        let (time, cause) = ([1.0, 2.0, 3.0, 4.0, 5.0], [1, 2, 0, 1, 0]);
        let curves = aalen_johansen(&CompetingRisksData::new(&time, &cause, 2), &Default::default()).unwrap();
        assert!((curves[0].at(4.5).value - 0.5).abs() < 1e-15 && (curves[1].at(4.5).value - 0.2).abs() < 1e-15);
        assert_eq!((curves[0].at(0.5).value, curves[1].at(1.9).value), (0.0, 0.0));
        // Variance of F1 at 4. D² a: at 1 (3/10)² · 1/20, at 2 (3/10)² · 1/12. Own: at 1 1 · 4/125, at 4 (3/5)² · 1/8.
        // Cross: -2 · 3/10 · 1/25 at 1.
        let variance = 0.09 / 20.0 + 0.09 / 12.0 + 4.0 / 125.0 + 0.36 / 8.0 - 0.6 / 25.0;
        assert!((curves[0].at(4.0).standard_error.unwrap().powi(2) - variance).abs() < 1e-15);
    }

    #[test]
    fn one_cause_is_kaplan_meier_with_greenwood() {
        let time = [1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0];
        let event = [true, true, false, true, true, true, false, true];
        let cause = event.map(usize::from);
        let curve = cumulative_incidence(&CompetingRisksData::new(&time, &cause, 1), 1, &Default::default()).unwrap();
        let survival = kaplan_meier(&SurvivalData::new(&time, &event), &KaplanMeierOptions::default()).unwrap();
        for (step, other) in curve.steps.iter().zip(&survival.steps) {
            assert!((step.incidence - (1.0 - other.survival)).abs() < 1e-14);
            assert!((step.standard_error.powi(2) - other.standard_error.unwrap_or(0.0).powi(2)).abs() < 1e-15);
        }
    }

    #[test]
    fn late_entry_and_weights_that_are_not_whole_are_as_in_r() {
        // R survival 3.5-3, summary(survfit(Surv(entry, time, factor(cause, 0:2)) ~ 1, id = 1:5, weights =))$std.err.
        let (entry, time, cause) = ([0.0, 0.0, 1.0, 2.0, 2.5], [2.0, 3.0, 4.0, 5.0, 6.0], [1, 0, 2, 1, 2]);
        let weight = [0.5, 1.5, 2.25, 0.75, 1.0];
        let data = CompetingRisksData { entry: Some(&entry), ..CompetingRisksData::new(&time, &cause, 2) };
        let errors = |data: CompetingRisksData| {
            let curve = cumulative_incidence(&data, 1, &Default::default()).unwrap();
            [curve.at(2.0), curve.at(5.0)].map(|at| at.standard_error.unwrap())
        };
        let close = |found: [f64; 2], expected: [f64; 2]| (0..2).all(|i| (found[i] - expected[i]).abs() < 1e-14);
        assert!(close(errors(data), [0.272165526975909, 0.277159806427699]));
        let data = CompetingRisksData { weight: Some(&weight), ..data };
        assert!(close(errors(data), [0.127980913556449, 0.220616178258757]));
        assert!(close(errors(CompetingRisksData { entry: None, ..data }), [0.0868749722444223, 0.197971685841387]));
    }

    #[test]
    fn where_all_are_there_from_the_origin_on_the_jackknife_is_the_delta_method() {
        let time = [1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 5.0, 6.0, 6.0, 8.0];
        let cause = [1, 2, 0, 1, 1, 0, 2, 1, 2, 0];
        let data = CompetingRisksData::new(&time, &cause, 2);
        let entered = CompetingRisksData { entry: Some(&[0.0; 10]), ..data };
        let curves = |data| aalen_johansen(data, &Default::default()).unwrap();
        for (one, other) in curves(&data).iter().zip(&curves(&entered)) {
            for (one, other) in one.steps.iter().zip(&other.steps).filter(|(step, _)| step.time > 0.0) {
                assert!((one.standard_error - other.standard_error).abs() < 1e-14, "{}", one.time);
            }
        }
    }

    #[test]
    fn a_cause_without_events_has_incidence_zero() {
        let data = CompetingRisksData::new(&[1.0, 2.0], &[1, 0], 2);
        let estimate = cumulative_incidence(&data, 2, &Default::default()).unwrap().at(5.0);
        assert_eq!((estimate.value, estimate.standard_error, estimate.interval), (0.0, Some(0.0), None));
        assert!(cumulative_incidence(&data, 3, &Default::default()).is_err());
    }
}
