//! V606: the P-value of a printed statistic with its degrees of freedom.

use super::Rule;
use super::support::{input, is_plain, magnitude, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{
    Baseline, BaselineRow, Body, Figure, Reported, RowBody, StatisticKind, Tails, TestStatistic,
};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::{chi_squared_upper, f_upper, normal_two_sided, student_t_two_sided};

const CODE: &str = "V606";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "test-statistic",
    checks: "that the P-value is that of the printed t, chi-squared, F or z with its degrees of freedom, and that a table has not \
             more degrees of freedom than its groups and levels, or subjects, give",
    why: "The P-value is a function of the two. Each printed digit is a range, and the P-value is largest and smallest at its \
          ends.",
    example: "t = 2.31, 98 degrees of freedom, P = 0.23",
    silent: "without degrees of freedom (of t, chi-squared and F); where half of the two-sided P-value fits (one-sided), unless `tails: two`; \
             beside a stated test whose P-value is not of the statistic (Fisher, permutation, ranks); where a whole multiple fits, of as many tests as the table has or 6 (corrected for several comparisons)",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        match &section.body {
            Body::Tests(items) => {
                let many = items.len();
                for (index, item) in items.iter().enumerate() {
                    let name = if item.name.is_empty() { index.to_string() } else { item.name.clone() };
                    let Some(p) = &item.p else { continue };
                    let stated = Stated { tails: item.tails, corrected: item.corrected, many };
                    p_value(&item.statistic, p, stated, &format!("{}/{name}", section.name), sink);
                }
            }
            Body::Baseline(table) => {
                let many = table.rows.iter().filter(|row| !row.p.is_empty()).count();
                for row in &table.rows {
                    let Some(statistic) = &row.statistic else { continue };
                    let key = format!("{}/{}", section.name, row.id);
                    degrees(table, row, statistic, &key, sink);
                    // Of several P-values it is not known which the statistic is of.
                    if let [p] = row.p.as_slice() {
                        if table.tests(row, &p.name).iter().any(|test| gives_no_p_of_it(test)) {
                            let leaves = vec![statistic.value.leaf, p.figure.leaf];
                            sink.undecidable(
                                CODE,
                                leaves,
                                "the P-value may be of the test that is stated, not of the statistic",
                            );
                            continue;
                        }
                        let stated = Stated { tails: None, corrected: false, many };
                        p_value(statistic, &p.figure, stated, &key, sink);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A test whose P-value is no function of a printed t, chi-squared, F or z and its degrees of freedom.
fn gives_no_p_of_it(test: &str) -> bool {
    ["fisher", "exact", "permutation", "simulated", "monte_carlo", "mann_whitney", "wilcoxon"]
        .iter()
        .any(|stem| test.contains(stem))
}

/// The least and the greatest P-value of a statistic, over all that prints as it and as its degrees of freedom.
fn p_range(statistic: &TestStatistic) -> Option<(f64, f64)> {
    let value = magnitude(span(&statistic.value, 1.0)?);
    let degrees: Option<Vec<(f64, f64)>> = statistic.degrees.iter().map(degrees_of).collect();
    let degrees = degrees?;
    let at = |x: f64, pick: [bool; 2]| -> Option<f64> {
        let df = |index: usize| degrees.get(index).map(|df: &(f64, f64)| if pick[index] { df.1 } else { df.0 });
        Some(match statistic.kind {
            StatisticKind::Z => normal_two_sided(x),
            StatisticKind::T => student_t_two_sided(x, df(0)?),
            StatisticKind::ChiSquared => chi_squared_upper(x, df(0)?),
            StatisticKind::F => f_upper(x, df(0)?, df(1)?),
        })
    };
    let mut found = (f64::INFINITY, f64::NEG_INFINITY);
    for x in [value.0, value.1] {
        for first in [false, true] {
            for second in [false, true] {
                let p = at(x, [first, second])?;
                found = (found.0.min(p), found.1.max(p));
            }
        }
    }
    Some(found)
}

/// Whole degrees of freedom stand for themselves, those with decimals (Welch) are rounded.
fn degrees_of(figure: &Figure) -> Option<(f64, f64)> {
    let found = match figure.integer() {
        Some(whole) => (whole as f64, whole as f64),
        None => span(figure, 1.0)?,
    };
    (found.0 > 0.0).then_some(found)
}

/// Comparisons for which a P-value may be corrected, where the table has fewer.
const FEW_COMPARISONS: usize = 6;

/// What is known beside the statistic.
struct Stated {
    tails: Option<Tails>,
    corrected: bool,
    /// The tests of the table.
    many: usize,
}

fn p_value(statistic: &TestStatistic, p: &Figure, stated: Stated, key: &str, sink: &mut Sink) {
    let Stated { tails, corrected, many } = stated;
    let mut leaves: Vec<usize> = statistic.degrees.iter().map(|figure| figure.leaf).collect();
    leaves.extend([statistic.value.leaf, p.leaf]);
    let Some((low, high)) = p_range(statistic).filter(|_| is_plain(&statistic.value)) else {
        sink.undecidable(CODE, leaves, "the degrees of freedom are not printed, or not as numbers");
        return;
    };
    let Some(printed) = p.number.as_ref().map(|printed| printed.widest()) else { return };
    // Programs carry more digits than are printed, but they round those too.
    let fits = |by: f64| printed.1 >= by * low * 0.99 && printed.0 <= (by * high * 1.01).min(1.0);
    let symmetric = matches!(statistic.kind, StatisticKind::T | StatisticKind::Z);
    if fits(1.0) || (tails == Some(Tails::One) && symmetric && fits(0.5)) {
        sink.pass(CODE, leaves, format!("the statistic gives {low:.4} to {high:.4}"));
    } else if symmetric && tails != Some(Tails::Two) && fits(0.5) {
        sink.undecidable(CODE, leaves, "half of the two-sided P-value: one-sided (`tails: one`)?");
    } else if let Some(by) = (2..=many.max(FEW_COMPARISONS)).map(|by| by as f64).find(|&by| fits(by)) {
        let says = format!("{by:.0} times the P-value of the statistic: corrected for several comparisons?");
        sink.undecidable(CODE, leaves, says);
    } else if corrected && printed.1 >= low {
        sink.undecidable(CODE, leaves, "corrected, as stated");
    } else {
        let message = format!("{} gives P of {low:.4} to {high:.4}, printed is {}", shown(statistic), p.text);
        let (formula, inputs) = replayed(statistic);
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/p"), leaves, message)
                .assuming("the P-value is of this statistic, uncorrected")
                .stating(Statement::NoValue {
                    formula,
                    inputs,
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    }
}

fn shown(statistic: &TestStatistic) -> String {
    let name = match statistic.kind {
        StatisticKind::T => "t",
        StatisticKind::ChiSquared => "chi-squared",
        StatisticKind::F => "F",
        StatisticKind::Z => "z",
    };
    let degrees: Vec<&str> = statistic.degrees.iter().map(|figure| figure.text.as_str()).collect();
    if degrees.is_empty() {
        return format!("{name} {}", statistic.value.text);
    }
    format!("{name} {} with {} degrees of freedom", statistic.value.text, degrees.join(" and "))
}

fn replayed(statistic: &TestStatistic) -> (Formula, Vec<Input>) {
    let mut inputs = vec![input(&statistic.value)];
    let degrees = statistic.degrees.iter().map(|figure| match figure.integer() {
        Some(_) => Input::Count { leaf: figure.leaf },
        None => input(figure),
    });
    inputs.extend(degrees);
    match statistic.kind {
        StatisticKind::T => (Formula::ZOfT, inputs),
        StatisticKind::ChiSquared => (Formula::ZOfChiSquared, inputs),
        StatisticKind::F => (Formula::ZOfF, inputs),
        StatisticKind::Z => (Formula::Quotient, inputs),
    }
}

/// A test of a table has no more degrees of freedom than (groups - 1) times its levels, one more of which may not be
/// printed; t no more than the subjects of its columns less one.
fn degrees(table: &Baseline, row: &BaselineRow, statistic: &TestStatistic, key: &str, sink: &mut Sink) {
    let [figure] = statistic.degrees.as_slice() else { return };
    let Some((least, _)) = degrees_of(figure) else { return };
    let columns: Vec<&str> = match (row.p.first(), table.comparisons.as_slice()) {
        (Some(p), _) if table.comparisons.iter().any(|c| c.name == p.name) => table
            .comparisons
            .iter()
            .find(|c| c.name == p.name)
            .map_or_else(Vec::new, |c| c.columns.iter().map(String::as_str).collect()),
        (None, [only]) => only.columns.iter().map(String::as_str).collect(),
        _ => table.columns.iter().filter(|c| c.sum_of.is_empty()).map(|c| c.id.as_str()).collect(),
    };
    let groups = columns.len() as i128;
    let (most, size_leaves): (i128, Vec<usize>) = match (&row.body, statistic.kind) {
        (RowBody::Categorical(body), StatisticKind::ChiSquared) if !body.more_levels && groups >= 2 => {
            ((groups - 1) * body.levels.len() as i128, Vec::new())
        }
        (RowBody::Continuous(_), StatisticKind::T) => {
            let sizes: Option<Vec<&Figure>> = columns.iter().map(|id| table.size(row, id)).collect();
            let Some(sizes) = sizes else { return };
            let Some(n) = sizes.iter().map(|figure| figure.integer()).sum::<Option<i128>>() else { return };
            (n - 1, sizes.iter().map(|figure| figure.leaf).collect())
        }
        _ => return,
    };
    let mut leaves = size_leaves;
    leaves.push(figure.leaf);
    if least > most as f64 {
        let message = format!("{} degrees of freedom, where the table gives {most} at most", figure.text);
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/df"), leaves, message)
                .assuming("the test is of the columns and levels of this row")
                .stating(Statement::OutOfRange { leaf: figure.leaf, low: 0.0, high: most as f64 }),
        );
    } else {
        sink.pass(CODE, leaves, format!("not more than the {most} degrees of freedom that the table gives"));
    }
}
