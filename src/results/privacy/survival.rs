//! Survival by group: what of it may be told, and no small group.

use super::Rule;
use super::curve::{Counted, OverTime, Point, choose};
use crate::results::{CurvePoint, GroupSurvival, PartitionFacts, SurvivalAnalysis, SurvivalComparisons};
use crate::stats::Estimate;

/// The sets that were taken away, of those in which the outcome itself may be told.
pub(super) fn withhold(
    survival: &mut SurvivalAnalysis,
    partitions: &[PartitionFacts],
    rule: Rule,
    keeps: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let outcome = survival.outcome.clone();
    survival.partitions.retain(|partition| keeps(&outcome, &partition.partition));
    let sets: Vec<(&str, Vec<Counted>)> = survival
        .partitions
        .iter()
        .map(|partition| (partition.partition.as_str(), partition.groups.iter().map(counted).collect()))
        .collect();
    let found = choose(&sets, partitions, rule);
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for (mut partition, told) in std::mem::take(&mut survival.partitions).into_iter().zip(found) {
        let Some(told) = told else {
            taken.push(partition.partition);
            continue;
        };
        for (at, (group, told)) in partition.groups.iter_mut().zip(&told).enumerate() {
            if group.median.is_some() && !told.median {
                (group.median, group.median_withheld) = (None, true);
            }
            let GroupSurvival { at_risk, curve, censored_at, rates, .. } = group;
            OverTime { at_risk, curve, censored_at, rates }.keep(told, &survival.rate_times);
            // Nor does the curve end at a point of the grid before its median where that is told.
            let median = group.tallies.median_point.filter(|_| told.median);
            if let Some(median) = median.filter(|median| group.curve.iter().all(|point| point.time != median.time)) {
                group.curve.push(median);
                group.curve.sort_by(|one, other| one.time.total_cmp(&other.time));
            }
            if !told.restricted {
                hide_mean(&mut partition.comparisons, at, &group.label);
            }
        }
        kept.push(partition);
    }
    survival.partitions = kept;
    taken
}

fn counted(group: &GroupSurvival) -> Counted {
    Counted { n: group.n, events: group.events, tallies: group.tallies.clone() }
}

/// The mean time without the event tells of few events as a rate at its end does.
fn hide_mean(comparisons: &mut SurvivalComparisons, group: usize, label: &str) {
    if let Some(mean) = comparisons.restricted_means.get_mut(group) {
        *mean = None;
    }
    comparisons.mean_differences.retain(|pair| pair.first != label && pair.second != label);
}

impl Point for CurvePoint {
    fn time(&self) -> f64 {
        self.time
    }

    fn at(time: f64, rate: &Estimate) -> Self {
        let limits = rate.interval.as_ref().map_or((rate.value, rate.value), |limits| (limits.lower, limits.upper));
        CurvePoint { time, survival: rate.value, lower: limits.0, upper: limits.1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{CurveTallies, PartitionSurvival, Tally};

    /// 40 subjects, an event at each of the months 1 to 10, the other 30 followed to month 20.
    fn group() -> GroupSurvival {
        let tally = |month: usize| Tally { events: month.min(10), at_risk: 40 - month.saturating_sub(1).min(10) };
        let point = |month: usize| {
            let survival = 1.0 - month.min(10) as f64 / 40.0;
            CurvePoint { time: month as f64, survival, lower: survival - 0.1, upper: survival }
        };
        let rate = |month: usize| Some(Estimate::new(point(month).survival, 40));
        GroupSurvival {
            label: "Low".to_string(),
            n: 40,
            events: 10,
            median: Some(Estimate::new(9.0, 40)),
            median_withheld: false,
            rates: vec![rate(2), rate(5)],
            at_risk: vec![Some(40), Some(37), Some(30), Some(3)],
            curve: (0..=20).map(point).collect(),
            censored_at: vec![2.0, 20.0],
            tallies: CurveTallies {
                curve: (0..=20).map(tally).collect(),
                rates: vec![tally(2), tally(5)],
                ticks: [(0, 40), (3, 37), (10, 30), (10, 3)]
                    .map(|(events, at_risk)| Tally { events, at_risk })
                    .to_vec(),
                median: Some(tally(9)),
                median_point: None,
                restricted: Some(tally(3)),
            },
        }
    }

    fn withheld(groups: Vec<GroupSurvival>) -> (SurvivalAnalysis, Vec<String>) {
        let mut survival = SurvivalAnalysis {
            outcome: "death".to_string(),
            level: 0.95,
            grouped_by: "risk".to_string(),
            group_labels: groups.iter().map(|group| group.label.clone()).collect(),
            rate_times: vec![2.0, 5.0],
            risk_table_times: vec![0.0, 4.0, 12.0, 24.0],
            entry: None,
            partitions: vec![PartitionSurvival {
                partition: "test".to_string(),
                comparisons: SurvivalComparisons {
                    restricted_to: Some(3.0),
                    restricted_means: vec![Some(Estimate::new(2.9, 40)); groups.len()],
                    ..SurvivalComparisons::default()
                },
                groups,
                log_rank: None,
            }],
        };
        let taken = withhold(&mut survival, &[], Rule { minimum: 5 }, |_, _| true);
        (survival, taken)
    }

    #[test]
    fn ninety_five_percent_of_forty_is_two_deaths_and_not_told() {
        let (survival, taken) = withheld(vec![group()]);
        assert!(taken.is_empty());
        let partition = &survival.partitions[0];
        let group = &partition.groups[0];
        assert!(group.rates[0].is_none() && group.rates[1].is_some());
        assert!(partition.comparisons.restricted_means[0].is_none(), "three events by the end of the mean");
        assert!(group.median.is_none() && group.median_withheld, "nine events are four from five, one from ten");
    }

    #[test]
    fn a_curve_is_told_between_enough_events_and_as_far_as_enough_are_at_risk() {
        let (survival, _) = withheld(vec![group()]);
        let group = &survival.partitions[0].groups[0];
        let told: Vec<f64> = group.curve.iter().map(|point| point.time).collect();
        let after = (10..=20).map(f64::from);
        assert_eq!(told, [0.0, 5.0].into_iter().chain(after).collect::<Vec<_>>());
        assert_eq!(group.at_risk, [Some(40), None, Some(30)], "37 are three from 40, 3 are few");
        assert_eq!(group.censored_at, [5.0, 20.0], "a mark stands at the next point that is told");
    }

    #[test]
    fn a_curve_reaches_a_median_that_the_grid_passes_by() {
        let mut early = group();
        early.tallies.median = Some(Tally { events: 5, at_risk: 36 });
        early.tallies.median_point = Some(CurvePoint { time: 5.25, survival: 0.5, lower: 0.4, upper: 0.6 });
        let (survival, _) = withheld(vec![early]);
        assert!(survival.partitions[0].groups[0].curve.iter().any(|point| point.time == 5.25));
    }

    #[test]
    fn results_without_tallies_tell_nothing_over_time() {
        let mut without = group();
        without.tallies = CurveTallies::default();
        let (survival, _) = withheld(vec![without]);
        let group = &survival.partitions[0].groups[0];
        assert!(group.curve.is_empty() && group.at_risk.is_empty() && group.rates.iter().all(Option::is_none));
    }

    #[test]
    fn a_small_group_takes_its_set_with_it() {
        let mut small = group();
        small.events = 3;
        let (survival, taken) = withheld(vec![group(), small]);
        assert!(survival.partitions.is_empty());
        assert_eq!(taken, ["test"]);
    }
}
