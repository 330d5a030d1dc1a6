//! One limit of an interval that is not of the method by which all others of its table are: a part of V203.

use super::binomial::{METHODS, Read, denominator, is_near};
use super::proportion_interval::CODE;
use super::support::{is_averaged, looks_averaged};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Figure, MetricCell, Performance, PerformanceRow, Reported};
use crate::stats::threshold::ProportionInterval;
use std::collections::BTreeSet;

/// So many intervals of a table are those of one method, to the last digit of both limits, before one is called odd.
const FEWEST: usize = 5;
/// Of fewer subjects draws and methods give the same limits by chance.
const FEWEST_SUBJECTS: u64 = 20;
/// Last places within which a limit may be rounded otherwise.
const PLACES: f64 = 2.0;

struct Cell<'a> {
    row: &'a PerformanceRow,
    cell: &'a MetricCell,
    read: Read,
    count: (u64, u64),
}

/// Looks at a table in which all intervals but one are of one method: another method, or another number of subjects, would
/// change both limits of that one.
pub(super) fn examine(
    reported: &Reported,
    section: &str,
    table: &Performance,
    asked: &BTreeSet<usize>,
    sink: &mut Sink,
) {
    let cells = cells(reported, section, table, asked);
    for method in METHODS {
        let (fitting, odd): (Vec<&Cell<'_>>, Vec<&Cell<'_>>) =
            cells.iter().partition(|cell| fits(cell, method) == Some((true, true)));
        if let [odd] = odd.as_slice()
            && fitting.len() >= FEWEST
        {
            judge(section, odd, method, fitting.len(), sink);
        }
    }
}

fn cells<'a>(reported: &Reported, section: &str, table: &'a Performance, asked: &BTreeSet<usize>) -> Vec<Cell<'a>> {
    let single = |row: &&PerformanceRow| {
        !is_averaged(reported, row) && !looks_averaged(&[row.cohort.as_deref().unwrap_or(""), &row.model, section])
    };
    let mut found = Vec::new();
    for row in table.rows.iter().filter(single) {
        for cell in &row.metrics {
            let known = cell.estimate.as_ref().is_some_and(|figure| !asked.contains(&figure.leaf));
            let read = Read::of(table, cell).filter(|_| known);
            let count = denominator(reported, row, cell).zip(read.as_ref()).and_then(|(n, read)| read.count(n));
            if let (Some(read), Some(count)) = (read, count.filter(|(_, size)| *size >= FEWEST_SUBJECTS)) {
                found.push(Cell { row, cell, read, count });
            }
        }
    }
    found
}

/// Are the limits those of the method?
fn fits(cell: &Cell<'_>, method: ProportionInterval) -> Option<(bool, bool)> {
    let (low, high) = cell.read.limits(cell.count, method)?;
    Some((is_near(low, cell.read.lower), is_near(high, cell.read.upper)))
}

fn judge(section: &str, odd: &Cell<'_>, method: ProportionInterval, others: usize, sink: &mut Sink) {
    let Some((low, high)) = odd.read.limits(odd.count, method) else { return };
    let (wrong, printed, recomputed, other): (&Option<Figure>, (f64, f64), f64, f64) = match fits(odd, method) {
        Some((true, false)) => (&odd.cell.upper, odd.read.upper, high, low),
        Some((false, true)) => (&odd.cell.lower, odd.read.lower, low, high),
        _ => return,
    };
    let (count, size) = odd.count;
    // At an end of the range programs cut off, and take one side; and all methods agree there.
    let inside = |value: f64| value > 0.0 && value < 1.0;
    if count == 0 || count == size || ![recomputed, printed.0, other].into_iter().all(inside) {
        return;
    }
    // Half of a last place is the second number. A last zero may be a rounder number's that was padded.
    let text = wrong.as_ref().map_or("", |figure| figure.text.as_str());
    let padded = text.contains('.') && text.trim_end_matches('%').ends_with('0');
    let place = if padded { 10.0 * printed.1 } else { printed.1 };
    if (recomputed - printed.0).abs() <= 2.0 * PLACES * place {
        return;
    }
    let leaves: Vec<usize> = [&odd.cell.estimate, &odd.cell.lower, &odd.cell.upper]
        .into_iter()
        .flatten()
        .map(|figure| figure.leaf)
        .collect();
    let cohort = odd.row.cohort.as_deref().unwrap_or("-");
    let key = format!("{section}/{}/{cohort}/{}/limit", odd.row.model, odd.cell.key);
    let message = format!(
        "{} {cohort} {}: the limit {text} is not that of {count}/{size}, {recomputed:.4}, by the method of the other limit and of \
         the table's {others} other intervals",
        odd.row.model, odd.cell.key
    );
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &key, leaves, message)
            .assuming("both limits are by one method, and of these subjects")
            .evidence(format!("both limits of each of the {others} others are those of its count, to the last digit")),
    );
}
