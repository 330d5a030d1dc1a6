//! Which values of the study's variables are missing, and which of them together.

use crate::data::VariableData;
use crate::results::{MissingPattern, MissingValues, MissingVariable};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// More combinations than this are counted together.
const LISTED: usize = 40;

/// The combinations of missing variables with how many subjects have each, the most frequent first, of equals the one
/// whose first variable comes first. `None` where nothing is missing.
pub(super) fn pattern(variables: &IndexMap<String, VariableData>, n: usize) -> Option<MissingValues> {
    let incomplete: Vec<(&String, &VariableData)> = variables.iter().filter(|(_, data)| data.missing() > 0).collect();
    if incomplete.is_empty() {
        return None;
    }
    let mut counts: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    for row in 0..n {
        let absent = (0..incomplete.len()).filter(|&at| incomplete[at].1.is_missing(row)).collect();
        *counts.entry(absent).or_default() += 1;
    }
    let complete = counts.remove(&Vec::new()).unwrap_or(0);
    let mut patterns: Vec<(Vec<usize>, usize)> = counts.into_iter().collect();
    patterns.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let others = patterns.iter().skip(LISTED).map(|(_, subjects)| subjects).sum();
    patterns.truncate(LISTED);
    Some(MissingValues {
        n,
        complete,
        variables: incomplete
            .iter()
            .map(|(name, data)| MissingVariable { variable: (*name).clone(), missing: data.missing() })
            .collect(),
        patterns: patterns
            .into_iter()
            .map(|(absent, subjects)| MissingPattern {
                variables: absent.into_iter().map(|at| incomplete[at].0.clone()).collect(),
                subjects,
            })
            .collect(),
        others,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_by_hand() {
        let some = |flags: [u8; 5]| VariableData::Continuous(flags.map(|flag| (flag == 1).then_some(1.0)).to_vec());
        let variables = IndexMap::from([
            ("age".to_string(), some([1, 1, 1, 1, 1])),
            ("size".to_string(), some([0, 0, 1, 0, 1])),
            ("grade".to_string(), some([1, 1, 0, 0, 1])),
        ]);
        let found = pattern(&variables, 5).unwrap();
        assert_eq!((found.n, found.complete, found.others), (5, 1, 0));
        let missing: Vec<(&str, usize)> =
            found.variables.iter().map(|variable| (variable.variable.as_str(), variable.missing)).collect();
        assert_eq!(missing, [("size", 3), ("grade", 2)]);
        let patterns: Vec<(String, usize)> =
            found.patterns.iter().map(|pattern| (pattern.variables.join("+"), pattern.subjects)).collect();
        let wanted = [("size", 2), ("size+grade", 1), ("grade", 1)].map(|(name, count)| (name.to_string(), count));
        assert_eq!(patterns, wanted);
        assert!(pattern(&IndexMap::from([("age".to_string(), some([1; 5]))]), 5).is_none());
    }
}
