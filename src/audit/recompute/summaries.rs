//! What the study says of a variable in a column of a baseline table: by its baseline table, whose columns are the classes
//! of a set, or by its characteristics, whose columns are sets.
//!
//! For a whole set of which only the classes are described, counts are added and means and SDs pooled exactly.

use super::Context;
use crate::audit::reported::Column;
use crate::results::{AnalysisOutcome, BaselineCell, Description, GroupSummary, VariableFacts};

/// One description. What is withheld is none.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Summary {
    Mean { n: usize, mean: f64, sd: Option<f64> },
    Quartiles { n: usize, median: f64, lower: f64, upper: f64 },
    Range { n: usize, median: f64, smallest: Option<f64>, largest: Option<f64> },
    Counts { n: usize, missing: usize, counts: Vec<usize> },
    Empty,
}

/// Every description of the variable in the column, or why there is none.
pub(super) fn of_column(
    context: &Context<'_>,
    section: &str,
    column: &Column,
    variable: &VariableFacts,
) -> Result<Vec<Summary>, String> {
    let of_classes = || cell(context, section, column.cohort.as_deref(), variable);
    match column.group.as_deref() {
        Some("negative") => Ok(of_class(&of_classes()?.negative).into_iter().collect()),
        Some("positive") => Ok(of_class(&of_classes()?.positive).into_iter().collect()),
        Some(other) => Err(format!("`group: {other}` is no class of the outcome")),
        None => {
            let described = of_set(context, section, column, variable)?;
            if !described.is_empty() {
                return Ok(described);
            }
            let cell = of_classes()?;
            let both = of_class(&cell.negative).zip(of_class(&cell.positive));
            let whole = both.and_then(|(a, b)| pooled(&a, &b));
            whole
                .map(|summary| vec![summary])
                .ok_or_else(|| "a median of both classes does not follow from theirs".to_string())
        }
    }
}

/// The cell of a variable in the set of this cohort.
pub(super) fn cell<'a>(
    context: &Context<'a>,
    section: &str,
    cohort: Option<&str>,
    variable: &VariableFacts,
) -> Result<&'a BaselineCell, String> {
    let parts = context.names.cohort(cohort.ok_or("the column names no cohort")?)?;
    let tables = context.evidence.analyses(context.names.analysis(section)).filter_map(|outcome| match outcome {
        AnalysisOutcome::BaselineTable(table) => Some(table),
        _ => None,
    });
    for table in tables {
        let set = table.sets.iter().position(|set| context.evidence.is_partition(&set.partition, &parts));
        let row = table.rows.iter().find(|row| row.variable == variable.name);
        if let (Some(set), Some(row)) = (set, row)
            && let Some(cell) = row.cells.get(set)
        {
            return Ok(cell);
        }
    }
    Err(format!("no table of the study describes `{}` in {}", variable.name, parts.join("+")))
}

/// The descriptions in a table of characteristics, of which a variable may have several.
fn of_set(
    context: &Context<'_>,
    section: &str,
    column: &Column,
    variable: &VariableFacts,
) -> Result<Vec<Summary>, String> {
    let parts = context.names.cohort(column.cohort.as_deref().ok_or("the column names no cohort")?)?;
    let mut found = Vec::new();
    for outcome in context.evidence.analyses(context.names.analysis(section)) {
        let AnalysisOutcome::Characteristics(table) = outcome else { continue };
        let set = table.partitions.iter().position(|set| context.evidence.is_partition(&set.partition, &parts));
        let Some(set) = set else { continue };
        let rows = table.rows.iter().filter(|row| row.variable == variable.name);
        found.extend(rows.filter_map(|row| row.cells.get(set)).map(described));
    }
    Ok(found)
}

fn described(description: &Description) -> Summary {
    match description.clone() {
        Description::MeanSd { n, mean, sd, .. } => Summary::Mean { n, mean, sd },
        Description::MedianQuartiles { n, median, lower_quartile, upper_quartile, .. } => {
            Summary::Quartiles { n, median, lower: lower_quartile, upper: upper_quartile }
        }
        Description::MedianRange { n, median, smallest, largest, .. } => {
            Summary::Range { n, median, smallest, largest }
        }
        Description::Counts { n, missing, counts } => Summary::Counts { n, missing, counts },
        Description::Empty { .. } => Summary::Empty,
    }
}

fn of_class(summary: &GroupSummary) -> Option<Summary> {
    match summary.clone() {
        GroupSummary::MeanSd { n, mean, sd, .. } => Some(Summary::Mean { n, mean, sd }),
        GroupSummary::MedianQuartiles { n, median, lower_quartile, upper_quartile, .. } => {
            Some(Summary::Quartiles { n, median, lower: lower_quartile, upper: upper_quartile })
        }
        GroupSummary::Counts { n, missing, counts } => Some(Summary::Counts { n, missing, counts }),
        GroupSummary::Empty { .. } => Some(Summary::Empty),
        GroupSummary::CountsWithheld { .. }
        | GroupSummary::MeanSdFewMissing { .. }
        | GroupSummary::MedianQuartilesFewMissing { .. } => None,
    }
}

/// Both classes as one group.
fn pooled(a: &Summary, b: &Summary) -> Option<Summary> {
    Some(match (a, b) {
        (
            Summary::Counts { n: n_a, missing: missing_a, counts: counts_a },
            Summary::Counts { n: n_b, missing: missing_b, counts: counts_b },
        ) => Summary::Counts {
            n: n_a + n_b,
            missing: missing_a + missing_b,
            counts: counts_a.iter().zip(counts_b).map(|(a, b)| a + b).collect(),
        },
        (Summary::Mean { n: n_a, mean: mean_a, sd: sd_a }, Summary::Mean { n: n_b, mean: mean_b, sd: sd_b }) => {
            let (a, b) = (*n_a as f64, *n_b as f64);
            let n = a + b;
            let squares = (a - 1.0) * sd_a.unwrap_or(0.0).powi(2) + (b - 1.0) * sd_b.unwrap_or(0.0).powi(2);
            let between = a * b / n * (mean_a - mean_b).powi(2);
            Summary::Mean {
                n: n_a + n_b,
                mean: (a * mean_a + b * mean_b) / n,
                sd: (n > 1.0).then(|| ((squares + between) / (n - 1.0)).sqrt()),
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_pooled_are_their_subjects_together() {
        // 1, 2, 3 and 4, 6: mean 16/5, sum of squares 14 + 52 less 5 times 3.2 squared, over 4.
        let first = Summary::Mean { n: 3, mean: 2.0, sd: Some(1.0) };
        let second = Summary::Mean { n: 2, mean: 5.0, sd: Some(2.0_f64.sqrt()) };
        let Some(Summary::Mean { n, mean, sd: Some(sd) }) = pooled(&first, &second) else { panic!("a mean") };
        assert_eq!(n, 5);
        assert!((mean - 3.2).abs() < 1e-12 && (sd * sd - 3.7).abs() < 1e-12, "{mean} {sd}");
        assert_eq!(pooled(&first, &Summary::Empty), None);
    }
}
