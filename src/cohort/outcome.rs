//! Outcomes and given scores out of their expressions. A missing outcome is never guessed and never dropped in silence.

use crate::data::table::rows_in_words;
use crate::data::{Expression, OutcomeData, Table, column, quoting};
use crate::spec::raw::{RawModel, RawOutcome};
use crate::spec::{Diagnostic, Span, Study};

pub(super) fn read(study: &Study, id: &str, table: &Table) -> Result<OutcomeData, Vec<Diagnostic>> {
    match &study.spec.outcomes[id] {
        RawOutcome::Binary { positive, .. } => {
            truth(id, positive, study.place(&format!("outcomes/{id}/positive")), table).map(OutcomeData::Binary)
        }
        RawOutcome::Survival { time, unit, event, censor_at, report_in, .. } => {
            let factor = unit.days() / report_in.days();
            let events = truth(id, event, study.place(&format!("outcomes/{id}/event")), table);
            let times = times(id, time, study.place(&format!("outcomes/{id}/time")), table);
            match (times, events) {
                (Ok(times), Ok(event)) => {
                    let time: Vec<f64> = times.into_iter().map(|time| time * factor).collect();
                    let end = censor_at.map(|end| end.time * end.unit.days() / report_in.days());
                    Ok(censored(time, event, end))
                }
                (times, events) => Err([times.err(), events.err()].into_iter().flatten().flatten().collect()),
            }
        }
    }
}

/// Follow-up of everybody ends at `end`: an event after it is not seen, one at it is.
fn censored(mut time: Vec<f64>, mut event: Vec<bool>, end: Option<f64>) -> OutcomeData {
    if let Some(end) = end {
        for (time, event) in time.iter_mut().zip(&mut event) {
            if *time > end {
                *time = end;
                *event = false;
            }
        }
    }
    OutcomeData::Survival { time, event }
}

fn truth(id: &str, text: &str, place: Span, table: &Table) -> Result<Vec<bool>, Vec<Diagnostic>> {
    let expression = Expression::parse(text, place, &table.frame)?;
    let values = expression.truth(table).map_err(|problem| vec![problem])?;
    complete(id, values, &expression.columns, place, table)
}

/// The score of a model of kind `scores`.
pub(super) fn score(study: &Study, id: &str, text: &str, table: &Table) -> Result<Vec<f64>, Vec<Diagnostic>> {
    let place = study.place(&format!("models/{id}/from"));
    let expression = Expression::parse(text, place, &table.frame)?;
    let column = expression.column(table, "score").map_err(|problem| vec![problem])?;
    let values = column::numbers(&column, &table.file_rows).map_err(|unfit| vec![unfit.at(place)])?;
    if matches!(study.spec.models.get(id), Some(RawModel::Scores { is_probability: true, .. })) {
        require_probabilities(study, id, &values, table)?;
    }
    complete(id, values, &expression.columns, place, table)
}

fn require_probabilities(
    study: &Study,
    id: &str,
    values: &[Option<f64>],
    table: &Table,
) -> Result<(), Vec<Diagnostic>> {
    let outside = |value: &Option<f64>| value.is_some_and(|value| !(0.0..=1.0).contains(&value));
    let rows: Vec<usize> =
        values.iter().zip(&table.file_rows).filter(|(value, _)| outside(value)).map(|(_, row)| *row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let message = format!("`{id}` is said to be a probability, and is below 0 or above 1 in {}", rows_in_words(&rows));
    let place = study.place(&format!("models/{id}/is_probability"));
    let help = "divide percents by 100 in `from`, or take `is_probability` away: the score then ranks subjects";
    Err(vec![Diagnostic::error("data/probability", message, place).with_help(help)])
}

/// Times out of the column of that name or, where there is none, out of an SQL expression.
fn times(id: &str, text: &str, place: Span, table: &Table) -> Result<Vec<f64>, Vec<Diagnostic>> {
    let (values, columns, name) = match table.frame.column(text) {
        Ok(values) => (values.clone(), vec![text.to_string()], format!("`{text}`")),
        Err(_) => {
            let expression = Expression::parse(text, place, &table.frame)?;
            let values = expression.column(table, "time").map_err(|problem| vec![problem])?;
            (values, expression.columns, format!("the time of `{id}`"))
        }
    };
    let values = column::numbers(&values, &table.file_rows).map_err(|unfit| vec![unfit.at(place)])?;
    let negative: Vec<usize> = values
        .iter()
        .zip(&table.file_rows)
        .filter(|(value, _)| value.is_some_and(|value| value < 0.0))
        .map(|(_, row)| *row)
        .collect();
    if !negative.is_empty() {
        let message = format!("{name} is below zero in {}", rows_in_words(&negative));
        return Err(vec![
            Diagnostic::error("data/negative-time", message, place)
                .with_help("a time runs from the start of follow-up; correct or exclude these subjects"),
        ]);
    }
    complete(id, values, &columns, place, table)
}

fn complete<T>(
    id: &str,
    values: Vec<Option<T>>,
    columns: &[String],
    place: Span,
    table: &Table,
) -> Result<Vec<T>, Vec<Diagnostic>> {
    let missing: Vec<usize> =
        values.iter().zip(&table.file_rows).filter(|(value, _)| value.is_none()).map(|(_, row)| *row).collect();
    if missing.is_empty() {
        return Ok(values.into_iter().flatten().collect());
    }
    let message = format!("`{id}` is missing in {}", rows_in_words(&missing));
    let null: Vec<String> = columns.iter().map(|column| format!("{} IS NULL", quoting::column_name(column))).collect();
    Err(vec![Diagnostic::error("data/outcome-missing", message, place).with_help(format!(
        "say what happens to them, for example under `cohort: exclude`: {{id: unknown_{id}, says: …, where: {}}}",
        quoting::yaml_text(&null.join(" OR "))
    ))])
}
