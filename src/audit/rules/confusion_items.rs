//! What the figures of a performance row say about its 2 x 2 table, and whether a set of them can stand together.

use super::support::{in_percent, proportion_bounds, range};
use crate::audit::arithmetic::Rounding;
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Figure, Performance, PerformanceRow};
use crate::audit::solver::confusion::{Budget, Constraint, feasible_positives};
use crate::audit::solver::relaxation::{self, Bound};

/// What a printed figure says about a row's table.
#[derive(Clone, Debug)]
pub(super) enum Says {
    Metric { constraint: Constraint, bound: Option<Bound>, key: String, percent: bool, figure: Figure },
    Total(i128),
    Positives(i128),
    Negatives(i128),
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub row: usize,
    pub leaf: usize,
    pub says: Says,
}

/// Steps of one search: about a second at most.
pub(super) const STEPS: u64 = 4_000_000;

pub(super) fn row_items(table: &Performance, row: &PerformanceRow) -> Vec<Item> {
    let mut items = Vec::new();
    for cell in &row.metrics {
        if !cell.metric.is_from_table() {
            continue;
        }
        if let Some(figure) = &cell.estimate {
            let percent = in_percent(table, cell.metric, figure);
            if let (Some(percent), Some(printed)) = (percent, &figure.number) {
                let rounding = if cell.metric.is_count() { Rounding::HalfUp } else { Rounding::Widest };
                if let Some(range) = range(figure, percent, rounding) {
                    let (low, high) = proportion_bounds(printed, percent);
                    let bound = (!cell.metric.is_count()).then_some(Bound { metric: cell.metric, low, high });
                    let constraint = Constraint { metric: cell.metric, range };
                    let key = cell.key.clone();
                    let says = Says::Metric { constraint, bound, key, percent, figure: figure.clone() };
                    items.push(Item { row: 0, leaf: figure.leaf, says });
                }
            }
        }
        if let Some((figure, of)) = cell.share.of.as_ref().and_then(|figure| Some((figure, figure.integer()?))) {
            let says = match cell.metric {
                Metric::Sensitivity | Metric::FalseNegativeRate => Says::Positives(of),
                Metric::Specificity | Metric::FalsePositiveRate => Says::Negatives(of),
                Metric::Accuracy | Metric::PredictedPositiveRate | Metric::DetectionRate => Says::Total(of),
                Metric::PositivePredictiveValue | Metric::FalseDiscoveryRate => {
                    match counted(figure, Metric::PredictedPositives) {
                        Some(says) => says,
                        None => continue,
                    }
                }
                Metric::NegativePredictiveValue | Metric::FalseOmissionRate => {
                    match counted(figure, Metric::PredictedNegatives) {
                        Some(says) => says,
                        None => continue,
                    }
                }
                _ => continue,
            };
            items.push(Item { row: 0, leaf: figure.leaf, says });
        }
        // "sensitivity (TP)", "recalls (TP + FP)": the count beside a share is a cell of the table, or a sum of two.
        let metric = match cell.metric {
            Metric::Sensitivity | Metric::PositivePredictiveValue | Metric::DetectionRate => Metric::TruePositives,
            Metric::Specificity | Metric::NegativePredictiveValue => Metric::TrueNegatives,
            Metric::FalseNegativeRate | Metric::FalseOmissionRate => Metric::FalseNegatives,
            Metric::FalsePositiveRate | Metric::FalseDiscoveryRate => Metric::FalsePositives,
            Metric::PredictedPositiveRate => Metric::PredictedPositives,
            Metric::Accuracy => Metric::Correct,
            _ => continue,
        };
        if let Some((figure, says)) =
            cell.share.count.as_ref().and_then(|figure| Some((figure, counted(figure, metric)?)))
        {
            items.push(Item { row: 0, leaf: figure.leaf, says });
        }
    }
    items
}

fn counted(figure: &Figure, metric: Metric) -> Option<Says> {
    figure.integer()?;
    Some(Says::Metric {
        constraint: Constraint { metric, range: range(figure, false, Rounding::HalfUp)? },
        bound: None,
        key: metric.key().to_string(),
        percent: false,
        figure: figure.clone(),
    })
}

/// The numbers of positives that a set of items leaves, for `n` subjects; `None` when the search gave up.
pub(super) fn positives(items: &[Item], n: i128) -> Option<Vec<i128>> {
    let (mut first, mut last) = (0, n);
    for item in items {
        match item.says {
            Says::Positives(count) => {
                first = first.max(count);
                last = last.min(count);
            }
            Says::Negatives(count) => {
                first = first.max(n - count);
                last = last.min(n - count);
            }
            Says::Total(count) if count != n => return Some(Vec::new()),
            _ => {}
        }
    }
    let mut rows: Vec<usize> = items.iter().map(|item| item.row).collect();
    rows.sort_unstable();
    rows.dedup();
    if last - first > 200_000 {
        return None;
    }
    let mut budget = Budget::new(STEPS);
    let mut candidates: Vec<i128> = (first.max(0)..=last.min(n)).collect();
    for row in rows {
        let constraints = constraints(items, row);
        if constraints.is_empty() {
            continue;
        }
        let mut left = Vec::new();
        for &candidate in &candidates {
            left.extend(feasible_positives(n, candidate, candidate, &constraints, &mut budget)?);
        }
        candidates = left;
    }
    Some(candidates)
}

pub(super) fn constraints(items: &[Item], row: usize) -> Vec<Constraint> {
    items
        .iter()
        .filter(|item| item.row == row)
        .filter_map(|item| match &item.says {
            Says::Metric { constraint, .. } => Some(*constraint),
            _ => None,
        })
        .collect()
}

/// Can these items stand together? Without a sample size only the real-valued relaxation speaks.
pub(super) fn consistent(items: &[Item]) -> bool {
    let find = |pick: fn(&Says) -> Option<i128>| items.iter().find_map(|item| pick(&item.says));
    let total = find(|says| if let Says::Total(n) = says { Some(*n) } else { None });
    let plus = find(|says| if let Says::Positives(n) = says { Some(*n) } else { None });
    let minus = find(|says| if let Says::Negatives(n) = says { Some(*n) } else { None });
    match total.or_else(|| Some(plus? + minus?)) {
        Some(n) => match positives(items, n) {
            Some(feasible) => !feasible.is_empty(),
            // Too many tables: real numbers may still decide.
            None => relaxed(items),
        },
        None => {
            // One class count decides about the shares of that class alone.
            let of_class = |metric: Metric, size: Option<i128>| {
                size.is_none_or(|size| {
                    items.iter().all(|item| match &item.says {
                        Says::Metric { constraint, .. } if constraint.metric == metric && size > 0 => {
                            constraint.range.counts(size).is_some()
                        }
                        _ => true,
                    })
                })
            };
            if !of_class(Metric::Sensitivity, plus) || !of_class(Metric::Specificity, minus) {
                return false;
            }
            relaxed(items)
        }
    }
}

/// Is there a prevalence, and a sensitivity and a specificity for each row, real numbers all, that give the metrics?
fn relaxed(items: &[Item]) -> bool {
    let mut rows: Vec<usize> = items.iter().map(|item| item.row).collect();
    rows.sort_unstable();
    rows.dedup();
    let bounds: Vec<Vec<Bound>> = rows
        .into_iter()
        .map(|row| {
            let own = items.iter().filter(|item| item.row == row);
            own.filter_map(|item| if let Says::Metric { bound, .. } = &item.says { *bound } else { None }).collect()
        })
        .collect();
    relaxation::may_be_feasible(&bounds)
}

/// The printed numbers with and without the event.
pub(super) fn class_counts(items: &[Item]) -> (Option<i128>, Option<i128>) {
    let find = |pick: fn(&Says) -> Option<i128>| items.iter().find_map(|item| pick(&item.says));
    (
        find(|says| if let Says::Positives(n) = says { Some(*n) } else { None }),
        find(|says| if let Says::Negatives(n) = says { Some(*n) } else { None }),
    )
}

/// The size of the sample, as printed or as the sum of its classes.
pub(super) fn total(items: &[Item]) -> Option<i128> {
    let printed = items.iter().find_map(|item| if let Says::Total(n) = item.says { Some(n) } else { None });
    printed.or_else(|| {
        let (plus, minus) = class_counts(items);
        Some(plus? + minus?)
    })
}

/// The range of a metric, as a proportion or a ratio.
pub(super) fn bound_of(items: &[Item], wanted: Metric) -> Option<Bound> {
    items.iter().find_map(|item| match &item.says {
        Says::Metric { constraint, bound, .. } if constraint.metric == wanted => *bound,
        _ => None,
    })
}
