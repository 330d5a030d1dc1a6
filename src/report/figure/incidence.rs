//! Cumulative incidence by group in the presence of competing events, as step curves that rise from zero.

use super::step_curves::{self, StepCurves, StepGroup, StepPanel, StepPoint};
use super::survival::time_name;
use super::{Drawing, FigureError};
use crate::report::number;
use crate::results::{GroupIncidence, IncidenceAnalysis, PartitionIncidence, Results};

pub fn draw(analysis: &IncidenceAnalysis, results: &Results) -> Result<Drawing, FigureError> {
    let outcome = super::outcome_label(results, &analysis.outcome);
    step_curves::draw(&StepCurves {
        value_name: format!("{outcome}, cumulative incidence (%)"),
        short_name: "Cumulative incidence (%)".to_string(),
        time_name: time_name(results, &analysis.outcome),
        outcome: format!("Cumulative incidence of {outcome}"),
        grouped_by: analysis.grouped_by.clone(),
        level: analysis.level,
        group_labels: analysis.group_labels.clone(),
        times: analysis.risk_table_times.clone(),
        joined: results.presentation.minimum_cell.is_some(),
        start: 0.0,
        top: top(analysis),
        panels: analysis.partitions.iter().map(|partition| panel(partition, results)).collect(),
    })
}

/// The next tenth above the highest incidence and, as far as it is near, above its band.
fn top(analysis: &IncidenceAnalysis) -> f64 {
    let points = || analysis.partitions.iter().flat_map(|partition| &partition.groups).flat_map(|group| &group.curve);
    let highest = points().map(|point| point.incidence).fold(0.0, f64::max);
    let limit = points().filter_map(|point| point.upper).fold(highest, f64::max).min(1.5 * highest);
    ((10.0 * limit - 1e-9).ceil() / 10.0).clamp(0.1, 1.0)
}

fn panel(partition: &PartitionIncidence, results: &Results) -> StepPanel {
    let sum = |count: fn(&GroupIncidence) -> usize| number::count(partition.groups.iter().map(count).sum());
    let competing: Option<usize> = partition.groups.iter().map(|group| group.competing).sum();
    let competing = competing.map_or_else(String::new, |count| format!(", {} competing", number::count(count)));
    let test = partition.gray.as_ref();
    StepPanel {
        label: super::partition_label(results, &partition.partition).to_string(),
        note: format!("n = {}, {} events{competing}", sum(|group| group.n), sum(|group| group.events)),
        test: test.map(|test| {
            format!("{} {}", test.method.replacen("Gray", "Gray’s test", 1), number::p_equals(test.p_value))
        }),
        groups: partition.groups.iter().map(group).collect(),
    }
}

fn group(group: &GroupIncidence) -> StepGroup {
    let points = group.curve.iter().map(|point| StepPoint {
        time: point.time,
        value: point.incidence,
        lower: point.lower.unwrap_or(point.incidence),
        upper: point.upper.unwrap_or(point.incidence),
    });
    StepGroup {
        label: group.label.clone(),
        told: format!("{} events in {}", number::count(group.events), number::count(group.n)),
        at_risk: group.at_risk.clone(),
        points: points.collect(),
        censored_at: group.censored_at.clone(),
    }
}
