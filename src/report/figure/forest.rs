//! Estimates with their intervals below each other, on a common axis: differences in subgroups, results of several sites
//! with their sum. Squares grow with a row's weight; the sum is a diamond; an interval that leaves the axis ends in an
//! arrow.

use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::panel::{BELOW_NAME, BELOW_NUMBERS, Panel, Scale, ticks};
use super::{Drawing, table};
use crate::report::theme::{self, Ink, size, stroke};

const LABEL: Style = Style::new(size::LABEL);
const STRONG: Style = Style::new(size::LABEL).strong();
const CELL: Style = Style::new(size::SMALL);
const HEAD: Style = Style::new(size::SMALL).strong();
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
const ROW: f64 = 13.0;
const INDENT: f64 = 9.0;
const GAP: f64 = 9.0;

pub struct Forest {
    pub label_head: String,
    /// Heads of the columns between label and plot: "n", "Weight (%)".
    pub column_heads: Vec<String>,
    /// "Difference in AUC (95% CI)"
    pub estimate_head: String,
    pub rows: Vec<ForestRow>,
    /// Where a dashed line stands.
    pub no_effect: Option<f64>,
    pub logarithmic: bool,
    /// The name of the axis.
    pub axis: String,
    pub note: String,
    pub alternative_text: String,
}

pub struct ForestRow {
    pub label: String,
    pub indented: bool,
    /// In the order of the heads.
    pub columns: Vec<String>,
    pub mark: ForestMark,
    /// "0.012 (−0.004 to 0.028)"
    pub text: String,
}

pub enum ForestMark {
    /// A head over the rows that follow, or a row without an estimate.
    None,
    /// `weight` from 0 to 1, in units of the heaviest row.
    Estimate {
        value: f64,
        lower: f64,
        upper: f64,
        weight: f64,
    },
    Sum {
        value: f64,
        lower: f64,
        upper: f64,
    },
    /// A range without an estimate, as of a prediction.
    Range {
        lower: f64,
        upper: f64,
    },
}

impl ForestMark {
    fn ends(&self) -> Option<Ends> {
        match *self {
            ForestMark::None => None,
            ForestMark::Estimate { value, lower, upper, .. } | ForestMark::Sum { value, lower, upper } => {
                Some(Ends { value: Some(value), lower, upper })
            }
            ForestMark::Range { lower, upper } => Some(Ends { value: None, lower, upper }),
        }
    }
}

struct Ends {
    value: Option<f64>,
    lower: f64,
    upper: f64,
}

impl Forest {
    pub fn draw(&self) -> Drawing {
        let mut canvas = Canvas::default();
        let width = theme::FULL_WIDTH;
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let text_width =
            widest(&mut self.rows.iter().map(|row| CELL.width(&row.text))).max(HEAD.width(&self.estimate_head));
        let column_widths: Vec<f64> = self
            .column_heads
            .iter()
            .enumerate()
            .map(|(at, head)| {
                let cells = self.rows.iter().filter_map(|row| row.columns.get(at));
                widest(&mut cells.map(|cell| CELL.width(cell))).max(HEAD.width(head))
            })
            .collect();
        let columns = column_widths.iter().map(|width| width + GAP).sum::<f64>();
        let wanted = widest(&mut self.rows.iter().map(|row| STRONG.width(&row.label) + indent(row)))
            .max(HEAD.width(&self.label_head));
        let label_room = wanted.min((width - columns - text_width - 150.0).max(90.0));
        let plot_left = label_room + columns + GAP;
        let plot_width = width - plot_left - text_width - GAP;

        let mut y = 1.0;
        canvas.text(at(0.0, y + HEAD.size), &self.label_head, HEAD);
        let mut right = label_room;
        for (head, column) in self.column_heads.iter().zip(&column_widths) {
            right += GAP + column;
            canvas.text(at(right, y + HEAD.size), head, HEAD.end());
        }
        canvas.text(at(width, y + HEAD.size), &self.estimate_head, HEAD.end());
        y += 11.0;
        canvas.line(at(0.0, y), at(width, y), Pen::new(Ink::Axis, stroke::AXIS));
        y += 2.0;

        let top = y;
        let mut placed = Vec::new();
        for row in &self.rows {
            let lines = LABEL.wrap_to(&row.label, label_room - indent(row), 4);
            let height = ROW + (lines.len() as f64 - 1.0) * LABEL.line();
            placed.push(Placed { row, lines, middle: y + height / 2.0 });
            y += height;
        }
        let bottom = y + 2.0;
        let scale = self.scale();
        let panel = Panel {
            frame: Rect { left: plot_left, top, width: plot_width, height: bottom - top },
            x: scale,
            y: Scale::linear(0.0, 1.0),
        };
        if let Some(no_effect) = self.no_effect.filter(|value| scale.holds(*value)) {
            let pen = Pen::new(Ink::Axis, stroke::AXIS).dashed(&[2.0, 2.0]);
            canvas.line(at(panel.x(no_effect), top), at(panel.x(no_effect), bottom), pen);
        }
        for Placed { row, lines, middle } in &placed {
            let style = if matches!(row.mark, ForestMark::None | ForestMark::Sum { .. }) && !row.indented {
                STRONG
            } else {
                LABEL
            };
            let first = middle - (lines.len() as f64 - 1.0) * LABEL.line() / 2.0 + LABEL.drop();
            canvas.lines(at(indent(row), first), lines, style);
            let mut right = label_room;
            for (cell, column) in row.columns.iter().zip(&column_widths) {
                right += GAP + column;
                canvas.text(at(right, middle + CELL.drop()), cell, CELL.end());
            }
            canvas.text(at(width, middle + CELL.drop()), &row.text, CELL.end());
            mark(&mut canvas, &panel, row, *middle);
        }
        let parts = (plot_width / 45.0) as usize;
        panel.bottom_axis(&mut canvas, &ticks(scale, parts.max(2)), "");
        canvas.text(at(panel.frame.centre_x(), bottom + BELOW_NUMBERS + 8.0), &self.axis, CELL.middle());
        let notes = if self.note.is_empty() { Vec::new() } else { NOTE.wrap(&self.note, width) };
        let below = bottom + BELOW_NAME + NOTE.line();
        canvas.note(at(0.0, below), &notes, NOTE);
        let height = below + (notes.len() as f64 - 1.0).max(0.0) * NOTE.line() + 4.0;
        Drawing {
            svg: canvas.finish(width, height, &self.alternative_text),
            width,
            height,
            alternative_text: self.alternative_text.clone(),
            data: self.data(),
        }
    }

    /// Holds every estimate and the line of no effect; of the intervals what reaches no further than twice the span of
    /// the estimates beyond them.
    fn scale(&self) -> Scale {
        let measure = |value: f64| if self.logarithmic { value.ln() } else { value };
        let ends: Vec<Ends> = self.rows.iter().filter_map(|row| row.mark.ends()).collect();
        let values = ends.iter().filter_map(|ends| ends.value).chain(self.no_effect).map(measure);
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let (mut low, mut high) = (fold(&values, f64::min), fold(&values, f64::max));
        let widths =
            ends.iter().map(|ends| measure(ends.upper) - measure(ends.lower)).filter(|width| width.is_finite());
        let mut widths: Vec<f64> = widths.collect();
        widths.sort_unstable_by(f64::total_cmp);
        let typical = widths.get(widths.len() / 2).copied().unwrap_or(0.0);
        let reach = 2.0 * (high - low).max(typical);
        let (lowest, highest) = (low - reach, high + reach);
        for end in ends.iter().flat_map(|ends| [measure(ends.lower), measure(ends.upper)]).filter(|end| end.is_finite())
        {
            (low, high) = (low.min(end.max(lowest)), high.max(end.min(highest)));
        }
        let room = if high > low { 0.04 * (high - low) } else { 0.1 * high.abs().max(0.01) };
        let (low, high) = (low - room, high + room);
        if self.logarithmic { Scale::logarithmic(low.exp(), high.exp()) } else { Scale::linear(low, high) }
    }

    fn data(&self) -> super::DataTable {
        let mut heads: Vec<&str> = vec![&self.label_head];
        heads.extend(self.column_heads.iter().map(String::as_str));
        heads.push(&self.estimate_head);
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![row.label.clone()];
            cells.extend((0..self.column_heads.len()).map(|at| row.columns.get(at).cloned().unwrap_or_default()));
            cells.push(row.text.clone());
            cells
        });
        table(&heads, rows.collect())
    }
}

struct Placed<'a> {
    row: &'a ForestRow,
    lines: Vec<String>,
    middle: f64,
}

fn indent(row: &ForestRow) -> f64 {
    if row.indented { INDENT } else { 0.0 }
}

fn fold(values: &[f64], of: fn(f64, f64) -> f64) -> f64 {
    values.iter().copied().reduce(of).unwrap_or(0.0)
}

fn mark(canvas: &mut Canvas, panel: &Panel, row: &ForestRow, middle: f64) {
    let Some(ends) = row.mark.ends() else { return };
    let frame = &panel.frame;
    let ink = if matches!(row.mark, ForestMark::Estimate { .. }) { Ink::Series(0) } else { Ink::Text };
    let pen = Pen::new(ink, stroke::INTERVAL);
    let within = |value: f64| if value.is_finite() { panel.x(value.clamp(panel.x.min, panel.x.max)) } else { f64::NAN };
    let left = if ends.lower.is_finite() { within(ends.lower) } else { frame.left };
    let right = if ends.upper.is_finite() { within(ends.upper) } else { frame.right() };
    canvas.open_mark("mark", &Value::new(&row.label, &row.text));
    if let (ForestMark::Sum { .. }, Some(value)) = (&row.mark, ends.value) {
        let half = 3.6;
        let x = within(value);
        canvas.shape(&[at(left, middle), at(x, middle - half), at(right, middle), at(x, middle + half)], ink);
        canvas.close();
        return;
    }
    canvas.line(at(left, middle), at(right, middle), pen);
    if !(ends.lower >= panel.x.min) {
        let tip = at(frame.left - 1.0, middle);
        canvas.shape(&[tip, at(tip.x + 4.0, middle - 2.0), at(tip.x + 4.0, middle + 2.0)], ink);
    }
    if !(ends.upper <= panel.x.max) {
        let tip = at(frame.right() + 1.0, middle);
        canvas.shape(&[tip, at(tip.x - 4.0, middle - 2.0), at(tip.x - 4.0, middle + 2.0)], ink);
    }
    if let (ForestMark::Estimate { weight, .. }, Some(value)) = (&row.mark, ends.value)
        && panel.x.holds(value)
    {
        let half = 1.7 + 1.9 * weight.clamp(0.0, 1.0).sqrt();
        let x = panel.x(value);
        canvas.rect(&Rect { left: x - half, top: middle - half, width: 2.0 * half, height: 2.0 * half }, ink, None);
    }
    canvas.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forest(marks: Vec<ForestMark>, no_effect: Option<f64>, logarithmic: bool) -> Forest {
        let rows = marks.into_iter().enumerate().map(|(at, mark)| ForestRow {
            label: format!("Site {at}"),
            indented: false,
            columns: vec![format!("{at}")],
            mark,
            text: "0.1 (0.0 to 0.2)".to_string(),
        });
        Forest {
            label_head: "Site".to_string(),
            column_heads: vec!["n".to_string()],
            estimate_head: "AUC (95% CI)".to_string(),
            rows: rows.collect(),
            no_effect,
            logarithmic,
            axis: "AUC".to_string(),
            note: "A note.".to_string(),
            alternative_text: "A forest plot.".to_string(),
        }
    }

    #[test]
    fn the_axis_holds_estimates_and_intervals_of_reason() {
        let estimate = |value: f64, lower: f64, upper: f64| ForestMark::Estimate { value, lower, upper, weight: 1.0 };
        let scale = forest(vec![estimate(0.7, 0.6, 0.8), estimate(0.75, 0.7, 0.8)], None, false).scale();
        assert!(scale.min < 0.6 && scale.max > 0.8 && scale.max < 0.9, "{scale:?}");
        let scale = forest(vec![estimate(0.7, -99.0, 99.0), estimate(0.75, 0.7, 0.8)], Some(0.0), false).scale();
        assert!(scale.holds(0.0) && scale.holds(0.75));
        let scale = forest(vec![estimate(2.0, 0.0, f64::INFINITY)], Some(1.0), true).scale();
        assert!(scale.min > 0.0 && scale.holds(1.0) && scale.holds(2.0), "{scale:?}");
    }

    #[test]
    fn every_row_is_drawn_and_listed() {
        let marks = vec![
            ForestMark::Estimate { value: 0.7, lower: 0.6, upper: 0.8, weight: 0.5 },
            ForestMark::None,
            ForestMark::Sum { value: 0.71, lower: 0.65, upper: 0.77 },
            ForestMark::Range { lower: 0.5, upper: 0.9 },
        ];
        let drawing = forest(marks, None, false).draw();
        assert_eq!(drawing.data.rows.len(), 4);
        assert_eq!(drawing.svg.matches("class=\"mark\"").count(), 3);
    }
}
