//! Holds the YAML tree to the JSON Schema that is generated from the types, and reports everything that does not fit:
//! unknown and missing keys, wrong kinds of value, names that are not among the choices.

use super::diagnostic::{Diagnostic, suggestion};
use super::tree::{Entry, Node, Value};
use serde_json::Value as Json;

/// All departures of `root` from `schema`, whose title ("Vouch study") says what the whole is.
pub fn check(root: &Node, schema: &Json) -> Vec<Diagnostic> {
    let mut checker = Checker { definitions: &schema["definitions"], problems: Vec::new() };
    let title = schema["title"].as_str().unwrap_or_default();
    checker.check(root, schema, &format!("the {}", title.trim_start_matches("Vouch ")));
    checker.problems
}

struct Checker<'a> {
    definitions: &'a Json,
    problems: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    fn check(&mut self, node: &Node, schema: &'a Json, name: &str) {
        let schema = self.resolve(schema);
        if let Some(alternatives) = alternatives(schema) {
            return self.check_alternatives(node, alternatives, name);
        }
        if let Some(choices) = self.choices(schema) {
            return self.check_choice(node, &choices, name);
        }
        if !self.check_kind(node, schema, name) {
            return;
        }
        match &node.value {
            Value::Mapping(entries) => self.check_mapping(node, entries, schema, name),
            Value::Sequence(items) => self.check_sequence(node, items, schema, name),
            Value::Number(number) => self.check_range(node, number.as_f64().unwrap_or(f64::NAN), schema, name),
            _ => {}
        }
    }

    /// Follows `$ref`, also where a description stands beside it.
    fn resolve(&self, schema: &'a Json) -> &'a Json {
        let mut schema = schema;
        loop {
            if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
                schema = only;
            } else if let Some(reference) = schema["$ref"].as_str() {
                schema = &self.definitions[reference.rsplit('/').next().unwrap_or_default()];
            } else {
                return schema;
            }
        }
    }

    /// The texts that an enumeration allows; `None` for a schema that is no enumeration.
    fn choices(&self, schema: &'a Json) -> Option<Vec<&'a str>> {
        if let Some(constant) = schema["const"].as_str() {
            return Some(vec![constant]);
        }
        schema["enum"].as_array().map(|values| values.iter().filter_map(Json::as_str).collect())
    }

    fn check_alternatives(&mut self, node: &Node, alternatives: &'a [Json], name: &str) {
        let resolved: Vec<&'a Json> = alternatives.iter().map(|schema| self.resolve(schema)).collect();
        let choices: Vec<Option<Vec<&'a str>>> = resolved.iter().map(|schema| self.choices_within(schema)).collect();
        if choices.iter().all(Option::is_some) {
            let all: Vec<&str> = choices.into_iter().flatten().flatten().collect();
            return self.check_choice(node, &all, name);
        }
        if let Some(tag) = tag_of(&resolved) {
            return self.check_tagged(node, &resolved, tag, name);
        }
        let fitting: Vec<&'a Json> = resolved.iter().copied().filter(|schema| kind_fits(node, schema)).collect();
        // Words beside a mapping: `none`, `log1p`, or {spline: …}.
        let words: Option<Vec<Vec<&'a str>>> = fitting.iter().map(|schema| self.choices_within(schema)).collect();
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            return self.check_choice(node, &words.concat(), name);
        }
        match fitting.as_slice() {
            [] => {
                let expected: Vec<String> = resolved.iter().filter_map(|schema| expected_kind(schema)).collect();
                self.problems.push(Diagnostic::error(
                    "spec/kind",
                    format!("{name} must be {}, found {}", expected.join(" or "), node.kind()),
                    node.span,
                ));
            }
            [first, ..] => self.check(node, first, name),
        }
    }

    fn choices_within(&self, schema: &'a Json) -> Option<Vec<&'a str>> {
        match alternatives(schema) {
            Some(inner) => inner
                .iter()
                .map(|schema| self.choices_within(self.resolve(schema)))
                .collect::<Option<Vec<_>>>()
                .map(|parts| parts.into_iter().flatten().collect()),
            None => self.choices(schema),
        }
    }

    fn check_choice(&mut self, node: &Node, choices: &[&str], name: &str) {
        match &node.value {
            Value::Text(text) if choices.contains(&text.as_str()) => {}
            Value::Text(text) => {
                let choices = super::diagnostic::nearest_first(text, choices);
                let list: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
                let mut help = format!("it can be {}", list.join(", "));
                if let Some(nearest) = super::diagnostic::nearest(text, choices.iter().copied()) {
                    help = format!("did you mean `{nearest}`? {help}");
                }
                self.problems.push(
                    Diagnostic::error("spec/choice", format!("`{text}` is not a choice for {name}"), node.span)
                        .with_help(help),
                );
            }
            _ => {
                let list: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
                self.problems.push(
                    Diagnostic::error("spec/kind", format!("{name} must be a word, found {}", node.kind()), node.span)
                        .with_help(format!("it can be {}", list.join(", "))),
                );
            }
        }
    }

    /// Variants of a mapping that are told apart by one key.
    fn check_tagged(&mut self, node: &Node, variants: &[&'a Json], tag: &'a str, name: &str) {
        let Value::Mapping(_) = &node.value else {
            let message = format!("{name} must be a mapping, found {}", node.kind());
            self.problems.push(Diagnostic::error("spec/kind", message, node.span));
            return;
        };
        let names: Vec<&'a str> =
            variants.iter().filter_map(|variant| variant["properties"][tag]["const"].as_str()).collect();
        let Some(entry) = node.entry(tag) else {
            let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            self.problems.push(
                Diagnostic::error("spec/missing-key", format!("{name} needs the key `{tag}`"), node.span)
                    .with_help(format!("it can be {}", list.join(", "))),
            );
            return;
        };
        let Value::Text(typed) = &entry.value.value else {
            return self.check_choice(&entry.value, &names, &format!("`{tag}`"));
        };
        match variants.iter().find(|variant| variant["properties"][tag]["const"] == typed.as_str()) {
            Some(variant) => self.check(node, variant, &format!("{name} ({typed})")),
            None => self.check_choice(&entry.value, &names, &format!("`{tag}`")),
        }
    }

    fn check_kind(&mut self, node: &Node, schema: &Json, name: &str) -> bool {
        if kind_fits(node, schema) {
            return true;
        }
        let expected = expected_kind(schema).unwrap_or_else(|| "something else".to_string());
        let mut problem =
            Diagnostic::error("spec/kind", format!("{name} must be {expected}, found {}", node.kind()), node.span);
        if matches!((&node.value, expected.as_str()), (Value::Number(_) | Value::Bool(_), "text")) {
            problem = problem.with_help("put it in quotes");
        }
        self.problems.push(problem);
        false
    }

    fn check_mapping(&mut self, node: &Node, entries: &[Entry], schema: &'a Json, name: &str) {
        let known = schema["properties"].as_object();
        for entry in entries {
            match known.and_then(|properties| properties.get(&entry.key)) {
                Some(property) => self.check(&entry.value, property, &format!("`{}`", entry.key)),
                None if schema["additionalProperties"].is_object() => {
                    self.check(&entry.value, &schema["additionalProperties"], &format!("`{}`", entry.key));
                }
                None if schema["additionalProperties"] == Json::Bool(false) => {
                    let names: Vec<&str> =
                        known.map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default();
                    let unused: Vec<&str> = names.into_iter().filter(|name| node.entry(name).is_none()).collect();
                    self.problems.push(
                        Diagnostic::error(
                            "spec/unknown-key",
                            format!("`{}` is not a key of {name}", entry.key),
                            entry.key_span,
                        )
                        .with_help(suggestion(&entry.key, unused)),
                    );
                }
                None => {}
            }
        }
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            if node.entry(required).is_none() {
                let what = known
                    .and_then(|properties| properties.get(required))
                    .and_then(|property| property["description"].as_str())
                    .map(|description| description.split('\n').next().unwrap_or_default().to_string());
                let mut problem =
                    Diagnostic::error("spec/missing-key", format!("{name} needs the key `{required}`"), node.span);
                problem.span.end = problem.span.end.min(problem.span.start + 1);
                problem.help = what.map(|what| format!("`{required}`: {what}"));
                self.problems.push(problem);
            }
        }
    }

    fn check_sequence(&mut self, node: &Node, items: &[Node], schema: &'a Json, name: &str) {
        for bound in ["minItems", "maxItems"] {
            let Some(limit) = schema[bound].as_u64() else { continue };
            let holds = if bound == "minItems" { items.len() as u64 >= limit } else { items.len() as u64 <= limit };
            if !holds {
                let word = if bound == "minItems" { "at least" } else { "at most" };
                let message = format!("{name} must have {word} {limit} entries, found {}", items.len());
                self.problems.push(Diagnostic::error("spec/length", message, node.span));
            }
        }
        if schema["items"].is_object() {
            for item in items {
                self.check(item, &schema["items"], &format!("an entry of {name}"));
            }
        }
    }

    fn check_range(&mut self, node: &Node, value: f64, schema: &Json, name: &str) {
        let below = schema["minimum"].as_f64().filter(|minimum| value < *minimum);
        let above = schema["maximum"].as_f64().filter(|maximum| value > *maximum);
        let message = match (below, above) {
            (Some(minimum), _) => format!("{name} must be at least {minimum}, found {value}"),
            (_, Some(maximum)) => format!("{name} must be at most {maximum}, found {value}"),
            _ => return,
        };
        self.problems.push(Diagnostic::error("spec/range", message, node.span));
    }
}

fn alternatives(schema: &Json) -> Option<&[Json]> {
    schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()).map(Vec::as_slice)
}

/// The key that tells the variants apart: the one that is constant in each of them.
fn tag_of<'a>(variants: &[&'a Json]) -> Option<&'a str> {
    let first = variants.first()?["properties"].as_object()?;
    first
        .iter()
        .filter(|(_, property)| property["const"].is_string())
        .map(|(key, _)| key.as_str())
        .find(|key| variants.iter().all(|variant| variant["properties"][*key]["const"].is_string()))
}

fn kinds(schema: &Json) -> Vec<&str> {
    match &schema["type"] {
        Json::String(kind) => vec![kind],
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        _ if schema["properties"].is_object() => vec!["object"],
        _ if schema["const"].is_string() || schema["enum"].is_array() => vec!["string"],
        _ => Vec::new(),
    }
}

fn kind_fits(node: &Node, schema: &Json) -> bool {
    if let Some(alternatives) = alternatives(schema) {
        return alternatives.iter().any(|alternative| kind_fits(node, alternative));
    }
    let kinds = kinds(schema);
    kinds.is_empty()
        || kinds.iter().any(|kind| match &node.value {
            Value::Null => *kind == "null",
            Value::Bool(_) => *kind == "boolean",
            Value::Number(number) => *kind == "number" || (*kind == "integer" && !number.is_f64()),
            Value::Text(_) => *kind == "string",
            Value::Sequence(_) => *kind == "array",
            Value::Mapping(_) => *kind == "object",
        })
}

fn expected_kind(schema: &Json) -> Option<String> {
    let words: Vec<&str> = kinds(schema)
        .into_iter()
        .filter_map(|kind| match kind {
            "boolean" => Some("true or false"),
            "number" => Some("a number"),
            "integer" => Some("a whole number"),
            "string" => Some("text"),
            "array" => Some("a list"),
            "object" => Some("a mapping"),
            _ => None,
        })
        .collect();
    if words.is_empty() { None } else { Some(words.join(" or ")) }
}

#[cfg(test)]
mod tests {
    use super::super::{schema, tree};

    #[test]
    fn all_problems_are_found_at_once() {
        let text = "schema: study/1\nid: x\ntitel: T\nseed: seven\ndata: {path: a.csv, id: pid}\nvariables:\n  age: {kind: contnuous}\noutcomes:\n  y: {kind: binry, label: Y, positive: 'a = 1'}\n";
        let root = tree::parse(text).unwrap();
        let problems = super::check(&root, &schema());
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(problems.len(), 5, "{problems:?}");
        assert!(codes.contains(&"spec/unknown-key") && codes.contains(&"spec/missing-key"));
        let unknown = problems.iter().find(|problem| problem.code == "spec/unknown-key").unwrap();
        assert_eq!(unknown.help.as_deref(), Some("did you mean `title`?"));
        let outcome = problems.iter().find(|problem| problem.message.contains("binry")).unwrap();
        assert!(outcome.help.as_deref().unwrap().starts_with("did you mean `binary`?"));
    }
}
