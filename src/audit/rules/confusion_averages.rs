//! Means over readers, folds or imputations without a word that says so: rows that fit no single 2 x 2 table and may be means
//! over several are asked about, unless the rest of their table fits single tables by more than chance.

use super::confusion_findings::{listing, names};
use super::confusion_items::{Item, Says, bound_of, class_counts, consistent, positives, total};
use super::confusion_matrix::Row;
use super::confusion_questions::Question;
use super::support::{level, span};
use crate::audit::reported::MetricCell;
use crate::audit::reported::metric::Metric;
use crate::audit::solver::mean_of_tables::{Sample, may_be_means};
use crate::audit::solver::relaxation::Bound;
use crate::stats::distribution::normal_critical;
use std::collections::BTreeMap;

/// Where the other figures would fit single tables more seldom than this if they were means, they are none.
const CHANCE: f64 = 0.001;
/// Rows of fewer figures are not thought of as means.
const FEWEST_FIGURES: usize = 3;
/// Shares with the event that are tried where none is printed, in steps of one in fifty.
const STEPS: usize = 50;

/// The question, for the rows of one table in one cohort whose figures are in conflict: `sample` is what is printed of its size.
/// Figures that another question set aside may be means as the rest: then the rows are looked at as they are printed.
pub(super) fn means(rows: &[&Row<'_>], sample: &[Item], conflict: &[Item]) -> Option<Question> {
    let of_rest = means_of(rows, sample, conflict);
    if of_rest.is_some() || rows.iter().all(|row| row.items.len() == row.as_printed.len()) {
        return of_rest;
    }
    let whole: Vec<Row<'_>> = rows.iter().map(|row| Row { items: row.as_printed.clone(), ..(*row).clone() }).collect();
    means_of(&whole.iter().collect::<Vec<_>>(), sample, conflict)
}

fn means_of(rows: &[&Row<'_>], sample: &[Item], conflict: &[Item]) -> Option<Question> {
    // Of a mean nobody prints counts.
    let counted = |item: &Item| match &item.says {
        Says::Metric { constraint, .. } => constraint.metric.is_count(),
        _ => true,
    };
    let single = |row: &Row<'_>| row.row.one_table || row.single;
    if rows.iter().any(|row| single(row) || row.items.iter().any(counted) || is_no_sum(row) || f1_is_above_both(row)) {
        return None;
    }
    let mut all: Vec<Item> = sample.to_vec();
    for (index, row) in rows.iter().enumerate() {
        all.extend(row.items.iter().cloned().map(|mut item| {
            item.row = index;
            item
        }));
    }
    let figures = rows.iter().map(|row| row.items.len()).sum::<usize>();
    let enough = figures >= FEWEST_FIGURES || accuracy_alone(rows);
    let marked = rows.iter().any(|row| is_marked(row, total(sample)));
    if !enough || !explained(rows, &all, marked) || one_is_odd(&all, conflict) {
        return None;
    }
    let leaves = rows.iter().flat_map(|row| row.items.iter().map(|item| item.leaf)).collect();
    let says = format!(
        "no one table gives {}, and means over several may: over readers, folds or imputations? Say `averaged:`, or \
         `averaged: no`",
        listing(&names(conflict))
    );
    Some(Question { leaves, says, odds: None })
}

/// Rows that print nothing of a table but accuracy, which runs with other seeds are often averaged to.
fn accuracy_alone(rows: &[&Row<'_>]) -> bool {
    let is_accuracy =
        |item: &Item| matches!(&item.says, Says::Metric { constraint, .. } if constraint.metric == Metric::Accuracy);
    rows.len() <= FEWEST_FIGURES && rows.iter().all(|row| row.items.iter().all(is_accuracy))
}

/// Youden's index and balanced accuracy follow from sensitivity and specificity, of means as of tables.
fn is_no_sum(row: &Row<'_>) -> bool {
    let of = |metric| bound_of(&row.items, metric);
    let (Some(sens), Some(spec)) = (of(Metric::Sensitivity), of(Metric::Specificity)) else { return false };
    let (low, high) = (sens.low + spec.low, sens.high + spec.high);
    let apart = |bound: Bound, low: f64, high: f64| bound.low > high + 1e-9 || bound.high < low - 1e-9;
    of(Metric::YoudenIndex).is_some_and(|youden| apart(youden, low - 1.0, high - 1.0))
        || of(Metric::BalancedAccuracy).is_some_and(|accuracy| apart(accuracy, 0.5 * low, 0.5 * high))
}

/// F1 is at most the mean of precision and recall: of one class, and so of means over classes, folds or readers.
pub(super) fn f1_is_above_both(row: &Row<'_>) -> bool {
    let of = |metric| bound_of(&row.items, metric);
    match [Metric::F1, Metric::PositivePredictiveValue, Metric::Sensitivity].map(of) {
        [Some(f1), Some(precision), Some(recall)] => f1.low > 0.5 * (precision.high + recall.high) + 1e-9,
        _ => false,
    }
}

/// Shows the row that it is of means? F1 lies between precision and recall in every table; an interval beyond the range of its
/// metric and even about its estimate is of a standard error; and the intervals of a count are as wide as its subjects make them.
fn is_marked(row: &Row<'_>, n: Option<i128>) -> bool {
    let of = |metric| bound_of(&row.items, metric);
    let f1_below_both = match [Metric::F1, Metric::PositivePredictiveValue, Metric::Sensitivity].map(of) {
        [Some(f1), Some(precision), Some(recall)] => f1.high < precision.low.min(recall.low),
        _ => false,
    };
    f1_below_both
        || n.is_some_and(|n| intervals_are_too_wide(row, n as f64))
        || row.row.metrics.iter().any(|cell| cell.metric.is_share() && is_even_and_beyond(cell))
}

/// Part of the subjects that the intervals of a row speak of, at which they are too wide for those of counts.
const SUBJECTS: f64 = 0.5;

/// Are the intervals of sensitivity and specificity together, or that of accuracy, those of fewer than half the subjects?
fn intervals_are_too_wide(row: &Row<'_>, n: f64) -> bool {
    let subjects = |metric: Metric| {
        let cell = row.row.metric(metric)?;
        let share = bound_of(&row.items, metric).map(|bound| 0.5 * (bound.low + bound.high))?;
        let critical = normal_critical(level(cell.ci_level.as_ref().or(row.table.ci_level.as_ref()))?);
        let (lower, upper) = (span(cell.lower.as_ref()?, 1.0)?, span(cell.upper.as_ref()?, 1.0)?);
        let unit = if cell.estimate.as_ref()?.value()? > 1.0 || upper.0 > 1.0 { 0.01 } else { 1.0 };
        let half = 0.5 * unit * (upper.0 - lower.1);
        (half > 0.0).then(|| (share * (1.0 - share)).max(LEAST_VARIANCE) * (critical / half).powi(2))
    };
    let both = subjects(Metric::Sensitivity).zip(subjects(Metric::Specificity)).map(|(with, without)| with + without);
    subjects(Metric::Accuracy).into_iter().chain(both).any(|all| all < SUBJECTS * n)
}

/// Of a single count, where a share is near 0 or 1.
const LEAST_VARIANCE: f64 = 0.05;

fn is_even_and_beyond(cell: &MetricCell) -> bool {
    let (Some(estimate), Some(lower), Some(upper)) = (&cell.estimate, &cell.lower, &cell.upper) else { return false };
    let (Some(centre), Some(low), Some(high)) = (span(estimate, 1.0), span(lower, 1.0), span(upper, 1.0)) else {
        return false;
    };
    let most = if estimate.value().is_some_and(|value| value > 1.0) { 100.0 } else { 1.0 };
    (low.1 < 0.0 || high.0 > most) && low.0 + high.0 <= 2.0 * centre.1 && low.1 + high.1 >= 2.0 * centre.0
}

/// Is one figure (or are the class counts) at odds with all others, which fit single tables as means would hardly do?
fn one_is_odd(all: &[Item], conflict: &[Item]) -> bool {
    let is_class = |item: &Item| matches!(item.says, Says::Positives(_) | Says::Negatives(_));
    let without = |leaf: Option<usize>| -> Vec<Item> {
        let kept = |item: &&Item| leaf.map_or(!is_class(item), |leaf| item.leaf != leaf);
        all.iter().filter(kept).cloned().collect()
    };
    let figures = conflict.iter().filter(|item| matches!(item.says, Says::Metric { .. }));
    let classes = conflict.iter().any(is_class).then_some(None);
    let Some(n) = total(all) else { return false };
    let figures = figures.filter(|item| !is_of_uneven_folds(all, item.leaf, n)).map(|item| Some(item.leaf));
    // Over folds of one size sensitivity, specificity and accuracy are those of all subjects: that they are shares of the
    // classes says something only where one of them is in conflict without the others.
    let linear = conflict.iter().all(|item| match &item.says {
        Says::Metric { constraint, .. } => is_linear(constraint.metric),
        _ => true,
    });
    // Rows that each fit a table, and no two of them the same classes, are no means: those would seldom fit.
    let mut rows =
        conflict.iter().filter(|item| !is_class(item) && !matches!(item.says, Says::Total(_))).map(|item| item.row);
    let first = rows.next();
    let least = if rows.all(|row| Some(row) == first) { OF_TWO_READERS } else { 0.0 };
    figures.chain(classes).any(|leaf| {
        let rest = without(leaf);
        let served = positives(&rest, n).unwrap_or_default();
        if leaf.is_none() && are_of_uneven_folds(&served, all, n) {
            return false;
        }
        served.get(served.len() / 2).is_some_and(|&plus| chance(&rest, plus, n, linear, least) < CHANCE)
    })
}

/// Folds whose sizes differ by a subject move the mean of a share by this over its subjects, and more if they are small.
const PER_SUBJECT: i128 = 10;

/// Is a figure so near to what the other figures give that folds would explain it: a share by folds that differ in size by a
/// subject, a predictive value and the like by folds that differ a little, which moves its mean by a unit of its last digit?
fn is_of_uneven_folds(all: &[Item], leaf: usize, n: i128) -> bool {
    let mut wider = all.to_vec();
    let (plus, minus) = class_counts(all);
    let Some(item) = wider.iter_mut().find(|item| item.leaf == leaf) else { return false };
    let Says::Metric { constraint, bound, .. } = &mut item.says else { return false };
    let subjects = match constraint.metric {
        Metric::Accuracy => n,
        Metric::Sensitivity => plus.or(minus.map(|minus| n - minus)).unwrap_or(n),
        Metric::Specificity => minus.or(plus.map(|plus| n - plus)).unwrap_or(n),
        metric if is_linear(metric) || metric.is_count() => return false,
        _ => {
            let room = constraint.range.high - constraint.range.low;
            constraint.range.low -= room;
            constraint.range.high += room;
            if let Some(bound) = bound {
                let room = bound.high - bound.low;
                (bound.low, bound.high) = (bound.low - room, bound.high + room);
            }
            return consistent(&wider);
        }
    };
    let (by, room) = (subjects.max(1) * PER_SUBJECT, constraint.range.denominator);
    constraint.range.low = constraint.range.low * by - room;
    constraint.range.high = constraint.range.high * by + room;
    constraint.range.denominator *= by;
    if let Some(bound) = bound {
        let room = 1.0 / by as f64;
        (bound.low, bound.high) = (bound.low - room, bound.high + room);
    }
    consistent(&wider)
}

/// Class counts this near to the printed ones may be those of as many folds of one size.
const NEAR_CLASSES: f64 = 0.1;

/// Do folds that differ in size by a subject make the class counts seem other ones? In one row: other rows would not agree.
fn are_of_uneven_folds(served: &[i128], all: &[Item], n: i128) -> bool {
    let (plus, minus) = class_counts(all);
    let printed = plus.or(minus.map(|minus| n - minus));
    let mut rows = all.iter().filter(|item| matches!(item.says, Says::Metric { .. })).map(|item| item.row);
    let first = rows.next();
    rows.all(|row| Some(row) == first)
        && printed.is_some_and(|plus| {
            let room = (NEAR_CLASSES * plus.min(n - plus) as f64).max(1.0);
            served.iter().any(|other| (other - plus).abs() as f64 <= room)
        })
}

/// The mean of tables of one size is that of all their subjects.
fn is_linear(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::Accuracy
            | Metric::Sensitivity
            | Metric::Specificity
            | Metric::FalseNegativeRate
            | Metric::FalsePositiveRate
            | Metric::BalancedAccuracy
            | Metric::YoudenIndex
    )
}

/// Means over tables of predictive values and the like differ from those of all subjects by about half their variance within a
/// table of a tenth of the subjects: this over n, and hardly more than two hundredths.
const DEVIATION: f64 = 1.25;
const LARGEST_DEVIATION: f64 = 0.02;

/// Half of the means of two readers' shares are shares of the same subjects.
const OF_TWO_READERS: f64 = 0.5;

/// Of few subjects two readers often read alike: their means are of one table, this often over the square of n.
const ALIKE: f64 = 4.0;

/// How often the figures of these rows would fit single tables by chance if they were means.
fn chance(items: &[Item], plus: i128, n: i128, linear: bool, least: f64) -> f64 {
    let mut rows: BTreeMap<usize, f64> = BTreeMap::new();
    for item in items {
        let Says::Metric { constraint, bound: Some(bound), .. } = &item.says else { continue };
        let width = bound.high - bound.low;
        let both = || [Metric::Sensitivity, Metric::Specificity].iter().all(|metric| has(items, item.row, *metric));
        let fits = match constraint.metric {
            metric if !linear && is_linear(metric) => continue,
            // A mean of what is 1 at most is 1 only if all are.
            metric if !is_ratio(metric) && bound.high >= 1.0 => continue,
            Metric::Sensitivity | Metric::FalseNegativeRate => (width * plus as f64).max(least),
            Metric::Specificity | Metric::FalsePositiveRate => (width * (n - plus) as f64).max(least),
            // Accuracy follows from the two, in means as in tables.
            Metric::Accuracy if !both() => (width * n as f64).max(least),
            metric if is_linear(metric) => continue,
            _ => width / (DEVIATION / n.max(1) as f64).min(LARGEST_DEVIATION),
        };
        *rows.entry(item.row).or_insert(1.0) *= fits.min(1.0);
    }
    let alike = ALIKE / (n * n).max(1) as f64;
    rows.values().map(|fits| fits.max(alike)).product()
}

fn is_ratio(metric: Metric) -> bool {
    use Metric::{DiagnosticOddsRatio, NegativeLikelihoodRatio, PositiveLikelihoodRatio};
    matches!(metric, PositiveLikelihoodRatio | NegativeLikelihoodRatio | DiagnosticOddsRatio)
}

fn has(items: &[Item], row: usize, metric: Metric) -> bool {
    items.iter().any(|item| {
        item.row == row && matches!(&item.says, Says::Metric { constraint, .. } if constraint.metric == metric)
    })
}

/// Is there one share with the event with which every row may be means over tables? Where a row shows that it is of means, only
/// accuracy is looked at: tables that differ more than is thought here give them.
fn explained(rows: &[&Row<'_>], all: &[Item], marked: bool) -> bool {
    let bounds: Vec<Vec<Bound>> = rows
        .iter()
        .map(|row| {
            let bound = |item: &Item| if let Says::Metric { bound, .. } = &item.says { *bound } else { None };
            row.items.iter().filter_map(bound).collect()
        })
        .collect();
    let n = total(all);
    let share = match (class_counts(all), n) {
        ((Some(plus), _), Some(n)) if n > 0 => Some(plus as f64 / n as f64),
        ((_, Some(minus)), Some(n)) if n > 0 => Some(1.0 - minus as f64 / n as f64),
        _ => None,
    };
    let n = n.map(|n| n as f64);
    let serves = |prevalence: f64| bounds.iter().all(|row| may_be_means(row, Sample { prevalence, n }));
    // Accuracy lies between the two others at the share with the event: most shares are ruled out by that alone.
    let near = |prevalence: f64| bounds.iter().all(|row| may_be_accuracy(row, prevalence));
    match share {
        Some(share) => near(share) && (marked || serves(share)),
        None => (1..STEPS).map(|step| step as f64 / STEPS as f64).any(|share| near(share) && (marked || serves(share))),
    }
}

/// Uneven folds move accuracy this far from what sensitivity and specificity give, at most.
const UNEVEN_FOLDS: f64 = 0.05;

fn may_be_accuracy(row: &[Bound], prevalence: f64) -> bool {
    let find = |metric: Metric| row.iter().find(|bound| bound.metric == metric);
    let three = [Metric::Accuracy, Metric::Sensitivity, Metric::Specificity].map(find);
    let [Some(accuracy), Some(sensitivity), Some(specificity)] = three else { return true };
    let mix = |sensitivity: f64, specificity: f64| prevalence * sensitivity + (1.0 - prevalence) * specificity;
    accuracy.high + UNEVEN_FOLDS >= mix(sensitivity.low, specificity.low)
        && accuracy.low - UNEVEN_FOLDS <= mix(sensitivity.high, specificity.high)
}

/// The row whose figures are the means of the other rows' of its table.
pub(super) fn of_other_rows(row: &Row<'_>, others: &[&Row<'_>]) -> Option<Question> {
    if row.row.one_table || !(2..=10).contains(&others.len()) {
        return None;
    }
    let bound = |items: &[Item], wanted: Metric| bound_of(items, wanted).map(|bound| (bound.low, bound.high));
    let mut means = 0;
    for item in &row.items {
        let Says::Metric { constraint, .. } = &item.says else { return None };
        let own = bound(&row.items, constraint.metric)?;
        let there: Option<Vec<(f64, f64)>> =
            others.iter().map(|other| bound(&other.items, constraint.metric)).collect();
        let there = there?;
        let k = there.len() as f64;
        let mean = (there.iter().map(|b| b.0).sum::<f64>() / k, there.iter().map(|b| b.1).sum::<f64>() / k);
        if mean.1 < own.0 || mean.0 > own.1 {
            return None;
        }
        means += 1;
    }
    let leaves = row.items.iter().map(|item| item.leaf).collect();
    let says = "the means of the other rows (`averaged: readers`)?".to_string();
    (means >= 2).then_some(Question { leaves, says, odds: None })
}
