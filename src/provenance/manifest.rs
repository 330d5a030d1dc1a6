//! `manifest.json`: what went in, what made it, what came out, each by its hash. It has no clock, host or path in it, so
//! two runs of one study write the same manifest.

use crate::data::hash::sha256;
use crate::pipeline::{NUMERIC_CLASS, Prepared};
use serde::{Deserialize, Serialize};

pub const FILE_NAME: &str = "manifest.json";
const SCHEMA: &str = "manifest/1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub schema: String,
    pub program: String,
    pub version: String,
    pub numeric_class: String,
    pub study: String,
    pub seed: u64,
    pub inputs: Vec<HashedFile>,
    pub outputs: Vec<HashedFile>,
    /// The spec, word for word.
    pub spec: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HashedFile {
    pub name: String,
    pub sha256: String,
    /// Holds rows of subjects: it stays with whoever holds the data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subject_level: bool,
}

impl Manifest {
    pub fn new(prepared: &Prepared, outputs: &[super::output::OutputFile]) -> Self {
        let study = &prepared.study;
        Self {
            schema: SCHEMA.to_string(),
            program: env!("CARGO_PKG_NAME").to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            numeric_class: NUMERIC_CLASS.to_string(),
            study: study.spec.id.clone(),
            seed: study.spec.seed,
            inputs: vec![
                HashedFile {
                    name: "study.yaml".to_string(),
                    sha256: sha256(study.source.text.as_bytes()),
                    subject_level: false,
                },
                HashedFile {
                    name: prepared.input.name.clone(),
                    sha256: prepared.file_sha256.clone(),
                    subject_level: true,
                },
            ],
            outputs: outputs
                .iter()
                .map(|file| HashedFile {
                    name: file.name.clone(),
                    sha256: sha256(&file.bytes),
                    subject_level: file.subject_level,
                })
                .collect(),
            spec: study.source.text.clone(),
        }
    }

    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The manifest of a folder that holds a report; `None` for any other folder.
    pub fn of_folder(folder: &std::path::Path) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join(FILE_NAME)).ok()?;
        let manifest: Self = serde_json::from_str(&text).ok()?;
        (manifest.schema == SCHEMA).then_some(manifest)
    }
}
