//! Writes YAML as a person would type it: a row of a table on one line, texts in double quotes, names bare. (The YAML
//! library writes one scalar a line, which makes a table of a thousand lines.) A JSON text is a YAML text, so quoting and
//! escaping are those of serde_json.

use serde_json::{Map, Value};

/// A line is not filled beyond this.
const WIDTH: usize = 150;

/// A mapping in the order of its entries, in which no name replaces another.
#[derive(Debug, Default)]
pub struct Mapping(Map<String, Value>);

impl Mapping {
    /// Adds an entry; a name that is taken gets a number behind it.
    pub fn add(&mut self, name: &str, value: Value) {
        let mut unique = name.to_string();
        let mut count = 1;
        while self.0.contains_key(&unique) {
            count += 1;
            unique = format!("{name} {count}");
        }
        self.0.insert(unique, value);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The names of the entries from a position on.
    pub fn names_from(&self, first: usize) -> Vec<String> {
        self.0.keys().skip(first).cloned().collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// The text of a file.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    if let Value::Object(entries) = value {
        for (name, value) in entries {
            out.push_str(if matches!(value, Value::Object(_) | Value::Array(_)) { "\n" } else { "" });
            entry(&mut out, name, value, 0);
        }
    }
    out
}

fn entry(out: &mut String, name: &str, value: &Value, indent: usize) {
    let margin = " ".repeat(indent);
    out.push_str(&format!("{margin}{}:", key(name)));
    below(out, value, indent, indent + name.len() + 2);
}

/// What stands behind a name or a dash: on the same line when it fits there and is not a list of rows.
fn below(out: &mut String, value: &Value, indent: usize, column: usize) {
    let flow = flow(value);
    let holds_rows = match value {
        Value::Array(items) => items.iter().any(Value::is_object),
        Value::Object(entries) => indent == 0 && entries.values().any(Value::is_object),
        _ => false,
    };
    match value {
        Value::Object(entries) if !entries.is_empty() && (holds_rows || column + flow.chars().count() > WIDTH) => {
            out.push('\n');
            entries.iter().for_each(|(name, value)| entry(out, name, value, indent + 2));
        }
        Value::Array(items) if !items.is_empty() && (holds_rows || column + flow.chars().count() > WIDTH) => {
            out.push('\n');
            items.iter().for_each(|value| item(out, value, indent + 2));
        }
        _ => out.push_str(&format!(" {flow}\n")),
    }
}

/// An item of a list. One that is too long for a line begins with its first entry behind the dash.
fn item(out: &mut String, value: &Value, indent: usize) {
    let margin = " ".repeat(indent);
    let flow = flow(value);
    match value {
        Value::Object(entries) if indent + 2 + flow.chars().count() > WIDTH => {
            let mut inner = String::new();
            entries.iter().for_each(|(name, value)| entry(&mut inner, name, value, indent + 2));
            out.push_str(&format!("{margin}- {}", inner.trim_start()));
        }
        _ => out.push_str(&format!("{margin}- {flow}\n")),
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let parts: Vec<String> =
                entries.iter().map(|(name, value)| format!("{}: {}", key(name), flow(value))).collect();
            format!("{{{}}}", parts.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) if is_bare(text) => text.clone(),
        other => other.to_string(),
    }
}

fn key(name: &str) -> String {
    if is_bare(name) { name.to_string() } else { Value::from(name).to_string() }
}

/// A name that YAML reads as the same text without quotes.
fn is_bare(text: &str) -> bool {
    let words = ["yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_+/-".contains(letter))
        && !words.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_back() {
        let long: Vec<Value> =
            (0..40).map(|row| json!({"id": format!("row {row}"), "cells": ["0.90", "−1.5"]})).collect();
        let tree = json!({
            "schema": "reported/1",
            "no": {"yes": "NA", "a: b": ["# 1", "\"q\"", "line\nbreak", "0.10"], "empty": [], "none": {}},
            "rows": long,
            "deep": {"a": {"b": {"c": vec!["1"; 60]}}},
            "one": [{"id": "x", "cells": vec!["0.123 to 4"; 30]}],
        });
        let text = write(&tree);
        let back: Value = serde_saphyr::from_str(&text).expect(&text);
        assert_eq!(back, tree, "{text}");
        let again: Value = serde_yaml::from_str(&text).expect(&text);
        assert_eq!(again, tree, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH + 2), "{text}");
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut mapping = Mapping::default();
        mapping.add("Unknown", json!("1"));
        mapping.add("Unknown", json!("2"));
        assert_eq!(mapping.into_value(), json!({"Unknown": "1", "Unknown 2": "2"}));
    }
}
