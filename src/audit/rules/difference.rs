//! V402: a printed difference of two figures of a table, its interval and its P-value.

use super::Rule;
use super::other_tests::{explained, is_another};
use super::retyping::retyped;
use super::support::{in_percent, level, magnitude, span, z_span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, Comparison, Comparisons, Figure, Performance, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::normal_critical;

const CODE: &str = "V402";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "difference",
    checks: "that a printed difference is that of the two figures in the table, and that its interval and its P-value are of \
             one analysis",
    why: "A difference follows from two figures up to their rounding. A symmetric interval implies a standard error, and \
          with the difference a P-value.",
    example: "AUC 0.84 and 0.79, difference 0.08",
    silent: "when a figure is not in a table; when the interval is not symmetric about the difference (bootstrap); margins of \
             a tenth and a quarter of z cover t and likelihood; for a stated test of another kind, and where a one-sided P-value, or \
             one corrected for the comparisons of the table, fits",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Comparison(comparisons) = &section.body else { continue };
        for (index, pair) in comparisons.pairs.iter().enumerate() {
            let Some(difference) = &pair.difference else { continue };
            let key = format!("{}/{index}/{}-{}", section.name, pair.first, pair.second);
            against_table(reported, comparisons, pair, difference, &key, sink);
            against_interval(pair, comparisons, difference, &key, sink);
        }
    }
}

fn estimate<'a>(
    table: &'a Performance,
    metric: &str,
    model: &str,
    cohort: Option<&str>,
) -> Option<(&'a Figure, Metric)> {
    let row = table.rows.iter().find(|row| row.model == model && row.cohort.as_deref() == cohort)?;
    let cell = row.metrics.iter().find(|cell| cell.key == metric || cell.metric.key() == metric)?;
    Some((cell.estimate.as_ref()?, cell.metric))
}

fn against_table(
    reported: &Reported,
    comparisons: &Comparisons,
    pair: &Comparison,
    difference: &Figure,
    key: &str,
    sink: &mut Sink,
) {
    let metric = pair.metric.as_deref().or(comparisons.metric.as_deref()).unwrap_or("auc");
    let second_cohort = pair.second_cohort.as_deref().or(pair.cohort.as_deref());
    // A model may stand in several tables (apparent, corrected): one of them must agree.
    let mut found = Vec::new();
    for other in &reported.sections {
        let Body::Performance(table) = &other.body else { continue };
        if comparisons.table.as_ref().is_some_and(|name| *name != other.name) {
            continue;
        }
        let first = estimate(table, metric, &pair.first, pair.cohort.as_deref());
        let second = estimate(table, metric, &pair.second, second_cohort);
        found.extend(first.zip(second).map(|(first, second)| (table, first, second)));
    }
    if found.is_empty() {
        sink.undecidable(CODE, vec![difference.leaf], "the two figures are not in a table");
        return;
    }
    let alone = found.len() == 1;
    for (table, first, second) in found {
        match one_table(table, first, second, difference, metric, key) {
            Some(Ok(leaves)) => {
                sink.pass(CODE, leaves, "the difference is that of the table");
                return;
            }
            Some(Err(finding)) if alone => sink.finding(finding),
            _ => {}
        }
    }
    if !alone {
        sink.undecidable(CODE, vec![difference.leaf], "several tables have the two figures, and none this difference");
    }
}

/// The leaves where the difference is that of the table, or what is found.
fn one_table(
    table: &Performance,
    (first, kind): (&Figure, Metric),
    (second, _): (&Figure, Metric),
    difference: &Figure,
    metric: &str,
    key: &str,
) -> Option<Result<Vec<usize>, Finding>> {
    let leaves = vec![first.leaf, second.leaf, difference.leaf];
    let unit = |figure: &Figure| in_percent(table, kind, figure).map(|percent| if percent { 0.01 } else { 1.0 });
    let (unit_first, unit_second) = (unit(first)?, unit(second)?);
    let (a, b, printed) = (span(first, unit_first)?, span(second, unit_second)?, span(difference, 1.0)?);
    let expected = magnitude((a.0 - b.1, a.1 - b.0));
    let printed = magnitude(printed);
    // A difference of proportions may be printed in percentage points, and one of percents as a proportion.
    let fits = |by: f64| printed.1 * by >= expected.0 - 1e-9 && printed.0 * by <= expected.1 + 1e-9;
    if fits(1.0) || fits(0.01) {
        return Some(Ok(leaves));
    }
    let unit = if printed.0 > 1.0 || unit_first < 1.0 { 0.01 } else { 1.0 };
    let message = format!(
        "{metric} {} and {} differ by {:.4} to {:.4}, printed is {}",
        first.text,
        second.text,
        expected.0 / unit,
        expected.1 / unit,
        difference.text
    );
    Some(Err(Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/table"), leaves, message)
        .assuming("the difference is of these two figures, in these subjects, without adjustment")
        .supposing(retyped(difference, |other| {
            let (low, high) = magnitude(other.widest());
            high * unit >= expected.0 && low * unit <= expected.1
        }))
        .stating(Statement::NoValue {
            formula: Formula::Distance,
            inputs: vec![
                Input::Leaf { leaf: first.leaf, unit: unit_first },
                Input::Leaf { leaf: second.leaf, unit: unit_second },
            ],
            relation: Relation::Equal,
            target: Target::Leaf { leaf: difference.leaf, unit, read_as: ReadAs::Magnitude },
            factor: 1.0,
            step: 0.0,
        })))
}

fn against_interval(pair: &Comparison, table: &Comparisons, difference: &Figure, key: &str, sink: &mut Sink) {
    let (Some(lower), Some(upper), Some(p)) = (&pair.lower, &pair.upper, &pair.p) else { return };
    let leaves = vec![difference.leaf, lower.leaf, upper.leaf, p.leaf];
    let (Some(d), Some(low), Some(high), Some(z)) =
        (span(difference, 1.0), span(lower, 1.0), span(upper, 1.0), z_span(p))
    else {
        return;
    };
    // The difference may be printed without its sign, and the interval with it.
    let centre = (0.5 * (low.0 + high.0), 0.5 * (low.1 + high.1));
    let same = |d: (f64, f64)| d.1 >= centre.0 - 0.05 * (high.1 - low.0) && d.0 <= centre.1 + 0.05 * (high.1 - low.0);
    if !same(d) && !same((-d.1, -d.0)) {
        sink.undecidable(CODE, leaves, "the interval is not symmetric about the difference, so it implies no P-value");
        return;
    }
    let critical = level(None).map_or(1.96, normal_critical);
    let error = ((high.0 - low.1) / (2.0 * critical), (high.1 - low.0) / (2.0 * critical));
    if error.0 <= 0.0 {
        sink.undecidable(CODE, leaves, "the interval is too narrow for its digits");
        return;
    }
    let size = magnitude(d);
    let implied = (size.0 / error.1, size.1 / error.0);
    let differs = z.0 > implied.1 * 1.25 + 0.3 || z.1 < implied.0 / 1.25 - 0.3;
    if differs && is_another(pair, table) {
        sink.not_applicable(CODE, leaves, "the P-value is of another test, as stated");
    } else if let Some(says) = explained(p, implied, pair, table).filter(|_| differs) {
        sink.undecidable(CODE, leaves, says);
    } else if differs {
        let message = format!(
            "the difference {} ({} to {}) implies |z| of {:.2} to {:.2}, P {} stands for {:.2} or {}",
            difference.text,
            lower.text,
            upper.text,
            implied.0,
            implied.1,
            p.text,
            z.0,
            if z.1.is_finite() { format!("{:.2} at most", z.1) } else { "more".to_string() }
        );
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/p"), leaves, message)
                .assuming("interval (95 %) and P-value are of the same two-sided analysis")
                .stating(Statement::NoValue {
                    formula: Formula::ZOfDifference,
                    inputs: vec![
                        Input::Leaf { leaf: difference.leaf, unit: 1.0 },
                        Input::Leaf { leaf: lower.leaf, unit: 1.0 },
                        Input::Leaf { leaf: upper.leaf, unit: 1.0 },
                        Input::Constant { value: critical },
                    ],
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                    factor: 1.2,
                    step: 0.2,
                }),
        );
    } else {
        sink.pass(CODE, leaves, "interval and P-value can be of one analysis");
    }
}
