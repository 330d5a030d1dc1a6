//! What V201 says: the conflicts of a row, of the rows of a cohort, and of its printed class counts, in words.

use super::confusion_items::{Item, STEPS, Says, consistent, constraints, positives};
use super::confusion_matrix::{CODE, Row};
use super::support::{print_like, ranked, typing_distance};
use crate::audit::conflict::minimal_conflict;
use crate::audit::finding::{Finding, Hypothesis, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::solver::confusion::{Budget, Search, Table, table, tables};
use crate::audit::statement::{MetricLeaf, Statement};

/// A table for each row, in words.
pub(super) fn witness(items: &[Item], feasible: &[i128], n: i128, rows: &[Row<'_>]) -> String {
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

pub(super) fn names(items: &[Item]) -> Vec<String> {
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

pub(super) fn statement(items: &[Item]) -> Statement {
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

pub(super) const ONE_EACH: &str = "each subject is counted once, with one reading, and the metrics are of this sample";

pub(super) fn row_finding(key: &str, minimal: &[Item], all: &[Item]) -> Finding {
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

pub(super) fn listing(names: &[String]) -> String {
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

pub(super) fn joint_finding(place: &str, minimal: &[Item], rows: &[Row<'_>]) -> Finding {
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
pub(super) fn spans(values: &[i128]) -> String {
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

/// The two shares of a class next to a printed sensitivity or specificity: "11/16 = 0.69, 12/16 = 0.75".
fn nearest_shares(item: &Item, classes: &[Item]) -> Option<String> {
    let Says::Metric { constraint, percent, figure, .. } = &item.says else { return None };
    let size = classes.iter().find_map(|class| match (&class.says, constraint.metric) {
        (Says::Positives(n), Metric::Sensitivity) | (Says::Negatives(n), Metric::Specificity) => Some(*n),
        _ => None,
    });
    let size = size.filter(|&size| size > 0)?;
    let share = figure.value()? * if *percent { 0.01 } else { 1.0 };
    let below = ((share * size as f64).floor() as i128).clamp(0, size - 1);
    let shown = |k: i128| format!("{k}/{size} = {}", print_like(k, size, *percent, figure));
    Some(format!("{}, {}", shown(below), shown(below + 1)))
}

pub(super) fn class_finding(
    place: &str,
    items: &[Item],
    classes: &[Item],
    feasible: &[i128],
    rows: &[Row<'_>],
    sink: &mut Sink,
) {
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
    for item in &minimal {
        finding.evidence.extend(nearest_shares(item, classes));
    }
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
