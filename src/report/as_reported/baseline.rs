//! Baseline characteristics by outcome class.

use super::yaml::Mapping;
use super::{Page, cohort, test_name};
use crate::report::build::baseline::decimals;
use crate::report::number::{self, fixed};
use crate::results::{BaselineCell, BaselineRow, BaselineTable, GroupSummary};
use serde_json::{Value, json};

/// The level that counts the subjects without a value.
pub(super) const MISSING: &str = "Missing";

pub fn add(page: &Page<'_>, analysis: &BaselineTable, file: &mut Mapping) {
    let mut columns = Vec::new();
    let mut compared = Mapping::default();
    for (at, set) in analysis.sets.iter().enumerate() {
        let cohort = cohort(page.results, &set.partition, &analysis.outcome);
        for (group, n) in [("negative", set.negatives), ("positive", set.positives)] {
            let id = column(analysis, at, group);
            columns.push(json!({"id": id, "cohort": cohort, "group": group, "n": number::count(n)}));
        }
        compared.add(&set.partition, json!([column(analysis, at, "negative"), column(analysis, at, "positive")]));
    }
    let mut section = page.begin("baseline", "");
    section.add("columns", json!(columns));
    section.add("p_columns", compared.into_value());
    let rows: Vec<Value> = analysis.rows.iter().flat_map(|row| rows(page, analysis, row)).collect();
    section.add("rows", json!(rows));
    file.add(&page.section(""), section.into_value());

    let mut differences = Mapping::default();
    for row in &analysis.rows {
        for (set, cell) in analysis.sets.iter().zip(&row.cells) {
            if let Some(difference) = cell.standardised_mean_difference {
                differences.add(&format!("{}, {}", row.variable, set.partition), json!(fixed(difference, 2)));
            }
        }
    }
    if !differences.is_empty() {
        let mut section = page.begin("facts", "standardised mean differences");
        section.add("differences", differences.into_value());
        file.add(&page.section("smd"), section.into_value());
    }
}

fn column(analysis: &BaselineTable, set: usize, group: &str) -> String {
    format!("{}, {group}", analysis.sets[set].partition)
}

/// A row of the table. Sets in which its P-value is of another test are rows of their own, because a row has one test.
fn rows(page: &Page<'_>, analysis: &BaselineTable, row: &BaselineRow) -> Vec<Value> {
    let mut tests: Vec<Option<String>> = Vec::new();
    for cell in &row.cells {
        let test = cell.test.as_ref().map(|test| test_name(&test.method));
        if !tests.contains(&test) {
            tests.push(test);
        }
    }
    tests
        .iter()
        .map(|test| {
            let sets: Vec<usize> = (0..row.cells.len())
                .filter(|at| row.cells[*at].test.as_ref().map(|test| test_name(&test.method)) == *test)
                .collect();
            self::row(page, analysis, row, &sets, test.as_deref())
        })
        .collect()
}

fn row(page: &Page<'_>, analysis: &BaselineTable, row: &BaselineRow, sets: &[usize], test: Option<&str>) -> Value {
    let groups = || {
        sets.iter().flat_map(|&at| {
            let BaselineCell { negative, positive, .. } = &row.cells[at];
            [(column(analysis, at, "negative"), negative), (column(analysis, at, "positive"), positive)]
        })
    };
    let mut entry = Mapping::default();
    entry.add("id", json!(row.variable));
    let kind = groups().find_map(|(_, summary)| match summary {
        GroupSummary::MeanSd { .. } | GroupSummary::MeanSdFewMissing { .. } => Some("mean_sd"),
        GroupSummary::MedianQuartiles { .. } | GroupSummary::MedianQuartilesFewMissing { .. } => Some("median_iqr"),
        GroupSummary::Counts { .. } | GroupSummary::CountsWithheld { .. } => Some("categorical"),
        GroupSummary::Empty { .. } => None,
    });
    entry.add("type", json!(kind.unwrap_or("categorical")));
    if let Some(test) = test {
        entry.add("test", json!(test));
    }
    if kind == Some("categorical") {
        entry.add("overlapping", json!(false));
        let levels = page.names.variable_facts(&row.variable).map_or(&[][..], |facts| &facts.levels);
        let mut counted = Mapping::default();
        for (at, level) in levels.iter().enumerate() {
            let mut cells = Mapping::default();
            for (column, summary) in groups() {
                // What is withheld is not there.
                let (n, count) = match summary {
                    GroupSummary::Counts { n, counts, .. } => (Some(*n), counts.get(at).copied()),
                    GroupSummary::CountsWithheld { n, counts, .. } => (*n, counts.get(at).copied().flatten()),
                    _ => (None, None),
                };
                if let Some(count) = count {
                    let count_text = number::count(count);
                    let cell = match n.filter(|n| *n > 0) {
                        None => json!(count_text),
                        Some(n) => json!([count_text, number::percent(count as f64 / n as f64)]),
                    };
                    cells.add(&column, cell);
                }
            }
            counted.add(level, cells.into_value());
        }
        if groups().any(|(_, summary)| missing(summary).is_some_and(|missing| missing > 0)) {
            let mut cells = Mapping::default();
            for (column, summary) in groups() {
                if let Some(missing) = missing(summary) {
                    cells.add(&column, json!(number::count(missing)));
                }
            }
            counted.add(MISSING, cells.into_value());
            entry.add("missing_levels", json!([MISSING]));
        }
        entry.add("levels", counted.into_value());
    } else {
        // Decimals are those of the whole row, in all sets.
        let decimals = decimals(row.cells.iter().flat_map(|cell| [&cell.negative, &cell.positive]));
        let mut cells = Mapping::default();
        for (column, summary) in groups() {
            if let Some(cell) = summarised(summary, decimals) {
                cells.add(&column, cell);
            }
        }
        entry.add("cells", cells.into_value());
    }
    let mut p = Mapping::default();
    for &at in sets {
        if let Some(test) = &row.cells[at].test {
            p.add(&analysis.sets[at].partition, json!(number::p_value(test.p_value)));
        }
    }
    if !p.is_empty() {
        entry.add("p", p.into_value());
    }
    entry.into_value()
}

/// Centre, spread, and the number with a value where some have none.
fn summarised(summary: &GroupSummary, decimals: usize) -> Option<Value> {
    let text = |value: f64| fixed(value, decimals);
    Some(match summary {
        GroupSummary::MeanSd { mean, sd: Some(sd), .. } | GroupSummary::MeanSdFewMissing { mean, sd: Some(sd), .. } => {
            json!([text(*mean), text(*sd)])
        }
        GroupSummary::MeanSd { mean, sd: None, .. } | GroupSummary::MeanSdFewMissing { mean, sd: None, .. } => {
            json!([text(*mean), number::ABSENT])
        }
        GroupSummary::MedianQuartiles { median, lower_quartile, upper_quartile, .. }
        | GroupSummary::MedianQuartilesFewMissing { median, lower_quartile, upper_quartile, .. } => {
            json!([text(*median), text(*lower_quartile), text(*upper_quartile)])
        }
        GroupSummary::Counts { .. } | GroupSummary::CountsWithheld { .. } | GroupSummary::Empty { .. } => return None,
    })
}

/// `None` where it is withheld.
fn missing(summary: &GroupSummary) -> Option<usize> {
    match summary {
        GroupSummary::MeanSd { missing, .. }
        | GroupSummary::MedianQuartiles { missing, .. }
        | GroupSummary::Counts { missing, .. }
        | GroupSummary::Empty { missing } => Some(*missing),
        GroupSummary::CountsWithheld { missing, .. } => *missing,
        GroupSummary::MeanSdFewMissing { .. } | GroupSummary::MedianQuartilesFewMissing { .. } => None,
    }
}
