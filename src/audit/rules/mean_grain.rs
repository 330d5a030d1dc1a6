//! V105: means and SDs of whole numbers (GRIM, GRIMMER) and of zeros and ones (DEBIT).

use super::Rule;
use super::support::{input, is_plain};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{
    Baseline, BaselineRow, Body, Continuous, ContinuousCell, Figure, Reported, RowBody, Spread, Values,
};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V105";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "mean-grain",
    checks: "that a mean of whole numbers is a whole number over n (GRIM), that its SD belongs to a sum of squares which is \
             a whole number of the same parity (GRIMMER), and that the SD of zeros and ones is that of their mean (DEBIT)",
    why: "Sums of whole numbers and of their squares are whole numbers, and a number and its square are both odd or both \
          even. The SD with n - 1 and with n are both allowed.",
    example: "a mean of 3.48 lymph nodes in 28 patients: 97/28 is 3.464, 98/28 is 3.500",
    silent: "unless the row says `values: integer` or `values: binary`; when n is large for the printed decimals (said as \
             \"not informative\"); where fewer subjects than the column's would do, and the row prints no n of its own",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Baseline(table) = &section.body else { continue };
        for row in &table.rows {
            if let RowBody::Continuous(body) = &row.body
                && body.values != Values::Real
                && body.spread == Spread::MeanSd
            {
                for cell in &body.cells {
                    let key = format!("{}/{}/{}", section.name, row.id, cell.column);
                    examine(table, row, body, cell, &key, sink);
                }
            }
        }
    }
}

fn examine(table: &Baseline, row: &BaselineRow, body: &Continuous, cell: &ContinuousCell, key: &str, sink: &mut Sink) {
    let deviation = cell.spread.first().filter(|figure| is_plain(figure));
    let mut leaves = vec![cell.centre.leaf];
    leaves.extend(deviation.map(|figure| figure.leaf));
    let Some(size) = cell.n.as_ref().or_else(|| table.size(row, &cell.column)) else {
        sink.undecidable(CODE, leaves, "the number of subjects is not printed");
        return;
    };
    leaves.push(size.leaf);
    let n = size.integer().filter(|n| (1..=100_000).contains(n));
    let (Some(n), Some(mean)) = (n, cell.centre.number.as_ref().filter(|_| is_plain(&cell.centre))) else {
        sink.undecidable(CODE, leaves, "mean or number of subjects cannot be read");
        return;
    };
    let own = cell.n.is_some() || row.n.iter().any(|named| named.name == cell.column);
    let mean = mean.widest();
    let spread = deviation.and_then(|figure| figure.number.as_ref()).map(|printed| printed.widest());
    if body.values == Values::Binary {
        shares(cell, size, n, mean, spread, key, leaves, sink);
        return;
    }
    if (mean.1 - mean.0) * n as f64 >= 2.0 && spread.is_none_or(|s| squares_everywhere(n, s)) {
        sink.not_applicable(
            CODE,
            leaves,
            format!("not informative: {n} subjects give every mean and SD of these decimals"),
        );
        return;
    }
    let least = if own { n } else { 1 };
    let whole = |n: i128, spread: Option<(f64, f64)>| possible(n, mean, spread);
    if whole(n, spread) {
        sink.pass(CODE, leaves, format!("whole numbers of {n} subjects have this mean and SD"));
    } else if (least..n).rev().any(|fewer| whole(fewer, spread)) {
        sink.undecidable(
            CODE,
            leaves,
            format!("no whole numbers of {n} subjects have this mean and SD, of fewer some do"),
        );
    } else {
        let mean_alone = !(least..=n).any(|fewer| whole(fewer, None));
        let number = if own { format!("{n}") } else { format!("{n} or fewer") };
        let text = deviation.map_or("", |figure| figure.text.as_str());
        let message = if mean_alone {
            format!("{} is the mean of no {number} whole numbers", cell.centre.text)
        } else {
            format!("no {number} whole numbers have mean {} and SD {text}", cell.centre.text)
        };
        let used: Vec<usize> = if mean_alone { vec![cell.centre.leaf, size.leaf] } else { leaves };
        let below = (cell.centre.value().unwrap_or(0.0) * n as f64).floor();
        let near = |sum: f64| format!("{sum}/{n} = {:.4}", sum / n as f64);
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, key, used, message)
                .assuming("each value is a whole number, as the row says")
                .evidence(format!("the nearest means are {} and {}", near(below), near(below + 1.0)))
                .stating(Statement::NoIntegers {
                    mean: cell.centre.leaf,
                    deviation: deviation.filter(|_| !mean_alone).map(|figure| figure.leaf),
                    n: size.leaf,
                    fewer: !own,
                    binary: false,
                }),
        );
    }
}

/// Slack of comparisons of products, relative: far above rounding in double precision.
const SLACK: f64 = 1e-11;

/// Are there n whole numbers with a mean and an SD in these ranges? By sums and sums of squares of the same parity.
fn possible(n: i128, mean: (f64, f64), spread: Option<(f64, f64)>) -> bool {
    let size = n as f64;
    let slack = |x: f64| SLACK * (1.0 + x.abs());
    let first = (mean.0 * size - slack(mean.0 * size)).ceil() as i128;
    let last = (mean.1 * size + slack(mean.1 * size)).floor() as i128;
    let Some((low, high)) = spread else { return first <= last };
    if n == 1 {
        // One value has no SD, or one of zero.
        return first <= last;
    }
    (first..=last.min(first + 100_000)).any(|sum| {
        let square = sum as f64 * sum as f64 / size;
        // The least sum of squares of n whole numbers with this sum.
        let (quotient, rest) = (sum.div_euclid(n), sum.rem_euclid(n));
        let least = rest * (quotient + 1) * (quotient + 1) + (n - rest) * quotient * quotient;
        [size - 1.0, size].iter().any(|divisor| {
            let (from, to) = (square + divisor * low.max(0.0).powi(2), square + divisor * high * high);
            let mut total = ((from - slack(from)).ceil() as i128).max(least);
            if (total - sum).rem_euclid(2) != 0 {
                total += 1;
            }
            total as f64 <= to + slack(to)
        })
    })
}

/// Is the range of sums of squares so wide that each parity lies in it whatever the sum?
fn squares_everywhere(n: i128, (low, high): (f64, f64)) -> bool {
    let width = (n - 1).max(1) as f64 * (high * high - low.max(0.0).powi(2));
    width >= 3.0 && low > 0.51
}

#[expect(clippy::too_many_arguments, reason = "one cell, taken apart")]
fn shares(
    cell: &ContinuousCell,
    size: &Figure,
    n: i128,
    mean: (f64, f64),
    spread: Option<(f64, f64)>,
    key: &str,
    leaves: Vec<usize>,
    sink: &mut Sink,
) {
    let (Some(deviation), Some((low, high))) = (cell.spread.first(), spread) else {
        sink.undecidable(CODE, leaves, "no SD is printed");
        return;
    };
    if n < 2 {
        sink.not_applicable(CODE, leaves, "a single subject");
        return;
    }
    let size_f = n as f64;
    let at = |p: f64| (p.clamp(0.0, 1.0) * (1.0 - p.clamp(0.0, 1.0))).sqrt();
    let most = if mean.0 <= 0.5 && mean.1 >= 0.5 { 0.5 } else { at(mean.0).max(at(mean.1)) };
    let least = at(mean.0).min(at(mean.1));
    let factor = (size_f / (size_f - 1.0)).sqrt();
    // With n and with n - 1, and fewer subjects by a fifth.
    let few = (0.8 * size_f).max(2.0);
    let widest = factor.max((few / (few - 1.0)).sqrt());
    if low > most * widest + 1e-12 || high < least - 1e-12 {
        let message = format!(
            "zeros and ones with mean {} have an SD of {least:.3} to {:.3}, printed is {}",
            cell.centre.text,
            most * widest,
            deviation.text
        );
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, key, leaves, message)
                .assuming("each value is 0 or 1, as the row says")
                .stating(Statement::NoValue {
                    formula: Formula::DeviationOfShare,
                    inputs: vec![input(&cell.centre), Input::Count { leaf: size.leaf }],
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: deviation.leaf, unit: 1.0, read_as: ReadAs::Value },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, leaves, "the SD is that of zeros and ones with this mean");
    }
}

#[cfg(test)]
mod tests {
    use super::possible;

    /// Against every multiset of up to five whole numbers from 0 to 6, printed to two decimals.
    #[test]
    fn agrees_with_all_small_samples() {
        use std::collections::BTreeSet;
        for n in 2..=5_usize {
            let mut seen: BTreeSet<(i128, i128)> = BTreeSet::new();
            for code in 0..7_usize.pow(n as u32) {
                let values: Vec<i128> = (0..n).map(|place| (code / 7_usize.pow(place as u32) % 7) as i128).collect();
                let sum: i128 = values.iter().sum();
                let squares: i128 = values.iter().map(|v| v * v).sum();
                seen.insert((sum, squares));
                let mean = sum as f64 / n as f64;
                let sd = ((squares as f64 - sum as f64 * mean) / (n as f64 - 1.0)).max(0.0).sqrt();
                let around = |x: f64| (x - 0.005, x + 0.005);
                assert!(possible(n as i128, around(mean), Some(around(sd))), "{values:?}");
            }
        }
        // 3.47 of 28: no. 3.46: 97/28.
        assert!(!possible(28, (3.465, 3.475), None) && possible(28, (3.455, 3.465), None));
        // Sum 10 of 4 and an SD of 0.50: squares 10^2/4 + 3 * 0.25 = 25.75; 26 is even as 10 is, SD 0.577; 25.75 is no number.
        assert!(!possible(4, (2.495, 2.505), Some((0.52, 0.54))));
        assert!(possible(4, (2.495, 2.505), Some((0.57, 0.58))));
    }
}
