//! V604: summaries of one variable in one group, against each other.

use super::Rule;
use super::support::{input, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Baseline, Body, Figure, Reported, RowBody, Spread, SummaryCell};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V604";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "summary-order",
    checks: "that minimum, quartiles, median and maximum are in order, that widths are differences of their ends, that a \
             mean lies between the extremes and within one SD of the median, and that an SD is not larger than the \
             extremes and the mean allow",
    why: "Mean and median are never further apart than the SD. n numbers between two extremes have a variance of at most \
          n / (n - 1) times (mean - minimum)(maximum - mean).",
    example: "median 12 (quartiles 15 to 40); mean 30 and median 61 with an SD of 8",
    silent: "when only one summary is printed; rows of one variable are joined by `variable:`, and then the verdict is \
             inconsistent, because they may be of different subjects",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Baseline(table) = &section.body else { continue };
        let mut variables: Vec<&str> = Vec::new();
        for row in &table.rows {
            let name = row.variable.as_deref().unwrap_or(&row.id);
            if !variables.contains(&name) {
                variables.push(name);
            }
        }
        for variable in variables {
            for column in &table.columns {
                let (cell, rows) = joined(table, variable, &column.id);
                examine(&cell, rows, &format!("{}/{variable}/{}", section.name, column.id), sink);
            }
        }
    }
}

/// All summaries of a variable in a column, and in how many rows they stand.
fn joined(table: &Baseline, variable: &str, column: &str) -> (SummaryCell, usize) {
    let mut all = SummaryCell { column: column.to_string(), ..SummaryCell::default() };
    let mut rows = 0;
    for row in table.rows.iter().filter(|row| row.variable.as_deref().unwrap_or(&row.id) == variable) {
        match &row.body {
            RowBody::Summary(cells) => {
                for cell in cells.iter().filter(|cell| cell.column == column) {
                    rows += 1;
                    merge(&mut all, cell);
                }
            }
            RowBody::Continuous(body) => {
                let Some(cell) = body.cells.iter().find(|cell| cell.column == column) else { continue };
                rows += 1;
                let centre = Some(cell.centre.clone());
                let (first, second) = (cell.spread.first().cloned(), cell.spread.get(1).cloned());
                let mut own = SummaryCell { n: cell.n.clone(), ..SummaryCell::default() };
                match body.spread {
                    Spread::MeanSd => (own.mean, own.sd) = (centre, first),
                    Spread::MeanSe => own.mean = centre,
                    Spread::MedianRange => (own.median, own.minimum, own.maximum) = (centre, first, second),
                    Spread::MedianIqr => (own.median, own.first_quartile, own.third_quartile) = (centre, first, second),
                    Spread::EstimateSe => {}
                }
                merge(&mut all, &own);
            }
            RowBody::Categorical(_) => {}
        }
    }
    (all, rows)
}

fn merge(all: &mut SummaryCell, cell: &SummaryCell) {
    let fields: [(&mut Option<Figure>, &Option<Figure>); 10] = [
        (&mut all.n, &cell.n),
        (&mut all.mean, &cell.mean),
        (&mut all.sd, &cell.sd),
        (&mut all.median, &cell.median),
        (&mut all.first_quartile, &cell.first_quartile),
        (&mut all.third_quartile, &cell.third_quartile),
        (&mut all.minimum, &cell.minimum),
        (&mut all.maximum, &cell.maximum),
        (&mut all.iqr_width, &cell.iqr_width),
        (&mut all.range_width, &cell.range_width),
    ];
    for (into, from) in fields {
        if into.is_none() {
            into.clone_from(from);
        }
    }
}

fn examine(cell: &SummaryCell, rows: usize, key: &str, sink: &mut Sink) {
    let verdict = if rows > 1 { Verdict::Inconsistent } else { Verdict::Impossible };
    let in_order = [
        ("minimum", &cell.minimum),
        ("first quartile", &cell.first_quartile),
        ("median", &cell.median),
        ("third quartile", &cell.third_quartile),
        ("maximum", &cell.maximum),
    ];
    let printed: Vec<(&str, &Figure)> =
        in_order.iter().filter_map(|(name, figure)| Some((*name, figure.as_ref()?))).collect();
    ordered(&printed, &format!("{key}/order"), verdict, sink);
    let with_mean: Vec<(&str, &Figure)> =
        [("minimum", &cell.minimum), ("mean", &cell.mean), ("maximum", &cell.maximum)]
            .iter()
            .filter_map(|(name, figure)| Some((*name, figure.as_ref()?)))
            .collect();
    if cell.mean.is_some() {
        ordered(&with_mean, &format!("{key}/mean"), verdict, sink);
    }
    for (name, width, low, high) in [
        ("interquartile width", &cell.iqr_width, &cell.first_quartile, &cell.third_quartile),
        ("range", &cell.range_width, &cell.minimum, &cell.maximum),
    ] {
        if let (Some(width), Some(low), Some(high)) = (width, low, high) {
            distance(name, width, low, high, &format!("{key}/width"), verdict, sink);
        }
    }
    if let (Some(mean), Some(deviation), Some(median)) = (&cell.mean, &cell.sd, &cell.median) {
        mean_and_median(mean, deviation, median, &format!("{key}/median"), sink);
    }
    if let (Some(mean), Some(deviation), Some(low), Some(high)) = (&cell.mean, &cell.sd, &cell.minimum, &cell.maximum) {
        largest_deviation(cell, [mean, deviation, low, high], &format!("{key}/sd"), sink);
    }
}

fn ordered(printed: &[(&str, &Figure)], key: &str, verdict: Verdict, sink: &mut Sink) {
    if printed.len() < 2 {
        return;
    }
    let spans: Option<Vec<(f64, f64)>> = printed.iter().map(|(_, figure)| span(figure, 1.0)).collect();
    let leaves: Vec<usize> = printed.iter().map(|(_, figure)| figure.leaf).collect();
    let Some(spans) = spans else {
        sink.undecidable(CODE, leaves, "a summary cannot be read");
        return;
    };
    for (index, low) in spans.iter().enumerate() {
        for (other, high) in spans.iter().enumerate().skip(index + 1) {
            if low.0 > high.1 {
                let ((name, first), (other_name, second)) = (printed[index], printed[other]);
                let message = format!("{name} {} is above {other_name} {}", first.text, second.text);
                sink.finding(
                    Finding::new(CODE, verdict, key, vec![first.leaf, second.leaf], message)
                        .assuming("the summaries are of the same subjects, on the same scale")
                        .stating(Statement::Order { low: first.leaf, high: second.leaf }),
                );
                return;
            }
        }
    }
    sink.pass(CODE, leaves, "the summaries are in order");
}

fn distance(name: &str, width: &Figure, low: &Figure, high: &Figure, key: &str, verdict: Verdict, sink: &mut Sink) {
    let (Some(printed), Some(a), Some(b)) = (span(width, 1.0), span(low, 1.0), span(high, 1.0)) else { return };
    let leaves = vec![low.leaf, high.leaf, width.leaf];
    let expected = (b.0 - a.1, b.1 - a.0);
    if printed.1 < expected.0 - 1e-9 || printed.0 > expected.1 + 1e-9 {
        let message = format!(
            "{} to {} is a {name} of {:.4} to {:.4}, printed is {}",
            low.text,
            high.text,
            expected.0.max(0.0),
            expected.1,
            width.text
        );
        sink.finding(
            Finding::new(CODE, verdict, key, leaves, message)
                .assuming("the summaries are of the same subjects")
                .stating(Statement::NoValue {
                    formula: Formula::Distance,
                    inputs: vec![input(high), input(low)],
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: width.leaf, unit: 1.0, read_as: ReadAs::Value },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, leaves, format!("the {name} is that of its ends"));
    }
}

fn mean_and_median(mean: &Figure, deviation: &Figure, median: &Figure, key: &str, sink: &mut Sink) {
    let (Some(a), Some(s), Some(b)) = (span(mean, 1.0), span(deviation, 1.0), span(median, 1.0)) else { return };
    let leaves = vec![mean.leaf, median.leaf, deviation.leaf];
    let apart = (a.0 - b.1).max(b.0 - a.1);
    if apart > s.1 + 1e-9 {
        let message = format!(
            "mean {} and median {} are {apart:.3} or more apart, the SD is {}",
            mean.text, median.text, deviation.text
        );
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
                .assuming("mean, median and SD are of the same subjects, on the same scale")
                .stating(Statement::NoValue {
                    formula: Formula::Distance,
                    inputs: vec![input(mean), input(median)],
                    relation: Relation::AtLeast,
                    target: Target::Leaf { leaf: deviation.leaf, unit: 1.0, read_as: ReadAs::Value },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, leaves, "mean and median are within one SD");
    }
}

fn largest_deviation(cell: &SummaryCell, [mean, deviation, low, high]: [&Figure; 4], key: &str, sink: &mut Sink) {
    let spans = [mean, deviation, low, high].map(|figure| span(figure, 1.0));
    let [Some(m), Some(s), Some(a), Some(b)] = spans else { return };
    let size = cell.n.as_ref().and_then(|figure| Some((figure, figure.integer().filter(|&n| n >= 2)?)));
    let n = size.map_or(2.0, |(_, n)| n as f64);
    let leaves: Vec<usize> =
        [mean, deviation, low, high].iter().map(|f| f.leaf).chain(size.map(|(figure, _)| figure.leaf)).collect();
    // (mean - a)(b - mean) is largest in the middle of a and b.
    let middle = (0.5 * (a.0 + b.1)).clamp(m.0, m.1);
    let most = (n / (n - 1.0) * (middle - a.0).max(0.0) * (b.1 - middle).max(0.0)).sqrt();
    if s.0 > most + 1e-9 {
        let message = format!(
            "numbers between {} and {} with mean {} have an SD of {most:.3} at most, printed is {}",
            low.text, high.text, mean.text, deviation.text
        );
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
                .assuming("the summaries are of the same subjects, on the same scale")
                .stating(Statement::NoValue {
                    formula: Formula::LargestDeviation,
                    inputs: vec![
                        input(mean),
                        input(low),
                        input(high),
                        size.map_or(Input::Constant { value: 2.0 }, |(figure, _)| Input::Count { leaf: figure.leaf }),
                    ],
                    relation: Relation::AtMost,
                    target: Target::Leaf { leaf: deviation.leaf, unit: 1.0, read_as: ReadAs::Value },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, leaves, format!("an SD of {most:.3} at most"));
    }
}
