//! V303: the interval of a C-index, or of an AUC by a time, against its number of subjects.

use super::Rule;
use super::auc_interval::binary_reading;
use super::proportion_interval::NARROW;
use super::support::{
    cohort_of, in_percent, is_plain, level, limits_in_percent, looks_averaged, looks_corrected, span,
};
use crate::audit::finding::{Finding, RangeFigure, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, MetricCell, Performance, PerformanceRow, Reported};
use crate::audit::statement::{PrintedInterval, Statement};
use crate::stats::distribution::normal_critical;

const CODE: &str = "V303";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "concordance-interval",
    checks: "that the interval of a C-index, or of an AUC by a time, is not far narrower than that of the least variable \
             yes-or-no reading of as many subjects, all of them with a known outcome",
    why: "Censoring and few events only widen the interval. No exact bound is known, so that this is a question: which number \
          of subjects, or of what, is the interval?",
    example: "C-index 0.736 (0.730 to 0.742) in 326 patients",
    silent: "for indices above 0.97 or below 0.55; below 20 subjects; for means over folds and corrected indices, as stated or by their names; \
             without a number of subjects; for the area under a precision-recall curve",
    strongest: Verdict::Implausible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        for row in &table.rows {
            let cohort = row.cohort.as_deref().unwrap_or("-");
            let names = [cohort, &row.model, &section.name, section.label.as_deref().unwrap_or_default()];
            let averaged =
                row.averaged || reported.assume.averaged || looks_averaged(&names) || looks_corrected(&names);
            let cells = row.metrics.iter().filter(|cell| cell.metric == Metric::Concordance);
            for cell in cells.filter(|cell| !averaged && !cell.key.starts_with("auprc")) {
                let key = format!("{}/{}/{cohort}/{}", section.name, row.model, cell.key);
                examine(reported, table, row, cell, &key, sink);
            }
        }
    }
}

fn examine(
    reported: &Reported,
    table: &Performance,
    row: &PerformanceRow,
    cell: &MetricCell,
    key: &str,
    sink: &mut Sink,
) {
    let (Some(estimate), Some(lower), Some(upper)) = (&cell.estimate, &cell.lower, &cell.upper) else { return };
    let mut leaves = vec![estimate.leaf, lower.leaf, upper.leaf];
    let size = row.n.as_ref().or_else(|| cohort_of(reported, row)?.n.as_ref());
    let Some((n, size)) = size.and_then(|figure| Some((figure.integer().filter(|&n| n >= 20)?, figure))) else {
        sink.undecidable(CODE, leaves, "the number of subjects is not printed, or too small");
        return;
    };
    leaves.push(size.leaf);
    let percent = in_percent(table, cell.metric, estimate);
    let level = level(cell.ci_level.as_ref().or(table.ci_level.as_ref()));
    let (Some(percent), Some(level), true) = (percent, level, [estimate, lower, upper].into_iter().all(is_plain))
    else {
        sink.undecidable(CODE, leaves, "the interval or its scale cannot be read");
        return;
    };
    let unit = if percent { 0.01 } else { 1.0 };
    let limit_unit = if limits_in_percent(cell, percent) { 0.01 } else { 1.0 };
    let (Some(index), Some(low), Some(high)) = (span(estimate, unit), span(lower, limit_unit), span(upper, limit_unit))
    else {
        return;
    };
    let centre = estimate.value().unwrap_or(0.0) * unit;
    if !(0.55..0.97).contains(&centre) {
        sink.undecidable(CODE, leaves, "near 0.5 or 1 an interval can be of any width");
        return;
    }
    let half = normal_critical(level) * binary_reading(index, n as f64 - 1.0).sqrt();
    let side = (index.1 - low.0).max(high.1 - index.0);
    if side >= NARROW * half {
        sink.pass(CODE, leaves, format!("not far narrower than {n} subjects give"));
        return;
    }
    let (feasible_lower, feasible_upper) = ((centre - half).max(0.0), (centre + half).min(1.0));
    let message = format!(
        "{} {} ({} to {}): with {n} subjects even a yes-or-no reading gives about {feasible_lower:.3} to {feasible_upper:.3}",
        cell.key, estimate.text, lower.text, upper.text
    );
    let mut finding = Finding::new(CODE, Verdict::Implausible, key, leaves, message)
        .assuming("the interval is a 95 % interval (or of the stated level) of the index in these subjects")
        .stating(Statement::NarrowAuc {
            interval: PrintedInterval {
                estimate: estimate.leaf,
                lower: lower.leaf,
                upper: upper.leaf,
                unit,
                limit_unit,
                level,
            },
            positive: None,
            negative: None,
            n: Some(size.leaf),
            binary: true,
            ties: !reported.assume.no_ties,
        });
    let value = |figure: &crate::audit::reported::Figure| figure.value().unwrap_or(0.0) * limit_unit;
    finding.figures.push(RangeFigure {
        title: key.to_string(),
        printed_lower: value(lower),
        printed_upper: value(upper),
        estimate: centre,
        feasible_lower,
        feasible_upper,
    });
    sink.finding(finding);
}
