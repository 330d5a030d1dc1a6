//! Confusion matrices with a small cell, with every proportion made of them; ROC curves and threshold sweeps on points
//! between which no class has a small count.

use super::{Rule, overlap, parts};
use crate::results::{ConfusionFacts, PartitionFacts, Performance, RocPointFacts, ThresholdPoint, ThresholdSweep};

pub(super) fn withhold(
    performance: &mut Performance,
    partitions: &[PartitionFacts],
    rule: Rule,
    keeps: impl Fn(&str, &str) -> bool,
) {
    let outcome = performance.outcome.clone();
    performance.partitions.retain(|partition| keeps(&outcome, partition));
    performance.rows.retain(|row| keeps(&outcome, &row.partition));
    performance.curves.retain(|curve| keeps(&outcome, &curve.partition));
    performance.sweeps.retain(|sweep| keeps(&outcome, &sweep.partition));
    // They have a step for every subject with the outcome.
    performance.precision_recall.clear();
    for model in &performance.models {
        hide_matrices(performance.rows.iter_mut().filter(|row| row.model == *model).collect(), partitions, rule);
    }
    for model in performance.models.clone() {
        coarsen(performance, &model, rule);
    }
}

fn has_small(confusion: &ConfusionFacts, rule: Rule) -> bool {
    [confusion.true_positives, confusion.false_negatives, confusion.false_positives, confusion.true_negatives]
        .iter()
        .any(|count| usize::try_from(*count).is_ok_and(|count| rule.is_small(count)))
}

/// A matrix goes when it has a small cell, and when the matrix of a set that shares parts with it would give that away.
fn hide_matrices(mut rows: Vec<&mut crate::results::PerformanceRow>, partitions: &[PartitionFacts], rule: Rule) {
    let mut hidden: Vec<String> = rows
        .iter()
        .filter(|row| row.confusion.as_ref().is_some_and(|confusion| has_small(confusion, rule)))
        .map(|row| row.partition.clone())
        .collect();
    let unions: Vec<String> = rows
        .iter()
        .filter(|row| parts(partitions, &row.partition).len() > 1)
        .map(|row| row.partition.clone())
        .collect();
    for union in unions {
        if hidden.iter().any(|part| *part != union && overlap(partitions, part, &union)) && !hidden.contains(&union) {
            hidden.push(union);
        }
    }
    for row in rows.iter_mut().filter(|row| hidden.contains(&row.partition)) {
        row.confusion = None;
        row.metrics.iter_mut().for_each(|metric| *metric = None);
    }
}

/// Counts that are told elsewhere, which the points of a curve must not come close to.
struct Told {
    partition: String,
    true_positives: usize,
    false_positives: usize,
}

/// Keeps the thresholds at which, in every set, both classes differ by nothing or by enough from the point kept before,
/// from the ends, and from the study's own threshold. The ROC curve is then drawn through the same points.
fn coarsen(performance: &mut Performance, model: &str, rule: Rule) {
    let told: Vec<Told> = performance
        .rows
        .iter()
        .filter(|row| row.model == model)
        .filter_map(|row| {
            let confusion = row.confusion?;
            Some(Told {
                partition: row.partition.clone(),
                true_positives: usize::try_from(confusion.true_positives).ok()?,
                false_positives: usize::try_from(confusion.false_positives).ok()?,
            })
        })
        .collect();
    let own: Vec<usize> = (0..performance.sweeps.len()).filter(|&at| performance.sweeps[at].model == model).collect();
    let length = own.iter().map(|&at| performance.sweeps[at].points.len()).min().unwrap_or(0);
    let mut kept: Vec<usize> = Vec::new();
    for index in 0..length {
        let fits = own.iter().all(|&at| {
            let sweep = &performance.sweeps[at];
            let point = &sweep.points[index];
            let ends = [(sweep.positives, sweep.negatives), (0, 0)];
            let before =
                kept.last().map(|&last| (sweep.points[last].true_positives, sweep.points[last].false_positives));
            let elsewhere = told
                .iter()
                .filter(|told| told.partition == sweep.partition)
                .map(|told| (told.true_positives, told.false_positives));
            ends.into_iter().chain(before).chain(elsewhere).all(|(positives, negatives)| {
                !rule.is_small(point.true_positives.abs_diff(positives))
                    && !rule.is_small(point.false_positives.abs_diff(negatives))
            })
        });
        if fits {
            kept.push(index);
        }
    }
    for &at in &own {
        let sweep = &mut performance.sweeps[at];
        let points: Vec<ThresholdPoint> = kept.iter().map(|&index| sweep.points[index]).collect();
        sweep.points = points;
        let sweep = &performance.sweeps[at];
        let own_point = told.iter().find(|told| told.partition == sweep.partition);
        let points = curve_through(sweep, own_point);
        let curve =
            performance.curves.iter_mut().find(|curve| curve.model == model && curve.partition == sweep.partition);
        if let Some(curve) = curve {
            curve.points = points;
        }
    }
    // A curve without a sweep has nothing to be drawn through but its ends.
    let swept: Vec<String> = own.iter().map(|&at| performance.sweeps[at].partition.clone()).collect();
    for curve in performance.curves.iter_mut().filter(|curve| curve.model == model && !swept.contains(&curve.partition))
    {
        curve.points.clear();
    }
}

/// None where only the ends are left: the straight line between them would be that of chance.
fn curve_through(sweep: &ThresholdSweep, told: Option<&Told>) -> Vec<RocPointFacts> {
    let ends = [(0, 0), (sweep.negatives, sweep.positives)];
    let mut counts: Vec<(usize, usize)> = ends.to_vec();
    counts.extend(sweep.points.iter().map(|point| (point.false_positives, point.true_positives)));
    counts.extend(told.map(|told| (told.false_positives, told.true_positives)));
    counts.sort_unstable();
    counts.dedup();
    if counts.iter().all(|count| ends.contains(count)) {
        return Vec::new();
    }
    let point = |(false_positives, true_positives): (usize, usize)| RocPointFacts {
        false_positive_rate: false_positives as f64 / sweep.negatives.max(1) as f64,
        sensitivity: true_positives as f64 / sweep.positives.max(1) as f64,
    };
    counts.into_iter().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model with an AUC of 0.89 was drawn on the diagonal.
    #[test]
    fn a_curve_whose_points_are_withheld_is_not_drawn_as_chance() {
        let point =
            |true_positives, false_positives| ThresholdPoint { threshold: 0.5, true_positives, false_positives };
        let sweep = |points| ThresholdSweep {
            model: "mayo".to_string(),
            partition: "test".to_string(),
            higher_is_risk: true,
            positives: 20,
            negatives: 40,
            points,
        };
        assert!(curve_through(&sweep(Vec::new()), None).is_empty());
        assert!(curve_through(&sweep(vec![point(20, 40)]), None).is_empty());
        assert_eq!(curve_through(&sweep(vec![point(14, 8)]), None).len(), 3);
        let told = Told { partition: "test".to_string(), true_positives: 12, false_positives: 6 };
        assert_eq!(curve_through(&sweep(Vec::new()), Some(&told)).len(), 3);
    }
}
