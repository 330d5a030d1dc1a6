//! Who is analysed: derived columns, eligibility with a count per step, missing values, and the typed columns of those
//! who remain.

mod columns;
mod eligibility;
mod entry;
mod external;
mod missing;
mod outcome;
mod variable;

pub use entry::cutoff;
pub use external::External;

use columns::Columns;

use crate::data::image::{ImageTable, ReadingImages, SubjectImages, read_all};
use crate::data::{OutcomeData, Table, VariableData, features};
use crate::results::{CohortFlow, InputFile, Notice};
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
    /// The values of the column that the temporal split goes by; of the subjects of the first file only.
    pub time_of_entry: Option<Vec<f64>>,
    /// The images of each subject, cropped to what model inputs need; empty when the study has no `images`.
    pub images: Vec<SubjectImages>,
    /// Where each subject stood in its file, counted from one: what messages name.
    pub file_rows: Vec<usize>,
    /// What was read beside the table: features, images.
    pub further_inputs: Vec<InputFile>,
    /// How many of the subjects are of the first file: they come first, those of the external cohort behind them.
    pub internal: usize,
    /// Attrition of the external cohort; `None` without one.
    pub external_flow: Option<CohortFlow>,
    /// What is odd about the criteria.
    pub notices: Vec<Notice>,
}

impl Cohort {
    /// Applies the study's rules to its table. All problems of all columns are reported at once.
    pub fn select(study: &Study, mut table: Table, reading: &dyn ReadingImages) -> Result<Self, Vec<Diagnostic>> {
        let features = study.spec.data.features.as_ref();
        let features = features.map(|features| features::join(study, features, &mut table)).transpose()?;
        let images = study.spec.data.images.as_ref();
        let images = images.map(|images| read_all(study, images, &mut table, reading)).transpose()?;
        let rules = eligibility::Rules::of_the_cohort(study);
        let eligible = eligibility::apply(study, &mut table, &rules, images.as_ref());
        let eligible = eligible.map_err(|mut problems| {
            let mut more = columns::wrong_for_everybody(study, &table);
            more.extend(entry::times(study, &table).err().filter(columns::holds_for_everybody));
            problems.extend(more);
            columns::without_repetition(problems)
        })?;
        if let Some(features) = &features {
            eligibility::require_features(study, features, &eligible.table)?;
        }
        let features = features.map(|features| features.input);
        let further_inputs = features.into_iter().chain(images.as_ref().map(ImageTable::input)).collect();
        let mut problems = Vec::new();
        let Columns { variables, outcomes, scores } = Columns::read(study, &eligible.table, &mut problems);
        let time_of_entry = match entry::times(study, &eligible.table) {
            Ok(times) => times,
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        if !problems.is_empty() {
            return Err(columns::without_repetition(problems));
        }
        let file_rows = eligible.table.file_rows;
        let images = match images {
            Some(images) if study.spec.images.is_some() => images.take(&file_rows),
            _ => Vec::new(),
        };
        let cohort = Self {
            internal: eligible.table.subjects.len(),
            subjects: eligible.table.subjects,
            flow: eligible.flow,
            variables,
            outcomes,
            scores,
            time_of_entry,
            images,
            file_rows,
            further_inputs,
            external_flow: None,
            notices: eligible.notices,
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

    /// Times and events of a survival outcome, in the unit in which it is reported.
    pub fn survival(&self, outcome: &str) -> Option<SurvivalOutcome<'_>> {
        match self.outcomes.get(outcome) {
            Some(OutcomeData::Survival { time, event }) => Some(SurvivalOutcome { time, event }),
            _ => None,
        }
    }

    /// Whether each subject has the event of an outcome, of either kind.
    pub fn events(&self, outcome: &str) -> &[bool] {
        match self.outcomes.get(outcome) {
            Some(OutcomeData::Binary(event) | OutcomeData::Survival { event, .. }) => event,
            None => &[],
        }
    }

    /// The predictors of a model that were not dropped for their missing values.
    pub fn kept(&self, predictors: &[String]) -> Vec<String> {
        let dropped = &self.flow.dropped_variables;
        predictors.iter().filter(|name| !dropped.iter().any(|drop| &drop.variable == *name)).cloned().collect()
    }

    /// Some of the subjects of the first file, before there is an external cohort.
    fn keep(self, rows: &[usize]) -> Self {
        let take = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        Self {
            internal: rows.len(),
            external_flow: self.external_flow,
            subjects: rows.iter().map(|row| self.subjects[*row].clone()).collect(),
            flow: self.flow,
            variables: self.variables.into_iter().map(|(name, data)| (name, data.take(rows))).collect(),
            outcomes: self.outcomes.into_iter().map(|(id, data)| (id, data.take(rows))).collect(),
            scores: self.scores.into_iter().map(|(id, values)| (id, take(&values))).collect(),
            time_of_entry: self.time_of_entry.map(|times| take(&times)),
            images: {
                let mut images: Vec<Option<SubjectImages>> = self.images.into_iter().map(Some).collect();
                rows.iter().filter_map(|row| images.get_mut(*row).and_then(Option::take)).collect()
            },
            file_rows: rows.iter().map(|row| self.file_rows[*row]).collect(),
            further_inputs: self.further_inputs,
            notices: self.notices,
        }
    }
}

/// A survival outcome of every subject of a cohort.
#[derive(Clone, Copy, Debug)]
pub struct SurvivalOutcome<'a> {
    pub time: &'a [f64],
    pub event: &'a [bool],
}
