//! Plain columns out of a data frame, with everything that cannot be used reported by row.

use super::table::rows_in_words;
use polars::prelude::*;

/// A variable of the study, one value per analysed subject.
#[derive(Clone, Debug, PartialEq)]
pub enum VariableData {
    Continuous(Vec<Option<f64>>),
    /// Positions in the variable's levels.
    Levels(Vec<Option<usize>>),
}

impl VariableData {
    pub fn missing(&self) -> usize {
        match self {
            VariableData::Continuous(values) => values.iter().filter(|value| value.is_none()).count(),
            VariableData::Levels(values) => values.iter().filter(|value| value.is_none()).count(),
        }
    }

    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            VariableData::Continuous(values) => values[row].is_none(),
            VariableData::Levels(values) => values[row].is_none(),
        }
    }

    pub fn take(&self, rows: &[usize]) -> Self {
        match self {
            VariableData::Continuous(values) => VariableData::Continuous(rows.iter().map(|row| values[*row]).collect()),
            VariableData::Levels(values) => VariableData::Levels(rows.iter().map(|row| values[*row]).collect()),
        }
    }

    /// Puts the values of more subjects behind these. The kind of a variable is one, whatever the file.
    pub fn append(&mut self, other: Self) {
        match (self, other) {
            (VariableData::Continuous(own), VariableData::Continuous(more)) => own.extend(more),
            (VariableData::Levels(own), VariableData::Levels(more)) => own.extend(more),
            _ => {}
        }
    }
}

/// An outcome of the study, one value per analysed subject; nothing is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum OutcomeData {
    Binary(Vec<bool>),
    /// Times in the unit in which the outcome is reported.
    Survival {
        time: Vec<f64>,
        event: Vec<bool>,
    },
}

impl OutcomeData {
    pub fn take(&self, rows: &[usize]) -> Self {
        let flags = |values: &[bool]| rows.iter().map(|row| values[*row]).collect::<Vec<bool>>();
        match self {
            OutcomeData::Binary(values) => OutcomeData::Binary(flags(values)),
            OutcomeData::Survival { time, event } => {
                OutcomeData::Survival { time: rows.iter().map(|row| time[*row]).collect(), event: flags(event) }
            }
        }
    }

    /// Puts the values of more subjects behind these. The kind of an outcome is one, whatever the file.
    pub fn append(&mut self, other: Self) {
        match (self, other) {
            (OutcomeData::Binary(own), OutcomeData::Binary(more)) => own.extend(more),
            (OutcomeData::Survival { time, event }, OutcomeData::Survival { time: times, event: events }) => {
                time.extend(times);
                event.extend(events);
            }
            _ => {}
        }
    }
}

/// The texts of a column; whole numbers without a decimal point.
pub fn texts(column: &Column) -> Result<Vec<Option<String>>, String> {
    let texts = column.cast(&DataType::String).map_err(|error| error.to_string())?;
    let texts = texts.str().map_err(|error| error.to_string())?;
    Ok(texts.iter().map(|text| text.map(str::to_string)).collect())
}

/// The numbers of a column: integers, decimals, truth values as 0 and 1, dates as days since 1970-01-01.
pub fn numbers(column: &Column, file_rows: &[usize]) -> Result<Vec<Option<f64>>, String> {
    let name = column.name();
    let fitting = match column.dtype() {
        DataType::Boolean | DataType::Date => true,
        dtype => dtype.is_primitive_numeric(),
    };
    if !fitting {
        return Err(match column.dtype() {
            DataType::Null => format!("the column `{name}` has no values"),
            _ => not_numbers(column, file_rows),
        });
    }
    let column = if column.dtype() == &DataType::Date {
        column.cast(&DataType::Int32).map_err(|error| error.to_string())?
    } else {
        column.clone()
    };
    let values = column.cast(&DataType::Float64).map_err(|error| error.to_string())?;
    let values: Vec<Option<f64>> = values.f64().map_err(|error| error.to_string())?.iter().collect();
    let infinite: Vec<usize> = values
        .iter()
        .zip(file_rows)
        .filter(|(value, _)| value.is_some_and(|value| !value.is_finite()))
        .map(|(_, row)| *row)
        .collect();
    if infinite.is_empty() {
        Ok(values)
    } else {
        Err(format!("the column `{name}` is not a finite number in {}", rows_in_words(&infinite)))
    }
}

/// Names the rows whose text is no number, without quoting a subject's value.
fn not_numbers(column: &Column, file_rows: &[usize]) -> String {
    let name = column.name();
    let kind = column.dtype();
    let odd: Vec<usize> = texts(column)
        .unwrap_or_default()
        .iter()
        .zip(file_rows)
        .filter(|(text, _)| text.as_ref().is_some_and(|text| text.trim().parse::<f64>().is_err()))
        .map(|(_, row)| *row)
        .collect();
    if odd.is_empty() || odd.len() * 2 > file_rows.len() {
        format!("the column `{name}` has values of type {kind}, numbers are needed")
    } else {
        format!("the column `{name}` is not a number in {}", rows_in_words(&odd))
    }
}
