//! Cells of the baseline table: a small one and, in the same column, the next smallest; then all that is made of them.

use super::{Rule, overlap};
use crate::results::{BaselineCell, BaselineTable, GroupSummary, PartitionFacts};

pub(super) fn withhold(
    table: &mut BaselineTable,
    partitions: &[PartitionFacts],
    rule: Rule,
    keeps: impl Fn(&str, &str) -> bool,
) {
    let kept: Vec<bool> = table.sets.iter().map(|set| keeps(&table.outcome, &set.partition)).collect();
    retain(&mut table.sets, &kept);
    for row in &mut table.rows {
        retain(&mut row.cells, &kept);
    }
    // Of two sets that share a part, the one's cell would give the other's away.
    let shares = (0..table.sets.len())
        .any(|at| (0..at).any(|other| overlap(partitions, &table.sets[at].partition, &table.sets[other].partition)));
    for row in &mut table.rows {
        for cell in &mut row.cells {
            hide(cell, rule);
        }
        if shares {
            spread(&mut row.cells, rule);
        }
        for cell in row.cells.iter_mut().filter(|cell| is_hidden(&cell.negative) || is_hidden(&cell.positive)) {
            cell.test = None;
            cell.no_test_because = Some("a count below the declared minimum is withheld".to_string());
            cell.standardised_mean_difference = None;
            // Less the class that is told it would give the hidden one.
            cell.overall = None;
        }
    }
}

/// Variables of which the missing values of a class are withheld: their number in all would give them away.
pub(super) fn hidden_missing(table: &BaselineTable) -> Vec<String> {
    let is_hidden = |summary: &GroupSummary| match summary {
        GroupSummary::CountsWithheld { missing, .. } => missing.is_none(),
        GroupSummary::MeanSdFewMissing { .. } | GroupSummary::MedianQuartilesFewMissing { .. } => true,
        _ => false,
    };
    let hides = |cell: &BaselineCell| is_hidden(&cell.negative) || is_hidden(&cell.positive);
    table.rows.iter().filter(|row| row.cells.iter().any(hides)).map(|row| row.variable.clone()).collect()
}

fn retain<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut at = 0;
    items.retain(|_| {
        at += 1;
        kept.get(at - 1).copied().unwrap_or(true)
    });
}

fn is_hidden(summary: &GroupSummary) -> bool {
    matches!(
        summary,
        GroupSummary::CountsWithheld { .. }
            | GroupSummary::MeanSdFewMissing { .. }
            | GroupSummary::MedianQuartilesFewMissing { .. }
    )
}

fn hide(cell: &mut BaselineCell, rule: Rule) {
    for summary in [&mut cell.negative, &mut cell.positive] {
        let hidden = match summary {
            GroupSummary::Counts { n, missing, counts } => hide_counts(*n, *missing, counts, rule),
            GroupSummary::MeanSd { n, missing, mean, sd } if rule.is_small(*missing) || rule.is_small(*n) => {
                Some(GroupSummary::MeanSdFewMissing { mean: *mean, sd: *sd, minimum: rule.minimum })
            }
            GroupSummary::MedianQuartiles { n, missing, median, lower_quartile, upper_quartile }
                if rule.is_small(*missing) || rule.is_small(*n) =>
            {
                Some(GroupSummary::MedianQuartilesFewMissing {
                    median: *median,
                    lower_quartile: *lower_quartile,
                    upper_quartile: *upper_quartile,
                    minimum: rule.minimum,
                })
            }
            _ => None,
        };
        if let Some(hidden) = hidden {
            *summary = hidden;
        }
    }
}

/// The cells of a column are its levels and the missing values; their sum is known, so one alone cannot be hidden.
fn hide_counts(n: usize, missing: usize, counts: &[usize], rule: Rule) -> Option<GroupSummary> {
    let mut cells: Vec<Option<usize>> = counts.iter().copied().chain([missing]).map(Some).collect();
    for cell in &mut cells {
        *cell = cell.filter(|count| !rule.is_small(*count));
    }
    let hidden = cells.iter().filter(|cell| cell.is_none()).count();
    if hidden == 0 {
        return None;
    }
    let total_hidden: usize = counts.iter().chain([&missing]).filter(|count| rule.is_small(**count)).sum();
    if hidden == 1 || rule.is_small(total_hidden) {
        let next = (0..cells.len()).filter(|&at| cells[at].is_some_and(|count| count > 0)).min_by_key(|&at| cells[at]);
        if let Some(next) = next {
            cells[next] = None;
        }
    }
    let missing = cells.pop().flatten();
    // Where the missing are hidden, so is the number of those who are not.
    let n = missing.map(|_| n);
    Some(GroupSummary::CountsWithheld { n, missing, counts: cells, minimum: rule.minimum })
}

/// What is hidden in one set is hidden in all.
fn spread(cells: &mut [BaselineCell], rule: Rule) {
    let sides: [fn(&mut BaselineCell) -> &mut GroupSummary; 2] = [|cell| &mut cell.negative, |cell| &mut cell.positive];
    for side in sides {
        let mut hidden: Vec<bool> = Vec::new();
        let mut missing_hidden = false;
        for cell in cells.iter_mut() {
            if let GroupSummary::CountsWithheld { counts, missing, .. } = side(cell) {
                hidden.resize(counts.len().max(hidden.len()), false);
                hidden.iter_mut().zip(counts.iter()).for_each(|(hidden, count)| *hidden |= count.is_none());
                missing_hidden |= missing.is_none();
            }
        }
        if hidden.is_empty() {
            continue;
        }
        for cell in cells.iter_mut() {
            let summary = side(cell);
            if let GroupSummary::Counts { n, missing, counts } = summary {
                *summary = GroupSummary::CountsWithheld {
                    n: Some(*n),
                    missing: Some(*missing),
                    counts: counts.iter().copied().map(Some).collect(),
                    minimum: rule.minimum,
                };
            }
            if let GroupSummary::CountsWithheld { n, missing, counts, .. } = summary {
                counts.iter_mut().zip(&hidden).filter(|(_, hidden)| **hidden).for_each(|(count, _)| *count = None);
                if missing_hidden {
                    (*n, *missing) = (None, None);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { minimum: 5 };

    fn counts(n: usize, missing: usize, counts: &[usize]) -> Option<Vec<Option<usize>>> {
        match hide_counts(n, missing, counts, RULE)? {
            GroupSummary::CountsWithheld { counts, missing, .. } => Some(counts.into_iter().chain([missing]).collect()),
            _ => None,
        }
    }

    #[test]
    fn a_small_cell_takes_the_next_smallest_with_it() {
        assert_eq!(counts(100, 0, &[50, 3, 47]), Some(vec![Some(50), None, None, Some(0)]));
        assert_eq!(counts(100, 0, &[50, 30, 20]), None);
        // Two small cells hide each other, unless their sum is small too.
        assert_eq!(counts(107, 0, &[100, 3, 4]), Some(vec![Some(100), None, None, Some(0)]));
        assert_eq!(counts(104, 0, &[60, 40, 2, 2]), Some(vec![Some(60), None, None, None, Some(0)]));
        // A small number of missing values is a cell like any other, and the number of the others goes with it.
        let Some(GroupSummary::CountsWithheld { n, missing, counts, .. }) = hide_counts(98, 2, &[60, 38], RULE) else {
            panic!("the missing are few")
        };
        assert_eq!((n, missing, counts), (None, None, vec![Some(60), None]));
    }
}
