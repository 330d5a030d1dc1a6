//! What the columns of a table look like, for a first draft of a study.

use super::table;
use super::{Expression, Table};
use crate::spec::{Diagnostic, Span};
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

/// A table of which nothing is known yet.
pub struct Sketch {
    /// In the order of the table.
    pub columns: Vec<ColumnSketch>,
    table: Table,
}

impl Sketch {
    pub fn of(path: &Path, bytes: Vec<u8>) -> Result<Self, String> {
        let frame = table::read_table(path, bytes, &["NA".to_string()]).map_err(|error| error.to_string())?;
        let of_column = |column: &Column| {
            let kind = sketch(column).map_err(|error| format!("column `{}`: {error}", column.name()))?;
            Ok(ColumnSketch { name: column.name().to_string(), kind })
        };
        let columns = frame.columns().iter().map(of_column).collect::<Result<_, String>>()?;
        Ok(Self { columns, table: Table::without_subjects(frame) })
    }

    /// Whether an expression is true of some subjects and not of others.
    pub fn require_two_classes(&self, expression: &str) -> Result<(), String> {
        let told = |problem: &Diagnostic| match &problem.help {
            Some(help) => format!("{} ({help})", problem.message),
            None => problem.message.clone(),
        };
        let expression = Expression::parse(expression, Span::default(), &self.table.frame)
            .map_err(|problems| problems.iter().map(told).collect::<Vec<_>>().join("; "))?;
        let truth = expression.truth(&self.table).map_err(|problem| told(&problem))?;
        match (truth.contains(&Some(true)), truth.contains(&Some(false))) {
            (true, true) => Ok(()),
            (true, false) => Err("it is false of nobody".to_string()),
            (false, _) => {
                let why = expression.texts_of_nobody(&self.table.frame).join("; ");
                Err(format!("it is true of nobody{}{why}", if why.is_empty() { "" } else { ": " }))
            }
        }
    }
}

impl ColumnSketch {
    /// A time to an event or to the end of follow-up, by its name: "rfstime", "fu_days", "OS.months".
    pub fn is_named_as_follow_up(&self) -> bool {
        const WORDS: [&str; 20] = [
            "time", "days", "weeks", "months", "years", "surv", "survival", "fu", "futime", "follow", "followup", "os",
            "pfs", "rfs", "dfs", "efs", "tte", "ttp", "duration", "stime",
        ];
        let name = self.name.to_lowercase();
        let mut words = name.split(|letter: char| !letter.is_alphanumeric());
        let of_age = words.clone().any(|word| word == "age");
        let is_number = self.kind == SketchKind::Continuous;
        is_number
            && !of_age
            && (name.ends_with("time") || name.starts_with("surv") || words.any(|word| WORDS.contains(&word)))
    }
}

impl ColumnSketch {
    /// Something that happens during follow-up, by its name, or that it is over: "recur", "dead", "os_event", "status".
    pub fn is_named_as_event(&self) -> bool {
        const STEMS: [&str; 13] = [
            "death", "dead", "died", "decease", "recur", "relaps", "progress", "event", "censor", "cens", "fail",
            "mort", "surviv",
        ];
        const WHOLE: [&str; 6] = ["status", "vital_status", "outcome", "dfs", "rfs", "pfs"];
        let name = self.name.to_lowercase();
        let mut words = name.split(|letter: char| !letter.is_alphanumeric());
        let is_code = matches!(self.kind, SketchKind::Levels(_));
        is_code && (WHOLE.contains(&name.as_str()) || words.any(|word| STEMS.iter().any(|stem| word.starts_with(stem))))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_follow_up_is_no_predictor() {
        let coded = |name: &str| ColumnSketch {
            name: name.to_string(),
            kind: SketchKind::Levels(vec!["0".to_string(), "1".to_string()]),
        };
        for name in ["recur", "death", "died", "OS_event", "relapse", "status", "progression", "censored"] {
            assert!(coded(name).is_named_as_event(), "{name}");
        }
        for name in ["chemo", "er_status", "metastasis", "meno", "previous_surgery", "grade"] {
            assert!(!coded(name).is_named_as_event(), "{name}");
        }
        let measured = ColumnSketch { name: "progesterone_progress".to_string(), kind: SketchKind::Continuous };
        assert!(!measured.is_named_as_event(), "a measurement is no event");
    }
}
