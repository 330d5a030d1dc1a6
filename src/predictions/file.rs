//! A predictions file: what somebody who holds only scores can evaluate and compare.
//!
//! A CSV or Parquet table with one row per subject:
//! - `subject`: the identifier, distinct;
//! - `partition`, optional: `training`, `validation`, `test`;
//! - `outcome_<id>`: 0 or 1, or true and false; of a survival outcome `outcome_<id>_time` and `outcome_<id>_event`;
//! - `score_<id>`: one column per model;
//! - `risk_<id>_by_<time>`, optional: of a model of a survival outcome, the risk of the event by a time in the outcome's unit;
//! - `group_<name>`, optional: a level per subject, for comparison within subgroups.
//!
//! `predictions.parquet` of a report is such a file.

use super::labels::Labels;
use super::order::SubjectOrder;
use crate::data::OutcomeData;
use crate::data::column::{numbers, texts};
use crate::data::hash::sha256;
use crate::data::table::{column_names, read_texts, rows_in_words};
use indexmap::IndexMap;
use polars::prelude::*;
use rayon::prelude::*;
use std::path::Path;

#[derive(Clone, Debug, Default)]
pub struct PredictionsFile {
    pub subjects: Vec<String>,
    /// The rows by their subjects.
    pub order: SubjectOrder,
    pub partitions: Option<Labels>,
    pub outcomes: IndexMap<String, OutcomeData>,
    pub scores: IndexMap<String, Vec<f64>>,
    /// By model.
    pub risks: IndexMap<String, Vec<RiskColumn>>,
    pub groups: IndexMap<String, Vec<Option<String>>>,
    /// Columns that are none of these.
    pub other_columns: Vec<String>,
    /// Of the file's bytes.
    pub sha256: String,
}

/// A model's predicted risks of the event by a time.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskColumn {
    pub time: f64,
    pub risk: Vec<f64>,
}

impl RiskColumn {
    /// The name of the column that holds the risks of a model by a time.
    pub fn name(model: &str, time: f64) -> String {
        format!("risk_{model}_by_{time}")
    }

    /// Model and time of a column of that name.
    fn of_name(name: &str) -> Option<(&str, f64)> {
        let (model, time) = name.strip_prefix("risk_")?.rsplit_once("_by_")?;
        let time = time.parse().ok().filter(|time: &f64| time.is_finite() && *time > 0.0)?;
        Some((model, time))
    }
}

impl PredictionsFile {
    /// Reads the bytes of a file with this name; all that is wrong with it is reported at once, by column and row.
    pub fn parse(name: &Path, bytes: Vec<u8>) -> Result<Self, Vec<String>> {
        let (sha256, frame) = {
            let hashed = bytes.clone();
            rayon::join(move || sha256(&hashed), || read_texts(name, bytes, &["NA".to_string()]))
        };
        let frame = frame.map_err(|error| vec![format!("it is not a table: {error}")])?;
        let rows: Vec<usize> = (1..=frame.height()).collect();
        let names = column_names(&frame);
        // Columns are independent of each other; they are put together in their order.
        let read: Vec<Result<Read, String>> =
            names.par_iter().map(|name| Read::column(&frame, name, &names, &rows)).collect();
        let mut problems = Vec::new();
        let mut file = Self { sha256, ..Self::default() };
        if !names.iter().any(|name| name == "subject") {
            problems.push("it has no column `subject`".to_string());
        }
        for (name, read) in names.iter().zip(read) {
            match read {
                Ok(Read::Subjects(subjects, order)) => (file.subjects, file.order) = (subjects, order),
                Ok(Read::Partitions(partitions)) => file.partitions = Some(partitions),
                Ok(Read::Score(id, values)) => _ = file.scores.insert(id, values),
                Ok(Read::Risk(id, column)) => file.risks.entry(id).or_default().push(column),
                Ok(Read::Group(group, values)) => _ = file.groups.insert(group, values),
                Ok(Read::Outcome(id, data)) => _ = file.outcomes.insert(id, data),
                Ok(Read::HalfOfAnother) => {}
                Ok(Read::Other) => file.other_columns.push(name.clone()),
                Err(problem) => problems.push(problem),
            }
        }
        if file.scores.is_empty() && !names.iter().any(|name| name.starts_with("score_")) {
            problems.push("it has no column `score_<model>`".to_string());
        }
        if problems.is_empty() { Ok(file) } else { Err(problems) }
    }
}

impl PredictionsFile {
    /// The subjects, and their order.
    pub fn ordered(&self) -> (&SubjectOrder, &[String]) {
        (&self.order, &self.subjects)
    }
}

/// What one column holds.
enum Read {
    Subjects(Vec<String>, SubjectOrder),
    Partitions(Labels),
    Score(String, Vec<f64>),
    Risk(String, RiskColumn),
    Group(String, Vec<Option<String>>),
    Outcome(String, OutcomeData),
    /// Read with the column that stands before it.
    HalfOfAnother,
    Other,
}

impl Read {
    fn column(frame: &DataFrame, name: &str, names: &[String], rows: &[usize]) -> Result<Self, String> {
        let column = frame.column(name).map_err(|error| error.to_string())?;
        if name == "subject" {
            return subjects(column).map(|(subjects, order)| Read::Subjects(subjects, order));
        }
        if name == "partition" {
            return labels(column, name).map(Read::Partitions);
        }
        if let Some(id) = name.strip_prefix("score_") {
            return number_column(column, name, rows).map(|values| Read::Score(id.to_string(), values));
        }
        if let Some((id, time)) = RiskColumn::of_name(name) {
            let risk = number_column(column, name, rows)?;
            let odd = rows_where(&risk, |risk| !(0.0..=1.0).contains(risk));
            return match odd.is_empty() {
                true => Ok(Read::Risk(id.to_string(), RiskColumn { time, risk })),
                false => Err(format!("`{name}` is not between 0 and 1 in {}", rows_in_words(&odd))),
            };
        }
        if let Some(group) = name.strip_prefix("group_") {
            return texts(column).map(|values| Read::Group(group.to_string(), values));
        }
        let Some(id) = name.strip_prefix("outcome_") else { return Ok(Read::Other) };
        match part_of_survival(id, names) {
            Some(id) => {
                let halves = [format!("outcome_{id}_time"), format!("outcome_{id}_event")];
                let first = names.iter().find(|name| halves.contains(name));
                if first.is_some_and(|first| first != name) {
                    return Ok(Read::HalfOfAnother);
                }
                survival(frame, id, rows).map(|data| Read::Outcome(id.to_string(), data))
            }
            None => {
                flag_column(column, name, rows).map(|data| Read::Outcome(id.to_string(), OutcomeData::Binary(data)))
            }
        }
    }
}

fn subjects(column: &Column) -> Result<(Vec<String>, SubjectOrder), String> {
    let subjects = complete(texts(column)?, "subject")?;
    let order = SubjectOrder::of(&subjects);
    let repeated: Vec<usize> = order.repeated(&subjects).into_iter().map(|row| row + 1).collect();
    if repeated.is_empty() {
        Ok((subjects, order))
    } else {
        Err(format!("`subject` repeats an earlier one in {}", rows_in_words(&repeated)))
    }
}

/// The survival outcome that a column `outcome_<id>_time` or `outcome_<id>_event` is a half of.
fn part_of_survival<'a>(column: &'a str, names: &[String]) -> Option<&'a str> {
    let id = column.strip_suffix("_time").or_else(|| column.strip_suffix("_event"))?;
    let there = |suffix: &str| names.iter().any(|name| *name == format!("outcome_{id}_{suffix}"));
    (there("time") && there("event")).then_some(id)
}

fn survival(frame: &DataFrame, id: &str, rows: &[usize]) -> Result<OutcomeData, String> {
    let column = |suffix: &str| {
        let name = format!("outcome_{id}_{suffix}");
        frame.column(&name).map(|column| (column, name)).map_err(|error| error.to_string())
    };
    let ((time, time_name), (event, event_name)) = (column("time")?, column("event")?);
    Ok(OutcomeData::Survival {
        time: number_column(time, &time_name, rows)?,
        event: flag_column(event, &event_name, rows)?,
    })
}

fn labels(column: &Column, name: &str) -> Result<Labels, String> {
    let texts = column.cast(&DataType::String).map_err(|error| error.to_string())?;
    let texts = texts.str().map_err(|error| error.to_string())?;
    let missing: Vec<usize> =
        texts.iter().enumerate().filter(|(_, text)| text.is_none()).map(|(row, _)| row + 1).collect();
    if missing.is_empty() {
        Ok(texts.iter().flatten().collect())
    } else {
        Err(format!("`{name}` is missing in {}", rows_in_words(&missing)))
    }
}

fn number_column(column: &Column, name: &str, rows: &[usize]) -> Result<Vec<f64>, String> {
    let values = match column.dtype() {
        DataType::String => parsed(column, name)?,
        _ => numbers(column, rows).map_err(|unfit| unfit.to_string())?,
    };
    let values = complete(values, name)?;
    let odd = rows_where(&values, |value| !value.is_finite());
    if odd.is_empty() { Ok(values) } else { Err(format!("`{name}` is not a finite number in {}", rows_in_words(&odd))) }
}

/// The numbers that texts are; true and false are 1 and 0.
fn parsed(column: &Column, name: &str) -> Result<Vec<Option<f64>>, String> {
    // Straight from the column: a text of its own for each of a million rows costs more than its number.
    let texts = column.str().map_err(|error| error.to_string())?;
    let number = |text: &str| match text.trim() {
        "0" => Ok(0.0),
        "1" | "true" | "TRUE" | "True" => Ok(1.0),
        "false" | "FALSE" | "False" => Ok(0.0),
        text => text.parse::<f64>(),
    };
    let parsed: Vec<Option<Result<f64, _>>> = texts.iter().map(|text| text.map(number)).collect();
    let odd = rows_where(&parsed, |value| matches!(value, Some(Err(_))));
    if odd.is_empty() {
        Ok(parsed.into_iter().map(|value| value.and_then(Result::ok)).collect())
    } else {
        Err(format!("`{name}` is not a number in {}", rows_in_words(&odd)))
    }
}

fn flag_column(column: &Column, name: &str, rows: &[usize]) -> Result<Vec<bool>, String> {
    let values = number_column(column, name, rows)?;
    let odd = rows_where(&values, |value| *value != 0.0 && *value != 1.0);
    if odd.is_empty() {
        Ok(values.iter().map(|value| *value == 1.0).collect())
    } else {
        Err(format!("`{name}` is neither 0 nor 1 in {}", rows_in_words(&odd)))
    }
}

fn complete<T>(values: Vec<Option<T>>, name: &str) -> Result<Vec<T>, String> {
    let missing = rows_where(&values, Option::is_none);
    if missing.is_empty() {
        Ok(values.into_iter().flatten().collect())
    } else {
        Err(format!("`{name}` is missing in {}", rows_in_words(&missing)))
    }
}

fn rows_where<T>(values: &[T], odd: impl Fn(&T) -> bool) -> Vec<usize> {
    values.iter().enumerate().filter(|(_, value)| odd(value)).map(|(row, _)| row + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PredictionsFile, Vec<String>> {
        PredictionsFile::parse(Path::new("predictions.csv"), text.as_bytes().to_vec())
    }

    #[test]
    fn columns_by_their_names() {
        let file = parse(
            "subject,partition,outcome_sick,outcome_os_time,outcome_os_event,score_new,risk_new_by_2.5,group_sex\n\
             a,test,1,2.5,0,0.7,0.4,f\nb,test,0,3,1,0.2,0.1,\n",
        )
        .unwrap();
        assert_eq!(file.subjects, ["a", "b"]);
        assert_eq!(file.outcomes["sick"], OutcomeData::Binary(vec![true, false]));
        assert_eq!(file.outcomes["os"], OutcomeData::Survival { time: vec![2.5, 3.0], event: vec![false, true] });
        assert_eq!(file.scores["new"], [0.7, 0.2]);
        assert_eq!(file.risks["new"], [RiskColumn { time: 2.5, risk: vec![0.4, 0.1] }]);
        assert_eq!(file.groups["sex"], [Some("f".to_string()), None]);
    }

    #[test]
    fn all_problems_at_once_and_no_identifier_in_them() {
        let problems = parse("subject,outcome_sick,score_new\nQX1,2,0.1\nQX1,1,\nQX2,0,0.3\n").unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains("`subject` repeats an earlier one in row 2")));
        assert!(problems.iter().any(|problem| problem.contains("`outcome_sick` is neither 0 nor 1 in row 1")));
        assert!(problems.iter().any(|problem| problem.contains("`score_new` is missing in row 2")));
        assert!(!problems.iter().any(|problem| problem.contains("QX")), "{problems:?}");
        assert_eq!(parse("id,x\n1,2\n").unwrap_err().len(), 2);
    }
}
