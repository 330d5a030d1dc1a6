//! Survival by group: a panel per partition with steps, confidence bands, censor marks and the test's P, and below each
//! panel the numbers at risk. The table's columns stand at the axis' ticks because both are placed by the same [`Panel`].

use super::canvas::{Canvas, Pen, Point, Style, Value, at};
use super::key::{self, Entry, Key, Title};
use super::panel::{BELOW_NAME, Panel};
use super::survival_labels::{self, Inscription, LABEL};
use super::survival_plan::{CELL, HEAD, MARK, Plan, percent_ticks, plan};
use super::{Drawing, FigureError};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{CurvePoint, GroupSurvival, PartitionSurvival, Results, SurvivalAnalysis};

pub fn draw(survival: &SurvivalAnalysis, results: &Results) -> Result<Drawing, FigureError> {
    let plan = plan(survival, results);
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    // Names beside the curves, or a key where one panel has no room for them.
    let direct = (0..survival.partitions.len()).all(|index| {
        let panel = plan.panel(index, 0.0);
        survival_labels::place(&panel, &survival.partitions[index]).names.is_some()
    });
    if !direct {
        let key = Key::rows(entries(survival), theme::FULL_WIDTH);
        key.draw(&mut canvas, 0.0, top);
        top += key.height + 8.0;
    }
    let panels = survival.partitions.len();
    for first in (0..panels).step_by(plan.columns) {
        let row = first..(first + plan.columns).min(panels);
        let head = row.clone().map(|index| title(&plan, index).height(plan.frame_width)).fold(0.0, f64::max);
        for index in row {
            let panel = plan.panel(index, top + head);
            title(&plan, index).draw(&mut canvas, panel.frame.left, top, plan.frame_width);
            draw_panel(&mut canvas, &plan, index, &panel, direct)?;
        }
        top += head + plan.frame_height + BELOW_NAME + 4.0 + plan.risk_table_height() + 14.0;
    }
    let height = top - 12.0;
    let alternative_text = describe(&plan);
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(&plan),
    })
}

fn entries(survival: &SurvivalAnalysis) -> Vec<Entry> {
    let entry = |(index, label): (usize, &String)| Entry { pen: key::series_pen(index), text: label.clone() };
    survival.group_labels.iter().enumerate().map(entry).collect()
}

/// The test's P stands in the title's note where the curves leave no corner free.
fn title(plan: &Plan<'_>, index: usize) -> Title {
    let partition = &plan.survival.partitions[index];
    let placed = survival_labels::place(&plan.panel(index, 0.0), partition).test.is_some();
    let test =
        survival_labels::test_text(partition).filter(|_| !placed).map_or_else(String::new, |test| format!("; {test}"));
    let n: usize = partition.groups.iter().map(|group| group.n).sum();
    let events: usize = partition.groups.iter().map(|group| group.events).sum();
    Title {
        letter: (plan.survival.partitions.len() > 1).then(|| key::letter(index)),
        text: super::partition_label(plan.results, &partition.partition).to_string(),
        note: format!("n = {}, {} events{test}", number::count(n), number::count(events)),
    }
}

/// "Overall survival (%)", or less where the panel is not high enough for the outcome's name.
fn vertical_name(plan: &Plan<'_>) -> String {
    let full = data_name(plan);
    let fits = Style::new(size::LABEL).width(&full) <= plan.frame_height + 12.0;
    if fits { full } else { "Survival (%)".to_string() }
}

fn data_name(plan: &Plan<'_>) -> String {
    format!("{} (%)", super::outcome_label(plan.results, &plan.survival.outcome))
}

fn horizontal_name(plan: &Plan<'_>) -> String {
    let unit = plan.results.outcome(&plan.survival.outcome).and_then(|outcome| outcome.time_unit.as_deref());
    unit.map_or_else(|| "Time".to_string(), |unit| format!("Time ({unit})"))
}

fn draw_panel(
    canvas: &mut Canvas,
    plan: &Plan<'_>,
    index: usize,
    panel: &Panel,
    direct: bool,
) -> Result<(), FigureError> {
    let partition = &plan.survival.partitions[index];
    let first_in_row = index.is_multiple_of(plan.columns);
    panel.open(canvas, super::partition_label(plan.results, &partition.partition));
    let y_ticks = percent_ticks();
    panel.grid(canvas, &y_ticks);
    for (index, group) in partition.groups.iter().enumerate() {
        panel.band(
            canvas,
            &steps(group, |point| point.lower),
            &steps(group, |point| point.upper),
            Ink::Series(index),
        )?;
    }
    for (index, group) in partition.groups.iter().enumerate() {
        let line = steps(group, |point| point.survival);
        if line.is_empty() {
            continue;
        }
        let pen = key::series_pen(index);
        let text = format!("{} events in {}", number::count(group.events), number::count(group.n));
        panel.curve(canvas, &line, pen, &Value::new(&group.label, text))?;
        let marks: Vec<Point> = group
            .censored_at
            .iter()
            .filter(|&&time| panel.x.holds(time))
            .map(|&time| panel.at(time, survival_at(group, time)))
            .collect();
        canvas.upright_marks(&marks, 4.2, Pen::new(pen.ink, 0.7));
    }
    if partition.groups.iter().all(|group| group.curve.is_empty()) {
        key::empty(canvas, &panel.frame, "No subjects");
    }
    let inscriptions = survival_labels::place(panel, partition);
    let names = inscriptions.names.filter(|_| direct).unwrap_or_default();
    for Inscription { text, place } in inscriptions.test.iter().chain(&names) {
        canvas.text(at(place.left, place.bottom() - 1.0), text, LABEL);
    }
    panel.left_axis(canvas, &y_ticks, &if first_in_row { vertical_name(plan) } else { String::new() });
    panel.bottom_axis(canvas, &plan.x_ticks, &horizontal_name(plan));
    risk_table(canvas, plan, panel, partition, first_in_row);
    canvas.close();
    Ok(())
}

/// The corners of the step function, from time zero on.
fn steps(group: &GroupSurvival, value: impl Fn(&CurvePoint) -> f64) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::with_capacity(2 * group.curve.len() + 1);
    for point in &group.curve {
        let here = if value(point).is_finite() { value(point) } else { point.survival };
        let before =
            corners.last().map_or(if point.time > 0.0 { Some(1.0) } else { None }, |&(_, before)| Some(before));
        match before {
            Some(before) if corners.is_empty() => corners.extend([(0.0, before), (point.time, before)]),
            Some(before) => corners.push((point.time, before)),
            None => {}
        }
        if before != Some(here) {
            corners.push((point.time, here));
        }
    }
    corners
}

fn survival_at(group: &GroupSurvival, time: f64) -> f64 {
    group.curve.iter().rfind(|point| point.time <= time).map_or(1.0, |point| point.survival)
}

fn risk_table(canvas: &mut Canvas, plan: &Plan<'_>, panel: &Panel, partition: &PartitionSurvival, labelled: bool) {
    if plan.times.is_empty() {
        return;
    }
    canvas.open("risk-table", &[]);
    let left = if labelled { 0.0 } else { panel.frame.left - plan.other_left };
    let mut y = panel.frame.bottom() + BELOW_NAME + 4.0;
    if labelled {
        canvas.text(at(0.0, y + HEAD.size), "No. at risk", HEAD);
    }
    y += HEAD.line();
    for (index, group) in partition.groups.iter().enumerate() {
        let lines = plan.labels.get(index).map_or(&[][..], Vec::as_slice);
        let height = lines.len().max(1) as f64 * CELL.line() + 1.0;
        let middle = y + CELL.line() / 2.0;
        let pen = Pen { width: stroke::CURVE, ..key::series_pen(index) };
        canvas.line(at(left, middle), at(left + MARK, middle), Pen { dash: &[], ..pen });
        if labelled {
            canvas.lines(at(left + MARK + 4.0, middle + CELL.drop()), lines, CELL);
        }
        for (&time, tick) in plan.times.iter().zip(&plan.x_ticks) {
            if let Some(&count) = group.at_risk.get(time) {
                canvas.text(at(panel.x(tick.value), middle + CELL.drop()), &number::count(count), CELL.middle());
            }
        }
        y += height;
    }
    canvas.close();
}

fn describe(plan: &Plan<'_>) -> String {
    let survival = plan.survival;
    let mut text = format!(
        "{} by {} in {} {}.",
        super::outcome_label(plan.results, &survival.outcome),
        survival.grouped_by,
        survival.partitions.len(),
        if survival.partitions.len() == 1 { "panel" } else { "panels" },
    );
    for partition in &survival.partitions {
        let groups: Vec<String> = partition
            .groups
            .iter()
            .map(|group| {
                format!("{} {} events in {}", group.label, number::count(group.events), number::count(group.n))
            })
            .collect();
        text.push_str(&format!(
            " {}: {}",
            super::partition_label(plan.results, &partition.partition),
            groups.join(", ")
        ));
        match &partition.log_rank {
            Some(test) => text.push_str(&format!("; {} {}.", test.method, number::p_equals(test.p_value))),
            None => text.push('.'),
        }
    }
    text
}

fn data(plan: &Plan<'_>) -> super::DataTable {
    let survival = plan.survival;
    let time = horizontal_name(plan);
    let limits = number::level(survival.level);
    let columns = [
        "Set".to_string(),
        "Group".to_string(),
        time,
        "At risk".to_string(),
        data_name(plan),
        format!("Lower {limits} limit"),
        format!("Upper {limits} limit"),
    ];
    let mut rows = Vec::new();
    for partition in &survival.partitions {
        for group in &partition.groups {
            for (&at, tick) in plan.times.iter().zip(&plan.x_ticks) {
                let point = group.curve.iter().rfind(|point| point.time <= tick.value);
                let end = group.curve.last().is_none_or(|last| tick.value > last.time);
                let percent = |value: Option<f64>| match value {
                    Some(value) if value.is_finite() && !end => number::percent(value),
                    _ => number::ABSENT.to_string(),
                };
                rows.push(vec![
                    super::partition_label(plan.results, &partition.partition).to_string(),
                    group.label.clone(),
                    tick.label.clone(),
                    group.at_risk.get(at).map_or_else(|| number::ABSENT.to_string(), |&count| number::count(count)),
                    percent(point.map(|point| point.survival)),
                    percent(point.map(|point| point.lower)),
                    percent(point.map(|point| point.upper)),
                ]);
            }
        }
    }
    super::DataTable { columns: columns.to_vec(), rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(points: &[(f64, f64)]) -> GroupSurvival {
        let point = |&(time, survival): &(f64, f64)| CurvePoint { time, survival, lower: survival, upper: survival };
        GroupSurvival {
            label: "Low risk".to_string(),
            n: 4,
            events: 2,
            median: None,
            rates: Vec::new(),
            at_risk: Vec::new(),
            curve: points.iter().map(point).collect(),
            censored_at: Vec::new(),
        }
    }

    #[test]
    fn a_curve_goes_by_steps_from_one_at_time_zero() {
        let corners = [(0.0, 1.0), (2.0, 1.0), (2.0, 0.5), (3.0, 0.5)];
        assert_eq!(steps(&group(&[(0.0, 1.0), (2.0, 0.5), (3.0, 0.5)]), |point| point.survival), corners);
        assert_eq!(steps(&group(&[(2.0, 0.5), (3.0, 0.5)]), |point| point.survival), corners, "zero may go unsaid");
        assert_eq!(
            steps(&group(&[(0.0, 0.8), (1.0, 0.0)]), |point| point.survival),
            [(0.0, 0.8), (1.0, 0.8), (1.0, 0.0)]
        );
        assert!(steps(&group(&[]), |point| point.survival).is_empty());
    }

    #[test]
    fn survival_holds_until_the_next_step() {
        let group = group(&[(2.0, 0.5), (3.0, 0.25)]);
        assert_eq!([1.0, 2.0, 2.9, 9.0].map(|time| survival_at(&group, time)), [1.0, 0.5, 0.5, 0.25]);
    }
}
