//! What tells of the events by a horizon: the performance of survival models.
//!
//! A set's observed risk tells of the events by the horizon and, beside all its events, of those after it. Along the predicted
//! risk, from the highest down, groups and those acted on at thresholds are nested: of any two of these that are told, the
//! subjects between, those of them with the event by the horizon and those without are nobody or enough. Thresholds that the
//! study names come first; groups are joined with neighbours; the decision curve takes what is left.

use super::Rule;
use super::chain::{Chain, offer};
use super::lattice::Lattice;
use crate::results::{CalibrationGroup, PartitionFacts, SurvivalPerformance, SurvivalPerformanceRow, Undefined};
use crate::stats::Estimate;
use crate::stats::distribution::normal_critical;
use crate::stats::survival::kaplan_meier::SurvivalInterval;

pub(super) fn withhold(performance: &mut SurvivalPerformance, partitions: &[PartitionFacts], rule: Rule) {
    let mut sets: Vec<SurvivalPerformanceRow> = Vec::new();
    for row in &performance.rows {
        if !sets.iter().any(|set| set.partition == row.partition) {
            sets.push(row.clone());
        }
    }
    let told = choose(&sets, partitions, rule);
    for row in &mut performance.rows {
        let of_set = sets.iter().position(|set| set.partition == row.partition).and_then(|at| told.get(at));
        let Told { all, weighted } = of_set.copied().unwrap_or_default();
        let why = || "it would tell of few subjects and is withheld".to_string();
        if all {
            along_the_risk(row, rule);
        } else {
            (row.observed, row.observed_expected_ratio) = (None, None);
            row.groups.clear();
            row.net_benefit.clear();
            row.decision_curve.clear();
            row.undefined.push(Undefined { measure: "O/E".to_string(), why: why() });
        }
        if !weighted {
            // The null model's score is made of the risk of all.
            (row.null_brier, row.scaled_brier) = (None, None);
            if let Some(resampled) = &mut row.resampled {
                resampled.scaled_brier = None;
            }
            row.undefined.push(Undefined { measure: "Scaled Brier score".to_string(), why: why() });
        }
    }
}

/// Whether the risk of all may be told, by the horizon and by the time of AUC and Brier score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Told {
    all: bool,
    weighted: bool,
}

fn choose(sets: &[SurvivalPerformanceRow], partitions: &[PartitionFacts], rule: Rule) -> Vec<Told> {
    let lattice = Lattice::of(sets.iter().map(|set| set.partition.as_str()), partitions);
    let mut chains = vec![Chain::to(0, rule); lattice.regions];
    let mut found = vec![Told::default(); sets.len()];
    for &at in &lattice.order {
        let left = |tells: &dyn Fn(usize) -> bool, count: fn(&SurvivalPerformanceRow) -> usize| {
            let views = lattice.views[at].iter().filter(|view| view.less.iter().all(|&inner| tells(inner)));
            let counts = views.map(|view| {
                let less: usize = view.less.iter().map(|&inner| count(&sets[inner])).sum();
                (view.region, count(&sets[at]).saturating_sub(less))
            });
            counts.collect::<Vec<(usize, usize)>>()
        };
        for (region, events) in left(&|_| true, |set| set.events) {
            chains[region].tell(events);
        }
        let all = offer(&mut chains, &left(&|inner| found[inner].all, |set| set.tallies.all));
        let weighted = offer(&mut chains, &left(&|inner| found[inner].weighted, |set| set.tallies.weighted));
        found[at] = Told { all, weighted };
    }
    found
}

fn along_the_risk(row: &mut SurvivalPerformanceRow, rule: Rule) {
    let tallies = std::mem::take(&mut row.tallies);
    let mut chains = [row.n, tallies.all, row.n.saturating_sub(tallies.all)].map(|total| Chain::to(total, rule));
    let mut is_told = |subjects: usize, events: Option<&usize>| {
        events.is_some_and(|&events| {
            offer(&mut chains, &[(0, subjects), (1, events), (2, subjects.saturating_sub(events))])
        })
    };
    let mut events = tallies.net_benefit.iter();
    row.net_benefit.retain(|point| is_told(point.acted_on, events.next()));

    // A group whose follow-up ends before the horizon is not there: the others would tell of it.
    let groups = std::mem::take(&mut row.groups);
    let all: usize = groups.iter().map(|group| group.observed.n).sum();
    if all == row.n && groups.len() == tallies.groups.len() {
        let (mut subjects, mut events) = (0, 0);
        let mut pending: Vec<&CalibrationGroup> = Vec::new();
        let mut joined = Vec::new();
        for (group, of_group) in groups.iter().zip(&tallies.groups).rev() {
            pending.push(group);
            subjects += group.observed.n;
            events += of_group;
            if is_told(subjects, Some(&events)) {
                joined.push(together(&pending));
                pending.clear();
            }
        }
        row.groups = joined.into_iter().rev().collect();
    }

    let mut events = tallies.decision_curve.iter();
    row.decision_curve.retain(|point| is_told(point.acted_on, events.next()));
}

/// Groups as one: predicted and observed risk are means over their subjects, the observed risk that of Kaplan-Meier in each;
/// its variance is the sum of theirs with the squared shares, its limits are on the scale of theirs.
fn together(groups: &[&CalibrationGroup]) -> CalibrationGroup {
    if let [only] = groups {
        return CalibrationGroup::clone(only);
    }
    let n: usize = groups.iter().map(|group| group.observed.n).sum();
    let share = |group: &CalibrationGroup| group.observed.n as f64 / n.max(1) as f64;
    let mean =
        |value: fn(&CalibrationGroup) -> f64| groups.iter().map(|group| share(group) * value(group)).sum::<f64>();
    let risk = mean(|group| group.observed.value);
    let mut observed = Estimate::new(risk, n);
    let variance: Option<f64> =
        groups.iter().map(|group| Some((share(group) * group.observed.standard_error?).powi(2))).sum();
    let level = groups.iter().find_map(|group| Some(group.observed.interval.as_ref()?.level));
    if let (Some(variance), Some(level)) = (variance.filter(|variance| *variance > 0.0), level) {
        let error = variance.sqrt();
        observed = observed.with_standard_error(error);
        let survival = 1.0 - risk;
        let limits = SurvivalInterval::default().limits(survival, error / survival, normal_critical(level));
        if let Some(limits) = limits {
            let (lower, upper) = (1.0 - limits.upper, 1.0 - limits.lower);
            observed = observed.with_interval(lower, upper, level, "Greenwood, log, groups by their share");
        }
    }
    CalibrationGroup { predicted: mean(|group| group.predicted), observed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{HorizonTallies, SurvivalDecisionPoint, SurvivalNetBenefit};

    const RULE: Rule = Rule { minimum: 5 };

    fn group(predicted: f64, events: usize, n: usize) -> CalibrationGroup {
        let risk = events as f64 / n as f64;
        let error = (risk * (1.0 - risk) / n as f64).sqrt();
        let observed = Estimate::new(risk, n).with_standard_error(error);
        CalibrationGroup { predicted, observed: observed.with_interval(0.0, 1.0, 0.95, "Greenwood, log") }
    }

    /// Events by the horizon in groups of 17, of 85 with 40 events in all.
    fn row(events: [usize; 5]) -> SurvivalPerformanceRow {
        let predicted = [0.1, 0.2, 0.3, 0.5, 0.9];
        let point = |acted_on| SurvivalDecisionPoint { threshold: 0.1, acted_on, net_benefit: 0.1, treat_all: 0.1 };
        let by: usize = events.iter().sum();
        SurvivalPerformanceRow {
            partition: "test".to_string(),
            n: 85,
            events: 40,
            observed: Some(Estimate::new(0.4, 85)),
            null_brier: Some(0.2),
            groups: predicted.iter().zip(events).map(|(predicted, events)| group(*predicted, events, 17)).collect(),
            net_benefit: vec![SurvivalNetBenefit {
                threshold: 0.5,
                acted_on: 20,
                net_benefit: Estimate::new(0.1, 85),
                treat_all: 0.1,
                followed_to_horizon: true,
            }],
            decision_curve: [85, 60, 33, 18, 0].map(point).to_vec(),
            tallies: HorizonTallies {
                all: by,
                weighted: by,
                groups: events.to_vec(),
                net_benefit: vec![13],
                decision_curve: vec![by, 28, 20, 12, 0],
            },
            ..SurvivalPerformanceRow::default()
        }
    }

    fn withheld(row: SurvivalPerformanceRow) -> SurvivalPerformanceRow {
        let mut performance = SurvivalPerformance {
            outcome: "os".to_string(),
            level: 0.95,
            horizon: 60.0,
            weighted_at: 60.0,
            curve_says: String::new(),
            rows: vec![row],
            reference: None,
            comparisons: Vec::new(),
        };
        withhold(&mut performance, &[], RULE);
        performance.rows.remove(0)
    }

    /// "observed 0.0588" of 17 is one event.
    #[test]
    fn one_event_in_a_group_of_seventeen_is_not_told() {
        let mut without = row([1, 1, 6, 9, 12]);
        without.net_benefit.clear();
        without.tallies.net_benefit.clear();
        let found = withheld(without);
        let told: Vec<(usize, f64)> = found
            .groups
            .iter()
            .map(|group| (group.observed.n, (group.observed.value * group.observed.n as f64).round()))
            .collect();
        // From the highest down: 12 and 5 without; 9 and 8; 6 and 11, less 2 that are left over: those are joined.
        assert_eq!(told, [(51, 8.0), (17, 9.0), (17, 12.0)]);
        assert!((found.groups[0].predicted - 0.2).abs() < 1e-12);
    }

    /// By hand: risks 1/17, 1/17 and 6/17 with thirds as shares; variance the ninth part of the sum of p(1 - p)/17.
    #[test]
    fn joined_groups_have_the_mean_risk_and_its_error() {
        let groups = [group(0.1, 1, 17), group(0.2, 1, 17), group(0.3, 6, 17)];
        let found = together(&groups.iter().collect::<Vec<_>>()).observed;
        let variance = (16.0 + 16.0 + 66.0) / 4913.0 / 9.0;
        assert!((found.value - 8.0 / 51.0).abs() < 1e-15);
        assert!((found.standard_error.unwrap() - f64::sqrt(variance)).abs() < 1e-15);
        let factor = (1.959963984540054 * variance.sqrt() * 51.0 / 43.0).exp();
        let interval = found.interval.unwrap();
        assert!((interval.lower - (1.0 - (factor * 43.0 / 51.0).min(1.0))).abs() < 1e-12);
        assert!((interval.upper - (1.0 - 43.0 / 51.0 / factor)).abs() < 1e-12);
    }

    #[test]
    fn those_acted_on_and_the_groups_are_never_few_apart() {
        let found = withheld(row([1, 1, 6, 9, 12]));
        // 20 acted on, 13 with the event: the top group of 17 with 12 is three and one from it, and is joined.
        assert_eq!(found.net_benefit.len(), 1);
        let sizes: Vec<usize> = found.groups.iter().map(|group| group.observed.n).collect();
        assert_eq!(sizes, [51, 34]);
        let points: Vec<usize> = found.decision_curve.iter().map(|point| point.acted_on).collect();
        assert_eq!(points, [85, 0], "60: one from the 29 with the event; 33: one from 34; 18: two from 20");
    }

    #[test]
    fn a_risk_that_tells_of_few_events_after_the_horizon_is_not_told() {
        let mut late = row([3, 5, 8, 9, 12]);
        late.tallies.weighted = 30;
        let found = withheld(late);
        assert!(
            found.observed.is_none() && found.groups.is_empty() && found.net_benefit.is_empty(),
            "37 of 40 by then"
        );
        assert!(found.undefined.iter().any(|undefined| undefined.measure == "O/E"));
        assert!(found.null_brier.is_some());
    }
}
