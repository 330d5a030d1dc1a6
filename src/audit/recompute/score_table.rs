//! Scores and outcomes by subject: what a predictions file holds, without the identifiers.

use crate::stats::Orientation;
use indexmap::IndexMap;

/// One entry per subject in every column.
#[derive(Clone, Debug, Default)]
pub struct ScoreTable {
    /// The part that each subject is in: "training", "validation", "test", or a name of the file's own.
    pub partitions: Vec<String>,
    pub outcomes: IndexMap<String, OutcomeColumn>,
    pub scores: IndexMap<String, ScoreColumn>,
}

#[derive(Clone, Debug)]
pub enum OutcomeColumn {
    Binary(Vec<bool>),
    Survival { time: Vec<f64>, event: Vec<bool> },
}

#[derive(Clone, Debug)]
pub struct ScoreColumn {
    pub orientation: Orientation,
    pub scores: Vec<f64>,
}

impl ScoreTable {
    /// The names of the parts, each once, in the order of the rows.
    pub fn partition_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in &self.partitions {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Positions of the subjects of these parts.
    pub fn rows(&self, parts: &[String]) -> Vec<usize> {
        (0..self.partitions.len()).filter(|row| parts.contains(&self.partitions[*row])).collect()
    }

    /// The binary outcome of this name; without a name, the only one.
    pub fn binary(&self, outcome: Option<&str>) -> Option<&[bool]> {
        let mut binary = self.outcomes.iter().filter_map(|(name, column)| match column {
            OutcomeColumn::Binary(values) => Some((name, values.as_slice())),
            OutcomeColumn::Survival { .. } => None,
        });
        match outcome {
            Some(wanted) => binary.find(|(name, _)| name.as_str() == wanted).map(|(_, values)| values),
            None => {
                let only = binary.next()?;
                binary.next().is_none().then_some(only.1)
            }
        }
    }
}
