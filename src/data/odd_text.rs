//! What the texts of a column were probably meant to be, where numbers or dates are needed. Rows are named, values are not,
//! save those that are usual signs of a missing value.

use super::csv::is_decimal_comma;
use super::dates;
use super::table::rows_in_words;
use crate::spec::{Diagnostic, Span};
use std::fmt;

/// Usual signs of a missing value, in small letters.
const MISSING: [&str; 17] = [
    ".", "-", "--", "?", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "nil", "missing", "unknown", "unk", "nd",
    "n/d",
];

/// Why a column cannot be taken for what is needed, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    code: &'static str,
    message: String,
    help: String,
}

impl Unfit {
    pub fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: help.into() }
    }

    pub fn at(self, place: Span) -> Diagnostic {
        Diagnostic::error(self.code, self.message, place).with_help(self.help)
    }
}

/// Of a column of texts: the rows whose text is no number.
pub fn no_numbers(name: &str, texts: &[Option<String>], file_rows: &[usize]) -> Unfit {
    let odd = rows_where(texts, file_rows, |text| text.trim().parse::<f64>().is_err());
    let odd_texts: Vec<&str> =
        texts.iter().flatten().map(String::as_str).filter(|text| text.trim().parse::<f64>().is_err()).collect();
    let rows = rows_in_words(&odd);
    if dates::are_written_otherwise(odd_texts.iter().copied()) {
        let message = format!("the column `{name}` has dates that are not written as YYYY-MM-DD, in {rows}");
        return Unfit::new("data/type", message, dates::how_to_write(name));
    }
    let message = format!("the column `{name}` is not a number in {rows}");
    let help = match signs_of_missing(&odd_texts) {
        Some(signs) => format!("{signs} looks like a missing value: add it to the texts under `data: missing`"),
        None if odd_texts.iter().all(|text| is_decimal_comma(text)) => {
            "decimals are written with a point, not with a comma".to_string()
        }
        None => {
            "correct the values, make the kind categorical, or mark texts that mean \"missing\" under `data: missing`"
                .to_string()
        }
    };
    Unfit::new("data/type", message, help)
}

/// Of a column of texts: the rows whose text is no date as it is read.
pub fn no_dates(name: &str, texts: &[Option<String>], file_rows: &[usize]) -> Unfit {
    let odd = rows_where(texts, file_rows, |text| !dates::is_iso(text));
    let odd_texts: Vec<&str> = texts.iter().flatten().map(String::as_str).filter(|text| !dates::is_iso(text)).collect();
    let message = format!("the column `{name}` is not a date written as YYYY-MM-DD in {}", rows_in_words(&odd));
    let help = match signs_of_missing(&odd_texts) {
        Some(signs) => format!("{signs} looks like a missing value: add it to the texts under `data: missing`"),
        None if dates::are_written_otherwise(odd_texts.iter().copied()) => dates::how_to_write(name),
        None => "correct the values, or mark texts that mean \"missing\" under `data: missing`".to_string(),
    };
    Unfit::new("split/type", message, help)
}

impl fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

fn rows_where(texts: &[Option<String>], file_rows: &[usize], is_odd: impl Fn(&str) -> bool) -> Vec<usize> {
    let mut rows: Vec<usize> = texts
        .iter()
        .zip(file_rows)
        .filter(|(text, _)| text.as_ref().is_some_and(|text| is_odd(text)))
        .map(|(_, row)| *row)
        .collect();
    // Subjects are in the order of their identifiers; rows are named in that of the file.
    rows.sort_unstable();
    rows
}

/// The texts, where every one of them is a usual sign of a missing value.
fn signs_of_missing(texts: &[&str]) -> Option<String> {
    let mut signs: Vec<&str> = texts.to_vec();
    signs.sort_unstable();
    signs.dedup();
    let usual = |text: &&str| MISSING.contains(&text.trim().to_lowercase().as_str());
    let quoted: Vec<String> = signs.iter().map(|text| format!("`{text}`")).collect();
    (!signs.is_empty() && signs.iter().all(usual)).then(|| quoted.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(texts: &[&str]) -> (String, String) {
        let texts: Vec<Option<String>> = texts.iter().map(|text| Some(text.to_string())).collect();
        let rows: Vec<usize> = (1..=texts.len()).collect();
        let unfit = no_numbers("age", &texts, &rows);
        (unfit.message, unfit.help)
    }

    #[test]
    fn texts_in_a_column_of_numbers_are_told_by_row_and_without_their_value() {
        let (message, help) = told(&["61", "sixty", "62"]);
        assert_eq!(message, "the column `age` is not a number in row 2");
        assert!(!help.contains("sixty"), "{help}");
    }

    #[test]
    fn usual_signs_of_a_missing_value_are_named() {
        let (_, help) = told(&["61", ".", "n/a"]);
        assert!(help.starts_with("`.` or `n/a` looks like a missing value"), "{help}");
        assert!(told(&["61", "2,5"]).1.contains("with a point"));
        assert!(told(&["03/04/2018", "05/04/2018"]).0.contains("YYYY-MM-DD"));
    }
}
