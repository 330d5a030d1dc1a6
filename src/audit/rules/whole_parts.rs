//! V103: wholes and their parts among cohorts, classes, flow steps and column headers.

use super::Rule;
use super::retyping::sum_retyped;
use super::support::class_sources;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, Cohort, Figure, FlowStep, PerformanceRow, Reported};
use crate::audit::statement::Statement;

const CODE: &str = "V103";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "whole-parts",
    checks: "that a cohort is the sum of its parts and of its classes, that a step of the flow is what its parts or its \
             exclusions leave, and that a number of subjects printed twice is the same",
    why: "Subjects are counted in whole numbers, and the file itself states which sets make up which.",
    example: "n = 120 made of a training set of 80 and a test set of 41",
    silent: "where a part is not printed, where classes are fewer than all (an outcome may be unknown), where several \
             reasons for exclusion do not add up (they may overlap, but the largest one alone is gone; not where a name speaks of another unit, as \
             lesions or images), and where cohorts are not stated to be parts of each other",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for cohort in &reported.cohorts {
        let key = format!("cohorts/{}", cohort.name);
        if let (Some(n), Some(positive), Some(negative)) = (&cohort.n, &cohort.positive, &cohort.negative) {
            let counted = positive.integer().zip(negative.integer()).zip(n.integer());
            if counted.is_some_and(|((plus, minus), n)| plus + minus < n) {
                let leaves = vec![n.leaf, positive.leaf, negative.leaf];
                sink.undecidable(CODE, leaves, "the classes are fewer than all: an outcome may be unknown");
            } else {
                sum(&format!("{key}/classes"), n, &[positive, negative], "the classes", sink);
            }
        }
        if let Some(n) = &cohort.n {
            let parts: Vec<&Figure> = cohort.partition.iter().map(|named| &named.figure).collect();
            if !parts.is_empty() {
                sum(&format!("{key}/partition"), n, &parts, "the parts", sink);
            }
        }
        for (what, whole, part_of) in [
            ("n", &cohort.n, (|c| c.n.as_ref()) as fn(&Cohort) -> Option<&Figure>),
            ("positive", &cohort.positive, |c| c.positive.as_ref()),
            ("negative", &cohort.negative, |c| c.negative.as_ref()),
        ] {
            for (index, names) in cohort.all_divisions().enumerate() {
                let parts: Option<Vec<&Figure>> =
                    names.iter().map(|name| reported.cohort(name).and_then(part_of)).collect();
                if let (Some(whole), Some(parts)) = (whole, parts)
                    && !parts.is_empty()
                {
                    let key = if index == 0 { format!("{key}/{what}") } else { format!("{key}/{what}/{index}") };
                    sum(&key, whole, &parts, &names.join(" + "), sink);
                }
            }
        }
        for (what, positive) in [("positive", true), ("negative", false)] {
            let sources = class_sources(reported, cohort, positive);
            for (index, other) in sources.iter().enumerate().skip(1) {
                equal(&format!("{key}/{what}/{index}"), sources[0], other, sink);
            }
        }
        for unit in &cohort.units {
            if let (Some(n), Some(positive), Some(negative)) = (&unit.n, &unit.positive, &unit.negative) {
                let counted = positive.integer().zip(negative.integer()).zip(n.integer());
                if counted.is_none_or(|((plus, minus), n)| plus + minus >= n) {
                    sum(&format!("{key}/{}/classes", unit.name), n, &[positive, negative], "the classes", sink);
                }
            }
        }
    }
    for section in &reported.sections {
        match &section.body {
            Body::Flow(steps) => flow(reported, &section.name, steps, sink),
            Body::Baseline(table) => {
                for column in &table.columns {
                    let Some(n) = &column.n else { continue };
                    let key = format!("{}/columns/{}", section.name, column.id);
                    let cohort = column.cohort.as_deref().and_then(|name| reported.cohort(name));
                    // The classes are compared with the cohort's above.
                    let same = cohort.filter(|_| column.group.is_none()).and_then(|cohort| cohort.n.as_ref());
                    if let Some(same) = same {
                        equal(&key, same, n, sink);
                    }
                    let parts: Option<Vec<&Figure>> = column
                        .sum_of
                        .iter()
                        .map(|id| table.columns.iter().find(|c| c.id == *id).and_then(|c| c.n.as_ref()))
                        .collect();
                    if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
                        sum(&key, n, &parts, "the columns", sink);
                    }
                }
            }
            Body::Performance(table) => {
                for row in &table.rows {
                    let key = format!("{}/{}/{}", section.name, row.model, row.cohort.as_deref().unwrap_or("-"));
                    class_denominators(reported, row, &key, sink);
                }
            }
            Body::Counts(counts) => {
                for item in &counts.items {
                    let Some(cohort) = item.cohort.as_deref().and_then(|name| reported.cohort(name)) else { continue };
                    let key = format!("{}/{}", section.name, item.name);
                    if let (Some(n), Some(of)) = (&cohort.n, &item.share.of) {
                        // A share of those with a value is a share of fewer than all: only a class is of the whole cohort.
                        if item.class.is_some() {
                            equal(&format!("{key}/of"), n, of, sink);
                        } else {
                            order(&format!("{key}/of"), of, n, sink);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// The denominator of a sensitivity is the number with the event, of a specificity without: for a cohort whose own class
/// counts are not printed, but those of its parts are.
fn class_denominators(reported: &Reported, row: &PerformanceRow, key: &str, sink: &mut Sink) {
    let Some(cohort) = row.cohort.as_deref().and_then(|name| reported.cohort(name)) else { return };
    if row.averaged || row.n.is_some() || row.positive.is_some() || row.negative.is_some() {
        return;
    }
    for (metric, own, class) in [
        (Metric::Sensitivity, &cohort.positive, (|c| c.positive.as_ref()) as fn(&Cohort) -> Option<&Figure>),
        (Metric::Specificity, &cohort.negative, |c| c.negative.as_ref()),
    ] {
        let of = row.metric(metric).and_then(|cell| cell.share.of.as_ref());
        let parts: Option<Vec<&Figure>> = cohort.parts.iter().map(|name| class(reported.cohort(name)?)).collect();
        if let (None, Some(of), Some(parts)) = (own, of, parts.filter(|parts| !parts.is_empty())) {
            let what = format!("the classes of {}", cohort.parts.join(" and "));
            sum(&format!("{key}/{}", metric.key()), of, &parts, &what, sink);
        }
    }
}

fn flow(reported: &Reported, section: &str, steps: &[FlowStep], sink: &mut Sink) {
    for step in steps {
        let key = format!("{section}/{}", step.name);
        let find = |name: &String| {
            let step = steps.iter().find(|step| step.name == *name).map(|step| &step.n);
            step.or_else(|| reported.cohort(name).and_then(|cohort| cohort.n.as_ref()))
        };
        let parts: Option<Vec<&Figure>> = step.parts.iter().map(find).collect();
        if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
            sum(&key, &step.n, &parts, &step.parts.join(" + "), sink);
        }
        if let Some(from) = step.from.as_ref().and_then(find) {
            let mut parts: Vec<&Figure> = step.excluded.iter().map(|named| &named.figure).collect();
            if parts.is_empty() {
                order(&key, &step.n, from, sink);
            } else {
                parts.push(&step.n);
                let names = step.excluded.iter().map(|named| named.name.as_str()).chain([step.name.as_str()]);
                let one_unit = !names.into_iter().any(of_another_unit);
                exclusions(&key, from, &parts, one_unit, sink);
            }
        }
        if let Some(n) = reported.cohort(&step.name).and_then(|cohort| cohort.n.as_ref()) {
            equal(&key, n, &step.n, sink);
        }
    }
}

/// Reasons for exclusion may overlap, and a reason may be left out of the list: only a single reason decides.
fn exclusions(key: &str, from: &Figure, parts: &[&Figure], one_unit: bool, sink: &mut Sink) {
    let counted: Option<Vec<i128>> = parts.iter().map(|figure| figure.integer()).collect();
    let leaves: Vec<usize> = parts.iter().map(|figure| figure.leaf).chain([from.leaf]).collect();
    let (Some(from_n), Some(counted)) = (from.integer(), counted) else {
        sink.undecidable(CODE, leaves, "not whole numbers");
        return;
    };
    let added: i128 = counted.iter().sum();
    if added == from_n {
        sink.pass(CODE, leaves, format!("what is excluded and what is left add up to {from_n}"));
    } else if let Some((reason, left)) = too_many_left(parts, from_n).filter(|_| one_unit) {
        let message =
            format!("{} are left of {from_n}, of whom {} were excluded for one of the reasons", left.text, reason.text);
        let parts = vec![reason.leaf, left.leaf];
        let leaves = vec![reason.leaf, left.leaf, from.leaf];
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
                .assuming("reasons count subjects of the step before")
                .stating(Statement::Sum { total: from.leaf, parts, at_most: true }),
        );
    } else if counted.len() > 2 {
        let says = format!("{added} of {from_n}: do reasons for exclusion overlap, or is one not listed?");
        sink.undecidable(CODE, leaves, says);
    } else {
        let message = format!("what is excluded and what is left add up to {added}, before there were {from_n}");
        let statement = Statement::Sum {
            total: from.leaf,
            parts: parts.iter().map(|figure| figure.leaf).collect(),
            at_most: false,
        };
        sink.finding(Finding::new(CODE, Verdict::Inconsistent, key, leaves, message).stating(statement));
    }
}

/// However reasons overlap, those of the largest one are gone: that reason, and what is left (the last part). A number above
/// all that there were counts something else.
fn too_many_left<'a>(parts: &[&'a Figure], from: i128) -> Option<(&'a Figure, &'a Figure)> {
    let (left, reasons) = parts.split_last().filter(|(_, reasons)| reasons.len() > 1)?;
    let largest = reasons.iter().max_by_key(|figure| figure.integer())?;
    let (excluded, kept) = (largest.integer()?, left.integer()?);
    (excluded.max(kept) <= from && excluded + kept > from).then_some((*largest, *left))
}

/// Does the name of a step or a reason count what a subject may have several of? "No scan" is of subjects.
fn of_another_unit(name: &str) -> bool {
    const UNITS: [&str; 10] =
        ["lesions", "nodules", "tumo", "images", "scans", "slices", "eyes", "teeth", "samples", "specimens"];
    UNITS.iter().any(|unit| name.to_lowercase().contains(unit))
}

fn sum(key: &str, total: &Figure, parts: &[&Figure], what: &str, sink: &mut Sink) {
    let leaves: Vec<usize> = parts.iter().map(|figure| figure.leaf).chain([total.leaf]).collect();
    let counted: Option<Vec<i128>> = parts.iter().map(|figure| figure.integer()).collect();
    let (Some(whole), Some(counted)) = (total.integer(), counted) else {
        sink.undecidable(CODE, leaves, "a part is not a whole number");
        return;
    };
    let added: i128 = counted.iter().sum();
    if added == whole {
        sink.pass(CODE, leaves, format!("{what} add up to {whole}"));
        return;
    }
    let terms: Vec<String> = counted.iter().map(i128::to_string).collect();
    let message = format!("{what} add up to {} = {added}, printed is {whole}", terms.join(" + "));
    sink.finding(
        Finding::new(CODE, Verdict::Impossible, key, leaves, message).supposing(sum_retyped(total, parts)).stating(
            Statement::Sum {
                total: total.leaf,
                parts: parts.iter().map(|figure| figure.leaf).collect(),
                at_most: false,
            },
        ),
    );
}

fn equal(key: &str, first: &Figure, second: &Figure, sink: &mut Sink) {
    let leaves = vec![first.leaf, second.leaf];
    match (first.integer(), second.integer()) {
        (Some(a), Some(b)) if a == b => sink.pass(CODE, leaves, format!("{a} in both places")),
        (Some(a), Some(b)) => {
            let message = format!("the same number of subjects is printed as {a} and as {b}");
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, key, leaves, message)
                    .stating(Statement::Differ { first: first.leaf, second: second.leaf }),
            );
        }
        _ => sink.undecidable(CODE, leaves, "not a whole number"),
    }
}

fn order(key: &str, low: &Figure, high: &Figure, sink: &mut Sink) {
    let leaves = vec![low.leaf, high.leaf];
    match (low.integer(), high.integer()) {
        (Some(a), Some(b)) if a <= b => sink.pass(CODE, leaves, format!("{a} of {b}")),
        (Some(a), Some(b)) => {
            let message = format!("{a} subjects are left of {b}");
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, key, leaves, message)
                    .stating(Statement::Order { low: low.leaf, high: high.leaf }),
            );
        }
        _ => {}
    }
}
