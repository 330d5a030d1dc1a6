//! V106: markers counted by marker and by number of markers.

use super::Rule;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, Named, Reported, Tally};
use crate::audit::statement::{Statement, Weighted};

const CODE: &str = "V106";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "tally",
    checks: "that the subjects with 1, 2, 3, ... markers, each times that number, add up to the subjects with each marker, \
             and that all numbers add up to n",
    why: "Both sums count the same pairs of a subject and a marker.",
    example: "12 and 9 subjects with two markers, but 9 with one and 5 with both: 21 against 19",
    silent: "when a count is not a whole number; where more findings by number than by marker could be those of a marker that is \
             not listed, the verdict is implausible",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Tally(tally) = &section.body {
            examine(reported, tally, &section.name, sink);
        }
    }
}

fn examine(reported: &Reported, tally: &Tally, key: &str, sink: &mut Sink) {
    let leaf = |named: &Named| named.figure.leaf;
    let mut leaves: Vec<usize> = tally.by_number.iter().map(leaf).collect();
    let weighted: Option<Vec<(i64, i128)>> = tally
        .by_number
        .iter()
        .map(|named| Some((i64::from(named.name.parse::<u32>().ok()?), named.figure.integer()?)))
        .collect();
    let by_marker: Option<Vec<i128>> = tally.markers.iter().map(|named| named.figure.integer()).collect();
    let (Some(weighted), Some(by_marker)) = (weighted, by_marker) else {
        sink.undecidable(CODE, leaves, "a count cannot be read");
        return;
    };
    let subjects: i128 = weighted.iter().map(|(_, count)| count).sum();
    let cohort = tally.cohort.as_ref().and_then(|name| reported.cohort(name)).and_then(|cohort| cohort.n.as_ref());
    let n: Option<&Figure> = tally.n.as_ref().or(cohort);
    let mut complete = false;
    if let Some((n, size)) = n.and_then(|figure| Some((figure, figure.integer()?))) {
        let all: Vec<usize> = leaves.iter().copied().chain([n.leaf]).collect();
        let has_zero = weighted.iter().any(|(number, _)| *number == 0);
        complete = subjects == size || (!has_zero && subjects < size);
        if complete {
            sink.pass(CODE, all, format!("{subjects} of {size}"));
        } else if tally.n.is_none() && subjects > size {
            sink.undecidable(CODE, all, format!("{subjects} of a cohort of {size}: another unit, or other subjects?"));
        } else if subjects < size {
            sink.undecidable(CODE, all, format!("{subjects} of {size}: is a number of markers not listed?"));
        } else {
            let message = format!("the subjects by number of markers add up to {subjects}, printed is {size}");
            let statement = Statement::Sum { total: n.leaf, parts: leaves.clone(), at_most: !has_zero };
            sink.finding(Finding::new(CODE, Verdict::Impossible, &format!("{key}/n"), all, message).stating(statement));
        }
    }
    if by_marker.is_empty() || weighted.is_empty() {
        return;
    }
    let pairs: i128 = weighted.iter().map(|(number, count)| i128::from(*number) * count).sum();
    let others: i128 = by_marker.iter().sum();
    let markers: Vec<usize> = tally.markers.iter().map(leaf).collect();
    let terms = tally
        .by_number
        .iter()
        .zip(&weighted)
        .map(|(named, (weight, _))| Weighted { leaf: named.figure.leaf, weight: *weight });
    let terms: Vec<Weighted> = terms.collect();
    leaves.extend(&markers);
    if pairs == others {
        sink.pass(CODE, leaves, format!("{pairs} pairs of a subject and a marker, counted both ways"));
    } else {
        // A marker that is not listed makes the first larger, a number that is not listed the second.
        let verdict = if pairs < others && complete { Verdict::Impossible } else { Verdict::Implausible };
        let message = format!("by number of markers there are {pairs} findings, by marker {others}");
        sink.finding(
            Finding::new(CODE, verdict, &format!("{key}/pairs"), leaves, message)
                .assuming("all markers and all numbers of markers are listed, of the same subjects")
                .stating(Statement::WeightedSum { terms, total: markers }),
        );
    }
}
