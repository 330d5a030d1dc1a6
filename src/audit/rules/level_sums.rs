//! V102: the levels of a variable, and columns that are sums of others.

use super::Rule;
use super::support::count;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Baseline, BaselineRow, Body, Categorical, Reported, RowBody};
use crate::audit::statement::Statement;

const CODE: &str = "V102";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "level-sums",
    checks: "that exclusive levels do not count more subjects than the column has, that no count exceeds its column, and \
             that a total column is the sum of its columns, level by level",
    why: "Every subject is in one level of an exclusive variable and in one of the columns that make up a total.",
    example: "19 + 43 = 62 subjects in a column of 61",
    silent: "when no column keeps its counts within its n (the row may be of lesions or images); when the levels add up to less than the column (missing data need not be printed); when they add up to more \
             and the row does not say `overlapping: false` (a subject may be in several levels)",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Baseline(table) = &section.body {
            for row in &table.rows {
                if let RowBody::Categorical(body) = &row.body {
                    columns(&section.name, table, row, body, sink);
                    totals(&section.name, table, row, body, sink);
                }
            }
            headers(&section.name, table, sink);
        }
    }
}

fn columns(section: &str, table: &Baseline, row: &BaselineRow, body: &Categorical, sink: &mut Sink) {
    for column in &table.columns {
        let Some(figure) = table.size(row, &column.id) else { continue };
        let Some(n) = figure.integer() else { continue };
        let cells: Vec<(usize, i128)> = body
            .levels
            .iter()
            .flat_map(|level| &level.cells)
            .filter(|cell| cell.column == column.id)
            .filter_map(|cell| Some((cell.share.count.as_ref()?.leaf, count(&cell.share.count)?)))
            .collect();
        if cells.is_empty() {
            continue;
        }
        let key = format!("{section}/{}/{}", row.id, column.id);
        if cells.iter().any(|(_, k)| *k > n) && !some_column_holds(table, row, body) {
            let leaves = cells.iter().map(|(leaf, _)| *leaf).chain([figure.leaf]).collect();
            sink.undecidable(
                CODE,
                leaves,
                "more than the column in every column: another unit (lesions, images)? Say `n:`",
            );
            continue;
        }
        if let Some(&(leaf, k)) = cells.iter().find(|(_, k)| *k > n) {
            let message = format!("{k} subjects in a column of {n}");
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, &key, vec![leaf, figure.leaf], message)
                    .stating(Statement::Order { low: leaf, high: figure.leaf }),
            );
            continue;
        }
        let sum: i128 = cells.iter().map(|(_, k)| k).sum();
        let leaves: Vec<usize> = cells.iter().map(|(leaf, _)| *leaf).chain([figure.leaf]).collect();
        if sum == n {
            sink.pass(CODE, leaves, format!("the levels add up to {n}"));
        } else if sum < n {
            sink.pass(CODE, leaves, format!("the levels add up to {sum}, not more than {n}"));
        } else if body.overlapping == Some(false) {
            let parts: Vec<usize> = cells.iter().map(|(leaf, _)| *leaf).collect();
            let message = format!("the levels add up to {sum} in a column of {n}");
            sink.finding(
                Finding::new(CODE, Verdict::Impossible, &key, leaves, message)
                    .assuming("a subject is in one level only, as the row states")
                    .stating(Statement::Sum { total: figure.leaf, parts, at_most: true }),
            );
        } else if body.overlapping.is_none() {
            let says = format!("the levels add up to {sum} in a column of {n}: say `overlapping: true` or `false`");
            sink.undecidable(CODE, leaves, says);
        } else {
            sink.not_applicable(CODE, leaves, "the levels overlap, as the row states");
        }
    }
}

/// Does one column at least keep its counts within its n? Otherwise the row may count something else than subjects.
fn some_column_holds(table: &Baseline, row: &BaselineRow, body: &Categorical) -> bool {
    table.columns.iter().any(|column| {
        let n = table.size(row, &column.id).and_then(|figure| figure.integer());
        let mut counts = body
            .levels
            .iter()
            .flat_map(|level| &level.cells)
            .filter(|cell| cell.column == column.id)
            .filter_map(|cell| count(&cell.share.count))
            .peekable();
        n.is_some_and(|n| counts.peek().is_some() && counts.all(|k| k <= n))
    })
}

/// A header that prints fewer than the rows of its column add up to, all to the same number, while the other columns
/// hold: perhaps the header is misprinted.
fn headers(section: &str, table: &Baseline, sink: &mut Sink) {
    let sums = |id: &str| -> Vec<(i128, Vec<usize>)> {
        let mut found = Vec::new();
        for row in table.rows.iter().filter(|row| row.n.is_empty() && row.unit.is_none()) {
            let RowBody::Categorical(body) = &row.body else { continue };
            if body.overlapping == Some(true) || body.levels.len() < 2 {
                continue;
            }
            let cells: Option<Vec<(usize, i128)>> = body
                .levels
                .iter()
                .map(|level| {
                    let cell = level.cells.iter().find(|cell| cell.column == id)?;
                    Some((cell.share.count.as_ref()?.leaf, count(&cell.share.count)?))
                })
                .collect();
            if let Some(cells) = cells {
                found.push((cells.iter().map(|(_, k)| k).sum(), cells.iter().map(|(leaf, _)| *leaf).collect()));
            }
        }
        found
    };
    let header = |id: &str| table.column(id).and_then(|column| column.n.as_ref()).and_then(|figure| figure.integer());
    let holds = |id: &str| header(id).is_some_and(|n| sums(id).iter().all(|(sum, _)| *sum <= n));
    for column in &table.columns {
        let (Some(figure), Some(n)) = (&column.n, header(&column.id)) else { continue };
        let rows = sums(&column.id);
        let Some((same, leaves)) = rows.first() else { continue };
        let others = table.columns.iter().filter(|other| other.id != column.id);
        if rows.len() >= 3
            && *same > n
            && rows.iter().all(|(sum, _)| sum == same)
            && others.clone().all(|o| holds(&o.id))
        {
            let used: Vec<usize> = leaves.iter().copied().chain([figure.leaf]).collect();
            let message =
                format!("the header prints {n}, all {} complete rows of the column add up to {same}", rows.len());
            let mut finding =
                Finding::new(CODE, Verdict::Implausible, &format!("{section}/columns/{}", column.id), used, message)
                    .assuming("the rows count the column's subjects, each in one level")
                    .stating(Statement::Sum { total: figure.leaf, parts: leaves.clone(), at_most: true });
            finding.also = rows.iter().flat_map(|(_, leaves)| leaves.clone()).collect();
            sink.finding(finding);
        }
    }
}

fn totals(section: &str, table: &Baseline, row: &BaselineRow, body: &Categorical, sink: &mut Sink) {
    for column in table.columns.iter().filter(|column| !column.sum_of.is_empty()) {
        for level in &body.levels {
            let cell = |id: &str| {
                let cell = level.cells.iter().find(|cell| cell.column == id)?;
                Some((cell.share.count.as_ref()?.leaf, count(&cell.share.count)?))
            };
            let (Some(total), Some(parts)) =
                (cell(&column.id), column.sum_of.iter().map(|id| cell(id)).collect::<Option<Vec<_>>>())
            else {
                continue;
            };
            let sum: i128 = parts.iter().map(|(_, k)| k).sum();
            let leaves: Vec<usize> = parts.iter().map(|(leaf, _)| *leaf).chain([total.0]).collect();
            if sum == total.1 {
                sink.pass(CODE, leaves, "the columns add up");
                continue;
            }
            let key = format!("{section}/{}/{}/{}", row.id, level.name, column.id);
            let message = format!("the columns add up to {sum}, the total column prints {}", total.1);
            sink.finding(Finding::new(CODE, Verdict::Impossible, &key, leaves, message).stating(Statement::Sum {
                total: total.0,
                parts: parts.iter().map(|(leaf, _)| *leaf).collect(),
                at_most: false,
            }));
        }
    }
}
