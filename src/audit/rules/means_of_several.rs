//! V607: the P-value of an analysis of variance, recomputed from mean, SD and n of three or more columns.

use super::Rule;
use super::corrected_p::beside;
use super::mean_p::{Group, SKEWED, group};
use crate::audit::finding::{Finding, PValues, Sink, Verdict};
use crate::audit::reported::{Baseline, BaselineRow, Body, Continuous, Named, Reported, RowBody, Spread};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::f_upper;

const CODE: &str = "V607";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "means-of-several",
    checks: "that the P-value of a one-way analysis of variance lies in the range that the means, SDs and numbers of three or \
             more columns give, by Fisher's and by Welch's F, over all that rounds to the printed ones",
    why: "F is a function of means, SDs and numbers of subjects. Fisher's is smallest at the means nearest to a common one, \
          largest at ends of their ranges; both are taken at the ends of the ranges of the SDs.",
    example: "50.0 (5.0), 60.0 (5.0) and 70.0 (5.0) of 50 each with P = 0.81, anova stated",
    silent: "when several P-values of the table are larger than their numbers give, as corrected ones are (that is asked); unless an analysis of variance is stated; for more than six columns; when n may be smaller by missing data, within a half; when an SD is more than \
             four tenths of its mean (the logarithm may have been tested)",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Baseline(table) = &section.body else { continue };
        for row in &table.rows {
            let RowBody::Continuous(body) = &row.body else { continue };
            if matches!(body.spread, Spread::MeanSd | Spread::MeanSe) {
                for p in &row.p {
                    examine(table, row, body, p, &format!("{}/{}/{}", section.name, row.id, p.name), sink);
                }
            }
        }
    }
}

/// F and its degrees of freedom.
#[derive(Clone, Copy)]
struct F {
    value: f64,
    between: f64,
    within: f64,
}

impl F {
    fn p(self, by: f64) -> f64 {
        let value = self.value * by;
        if value.is_finite() { f_upper(value.max(0.0), self.between, self.within.max(1.0)) } else { 0.0 }
    }
}

fn examine(table: &Baseline, row: &BaselineRow, body: &Continuous, named: &Named, key: &str, sink: &mut Sink) {
    let p = &named.figure;
    let columns: Vec<&String> = match table.comparisons.iter().find(|comparison| comparison.name == named.name) {
        Some(comparison) => comparison.columns.iter().collect(),
        None => table.columns.iter().filter(|c| c.sum_of.is_empty()).map(|c| &c.id).collect(),
    };
    if columns.len() < 3 {
        return;
    }
    let groups: Option<Vec<Group>> = columns.iter().map(|id| group(table, row, body, id)).collect();
    let Some(groups) = groups.filter(|groups| groups.len() <= 6) else {
        sink.undecidable(CODE, vec![p.leaf], "not three to six groups with mean, SD and n");
        return;
    };
    let mut leaves = vec![p.leaf];
    leaves.extend(groups.iter().flat_map(|group| &group.leaves));
    let Some((printed_low, printed_high)) = p.number.as_ref().map(|printed| printed.widest()) else { return };
    if groups.iter().all(|group| group.deviation.1 <= 0.0) {
        sink.undecidable(CODE, leaves, "no spread");
        return;
    }
    let found = extremes(&groups);
    let range = |least: f64, most: f64| {
        let p = |by: f64| found.iter().map(move |f| f.p(by));
        (p(most).fold(f64::INFINITY, f64::min), p(least).fold(0.0, f64::max))
    };
    let (low, high) = range(1.0, 1.0);
    if printed_high >= low - 1e-9 && printed_low <= high + 1e-9 {
        sink.pass(CODE, leaves, format!("an analysis of variance gives {low:.3} to {high:.3}"));
        return;
    }
    let stated = table.tests(row, &named.name);
    let is_f = |test: &String| ["anova", "one_way_anova", "welch_anova", "f"].contains(&test.as_str());
    if stated.is_empty() || !stated.iter().all(is_f) {
        let says = format!("an analysis of variance gives {low:.3} to {high:.3}, but none is stated");
        sink.undecidable(CODE, leaves, says);
        return;
    }
    if groups.iter().any(|group| group.mean.0 > 0.0 && group.deviation.1 > SKEWED * group.mean.1) {
        sink.undecidable(CODE, leaves, "skewed, as means and SDs show: was the logarithm tested?");
        return;
    }
    // Missing data: F grows with n.
    let own =
        row.n.iter().any(|named| columns.contains(&&named.name)) || body.cells.iter().any(|cell| cell.n.is_some());
    let (low_f, high_f) = range(if own { 0.85 } else { 0.45 }, 1.3);
    if printed_high >= 0.9 * low_f && printed_low <= 1.1 * high_f {
        beside(p, (low, high)).into_iter().for_each(|values| sink.compare(key, values));
        sink.undecidable(CODE, leaves, "near what an analysis of variance gives; missing data would explain the rest");
        return;
    }
    let message = format!(
        "an analysis of variance of the printed means and SDs gives P of {low:.3} to {high:.3}, printed is {}",
        p.text
    );
    let inputs = groups.iter().flat_map(|group| {
        let [mean, deviation, n] = [group.leaves[0], group.leaves[1], group.leaves[2]];
        [Input::Leaf { leaf: mean, unit: 1.0 }, Input::Leaf { leaf: deviation, unit: 1.0 }, Input::Count { leaf: n }]
    });
    let formula = if body.spread == Spread::MeanSe { Formula::SeveralMeansSe } else { Formula::SeveralMeans };
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
            .of_p(PValues { printed: (printed_low, printed_high), recomputed: (low, high) })
            .assuming("a one-way analysis of variance of these columns, as stated")
            .stating(Statement::NoValue {
                formula,
                inputs: inputs.collect(),
                relation: Relation::Equal,
                target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                factor: 1.0,
                step: 0.02,
            }),
    );
}

/// Fisher's and Welch's F, smallest and largest, over the corners of the SDs.
fn extremes(groups: &[Group]) -> Vec<F> {
    let corners = 1_usize << groups.len();
    let end = |corner: usize, index: usize, range: (f64, f64)| if corner >> index & 1 == 1 { range.1 } else { range.0 };
    let mut found = Vec::new();
    for corner in 0..corners {
        let deviations: Vec<f64> =
            groups.iter().enumerate().map(|(index, group)| end(corner, index, group.deviation).max(1e-9)).collect();
        let k = groups.len() as f64;
        let n: f64 = groups.iter().map(|group| group.n).sum();
        let within = groups.iter().zip(&deviations).map(|(group, s)| (group.n - 1.0) * s * s).sum::<f64>() / (n - k);
        // The largest sum of squares is at ends of the ranges of the means.
        let largest = |weights: &[f64]| {
            (0..corners)
                .map(|corner| {
                    let means: Vec<f64> =
                        groups.iter().enumerate().map(|(index, group)| end(corner, index, group.mean)).collect();
                    spread(&means, weights)
                })
                .fold(0.0, f64::max)
        };
        let plain: Vec<f64> = groups.iter().map(|group| group.n).collect();
        let inverse: Vec<f64> = groups.iter().zip(&deviations).map(|(group, s)| group.n / (s * s)).collect();
        let sum: f64 = inverse.iter().sum();
        let lambda: f64 = groups.iter().zip(&inverse).map(|(group, w)| (1.0 - w / sum).powi(2) / (group.n - 1.0)).sum();
        let shrink = 1.0 + 2.0 * (k - 2.0) / (k * k - 1.0) * lambda;
        let welch_within = (k * k - 1.0) / (3.0 * lambda);
        for squares in [smallest(groups, &plain), largest(&plain)] {
            found.push(F { value: squares / (k - 1.0) / within, between: k - 1.0, within: n - k });
        }
        for squares in [smallest(groups, &inverse), largest(&inverse)] {
            found.push(F { value: squares / (k - 1.0) / shrink, between: k - 1.0, within: welch_within });
        }
    }
    found
}

/// The weighted sum of squares about the weighted mean.
fn spread(means: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let centre = means.iter().zip(weights).map(|(m, w)| m * w).sum::<f64>() / total;
    means.iter().zip(weights).map(|(m, w)| w * (m - centre).powi(2)).sum()
}

/// The smallest weighted sum of squares over the ranges of the means: that about the common value nearest to all of them, the
/// minimum of a convex function of one variable.
fn smallest(groups: &[Group], weights: &[f64]) -> f64 {
    let about = |centre: f64| -> f64 {
        let apart = |group: &Group| (group.mean.0 - centre).max(centre - group.mean.1).max(0.0);
        groups.iter().zip(weights).map(|(group, w)| w * apart(group).powi(2)).sum()
    };
    let mut low = groups.iter().map(|group| group.mean.0).fold(f64::INFINITY, f64::min);
    let mut high = groups.iter().map(|group| group.mean.1).fold(f64::NEG_INFINITY, f64::max);
    for _ in 0..100 {
        let (first, second) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if about(first) <= about(second) {
            high = second;
        } else {
            low = first;
        }
    }
    about(0.5 * (low + high))
}
