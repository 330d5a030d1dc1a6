//! Step functions of time by group: a panel per partition with steps, confidence bands, censor marks and the test's P, and
//! below each panel the numbers at risk. The table's columns stand at the axis' ticks because both are placed by the same
//! [`Panel`]. Survival falls from one, cumulative incidence rises from zero.

use super::canvas::{Canvas, Pen, Point, Style, Value, at};
use super::key::{self, Entry, Key, Title};
use super::panel::{BELOW_NAME, Panel};
use super::step_labels::{self, Inscription, LABEL};
use super::step_plan::{CELL, HEAD, MARK, Plan, numbered, percent_ticks, plan};
use super::{Drawing, FigureError};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};

/// Of more groups than this bands would lie over each other and names would not fit: curves and a key are drawn.
pub const MANY: usize = 6;

/// What is drawn.
#[derive(Clone, Debug, Default)]
pub struct StepCurves {
    /// "Overall survival"
    pub outcome: String,
    pub grouped_by: String,
    pub level: f64,
    pub group_labels: Vec<String>,
    /// Of the numbers at risk.
    pub times: Vec<f64>,
    /// Points between which few had the event are withheld: straight lines join those that are told.
    pub joined: bool,
    /// The value before the first step: 1 of survival, 0 of incidence.
    pub start: f64,
    /// The upper end of the axis.
    pub top: f64,
    /// "Overall survival (%)", and shorter.
    pub value_name: String,
    pub short_name: String,
    /// "Time (years)"
    pub time_name: String,
    pub panels: Vec<StepPanel>,
}

#[derive(Clone, Debug, Default)]
pub struct StepPanel {
    pub label: String,
    /// "n = 90, 41 events"
    pub note: String,
    /// "Log-rank P < 0.001"
    pub test: Option<String>,
    pub groups: Vec<StepGroup>,
}

#[derive(Clone, Debug, Default)]
pub struct StepGroup {
    pub label: String,
    /// "41 events in 90"
    pub told: String,
    /// In the order of [`StepCurves::times`].
    pub at_risk: Vec<Option<usize>>,
    pub points: Vec<StepPoint>,
    pub censored_at: Vec<f64>,
}

#[cfg(test)]
impl StepGroup {
    pub fn named(label: &str) -> Self {
        Self { label: label.to_string(), ..Self::default() }
    }
}

/// The value holds from its time to the next point's; limits that are no numbers have no band.
#[derive(Clone, Copy, Debug)]
pub struct StepPoint {
    pub time: f64,
    pub value: f64,
    pub lower: f64,
    pub upper: f64,
}

pub fn draw(curves: &StepCurves) -> Result<Drawing, FigureError> {
    let plan = plan(curves);
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    // Names beside the curves, or a key where one panel has no room for them.
    let placed = |index: usize| step_labels::place(&plan.panel(index, 0.0), &curves.panels[index]);
    let direct = (0..curves.panels.len()).all(|index| placed(index).names.is_some());
    // The test's P stands among the curves where every panel has a free corner, else in the titles of all.
    let inside =
        (0..curves.panels.len()).all(|index| curves.panels[index].test.is_none() || placed(index).test.is_some());
    if !direct {
        let key = Key::rows(entries(curves), theme::FULL_WIDTH);
        key.draw(&mut canvas, 0.0, top);
        top += key.height + 8.0;
    }
    let panels = curves.panels.len();
    for first in (0..panels).step_by(plan.columns) {
        let row = first..(first + plan.columns).min(panels);
        let head = row.clone().map(|index| title(curves, index, inside).height(plan.frame_width)).fold(0.0, f64::max);
        for index in row {
            let panel = plan.panel(index, top + head);
            title(curves, index, inside).draw(&mut canvas, panel.frame.left, top, plan.frame_width);
            draw_panel(&mut canvas, &plan, index, &panel, Among { names: direct, test: inside })?;
        }
        top += head + plan.frame_height + BELOW_NAME + 4.0 + plan.risk_table_height() + 14.0;
    }
    let height = top - 12.0;
    let alternative_text = describe(curves);
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(&plan),
    })
}

fn entries(curves: &StepCurves) -> Vec<Entry> {
    let numbered = numbered(curves);
    let entry = |(index, label): (usize, &String)| {
        let text = if numbered { format!("{}\u{2002}{label}", index + 1) } else { label.clone() };
        Entry { pen: key::series_pen(index), text }
    };
    curves.group_labels.iter().enumerate().map(entry).collect()
}

/// What stands among the curves, and not in a key or a title.
#[derive(Clone, Copy)]
struct Among {
    names: bool,
    test: bool,
}

fn title(curves: &StepCurves, index: usize, inside: bool) -> Title {
    let panel = &curves.panels[index];
    let test = panel.test.as_ref().filter(|_| !inside).map_or_else(String::new, |test| format!("; {test}"));
    Title {
        letter: (curves.panels.len() > 1).then(|| key::letter(index)),
        text: panel.label.clone(),
        note: format!("{}{test}", panel.note),
    }
}

/// "Overall survival (%)", or less where the panel is not high enough for the outcome's name.
fn vertical_name(plan: &Plan<'_>) -> String {
    let full = &plan.curves.value_name;
    let fits = Style::new(size::LABEL).width(full) <= plan.frame_height + 12.0;
    if fits { full.clone() } else { plan.curves.short_name.clone() }
}

fn draw_panel(
    canvas: &mut Canvas,
    plan: &Plan<'_>,
    index: usize,
    panel: &Panel,
    among: Among,
) -> Result<(), FigureError> {
    let curves = plan.curves;
    let drawn = &curves.panels[index];
    let first_in_row = index.is_multiple_of(plan.columns);
    panel.open(canvas, &drawn.label);
    let y_ticks = percent_ticks(curves.top);
    panel.grid(canvas, &y_ticks);
    let with_bands = drawn.groups.len() <= MANY;
    for (index, group) in drawn.groups.iter().enumerate().filter(|_| with_bands) {
        let limit = |value: fn(&StepPoint) -> f64| {
            let corners = curves.corners(group, value);
            corners.into_iter().map(|(time, value)| (time, value.min(curves.top))).collect::<Vec<_>>()
        };
        panel.band(canvas, &limit(|point| point.lower), &limit(|point| point.upper), Ink::Series(index))?;
    }
    for (index, group) in drawn.groups.iter().enumerate() {
        let line = curves.corners(group, |point| point.value);
        if line.is_empty() {
            continue;
        }
        let pen = key::series_pen(index);
        panel.curve(canvas, &line, pen, &Value::new(&group.label, group.told.clone()))?;
        let marks: Vec<Point> = group
            .censored_at
            .iter()
            .filter(|&&time| panel.x.holds(time))
            .map(|&time| panel.at(time, value_at(group, curves.start, time)))
            .collect();
        canvas.upright_marks(&marks, 4.2, Pen::new(pen.ink, 0.7));
    }
    if drawn.groups.iter().all(|group| group.points.is_empty()) {
        key::empty(canvas, &panel.frame, "No subjects");
    }
    let inscriptions = step_labels::place(panel, drawn);
    let names = inscriptions.names.filter(|_| among.names).unwrap_or_default();
    for Inscription { text, place } in inscriptions.test.iter().filter(|_| among.test).chain(&names) {
        canvas.text(at(place.left, place.bottom() - 1.0), text, LABEL);
    }
    panel.left_axis(canvas, &y_ticks, &if first_in_row { vertical_name(plan) } else { String::new() });
    panel.bottom_axis(canvas, &plan.x_ticks, &curves.time_name);
    risk_table(canvas, plan, panel, drawn, first_in_row);
    canvas.close();
    Ok(())
}

impl StepCurves {
    fn corners(&self, group: &StepGroup, value: impl Fn(&StepPoint) -> f64) -> Vec<(f64, f64)> {
        if self.joined { straight(group, self.start, value) } else { steps(group, self.start, value) }
    }

    /// The point whose value holds at a time; none between two points that straight lines join.
    fn told_at<'a>(&self, group: &'a StepGroup, time: f64) -> Option<&'a StepPoint> {
        let at = group.points.iter().rposition(|point| point.time <= time)?;
        let point = &group.points[at];
        let holds = group.points.get(at + 1).is_none_or(|next| next.value == point.value);
        (!self.joined || holds || point.time == time).then_some(point)
    }
}

/// The corners of the line through the points that are told, from time zero on: between two of them the step function lies
/// between their values, and so does the line.
fn straight(group: &StepGroup, start: f64, value: impl Fn(&StepPoint) -> f64) -> Vec<(f64, f64)> {
    let begins = group.points.first().filter(|point| point.time > 0.0).map(|_| (0.0, start));
    let told = group.points.iter().map(|point| {
        let here = value(point);
        (point.time, if here.is_finite() { here } else { point.value })
    });
    begins.into_iter().chain(told).collect()
}

/// The corners of the step function, from time zero on.
fn steps(group: &StepGroup, start: f64, value: impl Fn(&StepPoint) -> f64) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::with_capacity(2 * group.points.len() + 1);
    for point in &group.points {
        let here = if value(point).is_finite() { value(point) } else { point.value };
        let before =
            corners.last().map_or(if point.time > 0.0 { Some(start) } else { None }, |&(_, before)| Some(before));
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

fn value_at(group: &StepGroup, start: f64, time: f64) -> f64 {
    group.points.iter().rfind(|point| point.time <= time).map_or(start, |point| point.value)
}

fn risk_table(canvas: &mut Canvas, plan: &Plan<'_>, panel: &Panel, drawn: &StepPanel, labelled: bool) {
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
    for (index, group) in drawn.groups.iter().enumerate() {
        let lines = plan.labels.get(index).map_or(&[][..], Vec::as_slice);
        let height = lines.len().max(1) as f64 * CELL.line() + 1.0;
        let middle = y + CELL.line() / 2.0;
        let pen = Pen { width: stroke::CURVE, ..key::series_pen(index) };
        canvas.line(at(left, middle), at(left + MARK, middle), pen);
        if labelled {
            canvas.lines(at(left + MARK + 4.0, middle + CELL.drop()), lines, CELL);
        }
        for (&time, tick) in plan.times.iter().zip(&plan.x_ticks) {
            if let Some(count) = group.at_risk.get(time).copied().flatten() {
                canvas.text(at(panel.x(tick.value), middle + CELL.drop()), &number::count(count), CELL.middle());
            }
        }
        y += height;
    }
    canvas.close();
}

fn describe(curves: &StepCurves) -> String {
    let panels = curves.panels.len();
    let noun = if panels == 1 { "panel" } else { "panels" };
    let mut text = format!("{} by {} in {panels} {noun}.", curves.outcome, curves.grouped_by);
    for panel in &curves.panels {
        let groups: Vec<String> = panel.groups.iter().map(|group| format!("{} {}", group.label, group.told)).collect();
        text.push_str(&format!(" {}: {}", panel.label, groups.join(", ")));
        match &panel.test {
            Some(test) => text.push_str(&format!("; {test}.")),
            None => text.push('.'),
        }
    }
    text
}

fn data(plan: &Plan<'_>) -> super::DataTable {
    let curves = plan.curves;
    let limits = number::level(curves.level);
    let columns = [
        "Set".to_string(),
        "Group".to_string(),
        curves.time_name.clone(),
        "At risk".to_string(),
        curves.value_name.clone(),
        format!("Lower {limits} limit"),
        format!("Upper {limits} limit"),
    ];
    let mut rows = Vec::new();
    for panel in &curves.panels {
        for group in &panel.groups {
            for (&at, tick) in plan.times.iter().zip(&plan.x_ticks) {
                let point = curves.told_at(group, tick.value);
                let end = group.points.last().is_none_or(|last| tick.value > last.time);
                let percent = |value: Option<f64>| match value {
                    Some(value) if value.is_finite() && !end => number::percent(value),
                    _ => number::ABSENT.to_string(),
                };
                rows.push(vec![
                    panel.label.clone(),
                    group.label.clone(),
                    tick.label.clone(),
                    group.at_risk.get(at).copied().flatten().map_or_else(|| number::ABSENT.to_string(), number::count),
                    percent(point.map(|point| point.value)),
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

    fn group(points: &[(f64, f64)]) -> StepGroup {
        let point = |&(time, value): &(f64, f64)| StepPoint { time, value, lower: value, upper: value };
        StepGroup { points: points.iter().map(point).collect(), ..StepGroup::named("Low risk") }
    }

    fn values(points: &[(f64, f64)], start: f64) -> Vec<(f64, f64)> {
        steps(&group(points), start, |point| point.value)
    }

    #[test]
    fn a_survival_curve_goes_by_steps_from_one_at_time_zero() {
        let corners = [(0.0, 1.0), (2.0, 1.0), (2.0, 0.5), (3.0, 0.5)];
        assert_eq!(values(&[(0.0, 1.0), (2.0, 0.5), (3.0, 0.5)], 1.0), corners);
        assert_eq!(values(&[(2.0, 0.5), (3.0, 0.5)], 1.0), corners, "zero may go unsaid");
        assert_eq!(values(&[(0.0, 0.8), (1.0, 0.0)], 1.0), [(0.0, 0.8), (1.0, 0.8), (1.0, 0.0)]);
        assert!(values(&[], 1.0).is_empty());
    }

    /// A curve of which few points are told stood at 100% for years, and the table beside it said 95%.
    #[test]
    fn a_withheld_step_is_not_drawn_as_no_step() {
        let curves = StepCurves { joined: true, start: 1.0, ..StepCurves::default() };
        let group = group(&[(0.0, 1.0), (10.0, 1.0), (40.0, 0.8), (50.0, 0.8)]);
        assert_eq!(
            curves.corners(&group, |point| point.value),
            [(0.0, 1.0), (10.0, 1.0), (40.0, 0.8), (50.0, 0.8)],
            "no corner (40, 1)"
        );
        let told = |time| curves.told_at(&group, time).map(|point| point.value);
        assert_eq!([5.0, 10.0, 20.0, 40.0, 45.0].map(told), [Some(1.0), Some(1.0), None, Some(0.8), Some(0.8)]);
        let open = StepCurves { start: 1.0, ..StepCurves::default() };
        assert_eq!(open.told_at(&group, 20.0).map(|point| point.value), Some(1.0));
    }

    #[test]
    fn an_incidence_rises_from_zero() {
        assert_eq!(values(&[(2.0, 0.5), (3.0, 0.5)], 0.0), [(0.0, 0.0), (2.0, 0.0), (2.0, 0.5), (3.0, 0.5)]);
    }

    #[test]
    fn a_value_holds_until_the_next_step() {
        let group = group(&[(2.0, 0.5), (3.0, 0.25)]);
        assert_eq!([1.0, 2.0, 2.9, 9.0].map(|time| value_at(&group, 1.0, time)), [1.0, 0.5, 0.5, 0.25]);
    }
}
