//! Survival by group: a panel per partition with steps, confidence bands, censor marks and the test's P, and below each
//! panel the numbers at risk. The table's columns stand at the axis' ticks because both are placed by the same [`Panel`].

use super::canvas::{Canvas, Pen, Point, Rect, Style, Value, at};
use super::key::{self, Entry, Key, Title};
use super::panel::{BELOW_NAME, Panel, Scale};
use super::survival_plan::{CELL, HEAD, LABEL_ROOM, MARK, Plan, percent_ticks, plan};
use super::{Drawing, FigureError};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{CurvePoint, GroupSurvival, PartitionSurvival, Results, SurvivalAnalysis};

pub fn draw(survival: &SurvivalAnalysis, results: &Results) -> Result<Drawing, FigureError> {
    let plan = plan(survival, results);
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    let key = if plan.right > 0.0 { None } else { Some(Key::rows(entries(survival), theme::FULL_WIDTH)) };
    if let Some(key) = &key {
        key.draw(&mut canvas, 0.0, top);
        top += key.height + 8.0;
    }
    let panels = survival.partitions.len();
    for first in (0..panels).step_by(plan.columns) {
        let row = first..(first + plan.columns).min(panels);
        let head = row.clone().map(|index| title(&plan, index).height(plan.frame_width)).fold(0.0, f64::max);
        for index in row {
            let frame = plan.frame(index, top + head);
            title(&plan, index).draw(&mut canvas, frame.left, top, plan.frame_width);
            draw_panel(&mut canvas, &plan, &survival.partitions[index], frame, index % plan.columns == 0)?;
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

fn title(plan: &Plan<'_>, index: usize) -> Title {
    let partition = &plan.survival.partitions[index];
    let n: usize = partition.groups.iter().map(|group| group.n).sum();
    let events: usize = partition.groups.iter().map(|group| group.events).sum();
    Title {
        letter: (plan.survival.partitions.len() > 1).then(|| key::letter(index)),
        text: super::partition_label(plan.results, &partition.partition).to_string(),
        note: format!("n = {}, {} events", number::count(n), number::count(events)),
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
    partition: &PartitionSurvival,
    frame: Rect,
    first_in_row: bool,
) -> Result<(), FigureError> {
    let panel = Panel { frame, x: plan.x, y: Scale::linear(0.0, 1.0) };
    let label = super::partition_label(plan.results, &partition.partition);
    panel.open(canvas, label);
    let y_ticks = percent_ticks();
    panel.grid(canvas, &y_ticks);
    let mut obstacles = Vec::new();
    for (index, group) in partition.groups.iter().enumerate() {
        panel.band(
            canvas,
            &steps(group, |point| point.lower),
            &steps(group, |point| point.upper),
            Ink::Series(index),
        )?;
        obstacles.extend(covered(&panel, group));
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
    if obstacles.is_empty() {
        key::empty(canvas, &frame, "No subjects");
    }
    if let Some(test) = &partition.log_rank {
        let style = Style::new(size::LABEL);
        let text = format!("{} {}", super::capitalised(&test.method), number::p_equals(test.p_value));
        let (width, height) = (style.width(&text), style.size);
        let place = key::free_corner(&frame, width, height, &obstacles).unwrap_or(Rect {
            left: frame.left + 4.0,
            top: frame.bottom() - 4.0 - height,
            width,
            height,
        });
        canvas.text(at(place.left, place.bottom() - 1.0), &text, style);
    }
    panel.left_axis(canvas, &y_ticks, &if first_in_row { vertical_name(plan) } else { String::new() });
    panel.bottom_axis(canvas, &plan.x_ticks, &horizontal_name(plan));
    if plan.right > 0.0 {
        end_labels(canvas, &panel, partition);
    }
    risk_table(canvas, plan, &panel, partition, first_in_row);
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

/// What a curve and its band cover, stretch by stretch.
fn covered(panel: &Panel, group: &GroupSurvival) -> Vec<Rect> {
    let ends = group.curve.iter().skip(1).map(|point| point.time).chain(group.curve.last().map(|point| point.time));
    group
        .curve
        .iter()
        .zip(ends)
        .filter(|(point, _)| point.time <= panel.x.max)
        .map(|(point, end)| {
            let upper = panel.y(point.upper.max(point.survival)) - 2.1;
            let lower = panel.y(point.lower.min(point.survival)) + 2.1;
            let left = panel.x(point.time);
            Rect { left, top: upper, width: panel.x(end) - left, height: lower - upper }
        })
        .collect()
}

/// The groups' names right of the frame, each at the height of its curve's end, moved apart where they would meet.
fn end_labels(canvas: &mut Canvas, panel: &Panel, partition: &PartitionSurvival) {
    let style = Style::new(size::LABEL);
    let mut places: Vec<(usize, Vec<String>, f64)> = partition
        .groups
        .iter()
        .enumerate()
        .filter(|(_, group)| !group.curve.is_empty())
        .map(|(index, group)| {
            let lines = style.wrap_to(&group.label, LABEL_ROOM, 2);
            let middle = panel.y(survival_at(group, panel.x.max));
            let top = middle - lines.len() as f64 * style.line() / 2.0;
            (index, lines, top)
        })
        .collect();
    places.sort_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
    let mut free = panel.frame.top - style.line();
    for (_, lines, top) in &mut places {
        *top = top.max(free);
        free = *top + lines.len() as f64 * style.line();
    }
    let mut limit = panel.frame.bottom() + style.line() / 2.0;
    for (index, lines, top) in places.iter_mut().rev() {
        *top = top.min(limit - lines.len() as f64 * style.line());
        limit = *top;
        let ink = key::series_pen(*index).ink;
        let baseline = *top + style.line() / 2.0 + style.drop();
        canvas.line(
            at(panel.frame.right() + 1.0, *top + lines.len() as f64 * style.line() / 2.0),
            at(panel.frame.right() + 4.0, *top + lines.len() as f64 * style.line() / 2.0),
            Pen::new(ink, stroke::CURVE),
        );
        canvas.lines(at(panel.frame.right() + 6.0, baseline), lines, style);
    }
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
