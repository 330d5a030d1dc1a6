//! Cumulative incidence by group: as survival by group, no curve beyond the time at which few are at risk, no step of few
//! events, no small group.

use super::Rule;
use super::curve::{OverTime, Point};
use crate::results::{GroupIncidence, IncidenceAnalysis, IncidencePoint, PartitionIncidence};

/// The sets that were taken away, of those in which the outcome itself may be told.
pub(super) fn withhold(
    incidence: &mut IncidenceAnalysis,
    rule: Rule,
    keeps: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let (outcome, competing) = (incidence.outcome.clone(), incidence.competing.clone());
    let is_small = |group: &GroupIncidence| {
        rule.is_small(group.n) || rule.is_small(group.events) || rule.is_small(group.n - group.events)
    };
    incidence.partitions.retain(|partition| keeps(&outcome, &partition.partition));
    let has_small = |partition: &PartitionIncidence| partition.groups.iter().any(is_small);
    let taken = incidence.partitions.iter().filter(|partition| has_small(partition));
    let taken = taken.map(|partition| partition.partition.clone()).collect();
    incidence.partitions.retain(|partition| !has_small(partition));
    for partition in &mut incidence.partitions {
        // One small number would follow from the others and the set: none of the set's is told.
        let told = competing.iter().all(|other| keeps(other, &partition.partition));
        let few = |group: &GroupIncidence| group.competing.is_some_and(|count| rule.is_small(count));
        if !told || partition.groups.iter().any(few) {
            partition.groups.iter_mut().for_each(|group| group.competing = None);
        }
    }
    let (risk_times, rate_times) = (incidence.risk_table_times.clone(), incidence.rate_times.clone());
    for group in incidence.partitions.iter_mut().flat_map(|partition| &mut partition.groups) {
        let GroupIncidence { at_risk, curve, censored_at, rates, .. } = group;
        OverTime { at_risk, curve, censored_at, rates }.shorten(&risk_times, &rate_times, rule);
    }
    taken
}

impl Point for IncidencePoint {
    fn time(&self) -> f64 {
        self.time
    }

    fn free(&self) -> f64 {
        1.0 - self.incidence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Estimate;

    fn group(n: usize, events: usize, competing: usize) -> GroupIncidence {
        let point = |month: usize| IncidencePoint {
            time: month as f64,
            incidence: month as f64 / 100.0,
            lower: None,
            upper: None,
        };
        GroupIncidence {
            label: "Young".to_string(),
            n,
            events,
            competing: Some(competing),
            rates: vec![Some(Estimate::new(0.1, n)), Some(Estimate::new(0.2, n))],
            at_risk: vec![n, 80, 3],
            curve: (0..=30).map(point).collect(),
            censored_at: vec![2.0, 25.0],
        }
    }

    fn analysis(groups: Vec<GroupIncidence>) -> IncidenceAnalysis {
        IncidenceAnalysis {
            outcome: "relapse".to_string(),
            competing: vec!["dead".to_string()],
            level: 0.95,
            grouped_by: "age".to_string(),
            group_labels: groups.iter().map(|group| group.label.clone()).collect(),
            rate_times: vec![5.0, 25.0],
            risk_table_times: vec![0.0, 20.0, 40.0],
            horizon: 40.0,
            partitions: vec![PartitionIncidence { partition: "all".to_string(), groups, gray: None }],
        }
    }

    /// 80 are at risk at 20 months: five events are a rise of 0.0625, then of 5/80 of what is left.
    #[test]
    fn an_incidence_curve_is_coarsened_and_not_withheld() {
        let mut found = analysis(vec![group(100, 20, 10)]);
        assert!(withhold(&mut found, Rule { minimum: 5 }, |_, _| true).is_empty());
        let group = &found.partitions[0].groups[0];
        let times: Vec<f64> = group.curve.iter().map(|point| point.time).collect();
        assert_eq!(times, [0.0, 7.0, 13.0, 19.0]);
        assert_eq!((group.at_risk.as_slice(), group.competing), ([100, 80].as_slice(), Some(10)));
        assert!(group.rates[0].is_some() && group.rates[1].is_none(), "few are at risk at 25 months");
        assert_eq!(group.censored_at, [7.0]);
    }

    #[test]
    fn a_small_number_of_competing_events_takes_those_of_the_set_with_it() {
        let mut found = analysis(vec![group(100, 20, 4), group(90, 20, 30)]);
        withhold(&mut found, Rule { minimum: 5 }, |_, _| true);
        assert!(found.partitions[0].groups.iter().all(|group| group.competing.is_none() && !group.curve.is_empty()));
        let mut found = analysis(vec![group(100, 4, 20), group(90, 20, 30)]);
        assert_eq!(withhold(&mut found, Rule { minimum: 5 }, |_, _| true), ["all"]);
    }
}
