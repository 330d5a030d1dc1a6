//! V801: the same summary in groups that share no subject.

use super::Rule;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Baseline, Body, ContinuousCell, Figure, Reported, RowBody, Spread};
use crate::audit::statement::Statement;

const CODE: &str = "V801";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "duplicates",
    checks: "whether the extremes or quartiles of a variable are the same in columns that share no subject",
    why: "Two groups seldom have both extremes in common. Two pairs of groups in one row that do, all with decimals, are \
          seldom chance: perhaps a cell was copied.",
    example: "3.1 to 13.6 in two groups, and 3.5 to 23.6 in two others",
    silent: "for whole numbers and numbers of one digit; for columns that are sums; a single pair is noted as cosmetic only; where the groups that \
             share their ends are of one cohort (the limits of its assay)",
    strongest: Verdict::Implausible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Baseline(table) = &section.body else { continue };
        let apart = |id: &str| table.columns.iter().any(|column| column.id == id && column.sum_of.is_empty());
        for row in &table.rows {
            let RowBody::Continuous(body) = &row.body else { continue };
            if !matches!(body.spread, Spread::MedianRange | Spread::MedianIqr) {
                continue;
            }
            let cells: Vec<&ContinuousCell> =
                body.cells.iter().filter(|cell| apart(&cell.column) && cell.spread.iter().all(telling)).collect();
            let mut pairs: Vec<(&ContinuousCell, &ContinuousCell)> = Vec::new();
            for (index, first) in cells.iter().enumerate() {
                for second in &cells[index + 1..] {
                    let same = first.spread.iter().zip(&second.spread).all(|(a, b)| a.text == b.text);
                    if same && first.spread.len() == 2 && !shared(reported, table, first, second) {
                        pairs.push((first, second));
                    }
                }
            }
            let all: Vec<usize> =
                body.cells.iter().flat_map(|cell| cell.spread.iter().map(|figure| figure.leaf)).collect();
            if pairs.is_empty() {
                sink.pass(CODE, all, "no two groups share both ends");
                continue;
            }
            let leaves =
                pairs.iter().flat_map(|(a, b)| a.spread.iter().chain(&b.spread).map(|figure| figure.leaf)).collect();
            // Two pairs with different numbers: a common floor and ceiling of the assay would give one number only.
            let different = pairs.iter().any(|(a, _)| a.spread[1].text != pairs[0].0.spread[1].text);
            // Each cohort measured by an assay of its own, whose limits all its groups share.
            let cohort_of =
                |id: &str| table.columns.iter().find(|column| column.id == id).and_then(|c| c.cohort.as_ref());
            let assays = pairs
                .iter()
                .all(|(a, b)| cohort_of(&a.column).is_some() && cohort_of(&a.column) == cohort_of(&b.column));
            if different && assays {
                sink.undecidable(CODE, leaves, "the same ends within each cohort: the limits of its assay?");
                continue;
            }
            let verdict = if different { Verdict::Implausible } else { Verdict::Cosmetic };
            let shown: Vec<String> = pairs
                .iter()
                .map(|(a, b)| format!("{} to {} in {} and {}", a.spread[0].text, a.spread[1].text, a.column, b.column))
                .collect();
            sink.finding(
                Finding::new(
                    CODE,
                    verdict,
                    &format!("{}/{}", section.name, row.id),
                    leaves,
                    format!("the same ends in groups that share no subject: {}", shown.join("; ")),
                )
                .assuming("the columns share no subject")
                .stating(Statement::Alike {
                    pairs: pairs
                        .iter()
                        .flat_map(|(a, b)| a.spread.iter().zip(&b.spread).map(|(x, y)| [x.leaf, y.leaf]))
                        .collect(),
                }),
            );
        }
    }
}

/// One column is of a cohort that the other's is a part of: "training" beside "all".
fn shared(reported: &Reported, table: &Baseline, first: &ContinuousCell, second: &ContinuousCell) -> bool {
    let cohort = |cell: &ContinuousCell| {
        let column = table.columns.iter().find(|column| column.id == cell.column)?;
        column.cohort.as_deref()
    };
    let (Some(first), Some(second)) = (cohort(first), cohort(second)) else { return false };
    let holds = |whole: &str, part: &str| {
        reported.cohort(whole).is_some_and(|cohort| {
            let parts = std::iter::once(&cohort.parts).chain(&cohort.divisions).flatten();
            parts.into_iter().any(|own| own == part)
        })
    };
    holds(first, second) || holds(second, first)
}

/// Enough digits that equality says something: at least two significant ones, with a decimal.
fn telling(figure: &Figure) -> bool {
    figure.number.as_ref().is_some_and(|printed| printed.scale > 0 && printed.significant_digits() >= 2)
}
