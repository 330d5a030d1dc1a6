//! V703: the figures of a survival model's performance that follow from each other.

use super::Rule;
use super::support::{cohort_of, input, is_plain, looks_averaged, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, CiMethod, Figure, MetricCell, Performance, PerformanceRow, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V703";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "survival-performance",
    checks: "that O/E is the ratio of the observed and the expected that are printed, that the index of prediction accuracy \
             is 1 less the Brier score over that of the null model, that the distances from a calibration curve are in \
             order (E50, E90, Emax; ICI not above Emax), that there are no more events than subjects, and that an interval \
             stated as Wald's lies evenly about its estimate",
    why: "Each is a definition: a quotient, a difference, quantiles and the mean of one set of distances. The limits of a \
          Wald interval have the estimate in their middle, on the scale on which it was made.",
    example: "observed 0.51, expected 0.49, O/E 1.23",
    silent: "for means over folds or values corrected for optimism (`averaged:`); where a row has several Brier scores or \
             O/E; for limits that may be cut at 0 or 1; for an interval whose method is not stated; a Wald interval of a \
             ratio may be even on the scale of the logarithm, and one of a C-index or AUC on that of the logit",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        if table.survival.is_none() {
            continue;
        }
        for row in &table.rows {
            let cohort = row.cohort.as_deref().unwrap_or("-");
            let key = format!("{}/{}/{cohort}", section.name, row.model);
            events(reported, row, &key, sink);
            if row.averaged || reported.assume.averaged || looks_averaged(&[cohort, &row.model, &section.name]) {
                continue;
            }
            observed_expected(row, &key, sink);
            prediction_accuracy(row, &key, sink);
            distances(row, &key, sink);
            for cell in &row.metrics {
                let stated = table.method(cell).or(reported.assume.ci_method);
                if let Some(method @ (CiMethod::Wald | CiMethod::WaldLog)) = stated {
                    evenly(table, cell, method, &format!("{key}/{}", cell.key), sink);
                }
            }
        }
    }
}

fn events(reported: &Reported, row: &PerformanceRow, key: &str, sink: &mut Sink) {
    let n = row.n.as_ref().or_else(|| cohort_of(reported, row)?.n.as_ref());
    let (Some(events), Some(n)) = (&row.survival.events, n) else { return };
    let (Some(some), Some(all)) = (events.integer(), n.integer()) else { return };
    let leaves = vec![events.leaf, n.leaf];
    if some > all {
        let message = format!("{some} events in {all} subjects");
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, &format!("{key}/events"), leaves, message)
                .stating(Statement::Order { low: events.leaf, high: n.leaf }),
        );
    } else {
        sink.pass(CODE, leaves, "no more events than subjects");
    }
}

/// The only metric of a row with this name, whatever time stands behind it. Of several none is meant for sure.
fn only<'a>(row: &'a PerformanceRow, names: &[&str]) -> Option<&'a MetricCell> {
    let is_named = |cell: &&MetricCell| {
        let stem = cell.key.rsplit_once('_').map_or(cell.key.as_str(), |(stem, _)| stem);
        names.contains(&cell.key.as_str()) || names.contains(&stem)
    };
    let mut found = row.metrics.iter().filter(is_named);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The quotient of two printed numbers: its lowest and highest value.
fn quotient(over: &Figure, under: &Figure) -> Option<(f64, f64)> {
    let (over, under) = (span(over, 1.0)?, span(under, 1.0)?);
    (over.0 >= 0.0 && under.0 > 0.0).then(|| (over.0 / under.1, over.1 / under.0))
}

/// Both are proportions, or neither is: 0.51 and 50 are of two scales.
fn of_one_scale(a: &Figure, b: &Figure) -> bool {
    let large =
        |figure: &Figure| figure.number.as_ref().is_some_and(|printed| printed.percent_sign || printed.value() > 1.0);
    large(a) == large(b)
}

const SLACK: f64 = 1e-9;

fn apart(a: (f64, f64), b: (f64, f64)) -> bool {
    a.1 < b.0 - SLACK || b.1 < a.0 - SLACK
}

fn observed_expected(row: &PerformanceRow, key: &str, sink: &mut Sink) {
    let (Some(observed), Some(expected)) = (&row.survival.observed, &row.survival.expected) else { return };
    for (name, over, under) in [("oe", observed, expected), ("eo", expected, observed)] {
        let Some(ratio) = only(row, &[name]).and_then(|cell| cell.estimate.as_ref()) else { continue };
        let leaves = vec![observed.leaf, expected.leaf, ratio.leaf];
        let (Some(printed), Some(given), true) =
            (span(ratio, 1.0), quotient(over, under), of_one_scale(observed, expected))
        else {
            sink.undecidable(CODE, leaves, "observed and expected cannot be divided as they are printed");
            continue;
        };
        if apart(printed, given) {
            let message = format!(
                "{} over {} is {} to {}, printed is {}",
                over.text,
                under.text,
                short(given.0),
                short(given.1),
                ratio.text
            );
            sink.finding(
                Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/{name}"), leaves, message)
                    .assuming("the ratio is of these two, by the same time")
                    .stating(no_value(Formula::Ratio, vec![input(over), input(under)], ratio, 1.0)),
            );
        } else {
            sink.pass(CODE, leaves, "the ratio of observed and expected");
        }
    }
}

fn prediction_accuracy(row: &PerformanceRow, key: &str, sink: &mut Sink) {
    let index = only(row, &["ipa", "scaled_brier"]).and_then(|cell| cell.estimate.as_ref());
    let brier = only(row, &["brier"]).and_then(|cell| cell.estimate.as_ref());
    let (Some(index), Some(brier), Some(null)) = (index, brier, &row.survival.null_brier) else { return };
    let leaves = vec![brier.leaf, null.leaf, index.leaf];
    let (Some(share), true) = (quotient(brier, null), of_one_scale(brier, null)) else {
        sink.undecidable(CODE, leaves, "the two Brier scores cannot be divided as they are printed");
        return;
    };
    let given = (1.0 - share.1, 1.0 - share.0);
    // The index is at most 1, so that "15.5" is a percent; "0.8" may be one, and "-1.5" may be no percent.
    let in_percent = index.number.as_ref().is_some_and(|printed| printed.percent_sign || printed.value() > 1.0);
    let fits = |unit: f64| span(index, unit).is_none_or(|printed| !apart(printed, given));
    if fits(0.01) || (!in_percent && fits(1.0)) {
        sink.pass(CODE, leaves, "1 less the ratio of the two Brier scores");
        return;
    }
    let message = format!(
        "1 less {} over {} is {} to {}, printed is {}",
        brier.text,
        null.text,
        short(given.0),
        short(given.1),
        index.text
    );
    let unit = if in_percent { 0.01 } else { 1.0 };
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/ipa"), leaves, message)
            .assuming("all three are of the same subjects, by the same time")
            .stating(no_value(Formula::OneLessRatio, vec![input(brier), input(null)], index, unit)),
    );
}

/// Quantiles of one set of distances rise, and the mean is not above the largest.
fn distances(row: &PerformanceRow, key: &str, sink: &mut Sink) {
    let figure = |name: &str| only(row, &[name]).and_then(|cell| cell.estimate.as_ref()).filter(|f| is_plain(f));
    for (low_name, high_name) in [("e50", "e90"), ("e90", "emax"), ("e50", "emax"), ("ici", "emax")] {
        let (Some(low), Some(high)) = (figure(low_name), figure(high_name)) else { continue };
        // 0.02 and 2.6 are of two scales.
        if !of_one_scale(low, high) {
            continue;
        }
        let (Some(least), Some(most)) = (span(low, 1.0), span(high, 1.0)) else { continue };
        let leaves = vec![low.leaf, high.leaf];
        if least.0 > most.1 + SLACK {
            let message =
                format!("{low_name} is {} and {high_name}, which is at least as large, {}", low.text, high.text);
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, &format!("{key}/{low_name}-{high_name}"), leaves, message)
                    .assuming("both are of one calibration curve")
                    .stating(Statement::Order { low: low.leaf, high: high.leaf }),
            );
        } else {
            sink.pass(CODE, leaves, "the distances are in order");
        }
    }
}

/// A scale on which a Wald interval may be even about its estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Plain,
    Logarithm,
    Logit,
}

impl Scale {
    fn to(self, value: f64) -> f64 {
        match self {
            Scale::Plain => value,
            Scale::Logarithm => value.ln(),
            Scale::Logit => (value / (1.0 - value)).ln(),
        }
    }

    fn back(self, value: f64) -> f64 {
        match self {
            Scale::Plain => value,
            Scale::Logarithm => value.exp(),
            Scale::Logit => 1.0 / (1.0 + (-value).exp()),
        }
    }

    /// Between the two, each of which is known to lie in a range.
    fn middle(self, lower: (f64, f64), upper: (f64, f64)) -> (f64, f64) {
        let between = |a: f64, b: f64| self.back(0.5 * (self.to(a) + self.to(b)));
        (between(lower.0, upper.0), between(lower.1, upper.1))
    }
}

fn evenly(table: &Performance, cell: &MetricCell, method: CiMethod, key: &str, sink: &mut Sink) {
    let (Some(estimate), Some(lower), Some(upper)) = (&cell.estimate, &cell.lower, &cell.upper) else { return };
    let leaves = vec![estimate.leaf, lower.leaf, upper.leaf];
    let one_scale = of_one_scale(estimate, lower) && of_one_scale(estimate, upper);
    let of_share = matches!(cell.metric, Metric::Concordance | Metric::UnitInterval);
    // Proportions only: in percent, 0 and 1 are elsewhere.
    let as_percent = |figure: &Figure| figure.value().is_some_and(|value| value > 1.0);
    if of_share && (table.scale.is_some() || cell.scale.is_some() || as_percent(upper) || !one_scale) {
        sink.not_applicable(CODE, leaves, "an interval in percent is not looked at for its middle");
        return;
    }
    let spans = [estimate, lower, upper].map(|figure| span(figure, 1.0));
    let [Some(centre), Some(low), Some(high)] = spans else { return };
    if of_share && (low.0 <= 0.0 || high.1 >= 1.0) {
        sink.not_applicable(CODE, leaves, "a limit may be cut at 0 or 1");
        return;
    }
    let (scales, formula): (&[Scale], Formula) = match (method, cell.metric) {
        (CiMethod::WaldLog, _) => (&[Scale::Logarithm], Formula::MiddleOfLogarithms),
        (_, Metric::PositiveRatio) => (&[Scale::Plain, Scale::Logarithm], Formula::MiddleOfRatio),
        (_, Metric::Concordance | Metric::UnitInterval) => (&[Scale::Plain, Scale::Logit], Formula::MiddleOfShare),
        _ => (&[Scale::Plain], Formula::Middle),
    };
    if scales.contains(&Scale::Logarithm) && low.0 <= 0.0 {
        sink.undecidable(CODE, leaves, "a limit may be 0, whose logarithm has no value");
        return;
    }
    let middles: Vec<(f64, f64)> = scales.iter().map(|scale| scale.middle(low, high)).collect();
    if middles.iter().any(|middle| !apart(*middle, centre)) {
        sink.pass(CODE, leaves, "the estimate is in the middle of its limits");
        return;
    }
    let words: Vec<String> =
        middles.iter().map(|middle| format!("{} to {}", short(middle.0), short(middle.1))).collect();
    let message = format!(
        "the middle of {} and {} is {}, the estimate {}",
        lower.text,
        upper.text,
        words.join(" or "),
        estimate.text
    );
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/middle"), leaves, message)
            .assuming("the interval is Wald's, as stated, and of this estimate")
            .stating(no_value(formula, vec![input(lower), input(upper)], estimate, 1.0)),
    );
}

fn no_value(formula: Formula, inputs: Vec<Input>, target: &Figure, unit: f64) -> Statement {
    Statement::NoValue {
        formula,
        inputs,
        relation: Relation::Equal,
        target: Target::Leaf { leaf: target.leaf, unit, read_as: ReadAs::Value },
        factor: 1.0,
        step: 0.0,
    }
}

fn short(value: f64) -> String {
    format!("{value:.4}")
}
