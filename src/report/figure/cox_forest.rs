//! Hazard ratios with their intervals on a log axis, beside the numbers: each variable alone and all together, each
//! with a plot of its own on one common scale. Squares grow with precision; an interval that leaves the axis ends in an
//! arrow.

use super::Drawing;
use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::panel::{BELOW_NAME, BELOW_NUMBERS, Panel, Scale, Tick};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{CoxAnalysis, CoxRow, Results};

const TERM: Style = Style::new(size::LABEL);
const CELL: Style = Style::new(size::SMALL);
const HEAD: Style = Style::new(size::SMALL).strong();
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
const ROW: f64 = 12.6;
const INDENT: f64 = 9.0;
const GAP: f64 = 8.0;

/// A line of the forest.
enum Line<'a> {
    /// A variable whose levels follow.
    Head(String),
    /// The level that the others are held against.
    Reference(String),
    Term {
        label: String,
        indent: f64,
        rows: Vec<Option<&'a CoxRow>>,
    },
}

impl Line<'_> {
    fn label(&self) -> (&str, f64) {
        match self {
            Line::Head(label) => (label, 0.0),
            Line::Reference(label) => (label, INDENT),
            Line::Term { label, indent, .. } => (label, *indent),
        }
    }
}

/// One model: its rows, its plot and its columns of numbers.
struct Side<'a> {
    head: &'static str,
    rows: &'a [CoxRow],
}

pub fn draw(cox: &CoxAnalysis, results: &Results) -> Drawing {
    let mut sides = Vec::new();
    if !cox.univariable.is_empty() {
        sides.push(Side { head: "Univariable", rows: &cox.univariable });
    }
    if !cox.multivariable.is_empty() {
        sides.push(Side { head: "Multivariable", rows: &cox.multivariable });
    }
    let groups = grouped(&sides, results);
    let mut canvas = Canvas::default();
    let width = theme::FULL_WIDTH;

    let ratio_head = format!("HR ({} CI)", number::level(cox.level));
    let all = || sides.iter().flat_map(|side| side.rows.iter());
    let ratio_width = all().map(|row| CELL.width(&ratio(row))).fold(HEAD.width(&ratio_head), f64::max);
    let p_width = all().map(|row| CELL.width(&number::p_value(row.p_value))).fold(0.0, f64::max);
    let wanted = groups.iter().flatten().map(|line| TERM.width(line.label().0) + line.label().1).fold(60.0, f64::max);
    let count = sides.len().max(1) as f64;
    let numbers = ratio_width + p_width + 3.0 * GAP;
    // The plots get what the labels leave, but are never narrower than this.
    let label_room = wanted.min((width - count * (numbers + 70.0)).max(90.0));
    let plot_width = (width - label_room) / count - numbers;
    let side_left = |index: usize| label_room + GAP + index as f64 * (plot_width + numbers);

    let scale = scale(&sides);
    let axis = ticks(scale, plot_width);
    let heaviest = all().filter(|row| row.standard_error > 0.0).map(|row| 1.0 / row.standard_error).fold(0.0, f64::max);

    // Heads
    let two_heads = sides.len() > 1;
    let mut y = 1.0;
    if two_heads {
        for (index, side) in sides.iter().enumerate() {
            let (left, right) = (side_left(index), side_left(index) + plot_width + numbers - GAP);
            canvas.text(at((left + right) / 2.0, y + HEAD.size), side.head, HEAD.middle());
            canvas.line(at(left, y + 10.5), at(right, y + 10.5), Pen::new(Ink::Axis, stroke::GRID));
        }
        y += 13.5;
    }
    canvas.text(at(0.0, y + HEAD.size), "Variable", HEAD);
    for (index, _) in sides.iter().enumerate() {
        let right = side_left(index) + plot_width + GAP + ratio_width;
        canvas.text(at(right, y + HEAD.size), &ratio_head, HEAD.end());
        canvas.text(at(right + GAP + p_width, y + HEAD.size), "P", HEAD.end());
    }
    y += 11.0;
    canvas.line(at(0.0, y), at(width, y), Pen::new(Ink::Axis, stroke::AXIS));
    y += 2.0;

    // Where each line lies, then bands, the line of no effect, and the lines themselves over them.
    let top = y;
    let mut placed = Vec::new();
    for (at_group, group) in groups.iter().enumerate() {
        let start = y;
        for line in group {
            let (label, indent) = line.label();
            let wrapped = TERM.wrap_to(label, label_room - indent, 6);
            let height = ROW + (wrapped.len() as f64 - 1.0) * TERM.line();
            placed.push((line, wrapped, y + height / 2.0));
            y += height;
        }
        if at_group % 2 == 0 {
            canvas.rect(&Rect { left: 0.0, top: start, width, height: y - start }, Ink::Soft, None);
        }
    }
    let bottom = y + 2.0;
    let panels: Vec<Panel> = (0..sides.len())
        .map(|index| Panel {
            frame: Rect { left: side_left(index), top, width: plot_width, height: bottom - top },
            x: scale,
            y: Scale::linear(0.0, 1.0),
        })
        .collect();
    for panel in &panels {
        canvas.line(
            at(panel.x(1.0), top),
            at(panel.x(1.0), bottom),
            Pen::new(Ink::Axis, stroke::AXIS).dashed(&[2.0, 2.0]),
        );
    }
    for (line, wrapped, middle) in placed {
        let first = middle - (wrapped.len() as f64 - 1.0) * TERM.line() / 2.0 + TERM.drop();
        canvas.lines(at(2.0 + line.label().1, first), &wrapped, TERM);
        match line {
            Line::Head(_) => {}
            Line::Reference(_) => {
                for panel in &panels {
                    let right = panel.frame.right() + GAP + ratio_width;
                    canvas.text(at(right, middle + NOTE.drop()), "1 (reference)", NOTE.end());
                }
            }
            Line::Term { label, rows, .. } => {
                for (panel, row) in panels.iter().zip(rows) {
                    let right = panel.frame.right() + GAP + ratio_width;
                    let Some(row) = row else {
                        canvas.text(at(right, middle + NOTE.drop()), number::ABSENT, NOTE.end());
                        continue;
                    };
                    canvas.text(at(right, middle + CELL.drop()), &ratio(row), CELL.end());
                    canvas.text(
                        at(right + GAP + p_width, middle + CELL.drop()),
                        &number::p_value(row.p_value),
                        CELL.end(),
                    );
                    mark(&mut canvas, panel, row, label, middle, heaviest);
                }
            }
        }
    }
    for panel in &panels {
        panel.bottom_axis(&mut canvas, &axis, "");
        let below = bottom + BELOW_NUMBERS + 8.0;
        canvas.text(at(panel.frame.centre_x(), below), "Hazard ratio, log scale", CELL.middle());
    }
    let note = format!("n = {}, {} events; ties: {}.", number::count(cox.n), number::count(cox.events), cox.ties);
    let height = bottom + BELOW_NAME + NOTE.line() + 6.0;
    canvas.text(at(0.0, height - 3.0), &note, NOTE);
    let alternative_text = describe(cox, results, &sides);
    Drawing {
        svg: canvas.finish(width, height, &alternative_text),
        width,
        height,
        alternative_text,
        data: data(results, &sides, &ratio_head),
    }
}

/// "0.81 (0.70–0.94)"; what two decimals cannot show, as after separation, is bounded: "2.10 (< 0.01 to > 999)".
fn ratio(row: &CoxRow) -> String {
    let bounded = |value: f64| !(0.005..999.5).contains(&value);
    let text = |value: f64| {
        if value < 0.005 {
            format!("<{}0.01", number::NARROW_SPACE)
        } else if value >= 999.5 {
            format!(">{}999", number::NARROW_SPACE)
        } else {
            number::fixed(value, 2)
        }
    };
    let value = row.hazard_ratio.value;
    match &row.hazard_ratio.interval {
        None => text(value),
        Some(interval) => {
            let bounded = bounded(interval.lower) || bounded(interval.upper);
            let join = if bounded { number::Join::To } else { number::Join::Dash };
            format!("{} ({})", text(value), join.range(&text(interval.lower), &text(interval.upper)))
        }
    }
}

/// The lines of each variable, in the order in which the models name the variables.
fn grouped<'a>(sides: &[Side<'a>], results: &Results) -> Vec<Vec<Line<'a>>> {
    let mut variables: Vec<&str> = Vec::new();
    for row in sides.iter().flat_map(|side| side.rows) {
        if !variables.contains(&row.variable.as_str()) {
            variables.push(&row.variable);
        }
    }
    variables
        .into_iter()
        .map(|variable| {
            let label = results.variable(variable).map_or(variable, |facts| facts.label.as_str());
            let mut levels: Vec<(Option<&str>, &CoxRow)> = Vec::new();
            for row in sides.iter().flat_map(|side| side.rows).filter(|row| row.variable == variable) {
                if !levels.iter().any(|(level, _)| *level == row.level.as_deref()) {
                    levels.push((row.level.as_deref(), row));
                }
            }
            let term = |label: String, indent: f64, level: Option<&str>| Line::Term {
                label,
                indent,
                rows: sides.iter().map(|side| find(side.rows, variable, level)).collect(),
            };
            match levels.as_slice() {
                [(level, row)] => {
                    let detail = match (level, &row.reference, &row.per) {
                        (Some(level), Some(reference), _) => format!(": {level} vs {reference}"),
                        (Some(level), None, _) => format!(": {level}"),
                        (None, _, Some(per)) => format!(", {per}"),
                        (None, _, None) => String::new(),
                    };
                    vec![term(format!("{label}{detail}"), 0.0, *level)]
                }
                levels => {
                    let mut lines = vec![Line::Head(label.to_string())];
                    lines.extend(levels.iter().find_map(|(_, row)| row.reference.clone()).map(Line::Reference));
                    lines.extend(
                        levels.iter().map(|(level, _)| term(level.unwrap_or(label).to_string(), INDENT, *level)),
                    );
                    lines
                }
            }
        })
        .collect()
}

fn find<'a>(rows: &'a [CoxRow], variable: &str, level: Option<&str>) -> Option<&'a CoxRow> {
    rows.iter().find(|row| row.variable == variable && row.level.as_deref() == level)
}

/// The limits of a row's interval, where they can stand on a log axis.
fn limits(row: &CoxRow) -> Option<(f64, f64)> {
    let interval = row.hazard_ratio.interval.as_ref()?;
    (interval.lower >= 0.0 && interval.upper > 0.0).then_some((interval.lower, interval.upper))
}

/// Holds 1 and every estimate; of the intervals what reaches no further than four times beyond the estimates.
fn scale(sides: &[Side<'_>]) -> Scale {
    let (mut low, mut high) = (1.0_f64, 1.0_f64);
    let rows = || sides.iter().flat_map(|side| side.rows);
    for value in rows().map(|row| row.hazard_ratio.value).filter(|value| (0.02..=50.0).contains(value)) {
        (low, high) = (low.min(value), high.max(value));
    }
    let (lowest, highest) = (low / 4.0, high * 4.0);
    for (lower, upper) in rows().filter_map(limits) {
        (low, high) = (low.min(lower.max(lowest)), high.max(upper.min(highest)));
    }
    // Never so short that a small effect looks large.
    let (low, high) = (low.min(0.8), high.max(1.25));
    let room = (high / low).powf(0.04);
    Scale::logarithmic(low / room, high * room)
}

/// Round ratios: the finest row of them whose labels have room.
fn ticks(scale: Scale, width: f64) -> Vec<Tick> {
    let rows: [&[f64]; 6] = [
        &[0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0],
        &[0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0],
        &[0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0],
        &[0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0],
        &[0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0],
        &[0.01, 0.1, 1.0, 10.0, 100.0],
    ];
    let within = |row: &[f64]| -> Vec<Tick> {
        let values = row.iter().filter(|&&value| scale.holds(value));
        values.map(|&value| Tick { value, label: value.to_string() }).collect()
    };
    let fits = |ticks: &[Tick]| {
        // A row that stops far before an end of the axis is of too small numbers.
        let covers = ticks.first().is_some_and(|tick| tick.value < scale.min * 2.1)
            && ticks.last().is_some_and(|tick| tick.value * 2.1 > scale.max);
        covers
            && ticks.windows(2).all(|pair| {
                let apart = (scale.part(pair[1].value) - scale.part(pair[0].value)) * width;
                apart > (CELL.width(&pair[0].label) + CELL.width(&pair[1].label)) / 2.0 + 5.0
            })
    };
    rows.iter()
        .map(|row| within(row))
        .find(|ticks| fits(ticks))
        .unwrap_or_else(|| within(&[0.01, 0.1, 1.0, 10.0, 100.0]))
}

/// The square, its whiskers, and arrows where they leave the axis.
fn mark(canvas: &mut Canvas, panel: &Panel, row: &CoxRow, label: &str, middle: f64, heaviest: f64) {
    let pen = Pen::new(Ink::Series(0), stroke::INTERVAL);
    let frame = &panel.frame;
    let text = format!("hazard ratio {}, P {}", ratio(row), number::p_value(row.p_value));
    canvas.open_mark("mark", &Value::new(label, text));
    if let Some((lower, upper)) = limits(row) {
        let left = if lower < panel.x.min { frame.left } else { panel.x(lower) };
        let right = if upper > panel.x.max { frame.right() } else { panel.x(upper) };
        if left <= frame.right() && right >= frame.left {
            canvas.line(at(left, middle), at(right, middle), pen);
        }
        if lower < panel.x.min {
            let tip = at(frame.left - 1.0, middle);
            canvas.shape(&[tip, at(tip.x + 4.0, middle - 2.0), at(tip.x + 4.0, middle + 2.0)], pen.ink);
        }
        if upper > panel.x.max {
            let tip = at(frame.right() + 1.0, middle);
            canvas.shape(&[tip, at(tip.x - 4.0, middle - 2.0), at(tip.x - 4.0, middle + 2.0)], pen.ink);
        }
    }
    let value = row.hazard_ratio.value;
    if panel.x.holds(value) {
        let weight = if row.standard_error > 0.0 && heaviest > 0.0 { 1.0 / row.standard_error / heaviest } else { 1.0 };
        let half = 1.7 + 1.6 * weight.sqrt();
        let x = panel.x(value);
        canvas.rect(&Rect { left: x - half, top: middle - half, width: 2.0 * half, height: 2.0 * half }, pen.ink, None);
    }
    canvas.close();
}

fn describe(cox: &CoxAnalysis, results: &Results, sides: &[Side<'_>]) -> String {
    let mut text = format!(
        "Forest plot of hazard ratios for {} in {} (n = {}, {} events).",
        super::outcome_label(results, &cox.outcome),
        super::partition_label(results, &cox.partition),
        number::count(cox.n),
        number::count(cox.events),
    );
    if let Some(side) = sides.last() {
        let terms: Vec<String> = side.rows.iter().map(|row| format!("{} {}", name(row, results), ratio(row))).collect();
        text.push_str(&format!(" {}: {}.", side.head, terms.join("; ")));
    }
    text
}

fn name(row: &CoxRow, results: &Results) -> String {
    let label = results.variable(&row.variable).map_or(row.variable.as_str(), |facts| facts.label.as_str());
    match (&row.level, &row.reference, &row.per) {
        (Some(level), Some(reference), _) => format!("{label}: {level} vs {reference}"),
        (Some(level), None, _) => format!("{label}: {level}"),
        (None, _, Some(per)) => format!("{label}, {per}"),
        (None, _, None) => label.to_string(),
    }
}

fn data(results: &Results, sides: &[Side<'_>], ratio_head: &str) -> super::DataTable {
    let rows = sides.iter().flat_map(|side| {
        side.rows.iter().map(|row| {
            vec![
                side.head.to_string(),
                name(row, results),
                number::count(row.n),
                number::count(row.events),
                ratio(row),
                number::p_value(row.p_value),
            ]
        })
    });
    super::table(&["Model", "Variable", "n", "Events", ratio_head, "P"], rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Estimate;

    fn row(value: f64, lower: f64, upper: f64) -> CoxRow {
        CoxRow {
            variable: "age".to_string(),
            level: None,
            reference: None,
            per: None,
            n: 10,
            events: 5,
            coefficient: value.ln(),
            standard_error: 1.0,
            wald: 1.0,
            hazard_ratio: Estimate::new(value, 10).with_interval(lower, upper, 0.95, "Wald"),
            p_value: 0.5,
        }
    }

    #[test]
    fn the_axis_holds_estimates_and_intervals_of_reason() {
        let rows = [row(2.0, 1.5, 3.0), row(0.7, 0.5, 0.9)];
        let found = scale(&[Side { head: "", rows: &rows }]);
        assert!(found.min < 0.5 && found.min > 0.4 && found.max > 3.0 && found.max < 3.5);
        let rows = [row(1e9, 0.0, f64::INFINITY), row(2.0, 0.001, 4000.0)];
        let found = scale(&[Side { head: "", rows: &rows }]);
        assert!(found.min > 0.1 && found.max < 12.0, "{found:?}");
        let found = scale(&[]);
        assert!(found.holds(1.0) && found.holds(0.8) && found.holds(1.25));
    }

    #[test]
    fn ticks_are_found_for_every_axis_and_hold_one() {
        for (min, max) in [(0.78, 1.28), (0.5, 2.0), (0.25, 4.2), (0.1, 13.0), (0.02, 60.0), (0.9, 200.0)] {
            for width in [55.0, 90.0, 250.0] {
                let found = ticks(Scale::logarithmic(min, max), width);
                assert!(found.iter().any(|tick| tick.value == 1.0), "{min} {max} {width}");
            }
        }
    }

    #[test]
    fn what_two_decimals_cannot_show_is_bounded() {
        let narrow = |text: &str| text.replace('_', "\u{202f}");
        assert_eq!(ratio(&row(0.81, 0.7, 0.94)), "0.81 (0.70–0.94)");
        assert_eq!(ratio(&row(2.1, 0.0004, 9_200.0)), narrow("2.10 (<_0.01 to >_999)"));
        assert_eq!(ratio(&row(f64::INFINITY, 1.0, f64::INFINITY)), narrow(">_999 (1.00 to >_999)"));
    }
}
