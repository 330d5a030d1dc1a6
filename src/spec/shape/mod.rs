//! Holds the YAML tree to the JSON Schema that is generated from the types, and reports everything that does not fit:
//! unknown and missing keys, wrong kinds of value, names that are not among the choices.
//!
//! A tree that does not fit is also made to fit, as it was probably meant: a misspelt word becomes the nearest one, and what
//! cannot be guessed is left out or stood in for. So the rest of a spec can be checked in the same run. What was left out is
//! in doubt, and later checks make no claim about it.

mod doubts;
mod schema;

pub use doubts::Doubts;

use super::diagnostic::{Diagnostic, nearest, suggestion};
use super::tree::{Entry, Node, Value};
use schema::{alternatives, expected_kind, kind_fits, standing_in, tag_of};
use serde_json::Value as Json;

/// How a tree fits a schema.
#[derive(Clone, Debug)]
pub struct Shape {
    pub problems: Vec<Diagnostic>,
    /// The tree as it was probably meant, which fits; the tree itself where there is no problem.
    pub meant: Option<Node>,
    /// What of it nobody typed.
    pub doubts: Doubts,
}

/// All departures of `root` from `schema`, whose title ("Vouch study") says what the whole is.
pub fn check(root: &Node, schema: &Json) -> Shape {
    let mut checker = Checker::new(&schema["definitions"]);
    let title = schema["title"].as_str().unwrap_or_default();
    let meant = checker.check(root, schema, &format!("the {}", title.trim_start_matches("Vouch ")));
    Shape { problems: checker.problems, meant, doubts: Doubts::new(checker.doubts) }
}

/// The problems of a text and of its shape together: what was told of a place of the text is not told again of its shape.
pub fn with_those_of_the_text(of_text: Vec<Diagnostic>, mut of_shape: Vec<Diagnostic>) -> Vec<Diagnostic> {
    of_shape.retain(|problem| of_text.iter().all(|told| told.span != problem.span));
    of_text.into_iter().chain(of_shape).collect()
}

struct Checker<'a> {
    definitions: &'a Json,
    problems: Vec<Diagnostic>,
    /// Keys and positions that lead to the node that is looked at.
    path: Vec<String>,
    doubts: Vec<String>,
}

impl<'a> Checker<'a> {
    fn new(definitions: &'a Json) -> Self {
        Self { definitions, problems: Vec::new(), path: Vec::new(), doubts: Vec::new() }
    }

    fn problem(&mut self, code: &'static str, message: String, node: &Node) {
        self.problems.push(Diagnostic::error(code, message, node.span));
    }

    /// The node as it was meant; `None` where that cannot be told.
    fn check(&mut self, node: &Node, schema: &'a Json, name: &str) -> Option<Node> {
        let schema = self.resolve(schema);
        if let Some(alternatives) = alternatives(schema) {
            return self.check_alternatives(node, alternatives, name);
        }
        if let Some(choices) = self.choices(schema) {
            return self.check_choice(node, &choices, name);
        }
        if !kind_fits(node, schema) {
            return self.refuse_kind(node, schema, name);
        }
        match &node.value {
            Value::Mapping(entries) => self.check_mapping(node, entries, schema, name),
            Value::Sequence(items) => self.check_sequence(node, items, schema, name),
            Value::Number(number) => self.check_range(node, number.as_f64().unwrap_or(f64::NAN), schema, name),
            _ => Some(node.clone()),
        }
    }

    /// A key by all that leads to it: "`bootstrap`" as "`statistics/perf/bootstrap`", so that it is known which one is meant.
    fn in_full(&self, name: &str) -> String {
        let mut parts = name.splitn(3, '`');
        let (Some(before), Some(key), Some(after)) = (parts.next(), parts.next(), parts.next()) else {
            return name.to_string();
        };
        match self.path.iter().rposition(|step| step == key) {
            Some(last) => format!("{before}`{}`{after}", self.path[..=last].join("/")),
            None => name.to_string(),
        }
    }

    /// The same of what stands one step deeper.
    fn check_below(&mut self, step: &str, node: &Node, schema: &'a Json, name: &str) -> Option<Node> {
        self.path.push(step.to_string());
        let meant = self.check(node, schema, name);
        self.path.pop();
        meant
    }

    fn doubt(&mut self, step: &str) {
        let place: Vec<&str> = self.path.iter().map(String::as_str).chain([step]).collect();
        self.doubts.push(place.join("/"));
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

    fn check_alternatives(&mut self, node: &Node, alternatives: &'a [Json], name: &str) -> Option<Node> {
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
                let message =
                    format!("{} must be {}, found {}", self.in_full(name), expected.join(" or "), node.kind());
                self.problem("spec/kind", message, node);
                None
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

    fn check_choice(&mut self, node: &Node, choices: &[&str], name: &str) -> Option<Node> {
        let ordered = match &node.value {
            Value::Text(text) if choices.contains(&text.as_str()) => return Some(node.clone()),
            Value::Text(text) => super::diagnostic::nearest_first(text, choices),
            _ => choices.to_vec(),
        };
        let list: Vec<String> = ordered.iter().map(|choice| format!("`{choice}`")).collect();
        let help = format!("it can be {}", list.join(", "));
        let Value::Text(text) = &node.value else {
            let message = format!("{} must be a word, found {}", self.in_full(name), node.kind());
            self.problems.push(Diagnostic::error("spec/kind", message, node.span).with_help(help));
            return None;
        };
        let near = nearest(text, choices.iter().copied());
        // The list begins with the nearest, by the same measure of nearness.
        let near = near.map(|near| ordered.first().copied().unwrap_or(near));
        let help = near.map_or_else(|| help.clone(), |near| format!("did you mean `{near}`? {help}"));
        let message = format!("`{text}` is not a choice for {name}");
        self.problems.push(Diagnostic::error("spec/choice", message, node.span).with_help(help));
        near.map(|near| Node { value: Value::Text(near.to_string()), span: node.span })
    }

    /// Variants of a mapping that are told apart by one key.
    fn check_tagged(&mut self, node: &Node, variants: &[&'a Json], tag: &'a str, name: &str) -> Option<Node> {
        let Value::Mapping(entries) = &node.value else {
            let message = format!("{} must be a mapping, found {}", self.in_full(name), node.kind());
            self.problem("spec/kind", message, node);
            return None;
        };
        let names: Vec<&'a str> =
            variants.iter().filter_map(|variant| variant["properties"][tag]["const"].as_str()).collect();
        let Some(entry) = node.entry(tag) else {
            let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            self.problems.push(
                Diagnostic::error("spec/missing-key", format!("{name} needs the key `{tag}`"), node.span)
                    .with_help(format!("it can be {}", list.join(", "))),
            );
            return None;
        };
        let meant = self.check_choice(&entry.value, &names, &format!("`{tag}`"))?;
        let variant = variants.iter().find(|variant| match &meant.value {
            Value::Text(word) => variant["properties"][tag]["const"] == word.as_str(),
            _ => false,
        })?;
        // The rest of the entry is held to the kind that was meant.
        let named = |entry: &Entry| match entry.key == tag {
            true => Entry { value: meant.clone(), ..entry.clone() },
            false => entry.clone(),
        };
        let entries: Vec<Entry> = entries.iter().map(named).collect();
        let word = variant["properties"][tag]["const"].as_str().unwrap_or_default();
        let node = Node { value: Value::Mapping(entries), span: node.span };
        self.check(&node, variant, &format!("{name} ({word})"))
    }

    fn refuse_kind(&mut self, node: &Node, schema: &Json, name: &str) -> Option<Node> {
        let expected = expected_kind(schema).unwrap_or_else(|| "something else".to_string());
        let message = format!("{} must be {expected}, found {}", self.in_full(name), node.kind());
        let mut problem = Diagnostic::error("spec/kind", message, node.span);
        let text = match &node.value {
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        };
        let text = text.filter(|_| expected == "text");
        if text.is_some() {
            problem = problem.with_help("put it in quotes");
        }
        self.problems.push(problem);
        text.map(|text| Node { value: Value::Text(text), span: node.span })
    }

    fn check_mapping(&mut self, node: &Node, entries: &[Entry], schema: &'a Json, name: &str) -> Option<Node> {
        let properties = schema["properties"].as_object();
        let mut meant: Vec<Entry> = Vec::new();
        for entry in entries {
            let known = properties.and_then(|properties| properties.get(&entry.key));
            let free = Some(&schema["additionalProperties"]).filter(|schema| schema.is_object());
            let (key, property) = match known.or(free) {
                Some(property) => (entry.key.as_str(), property),
                None if schema["additionalProperties"] == Json::Bool(false) => {
                    let names = properties.into_iter().flatten().map(|(name, _)| name.as_str());
                    let unused: Vec<&'a str> = names
                        .filter(|name| node.entry(name).is_none() && !meant.iter().any(|entry| entry.key == *name))
                        .collect();
                    match self.refuse_key(entry, &unused, properties, name) {
                        Some(found) => found,
                        None => continue,
                    }
                }
                None => {
                    meant.push(entry.clone());
                    continue;
                }
            };
            match self.check_below(key, &entry.value, property, &format!("`{}`", entry.key)) {
                Some(value) => meant.push(Entry { key: key.to_string(), key_span: entry.key_span, value }),
                None => self.doubt(key),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
        for key in required.filter(|key| !entries_have(&meant, key)).collect::<Vec<_>>() {
            let property = properties.and_then(|properties| properties.get(key));
            // Of a value that is there and cannot be read, something is said already.
            if node.entry(key).is_none() {
                let what = property.and_then(|property| property["description"].as_str());
                let mut problem =
                    Diagnostic::error("spec/missing-key", format!("{name} needs the key `{key}`"), node.span);
                problem.span.end = problem.span.end.min(problem.span.start + 1);
                problem.help = what.map(|what| format!("`{key}`: {}", what.split('\n').next().unwrap_or_default()));
                self.problems.push(problem);
            }
            self.doubt(key);
            let span = node.entry(key).map_or(node.span, |entry| entry.value.span);
            let resolve = |schema| self.resolve(schema);
            let value = property.and_then(|property| standing_in(property, span, &resolve))?;
            meant.push(Entry { key: key.to_string(), key_span: span, value });
        }
        Some(Node { value: Value::Mapping(meant), span: node.span })
    }

    /// Reports a key that is not known. Where it is a misspelt one whose value can stand under that, says which.
    fn refuse_key(
        &mut self,
        entry: &Entry,
        unused: &[&'a str],
        properties: Option<&'a serde_json::Map<String, Json>>,
        name: &str,
    ) -> Option<(&'a str, &'a Json)> {
        let message = format!("`{}` is not a key of {name}", entry.key);
        let mut help = suggestion(&entry.key, unused.iter().copied());
        if entry.value.value == Value::Null {
            help.push_str("; if it belongs to the text before it, put that text in quotes: it has a comma");
        }
        self.problems.push(Diagnostic::error("spec/unknown-key", message, entry.key_span).with_help(help));
        let near = nearest(&entry.key, unused.iter().copied());
        let found = near.and_then(|near| properties.and_then(|properties| properties.get_key_value(near)));
        match found.filter(|(_, property)| kind_fits(&entry.value, self.resolve(property))) {
            Some((key, property)) => Some((key.as_str(), property)),
            None => {
                self.doubt(&entry.key);
                None
            }
        }
    }

    fn check_sequence(&mut self, node: &Node, items: &[Node], schema: &'a Json, name: &str) -> Option<Node> {
        let mut fits = true;
        for bound in ["minItems", "maxItems"] {
            let Some(limit) = schema[bound].as_u64() else { continue };
            let holds = if bound == "minItems" { items.len() as u64 >= limit } else { items.len() as u64 <= limit };
            if !holds {
                let word = if bound == "minItems" { "at least" } else { "at most" };
                let message = format!("{name} must have {word} {limit} entries, found {}", items.len());
                self.problem("spec/length", message, node);
                fits = false;
            }
        }
        let mut meant = Vec::new();
        for item in items {
            if !schema["items"].is_object() {
                meant.push(item.clone());
                continue;
            }
            // Positions are those of the list as it is meant: what is left out has none.
            let position = meant.len().to_string();
            let doubts = self.doubts.len();
            match self.check_below(&position, item, &schema["items"], &format!("an entry of {name}")) {
                Some(item) => meant.push(item),
                None => {
                    self.doubts.truncate(doubts);
                    self.doubt(doubts::LEFT_OUT);
                }
            }
        }
        let whole = meant.len() == items.len() || schema["minItems"].is_null();
        (fits && whole).then(|| Node { value: Value::Sequence(meant), span: node.span })
    }

    fn check_range(&mut self, node: &Node, value: f64, schema: &Json, name: &str) -> Option<Node> {
        let below = schema["minimum"].as_f64().filter(|minimum| value < *minimum);
        let above = schema["maximum"].as_f64().filter(|maximum| value > *maximum);
        let message = match (below, above) {
            (Some(minimum), _) => format!("{name} must be at least {minimum}, found {value}"),
            (_, Some(maximum)) => format!("{name} must be at most {maximum}, found {value}"),
            _ => return Some(node.clone()),
        };
        self.problem("spec/range", message, node);
        None
    }
}

fn entries_have(entries: &[Entry], key: &str) -> bool {
    entries.iter().any(|entry| entry.key == key)
}

#[cfg(test)]
mod tests {
    use super::super::{schema, tree};

    #[test]
    fn all_problems_are_found_at_once() {
        let text = "schema: study/1\nid: x\ntitel: T\nseed: seven\ndata: {path: a.csv, id: pid}\nvariables:\n  age: {kind: contnuous}\noutcomes:\n  y: {kind: binry, label: Y, positive: 'a = 1'}\n";
        let root = tree::parse(text).unwrap();
        let super::Shape { problems, meant, doubts } = super::check(&root, &schema());
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
        // The title is misspelt, not missing.
        assert_eq!(codes, ["spec/unknown-key", "spec/kind", "spec/choice", "spec/choice"], "{problems:?}");
        let unknown = problems.iter().find(|problem| problem.code == "spec/unknown-key").unwrap();
        assert_eq!(unknown.help.as_deref(), Some("did you mean `title`?"));
        let outcome = problems.iter().find(|problem| problem.message.contains("binry")).unwrap();
        assert!(outcome.help.as_deref().unwrap().starts_with("did you mean `binary`?"));
        let meant = meant.unwrap().to_json();
        assert_eq!((&meant["title"], &meant["outcomes"]["y"]["kind"]), (&"T".into(), &"binary".into()));
        assert!(doubts.about("seed") && !doubts.about("title"));
    }

    #[test]
    fn a_tree_that_fits_is_meant_as_it_stands() {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/studies/rotterdam-lnm/study.yaml"));
        let root = tree::parse(&text.unwrap()).unwrap();
        let shape = super::check(&root, &schema());
        assert_eq!((shape.problems, shape.meant, shape.doubts.is_empty()), (Vec::new(), Some(root), true));
    }

    #[test]
    fn what_cannot_be_guessed_is_left_out_and_in_doubt() {
        let text = "schema: study/1\nid: x\ntitle: T\nseed: 1\ndata: {path: a.csv, id: pid}\nvariables: {}\noutcomes: {}\nmodels:\n  a: {kind: abracadabra}\n  b: {label: B}\nreport: {show: [{item: nothing_like_it, caption: C}, {item: attrition_flow, caption: D}]}\n";
        let shape = super::check(&tree::parse(text).unwrap(), &schema());
        let meant = shape.meant.unwrap().to_json();
        assert_eq!(meant["models"], serde_json::json!({}));
        assert_eq!(meant["report"]["show"].as_array().unwrap().len(), 1);
        assert_eq!(shape.doubts.left_out("models"), ["a", "b"]);
        assert!(shape.doubts.about("report") && !shape.doubts.about("report/show/0"));
    }
}
