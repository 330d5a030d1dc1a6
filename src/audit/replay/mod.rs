//! The second checker: slow and plain, by loops over whole numbers and over grids of real ones. It reads the printed
//! texts with a few lines of its own and shares no code with the solvers or with the statistics, so that an error there
//! does not repeat itself here.
//!
//! A printed decimal is allowed one unit in its last place to either side, after dropping padded zeros: that covers
//! every way of rounding.

mod decimal;
mod distribution;
mod formula;
mod integers;
mod score_orders;
mod two_by_two;

use super::finding::Finding;
use super::reported::Reported;
use super::statement::Statement;
use decimal::{Decimal, Printed, number, whole};
use serde::Serialize;

/// What the second checker says of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "says", rename_all = "snake_case")]
pub enum Replay {
    /// The statement was checked in full, and holds.
    Confirmed(String),
    /// It does not hold: one of the two checkers is wrong.
    Refuted(String),
    /// Too many cases for plain loops, or a text that the plain reader cannot read; and which.
    NotReplayable(String),
}

fn verdict(holds: bool, says: String) -> Replay {
    if holds { Replay::Confirmed(says) } else { Replay::Refuted(says) }
}

fn unreadable() -> Replay {
    Replay::NotReplayable("a number cannot be read, or several stand in one text".to_string())
}

/// Verifies what a finding states, from the file alone.
pub fn replay(finding: &Finding, reported: &Reported) -> Replay {
    let text = |leaf: usize| {
        let nothing = Printed { text: "", rounding: None, decimals: None };
        reported.leaves.get(leaf).map_or(nothing, |leaf| Printed {
            text: leaf.text.as_str(),
            rounding: leaf.rounding,
            decimals: leaf.decimals,
        })
    };
    let whole = |leaf: usize| whole(text(leaf));
    let decimal = Decimal::read;
    match &finding.statement {
        Statement::NotReplayable { why } => Replay::NotReplayable(why.clone()),
        Statement::NoDenominator { cells, most } => {
            let most = most.and_then(whole).unwrap_or(1_000_000);
            let mut read = Vec::new();
            for cell in cells {
                match (whole(cell.count), decimal(text(cell.percent))) {
                    (Some(count), Some(percent)) => read.push((count, percent)),
                    _ => return Replay::NotReplayable("several numbers stand in one text".to_string()),
                }
            }
            let found = (1..=most).find(|&n| read.iter().all(|(count, percent)| percent.allows(*count, n, true)));
            match found {
                Some(n) => Replay::Refuted(format!("{n} subjects give these percents")),
                None => Replay::Confirmed(format!("none of 1 to {most} subjects gives these percents")),
            }
        }
        Statement::Sum { total, parts, at_most } => {
            let Some(total) = whole(*total) else { return unreadable() };
            let Some(added) = parts.iter().map(|&leaf| whole(leaf)).sum::<Option<i128>>() else { return unreadable() };
            let wrong = if *at_most { added > total } else { added != total };
            verdict(wrong, format!("the parts add up to {added}, the total is {total}"))
        }
        Statement::Differ { first, second } => {
            let (first, second) = (text(*first).text, text(*second).text);
            let (a, b) = (number(first), number(second));
            // Two texts of one value ("0.87", "0.870") say the same.
            verdict(first != second && (a.is_none() || a != b), format!("{first} and {second}"))
        }
        Statement::Order { low, high } => match (number(text(*low).text), number(text(*high).text)) {
            (Some(low), Some(high)) => verdict(low > high, format!("{low} is to be at most {high}")),
            _ => unreadable(),
        },
        Statement::OutOfRange { leaf, low, high } => match number(text(*leaf).text) {
            Some(value) => verdict(value < *low || value > *high, format!("{value} is to be in {low} to {high}")),
            None => unreadable(),
        },
        Statement::NoCounts { percents, n, fewer } => integers::no_counts(percents, *n, *fewer, &text),
        Statement::WeightedSum { terms, total } => {
            let weighted =
                terms.iter().map(|term| Some(whole(term.leaf)? * i128::from(term.weight))).sum::<Option<i128>>();
            let added = total.iter().map(|&leaf| whole(leaf)).sum::<Option<i128>>();
            match (weighted, added) {
                (Some(a), Some(b)) => verdict(a != b, format!("{a} one way, {b} the other")),
                _ => unreadable(),
            }
        }
        Statement::NoIntegers { mean, deviation, n, fewer, binary: _ } => {
            integers::no_integers(text(*mean), deviation.map(text), whole(*n), *fewer)
        }
        Statement::Alike { pairs } => {
            let alike = pairs.iter().all(|&[a, b]| text(a).text == text(b).text);
            verdict(alike, format!("{} pairs of numbers are printed alike", pairs.len()))
        }
        Statement::DatesApart { first, second } => decimal::dates_apart(text(*first).text, text(*second).text),
        Statement::NoTables { n, positive, negative, rows } => {
            two_by_two::no_tables([*n, *positive, *negative].map(|leaf| leaf.map(whole)), rows, &text)
        }
        Statement::NoPartition { positive, parts } => two_by_two::no_partition(whole(*positive), parts, &text),
        Statement::NoPairs { auc, percent, positive, negative, ties } => {
            let printed = decimal(text(*auc));
            match (printed, whole(*positive), whole(*negative)) {
                (Some(printed), Some(m), Some(n)) if m > 0 && n > 0 && m * n <= 100_000_000 => {
                    let step = if *ties { 1 } else { 2 };
                    let found = (0..=2 * m * n).step_by(step).find(|&pairs| printed.allows(pairs, 2 * m * n, *percent));
                    match found {
                        Some(pairs) => Replay::Refuted(format!("{pairs} of {} half pairs", 2 * m * n)),
                        None => Replay::Confirmed(format!("none of {} numbers of half pairs prints so", 2 * m * n + 1)),
                    }
                }
                _ => unreadable(),
            }
        }
        Statement::NarrowShare { interval, n } => score_orders::narrow_share(interval, whole(*n), &text),
        Statement::CommonNumber { intervals, number } => score_orders::common_number(intervals, *number, &text),
        Statement::NarrowAuc { interval, positive, negative, n, binary, ties } => {
            let classes = positive.and_then(whole).zip(negative.and_then(whole));
            score_orders::narrow_auc(interval, classes, n.and_then(whole), [*binary, *ties], &text)
        }
        Statement::NoValue { formula, inputs, relation, target, factor, step } => {
            formula::no_value(*formula, inputs, *relation, *target, *factor, *step, &text)
        }
    }
}
