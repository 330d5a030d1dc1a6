//! Whether a file is the CSV (or TSV) that it is read as. polars pads a line that is too short, renames a column that stands
//! twice and takes a file with semicolons for one wide column; so the file is looked at before it gets there. What is wrong
//! is told by line and column name, never by a value.

mod encoding;
mod record;

use crate::data::table::rows_in_words;
pub use record::is_decimal_comma;
use record::{Record, Scanner};
use std::fmt;

/// Why a file is no table, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutProblem {
    pub message: String,
    pub help: String,
}

impl LayoutProblem {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

impl fmt::Display for LayoutProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.message, self.help)
    }
}

const SAVE_AS_UTF8: &str = "save it as UTF-8: in a spreadsheet, \"CSV UTF-8 (comma delimited)\"";

/// Looks at every byte once. `separator` is what the file will be read with.
pub(super) fn check(bytes: &[u8], separator: u8) -> Result<(), LayoutProblem> {
    encoding::check(bytes)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut scanner = Scanner::new(bytes, separator);
    let Some(header) = scanner.next_record()? else {
        return Err(LayoutProblem::new("the file is empty", "its first line has the names of the columns"));
    };
    let second = scanner.clone().next_record().ok().flatten();
    other_separator(&header, second.as_ref(), separator)?;
    if header.text.contains(&b'\r') {
        return Err(LayoutProblem::new(
            "its lines end with carriage returns alone",
            "save it with line feeds, as any program of today does",
        ));
    }
    repeated_columns(&header.texts(separator))?;
    same_number_of_fields(&mut scanner, header.fields)
}

/// A file of semicolons, tabs or bars, in whose place `separator` was expected.
fn other_separator(header: &Record, second: Option<&Record>, separator: u8) -> Result<(), LayoutProblem> {
    let others = [(b';', "semicolons"), (b'\t', "tabs"), (b'|', "vertical bars"), (b',', "commas")];
    let expected = if separator == b'\t' { "tabs" } else { "commas" };
    for (other, name) in others.into_iter().filter(|(other, _)| *other != separator) {
        let found = header.outside_quotes(other);
        let alike = second.is_none_or(|second| second.outside_quotes(other) == found);
        if found < header.fields || !alike {
            continue;
        }
        let decimals = second.is_some_and(|second| second.has_decimal_commas(other));
        let also = if decimals { ", and decimals are written with a comma" } else { "" };
        let help = match (other, decimals) {
            (b'\t', false) => "give the file the ending .tsv, or save it with commas",
            (b',', _) => "give the file the ending .csv, or save it with tabs",
            (_, false) => "save it with commas between the fields",
            (_, true) => "save it with commas between the fields and points in numbers, as programs set to English do",
        };
        let message = format!("its fields are separated by {name}, {expected} are expected{also}");
        return Err(LayoutProblem::new(message, help));
    }
    Ok(())
}

/// Columns of one name: whatever names it could mean either.
fn repeated_columns(names: &[String]) -> Result<(), LayoutProblem> {
    let mut told = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            continue;
        }
        let places: Vec<String> =
            (0..names.len()).filter(|other| names[*other] == *name).map(|other| (other + 1).to_string()).collect();
        if let Some((last, rest)) = places.split_last().filter(|(_, rest)| !rest.is_empty()) {
            let places = format!("columns {} and {last}", rest.join(", "));
            told.push(match name.is_empty() {
                true => format!("{places} have no name"),
                false => format!("{places} are both called `{name}`"),
            });
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    Err(LayoutProblem::new(told.join("; "), "give each column a name of its own, or take one of them away"))
}

fn same_number_of_fields(scanner: &mut Scanner<'_>, expected: usize) -> Result<(), LayoutProblem> {
    let (mut fewer, mut more) = (Vec::new(), Vec::new());
    while let Some(record) = scanner.next_record()? {
        match record.fields.cmp(&expected) {
            std::cmp::Ordering::Less => fewer.push(record.line),
            std::cmp::Ordering::Greater => more.push(record.line),
            std::cmp::Ordering::Equal => {}
        }
    }
    let told: Vec<String> = [("fewer", &fewer), ("more", &more)]
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(word, lines)| {
            let have = if lines.len() == 1 { "has" } else { "have" };
            format!("{} {have} {word} fields than the {expected} of the first line", lines_in_words(lines))
        })
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    let help = if more.is_empty() {
        "a value that is missing still has its separator: the line must be completed"
    } else {
        "a field with a comma in it stands in quotation marks, and decimals are written with a point"
    };
    Err(LayoutProblem::new(told.join("; "), help))
}

/// "line 7", "lines 7, 9 and 12".
fn lines_in_words(lines: &[usize]) -> String {
    rows_in_words(lines).replacen("row", "line", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        check(text.as_bytes(), b',').unwrap_err().message
    }

    fn is_fine(text: &str) {
        assert_eq!(check(text.as_bytes(), b','), Ok(()), "{text:?}");
    }

    #[test]
    fn tables_that_are_read_as_they_are() {
        is_fine("id,a\n1,2\n");
        is_fine("\u{feff}id,a\r\n1,2\r\n\r\n\n");
        is_fine("id,\"a,b\"\n1,\"x\ny\"\n2,\"say \"\"z\"\"\"");
        is_fine("id,note\n1,a;b;c\n2,5\" pipe\"\n");
        is_fine("id\n1\n2");
        is_fine("id,a,\n1,2,\n");
        assert_eq!(check(b"id\ta;b,c\n1\t2\n", b'\t'), Ok(()));
    }

    #[test]
    fn a_column_that_stands_twice_was_renamed_in_silence() {
        assert_eq!(problem("id,age,sex,age\n1,2,3,4\n"), "columns 2 and 4 are both called `age`");
        assert_eq!(
            problem("id,a,,\"a\",,a\n1,2,3,4,5,6\n"),
            "columns 2, 4 and 6 are both called `a`; columns 3 and 5 have no name"
        );
    }

    #[test]
    fn a_line_that_is_too_short_was_padded_in_silence() {
        assert_eq!(problem("id,a,b\n1,2,3\n4,5\n"), "line 3 has fewer fields than the 3 of the first line");
        // The record before it takes two lines.
        assert_eq!(problem("id,a\n1,\"x\ny\"\n\n4\n"), "line 5 has fewer fields than the 2 of the first line");
        assert_eq!(
            problem("id,a\n1,1,5\n2,2,5\n3\n"),
            "line 4 has fewer fields than the 2 of the first line; lines 2 and 3 have more fields than the 2 of the first line"
        );
    }

    #[test]
    fn other_separators_are_named() {
        assert_eq!(problem("id;a\n1;2\n"), "its fields are separated by semicolons, commas are expected");
        assert_eq!(
            problem("id;a\n1;2,5\n"),
            "its fields are separated by semicolons, commas are expected, and decimals are written with a comma"
        );
        assert_eq!(problem("id;\"a, b\";c\n1;2;3\n"), "its fields are separated by semicolons, commas are expected");
        assert_eq!(problem("id\ta\n1\t2\n"), "its fields are separated by tabs, commas are expected");
        let tabs = check(b"id,a\n1,2\n", b'\t').unwrap_err();
        assert_eq!(tabs.message, "its fields are separated by commas, tabs are expected");
    }

    #[test]
    fn what_is_no_text_of_utf8_is_named() {
        let of = |bytes: &[u8]| check(bytes, b',').unwrap_err().message;
        assert!(of(b"\xff\xfei\0d\0\n\0").contains("UTF-16"));
        assert!(of(b"i\0d\0,\0a\0\n\0").contains("UTF-16"));
        assert!(of(b"PK\x03\x04rest").contains("workbook"));
        assert_eq!(of(b"id,a\n1,x\n2,Universit\xe4t\n"), "line 3 is not UTF-8");
        assert_eq!(problem(""), "the file is empty");
        assert_eq!(problem("\n \n"), "the file is empty");
        assert!(problem("id,a\r1,2\r").contains("carriage returns"));
    }

    #[test]
    fn a_quotation_mark_that_is_left_open_takes_no_lines_with_it() {
        assert_eq!(problem("id,a\n1,5\" pipe\n2,6\" pipe\n"), "line 2 has a quotation mark within a field");
        assert_eq!(problem("id,a\n1,\"x\n2,y\n"), "a quotation mark of line 2 is never closed");
    }
}
