//! The last look: an analysis that still holds a small count is withheld as a whole, whatever its kind.
//!
//! Counts are the integers of the result tree: every other number is written with a decimal point. Where subjects stand beside
//! those of them with the event, the others are a count too; so are those of a set whom an analysis of it is without.

use super::Rule;
use crate::results::{Analysis, AnalysisOutcome, PartitionFacts};
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
pub(super) fn withhold(analysis: &mut Analysis, partitions: &[PartitionFacts], rule: Rule) -> bool {
    let Ok(tree) = serde_json::to_value(&analysis.outcome) else { return false };
    if !holds_small("", &tree, rule) && !leaves_few(&tree, partitions, rule) {
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

/// The rest of those who are told, somewhere in the tree, is small.
fn leaves_few(value: &Value, partitions: &[PartitionFacts], rule: Rule) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| leaves_few(item, partitions, rule)),
        Value::Object(fields) => {
            let count = |key: &str| fields.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
            let set = fields.get("partition").and_then(Value::as_str);
            let set = set.and_then(|id| partitions.iter().find(|partition| partition.id == id));
            let rest = |of: Option<usize>, n: Option<usize>| Some(of?.abs_diff(n?));
            let rests = [rest(count("n"), count("events")), rest(set.map(|set| set.n), count("n"))];
            rests.into_iter().flatten().any(|rest| rule.is_small(rest))
                || fields.values().any(|value| leaves_few(value, partitions, rule))
        }
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

    /// A Cox analysis of 308 of the 310 subjects of its set told of two with a missing value.
    #[test]
    fn those_whom_an_analysis_is_without_are_a_count() {
        let set = PartitionFacts {
            id: "all".to_string(),
            label: "All".to_string(),
            says: String::new(),
            n: 310,
            outcomes: Vec::new(),
            union_of: Vec::new(),
        };
        let leaves_few =
            |tree: Value| leaves_few(&serde_json::json!([tree]), std::slice::from_ref(&set), Rule { minimum: 5 });
        assert!(leaves_few(serde_json::json!({"partition": "all", "n": 308, "events": 100})));
        assert!(!leaves_few(serde_json::json!({"partition": "all", "n": 304, "events": 100})));
        assert!(!leaves_few(serde_json::json!({"partition": "all", "n": 310, "events": 310})));
        assert!(leaves_few(serde_json::json!({"level": "II", "n": 20, "events": 18})), "two are without the event");
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
        assert!(withhold(&mut few, &[], rule) && matches!(few.outcome, AnalysisOutcome::NotComputed { .. }));
        assert!(!withhold(&mut enough, &[], rule) && matches!(enough.outcome, AnalysisOutcome::Comparison(_)));
    }
}
