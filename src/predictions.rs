//! The narrow waist: who was scored how, by which model, in which part, with which outcome. Whoever holds only this can
//! evaluate, audit and compare.

pub mod file;
pub mod labels;
pub mod order;
mod score_table;

use file::RiskColumn;

use crate::cohort::Cohort;
use crate::data::OutcomeData;
use crate::model::{Baseline, Fitted};
use crate::spec::study::Part;
use crate::spec::{PartitionName, Study};
use crate::split::Split;
use crate::stats::Orientation;
use crate::stats::survival::data::SurvivalData;
use indexmap::IndexMap;
use polars::prelude::*;
use polars_io::prelude::{ParquetCompression, ParquetWriter};

/// One entry per subject in every column.
#[derive(Clone, Debug)]
pub struct Predictions {
    subjects: Vec<String>,
    parts: Vec<Part>,
    outcomes: IndexMap<String, OutcomeData>,
    scores: IndexMap<String, ScoreColumn>,
    /// Times by which risks are handed out, rising.
    risk_times: Vec<f64>,
}

#[derive(Clone, Debug)]
pub struct ScoreColumn {
    pub orientation: Orientation,
    pub scores: Vec<f64>,
    /// From scores to risks by a time.
    pub baseline: Option<Baseline>,
}

/// The part of a score or an outcome that stands in one partition.
impl Predictions {
    pub fn new(study: &Study, cohort: &Cohort, split: &Split, models: &[Fitted]) -> Self {
        let scores = models.iter().map(|model| {
            let column = ScoreColumn {
                orientation: model.orientation,
                scores: model.scores.clone(),
                baseline: model.baseline.clone(),
            };
            (model.facts.id.clone(), column)
        });
        Self {
            subjects: cohort.subjects.clone(),
            parts: (0..cohort.n()).map(|row| split.part(row)).collect(),
            outcomes: study.spec.outcomes.keys().map(|id| (id.clone(), cohort.outcomes[id.as_str()].clone())).collect(),
            scores: scores.collect(),
            risk_times: Vec::new(),
        }
    }

    /// The file gets the risks by these times, of every model that gives them.
    pub fn add_risk_times(&mut self, times: impl IntoIterator<Item = f64>) {
        self.risk_times.extend(times);
        self.risk_times.sort_by(f64::total_cmp);
        self.risk_times.dedup();
    }

    /// A model's risks by a time; `None` where it gives none, or was not fitted on a follow-up as long.
    fn risks(column: &ScoreColumn, time: f64) -> Option<Vec<f64>> {
        let baseline = column.baseline.as_ref().filter(|baseline| time <= baseline.last())?;
        Some(column.scores.iter().map(|score| baseline.risk(time, column.orientation.risk(*score))).collect())
    }

    /// Positions of the subjects of a partition.
    pub fn rows(&self, partition: &PartitionName) -> Vec<usize> {
        (0..self.parts.len()).filter(|row| partition.parts.contains(&self.parts[*row])).collect()
    }

    pub fn model(&self, id: &str) -> Option<&ScoreColumn> {
        self.scores.get(id)
    }

    pub fn models(&self) -> impl Iterator<Item = &String> {
        self.scores.keys()
    }

    /// The values of a binary outcome in these rows; empty when there is no such outcome.
    pub fn binary(&self, outcome: &str, rows: &[usize]) -> Vec<bool> {
        match self.outcomes.get(outcome) {
            Some(OutcomeData::Binary(values)) => rows.iter().map(|row| values[*row]).collect(),
            _ => Vec::new(),
        }
    }

    /// Times and events of a survival outcome in these rows.
    pub fn survival(&self, outcome: &str, rows: &[usize]) -> SurvivalColumns {
        match self.outcomes.get(outcome) {
            Some(OutcomeData::Survival { time, event }) => SurvivalColumns {
                time: rows.iter().map(|row| time[*row]).collect(),
                event: rows.iter().map(|row| event[*row]).collect(),
                entry: None,
            },
            _ => SurvivalColumns::default(),
        }
    }

    /// The subject-level file: it stays with whoever holds the data.
    pub fn to_parquet(&self) -> PolarsResult<Vec<u8>> {
        let parts: Vec<&str> = self.parts.iter().map(|part| part.id()).collect();
        let mut columns =
            vec![Column::new("subject".into(), self.subjects.clone()), Column::new("partition".into(), parts)];
        for (id, outcome) in &self.outcomes {
            match outcome {
                OutcomeData::Binary(values) => {
                    columns.push(Column::new(format!("outcome_{id}").into(), values.clone()))
                }
                OutcomeData::Survival { time, event } => {
                    columns.push(Column::new(format!("outcome_{id}_time").into(), time.clone()));
                    columns.push(Column::new(format!("outcome_{id}_event").into(), event.clone()));
                }
            }
        }
        for (id, column) in &self.scores {
            columns.push(Column::new(format!("score_{id}").into(), column.scores.clone()));
        }
        for (id, column) in &self.scores {
            for time in &self.risk_times {
                if let Some(risks) = Self::risks(column, *time) {
                    columns.push(Column::new(RiskColumn::name(id, *time).into(), risks));
                }
            }
        }
        let mut frame = DataFrame::new(self.subjects.len(), columns)?;
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Uncompressed).finish(&mut frame)?;
        Ok(bytes)
    }
}

#[derive(Clone, Debug, Default)]
pub struct SurvivalColumns {
    pub time: Vec<f64>,
    pub event: Vec<bool>,
    /// From when each subject is under observation; from time 0 where it is `None`.
    pub entry: Option<Vec<f64>>,
}

impl SurvivalColumns {
    pub fn data(&self) -> SurvivalData<'_> {
        let data = SurvivalData::new(&self.time, &self.event);
        match &self.entry {
            Some(entry) => data.with_entry(entry),
            None => data,
        }
    }
}
