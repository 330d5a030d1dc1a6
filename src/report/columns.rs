//! How wide the columns of a table are by nature: measured with the font that tables are set in.

use super::document::{Row, Table};
use super::font::{self, Weight};

/// Type size of a table, in points.
pub const BODY_SIZE: f64 = 8.0;

/// A table that does not fit is set smaller, but not below this.
pub const SMALLEST_SIZE: f64 = 6.6;

/// Blank on both sides of a column, in parts of the type size.
const GUTTER: f64 = 0.9;

/// No column asks for more than this, in parts of the type size: longer text is set in lines.
const WIDEST: f64 = 26.0;

/// The same where room is short.
const WIDEST_IF_SHORT: f64 = 15.0;

/// How a table is set within a given width.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    pub size: f64,
    /// Natural widths of the columns, to be stretched in proportion.
    pub widths: Vec<f64>,
    /// False where even the smallest type does not suffice: cells will break.
    pub fits: bool,
}

/// The largest type size, and the broadest first columns, with which a table fits into the room.
pub fn fit(table: &Table, room: f64) -> Fit {
    let attempt = |widest: f64, intervals: Intervals| {
        let widths = natural_widths(table, BODY_SIZE, widest, intervals);
        let size = BODY_SIZE * room / widths.iter().sum::<f64>().max(1.0);
        Fit { size: size.clamp(SMALLEST_SIZE, BODY_SIZE), widths, fits: size >= SMALLEST_SIZE }
    };
    let broad = attempt(WIDEST, Intervals::Beside);
    if broad.fits {
        return broad;
    }
    let short = attempt(WIDEST_IF_SHORT, Intervals::Beside);
    if short.fits { short } else { attempt(WIDEST_IF_SHORT, Intervals::Below) }
}

/// Where the brackets of a cell stand: in its line, or in a second one where room is short.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Intervals {
    Beside,
    Below,
}

/// The width of each column on which no cell breaks (but at the widest) and no head has more than about two lines.
fn natural_widths(table: &Table, size: f64, widest: f64, intervals: Intervals) -> Vec<f64> {
    let mut widths: Vec<f64> = table.columns.iter().map(|column| head_width(&column.head, size)).collect();
    for row in &table.rows {
        let Row::Cells { cells, indent } = row else { continue };
        for (at, (cell, width)) in cells.iter().zip(&mut widths).enumerate() {
            let weight = if cell.strong { Weight::SemiBold } else { Weight::Regular };
            let marks = cell.marks.concat();
            let blank = if at == 0 { f64::from(*indent) * size } else { 0.0 };
            let measure = |text: &str| font::width(&tabular(text), weight, size);
            let whole = match cell.text.split_once(" (") {
                Some((before, bracket)) if intervals == Intervals::Below && cell.number.is_some() => {
                    (measure(&cell.lead) + measure(before)).max(measure(&format!("({bracket}")))
                }
                _ => measure(&cell.lead) + measure(&cell.text),
            };
            let natural = blank + whole + font::width(&marks, weight, 0.7 * size);
            *width = width.max(natural.min(widest * size));
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

/// Digits, and what stands for one in numbers, are set as wide as a zero.
fn tabular(text: &str) -> String {
    let wide = |character: char| character.is_ascii_digit() || "<>−±\u{2007}".contains(character);
    text.chars().map(|character| if wide(character) { '0' } else { character }).collect()
}

/// A head may break at blanks: it needs its longest word, and half of the whole.
fn head_width(head: &str, size: f64) -> f64 {
    let measure = |text: &str| font::width(text, Weight::SemiBold, size);
    let longest_word = head.split(' ').map(measure).fold(0.0, f64::max);
    longest_word.max(measure(head) / 2.0).min(WIDEST_IF_SHORT * size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Align, Cell, Column};

    fn table_of(cell: &str, columns: usize) -> Table {
        let column = || Column { head: "P".to_string(), marks: Vec::new(), align: Align::Decimal };
        let cell = || Cell { text: cell.to_string(), ..Cell::default() };
        Table {
            columns: (0..columns).map(|_| column()).collect(),
            rows: vec![Row::Cells { cells: (0..columns).map(|_| cell()).collect(), indent: 0 }],
            ..Table::default()
        }
    }

    #[test]
    fn few_columns_are_set_in_full_size_and_many_do_not_fit() {
        let fit_of = |columns: usize| fit(&table_of("0.742 (0.713–0.771)", columns), 482.0);
        assert_eq!((fit_of(3).size, fit_of(3).fits), (BODY_SIZE, true));
        let between = fit_of(6);
        assert!(between.fits && between.size < BODY_SIZE && between.size >= SMALLEST_SIZE, "{between:?}");
        assert!(!fit_of(12).fits);
    }

    #[test]
    fn a_table_of_eight_estimates_stays_upright_with_its_intervals_below() {
        let mut table = table_of("57.9 (53.8–61.9)", 9);
        assert!(!fit(&table, 482.0).fits, "words are not broken");
        let Row::Cells { cells, .. } = &mut table.rows[0] else { panic!() };
        cells.iter_mut().for_each(|cell| cell.number = Some(57.9));
        assert!(fit(&table, 482.0).fits);
    }

    #[test]
    fn columns_of_digits_are_equally_wide_whatever_the_digits() {
        let width = |text: &str| fit(&table_of(text, 1), 482.0).widths[0];
        assert!((width("111.11") - width("888.88")).abs() < 1e-9);
        assert!(width("888.888") > width("888.88"));
    }
}
