//! Sets of subjects and the flow from step to step.

use super::fields::{Fields, Reader};
use super::model::*;
use super::tree::{Content, Node};

pub(super) fn cohorts(node: &Node, cohorts: &mut Vec<Cohort>, reader: &mut Reader) {
    let Some(mut fields) = Fields::of(node, "cohorts", reader) else { return };
    fields.get("kind");
    for entry in fields.others() {
        let mut cohort = Cohort::named(&entry.key);
        if let Content::Scalar(_) = entry.value.content {
            cohort.n = reader.figure(&entry.value);
        } else if let Some(mut fields) = Fields::of(&entry.value, "a cohort", reader) {
            sizes(&mut cohort, &mut fields, reader);
            (cohort.parts, cohort.divisions) = divisions(&mut fields, reader);
            cohort.unit = fields.text("unit", reader);
            fields.fact("data", reader);
            fields.fact("facts", reader);
            if let Some(partition) = fields.get("partition") {
                cohort.partition = named_figures(partition, reader);
            }
            if let Some(units) = fields.get("units").and_then(|node| Fields::of(node, "units", reader)) {
                for entry in units.others() {
                    let mut unit = Cohort::named(&entry.key);
                    if let Content::Scalar(_) = entry.value.content {
                        unit.n = reader.figure(&entry.value);
                    } else if let Some(mut fields) = Fields::of(&entry.value, "a unit", reader) {
                        sizes(&mut unit, &mut fields, reader);
                        fields.finish("a unit", reader);
                    }
                    cohort.units.push(unit);
                }
            }
            fields.finish("a cohort", reader);
        }
        cohorts.push(cohort);
    }
}

fn sizes(cohort: &mut Cohort, fields: &mut Fields<'_>, reader: &mut Reader) {
    cohort.n = fields.figure("n", reader);
    cohort.positive = fields.figure("positive", reader);
    cohort.negative = fields.figure("negative", reader);
}

/// `parts: [a, b]`, or several divisions of the same subjects, `parts: [[a, b], [c, d, e]]`.
fn divisions(fields: &mut Fields<'_>, reader: &mut Reader) -> (Vec<String>, Vec<Vec<String>>) {
    let Some(node) = fields.get("parts") else { return (Vec::new(), Vec::new()) };
    match &node.content {
        Content::Sequence(items) if items.iter().any(|item| matches!(item.content, Content::Sequence(_))) => {
            let mut all: Vec<Vec<String>> = items.iter().map(|item| reader.names(item)).collect();
            let first = if all.is_empty() { Vec::new() } else { all.remove(0) };
            (first, all)
        }
        _ => (reader.names(node), Vec::new()),
    }
}

/// A mapping of names to printed numbers.
pub(super) fn named_figures(node: &Node, reader: &mut Reader) -> Vec<Named> {
    let Some(fields) = Fields::of(node, "this part", reader) else { return Vec::new() };
    let mut figures = Vec::new();
    for entry in fields.others() {
        if let Some(figure) = reader.figure(&entry.value) {
            figures.push(Named { name: entry.key.clone(), figure });
        }
    }
    figures
}

pub(super) fn flow(node: &Node, reader: &mut Reader) -> Vec<FlowStep> {
    let Some(mut fields) = Fields::of(node, "flow", reader) else { return Vec::new() };
    fields.get("kind");
    let mut steps = Vec::new();
    for entry in fields.others() {
        if let Content::Scalar(_) = entry.value.content {
            if let Some(n) = reader.figure(&entry.value) {
                steps.push(FlowStep {
                    name: entry.key.clone(),
                    n,
                    parts: Vec::new(),
                    from: None,
                    excluded: Vec::new(),
                });
            }
            continue;
        }
        let Some(mut fields) = Fields::of(&entry.value, "a step of the flow", reader) else { continue };
        let n = fields.figure("n", reader);
        let parts = fields.names("parts", reader);
        let from = fields.text("from", reader);
        let excluded = fields.get("excluded").map(|node| match node.content {
            Content::Scalar(_) => {
                reader.figure(node).map(|figure| Named { name: "excluded".to_string(), figure }).into_iter().collect()
            }
            _ => named_figures(node, reader),
        });
        match n {
            Some(n) => {
                steps.push(FlowStep { name: entry.key.clone(), n, parts, from, excluded: excluded.unwrap_or_default() })
            }
            None => reader.problem(&entry.value, format!("step `{}` has no `n`", entry.key), None),
        }
        fields.finish("a step of the flow", reader);
    }
    steps
}
