//! V205: a mean and SD over folds or repeats.

use super::Rule;
use super::support::{in_percent, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, MetricCell, Performance, PerformanceRow, Reported};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V205";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "fold-summary",
    checks: "that the SD of a metric over folds is not larger than numbers between 0 and 1 with its mean can have",
    why: "k numbers between 0 and 1 with mean p have a sum of squared distances of at most k p (1 - p), so an SD of at most \
          sqrt(k / (k - 1) p (1 - p)).",
    example: "0.95 with an SD of 0.31 over five folds: at most 0.24",
    silent: "for metrics that are no proportions; when no SD is printed. Without a number of folds two are assumed, which \
             allows most",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        for row in &table.rows {
            for cell in row.metrics.iter().filter(|cell| cell.metric.is_proportion()) {
                if let (Some(mean), Some(deviation)) = (&cell.estimate, &cell.deviation) {
                    let cohort = row.cohort.as_deref().unwrap_or("-");
                    let key = format!("{}/{}/{cohort}/{}", section.name, row.model, cell.key);
                    examine(table, row, cell, [mean, deviation], &key, sink);
                }
            }
        }
    }
}

fn examine(
    table: &Performance,
    row: &PerformanceRow,
    cell: &MetricCell,
    [mean, deviation]: [&Figure; 2],
    key: &str,
    sink: &mut Sink,
) {
    let mut leaves = vec![mean.leaf, deviation.leaf];
    let folds = row.folds.as_ref().and_then(|figure| Some((figure, figure.integer().filter(|&k| k >= 2)?)));
    leaves.extend(folds.map(|(figure, _)| figure.leaf));
    let Some(percent) = in_percent(table, cell.metric, mean) else {
        sink.undecidable(CODE, leaves, "percent or proportion: the table does not tell");
        return;
    };
    let unit = if percent { 0.01 } else { 1.0 };
    let (Some(centre), Some(printed)) = (span(mean, unit), span(deviation, unit)) else { return };
    let number = folds.map_or(2.0, |(_, k)| k as f64);
    let at = |p: f64| p.clamp(0.0, 1.0) * (1.0 - p.clamp(0.0, 1.0));
    let spread = if centre.0 <= 0.5 && centre.1 >= 0.5 { 0.25 } else { at(centre.0).max(at(centre.1)) };
    let most = (spread * number / (number - 1.0)).sqrt();
    if !percent && printed.0 > 1.0 {
        sink.undecidable(CODE, leaves, "mean and SD are on two scales");
        return;
    }
    if printed.0 > most + 1e-12 {
        let message = format!(
            "{} {} with an SD of {}: numbers between 0 and 1 with this mean have {:.3} at most",
            cell.key,
            mean.text,
            deviation.text,
            most / unit
        );
        let count = folds.map_or(Input::Constant { value: 2.0 }, |(figure, _)| Input::Count { leaf: figure.leaf });
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, key, leaves, message)
                .assuming("mean and SD are over the same folds or repeats")
                .stating(Statement::NoValue {
                    formula: Formula::LargestDeviation,
                    inputs: vec![
                        Input::Leaf { leaf: mean.leaf, unit },
                        Input::Constant { value: 0.0 },
                        Input::Constant { value: 1.0 },
                        count,
                    ],
                    relation: Relation::AtMost,
                    target: Target::Leaf { leaf: deviation.leaf, unit, read_as: ReadAs::Value },
                    factor: 1.0,
                    step: 0.0,
                }),
        );
    } else {
        sink.pass(CODE, leaves, format!("at most {:.3}", most / unit));
    }
}
