//! Puts a table together: footnote marks in the field's order, decimal alignment, and whether it needs a turned page.

use crate::report::columns;
use crate::report::document::{Align, Cell, Column, Definition, Footnote, Row, SpanningHead, Table};
use crate::report::number::{MINUS, NARROW_SPACE};
use crate::report::theme;

/// A table of no more rows than this is not set on a turned page.
const ROWS_UPRIGHT: usize = 6;

/// A table is not divided into tables of fewer columns than this, the first aside.
const FEWEST_COLUMNS: usize = 3;

/// A blank as wide as a digit.
const FIGURE_SPACE: char = '\u{2007}';

/// A table in the making. Until [`TableBuilder::finish`], a mark is the text of its footnote.
#[derive(Clone)]
pub struct TableBuilder {
    table: Table,
}

impl TableBuilder {
    pub fn new(id: &str, label: &str, caption: &str) -> Self {
        Self {
            table: Table {
                id: id.to_string(),
                label: label.to_string(),
                caption: caption.to_string(),
                ..Table::default()
            },
        }
    }

    /// A column; returns its position.
    pub fn column(&mut self, head: impl Into<String>, align: Align) -> usize {
        // What belongs together stays on one line of the head.
        let head = head.into().replace(" (%)", "\u{a0}(%)").replace("% CI", "%\u{a0}CI");
        self.table.columns.push(Column { head, marks: Vec::new(), align });
        self.table.columns.len() - 1
    }

    /// How many columns there are so far.
    pub fn columns(&self) -> usize {
        self.table.columns.len()
    }

    /// A footnote to a column's head.
    pub fn footnote(&mut self, column: usize, text: impl Into<String>) {
        if let Some(column) = self.table.columns.get_mut(column) {
            column.marks.push(text.into());
        }
    }

    /// A head over the columns from `first_column` to the last one so far.
    pub fn span_from(&mut self, first_column: usize, text: impl Into<String>) {
        let columns = self.table.columns.len() - first_column;
        self.table.spanning_heads.push(SpanningHead { first_column, columns, text: text.into() });
    }

    pub fn section(&mut self, text: impl Into<String>) {
        self.table.rows.push(Row::Section { text: text.into() });
    }

    /// A row; what it lacks at its end is filled with empty cells.
    pub fn row(&mut self, indent: u8, mut cells: Vec<Cell>) {
        cells.resize_with(self.table.columns.len().max(cells.len()), Cell::default);
        self.table.rows.push(Row::Cells { cells, indent });
    }

    /// A sentence about the table as a whole.
    pub fn note(&mut self, text: impl Into<String>) {
        self.table.notes.push(text.into());
    }

    pub fn abbreviation(&mut self, term: &str, text: &str) {
        let entries = &mut self.table.abbreviations;
        if !entries.iter().any(|entry| entry.term == term) {
            entries.push(Definition { term: term.to_string(), text: text.to_string() });
        }
    }

    pub fn finish(mut self) -> Table {
        lift_footnotes(&mut self.table);
        self.number_footnotes();
        join_alike(&mut self.table);
        align(&mut self.table);
        self.table.abbreviations.sort_by_key(|entry| (entry.term.to_lowercase(), entry.term.clone()));
        // A turned page for a few rows would leave most of two pages white: their cells may break.
        self.table.wide = !columns::fit(&self.table, theme::FULL_WIDTH).fits && self.table.rows.len() > ROWS_UPRIGHT;
        self.table
    }

    /// The table, or, where its columns are too many for an upright page, the fewest tables that are not: each has the first
    /// column, all rows and an equal share of the other columns.
    pub fn finish_in_parts(self) -> Vec<Table> {
        let upright = |table: &Table| columns::fit(table, theme::FULL_WIDTH).fits;
        let whole = self.clone().finish();
        if upright(&whole) || !whole.spanning_heads.is_empty() {
            return vec![whole];
        }
        let others = whole.columns.len().saturating_sub(1);
        for parts in 2..=others / FEWEST_COLUMNS {
            let share = others.div_ceil(parts);
            let starts = (1..=others).step_by(share).enumerate();
            let tables: Vec<Table> =
                starts.map(|(part, start)| self.part(part, start..(start + share).min(others + 1))).collect();
            if tables.iter().all(upright) {
                return tables;
            }
        }
        vec![whole]
    }

    /// The first column and some others, with the abbreviations that these use.
    fn part(&self, part: usize, kept: std::ops::Range<usize>) -> Table {
        let mut table = self.table.clone();
        let keep = |at: usize| at == 0 || kept.contains(&at);
        table.columns =
            self.table.columns.iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, c)| c.clone()).collect();
        for row in &mut table.rows {
            if let Row::Cells { cells, .. } = row {
                let mut at = 0..;
                cells.retain(|_| at.next().is_some_and(keep));
            }
        }
        if part > 0 {
            let number = part + 1;
            table.id = format!("{}-part-{number}", table.id);
            if !table.label.is_empty() {
                table.label = format!("{}, part {number}", table.label);
            }
            table.caption = format!("{}, further columns", table.caption.trim_end_matches('.'));
            table.notes.clear();
        }
        let used = |entry: &Definition| {
            let heads = table.columns.iter().map(|column| &column.head);
            heads.chain(&table.notes).any(|text| text.contains(&entry.term))
        };
        let abbreviations = table.abbreviations.iter().filter(|entry| used(entry)).cloned().collect();
        table.abbreviations = abbreviations;
        Self { table }.finish()
    }

    /// Replaces the text of each mark by its symbol: heads first, then row by row.
    fn number_footnotes(&mut self) {
        let table = &mut self.table;
        let footnotes = &mut table.footnotes;
        let mut number = |marks: &mut Vec<String>| {
            for mark in marks.iter_mut() {
                let at = footnotes.iter().position(|footnote: &Footnote| footnote.text == *mark).unwrap_or_else(|| {
                    footnotes.push(Footnote { mark: symbol(footnotes.len()), text: mark.clone() });
                    footnotes.len() - 1
                });
                *mark = symbol(at);
            }
        };
        for column in &mut table.columns {
            number(&mut column.marks);
        }
        for row in &mut table.rows {
            if let Row::Cells { cells, .. } = row {
                for cell in cells {
                    number(&mut cell.marks);
                }
            }
        }
    }
}

/// The mark of a footnote: *, †, ‡, §, ‖, ¶, then each doubled, then tripled.
fn symbol(index: usize) -> String {
    const SYMBOLS: [&str; 6] = ["*", "†", "‡", "§", "‖", "¶"];
    SYMBOLS[index % SYMBOLS.len()].repeat(index / SYMBOLS.len() + 1)
}

/// A footnote that every filled cell of a column has is one to the column's head.
fn lift_footnotes(table: &mut Table) {
    for at in 1..table.columns.len() {
        let cells = |table: &Table| -> Vec<Vec<String>> {
            let filled = table.rows.iter().filter_map(|row| match row {
                Row::Cells { cells, .. } => cells.get(at).filter(|cell| !cell.text.is_empty()),
                Row::Section { .. } => None,
            });
            filled.map(|cell| cell.marks.clone()).collect()
        };
        let filled = cells(table);
        let Some(first) = filled.first().filter(|_| filled.len() > 1) else { continue };
        let shared: Vec<String> =
            first.iter().filter(|mark| filled.iter().all(|marks| marks.contains(mark))).cloned().collect();
        if shared.is_empty() {
            continue;
        }
        for row in &mut table.rows {
            if let Row::Cells { cells, .. } = row
                && let Some(cell) = cells.get_mut(at)
            {
                cell.marks.retain(|mark| !shared.contains(mark));
            }
        }
        table.columns[at].marks.extend(shared);
    }
}

/// Where the limits of one interval are joined by "to", as they are beside a minus, those of the whole table are.
fn join_alike(table: &mut Table) {
    let cells = |table: &mut Table, change: &mut dyn FnMut(&mut Cell)| {
        let rows =
            table.rows.iter_mut().filter_map(|row| if let Row::Cells { cells, .. } = row { Some(cells) } else { None });
        rows.flatten().filter(|cell| cell.number.is_some()).for_each(change);
    };
    let mut by_word = false;
    cells(table, &mut |cell| by_word |= cell.text.contains(" to "));
    if by_word {
        cells(table, &mut |cell| cell.text = cell.text.replace('–', " to "));
    }
}

/// Gives the cells of each decimal column the blanks that put their points below each other.
fn align(table: &mut Table) {
    for (at, column) in table.columns.iter().enumerate() {
        if column.align != Align::Decimal {
            continue;
        }
        let heads = table.rows.iter().filter_map(|row| match row {
            Row::Cells { cells, .. } => cells.get(at).map(|cell| whole_part(&cell.text)),
            Row::Section { .. } => None,
        });
        let widest = heads.max_by_key(|head| head.chars().count()).unwrap_or_default();
        for row in &mut table.rows {
            let Row::Cells { cells, .. } = row else { continue };
            let Some(cell) = cells.get_mut(at) else { continue };
            let missing = widest.chars().count() - whole_part(&cell.text).chars().count();
            if !cell.text.is_empty() {
                let blank = |character| if character == NARROW_SPACE { NARROW_SPACE } else { FIGURE_SPACE };
                cell.lead = widest.chars().take(missing).map(blank).collect();
            }
        }
    }
}

/// What stands before the first decimal point of a text that begins with a number: "12" of "12.4 (3.1)", "< 0" of
/// "< 0.001".
fn whole_part(text: &str) -> String {
    let belongs = |character: &char| character.is_ascii_digit() || [MINUS, NARROW_SPACE, '<', '>'].contains(character);
    text.chars().take_while(belongs).collect()
}

/// A cell of words.
pub fn text(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), ..Cell::default() }
}

/// A cell of a number, printed and exact.
pub fn number(text: impl Into<String>, number: f64) -> Cell {
    Cell { text: text.into(), number: number.is_finite().then_some(number), ..Cell::default() }
}

/// A cell without a value, with the reason as a footnote.
pub fn absent(why: &str) -> Cell {
    let marks = if why.is_empty() { Vec::new() } else { vec![why.to_string()] };
    Cell { text: crate::report::number::ABSENT.to_string(), marks, ..Cell::default() }
}

/// The same cell with a footnote.
pub fn marked(mut cell: Cell, footnote: impl Into<String>) -> Cell {
    cell.marks.push(footnote.into());
    cell
}

/// The same cell in bold type.
pub fn strong(mut cell: Cell) -> Cell {
    cell.strong = true;
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_in_the_fields_order() {
        let marks: Vec<String> = (0..13).map(symbol).collect();
        assert_eq!(marks, ["*", "†", "‡", "§", "‖", "¶", "**", "††", "‡‡", "§§", "‖‖", "¶¶", "***"]);
    }

    #[test]
    fn marks_are_numbered_from_the_heads_down_and_shared() {
        let mut builder = TableBuilder::new("t", "Table 1", "c");
        builder.column("Variable", Align::Left);
        let p = builder.column("P", Align::Decimal);
        builder.row(0, vec![text("a"), marked(number("0.5", 0.5), "Welch")]);
        builder.row(0, vec![text("b"), marked(number("0.1", 0.1), "Fisher")]);
        builder.row(0, vec![text("c"), marked(number("0.2", 0.2), "Welch")]);
        builder.footnote(p, "two-sided");
        let table = builder.finish();
        assert_eq!(table.columns[1].marks, ["*"]);
        let marks: Vec<&str> = table
            .rows
            .iter()
            .filter_map(|row| match row {
                Row::Cells { cells, .. } => Some(cells[1].marks[0].as_str()),
                Row::Section { .. } => None,
            })
            .collect();
        assert_eq!(marks, ["†", "‡", "†"]);
        let notes: Vec<&str> = table.footnotes.iter().map(|footnote| footnote.text.as_str()).collect();
        assert_eq!(notes, ["two-sided", "Welch", "Fisher"]);
    }

    #[test]
    fn a_footnote_of_every_row_is_written_once() {
        let mut builder = TableBuilder::new("t", "", "");
        builder.column("Variable", Align::Left);
        builder.column("P", Align::Decimal);
        builder.row(0, vec![text("a"), marked(number("0.5", 0.5), "Welch.")]);
        builder.row(0, vec![text("b")]);
        builder.row(0, vec![text("c"), marked(number("0.2", 0.2), "Welch.")]);
        let table = builder.finish();
        assert_eq!(table.columns[1].marks, ["*"]);
        let marked = table.rows.iter().any(|row| matches!(row, Row::Cells { cells, .. } if !cells[1].marks.is_empty()));
        assert!(!marked && table.footnotes.len() == 1);
    }

    #[test]
    fn one_table_joins_all_its_limits_alike() {
        let mut builder = TableBuilder::new("t", "", "");
        builder.column("Level", Align::Left);
        builder.column("Slope", Align::Decimal);
        builder.row(0, vec![super::text("20–50 mm"), number("0.02 (−0.01 to 0.05)", 0.02)]);
        builder.row(0, vec![super::text("> 50 mm"), number("0.90 (0.80–1.00)", 0.9)]);
        let Row::Cells { cells: first, .. } = &builder.table.rows[0] else { panic!() };
        assert_eq!(first[0].text, "20–50 mm");
        let table = builder.finish();
        let texts: Vec<&str> = table
            .rows
            .iter()
            .flat_map(|row| match row {
                Row::Cells { cells, .. } => cells.iter().map(|cell| cell.text.as_str()).collect(),
                Row::Section { .. } => Vec::new(),
            })
            .collect();
        assert_eq!(texts, ["20–50 mm", "0.02 (−0.01 to 0.05)", "> 50 mm", "0.90 (0.80 to 1.00)"]);
    }

    #[test]
    fn points_stand_below_each_other() {
        let mut builder = TableBuilder::new("t", "", "");
        builder.column("P", Align::Decimal);
        for text in ["0.031", "<\u{202f}0.001", "−12.5", "1\u{202f}234.5", "—", ""] {
            builder.row(0, vec![super::text(text)]);
        }
        let table = builder.finish();
        let leads: Vec<&str> = table
            .rows
            .iter()
            .filter_map(|row| match row {
                Row::Cells { cells, .. } => Some(cells[0].lead.as_str()),
                Row::Section { .. } => None,
            })
            .collect();
        // The widest whole part is "1 234".
        let (figure, narrow) = ("\u{2007}", "\u{202f}");
        let four = [figure, narrow, figure, figure].concat();
        assert_eq!(
            leads,
            [four.as_str(), &[figure, narrow].concat(), &[figure, narrow].concat(), "", &[&four, figure].concat(), ""]
        );
    }
}
