//! The external validation cohort: read by the same variables and outcomes from a file of its own, with its own criteria,
//! and set behind the subjects of the first file. Subjects are named per file, so that equal identifiers in the two files
//! are two persons.

use super::{Cohort, Columns, columns, eligibility};
use crate::data::Table;
use crate::results::{AttritionKind, AttritionStep, CohortFlow};
use crate::spec::raw::{RawExternal, RawMissingCases};
use crate::spec::{Diagnostic, Study};
use polars::prelude::DataFrame;

/// What stands before the identifier of a subject of this cohort, in the predictions file.
const NAMESPACE: &str = "external:";

/// The subjects of the external file that meet its criteria.
#[derive(Clone, Debug)]
pub struct External {
    subjects: Vec<String>,
    columns: Columns,
    flow: CohortFlow,
    file_rows: Vec<usize>,
}

impl External {
    /// Applies the external cohort's own rules to its table. All problems are reported at once.
    pub fn select(study: &Study, declared: &RawExternal, mut table: Table) -> Result<Self, Vec<Diagnostic>> {
        table.frame = renamed(study, declared, table.frame)?;
        let rules = eligibility::Rules {
            place: "data/external",
            derive: &declared.derive,
            include: &declared.include,
            exclude: &declared.exclude,
        };
        let eligible = eligibility::apply(study, &mut table, &rules, None).map_err(|mut problems| {
            problems.extend(columns::wrong_for_everybody(study, &table));
            columns::without_repetition(problems).into_iter().map(in_this_file).collect::<Vec<_>>()
        })?;
        let mut problems = Vec::new();
        let columns = Columns::read(study, &eligible.table, &mut problems);
        if problems.is_empty() {
            let Table { subjects, file_rows, .. } = eligible.table;
            Ok(Self { subjects, columns, flow: eligible.flow, file_rows })
        } else {
            Err(columns::without_repetition(problems).into_iter().map(in_this_file).collect())
        }
    }
}

impl Cohort {
    /// The same subjects and, behind them, those of the external cohort. Whoever misses a predictor that is kept leaves,
    /// unless missing values are imputed.
    pub fn with_external(mut self, study: &Study, external: External) -> Self {
        let External { subjects, columns, mut flow, file_rows } = external;
        let predictors = self.kept(&study.predictors());
        let complete = |row: &usize| !predictors.iter().any(|name| columns.variables[name.as_str()].is_missing(*row));
        let impute = study.spec.cohort.missing.cases == RawMissingCases::Impute;
        let rows: Vec<usize> = (0..subjects.len()).filter(|row| impute || complete(row)).collect();
        if rows.len() < subjects.len() {
            flow.steps.push(AttritionStep {
                id: "missing".to_string(),
                says: "Missing value in a predictor".to_string(),
                kind: AttritionKind::Missing,
                excluded: subjects.len() - rows.len(),
                remaining: rows.len(),
            });
            flow.analysed = rows.len();
        }
        self.subjects.extend(rows.iter().map(|row| format!("{NAMESPACE}{}", subjects[*row])));
        self.file_rows.extend(rows.iter().map(|row| file_rows[*row]));
        columns.take(&rows).append_to(&mut self);
        self.external_flow = Some(flow);
        self
    }
}

/// The columns under the names that the study uses.
fn renamed(study: &Study, declared: &RawExternal, mut frame: DataFrame) -> Result<DataFrame, Vec<Diagnostic>> {
    let known = crate::data::table::column_names(&frame);
    let mut problems = Vec::new();
    for (ours, theirs) in &declared.columns {
        let place = study.place(&format!("data/external/columns/{ours}"));
        if !known.contains(theirs) {
            let help = crate::spec::diagnostic::suggestion(theirs, known.iter().map(String::as_str));
            let message = format!("the external table has no column `{theirs}`");
            problems.push(Diagnostic::error("data/unknown-column", message, place).with_help(help));
        } else if known.contains(ours) && !declared.columns.values().any(|other| other == ours) {
            let message = format!("the external table already has a column `{ours}`");
            problems.push(
                Diagnostic::error("data/columns", message, place)
                    .with_help(format!("give that column another name too: {{{ours}_there: {ours}}}")),
            );
        }
    }
    let mut seen: Vec<&String> = Vec::new();
    for (ours, theirs) in &declared.columns {
        if seen.contains(&theirs) {
            let place = study.place(&format!("data/external/columns/{ours}"));
            let message = format!("`{theirs}` is given a second name");
            problems.push(Diagnostic::error("data/columns", message, place).with_help("derive a copy of it"));
        }
        seen.push(theirs);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let names: Vec<String> = known
        .into_iter()
        .map(|name| {
            let ours = declared.columns.iter().find(|(_, theirs)| **theirs == name).map(|(ours, _)| ours.clone());
            ours.unwrap_or(name)
        })
        .collect();
    frame
        .set_column_names(&names)
        .map_err(|error| vec![Diagnostic::error("data/columns", error.to_string(), study.place("data/external"))])?;
    Ok(frame)
}

/// A problem of a variable or an outcome that the external file has.
fn in_this_file(mut problem: Diagnostic) -> Diagnostic {
    problem.message = format!("in the external cohort: {}", problem.message);
    if problem.code.ends_with("unknown-column") {
        let more = "or say what this file calls it, under `data: external: columns` or `derive`";
        problem.help = Some(problem.help.map_or(more.to_string(), |help| format!("{help}; {more}")));
    }
    problem
}
