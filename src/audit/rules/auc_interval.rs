//! V302: the interval of an AUC, against the smallest standard error that any score order gives.

use super::Rule;
use super::confusion_matrix::{asked, asks_about};
use super::proportion_interval::{NARROW, last_place};
use super::support::{in_percent, is_averaged, is_plain, level, limits_in_percent, looks_averaged, row_classes, row_n};
use crate::audit::finding::{Finding, RangeFigure, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, CiMethod, Figure, MetricCell, Performance, PerformanceRow, Reported};
use crate::audit::solver::auc_variance::minimum_variances;
use crate::audit::statement::{PrintedInterval, Statement};
use crate::stats::distribution::normal_critical;
use std::collections::BTreeMap;

const CODE: &str = "V302";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "auc-interval",
    checks: "that the interval of an AUC is not narrower than the sample allows, whatever the scores and their ties",
    why: "For given class counts the DeLong variance has an exact minimum over all orders of the scores with the printed \
          AUC, ties included, found by dynamic programming. With DeLong stated, an interval below 0.8 of that minimum \
          cannot be; with no method stated one below 0.45 of it is narrower than one standard error. Only contrived ties \
          come near that minimum in large samples; a side below 0.45 of that of the least variable binary reading is \
          implausible.",
    example: "AUC 0.80 (0.79 to 0.81) with 20 subjects with and 20 without the event",
    silent: "for an AUC above 0.97 or below 0.55; for means over folds or repeats, and where V201 asks whether the row is one; for fewer than 10 subjects of a class; where \
             the classes are not printed, the narrowest interval of any division counts",
    strongest: Verdict::Impossible,
    run,
};

struct Narrow {
    leaves: Vec<usize>,
    says: String,
    factor: f64,
    verdict: Verdict,
    figure: RangeFigure,
    statement: Statement,
}

fn run(reported: &Reported, sink: &mut Sink) {
    // The same class counts return in every row of a cohort.
    let mut minima: BTreeMap<(usize, usize), Option<Vec<f64>>> = BTreeMap::new();
    let asked = asked(reported, sink);
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        let mut narrow: Vec<Narrow> = Vec::new();
        let mut checked = 0_usize;
        for row in &table.rows {
            let Some(cell) = row.metric(Metric::Auc) else { continue };
            let (Some(estimate), Some(lower), Some(upper)) = (&cell.estimate, &cell.lower, &cell.upper) else {
                continue;
            };
            let leaves = vec![estimate.leaf, lower.leaf, upper.leaf];
            let cohort = row.cohort.as_deref().unwrap_or("");
            if is_averaged(reported, row) || looks_averaged(&[cohort, &row.model, &section.name]) {
                sink.not_applicable(CODE, leaves, "the interval of a mean over several curves");
                continue;
            }
            if asks_about(row, &asked) {
                sink.undecidable(CODE, leaves, "what the other figures of the row are is a question of V201");
                continue;
            }
            match examine(reported, table, row, cell, [estimate, lower, upper], &mut minima) {
                Err(why) => sink.undecidable(CODE, leaves, why),
                Ok(None) => {
                    checked += 1;
                    sink.pass(CODE, leaves, "not narrower than the sample allows");
                }
                Ok(Some(found)) => {
                    checked += 1;
                    narrow.push(found);
                }
            }
        }
        for verdict in [Verdict::Impossible, Verdict::Inconsistent, Verdict::Implausible] {
            let these = narrow.iter().filter(|one| one.verdict == verdict).collect();
            report(&section.name, verdict, these, (checked, reported.assume.no_ties), sink);
        }
    }
}

fn examine(
    reported: &Reported,
    table: &Performance,
    row: &PerformanceRow,
    cell: &MetricCell,
    [estimate, lower, upper]: [&Figure; 3],
    minima: &mut BTreeMap<(usize, usize), Option<Vec<f64>>>,
) -> Result<Option<Narrow>, String> {
    let unreadable = || "the interval or its scale cannot be read".to_string();
    if ![estimate, lower, upper].into_iter().all(is_plain) {
        return Err(unreadable());
    }
    let percent = in_percent(table, Metric::Auc, estimate).ok_or_else(unreadable)?;
    let unit = if percent { 0.01 } else { 1.0 };
    let limit_unit = if limits_in_percent(cell, percent) { 0.01 } else { 1.0 };
    let bounds =
        |figure: &Figure, unit: f64| figure.number.as_ref().map(|p| (p.widest().0 * unit, p.widest().1 * unit));
    let (Some(auc), Some(low), Some(high)) =
        (bounds(estimate, unit), bounds(lower, limit_unit), bounds(upper, limit_unit))
    else {
        return Err(unreadable());
    };
    let level = level(cell.ci_level.as_ref().or(table.ci_level.as_ref())).ok_or_else(unreadable)?;
    let side = (auc.1 - low.0).max(high.1 - auc.0);
    let critical = normal_critical(level);
    let (plus, minus) = row_classes(reported, row);
    let (exact, usual_variance, sizes, size_leaves) = match (plus, minus) {
        (Some(plus), Some(minus)) => {
            let (Some(m), Some(n)) = (plus.integer(), minus.integer()) else { return Err(unreadable()) };
            if !(10..1_000_000).contains(&m) || !(10..1_000_000).contains(&n) {
                return Err("fewer than ten subjects of a class: no interval is dependable".to_string());
            }
            let (mu, nu) = (m as usize, n as usize);
            let variances =
                minima.entry((mu, nu)).or_insert_with(|| minimum_variances(mu, nu, !reported.assume.no_ties));
            let minimum = variances.as_ref().and_then(|variances| {
                let last = variances.len() - 1;
                let first = ((auc.0.max(0.0) * last as f64).floor() as usize).min(last);
                let end = ((auc.1.min(1.0) * last as f64).ceil() as usize).min(last);
                let smallest = variances[first..=end].iter().copied().fold(f64::INFINITY, f64::min);
                // No order at all has this AUC: another rule's matter.
                smallest.is_finite().then_some(smallest)
            });
            let usual = binary_reading(auc, m.max(n) as f64);
            (minimum, usual, format!("{m} with and {n} without the event"), vec![plus.leaf, minus.leaf])
        }
        _ => {
            let size = row_n(reported, row).ok_or("the number of subjects is not printed")?;
            let n = size.integer().filter(|&n| (20..1_000_000).contains(&n)).ok_or("too few subjects")?;
            // The larger class has all but one subject at most.
            let usual = binary_reading(auc, n as f64 - 1.0);
            (None, usual, format!("{n} subjects"), vec![size.leaf])
        }
    };
    let centre = estimate.value().unwrap_or(0.0) * unit;
    if !(0.55..0.97).contains(&centre) {
        return Ok(None);
    }
    let stated = table.method(cell).or(reported.assume.ci_method) == Some(CiMethod::DeLong);
    // As for shares: where the usual half-width is many last places, nearest rounding is enough allowance.
    let place = last_place(estimate, unit).max(last_place(lower, limit_unit)).max(last_place(upper, limit_unit));
    let value = |figure: &Figure, unit: f64| figure.value().unwrap_or(0.0) * unit;
    let printed =
        (value(estimate, unit) - value(lower, limit_unit)).max(value(upper, limit_unit) - value(estimate, unit));
    let allowed = |half: f64| if half < 8.0 * place { side } else { side.min(printed + place) };
    let exact = exact.map(|variance| critical * variance.sqrt());
    let usual = critical * usual_variance.sqrt();
    let too_narrow = |half: f64, threshold: f64| allowed(half) < threshold * half;
    let (verdict, half) = match exact {
        Some(half) if stated && too_narrow(half, 0.8) => (Verdict::Impossible, half),
        Some(half) if too_narrow(half, NARROW) => (Verdict::Inconsistent, half),
        _ if too_narrow(usual, NARROW) => (Verdict::Implausible, usual),
        _ => return Ok(None),
    };
    let bound = if verdict == Verdict::Implausible {
        "even a binary reading gives about"
    } else {
        "no order of scores gives less than"
    };
    let cohort = row.cohort.as_deref().unwrap_or("");
    Ok(Some(Narrow {
        leaves: [estimate.leaf, lower.leaf, upper.leaf].into_iter().chain(size_leaves).collect(),
        says: format!(
            "{} {cohort} AUC {} ({} to {}): with {sizes} {bound} {:.3} to {:.3}",
            row.model,
            estimate.text,
            lower.text,
            upper.text,
            (centre - half).max(0.0),
            (centre + half).min(1.0)
        ),
        factor: printed / half,
        verdict,
        statement: Statement::NarrowAuc {
            interval: PrintedInterval {
                estimate: estimate.leaf,
                lower: lower.leaf,
                upper: upper.leaf,
                unit,
                limit_unit,
                level,
            },
            positive: plus.filter(|_| minus.is_some()).map(|figure| figure.leaf),
            negative: minus.filter(|_| plus.is_some()).map(|figure| figure.leaf),
            n: row_n(reported, row).map(|figure| figure.leaf),
            binary: verdict == Verdict::Implausible,
            ties: !reported.assume.no_ties,
        },
        figure: RangeFigure {
            title: format!("{} {cohort} AUC", row.model),
            printed_lower: lower.value().unwrap_or(0.0) * limit_unit,
            printed_upper: upper.value().unwrap_or(0.0) * limit_unit,
            estimate: centre,
            feasible_lower: (centre - half).max(0.0),
            feasible_upper: (centre + half).min(1.0),
        },
    }))
}

/// The smallest DeLong variance of a binary reading with this AUC, for the larger class of `larger` subjects: all of the
/// other class is read correctly, and the variance is (2A - 1)(1 - A)/2 over n - 1. The smaller end of the rounding range.
pub(super) fn binary_reading(auc: (f64, f64), larger: f64) -> f64 {
    let at = |a: f64| {
        let a = a.clamp(0.0, 1.0);
        ((2.0 * a - 1.0) * (1.0 - a) / (2.0 * (larger - 1.0))).max(0.0)
    };
    at(auc.0).min(at(auc.1))
}

fn report(
    section: &str,
    verdict: Verdict,
    mut narrow: Vec<&Narrow>,
    (checked, no_ties): (usize, bool),
    sink: &mut Sink,
) {
    narrow.sort_by(|a, b| a.factor.total_cmp(&b.factor).then_with(|| a.leaves.cmp(&b.leaves)));
    let Some(worst) = narrow.first() else { return };
    let key = format!("{section}/{}", verdict.word());
    let message = format!("{} of {checked} intervals of AUCs are too narrow; {}", narrow.len(), worst.says);
    let mut finding = Finding::new(CODE, verdict, &key, worst.leaves.clone(), message)
        .assuming("the interval is a 95 % interval (or of the stated level) of the AUC of these subjects")
        .assuming(if no_ties {
            "each subject has a score of its own"
        } else {
            "each subject has one score; ties are allowed"
        })
        .stating(worst.statement.clone());
    for other in narrow.iter().skip(1).take(3) {
        finding = finding.evidence(other.says.clone());
    }
    finding.also = narrow.iter().skip(1).flat_map(|one| one.leaves.clone()).collect();
    finding.figures = narrow.iter().map(|one| one.figure.clone()).collect();
    sink.finding(finding);
}
