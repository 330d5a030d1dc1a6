//! Characteristics of the subjects of each set.

use super::Page;
use super::baseline::MISSING;
use super::yaml::Mapping;
use crate::report::build::characteristics::{decimals, missing};
use crate::report::number::{self, fixed};
use crate::results::{Characteristics, CharacteristicsRow, Description};
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, analysis: &Characteristics, file: &mut Mapping) {
    let mut section = page.begin("baseline", "");
    let column = |at: usize| analysis.partitions[at].partition.as_str();
    let columns = analysis
        .partitions
        .iter()
        .map(|set| json!({"id": set.partition, "cohort": set.partition, "n": number::count(set.n)}));
    section.add("columns", json!(columns.collect::<Vec<_>>()));
    let rows = analysis.rows.iter().map(|row| self::row(page, row, &column));
    section.add("rows", json!(rows.collect::<Vec<_>>()));
    file.add(&page.section(""), section.into_value());
}

fn row<'a>(page: &Page<'_>, row: &CharacteristicsRow, column: &impl Fn(usize) -> &'a str) -> Value {
    let mut entry = Mapping::default();
    entry.add("id", json!(row.variable));
    let kind = row.cells.iter().find_map(|cell| match cell {
        Description::MeanSd { .. } => Some("mean_sd"),
        Description::MedianQuartiles { .. } => Some("median_iqr"),
        Description::MedianRange { .. } => Some("median_range"),
        Description::Counts { .. } => Some("categorical"),
        Description::Empty { .. } => None,
    });
    let kind = kind.unwrap_or("categorical");
    entry.add("type", json!(kind));
    if kind == "categorical" {
        entry.add("overlapping", json!(false));
        entry.add("levels", levels(page, row, column));
        if row.cells.iter().any(|cell| missing(cell) > 0) {
            entry.add("missing_levels", json!([MISSING]));
        }
        return entry.into_value();
    }
    let decimals = decimals(&row.cells);
    let text = |value: f64| fixed(value, decimals);
    let mut cells = Mapping::default();
    for (at, cell) in row.cells.iter().enumerate() {
        let printed = match cell {
            Description::MeanSd { mean, sd: Some(sd), .. } => json!([text(*mean), text(*sd)]),
            Description::MeanSd { mean, sd: None, .. } => json!([text(*mean), number::ABSENT]),
            Description::MedianQuartiles { median, lower_quartile: lower, upper_quartile: upper, .. }
            | Description::MedianRange { median, smallest: Some(lower), largest: Some(upper), .. } => {
                json!([text(*median), text(*lower), text(*upper)])
            }
            Description::MedianRange { .. } | Description::Counts { .. } | Description::Empty { .. } => continue,
        };
        cells.add(column(at), printed);
    }
    entry.add("cells", cells.into_value());
    entry.into_value()
}

fn levels<'a>(page: &Page<'_>, row: &CharacteristicsRow, column: &impl Fn(usize) -> &'a str) -> Value {
    let labels = page.names.variable_facts(&row.variable).map_or(&[][..], |facts| &facts.levels);
    let mut counted = Mapping::default();
    for (level, label) in labels.iter().enumerate() {
        let mut cells = Mapping::default();
        for (at, cell) in row.cells.iter().enumerate() {
            let Description::Counts { n, counts, .. } = cell else { continue };
            let count = counts.get(level).copied().unwrap_or(0);
            let printed = match *n {
                0 => json!(number::count(count)),
                n => json!([number::count(count), number::percent(count as f64 / n as f64)]),
            };
            cells.add(column(at), printed);
        }
        counted.add(label, cells.into_value());
    }
    if row.cells.iter().any(|cell| missing(cell) > 0) {
        let mut cells = Mapping::default();
        for (at, cell) in row.cells.iter().enumerate() {
            cells.add(column(at), json!(number::count(missing(cell))));
        }
        counted.add(MISSING, cells.into_value());
    }
    counted.into_value()
}
