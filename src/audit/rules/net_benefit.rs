//! V706: net benefit, against the share of subjects with the event and against treating all and none.

use super::Rule;
use super::support::{is_averaged, row_classes, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, Figure, NetBenefit, PerformanceRow, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V706";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "net-benefit",
    checks: "that the net benefit of treating nobody is 0, that that of treating all is p - (1 - p) t / (1 - t) for the share p \
             with the event and the threshold t, at every threshold of a row, and that a model's is at most p",
    why: "Net benefit is true positives less false positives at the odds of the threshold, over all subjects: a model has at \
          most all true and no false positives.",
    example: "40 of 200 with the event; at a threshold of 20 percent, treating all has a net benefit of 0.12",
    silent: "for numbers above 1 (per 100 subjects); where the standardised net benefit (over p) fits instead; for decision curves of not \
             treating, where treating all is 0; for means over folds; where two thresholds agree on a share that complete cases may have; for a survival outcome unless the observed risk is printed, because of censoring; \
             for a model above p where nothing shows that its net benefit is not standardised",
    strongest: Verdict::Inconsistent,
    run,
};

/// The share with the event: what it can be, and where it is printed.
struct Share {
    low: f64,
    high: f64,
    inputs: Vec<Input>,
    leaves: Vec<usize>,
}

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        for row in table.rows.iter().filter(|row| !row.survival.net_benefit.is_empty()) {
            let key = format!("{}/{}/{}", section.name, row.model, row.cohort.as_deref().unwrap_or("-"));
            if is_averaged(reported, row) {
                continue;
            }
            let share = share(reported, row, table.survival.is_some());
            examine(row, share.as_ref(), &key, sink);
        }
    }
}

fn share(reported: &Reported, row: &PerformanceRow, survival: bool) -> Option<Share> {
    if !survival && let (Some(plus), Some(minus)) = row_classes(reported, row) {
        let (p, n) = (plus.integer().filter(|&p| p >= 0)?, minus.integer().filter(|&n| n >= 0)?);
        let share = (p + n > 0).then(|| p as f64 / (p + n) as f64)?;
        let leaves = vec![plus.leaf, minus.leaf];
        let inputs = leaves.iter().map(|&leaf| Input::Count { leaf }).collect();
        return Some(Share { low: share, high: share, inputs, leaves });
    }
    let printed = if survival {
        row.survival.observed.as_ref()
    } else {
        row.metric(Metric::Prevalence).and_then(|cell| cell.estimate.as_ref())
    };
    let figure = printed.filter(|figure| figure.value().is_some_and(|value| value < 1.0))?;
    if figure.number.as_ref().is_some_and(|number| number.percent_sign) {
        return None;
    }
    let (low, high) = span(figure, 1.0)?;
    let inputs = vec![Input::Leaf { leaf: figure.leaf, unit: 1.0 }];
    Some(Share { low: low.max(0.0), high: high.min(1.0), inputs, leaves: vec![figure.leaf] })
}

/// The threshold of a point as a proportion.
fn threshold(point: &NetBenefit) -> Option<f64> {
    let text = point.threshold.trim();
    let value: f64 = text.trim_end_matches('%').trim().parse().ok()?;
    let share = if text.ends_with('%') || value >= 1.0 { value / 100.0 } else { value };
    (0.0..1.0).contains(&share).then_some(share)
}

/// The shares with the event that a net benefit of treating all stands for: plain, and standardised.
fn implied((low, high): (f64, f64), t: f64) -> [(f64, f64); 2] {
    let odds = t / (1.0 - t);
    let plain = |benefit: f64| benefit * (1.0 - t) + t;
    let standardised = |benefit: f64| odds / (odds + 1.0 - benefit.min(1.0));
    [(plain(low), plain(high)), (standardised(low), standardised(high))]
}

fn meets(a: (f64, f64), b: (f64, f64)) -> bool {
    a.1 >= b.0 - 1e-9 && b.1 >= a.0 - 1e-9
}

fn examine(row: &PerformanceRow, share: Option<&Share>, key: &str, sink: &mut Sink) {
    let points = &row.survival.net_benefit;
    let figures = points.iter().flat_map(|point| [&point.model, &point.treat_all, &point.treat_none]).flatten();
    let mut printed = figures.clone().filter_map(|figure| figure.number.as_ref());
    if printed.any(|number| number.value().abs() > 1.0 || number.percent_sign) {
        let leaves = figures.map(|figure| figure.leaf).collect();
        sink.undecidable(CODE, leaves, "net benefit per 100 subjects, or in percent?");
        return;
    }
    for point in points {
        treat_none(point, key, sink);
    }
    // What treating all says of the share with the event, point by point.
    let of_all: Vec<(&Figure, f64, [(f64, f64); 2])> = points
        .iter()
        .filter_map(|point| {
            let figure = point.treat_all.as_ref()?;
            let t = threshold(point)?;
            Some((figure, t, implied(span(figure, 1.0)?, t)))
        })
        .collect();
    let plain_holds = match share {
        Some(share) => against_share(&of_all, share, key, sink),
        None => {
            among_each_other(&of_all, key, sink);
            false
        }
    };
    let Some(share) = share else { return };
    for point in points {
        let Some(model) = &point.model else { continue };
        let Some((low, _)) = span(model, 1.0) else { continue };
        let leaves = [share.leaves.as_slice(), &[model.leaf]].concat();
        if low <= share.high {
            sink.pass(CODE, leaves, "at most the share with the event");
        } else if plain_holds {
            let message =
                format!("net benefit {} at {}, where {:.3} have the event", model.text, point.threshold, share.high);
            // At a threshold of 0 nothing is lost: treating all has the share itself.
            sink.finding(stated(key, &point.threshold, leaves, message, share, 0.0, model, Relation::AtMost));
        } else {
            sink.undecidable(CODE, leaves, "above the share with the event: standardised net benefit?");
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one finding in all its parts")]
fn stated(
    key: &str,
    threshold: &str,
    leaves: Vec<usize>,
    message: String,
    share: &Share,
    t: f64,
    figure: &Figure,
    relation: Relation,
) -> Finding {
    let mut inputs = vec![Input::Constant { value: t }];
    inputs.extend(share.inputs.iter().copied());
    Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/{threshold}"), leaves, message)
        .assuming("net benefit is of these subjects, over all of them")
        .stating(Statement::NoValue {
            formula: Formula::NetBenefitOfAll,
            inputs,
            relation,
            target: Target::Leaf { leaf: figure.leaf, unit: 1.0, read_as: ReadAs::Value },
            factor: 1.0,
            step: 0.0,
        })
}

fn treat_none(point: &NetBenefit, key: &str, sink: &mut Sink) {
    let Some(figure) = &point.treat_none else { return };
    let Some((low, high)) = span(figure, 1.0) else { return };
    let all_is_zero =
        point.treat_all.as_ref().and_then(|figure| span(figure, 1.0)).is_some_and(|all| meets(all, (0.0, 0.0)));
    if meets((low, high), (0.0, 0.0)) {
        sink.pass(CODE, vec![figure.leaf], "treating nobody has no benefit and no harm");
    } else if all_is_zero {
        sink.undecidable(CODE, vec![figure.leaf], "treating all is 0: a decision curve of not treating?");
    } else {
        let message = format!("the net benefit of treating nobody is 0, printed is {}", figure.text);
        sink.finding(
            Finding::new(
                CODE,
                Verdict::Inconsistent,
                &format!("{key}/{}/none", point.threshold),
                vec![figure.leaf],
                message,
            )
            .stating(Statement::OutOfRange { leaf: figure.leaf, low: 0.0, high: 0.0 }),
        );
    }
}

/// The part of the subjects that decision curves leave out, at most, because a predictor is missing.
const MISSING: f64 = 0.15;

/// Do two thresholds or more agree on one share with the event, as the complete cases among the subjects may have?
fn of_complete_cases(of_all: &[(&Figure, f64, [(f64, f64); 2])], share: &Share) -> bool {
    let low = of_all.iter().map(|(_, _, implied)| implied[0].0).fold(0.0, f64::max);
    let high = of_all.iter().map(|(_, _, implied)| implied[0].1).fold(1.0, f64::min);
    let possible = ((share.low - MISSING) / (1.0 - MISSING), share.high / (1.0 - MISSING));
    of_all.len() >= 2 && low <= high + 1e-9 && meets((low, high), possible)
}

/// Treating all, against the printed share. Tells whether the plain definition is seen to hold.
fn against_share(of_all: &[(&Figure, f64, [(f64, f64); 2])], share: &Share, key: &str, sink: &mut Sink) -> bool {
    let printed = (share.low, share.high);
    let standardised = of_all.iter().all(|(_, _, implied)| meets(implied[1], printed));
    let plain = of_all.iter().all(|(_, _, implied)| meets(implied[0], printed));
    if !plain && !standardised && of_complete_cases(of_all, share) {
        let leaves = of_all.iter().map(|(figure, _, _)| figure.leaf).collect();
        sink.undecidable(CODE, leaves, "treating all is of one other share with the event: of complete cases only?");
        return false;
    }
    // At the threshold that is the share itself both are 0.
    let telling = of_all.iter().any(|(_, _, implied)| !meets(implied[1], printed));
    for (figure, t, implied) in of_all {
        let leaves = [share.leaves.as_slice(), &[figure.leaf]].concat();
        if plain || standardised || meets(implied[0], printed) {
            sink.pass(CODE, leaves, "treating all has this net benefit");
            continue;
        }
        let odds = t / (1.0 - t);
        let message = format!(
            "treating all at a threshold of {t} has a net benefit of {:.3}, printed is {}",
            0.5 * (share.low + share.high) - (1.0 - 0.5 * (share.low + share.high)) * odds,
            figure.text
        );
        sink.finding(stated(key, &format!("{t}/all"), leaves, message, share, *t, figure, Relation::Equal));
    }
    plain && telling
}

/// Treating all at one threshold, against treating all at the others.
fn among_each_other(of_all: &[(&Figure, f64, [(f64, f64); 2])], key: &str, sink: &mut Sink) {
    for (index, (first, t, implied)) in of_all.iter().enumerate() {
        for (second, u, other) in &of_all[index + 1..] {
            let leaves = vec![first.leaf, second.leaf];
            if (0..2).any(|way| meets(implied[way], other[way])) {
                sink.pass(CODE, leaves, "treating all is of one share with the event");
                continue;
            }
            let message = format!(
                "treating all has a net benefit of {} at {t} and of {} at {u}: of {:.3} to {:.3} and of {:.3} to {:.3} with \
                 the event",
                first.text, second.text, implied[0].0, implied[0].1, other[0].0, other[0].1
            );
            sink.finding(
                Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/all"), leaves, message)
                    .assuming("both are of the same subjects")
                    .stating(Statement::NoValue {
                        formula: Formula::NetBenefitElsewhere,
                        inputs: vec![
                            Input::Leaf { leaf: first.leaf, unit: 1.0 },
                            Input::Constant { value: *t },
                            Input::Constant { value: *u },
                        ],
                        relation: Relation::Equal,
                        target: Target::Leaf { leaf: second.leaf, unit: 1.0, read_as: ReadAs::Value },
                        factor: 1.0,
                        step: 0.0,
                    }),
            );
            return;
        }
    }
}
