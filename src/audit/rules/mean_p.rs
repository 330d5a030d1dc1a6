//! V602: P-values of means, recomputed from mean, SD and n.

use super::Rule;
use super::corrected_p::beside;
use super::support::is_plain;
use crate::audit::finding::{Finding, PValues, Sink, Verdict};
use crate::audit::reported::{Baseline, BaselineRow, Body, Continuous, Figure, Named, Reported, RowBody, Spread};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::student_t_two_sided;

const CODE: &str = "V602";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "mean-p",
    checks: "that the P-value of two means lies in the range that Student's and Welch's t give, over all means and SDs that \
             round to the printed ones",
    why: "t is a function of means, SDs and numbers of subjects. Each printed digit is a range, and t is largest and \
          smallest at its corners.",
    example: "58.7 (11.1) of 61 against 70.1 (9.9) of 52 with P = 0.62, t-test stated",
    silent: "when several P-values of the table are larger than their numbers give, as corrected ones are, or all about half of it, as one-sided ones (that is asked); when a rank test or no test is stated (means and SDs do not determine ranks): then agreement is noted and \
             disagreement is not; for more than two columns (V607); when n may be smaller than the column's by missing data, \
             within a half, unless the row prints its `n:`; when an SD is more than four tenths of its mean (the logarithm may have \
             been tested); when the two columns are times of one sample by their names (before, after); when an analysis of variance is \
             stated for two columns (one of covariance may be meant)",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Baseline(table) = &section.body else { continue };
        for row in &table.rows {
            if let RowBody::Continuous(body) = &row.body {
                for p in &row.p {
                    let test = table.tests(row, &p.name);
                    let key = format!("{}/{}/{}", section.name, row.id, p.name);
                    examine(table, row, body, p, test, &key, sink);
                }
            }
        }
    }
}

/// An SD of this share of its mean shows a skewed quantity.
pub(super) const SKEWED: f64 = 0.4;

/// Two columns of as many subjects, named by two times of one sample: the correlation that a paired test needs is not printed.
fn looks_paired(columns: &[String], first: f64, second: f64) -> bool {
    const TIMES: [&str; 9] = ["before", "after", "pre", "post", "baseline", "follow", "visit", "week", "month"];
    let of_time = |name: &String| TIMES.iter().any(|time| name.to_lowercase().contains(time));
    first == second && columns.iter().all(of_time)
}

/// A column's mean and SD, each a range by its rounding, with its number of subjects.
pub(super) struct Group {
    pub n: f64,
    pub mean: (f64, f64),
    pub deviation: (f64, f64),
    /// Mean, SD (or SE), n.
    pub leaves: Vec<usize>,
}

pub(super) fn group(table: &Baseline, row: &BaselineRow, body: &Continuous, id: &str) -> Option<Group> {
    let cell = body.cells.iter().find(|cell| cell.column == id)?;
    let n = cell.n.as_ref().or_else(|| table.size(row, id))?;
    let spread = cell.spread.first()?;
    let bounds = |figure: &Figure| figure.number.as_ref().filter(|_| is_plain(figure)).map(|p| p.widest());
    let size = n.integer().filter(|&n| n >= 2)? as f64;
    let factor = if body.spread == Spread::MeanSe { size.sqrt() } else { 1.0 };
    let deviation = bounds(spread)?;
    Some(Group {
        n: size,
        mean: bounds(&cell.centre)?,
        deviation: (deviation.0.max(0.0) * factor, deviation.1 * factor),
        leaves: vec![cell.centre.leaf, spread.leaf, n.leaf],
    })
}

fn examine(
    table: &Baseline,
    row: &BaselineRow,
    body: &Continuous,
    named: &Named,
    stated: &[String],
    key: &str,
    sink: &mut Sink,
) {
    let Named { name, figure: p } = named;
    match body.spread {
        Spread::MeanSd | Spread::MeanSe => {}
        Spread::EstimateSe => {
            sink.undecidable(
                CODE,
                vec![p.leaf],
                "what an estimate and its standard error are tested against is not stated",
            );
            return;
        }
        _ => {
            sink.undecidable(CODE, vec![p.leaf], "a median and its spread do not determine a P-value");
            return;
        }
    }
    let columns: Vec<String> = match table.comparisons.iter().find(|comparison| comparison.name == *name) {
        Some(comparison) => comparison.columns.clone(),
        None => table.columns.iter().filter(|c| c.sum_of.is_empty()).map(|c| c.id.clone()).collect(),
    };
    if columns.len() > 2 {
        return;
    }
    let groups: Option<Vec<Group>> = columns.iter().map(|id| group(table, row, body, id)).collect();
    let Some([a, b]) = groups.as_deref() else {
        sink.undecidable(CODE, vec![p.leaf], "not two groups with mean, SD and n");
        return;
    };
    let mut leaves = vec![p.leaf];
    leaves.extend(&a.leaves);
    leaves.extend(&b.leaves);
    let Some((printed_low, printed_high)) = p.number.as_ref().map(|printed| printed.widest()) else { return };
    let difference =
        ((a.mean.0 - b.mean.1).max(b.mean.0 - a.mean.1).max(0.0), (a.mean.1 - b.mean.0).max(b.mean.1 - a.mean.0));
    // Student's pooled and Welch's standard error, at the smallest and largest SDs; Welch's degrees of freedom lie
    // between the smaller n less one and n - 2.
    let error = |sa: f64, sb: f64| {
        let pooled = ((a.n - 1.0) * sa * sa + (b.n - 1.0) * sb * sb) / (a.n + b.n - 2.0);
        let student = (pooled * (1.0 / a.n + 1.0 / b.n)).sqrt();
        let welch = (sa * sa / a.n + sb * sb / b.n).sqrt();
        (student.min(welch), student.max(welch))
    };
    let smallest = error(a.deviation.0, b.deviation.0).0;
    let largest = error(a.deviation.1, b.deviation.1).1;
    if largest <= 0.0 {
        sink.undecidable(CODE, leaves, "no spread");
        return;
    }
    let t = (difference.0 / largest, if smallest > 0.0 { difference.1 / smallest } else { f64::INFINITY });
    let tail = |t: f64, df: f64| if t.is_finite() { student_t_two_sided(t, df) } else { 0.0 };
    let (few, many) = ((a.n.min(b.n) - 1.0).max(1.0), a.n + b.n - 2.0);
    let (low, high) = (tail(t.1, many), tail(t.0, few));
    if printed_high >= low - 1e-9 && printed_low <= high + 1e-9 {
        sink.pass(CODE, leaves, format!("a t-test gives {low:.3} to {high:.3}"));
        return;
    }
    let is_t = |test: &String| ["t_test", "t", "student", "welch", "anova"].contains(&test.as_str());
    let stated_t = !stated.is_empty() && stated.iter().all(is_t);
    if !stated_t {
        sink.undecidable(CODE, leaves, format!("a t-test gives {low:.3} to {high:.3}, but none is stated"));
        return;
    }
    if printed_high < low && looks_paired(&columns, a.n, b.n) {
        sink.undecidable(CODE, leaves, "one sample before and after: a paired test?");
        return;
    }
    if stated.iter().all(|test| test == "anova") {
        sink.undecidable(
            CODE,
            leaves,
            "an analysis of variance of two columns with another P: adjusted for a covariate?",
        );
        return;
    }
    // Of a skewed quantity often the logarithm is tested, and the plain mean printed.
    let skewed = |group: &Group| group.mean.0 > 0.0 && group.deviation.1 > SKEWED * group.mean.1;
    if skewed(a) || skewed(b) {
        sink.undecidable(CODE, leaves, "skewed, as mean and SD show: was the logarithm tested?");
        return;
    }
    // Missing data: t grows with the root of n; half the subjects make it 30 percent smaller.
    let own = row.n.iter().any(|named| columns.contains(&named.name)) || body.cells.iter().any(|cell| cell.n.is_some());
    let less = if own { 0.95 } else { 0.7 };
    let (low, high) = (tail(t.1 * 1.12 + 0.1, many), tail((t.0 * less - 0.1).max(0.0), few));
    if printed_high < low || printed_low > high {
        let message = format!(
            "Student's and Welch's t of the printed means and SDs give P of {:.3} to {:.3}, printed is {}",
            tail(t.1, many),
            tail(t.0, few),
            p.text
        );
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
                .of_p(PValues { printed: (printed_low, printed_high), recomputed: (tail(t.1, many), tail(t.0, few)) })
                .assuming("a two-sided t-test of these two columns, as stated")
                .stating(Statement::NoValue {
                    formula: if body.spread == Spread::MeanSe { Formula::TwoMeansSe } else { Formula::TwoMeans },
                    inputs: a
                        .leaves
                        .iter()
                        .chain(&b.leaves)
                        .enumerate()
                        .map(
                            |(index, &leaf)| {
                                if index % 3 == 2 { Input::Count { leaf } } else { Input::Leaf { leaf, unit: 1.0 } }
                            },
                        )
                        .collect(),
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                    factor: 1.05,
                    step: 0.05,
                }),
        );
    } else {
        beside(p, (tail(t.1, many), tail(t.0, few))).into_iter().for_each(|values| sink.compare(key, values));
        sink.undecidable(CODE, leaves, "near what a t-test gives; missing data would explain the rest");
    }
}
