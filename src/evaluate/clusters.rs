//! Which rows belong together, as the lesions of one patient do: equal values of a variable.

use super::{Context, EvaluateError, pick};
use crate::data::VariableData;
use std::collections::BTreeMap;

/// The cluster of every subject of the cohort; `None` where the variable has no value.
pub(super) fn clusters(context: Context<'_>, variable: &str) -> Result<Vec<Option<usize>>, EvaluateError> {
    match context.cohort.variables.get(variable) {
        Some(VariableData::Levels(levels)) => Ok(levels.clone()),
        Some(VariableData::Continuous(values)) => Ok(numbered(values)),
        None => Err(EvaluateError::Other(format!("there is no variable `{variable}`"))),
    }
}

/// The clusters of these rows, each of which must have one: a row that is left out would change every count beside it.
pub(super) fn clusters_of_all(
    context: Context<'_>,
    variable: &str,
    partition: &str,
    rows: &[usize],
) -> Result<Vec<usize>, EvaluateError> {
    let known: Vec<usize> = pick(&clusters(context, variable)?, rows).into_iter().flatten().collect();
    if known.len() == rows.len() {
        return Ok(known);
    }
    // Without a number: the message is printed with the results.
    Err(EvaluateError::Other(format!(
        "some rows of `{partition}` have no value of `{variable}`, so it is not known what they belong to; exclude them"
    )))
}

/// Equal numbers get one label.
fn numbered(values: &[Option<f64>]) -> Vec<Option<usize>> {
    // Adding zero makes one number of the two zeros.
    let key = |value: f64| (value + 0.0).to_bits();
    let mut labels: BTreeMap<u64, usize> = values.iter().flatten().map(|value| (key(*value), 0)).collect();
    for (label, entry) in labels.values_mut().enumerate() {
        *entry = label;
    }
    values.iter().map(|value| value.and_then(|value| labels.get(&key(value)).copied())).collect()
}

/// For each row the kind of its cluster: with the event only, without it only, or both. Clusters drawn within these kinds
/// leave no replicate without one of the classes.
pub(super) fn kinds_of_clusters(cluster: &[usize], outcome: &[bool]) -> Vec<usize> {
    let mut seen: BTreeMap<usize, [bool; 2]> = BTreeMap::new();
    for (cluster, event) in cluster.iter().zip(outcome) {
        seen.entry(*cluster).or_default()[usize::from(*event)] = true;
    }
    cluster
        .iter()
        .map(|cluster| match seen[cluster] {
            [true, true] => 2,
            [_, event] => usize::from(event),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one_cluster_and_a_missing_one_is_none() {
        let values = [Some(7.0), None, Some(0.0), Some(7.0), Some(-0.0)];
        assert_eq!(numbered(&values), [Some(1), None, Some(0), Some(1), Some(0)]);
    }

    #[test]
    fn a_cluster_is_of_the_kind_that_its_rows_make_it() {
        assert_eq!(kinds_of_clusters(&[4, 4, 9, 2, 2], &[true, false, true, false, false]), [2, 2, 1, 0, 0]);
    }
}
