//! The performance table, of models and of readers: rows of metrics, each with its interval.

use super::fields::{Fields, Reader};
use super::metric::Metric;
use super::model::*;
use super::sections::metric;
use super::survival_performance;
use super::tables::{ci_method, ci_methods, items, limits, scale, share};
use super::tree::{Content, Entry, Node};

/// What the rows of a performance table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Models,
    Readers,
    /// Models that predict a time to an event.
    Survival,
}

pub(super) fn performance(node: &Node, of: Of, reader: &mut Reader) -> Option<Performance> {
    let mut fields = Fields::of(node, "a performance table", reader)?;
    fields.get("kind");
    let ci_level = fields.figure("ci_level", reader);
    let (ci_method, ci_methods) = ci_methods(&mut fields, reader);
    let averaged = averaged(&mut fields, reader);
    let scale = scale(&mut fields, "scale", reader);
    let binary = reading(&mut fields, reader);
    let unit = fields.text("unit", reader);
    for free in ["metrics", "threshold", "facts"] {
        fields.fact(free, reader);
    }
    let survival = (of == Of::Survival).then(|| SurvivalTable { horizon: fields.text("horizon", reader) });
    let readers = of == Of::Readers;
    let mut table = Performance { rows: Vec::new(), ci_level, ci_method, ci_methods, scale, readers, survival };
    if let Some(models) = fields.any(&["models", "readers"])
        && let Some(models) = Fields::of(models, "models", reader)
    {
        for model in models.others() {
            model_rows(model, &averaged, of, &mut table.rows, reader);
        }
    }
    if let Some(rows) = fields.get("rows") {
        for item in items(rows, "rows", reader) {
            let mut row = empty_row(String::new(), &averaged);
            let Some(mut fields) = Fields::of(item, "a row", reader) else { continue };
            row.model = fields.any(&["model", "reader"]).and_then(|node| reader.text(node)).unwrap_or_default();
            row.cohort = fields.text("cohort", reader);
            row.survival = beside_metrics(&mut fields, of, reader);
            row_fields(&mut row, &mut fields, reader);
            table.rows.push(row);
        }
    }
    for row in &mut table.rows {
        row.binary_reading |= binary;
        row.unit = row.unit.take().or_else(|| unit.clone());
    }
    fields.finish("a performance table", reader);
    Some(table)
}

/// Means over folds, repeats or classes: `averaged: folds`, or `{over: folds, number: 5}`; `no`: all figures of a row are of
/// one 2 x 2 table of its printed sample.
#[derive(Clone, Default)]
struct Averaged {
    over: bool,
    /// `averaged: no`.
    denied: bool,
    number: Option<Figure>,
}

fn averaged(fields: &mut Fields<'_>, reader: &mut Reader) -> Averaged {
    let Some(node) = fields.get("averaged") else { return Averaged::default() };
    if let Content::Mapping(_) = node.content {
        let Some(mut stated) = Fields::of(node, "averaged", reader) else { return Averaged::default() };
        let over = stated.text("over", reader);
        let number = stated.figure("number", reader);
        stated.finish("averaged", reader);
        let denied = over.is_some_and(|text| text == "no");
        return Averaged { over: !denied, denied, number };
    }
    let text = reader.text(node);
    let denied = text.as_deref().is_some_and(|text| text == "no" || text == "false");
    Averaged { over: text.is_some() && !denied, denied, number: None }
}

/// `reading: binary`: yes or no, so that the AUC is the mean of sensitivity and specificity; `rating`: several grades.
fn reading(fields: &mut Fields<'_>, reader: &mut Reader) -> bool {
    fields.choice("reading", &[("binary", true), ("rating", false)], reader).unwrap_or(false)
}

fn empty_row(model: String, averaged: &Averaged) -> PerformanceRow {
    PerformanceRow {
        model,
        cohort: None,
        metrics: Vec::new(),
        averaged: averaged.over,
        one_table: averaged.denied,
        folds: averaged.number.clone(),
        n: None,
        positive: None,
        negative: None,
        unit: None,
        aid: None,
        sample: None,
        binary_reading: false,
        pooled: Vec::new(),
        survival: SurvivalFigures::default(),
    }
}

/// A model's entries are cohorts with metrics.
fn model_rows(model: &Entry, of_table: &Averaged, of: Of, rows: &mut Vec<PerformanceRow>, reader: &mut Reader) {
    let Some(mut fields) = Fields::of(&model.value, "a model", reader) else { return };
    for free in ["inputs", "threshold", "facts", "years_of_experience", "years"] {
        fields.fact(free, reader);
    }
    let own = averaged(&mut fields, reader);
    let own = if own.over || own.denied { own } else { of_table.clone() };
    let binary = reading(&mut fields, reader);
    for entry in fields.others() {
        let mut row = empty_row(model.key.clone(), &own);
        row.binary_reading = binary;
        row.cohort = Some(entry.key.clone());
        if let Content::Mapping(_) = entry.value.content {
            if let Some(mut fields) = Fields::of(&entry.value, "a row of metrics", reader) {
                row.survival = beside_metrics(&mut fields, of, reader);
                row_fields(&mut row, &mut fields, reader);
                rows.push(row);
            }
        } else {
            metric(entry, fields.known(), reader);
        }
    }
}

/// What stands in a row beside its metrics. Net benefit by threshold is that of any model; one number is a metric.
fn beside_metrics(fields: &mut Fields<'_>, of: Of, reader: &mut Reader) -> SurvivalFigures {
    let by_threshold =
        |entry: &&Entry| entry.key == "net_benefit" && matches!(entry.value.content, Content::Mapping(_));
    if of == Of::Survival {
        survival_performance::figures(fields, reader)
    } else if fields.others().iter().any(by_threshold) {
        SurvivalFigures {
            net_benefit: survival_performance::net_benefits(fields, reader),
            ..SurvivalFigures::default()
        }
    } else {
        SurvivalFigures::default()
    }
}

fn row_fields(row: &mut PerformanceRow, fields: &mut Fields<'_>, reader: &mut Reader) {
    row.n = fields.figure("n", reader);
    row.positive = fields.figure("positive", reader);
    row.negative = fields.figure("negative", reader);
    let own = averaged(fields, reader);
    row.averaged = (row.averaged && !own.denied) || own.over;
    row.one_table = (row.one_table && !own.over) || own.denied;
    row.folds = own.number.or(row.folds.take());
    row.unit = fields.text("unit", reader);
    row.aid = fields.text("aid", reader);
    row.sample = fields.text("sample", reader);
    row.binary_reading |= reading(fields, reader);
    row.pooled = fields.names("pooled", reader);
    // Readings that could not be made are a question of the sample: where they are left out, it is another one.
    if let Some(mut inadequate) = fields.get("inadequate").and_then(|node| Fields::of(node, "inadequate", reader)) {
        inadequate.figure("count", reader);
        let left_out = inadequate.choice(
            "as",
            &[("negative", false), ("positive", false), ("excluded", true), ("own_class", true)],
            reader,
        );
        inadequate.finish("inadequate", reader);
        if left_out == Some(true) && row.sample.is_none() {
            row.sample = Some("without inadequate readings".to_string());
        }
    }
    for free in ["threshold", "facts", "other", "years_of_experience"] {
        fields.fact(free, reader);
    }
    for entry in fields.others() {
        if let Some(metric) = metric(entry, fields.known(), reader) {
            row.metrics.push(metric_cell(metric, entry, reader));
        }
    }
}

/// A restated row names its model and cohort beside its metrics.
pub(super) fn restated_row(node: &Node, reader: &mut Reader) -> Option<PerformanceRow> {
    let mut fields = Fields::of(node, "a restatement", reader)?;
    let mut row = empty_row(String::new(), &Averaged::default());
    row.model = fields.text("model", reader).unwrap_or_default();
    row.cohort = fields.text("cohort", reader);
    fields.text("table", reader);
    row_fields(&mut row, &mut fields, reader);
    Some(row)
}

fn metric_cell(metric: Metric, entry: &Entry, reader: &mut Reader) -> MetricCell {
    let mut cell = MetricCell {
        metric,
        key: entry.key.clone(),
        estimate: None,
        lower: None,
        upper: None,
        standard_error: None,
        deviation: None,
        p: None,
        scale: None,
        ci_scale: None,
        share: Share::default(),
        ci_level: None,
        ci_method: None,
    };
    match &entry.value.content {
        Content::Scalar(scalar) => {
            if scalar.text.contains('(') || scalar.text.contains('/') {
                cell.share = share(&entry.value, reader);
                cell.estimate = cell.share.percent.clone();
            } else {
                cell.estimate = reader.figure(&entry.value);
            }
        }
        Content::Sequence(items) if matches!(items.len(), 1 | 3) => {
            cell.estimate = reader.figure(&items[0]);
            if items.len() == 3 {
                cell.lower = reader.figure(&items[1]);
                cell.upper = reader.figure(&items[2]);
            }
        }
        Content::Sequence(_) => {
            let help =
                "[\"estimate\", \"lower\", \"upper\"], or a mapping {value, ci, count, of, percent, se, sd, scale}";
            reader.problem(&entry.value, format!("`{}` has an unexpected shape", entry.key), Some(help.into()));
        }
        Content::Mapping(_) => {
            if let Some(mut fields) = Fields::of(&entry.value, "a metric", reader) {
                cell.estimate = fields.figure("value", reader);
                if let Some(node) = fields.get("ci") {
                    let read = limits(node, reader);
                    cell.lower = read.lower;
                    cell.upper = read.upper;
                }
                cell.standard_error = fields.figure("se", reader);
                cell.deviation = fields.figure("sd", reader);
                cell.p = fields.figure("p", reader);
                cell.scale = scale(&mut fields, "scale", reader);
                cell.ci_scale = scale(&mut fields, "ci_scale", reader);
                cell.share = Share {
                    count: fields.figure("count", reader),
                    of: fields.figure("of", reader),
                    percent: fields.figure("percent", reader),
                };
                cell.estimate = cell.estimate.or_else(|| cell.share.percent.clone());
                cell.ci_level = fields.figure("ci_level", reader);
                cell.ci_method = ci_method(&mut fields, reader);
                fields.finish("a metric", reader);
            }
        }
    }
    cell
}
