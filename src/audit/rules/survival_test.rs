//! V702: the groups of a survival table: hazard ratio, its interval, log-rank P, events, rates.

use super::Rule;
use super::support::{level, magnitude, ratio_key, span, z_span};
use super::survival_rates::{are_survival, unit_of_rates};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, HazardRatio, Reported, Survival, SurvivalGroup};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::normal_critical;

const CODE: &str = "V702";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "survival-test",
    checks: "that the hazard ratio with its interval and the P-value can be of one comparison; that the interval is not \
             narrower than the events allow; that groups which make up another add up to it; that events and rates agree \
             where nobody has an event; and that the hazard ratio points where the rates do",
    why: "For two groups the standard error of the log hazard ratio is at least 2 / sqrt(events): each event adds at most a \
          quarter to the information. Wald and log-rank statistics differ by less than the margin used (half as much again \
          and one unit of z).",
    example: "HR 2.1 (1.9 to 2.3) with 60 events: the interval has at least a factor of 1.66 on each side",
    silent: "for P against the ratio, unless the two are far apart (2.5 units of z and 2.5 times) or the ratio is said not to be \
             adjusted (`hr: {adjusted: false}`) or prints its own `p:`, and then the verdict is implausible only; when the interval is very wide (standard error above 1); when P is stated to be of another test than log-rank, \
             Wald or Cox; for one P-value of the table beside several hazard ratios (give each its own `p:`); for the direction, unless the interval excludes 1, all rates of one group are lower, and the \
             last are those of the reciprocal ratio by its interval",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Survival(survival) = &section.body {
            for ratio in &survival.ratios {
                examine(survival, ratio, &section.name, sink);
            }
            for group in &survival.groups {
                whole(survival, group, &section.name, sink);
                if !are_survival(survival) {
                    continue;
                }
                no_events(group, &format!("{}/{}", section.name, group.name), sink);
            }
        }
    }
}

fn no_events(group: &SurvivalGroup, key: &str, sink: &mut Sink) {
    let Some((figure, 0)) = group.events.as_ref().and_then(|figure| Some((figure, figure.integer()?))) else { return };
    for rate in group.rates.iter().map(|rate| &rate.estimate) {
        if span(rate, 1.0).is_some_and(|(_, high)| high < 1.0 || (high < 100.0 && high > 1.5)) {
            let message = format!("survival of {} in a group without an event", rate.text);
            sink.finding(
                Finding::new(
                    CODE,
                    Verdict::Impossible,
                    &format!("{key}/events"),
                    vec![figure.leaf, rate.leaf],
                    message,
                )
                .assuming("rates and events are of the same outcome and follow-up")
                .stating(Statement::OutOfRange { leaf: rate.leaf, low: 100.0, high: 100.0 }),
            );
            return;
        }
    }
}

/// A group that is made of others has their subjects and events.
fn whole(survival: &Survival, group: &SurvivalGroup, section: &str, sink: &mut Sink) {
    let parts: Vec<&SurvivalGroup> =
        group.parts.iter().filter_map(|name| survival.groups.iter().find(|other| other.name == *name)).collect();
    if parts.len() < 2 || parts.len() != group.parts.len() {
        return;
    }
    for (what, total, pick) in [
        ("n", &group.n, (|g| g.n.as_ref()) as fn(&SurvivalGroup) -> Option<&Figure>),
        ("events", &group.events, |g| g.events.as_ref()),
    ] {
        let figures: Option<Vec<&Figure>> = parts.iter().map(|part| pick(part)).collect();
        let (Some(total), Some(figures)) = (total, figures) else { continue };
        let counts: Option<Vec<i128>> = figures.iter().map(|figure| figure.integer()).collect();
        let (Some(printed), Some(counts)) = (total.integer(), counts) else { continue };
        let parts: Vec<usize> = figures.iter().map(|figure| figure.leaf).collect();
        let leaves: Vec<usize> = parts.iter().copied().chain([total.leaf]).collect();
        let sum: i128 = counts.iter().sum();
        if sum == printed {
            sink.pass(CODE, leaves, format!("the groups add up to {printed}"));
        } else {
            let message = format!("{} of {} add up to {sum}, printed is {printed}", what, group.parts.join(" + "));
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, &format!("{section}/{}/{what}", group.name), leaves, message)
                    .assuming("the group is made of these, as stated")
                    .stating(Statement::Sum { total: total.leaf, parts, at_most: false }),
            );
        }
    }
}

fn examine(survival: &Survival, ratio: &HazardRatio, section: &str, sink: &mut Sink) {
    let Some(estimate) = &ratio.value else { return };
    let (Some(lower), Some(upper)) = (&ratio.lower, &ratio.upper) else {
        sink.undecidable(CODE, vec![estimate.leaf], "the interval of the hazard ratio is not printed");
        return;
    };
    let key = |what: &str| ratio_key(section, ratio, survival.ratios.len(), what);
    let leaves = vec![estimate.leaf, lower.leaf, upper.leaf];
    let logs = [estimate, lower, upper].map(|figure| {
        let (low, high) = span(figure, 1.0)?;
        (low > 0.0).then(|| (low.ln(), high.ln()))
    });
    let [Some(centre), Some(low), Some(high)] = logs else {
        sink.undecidable(CODE, leaves, "the hazard ratio or its interval cannot be read");
        return;
    };
    let critical = level(None).map_or(1.96, normal_critical);
    let widest = (centre.1 - low.0).max(high.1 - centre.0).max(0.5 * (high.1 - low.0)) / critical;
    let narrowest = (centre.0 - low.1).min(high.0 - centre.1).min(0.5 * (high.0 - low.1)).max(0.0) / critical;
    let inputs = vec![
        Input::Leaf { leaf: estimate.leaf, unit: 1.0 },
        Input::Leaf { leaf: lower.leaf, unit: 1.0 },
        Input::Leaf { leaf: upper.leaf, unit: 1.0 },
        Input::Constant { value: critical },
    ];
    floor(survival, ratio, widest, &leaves, &inputs, &key("hr"), sink);
    if are_survival(survival) {
        direction(survival, ratio, (low, high), &leaves, &key("direction"), sink);
    }
    // The P-value beside the ratio is of its model; the table's is of the groups.
    let Some(p) = ratio.p.as_ref().or(survival.p.as_ref()) else { return };
    let own = ratio.p.is_some();
    let all: Vec<usize> = leaves.iter().copied().chain([p.leaf]).collect();
    let usual = ["log_rank", "logrank", "wald", "cox", "score", "likelihood_ratio"];
    if !own && survival.test.as_deref().is_some_and(|test| !usual.contains(&test)) {
        sink.not_applicable(CODE, all, "the P-value is of another test");
        return;
    }
    let Some(by_p) = z_span(p) else { return };
    let groups = survival.groups.iter().filter(|group| group.parts.is_empty()).count();
    if !own && (groups != 2 || survival.ratios.len() > 1) {
        sink.undecidable(CODE, all, "which of the groups the P-value compares is not stated");
        return;
    }
    if widest > 1.0 {
        sink.undecidable(CODE, all, "the interval is too wide for Wald and log-rank to agree");
        return;
    }
    let size = magnitude(centre);
    let by_interval = (size.0 / widest, if narrowest > 0.0 { size.1 / narrowest } else { f64::INFINITY });
    let clash = |low: f64, high: f64| low > high * 1.5 && low - high > 1.0;
    let clashes = clash(by_p.0, by_interval.1) || clash(by_interval.0, by_p.1);
    // Adjustment moves a ratio, but seldom from certainty to nothing.
    let far = |low: f64, high: f64| low > high * 2.5 && low - high > 2.5;
    let is_far = far(by_p.0, by_interval.1) || far(by_interval.0, by_p.1);
    if clashes && !is_far && !own && ratio.adjusted != Some(false) {
        let says =
            "not of one comparison; the ratio may be adjusted for other covariates (`hr: {adjusted: false}` if not)";
        sink.undecidable(CODE, all, says);
    } else if clashes {
        let message = format!(
            "HR {} ({} to {}) implies |z| of {:.2} to {:.2}, P {} stands for {:.2} or {}",
            estimate.text,
            lower.text,
            upper.text,
            by_interval.0,
            by_interval.1,
            p.text,
            by_p.0,
            if by_p.1.is_finite() { format!("{:.2} at most", by_p.1) } else { "more".to_string() }
        );
        sink.finding(
            Finding::new(CODE, Verdict::Implausible, &key("p"), all, message)
                .assuming(if own {
                    "the P-value beside the hazard ratio is of its own model"
                } else {
                    "hazard ratio and P-value compare the same two groups without adjustment"
                })
                .stating(Statement::NoValue {
                    formula: Formula::ZOfRatio,
                    inputs,
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                    factor: 1.0,
                    step: 0.9,
                }),
        );
    } else {
        sink.pass(CODE, all, "hazard ratio and P-value can be of one comparison");
    }
}

fn floor(
    survival: &Survival,
    ratio: &HazardRatio,
    widest: f64,
    leaves: &[usize],
    inputs: &[Input],
    key: &str,
    sink: &mut Sink,
) {
    let named = [&ratio.of, &ratio.against];
    let two: Vec<&SurvivalGroup> = match named {
        [Some(of), Some(against)] => {
            survival.groups.iter().filter(|group| group.name == *of || group.name == *against).collect()
        }
        _ => return,
    };
    let counts: Option<Vec<(usize, i128)>> =
        two.iter().map(|group| group.events.as_ref().and_then(|f| Some((f.leaf, f.integer()?)))).collect();
    let Some([(first, a), (second, b)]) = counts.as_deref() else { return };
    let events = (a + b) as f64;
    if events < 1.0 {
        return;
    }
    let floor = 2.0 / events.sqrt();
    let all: Vec<usize> = leaves.iter().copied().chain([*first, *second]).collect();
    if widest < 0.9 * floor {
        let message = format!(
            "with {events:.0} events the standard error of the log hazard ratio of two groups is at least {floor:.3}, the \
             interval gives {widest:.3} at most"
        );
        let mut inputs = inputs.to_vec();
        inputs.push(Input::Constant { value: 2.0 });
        inputs.push(Input::Count { leaf: *first });
        inputs.push(Input::Count { leaf: *second });
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, key, all, message)
                .assuming("the ratio compares these two groups, and the interval is model-based (95 %)")
                .stating(Statement::NoValue {
                    formula: Formula::ErrorOverFloor,
                    inputs,
                    relation: Relation::Equal,
                    target: Target::Between { low: 0.9, high: 1e300 },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, all, format!("not narrower than {events:.0} events allow"));
    }
}

fn direction(
    survival: &Survival,
    ratio: &HazardRatio,
    (low, high): ((f64, f64), (f64, f64)),
    leaves: &[usize],
    key: &str,
    sink: &mut Sink,
) {
    let (Some(of), Some(against)) = (&ratio.of, &ratio.against) else { return };
    let find = |name: &String| survival.groups.iter().find(|group| group.name == *name);
    let (Some(first), Some(second)) = (find(of), find(against)) else { return };
    let pairs: Option<Vec<((f64, f64), (f64, f64))>> = {
        let pairs = first.rates.iter().zip(&second.rates);
        pairs.map(|(a, b)| Some((span(&a.estimate, 1.0)?, span(&b.estimate, 1.0)?))).collect()
    };
    let Some(pairs) = pairs.filter(|pairs| pairs.len() >= 2 && first.rates.len() == second.rates.len()) else { return };
    let all_higher = pairs.iter().all(|(a, b)| a.0 > b.1);
    let all_lower = pairs.iter().all(|(a, b)| a.1 < b.0);
    let opposite = (low.0 > 0.0 && all_higher) || (high.1 < 0.0 && all_lower);
    // Later events may turn a small difference round, but hardly make it that of the reciprocal ratio.
    let wrong = opposite
        && unit_of_rates(survival).zip(pairs.last()).is_some_and(|(unit, (a, b))| {
            let hazard = |rate: (f64, f64)| {
                let end = |rate: f64| -(unit * rate).clamp(1e-6, 1.0 - 1e-6).ln();
                (end(rate.1), end(rate.0))
            };
            let (a, b) = (hazard(*a), hazard(*b));
            (a.1 / b.0).ln() >= -high.1 && (a.0 / b.1).ln() <= -low.0
        });
    let mut all = leaves.to_vec();
    all.extend(first.rates.iter().chain(&second.rates).map(|rate| rate.estimate.leaf));
    if wrong {
        let word = if all_higher { "higher" } else { "lower" };
        let message = format!(
            "survival of {of} is {word} than that of {against} at every time printed, and the hazard ratio of {of} against \
             {against} says the opposite: perhaps its reference is the other group"
        );
        let (bottom, top) = if all_higher { (second, first) } else { (first, second) };
        let pairs = top.rates.iter().zip(&bottom.rates);
        let shown: Vec<String> = pairs.map(|(a, b)| format!("{} and {}", a.estimate.text, b.estimate.text)).collect();
        sink.finding(
            Finding::new(CODE, Verdict::Implausible, key, all, message)
                .evidence(shown.join("; "))
                .assuming("rates and hazard ratio are of the same outcome")
                .stating(Statement::Order { low: top.rates[0].estimate.leaf, high: bottom.rates[0].estimate.leaf }),
        );
    } else {
        sink.pass(CODE, all, "hazard ratio and rates do not point in opposite directions");
    }
}
