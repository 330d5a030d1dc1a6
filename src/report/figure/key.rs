//! What panels of several figures share: how they lie side by side, their titles, and the key to the series.

use super::canvas::{Canvas, Pen, Rect, Style, at};
use crate::report::theme::{self, Ink, size, stroke};

/// Equal columns with a gap between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Columns {
    pub count: usize,
    pub width: f64,
    pub gap: f64,
}

impl Columns {
    pub fn over(width: f64, count: usize, gap: f64) -> Self {
        let count = count.max(1);
        Self { count, width: (width - gap * (count - 1) as f64) / count as f64, gap }
    }

    pub fn left(&self, index: usize) -> f64 {
        (index % self.count) as f64 * (self.width + self.gap)
    }
}

/// How many columns hold so many panels: rows of two or three, without a nearly empty last one.
pub fn columns_for(panels: usize) -> usize {
    match panels {
        0 | 1 => 1,
        2 | 4 => 2,
        _ => 3,
    }
}

/// "A", "B", … "Z", "AA".
pub fn letter(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8);
    if index < 26 { last.to_string() } else { format!("{}{last}", letter(index / 26 - 1)) }
}

/// The head of a panel: its letter where there are several, what it shows, and below that how many subjects it rests on.
pub struct Title {
    pub letter: Option<String>,
    pub text: String,
    pub note: String,
}

const TITLE: Style = Style::new(size::TITLE).strong();
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);

impl Title {
    fn indent(&self) -> f64 {
        self.letter.as_ref().map_or(0.0, |letter| TITLE.width(letter) + 6.0)
    }

    fn lines(&self, room: f64) -> Vec<String> {
        if self.text.is_empty() { Vec::new() } else { TITLE.wrap_to(&self.text, room - self.indent(), 2) }
    }

    fn notes(&self, room: f64) -> Vec<String> {
        if self.note.is_empty() { Vec::new() } else { NOTE.wrap_to(&self.note, room - self.indent(), 2) }
    }

    /// How high the head is in a column of a width.
    pub fn height(&self, room: f64) -> f64 {
        self.lines(room).len() as f64 * TITLE.line() + self.notes(room).len() as f64 * NOTE.line() + 5.0
    }

    pub fn draw(&self, canvas: &mut Canvas, left: f64, top: f64, room: f64) {
        let first = top + TITLE.size * 0.85;
        if let Some(letter) = &self.letter {
            canvas.text(at(left, first), letter, TITLE);
        }
        let lines = self.lines(room);
        canvas.lines(at(left + self.indent(), first), &lines, TITLE);
        let below = top + lines.len() as f64 * TITLE.line() + NOTE.size * 0.85;
        canvas.lines(at(left + self.indent(), below), &self.notes(room), NOTE);
    }
}

/// An entry of a key: a piece of the line, then what it is.
pub struct Entry {
    pub pen: Pen,
    pub text: String,
}

const ENTRY: Style = Style::new(size::LABEL);
/// The length of the piece of line.
pub const SWATCH: f64 = 18.0;
const SWATCH_GAP: f64 = 4.0;
const ENTRY_GAP: f64 = 14.0;

/// Where each entry of a key comes to lie.
pub struct Key {
    places: Vec<Placed>,
    pub height: f64,
}

struct Placed {
    x: f64,
    y: f64,
    pen: Pen,
    lines: Vec<String>,
}

impl Key {
    /// Entries side by side in as many rows as it takes; an entry that is wider than the room is broken into lines.
    pub fn rows(entries: Vec<Entry>, room: f64) -> Self {
        let mut places: Vec<Placed> = Vec::new();
        let (mut x, mut y, mut row_height) = (0.0, 0.0, 0.0_f64);
        for Entry { pen, text } in entries {
            let lines = ENTRY.wrap_to(&text, room - SWATCH - SWATCH_GAP, 3);
            let widest = lines.iter().map(|line| ENTRY.width(line)).fold(0.0, f64::max);
            let width = SWATCH + SWATCH_GAP + widest;
            if x > 0.0 && x + width > room {
                y += row_height + 1.5;
                (x, row_height) = (0.0, 0.0);
            }
            row_height = row_height.max(lines.len() as f64 * ENTRY.line());
            places.push(Placed { x, y, pen, lines });
            x += width + ENTRY_GAP;
        }
        let height = if places.is_empty() { 0.0 } else { y + row_height };
        Self { places, height }
    }

    pub fn draw(&self, canvas: &mut Canvas, left: f64, top: f64) {
        for placed in &self.places {
            let middle = top + placed.y + ENTRY.line() / 2.0;
            swatch(canvas, left + placed.x, middle, placed.pen);
            canvas.lines(at(left + placed.x + SWATCH + SWATCH_GAP, middle + ENTRY.drop()), &placed.lines, ENTRY);
        }
    }
}

/// A piece of a series' line, [`SWATCH`] long.
pub fn swatch(canvas: &mut Canvas, left: f64, middle: f64, pen: Pen) {
    canvas.line(at(left, middle), at(left + SWATCH, middle), Pen { width: pen.width.max(stroke::CURVE), ..pen });
}

/// The pen of a series among so many: each has colour and dash of its own while there are few; of many, only those that
/// are pointed out have.
pub fn series_pen(index: usize) -> Pen {
    Pen::new(Ink::Series(index), stroke::CURVE).dashed(theme::dash(index))
}

/// A series that is one of many.
pub const QUIET: Pen = Pen::new(Ink::Quiet, 0.7);

/// The corner of a frame, a little inside it, where a box of a size meets none of the obstacles; the lower left first.
pub fn free_corner(frame: &Rect, width: f64, height: f64, obstacles: &[Rect]) -> Option<Rect> {
    let margin = 4.0;
    let (left, right) = (frame.left + margin, frame.right() - margin - width);
    let (top, bottom) = (frame.top + margin, frame.bottom() - margin - height);
    [(left, bottom), (right, top), (right, bottom), (left, top)]
        .into_iter()
        .map(|(left, top)| Rect { left, top, width, height })
        .find(|place| place.width < frame.width && obstacles.iter().all(|obstacle| !place.meets(obstacle)))
}

/// A text in the middle of an empty frame, that says why it is empty.
pub fn empty(canvas: &mut Canvas, frame: &Rect, why: &str) {
    let style = Style::new(size::LABEL).ink(Ink::Muted).middle();
    let lines = style.wrap(why, frame.width - 8.0);
    let top = frame.top + frame.height / 2.0 - (lines.len() as f64 - 1.0) * style.line() / 2.0 + style.drop();
    canvas.lines(at(frame.centre_x(), top), &lines, style);
}
