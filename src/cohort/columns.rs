//! The typed columns of a cohort: its variables, outcomes and given scores, one value per subject.

use super::{outcome, variable};
use crate::data::{OutcomeData, Table, VariableData};
use crate::spec::raw::RawModel;
use crate::spec::{Diagnostic, Study};
use indexmap::IndexMap;

/// What is wrong whoever is analysed, so that it can be told beside what is wrong with the criteria: names that the table
/// lacks, columns of texts where numbers are needed.
pub(super) fn wrong_for_everybody(study: &Study, table: &Table) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    Columns::read(study, table, &mut problems);
    problems.retain(holds_for_everybody);
    problems
}

/// Whether a problem is the same whoever is analysed: the type of a column comes from all rows of the file.
pub(super) fn holds_for_everybody(problem: &Diagnostic) -> bool {
    let of_types = ["data/type", "data/date", "split/type"].contains(&problem.code);
    of_types || problem.code.ends_with("/unknown-column") || problem.code.ends_with("/syntax")
}

/// A column that is wrong is told once, wherever else it is used.
pub(super) fn without_repetition(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for problem in problems {
        let is_known = |known: &Diagnostic| known.code == problem.code && known.message == problem.message;
        if !(problem.code.starts_with("data/") && told.iter().any(is_known)) {
            told.push(problem);
        }
    }
    told
}

#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub variables: IndexMap<String, VariableData>,
    pub outcomes: IndexMap<String, OutcomeData>,
    /// The columns of models of kind `scores`.
    pub scores: IndexMap<String, Vec<f64>>,
}

impl Columns {
    /// What the study declares, out of a table. All problems of all columns are reported at once.
    pub(super) fn read(study: &Study, table: &Table, problems: &mut Vec<Diagnostic>) -> Self {
        let mut columns = Self::default();
        for name in study.spec.variables.keys() {
            match variable::read(study, name, table) {
                Ok(data) => _ = columns.variables.insert(name.clone(), data),
                Err(problem) => problems.push(problem),
            }
        }
        for id in study.spec.outcomes.keys() {
            match outcome::read(study, id, table) {
                Ok(data) => _ = columns.outcomes.insert(id.clone(), data),
                Err(more) => problems.extend(more),
            }
        }
        for (id, model) in &study.spec.models {
            if let RawModel::Scores { from, .. } = model {
                match outcome::score(study, id, from, table) {
                    Ok(values) => _ = columns.scores.insert(id.clone(), values),
                    Err(more) => problems.extend(more),
                }
            }
        }
        columns
    }

    pub(super) fn take(self, rows: &[usize]) -> Self {
        let numbers = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        Self {
            variables: self.variables.into_iter().map(|(name, data)| (name, data.take(rows))).collect(),
            outcomes: self.outcomes.into_iter().map(|(id, data)| (id, data.take(rows))).collect(),
            scores: self.scores.into_iter().map(|(id, values)| (id, numbers(&values))).collect(),
        }
    }

    /// Puts these values behind those of the subjects that a cohort already has.
    pub(super) fn append_to(self, cohort: &mut super::Cohort) {
        for (name, data) in self.variables {
            if let Some(own) = cohort.variables.get_mut(&name) {
                own.append(data);
            }
        }
        for (id, data) in self.outcomes {
            if let Some(own) = cohort.outcomes.get_mut(&id) {
                own.append(data);
            }
        }
        for (id, values) in self.scores {
            if let Some(own) = cohort.scores.get_mut(&id) {
                own.extend(values);
            }
        }
    }
}
