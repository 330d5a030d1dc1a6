//! `study.lock`: the spec and inputs of a study as they were when somebody said "these". A sealed run refuses others.

use super::manifest::{HashedInput, inputs};
use crate::data::hash::sha256;
use crate::pipeline::Prepared;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "lock/1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    pub schema: String,
    pub study: String,
    /// Of the study's meaning: comments, layout and the places of its files do not count.
    pub spec_sha256: String,
    pub inputs: Vec<HashedInput>,
}

/// Something that is not what the lock says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("the spec says something else than when it was locked")]
    Spec,
    #[error("the input `{name}` is not the locked one: SHA-256 {locked} was locked, {found} is there")]
    Input { name: String, locked: String, found: String },
    #[error("the locked input `{name}` is not among the inputs any more")]
    Gone { name: String },
    #[error("the input `{name}` was not there when the study was locked")]
    New { name: String },
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("there is no `{path}`: `vouch lock` writes it")]
    Missing { path: PathBuf },
    #[error("`{path}` cannot be read: {error}")]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("`{path}` is not a lock of this version ({SCHEMA}): {error}")]
    Layout { path: PathBuf, error: String },
}

impl Lock {
    pub fn of(prepared: &Prepared) -> serde_json::Result<Self> {
        Ok(Self {
            schema: SCHEMA.to_string(),
            study: prepared.study.spec.id.clone(),
            spec_sha256: sha256(prepared.study.canonical_json()?.as_bytes()),
            inputs: inputs(prepared),
        })
    }

    /// The lock lies beside the spec and has its name: `study.lock` of `study.yaml`.
    pub fn path(spec: &Path) -> PathBuf {
        spec.with_extension("lock")
    }

    pub fn read(spec: &Path) -> Result<Self, LockError> {
        let path = Self::path(spec);
        let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => LockError::Missing { path: path.clone() },
            _ => LockError::Unreadable { path: path.clone(), error },
        })?;
        let layout = |error: String| LockError::Layout { path: path.clone(), error };
        let lock: Self = serde_json::from_str(&text).map_err(|error| layout(error.to_string()))?;
        if lock.schema == SCHEMA { Ok(lock) } else { Err(layout(format!("it says {}", lock.schema))) }
    }

    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// All that differs between what was locked and what is there.
    pub fn broken(&self, now: &Lock) -> Vec<Broken> {
        let mut broken = Vec::new();
        if self.spec_sha256 != now.spec_sha256 {
            broken.push(Broken::Spec);
        }
        for input in &self.inputs {
            match now.inputs.iter().find(|other| other.name == input.name) {
                Some(other) if same(input, other) => {}
                Some(other) => broken.push(Broken::Input {
                    name: input.name.clone(),
                    locked: input.sha256.clone(),
                    found: other.sha256.clone(),
                }),
                None => broken.push(Broken::Gone { name: input.name.clone() }),
            }
        }
        for input in &now.inputs {
            if !self.inputs.iter().any(|other| other.name == input.name) {
                broken.push(Broken::New { name: input.name.clone() });
            }
        }
        broken
    }
}

/// A table whose rows stand in another order is the same input: its results are the same, bit for bit.
fn same(locked: &HashedInput, found: &HashedInput) -> bool {
    locked.sha256 == found.sha256 || (locked.content_sha256.is_some() && locked.content_sha256 == found.content_sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, bytes: &str, content: Option<&str>) -> HashedInput {
        HashedInput {
            name: name.to_string(),
            sha256: bytes.to_string(),
            content_sha256: content.map(str::to_string),
            subject_level: true,
        }
    }

    fn lock(inputs: Vec<HashedInput>) -> Lock {
        Lock { schema: SCHEMA.to_string(), study: "s".to_string(), spec_sha256: "1".to_string(), inputs }
    }

    #[test]
    fn rows_in_another_order_are_the_same_input() {
        let locked = lock(vec![input("t.csv", "a", Some("x"))]);
        assert!(locked.broken(&lock(vec![input("t.csv", "b", Some("x"))])).is_empty());
        assert_eq!(locked.broken(&lock(vec![input("t.csv", "b", Some("y"))])).len(), 1);
        // A file without a content of its own is its bytes.
        assert_eq!(lock(vec![input("m", "a", None)]).broken(&lock(vec![input("m", "b", None)])).len(), 1);
    }

    #[test]
    fn inputs_that_came_or_went_break_it() {
        let (one, two) = (lock(vec![input("a", "1", None)]), lock(vec![input("b", "1", None)]));
        assert_eq!(one.broken(&two).len(), 2);
    }
}
