//! The table of subjects, one row each, in the order of their identifiers: from here on no result can depend on the
//! order of the rows in the file.

use super::csv::{self, LayoutProblem};
use super::{column_types, dates, hash};
use crate::spec::diagnostic::{Diagnostic, nearest, suggestion};
use crate::spec::study::TableSource;
use crate::spec::{Span, Study};
use polars::prelude::*;
use polars_io::csv::read::{CsvParseOptions, CsvReadOptions, NullValues};
use polars_io::prelude::{ParquetReader, SerReader};
use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

/// A table that was read and whose subjects are distinct.
#[derive(Clone, Debug)]
pub struct Table {
    /// Sorted by subject.
    pub frame: DataFrame,
    /// Never part of any result: only the predictions file, which stays with the data, has them.
    pub subjects: Vec<String>,
    /// Where each row stood in the file, counted from one without the header: what messages name.
    pub file_rows: Vec<usize>,
    pub file_sha256: String,
    pub content_sha256: String,
}

impl Table {
    /// Reads the table that a study names. All that is wrong with it is reported at once.
    pub fn load(study: &Study) -> Result<Self, Vec<Diagnostic>> {
        Self::load_from(study, &study.table_source())
    }

    /// Reads one of the tables that a study names.
    pub fn load_from(study: &Study, source: &TableSource) -> Result<Self, Vec<Diagnostic>> {
        let path = &source.path;
        let at = |key: &str| study.place(&format!("{}/{key}", source.place));
        let place = at("path");
        let bytes = std::fs::read(path).map_err(|error| vec![unreadable(path, &error, place)])?;
        let file_sha256 = hash::sha256(&bytes);
        let mut problems = Vec::new();
        if let Some(declared) = source.sha256.filter(|declared| !declared.eq_ignore_ascii_case(&file_sha256)) {
            problems.push(wrong_hash("the file's SHA-256", declared, &file_sha256, at("sha256")));
        }
        let frame = read_table(path, bytes, source.missing)
            .map_err(|error| vec![error.diagnostic("data/format", source.typed, place)])?;
        let content_sha256 = hash::content_sha256(&frame)
            .map_err(|error| vec![Diagnostic::error("data/format", error.to_string(), place)])?;
        if let Some(declared) = source.content_sha256.filter(|declared| !declared.eq_ignore_ascii_case(&content_sha256))
        {
            let span = at("content_sha256");
            problems.push(wrong_hash("the table's content hash", declared, &content_sha256, span));
        }
        if frame.height() == 0 {
            problems.push(Diagnostic::error("data/empty", "the table has no rows", place));
        }
        match identify(&frame, source.id, at("id")) {
            Ok(subjects) if problems.is_empty() => Self::sorted(frame, subjects, file_sha256, content_sha256)
                .map_err(|error| vec![Diagnostic::error("data/format", error.to_string(), place)]),
            Ok(_) => Err(problems),
            Err(more) => {
                problems.extend(more);
                Err(problems)
            }
        }
    }

    /// A table whose subjects are not told apart.
    pub(super) fn without_subjects(frame: DataFrame) -> Self {
        let file_rows = (1..=frame.height()).collect();
        Self { frame, subjects: Vec::new(), file_rows, file_sha256: String::new(), content_sha256: String::new() }
    }

    fn sorted(
        frame: DataFrame,
        subjects: Vec<String>,
        file_sha256: String,
        content_sha256: String,
    ) -> PolarsResult<Self> {
        let mut order: Vec<usize> = (0..subjects.len()).collect();
        // Whole numbers by value, other identifiers by their text: both orders are total on distinct identifiers.
        let numbers: Option<Vec<i64>> = subjects.iter().map(|subject| subject.parse().ok()).collect();
        match numbers {
            Some(numbers) => order.sort_by_key(|row| (numbers[*row], &subjects[*row])),
            None => order.sort_by(|left, right| subjects[*left].cmp(&subjects[*right])),
        }
        let indices = IdxCa::from_vec("order".into(), order.iter().map(|row| *row as IdxSize).collect());
        Ok(Self {
            frame: frame.take(&indices)?,
            subjects: order.iter().map(|row| subjects[*row].clone()).collect(),
            file_rows: order.iter().map(|row| row + 1).collect(),
            file_sha256,
            content_sha256,
        })
    }

    pub fn column_names(&self) -> Vec<String> {
        column_names(&self.frame)
    }
}

pub fn column_names(frame: &DataFrame) -> Vec<String> {
    frame.get_column_names().into_iter().map(|name| name.to_string()).collect()
}

/// Why a file is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("{0}")]
    Layout(LayoutProblem),
    /// Without the values that polars quotes.
    #[error("{}", super::expression::without_values(&.0.to_string()))]
    Polars(#[from] PolarsError),
}

impl TableError {
    pub fn diagnostic(&self, code: &'static str, file: &str, place: Span) -> Diagnostic {
        let message = |reason: &str| format!("`{file}` cannot be read as a table: {reason}");
        match self {
            Self::Layout(problem) => {
                Diagnostic::error(code, message(&problem.message), place).with_help(problem.help.as_str())
            }
            Self::Polars(_) => Diagnostic::error(code, message(&self.to_string()), place),
        }
    }
}

/// A table of any file that Vouch reads: Parquet by its ending, else CSV, or TSV. The types of columns come from all rows, not
/// the first hundred: they must not depend on the order of the rows.
pub fn read_table(path: &Path, bytes: Vec<u8>, missing: &[String]) -> Result<DataFrame, TableError> {
    if is_parquet(path) {
        return Ok(ParquetReader::new(Cursor::new(bytes)).finish()?);
    }
    let texts = read_texts(path, bytes.clone(), missing)?;
    let schema = column_types::schema_of(&texts)?;
    drop(texts);
    let options = csv_options(path, missing, |options| {
        options.with_schema(Some(Arc::new(schema))).with_infer_schema_length(Some(0))
    });
    Ok(options.into_reader_with_file_handle(Cursor::new(bytes)).finish()?)
}

/// A table of texts: of Parquet its own types, of CSV and TSV every field as it is written. Without the search for types,
/// a table of a million rows is read many times faster.
pub fn read_texts(path: &Path, bytes: Vec<u8>, missing: &[String]) -> Result<DataFrame, TableError> {
    if is_parquet(path) {
        return Ok(ParquetReader::new(Cursor::new(bytes)).finish()?);
    }
    csv::check(&bytes, separator(path)).map_err(TableError::Layout)?;
    let options = csv_options(path, missing, |options| options.with_infer_schema_length(Some(0)));
    Ok(options.into_reader_with_file_handle(Cursor::new(bytes)).finish()?)
}

/// The same as [`read_table`], with the types that polars finds by itself.
#[cfg(test)]
pub(super) fn read_types_by_polars(path: &Path, bytes: Vec<u8>, missing: &[String]) -> PolarsResult<DataFrame> {
    csv_options(path, missing, |options| options.with_infer_schema_length(None))
        .into_reader_with_file_handle(Cursor::new(bytes))
        .finish()
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

fn separator(path: &Path) -> u8 {
    if extension(path).eq_ignore_ascii_case("tsv") { b'\t' } else { b',' }
}

fn is_parquet(path: &Path) -> bool {
    extension(path).eq_ignore_ascii_case("parquet")
}

/// How a CSV or TSV file is read. Dates are looked for where types are.
fn csv_options(
    path: &Path,
    missing: &[String],
    types: impl FnOnce(CsvReadOptions) -> CsvReadOptions,
) -> CsvReadOptions {
    let texts = missing.iter().map(|text| PlSmallStr::from_str(text)).collect();
    let parse = CsvParseOptions::default()
        .with_separator(separator(path))
        .with_null_values(Some(NullValues::AllColumns(texts)))
        .with_try_parse_dates(true);
    types(CsvReadOptions::default()).with_parse_options(parse)
}

/// The identifier of each row, or what is wrong with them. A message never quotes an identifier.
pub(super) fn identify(frame: &DataFrame, id: &str, place: Span) -> Result<Vec<String>, Vec<Diagnostic>> {
    let Ok(column) = frame.column(id) else {
        let names = column_names(frame);
        // A file without a line of names has a subject's values in their place: they are not listed.
        let is_value = |name: &String| name.parse::<f64>().is_ok() || dates::is_iso(name);
        let help = if names.iter().any(is_value) {
            "the first line of the file must have the names of the columns".to_string()
        } else {
            suggestion(id, names.iter().map(String::as_str))
        };
        return Err(vec![
            Diagnostic::error("data/unknown-column", format!("there is no column `{id}`"), place).with_help(help),
        ]);
    };
    let texts = super::column::texts(column).map_err(|message| vec![Diagnostic::error("data/id", message, place)])?;
    let mut problems = Vec::new();
    let missing: Vec<usize> =
        texts.iter().enumerate().filter(|(_, text)| text.is_none()).map(|(row, _)| row + 1).collect();
    if !missing.is_empty() {
        let message = format!("`{id}` is missing in {}", rows_in_words(&missing));
        problems.push(Diagnostic::error("data/id-missing", message, place).with_help("every row needs its subject"));
    }
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut repeated = Vec::new();
    for (row, text) in texts.iter().enumerate() {
        if let Some(text) = text
            && first.insert(text, row).is_some()
        {
            repeated.push(row + 1);
        }
    }
    if !repeated.is_empty() {
        let message = format!("`{id}` repeats the subject of an earlier row in {}", rows_in_words(&repeated));
        problems.push(Diagnostic::error("data/id-repeated", message, place).with_help(
            "one row per subject: a subject with two rows could stand in the training and in the test part at once",
        ));
    }
    if problems.is_empty() { Ok(texts.into_iter().flatten().collect()) } else { Err(problems) }
}

/// "row 7", "rows 7, 9 and 12", "rows 7, 9, 12 and 40 more".
pub fn rows_in_words(rows: &[usize]) -> String {
    let words: Vec<String> = rows.iter().take(5).map(usize::to_string).collect();
    match (rows.len(), words.split_last()) {
        (1, _) => format!("row {}", words[0]),
        (2..=5, Some((last, rest))) => format!("rows {} and {last}", rest.join(", ")),
        _ => format!("rows {} and {} more", words.join(", "), rows.len() - words.len()),
    }
}

fn unreadable(path: &Path, error: &std::io::Error, place: Span) -> Diagnostic {
    let message = format!("the table `{}` cannot be read: {error}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
        .unwrap_or_default();
    let typed = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let help = match nearest(typed, names.iter().map(String::as_str)) {
        Some(name) if error.kind() == std::io::ErrorKind::NotFound => {
            format!("did you mean `{name}`, in the same folder?")
        }
        _ => "paths start from the folder of the spec".to_string(),
    };
    Diagnostic::error("data/unreadable", message, place).with_help(help).about_input()
}

fn wrong_hash(what: &str, declared: &str, found: &str, place: Span) -> Diagnostic {
    let message = format!("{what} is {found}, the spec declares {declared}");
    Diagnostic::error("data/hash", message, place)
        .with_help(
            "these are not the data that the study was written for; if the change is meant, declare the new hash",
        )
        .about_input()
}
