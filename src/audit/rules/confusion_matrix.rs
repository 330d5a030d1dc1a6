//! V201: the 2 x 2 tables behind the metrics, alone, jointly over the rows of a cohort, and over a cohort's parts.

use super::Rule;
use super::confusion_items::{Item, STEPS, Says, consistent, constraints, positives, row_items};
use super::support::{looks_averaged, print_like, ranked, row_classes, row_n, typing_distance};
use crate::audit::conflict::minimal_conflict;
use crate::audit::finding::{Finding, Hypothesis, Sink, Verdict};
use crate::audit::reported::{Body, Figure, PerformanceRow, Reported};
use crate::audit::solver::confusion::{Budget, Search, Table, table, tables};
use crate::audit::statement::{MetricLeaf, Part, Statement};

const CODE: &str = "V201";

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
    silent: "for means over folds, repeats or classes (`averaged:`, or a name that says so); where a metric may be in \
             percent or not; where the search would be too long; without any sample size it speaks only when no size \
             whatever fits",
    strongest: Verdict::Impossible,
    run,
};

/// A row with what it says.
struct Row<'a> {
    section: &'a str,
    row: &'a PerformanceRow,
    items: Vec<Item>,
}

fn run(reported: &Reported, sink: &mut Sink) {
    let mut cohorts: Vec<(String, Vec<Row<'_>>)> = Vec::new();
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        for row in &table.rows {
            let items = row_items(table, row);
            if items.is_empty() {
                continue;
            }
            let leaves: Vec<usize> = items.iter().map(|item| item.leaf).collect();
            let name = row.cohort.as_deref().unwrap_or("");
            if row.averaged || reported.assume.averaged || looks_averaged(&[name, &row.model, &section.name]) {
                sink.not_applicable(CODE, leaves, "means over several samples have no one table");
                continue;
            }
            let read = Row { section: &section.name, row, items };
            // A row with its own sample, or with no cohort, stands alone, and so does a row of pooled readings.
            let own = row.n.is_some() || row.positive.is_some() || row.negative.is_some();
            let alone = own || row.cohort.is_none() || !row.pooled.is_empty();
            let parts = [Some(name), row.unit.as_deref(), row.sample.as_deref()];
            let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
            match cohorts.iter_mut().find(|(cohort, _)| !alone && !cohort.is_empty() && *cohort == place) {
                Some((_, rows)) => rows.push(read),
                None => cohorts.push((if alone { String::new() } else { place }, vec![read])),
            }
        }
    }
    let mut agreed: Vec<(String, Vec<Item>, i128)> = Vec::new();
    for (cohort, rows) in &cohorts {
        if let Some((items, n)) = one_cohort(reported, cohort, rows, sink) {
            agreed.push((cohort.clone(), items, n));
        }
    }
    parts(reported, &agreed, sink);
    same_exchange(sink);
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
    let n = row_n(reported, first.row);
    let (plus, minus) = row_classes(reported, first.row);
    let class_item = |figure: Option<&Figure>, says: fn(i128) -> Says| {
        let figure = figure?;
        Some(Item { row: 0, leaf: figure.leaf, says: says(figure.integer()?) })
    };
    let mut classes: Vec<Item> = Vec::new();
    classes.extend(class_item(plus, Says::Positives));
    classes.extend(class_item(minus, Says::Negatives));
    // Classes that do not add up to n are another rule's matter; here they stand without it.
    let summed = plus.and_then(Figure::integer).zip(minus.and_then(Figure::integer)).map(|(plus, minus)| plus + minus);
    let disputed = summed.zip(n.and_then(Figure::integer)).is_some_and(|(summed, n)| summed != n);
    let size = if disputed { None } else { class_item(n, Says::Total) };
    let mut good: Vec<usize> = Vec::new();
    // Each row alone, with the sample size but without the printed class counts.
    for (index, row) in rows.iter().enumerate() {
        let mut items = size.iter().cloned().collect::<Vec<_>>();
        items.extend(row.items.clone());
        let key = format!("{}/{}/{}", row.section, row.row.model, row.row.cohort.as_deref().unwrap_or("-"));
        if items.len() == 1 && size.is_none() && !matches!(items[0].says, Says::Metric { .. }) {
            continue;
        }
        if row.row.metrics.iter().any(|cell| ["precision", "recall"].contains(&cell.key.as_str())) {
            // The words of classification reports, whose figures are often macro or weighted means over the classes.
            let leaves = items.iter().map(|item| item.leaf).collect();
            if consistent(&items) {
                sink.pass(CODE, leaves, "some table gives these metrics");
            } else {
                sink.undecidable(CODE, leaves, "no one table: means over the classes? If not, name them sens and ppv");
            }
            continue;
        }
        if let Some(minimal) = minimal_conflict(&items, &|set: &[Item]| consistent(set)) {
            let finding = row_finding(&key, &minimal, &items);
            sink.finding(finding);
        } else {
            good.push(index);
        }
    }
    if good.is_empty() {
        return None;
    }
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
    if good.len() > 1
        && let Some(minimal) = minimal_conflict(&items, &|set: &[Item]| consistent(set))
    {
        sink.finding(joint_finding(&place, &minimal, rows));
        return None;
    }
    let total = match (&size, plus.and_then(Figure::integer), minus.and_then(Figure::integer)) {
        (Some(Item { says: Says::Total(n), .. }), _, _) => *n,
        (_, Some(plus), Some(minus)) => plus + minus,
        _ => {
            let says = "some sample gives these metrics; its size is not printed, so no table can be named";
            sink.undecidable(CODE, leaves, says);
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
        class_finding(&place, &items, &classes, &feasible, rows, sink);
        return None;
    }
    sink.pass(CODE, leaves, witness(&items, &feasible, total, rows));
    Some((with_classes, total))
}

/// A table for each row, in words.
fn witness(items: &[Item], feasible: &[i128], n: i128, rows: &[Row<'_>]) -> String {
    let range = match (feasible.first(), feasible.last()) {
        (Some(first), Some(last)) if first == last => format!("{first} of {n} with the event"),
        (Some(first), Some(last)) => format!("{first} to {last} of {n} with the event"),
        _ => return "tables exist".to_string(),
    };
    let plus = feasible[0];
    let mut named = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let constraints = constraints(items, index);
        if constraints.is_empty() {
            continue;
        }
        if let Search::Found(t) = table(plus, n - plus, &constraints, &mut Budget::new(STEPS)) {
            named.push(format!("{}: {}", row.row.model, in_words(&t)));
        }
    }
    named.truncate(3);
    format!("tables exist for {range}; for instance, with {plus}, {}", named.join("; "))
}

fn in_words(table: &Table) -> String {
    format!(
        "TP {}, FN {}, FP {}, TN {}",
        table.true_positives, table.false_negatives, table.false_positives, table.true_negatives
    )
}

fn names(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .map(|item| match &item.says {
            Says::Metric { key, figure, .. } => format!("{key} {}", figure.text),
            Says::Total(n) => format!("n {n}"),
            Says::Positives(n) => format!("{n} with the event"),
            Says::Negatives(n) => format!("{n} without the event"),
        })
        .collect()
}

fn statement(items: &[Item]) -> Statement {
    let leaf = |pick: fn(&Says) -> bool| items.iter().find(|item| pick(&item.says)).map(|item| item.leaf);
    let mut rows: Vec<usize> = items.iter().map(|item| item.row).collect();
    rows.sort_unstable();
    rows.dedup();
    Statement::NoTables {
        n: leaf(|says| matches!(says, Says::Total(_))),
        positive: leaf(|says| matches!(says, Says::Positives(_))),
        negative: leaf(|says| matches!(says, Says::Negatives(_))),
        rows: rows
            .into_iter()
            .map(|row| {
                items
                    .iter()
                    .filter(|item| item.row == row)
                    .filter_map(|item| match &item.says {
                        Says::Metric { constraint, percent, .. } => Some(MetricLeaf {
                            metric: constraint.metric.key().to_string(),
                            leaf: item.leaf,
                            percent: *percent,
                        }),
                        _ => None,
                    })
                    .collect::<Vec<_>>()
            })
            .filter(|row: &Vec<MetricLeaf>| !row.is_empty())
            .collect(),
    }
}

const ONE_EACH: &str = "each subject is counted once, with one reading, and the metrics are of this sample";

fn row_finding(key: &str, minimal: &[Item], all: &[Item]) -> Finding {
    let leaves = minimal.iter().map(|item| item.leaf).collect();
    let sized = minimal.iter().any(|item| !matches!(item.says, Says::Metric { .. }));
    let message = if sized {
        format!("no whole numbers of subjects give {}", listing(&names(minimal)))
    } else {
        format!("in no sample of any size can be {}", listing(&names(minimal)))
    };
    let mut finding =
        Finding::new(CODE, Verdict::Impossible, key, leaves, message).assuming(ONE_EACH).stating(statement(minimal));
    if sized {
        finding = finding.evidence("every number of subjects with the event was tried, under every way of rounding");
    }
    finding.hypotheses = repairs(minimal, all);
    finding
}

fn listing(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// One figure read otherwise, or two labels exchanged, after which the whole row is possible.
fn repairs(minimal: &[Item], all: &[Item]) -> Vec<Hypothesis> {
    let mut hypotheses = Vec::new();
    let total = all.iter().find_map(|item| if let Says::Total(n) = item.says { Some(n) } else { None });
    for (index, first) in all.iter().enumerate() {
        for (other, second) in all.iter().enumerate().skip(index + 1) {
            let (
                Says::Metric { constraint: a, figure: fa, key: ka, .. },
                Says::Metric { constraint: b, figure: fb, key: kb, .. },
            ) = (&first.says, &second.says)
            else {
                continue;
            };
            if !a.metric.is_share() || !b.metric.is_share() || fa.text == fb.text {
                continue;
            }
            let mut swapped = all.to_vec();
            for (place, metric) in [(index, b.metric), (other, a.metric)] {
                if let Says::Metric { constraint, bound, .. } = &mut swapped[place].says {
                    constraint.metric = metric;
                    if let Some(bound) = bound {
                        bound.metric = metric;
                    }
                }
            }
            if consistent(&swapped) {
                hypotheses.push(Hypothesis {
                    says: format!("{ka} and {kb} exchanged"),
                    leaf: None,
                    to: None,
                    distance: 2,
                });
            }
        }
    }
    let Some(n) = total.filter(|&n| n <= 2_000) else { return ranked(hypotheses, 3) };
    for item in minimal {
        let Says::Metric { constraint, key, percent, figure, .. } = &item.says else { continue };
        let rest: Vec<Item> = all.iter().filter(|other| other.leaf != item.leaf).cloned().collect();
        let Some(feasible) = positives(&rest, n) else { continue };
        let constraints = constraints(&rest, item.row);
        let mut values: Vec<String> = Vec::new();
        for &plus in feasible.iter().take(200) {
            for table in tables(plus, n - plus, &constraints, 40, &mut Budget::new(100_000)).unwrap_or_default() {
                if let Some((numerator, denominator)) = table.ratio(constraint.metric).filter(|(_, d)| *d > 0) {
                    values.push(print_like(numerator, denominator, *percent, figure));
                }
            }
        }
        values.sort();
        values.dedup();
        values.sort_by_key(|value| typing_distance(&figure.text, value));
        // Many possible values explain nothing.
        if let Some(value) = values.first().filter(|_| values.len() <= 12) {
            hypotheses.push(Hypothesis {
                says: format!("{key} {} read as {value}", figure.text),
                leaf: Some(figure.leaf),
                distance: typing_distance(&figure.text, value),
                to: Some(value.clone()),
            });
        }
    }
    ranked(hypotheses, 3)
}

fn joint_finding(place: &str, minimal: &[Item], rows: &[Row<'_>]) -> Finding {
    let leaves = minimal.iter().map(|item| item.leaf).collect();
    let mut models: Vec<&str> = minimal
        .iter()
        .filter(|item| matches!(item.says, Says::Metric { .. }))
        .filter_map(|item| rows.get(item.row))
        .map(|row| row.row.model.as_str())
        .collect();
    models.dedup();
    let message = format!(
        "no number of subjects with the event serves the rows {} of {place} together: {}",
        models.join(" and "),
        listing(&names(minimal))
    );
    let mut finding =
        Finding::new(CODE, Verdict::Impossible, &format!("joint/{place}"), leaves, message).stating(statement(minimal));
    finding.assumes = vec![ONE_EACH.to_string(), "the rows are of the same subjects".to_string()];
    if let Some(Says::Total(n)) = minimal.iter().map(|item| &item.says).find(|says| matches!(says, Says::Total(_))) {
        let mut seen: Vec<usize> = minimal.iter().map(|item| item.row).collect();
        seen.sort_unstable();
        seen.dedup();
        for row in seen {
            let own: Vec<Item> = minimal.iter().filter(|item| item.row == row).cloned().collect();
            if !own.iter().any(|item| matches!(item.says, Says::Metric { .. })) {
                continue;
            }
            if let (Some(feasible), Some(row)) = (positives(&own, *n), rows.get(row)) {
                finding = finding.evidence(format!("{} alone allows {} of {n}", row.row.model, spans(&feasible)));
            }
        }
    }
    finding
}

/// `3, 5 to 8`.
fn spans(values: &[i128]) -> String {
    let mut parts: Vec<(i128, i128)> = Vec::new();
    for &value in values {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => parts.push((value, value)),
        }
    }
    if parts.is_empty() {
        return "none".to_string();
    }
    let shown: Vec<String> = parts
        .iter()
        .take(6)
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first} to {last}") })
        .collect();
    let more = if parts.len() > 6 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn class_finding(place: &str, items: &[Item], classes: &[Item], feasible: &[i128], rows: &[Row<'_>], sink: &mut Sink) {
    let mut all = classes.to_vec();
    all.extend(items.to_vec());
    // The row that needs the fewest figures for the conflict stands for the others.
    let mut best: Option<Vec<Item>> = None;
    let mut clashing = Vec::new();
    let mut also = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let own: Vec<Item> =
            all.iter().filter(|item| !matches!(item.says, Says::Metric { .. }) || item.row == index).cloned().collect();
        if let Some(minimal) = minimal_conflict(&own, &|set: &[Item]| consistent(set)) {
            clashing.push(row.row.model.clone());
            also.extend(minimal.iter().map(|item| item.leaf));
            if best.as_ref().is_none_or(|best| minimal.len() < best.len()) {
                best = Some(minimal);
            }
        }
    }
    let minimal = match best.or_else(|| minimal_conflict(&all, &|set: &[Item]| consistent(set))) {
        Some(minimal) => minimal,
        None => return,
    };
    let leaves = minimal.iter().map(|item| item.leaf).collect();
    let message = format!("{place}: no whole numbers of subjects give {}", listing(&names(&minimal)));
    let mut finding = Finding::new(CODE, Verdict::Impossible, &format!("classes/{place}"), leaves, message)
        .assuming(ONE_EACH)
        .stating(statement(&minimal));
    finding.also = also;
    if !clashing.is_empty() {
        finding = finding.evidence(format!(
            "{} of {} rows cannot be reached with the printed class counts: {}",
            clashing.len(),
            rows.len(),
            clashing.join(", ")
        ));
    }
    finding = finding.evidence(format!("all rows together allow {} with the event", spans(feasible)));
    if let [only] = feasible {
        let total = items.iter().find_map(|item| if let Says::Total(n) = item.says { Some(n) } else { None });
        // Both classes change together, or their sum would no longer be the sample.
        let mut changes: Vec<(i128, i128, usize)> = Vec::new();
        for class in classes {
            let (from, to) = match (&class.says, total) {
                (Says::Positives(count), _) => (*count, *only),
                (Says::Negatives(count), Some(n)) => (*count, n - only),
                _ => continue,
            };
            changes.push((from, to, class.leaf));
        }
        let says: Vec<String> = changes.iter().map(|(from, to, _)| format!("{from} read as {to}")).collect();
        let single = changes.len() == 1;
        let far = changes.iter().map(|(from, to, _)| typing_distance(&from.to_string(), &to.to_string())).max();
        finding.hypotheses.push(Hypothesis {
            says: says.join(" and "),
            leaf: changes.first().filter(|_| single).map(|(_, _, leaf)| *leaf),
            to: changes.first().filter(|_| single).map(|(_, to, _)| to.to_string()),
            distance: far.unwrap_or(3),
        });
    }
    sink.finding(finding);
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
