//! Other samples that the rows of a cohort can be of: some subjects left out, or the rarer class filled up.

use super::binomial::is_of;
use super::confusion_items::{Item, Says, class_counts, consistent, positives, total};
use super::confusion_matrix::Row;
use super::confusion_questions::Question;
use crate::audit::reported::metric::Metric;

/// The share of a cohort that a marker is known of, at least, where missing ones are thought of.
const KNOWN: f64 = 0.85;
/// The same, where the row prints so much that hardly any other size serves.
const KNOWN_FOR_CERTAIN: f64 = 0.5;
const MANY_FIGURES: usize = 4;
const FEW_SIZES: usize = 2;
/// When more of the smaller samples than this would serve, that one does says nothing.
const TELLING: f64 = 0.2;
const LARGEST: i128 = 400;

/// A sample smaller than the cohort, where few sizes serve and one does: a marker that some subjects lack.
pub(super) fn fewer_subjects(row: &Row<'_>, size: &[Item], classes: &[Item]) -> Option<String> {
    let all = [size, classes].concat();
    let n = total(&all).filter(|n| (10..=LARGEST).contains(n) && row.row.n.is_none())?;
    let (plus, minus) = class_counts(classes);
    let serving = |known: f64| -> (Vec<i128>, usize) {
        let least = (known * n as f64).ceil() as i128;
        let of_class =
            |count: i128, of: Option<i128>| of.is_none_or(|of| count <= of && count as f64 >= known * of as f64);
        let serves = |fewer: &i128| {
            positives(&row.as_printed, *fewer).is_some_and(|found| {
                found.iter().any(|&with| {
                    let without = *fewer - with;
                    of_class(with, plus)
                        && of_class(without, minus)
                        && (!row.single || limits_are_of(row, with, without))
                })
            })
        };
        ((least..n).filter(serves).collect(), (n - least).max(0) as usize)
    };
    let (sizes, tried) = serving(KNOWN);
    let few = !sizes.is_empty() && sizes.len() as f64 <= TELLING * tried as f64;
    let sizes = if few {
        sizes
    } else if row.as_printed.len() >= MANY_FIGURES {
        serving(KNOWN_FOR_CERTAIN).0
    } else {
        return None;
    };
    if sizes.is_empty() || !(few || sizes.len() <= FEW_SIZES) {
        return None;
    }
    let sizes: Vec<String> = sizes.iter().map(i128::to_string).collect();
    Some(format!("not of {n} subjects, but of {}: are some without this marker? Say `n:`", sizes.join(" or ")))
}

/// Where intervals of the table are those of single counts, this row's must be those of its smaller classes.
fn limits_are_of(row: &Row<'_>, with: i128, without: i128) -> bool {
    let mut cells = row.row.metrics.iter().filter(|cell| cell.lower.is_some() && cell.upper.is_some());
    cells.all(|cell| match cell.metric {
        Metric::Sensitivity => is_of(row.table, cell, with),
        Metric::Specificity => is_of(row.table, cell, without),
        _ => true,
    })
}

/// All rows of a cohort are of classes of one size, though its own are not: a training set that was filled up (SMOTE) or
/// thinned out.
pub(super) fn resampled(rows: &[Row<'_>], size: &[Item], classes: &[Item]) -> Option<Question> {
    let n = total(&[size, classes].concat());
    let (plus, minus) = match (class_counts(classes), n) {
        ((Some(plus), Some(minus)), _) => (plus, minus),
        ((Some(plus), None), Some(n)) => (plus, n - plus),
        ((None, Some(minus)), Some(n)) => (n - minus, minus),
        _ => return None,
    };
    // What accuracy and the predictive values say beyond sensitivity and specificity.
    let further: usize = rows.iter().map(|row| row.items.len().saturating_sub(2)).sum();
    if plus == minus || further < 2 || rows.iter().any(|row| row.row.one_table) {
        return None;
    }
    let class = [plus.max(minus), plus.min(minus)].into_iter().find(|&class| {
        let balanced = [Says::Total(2 * class), Says::Positives(class)];
        let balanced = balanced.map(|says| Item { row: 0, leaf: usize::MAX, says });
        rows.iter().all(|row| consistent(&[balanced.as_slice(), &row.items].concat()))
    })?;
    let leaves = rows.iter().flat_map(|row| row.items.iter().map(|item| item.leaf)).collect();
    let says = format!(
        "of {class} with and {class} without the event: balanced by resampling (SMOTE)? Say `n:` and `positive:`"
    );
    Some(Question { leaves, says, odds: None })
}
