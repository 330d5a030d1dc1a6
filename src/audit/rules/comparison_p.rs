//! V401: the P-value of a comparison of two AUCs, against the AUCs, their intervals and the sample.

use super::Rule;
use super::other_tests::{explained, is_another};
use super::support::{in_percent, is_plain, level, limits_in_percent, looks_averaged};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, Comparison, Comparisons, Figure, MetricCell, Performance, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::{normal_critical, normal_two_sided};

const CODE: &str = "V401";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "comparison-p",
    checks: "that the P-value of a paired comparison of two AUCs is not larger than the difference and the two printed \
             intervals allow; that difference, standard error and P agree",
    why: "The standard error of a difference is at most the sum of the two, whatever their correlation. Each is read from \
          the wider half of its interval, with rounding, and a factor of 1.5 is left for another method; from an \
          interval as wide as a binomial one on AUC times n, nothing is concluded.",
    example: "AUC 0.92 (0.91 to 0.94) against 0.67 (0.63 to 0.70) with P = 0.019: the intervals imply |z| of 4 or more",
    silent: "when an AUC of the pair is not in the table; below 20 subjects; for an AUC above 0.98, an interval without width \
             or one that may be cut at 0 or 1; for pooled cohorts, whose AUC also compares subjects across \
             cohorts; for small P-values (a high correlation can always give them); for a stated test of another kind (non-inferiority, \
             several readers), and where a one-sided P-value, or one corrected for the comparisons of the table, fits; for means over folds",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Comparison(comparisons) = &section.body else { continue };
        for pair in &comparisons.pairs {
            let cohort = pair.cohort.as_deref().unwrap_or("-");
            let key = format!("{}/{cohort}/{}-{}", section.name, pair.first, pair.second);
            own_pieces(pair, comparisons, &key, sink);
            let Some(p) = &pair.p else { continue };
            let metric = pair.metric.as_deref().or(comparisons.metric.as_deref());
            let test = pair.test.as_deref().or(comparisons.test.as_deref());
            if pair.second_cohort.is_some() {
                sink.not_applicable(CODE, vec![p.leaf], "two samples: the comparison is not paired");
                continue;
            }
            if is_another(pair, comparisons) {
                sink.not_applicable(CODE, vec![p.leaf], "the P-value is of another test, as stated");
                continue;
            }
            let of_auc = match (metric, test) {
                (Some(metric), _) => metric == "auc",
                (None, test) => test == Some("delong"),
            };
            if !of_auc {
                sink.not_applicable(CODE, vec![p.leaf], "not stated to compare AUCs (`metric: auc`)");
                continue;
            }
            let mut found = None;
            for other in &reported.sections {
                if let Body::Performance(table) = &other.body
                    && comparisons.table.as_ref().is_none_or(|name| *name == other.name)
                {
                    let first = auc(table, &pair.first, pair.cohort.as_deref());
                    let second = auc(table, &pair.second, pair.cohort.as_deref());
                    if let (Some(first), Some(second)) = (first, second) {
                        found = found.or(Some((table, first, second)));
                    }
                }
            }
            match found {
                Some((table, first, second))
                    if !reported.assume.averaged && !looks_averaged(&[cohort, &section.name]) =>
                {
                    let n = pair.cohort.as_deref().and_then(|name| reported.cohort(name)).and_then(|c| c.n.as_ref());
                    match n.and_then(Figure::integer) {
                        Some(n) if n >= 20 => against_intervals(table, n, pair, p, [first, second], &key, sink),
                        _ => sink.undecidable(CODE, vec![p.leaf], "20 subjects or more must be printed for the cohort"),
                    }
                }
                Some(_) => sink.not_applicable(CODE, vec![p.leaf], "means over several samples"),
                None => sink.undecidable(CODE, vec![p.leaf], "the two AUCs are not printed for this cohort"),
            }
        }
    }
}

fn auc<'a>(table: &'a Performance, model: &str, cohort: Option<&str>) -> Option<&'a MetricCell> {
    let row = table.rows.iter().find(|row| row.model == model && row.cohort.as_deref() == cohort && !row.averaged)?;
    row.metric(Metric::Auc)
}

/// Lowest and highest value of a plain figure.
fn bounds(figure: &Figure) -> Option<(f64, f64)> {
    figure.number.as_ref().filter(|_| is_plain(figure)).map(|printed| printed.widest())
}

/// The largest standard error that an interval can stand for: the wider half.
fn standard_error(table: &Performance, cell: &MetricCell, unit: f64) -> Option<f64> {
    let (estimate, lower, upper) =
        (bounds(cell.estimate.as_ref()?)?, bounds(cell.lower.as_ref()?)?, bounds(cell.upper.as_ref()?)?);
    let limit_unit = if limits_in_percent(cell, unit < 1.0) { 0.01 } else { 1.0 };
    let level = level(cell.ci_level.as_ref().or(table.ci_level.as_ref()))?;
    // An interval without width, or around 0 or 1, says nothing about the spread of the score.
    let (centre, low, high) =
        (cell.estimate.as_ref()?.value()? * unit, cell.lower.as_ref()?.value()?, cell.upper.as_ref()?.value()?);
    if low >= high || !(0.02..0.98).contains(&centre) {
        return None;
    }
    // A limit cut at 0 or 1 hides how wide the interval was.
    if lower.0 <= 0.0 || upper.1 * limit_unit >= 1.0 {
        return None;
    }
    let side = (estimate.1 * unit - lower.0 * limit_unit).max(upper.1 * limit_unit - estimate.0 * unit);
    Some(side / normal_critical(level))
}

fn against_intervals(
    table: &Performance,
    n: i128,
    pair: &Comparison,
    p: &Figure,
    [first, second]: [&MetricCell; 2],
    key: &str,
    sink: &mut Sink,
) {
    let read = |cell: &MetricCell| -> Option<(f64, f64, f64)> {
        let figure = cell.estimate.as_ref()?;
        let unit = if in_percent(table, Metric::Auc, figure)? { 0.01 } else { 1.0 };
        let (low, high) = bounds(figure)?;
        Some((low * unit, high * unit, unit))
    };
    let leaves_of = |cell: &MetricCell| -> Vec<usize> {
        [&cell.estimate, &cell.lower, &cell.upper].into_iter().flatten().map(|figure| figure.leaf).collect()
    };
    let mut leaves = vec![p.leaf];
    leaves.extend(leaves_of(first));
    leaves.extend(leaves_of(second));
    let (Some(a), Some(b)) = (read(first), read(second)) else {
        sink.undecidable(CODE, leaves, "an AUC cannot be read");
        return;
    };
    let (Some(se_a), Some(se_b)) = (standard_error(table, first, a.2), standard_error(table, second, b.2)) else {
        sink.undecidable(CODE, leaves, "an interval is not printed, has no width or may be cut, so no bound holds");
        return;
    };
    // An exact binomial interval on AUC times n is common, and narrower than DeLong's when the classes are unequal.
    let may_be_binomial = |auc: (f64, f64, f64), error: f64| {
        let at = |a: f64| (a.clamp(0.0, 1.0) * (1.0 - a.clamp(0.0, 1.0)) / n as f64).sqrt();
        error > 0.6 * at(auc.0).min(at(auc.1))
    };
    if may_be_binomial(a, se_a) || may_be_binomial(b, se_b) {
        sink.undecidable(CODE, leaves, "an interval may be by another method than the test (binomial on AUC times n)");
        return;
    }
    let difference = (a.0 - b.1).max(b.0 - a.1).max(0.0);
    let largest = normal_two_sided(difference / (1.5 * (se_a + se_b)));
    let Some(smallest_printed) = p.number.as_ref().map(|printed| printed.widest().0) else { return };
    if smallest_printed > largest {
        let text = |cell: &MetricCell| {
            let part = |figure: &Option<Figure>| figure.as_ref().map_or(String::new(), |f| f.text.clone());
            format!("{} ({} to {})", part(&cell.estimate), part(&cell.lower), part(&cell.upper))
        };
        let message = format!(
            "{} {} against {} {} differ by {difference:.2} or more, which with these intervals gives P of {} at most; \
             printed is {}",
            pair.first,
            text(first),
            pair.second,
            text(second),
            small(largest),
            p.text
        );
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
                .assuming("P-value and intervals are of the same subjects, the intervals of the level stated or 95 %")
                .stating(pair_statement(table, [first, second], [a.2, b.2], p)),
        );
    } else {
        sink.pass(CODE, leaves, "the P-value is not larger than difference and intervals allow");
    }
}

fn pair_statement(table: &Performance, cells: [&MetricCell; 2], units: [f64; 2], p: &Figure) -> Statement {
    let mut inputs = Vec::new();
    let mut critical = 1.96;
    for (cell, unit) in cells.into_iter().zip(units) {
        let limit_unit = if limits_in_percent(cell, unit < 1.0) { 0.01 } else { 1.0 };
        for (figure, unit) in [(&cell.estimate, unit), (&cell.lower, limit_unit), (&cell.upper, limit_unit)] {
            inputs.extend(figure.as_ref().map(|figure| Input::Leaf { leaf: figure.leaf, unit }));
        }
        critical = level(cell.ci_level.as_ref().or(table.ci_level.as_ref())).map_or(critical, normal_critical);
    }
    inputs.push(Input::Constant { value: critical });
    Statement::NoValue {
        formula: Formula::ZOfPair,
        inputs,
        relation: Relation::AtLeast,
        target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
        factor: 1.45,
        step: 0.0,
    }
}

/// |difference / standard error| against another statistic of the comparison.
fn quotient(difference: &Figure, error: &Figure, other: &Figure, read_as: ReadAs, factor: f64, step: f64) -> Statement {
    Statement::NoValue {
        formula: Formula::Quotient,
        inputs: vec![Input::Leaf { leaf: difference.leaf, unit: 1.0 }, Input::Leaf { leaf: error.leaf, unit: 1.0 }],
        relation: Relation::Equal,
        target: Target::Leaf { leaf: other.leaf, unit: 1.0, read_as },
        factor,
        step,
    }
}

fn small(p: f64) -> String {
    if p < 1e-4 { format!("{p:.0e}") } else { format!("{p:.4}") }
}

/// Difference, standard error, z and P of the comparison itself.
fn own_pieces(pair: &Comparison, table: &Comparisons, key: &str, sink: &mut Sink) {
    let (Some(difference), Some(error)) = (&pair.difference, &pair.standard_error) else { return };
    let (Some(d), Some(e)) = (bounds(difference), bounds(error)) else { return };
    let magnitude = (
        if d.0 > 0.0 {
            d.0
        } else if d.1 < 0.0 {
            -d.1
        } else {
            0.0
        },
        d.1.abs().max(d.0.abs()),
    );
    if e.1 <= 0.0 {
        return;
    }
    let z = (magnitude.0 / e.1, if e.0 > 0.0 { magnitude.1 / e.0 } else { f64::INFINITY });
    if let Some((figure, printed)) = pair.z.as_ref().and_then(|figure| Some((figure, bounds(figure)?))) {
        let printed = (
            if printed.0 > 0.0 {
                printed.0
            } else if printed.1 < 0.0 {
                -printed.1
            } else {
                0.0
            },
            printed.1.abs().max(printed.0.abs()),
        );
        let leaves = vec![difference.leaf, error.leaf, figure.leaf];
        if printed.0 > z.1 + 1e-9 || printed.1 < z.0 - 1e-9 {
            let message = format!(
                "difference {} and standard error {} give |z| of {:.2} to {:.2}, printed is {}",
                difference.text, error.text, z.0, z.1, figure.text
            );
            sink.finding(
                Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/z"), leaves, message).stating(quotient(
                    difference,
                    error,
                    figure,
                    ReadAs::Magnitude,
                    1.0,
                    0.0,
                )),
            );
        } else {
            sink.pass(CODE, leaves, "z is difference over standard error");
        }
    }
    let Some(p) = &pair.p else { return };
    let Some((low, high)) = p.number.as_ref().map(|printed| printed.widest()) else { return };
    let leaves = vec![difference.leaf, error.leaf, p.leaf];
    // A t instead of a normal distribution makes P larger; a quarter of z is left for that.
    let (least, most) = (normal_two_sided(z.1 * 1.1 + 0.1), normal_two_sided((z.0 * 0.75 - 0.1).max(0.0)));
    let differs = high < least || low > most;
    if differs && is_another(pair, table) {
        sink.not_applicable(CODE, leaves, "the P-value is of another test, as stated");
    } else if let Some(says) = explained(p, z, pair, table).filter(|_| differs) {
        sink.undecidable(CODE, leaves, says);
    } else if differs {
        let message = format!(
            "difference {} and standard error {} give P of {} to {}, printed is {}",
            difference.text,
            error.text,
            small(normal_two_sided(z.1)),
            small(normal_two_sided(z.0)),
            p.text
        );
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/p"), leaves, message)
                .assuming("a two-sided test of the difference by its standard error")
                .stating(quotient(difference, error, p, ReadAs::ZOfP, 1.05, 0.05)),
        );
    } else {
        sink.pass(CODE, leaves, "the P-value is that of difference and standard error");
    }
}
