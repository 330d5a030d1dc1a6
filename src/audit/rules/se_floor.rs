//! V502: the smallest standard error that a 0/1 covariate can have for n subjects or so many events.

use super::Rule;
use super::ratio_coherence::z_range_of_p;
use super::ratio_interval::{critical, implied_error_span};
use super::support::{magnitude, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, CiMethod, Covariate, Figure, Regression, RegressionModel, Reported, Term};
use crate::audit::statement::{Formula, Input, Relation, Statement, Target};
use crate::stats::distribution::normal_critical;

const CODE: &str = "V502";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "se-floor",
    checks: "that the interval of the ratio of a 0/1 covariate, or of one whose `range:` is printed, is not narrower than the \
             number of subjects (logistic) or events (Cox) allows",
    why: "In logistic regression a subject's weight is at most 1/4 and a 0/1 covariate varies by at most 1/4 per subject, \
          so the information is at most n/16 and the standard error at least 4/sqrt(n). In Cox regression an event adds at \
          most 1/4: at least 2/sqrt(events). Values w apart vary by w^2/4, coded -1 and 1 by 1. Further covariates and \
          strata only raise the standard error.",
    example: "OR 3.7 (1.9 to 5.3) of a yes/no covariate in 60 subjects: the standard error is at least 0.52, the interval \
              has 0.33 at most",
    silent: "unless the covariate is declared binary or its range is printed, and n or events are printed (for Cox, n stands in for events); for \
             bootstrap intervals and those of a method with a name of its own (`ci_method: other`: a penalty, a prior); for rows of \
             another unit than subjects (`unit:`) without their `n:`; for a conditional logistic model (`strata:`); within a margin of 10 percent; where the P-value (or \"NS\") \
             is that of the interval at a level of 90, 95 or 99 percent and the interval is at least half as wide (of a standardised covariate, \
             of clustered observations, of another level)",
    strongest: Verdict::Inconsistent,
    run,
};

/// Beyond rounding.
const MARGIN: f64 = 0.9;

/// The standard deviation of values one apart is half of that at most: per standard deviation the floor is half as high.
const PER_DEVIATION: f64 = 0.5;

const AT_FIVE_PERCENT: f64 = 1.96;

/// "NS", and nothing else.
fn is_not_significant(p: &Figure) -> bool {
    ["ns", "n.s.", "n.s", "n. s.", "not significant"].contains(&p.text.trim().to_lowercase().as_str())
}

/// Is the P-value that of the interval, at a usual level? Then it is no misprint, but perhaps of another kind than assumed.
fn is_that_of_p(table: &Regression, term: &Term, narrowest: f64, widest: f64) -> bool {
    let ratio = term.ratio.as_ref().and_then(|figure| span(figure, 1.0)).filter(|(low, _)| *low > 0.0);
    let printed = term
        .p
        .as_ref()
        .and_then(|p| if is_not_significant(p) { Some((0.0, AT_FIVE_PERCENT)) } else { z_range_of_p(&term.p) });
    let (Some((low, high)), Some((least, most))) = (ratio, printed) else { return false };
    let logarithm = magnitude((low.ln(), high.ln()));
    !term.p_of_other_test
        && [0.90, 0.95, 0.99].into_iter().any(|level| {
            let by = normal_critical(level) / critical(table);
            let z_low = logarithm.0 * by / widest;
            let z_high = if narrowest > 0.0 { logarithm.1 * by / narrowest } else { f64::INFINITY };
            least <= z_high * 1.1 + 0.1 && z_low <= most * 1.1 + 0.1
        })
}

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Regression(table) = &section.body else { continue };
        let size = table
            .n
            .as_ref()
            .or_else(|| table.cohort.as_ref().and_then(|name| reported.cohort(name)).and_then(|c| c.n.as_ref()));
        for term in &table.terms {
            let (Some(ratio), Some(lower), Some(upper)) = (&term.ratio, &term.lower, &term.upper) else { continue };
            examine(table, term, size, [ratio, lower, upper], &section.name, sink);
        }
    }
}

/// The largest distance between two values of the covariate, in the unit of its coefficient.
fn spread(term: &Term) -> Option<f64> {
    let ends = [&term.lowest, &term.highest].map(|figure| figure.as_ref().and_then(|figure| span(figure, 1.0)));
    match (term.covariate, ends) {
        (_, [Some(low), Some(high)]) if high.1 > low.0 => Some(high.1 - low.0),
        (Covariate::Binary | Covariate::TimeDependent, _) if term.plus_minus_one => Some(2.0),
        (Covariate::Binary, _) => Some(1.0),
        _ => None,
    }
}

fn examine(
    table: &Regression,
    term: &Term,
    size: Option<&Figure>,
    [ratio, lower, upper]: [&Figure; 3],
    section: &str,
    sink: &mut Sink,
) {
    let leaves = vec![ratio.leaf, lower.leaf, upper.leaf];
    let Some(width) = spread(term) else {
        if term.covariate == Covariate::NotStated {
            sink.undecidable(CODE, leaves, "not stated whether the covariate is binary (`type: binary`)");
        } else if matches!(term.covariate, Covariate::Continuous | Covariate::Ordinal) {
            sink.undecidable(
                CODE,
                leaves,
                "the smallest and largest value of the covariate are not printed (`range:`)",
            );
        }
        return;
    };
    if matches!(table.ci_method, Some(CiMethod::Bootstrap | CiMethod::Other)) {
        sink.not_applicable(CODE, leaves, "only a model-based interval without penalty or prior has such a bound");
        return;
    }
    if table.unit.is_some() && table.n.is_none() && term.n.is_none() {
        sink.undecidable(CODE, leaves, "the table counts another unit than subjects, and its `n:` is not printed");
        return;
    }
    if table.stratified && table.model == Some(RegressionModel::Logistic) {
        sink.undecidable(CODE, leaves, "a conditional model counts matched sets, and not subjects");
        return;
    }
    // A subject's weight is a quarter at most, an event's too; values that differ by w vary by w^2 / 4 at most.
    let (figure, factor, what) = match table.model {
        Some(RegressionModel::Logistic) => (term.n.as_ref().or(size), 4.0 / width, "subjects"),
        Some(RegressionModel::Cox) => match term.events.as_ref().or(table.events.as_ref()) {
            Some(events) => (Some(events), 2.0 / width, "events"),
            None => (term.n.as_ref().or(size), 2.0 / width, "subjects (and no more events)"),
        },
        _ => return,
    };
    let Some((figure, count)) = figure.and_then(|f| Some((f, f.integer().filter(|&n| n > 0)?))) else {
        sink.undecidable(CODE, leaves, "the number of subjects or events is not printed");
        return;
    };
    let Some((narrowest, widest)) = implied_error_span(table, term) else {
        sink.undecidable(CODE, leaves, "the interval cannot be read");
        return;
    };
    let mut floor = factor / (count as f64).sqrt();
    let mut all: Vec<usize> = leaves.iter().copied().chain([figure.leaf]).collect();
    let mut inputs: Vec<Input> = leaves.iter().map(|&leaf| Input::Leaf { leaf, unit: 1.0 }).collect();
    inputs.push(Input::Constant { value: critical(table) });
    inputs.push(Input::Constant { value: factor });
    inputs.push(Input::Count { leaf: figure.leaf });
    // With the number exposed, a 0/1 covariate has weights of n1 / 4 and n0 / 4.
    let mut with = format!("{count} {what}");
    let exposed = term.exposed.as_ref().and_then(|f| Some((f, f.integer().filter(|&k| k > 0 && k < count)?)));
    if let (Some((exposed, k)), Some(RegressionModel::Logistic), 1.0) = (exposed, table.model, width) {
        let (k, rest) = (k as f64, (count - k) as f64);
        floor = (4.0 / k + 4.0 / rest).sqrt();
        all.push(exposed.leaf);
        inputs.pop();
        inputs.pop();
        // sqrt(4 / k + 4 / rest) = 2 / sqrt(k rest / (k + rest))
        inputs.push(Input::Constant { value: 2.0 });
        inputs.push(Input::Constant { value: k * rest / (k + rest) });
        with = format!("{k:.0} exposed of {count}");
    }
    let is_low = widest < MARGIN * floor;
    if is_low && widest >= MARGIN * PER_DEVIATION * floor && is_that_of_p(table, term, narrowest, widest) {
        let says = "narrower than subjects or events allow, but with the P-value of such an interval: of a covariate per standard \
                    deviation, with errors for clusters, or at another level (`ci_level:`)?";
        sink.undecidable(CODE, all, says);
    } else if is_low {
        let message = format!(
            "{} {} ({} to {}): with {with} the standard error is at least {floor:.3}, the widest reading of the interval \
             gives {widest:.3}",
            term.id, ratio.text, lower.text, upper.text
        );
        let kind = if width == 1.0 { "coded 0/1".to_string() } else { format!("of values at most {width} apart") };
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{section}/{}", term.id), all, message)
                .assuming(format!("the covariate is {kind}, and the interval is model-based"))
                .evidence(format!(
                    "the limits would be at least a factor {:.2} apart",
                    (2.0 * critical(table) * floor).exp()
                ))
                .stating(Statement::NoValue {
                    formula: Formula::ErrorOverFloor,
                    inputs,
                    relation: Relation::Equal,
                    target: Target::Between { low: MARGIN, high: 1e300 },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, all, format!("not narrower than {with} allow"));
    }
}
