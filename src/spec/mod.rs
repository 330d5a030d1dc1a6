//! The study spec: from the text that was typed to a study that can run, every problem with its place.

mod check;
mod check_images;
mod check_networks;
pub mod diagnostic;
mod profile;
mod published;
pub mod raw;
pub mod shape;
pub mod study;
pub mod tree;

pub use diagnostic::{Diagnostic, Severity, Source, Span};
pub use published::PublishedFile;
pub use study::{PartitionName, Profiles, Study};

use study::Reading;

use std::path::{Path, PathBuf};

/// The JSON Schema (draft-07) of `study.yaml`, generated from [`raw::RawStudy`].
pub fn schema() -> serde_json::Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<raw::RawStudy>().to_value()
}

/// The kinds of analysis that a study can declare under `statistics`, in the order of the schema.
pub fn statistic_kinds() -> Vec<String> {
    let schema = schema();
    let variants = schema["definitions"]["RawStatistic"]["oneOf"].as_array();
    let kinds = variants.into_iter().flatten().filter_map(|variant| variant["properties"]["kind"]["const"].as_str());
    kinds.map(str::to_string).collect()
}

/// Why there is no study: what stands in the way of reading it, or what is wrong with it.
#[derive(Debug)]
pub enum SpecError {
    /// No such file, or it cannot be read.
    Unreadable {
        path: PathBuf,
        error: std::io::Error,
    },
    /// The table was named in place of the spec: its rows are not to be quoted in a message.
    Table {
        path: PathBuf,
    },
    Invalid(Box<InvalidSpec>),
}

/// A spec with problems, and the text they point into.
#[derive(Debug)]
pub struct InvalidSpec {
    pub source: Source,
    pub diagnostics: Vec<Diagnostic>,
    /// The study as far as it could be read, only for finding out what else is wrong with it.
    pub draft: Option<Study>,
}

/// The spec file of STUDY, which is a folder with a `study.yaml` or the file itself.
pub fn locate(study: &Path) -> PathBuf {
    if study.is_dir() { study.join("study.yaml") } else { study.to_path_buf() }
}

/// Whether a file is a table by its name, which nobody calls a spec.
pub fn is_table(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    ["csv", "tsv", "parquet", "txt"].contains(&ending.as_str())
}

/// Reads and checks a spec under one of its profiles, or under none, without looking at its data.
pub fn load(study: &Path, profile: Option<&str>) -> Result<Study, SpecError> {
    let path = locate(study);
    if is_table(&path) {
        return Err(SpecError::Table { path });
    }
    let text = std::fs::read_to_string(&path).map_err(|error| SpecError::Unreadable { path: path.clone(), error })?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let source = Source { name: path.display().to_string(), text };
    parse(source, folder, profile)
}

/// Checks a spec whose text is at hand; `folder` is what its relative paths start from.
pub fn parse(source: Source, folder: PathBuf, profile: Option<&str>) -> Result<Study, SpecError> {
    let invalid =
        |source: Source, diagnostics| SpecError::Invalid(Box::new(InvalidSpec { source, diagnostics, draft: None }));
    let tree::Read { root: tree, problems: of_text, doubts: of_places } = match tree::read(&source.text) {
        Ok(read) => read,
        Err(problem) => return Err(invalid(source, vec![*problem])),
    };
    let profiled = profile::take(tree, profile);
    if !profiled.problems.is_empty() {
        return Err(invalid(source, of_text.into_iter().chain(profiled.problems).collect()));
    }
    let profiles = Profiles { used: profile.map(str::to_string), names: profiled.names };
    // What does not fit is told together with all that is wrong with the rest, read as it was probably meant.
    let shape::Shape { problems, meant, doubts } = shape::check(&profiled.tree, &schema());
    let (problems, doubts) = (shape::with_those_of_the_text(of_text, problems), doubts.with(of_places));
    let Some(meant) = meant else { return Err(invalid(source, problems)) };
    match serde_json::from_value::<raw::RawStudy>(meant.to_json()) {
        Ok(raw) => Study::check(raw, Reading { tree: meant, problems, doubts, profiles }, source, folder),
        Err(_) if !problems.is_empty() => Err(invalid(source, problems)),
        Err(error) => {
            let message = format!("the spec cannot be read: {error}");
            Err(invalid(source, vec![Diagnostic::error("spec/read", message, Span::default())]))
        }
    }
}
