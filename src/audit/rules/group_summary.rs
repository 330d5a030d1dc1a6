//! V603: the mean and SD of a whole, against those of its parts.

use super::Rule;
use super::retyping::retyped;
use super::support::is_plain;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Baseline, BaselineRow, Body, Column, Continuous, Figure, Reported, RowBody, Spread};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V603";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "group-summary",
    checks: "that the mean of a total column lies between the means of its columns and is their mean weighted by n, and \
             that its SD follows from their SDs and means; that the median of a total lies between those of its columns",
    why: "The sum of squares of a whole is the sum of those of its parts and of the squared distances of their means; \
          half of each part, and so of all, lies at or below the largest median.",
    example: "means of 58.7 and 59.7 in the two groups, 61.2 in all",
    silent: "unless a column says `sum_of`; when n is not printed; for medians, when the groups' n do not add up, and for times of follow-up or survival; when missing values of two thirds of a group would explain the mean, unless the row prints its \
             `n:`; the SD is allowed 3 percent beyond rounding for missing \
             data (implausible above, inconsistent above 10)",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Baseline(table) = &section.body else { continue };
        for column in table.columns.iter().filter(|column| !column.sum_of.is_empty()) {
            for row in &table.rows {
                let RowBody::Continuous(body) = &row.body else { continue };
                let key = format!("{}/{}/{}", section.name, row.id, column.id);
                match body.spread {
                    Spread::MeanSd => examine(table, row, body, column, &key, sink),
                    Spread::MedianIqr | Spread::MedianRange => median(table, row, body, column, &key, sink),
                    _ => {}
                }
            }
        }
    }
}

fn bounds(figure: &Figure) -> Option<(f64, f64)> {
    figure.number.as_ref().filter(|_| is_plain(figure)).map(|printed| printed.widest())
}

/// Kaplan and Meier's median, also of follow-up, is not that of the values: censoring differs between the groups.
fn may_be_censored(row: &BaselineRow) -> bool {
    const STEMS: [&str; 5] = ["follow", "surviv", "time to", "time_to", "duration"];
    [Some(&row.id), row.variable.as_ref()].into_iter().flatten().any(|name| {
        let lower = name.to_lowercase();
        STEMS.iter().any(|stem| lower.contains(stem)) || ["os", "pfs", "dfs"].contains(&lower.as_str())
    })
}

/// Half of each part at least lies at or below the largest of its parts' medians: so does half of all.
fn median(table: &Baseline, row: &BaselineRow, body: &Continuous, column: &Column, key: &str, sink: &mut Sink) {
    // Subjects of no group are in the whole only.
    let size = |id: &String| {
        let own = body.cells.iter().find(|cell| cell.column == *id).and_then(|cell| cell.n.as_ref());
        own.or_else(|| table.size(row, id)).and_then(Figure::integer)
    };
    let sizes: Option<i128> = column.sum_of.iter().map(size).sum();
    if sizes.is_none() || sizes != size(&column.id) || may_be_censored(row) {
        return;
    }
    let of = |id: &String| -> Option<(&Figure, (f64, f64))> {
        let centre = &body.cells.iter().find(|cell| cell.column == *id)?.centre;
        Some((centre, bounds(centre)?))
    };
    let parts: Option<Vec<(&Figure, (f64, f64))>> = column.sum_of.iter().map(of).collect();
    let (Some(parts), Some((whole, printed))) = (parts.filter(|parts| parts.len() >= 2), of(&column.id)) else {
        return;
    };
    let lowest = parts.iter().min_by(|a, b| a.1.0.total_cmp(&b.1.0)).copied();
    let highest = parts.iter().max_by(|a, b| a.1.1.total_cmp(&b.1.1)).copied();
    let (Some(lowest), Some(highest)) = (lowest, highest) else { return };
    let leaves: Vec<usize> = parts.iter().map(|(figure, _)| figure.leaf).chain([whole.leaf]).collect();
    let statement = if printed.1 < lowest.1.0 {
        Statement::Order { low: lowest.0.leaf, high: whole.leaf }
    } else if printed.0 > highest.1.1 {
        Statement::Order { low: whole.leaf, high: highest.0.leaf }
    } else {
        sink.pass(CODE, leaves, "the median of all lies between those of its groups");
        return;
    };
    let message = format!(
        "the median of all, {}, is not between those of its groups, {} to {}",
        whole.text, lowest.0.text, highest.0.text
    );
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/median"), leaves, message)
            .assuming("the groups make up the whole, and a subject missing in one is missing in both")
            .stating(statement),
    );
}

struct Part {
    n: f64,
    mean: (f64, f64),
    deviation: (f64, f64),
    leaves: Vec<usize>,
}

fn part(table: &Baseline, row: &BaselineRow, body: &Continuous, id: &str) -> Option<Part> {
    let cell = body.cells.iter().find(|cell| cell.column == id)?;
    let n = cell.n.as_ref().or_else(|| table.size(row, id))?;
    let deviation = bounds(cell.spread.first()?)?;
    Some(Part {
        n: n.integer().filter(|&n| n > 0)? as f64,
        mean: bounds(&cell.centre)?,
        deviation: (deviation.0.max(0.0), deviation.1),
        leaves: vec![cell.centre.leaf, cell.spread.first()?.leaf, n.leaf],
    })
}

fn examine(table: &Baseline, row: &BaselineRow, body: &Continuous, column: &Column, key: &str, sink: &mut Sink) {
    let Some(whole) = part(table, row, body, &column.id) else { return };
    let parts: Option<Vec<Part>> = column.sum_of.iter().map(|id| part(table, row, body, id)).collect();
    let Some(parts) = parts.filter(|parts| parts.len() >= 2) else { return };
    let mut leaves: Vec<usize> = parts.iter().map(|part| part.leaves[0]).collect();
    leaves.push(whole.leaves[0]);
    let lowest = parts.iter().map(|part| part.mean.0).fold(f64::INFINITY, f64::min);
    let highest = parts.iter().map(|part| part.mean.1).fold(f64::NEG_INFINITY, f64::max);
    if whole.mean.1 < lowest || whole.mean.0 > highest {
        let message = format!(
            "the mean of all is not between the smallest and the largest mean of its groups, {lowest:.2} to {highest:.2}"
        );
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, &format!("{key}/mean"), leaves, message)
                .assuming("the groups make up the whole, and a subject missing in one is missing in both")
                .stating(if whole.mean.1 < lowest {
                    extreme(&parts, &whole, false)
                } else {
                    extreme(&parts, &whole, true)
                }),
        );
        return;
    }
    let total: f64 = parts.iter().map(|part| part.n).sum();
    let weighted = |end: fn(&Part) -> f64| parts.iter().map(|part| part.n * end(part)).sum::<f64>() / total;
    let mean = (weighted(|part| part.mean.0), weighted(|part| part.mean.1));
    // Missing data shift the weights; with the row's own n they are known.
    let own = !row.n.is_empty() || body.cells.iter().any(|cell| cell.n.is_some());
    let slack = if own { 0.02 * (highest - lowest).max(0.0) } else { shift(&parts) };
    leaves.extend(parts.iter().map(|part| part.leaves[2]));
    if whole.mean.1 < mean.0 - slack || whole.mean.0 > mean.1 + slack {
        let message = format!("the groups' means weighted by n give {:.3} to {:.3}", mean.0, mean.1);
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/mean"), leaves, message)
                .assuming("the groups make up the whole")
                .supposing(body.cells.iter().find(|cell| cell.column == column.id).map_or_else(Vec::new, |cell| {
                    retyped(&cell.centre, |printed| {
                        let (low, high) = printed.widest();
                        high >= mean.0 && low <= mean.1
                    })
                }))
                .stating(of_all(Formula::MeanOfAll, &parts, whole.leaves[0], 0.5 * slack, 1.0)),
        );
        return;
    }
    sink.pass(CODE, leaves.clone(), format!("the groups' means give {:.2} to {:.2}", mean.0, mean.1));
    // The SD: within and between sums of squares, each at its smallest and largest.
    if whole.n < 3.0 || (total - whole.n).abs() > 0.5 {
        return;
    }
    let within = |pick: fn(&Part) -> f64| parts.iter().map(|p| (p.n - 1.0) * pick(p) * pick(p)).sum::<f64>();
    let centre = 0.5 * (mean.0 + mean.1);
    let mut between = (0.0, 0.0);
    for part in &parts {
        let half = 0.5 * (part.mean.1 - part.mean.0) + 0.5 * (mean.1 - mean.0);
        let distance = (0.5 * (part.mean.0 + part.mean.1) - centre).abs();
        between.0 += part.n * (distance - half).max(0.0).powi(2);
        between.1 += part.n * (distance + half).powi(2);
    }
    let deviation = (
        ((within(|part| part.deviation.0) + between.0) / (total - 1.0)).sqrt(),
        ((within(|part| part.deviation.1) + between.1) / (total - 1.0)).sqrt(),
    );
    // Missing data shift the weights of unequal SDs.
    let ends = parts.iter().map(|part| part.deviation);
    let spread = ends.clone().map(|d| d.1).fold(0.0, f64::max) - ends.map(|d| d.0).fold(f64::INFINITY, f64::min);
    let deviation = ((deviation.0 - 0.1 * spread).max(0.0), deviation.1 + 0.1 * spread);
    let mut leaves: Vec<usize> = parts.iter().flat_map(|part| part.leaves.clone()).collect();
    leaves.extend(&whole.leaves);
    let off = (deviation.0 / whole.deviation.1.max(1e-300)).max(whole.deviation.0 / deviation.1.max(1e-300));
    if off > 1.03 {
        let verdict = if off > 1.1 { Verdict::Inconsistent } else { Verdict::Implausible };
        let message = format!(
            "the groups' SDs and means give an SD of {:.2} to {:.2} for all, printed is {}",
            deviation.0,
            deviation.1,
            body.cells
                .iter()
                .find(|cell| cell.column == column.id)
                .and_then(|cell| cell.spread.first())
                .map_or("", |figure| figure.text.as_str())
        );
        sink.finding(
            Finding::new(CODE, verdict, &format!("{key}/sd"), leaves, message)
                .assuming("the groups make up the whole, and no value is missing")
                .stating(of_all(Formula::DeviationOfAll, &parts, whole.leaves[1], 0.0, 1.01)),
        );
    } else {
        sink.pass(CODE, leaves, "the SD follows from the groups");
    }
}

/// The share of a group's subjects whose value is known at least.
const KNOWN: f64 = 1.0 / 3.0;

/// How far the mean of all can be from the one weighted by the groups' n, when in some groups values are missing.
fn shift(parts: &[Part]) -> f64 {
    let middle = |part: &Part| 0.5 * (part.mean.0 + part.mean.1);
    let mut sorted: Vec<&Part> = parts.iter().collect();
    sorted.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let mean = |share: &dyn Fn(usize) -> f64| {
        let weights = || sorted.iter().enumerate().map(|(index, part)| part.n * share(index));
        weights().zip(&sorted).map(|(weight, part)| weight * middle(part)).sum::<f64>() / weights().sum::<f64>()
    };
    let whole = mean(&|_| 1.0);
    (0..=sorted.len())
        .flat_map(|split| {
            [
                mean(&|index| if index < split { KNOWN } else { 1.0 }),
                mean(&|index| if index < split { 1.0 } else { KNOWN }),
            ]
        })
        .map(|shifted| (shifted - whole).abs())
        .fold(0.0, f64::max)
}

/// The whole's mean or SD is not that of the groups, for the second checker.
fn of_all(formula: Formula, parts: &[Part], leaf: usize, step: f64, factor: f64) -> Statement {
    let mut inputs = Vec::new();
    for part in parts {
        inputs.push(Input::Count { leaf: part.leaves[2] });
        inputs.push(Input::Leaf { leaf: part.leaves[0], unit: 1.0 });
        if formula == Formula::DeviationOfAll {
            inputs.push(Input::Leaf { leaf: part.leaves[1], unit: 1.0 });
        }
    }
    let target = Target::Leaf { leaf, unit: 1.0, read_as: ReadAs::Value };
    Statement::NoValue { formula, inputs, relation: Relation::Equal, target, factor, step }
}

/// The whole's mean is above the largest (or below the smallest) mean of its groups.
fn extreme(parts: &[Part], whole: &Part, above: bool) -> Statement {
    let by_mean = |a: &&Part, b: &&Part| a.mean.0.total_cmp(&b.mean.0);
    let end = if above { parts.iter().max_by(by_mean) } else { parts.iter().min_by(by_mean) };
    let end = end.map_or(whole.leaves[0], |part| part.leaves[0]);
    if above {
        Statement::Order { low: whole.leaves[0], high: end }
    } else {
        Statement::Order { low: end, high: whole.leaves[0] }
    }
}
