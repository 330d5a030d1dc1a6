//! Survival by group, as step curves that fall from one.

use super::step_curves::{self, StepCurves, StepGroup, StepPanel, StepPoint};
use super::{Drawing, FigureError};
use crate::report::number;
use crate::results::{GroupSurvival, OutcomeFacts, PartitionSurvival, Results, SurvivalAnalysis};

pub fn draw(survival: &SurvivalAnalysis, results: &Results) -> Result<Drawing, FigureError> {
    let outcome = results.outcome(&survival.outcome);
    let outcome = outcome.map_or_else(|| survival.outcome.clone(), OutcomeFacts::event_free);
    step_curves::draw(&StepCurves {
        value_name: format!("{outcome} (%)"),
        short_name: if outcome.to_lowercase().contains("surviv") { "Survival (%)" } else { "Event-free (%)" }
            .to_string(),
        time_name: time_name(results, &survival.outcome),
        outcome,
        grouped_by: survival.grouped_by.clone(),
        level: survival.level,
        group_labels: survival.group_labels.clone(),
        times: survival.risk_table_times.clone(),
        joined: results.presentation.minimum_cell.is_some(),
        start: 1.0,
        top: 1.0,
        panels: survival.partitions.iter().map(|partition| panel(partition, results)).collect(),
    })
}

/// "Time (years)"
pub fn time_name(results: &Results, outcome: &str) -> String {
    let unit = results.outcome(outcome).and_then(|outcome| outcome.time_unit.as_deref());
    unit.map_or_else(|| "Time".to_string(), |unit| format!("Time ({unit})"))
}

fn panel(partition: &PartitionSurvival, results: &Results) -> StepPanel {
    let n: usize = partition.groups.iter().map(|group| group.n).sum();
    let events: usize = partition.groups.iter().map(|group| group.events).sum();
    let test = partition.log_rank.as_ref();
    StepPanel {
        label: super::partition_label(results, &partition.partition).to_string(),
        note: format!("n = {}, {} events", number::count(n), number::count(events)),
        test: test.map(|test| format!("{} {}", super::capitalised(&test.method), number::p_equals(test.p_value))),
        groups: partition.groups.iter().map(group).collect(),
    }
}

fn group(group: &GroupSurvival) -> StepGroup {
    let points = group.curve.iter().map(|point| StepPoint {
        time: point.time,
        value: point.survival,
        lower: point.lower,
        upper: point.upper,
    });
    StepGroup {
        label: group.label.clone(),
        told: format!("{} events in {}", number::count(group.events), number::count(group.n)),
        at_risk: group.at_risk.clone(),
        points: points.collect(),
        censored_at: group.censored_at.clone(),
    }
}
