//! A small writer of SVG elements: every element in the colours of the theme, with the class by which a page recolours it.

use crate::report::font::{self, Weight};
use crate::report::theme::{self, Ink};
use std::fmt::Write;

/// A part of the drawing, in points from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub fn centre_x(&self) -> f64 {
        self.left + self.width / 2.0
    }

    /// Whether the two share a point, with a little room between them asked for.
    pub fn meets(&self, other: &Rect) -> bool {
        let room = 1.5;
        self.left < other.right() + room
            && other.left < self.right() + room
            && self.top < other.bottom() + room
            && other.top < self.bottom() + room
    }
}

/// A place in the drawing, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

pub fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// Which end of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    pub size: f64,
    pub weight: Weight,
    pub ink: Ink,
    pub anchor: Anchor,
}

impl Style {
    pub const fn new(size: f64) -> Self {
        Self { size, weight: Weight::Regular, ink: Ink::Text, anchor: Anchor::Start }
    }

    pub const fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    pub const fn strong(self) -> Self {
        Self { weight: Weight::SemiBold, ..self }
    }

    pub const fn middle(self) -> Self {
        Self { anchor: Anchor::Middle, ..self }
    }

    pub const fn end(self) -> Self {
        Self { anchor: Anchor::End, ..self }
    }

    pub fn width(&self, text: &str) -> f64 {
        font::width(text, self.weight, self.size)
    }

    pub fn wrap(&self, text: &str, room: f64) -> Vec<String> {
        font::wrap(text, self.weight, self.size, room)
    }

    pub fn wrap_to(&self, text: &str, room: f64, most: usize) -> Vec<String> {
        font::wrap_to(text, self.weight, self.size, room, most)
    }

    /// The distance of two baselines.
    pub fn line(&self) -> f64 {
        self.size * font::LINE
    }

    /// How far below the middle of a line its baseline lies, so that digits and capitals look centred.
    pub fn drop(&self) -> f64 {
        self.size * font::CAP_HEIGHT / 2.0
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    pub ink: Ink,
    pub width: f64,
    pub dash: &'static [f64],
}

impl Pen {
    pub const fn new(ink: Ink, width: f64) -> Self {
        Self { ink, width, dash: &[] }
    }

    pub const fn dashed(self, dash: &'static [f64]) -> Self {
        Self { dash, ..self }
    }

    /// The attributes of a stroke; all lengths times `scale`.
    pub fn attributes(&self, scale: f64) -> String {
        let mut text = format!(
            "class=\"stroke-{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"",
            self.ink.name(),
            self.ink.light(),
            coordinate(self.width * scale)
        );
        if !self.dash.is_empty() {
            let lengths: Vec<String> = self.dash.iter().map(|length| coordinate(length * scale)).collect();
            let _ = write!(text, " stroke-dasharray=\"{}\"", lengths.join(" "));
        }
        text
    }
}

/// `data-*` attributes, names without the prefix.
pub type Data<'a> = &'a [(&'a str, String)];

/// What a mark shows: a viewer says it under the pointer (`<title>`), a page's script finds it in `data-label` and
/// `data-text`.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The series, the variable or the model.
    pub label: String,
    /// Its value in words and numbers; empty where the label says all.
    pub text: String,
}

impl Value {
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self { label: label.into(), text: text.into() }
    }

    fn attributes(&self) -> String {
        format!(" data-label=\"{}\" data-text=\"{}\"", escape(&self.label), escape(&self.text))
    }

    fn title(&self) -> String {
        let joint = if self.text.is_empty() { "" } else { ": " };
        format!("<title>{}{joint}{}</title>", escape(&self.label), escape(&self.text))
    }
}

/// The drawing while it is made. It has no ids, so that figures can share a page.
#[derive(Default)]
pub struct Canvas {
    body: String,
}

impl Canvas {
    /// Opens a group; [`Canvas::close`] ends it.
    pub fn open(&mut self, class: &str, data: Data<'_>) {
        let _ = writeln!(self.body, "<g class=\"{class}\"{}>", attributes(data));
    }

    /// Opens the group of a mark that is made of several elements.
    pub fn open_mark(&mut self, class: &str, value: &Value) {
        let _ = writeln!(self.body, "<g class=\"{class}\"{}>{}", value.attributes(), value.title());
    }

    pub fn close(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// Markup that is made elsewhere, as it is.
    pub fn raw(&mut self, markup: &str) {
        self.body.push_str(markup);
    }

    /// One line of text with its baseline at `point`.
    pub fn text(&mut self, point: Point, text: &str, style: Style) {
        let place = format!("x=\"{}\" y=\"{}\"", coordinate(point.x), coordinate(point.y));
        self.write_text(&place, text, style);
    }

    /// Lines of text, the first baseline at `point`.
    pub fn lines(&mut self, point: Point, lines: &[String], style: Style) {
        for (index, line) in lines.iter().enumerate() {
            self.text(at(point.x, point.y + index as f64 * style.line()), line, style);
        }
    }

    /// What explains the drawing, below it. A page that is narrower than the drawing finds it by its class, and sets it as text.
    pub fn note(&mut self, point: Point, lines: &[String], style: Style) {
        if lines.is_empty() {
            return;
        }
        self.open("note", &[]);
        self.lines(point, lines, style);
        self.close();
    }

    /// A text that reads upwards, its baseline through `point`.
    pub fn text_upwards(&mut self, point: Point, text: &str, style: Style) {
        let place = format!("transform=\"translate({} {}) rotate(-90)\"", coordinate(point.x), coordinate(point.y));
        self.write_text(&place, text, style);
    }

    fn write_text(&mut self, place: &str, text: &str, style: Style) {
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if style.weight == Weight::SemiBold { " font-weight=\"600\"" } else { "" };
        let _ = writeln!(
            self.body,
            "<text class=\"fill-{}\" {place} font-size=\"{}\" fill=\"{}\"{anchor}{weight}>{}</text>",
            style.ink.name(),
            coordinate(style.size),
            style.ink.light(),
            escape(text)
        );
    }

    pub fn line(&mut self, from: Point, to: Point, pen: Pen) {
        let _ = writeln!(
            self.body,
            "<line {} x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            pen.attributes(1.0),
            coordinate(from.x),
            coordinate(from.y),
            coordinate(to.x),
            coordinate(to.y)
        );
    }

    /// Short upright strokes, one through each point.
    pub fn upright_marks(&mut self, points: &[Point], length: f64, pen: Pen) {
        if points.is_empty() {
            return;
        }
        let mut strokes = String::new();
        for point in points {
            let _ = write!(
                strokes,
                "M{} {}v{}",
                coordinate(point.x),
                coordinate(point.y - length / 2.0),
                coordinate(length)
            );
        }
        let _ = writeln!(self.body, "<path {} d=\"{strokes}\"/>", pen.attributes(1.0));
    }

    /// A filled shape without outline.
    pub fn shape(&mut self, points: &[Point], ink: Ink) {
        let _ = writeln!(
            self.body,
            "<polygon class=\"fill-{}\" fill=\"{}\" points=\"{}\"/>",
            ink.name(),
            ink.light(),
            coordinates(points)
        );
    }

    /// A filled box, with an outline when a pen is given.
    pub fn rect(&mut self, rect: &Rect, fill: Ink, outline: Option<Pen>) {
        let (class, stroke) = match outline {
            Some(pen) => (
                format!("fill-{} stroke-{}", fill.name(), pen.ink.name()),
                format!(" stroke=\"{}\" stroke-width=\"{}\"", pen.ink.light(), coordinate(pen.width)),
            ),
            None => (format!("fill-{}", fill.name()), String::new()),
        };
        let _ =
            writeln!(self.body, "<rect class=\"{class}\" {} fill=\"{}\"{stroke}/>", box_attributes(rect), fill.light());
    }

    /// A dot with an outline that marks a value.
    pub fn circle(&mut self, centre: Point, radius: f64, fill: Ink, outline: Pen, value: &Value) {
        let _ = writeln!(
            self.body,
            "<circle class=\"mark fill-{} stroke-{}\" cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\"{}>{}</circle>",
            fill.name(),
            outline.ink.name(),
            coordinate(centre.x),
            coordinate(centre.y),
            coordinate(radius),
            fill.light(),
            outline.ink.light(),
            coordinate(outline.width),
            value.attributes(),
            value.title()
        );
    }

    /// The finished SVG document.
    pub fn finish(self, width: f64, height: f64, alternative_text: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{}\" width=\"{w}pt\" height=\"{h}pt\" \
             viewBox=\"0 0 {w} {h}\" font-family=\"{}\">\n{}</svg>\n",
            escape(alternative_text),
            theme::FONT_FAMILY,
            self.body,
            w = coordinate(width),
            h = coordinate(height),
        )
    }
}

fn attributes(data: Data<'_>) -> String {
    data.iter().map(|(name, value)| format!(" data-{name}=\"{}\"", escape(value))).collect()
}

fn box_attributes(rect: &Rect) -> String {
    format!(
        "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
        coordinate(rect.left),
        coordinate(rect.top),
        coordinate(rect.width),
        coordinate(rect.height)
    )
}

fn coordinates(points: &[Point]) -> String {
    let pairs: Vec<String> =
        points.iter().map(|point| format!("{},{}", coordinate(point.x), coordinate(point.y))).collect();
    pairs.join(" ")
}

/// A coordinate to a hundredth of a point, without needless zeros.
pub fn coordinate(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

/// Text as it stands in an element or between double quotes; what XML has no way to write is left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_never_minus_zero() {
        assert_eq!([0.0, -0.001, 12.5, -3.214, 100.0].map(coordinate), ["0", "0", "12.5", "-3.21", "100"]);
    }

    #[test]
    fn labels_are_text_whatever_they_hold() {
        let mut canvas = Canvas::default();
        canvas.text(at(1.0, 2.0), "<script>\"&\u{0}", Style::new(7.0));
        canvas.open("x", &[("label", "a\"><b>".to_string())]);
        canvas.close();
        let svg = canvas.finish(10.0, 10.0, "<i>");
        assert!(svg.contains(">&lt;script&gt;&quot;&amp;</text>"));
        assert!(svg.contains("data-label=\"a&quot;&gt;&lt;b&gt;\""));
        assert!(!svg.contains("<script") && !svg.contains("<b>") && !svg.contains("<i>"));
    }
}
