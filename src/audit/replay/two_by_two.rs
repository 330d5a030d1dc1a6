//! Two by two tables by plain loops over every cell.

use super::decimal::{Decimal, Printed, whole};
use super::{Replay, unreadable, verdict};
use crate::audit::statement::{MetricLeaf, Part};

/// Reads the printed figures of each row.
fn read<'a, 't>(
    rows: &'a [Vec<MetricLeaf>],
    text: &impl Fn(usize) -> Printed<'t>,
) -> Option<Vec<Vec<(&'a MetricLeaf, Decimal)>>> {
    rows.iter()
        .map(|row| row.iter().map(|metric| Some((metric, Decimal::read(text(metric.leaf))?))).collect())
        .collect()
}

/// No number of subjects with the event has tables for all rows.
pub(super) fn no_tables<'t>(
    sizes: [Option<Option<i128>>; 3],
    rows: &[Vec<MetricLeaf>],
    text: &impl Fn(usize) -> Printed<'t>,
) -> Replay {
    if sizes.iter().any(|size| *size == Some(None)) {
        return unreadable();
    }
    let [n, plus, minus] = sizes.map(Option::flatten);
    let only = |metric: &str| rows.iter().flatten().all(|leaf| leaf.metric == metric);
    let size = n
        .or_else(|| Some(plus? + minus?))
        .or_else(|| plus.filter(|_| only("sens")))
        .or_else(|| minus.filter(|_| only("spec")));
    let Some(read) = read(rows, text) else { return unreadable() };
    let serves = |n: i128, tried: &mut u64| {
        // Where the size is open, a sample without one of the classes says nothing: most metrics have no value there.
        let mut classes = if size.is_some() { 0..=n } else { 1..=n - 1 };
        classes.find(|&positives| {
            if plus.is_some_and(|p| p != positives) || minus.is_some_and(|m| m != n - positives) {
                return false;
            }
            *tried += 1;
            read.iter().all(|metrics| some_table(positives, n - positives, metrics))
        })
    };
    let mut tried = 0_u64;
    match size {
        Some(n) if n > 400 => Replay::NotReplayable(format!("too many tables of {n} subjects for plain loops")),
        Some(n) => match serves(n, &mut tried) {
            Some(positives) => Replay::Refuted(format!("{positives} of {n} with the event serve all rows")),
            None => {
                Replay::Confirmed(format!("{tried} numbers of subjects with the event tried, each with every table"))
            }
        },
        // Whatever the size: every sample of up to 60 subjects is tried, which can refute but not prove.
        None => match (2..=60).find(|&n| serves(n, &mut tried).is_some()) {
            Some(n) => Replay::Refuted(format!("a sample of {n} subjects serves all rows")),
            None => Replay::NotReplayable(format!(
                "a statement about samples of every size: none of up to 60 subjects serves ({tried} numbers with the event \
                 tried); that no larger one does is shown by intervals of real numbers, not by loops"
            )),
        },
    }
}

/// The numbers of subjects with the event for which every row of a part has a table.
fn allowed(n: i128, rows: &[Vec<(&MetricLeaf, Decimal)>]) -> Vec<i128> {
    (0..=n).filter(|&positives| rows.iter().all(|row| some_table(positives, n - positives, row))).collect()
}

/// No numbers with the event of the parts add up to the whole's.
pub(super) fn no_partition<'t>(positive: Option<i128>, parts: &[Part], text: &impl Fn(usize) -> Printed<'t>) -> Replay {
    let Some(positive) = positive else { return unreadable() };
    let mut sums = vec![0_i128];
    for part in parts {
        let (Some(n), Some(rows)) = (whole(text(part.n)), read(&part.rows, text)) else { return unreadable() };
        if n > 400 {
            return Replay::NotReplayable(format!("too many tables of {n} subjects for plain loops"));
        }
        let class = |leaf: Option<usize>| leaf.and_then(|leaf| whole(text(leaf)));
        let (plus, minus) = (class(part.positive), class(part.negative));
        let own: Vec<i128> = allowed(n, &rows)
            .into_iter()
            .filter(|k| plus.is_none_or(|plus| plus == *k) && minus.is_none_or(|minus| n - minus == *k))
            .collect();
        let mut next = Vec::new();
        for sum in &sums {
            for value in &own {
                if !next.contains(&(sum + value)) {
                    next.push(sum + value);
                }
            }
        }
        sums = next;
    }
    verdict(!sums.contains(&positive), format!("the parts can have {} different numbers with the event", sums.len()))
}

fn some_table(positives: i128, negatives: i128, metrics: &[(&MetricLeaf, Decimal)]) -> bool {
    (0..=positives).any(|tp| {
        (0..=negatives).any(|tn| {
            let (fn_, fp) = (positives - tp, negatives - tn);
            metrics.iter().all(|(metric, printed)| {
                let all = positives + negatives;
                let (above, below) = match metric.metric.as_str() {
                    "tp" | "fn" | "fp" | "tn" | "test_positives" | "test_negatives" | "correct" => {
                        let cell = match metric.metric.as_str() {
                            "tp" => tp,
                            "fn" => fn_,
                            "fp" => fp,
                            "test_positives" => tp + fp,
                            "test_negatives" => tn + fn_,
                            "correct" => tp + tn,
                            _ => tn,
                        };
                        return printed.places == 0 && cell == printed.digits;
                    }
                    "acc" => (tp + tn, all),
                    "sens" => (tp, positives),
                    "spec" => (tn, negatives),
                    "ppv" => (tp, tp + fp),
                    "npv" => (tn, tn + fn_),
                    "f1" => (2 * tp, 2 * tp + fp + fn_),
                    "fnr" => (fn_, positives),
                    "fpr" => (fp, negatives),
                    "fdr" => (fp, tp + fp),
                    "for" => (fn_, tn + fn_),
                    "recall_rate" => (tp + fp, all),
                    "prevalence" => (positives, all),
                    "detection_rate" => (tp, all),
                    "jaccard" => (tp, tp + fp + fn_),
                    "markedness" => {
                        let (called, left) = (tp + fp, tn + fn_);
                        (tp * left + tn * called - called * left, called * left)
                    }
                    "recall_macro" => (tp * negatives + tn * positives, 2 * positives * negatives),
                    "recall_weighted" => (tp + tn, all),
                    "f1_macro" | "f1_weighted" | "precision_macro" | "precision_weighted" => {
                        // Each class as the event once: hits, and what they are a share of.
                        let wrong = fp + fn_;
                        let [first, second] = if metric.metric.starts_with("f1") {
                            [(2 * tp, 2 * tp + wrong), (2 * tn, 2 * tn + wrong)]
                        } else {
                            [(tp, tp + fp), (tn, tn + fn_)]
                        };
                        let (w1, w2) = if metric.metric.ends_with("macro") { (1, 1) } else { (positives, negatives) };
                        (w1 * first.0 * second.1 + w2 * second.0 * first.1, (w1 + w2) * first.1 * second.1)
                    }
                    "bacc" => (tp * negatives + tn * positives, 2 * positives * negatives),
                    "youden" => (tp * negatives + tn * positives - positives * negatives, positives * negatives),
                    "lr_positive" => (tp * negatives, fp * positives),
                    "lr_negative" => (fn_ * negatives, tn * positives),
                    "dor" => (tp * tn, fp * fn_),
                    // A root is irrational: compared as a real number, with a margin far below a printed digit.
                    "mcc" => {
                        let product = ((tp + fp) * (tp + fn_)) as f64 * ((tn + fp) * (tn + fn_)) as f64;
                        let unit = if metric.percent { 0.01 } else { 1.0 };
                        let (low, high) = printed.ends();
                        let value = (tp * tn - fp * fn_) as f64 / product.sqrt();
                        return product == 0.0 || (value >= low * unit - 1e-9 && value <= high * unit + 1e-9);
                    }
                    "kappa" => {
                        let chance = (tp + fp) * positives + (fn_ + tn) * negatives;
                        ((tp + tn) * all - chance, all * all - chance)
                    }
                    // Not written out here: leaving a metric out can only refute, never confirm wrongly.
                    _ => return true,
                };
                let name = metric.metric.as_str();
                if ["lr_positive", "lr_negative", "dor"].contains(&name) && [tp, tn, fp, fn_].contains(&0) {
                    return corrected(name, [tp, fn_, fp, tn], printed);
                }
                let share = !metric.metric.contains("macro")
                    && !metric.metric.contains("weighted")
                    && !["kappa", "markedness", "bacc", "youden", "lr_positive", "lr_negative", "dor"].contains(&name);
                match below {
                    // A share of nobody is printed as 0 or 1, if at all.
                    0 if share => [0, 1].iter().any(|&value| printed.allows(value, 1, metric.percent)),
                    0 => true,
                    _ => printed.allows(above, below, metric.percent),
                }
            })
        })
    })
}

/// A ratio with an empty cell: as it is, or with a half or one subject more in every cell; what grows without end may be any
/// larger number.
fn corrected(name: &str, cells: [i128; 4], printed: &Decimal) -> bool {
    let (low, high) = printed.ends();
    let at = |more: f64| {
        let [tp, fn_, fp, tn] = cells.map(|cell| cell as f64 + more);
        match name {
            "lr_positive" => tp / (tp + fn_) / (fp / (fp + tn)),
            "lr_negative" => fn_ / (tp + fn_) / (tn / (fp + tn)),
            _ => tp * tn / (fp * fn_),
        }
    };
    let plain = at(0.0);
    plain.is_nan()
        || (plain.is_infinite() && high >= at(1.0))
        || [plain, at(0.5), at(1.0)].iter().any(|value| (low..=high).contains(value))
}
