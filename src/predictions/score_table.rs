//! Predictions without their subjects: what printed numbers are recomputed from.

use super::Predictions;
use super::file::PredictionsFile;
use crate::audit::recompute::{OutcomeColumn, ScoreColumn, ScoreTable};
use crate::data::OutcomeData;
use crate::stats::Orientation;

/// The partition of every subject of a file that names none.
const EVERYBODY: &str = "all";

impl Predictions {
    pub fn score_table(&self) -> ScoreTable {
        ScoreTable {
            partitions: self.parts.iter().map(|part| part.id().to_string()).collect(),
            outcomes: self.outcomes.iter().map(|(id, data)| (id.clone(), outcome_column(data))).collect(),
            scores: self
                .scores
                .iter()
                .map(|(id, column)| {
                    let scores = ScoreColumn { orientation: column.orientation, scores: column.scores.clone() };
                    (id.clone(), scores)
                })
                .collect(),
        }
    }
}

impl PredictionsFile {
    /// Or why nothing can be recomputed from it. A score means the event where it is higher, unless declared otherwise.
    pub fn score_table(&self) -> Result<ScoreTable, Vec<String>> {
        let mut problems: Vec<String> = self
            .other_columns
            .iter()
            .map(|name| {
                let known = ["subject", "partition", "outcome_", "score_", "group_"];
                let help = crate::spec::diagnostic::suggestion(name, known.into_iter());
                format!("the column `{name}` is unknown: {help}")
            })
            .collect();
        if self.outcomes.is_empty() {
            problems.push("it has no outcome: a column `outcome_<id>` with 0 and 1".to_string());
        }
        for (id, data) in &self.outcomes {
            if let OutcomeData::Binary(values) = data
                && values.iter().all(|value| Some(value) == values.first())
            {
                problems.push(format!(
                    "`outcome_{id}` has one class only: all subjects are with, or all without the event"
                ));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let everybody = || vec![EVERYBODY.to_string(); self.subjects.len()];
        let score = |scores: &Vec<f64>| ScoreColumn { orientation: Orientation::HigherIsRisk, scores: scores.clone() };
        Ok(ScoreTable {
            partitions: match &self.partitions {
                Some(parts) => parts.iter().map(str::to_string).collect(),
                None => everybody(),
            },
            outcomes: self.outcomes.iter().map(|(id, data)| (id.clone(), outcome_column(data))).collect(),
            scores: self.scores.iter().map(|(id, scores)| (id.clone(), score(scores))).collect(),
        })
    }
}

fn outcome_column(data: &OutcomeData) -> OutcomeColumn {
    match data {
        OutcomeData::Binary(values) => OutcomeColumn::Binary(values.clone()),
        OutcomeData::Survival { time, event } => OutcomeColumn::Survival { time: time.clone(), event: event.clone() },
    }
}
