//! When subjects entered, for the temporal split, and whether its cut-off lies within the time of accrual.

use crate::data::odd_text::no_dates;
use crate::data::table::rows_in_words;
use crate::data::{Table, column, quoting};
use crate::spec::diagnostic::suggestion;
use crate::spec::raw::{RawCutoff, RawTemporal};
use crate::spec::study::days_of_date;
use crate::spec::{Diagnostic, Study};
use polars::prelude::DataType;

/// The column that the temporal split goes by; `None` without one.
pub(super) fn times(study: &Study, table: &Table) -> Result<Option<Vec<f64>>, Diagnostic> {
    let Some(temporal) = &study.spec.split.temporal else { return Ok(None) };
    let place = study.place("split/temporal/by");
    let Ok(by) = table.frame.column(&temporal.by) else {
        let names = table.column_names();
        let help = suggestion(&temporal.by, names.iter().map(String::as_str));
        let message = format!("there is no column `{}`", temporal.by);
        return Err(Diagnostic::error("data/unknown-column", message, place).with_help(help));
    };
    if by.dtype() == &DataType::Boolean && by.null_count() == by.len() {
        // Stands for a derived column that could not be made, which is said already.
        return Ok(None);
    }
    let has_date_cutoff = matches!(temporal.test_from, RawCutoff::Date(_));
    let by = match by.dtype() {
        DataType::Datetime(..) => &by.cast(&DataType::Date).map_err(|error| {
            Diagnostic::error("split/type", format!("`{}` cannot be read as dates: {error}", temporal.by), place)
        })?,
        _ => by,
    };
    match by.dtype() {
        DataType::String if has_date_cutoff => {
            let texts = column::texts(by).map_err(|message| Diagnostic::error("split/type", message, place))?;
            return Err(no_dates(&temporal.by, &texts, &table.file_rows).at(place));
        }
        dtype if (dtype == &DataType::Date) != has_date_cutoff && dtype != &DataType::String => {
            let (has, help) = match has_date_cutoff {
                true => ("numbers", "write the cut-off as a number"),
                false => ("dates", "write the cut-off as YYYY-MM-DD"),
            };
            let message = format!("the column `{}` has {has}, the cut-off is none of them", temporal.by);
            return Err(Diagnostic::error("split/type", message, place).with_help(help));
        }
        _ => {}
    }
    let values = column::numbers(by, &table.file_rows).map_err(|unfit| unfit.at(place))?;
    let missing: Vec<usize> =
        values.iter().zip(&table.file_rows).filter(|(value, _)| value.is_none()).map(|(_, row)| *row).collect();
    if !missing.is_empty() {
        let rows = rows_in_words(&missing);
        let null = format!("{} IS NULL", quoting::column_name(&temporal.by));
        let message = format!("`{}` is missing in {rows}: these subjects are neither earlier nor later", temporal.by);
        return Err(Diagnostic::error("split/missing", message, place)
            .with_help(format!("exclude them: {{id: undated, says: …, where: {}}}", quoting::yaml_text(&null))));
    }
    let times: Vec<f64> = values.into_iter().flatten().collect();
    within_accrual(study, temporal, &times)?;
    Ok(Some(times))
}

/// The cut-off as a number: the year, or days since 1970-01-01.
pub fn cutoff(temporal: &RawTemporal) -> f64 {
    match &temporal.test_from {
        RawCutoff::Number(number) => *number,
        RawCutoff::Date(text) => days_of_date(text).map_or(f64::NAN, |days| days as f64),
    }
}

fn within_accrual(study: &Study, temporal: &RawTemporal, times: &[f64]) -> Result<(), Diagnostic> {
    let cutoff = cutoff(temporal);
    if cutoff.is_nan() {
        // Not a date, which the check of the spec says.
        return Ok(());
    }
    let first = times.iter().copied().fold(f64::INFINITY, f64::min);
    let last = times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if cutoff > first && cutoff <= last {
        return Ok(());
    }
    let side = if cutoff > last { "after the last" } else { "not after the first" };
    let empty = if cutoff > last { "test" } else { "training" };
    let message = format!("the cut-off is {side} subject's `{}`: the {empty} part would be empty", temporal.by);
    let help = match &temporal.test_from {
        RawCutoff::Number(_) => format!("accrual runs from {first} to {last}"),
        RawCutoff::Date(_) => "it must lie within the time of accrual".to_string(),
    };
    Err(Diagnostic::error("split/cutoff", message, study.place("split/temporal/test_from")).with_help(help))
}
