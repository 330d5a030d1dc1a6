//! The type of every column of a CSV file, from all its rows, as polars infers it, save that only dates of ISO 8601 are dates.
//! polars asks of every field whether it is one of some twenty dates, also of those of a column that is known to be text by
//! then; that took most of the time of reading.

use super::dates;
use polars::prelude::*;
use polars_io::csv::read::schema_inference::infer_field_schema;

/// The types that values have been of. One text makes the column one of texts.
#[derive(Default)]
struct Seen {
    types: Vec<DataType>,
}

/// The schema of a table whose columns are texts.
pub(super) fn schema_of(texts: &DataFrame) -> PolarsResult<Schema> {
    let typed = |column: &Column| Ok(Field::new(column.name().clone(), type_of(column.str()?)));
    texts.columns().iter().map(typed).collect()
}

fn type_of(texts: &StringChunked) -> DataType {
    let mut seen = Seen::default();
    for text in texts.iter().flatten() {
        seen.add(text);
        if seen.is_settled() {
            break;
        }
    }
    seen.common()
}

impl Seen {
    fn add(&mut self, text: &str) {
        let found = plain_number(text).unwrap_or_else(|| match infer_field_schema(text, true, false) {
            DataType::Date | DataType::Datetime(..) if !dates::is_iso(text) => DataType::String,
            found => found,
        });
        if !self.types.contains(&found) {
            self.types.push(found);
        }
    }

    /// Nothing that may follow changes the type.
    fn is_settled(&self) -> bool {
        self.types.len() > 1 && self.common() == DataType::String || self.types.contains(&DataType::String)
    }

    fn common(&self) -> DataType {
        match self.types.as_slice() {
            [only] => only.clone(),
            [DataType::Int64, DataType::Float64] | [DataType::Float64, DataType::Int64] => DataType::Float64,
            _ => DataType::String,
        }
    }
}

/// Of the usual spellings of a number, without a search through all others.
fn plain_number(text: &str) -> Option<DataType> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if are_digits(digits) {
        return Some(DataType::Int64);
    }
    let (whole, decimals) = digits.split_once('.')?;
    ((whole.is_empty() || are_digits(whole)) && are_digits(decimals)).then_some(DataType::Float64)
}

#[cfg(test)]
mod tests {
    use crate::data::table::{read_table, read_types_by_polars};
    use polars::prelude::DataType;
    use std::path::Path;

    /// Every pair of spellings in a column gets the type, and the values, that polars itself gives it.
    #[test]
    fn every_column_is_read_as_polars_reads_it() {
        let spellings = [
            "1",
            "-2",
            "007",
            "1.5",
            "-.5",
            "2.",
            "1e3",
            "-7e-05",
            "+3",
            "NaN",
            "inf",
            "true",
            "FALSE",
            "yes",
            "NA",
            "",
            "\"\"",
            "\"12\"",
            "\"1.5\"",
            "\"a,b\"",
            "\"say \"\"x\"\"\"",
            "2020-01-31",
            "2020-13-31",
            "2020-01-31T10:00:00",
            "2020-01-31 10:00",
            "2020-01-31T10:00:00Z",
            "10:30:00",
            " 4",
            "4 ",
            "1,5",
            "<=20",
            "ä",
        ];
        let quoted = |text: &str| if text == "1,5" { "\"1,5\"".to_string() } else { text.to_string() };
        let mut text = String::from("id");
        let pairs: Vec<(String, String)> =
            spellings.iter().flat_map(|one| spellings.iter().map(|other| (quoted(one), quoted(other)))).collect();
        for column in 0..pairs.len() {
            text += &format!(",c{column}");
        }
        for row in 0..2 {
            text += &format!("\n{row}");
            for (one, other) in &pairs {
                text += &format!(",{}", if row == 0 { one } else { other });
            }
        }
        text += "\n";
        assert!(agree(&text));
    }

    #[test]
    fn a_number_beyond_64_bits_is_refused_either_way() {
        assert!(!agree("id,a\n1,99999999999999999999\n"));
        assert!(agree("id,a\n1,99999999999999999999\n2,1.5\n"));
    }

    #[test]
    fn a_date_that_could_be_of_two_months_was_guessed() {
        let text = "id,iso,other,mixed\n1,2018-04-03,03/04/2018,2018-04-03\n2,2018-05-03,03/05/2018,03/05/2018\n";
        let table = read_table(Path::new("table.csv"), text.as_bytes().to_vec(), &[]).unwrap();
        let types: Vec<&DataType> = table.columns().iter().map(|column| column.dtype()).collect();
        assert_eq!(types[1..], [&DataType::Date, &DataType::String, &DataType::String]);
    }

    /// Whether the table can be read: with the same types and values, if at all.
    fn agree(text: &str) -> bool {
        let missing = ["NA".to_string()];
        let name = Path::new("table.csv");
        let own = read_table(name, text.as_bytes().to_vec(), &missing);
        let theirs = read_types_by_polars(name, text.as_bytes().to_vec(), &missing);
        let (own, theirs) = match (own, theirs) {
            (Ok(own), Ok(theirs)) => (own, theirs),
            (own, theirs) => {
                assert_eq!(own.is_err(), theirs.is_err(), "{own:?} {theirs:?}");
                return false;
            }
        };
        for (own, theirs) in own.columns().iter().zip(theirs.columns()) {
            assert_eq!(own.dtype(), theirs.dtype(), "{own:?} {theirs:?}");
            assert!(own.equals_missing(theirs), "{own:?} {theirs:?}");
        }
        true
    }
}
