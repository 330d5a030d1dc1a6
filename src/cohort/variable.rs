//! A variable's values out of its column: numbers, or positions among the declared levels.

use crate::data::table::rows_in_words;
use crate::data::{Table, VariableData, column};
use crate::spec::diagnostic::suggestion;
use crate::spec::raw::{RawTransform, RawVariableKind};
use crate::spec::{Diagnostic, Study};
use indexmap::IndexMap;
use std::collections::BTreeSet;

pub(super) fn read(study: &Study, name: &str, table: &Table) -> Result<VariableData, Diagnostic> {
    let variable = &study.spec.variables[name];
    let place = study.place(&format!("variables/{name}"));
    let column_name = study.variable_column(name);
    let Ok(values) = table.frame.column(column_name) else {
        let names = table.column_names();
        let help = suggestion(column_name, names.iter().map(String::as_str));
        let message = format!("there is no column `{column_name}`");
        return Err(Diagnostic::error("data/unknown-column", message, place).with_help(help));
    };
    let wrong = |message: String| Diagnostic::error("data/type", message, place);
    if variable.kind == RawVariableKind::Continuous {
        let values = column::numbers(values, &table.file_rows).map_err(|unfit| unfit.at(place))?;
        if variable.transform == RawTransform::Log1p {
            require_above_minus_one(study, name, &values, &table.file_rows)?;
        }
        return Ok(VariableData::Continuous(values));
    }
    let texts = column::texts(values).map_err(wrong)?;
    let level_of = |text: &String| position(&variable.levels, text);
    let positions: Vec<Option<usize>> = texts.iter().map(|text| text.as_ref().and_then(level_of)).collect();
    let unknown: BTreeSet<&String> = texts.iter().flatten().filter(|text| level_of(text).is_none()).collect();
    if unknown.is_empty() {
        return Ok(VariableData::Levels(positions));
    }
    // A value that many subjects share is a level that was forgotten; a rare one could point at a person.
    let shared: Vec<String> = unknown
        .iter()
        .filter(|level| texts.iter().filter(|text| text.as_ref() == Some(**level)).count() >= 5)
        .take(8)
        .map(|level| format!("`{level}`"))
        .collect();
    let message = if shared.is_empty() {
        let rows: Vec<usize> = texts
            .iter()
            .zip(&table.file_rows)
            .filter(|(text, _)| text.as_ref().is_some_and(|text| unknown.contains(text)))
            .map(|(_, row)| *row)
            .collect();
        format!("`{name}` has values that are not among its levels in {}", rows_in_words(&rows))
    } else {
        format!("`{name}` has values that are not among its levels: {}", shared.join(", "))
    };
    Err(Diagnostic::error("data/levels", message, study.place(&format!("variables/{name}/levels")))
        .with_help("add the level, or exclude these subjects"))
}

/// The level of a value, by its text; or as a number, where a column of 0, 0.5 and 1 holds "0.0" and the level is called 0.
fn position(levels: &IndexMap<String, String>, text: &str) -> Option<usize> {
    levels.get_index_of(text).or_else(|| {
        let value: f64 = text.parse().ok()?;
        let mut equal = levels.keys().enumerate().filter(|(_, level)| level.parse() == Ok(value));
        let found = equal.next().map(|(index, _)| index);
        found.filter(|_| equal.next().is_none())
    })
}

/// ln(1 + x) is a number only above −1.
fn require_above_minus_one(
    study: &Study,
    name: &str,
    values: &[Option<f64>],
    file_rows: &[usize],
) -> Result<(), Diagnostic> {
    let below = values.iter().zip(file_rows).filter(|(value, _)| value.is_some_and(|value| value <= -1.0));
    let rows: Vec<usize> = below.map(|(_, row)| *row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let message = format!("`{name}` is -1 or less in {}, where ln(1 + x) has no value", rows_in_words(&rows));
    let place = study.place(&format!("variables/{name}/transform"));
    Err(Diagnostic::error("data/transform", message, place).with_help("correct the values, or take the transform away"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_called_0_is_that_of_0_point_0() {
        let levels = |keys: &[&str]| keys.iter().map(|key| (key.to_string(), String::new())).collect();
        let oedema: IndexMap<String, String> = levels(&["0", "0.5", "1"]);
        let found: Vec<Option<usize>> =
            ["0.0", "0.5", "1.0", "1", "2.0", "none"].map(|text| position(&oedema, text)).into();
        assert_eq!(found, vec![Some(0), Some(1), Some(2), Some(2), None, None]);
        // Two levels of one number are told apart by their texts alone.
        let codes = levels(&["01", "1"]);
        assert_eq!((position(&codes, "1"), position(&codes, "1.0")), (Some(1), None));
    }
}
