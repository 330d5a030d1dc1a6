//! V201: the 2 x 2 tables behind the metrics, alone, jointly over the rows of a cohort, and over a cohort's parts.

use super::Rule;
use super::binomial::of_single_counts;
use super::confusion_averages::{means, of_other_rows};
use super::confusion_cut_offs::{accuracy_is_odd, chosen};
use super::confusion_findings::{
    ONE_EACH, class_finding, joint_finding, listing, names, row_finding, spans, statement, witness,
};
use super::confusion_items::{Item, Says, consistent, positives, row_items};
use super::confusion_joint::{of_several_classes, several};
use super::confusion_questions::{for_classes, settle};
use super::confusion_samples::resampled;
use super::support::{cohort_of, has_own_denominators, is_averaged, looks_averaged, row_classes, row_n};
use crate::audit::conflict::minimal_conflict;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, Cohort, Figure, Performance, PerformanceRow, Reported};
use crate::audit::statement::{Part, Statement};
use std::collections::BTreeSet;

pub(super) const CODE: &str = "V201";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "confusion-matrix",
    checks: "that there are whole numbers of true and false positives and negatives behind the printed metrics: for each \
             row, for all rows of a cohort with one number of positives, for the printed class counts, and for a cohort \
             and its parts together",
    why: "All threshold metrics of a row come from one 2 x 2 table, and all rows of a cohort share its class counts. The \
          search covers every number of positives, so nothing is missed; every way of rounding is allowed, cell by cell, \
          with padded zeros.",
    example: "sensitivity 0.71 of 16 subjects with the event: 11/16 is 0.69 and 12/16 is 0.75",
    silent: "for means over folds, repeats or classes (`averaged:`, an `sd:` beside a metric, or a name that says so); where a metric may be in \
             percent or not; for figures that would fit as something else, which is then asked: predictive values at another \
             prevalence, likelihood ratios from rounded figures, F1 or recall averaged over classes, means over classes (`f1_macro`) where two classes are not certain, detection per thousand, \
             kappa between readers, accuracy at another cut-off (in several rows, or the share of the larger class), a sensitivity fixed in advance, a training set balanced by resampling, rows that each fit a table and not together (other outcomes, each class \
             against the rest; unless three rows, or one and the printed class counts, agree and one figure of the odd row would do), means over readers, folds or imputations (three figures or more, or accuracy alone; where one share with the event may be behind all rows of the table, no counts \
             are printed, its other figures do not fit single tables by more than chance, and its intervals are not, to the digit, of single counts), a marker that some subjects lack (`n:` of the row, `sample:`, `averaged:` say so, and `averaged: no` that it is not so); where the search would be too long; without any sample size it speaks only when no size \
             whatever fits",
    strongest: Verdict::Impossible,
    run,
};

/// A row with what it says.
#[derive(Clone)]
pub(super) struct Row<'a> {
    pub section: &'a str,
    pub table: &'a Performance,
    pub row: &'a PerformanceRow,
    /// The row is of human readers.
    pub readers: bool,
    /// What it says, less what is set aside with a question; and all of it.
    pub items: Vec<Item>,
    pub as_printed: Vec<Item>,
    /// Sensitivities or specificities that the table's rows have in common as chosen ones.
    pub chosen: Vec<usize>,
    /// Accuracy alone is at odds, here and in other rows of the table.
    pub other_accuracy: bool,
    /// The intervals of the table are of single counts: its figures are no means.
    pub single: bool,
}

/// The figures about which it asks what they are: no other rule accuses them.
pub(super) fn asked(reported: &Reported, sink: &mut Sink) -> BTreeSet<usize> {
    let of_own = || {
        let mut own = Sink::default();
        run(reported, &mut own);
        own.asked.unwrap_or_default()
    };
    sink.asked.get_or_insert_with(of_own).clone()
}

/// Does it ask about every figure of the row that a 2 x 2 table gives?
pub(super) fn asks_about(row: &PerformanceRow, asked: &BTreeSet<usize>) -> bool {
    let mut figures =
        row.metrics.iter().filter(|cell| cell.metric.is_from_table()).filter_map(|cell| cell.estimate.as_ref());
    figures.clone().next().is_some() && figures.all(|figure| asked.contains(&figure.leaf))
}

fn run(reported: &Reported, sink: &mut Sink) {
    sink.asked.get_or_insert_default();
    let mut cohorts: Vec<(String, Vec<Row<'_>>)> = Vec::new();
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        let of_single_counts = of_single_counts(reported, table);
        for (row, single) in table.rows.iter().zip(of_single_counts) {
            let items = row_items(table, row);
            if items.is_empty() {
                continue;
            }
            let leaves: Vec<usize> = items.iter().map(|item| item.leaf).collect();
            let name = row.cohort.as_deref().unwrap_or("");
            let named = !row.one_table && looks_averaged(&[name, &row.model, &section.name]);
            if is_averaged(reported, row) || named {
                sink.not_applicable(CODE, leaves, "means over several samples have no one table");
                continue;
            }
            let read = Row {
                section: &section.name,
                table,
                row,
                readers: table.readers,
                as_printed: items.clone(),
                items,
                chosen: Vec::new(),
                other_accuracy: false,
                single,
            };
            // A row with its own sample, or with no cohort, stands alone, and so does a row of pooled readings.
            let own = has_other_sizes(reported, row) || has_own_denominators(reported, row);
            let alone = own || row.cohort.is_none() || !row.pooled.is_empty();
            let parts = [Some(name), row.unit.as_deref(), row.sample.as_deref()];
            let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
            match cohorts.iter_mut().find(|(cohort, _)| !alone && !cohort.is_empty() && *cohort == place) {
                Some((_, rows)) => rows.push(read),
                None => cohorts.push((if alone { String::new() } else { place }, vec![read])),
            }
        }
    }
    compare_rows(reported, &mut cohorts);
    let mut agreed: Vec<(String, Vec<Item>, i128)> = Vec::new();
    for (cohort, rows) in &cohorts {
        if let Some((items, n)) = one_cohort(reported, cohort, rows, sink) {
            agreed.push((cohort.clone(), items, n));
        }
    }
    parts(reported, &agreed, sink);
    same_exchange(sink);
}

/// What the rows of a table have in common, in all its cohorts.
fn compare_rows(reported: &Reported, cohorts: &mut [(String, Vec<Row<'_>>)]) {
    for section in &reported.sections {
        let rows: Vec<&Row<'_>> =
            cohorts.iter().flat_map(|(_, rows)| rows).filter(|row| row.section == section.name).collect();
        if rows.len() < 2 {
            continue;
        }
        let chosen = chosen(&rows);
        let three = [Metric::Accuracy, Metric::Sensitivity, Metric::Specificity];
        let complete = rows.iter().filter(|row| three.iter().all(|metric| row.row.metric(*metric).is_some())).count();
        let alone: Vec<usize> = rows
            .iter()
            .filter(|row| {
                let (size, classes) = sample(reported, row.row);
                accuracy_is_odd(row, &[size.as_slice(), &classes].concat())
            })
            .flat_map(|row| row.items.iter().map(|item| item.leaf))
            .collect();
        let odd = |row: &Row<'_>| row.items.iter().any(|item| alone.contains(&item.leaf));
        let number = rows.iter().filter(|row| odd(row)).count();
        let several = number > 1 && 2 * number >= complete;
        for row in cohorts.iter_mut().flat_map(|(_, rows)| rows).filter(|row| row.section == section.name) {
            row.other_accuracy = several && odd(row);
            row.chosen = chosen.clone();
        }
    }
}

/// The printed size of a row's sample and its class counts. Classes that do not add up to n are another rule's matter; they stand
/// without it.
fn sample(reported: &Reported, row: &PerformanceRow) -> (Option<Item>, Vec<Item>) {
    let n = row_n(reported, row);
    let (plus, minus) = row_classes(reported, row);
    let item = |figure: Option<&Figure>, says: fn(i128) -> Says| {
        let figure = figure?;
        Some(Item { row: 0, leaf: figure.leaf, says: says(figure.integer().filter(|&count| count >= 0)?) })
    };
    let classes: Vec<Item> = item(plus, Says::Positives).into_iter().chain(item(minus, Says::Negatives)).collect();
    let summed = plus.and_then(Figure::integer).zip(minus.and_then(Figure::integer)).map(|(plus, minus)| plus + minus);
    let disputed = summed.zip(n.and_then(Figure::integer)).is_some_and(|(summed, n)| summed != n);
    (if disputed { None } else { item(n, Says::Total) }, classes)
}

/// Does the row print a size that is not its cohort's?
fn has_other_sizes(reported: &Reported, row: &PerformanceRow) -> bool {
    let cohort = cohort_of(reported, row);
    let other = |own: &Option<Figure>, of: fn(&Cohort) -> Option<&Figure>| {
        let theirs = cohort.and_then(of).and_then(Figure::integer);
        own.as_ref().is_some_and(|figure| figure.integer() != theirs || theirs.is_none())
    };
    other(&row.n, |cohort| cohort.n.as_ref())
        || other(&row.positive, |cohort| cohort.positive.as_ref())
        || other(&row.negative, |cohort| cohort.negative.as_ref())
}

/// The same two labels exchanged repair several rows: more likely the heads of two columns than the rows.
fn same_exchange(sink: &mut Sink) {
    let says: Vec<String> = sink
        .findings
        .iter()
        .filter(|finding| finding.rule == CODE)
        .flat_map(|finding| finding.hypotheses.iter())
        .filter(|hypothesis| hypothesis.says.ends_with(" exchanged"))
        .map(|hypothesis| hypothesis.says.clone())
        .collect();
    for finding in sink.findings.iter_mut().filter(|finding| finding.rule == CODE) {
        let mut evidence = Vec::new();
        for hypothesis in &finding.hypotheses {
            let times = says.iter().filter(|other| **other == hypothesis.says).count();
            if times > 1 {
                evidence.push(format!("with {} {times} rows would be possible", hypothesis.says));
            }
        }
        finding.evidence.extend(evidence);
    }
}

fn one_cohort(reported: &Reported, cohort: &str, rows: &[Row<'_>], sink: &mut Sink) -> Option<(Vec<Item>, i128)> {
    let first = rows.first()?;
    let (plus, minus) = row_classes(reported, first.row);
    let (size, classes) = sample(reported, first.row);
    // What may be a figure of another kind is set aside, with a question.
    let settled: Vec<Row<'_>> =
        rows.iter().map(|row| Row { items: settle(row, size.as_slice(), &classes, sink), ..row.clone() }).collect();
    let rows = settled.as_slice();
    let printed_sample: Vec<Item> = size.iter().chain(&classes).cloned().collect();
    let (mut good, mut failed): (Vec<usize>, Vec<(usize, Vec<Item>, Finding)>) = (Vec::new(), Vec::new());
    // Each row alone, with the sample size but without the printed class counts.
    for (index, row) in rows.iter().enumerate() {
        if row.items.is_empty() {
            continue;
        }
        let mut items = size.iter().cloned().collect::<Vec<_>>();
        items.extend(row.items.clone());
        let key = format!("{}/{}/{}", row.section, row.row.model, row.row.cohort.as_deref().unwrap_or("-"));
        if items.len() == 1 && size.is_none() && !matches!(items[0].says, Says::Metric { .. }) {
            continue;
        }
        if let Some(minimal) = minimal_conflict(&items, &|set: &[Item]| consistent(set)) {
            let finding = row_finding(&key, &minimal, &items);
            failed.push((index, minimal, finding));
        } else {
            good.push(index);
        }
    }
    if !failed.is_empty()
        && let Some(question) = resampled(rows, size.as_slice(), &classes)
    {
        sink.question(CODE, question.leaves, question.says);
        return None;
    }
    let mut asked: Vec<&str> = Vec::new();
    for (index, minimal, finding) in failed {
        let row = &rows[index];
        if asked.contains(&row.section) {
            continue;
        }
        let same_table = |other: &&Row<'_>| other.section == row.section && !other.items.is_empty();
        let others: Vec<&Row<'_>> = good.iter().map(|&good| &rows[good]).filter(same_table).collect();
        let table: Vec<&Row<'_>> = rows.iter().filter(same_table).collect();
        if let Some(question) = of_other_rows(row, &others) {
            sink.question(CODE, question.leaves, question.says);
        } else if let Some(question) = means(&table, &printed_sample, &minimal) {
            // The question is about all rows of the table.
            asked.push(row.section);
            sink.question(CODE, question.leaves, question.says);
        } else {
            sink.finding(finding);
        }
    }
    good.retain(|&index| !asked.contains(&rows[index].section));
    if good.is_empty() {
        return None;
    }
    let good_rows: Vec<&Row<'_>> = good.iter().map(|&index| &rows[index]).collect();
    // All rows together, still without the printed class counts.
    let mut items: Vec<Item> = size.iter().cloned().collect();
    for &index in &good {
        items.extend(rows[index].items.iter().cloned().map(|mut item| {
            item.row = index;
            item
        }));
    }
    let leaves: Vec<usize> = items.iter().chain(&classes).map(|item| item.leaf).collect();
    let place = if cohort.is_empty() { first.row.model.clone() } else { cohort.to_string() };
    if let Some(question) = of_several_classes(&good_rows) {
        sink.question(CODE, question.leaves, question.says);
        return None;
    }
    if good.len() > 1
        && let Some(minimal) = minimal_conflict(&items, &|set: &[Item]| consistent(set))
    {
        let numbered: Vec<(usize, &Row<'_>)> = good.iter().copied().zip(good_rows.iter().copied()).collect();
        let question = for_classes(rows, &items, size.as_slice(), &classes)
            .or_else(|| means(&good_rows, &printed_sample, &minimal))
            .or_else(|| several(&numbered, &items, &classes));
        match question {
            Some(question) => sink.question(CODE, question.leaves, question.says),
            None => sink.finding(joint_finding(&place, &minimal, rows)),
        }
        return None;
    }
    let total = match (&size, plus.and_then(Figure::integer), minus.and_then(Figure::integer)) {
        (Some(Item { says: Says::Total(n), .. }), _, _) => *n,
        (_, Some(plus), Some(minus)) => plus + minus,
        _ => {
            let says = "some sample gives these metrics; its size is not printed, so no table can be named";
            sink.undecidable(CODE, leaves, format!("{says}{}", sizes(&items)));
            return None;
        }
    };
    let Some(feasible) = positives(&items, total) else {
        sink.undecidable(CODE, leaves, "the search was longer than allowed");
        return None;
    };
    // Now the printed class counts.
    let mut with_classes = items.clone();
    with_classes.extend(classes.clone());
    if !classes.is_empty() && !consistent(&with_classes) {
        if let Some(question) = for_classes(rows, &items, size.as_slice(), &classes) {
            sink.question(CODE, question.leaves, question.says);
            return None;
        }
        let conflict = minimal_conflict(&with_classes, &|set: &[Item]| consistent(set)).unwrap_or_default();
        if let Some(question) = means(&good_rows, &printed_sample, &conflict) {
            sink.question(CODE, question.leaves, question.says);
            return None;
        }
        class_finding(&place, &items, &classes, &feasible, rows, sink);
        return None;
    }
    sink.pass(CODE, leaves, witness(&items, &feasible, total, rows));
    Some((with_classes, total))
}

/// Sample sizes up to this are looked through where none is printed.
const LARGEST_GUESS: i128 = 150;

/// The sizes that would serve all rows, where sensitivity and specificity keep the search short.
fn sizes(items: &[Item]) -> String {
    let short = items.len() >= 4
        && items.iter().all(|item| match &item.says {
            Says::Metric { .. } => [Metric::Sensitivity, Metric::Specificity].iter().all(|wanted| {
                items.iter().any(|other| {
                    other.row == item.row
                        && matches!(&other.says, Says::Metric { constraint, .. } if constraint.metric == *wanted)
                })
            }),
            _ => true,
        });
    if !short {
        return String::new();
    }
    let serves = |n: &i128| positives(items, *n).is_some_and(|feasible| !feasible.is_empty());
    let found: Vec<String> = (1..=LARGEST_GUESS).filter(serves).map(|n| n.to_string()).collect();
    match found.as_slice() {
        [] => format!("; none of up to {LARGEST_GUESS} subjects does"),
        few if few.len() <= 8 => format!("; of up to {LARGEST_GUESS} subjects only {} do", few.join(", ")),
        _ => String::new(),
    }
}

/// What one part's rows say, for the second checker.
fn part_statement(minimal: &[(usize, Item)], part: usize) -> Option<Part> {
    let own: Vec<Item> = minimal.iter().filter(|(index, _)| *index == part).map(|(_, item)| item.clone()).collect();
    let Statement::NoTables { n, positive, negative, rows } = statement(&own) else { return None };
    Some(Part { n: n?, positive, negative, rows })
}

/// A whole with a printed number of positives, and parts whose metrics bound theirs.
fn parts(reported: &Reported, agreed: &[(String, Vec<Item>, i128)], sink: &mut Sink) {
    for whole in reported.cohorts.iter().filter(|cohort| cohort.parts.len() > 1) {
        let Some(figure) = &whole.positive else { continue };
        let Some(printed) = figure.integer() else { continue };
        let found: Option<Vec<&(String, Vec<Item>, i128)>> =
            whole.parts.iter().map(|part| agreed.iter().find(|(name, _, _)| name == part)).collect();
        let Some(found) = found else { continue };
        // Rows of different parts get numbers of their own.
        let mut items: Vec<(usize, Item)> = Vec::new();
        for (part, (_, own, _)) in found.iter().enumerate() {
            items.extend(own.iter().cloned().map(|item| (part, item)));
        }
        let sizes: Vec<i128> = found.iter().map(|(_, _, n)| *n).collect();
        let reaches = |set: &[(usize, Item)]| {
            let mut sums = vec![0_i128];
            for (part, &n) in sizes.iter().enumerate() {
                let own: Vec<Item> = set.iter().filter(|(p, _)| *p == part).map(|(_, item)| item.clone()).collect();
                if !own.iter().any(|item| matches!(item.says, Says::Total(_))) {
                    return true;
                }
                let Some(allowed) = positives(&own, n) else { return true };
                let mut next: Vec<i128> =
                    sums.iter().flat_map(|sum| allowed.iter().map(move |value| sum + value)).collect();
                next.sort_unstable();
                next.dedup();
                sums = next;
            }
            sums.contains(&printed)
        };
        let leaves: Vec<usize> = items.iter().map(|(_, item)| item.leaf).chain([figure.leaf]).collect();
        match minimal_conflict(&items, &reaches) {
            None => sink.pass(CODE, leaves, format!("the parts can add up to {printed} with the event")),
            Some(minimal) => {
                let mut leaves: Vec<usize> = minimal.iter().map(|(_, item)| item.leaf).collect();
                leaves.push(figure.leaf);
                let plain: Vec<Item> = minimal.iter().map(|(_, item)| item.clone()).collect();
                let message = format!(
                    "{} has {printed} with the event, but its parts cannot add up to that: {}",
                    whole.name,
                    listing(&names(&plain))
                );
                let mut finding =
                    Finding::new(CODE, Verdict::Impossible, &format!("parts/{}", whole.name), leaves, message)
                        .assuming(ONE_EACH)
                        .stating(Statement::NoPartition {
                            positive: figure.leaf,
                            parts: (0..sizes.len()).filter_map(|part| part_statement(&minimal, part)).collect(),
                        });
                for (part, n) in sizes.iter().enumerate() {
                    let own: Vec<Item> =
                        items.iter().filter(|(p, _)| *p == part).map(|(_, item)| item.clone()).collect();
                    if let Some(allowed) = positives(&own, *n) {
                        finding = finding.evidence(format!("{} allows {} of {n}", whole.parts[part], spans(&allowed)));
                    }
                }
                sink.finding(finding);
            }
        }
    }
}
