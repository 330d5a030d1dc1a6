//! V204: the number of subjects that the intervals of a table imply.

use super::Rule;
use super::proportion_interval::{Read, common, denominator};
use super::support::{is_averaged, looks_averaged};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, CiMethod, Performance, Reported};
use crate::audit::statement::{IntervalOf, Statement};
use std::collections::BTreeSet;

const CODE: &str = "V204";

/// Fewer intervals than this say nothing about a table.
const FEWEST: usize = 12;
/// Intervals of fewer subjects are not looked at.
const FEWEST_SUBJECTS: i128 = 20;

pub const RULE: Rule = Rule {
    code: CODE,
    name: "effective-n",
    checks: "whether one number of subjects, common to all cohorts of a table and the number of none, explains the widths of \
             its intervals of shares, when the cohorts' own numbers do not",
    why: "The width of an interval of a share tells its number of subjects. Cohorts of different sizes have intervals of \
          different widths; the same width in all of them asks for an explanation.",
    example: "cohorts of 88, 25 and 35, and 60 of 72 intervals as wide as those of 420 subjects",
    silent: "for fewer than twelve intervals, a single cohort or fewer than twenty subjects; for bootstrap intervals and means over folds; unless the \
             common number serves three quarters of the intervals and the own numbers less than a quarter",
    strongest: Verdict::Implausible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Performance(table) = &section.body {
            examine(reported, table, &section.name, sink);
        }
    }
}

struct Implied {
    leaves: [usize; 3],
    range: (f64, f64),
    own: f64,
}

fn examine(reported: &Reported, table: &Performance, section: &str, sink: &mut Sink) {
    let mut found: Vec<Implied> = Vec::new();
    let mut intervals: Vec<IntervalOf> = Vec::new();
    let mut sizes: BTreeSet<usize> = BTreeSet::new();
    for row in &table.rows {
        let cohort = row.cohort.as_deref().unwrap_or("");
        if is_averaged(reported, row) || looks_averaged(&[cohort, &row.model, section]) {
            continue;
        }
        for cell in row.metrics.iter().filter(|cell| cell.metric.is_share()) {
            let (Some(estimate), Some(lower), Some(upper)) = (&cell.estimate, &cell.lower, &cell.upper) else {
                continue;
            };
            if table.method(cell).or(reported.assume.ci_method) == Some(CiMethod::Bootstrap) {
                continue;
            }
            let Some(read) = Read::of(table, cell, estimate, lower, upper) else { continue };
            if let (Some(range), Some((own, leaf))) = (read.implied_n(), denominator(reported, row, cell)) {
                // Intervals of a handful of subjects follow no formula.
                if own < FEWEST_SUBJECTS {
                    continue;
                }
                sizes.insert(leaf);
                let interval = read.printed_interval(estimate, lower, upper);
                intervals.push(IntervalOf { interval, n: leaf });
                found.push(Implied { leaves: [estimate.leaf, lower.leaf, upper.leaf], range, own: own as f64 });
            }
        }
    }
    if found.len() < FEWEST || sizes.len() < 2 {
        return;
    }
    let leaves: Vec<usize> = found.iter().flat_map(|one| one.leaves).collect();
    let ranges: Vec<(f64, f64)> = found.iter().map(|one| one.range).collect();
    let Some((number, serves)) = common(&ranges) else { return };
    // Wilson's and exact intervals are wider or narrower by some percent, and a share may be of fewer than all: whatever
    // implies no more than twice the own number counts as its own.
    let own = found.iter().filter(|one| one.range.0 <= 2.0 * one.own).count();
    let of_a_cohort = found.iter().any(|one| (number / one.own - 1.0).abs() < 0.1);
    let all = found.len();
    if 4 * serves >= 3 * all && 4 * own < all && !of_a_cohort {
        let mut largest: Vec<f64> = found.iter().map(|one| one.own).collect();
        largest.sort_by(f64::total_cmp);
        largest.dedup();
        let shown: Vec<String> = largest.iter().map(|n| format!("{n:.0}")).collect();
        let message = format!(
            "{serves} of {all} intervals of shares are as wide as those of about {number:.0} subjects, in every cohort alike; \
             the shares are of {} at most",
            shown.join(", ")
        );
        let mut finding = Finding::new(CODE, Verdict::Implausible, section, leaves, message)
            .assuming("the intervals are of the shares themselves, of the level stated or 95 %")
            .evidence(format!("twice the cohorts' own numbers, or fewer, would serve {own} of {all}"))
            .evidence("N = 4 z^2 p (1 - p) / width^2, with each printed number as wide as rounding allows");
        finding.statement = Statement::CommonNumber { intervals, number };
        sink.finding(finding);
    } else {
        sink.pass(CODE, leaves, format!("the own numbers of subjects explain {own} of {all} widths"));
    }
}
