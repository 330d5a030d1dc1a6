//! Plain columns out of a data frame, with everything that cannot be used reported by row.

use super::odd_text::{Unfit, no_numbers};
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

    /// Whether these rows have one value between them, missing ones aside.
    pub fn is_constant(&self, rows: &[usize]) -> bool {
        fn alike<T: PartialEq + Copy>(values: &[Option<T>], rows: &[usize]) -> bool {
            let mut known = rows.iter().filter_map(|row| values[*row]);
            let first = known.next();
            known.all(|value| Some(value) == first)
        }
        match self {
            VariableData::Continuous(values) => alike(values, rows),
            VariableData::Levels(values) => alike(values, rows),
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
pub fn numbers(column: &Column, file_rows: &[usize]) -> Result<Vec<Option<f64>>, Unfit> {
    let name = column.name();
    let fails = |error: PolarsError| Unfit::new("data/type", error.to_string(), "");
    let fitting = match column.dtype() {
        DataType::Boolean | DataType::Date => true,
        dtype => dtype.is_primitive_numeric(),
    };
    if !fitting {
        return Err(match column.dtype() {
            DataType::Null => Unfit::new("data/type", format!("the column `{name}` has no values"), ""),
            DataType::String => no_numbers(name, &texts(column).unwrap_or_default(), file_rows),
            dtype => {
                Unfit::new("data/type", format!("the column `{name}` has values of type {dtype}, not numbers"), "")
            }
        });
    }
    let column =
        if column.dtype() == &DataType::Date { column.cast(&DataType::Int32).map_err(fails)? } else { column.clone() };
    let values = column.cast(&DataType::Float64).map_err(fails)?;
    let values: Vec<Option<f64>> = values.f64().map_err(fails)?.iter().collect();
    let infinite = |value: &Option<f64>| value.is_some_and(|value| !value.is_finite());
    let mut rows: Vec<usize> =
        values.iter().zip(file_rows).filter(|(value, _)| infinite(value)).map(|(_, row)| *row).collect();
    if rows.is_empty() {
        return Ok(values);
    }
    rows.sort_unstable();
    let message = format!("the column `{name}` is not a finite number in {}", rows_in_words(&rows));
    let all_nan = values.iter().filter(|value| infinite(value)).flatten().all(|value| value.is_nan());
    let help = match all_nan {
        true => "if NaN means a missing value, add it to the texts under `data: missing`",
        false => "correct the values, or mark texts that mean \"missing\" under `data: missing`",
    };
    Err(Unfit::new("data/not-finite", message, help))
}
