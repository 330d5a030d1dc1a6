//! The performance of models that predict a time to an event: the metrics of any model, and what stands beside them.

use super::fields::{Fields, Reader};
use super::metric::Metric;
use super::model::*;
use super::performance;
use super::tables::limits;
use super::tree::{Content, Node};

pub(super) fn survival_performance(node: &Node, reader: &mut Reader) -> Option<Performance> {
    let mut table = performance::performance(node, performance::Of::Survival, reader)?;
    for (metric, _) in &mut table.ci_methods {
        *metric = of_survival(*metric);
    }
    for cell in table.rows.iter_mut().flat_map(|row| &mut row.metrics) {
        cell.metric = of_survival(cell.metric);
    }
    Some(table)
}

/// At a time, and weighted for censoring, nothing comes from one 2 x 2 table, and an AUC is not of two fixed classes.
fn of_survival(metric: Metric) -> Metric {
    match metric {
        Metric::Auc => Metric::Concordance,
        metric if metric.is_from_table() && metric.is_proportion() => Metric::UnitInterval,
        metric if metric.is_from_table() => Metric::Real,
        metric => metric,
    }
}

/// What stands in a row beside its metrics.
pub(super) fn figures(fields: &mut Fields<'_>, reader: &mut Reader) -> SurvivalFigures {
    let mut read = SurvivalFigures {
        events: fields.figure("events", reader),
        observed: fields.figure("observed", reader),
        expected: fields.figure("expected", reader),
        null_brier: fields.figure("null_brier", reader),
        net_benefit: Vec::new(),
    };
    read.net_benefit = net_benefits(fields, reader);
    read
}

/// `net_benefit: {"0.23": {model: "0.267", treat_all: "0.263"}}`; of a model for a binary outcome too.
pub(super) fn net_benefits(fields: &mut Fields<'_>, reader: &mut Reader) -> Vec<NetBenefit> {
    let mut found = Vec::new();
    if let Some(by_threshold) = fields.get("net_benefit").and_then(|node| Fields::of(node, "net_benefit", reader)) {
        for entry in by_threshold.others() {
            if entry.key.trim_end_matches('%').trim().parse::<f64>().is_err() {
                let help =
                    "write the threshold as a proportion: `net_benefit: {\"0.23\": {model: \"0.267\"}}`".to_string();
                reader.problem(&entry.value, format!("the threshold `{}` is no number", entry.key), Some(help));
            }
            found.extend(net_benefit(&entry.key, &entry.value, reader));
        }
    }
    found
}

/// `"0.267"`, `["0.267", "0.250", "0.284"]`, or `{model: …, treat_all: "0.263", treat_none: "0", treated: 812}`.
fn net_benefit(threshold: &str, node: &Node, reader: &mut Reader) -> Option<NetBenefit> {
    let mut point = NetBenefit {
        threshold: threshold.to_string(),
        model: None,
        lower: None,
        upper: None,
        treat_all: None,
        treat_none: None,
        treated: None,
    };
    let Content::Mapping(_) = node.content else {
        of_model(node, &mut point, reader);
        return Some(point);
    };
    let mut fields = Fields::of(node, "a net benefit", reader)?;
    if let Some(node) = fields.get("model") {
        of_model(node, &mut point, reader);
    }
    if let Some(node) = fields.get("ci") {
        let read = limits(node, reader);
        (point.lower, point.upper) = (read.lower, read.upper);
    }
    point.treat_all = fields.figure("treat_all", reader);
    point.treat_none = fields.figure("treat_none", reader);
    point.treated = fields.figure("treated", reader);
    fields.finish("a net benefit", reader);
    Some(point)
}

fn of_model(node: &Node, point: &mut NetBenefit, reader: &mut Reader) {
    match &node.content {
        Content::Sequence(items) if items.len() == 3 => {
            [point.model, point.lower, point.upper] = [0, 1, 2].map(|at| reader.figure(&items[at]));
        }
        Content::Sequence(items) if items.len() == 1 => point.model = reader.figure(&items[0]),
        _ => point.model = reader.figure(node),
    }
}
