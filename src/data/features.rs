//! A second table with features of the same subjects, such as radiomics features that another program extracted. Its
//! columns join the table of subjects by the identifier.

use super::table::{self, column_names, rows_in_words};
use super::{Table, hash};
use crate::results::InputFile;
use crate::spec::raw::RawFeatures;
use crate::spec::{Diagnostic, Study};
use polars::prelude::*;
use std::collections::HashMap;

/// What is known of a features table once it has been joined.
#[derive(Clone, Debug)]
pub struct JoinedFeatures {
    pub input: InputFile,
    /// Rows of the table of subjects, counted from one, that the features have nothing about.
    pub rows_without: Vec<usize>,
}

/// Adds the columns of the features to the table. A subject of the features that the table does not have is an error; one
/// of the table that the features do not have gets missing values, which is an error once it is known to be analysed.
pub fn join(study: &Study, features: &RawFeatures, table: &mut Table) -> Result<JoinedFeatures, Vec<Diagnostic>> {
    let place = study.place("data/features/path");
    let path = study.folder().join(&features.path);
    let unusable = |message: String| vec![Diagnostic::error("data/features", message, place).about_input()];
    let bytes = std::fs::read(&path)
        .map_err(|error| unusable(format!("the features `{}` cannot be read: {}", features.path, error.kind())))?;
    let frame = table::read_table(&path, bytes, &study.spec.data.missing)
        .map_err(|error| vec![error.diagnostic("data/features", &features.path, place)])?;
    let subjects = table::identify(&frame, &features.id, study.place("data/features/id"))?;
    let mut problems = clashes(study, &frame, features, table);
    let positions: HashMap<&str, usize> =
        subjects.iter().enumerate().map(|(row, subject)| (subject.as_str(), row)).collect();
    let known: std::collections::HashSet<&str> = table.subjects.iter().map(String::as_str).collect();
    let strangers: Vec<usize> = subjects
        .iter()
        .enumerate()
        .filter(|(_, subject)| !known.contains(subject.as_str()))
        .map(|(row, _)| row + 1)
        .collect();
    if !strangers.is_empty() {
        let message = format!(
            "{} of the {} subjects of the features are not in the table: {}",
            strangers.len(),
            subjects.len(),
            rows_in_words(&strangers)
        );
        problems.push(
            Diagnostic::error("data/features", message, study.place("data/features/id"))
                .with_help("both tables must be of the same subjects, named in the same way"),
        );
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let rows: Vec<Option<usize>> =
        table.subjects.iter().map(|subject| positions.get(subject.as_str()).copied()).collect();
    let content_sha256 = hash::content_sha256(&frame).map_err(|error| unusable(error.to_string()))?;
    let input = InputFile {
        name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        content_sha256,
        rows: Some(frame.height()),
        columns: frame.width(),
    };
    add_columns(&frame, features, &rows, table).map_err(|error| unusable(error.to_string()))?;
    let without = rows.iter().zip(&table.file_rows).filter(|(row, _)| row.is_none());
    Ok(JoinedFeatures { input, rows_without: without.map(|(_, file_row)| *file_row).collect() })
}

/// Columns that both tables have.
fn clashes(study: &Study, frame: &DataFrame, features: &RawFeatures, table: &Table) -> Vec<Diagnostic> {
    let taken = table.column_names();
    let both: Vec<String> = column_names(frame)
        .into_iter()
        .filter(|name| *name != features.id && taken.contains(name))
        .map(|name| format!("`{name}`"))
        .collect();
    if both.is_empty() {
        return Vec::new();
    }
    let message = format!("the table and the features both have the columns {}", both.join(", "));
    let problem = Diagnostic::error("data/features", message, study.place("data/features/path"));
    vec![problem.with_help("rename them in one of the two files")]
}

fn add_columns(
    frame: &DataFrame,
    features: &RawFeatures,
    rows: &[Option<usize>],
    table: &mut Table,
) -> PolarsResult<()> {
    let indices: IdxCa = rows.iter().map(|row| row.map(|row| row as IdxSize)).collect();
    for column in frame.take(&indices)?.columns() {
        if column.name().as_str() != features.id {
            table.frame.with_column(column.clone())?;
        }
    }
    Ok(())
}
