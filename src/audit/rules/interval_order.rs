//! V202: an interval is a lower limit, then an estimate, then an upper limit, within the range of its kind.

use super::Rule;
use super::support::{in_percent, is_averaged, is_plain, limits_in_percent, looks_corrected, ratio_key, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, CiMethod, Figure, MetricCell, Performance, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V202";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "interval-order",
    checks: "that a lower limit is not above its upper limit, that the estimate of an AUC, of a share of subjects, of an \
             odds or hazard ratio, of a survival rate, of a survival model's C-index or O/E lies between them, and that an AUC is at most 1, a \
             percent at most 100, O/E not negative, and that a limit beyond 0 or 1 is as far from its estimate as the other",
    why: "Wald, Wilson, exact, DeLong, likelihood and bootstrap intervals of these contain the estimate. The comparison \
          allows for rounding of both numbers.",
    example: "HR 1.25 (95% CI 1.31 to 1.60)",
    silent: "for limits beyond 0 or 1 that are even about their estimate (a Wald interval that was not cut); for means over folds or repeats and estimates corrected for optimism, by their name; for other \
             metrics, whose estimate may be corrected for optimism and its interval not; when a limit is no number",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        match &section.body {
            Body::Performance(table) => {
                for row in &table.rows {
                    for cell in &row.metrics {
                        let cohort = row.cohort.as_deref().unwrap_or("-");
                        let key = format!("{}/{}/{cohort}/{}", section.name, row.model, cell.key);
                        if let Some(estimate) = &cell.estimate {
                            range(table, &key, cell, estimate, sink);
                        }
                        let corrected = looks_corrected(&[
                            cohort,
                            &row.model,
                            &section.name,
                            section.label.as_deref().unwrap_or_default(),
                        ]);
                        let averaged = is_averaged(reported, row) || corrected;
                        let stated = table.method(cell).or(reported.assume.ci_method);
                        let verdict = match cell.metric {
                            _ if averaged => None,
                            Metric::Auc if stated == Some(CiMethod::DeLong) => Some(Verdict::Inconsistent),
                            Metric::Auc => Some(Verdict::Implausible),
                            metric if metric.is_share() => Some(Verdict::Inconsistent),
                            _ if table.survival.is_some() => of_survival(cell, stated),
                            _ => None,
                        };
                        if !averaged {
                            uneven_beyond(table, &key, cell, sink);
                        }
                        // Estimate and limits may be printed on two scales.
                        let percent = cell.estimate.as_ref().and_then(|figure| in_percent(table, cell.metric, figure));
                        let rescale = match percent.filter(|_| cell.metric.is_proportion()) {
                            Some(true) if !limits_in_percent(cell, true) => 0.01,
                            Some(false) if limits_in_percent(cell, false) => 100.0,
                            _ => 1.0,
                        };
                        interval(&key, &cell.estimate, &cell.lower, &cell.upper, (verdict, rescale), sink);
                    }
                }
            }
            Body::Regression(table) => {
                for term in &table.terms {
                    let key = format!("{}/{}", section.name, term.id);
                    // An interval that holds the coefficient may be the coefficient's.
                    let of_beta = [&term.beta, &term.lower, &term.upper].map(|f| f.as_ref().and_then(Figure::value));
                    let of_beta = matches!(of_beta, [Some(beta), Some(low), Some(high)] if low <= beta && beta <= high);
                    let estimate = if of_beta { &None } else { &term.ratio };
                    interval(&key, estimate, &term.lower, &term.upper, (Some(Verdict::Inconsistent), 1.0), sink);
                }
            }
            Body::Comparison(table) => {
                for pair in &table.pairs {
                    let key = format!("{}/{}-{}", section.name, pair.first, pair.second);
                    interval(&key, &pair.difference, &pair.lower, &pair.upper, (None, 1.0), sink);
                }
            }
            Body::Survival(table) => {
                for group in &table.groups {
                    let key = format!("{}/{}", section.name, group.name);
                    let verdict = Some(Verdict::Inconsistent);
                    interval(&key, &group.median, &group.median_lower, &group.median_upper, (verdict, 1.0), sink);
                }
                let verdict = Some(Verdict::Inconsistent);
                for group in &table.groups {
                    for (index, rate) in group.rates.iter().enumerate() {
                        let key = format!("{}/{}/rates/{index}", section.name, group.name);
                        interval(&key, &Some(rate.estimate.clone()), &rate.lower, &rate.upper, (verdict, 1.0), sink);
                    }
                }
                for ratio in &table.ratios {
                    let key = ratio_key(&section.name, ratio, table.ratios.len(), "hr");
                    interval(&key, &ratio.value, &ratio.lower, &ratio.upper, (verdict, 1.0), sink);
                }
            }
            _ => {}
        }
    }
}

/// A Wald interval contains its estimate. By another method, those of a C-index and of O/E do as a rule; resampled ones of
/// a distance from a calibration curve often do not.
fn of_survival(cell: &MetricCell, stated: Option<CiMethod>) -> Option<Verdict> {
    match stated {
        Some(CiMethod::Wald | CiMethod::WaldLog) => Some(Verdict::Inconsistent),
        _ => matches!(cell.metric, Metric::Concordance | Metric::PositiveRatio).then_some(Verdict::Implausible),
    }
}

fn range(table: &Performance, key: &str, cell: &MetricCell, estimate: &Figure, sink: &mut Sink) {
    let metric = cell.metric;
    let Some(printed) = estimate.number.as_ref().filter(|_| is_plain(estimate)) else { return };
    let value = printed.value();
    if is_misplaced(table, cell, value) {
        let message = format!("{} beside others of the same name that are all at most 1", estimate.text);
        let statement = Statement::OutOfRange { leaf: estimate.leaf, low: 0.0, high: 1.0 };
        sink.finding(
            Finding::new(CODE, Verdict::Implausible, &format!("{key}/range"), vec![estimate.leaf], message)
                .assuming("the metric is printed on one scale")
                .stating(statement),
        );
        return;
    }
    // In a table of percents, 1.4 is a very small AUC.
    let others = table.rows.iter().flat_map(|row| &row.metrics).filter(|cell| cell.metric == metric);
    let others: Vec<f64> = others.filter_map(|cell| cell.estimate.as_ref()?.value()).filter(|&v| v != value).collect();
    let proportions = !others.is_empty() && others.iter().all(|&other| other <= 1.0);
    let one = proportions && matches!(metric, Metric::Auc | Metric::Concordance);
    let (low, high) = match metric {
        metric if metric.is_proportion() && one && !printed.percent_sign && value > 1.0 && value < 1.5 => (0.0, 1.0),
        metric if metric.is_proportion() => (0.0, 100.0),
        Metric::PositiveLikelihoodRatio
        | Metric::NegativeLikelihoodRatio
        | Metric::DiagnosticOddsRatio
        | Metric::PositiveRatio => (0.0, f64::INFINITY),
        Metric::Kappa | Metric::Matthews | Metric::YoudenIndex => (-100.0, 100.0),
        _ => return,
    };
    if value < low || value > high {
        let message = format!("{} is outside {low} to {high}", estimate.text);
        let statement = Statement::OutOfRange { leaf: estimate.leaf, low, high: high.min(1e300) };
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, &format!("{key}/range"), vec![estimate.leaf], message)
                .stating(statement),
        );
    } else {
        sink.pass(CODE, vec![estimate.leaf], "within its range");
    }
}

/// An index or a Brier score above 1 in a column of proportions, and too small for a percent.
fn is_misplaced(table: &Performance, cell: &MetricCell, value: f64) -> bool {
    // Errors of calibration (ICI, E50) and scaled Brier scores are printed in percent beside proportions, a Brier score is not.
    let brier = cell.metric == Metric::UnitInterval && cell.key.contains("brier") && !cell.key.contains("scaled");
    let index = brier || matches!(cell.metric, Metric::Auc | Metric::Concordance);
    let percent = if cell.metric == Metric::UnitInterval { 100.0 } else { 25.0 };
    let stated = cell.scale.is_some() || table.scale.is_some();
    if !index || stated || !(1.5..percent).contains(&value) {
        return false;
    }
    let Some(own) = cell.estimate.as_ref() else { return false };
    // What a proportion of this metric is as a rule, and a percent hardly ever: an AUC of nothing is 0.0 in both.
    let usual = if brier { 0.02..=0.35 } else { 0.3..=1.0 };
    let unsigned = |figure: &Figure| figure.number.as_ref().filter(|printed| !printed.percent_sign).map(|p| p.value());
    let figures = table.rows.iter().flat_map(|row| &row.metrics).filter(|other| other.key == cell.key);
    let others: Vec<&Figure> =
        figures.filter_map(|other| other.estimate.as_ref()).filter(|figure| figure.leaf != own.leaf).collect();
    let beside_proportions =
        !others.is_empty() && others.iter().all(|other| unsigned(other).is_some_and(|value| usual.contains(&value)));
    // Limits in percent are those of a percent.
    let mut limits = [&cell.lower, &cell.upper].into_iter().flatten();
    unsigned(own).is_some()
        && beside_proportions
        && limits.all(|limit| unsigned(limit).is_some_and(|value| value <= 1.0))
}

/// Limits of an index that lie farther beyond its range than this are no rounding, nor an estimate that was corrected.
const FAR: f64 = 1.2;

/// Only an interval that is even about its estimate (Wald, DeLong, t) has a limit beyond 0 or 1.
fn uneven_beyond(table: &Performance, key: &str, cell: &MetricCell, sink: &mut Sink) {
    let (Some(estimate), Some(lower), Some(upper)) = (&cell.estimate, &cell.lower, &cell.upper) else { return };
    let index = matches!(cell.metric, Metric::Auc | Metric::Concordance);
    if !index && !cell.metric.is_share() {
        return;
    }
    let percent = in_percent(table, cell.metric, estimate);
    let Some(percent) = percent.filter(|&percent| limits_in_percent(cell, percent) == percent) else { return };
    // Where "0.8 (0.3 to 1.9)" may be percents of something rare, nothing is said.
    let common = [Metric::Accuracy, Metric::Sensitivity, Metric::Specificity, Metric::NegativePredictiveValue];
    let half = |figure: &Figure| figure.value().is_some_and(|value| value >= 0.5);
    if !percent && !((index || common.contains(&cell.metric)) && half(estimate) && half(lower)) {
        return;
    }
    let (Some(centre), Some(low), Some(high)) = (span(estimate, 1.0), span(lower, 1.0), span(upper, 1.0)) else {
        return;
    };
    let most = if percent { 100.0 } else { 1.0 };
    let (least, most) = if index { (most * (1.0 - FAR), most * FAR) } else { (0.0, most) };
    let beyond = centre.1 <= most && (high.0 > most || low.1 < least);
    let uneven = low.0 + high.0 > 2.0 * centre.1 + 1e-9 || low.1 + high.1 < 2.0 * centre.0 - 1e-9;
    if !beyond || !uneven {
        return;
    }
    let message = format!(
        "{} to {} passes the range of its metric, as only an interval even about its estimate can; the estimate is {}",
        lower.text, upper.text, estimate.text
    );
    let inputs = [lower, upper].map(|figure| Input::Leaf { leaf: figure.leaf, unit: 1.0 }).to_vec();
    let leaves = vec![estimate.leaf, lower.leaf, upper.leaf];
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/beyond"), leaves, message)
            .assuming("the interval is of this estimate, in this sample")
            .stating(Statement::NoValue {
                formula: Formula::Middle,
                inputs,
                relation: Relation::Equal,
                target: Target::Leaf { leaf: estimate.leaf, unit: 1.0, read_as: ReadAs::Value },
                factor: 1.0,
                step: 0.0,
            }),
    );
}

fn interval(
    key: &str,
    estimate: &Option<Figure>,
    lower: &Option<Figure>,
    upper: &Option<Figure>,
    (outside, unit): (Option<Verdict>, f64),
    sink: &mut Sink,
) {
    let (Some(lower), Some(upper)) = (lower, upper) else { return };
    let (Some(low), Some(high)) = (lower.number.as_ref(), upper.number.as_ref()) else { return };
    if !is_plain(lower) || !is_plain(upper) {
        return;
    }
    if low.widest().0 > high.widest().1 {
        let message = format!("the lower limit {} is above the upper limit {}", lower.text, upper.text);
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, key, vec![lower.leaf, upper.leaf], message)
                .stating(Statement::Order { low: lower.leaf, high: upper.leaf }),
        );
        return;
    }
    let (Some(estimate), Some(verdict)) = (estimate, outside) else {
        sink.pass(CODE, vec![lower.leaf, upper.leaf], "the limits are in order");
        return;
    };
    let Some(centre) = estimate.number.as_ref().filter(|_| is_plain(estimate)) else { return };
    let leaves = vec![estimate.leaf, lower.leaf, upper.leaf];
    let (centre_low, centre_high) = (centre.widest().0 * unit, centre.widest().1 * unit);
    let (below, above) = (centre_high < low.widest().0, centre_low > high.widest().1);
    if below || above {
        let message = format!("{} lies outside its interval {} to {}", estimate.text, lower.text, upper.text);
        let mut finding = Finding::new(CODE, verdict, key, leaves, message)
            .assuming("the interval is of this estimate, in this sample");
        if unit == 1.0 {
            let (low, high) = if below { (lower.leaf, estimate.leaf) } else { (estimate.leaf, upper.leaf) };
            finding = finding.stating(Statement::Order { low, high });
        }
        sink.finding(finding);
    } else {
        sink.pass(CODE, leaves, "the estimate lies between the limits");
    }
}
