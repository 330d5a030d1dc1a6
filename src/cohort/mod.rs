//! Who is analysed: derived columns, eligibility with a count per step, missing values, and the typed columns of those
//! who remain.

mod eligibility;
mod entry;
mod missing;
mod outcome;
mod variable;

pub use entry::cutoff;

use crate::data::image::{SubjectImages, read_all};
use crate::data::{OutcomeData, Table, VariableData};
use crate::results::CohortFlow;
use crate::spec::raw::RawModel;
use crate::spec::{Diagnostic, Study};
use indexmap::IndexMap;

/// The analysed subjects. Every column has one value per subject, in the order of `subjects`.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// For the predictions file only.
    pub subjects: Vec<String>,
    pub flow: CohortFlow,
    pub variables: IndexMap<String, VariableData>,
    pub outcomes: IndexMap<String, OutcomeData>,
    /// The columns of models of kind `scores`.
    pub scores: IndexMap<String, Vec<f64>>,
    /// The values of the column that the temporal split goes by.
    pub time_of_entry: Option<Vec<f64>>,
    /// The images of each subject, cropped to what model inputs need; empty when the study has no `images`.
    pub images: Vec<SubjectImages>,
    /// Where each subject stood in the file, counted from one: what messages name.
    pub file_rows: Vec<usize>,
    /// The content of all images that were read; `None` when the study has none.
    pub image_content: Option<ImageContent>,
}

/// The images of a study as an input.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageContent {
    pub subjects: usize,
    pub content_sha256: String,
}

impl Cohort {
    /// Applies the study's rules to its table. All problems of all columns are reported at once.
    pub fn select(study: &Study, mut table: Table) -> Result<Self, Vec<Diagnostic>> {
        let images = match &study.spec.data.images {
            Some(data) => Some(read_all(study, data, &mut table)?),
            None => None,
        };
        let eligible = eligibility::apply(study, table, images.as_ref())?;
        let mut problems = Vec::new();
        let mut variables = IndexMap::new();
        for name in study.spec.variables.keys() {
            match variable::read(study, name, &eligible.table) {
                Ok(data) => _ = variables.insert(name.clone(), data),
                Err(problem) => problems.push(problem),
            }
        }
        let mut outcomes = IndexMap::new();
        for id in study.spec.outcomes.keys() {
            match outcome::read(study, id, &eligible.table) {
                Ok(data) => _ = outcomes.insert(id.clone(), data),
                Err(more) => problems.extend(more),
            }
        }
        let mut scores = IndexMap::new();
        for (id, model) in &study.spec.models {
            if let RawModel::Scores { from, .. } = model {
                match outcome::score(study, id, from, &eligible.table) {
                    Ok(values) => _ = scores.insert(id.clone(), values),
                    Err(more) => problems.extend(more),
                }
            }
        }
        let time_of_entry = match entry::times(study, &eligible.table) {
            Ok(times) => times,
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let file_rows = eligible.table.file_rows;
        let image_content = images.as_ref().map(|images| ImageContent {
            subjects: images.subjects,
            content_sha256: images.content_sha256.clone(),
        });
        let images = match images {
            Some(images) if study.spec.images.is_some() => images.take(&file_rows),
            _ => Vec::new(),
        };
        let cohort = Self {
            subjects: eligible.table.subjects,
            flow: eligible.flow,
            variables,
            outcomes,
            scores,
            time_of_entry,
            images,
            file_rows,
            image_content,
        };
        Ok(eligibility::without_missing(study, cohort))
    }

    pub fn n(&self) -> usize {
        self.subjects.len()
    }

    pub fn binary(&self, outcome: &str) -> &[bool] {
        match self.outcomes.get(outcome) {
            Some(OutcomeData::Binary(values)) => values,
            _ => &[],
        }
    }

    /// The predictors of a model that were not dropped for their missing values.
    pub fn kept(&self, predictors: &[String]) -> Vec<String> {
        let dropped = &self.flow.dropped_variables;
        predictors.iter().filter(|name| !dropped.iter().any(|drop| &drop.variable == *name)).cloned().collect()
    }

    fn keep(self, rows: &[usize]) -> Self {
        let take = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        let flags = |values: &[bool]| rows.iter().map(|row| values[*row]).collect::<Vec<bool>>();
        Self {
            subjects: rows.iter().map(|row| self.subjects[*row].clone()).collect(),
            flow: self.flow,
            variables: self.variables.into_iter().map(|(name, data)| (name, data.take(rows))).collect(),
            outcomes: self
                .outcomes
                .into_iter()
                .map(|(id, data)| {
                    let data = match data {
                        OutcomeData::Binary(values) => OutcomeData::Binary(flags(&values)),
                        OutcomeData::Survival { time, event } => {
                            OutcomeData::Survival { time: take(&time), event: flags(&event) }
                        }
                    };
                    (id, data)
                })
                .collect(),
            scores: self.scores.into_iter().map(|(id, values)| (id, take(&values))).collect(),
            time_of_entry: self.time_of_entry.map(|times| take(&times)),
            images: {
                let mut images: Vec<Option<SubjectImages>> = self.images.into_iter().map(Some).collect();
                rows.iter().filter_map(|row| images.get_mut(*row).and_then(Option::take)).collect()
            },
            file_rows: rows.iter().map(|row| self.file_rows[*row]).collect(),
            image_content: self.image_content,
        }
    }
}
