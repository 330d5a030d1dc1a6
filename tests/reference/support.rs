//! Reads the reference files and keeps count of what was checked.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub fn reference_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference")
}

pub fn topic(file: &str) -> Value {
    let path = reference_folder().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A number of the reference files: "NaN", "Inf" and "-Inf" are texts there, NA is null.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text == "NaN" => Some(f64::NAN),
        Value::String(text) if text == "Inf" => Some(f64::INFINITY),
        Value::String(text) if text == "-Inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// How many scalar values lie below `value`.
pub fn count_values(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count_values).sum(),
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "rownames" | "colnames" | "names"))
            .map(|(_, item)| count_values(item))
            .sum(),
        _ => 1,
    }
}

/// One column of a CSV file of the reference folder, as text; NA is an empty field.
pub fn csv(file: &str) -> BTreeMap<String, Vec<String>> {
    let path = reference_folder().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines = text.lines();
    let split = |line: &str| line.split(',').map(|field| field.trim_matches('"').to_string()).collect::<Vec<_>>();
    let header = split(lines.next().unwrap_or_default());
    let mut columns: BTreeMap<String, Vec<String>> = header.iter().map(|name| (name.clone(), Vec::new())).collect();
    for line in lines {
        for (name, field) in header.iter().zip(split(line)) {
            if let Some(column) = columns.get_mut(name) {
                column.push(field);
            }
        }
    }
    columns
}

pub fn floats(column: &[String]) -> Vec<f64> {
    column.iter().map(|field| field.parse().unwrap_or(f64::NAN)).collect()
}

/// Counts the values of one topic: each is checked against ours, or listed as not covered with a reason.
#[derive(Default)]
pub struct Coverage {
    topic: String,
    present: usize,
    checked: usize,
    not_covered: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Coverage {
    pub fn of(topic: &str, document: &Value) -> Self {
        let present = document["cases"]
            .as_array()
            .map_or(0, |cases| cases.iter().map(|case| count_values(&case["values"])).sum());
        Self { topic: topic.to_string(), present, ..Self::default() }
    }

    /// `actual` is the reference's value to `relative` (and, near zero, to the same absolute) tolerance.
    pub fn check(&mut self, what: &str, actual: f64, reference: &Value, relative: f64) {
        self.checked += 1;
        let agrees = match number(reference) {
            None => actual.is_nan(),
            Some(expected) if expected.is_nan() => actual.is_nan(),
            Some(expected) if expected.is_infinite() => actual == expected,
            Some(expected) => {
                (actual - expected).abs() <= relative * expected.abs().max(f64::MIN_POSITIVE) || actual == expected
            }
        };
        if !agrees {
            self.failures.push(format!("{what}: ours {actual:e}, reference {reference}"));
        }
    }

    /// As `check`, for values that are differences near zero: `absolute` is allowed too.
    pub fn check_near(&mut self, what: &str, actual: f64, reference: &Value, relative: f64, absolute: f64) {
        match number(reference) {
            Some(expected) if (actual - expected).abs() <= absolute => self.checked += 1,
            _ => self.check(what, actual, reference, relative),
        }
    }

    /// A condition that the reference states in another form (an error, a name, a count).
    pub fn check_that(&mut self, what: &str, values: usize, holds: bool) {
        self.checked += values;
        if !holds {
            self.failures.push(what.to_string());
        }
    }

    pub fn not_covered(&mut self, reason: &str, value: &Value) {
        *self.not_covered.entry(reason.to_string()).or_default() += count_values(value);
    }

    /// Prints the coverage, and fails with all disagreements at once or when a value was neither checked nor listed.
    pub fn finish(self) {
        let listed: usize = self.not_covered.values().sum();
        println!(
            "{}: {} of {} reference values checked, {} not covered",
            self.topic, self.checked, self.present, listed
        );
        for (reason, count) in &self.not_covered {
            println!("  {count} not covered: {reason}");
        }
        assert!(
            self.failures.is_empty(),
            "{}: {} disagree\n{}",
            self.topic,
            self.failures.len(),
            self.failures.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
        );
        assert_eq!(self.checked + listed, self.present, "{}: every value is checked or listed", self.topic);
    }
}
