//! V202: an interval is a lower limit, then an estimate, then an upper limit, within the range of its kind.

use super::Rule;
use super::support::{in_percent, is_plain, limits_in_percent, looks_corrected, ratio_key};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, CiMethod, Figure, MetricCell, Performance, Reported};
use crate::audit::statement::Statement;

const CODE: &str = "V202";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "interval-order",
    checks: "that a lower limit is not above its upper limit, that the estimate of an AUC, of a share of subjects, of an \
             odds or hazard ratio, of a survival rate, of a survival model's C-index or O/E lies between them, and that an AUC is at most 1, a \
             percent at most 100, O/E not negative",
    why: "Wald, Wilson, exact, DeLong, likelihood and bootstrap intervals of these contain the estimate. The comparison \
          allows for rounding of both numbers.",
    example: "HR 1.25 (95% CI 1.31 to 1.60)",
    silent: "for limits beyond 0 or 1 (a Wald interval that was not cut); for means over folds or repeats and estimates corrected for optimism, by their name; for other \
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
                            range(table, &key, cell.metric, estimate, sink);
                        }
                        let corrected = looks_corrected(&[
                            cohort,
                            &row.model,
                            &section.name,
                            section.label.as_deref().unwrap_or_default(),
                        ]);
                        let averaged = row.averaged || reported.assume.averaged || corrected;
                        let stated = table.method(cell).or(reported.assume.ci_method);
                        let verdict = match cell.metric {
                            _ if averaged => None,
                            Metric::Auc if stated == Some(CiMethod::DeLong) => Some(Verdict::Inconsistent),
                            Metric::Auc => Some(Verdict::Implausible),
                            metric if metric.is_share() => Some(Verdict::Inconsistent),
                            _ if table.survival.is_some() => of_survival(cell, stated),
                            _ => None,
                        };
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

fn range(table: &Performance, key: &str, metric: Metric, estimate: &Figure, sink: &mut Sink) {
    let Some(printed) = estimate.number.as_ref().filter(|_| is_plain(estimate)) else { return };
    let value = printed.value();
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
