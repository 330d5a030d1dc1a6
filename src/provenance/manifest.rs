//! `manifest.json`: what went in, what made it, what came out, each by its hash, and all that is needed to make it again.
//! It has no clock and no host in it, and a place only as seen from the report, so two runs of one study write the same
//! manifest.

use super::output::OutputFile;
use super::templates;
use crate::data::hash::sha256;
use crate::pipeline::{self, Prepared, ReadFile};
use serde::{Deserialize, Serialize};
use std::path::{Component, Path, PathBuf};

pub const FILE_NAME: &str = "manifest.json";
const SCHEMA: &str = "manifest/2";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub schema: String,
    pub program: String,
    pub version: String,
    /// Optional parts that the program was built with.
    pub features: Vec<String>,
    pub numeric_class: String,
    pub study: String,
    /// All that is random derives from it.
    pub seed: u64,
    pub spec: SpecFile,
    pub inputs: Vec<HashedInput>,
    pub templates: Vec<HashedFile>,
    pub outputs: Vec<HashedFile>,
}

/// The spec, word for word, so that a report can be made again without its file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpecFile {
    pub name: String,
    /// Seen from the folder of the report. Absent where the way from one to the other leaves the folder in which the
    /// program was started: it would name folders of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The profile that was laid over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    pub sha256: String,
    pub text: String,
}

/// A file that the spec names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HashedInput {
    pub name: String,
    /// Of its bytes.
    pub sha256: String,
    /// Of what a table says, whatever the order of its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    /// Holds rows of subjects: it stays with whoever holds the data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subject_level: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HashedFile {
    pub name: String,
    pub sha256: String,
    /// Holds rows of subjects: it stays with whoever holds the data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subject_level: bool,
}

/// Why there is no manifest to go by.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("`{path}` cannot be read: {error}")]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("`{path}` is not the manifest of a report: {error}")]
    Json { path: PathBuf, error: serde_json::Error },
    #[error(
        "`{path}` has the layout {}, this program reads {SCHEMA}: run the study again to write a new report",
        .found.as_deref().unwrap_or("of no version")
    )]
    Schema { path: PathBuf, found: Option<String> },
}

impl Manifest {
    /// The manifest of a report that is about to be written to `folder`.
    pub fn new(prepared: &Prepared, outputs: &[OutputFile], folder: &Path) -> Self {
        let study = &prepared.study;
        Self {
            schema: SCHEMA.to_string(),
            program: env!("CARGO_PKG_NAME").to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            features: features(),
            numeric_class: prepared.numeric_class.clone(),
            study: study.spec.id.clone(),
            seed: study.spec.seed,
            spec: spec_file(prepared, folder),
            inputs: inputs(prepared),
            templates: templates::hashed(),
            outputs: outputs
                .iter()
                .map(|file| HashedFile {
                    name: file.name.clone(),
                    sha256: sha256(&file.bytes),
                    subject_level: file.subject_level,
                })
                .collect(),
        }
    }

    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The manifest of the report in `folder`.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join(FILE_NAME);
        let text =
            std::fs::read_to_string(&path).map_err(|error| ManifestError::Unreadable { path: path.clone(), error })?;
        Self::parse(&text, &path)
    }

    /// The manifest that a text holds; `path` is what errors name.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ManifestError> {
        let json = |error| ManifestError::Json { path: path.to_path_buf(), error };
        let tree: serde_json::Value = serde_json::from_str(text).map_err(json)?;
        match tree.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => serde_json::from_value(tree).map_err(json),
            found => Err(ManifestError::Schema { path: path.to_path_buf(), found: found.map(str::to_string) }),
        }
    }
}

/// What the report in `folder` consists of, by a manifest of any version; `None` for a folder that holds no report.
pub fn files_of_report(folder: &Path) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct AnyVersion {
        schema: String,
        outputs: Vec<Named>,
    }
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    let text = std::fs::read_to_string(folder.join(FILE_NAME)).ok()?;
    let manifest: AnyVersion = serde_json::from_str(&text).ok()?;
    let names = manifest.outputs.into_iter().map(|file| file.name).chain([FILE_NAME.to_string()]);
    manifest.schema.starts_with("manifest/").then(|| names.collect())
}

/// The spec of a study whose report is written to `folder`.
pub fn spec_file(prepared: &Prepared, folder: &Path) -> SpecFile {
    let source = &prepared.study.source;
    let path = Path::new(&source.name);
    SpecFile {
        name: file_name(path),
        location: location(path, folder),
        profile: prepared.study.profiles.used.clone(),
        sha256: sha256(source.text.as_bytes()),
        text: source.text.clone(),
    }
}

/// Every file that the spec names, with its hashes.
pub fn inputs(prepared: &Prepared) -> Vec<HashedInput> {
    let hashed = |file: ReadFile| HashedInput {
        name: file.input.name,
        sha256: file.file_sha256,
        content_sha256: Some(file.input.content_sha256),
        subject_level: true,
    };
    let data = pipeline::inputs(prepared).into_iter().map(hashed);
    let published = prepared.study.published.iter().map(|file| HashedInput {
        name: file.name.clone(),
        sha256: sha256(file.text.as_bytes()),
        content_sha256: None,
        subject_level: false,
    });
    data.chain(published).collect()
}

/// The optional parts of the program that are built in: none is optional so far.
pub fn features() -> Vec<String> {
    Vec::new()
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The way from a folder, which need not exist yet, to a file; `None` where it leaves the current folder.
fn location(file: &Path, folder: &Path) -> Option<String> {
    let root = std::env::current_dir().and_then(|path| path.canonicalize()).ok()?;
    let file = file.canonicalize().ok()?;
    let folder = existing(&root.join(folder))?;
    let (file, folder) = (file.strip_prefix(&root).ok()?, folder.strip_prefix(&root).ok()?);
    let common = file.components().zip(folder.components()).take_while(|(left, right)| left == right).count();
    let up = folder.components().skip(common).map(|_| "..");
    let down = file.components().skip(common).map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>()?;
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}

/// A path without links and dots as far as it exists, and the rest as it is.
fn existing(path: &Path) -> Option<PathBuf> {
    let mut rest = Vec::new();
    let mut at = path;
    loop {
        if let Ok(found) = at.canonicalize() {
            return Some(rest.iter().rev().fold(found, |path, part| path.join(part)));
        }
        match at.components().next_back()? {
            Component::Normal(name) => rest.push(name),
            _ => return None,
        }
        at = at.parent()?;
    }
}
