//! V107: tables by cut-off or risk group.

use super::Rule;
use super::support::{count, print_like, range};
use crate::audit::arithmetic::Rounding;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, CutOffs, Figure, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V107";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "cut-offs",
    checks: "that groups by risk or cut-off add up to no more than all, that cumulative groups grow or shrink in one direction, that a group \
             has no more events than subjects, that a rate is events over subjects, and that the events of all groups are those of the cohort where the rates say so",
    why: "Each subject is in one group; a cumulative row counts all rows before it, or all after it.",
    example: "25 events in deciles of a cohort with 24",
    silent: "for groups that are fewer than all (a group may not be printed); for rates that differ from events over subjects, \
             unless `rates: crude` (they may be Kaplan-Meier estimates), or three other groups or more show it, all add up to the cohort's n, and \
             the events by the rate to its number with the event (a few more are of later ones)",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::CutOffs(table) = &section.body {
            let cohort = table.cohort.as_ref().and_then(|name| reported.cohort(name));
            let n = table.n.as_ref().or_else(|| cohort.and_then(|cohort| cohort.n.as_ref()));
            let sizes: Vec<&Option<Figure>> = table.rows.iter().map(|row| &row.n).collect();
            let counts: Vec<&Option<Figure>> = table.rows.iter().map(|row| &row.events).collect();
            let own = table.n.is_some();
            added(table, &sizes, n, own, &format!("{}/n", section.name), "subjects", sink);
            added(table, &counts, table.events.as_ref(), true, &format!("{}/events", section.name), "events", sink);
            rows(table, &section.name, sink);
            of_cohort(reported, table, &section.name, sink);
        }
    }
}

/// `own`: the total is the table's, and not that of its cohort, which may count another unit.
fn added(
    table: &CutOffs,
    cells: &[&Option<Figure>],
    total: Option<&Figure>,
    own: bool,
    key: &str,
    what: &str,
    sink: &mut Sink,
) {
    let read: Option<Vec<(usize, i128)>> = cells.iter().map(|cell| Some((cell.as_ref()?.leaf, count(cell)?))).collect();
    let Some(read) = read.filter(|read| !read.is_empty()) else { return };
    let leaves: Vec<usize> = read.iter().map(|(leaf, _)| *leaf).collect();
    // "At most 1, at most 2 …" grows, "at least 1, at least 2 …" shrinks.
    let shrinks = read.len() > 1 && read.windows(2).all(|pair| pair[1].1 <= pair[0].1);
    if table.cumulative && !shrinks {
        for pair in read.windows(2) {
            if pair[1].1 < pair[0].1 {
                let message = format!("{} {what} up to a cut-off, {} up to the next", pair[0].1, pair[1].1);
                sink.finding(
                    Finding::new(CODE, Verdict::Impossible, key, vec![pair[0].0, pair[1].0], message)
                        .assuming("each row counts all rows before it, as the table says")
                        .stating(Statement::Order { low: pair[0].0, high: pair[1].0 }),
                );
                return;
            }
        }
    }
    let Some((total, size)) = total.and_then(|figure| Some((figure, figure.integer()?))) else {
        sink.undecidable(CODE, leaves, format!("the number of all {what} is not printed"));
        return;
    };
    let sum: i128 = if table.cumulative {
        read.iter().map(|(_, k)| *k).max().unwrap_or(0)
    } else {
        read.iter().map(|(_, k)| k).sum()
    };
    let all: Vec<usize> = leaves.iter().copied().chain([total.leaf]).collect();
    if sum == size {
        sink.pass(CODE, all, format!("the groups add up to {size} {what}"));
    } else if sum < size {
        sink.undecidable(CODE, all, format!("{sum} of {size} {what}: is a group not printed?"));
    } else if !own {
        sink.undecidable(CODE, all, format!("{sum} {what}, the cohort has {size}: another unit, or other subjects?"));
    } else {
        let parts = if table.cumulative { widest(&read) } else { leaves };
        let used: Vec<usize> = parts.iter().copied().chain([total.leaf]).collect();
        let message = format!("the groups add up to {sum} {what}, printed is {size}");
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, key, used, message)
                .assuming("each subject is in one group of this cohort")
                .stating(Statement::Sum { total: total.leaf, parts, at_most: true }),
        );
    }
}

/// The row that counts all others.
fn widest(read: &[(usize, i128)]) -> Vec<usize> {
    read.iter().max_by_key(|(_, k)| *k).map(|(leaf, _)| *leaf).into_iter().collect()
}

/// Groups that must have the rate of their events before it is said that the rates are those.
const FEWEST_FITTING: usize = 3;

/// So many events at most may have come after the time of the rates, in one group alone.
const LATER_EVENTS: i128 = 4;

/// Groups that make up a cohort: where one of them has other events than its rate, and with those of its rate all add up to
/// the cohort's, its events are misprinted.
fn of_cohort(reported: &Reported, table: &CutOffs, section: &str, sink: &mut Sink) {
    let read = table.rows.iter().map(|row| {
        let reads = |percent| range(row.rate.as_ref()?, percent, Rounding::Widest);
        Some((row, count(&row.n)?, count(&row.events)?, reads(true)?, reads(false)?))
    });
    let Some(read) = read.collect::<Option<Vec<_>>>().filter(|_| !table.cumulative) else { return };
    let size: i128 = read.iter().map(|(_, n, ..)| n).sum();
    let cohorts = reported.cohorts.iter().filter(|cohort| match &table.cohort {
        Some(name) => cohort.name == *name,
        None => reported.cohorts.len() == 1,
    });
    let cohort = cohorts.into_iter().find(|cohort| cohort.n.as_ref().and_then(Figure::integer) == Some(size));
    let Some((positive, all)) = cohort.and_then(|c| Some((c.positive.as_ref()?, count(&c.positive)?))) else { return };
    let (fitting, odd): (Vec<_>, Vec<_>) = read.into_iter().partition(|(_, n, events, percent, share)| {
        *n > 0 && (percent.contains(*events, *n) || share.contains(*events, *n))
    });
    let [(row, n, events, percent, share)] = odd.as_slice() else { return };
    let rest = all - fitting.iter().map(|(_, _, events, ..)| events).sum::<i128>();
    let is_rate = *n > 0 && (0..=*n).contains(&rest) && (percent.contains(rest, *n) || share.contains(rest, *n));
    if fitting.len() < FEWEST_FITTING || !is_rate || (rest..=rest + LATER_EVENTS).contains(events) {
        return;
    }
    let parts: Vec<usize> = table.rows.iter().filter_map(|row| Some(row.events.as_ref()?.leaf)).collect();
    let leaves: Vec<usize> = parts.iter().copied().chain([positive.leaf]).collect();
    let message = format!(
        "{events} events of {n}: by the rate and by the {all} with the event in the cohort, of whom the other groups have {}, it is {rest}",
        all - rest
    );
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{section}/{}/events", row.name), leaves, message)
            .assuming("the groups are those of the cohort, and rates are events over subjects, as in the other groups")
            .stating(Statement::Sum { total: positive.leaf, parts, at_most: false }),
    );
}

fn rows(table: &CutOffs, section: &str, sink: &mut Sink) {
    for row in &table.rows {
        let (Some(n), Some(events)) = (&row.n, &row.events) else { continue };
        let (Some(size), Some(k)) = (count(&row.n), count(&row.events)) else { continue };
        let key = format!("{section}/{}", row.name);
        if k > size {
            let message = format!("{k} events in {size} subjects");
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, &key, vec![events.leaf, n.leaf], message)
                    .stating(Statement::Order { low: events.leaf, high: n.leaf }),
            );
            continue;
        }
        sink.pass(CODE, vec![events.leaf, n.leaf], "no more events than subjects");
        let Some(rate) = row.rate.as_ref().filter(|_| size > 0) else { continue };
        let leaves = vec![rate.leaf, events.leaf, n.leaf];
        let reads = |percent: bool| range(rate, percent, Rounding::Widest).is_none_or(|range| range.contains(k, size));
        if reads(true) || reads(false) {
            sink.pass(CODE, leaves, format!("{k}/{size}"));
        } else if table.crude_rates {
            let percent = rate.value().is_some_and(|value| value > 1.0);
            let would = print_like(k, size, percent, rate);
            let message = format!("{k} of {size} is {would}, printed is {}", rate.text);
            let finding = Finding::new(CODE, Verdict::Impossible, &format!("{key}/rate"), leaves, message)
                .assuming("the rate is events over subjects, as the table says");
            let finding = finding.stating(Statement::NoValue {
                formula: Formula::Quotient,
                inputs: vec![Input::Count { leaf: events.leaf }, Input::Count { leaf: n.leaf }],
                relation: Relation::Equal,
                target: Target::Leaf {
                    leaf: rate.leaf,
                    unit: if percent { 0.01 } else { 1.0 },
                    read_as: ReadAs::Value,
                },
                factor: 1.0,
                step: 0.0,
            });
            sink.finding(finding);
        } else {
            sink.undecidable(CODE, leaves, "not events over subjects: a Kaplan-Meier rate? (`rates: crude`)");
        }
    }
}
