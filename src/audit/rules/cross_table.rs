//! V108: two classifications crossed: sums, agreement, kappa, tests.

use super::Rule;
use super::retyping::{retyped, sum_retyped};
use super::support::{count, span, z_of_p, z_span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, CrossTable, Figure, Reported};
use crate::audit::solver::table_tests::{all_tests, kappas, mcnemar_tests};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V108";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "cross-table",
    checks: "that the cells of a cross-table add up to no more than its totals, that agreement is the share on the diagonal, \
             that kappa (plain, or with linear or quadratic weights) follows from the cells, and that the P-value is that of \
             a usual test (McNemar with and without correction, exact, mid-P; tests of independence)",
    why: "All of these are functions of the printed counts.",
    example: "40, 5, 3 and 32 of 80 with kappa 0.90: the cells give 0.80",
    silent: "for sums below a total (a level may not be printed); for kappa when cells are missing; for a P-value unless \
             `test: mcnemar` or a test of independence is stated and it lies far from all variants of it",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::CrossTable(table) = &section.body {
            sums(reported, table, &section.name, sink);
            coefficients(table, &section.name, sink);
        }
    }
}

/// The cells in the order of rows and columns; `None` when one is not printed.
fn cells(table: &CrossTable) -> Option<Vec<Vec<(&Figure, i128)>>> {
    let read = |row: usize, column: &String| {
        let named = table.rows[row].cells.iter().find(|named| named.name == *column)?;
        Some((&named.figure, named.figure.integer().filter(|&k| k >= 0)?))
    };
    let row = |index: usize| table.columns.iter().map(|column| read(index, column)).collect::<Option<Vec<_>>>();
    (0..table.rows.len()).map(row).collect::<Option<Vec<_>>>().filter(|rows| !rows.is_empty())
}

fn sums(reported: &Reported, table: &CrossTable, key: &str, sink: &mut Sink) {
    let Some(cells) = cells(table) else { return };
    for (row, printed) in cells.iter().zip(&table.rows) {
        if let Some(total) = &printed.total {
            at_most(&format!("{key}/{}", printed.name), row, total, sink);
        }
    }
    for (index, name) in table.columns.iter().enumerate() {
        if let Some(total) = table.column_totals.iter().find(|named| named.name == *name) {
            let column: Vec<(&Figure, i128)> = cells.iter().map(|row| row[index]).collect();
            at_most(&format!("{key}/{name}"), &column, &total.figure, sink);
        }
    }
    let cohort = table.cohort.as_ref().and_then(|name| reported.cohort(name)).and_then(|cohort| cohort.n.as_ref());
    if let Some(n) = table.n.as_ref().or(cohort) {
        let all: Vec<(&Figure, i128)> = cells.concat();
        let sum: i128 = all.iter().map(|(_, k)| k).sum();
        if table.n.is_none() && n.integer().is_some_and(|size| sum > size) {
            let leaves = all.iter().map(|(figure, _)| figure.leaf).chain([n.leaf]).collect();
            sink.undecidable(CODE, leaves, "more than the cohort: another unit, or other subjects?");
        } else {
            at_most(&format!("{key}/n"), &all, n, sink);
        }
    }
}

fn at_most(key: &str, parts: &[(&Figure, i128)], total: &Figure, sink: &mut Sink) {
    let Some(size) = count(&Some(total.clone())) else { return };
    let sum: i128 = parts.iter().map(|(_, k)| k).sum();
    let figures: Vec<&Figure> = parts.iter().map(|(figure, _)| *figure).collect();
    let parts: Vec<usize> = parts.iter().map(|(figure, _)| figure.leaf).collect();
    let leaves: Vec<usize> = parts.iter().copied().chain([total.leaf]).collect();
    if sum == size {
        sink.pass(CODE, leaves, format!("the cells add up to {size}"));
    } else if sum < size {
        sink.undecidable(CODE, leaves, format!("the cells add up to {sum} of {size}: is a level not printed?"));
    } else {
        let message = format!("the cells add up to {sum}, the total is {size}");
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, key, leaves, message)
                .assuming("each subject is in one cell")
                .supposing(sum_retyped(total, &figures))
                .stating(Statement::Sum { total: total.leaf, parts, at_most: true }),
        );
    }
}

fn coefficients(table: &CrossTable, key: &str, sink: &mut Sink) {
    let printed: Vec<&Figure> =
        [&table.agreement, &table.kappa, &table.weighted_kappa, &table.p].into_iter().flatten().collect();
    let Some(cells) = cells(table) else {
        let leaves = printed.iter().map(|figure| figure.leaf).collect();
        if !printed.is_empty() {
            sink.undecidable(CODE, leaves, "a cell is not printed");
        }
        return;
    };
    let counts: Vec<Vec<i128>> = cells.iter().map(|row| row.iter().map(|(_, k)| *k).collect()).collect();
    let leaves: Vec<usize> = cells.concat().iter().map(|(figure, _)| figure.leaf).collect();
    let inputs: Vec<Input> = leaves.iter().map(|&leaf| Input::Count { leaf }).collect();
    let square = table.same_levels && cells.len() == table.columns.len();
    let n: i128 = counts.iter().flatten().sum();
    if square && n > 0 {
        let diagonal: i128 = (0..counts.len()).map(|level| counts[level][level]).sum();
        let share = diagonal as f64 / n as f64;
        if let Some(agreement) = &table.agreement {
            let values = [share, 100.0 * share];
            coefficient("agreement", agreement, &values, Formula::Agreement, &leaves, &inputs, key, sink);
        }
        // As a coefficient or in percent.
        let mut kappas = kappas(&counts);
        kappas.extend(kappas.clone().iter().map(|kappa| 100.0 * kappa));
        for (what, figure) in [("kappa", &table.kappa), ("weighted kappa", &table.weighted_kappa)] {
            if let Some(figure) = figure {
                coefficient(what, figure, &kappas, Formula::Kappa, &leaves, &inputs, key, sink);
            }
        }
    } else {
        let left: Vec<usize> = [&table.agreement, &table.kappa, &table.weighted_kappa]
            .into_iter()
            .flatten()
            .map(|figure| figure.leaf)
            .collect();
        if !left.is_empty() {
            sink.undecidable(CODE, left, "rows and columns are not said to have the same levels (`same_levels: true`)");
        }
    }
    if let Some(p) = &table.p {
        p_value(table, p, &counts, &leaves, &inputs, square, key, sink);
    }
}

#[expect(clippy::too_many_arguments, reason = "one coefficient of one table")]
fn coefficient(
    what: &str,
    figure: &Figure,
    values: &[f64],
    formula: Formula,
    leaves: &[usize],
    inputs: &[Input],
    key: &str,
    sink: &mut Sink,
) {
    let all: Vec<usize> = leaves.iter().copied().chain([figure.leaf]).collect();
    let Some((low, high)) = span(figure, 1.0) else {
        sink.undecidable(CODE, all, "not a number");
        return;
    };
    if values.is_empty() || values.iter().any(|&value| value >= low - 1e-9 && value <= high + 1e-9) {
        sink.pass(CODE, all, format!("the cells give this {what}"));
        return;
    }
    let shown: Vec<String> = values.iter().take(1).map(|value| format!("{value:.3}")).collect();
    let weighted = if formula == Formula::Kappa { ", and no usual weights give the printed value" } else { "" };
    let message = format!("the cells give {what} {}, printed is {}{weighted}", shown.join(" or "), figure.text);
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/{}", what.replace(' ', "_")), all, message)
            .assuming(format!("{what} is of these subjects and levels"))
            .supposing(retyped(figure, |printed| {
                let (low, high) = printed.widest();
                values.iter().take(1).any(|&value| value >= low && value <= high)
            }))
            .stating(Statement::NoValue {
                formula,
                inputs: inputs.to_vec(),
                relation: Relation::Equal,
                target: Target::Leaf { leaf: figure.leaf, unit: 1.0, read_as: ReadAs::Value },
                factor: 1.0,
                step: 0.0,
            }),
    );
}

#[expect(clippy::too_many_arguments, reason = "one P-value of one table")]
fn p_value(
    table: &CrossTable,
    p: &Figure,
    counts: &[Vec<i128>],
    leaves: &[usize],
    inputs: &[Input],
    square: bool,
    key: &str,
    sink: &mut Sink,
) {
    let all: Vec<usize> = leaves.iter().copied().chain([p.leaf]).collect();
    let two = square && counts.len() == 2;
    let paired = if two { mcnemar_tests(counts[0][1], counts[1][0]) } else { Vec::new() };
    let independent = all_tests(counts);
    let Some(z) = z_span(p) else {
        sink.undecidable(CODE, all, "the P-value cannot be read");
        return;
    };
    let (low, high) = p.number.as_ref().map_or((0.0, 1.0), |printed| printed.widest());
    if let Some(test) = paired.iter().chain(&independent).find(|test| test.p >= low - 1e-9 && test.p <= high + 1e-9) {
        sink.pass(CODE, all, format!("{} gives {:.4}", test.name, test.p));
        return;
    }
    let stated =
        |names: &[&str]| !table.tests.is_empty() && table.tests.iter().all(|test| names.contains(&test.as_str()));
    let (family, formula, inputs) =
        if two && stated(&["mcnemar", "exact_mcnemar", "corrected_mcnemar", "mid_p_mcnemar"]) {
            let cell = |row: usize, column: usize| inputs[2 * row + column];
            (paired, Formula::McNemar, vec![cell(0, 1), cell(1, 0)])
        } else if stated(&["chi_squared", "fisher", "yates", "pearson", "trend", "likelihood_ratio"]) {
            let mut with_rows = vec![Input::Constant { value: counts.len() as f64 }];
            with_rows.extend(inputs);
            (independent, Formula::Counts, with_rows)
        } else {
            sink.undecidable(CODE, all, "no usual test gives it; which test it is, is not stated or not recomputed");
            return;
        };
    let zs = family.iter().map(|test| z_of_p(test.p));
    let (least, most) = zs.fold((f64::INFINITY, 0.0_f64), |(a, b), z| (a.min(z), b.max(z)));
    let (factor, step) = if two { (1.1, 0.05) } else { (1.25, 0.25) };
    if z.1 < least / factor - step || z.0 > most * factor + step {
        let (smallest, largest) =
            family.iter().fold((1.0_f64, 0.0_f64), |(low, high), test| (low.min(test.p), high.max(test.p)));
        let message = format!("the cells give P of {smallest:.3} to {largest:.3}, printed is {}", p.text);
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/p"), all, message)
                .assuming(format!("the P-value is of these cells by {}", table.tests.join(" or ")))
                .stating(Statement::NoValue {
                    formula,
                    inputs,
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                    factor: 1.0 + 0.5 * (factor - 1.0),
                    step: 0.5 * step,
                }),
        );
    } else {
        sink.undecidable(CODE, all, "no usual test gives it exactly, though some come near");
    }
}
