//! Regression tables.

use super::fields::{Fields, Reader};
use super::model::*;
use super::tables::{ci_method, limits};
use super::tree::{Content, Entry, Node};

/// One table, or several models side by side under `models:`, each under its name.
pub(super) fn regressions(node: &Node, reader: &mut Reader) -> Vec<(Option<String>, Regression)> {
    let Content::Mapping(entries) = &node.content else {
        return regression(node, reader).map(|table| (None, table)).into_iter().collect();
    };
    let Some(models) = entries.iter().find(|entry| entry.key == "models") else {
        return regression(node, reader).map(|table| (None, table)).into_iter().collect();
    };
    // What stands beside `models` holds for each of them.
    let mut common = node.clone();
    if let Content::Mapping(entries) = &mut common.content {
        entries.retain(|entry| entry.key != "models");
    }
    let Some(shared) = regression(&common, reader) else { return Vec::new() };
    let Some(named) = Fields::of(&models.value, "models", reader) else { return Vec::new() };
    let mut tables = Vec::new();
    for entry in named.others() {
        let Some(mut table) = regression(&entry.value, reader) else { continue };
        table.model = table.model.or(shared.model);
        table.cohort = table.cohort.or_else(|| shared.cohort.clone());
        table.n = table.n.or_else(|| shared.n.clone());
        table.events = table.events.or_else(|| shared.events.clone());
        table.ci_level = table.ci_level.or_else(|| shared.ci_level.clone());
        table.ci_method = table.ci_method.or(shared.ci_method);
        table.unit = table.unit.or_else(|| shared.unit.clone());
        table.stratified |= shared.stratified;
        tables.push((Some(entry.key.clone()), table));
    }
    tables
}

fn regression(node: &Node, reader: &mut Reader) -> Option<Regression> {
    let mut fields = Fields::of(node, "a regression", reader)?;
    fields.get("kind");
    let model = fields.choice(
        "model",
        &[
            ("cox", RegressionModel::Cox),
            ("logistic", RegressionModel::Logistic),
            ("linear", RegressionModel::Linear),
            ("other", RegressionModel::Other),
        ],
        reader,
    );
    let mut table = Regression {
        model,
        cohort: fields.text("cohort", reader),
        n: fields.figure("n", reader),
        events: fields.figure("events", reader),
        ci_level: fields.figure("ci_level", reader),
        // Of a coefficient on its own scale, and so of the ratio on that of the logarithm: one method by two names.
        ci_method: ci_method(&mut fields, reader).map(|method| match method {
            CiMethod::WaldLog => CiMethod::Wald,
            other => other,
        }),
        unit: fields.text("unit", reader).filter(|unit| unit != "subject" && unit != "patient"),
        terms: Vec::new(),
        outcome: fields.get("outcome").map(|node| match &node.content {
            Content::Scalar(scalar) => scalar.text.clone(),
            _ => String::new(),
        }),
        stratified: fields.get("strata").is_some(),
    };
    for free in ["outcome", "facts", "other", "stated_method", "effect", "strata"] {
        fields.fact(free, reader);
    }
    if let Some(terms) = fields.get("terms") {
        match &terms.content {
            Content::Sequence(items) => {
                for item in items {
                    read_terms(item, None, &mut table.terms, reader);
                }
            }
            Content::Mapping(_) => {
                if let Some(named) = Fields::of(terms, "terms", reader) {
                    for entry in named.others() {
                        read_terms(&entry.value, Some(entry.key.as_str()), &mut table.terms, reader);
                    }
                }
            }
            Content::Scalar(_) => reader.problem(terms, "`terms` must be a list".into(), None),
        }
    }
    fields.finish("a regression", reader);
    Some(table)
}

/// A term, or its univariable and multivariable columns as two terms.
fn read_terms(node: &Node, name: Option<&str>, terms: &mut Vec<Term>, reader: &mut Reader) {
    let Content::Mapping(entries) = &node.content else {
        reader.problem(node, "a term must be a mapping".into(), None);
        return;
    };
    let blocks: Vec<&Entry> = entries
        .iter()
        .filter(|e| matches!(e.key.as_str(), "univariable" | "multivariable" | "univariate" | "multivariate"))
        .collect();
    if let Some(mut whole) = term(node, false, reader) {
        if let Some(name) = name {
            whole.id = name.to_string();
        }
        for block in &blocks {
            if let Some(mut part) = term(&block.value, false, reader) {
                part.id = format!("{} ({})", whole.id, block.key);
                part.covariate = whole.covariate;
                part.plus_minus_one = whole.plus_minus_one;
                part.exposed = part.exposed.or_else(|| whole.exposed.clone());
                part.lowest = part.lowest.or_else(|| whole.lowest.clone());
                part.highest = part.highest.or_else(|| whole.highest.clone());
                terms.push(part);
            }
        }
        if blocks.is_empty() {
            terms.push(whole);
        }
    }
}

/// One term of a regression table; in a restatement it names its section too.
pub(super) fn term(node: &Node, restated: bool, reader: &mut Reader) -> Option<Term> {
    let mut fields = Fields::of(node, "a term", reader)?;
    let id = if restated { fields.text("term", reader) } else { fields.text("id", reader) };
    if restated {
        fields.text("table", reader);
    }
    let covariate = fields.choice(
        "type",
        &[
            ("binary", Covariate::Binary),
            ("ordinal", Covariate::Ordinal),
            ("continuous", Covariate::Continuous),
            ("factor", Covariate::Factor),
            ("time_dependent", Covariate::TimeDependent),
        ],
        reader,
    );
    let in_unit = fields.get("unit").map(|node| reader.fact(node)).is_some();
    for free in ["levels", "block", "facts", "univariable", "multivariable", "univariate", "multivariate"] {
        // Blocks are read as terms of their own.
        let node = fields.get(free);
        if let (Some(node), false) = (node, free.ends_with("variable") || free.ends_with("variate")) {
            reader.fact(node);
        }
    }
    let ratio = fields.any(&["or", "hr", "ratio"]);
    let (mut estimate, mut lower, mut upper) = (None, None, None);
    if let Some(node) = ratio {
        match &node.content {
            Content::Sequence(items) if items.len() == 3 => {
                estimate = reader.figure(&items[0]);
                lower = reader.figure(&items[1]);
                upper = reader.figure(&items[2]);
            }
            _ => estimate = reader.figure(node),
        }
    }
    if let Some(node) = fields.get("ci") {
        let read = limits(node, reader);
        lower = read.lower;
        upper = read.upper;
    }
    let range = fields.get("range").map(|node| limits(node, reader)).unwrap_or_default();
    let coding = fields.choice(
        "coding",
        &[("zero_one", false), ("plus_minus_one", true), ("effect", true), ("other", false)],
        reader,
    );
    let p_test = fields.text("p_test", reader);
    let beta_of = fields.text("beta_of", reader);
    let term = Term {
        id: id.unwrap_or_default(),
        covariate: covariate.unwrap_or(Covariate::NotStated),
        beta: fields.figure("beta", reader),
        standard_error: fields.figure("se", reader),
        wald: fields.figure("wald", reader),
        z: fields.figure("z", reader),
        ratio: estimate,
        lower,
        upper,
        p: fields.figure("p", reader),
        p_of_other_test: p_test.is_some_and(|test| test != "wald"),
        beta_of_other_model: beta_of.is_some(),
        in_unit,
        n: fields.figure("n", reader),
        events: fields.figure("events", reader),
        exposed: fields.figure("exposed", reader),
        plus_minus_one: coding == Some(true),
        lowest: range.lower,
        highest: range.upper,
        reference: fields.text("ref", reader),
    };
    fields.finish("a term", reader);
    Some(term)
}
