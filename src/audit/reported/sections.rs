//! The top level of a file: which section is of which kind, and whether the names in them exist.

use super::diagnostic::Diagnostic;
use super::effects;
use super::fields::{Fields, Reader, nearest};
use super::matching::{self, Matching};
use super::metric::Metric;
use super::model::*;
use super::performance::{self, Of};
use super::tree::{self, Content, Node};
use super::{assume, baseline, cohorts, small_tables, statements, survival, survival_performance, test_statistics};

const KINDS: [&str; 20] = [
    "flow",
    "cohorts",
    "counts",
    "baseline",
    "performance",
    "readers",
    "comparison",
    "regression",
    "survival",
    "survival_performance",
    "tests",
    "cross_table",
    "paired",
    "cutoffs",
    "equation",
    "tally",
    "restated",
    "claims",
    "dates",
    "facts",
];

/// Reads a `reported/1` file, or says everything that is wrong with it.
pub fn parse(text: &str, file_name: &str) -> Result<Reported, Vec<Diagnostic>> {
    parse_assuming(text, file_name, &[])
}

/// As [`parse`], with further facts of the form `name=value` that stand under `assume:`; they go before the file's own.
pub fn parse_assuming(text: &str, file_name: &str, facts: &[String]) -> Result<Reported, Vec<Diagnostic>> {
    let tree = tree::read(text).map_err(|problem| vec![problem])?;
    let mut reader = Reader::default();
    reader.register(&tree);
    let stated = assume::command_line(facts)?;
    let mut reported = Reported {
        file_name: file_name.to_string(),
        text: text.to_string(),
        leaves: Vec::new(),
        title: None,
        assume: Assume::default(),
        matching: Matching::default(),
        cohorts: Vec::new(),
        sections: Vec::new(),
    };
    if let Some(mut fields) = Fields::of(&tree, "the file", &mut reader) {
        match fields.get("schema") {
            Some(node) => {
                let found = reader.text(node).unwrap_or_default();
                if found != "reported/1" {
                    reader.problem(
                        node,
                        format!("schema `{found}` is not known"),
                        Some("write `schema: reported/1`".into()),
                    );
                }
            }
            None => reader.problem(&tree, "no `schema`".into(), Some("begin with `schema: reported/1`".into())),
        }
        if let Some(node) = fields.get("source") {
            reader.fact(node);
            if let Content::Mapping(entries) = &node.content {
                let title = entries.iter().find(|entry| entry.key.starts_with("title"));
                reported.title = title.and_then(|entry| reader.text(&entry.value));
            }
        }
        if let Some(node) = fields.get("assume") {
            reported.assume = assume::assume(node, &mut reader);
        }
        if let Some(node) = &stated {
            // Its leaves are not the file's: they are read with a reader of their own.
            let mut aside = Reader::default();
            aside.register(node);
            let more = assume::assume(node, &mut aside);
            reader.diagnostics.extend(aside.diagnostics.into_iter().map(|mut problem| {
                problem.message = format!("--assume: {}", problem.message);
                (problem.line, problem.column) = (1, 1);
                problem
            }));
            reported.assume = more.or(std::mem::take(&mut reported.assume));
        }
        if let Some(node) = fields.get("match") {
            reported.matching = matching::read(node, &mut reader);
        }
        for entry in fields.others() {
            section(&entry.key, &entry.value, &mut reported, &mut reader);
        }
    }
    if reported.assume.one_table {
        let tables = reported.sections.iter_mut().filter_map(|section| match &mut section.body {
            Body::Performance(table) => Some(table),
            _ => None,
        });
        tables.flat_map(|table| &mut table.rows).for_each(|row| row.one_table |= !row.averaged);
    }
    check_names(&reported, &mut reader);
    reported.leaves = reader.leaves;
    if reader.diagnostics.is_empty() {
        Ok(reported)
    } else {
        reader.diagnostics.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
        reader.diagnostics.dedup();
        Err(reader.diagnostics)
    }
}

/// The kind of a section: as stated, or as its name or its fields say.
fn kind_of(name: &str, node: &Node, reader: &mut Reader) -> Option<&'static str> {
    let find = |word: &str| KINDS.iter().copied().find(|kind| *kind == word);
    let Content::Mapping(entries) = &node.content else {
        return match find(name) {
            Some(kind) => Some(kind),
            None => {
                let help = nearest(name, KINDS.iter().copied().chain(["source", "assume", "match", "schema"]))
                    .map(|word| format!("did you mean `{word}`?"));
                reader.problem(node, format!("section `{name}` has no kind"), help);
                None
            }
        };
    };
    let has = |key: &str| entries.iter().any(|entry| entry.key == key);
    if let Some(entry) = entries.iter().find(|entry| entry.key == "kind") {
        let typed = reader.text(&entry.value)?;
        if let Some(kind) = find(&typed) {
            return Some(kind);
        }
        let help = match nearest(&typed, KINDS.iter().copied()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("known: {}", KINDS.join(", ")),
        };
        reader.problem(&entry.value, format!("kind `{typed}` is not known"), Some(help));
        return None;
    }
    if let Some(kind) = find(name) {
        return Some(kind);
    }
    if has("models") {
        return Some("performance");
    }
    if has("columns") && has("rows") {
        return Some("baseline");
    }
    if has("terms") {
        return Some("regression");
    }
    if has("examples") || has("intercept") {
        return Some("equation");
    }
    let help = match nearest(name, KINDS.iter().copied().chain(["source", "assume", "match"])) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("add `kind:`, one of {}", KINDS.join(", ")),
    };
    reader.problem(node, format!("section `{name}` has no `kind`"), Some(help));
    None
}

fn section(name: &str, node: &Node, reported: &mut Reported, reader: &mut Reader) {
    let Some(kind) = kind_of(name, node, reader) else { return };
    let node = &assume::with_rounding(node, &reported.assume, reader);
    let body = match kind {
        "cohorts" => {
            cohorts::cohorts(node, &mut reported.cohorts, reader);
            return;
        }
        "flow" => Some(Body::Flow(cohorts::flow(node, reader))),
        "counts" => super::tables::counts(node, reader).map(Body::Counts),
        "baseline" => baseline::baseline(node, reader).map(Body::Baseline),
        "performance" => performance::performance(node, Of::Models, reader).map(Body::Performance),
        "readers" => performance::performance(node, Of::Readers, reader).map(Body::Performance),
        "survival_performance" => survival_performance::survival_performance(node, reader).map(Body::Performance),
        "comparison" => statements::comparison(node, reader).map(Body::Comparison),
        "regression" => {
            for (model, table) in effects::regressions(node, reader) {
                let name = model.map_or_else(|| name.to_string(), |model| format!("{name}/{model}"));
                reported.sections.push(Section { name, label: None, body: Body::Regression(table) });
            }
            None
        }
        "cross_table" => small_tables::cross_table(node, reader).map(Body::CrossTable),
        "paired" => small_tables::paired(node, reader).map(Body::Paired),
        "cutoffs" => small_tables::cut_offs(node, reader).map(Body::CutOffs),
        "equation" => small_tables::equation(node, reader).map(Body::Equation),
        "tally" => small_tables::tally(node, reader).map(Body::Tally),
        "survival" => survival::survival(node, reader).map(Body::Survival),
        "tests" => Some(Body::Tests(test_statistics::tests(node, reader))),
        "restated" => Some(Body::Restated(
            list(node, "items", reader).into_iter().filter_map(|item| statements::restated(item, reader)).collect(),
        )),
        "claims" => Some(Body::Claims(
            list(node, "items", reader).into_iter().filter_map(|item| statements::claim(item, reader)).collect(),
        )),
        "dates" => Some(Body::Dates(
            list(node, "items", reader).into_iter().filter_map(|item| statements::date(item, reader)).collect(),
        )),
        _ => {
            reader.fact(node);
            Some(Body::Facts)
        }
    };
    let label = match &node.content {
        Content::Mapping(entries) => {
            entries.iter().find(|entry| entry.key == "label").and_then(|entry| reader.text(&entry.value))
        }
        _ => None,
    };
    if let Some(body) = body {
        reported.sections.push(Section { name: name.to_string(), label, body });
    } else if let Some(section) = reported.sections.last_mut().filter(|section| section.name == name) {
        section.label = label;
    }
}

/// The items of a section that is a list, or a mapping with the list under `key`.
pub(super) fn list<'a>(node: &'a Node, key: &'static str, reader: &mut Reader) -> Vec<&'a Node> {
    match &node.content {
        Content::Sequence(items) => items.iter().collect(),
        Content::Mapping(_) => {
            let Some(mut fields) = Fields::of(node, "the section", reader) else { return Vec::new() };
            fields.get("kind");
            let items = fields.get(key);
            fields.finish("this section", reader);
            match items.map(|items| &items.content) {
                Some(Content::Sequence(items)) => items.iter().collect(),
                _ => {
                    reader.problem(node, format!("expected a list, or `{key}:` with a list"), None);
                    Vec::new()
                }
            }
        }
        Content::Scalar(_) => {
            reader.problem(node, "expected a list".into(), None);
            Vec::new()
        }
    }
}

/// Names that refer to cohorts must exist.
fn check_names(reported: &Reported, reader: &mut Reader) {
    let known: Vec<&str> = reported.cohorts.iter().map(|cohort| cohort.name.as_str()).collect();
    let mut missing: Vec<(String, String)> = Vec::new();
    let mut check = |name: &str, what: String| {
        if !known.contains(&name) {
            missing.push((name.to_string(), what));
        }
    };
    for cohort in &reported.cohorts {
        for part in cohort.all_divisions().flatten() {
            check(part, format!("parts of cohort `{}`", cohort.name));
        }
    }
    for section in &reported.sections {
        let what = format!("section `{}`", section.name);
        match &section.body {
            Body::Performance(table) => {
                table.rows.iter().filter_map(|row| row.cohort.as_deref()).for_each(|name| check(name, what.clone()));
            }
            Body::Comparison(table) => {
                let named = table.pairs.iter().flat_map(|pair| [pair.cohort.as_deref(), pair.second_cohort.as_deref()]);
                named.flatten().for_each(|name| check(name, what.clone()));
            }
            Body::Baseline(table) => {
                table.columns.iter().filter_map(|c| c.cohort.as_deref()).for_each(|name| check(name, what.clone()));
            }
            Body::Regression(table) => table.cohort.iter().for_each(|name| check(name, what.clone())),
            Body::Survival(table) => table.cohort.iter().for_each(|name| check(name, what.clone())),
            Body::CrossTable(table) => table.cohort.iter().for_each(|name| check(name, what.clone())),
            Body::CutOffs(table) => table.cohort.iter().for_each(|name| check(name, what.clone())),
            Body::Tally(table) => table.cohort.iter().for_each(|name| check(name, what.clone())),
            Body::Counts(counts) => {
                counts
                    .items
                    .iter()
                    .filter_map(|item| item.cohort.as_deref())
                    .for_each(|name| check(name, what.clone()));
            }
            _ => {}
        }
    }
    missing.sort();
    missing.dedup();
    for (name, what) in missing {
        let place =
            reader.leaves.iter().find(|leaf| leaf.text == name || leaf.path.split('/').any(|part| part == name));
        let (line, column) = place.map_or((1, 1), |leaf| (leaf.line, leaf.column));
        let help = match nearest(&name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it: `cohorts: {{{name}: {{n: …}}}}`"),
        };
        reader.diagnostics.push(Diagnostic {
            message: format!("{what} names the cohort `{name}`, which `cohorts` does not have"),
            line,
            column,
            help: Some(help),
        });
    }
}

/// A metric key, or a problem with the nearest spelling.
pub(super) fn metric(entry: &tree::Entry, known: &[&'static str], reader: &mut Reader) -> Option<Metric> {
    let found = Metric::named(&entry.key);
    if found.is_none() {
        let names = Metric::spellings().chain(known.iter().copied());
        let help = match nearest(&entry.key, names) {
            Some(name) => format!("did you mean `{name}`? What is no metric of this list goes under `other:`"),
            None => "what is no metric that the audit knows goes under `other:`".to_string(),
        };
        reader.diagnostics.push(Diagnostic {
            message: format!("`{}` is not a metric, nor a cohort", entry.key),
            line: entry.position.line,
            column: entry.position.column,
            help: Some(help),
        });
    }
    found
}
