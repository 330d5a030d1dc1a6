//! V301: an AUC on the grid of its sample, and against the operating point on the same curve.

use super::Rule;
use super::confusion_matrix::{asked, asks_about};
use super::retyping::retyped;
use super::support::{
    in_percent, is_averaged, is_plain, looks_averaged, looks_corrected, proportion_bounds, range, row_classes,
};
use crate::audit::arithmetic::Rounding;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, Figure, Performance, PerformanceRow, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V301";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "auc",
    checks: "that an AUC is a whole or half number of concordant pairs over all pairs, that it lies between the least and \
             the greatest area of a curve through the printed sensitivity and specificity, and that the AUC of a reading of \
             yes or no (`reading: binary`) is their mean",
    why: "With m and n subjects the AUC is k / (2 m n). A receiver operating characteristic rises, so a curve through \
          (1 - spec, sens) has an area of at least sens * spec and at most 1 - (1 - sens)(1 - spec), ties or not.",
    example: "AUC 0.95 with sensitivity 0.60 and specificity 0.70 (at most 0.88)",
    silent: "for means over folds or repeats; when the class counts are not printed (grid); when the scale of a figure is \
             not clear; for a row about whose other figures V201 asks; on the grid unless the row says `averaged: no` or three other \
             AUCs of the same subjects lie on it by more than chance; for curves that are fitted, corrected for optimism or pooled over imputations, by their name, and for the \
             grid of readers' ratings",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    let asked = asked(reported, sink);
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        for row in &table.rows {
            let Some(auc) = row.metric(Metric::Auc).and_then(|cell| cell.estimate.as_ref()) else { continue };
            let cohort = row.cohort.as_deref().unwrap_or("-");
            let key = format!("{}/{}/{cohort}", section.name, row.model);
            let named = !row.one_table && looks_averaged(&[cohort, &row.model, &section.name]);
            if is_averaged(reported, row) || named {
                sink.not_applicable(CODE, vec![auc.leaf], "a mean over several curves");
                continue;
            }
            if !is_plain(auc) {
                continue;
            }
            if looks_corrected(&[cohort, &row.model, &section.name, section.label.as_deref().unwrap_or_default()]) {
                sink.not_applicable(CODE, vec![auc.leaf], "not the curve of these subjects, as its name says");
                continue;
            }
            if asks_about(row, &asked) {
                sink.undecidable(CODE, vec![auc.leaf], "what the other figures of the row are is a question of V201");
                continue;
            }
            grid(reported, table, row, auc, &key, sink);
            operating_point(table, row, auc, &key, sink);
            if let Some(p) = row.metric(Metric::Auc).and_then(|cell| cell.p.as_ref()) {
                let says =
                    "a P-value against an AUC of one half follows from the scores, or from the variance without ties";
                sink.undecidable(CODE, vec![p.leaf, auc.leaf], says);
            }
        }
    }
}

fn grid(reported: &Reported, table: &Performance, row: &PerformanceRow, auc: &Figure, key: &str, sink: &mut Sink) {
    // Curves of readers' ratings are often fitted (binormal), and then on no grid.
    let rated = table.readers && !row.binary_reading;
    let (Some(plus), Some(minus)) = row_classes(reported, row) else {
        sink.undecidable(CODE, vec![auc.leaf], "the class counts are not printed");
        return;
    };
    let (Some(m), Some(n)) = (plus.integer(), minus.integer()) else { return };
    let Some(percent) = in_percent(table, Metric::Auc, auc) else { return };
    let leaves = vec![auc.leaf, plus.leaf, minus.leaf];
    if m < 1 || n < 1 || m.saturating_mul(n) > 1_000_000_000 {
        return;
    }
    let Some(range) = range(auc, percent, Rounding::Widest) else { return };
    // Half a pair for each tie.
    let halves = if reported.assume.no_ties { 1 } else { 2 };
    let pairs = halves * m * n;
    match range.counts(pairs) {
        Some(_) => sink.pass(CODE, leaves, format!("on the grid of {m} x {n} pairs")),
        None if rated => {
            sink.undecidable(CODE, leaves, "not on the grid of the pairs: a fitted curve of a reader's ratings?");
        }
        None if !row.one_table && !others_are_on_grid(reported, auc, [plus.leaf, minus.leaf], pairs) => {
            let says = "not on the grid of the pairs: a mean or median over folds, seeds or resamples? Say `averaged:`, or \
                        `averaged: no`";
            sink.undecidable(CODE, leaves, says);
        }
        None => {
            let (low, high) = range.as_f64();
            let number = if halves == 2 { "half" } else { "whole" };
            let message = format!("no AUC between {low:.4} and {high:.4} is a {number} number of the {} pairs", m * n);
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, &format!("{key}/grid"), leaves, message)
                    .assuming("each subject has one score")
                    .stating(Statement::NoPairs {
                        auc: auc.leaf,
                        percent,
                        positive: plus.leaf,
                        negative: minus.leaf,
                        ties: !reported.assume.no_ties,
                    }),
            );
        }
    }
}

/// So many other AUCs of the same subjects must lie on the grid, all of them, and by chance as seldom as this.
const FEWEST_OTHERS: usize = 3;
const CHANCE: f64 = 0.001;

/// Do the other AUCs of these classes, printed with as many digits, show that the AUCs are of single curves?
fn others_are_on_grid(reported: &Reported, auc: &Figure, classes: [usize; 2], pairs: i128) -> bool {
    let decimals = |figure: &Figure| figure.number.as_ref().map_or(0, |printed| printed.scale);
    let (mut number, mut chance) = (0_usize, 1.0);
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        for row in &table.rows {
            let Some(other) = row.metric(Metric::Auc).and_then(|cell| cell.estimate.as_ref()) else { continue };
            let (plus, minus) = row_classes(reported, row);
            let same = [plus, minus].map(|figure| figure.map(|figure| figure.leaf)) == classes.map(Some);
            if !same || other.leaf == auc.leaf || !is_plain(other) || decimals(other) < decimals(auc) {
                continue;
            }
            let percent = in_percent(table, Metric::Auc, other);
            let Some(range) = percent.and_then(|percent| range(other, percent, Rounding::Widest)) else { continue };
            if range.counts(pairs).is_none() {
                return false;
            }
            let (low, high) = range.as_f64();
            number += 1;
            chance *= ((high - low) * pairs as f64).min(1.0);
        }
    }
    number >= FEWEST_OTHERS && chance < CHANCE
}

fn operating_point(table: &Performance, row: &PerformanceRow, auc: &Figure, key: &str, sink: &mut Sink) {
    let figure = |metric: Metric| row.metric(metric).and_then(|cell| cell.estimate.as_ref()).filter(|f| is_plain(f));
    let (Some(sensitivity), Some(specificity)) = (figure(Metric::Sensitivity), figure(Metric::Specificity)) else {
        return;
    };
    let leaves = vec![auc.leaf, sensitivity.leaf, specificity.leaf];
    let bounds = |metric: Metric, figure: &Figure| {
        let (low, high) = proportion_bounds(figure.number.as_ref()?, in_percent(table, metric, figure)?);
        Some((low.max(0.0), high.min(1.0)))
    };
    let (Some(area), Some(sens), Some(spec)) =
        (bounds(Metric::Auc, auc), bounds(Metric::Sensitivity, sensitivity), bounds(Metric::Specificity, specificity))
    else {
        sink.undecidable(CODE, leaves, "percent or proportion: the table does not tell");
        return;
    };
    let unit = |metric: Metric, figure: &Figure| {
        if in_percent(table, metric, figure) == Some(true) { 0.01 } else { 1.0 }
    };
    let inputs = vec![
        Input::Leaf { leaf: sensitivity.leaf, unit: unit(Metric::Sensitivity, sensitivity) },
        Input::Leaf { leaf: specificity.leaf, unit: unit(Metric::Specificity, specificity) },
    ];
    let target = Target::Leaf { leaf: auc.leaf, unit: unit(Metric::Auc, auc), read_as: ReadAs::Value };
    let stating = |formula, relation| Statement::NoValue { formula, inputs, relation, target, factor: 1.0, step: 0.0 };
    if row.binary_reading {
        let middle = (0.5 * (sens.0 + spec.0), 0.5 * (sens.1 + spec.1));
        if area.1 < middle.0 - 1e-9 || area.0 > middle.1 + 1e-9 {
            let message = format!(
                "a reading of yes or no with sensitivity {} and specificity {} has an AUC of {:.3} to {:.3}, printed is {}",
                sensitivity.text, specificity.text, middle.0, middle.1, auc.text
            );
            sink.finding(
                Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/reading"), leaves, message)
                    .assuming("the reading is yes or no, as stated, and its AUC is the area under its one point")
                    .supposing(retyped(auc, |printed| {
                        let (low, high) = printed.widest();
                        let unit = unit(Metric::Auc, auc);
                        high * unit >= middle.0 && low * unit <= middle.1
                    }))
                    .stating(stating(Formula::Middle, Relation::Equal)),
            );
        } else {
            sink.pass(CODE, leaves, "the AUC of a reading of yes or no is the mean of sensitivity and specificity");
        }
        return;
    }
    let least = sens.0 * spec.0;
    let most = 1.0 - (1.0 - sens.1) * (1.0 - spec.1);
    if area.1 < least - 1e-9 || area.0 > most + 1e-9 {
        let message = format!(
            "a curve through sensitivity {} and specificity {} has an area of {least:.3} to {most:.3}, printed is {}",
            sensitivity.text, specificity.text, auc.text
        );
        let (formula, relation) = if area.1 < least {
            (Formula::LeastArea, Relation::AtLeast)
        } else {
            (Formula::GreatestArea, Relation::AtMost)
        };
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/operating_point"), leaves, message)
                .assuming("the operating point is a cut-off of the same score, in the same sample")
                .stating(stating(formula, relation)),
        );
    } else {
        sink.pass(CODE, leaves, format!("a curve through the operating point has an area of {least:.2} to {most:.2}"));
    }
}
