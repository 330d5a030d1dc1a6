//! With data too: every printed number that results or scores determine, recomputed and set beside what is printed.
//!
//! ```text
//! names        the paper's cohorts, models, variables and groups, and what they are called in the study
//! score_table  scores and outcomes by subject, as a predictions file holds them
//! evidence     results and scores as one source of numbers
//! fitted       the regressions of a study as one list, and which of them a table prints
//! agreement    a printed number against a value: agrees, up to rounding, disagrees
//! interval     a printed interval against every known method
//! sections     one file per kind of section
//! ```
//!
//! Nothing here guesses. A cohort, model or variable is matched by its name, by a declared counterpart (`match:` in the
//! file), or by one of a few words that mean nothing else ("train"); whatever is not matched says so and stays out.

mod agreement;
mod baseline;
mod cohorts;
mod comparison;
mod evidence;
mod fitted;
mod interval;
mod names;
mod performance;
mod regression;
mod restated;
mod rows;
mod score_table;
mod summaries;
mod survival;
mod survival_performance;

pub use evidence::Evidence;
pub use names::{KnownNames, Names, unknown_names};
pub use score_table::{OutcomeColumn, ScoreColumn, ScoreTable};

use super::reported::{Body, Reported, Role};
use crate::results::{Agreement, FigurePart, Published, PublishedFigure, PublishedRow, PublishedTable};
use rows::Rows;

/// Sets every printed number of the file beside what the evidence gives. The hash of the file is that of its text.
pub fn recompute(reported: &Reported, evidence: &Evidence<'_>, sha256: String) -> Published {
    let names = Names::new(reported, evidence);
    let context = Context { reported, evidence, names: &names };
    let mut tables = vec![cohorts::cohorts(&context)];
    for section in &reported.sections {
        let label = section.label.clone().unwrap_or_else(|| section.name.clone());
        let mut rows = Rows::new(reported);
        match &section.body {
            Body::Flow(steps) => cohorts::flow(&context, steps, &mut rows),
            Body::Counts(counts) => cohorts::counts(&context, counts, &mut rows),
            Body::Baseline(table) => baseline::table(&context, &section.name, table, &mut rows),
            Body::Performance(table) => performance::table(&context, &section.name, table, &mut rows),
            Body::Comparison(table) => comparison::table(&context, &section.name, table, &mut rows),
            Body::Regression(table) => regression::table(&context, &section.name, table, &mut rows),
            Body::Survival(table) => survival::table(&context, &section.name, table, &mut rows),
            // Restatements come last: they may point to any table.
            _ => {}
        }
        tables.push(PublishedTable { section: section.name.clone(), label, rows: rows.finish() });
    }
    for section in &reported.sections {
        if let Body::Restated(items) = &section.body {
            let rows = restated::rows(&context, items, &tables);
            if let Some(table) = tables.iter_mut().find(|table| table.section == section.name) {
                table.rows = rows;
            }
        }
    }
    others(reported, &mut tables);
    tables.retain(|table| !table.rows.is_empty());
    for row in tables.iter_mut().flat_map(|table| &mut table.rows) {
        row.cohort_label = names.cohort_label(&row.cohort);
        row.subject_label = names.subject_label(&row.subject);
    }
    Published {
        file: reported.file_name.clone(),
        sha256,
        title: reported.title.clone(),
        simulated: evidence.results.is_some_and(|results| results.study.simulated),
        tables,
    }
}

/// What every section needs.
struct Context<'a> {
    reported: &'a Reported,
    evidence: &'a Evidence<'a>,
    names: &'a Names<'a>,
}

/// Levels of intervals and times of rates say what a table shows; they are no results.
fn why_not(path: &str) -> &'static str {
    if path.split('/').any(|part| part == "ci_level" || part == "times") {
        "it says what the table shows"
    } else {
        "no result answers to it"
    }
}

/// No printed number is left without a word: what no section has taken up is listed as not recomputable.
fn others(reported: &Reported, tables: &mut Vec<PublishedTable>) {
    let taken: std::collections::BTreeSet<&str> = tables
        .iter()
        .flat_map(|table| &table.rows)
        .flat_map(|row| &row.figures)
        .map(|figure| figure.path.as_str())
        .collect();
    let rows: Vec<PublishedRow> = reported
        .leaves
        .iter()
        .filter(|leaf| leaf.role == Role::Figure && !taken.contains(leaf.path.as_str()))
        .map(|leaf| PublishedRow {
            cohort: String::new(),
            subject: leaf.path.trim_start_matches('/').to_string(),
            quantity: String::new(),
            cohort_label: None,
            subject_label: None,
            figures: vec![PublishedFigure {
                part: FigurePart::Value,
                path: leaf.path.clone(),
                line: leaf.line,
                column: leaf.column,
                printed: leaf.text.clone(),
                recomputed: None,
                at_printed_precision: None,
                difference: None,
                agreement: Agreement::NotRecomputable,
                says: String::new(),
            }],
            says: why_not(&leaf.path).to_string(),
        })
        .collect();
    if !rows.is_empty() {
        tables.push(PublishedTable { section: String::new(), label: "Other figures".to_string(), rows });
    }
}
