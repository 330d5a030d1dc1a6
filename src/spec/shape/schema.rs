//! What a JSON Schema allows, and what can stand in for a value that cannot be read.

use crate::spec::diagnostic::Span;
use crate::spec::tree::{Entry, Node, Value};
use serde_json::Value as Json;

pub fn alternatives(schema: &Json) -> Option<&[Json]> {
    schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()).map(Vec::as_slice)
}

/// The key that tells the variants apart: the one that is constant in each of them.
pub fn tag_of<'a>(variants: &[&'a Json]) -> Option<&'a str> {
    let first = variants.first()?["properties"].as_object()?;
    first
        .iter()
        .filter(|(_, property)| property["const"].is_string())
        .map(|(key, _)| key.as_str())
        .find(|key| variants.iter().all(|variant| variant["properties"][*key]["const"].is_string()))
}

pub fn kinds(schema: &Json) -> Vec<&str> {
    match &schema["type"] {
        Json::String(kind) => vec![kind],
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        _ if schema["properties"].is_object() => vec!["object"],
        _ if schema["const"].is_string() || schema["enum"].is_array() => vec!["string"],
        _ => Vec::new(),
    }
}

pub fn kind_fits(node: &Node, schema: &Json) -> bool {
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

pub fn expected_kind(schema: &Json) -> Option<String> {
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

/// A value of this kind where a spec has none that can be read, so that the rest of the spec can be; `None` where there is no
/// value without meaning, as of a word among choices.
pub fn standing_in<'a>(schema: &'a Json, span: Span, resolve: &impl Fn(&'a Json) -> &'a Json) -> Option<Node> {
    let schema = resolve(schema);
    if let Some(alternatives) = alternatives(schema) {
        return alternatives.iter().find_map(|alternative| standing_in(alternative, span, resolve));
    }
    if !schema["const"].is_null() || schema["enum"].is_array() {
        return None;
    }
    let value = match *kinds(schema).first()? {
        "boolean" => Value::Bool(false),
        "number" | "integer" => Value::Number(schema["minimum"].as_number().cloned().unwrap_or_else(|| 0.into())),
        "string" => Value::Text(String::new()),
        "array" if schema["minItems"].is_null() => Value::Sequence(Vec::new()),
        "object" => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
            let entries = required.map(|key| {
                let value = standing_in(&schema["properties"][key], span, resolve)?;
                Some(Entry { key: key.to_string(), key_span: span, value })
            });
            Value::Mapping(entries.collect::<Option<Vec<Entry>>>()?)
        }
        _ => return None,
    };
    Some(Node { value, span })
}
