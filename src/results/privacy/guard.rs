//! The last look: an analysis that still holds a small count is withheld as a whole, whatever its kind.
//!
//! Counts are the integers of the result tree: every other number is written with a decimal point.

use super::Rule;
use crate::results::{Analysis, AnalysisOutcome};
use serde_json::Value;

/// Integers that count no subjects.
const OTHER: [&str; 12] = [
    "replicates",
    "folds",
    "repeats",
    "seed",
    "knots",
    "degree",
    "groups",
    "round",
    "minimum",
    "models",
    "columns",
    "parameters",
];

/// Whether the analysis was withheld.
pub(super) fn withhold(analysis: &mut Analysis, rule: Rule) -> bool {
    let Ok(tree) = serde_json::to_value(&analysis.outcome) else { return false };
    if !holds_small("", &tree, rule) {
        return false;
    }
    withhold_whole(analysis, &tree, rule);
    true
}

/// `tree`: of the analysis.
pub(super) fn withhold_whole(analysis: &mut Analysis, tree: &Value, rule: Rule) {
    let kind = tree.get("kind").and_then(Value::as_str).unwrap_or("analysis").replace('_', " ");
    analysis.outcome = AnalysisOutcome::NotComputed {
        declared: format!("The {kind} `{}`", analysis.id),
        why: format!("it is withheld, because it has a count of fewer than {} subjects", rule.minimum),
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Comparison;

    #[test]
    fn numbers_of_models_and_of_columns_count_no_subjects() {
        let rule = Rule { minimum: 5 };
        let tree = serde_json::json!({"overall": [{"models": 3, "n": 60}], "variance_inflation": [{"columns": 1}]});
        assert!(!holds_small("", &tree, rule));
        assert!(holds_small("", &serde_json::json!({"models": 3, "n": 4}), rule));
    }

    #[test]
    fn a_kind_that_nobody_thought_of_is_withheld_whole() {
        let analysis = |n: usize| Analysis {
            id: "tests".to_string(),
            outcome: AnalysisOutcome::Comparison(Comparison {
                outcome: "relapse".to_string(),
                level: 0.95,
                reference: "clinical".to_string(),
                adjustment: None,
                verdict: None,
                rows: vec![crate::results::ComparisonRow {
                    partition: "test".to_string(),
                    model: "marker".to_string(),
                    n,
                    auc_reference: 0.7,
                    auc_model: 0.6,
                    difference: crate::stats::Estimate::new(0.1, n),
                    test: crate::stats::Test {
                        statistic: Some(2.0),
                        distribution: crate::stats::NullDistribution::Resampled { replicates: 3 },
                        p_value: 0.05,
                        alternative: crate::stats::Alternative::TwoSided,
                        method: "made up".into(),
                    },
                    adjusted_p_value: None,
                    non_inferiority: None,
                    holds: None,
                }],
                overall: Vec::new(),
                too_few_for_all: Vec::new(),
            }),
        };
        let rule = Rule { minimum: 5 };
        let (mut few, mut enough) = (analysis(4), analysis(5));
        assert!(withhold(&mut few, rule) && matches!(few.outcome, AnalysisOutcome::NotComputed { .. }));
        assert!(!withhold(&mut enough, rule) && matches!(enough.outcome, AnalysisOutcome::Comparison(_)));
    }
}
