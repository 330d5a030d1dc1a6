//! A draft without the keys that change nothing: what a study says by itself, its author need not read.

use crate::spec::raw::RawStudy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

/// The study in its order, with only those keys that mean something else than their absence.
pub(super) fn without_defaults(study: &RawStudy) -> serde_yaml::Result<Value> {
    // A wide table has many variables: each is looked at alone.
    let variables = study.variables.iter().map(|(name, variable)| Ok((name.as_str().into(), needed(variable)?)));
    let variables: Mapping = variables.collect::<serde_yaml::Result<_>>()?;
    let mut rest = needed(&RawStudy { variables: indexmap::IndexMap::new(), ..study.clone() })?;
    let mut draft = Mapping::new();
    for (key, _) in serde_yaml::to_value(study)?.as_mapping().into_iter().flatten() {
        if key.as_str() == Some("variables") {
            draft.insert(key.clone(), Value::Mapping(variables.clone()));
        } else if let Some(value) = rest.as_mapping_mut().and_then(|rest| rest.remove(key)) {
            draft.insert(key.clone(), value);
        }
    }
    Ok(Value::Mapping(draft))
}

/// A key is needed where the item reads otherwise without it.
fn needed<T: Serialize + DeserializeOwned + PartialEq>(item: &T) -> serde_yaml::Result<Value> {
    let mut tree = serde_yaml::to_value(item)?;
    prune(&mut tree, &mut Vec::new(), item);
    Ok(tree)
}

fn prune<T: DeserializeOwned + PartialEq>(tree: &mut Value, path: &mut Vec<Value>, item: &T) {
    let Some(here) = at(tree, path) else { return };
    let steps: Vec<Value> = match here {
        Value::Mapping(entries) => entries.keys().cloned().collect(),
        Value::Sequence(items) => (0..items.len()).map(Value::from).collect(),
        _ => return,
    };
    for step in steps {
        let mut without = tree.clone();
        let removed = match at(&mut without, path) {
            Some(Value::Mapping(entries)) => entries.shift_remove(&step).is_some(),
            _ => false,
        };
        if removed && serde_yaml::from_value::<T>(without.clone()).is_ok_and(|read| read == *item) {
            *tree = without;
        } else {
            path.push(step);
            prune(tree, path, item);
            path.pop();
        }
    }
}

fn at<'a>(tree: &'a mut Value, path: &[Value]) -> Option<&'a mut Value> {
    path.iter().try_fold(tree, |node, step| match node {
        Value::Mapping(entries) => entries.get_mut(step),
        Value::Sequence(items) => items.get_mut(usize::try_from(step.as_u64()?).ok()?),
        _ => None,
    })
}
