//! Our own reports, typed in by the program as an auditor would type a paper in: nothing in them may be found wrong, and
//! every number must be one that a reader of the report sees.

use crate::support::program::repository;
use crate::support::sample_results;
use vouch::audit::reported::Role;
use vouch::audit::{Reported, audit, parse};
use vouch::report::document::{Block, Document, Row};
use vouch::results::Results;

fn read(results: &Results) -> Reported {
    let text = vouch::report::as_reported(results);
    parse(&text, "reported.yaml").unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
}

pub fn committed() -> Vec<(String, Results)> {
    let studies = std::fs::read_dir(repository().join("studies")).unwrap().flatten();
    let with_report = studies.filter_map(|entry| {
        let id = entry.file_name().to_string_lossy().into_owned();
        entry.path().join("study.yaml").exists().then_some(id)
    });
    // A study whose report is not committed yet has nothing to read; `end_to_end::reproducible` holds those that are.
    let read = |id: String| {
        let path = repository().join("reports").join(&id).join("results.json");
        // That every study has its report is told by the test of reproducibility.
        let text = std::fs::read_to_string(path).ok()?;
        Some((id, Results::from_json(&text).unwrap()))
    };
    with_report.filter_map(read).collect()
}

#[test]
fn the_audit_finds_nothing_in_the_report_of_any_shipped_study() {
    let studies = committed();
    assert!(!studies.is_empty());
    for (id, results) in studies {
        let reported = read(&results);
        let audit = audit(&reported);
        assert!(audit.findings.is_empty(), "{id}: {:#?}", audit.findings);
        let figures = reported.leaves.iter().filter(|leaf| leaf.role == Role::Figure).count();
        assert!(figures > 100, "{id}: {figures} figures");
    }
}

#[test]
fn every_number_is_one_that_the_report_prints() {
    let mut all = vec![
        ("sample", sample_results::sample()),
        ("one model", sample_results::one_model()),
        ("simulated", sample_results::simulated()),
    ];
    let shipped = committed();
    all.extend(shipped.iter().map(|(id, results)| (id.as_str(), results.clone())));
    for (name, results) in all {
        let seen = texts(&vouch::report::build(&results).unwrap());
        for leaf in read(&results).leaves.iter().filter(|leaf| leaf.role == Role::Figure) {
            assert!(
                seen.iter().any(|text| holds(text, &leaf.text)),
                "{name}: {} is {}, which the report does not print",
                leaf.path,
                leaf.text
            );
        }
    }
}

/// Does the number stand in the text, not as a part of a longer number?
fn holds(text: &str, number: &str) -> bool {
    let digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    text.match_indices(number).any(|(at, _)| {
        let after = &text[at + number.len()..];
        let point = after.starts_with('.') && digit(after.chars().nth(1));
        !digit(text[..at].chars().next_back()) && !text[..at].ends_with('.') && !digit(after.chars().next()) && !point
    })
}

fn texts(document: &Document) -> Vec<String> {
    let mut texts = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Table(table) => {
                texts.extend(table.columns.iter().map(|column| column.head.clone()));
                texts.extend(table.spanning_heads.iter().map(|head| head.text.clone()));
                texts.extend(table.notes.clone());
                for row in &table.rows {
                    match row {
                        Row::Section { text } => texts.push(text.clone()),
                        Row::Cells { cells, .. } => texts.extend(cells.iter().map(|cell| cell.text.clone())),
                    }
                }
            }
            Block::Figure(figure) => texts.push(figure.svg.clone()),
            Block::Paragraph { text } => texts.push(text.clone()),
            _ => {}
        }
    }
    texts
}
