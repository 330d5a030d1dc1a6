//! Finds in a result tree what can be pooled, each under the path that names it: analysis, model, partition, variable.

use crate::results::Results;
use crate::stats::Estimate;
use crate::stats::meta_analysis::transform::PoolingScale;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    Auc,
    Concordance,
    HazardRatio,
    /// Observed over expected events.
    EventRatio,
    Intercept,
    Slope,
}

impl Quantity {
    pub fn label(self) -> &'static str {
        match self {
            Quantity::Auc => "AUC",
            Quantity::Concordance => "C index",
            Quantity::HazardRatio => "Hazard ratio",
            Quantity::EventRatio => "Ratio of observed to expected events",
            Quantity::Intercept => "Calibration intercept",
            Quantity::Slope => "Calibration slope",
        }
    }

    pub fn scale(self) -> PoolingScale {
        match self {
            Quantity::Auc | Quantity::Concordance => PoolingScale::Logit,
            Quantity::HazardRatio | Quantity::EventRatio => PoolingScale::Logarithm,
            Quantity::Intercept | Quantity::Slope => PoolingScale::Identity,
        }
    }

    /// A ratio's interval is symmetric on the log scale; what stands as its standard error may be of either scale.
    pub fn for_pooling(self, estimate: &Estimate) -> Estimate {
        let mut estimate = estimate.clone();
        if self.scale() == PoolingScale::Logarithm && estimate.interval.is_some() {
            estimate.standard_error = None;
        }
        estimate
    }

    /// What a key of the result tree names.
    fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "auc" => Quantity::Auc,
            "concordance" | "c_index" | "harrell_c" | "uno_c" => Quantity::Concordance,
            "hazard_ratio" => Quantity::HazardRatio,
            "expected_observed_ratio" | "observed_expected_ratio" => Quantity::EventRatio,
            "intercept" => Quantity::Intercept,
            "slope" => Quantity::Slope,
            _ => return None,
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Collected {
    pub quantity: Quantity,
    pub estimate: Estimate,
}

/// All that can be pooled in the results of one site.
pub fn estimates(results: &Results) -> IndexMap<Vec<String>, Collected> {
    let mut found = IndexMap::new();
    for analysis in &results.analyses {
        if let Ok(tree) = serde_json::to_value(&analysis.outcome) {
            walk(&tree, &mut vec![analysis.id.clone()], &mut found);
        }
    }
    found
}

fn walk(value: &Value, path: &mut Vec<String>, found: &mut IndexMap<Vec<String>, Collected>) {
    match value {
        Value::Object(object) => {
            let depth = path.len();
            path.extend(names(object));
            for (key, value) in object {
                let estimate = Quantity::of_key(key)
                    .and_then(|quantity| Some((quantity, serde_json::from_value::<Estimate>(value.clone()).ok()?)));
                match estimate {
                    Some((quantity, estimate)) => {
                        let turned = key == "expected_observed_ratio";
                        let estimate = if turned { estimate.reciprocal() } else { estimate };
                        let mut path = path.clone();
                        path.push(quantity.label().to_string());
                        found.insert(path, Collected { quantity, estimate });
                    }
                    None if value.is_array() || value.is_object() => {
                        // "univariable" and "multivariable" hold the same variables.
                        let says_which = key.ends_with("variable");
                        if says_which {
                            path.push(key.clone());
                        }
                        walk(value, path, found);
                        if says_which {
                            path.pop();
                        }
                    }
                    None => {}
                }
            }
            path.truncate(depth);
        }
        Value::Array(entries) => entries.iter().for_each(|entry| walk(entry, path, found)),
        _ => {}
    }
}

/// What tells an entry of a list from the others.
fn names(object: &Map<String, Value>) -> Vec<String> {
    const KEYS: [&str; 8] = ["model", "partition", "set", "cohort", "subgroup", "variable", "level", "term"];
    let text = |key: &&str| object.get(*key).and_then(Value::as_str).map(str::to_string);
    KEYS.iter().filter_map(text).collect()
}
