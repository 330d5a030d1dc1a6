//! V503: a prediction equation and its worked examples.

use super::Rule;
use super::retyping::retyped;
use super::support::{input, magnitude, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Equation, Example, Figure, Link, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V503";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "equation",
    checks: "that the linear predictor of a worked example is intercept plus coefficients times values, and that its \
             probability follows from it",
    why: "The example is arithmetic on printed numbers. Every number is as wide as its rounding allows.",
    example: "-4.1 + 0.031 * 65 + 0.85 = -1.235, probability 0.225, printed 0.325",
    silent: "when a term of the equation has no value in the example; for Cox, survival and risk are both allowed, and a \
             difference is a question unless `mean_predictor: 0` says that the predictor is not centred",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Equation(equation) = &section.body {
            for (index, example) in equation.examples.iter().enumerate() {
                examine(equation, example, &format!("{}/{index}", section.name), sink);
            }
        }
    }
}

fn examine(equation: &Equation, example: &Example, key: &str, sink: &mut Sink) {
    let computed = predictor(equation, example);
    let printed = example.linear_predictor.as_ref();
    if let Some(figure) = printed {
        match (&computed, span(figure, 1.0)) {
            (Some(computed), Some(range)) => {
                let leaves: Vec<usize> = computed.leaves.iter().copied().chain([figure.leaf]).collect();
                if range.1 < computed.range.0 - 1e-9 || range.0 > computed.range.1 + 1e-9 {
                    let message = format!(
                        "the equation gives {:.4} to {:.4}, the example prints {}",
                        computed.range.0, computed.range.1, figure.text
                    );
                    sink.finding(
                        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/linear_predictor"), leaves, message)
                            .assuming("the values of the example are those that enter the equation")
                            .supposing(retyped(figure, |printed| {
                                let (low, high) = printed.widest();
                                high >= computed.range.0 && low <= computed.range.1
                            }))
                            .stating(no_value(Formula::LinearPredictor, computed.inputs.clone(), figure)),
                    );
                } else {
                    sink.pass(CODE, leaves, "the linear predictor is that of the equation");
                }
            }
            _ => sink.undecidable(CODE, vec![figure.leaf], "a term has no value in the example, or is no number"),
        }
    }
    let Some(probability) = &example.probability else { return };
    // From the printed linear predictor where there is one; it has the fewest numbers in it.
    let from = match printed.and_then(|figure| Some((figure, span(figure, 1.0)?))) {
        Some((figure, range)) => Some(Computed { range, leaves: vec![figure.leaf], inputs: vec![input(figure)] }),
        None => computed,
    };
    match from {
        Some(from) => risk(equation, from, probability, key, sink),
        None => sink.undecidable(CODE, vec![probability.leaf], "a term has no value in the example, or is no number"),
    }
}

fn no_value(formula: Formula, inputs: Vec<Input>, figure: &Figure) -> Statement {
    Statement::NoValue {
        formula,
        inputs,
        relation: Relation::Equal,
        target: Target::Leaf { leaf: figure.leaf, unit: 1.0, read_as: ReadAs::Value },
        factor: 1.0,
        step: 0.0,
    }
}

struct Computed {
    range: (f64, f64),
    leaves: Vec<usize>,
    inputs: Vec<Input>,
}

/// Intercept and sum of products, as wide as rounding allows.
fn predictor(equation: &Equation, example: &Example) -> Option<Computed> {
    let mut computed = Computed { range: (0.0, 0.0), leaves: Vec::new(), inputs: Vec::new() };
    match &equation.intercept {
        Some(figure) => {
            computed.range = span(figure, 1.0)?;
            computed.leaves.push(figure.leaf);
            computed.inputs.push(input(figure));
        }
        None if equation.link == Link::Cox => computed.inputs.push(Input::Constant { value: 0.0 }),
        None => return None,
    }
    for term in &equation.terms {
        let value = &example.values.iter().find(|value| value.name == term.name)?.figure;
        let coefficient = span(&term.figure, 1.0)?;
        // A whole number is meant as it stands.
        let entered = match value.integer() {
            Some(whole) => (whole as f64, whole as f64),
            None => span(value, 1.0)?,
        };
        let products = [
            coefficient.0 * entered.0,
            coefficient.0 * entered.1,
            coefficient.1 * entered.0,
            coefficient.1 * entered.1,
        ];
        computed.range.0 += products.iter().copied().fold(f64::INFINITY, f64::min);
        computed.range.1 += products.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        computed.leaves.extend([term.figure.leaf, value.leaf]);
        computed.inputs.push(input(&term.figure));
        computed.inputs.push(match value.integer() {
            Some(_) => Input::Count { leaf: value.leaf },
            None => input(value),
        });
    }
    Some(computed)
}

/// A baseline survival is often that of the mean predictor: without `mean_predictor: 0` a difference is a question.
fn centred(
    equation: &Equation,
    (low, high): (f64, f64),
    probability: &Figure,
    mut leaves: Vec<usize>,
    printed: (f64, f64),
    sink: &mut Sink,
) {
    let Some(figure) = &equation.baseline_survival else { return };
    leaves.push(figure.leaf);
    let unit = if figure.value().is_some_and(|v| v > 1.0) { 0.01 } else { 1.0 };
    let mean = equation.mean_predictor.as_ref();
    leaves.extend(mean.map(|figure| figure.leaf));
    let mean = mean.map_or(Some((0.0, 0.0)), |figure| span(figure, 1.0));
    let (Some(baseline), Some(mean)) = (span(figure, unit), mean) else { return };
    let at = |survival: f64, x: f64| survival.clamp(0.0, 1.0).powf(x.exp());
    let survival = (at(baseline.0, high - mean.0), at(baseline.1, low - mean.1));
    let meets = |range: (f64, f64)| printed.1 >= range.0 - 1e-9 && printed.0 <= range.1 + 1e-9;
    if meets(survival) || meets((1.0 - survival.1, 1.0 - survival.0)) {
        sink.pass(CODE, leaves, "the probability follows from the linear predictor");
    } else {
        let says = format!(
            "the equation gives {:.4} to {:.4}, printed is {}: is the predictor centred? (`mean_predictor:`, 0 if not)",
            1.0 - survival.1,
            1.0 - survival.0,
            probability.text
        );
        sink.undecidable(CODE, leaves, says);
    }
}

fn risk(equation: &Equation, from: Computed, probability: &Figure, key: &str, sink: &mut Sink) {
    let mut leaves = from.leaves.clone();
    leaves.push(probability.leaf);
    let percent = probability.number.as_ref().is_some_and(|p| p.percent_sign || p.value() > 1.0);
    let Some(printed) = span(probability, if percent { 0.01 } else { 1.0 }) else { return };
    let (low, high) = from.range;
    let (ranges, formula, mut inputs): (Vec<(f64, f64)>, _, _) = match (equation.link, &equation.baseline_survival) {
        (Link::Logistic, _) => {
            let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
            (vec![(logistic(low), logistic(high))], Formula::Logistic, Vec::new())
        }
        (Link::Cox, Some(_)) if equation.mean_predictor.as_ref().is_none_or(|mean| mean.value() != Some(0.0)) => {
            centred(equation, from.range, probability, leaves, printed, sink);
            return;
        }
        (Link::Cox, Some(figure)) => {
            let Some(baseline) = span(figure, if figure.value().is_some_and(|v| v > 1.0) { 0.01 } else { 1.0 }) else {
                return;
            };
            leaves.push(figure.leaf);
            let at = |survival: f64, x: f64| survival.clamp(0.0, 1.0).powf(x.exp());
            let survival = (at(baseline.0, high), at(baseline.1, low));
            let unit = if figure.value().is_some_and(|v| v > 1.0) { 0.01 } else { 1.0 };
            let inputs = vec![Input::Leaf { leaf: figure.leaf, unit }];
            (vec![survival, (1.0 - survival.1, 1.0 - survival.0)], Formula::Proportional, inputs)
        }
        _ => {
            sink.undecidable(CODE, leaves, "the baseline survival is not printed, or the link gives no probability");
            return;
        }
    };
    if ranges.iter().any(|range| printed.1 >= range.0 - 1e-9 && printed.0 <= range.1 + 1e-9) {
        sink.pass(CODE, leaves, "the probability follows from the linear predictor");
        return;
    }
    let range = magnitude(ranges[ranges.len() - 1]);
    let unit = if percent { 0.01 } else { 1.0 };
    let message = format!(
        "the linear predictor gives a probability of {:.4} to {:.4}, printed is {}",
        range.0 / unit,
        range.1 / unit,
        probability.text
    );
    let mut finding = Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/probability"), leaves, message)
        .assuming("the probability is of this linear predictor")
        .supposing(retyped(probability, |printed| {
            let (low, high) = printed.widest();
            ranges.iter().any(|range| high * unit >= range.0 && low * unit <= range.1)
        }));
    if from.inputs.len() == 1 {
        inputs.extend(from.inputs);
        finding.statement = Statement::NoValue {
            formula,
            inputs,
            relation: Relation::Equal,
            target: Target::Leaf { leaf: probability.leaf, unit, read_as: ReadAs::Value },
            factor: 1.0,
            step: 0.0,
        };
    }
    sink.finding(finding);
}
