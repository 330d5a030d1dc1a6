//! Where two trees differ, in words that a reader of the report knows: `performance / logistic / test / AUC: 0.712 →
//! 0.713`.
//!
//! Entries of a list are matched by what names them (the model and partition of a row, the label of a group), so that one
//! that was added or left out does not make all others differ. Long lists without names (the points of a curve) count
//! as one difference, with how many of their entries differ and by how much at most.

use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// From the whole to the part.
    pub path: Vec<String>,
    #[serde(flatten)]
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    Number {
        recorded: f64,
        found: f64,
    },
    Value {
        recorded: String,
        found: String,
    },
    /// Only the first tree has it.
    Gone {
        recorded: String,
    },
    /// Only the second tree has it.
    New {
        found: String,
    },
    /// Entries of a list without names.
    Series {
        differing: usize,
        recorded_entries: usize,
        found_entries: usize,
        /// The largest distance of two numbers in the same place.
        largest: f64,
    },
}

/// What a comparison of two trees has found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    pub differences: Vec<Difference>,
    /// Numbers that both trees have, equal or not.
    pub numbers: usize,
}

/// Two numbers count as equal when |a − b| ≤ tolerance · max(1, |a|, |b|). A tolerance of 0 asks for the same number.
pub fn compare(recorded: &Value, found: &Value, tolerance: f64) -> Comparison {
    let mut walk = Walk { tolerance, path: Vec::new(), names: Vec::new(), comparison: Comparison::default() };
    walk.values(recorded, found);
    walk.comparison
}

struct Walk {
    tolerance: f64,
    path: Vec<String>,
    /// Lists that name the entries of other lists, the innermost last.
    names: Vec<(&'static str, Vec<String>)>,
    comparison: Comparison,
}

impl Walk {
    fn values(&mut self, recorded: &Value, found: &Value) {
        match (recorded, found) {
            (Value::Number(left), Value::Number(right)) => {
                self.comparison.numbers += 1;
                if left != right {
                    let (left, right) = (left.as_f64().unwrap_or(f64::NAN), right.as_f64().unwrap_or(f64::NAN));
                    if !close(left, right, self.tolerance) {
                        self.add(Change::Number { recorded: left, found: right });
                    }
                }
            }
            (Value::Object(left), Value::Object(right)) => self.objects(left, right),
            (Value::Array(left), Value::Array(right)) => self.lists("", left, right),
            (left, right) if left == right => {}
            (Value::Null, right) => self.add(Change::New { found: summary(right) }),
            (left, Value::Null) => self.add(Change::Gone { recorded: summary(left) }),
            (left, right) => self.add(Change::Value { recorded: summary(left), found: summary(right) }),
        }
    }

    fn objects(&mut self, left: &Map<String, Value>, right: &Map<String, Value>) {
        let known = self.names.len();
        self.names.extend(naming_lists(left));
        for (key, value) in left {
            let steps = step_of_key(key);
            self.path.extend(steps.clone());
            match right.get(key) {
                Some(other) => match (value, other) {
                    (Value::Array(value), Value::Array(other)) => self.lists(key, value, other),
                    _ => self.values(value, other),
                },
                None if value.is_null() => {}
                None => self.add(Change::Gone { recorded: summary(value) }),
            }
            self.path.truncate(self.path.len() - steps.iter().count());
        }
        for (key, value) in right.iter().filter(|(key, value)| !left.contains_key(*key) && !value.is_null()) {
            let steps = step_of_key(key);
            self.path.extend(steps.clone());
            self.add(Change::New { found: summary(value) });
            self.path.truncate(self.path.len() - steps.iter().count());
        }
        self.names.truncate(known);
    }

    fn lists(&mut self, key: &str, left: &[Value], right: &[Value]) {
        match (self.names_of(key, left), self.names_of(key, right)) {
            (Some(left_names), Some(right_names)) => self.named(left, &left_names, right, &right_names),
            _ => self.series(left, right),
        }
    }

    fn named(&mut self, left: &[Value], left_names: &[String], right: &[Value], right_names: &[String]) {
        let find = |names: &[String], name: &String| names.iter().position(|other| other == name);
        for (value, name) in left.iter().zip(left_names) {
            self.path.push(name.clone());
            match find(right_names, name) {
                Some(at) => self.values(value, &right[at]),
                None => self.add(Change::Gone { recorded: summary(value) }),
            }
            self.path.pop();
        }
        for (value, name) in right.iter().zip(right_names).filter(|(_, name)| find(left_names, name).is_none()) {
            self.path.push(name.clone());
            self.add(Change::New { found: summary(value) });
            self.path.pop();
        }
        let order = |names: &[String], others: &[String]| -> Vec<String> {
            names.iter().filter(|name| others.contains(name)).cloned().collect()
        };
        if order(left_names, right_names) != order(right_names, left_names) {
            self.path.push("order".to_string());
            self.add(Change::Value { recorded: left_names.join(", "), found: right_names.join(", ") });
            self.path.pop();
        }
    }

    fn series(&mut self, left: &[Value], right: &[Value]) {
        let scalar = |values: &[Value]| values.len() == 1 && !values[0].is_object() && !values[0].is_array();
        if scalar(left) && scalar(right) {
            return self.values(&left[0], &right[0]);
        }
        let mut largest = 0.0f64;
        let mut differing = left.len().abs_diff(right.len());
        for (value, other) in left.iter().zip(right) {
            let within = compare(value, other, self.tolerance);
            self.comparison.numbers += within.numbers;
            differing += usize::from(!within.differences.is_empty());
            for difference in within.differences {
                match difference.change {
                    Change::Number { recorded, found } => largest = largest.max((recorded - found).abs()),
                    Change::Series { largest: inner, .. } => largest = largest.max(inner),
                    _ => {}
                }
            }
        }
        if differing > 0 {
            let words = |values: &[Value]| values.iter().map(summary).collect::<Vec<_>>().join(", ");
            let all_words = |values: &[Value]| values.iter().all(Value::is_string);
            self.add(if all_words(left) && all_words(right) {
                Change::Value { recorded: words(left), found: words(right) }
            } else {
                Change::Series { differing, recorded_entries: left.len(), found_entries: right.len(), largest }
            });
        }
    }

    /// What names the entries of a list: keys of their own, or another list beside or above it. `None` where nothing does.
    fn names_of(&self, key: &str, entries: &[Value]) -> Option<Vec<String>> {
        let own: Option<Vec<String>> = entries.iter().map(|entry| entry.as_object().and_then(own_name)).collect();
        let names = own.or_else(|| {
            let list = NAMED_BY.iter().find(|(list, _)| *list == key).map(|(_, by)| *by)?;
            let (_, names) =
                self.names.iter().rev().find(|(name, names)| *name == list && names.len() == entries.len())?;
            Some(names.clone())
        })?;
        Some(distinct(names))
    }

    fn add(&mut self, change: Change) {
        self.comparison.differences.push(Difference { path: self.path.clone(), change });
    }
}

fn close(left: f64, right: f64, tolerance: f64) -> bool {
    tolerance > 0.0 && (left - right).abs() <= tolerance * left.abs().max(right.abs()).max(1.0)
}

/// Lists in the order of another list: the metrics of a row in the order of the columns, …
const NAMED_BY: [(&str, &str); 4] =
    [("metrics", "metrics"), ("rates", "rate_times"), ("at_risk", "risk_table_times"), ("cells", "sets")];

/// The lists of an object that name others.
fn naming_lists(object: &Map<String, Value>) -> Vec<(&'static str, Vec<String>)> {
    let named = NAMED_BY.iter().filter_map(|(_, list)| {
        let entries = object.get(*list)?.as_array()?;
        let names: Option<Vec<String>> = entries
            .iter()
            .map(|entry| match entry {
                Value::Object(entry) => own_name(entry),
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect();
        Some((*list, names?))
    });
    named.collect()
}

/// What an entry of a list is called: its identifier if it has one, else all that says which entry it is.
fn own_name(entry: &Map<String, Value>) -> Option<String> {
    const IDENTIFIERS: [&str; 2] = ["id", "name"];
    const PARTS: [&str; 12] = [
        "model",
        "subgroup",
        "partition",
        "set",
        "outcome",
        "variable",
        "level",
        "term",
        "action",
        "metric",
        "code",
        "show",
    ];
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_string);
    if let Some(name) = IDENTIFIERS.iter().find_map(|key| text(key)) {
        return Some(name);
    }
    let parts: Vec<String> = PARTS.iter().filter_map(|key| text(key)).collect();
    if parts.is_empty() { text("label") } else { Some(parts.join(" / ")) }
}

/// The same names, numbered where they repeat.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    names
        .into_iter()
        .map(|name| {
            let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
            if *count == 1 { name } else { format!("{name} #{count}") }
        })
        .collect()
}

/// A key as a step of a path; keys that only hold the tree together are no step.
fn step_of_key(key: &str) -> Option<String> {
    if ["value", "rows", "analyses"].contains(&key) { None } else { Some(readable(key)) }
}

fn readable(name: &str) -> String {
    let words = name.split('_').map(|word| match word {
        "auc" => "AUC",
        "roc" => "ROC",
        "auprc" => "AUPRC",
        "p" => "P",
        word => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

fn summary(value: &Value) -> String {
    const LONGEST: usize = 80;
    match value {
        Value::String(text) if text.chars().count() > LONGEST => text.chars().take(LONGEST).chain(['…']).collect(),
        Value::String(text) => text.clone(),
        Value::Array(entries) if entries.iter().all(|entry| !entry.is_object() && !entry.is_array()) => {
            let words: Vec<String> = entries.iter().map(summary).collect();
            summary(&Value::String(format!("[{}]", words.join(", "))))
        }
        Value::Array(entries) => format!("{} entries", entries.len()),
        Value::Object(object) => match object.get("value") {
            Some(value @ Value::Number(_)) => summary(value),
            _ => own_name(object).unwrap_or_else(|| {
                let keys: Vec<&str> = object.keys().map(String::as_str).collect();
                summary(&Value::String(keys.join(", ")))
            }),
        },
        other => other.to_string(),
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.join(" / ");
        match &self.change {
            Change::Number { recorded, found } => {
                let pair = distinguishable(*recorded, *found);
                write!(formatter, "{path}: {} → {}", pair.recorded, pair.found)
            }
            Change::Value { recorded, found } => write!(formatter, "{path}: {recorded} → {found}"),
            Change::Gone { recorded } => write!(formatter, "{path}: {recorded} → nothing"),
            Change::New { found } => write!(formatter, "{path}: nothing → {found}"),
            Change::Series { differing, recorded_entries, found_entries, largest } => {
                if recorded_entries == found_entries {
                    write!(formatter, "{path}: {differing} of {found_entries} entries differ")?;
                } else {
                    write!(formatter, "{path}: {recorded_entries} entries → {found_entries} entries")?;
                }
                if *largest > 0.0 { write!(formatter, ", by {} at most", rounded(*largest, 2)) } else { Ok(()) }
            }
        }
    }
}

struct PairOfTexts {
    recorded: String,
    found: String,
}

/// Both numbers with as few digits, three at least, as tell them apart.
fn distinguishable(recorded: f64, found: f64) -> PairOfTexts {
    let texts = |digits| PairOfTexts { recorded: rounded(recorded, digits), found: rounded(found, digits) };
    let enough = (3..=17).map(texts).find(|pair| pair.recorded != pair.found);
    enough.unwrap_or_else(|| texts(17))
}

fn rounded(number: f64, digits: usize) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number}");
    }
    let shorter = format!("{number:.*e}", digits - 1).parse::<f64>().unwrap_or(number);
    if shorter.abs() < 1e-4 { format!("{shorter:e}") } else { format!("{shorter}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(recorded: Value, found: Value) -> Vec<String> {
        compare(&recorded, &found, 0.0).differences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_path_reads_like_the_report() {
        let row = |auc: f64| json!({"model": "logistic", "partition": "test", "n": 12, "auc": {"value": auc, "n": 12}});
        let tree = |auc| json!({"analyses": [{"id": "performance", "rows": [row(auc)]}]});
        assert_eq!(words(tree(0.712), tree(0.713)), ["performance / logistic / test / AUC: 0.712 → 0.713"]);
        assert!(words(tree(0.712), tree(0.712)).is_empty());
        assert_eq!(compare(&tree(0.712), &tree(0.713), 0.0).numbers, 3);
    }

    #[test]
    fn an_entry_that_was_added_leaves_the_others_alone() {
        let row = |model: &str| json!({"model": model, "auc": 0.7});
        let (three, two) = (json!([row("a"), row("b"), row("c")]), json!([row("a"), row("c")]));
        assert_eq!(words(two.clone(), three.clone()), ["b: nothing → b"]);
        assert_eq!(words(three, two), ["b: b → nothing"]);
    }

    #[test]
    fn metrics_have_the_names_of_their_columns() {
        let tree = |value: f64| {
            json!({"metrics": [{"id": "sensitivity"}, {"id": "specificity"}],
                   "rows": [{"model": "m", "metrics": [{"value": value}, null]}]})
        };
        assert_eq!(words(tree(0.5), tree(0.25)), ["m / metrics / sensitivity: 0.5 → 0.25"]);
    }

    #[test]
    fn a_curve_is_one_difference() {
        let curve = |end: f64| json!({"curve": [{"time": 0.0, "survival": 1.0}, {"time": 1.0, "survival": end}]});
        assert_eq!(words(curve(0.5), curve(0.25)), ["curve: 1 of 2 entries differ, by 0.25 at most"]);
    }

    #[test]
    fn as_many_digits_as_tell_two_numbers_apart() {
        let tree = |value: f64| json!({"brier": value});
        assert_eq!(words(tree(0.1234567), tree(0.1234561)), ["brier: 0.123457 → 0.123456"]);
        assert_eq!(words(tree(1e-20), tree(2e-20)), ["brier: 1e-20 → 2e-20"]);
        assert_eq!(words(tree(3.0), tree(f64::from_bits(3.0f64.to_bits() + 1))), ["brier: 3 → 3.0000000000000004"]);
    }

    #[test]
    fn names_that_repeat_are_told_apart() {
        let tree = |last: f64| json!([{"model": "m", "p": 1.0}, {"model": "m", "p": last}]);
        assert_eq!(words(tree(0.5), tree(0.25)), ["m #2 / P: 0.5 → 0.25"]);
    }

    #[test]
    fn a_change_of_order_is_a_difference() {
        let (left, right) = (json!([{"id": "a"}, {"id": "b"}]), json!([{"id": "b"}, {"id": "a"}]));
        assert_eq!(words(left, right), ["order: a, b → b, a"]);
    }

    #[test]
    fn within_a_tolerance_numbers_count_as_equal() {
        let tree = |value: f64| json!({"slope": value});
        assert!(compare(&tree(1.0), &tree(1.0005), 1e-3).differences.is_empty());
        assert_eq!(compare(&tree(1.0), &tree(1.002), 1e-3).differences.len(), 1);
    }
}
