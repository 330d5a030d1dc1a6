//! What the rows of a cohort can be when each fits a table of its own and all together do not: rows of several classes or
//! outcomes, and a row that is the mean of the others.

use super::confusion_averages::of_other_rows;
use super::confusion_items::{Item, Says, consistent, positives, total};
use super::confusion_matrix::Row;
use super::confusion_questions::Question;
use crate::audit::reported::metric::Metric;

/// So many other rows must agree with each other before one is called wrong, where no class counts are printed.
const AGREEING: usize = 3;

/// Whole numbers of subjects above this are not added up over rows.
const LARGEST_SAMPLE: i128 = 20_000;

fn question(rows: &[&Row<'_>], says: &str) -> Question {
    let leaves = rows.iter().flat_map(|row| row.items.iter().map(|item| item.leaf)).collect();
    Question { leaves, says: says.to_string(), odds: None }
}

/// Rows that print all four counts of as many subjects, but not as many with the event, are of several classes.
pub(super) fn of_several_classes(rows: &[&Row<'_>]) -> Option<Question> {
    let mut found: Vec<(i128, i128)> = rows
        .iter()
        .filter_map(|row| {
            let count = |metric| row.row.metric(metric)?.estimate.as_ref()?.integer();
            let with = count(Metric::TruePositives)? + count(Metric::FalseNegatives)?;
            Some((with + count(Metric::FalsePositives)? + count(Metric::TrueNegatives)?, with))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    let alike = found.first().zip(found.last()).is_some_and(|(first, last)| first.0 == last.0);
    (found.len() > 1 && alike)
        .then(|| question(rows, "each row counts other subjects with the event: each class against the rest?"))
}

/// The question after which the rows of a cohort need not fit together. `items` are theirs, each with the index of its row, and
/// the size of the sample; `classes` are its printed class counts.
pub(super) fn several(rows: &[(usize, &Row<'_>)], items: &[Item], classes: &[Item]) -> Option<Question> {
    let all: Vec<&Row<'_>> = rows.iter().map(|(_, row)| *row).collect();
    if all.iter().any(|row| row.row.one_table) {
        return None;
    }
    let without = |index: usize| -> Vec<Item> {
        let kept = |item: &&Item| item.row != index || !matches!(item.says, Says::Metric { .. });
        items.iter().filter(kept).cloned().collect()
    };
    for (index, row) in rows {
        let others: Vec<&Row<'_>> = rows.iter().filter(|(other, _)| other != index).map(|(_, row)| *row).collect();
        if consistent(&without(*index))
            && let Some(question) = of_other_rows(row, &others)
        {
            return Some(question);
        }
    }
    if each_class_against_the_rest(rows, items) {
        return Some(question(&all, "each row fits a table of its own: each class against the rest?"));
    }
    // One row of which one figure is wrong, beside others that agree: with each other, or with the printed class counts.
    let one_is_odd = rows.iter().any(|(index, row)| {
        let rest = without(*index);
        let agree = if classes.is_empty() {
            rows.len() > AGREEING && consistent(&rest)
        } else {
            rows.len() > 1 && consistent(&[rest.as_slice(), classes].concat())
        };
        agree
            && row.items.iter().any(|wrong| {
                let kept: Vec<Item> = items.iter().filter(|item| item.leaf != wrong.leaf).cloned().collect();
                consistent(&[kept.as_slice(), classes].concat())
            })
    });
    (!one_is_odd)
        .then(|| question(&all, "each row fits a table of its own: are all of one outcome, in the same subjects?"))
}

/// Can the numbers with the event that the rows allow add up to all subjects?
fn each_class_against_the_rest(rows: &[(usize, &Row<'_>)], items: &[Item]) -> bool {
    let size: Vec<Item> = items.iter().filter(|item| matches!(item.says, Says::Total(_))).cloned().collect();
    let Some(n) = total(&size).filter(|&n| n <= LARGEST_SAMPLE && rows.len() > 1) else { return false };
    let mut reached = vec![false; n as usize + 1];
    reached[0] = true;
    for (_, row) in rows {
        let Some(allowed) = positives(&row.items, n) else { return false };
        let mut next = vec![false; n as usize + 1];
        for with in allowed.into_iter().filter(|&with| with > 0) {
            let with = with as usize;
            (with..=n as usize).filter(|&sum| reached[sum - with]).for_each(|sum| next[sum] = true);
        }
        reached = next;
    }
    reached[n as usize]
}
