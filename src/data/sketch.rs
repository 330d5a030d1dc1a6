//! What the columns of a table look like, for a first draft of a study.

use super::table;
use polars::prelude::*;
use std::path::Path;

/// A text or small-number column with at most this many values is taken for categories; one with more may be free text,
/// and is left out of a draft.
const MOST_LEVELS: usize = 8;

#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSketch {
    pub name: String,
    pub kind: SketchKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SketchKind {
    Continuous,
    /// The values, sorted.
    Levels(Vec<String>),
    /// Dates, identifiers, free text: nothing that a model takes as it is.
    Other,
}

/// The columns of a table, in its order.
pub fn columns(path: &Path) -> Result<Vec<ColumnSketch>, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let frame = table::read_table(path, bytes, &["NA".to_string()]).map_err(|error| error.to_string())?;
    frame
        .columns()
        .iter()
        .map(|column| {
            let kind = sketch(column).map_err(|error| format!("column `{}`: {error}", column.name()))?;
            Ok(ColumnSketch { name: column.name().to_string(), kind })
        })
        .collect()
}

fn sketch(column: &Column) -> Result<SketchKind, String> {
    let is_number = column.dtype().is_primitive_numeric();
    if !is_number && !matches!(column.dtype(), DataType::String | DataType::Boolean) {
        return Ok(SketchKind::Other);
    }
    let mut levels: Vec<String> = super::column::texts(column)?.into_iter().flatten().collect();
    levels.sort();
    levels.dedup();
    let few = (2..=MOST_LEVELS).contains(&levels.len()) && levels.len() < column.len();
    // A number with a handful of values is more often a code than a measurement.
    let coded = is_number && levels.len() <= 3 && levels.iter().all(|level| level.parse::<i64>().is_ok());
    Ok(match (is_number, few) {
        (true, true) if coded => {
            levels.sort_by_key(|level| level.parse::<i64>().unwrap_or_default());
            SketchKind::Levels(levels)
        }
        (true, _) if levels.len() > 1 => SketchKind::Continuous,
        (false, true) => SketchKind::Levels(levels),
        _ => SketchKind::Other,
    })
}
