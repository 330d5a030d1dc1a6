//! The Kaplan-Meier (product-limit) estimate of the survival curve.
//!
//! Estimand: S(t), the probability to be free of the event after time t.
//! Formula: S(t) = Π over event times t_j <= t of (1 - d_j / n_j), with d_j events among n_j at risk. Greenwood's
//! variance: Var S(t) = S(t)² Σ d_j / (n_j (n_j - d_j)).
//! Pointwise intervals, with z the normal critical value and s² = Σ d_j / (n_j (n_j - d_j)) the variance of ln S(t):
//! - plain: S ± z S s, limited to 0 and 1;
//! - log: S exp(± z s), limited to 1;
//! - log-log: S to the power of exp(± z s / ln S);
//! - logit: expit(logit S ± z s / (1 - S));
//! - arcsine: sin²(arcsin √S ± z s √(S / (1 - S)) / 2), the angle limited to 0 and π/2.
//!
//! The default is log, which is the default of R's `survfit`; log-log keeps inside 0 and 1 by itself.
//!
//! Assumptions: censoring (and entry) tells nothing of the event.
//! Input, ties, missing values: see [`super::data`]. Weights that are whole stand for that many copies of a row. Where one
//! is not (of inverse probabilities, say), the variance of ln S is the infinitesimal jackknife's, Σ w² U² over rows with
//! U = -∫ dM(u)/(n(u) - d(u)) and M a row's martingale, and the interval's method says so; R's `survfit` chooses likewise.
//! Row order: no effect on a single bit.
//!
//! Edge cases: no event gives S = 1 with standard error 0. Where everybody left at risk has the event, S is 0, and
//! standard error and limits are absent, because Greenwood's formula is 0 · ∞ there (R prints NaN and NA). While S is 1
//! after a censoring, log-log, logit and arcsine have no limits. Before the first observed time the curve is 1 with
//! limits 1; after the last observed time it stays at its last value, as `summary(fit, times, extend = TRUE)` in R.
//!
//! Source: Kaplan and Meier 1958, doi:10.2307/2281868; Greenwood 1926; intervals: Borgan and Liestøl 1990,
//! doi:10.2307/4616155 (log-log and arcsine).
//! Oracle: R survival 3.5-3, `survfit(Surv(time, status) ~ 1, conf.type =)` and its `summary`.

use super::data::SurvivalData;
use super::influence_sums::{Move, variances};
use super::risk_table::{RiskRow, risk_table};
use super::survival_quantile::quantile_of;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Estimate, number};
use serde::{Deserialize, Serialize};

/// The scale on which the pointwise interval is symmetric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurvivalInterval {
    Plain,
    #[default]
    Log,
    LogLog,
    Logit,
    Arcsine,
}

impl SurvivalInterval {
    /// As a table's footnote prints it.
    pub fn method(self, variance: SurvivalVariance) -> &'static str {
        if variance == SurvivalVariance::InfinitesimalJackknife {
            return match self {
                SurvivalInterval::Plain => "infinitesimal jackknife, plain",
                SurvivalInterval::Log => "infinitesimal jackknife, log",
                SurvivalInterval::LogLog => "infinitesimal jackknife, log-log",
                SurvivalInterval::Logit => "infinitesimal jackknife, logit",
                SurvivalInterval::Arcsine => "infinitesimal jackknife, arcsine",
            };
        }
        match self {
            SurvivalInterval::Plain => "Greenwood, plain",
            SurvivalInterval::Log => "Greenwood, log",
            SurvivalInterval::LogLog => "Greenwood, log-log",
            SurvivalInterval::Logit => "Greenwood, logit",
            SurvivalInterval::Arcsine => "Greenwood, arcsine",
        }
    }

    /// As [`Self::method`], for a curve made from a cumulative hazard.
    pub(crate) fn method_of_hazard(self) -> &'static str {
        match self {
            SurvivalInterval::Plain => "Nelson-Aalen, plain",
            SurvivalInterval::Log => "Nelson-Aalen, log",
            SurvivalInterval::LogLog => "Nelson-Aalen, log-log",
            SurvivalInterval::Logit => "Nelson-Aalen, logit",
            SurvivalInterval::Arcsine => "Nelson-Aalen, arcsine",
        }
    }

    /// As [`Self::method`], for a cumulative incidence.
    pub(crate) fn method_of_incidence(self) -> &'static str {
        match self {
            SurvivalInterval::Plain => "Aalen-Johansen, plain",
            SurvivalInterval::Log => "Aalen-Johansen, log",
            SurvivalInterval::LogLog => "Aalen-Johansen, log-log",
            SurvivalInterval::Logit => "Aalen-Johansen, logit",
            SurvivalInterval::Arcsine => "Aalen-Johansen, arcsine",
        }
    }

    /// Limits of a probability whose logarithm has standard error `log_error`; `None` where the scale has none.
    pub(crate) fn limits(self, survival: f64, log_error: f64, critical: f64) -> Option<SurvivalLimits> {
        if survival <= 0.0 || !log_error.is_finite() {
            return None;
        }
        let margin = critical * log_error;
        let limits = |lower: f64, upper: f64| Some(SurvivalLimits { lower, upper });
        match self {
            SurvivalInterval::Plain => {
                limits((survival - margin * survival).max(0.0), (survival + margin * survival).min(1.0))
            }
            SurvivalInterval::Log => {
                let factor = margin.exp();
                limits(survival / factor, (survival * factor).min(1.0))
            }
            _ if survival >= 1.0 => None,
            SurvivalInterval::LogLog => {
                let log = survival.ln();
                limits((log * (-margin / log).exp()).exp(), (log * (margin / log).exp()).exp())
            }
            SurvivalInterval::Logit => {
                let (logit, half_width) = ((survival / (1.0 - survival)).ln(), margin / (1.0 - survival));
                limits(expit(logit - half_width), expit(logit + half_width))
            }
            SurvivalInterval::Arcsine => {
                let angle = survival.sqrt().asin();
                let half_width = 0.5 * margin * (survival / (1.0 - survival)).sqrt();
                let limit = |angle: f64| angle.clamp(0.0, std::f64::consts::FRAC_PI_2).sin().powi(2);
                limits(limit(angle - half_width), limit(angle + half_width))
            }
        }
    }
}

fn expit(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// Where the standard errors come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurvivalVariance {
    /// Of rows that count as so many subjects.
    #[default]
    Greenwood,
    /// Of rows whose weights are not whole.
    InfinitesimalJackknife,
}

impl SurvivalVariance {
    fn is_greenwood(&self) -> bool {
        *self == SurvivalVariance::Greenwood
    }
}

/// The two limits of a pointwise interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SurvivalLimits {
    pub lower: f64,
    pub upper: f64,
}

/// How the pointwise intervals are made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KaplanMeierOptions {
    /// Coverage of the pointwise intervals. Default 0.95.
    pub level: f64,
    /// Scale of the pointwise intervals. Default log, as R's `survfit`.
    pub interval: SurvivalInterval,
}

impl Default for KaplanMeierOptions {
    fn default() -> Self {
        Self { level: 0.95, interval: SurvivalInterval::default() }
    }
}

/// The curve from `time` to the next step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KaplanMeierStep {
    pub time: f64,
    /// At risk just before `time`.
    pub at_risk: f64,
    /// Events at `time`.
    pub events: f64,
    /// Censorings at `time`.
    pub censored: f64,
    /// S(t) from `time` on.
    pub survival: f64,
    /// Of the survival itself (not of its logarithm). Absent where the survival is 0.
    pub standard_error: Option<f64>,
    /// Limits of the pointwise interval, absent where its scale has none.
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// A survival curve with a step at every time at which a subject leaves, by event or by censoring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KaplanMeier {
    /// By rising time.
    pub steps: Vec<KaplanMeierStep>,
    /// Rows of the input that have a weight.
    pub n: usize,
    /// Of these, those that end in the event.
    pub events: usize,
    /// When each row came under observation, ascending; absent where all are from the origin on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<Entrance>>,
    /// Coverage and scale of the pointwise intervals.
    pub level: f64,
    pub interval_method: SurvivalInterval,
    #[serde(default, skip_serializing_if = "SurvivalVariance::is_greenwood")]
    pub variance: SurvivalVariance,
}

/// How many come under observation right after a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entrance {
    #[serde(with = "number")]
    pub time: f64,
    pub entered: f64,
}

/// The Kaplan-Meier curve of all rows of `data`.
pub fn kaplan_meier(data: &SurvivalData, options: &KaplanMeierOptions) -> Result<KaplanMeier, StatsError> {
    require_level(options.level)?;
    let table = risk_table(data)?;
    let (variance, log_variances) = match data.require_whole_weights() {
        Ok(()) => (SurvivalVariance::Greenwood, greenwood(&table)),
        Err(_) => (SurvivalVariance::InfinitesimalJackknife, jackknife(data, &table)),
    };
    Ok(KaplanMeier {
        steps: steps(&table, &log_variances, options),
        n: data.counted_rows(),
        events: data.counted_events(),
        entries: data.entry.map(|entry| entrances(entry, data)),
        level: options.level,
        interval_method: options.interval,
        variance,
    })
}

/// The variance of ln S after each row.
fn greenwood(table: &[RiskRow]) -> Vec<f64> {
    let mut sum = 0.0;
    let terms = table.iter().map(|row| {
        if row.events > 0.0 && !row.all_have_event {
            sum += row.events / (row.at_risk * (row.at_risk - row.events));
        }
        sum
    });
    terms.collect()
}

/// As [`greenwood`], from the rows' influences.
fn jackknife(data: &SurvivalData, table: &[RiskRow]) -> Vec<f64> {
    let moves: Vec<Move<1>> = table
        .iter()
        .map(|row| {
            let each = if row.all_have_event { 0.0 } else { 1.0 / (row.at_risk - row.events) };
            Move { at_risk: [-each * row.events / row.at_risk], events: vec![[each]], coefficient: [1.0] }
        })
        .collect();
    variances(data, |row| usize::from(data.event[row]), table, &moves)
}

fn steps(table: &[RiskRow], log_variances: &[f64], options: &KaplanMeierOptions) -> Vec<KaplanMeierStep> {
    let critical = normal_critical(options.level);
    let mut survival = 1.0;
    let mut limits = options.interval.limits(1.0, 0.0, critical);
    let mut standard_error = Some(0.0);
    let mut steps = Vec::with_capacity(table.len());
    for (row, log_variance) in table.iter().zip(log_variances) {
        if row.events > 0.0 {
            survival *= if row.all_have_event { 0.0 } else { (row.at_risk - row.events) / row.at_risk };
            let log_error = log_variance.sqrt();
            standard_error = (survival > 0.0).then_some(survival * log_error);
            limits = options.interval.limits(survival, log_error, critical);
        }
        steps.push(KaplanMeierStep {
            time: row.time,
            at_risk: row.at_risk,
            events: row.events,
            censored: row.censored,
            survival,
            standard_error,
            lower: limits.map(|limits| limits.lower),
            upper: limits.map(|limits| limits.upper),
        });
    }
    steps
}

fn entrances(entry: &[f64], data: &SurvivalData) -> Vec<Entrance> {
    let weighted = entry.iter().enumerate().map(|(row, time)| (*time, data.weight_of(row)));
    let mut order: Vec<(f64, f64)> = weighted.filter(|(_, weight)| *weight > 0.0).collect();
    order.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let mut entrances: Vec<Entrance> = Vec::new();
    for (time, entered) in order {
        match entrances.last_mut() {
            Some(last) if last.time == time => last.entered += entered,
            _ => entrances.push(Entrance { time, entered }),
        }
    }
    entrances
}

impl KaplanMeier {
    /// The last step at or before `time`; `None` before the first.
    fn step_at(&self, time: f64) -> Option<&KaplanMeierStep> {
        let after = self.steps.partition_point(|step| step.time <= time);
        after.checked_sub(1).map(|index| &self.steps[index])
    }

    /// S(t): 1 before the first observed time, the last value of the curve after the last observed time.
    pub fn survival_at(&self, time: f64) -> f64 {
        self.step_at(time).map_or(1.0, |step| step.survival)
    }

    /// S(t) with its standard error and interval; extended after the last observed time as [`Self::survival_at`].
    pub fn at(&self, time: f64) -> Estimate {
        let Some(step) = self.step_at(time) else {
            let method = self.interval_method.method(self.variance);
            return Estimate::new(1.0, self.n).with_standard_error(0.0).with_interval(1.0, 1.0, self.level, method);
        };
        let mut estimate = Estimate::new(step.survival, self.n);
        estimate.standard_error = step.standard_error;
        match (step.lower, step.upper) {
            (Some(lower), Some(upper)) => {
                estimate.with_interval(lower, upper, self.level, self.interval_method.method(self.variance))
            }
            _ => estimate,
        }
    }

    /// How many are at risk just before `time`: the number of a risk table below a plot.
    pub fn at_risk(&self, time: f64) -> f64 {
        let next = self.steps.partition_point(|step| step.time < time);
        let Some(step) = self.steps.get(next) else {
            return 0.0;
        };
        match &self.entries {
            None => step.at_risk,
            // Those at risk at the next step, less those who enter between.
            Some(entries) => {
                let from = entries.partition_point(|entrance| entrance.time < time);
                let to = entries.partition_point(|entrance| entrance.time < step.time);
                let entered: f64 = entries[from..to].iter().map(|entrance| entrance.entered).sum();
                (step.at_risk - entered).max(0.0)
            }
        }
    }

    /// The median survival time; see [`super::survival_quantile`] for curves that do not reach one half.
    pub fn median(&self) -> Estimate {
        quantile_of(self, 0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 6] = [1.0, 2.0, 2.0, 3.0, 4.0, 5.0];
    const EVENT: [bool; 6] = [true, true, false, true, false, true];

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() <= 1e-14 * right.abs().max(1.0)
    }

    fn fit(options: KaplanMeierOptions) -> KaplanMeier {
        kaplan_meier(&SurvivalData::new(&TIME, &EVENT), &options).unwrap()
    }

    #[test]
    fn six_subjects_by_hand() {
        // S(1) = 5/6, S(2) = 5/6 · 4/5 = 2/3 (the censored at 2 is at risk at 2), S(3) = 2/3 · 2/3 = 4/9, S(5) = 0.
        let curve = fit(KaplanMeierOptions::default());
        for (time, survival) in [(0.5, 1.0), (1.0, 5.0 / 6.0), (2.5, 2.0 / 3.0), (3.0, 4.0 / 9.0), (4.9, 4.0 / 9.0)] {
            assert!(close(curve.at(time).value, survival), "{time}");
        }
        // Greenwood at 2: (2/3)² (1/(6·5) + 1/(5·4)) = 4/9 · 1/12 = 1/27.
        assert!(close(curve.at(2.0).standard_error.unwrap(), (1.0f64 / 27.0).sqrt()));
        assert_eq!(
            (curve.at_risk(2.0), curve.at_risk(2.1), curve.at_risk(5.0), curve.at_risk(5.1)),
            (5.0, 3.0, 1.0, 0.0)
        );
        assert_eq!((curve.n, curve.events), (6, 4));
        let end = curve.at(9.0);
        assert_eq!((end.value, end.standard_error, end.interval), (0.0, None, None));
    }

    #[test]
    fn every_scale_of_the_interval_by_its_formula() {
        // At 2: S = 2/3, s² = 1/12.
        let (survival, error, z) = (2.0f64 / 3.0, (1.0f64 / 12.0).sqrt(), 1.959963984540054);
        let limits = |interval| {
            let found = fit(KaplanMeierOptions { interval, ..Default::default() }).at(2.0).interval.unwrap();
            (found.lower, found.upper)
        };
        let (lower, upper) = limits(SurvivalInterval::Plain);
        assert!(close(lower, survival * (1.0 - z * error)) && upper == 1.0);
        let (lower, upper) = limits(SurvivalInterval::Log);
        assert!(close(lower, survival * (-z * error).exp()) && upper == 1.0);
        let (lower, upper) = limits(SurvivalInterval::LogLog);
        let theta = z * error / survival.ln();
        assert!(close(lower, survival.powf((-theta).exp())) && close(upper, survival.powf(theta.exp())));
        let (lower, upper) = limits(SurvivalInterval::Logit);
        // Odds 2, and 1 / (1 - S) = 3.
        let factor = (3.0 * z * error).exp();
        assert!(close(lower, 2.0 / factor / (1.0 + 2.0 / factor)) && close(upper, 2.0 * factor / (1.0 + 2.0 * factor)));
        let (lower, _) = limits(SurvivalInterval::Arcsine);
        assert!(close(lower, (survival.sqrt().asin() - 0.5 * z * error * 2f64.sqrt()).sin().powi(2)));
    }

    #[test]
    fn no_event_one_subject_and_a_curve_that_ends_at_zero() {
        let censored = kaplan_meier(&SurvivalData::new(&[1.0, 2.0], &[false; 2]), &Default::default()).unwrap();
        let estimate = censored.at(3.0);
        assert_eq!((estimate.value, estimate.standard_error), (1.0, Some(0.0)));
        assert_eq!(censored.median().value, f64::INFINITY);
        let one = kaplan_meier(&SurvivalData::new(&[2.0], &[true]), &Default::default()).unwrap();
        assert_eq!((one.at(1.9).value, one.at(2.0).value, one.median().value), (1.0, 0.0, 2.0));
        let options = KaplanMeierOptions { interval: SurvivalInterval::LogLog, ..Default::default() };
        let censored = kaplan_meier(&SurvivalData::new(&[1.0, 2.0], &[false; 2]), &options).unwrap();
        assert_eq!(censored.steps[0].lower, None);
    }

    #[test]
    fn weights_that_are_not_whole_weigh_the_influence_of_a_row() {
        // R survival 3.5-3, summary(survfit(Surv(time, status) ~ 1, weights = w)).
        let weight = [0.5, 1.25, 2.0, 0.75, 1.0, 1.5];
        let curve = kaplan_meier(&SurvivalData::new(&TIME, &EVENT).with_weight(&weight), &Default::default()).unwrap();
        assert_eq!(curve.variance, SurvivalVariance::InfinitesimalJackknife);
        let expected = [
            (1.0, 0.9285714285714286, 0.07331687685306078),
            (2.0, 0.75, 0.1754185955748973),
            (3.0, 0.5769230769230769, 0.22175160500092014),
        ];
        for (time, survival, error) in expected {
            let at = curve.at(time);
            assert!(close(at.value, survival) && close(at.standard_error.unwrap(), error), "{time}");
        }
        assert_eq!(curve.at(3.0).interval.unwrap().method, "infinitesimal jackknife, log");
    }

    #[test]
    fn the_level_is_strictly_between_zero_and_one() {
        for level in [0.0, 1.0, -0.5, f64::NAN] {
            let options = KaplanMeierOptions { level, ..Default::default() };
            assert!(kaplan_meier(&SurvivalData::new(&TIME, &EVENT), &options).is_err());
        }
    }

    #[test]
    fn the_number_at_risk_between_steps_counts_entries() {
        // Rows (0, 4], (1, 4], (3, 4]: just before 2 there are two at risk, just before 1 one.
        let data = SurvivalData::new(&[4.0; 3], &[true, false, false]).with_entry(&[0.0, 1.0, 3.0]);
        let curve = kaplan_meier(&data, &Default::default()).unwrap();
        assert_eq!(
            (curve.at_risk(1.0), curve.at_risk(2.0), curve.at_risk(3.0), curve.at_risk(4.0)),
            (1.0, 2.0, 2.0, 3.0)
        );
    }
}
