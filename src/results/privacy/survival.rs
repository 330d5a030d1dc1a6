//! Survival by group: no curve beyond the time at which few are at risk, no step of few events, no small group.

use super::Rule;
use super::curve::{OverTime, Point};
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

fn shorten(group: &mut GroupSurvival, risk_times: &[f64], rate_times: &[f64], rule: Rule) {
    let GroupSurvival { at_risk, curve, censored_at, rates, .. } = group;
    OverTime { at_risk, curve, censored_at, rates }.shorten(risk_times, rate_times, rule);
}

impl Point for CurvePoint {
    fn time(&self) -> f64 {
        self.time
    }

    fn free(&self) -> f64 {
        self.survival
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
