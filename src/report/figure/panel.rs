//! A plotting area with its axes. Curves and bands are drawn by plotters, on a grid of a hundredth of a point; text,
//! ticks and marks are written by the [`Canvas`].

use super::FigureError;
use super::canvas::{Canvas, Pen, Point, Rect, Style, Value, at, coordinate};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

/// plotters draws on whole pixels: so many of them make a point.
const PER_POINT: f64 = 100.0;

/// An axis: which values lie at its two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub min: f64,
    pub max: f64,
    pub logarithmic: bool,
}

impl Scale {
    pub const fn linear(min: f64, max: f64) -> Self {
        Self { min, max, logarithmic: false }
    }

    /// Equal ratios are equal distances; both ends are above zero.
    pub const fn logarithmic(min: f64, max: f64) -> Self {
        Self { min, max, logarithmic: true }
    }

    /// The value on the axis' own measure: itself, or its logarithm.
    fn measure(&self, value: f64) -> f64 {
        if self.logarithmic { value.ln() } else { value }
    }

    /// Where a value lies: 0 at the lower end, 1 at the upper.
    pub fn part(&self, value: f64) -> f64 {
        (self.measure(value) - self.measure(self.min)) / (self.measure(self.max) - self.measure(self.min))
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.measure(self.min)..self.measure(self.max)
    }

    pub fn holds(&self, value: f64) -> bool {
        value >= self.min && value <= self.max
    }
}

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub value: f64,
    pub label: String,
}

/// Round numbers that divide the scale into about `parts`, as plotters chooses them; labels with as many decimals as
/// the step needs.
pub fn ticks(scale: Scale, parts: usize) -> Vec<Tick> {
    use plotters::coord::ranged1d::BoldPoints;
    let values = RangedCoordf64::from(scale.min..scale.max).key_points(BoldPoints(parts.max(2) + 1));
    let step = match values.as_slice() {
        [first, second, ..] => second - first,
        _ => 1.0,
    };
    let decimals = (0..6).find(|&places| {
        let scaled = step * 10_f64.powi(places);
        (scaled - scaled.round()).abs() < 1e-6 * scaled
    });
    let places = decimals.unwrap_or(6) as usize;
    values
        .into_iter()
        .filter(|&value| scale.holds(value))
        .map(|value| Tick { value, label: number::fixed(value, places) })
        .collect()
}

/// A plotting area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Panel {
    pub frame: Rect,
    pub x: Scale,
    pub y: Scale,
}

impl Panel {
    pub fn x(&self, value: f64) -> f64 {
        self.frame.left + self.x.part(value) * self.frame.width
    }

    pub fn y(&self, value: f64) -> f64 {
        self.frame.bottom() - self.y.part(value) * self.frame.height
    }

    pub fn at(&self, x: f64, y: f64) -> Point {
        at(self.x(x), self.y(y))
    }

    /// Opens the panel's group, with what a page needs to read values off it.
    pub fn open(&self, canvas: &mut Canvas, label: &str) {
        let scale = |scale: &Scale| if scale.logarithmic { "log" } else { "linear" }.to_string();
        canvas.open(
            "panel",
            &[
                ("panel", label.to_string()),
                ("left", coordinate(self.frame.left)),
                ("top", coordinate(self.frame.top)),
                ("width", coordinate(self.frame.width)),
                ("height", coordinate(self.frame.height)),
                ("x-min", self.x.min.to_string()),
                ("x-max", self.x.max.to_string()),
                ("x-scale", scale(&self.x)),
                ("y-min", self.y.min.to_string()),
                ("y-max", self.y.max.to_string()),
                ("y-scale", scale(&self.y)),
            ],
        );
    }

    /// A line through points in the axes' units; what lies outside the frame is cut off.
    pub fn curve(
        &self,
        canvas: &mut Canvas,
        points: &[(f64, f64)],
        pen: Pen,
        value: &Value,
    ) -> Result<(), FigureError> {
        canvas.open_mark("curve", value);
        for piece in self.pieces(points) {
            let markup = self.plot(self.measured(&piece), rgb(pen.ink).stroke_width((pen.width * PER_POINT) as u32))?;
            let attributes = pen.attributes(PER_POINT);
            canvas.raw(&format!("<g {attributes} stroke-linejoin=\"round\" {}>{markup}</g>\n", self.placed()));
        }
        canvas.close();
        Ok(())
    }

    /// The area between two lines, tinted. The lines lie within the frame up and down; to the right they are cut off.
    pub fn band(
        &self,
        canvas: &mut Canvas,
        lower: &[(f64, f64)],
        upper: &[(f64, f64)],
        ink: Ink,
    ) -> Result<(), FigureError> {
        let within = |line: &[(f64, f64)]| self.measured(&self.pieces(line).concat());
        let mut outline = within(upper);
        outline.extend(within(lower).into_iter().rev());
        if outline.len() < 3 {
            return Ok(());
        }
        let markup = self.plot(outline, rgb(ink).filled())?;
        canvas.raw(&format!("<g class=\"band fill-{}\" opacity=\"0.16\" {}>{markup}</g>\n", ink.name(), self.placed()));
        Ok(())
    }

    /// The stretches of a line that lie in the frame, cut where they leave it. (plotters would move a point outside to
    /// the nearest edge, and so bend the line.)
    fn pieces(&self, points: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
        let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
        for pair in points.windows(2) {
            if !pair.iter().all(|(x, y)| self.x.measure(*x).is_finite() && self.y.measure(*y).is_finite()) {
                continue;
            }
            let Some((from, to)) = self.cut(pair[0], pair[1]) else { continue };
            match pieces.last_mut() {
                Some(piece) if piece.last() == Some(&from) => piece.push(to),
                _ => pieces.push(vec![from, to]),
            }
        }
        pieces
    }

    /// The part of a stretch that lies in the frame (Liang and Barsky, in the axes' own measure).
    fn cut(&self, from: (f64, f64), to: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
        let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
        for (scale, start, end) in [(&self.x, from.0, to.0), (&self.y, from.1, to.1)] {
            let (start, end) = (scale.part(start), scale.part(end));
            for (distance, slope) in [(start, start - end), (1.0 - start, end - start)] {
                // Rounding may put a point of the edge a trifle outside.
                let distance = if distance.abs() < 1e-12 { 0.0 } else { distance };
                if slope == 0.0 {
                    if distance < 0.0 {
                        return None;
                    }
                } else if slope < 0.0 {
                    enters = enters.max(distance / slope);
                } else {
                    leaves = leaves.min(distance / slope);
                }
            }
        }
        let along = |part: f64| {
            let between = |scale: &Scale, start: f64, end: f64| {
                let (start, end) = (scale.measure(start), scale.measure(end));
                let value = start + part * (end - start);
                if scale.logarithmic { value.exp() } else { value }
            };
            (between(&self.x, from.0, to.0), between(&self.y, from.1, to.1))
        };
        let start = if enters > 0.0 { along(enters) } else { from };
        let end = if leaves < 1.0 { along(leaves) } else { to };
        (enters <= leaves).then_some((start, end))
    }

    fn measured(&self, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
        points.iter().map(|&(x, y)| (self.x.measure(x), self.y.measure(y))).collect()
    }

    /// The transformation from plotters' pixels to the frame's place.
    fn placed(&self) -> String {
        format!(
            "transform=\"translate({} {}) scale({})\"",
            coordinate(self.frame.left),
            coordinate(self.frame.top),
            1.0 / PER_POINT
        )
    }

    /// The elements that plotters makes of one series.
    fn plot(&self, points: Vec<(f64, f64)>, style: ShapeStyle) -> Result<String, FigureError> {
        let pixels = |length: f64| (length * PER_POINT).round() as u32;
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (pixels(self.frame.width), pixels(self.frame.height)))
                .into_drawing_area();
            let mut chart = ChartBuilder::on(&area)
                .build_cartesian_2d(self.x.range(), self.y.range())
                .map_err(|error| FigureError::Plot(error.to_string()))?;
            let drawn = if style.filled {
                chart.draw_series(std::iter::once(Polygon::new(points, style))).map(|_| ())
            } else {
                chart.draw_series(LineSeries::new(points, style)).map(|_| ())
            };
            drawn.map_err(|error| FigureError::Plot(error.to_string()))?;
            area.present().map_err(|error| FigureError::Plot(error.to_string()))?;
        }
        // Of the document only its elements are taken: the figure is one document.
        let inside = svg.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>"));
        Ok(inside.map(|(elements, _)| elements.trim().to_string()).unwrap_or_default())
    }

    /// A left axis that shares its numbers with the panel to the left of it: line and ticks alone.
    pub fn bare_left_axis(&self, canvas: &mut Canvas, ticks: &[Tick]) {
        let bare: Vec<Tick> = ticks.iter().map(|tick| Tick { label: String::new(), ..*tick }).collect();
        self.left_axis(canvas, &bare, "");
    }

    /// The lower axis with its ticks; it takes [`BELOW_NUMBERS`] below the frame, with a name [`BELOW_NAME`].
    pub fn bottom_axis(&self, canvas: &mut Canvas, ticks: &[Tick], name: &str) {
        let bottom = self.frame.bottom();
        let pen = Pen::new(Ink::Axis, stroke::AXIS);
        canvas.line(at(self.frame.left, bottom), at(self.frame.right(), bottom), pen);
        let style = Style::new(size::SMALL).ink(Ink::Muted).middle();
        canvas.open("axis-x", &[]);
        for tick in ticks {
            let x = self.x(tick.value);
            canvas.line(at(x, bottom), at(x, bottom + theme::TICK), pen);
            canvas.text(at(x, bottom + theme::TICK + 2.0 + style.size * 0.76), &tick.label, style);
        }
        canvas.close();
        if !name.is_empty() {
            canvas.text(
                at(self.frame.centre_x(), bottom + BELOW_NUMBERS + 8.0),
                name,
                Style::new(size::LABEL).middle(),
            );
        }
    }

    /// The left axis with its ticks; it takes [`left_room`] left of the frame.
    pub fn left_axis(&self, canvas: &mut Canvas, ticks: &[Tick], name: &str) {
        let left = self.frame.left;
        let pen = Pen::new(Ink::Axis, stroke::AXIS);
        canvas.line(at(left, self.frame.top), at(left, self.frame.bottom()), pen);
        let style = Style::new(size::SMALL).ink(Ink::Muted).end();
        for tick in ticks {
            let y = self.y(tick.value);
            canvas.line(at(left - theme::TICK, y), at(left, y), pen);
            if !tick.label.is_empty() {
                canvas.text(at(left - theme::TICK - 2.0, y + style.drop()), &tick.label, style);
            }
        }
        if !name.is_empty() {
            let x = left - left_room(ticks, "") - 3.5;
            canvas.text_upwards(
                at(x, self.frame.top + self.frame.height / 2.0),
                name,
                Style::new(size::LABEL).middle(),
            );
        }
    }

    /// Thin lines across the frame at the left axis' ticks.
    pub fn grid(&self, canvas: &mut Canvas, ticks: &[Tick]) {
        for tick in ticks.iter().filter(|tick| tick.value > self.y.min) {
            let y = self.y(tick.value);
            canvas.line(at(self.frame.left, y), at(self.frame.right(), y), Pen::new(Ink::Grid, stroke::GRID));
        }
    }
}

/// From a frame's lower edge to below the numbers of its axis.
pub const BELOW_NUMBERS: f64 = 12.0;

/// From a frame's lower edge to below the name of its axis.
pub const BELOW_NAME: f64 = 23.0;

/// How far a left axis reaches out of its frame.
pub fn left_room(ticks: &[Tick], name: &str) -> f64 {
    let style = Style::new(size::SMALL);
    let numbers = ticks.iter().map(|tick| style.width(&tick.label)).fold(0.0, f64::max);
    numbers + theme::TICK + 2.0 + if name.is_empty() { 0.0 } else { size::LABEL + 3.5 }
}

fn rgb(ink: Ink) -> RGBColor {
    let hex = ink.light();
    let channel = |at: usize| hex.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
    RGBColor(channel(1), channel(3), channel(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel() -> Panel {
        let frame = Rect { left: 10.0, top: 20.0, width: 100.0, height: 50.0 };
        Panel { frame, x: Scale::linear(0.0, 1.0), y: Scale::linear(-0.1, 0.4) }
    }

    #[test]
    fn values_lie_where_their_scale_puts_them() {
        let panel = panel();
        assert_eq!((panel.x(0.25), panel.y(0.4), panel.y(-0.1)), (35.0, 20.0, 70.0));
        let ratios = Scale::logarithmic(0.25, 4.0);
        assert!((ratios.part(1.0) - 0.5).abs() < 1e-15 && (ratios.part(2.0) - 0.75).abs() < 1e-15);
    }

    /// From (0, 0.3) to (1, −0.7) the line leaves the frame at y = −0.1, that is at x = 0.4, and does not come back.
    #[test]
    fn a_line_is_cut_where_it_leaves_the_frame() {
        let pieces = panel().pieces(&[(0.0, 0.3), (1.0, -0.7), (1.0, -0.2)]);
        assert_eq!(pieces.len(), 1);
        assert_eq!(pieces[0][0], (0.0, 0.3));
        assert!((pieces[0][1].0 - 0.4).abs() < 1e-12 && (pieces[0][1].1 + 0.1).abs() < 1e-12);
        let twice = panel().pieces(&[(0.0, 0.0), (0.2, 1.0), (0.4, 0.0)]);
        assert_eq!(twice.len(), 2, "up over the edge and down again");
    }

    #[test]
    fn plotters_draws_to_a_hundredth_of_a_point() {
        let mut canvas = Canvas::default();
        panel()
            .curve(
                &mut canvas,
                &[(0.0, 0.4), (0.5, 0.15), (1.0, -0.1)],
                Pen::new(Ink::Text, 1.0),
                &Value::new("Risk", ""),
            )
            .unwrap();
        let svg = canvas.finish(200.0, 100.0, "");
        let points = svg.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        let places: Vec<f64> =
            points.split([' ', ',']).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()).collect();
        for (found, wanted) in places.iter().zip([0.0, 0.0, 5000.0, 2500.0, 10000.0, 5000.0]) {
            assert!((found - wanted).abs() <= 1.5, "{points}");
        }
    }

    #[test]
    fn ticks_are_round_and_say_no_more_decimals_than_they_need() {
        let labels = |scale, parts| -> Vec<String> { ticks(scale, parts).into_iter().map(|tick| tick.label).collect() };
        assert_eq!(labels(Scale::linear(0.0, 1.0), 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(Scale::linear(0.0, 20.0), 4), ["0", "5", "10", "15", "20"]);
        assert!(labels(Scale::linear(-0.1, 0.4), 5).contains(&"\u{2212}0.1".to_string()));
    }
}
