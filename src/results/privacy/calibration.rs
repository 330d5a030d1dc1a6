//! Groups of predicted risk are joined until none has a small class; net benefit is told where the threshold sweep of the
//! same model is, else at tenths.

use super::Rule;
use crate::results::{AnalysisOutcome, CalibrationGroup, CalibrationRow, Results, ThresholdSweep};
use crate::stats::Estimate;
use crate::stats::threshold::ProportionInterval;
use crate::stats::threshold::proportion;

pub(super) fn withhold_all(results: &mut Results, rule: Rule, keeps: &dyn Fn(&str, &str) -> bool) {
    let sweeps: Vec<ThresholdSweep> = results
        .analyses
        .iter()
        .flat_map(|analysis| match &analysis.outcome {
            AnalysisOutcome::Performance(performance) => performance.sweeps.clone(),
            _ => Vec::new(),
        })
        .collect();
    for analysis in &mut results.analyses {
        let AnalysisOutcome::Calibration(calibration) = &mut analysis.outcome else { continue };
        let outcome = calibration.outcome.clone();
        calibration.rows.retain(|row| keeps(&outcome, &row.partition));
        for row in &mut calibration.rows {
            row.groups = joined(&row.groups, rule);
            let sweep = sweeps.iter().find(|sweep| sweep.model == row.model && sweep.partition == row.partition);
            thin(row, sweep);
        }
    }
}

fn events(group: &CalibrationGroup) -> usize {
    (group.observed.value * group.observed.n as f64).round() as usize
}

fn joined(groups: &[CalibrationGroup], rule: Rule) -> Vec<CalibrationGroup> {
    let is_small = |group: &CalibrationGroup| {
        let (n, events) = (group.observed.n, events(group));
        rule.is_small(events) || rule.is_small(n - events)
    };
    let mut joined: Vec<CalibrationGroup> = Vec::new();
    for group in groups {
        match joined.last_mut() {
            Some(last) if is_small(last) => *last = together(last, group),
            _ => joined.push(group.clone()),
        }
    }
    while joined.len() > 1 && joined.last().is_some_and(is_small) {
        if let (Some(last), Some(before)) = (joined.pop(), joined.last_mut()) {
            *before = together(before, &last);
        }
    }
    joined.retain(|group| !is_small(group));
    joined
}

fn together(one: &CalibrationGroup, other: &CalibrationGroup) -> CalibrationGroup {
    let n = one.observed.n + other.observed.n;
    let successes = (events(one) + events(other)) as u64;
    let weight = |group: &CalibrationGroup| group.predicted * group.observed.n as f64;
    let level = one.observed.interval.as_ref().map_or(0.95, |interval| interval.level);
    let observed = proportion::estimate(successes, n as u64, level, ProportionInterval::Wilson)
        .unwrap_or_else(|_| Estimate::new(successes as f64 / n.max(1) as f64, n));
    CalibrationGroup { predicted: (weight(one) + weight(other)) / n.max(1) as f64, observed }
}

fn thin(row: &mut CalibrationRow, sweep: Option<&ThresholdSweep>) {
    row.decision_curve.retain(|point| match sweep {
        Some(sweep) => sweep.points.iter().any(|kept| (kept.threshold - point.threshold).abs() < 1e-9),
        None => (point.threshold * 10.0 - (point.threshold * 10.0).round()).abs() < 1e-9,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_with_a_small_class_are_joined() {
        let group = |predicted: f64, events: usize, n: usize| CalibrationGroup {
            predicted,
            observed: Estimate::new(events as f64 / n as f64, n),
        };
        let groups = [group(0.1, 2, 20), group(0.3, 6, 20), group(0.6, 12, 20), group(0.9, 18, 20)];
        let found = joined(&groups, Rule { minimum: 5 });
        let told: Vec<(usize, usize)> = found.iter().map(|group| (events(group), group.observed.n)).collect();
        assert_eq!(told, [(8, 40), (30, 40)]);
        assert!((found[0].predicted - 0.2).abs() < 1e-12);
        assert_eq!(found[1].observed.interval.as_ref().unwrap().method, "Wilson");
    }
}
