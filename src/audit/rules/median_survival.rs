//! V705: a median survival, against survival at times.

use super::Rule;
use super::support::span;
use super::survival_rates::{are_survival, unit_of_rates};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, Reported, Survival, SurvivalGroup, days_in, says_not_reached};
use crate::audit::statement::Statement;

const CODE: &str = "V705";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "median-survival",
    checks: "that survival is 50 percent or less after a median and 50 percent or more before it, and that it never is below \
             50 percent where the median is not reached",
    why: "The median is the time at which the curve comes down to one half.",
    example: "median survival 20 months, and 65 percent alive at 24 months",
    silent: "unless times are printed in order; for rates of another kind (`rates_are:`) or that all rise; for \"NR\", which may be \"not reported\"; where no unit of \
             time is stated (`time_unit:`, `median_unit:`) and the medians of all groups would do in another unit than the \
             times",
    strongest: Verdict::Inconsistent,
    run,
};

/// What a median is multiplied by to be in the unit of the times, where neither unit is stated.
const UNITS: [f64; 8] = [12.0, 365.25, 30.4375, 52.18, 7.0, 4.348, 1.0 / 12.0, 1.0 / 365.25];

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Survival(survival) = &section.body else { continue };
        let Some(unit) = unit_of_rates(survival).filter(|_| are_survival(survival)) else { continue };
        let times: Option<Vec<f64>> = survival.times.iter().map(Figure::value).collect();
        let Some(times) = times.filter(|times| times.windows(2).all(|pair| pair[0] < pair[1])) else { continue };
        let groups: Vec<&SurvivalGroup> =
            survival.groups.iter().filter(|group| group.median.is_some() && group.rates.len() == times.len()).collect();
        let stated = factor(survival);
        let conflicts = |by: f64| -> Vec<Conflict<'_>> {
            groups.iter().filter_map(|group| conflict(group, &times, unit, by)).collect()
        };
        let found = conflicts(stated.unwrap_or(1.0));
        let other = stated.is_none() && UNITS.iter().chain([&(1.0 / 30.4375)]).any(|&by| conflicts(by).is_empty());
        for group in &groups {
            let clash = found.iter().find(|conflict| conflict.group == group.name);
            judge(&section.name, group, clash, other, sink);
        }
    }
}

/// The unit of the medians over that of the times; `None` where the file does not state it.
fn factor(survival: &Survival) -> Option<f64> {
    let of_times = survival.time_unit.as_deref()?;
    let of_medians = survival.median_unit.as_deref().unwrap_or(of_times);
    if of_times == of_medians {
        return Some(1.0);
    }
    Some(days_in(of_medians)? / days_in(of_times)?)
}

struct Conflict<'a> {
    group: &'a str,
    time: f64,
    rate: &'a Figure,
    in_percent: bool,
    /// The rate is to be at most one half; else at least.
    at_most: bool,
}

fn conflict<'a>(group: &'a SurvivalGroup, times: &[f64], unit: f64, by: f64) -> Option<Conflict<'a>> {
    let median = group.median.as_ref()?;
    let span_of_median =
        if says_not_reached(&median.text) { Some((f64::INFINITY, f64::INFINITY)) } else { span(median, by) };
    let (mut low, mut high) = span_of_median?;
    // Months of 30 days, years of 12 months: conversions differ a little.
    if by != 1.0 {
        (low, high) = (0.97 * low, 1.03 * high);
    }
    times.iter().zip(&group.rates).find_map(|(&time, rate)| {
        let rate = &rate.estimate;
        let (least, most) = span(rate, unit)?;
        let at_most = time > high && least > 0.5;
        let at_least = time < low && most < 0.5;
        (at_most || at_least).then_some(Conflict { group: &group.name, time, rate, in_percent: unit != 1.0, at_most })
    })
}

fn judge(section: &str, group: &SurvivalGroup, clash: Option<&Conflict<'_>>, other_unit: bool, sink: &mut Sink) {
    let Some(median) = &group.median else { return };
    let mut leaves = vec![median.leaf];
    let Some(clash) = clash else {
        if median.number.is_some() || says_not_reached(&median.text) {
            leaves.extend(group.rates.iter().map(|rate| rate.estimate.leaf));
            sink.pass(CODE, leaves, "median and rates can be of one curve");
        }
        return;
    };
    leaves.push(clash.rate.leaf);
    // A median that is never reached is not reached in any unit.
    if other_unit && median.number.is_some() {
        sink.undecidable(
            CODE,
            leaves,
            "not of one curve, unless medians and times are in different units (`median_unit:`)",
        );
        return;
    }
    let message = format!("median survival {}, and survival of {} at {}", median.text, clash.rate.text, clash.time);
    let (half, whole) = if clash.in_percent { (50.0, 100.0) } else { (0.5, 1.0) };
    let (low, high) = if clash.at_most { (0.0, half) } else { (half, whole) };
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{section}/{}/median", group.name), leaves, message)
            .assuming("median and rates are of one Kaplan-Meier curve")
            .stating(Statement::OutOfRange { leaf: clash.rate.leaf, low, high }),
    );
}
