//! The top level of a file, and the sections of few fields: flow, counts, comparisons, restatements, claims, dates.

use super::diagnostic::Diagnostic;
use super::effects;
use super::fields::{Fields, Reader, nearest};
use super::metric::Metric;
use super::model::*;
use super::{baseline, performance, small_tables, tables};
use super::tree::{self, Content, Node};
use crate::audit::arithmetic::Rounding;

const KINDS: [&str; 18] = [
    "flow",
    "cohorts",
    "counts",
    "baseline",
    "performance",
    "readers",
    "comparison",
    "regression",
    "survival",
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
    let stated = command_line(facts)?;
    let mut reported = Reported {
        file_name: file_name.to_string(),
        text: text.to_string(),
        leaves: Vec::new(),
        title: None,
        assume: Assume::default(),
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
            reported.assume = assume(node, &mut reader);
        }
        if let Some(node) = &stated {
            // Its leaves are not the file's: they are read with a reader of their own.
            let mut aside = Reader::default();
            aside.register(node);
            let more = assume(node, &mut aside);
            reader.diagnostics.extend(aside.diagnostics.into_iter().map(|mut problem| {
                problem.message = format!("--assume: {}", problem.message);
                (problem.line, problem.column) = (1, 1);
                problem
            }));
            reported.assume = more.or(std::mem::take(&mut reported.assume));
        }
        for entry in fields.others() {
            section(&entry.key, &entry.value, &mut reported, &mut reader);
        }
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

/// `name=value` as if they stood under `assume:`.
fn command_line(facts: &[String]) -> Result<Option<Node>, Vec<Diagnostic>> {
    if facts.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    for fact in facts {
        let Some((name, value)) = fact.split_once('=') else {
            let help = Some("for instance --assume ties=none".to_string());
            let message = format!("--assume: `{fact}` is not NAME=VALUE");
            return Err(vec![Diagnostic { message, line: 1, column: 1, help }]);
        };
        text.push_str(&format!("{}: {}\n", name.trim(), value.trim()));
    }
    tree::read(&text).map(Some).map_err(|mut problem| {
        problem.message = format!("--assume: {}", problem.message);
        vec![problem]
    })
}

fn assume(node: &Node, reader: &mut Reader) -> Assume {
    let mut assume = Assume::default();
    if let Some(mut fields) = Fields::of(node, "assume", reader) {
        assume.no_ties = fields.choice("ties", &[("none", true), ("possible", false)], reader).unwrap_or(false);
        assume.ci_method = tables::ci_method(&mut fields, reader);
        assume.averaged = fields.text("averaged", reader).is_some_and(|text| text != "no" && text != "false");
        assume.rounding = rounding(&mut fields, reader);
        assume.decimals = decimals(&mut fields, reader);
        assume.partial =
            fields.choice("source", &[("partial", true), ("complete", false)], reader).unwrap_or(false);
        fields.finish("assume", reader);
    }
    assume
}

fn rounding(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<Rounding> {
    let modes = [
        ("half_up", Some(Rounding::HalfUp)),
        ("half_even", Some(Rounding::HalfEven)),
        ("half_down", Some(Rounding::HalfDown)),
        ("truncate", Some(Rounding::Truncate)),
        ("ceiling", Some(Rounding::Ceiling)),
        ("not_stated", None),
    ];
    fields.choice("rounding", &modes, reader).flatten()
}

/// The number of meaningful decimals; further ones are zeros that say nothing.
fn decimals(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<u32> {
    let node = fields.get("decimals")?;
    let read = reader.text(node).and_then(|text| text.parse().ok()).filter(|&places| places <= 15);
    if read.is_none() {
        reader.problem(node, "`decimals` is a whole number up to 15".into(), None);
    }
    read
}

/// A section without what it says about its rounding, which the reader keeps while the section is read.
fn with_rounding(node: &Node, assume: &Assume, reader: &mut Reader) -> Node {
    (reader.rounding, reader.decimals) = (assume.rounding, assume.decimals);
    let mut plain = node.clone();
    if let Content::Mapping(entries) = &mut plain.content
        && entries.iter().any(|entry| entry.key == "rounding" || entry.key == "decimals")
        && let Some(mut fields) = Fields::of(node, "the section", reader)
    {
        reader.rounding = rounding(&mut fields, reader).or(assume.rounding);
        reader.decimals = decimals(&mut fields, reader).or(assume.decimals);
        entries.retain(|entry| entry.key != "rounding" && entry.key != "decimals");
    }
    plain
}

/// The kind of a section: as stated, or as its name or its fields say.
fn kind_of(name: &str, node: &Node, reader: &mut Reader) -> Option<&'static str> {
    let find = |word: &str| KINDS.iter().copied().find(|kind| *kind == word);
    let Content::Mapping(entries) = &node.content else {
        return match find(name) {
            Some(kind) => Some(kind),
            None => {
                let help = nearest(name, KINDS.iter().copied().chain(["source", "assume", "schema"]))
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
    let help = match nearest(name, KINDS.iter().copied().chain(["source", "assume"])) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("add `kind:`, one of {}", KINDS.join(", ")),
    };
    reader.problem(node, format!("section `{name}` has no `kind`"), Some(help));
    None
}

fn section(name: &str, node: &Node, reported: &mut Reported, reader: &mut Reader) {
    let Some(kind) = kind_of(name, node, reader) else { return };
    let node = &with_rounding(node, &reported.assume, reader);
    let body = match kind {
        "cohorts" => {
            cohorts(node, &mut reported.cohorts, reader);
            return;
        }
        "flow" => Some(Body::Flow(flow(node, reader))),
        "counts" => tables::counts(node, reader).map(Body::Counts),
        "baseline" => baseline::baseline(node, reader).map(Body::Baseline),
        "performance" => performance::performance(node, false, reader).map(Body::Performance),
        "readers" => performance::performance(node, true, reader).map(Body::Performance),
        "comparison" => comparison(node, reader).map(Body::Comparison),
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
        "survival" => effects::survival(node, reader).map(Body::Survival),
        "restated" => Some(Body::Restated(
            list(node, "items", reader).into_iter().filter_map(|item| restated(item, reader)).collect(),
        )),
        "claims" => {
            Some(Body::Claims(list(node, "items", reader).into_iter().filter_map(|item| claim(item, reader)).collect()))
        }
        "dates" => {
            Some(Body::Dates(list(node, "items", reader).into_iter().filter_map(|item| date(item, reader)).collect()))
        }
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

fn cohorts(node: &Node, cohorts: &mut Vec<Cohort>, reader: &mut Reader) {
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

fn flow(node: &Node, reader: &mut Reader) -> Vec<FlowStep> {
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

fn comparison(node: &Node, reader: &mut Reader) -> Option<Comparisons> {
    let mut fields = Fields::of(node, "a comparison", reader)?;
    fields.get("kind");
    let mut comparisons = Comparisons {
        metric: fields.text("metric", reader),
        test: fields.text("test", reader),
        table: fields.text("table", reader),
        pairs: Vec::new(),
    };
    let reference = fields.text("reference", reader);
    if let Some(table) = fields.get("p") {
        // p: {cohort: {model: "0.011"}} against one reference model.
        let Some(first) = reference.clone() else {
            reader.problem(table, "`p` by cohort and model needs `reference:`, the model compared with".into(), None);
            return None;
        };
        if let Some(by_cohort) = Fields::of(table, "p", reader) {
            for cohort in by_cohort.others() {
                for named in named_figures(&cohort.value, reader) {
                    comparisons.pairs.push(Comparison {
                        first: first.clone(),
                        second: named.name,
                        cohort: Some(cohort.key.clone()),
                        second_cohort: None,
                        metric: None,
                        test: None,
                        difference: None,
                        standard_error: None,
                        z: None,
                        lower: None,
                        upper: None,
                        p: Some(named.figure),
                    });
                }
            }
        }
    }
    if let Some(pairs) = fields.get("pairs") {
        for item in list(pairs, "pairs", reader) {
            let Some(mut pair) = Fields::of(item, "a pair", reader) else { continue };
            let first = pair.text("first", reader).or_else(|| reference.clone());
            // One model in two samples: the second is the first.
            let second = pair.text("second", reader);
            let second = second.or_else(|| pair.get("second_cohort").and(first.clone()));
            let cohort = pair.text("cohort", reader);
            let limits = pair.get("ci").map(|ci| tables::limits(ci, reader)).unwrap_or_default();
            let read = Comparison {
                first: first.unwrap_or_default(),
                second: second.unwrap_or_default(),
                cohort,
                second_cohort: pair.text("second_cohort", reader),
                metric: pair.text("metric", reader),
                test: pair.text("test", reader),
                difference: pair.figure("difference", reader),
                standard_error: pair.figure("se", reader),
                z: pair.figure("z", reader),
                lower: limits.lower,
                upper: limits.upper,
                p: pair.figure("p", reader),
            };
            if read.first.is_empty() || read.second.is_empty() {
                reader.problem(item, "a pair needs `first` and `second`".into(), None);
            }
            comparisons.pairs.push(read);
            pair.finish("a pair", reader);
        }
    }
    fields.finish("a comparison", reader);
    Some(comparisons)
}

fn restated(node: &Node, reader: &mut Reader) -> Option<Restated> {
    let mut fields = Fields::of(node, "a restatement", reader)?;
    let place = fields.text("at", reader);
    if let Some(of) = fields.get("of") {
        let pointer = reader.text(of)?;
        let value = fields.figure("value", reader);
        fields.finish("a restatement", reader);
        return value.map(|value| Restated { place, of: RestatedOf::Pointer { pointer, value } });
    }
    if fields.get("term").is_some() {
        let term = effects::term(node, true, reader)?;
        return Some(Restated { place, of: RestatedOf::Term(Box::new(term)) });
    }
    let row = performance::restated_row(node, reader)?;
    Some(Restated { place, of: RestatedOf::Metrics(Box::new(row)) })
}

fn claim(node: &Node, reader: &mut Reader) -> Option<Claim> {
    let mut fields = Fields::of(node, "a claim", reader)?;
    let kind = fields.choice(
        "kind",
        &[
            ("greater", ClaimKind::Greater),
            ("lower", ClaimKind::Lower),
            ("maximum", ClaimKind::Maximum),
            ("significantly_better", ClaimKind::SignificantlyBetter),
            ("no_significant_difference", ClaimKind::NoSignificantDifference),
            ("spread_is_iqr", ClaimKind::SpreadIsIqr),
            ("independent_predictor", ClaimKind::IndependentPredictor),
            ("selected_below", ClaimKind::SelectedBelow),
            ("more", ClaimKind::More),
            ("ratio_of", ClaimKind::RatioOf),
            ("difference_of", ClaimKind::DifferenceOf),
        ],
        reader,
    );
    let leaf = fields.get("kind").and_then(|node| match &node.content {
        Content::Scalar(scalar) => Some(scalar.leaf),
        _ => None,
    });
    let except = match fields.get("except") {
        Some(items) => list(items, "except", reader).into_iter().filter_map(|item| exception(item, reader)).collect(),
        None => Vec::new(),
    };
    let mut cohorts = fields.names("cohort", reader);
    cohorts.extend(fields.names("cohorts", reader));
    let claim = Claim {
        id: fields.text("id", reader).unwrap_or_default(),
        kind: kind.unwrap_or(ClaimKind::Greater),
        leaf: leaf.unwrap_or(0),
        metric: fields.text("metric", reader),
        subjects: fields.names("models", reader),
        than: fields.names("than", reader),
        cohorts,
        except,
        variables: fields.names("variables", reader),
        p: fields.figure("p", reader),
        of: fields.names("of", reader),
        value: fields.figure("value", reader),
        table: fields.text("table", reader),
    };
    fields.fact("metrics", reader);
    fields.fact("between", reader);
    fields.finish("a claim", reader);
    if leaf.is_none() {
        reader.problem(node, "a claim needs a `kind`".into(), None);
    }
    (kind.is_some() && leaf.is_some()).then_some(claim)
}

fn exception(node: &Node, reader: &mut Reader) -> Option<ClaimException> {
    let mut fields = Fields::of(node, "an exception", reader)?;
    let model = fields.text("model", reader);
    let cohort = fields.text("cohort", reader);
    fields.finish("an exception", reader);
    model.map(|model| ClaimException { model, cohort })
}

fn date(node: &Node, reader: &mut Reader) -> Option<DateEntry> {
    let mut fields = Fields::of(node, "a date", reader)?;
    let name = fields.text("id", reader);
    let place = fields.text("at", reader);
    let cohort = fields.text("cohort", reader);
    let mut leaves = Vec::new();
    let mut day = |node: Option<&Node>, reader: &mut Reader| {
        let figure = reader.figure(node?)?;
        leaves.push(figure.leaf);
        Some(figure.text)
    };
    let span = day(fields.get("span"), reader);
    let cut_off = day(fields.get("cut_off"), reader);
    let before = day(fields.get("before"), reader);
    let after = day(fields.get("after"), reader);
    fields.finish("a date", reader);
    let span = match (span, cut_off, before, after, cohort) {
        (Some(text), None, None, None, _) => text
            .split_once('/')
            .and_then(|(from, to)| Some(DateSpan::Span { from: Day::parse(from)?, to: Day::parse(to)? })),
        (None, Some(text), None, None, _) => Day::parse(&text).map(DateSpan::CutOff),
        (None, None, Some(text), None, Some(cohort)) => Day::parse(&text).map(|day| DateSpan::Before { cohort, day }),
        (None, None, None, Some(text), Some(cohort)) => Day::parse(&text).map(|day| DateSpan::After { cohort, day }),
        _ => {
            let help =
                "write `span: \"2016-08/2020-10\"`, `cut_off: \"2020-01-01\"`, or `cohort:` with `before:` or `after:`";
            reader.problem(node, "a date says one thing".into(), Some(help.into()));
            return None;
        }
    };
    Some(DateEntry { name: name.unwrap_or_default(), place, leaves, span: span.unwrap_or(DateSpan::Unreadable) })
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
