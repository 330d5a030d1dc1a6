//! A forest: estimates with their intervals on a common axis, beside the numbers. One or two plots stand side by side, each
//! for one model and all on one scale. Squares grow with precision; an interval that leaves the axis ends in an arrow.
//! What the estimates are, ratios or areas, is the caller's.

use super::Drawing;
use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::panel::{BELOW_NAME, BELOW_NUMBERS, Panel, Scale, Tick};
use crate::report::document::DataTable;
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::stats::Estimate;

const TERM: Style = Style::new(size::LABEL);
pub const CELL: Style = Style::new(size::SMALL);
const HEAD: Style = Style::new(size::SMALL).strong();
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
const ROW: f64 = 12.6;
const INDENT: f64 = 9.0;
const GAP: f64 = 8.0;
/// So many lines a head over a plot may have.
const HEAD_LINES: usize = 4;

/// All that a forest shows.
pub struct Forest {
    /// Above each plot.
    pub heads: Vec<String>,
    /// The head of the first column.
    pub first_head: &'static str,
    /// The head of the column of estimates.
    pub estimate_head: String,
    /// The head of the column after it.
    pub last_head: &'static str,
    /// Lines that belong together, under one band.
    pub groups: Vec<Vec<Line>>,
    pub scale: Scale,
    /// Candidates for the axis, the finest first; the last of them is taken where none has room.
    pub ticks: Vec<Vec<f64>>,
    pub axis_name: String,
    /// Where the dashed line of each plot stands: no effect, or all subjects.
    pub lines_at: Vec<Option<f64>>,
    pub note: String,
    pub alternative_text: String,
    pub data: DataTable,
}

/// A line of the forest.
pub enum Line {
    /// A variable whose levels follow, with what stands in the last column of each plot.
    Head { label: String, last: Vec<String> },
    /// The level that the others are held against.
    Reference(String),
    /// One mark per plot; none where the plot's model has no such term.
    Term { label: String, indented: bool, marks: Vec<Option<Mark>> },
}

pub struct Mark {
    /// "0.81 (0.70–0.94)"
    pub text: String,
    /// What the last column says: a P-value, n.
    pub last: String,
    /// Told on hovering.
    pub told: String,
    pub value: f64,
    /// Limits that can stand on the axis.
    pub limits: Option<(f64, f64)>,
    /// In proportion to precision; 0 where it is not known.
    pub weight: f64,
}

impl Line {
    fn label(&self) -> (&str, f64) {
        match self {
            Line::Head { label, .. } => (label, 0.0),
            Line::Reference(label) => (label, INDENT),
            Line::Term { label, indented, .. } => (label, if *indented { INDENT } else { 0.0 }),
        }
    }

    fn marks(&self) -> impl Iterator<Item = &Mark> {
        let marks: &[Option<Mark>] = match self {
            Line::Term { marks, .. } => marks,
            _ => &[],
        };
        marks.iter().flatten()
    }

    fn last_texts(&self) -> Vec<&str> {
        match self {
            Line::Head { last, .. } => last.iter().map(String::as_str).collect(),
            _ => self.marks().map(|mark| mark.last.as_str()).collect(),
        }
    }
}

/// The limits of an interval, where they can stand on the axis.
pub fn limits(estimate: &Estimate) -> Option<(f64, f64)> {
    let interval = estimate.interval.as_ref()?;
    (interval.lower >= 0.0 && interval.upper > 0.0).then_some((interval.lower, interval.upper))
}

pub fn draw(forest: Forest) -> Drawing {
    let mut canvas = Canvas::default();
    let width = theme::FULL_WIDTH;
    let marks = || forest.groups.iter().flatten().flat_map(Line::marks);
    let estimate_width = marks().map(|mark| CELL.width(&mark.text)).fold(HEAD.width(&forest.estimate_head), f64::max);
    let last_width = forest
        .groups
        .iter()
        .flatten()
        .flat_map(Line::last_texts)
        .map(|text| CELL.width(text))
        .fold(HEAD.width(forest.last_head), f64::max);
    let wanted =
        forest.groups.iter().flatten().map(|line| TERM.width(line.label().0) + line.label().1).fold(60.0, f64::max);
    let count = forest.heads.len().max(1) as f64;
    let numbers = estimate_width + last_width + 3.0 * GAP;
    // The plots get what the labels leave, but are never narrower than this.
    let label_room = wanted.min((width - count * (numbers + 70.0)).max(90.0));
    let plot_width = (width - label_room) / count - numbers;
    let side_left = |index: usize| label_room + GAP + index as f64 * (plot_width + numbers);
    let axis = ticks(forest.scale, &forest.ticks, plot_width);
    let heaviest = marks().map(|mark| mark.weight).fold(0.0, f64::max);

    // Heads, each broken into lines that end before its neighbour.
    let mut y = 1.0;
    if forest.heads.len() > 1 {
        let room = plot_width + numbers - GAP;
        let heads: Vec<Vec<String>> = forest.heads.iter().map(|head| HEAD.wrap_to(head, room, HEAD_LINES)).collect();
        let most = heads.iter().map(Vec::len).max().unwrap_or(1) as f64;
        let rule = y + most * HEAD.line() + 1.5;
        for (index, lines) in heads.iter().enumerate() {
            let left = side_left(index);
            let first = rule - 1.5 - lines.len() as f64 * HEAD.line() + HEAD.size;
            canvas.lines(at(left + room / 2.0, first), lines, HEAD.middle());
            canvas.line(at(left, rule), at(left + room, rule), Pen::new(Ink::Axis, stroke::GRID));
        }
        y = rule + 3.0;
    }
    canvas.text(at(0.0, y + HEAD.size), forest.first_head, HEAD);
    for index in 0..forest.heads.len() {
        let right = side_left(index) + plot_width + GAP + estimate_width;
        canvas.text(at(right, y + HEAD.size), &forest.estimate_head, HEAD.end());
        canvas.text(at(right + GAP + last_width, y + HEAD.size), forest.last_head, HEAD.end());
    }
    y += 11.0;
    canvas.line(at(0.0, y), at(width, y), Pen::new(Ink::Axis, stroke::AXIS));
    y += 2.0;

    // Where each line lies, then bands, the dashed lines, and the lines themselves over them.
    let top = y;
    let mut placed = Vec::new();
    for (at_group, group) in forest.groups.iter().enumerate() {
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
    let panels: Vec<Panel> = (0..forest.heads.len())
        .map(|index| Panel {
            frame: Rect { left: side_left(index), top, width: plot_width, height: bottom - top },
            x: forest.scale,
            y: Scale::linear(0.0, 1.0),
        })
        .collect();
    for (panel, line) in panels.iter().zip(&forest.lines_at) {
        let Some(value) = line.filter(|value| panel.x.holds(*value)) else { continue };
        let pen = Pen::new(Ink::Axis, stroke::AXIS).dashed(&[2.0, 2.0]);
        canvas.line(at(panel.x(value), top), at(panel.x(value), bottom), pen);
    }
    for (line, wrapped, middle) in placed {
        let first = middle - (wrapped.len() as f64 - 1.0) * TERM.line() / 2.0 + TERM.drop();
        canvas.lines(at(2.0 + line.label().1, first), &wrapped, TERM);
        let right = |panel: &Panel| panel.frame.right() + GAP + estimate_width;
        match line {
            Line::Head { last, .. } => {
                for (panel, text) in panels.iter().zip(last) {
                    canvas.text(at(right(panel) + GAP + last_width, middle + CELL.drop()), text, CELL.end());
                }
            }
            Line::Reference(_) => {
                for panel in &panels {
                    canvas.text(at(right(panel), middle + NOTE.drop()), "1 (reference)", NOTE.end());
                }
            }
            Line::Term { label, marks, .. } => {
                for (panel, mark) in panels.iter().zip(marks) {
                    let Some(mark) = mark else {
                        canvas.text(at(right(panel), middle + NOTE.drop()), number::ABSENT, NOTE.end());
                        continue;
                    };
                    canvas.text(at(right(panel), middle + CELL.drop()), &mark.text, CELL.end());
                    canvas.text(at(right(panel) + GAP + last_width, middle + CELL.drop()), &mark.last, CELL.end());
                    draw_mark(&mut canvas, panel, mark, label, middle, heaviest);
                }
            }
        }
    }
    let axis_lines = CELL.wrap_to(&forest.axis_name, plot_width + numbers - GAP, HEAD_LINES);
    for panel in &panels {
        panel.bottom_axis(&mut canvas, &axis, "");
        let below = bottom + BELOW_NUMBERS + 8.0;
        let widest = axis_lines.iter().map(|line| CELL.width(line)).fold(0.0, f64::max);
        // Below the middle of the plot, but within the figure.
        let centre = panel.frame.centre_x().min(width - widest / 2.0);
        canvas.lines(at(centre, below), &axis_lines, CELL.middle());
    }
    let bottom = bottom + (axis_lines.len() as f64 - 1.0) * CELL.line();
    let note = NOTE.wrap(&forest.note, width);
    let note_top = bottom + BELOW_NAME + NOTE.line() + 3.0;
    canvas.note(at(0.0, note_top), &note, NOTE);
    let height = note_top + (note.len() as f64 - 1.0) * NOTE.line() + 3.0;
    Drawing {
        svg: canvas.finish(width, height, &forest.alternative_text),
        width,
        height,
        alternative_text: forest.alternative_text,
        data: forest.data,
    }
}

/// The finest row of ticks whose labels have room.
fn ticks(scale: Scale, rows: &[Vec<f64>], width: f64) -> Vec<Tick> {
    let within = |row: &Vec<f64>| -> Vec<Tick> {
        let values = row.iter().filter(|&&value| scale.holds(value));
        values.map(|&value| Tick { value, label: value.to_string() }).collect()
    };
    let fits = |ticks: &[Tick]| {
        // A row that stops far before an end of the axis is of too small numbers.
        let covers = !scale.logarithmic
            || (ticks.first().is_some_and(|tick| tick.value < scale.min * 2.1)
                && ticks.last().is_some_and(|tick| tick.value * 2.1 > scale.max));
        covers
            && ticks.windows(2).all(|pair| {
                let apart = (scale.part(pair[1].value) - scale.part(pair[0].value)) * width;
                apart > (CELL.width(&pair[0].label) + CELL.width(&pair[1].label)) / 2.0 + 5.0
            })
    };
    let mut found = rows.iter().map(within);
    found.find(|ticks| fits(ticks)).or_else(|| rows.last().map(within)).unwrap_or_default()
}

/// The square, its whiskers, and arrows where they leave the axis.
fn draw_mark(canvas: &mut Canvas, panel: &Panel, mark: &Mark, label: &str, middle: f64, heaviest: f64) {
    let pen = Pen::new(Ink::Series(0), stroke::INTERVAL);
    let frame = &panel.frame;
    canvas.open_mark("mark", &Value::new(label, mark.told.as_str()));
    if let Some((lower, upper)) = mark.limits {
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
    if panel.x.holds(mark.value) {
        let weight = if mark.weight > 0.0 && heaviest > 0.0 { mark.weight / heaviest } else { 1.0 };
        let half = 1.7 + 1.6 * weight.sqrt();
        let x = panel.x(mark.value);
        canvas.rect(&Rect { left: x - half, top: middle - half, width: 2.0 * half, height: 2.0 * half }, pen.ink, None);
    }
    canvas.close();
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// For the forests whose rows of ticks are tested where they are.
    pub fn ticks_of(scale: Scale, rows: &[Vec<f64>], width: f64) -> Vec<f64> {
        ticks(scale, rows, width).iter().map(|tick| tick.value).collect()
    }
}
