//! The last look: an analysis that still holds a small count is withheld as a whole, whatever its kind.
//!
//! Counts are the integers of the result tree: every other number is written with a decimal point.

use super::Rule;
use crate::results::{Analysis, AnalysisOutcome};
use serde_json::Value;

/// Integers that count no subjects.
const OTHER: [&str; 9] = ["replicates", "folds", "repeats", "seed", "knots", "degree", "groups", "round", "minimum"];

/// Whether the analysis was withheld.
pub(super) fn withhold(analysis: &mut Analysis, rule: Rule) -> bool {
    let Ok(tree) = serde_json::to_value(&analysis.outcome) else { return false };
    if !holds_small("", &tree, rule) {
        return false;
    }
    let kind = tree.get("kind").and_then(Value::as_str).unwrap_or("analysis").replace('_', " ");
    analysis.outcome = AnalysisOutcome::NotComputed {
        declared: format!("The {kind} `{}`", analysis.id),
        why: format!("it is withheld, because it has a count of fewer than {} subjects", rule.minimum),
    };
    true
}

fn holds_small(key: &str, value: &Value, rule: Rule) -> bool {
    match value {
        Value::Number(number) => {
            !OTHER.contains(&key)
                && number
                    .as_u64()
                    .and_then(|count| usize::try_from(count).ok())
                    .is_some_and(|count| rule.is_small(count))
        }
        Value::Array(items) => items.iter().any(|item| holds_small(key, item, rule)),
        Value::Object(fields) => fields.iter().any(|(key, value)| holds_small(key, value, rule)),
        _ => false,
    }
}
