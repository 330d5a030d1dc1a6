//! Claims about predictors of a regression table, and about two figures that are pointed at (part of V901).

use super::claims::CODE;
use super::support::{magnitude, span};
use crate::audit::arithmetic::Printed;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Claim, ClaimKind, Figure, Reported, Term};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

/// The level that is claimed: 0.05 unless stated.
fn level(claim: &Claim) -> f64 {
    claim.p.as_ref().and_then(Figure::value).unwrap_or(0.05)
}

/// "Independent predictors at P < x", "selected because P < x": against the P-values of the named table.
pub(super) fn of_table(reported: &Reported, claim: &Claim, key: &str, sink: &mut Sink) {
    let level = level(claim);
    let mut terms: Vec<&Term> = Vec::new();
    for section in &reported.sections {
        if let Body::Regression(table) = &section.body
            && claim.table.as_ref().is_none_or(|name| *name == section.name)
        {
            terms.extend(&table.terms);
        }
    }
    let mut checked = vec![claim.leaf];
    let mut against = false;
    for variable in &claim.variables {
        let found: Vec<&Figure> =
            terms.iter().filter(|term| term.id == *variable).filter_map(|term| term.p.as_ref()).collect();
        // A variable of several tables or levels may be meant in any of them.
        let [p] = found.as_slice() else {
            let leaves = found.iter().map(|figure| figure.leaf).chain([claim.leaf]).collect();
            sink.undecidable(CODE, leaves, format!("there is no one P-value of `{variable}` in the table"));
            continue;
        };
        checked.push(p.leaf);
        if p.number.as_ref().is_some_and(|printed| printed.widest().0 >= level) {
            against = true;
            let what = match claim.kind {
                ClaimKind::SelectedBelow => "selected",
                _ => "said to be an independent predictor",
            };
            let message = format!("{variable} is {what} at P < {level}, printed is {}", p.text);
            sink.finding(
                Finding::new(
                    CODE,
                    Verdict::Inconsistent,
                    &format!("{key}/{variable}"),
                    vec![p.leaf, claim.leaf],
                    message,
                )
                .assuming("the claim is about the P-values of this table")
                .stating(Statement::OutOfRange { leaf: p.leaf, low: 0.0, high: level }),
            );
        }
    }
    if claim.kind == ClaimKind::SelectedBelow && claim.table.is_some() && !reported.assume.partial {
        let left: Vec<&str> = terms
            .iter()
            .filter(|term| !claim.variables.contains(&term.id))
            .filter(|term| term.p.as_ref().and_then(|p| p.number.as_ref()).is_some_and(|p| p.widest().1 < level))
            .map(|term| term.id.as_str())
            .collect();
        if !left.is_empty() {
            let says = format!("P is below {level} for {} too, which the claim does not name", left.join(", "));
            sink.undecidable(CODE, vec![claim.leaf], says);
        }
    }
    if !against && checked.len() > 1 {
        sink.pass(CODE, checked, format!("every printed P-value is below {level}"));
    }
}

/// "More x than y", "2.1 times as many", "a difference of 5": of two figures that are pointed at.
pub(super) fn of_two(reported: &Reported, claim: &Claim, key: &str, sink: &mut Sink) {
    let figure = |pointer: &String| -> Option<Figure> {
        let leaf = reported.leaves.iter().position(|leaf| leaf.path == *pointer)?;
        let text = reported.leaves[leaf].text.clone();
        Some(Figure { leaf, number: Printed::parse(&text), text })
    };
    let found: Option<Vec<Figure>> = claim.of.iter().map(figure).collect();
    let Some([first, second]) = found.as_deref() else {
        sink.undecidable(CODE, vec![claim.leaf], "`of:` must be two JSON pointers to printed figures");
        return;
    };
    let (Some(a), Some(b)) = (span(first, 1.0), span(second, 1.0)) else {
        sink.undecidable(CODE, vec![first.leaf, second.leaf, claim.leaf], "not numbers");
        return;
    };
    // Whole numbers are meant as they stand.
    let exact = |figure: &Figure, wide: (f64, f64)| figure.integer().map_or(wide, |k| (k as f64, k as f64));
    let (a, b) = (exact(first, a), exact(second, b));
    let mut leaves = vec![first.leaf, second.leaf, claim.leaf];
    if claim.kind == ClaimKind::More {
        if a.1 < b.0 {
            let message = format!("{} is said to be more than {}", first.text, second.text);
            let statement = Statement::Order { low: second.leaf, high: first.leaf };
            sink.finding(Finding::new(CODE, Verdict::Inconsistent, key, leaves, message).stating(statement));
        } else {
            sink.pass(CODE, leaves, format!("{} and {}", first.text, second.text));
        }
        return;
    }
    let Some((value, printed)) = claim.value.as_ref().and_then(|value| Some((value, span(value, 1.0)?))) else {
        sink.undecidable(CODE, leaves, "the claimed `value:` is not printed");
        return;
    };
    leaves.push(value.leaf);
    let ratio = claim.kind == ClaimKind::RatioOf;
    let (expected, formula) = if ratio {
        if b.0 <= 0.0 {
            sink.undecidable(CODE, leaves, "a ratio to zero");
            return;
        }
        let ends = [a.0 / b.0, a.0 / b.1, a.1 / b.0, a.1 / b.1];
        let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
        ((low, ends.iter().copied().fold(f64::NEG_INFINITY, f64::max)), Formula::Quotient)
    } else {
        (magnitude((a.0 - b.1, a.1 - b.0)), Formula::Distance)
    };
    let printed = magnitude(printed);
    if printed.1 < expected.0 - 1e-9 || printed.0 > expected.1 + 1e-9 {
        let what = if ratio { "the ratio" } else { "the difference" };
        let message = format!(
            "{what} of {} and {} is {:.3} to {:.3}, said to be {}",
            first.text, second.text, expected.0, expected.1, value.text
        );
        let input = |figure: &Figure| match figure.integer() {
            Some(_) => Input::Count { leaf: figure.leaf },
            None => Input::Leaf { leaf: figure.leaf, unit: 1.0 },
        };
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
                .assuming("the claim is about these two figures")
                .stating(Statement::NoValue {
                    formula,
                    inputs: vec![input(first), input(second)],
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: value.leaf, unit: 1.0, read_as: ReadAs::Magnitude },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, leaves, "as printed");
    }
}
