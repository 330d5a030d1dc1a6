//! V502: the smallest standard error that a 0/1 covariate can have for n subjects or so many events.

use super::Rule;
use super::ratio_coherence::{critical, implied_error_span};
use super::support::span;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, CiMethod, Covariate, Figure, Regression, RegressionModel, Reported, Term};
use crate::audit::statement::{Formula, Input, Relation, Statement, Target};

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
             another unit than subjects (`unit:`) without their `n:`; for a conditional logistic model (`strata:`); within a margin of 10 percent",
    strongest: Verdict::Inconsistent,
    run,
};

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
    let Some((_, widest)) = implied_error_span(table, term) else {
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
    if widest < 0.9 * floor {
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
                    target: Target::Between { low: 0.9, high: 1e300 },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, all, format!("not narrower than {with} allow"));
    }
}
