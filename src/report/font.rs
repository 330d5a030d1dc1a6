//! Text measured with the very fonts that figures name and the report embeds: advance widths and pair kerning.
//!
//! The measure is of one line of unshaped text: Latin, Greek and Cyrillic letters, digits and signs. A character that
//! the font does not have is counted as one em, which is as wide as any fallback font draws it.

use std::sync::OnceLock;
use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, Tag};

/// The upright font of the report, as an OpenType file.
pub const REGULAR: &[u8] = include_bytes!("../../templates/fonts/Inter-Regular.otf");
/// The italic of the report.
pub const ITALIC: &[u8] = include_bytes!("../../templates/fonts/Inter-Italic.otf");
/// The font of heads and of what is pointed out.
pub const SEMI_BOLD: &[u8] = include_bytes!("../../templates/fonts/Inter-SemiBold.otf");

/// The height of a capital letter and of a digit, in parts of the type size.
pub const CAP_HEIGHT: f64 = 0.727;

/// The distance of two baselines, in parts of the type size.
pub const LINE: f64 = 1.32;

/// Of the upright fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// 400
    Regular,
    /// 600
    SemiBold,
}

impl Weight {
    fn face(self) -> Option<&'static Face<'static>> {
        static FACES: [OnceLock<Option<Face<'static>>>; 2] = [OnceLock::new(), OnceLock::new()];
        let (bytes, face) = match self {
            Weight::Regular => (REGULAR, &FACES[0]),
            Weight::SemiBold => (SEMI_BOLD, &FACES[1]),
        };
        face.get_or_init(|| Face::parse(bytes, 0).ok()).as_ref()
    }
}

/// The width of one line of text at a type size, in the unit of that size.
pub fn width(text: &str, weight: Weight, size: f64) -> f64 {
    let Some(face) = weight.face() else { return size * text.chars().count() as f64 };
    let per_em = f64::from(face.units_per_em());
    let mut units = 0.0;
    let mut before: Option<GlyphId> = None;
    for character in text.chars() {
        let glyph = face.glyph_index(character);
        units += match glyph {
            Some(glyph) => face.glyph_hor_advance(glyph).map_or(per_em, f64::from),
            None => per_em,
        };
        if let (Some(left), Some(right)) = (before, glyph) {
            units += kerning(face, left, right);
        }
        before = glyph;
    }
    units / per_em * size
}

/// What the `kern` feature adds between two glyphs, in font units.
fn kerning(face: &Face<'_>, left: GlyphId, right: GlyphId) -> f64 {
    let Some(table) = face.tables().gpos else { return 0.0 };
    let kern = Tag::from_bytes(b"kern");
    let Some(feature) = table.features.into_iter().find(|feature| feature.tag == kern) else { return 0.0 };
    for index in feature.lookup_indices {
        let Some(lookup) = table.lookups.get(index) else { continue };
        for subtable in lookup.subtables.into_iter::<PositioningSubtable<'_>>() {
            let PositioningSubtable::Pair(pair) = subtable else { continue };
            // The first subtable that covers the left glyph and has the pair decides.
            let found = match pair {
                PairAdjustment::Format1 { coverage, sets } => {
                    coverage.get(left).and_then(|at| sets.get(at)).and_then(|set| set.get(right))
                }
                PairAdjustment::Format2 { coverage, classes, matrix } => {
                    coverage.get(left).and_then(|_| matrix.get((classes.0.get(left), classes.1.get(right))))
                }
            };
            if let Some((first, _)) = found {
                return f64::from(first.x_advance);
            }
        }
    }
    0.0
}

/// Breaks text into lines no wider than `room`: at spaces, and within a word that is wider than a whole line.
pub fn wrap(text: &str, weight: Weight, size: f64, room: f64) -> Vec<String> {
    let fits = |line: &str| width(line, weight, size) <= room;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            line.push(character);
            if !fits(&line) && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, character.to_string()));
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Breaks text into at most `most` lines; what is left out is marked by an ellipsis.
pub fn wrap_to(text: &str, weight: Weight, size: f64, room: f64, most: usize) -> Vec<String> {
    let mut lines = wrap(text, weight, size, room);
    if lines.len() > most {
        lines.truncate(most.max(1));
        if let Some(last) = lines.last_mut() {
            while !last.is_empty() && width(&format!("{last}…"), weight, size) > room {
                last.pop();
            }
            let kept = last.trim_end().to_string();
            *last = format!("{kept}…");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_one_width_so_that_columns_of_numbers_line_up() {
        for digit in "123456789".chars() {
            let text = digit.to_string();
            let difference = width(&text, Weight::Regular, 10.0) - width("0", Weight::Regular, 10.0);
            assert!(difference.abs() < 1e-9, "{digit}");
        }
    }

    #[test]
    fn the_fonts_have_every_sign_that_figures_print() {
        let signs = "\u{2212}\u{2009}\u{a0}–—≤≥<>±×·χ²βκµ†‡§¶…“”‘’•→←éüßñçŁδΔ";
        for weight in [Weight::Regular, Weight::SemiBold] {
            let face = weight.face().unwrap();
            for sign in signs.chars() {
                assert!(face.glyph_index(sign).is_some(), "{weight:?} has no {sign}");
            }
        }
    }

    #[test]
    fn widths_scale_add_up_and_kern() {
        let size = 8.0;
        assert_eq!(width("", Weight::Regular, size), 0.0);
        let apart = width("n", Weight::Regular, size) + width("o", Weight::Regular, size);
        assert!((width("no", Weight::Regular, size) - apart).abs() < 0.05 * size);
        let loose = width("A", Weight::Regular, size) + width("V", Weight::Regular, size);
        assert!(width("AV", Weight::Regular, size) < loose - 0.02 * size, "A and V are drawn together");
        assert!((width("Risk", Weight::Regular, 16.0) - 2.0 * width("Risk", Weight::Regular, 8.0)).abs() < 1e-9);
        assert!(width("Risk", Weight::SemiBold, size) > width("Risk", Weight::Regular, size));
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing() {
        let text =
            "Missing preoperative clinical data (carcinoembryonic-antigen-and-carbohydrate-antigen-19-9) at baseline";
        for room in [12.0, 40.0, 90.0, 400.0] {
            let lines = wrap(text, Weight::Regular, 8.0, room);
            assert!(lines.iter().all(|line| width(line, Weight::Regular, 8.0) <= room));
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
        assert_eq!(wrap("", Weight::Regular, 8.0, 50.0), [""]);
        let short = wrap_to(text, Weight::Regular, 8.0, 90.0, 2);
        assert_eq!(short.len(), 2);
        assert!(short[1].ends_with('…') && width(&short[1], Weight::Regular, 8.0) <= 90.0);
    }
}
