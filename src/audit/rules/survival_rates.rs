//! V701: survival at several times, medians, events.

use super::Rule;
use super::support::{is_plain, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, RatesAre, Reported, Survival, SurvivalGroup};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V701";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "survival-rates",
    checks: "that survival does not rise with time and is at most 100 percent, \
             that a group has no more events than subjects, and that survival is not below the share of the group that is still at risk",
    why: "A survival curve never rises, and a subject has at most one event; those at risk at a time have survived until then.",
    example: "1-, 2- and 3-year survival of 78, 43 and 48 percent",
    silent: "when times or rates are not printed, and for events \
             against rates, because censored subjects leave both open; for rates of another kind (`rates_are: \
             cumulative_incidence`, `conditional` or `relative`), and where all rates of all groups rise; for subjects at risk, within 30 percent (events at that very time), \
             unless the first number is at most 90 percent of n and of no earlier time, and for weighted, adjusted, conditional or \
             left-truncated curves by their names",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Survival(survival) = &section.body {
            for group in &survival.groups {
                let key = format!("{}/{}", section.name, group.name);
                rates(survival, group, &key, sink);
                at_risk(survival, group, &key, sink);
                if let (Some(events), Some(n)) = (&group.events, &group.n)
                    && let (Some(d), Some(all)) = (events.integer(), n.integer())
                {
                    let leaves = vec![events.leaf, n.leaf];
                    if d > all {
                        sink.finding(
                            Finding::new(
                                CODE,
                                Verdict::Impossible,
                                &key,
                                leaves,
                                format!("{d} events in {all} subjects"),
                            )
                            .stating(Statement::Order { low: events.leaf, high: n.leaf }),
                        );
                    } else {
                        sink.pass(CODE, leaves, "no more events than subjects");
                    }
                }
            }
            if let Some(p) = &survival.p {
                sink.undecidable(
                    CODE,
                    vec![p.leaf],
                    "a log-rank P-value follows from numbers at risk, which are not printed",
                );
            }
        }
    }
}

/// Of those at risk at a time, the share that may have the event at that very time: all of an interval's, where subjects are
/// seen at visits.
const AT_THE_TIME: f64 = 0.3;

/// The share still at risk at the first time that shows that the numbers are of the times of the rates, and not of those one
/// earlier, from time zero on.
const SHOWN_AT_FIRST: f64 = 0.9;

/// Are the numbers at risk those of a cohort followed from the start, at the times of its rates, without weights?
fn of_the_rates(survival: &Survival, group: &SurvivalGroup, key: &str, unit: f64) -> bool {
    const OTHER_CURVES: [&str; 9] =
        ["weight", "iptw", "adjust", "landmark", "conditional", "standardi", "truncat", "delayed", "late_entry"];
    let lower = key.to_lowercase();
    let risk: Option<Vec<i128>> = group.at_risk.iter().map(Figure::integer).collect();
    let (Some(risk), Some(all)) = (risk, group.n.as_ref().and_then(Figure::integer).filter(|&n| n > 0)) else {
        return false;
    };
    let share = |left: i128| left as f64 / all as f64;
    let first = group.rates.first().and_then(|rate| span(&rate.estimate, unit));
    // The complement fits: the share with the event.
    let incidence = group.rates.iter().zip(&risk).all(|(rate, &left)| {
        span(&rate.estimate, unit).is_some_and(|(least, _)| 1.0 - least >= (1.0 - AT_THE_TIME) * share(left))
    });
    are_survival(survival)
        && !incidence
        && risk.len() == group.rates.len()
        && risk.windows(2).all(|pair| pair[0] >= pair[1])
        && risk.first().zip(first).is_some_and(|(&left, (_, most))| share(left) <= most.min(SHOWN_AT_FIRST))
        && !OTHER_CURVES.iter().any(|stem| lower.contains(stem))
}

/// With r of n subjects at risk at a time, n - r at most had the event before it.
fn at_risk(survival: &Survival, group: &SurvivalGroup, key: &str, sink: &mut Sink) {
    let (Some(n), Some(unit)) = (&group.n, unit_of_rates(survival)) else { return };
    let Some(all) = n.integer().filter(|_| of_the_rates(survival, group, key, unit)) else { return };
    for (index, (rate, risk)) in group.rates.iter().zip(&group.at_risk).enumerate() {
        let (Some((_, most)), Some(left)) = (span(&rate.estimate, unit), risk.integer()) else { continue };
        let leaves = vec![risk.leaf, n.leaf, rate.estimate.leaf];
        if most >= (1.0 - AT_THE_TIME) * left as f64 / all as f64 {
            sink.pass(CODE, leaves, format!("not below {left} of {all} at risk"));
            continue;
        }
        let message = format!("survival of {} with {left} of {all} subjects still at risk", rate.estimate.text);
        let target = Target::Leaf { leaf: rate.estimate.leaf, unit, read_as: ReadAs::Value };
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/at_risk/{index}"), leaves, message)
                .assuming(
                    "all subjects are followed from the start, and the curve is of these subjects without weights",
                )
                .stating(Statement::NoValue {
                    formula: Formula::Quotient,
                    inputs: vec![Input::Count { leaf: risk.leaf }, Input::Count { leaf: n.leaf }],
                    relation: Relation::AtLeast,
                    target,
                    factor: 1.0,
                    step: 0.0,
                }),
        );
        return;
    }
}

/// Are the rates those of survival, as far as can be told?
pub(super) fn are_survival(survival: &Survival) -> bool {
    survival.rates_are == RatesAre::Survival && !all_rise(survival)
}

/// 0.01 where the rates are percents, 1 where they are proportions; `None` where they do not tell. One above 1 among
/// proportions is a misprint, and none of the others a percent.
pub(super) fn unit_of_rates(survival: &Survival) -> Option<f64> {
    let rates =
        || survival.groups.iter().flat_map(|group| &group.rates).filter_map(|rate| rate.estimate.number.as_ref());
    if rates().any(|rate| rate.percent_sign) {
        return Some(0.01);
    }
    let above = rates().filter(|rate| rate.value() > 1.0).count();
    let between = rates().filter(|rate| rate.scale > 0 && rate.value() > 0.0 && rate.value() < 1.0).count();
    if above > between {
        return Some(0.01);
    }
    let proportions = rates().any(|rate| rate.scale > 0 && rate.value() > 0.0);
    (above == 0 && proportions).then_some(1.0)
}

/// No rate of any group falls, and every group's rises: incidences, or survival given survival so far.
fn all_rise(survival: &Survival) -> bool {
    let rising = |group: &SurvivalGroup| {
        let values: Option<Vec<f64>> = group.rates.iter().map(|rate| rate.estimate.value()).collect();
        values.is_some_and(|values| values.windows(2).all(|pair| pair[0] <= pair[1]) && values.first() < values.last())
    };
    let mut groups = survival.groups.iter().filter(|group| group.rates.len() >= 2).peekable();
    groups.peek().is_some() && groups.all(rising)
}

fn rates(survival: &Survival, group: &SurvivalGroup, key: &str, sink: &mut Sink) {
    let plain = |figure: &&Figure| is_plain(figure);
    let rates: Vec<&Figure> = group.rates.iter().map(|rate| &rate.estimate).filter(plain).collect();
    let times: Vec<f64> = survival.times.iter().filter_map(Figure::value).collect();
    if rates.len() != group.rates.len() || rates.is_empty() {
        return;
    }
    let leaves: Vec<usize> = rates.iter().map(|figure| figure.leaf).collect();
    if survival.rates_are != RatesAre::Survival {
        sink.not_applicable(CODE, leaves, "these rates may rise or pass 100 percent, as stated (`rates_are:`)");
        return;
    }
    if let Some(over) = rates.iter().find(|figure| figure.value().is_some_and(|value| value > 100.0)) {
        if key.to_lowercase().contains("relative") {
            sink.undecidable(CODE, leaves, "relative survival may pass 100 percent: say `rates_are: relative`");
            return;
        }
        let message = format!("survival of {} percent", over.text);
        let statement = Statement::OutOfRange { leaf: over.leaf, low: 0.0, high: 100.0 };
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, &format!("{key}/range"), vec![over.leaf], message)
                .stating(statement),
        );
        return;
    }
    let in_order = times.len() == rates.len() && times.windows(2).all(|pair| pair[0] < pair[1]);
    if !in_order {
        sink.undecidable(CODE, leaves, "the times of these rates are not printed in order");
        return;
    }
    if all_rise(survival) {
        let says = "the rates of every group rise: of events, not of survival? Say `rates_are: cumulative_incidence`";
        sink.undecidable(CODE, leaves, says);
        return;
    }
    for pair in rates.windows(2) {
        let bounds = |figure: &Figure| figure.number.as_ref().map(|printed| printed.widest());
        if let (Some(before), Some(after)) = (bounds(pair[0]), bounds(pair[1]))
            && after.0 > before.1
        {
            let message = format!("survival rises from {} to {} percent", pair[0].text, pair[1].text);
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, key, vec![pair[0].leaf, pair[1].leaf], message)
                    .stating(Statement::Order { low: pair[1].leaf, high: pair[0].leaf }),
            );
            return;
        }
    }
    sink.pass(CODE, leaves, "survival falls with time");
}
