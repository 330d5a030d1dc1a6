//! Inclusion, exclusion and missing values, each step with the number of subjects that leave and that remain.

use super::Cohort;
use crate::data::{Expression, Table};
use crate::results::{AttritionKind, AttritionStep, CohortFlow, DroppedVariable};
use crate::spec::raw::{RawCriterion, RawMissingCases};
use crate::spec::{Diagnostic, Study};
use polars::prelude::*;

pub(super) struct Eligible {
    pub table: Table,
    pub flow: CohortFlow,
}

/// Derives columns and applies the criteria in their order. A criterion that is neither true nor false for a subject,
/// because a value is missing, does not include and does not exclude.
pub(super) fn apply(study: &Study, mut table: Table) -> Result<Eligible, Vec<Diagnostic>> {
    let rules = &study.spec.cohort;
    let mut problems = Vec::new();
    for (name, text) in &rules.derive {
        let place = study.place(&format!("cohort/derive/{name}"));
        if table.frame.column(name).is_ok() {
            let message = format!("the table already has a column `{name}`");
            problems
                .push(Diagnostic::error("cohort/derive", message, place).with_help("give the new column another name"));
            continue;
        }
        let derived = Expression::parse(text, place, &table.frame)
            .and_then(|expression| expression.column(&table.frame, name).map_err(|problem| vec![problem]));
        match derived {
            Ok(column) => {
                if let Err(error) = table.frame.with_column(column) {
                    problems.push(Diagnostic::error("cohort/derive", error.to_string(), place));
                }
            }
            Err(more) => problems.extend(more),
        }
    }
    let read = table.frame.height();
    let mut keep = vec![true; read];
    let mut steps = Vec::new();
    let criteria =
        [(AttritionKind::Inclusion, "include", &rules.include), (AttritionKind::Exclusion, "exclude", &rules.exclude)];
    for (kind, key, list) in criteria {
        for (index, criterion) in list.iter().enumerate() {
            let place = study.place(&format!("cohort/{key}/{index}/where"));
            let truth = Expression::parse(&criterion.condition, place, &table.frame)
                .and_then(|expression| expression.truth(&table.frame).map_err(|problem| vec![problem]));
            match truth {
                Ok(truth) => steps.push(step(kind, criterion, &truth, &mut keep)),
                Err(more) => problems.extend(more),
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let remaining = keep.iter().filter(|kept| **kept).count();
    if remaining == 0 {
        let place = study.place("cohort");
        return Err(vec![Diagnostic::error("cohort/empty", "no subject is left after the criteria", place)]);
    }
    let mask = BooleanChunked::from_slice("keep".into(), &keep);
    let frame = table
        .frame
        .filter(&mask)
        .map_err(|error| vec![Diagnostic::error("cohort/filter", error.to_string(), study.place("cohort"))])?;
    let kept_of = |row: &usize| keep[*row];
    let rows: Vec<usize> = (0..read).filter(kept_of).collect();
    let table = Table {
        frame,
        subjects: rows.iter().map(|row| table.subjects[*row].clone()).collect(),
        file_rows: rows.iter().map(|row| table.file_rows[*row]).collect(),
        ..table
    };
    let flow = CohortFlow { read, steps, analysed: remaining, dropped_variables: Vec::new() };
    Ok(Eligible { table, flow })
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
    for name in study.predictors() {
        let missing = cohort.variables.get(&name).map_or(0, |data| data.missing());
        if rule.drop_variables_above.is_some_and(|limit| missing as f64 > limit * n as f64) {
            cohort.flow.dropped_variables.push(DroppedVariable { variable: name, missing, n });
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
