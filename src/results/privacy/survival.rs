//! Survival by group: no curve beyond the time at which few are at risk, no step of few events, no small group.

use super::Rule;
use crate::results::{CurvePoint, GroupSurvival, PartitionSurvival, SurvivalAnalysis};

/// The sets that were taken away, of those in which the outcome itself may be told.
pub(super) fn withhold(survival: &mut SurvivalAnalysis, rule: Rule, keeps: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let outcome = survival.outcome.clone();
    let is_small = |group: &GroupSurvival| {
        rule.is_small(group.n) || rule.is_small(group.events) || rule.is_small(group.n - group.events)
    };
    // Of two groups the small one would follow from the other and the set.
    survival.partitions.retain(|partition| keeps(&outcome, &partition.partition));
    let has_small = |partition: &PartitionSurvival| partition.groups.iter().any(is_small);
    let taken = survival.partitions.iter().filter(|partition| has_small(partition));
    let taken = taken.map(|partition| partition.partition.clone()).collect();
    survival.partitions.retain(|partition| !has_small(partition));
    let (risk_times, rate_times) = (survival.risk_table_times.clone(), survival.rate_times.clone());
    for group in survival.partitions.iter_mut().flat_map(|partition| &mut partition.groups) {
        shorten(group, &risk_times, &rate_times, rule);
    }
    taken
}

/// Ends everything at the last time of the risk table at which enough are at risk, and takes away steps of few events.
fn shorten(group: &mut GroupSurvival, risk_times: &[f64], rate_times: &[f64], rule: Rule) {
    let enough = group.at_risk.iter().take_while(|count| **count >= rule.minimum).count();
    let complete = enough == group.at_risk.len();
    group.at_risk.truncate(enough);
    let end = match enough.checked_sub(1).and_then(|last| risk_times.get(last)) {
        Some(end) => *end,
        None => f64::NEG_INFINITY,
    };
    if !complete {
        group.curve.retain(|point| point.time <= end);
        group.censored_at.retain(|time| *time <= end);
        for (rate, time) in group.rates.iter_mut().zip(rate_times) {
            if *time > end {
                *rate = None;
            }
        }
    }
    // Beyond the last time of the table nobody has been counted: as many as there may be few.
    let at_risk_later = |time: f64| {
        let next = risk_times.iter().position(|risk_time| *risk_time >= time);
        next.and_then(|at| group.at_risk.get(at)).copied().unwrap_or(0)
    };
    group.curve = coarse(&group.curve, rule, at_risk_later);
    let grid: Vec<f64> = group.curve.iter().map(|point| point.time).collect();
    // A censoring mark says that at least one left: it stands at the next point that is kept.
    let mut marks: Vec<f64> =
        group.censored_at.iter().filter_map(|time| grid.iter().find(|kept| *kept >= time).copied()).collect();
    marks.dedup();
    group.censored_at = marks;
}

/// Points between which the curve falls by at least `minimum` events. A single event lowers the curve by S/Y, so that a
/// fall from S by Δ is at least Δ·Y/S events, where Y is at most the number at risk: the number at the next time of the
/// risk table is used, which is less, and so the bound holds.
fn coarse(curve: &[CurvePoint], rule: Rule, at_risk_later: impl Fn(f64) -> usize) -> Vec<CurvePoint> {
    let mut kept: Vec<CurvePoint> = Vec::new();
    for point in curve {
        let falls = match kept.last() {
            None => true,
            Some(last) if last.survival == point.survival => true,
            Some(last) => {
                let events = (last.survival - point.survival) * at_risk_later(point.time) as f64 / last.survival;
                events >= rule.minimum as f64 - 1e-9
            }
        };
        if falls {
            kept.push(*point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 at risk, one event a month: a fall of five hundredths is five events while nobody is censored.
    #[test]
    fn steps_of_few_events_are_taken_away() {
        let curve: Vec<CurvePoint> = (0..=20)
            .map(|month| CurvePoint {
                time: f64::from(month),
                survival: 1.0 - f64::from(month) / 100.0,
                lower: 0.0,
                upper: 1.0,
            })
            .collect();
        let kept = coarse(&curve, Rule { minimum: 5 }, |_| 80);
        let times: Vec<f64> = kept.iter().map(|point| point.time).collect();
        // 80 are at risk at the end: 5 events are a fall of 0.0625 from 1, then of 5/80 of what is left.
        assert_eq!(times, [0.0, 7.0, 13.0, 19.0]);
    }

    #[test]
    fn nothing_is_told_of_times_when_few_are_at_risk() {
        let point = |time: f64| CurvePoint { time, survival: 1.0, lower: 1.0, upper: 1.0 };
        let mut group = GroupSurvival {
            label: "Low".to_string(),
            n: 40,
            events: 10,
            median: None,
            rates: vec![Some(crate::stats::Estimate::new(0.9, 40)); 2],
            at_risk: vec![40, 12, 3],
            curve: (0..=9).map(|time| point(f64::from(time))).collect(),
            censored_at: vec![2.0, 7.0],
        };
        shorten(&mut group, &[0.0, 4.0, 8.0], &[1.0, 5.0], Rule { minimum: 5 });
        assert_eq!(group.at_risk, [40, 12]);
        assert_eq!(group.curve.last().unwrap().time, 4.0);
        assert!(group.rates[0].is_some() && group.rates[1].is_none());
        assert_eq!(group.censored_at, [2.0]);
    }
}
