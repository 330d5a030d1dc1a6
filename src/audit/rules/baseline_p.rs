//! V601: P-values of counts, recomputed by every usual test.

use super::Rule;
use super::corrected_p::beside;
use super::retyping::retyped;
use super::support::count;
use crate::audit::arithmetic::{Range, Rounding};
use crate::audit::finding::{Finding, PValues, Sink, Verdict};
use crate::audit::reported::{
    Baseline, BaselineRow, Body, Categorical, CountItem, Figure, LevelCell, Named, Reported, RowBody, Share,
};
use crate::audit::solver::table_tests::{TableTest, all_tests, one_sided_tests};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::normal_quantile;

const CODE: &str = "V601";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "baseline-p",
    checks: "which test of the printed counts gives the printed P-value (Pearson, Yates, n - 1, likelihood ratio, Fisher, \
             mid-P, unpooled z, linear trend, rank sum), whether it is the stated one, and whether none comes near",
    why: "Counts are exact, so every test of them can be recomputed exactly. A P-value is called inconsistent only far \
          outside the range of all these tests: by a tenth of z and 0.05 in two by two tables, a quarter and 0.25 in others.",
    example: "52/113 against 16/35, chi-squared, P = 0.690: every test gives 0.85 or more",
    silent: "when several P-values of the table are larger than their numbers give, as corrected ones are, or all about half of it, as one-sided ones (that is asked); unless a test of counts is stated; when levels do not add up to the column (a level or missing data is not \
             printed), overlap, or are marked missing; when one level of two is printed and its percent does not show that \
             nobody's value is missing; for factors whose P may be of one level or of fewer levels, if such \
             a choice comes near",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        match &section.body {
            Body::Baseline(table) => {
                for row in &table.rows {
                    if let RowBody::Categorical(body) = &row.body {
                        for p in &row.p {
                            let key = format!("{}/{}/{}", section.name, row.id, p.name);
                            row_p(table, row, body, p, table.tests(row, &p.name), &key, sink);
                        }
                        level_p(table, row, body, &section.name, sink);
                    }
                }
            }
            Body::Counts(counts) => {
                let Some(p) = &counts.p else { continue };
                let mut groups = Vec::new();
                let mut leaves = vec![p.leaf];
                for item in &counts.items {
                    let n = item.share.of.as_ref().and_then(Figure::integer);
                    let (Some(k), Some(n)) = (count(&item.share.count), n) else { continue };
                    if k > n {
                        return;
                    }
                    groups.push(vec![k, n - k]);
                    leaves.extend(item.share.count.iter().chain(&item.share.of).map(|figure| figure.leaf));
                }
                if groups.len() == counts.items.len() && groups.len() >= 2 {
                    let size = |item: &CountItem| item.share.of.as_ref().map_or(0, |of| of.leaf);
                    let cells = counts.items.iter().map(|item| {
                        let count = item.share.count.as_ref().map_or(0, |figure| figure.leaf);
                        vec![CellInput::Count(count), CellInput::Rest { of: size(item), less: count }]
                    });
                    let cells = cells.collect();
                    judge(&section.name, &groups, p, counts.test.as_slice(), leaves, cells, sink);
                }
            }
            _ => {}
        }
    }
}

fn row_p(
    table: &Baseline,
    row: &BaselineRow,
    body: &Categorical,
    named: &Named,
    tests: &[String],
    key: &str,
    sink: &mut Sink,
) {
    let Named { name: group, figure: p } = named;
    let columns: Vec<&String> = match table.comparisons.iter().find(|comparison| comparison.name == *group) {
        Some(comparison) => comparison.columns.iter().collect(),
        None => table.columns.iter().filter(|column| column.sum_of.is_empty()).map(|column| &column.id).collect(),
    };
    if columns.len() > 2 && !table.comparisons.iter().any(|comparison| comparison.name == *group) {
        sink.undecidable(CODE, vec![p.leaf], "which columns the P-value compares is not stated (`p_columns`)");
        return;
    }
    let mut groups = Vec::new();
    let mut leaves = vec![p.leaf];
    let known = |level: &str| !body.missing_levels.iter().any(|name| name == level);
    let mut complete = body.overlapping != Some(true) && !body.more_levels && body.missing_levels.is_empty();
    let mut cells: Vec<Vec<CellInput>> = Vec::new();
    for &id in &columns {
        let mut counts = Vec::new();
        let mut inputs = Vec::new();
        for level in body.levels.iter().filter(|level| known(&level.name)) {
            let cell = level.cells.iter().find(|cell| cell.column == *id);
            let Some((figure, k)) = cell.and_then(|cell| Some((cell.share.count.as_ref()?, count(&cell.share.count)?)))
            else {
                sink.undecidable(CODE, vec![p.leaf], "a count is not printed");
                return;
            };
            leaves.push(figure.leaf);
            inputs.push(CellInput::Count(figure.leaf));
            counts.push(k);
        }
        let n = table.size(row, id);
        let sum: i128 = counts.iter().sum();
        match n.and_then(Figure::integer) {
            // One printed level of a yes/no variable: the rest is the other level.
            Some(size) if counts.len() == 1 && sum <= size => {
                let level = body.levels.iter().find(|level| known(&level.name));
                let cell = level.and_then(|level| level.cells.iter().find(|cell| cell.column == *id));
                let own = row.n.iter().any(|named| named.name == *id);
                complete &= own || cell.is_some_and(|cell| nobody_is_missing(&cell.share, sum, size));
                counts.push(size - sum);
                let leaf = leaves[leaves.len() - 1];
                inputs.push(CellInput::Rest { of: n.map_or(0, |figure| figure.leaf), less: leaf });
            }
            Some(n) if n == sum => {}
            _ => complete = false,
        }
        groups.push(counts);
        cells.push(inputs);
    }
    if groups.len() < 2 || groups.iter().any(|group| group.len() != groups[0].len() || group.len() < 2) {
        return;
    }
    if !complete {
        let tests = all_tests(&groups);
        match reproduced(&tests, p) {
            Some(test) => sink.pass(CODE, leaves, format!("{} of the printed levels", test.name)),
            None => {
                sink.undecidable(CODE, leaves, "the levels are not all of the column: what is left out would decide")
            }
        }
        return;
    }
    let mut judged = Sink::default();
    judge(key, &groups, p, tests, leaves.clone(), cells, &mut judged);
    if !judged.findings.is_empty() && percents_are_of_something_else(body, &columns, &groups) {
        sink.undecidable(
            CODE,
            leaves,
            "half of the percents or more are not those of their counts: weighted, as the P-value may be?",
        );
        return;
    }
    sink.findings.extend(judged.findings);
    sink.records.extend(judged.records);
    sink.compared.extend(judged.compared);
}

/// In a survey the numbers are of persons and the percents of weights: then half of them or more are shares of nothing in the table.
fn percents_are_of_something_else(body: &Categorical, columns: &[&String], groups: &[Vec<i128>]) -> bool {
    let sizes: Vec<i128> = groups.iter().map(|group| group.iter().sum()).collect();
    let all: i128 = sizes.iter().sum();
    let mut fits = Vec::new();
    for level in &body.levels {
        let cells: Vec<&LevelCell> = level.cells.iter().filter(|cell| columns.contains(&&cell.column)).collect();
        let across: i128 = cells.iter().filter_map(|cell| count(&cell.share.count)).sum();
        for cell in cells {
            let percent = cell.share.percent.as_ref().and_then(|figure| figure.number.as_ref());
            let range = percent.and_then(|printed| Range::of(printed, 100, Rounding::Widest));
            if let (Some(range), Some(count)) = (range, count(&cell.share.count)) {
                let mut bases = sizes.iter().copied().chain([across, all]).filter(|size| *size > 0);
                fits.push(bases.any(|size| range.contains(count, size)));
            }
        }
    }
    let others = fits.iter().filter(|fits| !**fits).count();
    fits.len() >= 3 && others >= 2 && 2 * others >= fits.len()
}

/// Whether a level of `count` subjects can only be one of all `size` subjects of the column: what is printed beside it fits
/// that number, and not the one that a single subject without a value would leave.
fn nobody_is_missing(share: &Share, count: i128, size: i128) -> bool {
    if let Some(of) = &share.of {
        return of.integer() == Some(size);
    }
    let range = share.percent.as_ref().and_then(|percent| Range::of(percent.number.as_ref()?, 100, Rounding::Widest));
    range.is_some_and(|range| range.contains(count, size) && (count == size || !range.contains(count, size - 1)))
}

/// A P-value beside one level: of that level against all others, or against another level. Which, papers seldom say, so
/// agreement is noted and disagreement is a question.
fn level_p(table: &Baseline, row: &BaselineRow, body: &Categorical, section: &str, sink: &mut Sink) {
    for beside in &row.level_p {
        let group = table.comparisons.iter().find(|comparison| comparison.name == beside.group);
        let columns: Vec<&String> = match group {
            Some(group) => group.columns.iter().collect(),
            None => table.columns.iter().filter(|c| c.sum_of.is_empty()).map(|column| &column.id).collect(),
        };
        let counts = |level: &str| -> Option<Vec<i128>> {
            let level = body.levels.iter().find(|printed| printed.name == level)?;
            let cell = |id: &&String| level.cells.iter().find(|cell| cell.column == **id)?.share.count.as_ref();
            columns.iter().map(|id| cell(id).and_then(Figure::integer).filter(|&k| k >= 0)).collect()
        };
        let sizes: Option<Vec<i128>> = columns.iter().map(|id| table.size(row, id).and_then(Figure::integer)).collect();
        let leaves = vec![beside.figure.leaf];
        let (Some(own), true) = (counts(&beside.level), columns.len() >= 2) else {
            sink.undecidable(
                CODE,
                leaves,
                format!("the counts of {section}/{}/{} are not printed", row.id, beside.level),
            );
            continue;
        };
        let crossed = |other: &[i128]| own.iter().zip(other).map(|(&a, &b)| vec![a, b]).collect::<Vec<_>>();
        let mut tests = Vec::new();
        if let Some(sizes) = sizes {
            let rest: Vec<i128> = sizes.iter().zip(&own).map(|(n, k)| n - k).collect();
            if rest.iter().all(|&k| k >= 0) {
                tests.extend(all_tests(&crossed(&rest)));
            }
        }
        for level in body.levels.iter().filter(|level| level.name != beside.level) {
            if row.reference.as_ref().is_none_or(|reference| *reference == level.name)
                && let Some(other) = counts(&level.name)
            {
                tests.extend(all_tests(&crossed(&other)));
            }
        }
        match reproduced(&tests, &beside.figure) {
            Some(test) => sink.pass(CODE, leaves, format!("{} of {} gives {:.4}", test.name, beside.level, test.p)),
            None => sink.undecidable(CODE, leaves, "no usual test of this level gives it: against what is it?"),
        }
    }
}

/// P-values may be printed with a digit less care than others: one unit in the last place.
fn reproduced(tests: &[TableTest], p: &Figure) -> Option<TableTest> {
    let (low, high) = p.number.as_ref()?.widest();
    tests.iter().find(|test| test.p >= low - 1e-9 && test.p <= high + 1e-9).cloned()
}

/// Fewer levels, or one level against the rest: what a P-value beside a factor may be of.
fn coarser(groups: &[Vec<i128>]) -> Vec<TableTest> {
    let levels = groups[0].len();
    let mut tests = Vec::new();
    if levels < 3 {
        return tests;
    }
    for left_out in 0..levels {
        let without: Vec<Vec<i128>> = groups
            .iter()
            .map(|g| g.iter().enumerate().filter(|(level, _)| *level != left_out).map(|(_, k)| *k).collect())
            .collect();
        tests.extend(all_tests(&without));
        let against: Vec<Vec<i128>> =
            groups.iter().map(|g| vec![g[left_out], g.iter().sum::<i128>() - g[left_out]]).collect();
        tests.extend(all_tests(&against));
        let cut: Vec<Vec<i128>> =
            groups.iter().map(|g| vec![g[..=left_out].iter().sum(), g[left_out + 1..].iter().sum()]).collect();
        tests.extend(all_tests(&cut));
    }
    tests
}

/// The number of rows, then the cells row by row.
fn inputs(cells: &[Vec<CellInput>]) -> Vec<Input> {
    let mut all = vec![Input::Constant { value: cells.len() as f64 }];
    for cell in cells.iter().flatten() {
        match *cell {
            CellInput::Count(leaf) => all.push(Input::Count { leaf }),
            CellInput::Rest { of, less } => all.push(Input::Rest { of, less }),
        }
    }
    all
}

/// The tests that are recomputed, by the names that papers and files use.
const RECOMPUTED: [&str; 14] = [
    "chi_squared",
    "chi-squared",
    "chi2",
    "pearson",
    "yates",
    "fisher",
    "chi_squared_or_fisher",
    "trend",
    "linear_trend",
    "likelihood_ratio",
    "n_minus_1",
    "mid_p",
    "rank_sum",
    "z",
];

/// A cell of the table of counts, for the second checker.
#[derive(Clone, Copy)]
enum CellInput {
    Count(usize),
    /// What a count leaves of a total.
    Rest {
        of: usize,
        less: usize,
    },
}

#[expect(clippy::too_many_arguments, reason = "one P-value and its table")]
fn judge(
    key: &str,
    groups: &[Vec<i128>],
    p: &Figure,
    stated: &[String],
    leaves: Vec<usize>,
    cells: Vec<Vec<CellInput>>,
    sink: &mut Sink,
) {
    let Some(printed) = &p.number else { return };
    let tests = all_tests(groups);
    if let Some(test) = reproduced(&tests, p) {
        sink.pass(CODE, leaves, format!("{} gives {:.4}", test.name, test.p));
        return;
    }
    let named = stated.join(" or ");
    if stated.is_empty() || stated.iter().any(|test| test == "not_stated") {
        sink.undecidable(CODE, leaves, "no usual test gives it, and the test is not stated");
        return;
    }
    if let Some(other) = stated.iter().find(|test| !RECOMPUTED.contains(&test.as_str())) {
        sink.undecidable(CODE, leaves, format!("no usual test gives it; the stated test `{other}` is not recomputed"));
        return;
    }
    let stated = named.as_str();
    let mut family = tests.clone();
    family.extend(coarser(groups));
    if let Some(test) = reproduced(&family, p) {
        sink.undecidable(CODE, leaves, format!("{} of fewer levels gives {:.4}", test.name, test.p));
        return;
    }
    let p_range = printed.widest();
    if one_sided_tests(groups).into_iter().any(|one_sided| (p_range.0..=p_range.1).contains(&one_sided)) {
        sink.undecidable(CODE, leaves, "a one-sided test gives it");
        return;
    }
    let z = |p: f64| if p >= 1.0 { 0.0 } else { -normal_quantile(0.5 * p.max(1e-300)) };
    let (low, high) = p_range;
    let (z_low, z_high) = (z(high), if low <= 0.0 { f64::INFINITY } else { z(low) });
    let least = family.iter().map(|test| z(test.p)).fold(f64::INFINITY, f64::min);
    let mut most = family.iter().map(|test| z(test.p)).fold(0.0, f64::max);
    if stated.contains("fisher") {
        // An exact test may be one-sided.
        most = family.iter().map(|test| z(0.5 * test.p)).fold(most, f64::max);
    }
    // All usual tests of two by two counts are in the family; of larger tables the exact one is not.
    let (factor, step) = if groups.len() == 2 && groups[0].len() == 2 { (1.1, 0.05) } else { (1.25, 0.25) };
    let own = tests.iter().map(|test| test.p);
    let (smallest, largest) = own.fold((1.0_f64, 0.0_f64), |(low, high), p| (low.min(p), high.max(p)));
    if z_high < least / factor - step || z_low > most * factor + step {
        let message =
            format!("every usual test of these counts gives P of {smallest:.3} to {largest:.3}, printed is {}", p.text);
        let mut finding = Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
            .of_p(PValues { printed: (low, high), recomputed: (smallest, largest) })
            .assuming(format!("the P-value compares these columns by a test of counts ({stated} is stated)"))
            .supposing(retyped(p, |printed| {
                let (low, high) = printed.widest();
                tests.iter().take(1).any(|test| test.p >= low && test.p <= high)
            }))
            .stating(Statement::NoValue {
                formula: Formula::Counts,
                inputs: inputs(&cells),
                relation: Relation::Equal,
                target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                factor: 1.0 + 0.5 * (factor - 1.0),
                step: 0.5 * step,
            });
        // The best known first; variants of one test need not all be shown.
        let known = |name: &str| ["chi-squared with n - 1", "Fisher mid-P", "unpooled z"].contains(&name);
        for test in tests.iter().filter(|test| !known(test.name)).take(5) {
            finding = finding.evidence(format!("{}: {:.4}", test.name, test.p));
        }
        sink.finding(finding);
    } else {
        beside(p, (smallest, largest)).into_iter().for_each(|values| sink.compare(key, values));
        sink.undecidable(CODE, leaves, "no usual test gives it exactly, though some come near");
    }
}
