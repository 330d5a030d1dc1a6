//! How wide the columns of a table are by nature: measured with the font that tables are set in.

use super::document::{Row, Table};
use super::font::{self, Weight};

/// Type size of a table, in points.
pub const BODY_SIZE: f64 = 8.0;

/// A table that does not fit is set smaller, but not below this.
pub const SMALLEST_SIZE: f64 = 6.8;

/// Blank on both sides of a column, in parts of the type size.
const GUTTER: f64 = 1.1;

/// No column asks for more than this, in parts of the type size: longer text is set in lines.
const WIDEST: f64 = 26.0;

/// The width of each column on which no cell breaks (but at [`WIDEST`]) and no head has more than about three lines.
pub fn natural_widths(table: &Table, size: f64) -> Vec<f64> {
    let mut widths: Vec<f64> = table.columns.iter().map(|column| head_width(&column.head, size)).collect();
    for row in &table.rows {
        let Row::Cells { cells, indent } = row else { continue };
        for (at, (cell, width)) in cells.iter().zip(&mut widths).enumerate() {
            let weight = if cell.strong { Weight::SemiBold } else { Weight::Regular };
            let marks = cell.marks.concat();
            let blank = if at == 0 { f64::from(*indent) * size } else { 0.0 };
            let natural = blank
                + font::width(&cell.lead, weight, size)
                + font::width(&cell.text, weight, size)
                + font::width(&marks, weight, 0.7 * size);
            *width = width.max(natural.min(WIDEST * size));
        }
    }
    for head in &table.spanning_heads {
        let columns = head.first_column..head.first_column + head.columns;
        let Some(spanned) = widths.get_mut(columns) else { continue };
        let lacking = head_width(&head.text, size) - spanned.iter().sum::<f64>();
        let share = lacking.max(0.0) / spanned.len().max(1) as f64;
        spanned.iter_mut().for_each(|width| *width += share);
    }
    widths.iter().map(|width| width + GUTTER * size).collect()
}

/// A head may break at blanks: it needs its longest word, and a third of the whole.
fn head_width(head: &str, size: f64) -> f64 {
    let measure = |text: &str| font::width(text, Weight::SemiBold, size);
    let longest_word = head.split(' ').map(measure).fold(0.0, f64::max);
    longest_word.max(measure(head) / 3.0).min(WIDEST * size)
}
