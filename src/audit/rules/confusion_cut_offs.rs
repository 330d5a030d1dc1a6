//! Figures of a row that are not of its cut-off: a sensitivity that was fixed in advance and is printed as such, and an accuracy
//! at a cut-off of its own. Both are seen in several rows of a table.

use super::confusion_items::{Item, Says, consistent, positives, total};
use super::confusion_matrix::Row;
use super::confusion_questions::{Question, asking, bounds, printed};
use crate::audit::reported::metric::Metric;

/// Shares that are chosen, in thousandths: multiples of five percent, and some near one.
fn is_chosen(share: f64) -> bool {
    let thousandths = 1000.0 * share;
    let whole = thousandths.round();
    let near = (thousandths - whole).abs() < 1e-6;
    near && share >= 0.5 && share < 1.0 && (whole % 50.0 == 0.0 || [975.0, 980.0, 990.0].contains(&whole))
}

fn value(row: &Row<'_>, wanted: Metric) -> Option<(usize, f64)> {
    row.items.iter().find_map(|item| match &item.says {
        Says::Metric { constraint, percent, figure, .. } if constraint.metric == wanted => {
            Some((item.leaf, figure.value()? * if *percent { 0.01 } else { 1.0 }))
        }
        _ => None,
    })
}

/// The sensitivities, or the specificities, of the rows of one table if all are chosen ones.
pub(super) fn chosen(rows: &[&Row<'_>]) -> Vec<usize> {
    let mut leaves = Vec::new();
    for metric in [Metric::Sensitivity, Metric::Specificity] {
        let shares: Vec<(usize, f64)> = rows.iter().filter_map(|row| value(row, metric)).collect();
        if shares.len() >= 2 && shares.iter().all(|(_, share)| is_chosen(*share)) {
            leaves.extend(shares.iter().map(|(leaf, _)| *leaf));
        }
    }
    leaves
}

pub(super) fn fixed_in_advance(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let own = row.items.iter().map(|item| item.leaf).filter(|leaf| row.chosen.contains(leaf)).collect();
    asking(own, "a sensitivity or specificity that was fixed in advance, and is printed as such?")
}

/// Is accuracy the only figure at odds, and a share of the subjects, or above what the others give where their number is not
/// printed? At another cut-off it may be lower too.
pub(super) fn accuracy_is_odd(row: &Row<'_>, sample: &[Item]) -> bool {
    let accuracy =
        |item: &Item| matches!(&item.says, Says::Metric { constraint, .. } if constraint.metric == Metric::Accuracy);
    let all = [sample, &row.items].concat();
    let rest: Vec<Item> = all.iter().filter(|item| !accuracy(item)).cloned().collect();
    let (Some((_, highest)), Some(sens), Some(spec)) =
        (bounds(row, Metric::Accuracy), bounds(row, Metric::Sensitivity), bounds(row, Metric::Specificity))
    else {
        return false;
    };
    let n = total(sample);
    let a_share = row.items.iter().filter(|item| accuracy(item)).all(|item| match (&item.says, n) {
        (Says::Metric { constraint, .. }, Some(n)) => constraint.range.counts(n).is_some(),
        _ => highest >= sens.1.max(spec.1),
    });
    !row.row.one_table && a_share && !consistent(&all) && consistent(&rest)
}

/// Numbers with the event that the other figures leave, where accuracy is compared with the larger class.
const FEW_CLASSES: usize = 2;

/// At a cut-off of one half a model may call everybody the same: the accuracy is the share of the larger class.
fn is_that_of_the_larger_class(row: &Row<'_>, sample: &[Item]) -> bool {
    let accuracy =
        |item: &Item| matches!(&item.says, Says::Metric { constraint, .. } if constraint.metric == Metric::Accuracy);
    let (own, rest): (Vec<Item>, Vec<Item>) = [sample, &row.items].concat().into_iter().partition(accuracy);
    let ([Item { says: Says::Metric { constraint, .. }, .. }], Some(n)) = (own.as_slice(), total(sample)) else {
        return false;
    };
    positives(&rest, n).is_some_and(|served| {
        served.len() <= FEW_CLASSES && served.iter().any(|&plus| constraint.range.contains(plus.max(n - plus), n))
    })
}

pub(super) fn accuracy_elsewhere(row: &Row<'_>, sample: &[Item]) -> Option<Question> {
    let leaf =
        printed(row, Metric::Accuracy).filter(|_| row.other_accuracy || is_that_of_the_larger_class(row, sample))?.leaf;
    asking(vec![leaf], "accuracy at another cut-off (of one half, or the highest)?")
}
