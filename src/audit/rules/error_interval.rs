//! V207: a printed standard error, against the interval beside it.

use super::Rule;
use super::support::{in_percent, level, limits_in_percent, looks_averaged, looks_corrected, magnitude, row_n, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, CiMethod, Figure, MetricCell, Performance, PerformanceRow, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::{beta_quantile, normal_critical};

const CODE: &str = "V207";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "error-and-interval",
    checks: "that the interval of an AUC, of a C-index or of a difference has the width that the standard error printed beside \
             it gives: that width with Wald or DeLong stated, and between half and twice of it otherwise",
    why: "A Wald or DeLong interval is the estimate plus and minus 1.96 standard errors. Intervals by resampling or with t are near \
          it. Limits on the logit scale, and exact binomial limits on AUC times n, both of which some programs print beside \
          DeLong's standard error, are computed and allowed unless Wald is stated.",
    example: "AUC 0.85, SE 0.10, 95% CI 0.83 to 0.87",
    silent: "for limits cut at 0 or 1; for means over folds and corrected estimates; for an AUC above 0.95; for an AUC whose n is not printed, unless the method \
             is stated; where the printed standard error is of one or two units in its last place",
    strongest: Verdict::Inconsistent,
    run,
};

/// Half and twice, a little wider: t with three degrees of freedom is 1.6 times the normal.
const APART: f64 = 2.2;
/// With z of 2 instead of 1.96, and rounding inside a program.
const STATED: f64 = 1.05;

/// A standard error and an interval on one scale.
struct Pair<'a> {
    estimate: &'a Figure,
    error: &'a Figure,
    lower: &'a Figure,
    upper: &'a Figure,
    units: [f64; 2],
    critical: f64,
    /// The method is stated, and its width follows from the standard error.
    stated: bool,
    /// Widths that programs print beside the standard error of a method that is not Wald's.
    others: Vec<(f64, f64)>,
}

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        match &section.body {
            Body::Performance(table) => {
                for row in &table.rows {
                    let cohort = row.cohort.as_deref().unwrap_or("-");
                    let names = [cohort, &row.model, &section.name, section.label.as_deref().unwrap_or_default()];
                    if row.averaged || reported.assume.averaged || looks_averaged(&names) || looks_corrected(&names) {
                        continue;
                    }
                    for cell in row.metrics.iter().filter(|c| matches!(c.metric, Metric::Auc | Metric::Concordance)) {
                        let key = format!("{}/{}/{cohort}/{}", section.name, row.model, cell.key);
                        of_area(reported, table, row, cell, &key, sink);
                    }
                }
            }
            Body::Comparison(table) => {
                for (index, pair) in table.pairs.iter().enumerate() {
                    let (Some(estimate), Some(error), Some(lower), Some(upper)) =
                        (&pair.difference, &pair.standard_error, &pair.lower, &pair.upper)
                    else {
                        continue;
                    };
                    let key = format!("{}/{index}/{}-{}/se", section.name, pair.first, pair.second);
                    let stated = table.ci_method == Some(CiMethod::Wald);
                    let critical = normal_critical(0.95);
                    let units = [1.0; 2];
                    let pair = Pair { estimate, error, lower, upper, units, critical, stated, others: Vec::new() };
                    judge(&pair, &key, sink);
                }
            }
            _ => {}
        }
    }
}

fn of_area(
    reported: &Reported,
    table: &Performance,
    row: &PerformanceRow,
    cell: &MetricCell,
    key: &str,
    sink: &mut Sink,
) {
    let (Some(estimate), Some(error), Some(lower), Some(upper)) =
        (&cell.estimate, &cell.standard_error, &cell.lower, &cell.upper)
    else {
        return;
    };
    let leaves = vec![estimate.leaf, error.leaf, lower.leaf, upper.leaf];
    let level = level(cell.ci_level.as_ref().or(table.ci_level.as_ref()));
    let (Some(percent), Some(level)) = (in_percent(table, cell.metric, estimate), level) else {
        sink.undecidable(CODE, leaves, "the scale or the level cannot be read");
        return;
    };
    let unit = if percent { 0.01 } else { 1.0 };
    let limit_unit = if limits_in_percent(cell, percent) { 0.01 } else { 1.0 };
    let method = table.method(cell).or(reported.assume.ci_method);
    let stated = matches!(method, Some(CiMethod::Wald | CiMethod::DeLong | CiMethod::HanleyMcNeil));
    let centre = estimate.value().unwrap_or(1.0) * unit;
    let cut =
        [lower, upper].iter().any(|limit| span(limit, limit_unit).is_none_or(|(low, high)| low <= 0.0 || high >= 1.0));
    let n = row_n(reported, row).and_then(Figure::integer).filter(|&n| n >= 10);
    if cut || centre > 0.95 || (!stated && n.is_none()) {
        sink.undecidable(CODE, leaves, "limits may be cut, or exact binomial ones of a number that is not printed");
        return;
    }
    let critical = normal_critical(level);
    // The standard error of a percent may be printed as a proportion; then it is far too small to be misread.
    let error_unit = if percent && error.value().is_some_and(|value| value < 0.2) { 1.0 } else { unit };
    let mut others = Vec::new();
    if method != Some(CiMethod::Wald) {
        others.extend(n.map(|n| exact_width(centre, n as f64, level)));
        others.extend(span(error, error_unit).and_then(|error| logit_width(centre, magnitude(error), critical)));
    }
    let units = [error_unit, limit_unit];
    judge(&Pair { estimate, error, lower, upper, units, critical, stated, others }, key, sink);
}

/// The width of the exact binomial limits on AUC times n, a quarter to either side: programs round that number.
fn exact_width(auc: f64, n: f64, level: f64) -> (f64, f64) {
    let (k, alpha) = (auc * n, 0.5 * (1.0 - level));
    let lower = beta_quantile(alpha, k.max(1e-9), n - k + 1.0);
    let upper = beta_quantile(1.0 - alpha, k + 1.0, (n - k).max(1e-9));
    (0.8 * (upper - lower), 1.25 * (upper - lower))
}

/// The width of the limits on the logit scale, over what rounds to the standard error.
fn logit_width(auc: f64, error: (f64, f64), critical: f64) -> Option<(f64, f64)> {
    let width = |error: f64| {
        let (centre, half) = ((auc / (1.0 - auc)).ln(), critical * error / (auc * (1.0 - auc)));
        let back = |logit: f64| 1.0 / (1.0 + (-logit).exp());
        back(centre + half) - back(centre - half)
    };
    (auc > 0.0 && auc < 1.0).then(|| (width(error.0) / STATED, width(error.1) * STATED))
}

fn judge(pair: &Pair<'_>, key: &str, sink: &mut Sink) {
    let Pair { estimate, error, lower, upper, units: [error_unit, limit_unit], critical, stated, ref others } = *pair;
    let leaves = vec![estimate.leaf, error.leaf, lower.leaf, upper.leaf];
    let (Some(se), Some(low), Some(high)) = (span(error, error_unit), span(lower, limit_unit), span(upper, limit_unit))
    else {
        return;
    };
    let se = magnitude(se);
    let width = (high.0 - low.1, high.1 - low.0);
    if se.0 <= 0.0 || se.1 > 3.0 * se.0 || width.0 <= 0.0 || high.0 <= low.1 {
        sink.undecidable(CODE, leaves, "too few digits to compare");
        return;
    }
    let implied = (width.0 / (2.0 * critical), width.1 / (2.0 * critical));
    let margin = if stated { STATED } else { APART };
    let fits = implied.1 * margin >= se.0 && implied.0 <= se.1 * margin;
    if fits || others.iter().any(|other| width.1 >= other.0 && width.0 <= other.1) {
        sink.pass(CODE, leaves, "the interval can be of this standard error");
        return;
    }
    let message = format!(
        "the interval {} to {} is that of a standard error of {:.4} to {:.4}, printed is {}",
        lower.text,
        upper.text,
        implied.0 / error_unit,
        implied.1 / error_unit,
        error.text
    );
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
            .assuming("standard error and interval (95 %, or of the stated level) are of one estimate")
            .stating(Statement::NoValue {
                formula: Formula::ErrorOfWidth,
                inputs: vec![
                    Input::Leaf { leaf: lower.leaf, unit: limit_unit },
                    Input::Leaf { leaf: upper.leaf, unit: limit_unit },
                    Input::Constant { value: critical },
                ],
                relation: Relation::Equal,
                target: Target::Leaf { leaf: error.leaf, unit: error_unit, read_as: ReadAs::Magnitude },
                factor: margin.min(2.0),
                step: 0.0,
            }),
    );
}
