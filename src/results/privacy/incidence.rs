//! Cumulative incidence by group: as survival by group, by the events of interest.

use super::Rule;
use super::curve::{Counted, OverTime, Point, choose};
use crate::results::{GroupIncidence, IncidenceAnalysis, IncidencePoint, PartitionFacts};
use crate::stats::Estimate;

/// The sets that were taken away, of those in which the outcome itself may be told.
pub(super) fn withhold(
    incidence: &mut IncidenceAnalysis,
    partitions: &[PartitionFacts],
    rule: Rule,
    keeps: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let (outcome, competing) = (incidence.outcome.clone(), incidence.competing.clone());
    incidence.partitions.retain(|partition| keeps(&outcome, &partition.partition));
    let counted = |group: &GroupIncidence| Counted { n: group.n, events: group.events, tallies: group.tallies.clone() };
    let sets: Vec<(&str, Vec<Counted>)> = incidence
        .partitions
        .iter()
        .map(|partition| (partition.partition.as_str(), partition.groups.iter().map(counted).collect()))
        .collect();
    let found = choose(&sets, partitions, rule);
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for (mut partition, told) in std::mem::take(&mut incidence.partitions).into_iter().zip(found) {
        let Some(told) = told else {
            taken.push(partition.partition);
            continue;
        };
        for (group, told) in partition.groups.iter_mut().zip(&told) {
            let GroupIncidence { at_risk, curve, censored_at, rates, .. } = group;
            OverTime { at_risk, curve, censored_at, rates }.keep(told, &incidence.rate_times);
        }
        // One small number would follow from the others and the set: none of the set's is told. Nor is who has neither event.
        let tells = competing.iter().all(|other| keeps(other, &partition.partition));
        let few = |group: &GroupIncidence| {
            let with = |count: usize| [count, group.n.saturating_sub(group.events + count)];
            group.competing.is_some_and(|count| with(count).into_iter().any(|count| rule.is_small(count)))
        };
        if !tells || partition.groups.iter().any(few) {
            partition.groups.iter_mut().for_each(|group| group.competing = None);
        }
        kept.push(partition);
    }
    incidence.partitions = kept;
    taken
}

impl Point for IncidencePoint {
    fn time(&self) -> f64 {
        self.time
    }

    fn at(time: f64, rate: &Estimate) -> Self {
        let limits = rate.interval.as_ref();
        let (lower, upper) = (limits.map(|limits| limits.lower), limits.map(|limits| limits.upper));
        IncidencePoint { time, incidence: rate.value, lower, upper }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{CurveTallies, PartitionIncidence, Tally};

    fn group(n: usize, events: usize, competing: usize) -> GroupIncidence {
        let point = |month: usize| IncidencePoint {
            time: month as f64,
            incidence: month as f64 / 100.0,
            lower: None,
            upper: None,
        };
        let tally = |month: usize, at_risk: usize| Tally { events: month.min(events), at_risk };
        GroupIncidence {
            label: "Young".to_string(),
            n,
            events,
            competing: Some(competing),
            rates: vec![Some(Estimate::new(0.1, n)), Some(Estimate::new(0.2, n))],
            at_risk: vec![Some(n), Some(80), Some(3)],
            curve: (0..=30).map(point).collect(),
            censored_at: vec![2.0, 25.0],
            tallies: CurveTallies {
                // An event a month; a competing one as well, in the second half of its month.
                curve: (0..=30).map(|month| tally(month, n - (2 * month).min(n))).collect(),
                rates: vec![tally(5, n - 10), tally(25, 3)],
                ticks: vec![tally(0, n), tally(20, 80), tally(20, 3)],
                ..CurveTallies::default()
            },
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

    /// Twenty events in all, one a month.
    #[test]
    fn an_incidence_curve_is_coarsened_and_not_withheld() {
        let mut found = analysis(vec![group(100, 20, 10)]);
        assert!(withhold(&mut found, &[], Rule { minimum: 5 }, |_, _| true).is_empty());
        let group = &found.partitions[0].groups[0];
        let times: Vec<f64> = group.curve.iter().map(|point| point.time).collect();
        let after = (20..=30).map(f64::from);
        assert_eq!(times, [0.0, 5.0, 10.0, 15.0].into_iter().chain(after).collect::<Vec<_>>());
        assert_eq!((group.at_risk.as_slice(), group.competing), ([Some(100), Some(80)].as_slice(), Some(10)));
        assert!(group.rates[0].is_some() && group.rates[1].is_none(), "few are at risk at 25 months");
        assert_eq!(group.censored_at, [5.0, 25.0]);
    }

    #[test]
    fn a_small_number_of_competing_events_takes_those_of_the_set_with_it() {
        let mut found = analysis(vec![group(100, 20, 4), group(90, 20, 30)]);
        withhold(&mut found, &[], Rule { minimum: 5 }, |_, _| true);
        assert!(found.partitions[0].groups.iter().all(|group| group.competing.is_none() && !group.curve.is_empty()));
        let mut found = analysis(vec![group(100, 4, 20), group(90, 20, 30)]);
        assert_eq!(withhold(&mut found, &[], Rule { minimum: 5 }, |_, _| true), ["all"]);
    }
}
