//! Inclusion, exclusion and missing values, each step with the number of subjects that leave and that remain.

use super::{Cohort, missing};
use crate::data::features::JoinedFeatures;
use crate::data::image::{ImageProblem, ImageTable, diagnostics};
use crate::data::table::rows_in_words;
use crate::data::{Expression, Table};
use crate::results::{AttritionKind, AttritionStep, CohortFlow, DroppedVariable, Notice, NoticeLevel};
use crate::spec::raw::{RawCriterion, RawMissingCases, RawOnProblem};
use crate::spec::{Diagnostic, Study};
use indexmap::IndexMap;
use polars::prelude::*;

pub(super) struct Eligible {
    pub table: Table,
    pub flow: CohortFlow,
    pub notices: Vec<Notice>,
}

/// The rules of one file's cohort, and where in the spec they stand.
pub(super) struct Rules<'a> {
    pub place: &'static str,
    pub derive: &'a IndexMap<String, String>,
    pub include: &'a [RawCriterion],
    pub exclude: &'a [RawCriterion],
}

impl<'a> Rules<'a> {
    /// Of the first file.
    pub fn of_the_cohort(study: &'a Study) -> Self {
        let rules = &study.spec.cohort;
        Self { place: "cohort", derive: &rules.derive, include: &rules.include, exclude: &rules.exclude }
    }
}

/// Derives columns and applies the criteria in their order. A criterion that is neither true nor false for a subject,
/// because a value is missing, does not include and does not exclude.
///
/// Who has no usable images leaves, or stops the run, after the criteria that need no image and before the first one
/// that does: a measured value is missing there, and a criterion must not hide why.
pub(super) fn apply(
    study: &Study,
    table: &mut Table,
    rules: &Rules,
    images: Option<&ImageTable>,
) -> Result<Eligible, Vec<Diagnostic>> {
    let root = rules.place;
    let mut problems = Vec::new();
    let mut measured = measured_columns(study);
    let (height, mut underived) = (table.frame.height(), Vec::new());
    for (name, text) in rules.derive {
        let place = study.place(&format!("{root}/derive/{name}"));
        if table.frame.column(name).is_ok() {
            let message = format!("the table already has a column `{name}`");
            problems
                .push(Diagnostic::error("cohort/derive", message, place).with_help("give the new column another name"));
            continue;
        }
        let derived = Expression::parse(text, place, &table.frame).and_then(|expression| {
            if expression.columns.iter().any(|column| measured.contains(column)) {
                measured.push(name.clone());
            }
            expression.column(table, name).map_err(|problem| vec![problem])
        });
        match derived {
            Ok(column) => {
                if let Err(error) = table.frame.with_column(column) {
                    problems.push(Diagnostic::error("cohort/derive", error.to_string(), place));
                }
            }
            Err(more) => {
                problems.extend(more);
                // So that what names this column is no problem of its own.
                underived.push(name.clone());
                _ = table.frame.with_column(Column::full_null(name.as_str().into(), height, &DataType::Boolean));
            }
        }
    }
    let read = table.frame.height();
    let mut keep = vec![true; read];
    let mut steps = Vec::new();
    let mut notices = Vec::new();
    let mut unchecked = images;
    let criteria =
        [(AttritionKind::Inclusion, "include", rules.include), (AttritionKind::Exclusion, "exclude", rules.exclude)];
    for (kind, key, list) in criteria {
        for (index, criterion) in list.iter().enumerate() {
            let place = study.place(&format!("{root}/{key}/{index}/where"));
            let truth = Expression::parse(&criterion.condition, place, &table.frame).and_then(|expression| {
                if expression.columns.iter().any(|column| measured.contains(column))
                    && let Some(images) = unchecked.take()
                {
                    steps.extend(without_images(study, images, table, &mut keep, &mut problems));
                }
                if expression.columns.iter().any(|column| underived.contains(column)) {
                    return Ok(vec![None; height]);
                }
                let truth = expression.truth(table).map_err(|problem| vec![problem])?;
                if !truth.contains(&Some(true)) {
                    let why = expression.texts_of_nobody(&table.frame);
                    notices.extend((!why.is_empty()).then(|| of_nobody(criterion, &why)));
                }
                Ok(truth)
            });
            match truth {
                Ok(truth) => steps.push(step(kind, criterion, &truth, &mut keep)),
                Err(more) => problems.extend(more),
            }
        }
    }
    if let Some(images) = unchecked {
        steps.extend(without_images(study, images, table, &mut keep, &mut problems));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let remaining = keep.iter().filter(|kept| **kept).count();
    if remaining == 0 {
        let why: Vec<&str> = notices.iter().map(|notice| notice.message.as_str()).collect();
        return Err(vec![nobody_is_left(study, rules, &steps).with_help(why.join(" "))]);
    }
    let mask = BooleanChunked::from_slice("keep".into(), &keep);
    let frame = table
        .frame
        .filter(&mask)
        .map_err(|error| vec![Diagnostic::error("cohort/filter", error.to_string(), study.place(root))])?;
    let kept_of = |row: &usize| keep[*row];
    let rows: Vec<usize> = (0..read).filter(kept_of).collect();
    let table = Table {
        frame,
        file_sha256: table.file_sha256.clone(),
        content_sha256: table.content_sha256.clone(),
        subjects: rows.iter().map(|row| table.subjects[*row].clone()).collect(),
        file_rows: rows.iter().map(|row| table.file_rows[*row]).collect(),
    };
    let flow = CohortFlow { read: Some(read), steps, analysed: remaining, dropped_variables: Vec::new(), missing_values: None };
    Ok(Eligible { table, flow, notices })
}

/// Which step took the last subjects, and where it stands.
fn nobody_is_left(study: &Study, rules: &Rules, steps: &[AttritionStep]) -> Diagnostic {
    let Some(step) = steps.iter().find(|step| step.remaining == 0) else {
        return Diagnostic::error("cohort/empty", "no subject is left after the criteria", study.place(rules.place));
    };
    let AttritionStep { id, excluded, .. } = step;
    let position = |list: &[RawCriterion]| list.iter().position(|criterion| criterion.id == *id).unwrap_or_default();
    let root = rules.place;
    let (message, path) = match step.kind {
        AttritionKind::Inclusion => (
            format!("no subject is left: the criterion `{id}` includes none of the {excluded} that remained"),
            format!("{root}/include/{}/where", position(rules.include)),
        ),
        AttritionKind::Exclusion => (
            format!("no subject is left: the criterion `{id}` excludes all {excluded} that remained"),
            format!("{root}/exclude/{}/where", position(rules.exclude)),
        ),
        AttritionKind::Missing => (
            format!("no subject is left: the images of all {excluded} that remained cannot be used"),
            "data/images".to_string(),
        ),
    };
    Diagnostic::error("cohort/empty", message, study.place(&path))
}

fn of_nobody(criterion: &RawCriterion, why: &[String]) -> Notice {
    Notice {
        code: "cohort/nobody".to_string(),
        level: NoticeLevel::Warning,
        message: format!("The criterion `{}` is true of nobody: {}.", criterion.id, why.join("; ")),
    }
}

/// Whoever is analysed must be in the features: a subject that they miss was perhaps named in another way.
pub(super) fn require_features(study: &Study, features: &JoinedFeatures, table: &Table) -> Result<(), Vec<Diagnostic>> {
    let missing: Vec<usize> =
        table.file_rows.iter().copied().filter(|row| features.rows_without.contains(row)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} of {} analysed subjects are not in the features: {}",
        missing.len(),
        table.file_rows.len(),
        rows_in_words(&missing)
    );
    let problem = Diagnostic::error("data/features", message, study.place("data/features/path"));
    Err(vec![problem.with_help("both tables must be of the same subjects; or exclude these by a criterion")])
}

/// Columns that come from images.
fn measured_columns(study: &Study) -> Vec<String> {
    let images = study.spec.data.images.iter();
    images.flat_map(|images| images.measure.keys().cloned()).collect()
}

/// Subjects whose images cannot be used: they stop the run, or leave and are counted, as the spec says.
fn without_images(
    study: &Study,
    images: &ImageTable,
    table: &Table,
    keep: &mut [bool],
    problems: &mut Vec<Diagnostic>,
) -> Option<AttritionStep> {
    let on_problem = study.spec.data.images.as_ref().map(|data| data.on_problem).unwrap_or_default();
    let mut found: Vec<ImageProblem> = Vec::new();
    let mut excluded = 0;
    for (kept, file_row) in keep.iter_mut().zip(&table.file_rows) {
        let of_row = if *kept { images.problems_of(*file_row) } else { Vec::new() };
        if !of_row.is_empty() {
            found.extend(of_row);
            if on_problem == RawOnProblem::Exclude {
                *kept = false;
                excluded += 1;
            }
        }
    }
    if on_problem == RawOnProblem::Stop {
        problems.extend(diagnostics(study, &found));
        return None;
    }
    (excluded > 0).then(|| AttritionStep {
        id: "images".to_string(),
        says: "Images cannot be used".to_string(),
        kind: AttritionKind::Missing,
        excluded,
        remaining: keep.iter().filter(|kept| **kept).count(),
    })
}

fn step(kind: AttritionKind, criterion: &RawCriterion, truth: &[Option<bool>], keep: &mut [bool]) -> AttritionStep {
    let mut excluded = 0;
    for (kept, holds) in keep.iter_mut().zip(truth) {
        let leaves = match kind {
            AttritionKind::Inclusion => *holds != Some(true),
            _ => *holds == Some(true),
        };
        if *kept && leaves {
            *kept = false;
            excluded += 1;
        }
    }
    let remaining = keep.iter().filter(|kept| **kept).count();
    AttritionStep { id: criterion.id.clone(), says: criterion.says.clone(), kind, excluded, remaining }
}

/// Drops predictors that miss too much, then, unless they are to be imputed, the subjects that miss any other.
pub(super) fn without_missing(study: &Study, mut cohort: Cohort) -> Cohort {
    let rule = &study.spec.cohort.missing;
    let n = cohort.n();
    cohort.flow.missing_values = missing::pattern(&cohort.variables, n);
    for name in study.predictors() {
        let missing = cohort.variables.get(&name).map_or(0, |data| data.missing());
        if rule.drop_variables_above.is_some_and(|limit| missing as f64 > limit * n as f64) {
            cohort.flow.dropped_variables.push(DroppedVariable { variable: name, missing: Some(missing), n: Some(n) });
        }
    }
    if rule.cases == RawMissingCases::Impute {
        return cohort;
    }
    let predictors = cohort.kept(&study.predictors());
    let is_complete = |row: &usize| !predictors.iter().any(|name| cohort.variables[name.as_str()].is_missing(*row));
    let rows: Vec<usize> = (0..n).filter(is_complete).collect();
    if rows.len() < n {
        cohort.flow.steps.push(AttritionStep {
            id: "missing".to_string(),
            says: "Missing value in a predictor".to_string(),
            kind: AttritionKind::Missing,
            excluded: n - rows.len(),
            remaining: rows.len(),
        });
        cohort.flow.analysed = rows.len();
        cohort = cohort.keep(&rows);
    }
    cohort
}
