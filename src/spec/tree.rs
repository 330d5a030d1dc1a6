//! A YAML document as a tree in which every key and value knows where it stands in the file.
//!
//! serde stops at the first error and, inside tagged enums, forgets positions. A person who typed a spec wants all the
//! problems with their places: so the text is read into this tree once, checked against the schema, and only then
//! turned into types.

use super::diagnostic::{Diagnostic, Span};
use granit_parser::{Event, Parser, ScalarStyle};

/// A value with the bytes it occupies in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub value: Value,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    pub value: Node,
}

impl Node {
    /// The JSON value of this tree: what the typed spec is read from.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => serde_json::Value::Bool(*value),
            Value::Number(value) => serde_json::Value::Number(value.clone()),
            Value::Text(value) => serde_json::Value::String(value.clone()),
            Value::Sequence(items) => serde_json::Value::Array(items.iter().map(Node::to_json).collect()),
            Value::Mapping(entries) => serde_json::Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect(),
            ),
        }
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The deepest place along a path such as `models/forest/predictors/0` that exists: a value's own span, or that of
    /// the nearest key above it.
    pub fn span_at(&self, path: &str) -> Span {
        let mut node = self;
        let mut span = self.span;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let next = match &node.value {
                Value::Mapping(_) => node.entry(part).map(|entry| (&entry.value, entry.key_span)),
                Value::Sequence(items) => {
                    part.parse::<usize>().ok().and_then(|index| items.get(index)).map(|item| (item, item.span))
                }
                _ => None,
            };
            match next {
                Some((value, key_span)) => {
                    node = value;
                    span = match value.value {
                        Value::Mapping(_) | Value::Sequence(_) => key_span,
                        _ => value.span,
                    };
                }
                None => break,
            }
        }
        span
    }

    /// From the key to the end of the value at a path, as far as it exists.
    pub fn range_at(&self, path: &str) -> Span {
        let mut node = self;
        let mut range = self.span;
        for part in path.split('/') {
            let next = match &node.value {
                Value::Mapping(_) => node.entry(part).map(|entry| (&entry.value, entry.key_span.start)),
                Value::Sequence(items) => {
                    part.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| (item, item.span.start))
                }
                _ => None,
            };
            let Some((value, start)) = next else { break };
            node = value;
            range = Span { start, end: value.span.end };
        }
        range
    }

    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

/// A document that can be read, with what it may not have: a key that stands twice, an anchor, an alias, a tag.
#[derive(Clone, Debug)]
pub struct Read {
    /// Of a key that stands twice, the first value.
    pub root: Node,
    pub problems: Vec<Diagnostic>,
    /// The places of these problems, as `models/forest/trees`.
    pub doubts: Vec<String>,
}

/// Reads one YAML document. Anchors, aliases and tags are refused: a spec is to be read by people. An error is what keeps the
/// rest from being read.
pub fn read(text: &str) -> Result<Read, Box<Diagnostic>> {
    let events = Parser::new_from_str(text);
    let mut reader = Reader { text, events, path: Vec::new(), problems: Vec::new(), doubts: Vec::new() };
    match reader.document()? {
        Some(root) => Ok(Read { root, problems: reader.problems, doubts: reader.doubts }),
        None => Err(Box::new(Diagnostic::error("yaml/empty", "the file is empty", Span::default()))),
    }
}

/// A document without any problem.
pub fn parse(text: &str) -> Result<Node, Vec<Diagnostic>> {
    let Read { root, problems, .. } = read(text).map_err(|problem| vec![*problem])?;
    if problems.is_empty() { Ok(root) } else { Err(problems) }
}

struct Reader<'text> {
    text: &'text str,
    events: Parser<'text, granit_parser::StrInput<'text>>,
    /// Keys and positions that lead to what is read.
    path: Vec<String>,
    problems: Vec<Diagnostic>,
    doubts: Vec<String>,
}

type Step<T> = Result<T, Box<Diagnostic>>;

impl<'text> Reader<'text> {
    fn next(&mut self) -> Step<Option<(Event<'text>, Span)>> {
        match self.events.next() {
            None => Ok(None),
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or(0..0);
                Ok(Some((event, Span { start: range.start, end: range.end.max(range.start) })))
            }
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
                let message = format!("this is not YAML: {}", error.info());
                Err(Box::new(Diagnostic::error("yaml/syntax", message, Span { start: at, end: at })))
            }
        }
    }

    fn document(&mut self) -> Step<Option<Node>> {
        let mut root = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd | Event::DocumentStart(..) => {}
                event if root.is_none() => root = self.node(event, span)?,
                _ => {
                    let message = "a second document in one file";
                    return Err(Box::new(Diagnostic::error("yaml/documents", message, span)));
                }
            }
        }
        Ok(root)
    }

    /// The node that begins with `event`; `None` for an event that is no node (a comment).
    fn node(&mut self, event: Event<'text>, span: Span) -> Step<Option<Node>> {
        let node = match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_anchor(anchor, tag.is_some(), span);
                let value = if style == ScalarStyle::Plain { plain(&text) } else { Value::Text(text.into_owned()) };
                Node { value, span }
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_anchor(anchor, tag.is_some(), span);
                let mut items = Vec::new();
                let mut end = span.end;
                while let Some((event, item_span)) = self.next()? {
                    end = item_span.end;
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    self.path.push(items.len().to_string());
                    items.extend(self.node(event, item_span)?);
                    self.path.pop();
                }
                Node { value: Value::Sequence(items), span: Span { start: span.start, end } }
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_anchor(anchor, tag.is_some(), span);
                self.mapping(span)?
            }
            Event::Alias(_) => {
                self.problem(
                    Diagnostic::error("yaml/alias", "aliases (`*name`) are not read", span)
                        .with_help("write the value out where it is used"),
                );
                Node { value: Value::Null, span }
            }
            _ => return Ok(None),
        };
        Ok(Some(node))
    }

    fn mapping(&mut self, span: Span) -> Step<Node> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut end = span.end;
        while let Some((event, key_span)) = self.next()? {
            end = key_span.end;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                other => {
                    let Some(node) = self.node(other, key_span)? else { continue };
                    let message = format!("a key must be a word, found {}", node.kind());
                    return Err(Box::new(Diagnostic::error("yaml/key", message, key_span)));
                }
            };
            self.path.push(key.clone());
            let value = loop {
                match self.next()? {
                    Some((event, value_span)) => {
                        if let Some(node) = self.node(event, value_span)? {
                            break node;
                        }
                    }
                    None => break Node { value: Value::Null, span: key_span },
                }
            };
            if entries.iter().any(|entry| entry.key == key) {
                let message = format!("the key `{key}` stands here a second time");
                self.problem(Diagnostic::error("yaml/duplicate-key", message, key_span));
            } else {
                entries.push(Entry { key, key_span, value });
            }
            self.path.pop();
        }
        Ok(Node { value: Value::Mapping(entries), span: Span { start: span.start, end } })
    }

    fn refuse_anchor(&mut self, anchor: usize, tagged: bool, span: Span) {
        if anchor != 0 || tagged {
            self.problem(Diagnostic::error("yaml/anchor", "anchors and tags are not read", span));
        }
    }

    fn problem(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
        self.doubts.push(self.path.join("/"));
    }
}

/// A plain scalar by the YAML 1.2 core schema; `yes` and `no` are text.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Value::Number(integer.into());
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Value::Number(integer.into());
    }
    let looks_like_a_number = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && text.chars().any(|character| character.is_ascii_digit())
        && text.chars().all(|character| character.is_ascii_digit() || "+-.eE".contains(character));
    match text.parse::<f64>().ok().filter(|_| looks_like_a_number).and_then(serde_json::Number::from_f64) {
        Some(number) => Value::Number(number),
        None => Value::Text(text.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place_even_after_non_ascii_text() {
        let text = "title: Überleben\nseed: 7\nmodels:\n  forest: {trees: [1, 2.5]}\n";
        let root = read(text).unwrap().root;
        let span = root.span_at("models/forest/trees/1");
        assert_eq!(&text[span.start..span.end], "2.5");
        let seed = root.span_at("seed");
        assert_eq!(&text[seed.start..seed.end], "7");
    }

    #[test]
    fn duplicate_keys_and_anchors_are_reported_together() {
        let found = read("a: {c: 1, c: 2}\nb: &x 3\n").unwrap();
        assert_eq!(found.problems.len(), 2, "{:?}", found.problems);
        assert_eq!(found.doubts, ["a/c", "b"]);
        // The first value stays: what is read of the rest does not hang on the second.
        assert_eq!(found.root.to_json()["a"]["c"], 1);
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        assert_eq!(plain("yes"), Value::Text("yes".into()));
        assert_eq!(plain("<=20"), Value::Text("<=20".into()));
        assert_eq!(plain("1990"), Value::Number(1990u64.into()));
        assert_eq!(plain("2020-01-31"), Value::Text("2020-01-31".into()));
        assert_eq!(plain("infinity"), Value::Text("infinity".into()));
    }
}
