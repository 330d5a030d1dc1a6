//! V802: figures that are printed more than once.

use super::Rule;
use super::retyping::retyped;
use crate::audit::arithmetic::Relation;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, PerformanceRow, Reported, RestatedOf, Term};
use crate::audit::statement::Statement;

const CODE: &str = "V802";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "restated",
    checks: "that a figure repeated in the abstract, the text or a footnote is that of the table, up to rounding",
    why: "Two printings of one number may differ in their digits, not in their value.",
    example: "AUC 0.87 in the abstract, 0.78 in the table",
    silent: "when the table has no such row; limits of intervals may be by another method, so they are cosmetic only",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Restated(items) = &section.body else { continue };
        for (index, item) in items.iter().enumerate() {
            let key = format!("{}/{index}", section.name);
            match &item.of {
                RestatedOf::Pointer { pointer, value } => pointer_to(reported, pointer, value, &key, sink),
                RestatedOf::Metrics(row) => metrics(reported, row, &key, sink),
                RestatedOf::Term(term) => of_term(reported, term, &key, sink),
            }
        }
    }
}

fn pointer_to(reported: &Reported, pointer: &str, value: &Figure, key: &str, sink: &mut Sink) {
    match reported.leaves.iter().position(|leaf| leaf.path == pointer) {
        Some(leaf) => {
            let text = reported.leaves[leaf].text.clone();
            let number = crate::audit::arithmetic::Printed::parse(&text);
            compare(&Figure { leaf, text, number }, value, key, Verdict::Inconsistent, sink);
        }
        None => sink.undecidable(CODE, vec![value.leaf], format!("there is no {pointer}")),
    }
}

fn metrics(reported: &Reported, row: &PerformanceRow, key: &str, sink: &mut Sink) {
    let found = reported.sections.iter().find_map(|section| match &section.body {
        Body::Performance(table) => {
            table.rows.iter().find(|other| other.model == row.model && other.cohort == row.cohort)
        }
        _ => None,
    });
    for cell in &row.metrics {
        let all: Vec<usize> =
            [&cell.estimate, &cell.lower, &cell.upper].into_iter().flatten().map(|f| f.leaf).collect();
        let Some(original) = found.and_then(|other| {
            other.metrics.iter().find(|o| o.key == cell.key || o.metric == cell.metric && o.metric.is_from_table())
        }) else {
            sink.undecidable(CODE, all, "no table has this figure");
            continue;
        };
        for (what, first, second, verdict) in [
            ("", &original.estimate, &cell.estimate, Verdict::Inconsistent),
            ("/lower", &original.lower, &cell.lower, Verdict::Cosmetic),
            ("/upper", &original.upper, &cell.upper, Verdict::Cosmetic),
        ] {
            if let (Some(first), Some(second)) = (first, second) {
                compare(first, second, &format!("{key}/{}{what}", cell.key), verdict, sink);
            }
        }
    }
}

fn of_term(reported: &Reported, term: &Term, key: &str, sink: &mut Sink) {
    let found = reported.sections.iter().find_map(|section| match &section.body {
        Body::Regression(table) => table.terms.iter().find(|other| other.id == term.id),
        _ => None,
    });
    let pieces = |term: &Term| {
        [
            ("ratio", term.ratio.clone(), Verdict::Inconsistent),
            ("beta", term.beta.clone(), Verdict::Inconsistent),
            ("lower", term.lower.clone(), Verdict::Cosmetic),
            ("upper", term.upper.clone(), Verdict::Cosmetic),
            ("p", term.p.clone(), Verdict::Cosmetic),
        ]
    };
    let Some(found) = found else {
        let leaves = pieces(term).iter().filter_map(|(_, figure, _)| figure.as_ref()).map(|f| f.leaf).collect();
        sink.undecidable(CODE, leaves, "no table has this term");
        return;
    };
    if found.reference.is_some() && term.reference.is_some() && found.reference != term.reference {
        let leaves = pieces(term).iter().filter_map(|(_, figure, _)| figure.as_ref()).map(|f| f.leaf).collect();
        sink.not_applicable(CODE, leaves, "the two ratios are relative to different levels");
        return;
    }
    for ((what, first, verdict), (_, second, _)) in pieces(found).into_iter().zip(pieces(term)) {
        if let (Some(first), Some(second)) = (first, second) {
            compare(&first, &second, &format!("{key}/{what}"), verdict, sink);
        }
    }
}

fn compare(first: &Figure, second: &Figure, key: &str, verdict: Verdict, sink: &mut Sink) {
    let leaves = vec![first.leaf, second.leaf];
    let (Some(a), Some(b)) = (&first.number, &second.number) else {
        sink.undecidable(CODE, leaves, "not a number");
        return;
    };
    if a.relation != b.relation && a.mantissa == b.mantissa && a.scale == b.scale {
        let message = format!("printed as {} and as {}", first.text, second.text);
        let statement = Statement::Differ { first: first.leaf, second: second.leaf };
        sink.finding(Finding::new(CODE, Verdict::Cosmetic, key, leaves, message).stating(statement));
        return;
    }
    let apart = |low: (f64, f64), high: (f64, f64)| low.1 < high.0 || high.1 < low.0;
    let (wide, narrow) = (a.widest(), b.widest());
    // "12 %" and "0.12" are the same figure.
    let rescaled = |p: (f64, f64), by: f64| (p.0 * by, p.1 * by);
    let equal_relations = a.relation == Relation::Equal && b.relation == Relation::Equal;
    let different = apart(wide, narrow)
        && !(equal_relations && (!apart(rescaled(wide, 100.0), narrow) || !apart(wide, rescaled(narrow, 100.0))));
    if different {
        let message = format!("the same figure is printed as {} and as {}", first.text, second.text);
        sink.finding(
            Finding::new(CODE, verdict, key, leaves, message)
                .assuming("both are meant to be one figure of one sample")
                .supposing(retyped(second, |printed| printed.mantissa == a.mantissa && printed.scale == a.scale))
                .stating(Statement::Differ { first: first.leaf, second: second.leaf }),
        );
    } else {
        sink.pass(CODE, leaves, "the same up to rounding");
    }
}
