//! The sections of few columns: cross-tables, paired readings, cut-offs, prediction equations, tallies of markers.

use super::cohorts::named_figures;
use super::fields::{Fields, Reader};
use super::model::*;
use super::sections::list;
use super::tree::{Content, Entry, Node};

/// ```yaml
/// kind: cross_table
/// same_levels: true
/// columns: [negative, positive]
/// rows: {negative: {cells: [40, 5], total: 45}, positive: [3, 32]}
/// column_totals: [43, 37]
/// kappa: "0.80"
/// ```
pub(super) fn cross_table(node: &Node, reader: &mut Reader) -> Option<CrossTable> {
    let mut fields = Fields::of(node, "a cross-table", reader)?;
    fields.get("kind");
    let columns = fields.names("columns", reader);
    let mut rows = Vec::new();
    if let Some(named) = fields.get("rows").and_then(|node| Fields::of(node, "rows", reader)) {
        for entry in named.others() {
            let mut total = None;
            let cells = match &entry.value.content {
                Content::Mapping(entries) if entries.iter().any(|e| e.key == "cells") => {
                    let Some(mut row) = Fields::of(&entry.value, "a row", reader) else { continue };
                    total = row.figure("total", reader);
                    let cells = row.get("cells").map(|node| by_name(node, &columns, reader)).unwrap_or_default();
                    row.finish("a row", reader);
                    cells
                }
                _ => by_name(&entry.value, &columns, reader),
            };
            rows.push(CrossRow { name: entry.key.clone(), cells, total });
        }
    }
    let column_totals = fields.get("column_totals").map(|node| by_name(node, &columns, reader)).unwrap_or_default();
    let table = CrossTable {
        cohort: fields.text("cohort", reader),
        rows,
        columns,
        column_totals,
        n: fields.figure("n", reader),
        same_levels: fields.flag("same_levels", reader),
        agreement: fields.figure("agreement", reader),
        kappa: fields.figure("kappa", reader),
        weighted_kappa: fields.figure("weighted_kappa", reader),
        weights: fields
            .choice("weights", &[("linear", "linear"), ("quadratic", "quadratic"), ("not_stated", "")], reader)
            .map(str::to_string),
        p: fields.figure("p", reader),
        tests: fields.names("test", reader),
    };
    fields.fact("facts", reader);
    fields.finish("a cross-table", reader);
    Some(table)
}

/// Numbers in the order of `names`, or by name.
fn by_name(node: &Node, names: &[String], reader: &mut Reader) -> Vec<Named> {
    let Content::Sequence(items) = &node.content else { return named_figures(node, reader) };
    if items.len() != names.len() {
        reader.problem(node, format!("expected {} numbers, one for each column", names.len()), None);
    }
    let mut cells = Vec::new();
    for (item, name) in items.iter().zip(names) {
        if let Some(figure) = reader.figure(item) {
            cells.push(Named { name: name.clone(), figure });
        }
    }
    cells
}

/// `kind: paired`, then one mapping for each comparison: `{n: 80, both: 30, only_first: 8, only_second: 3, p: "0.227"}`.
pub(super) fn paired(node: &Node, reader: &mut Reader) -> Option<Paired> {
    let mut fields = Fields::of(node, "a section of paired readings", reader)?;
    fields.get("kind");
    let test = fields.text("test", reader);
    fields.fact("facts", reader);
    let mut items = Vec::new();
    for entry in fields.others() {
        let Some(mut item) = Fields::of(&entry.value, "a paired comparison", reader) else { continue };
        items.push(PairedItem {
            name: entry.key.clone(),
            n: item.figure("n", reader),
            both: item.figure("both", reader),
            only_first: item.figure("only_first", reader),
            only_second: item.figure("only_second", reader),
            neither: item.figure("neither", reader),
            concordant: item.figure("concordant", reader),
            discordant: item.figure("discordant", reader),
            first: item.figure("first", reader),
            second: item.figure("second", reader),
            p: item.figure("p", reader),
            test: item.text("test", reader).or_else(|| test.clone()),
        });
        item.finish("a paired comparison", reader);
    }
    Some(Paired { items })
}

/// `kind: cutoffs`, `rows: {"<5 %": {n: 40, events: 1, rate: "2.5"}}`, `n:`, `events:`, `cumulative: true`.
pub(super) fn cut_offs(node: &Node, reader: &mut Reader) -> Option<CutOffs> {
    let mut fields = Fields::of(node, "a table of cut-offs", reader)?;
    fields.get("kind");
    let mut rows = Vec::new();
    if let Some(named) = fields.get("rows").and_then(|node| Fields::of(node, "rows", reader)) {
        for entry in named.others() {
            let Some(mut row) = Fields::of(&entry.value, "a row", reader) else { continue };
            rows.push(CutOffRow {
                name: entry.key.clone(),
                n: row.figure("n", reader),
                events: row.figure("events", reader),
                rate: row.figure("rate", reader),
            });
            for free in ["predicted", "sensitivity", "specificity", "facts"] {
                row.fact(free, reader);
            }
            row.finish("a row", reader);
        }
    }
    let table = CutOffs {
        cohort: fields.text("cohort", reader),
        cumulative: fields.flag("cumulative", reader),
        crude_rates: fields
            .choice("rates", &[("crude", true), ("kaplan_meier", false), ("not_stated", false)], reader)
            .unwrap_or(false),
        rows,
        n: fields.figure("n", reader),
        events: fields.figure("events", reader),
    };
    fields.fact("facts", reader);
    fields.finish("a table of cut-offs", reader);
    Some(table)
}

/// ```yaml
/// kind: equation
/// link: logistic
/// intercept: "-4.1"
/// terms: {age: "0.031", stage: "0.85"}
/// examples: [{values: {age: "65", stage: "1"}, linear_predictor: "-1.235", probability: "0.225"}]
/// ```
pub(super) fn equation(node: &Node, reader: &mut Reader) -> Option<Equation> {
    let mut fields = Fields::of(node, "an equation", reader)?;
    fields.get("kind");
    let links = [("logistic", Link::Logistic), ("linear", Link::Linear), ("cox", Link::Cox)];
    let link = fields.choice("link", &links, reader);
    if link.is_none() {
        reader.problem(node, "an equation needs `link: logistic`, `linear` or `cox`".into(), None);
    }
    let intercept = fields.figure("intercept", reader);
    let baseline_survival = fields.figure("baseline_survival", reader);
    let mean_predictor = fields.figure("mean_predictor", reader);
    let terms = fields.get("terms").map(|node| named_figures(node, reader)).unwrap_or_default();
    let mut examples = Vec::new();
    if let Some(items) = fields.get("examples") {
        for item in list(items, "examples", reader) {
            let Some(mut example) = Fields::of(item, "an example", reader) else { continue };
            let values = example.get("values").map(|node| named_figures(node, reader)).unwrap_or_default();
            if let Some(Entry { value, .. }) = unknown_value(item, &values, &terms) {
                let known: Vec<&str> = terms.iter().map(|term| term.name.as_str()).collect();
                reader.problem(
                    value,
                    "a value of a term that the equation does not have".into(),
                    Some(format!("terms: {}", known.join(", "))),
                );
            }
            examples.push(Example {
                values,
                linear_predictor: example.figure("linear_predictor", reader),
                probability: example.figure("probability", reader),
            });
            example.finish("an example", reader);
        }
    }
    fields.fact("coding", reader);
    fields.fact("facts", reader);
    fields.finish("an equation", reader);
    link.map(|link| Equation { link, intercept, baseline_survival, mean_predictor, terms, examples })
}

/// An entry under `values` whose name is no term.
fn unknown_value<'a>(item: &'a Node, values: &[Named], terms: &[Named]) -> Option<&'a Entry> {
    let wrong = values.iter().find(|value| !terms.iter().any(|term| term.name == value.name))?;
    let Content::Mapping(entries) = &item.content else { return None };
    let values = entries.iter().find(|entry| entry.key == "values")?;
    let Content::Mapping(entries) = &values.value.content else { return None };
    entries.iter().find(|entry| entry.key == wrong.name)
}

/// `kind: tally`, `markers: {a: 12, b: 9}`, `by_number: {0: 20, 1: 9, 2: 6}`.
pub(super) fn tally(node: &Node, reader: &mut Reader) -> Option<Tally> {
    let mut fields = Fields::of(node, "a tally", reader)?;
    fields.get("kind");
    let tally = Tally {
        cohort: fields.text("cohort", reader),
        n: fields.figure("n", reader),
        markers: fields.get("markers").map(|node| named_figures(node, reader)).unwrap_or_default(),
        by_number: fields.get("by_number").map(|node| named_figures(node, reader)).unwrap_or_default(),
    };
    for named in &tally.by_number {
        if named.name.parse::<u32>().is_err() {
            reader.problem(node, format!("`by_number` has names that are whole numbers, not `{}`", named.name), None);
        }
    }
    fields.fact("facts", reader);
    fields.finish("a tally", reader);
    Some(tally)
}
