//! Is a report what its study gives? The study is run again from the report's manifest, and everything that can differ is
//! compared: program, spec, inputs, templates, every number, every file.

use super::difference::{self, Difference};
use super::manifest::{HashedFile, HashedInput, Manifest};
use super::output::OutputFile;
use crate::data::hash::sha256;
use crate::results::Results;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;

/// The layout of what `vouch verify --format json` prints.
pub const SCHEMA: &str = "verification/1";

/// Across numeric classes two numbers count as equal when |a − b| ≤ 0.001 · max(1, |a|, |b|): what another order of sums
/// and other elementary functions move is far below it, another model is far above it.
pub const TOLERANCE_ACROSS_CLASSES: f64 = 1e-3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every file, bit for bit.
    Identical,
    /// Another program made it, and every number is the same (across numeric classes: within the tolerance).
    Reproduced,
    /// A number, the spec, a file or an input differs.
    NotReproduced,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verification {
    pub schema: &'static str,
    pub study: String,
    pub verdict: Verdict,
    /// The numbers of the results that were compared.
    pub numbers: usize,
    pub files: usize,
    /// Applied where the numeric classes differ; 0 asks for the same bits.
    pub tolerance: f64,
    pub program: Vec<Difference>,
    pub spec: Vec<Difference>,
    pub inputs: Vec<FileDifference>,
    pub templates: Vec<FileDifference>,
    pub results: Vec<Difference>,
    pub outputs: Vec<FileDifference>,
    /// What does not count as a difference and is still worth knowing.
    pub notes: Vec<String>,
}

/// A file that is not what the manifest says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileDifference {
    pub name: String,
    #[serde(flatten)]
    pub change: FileChange,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum FileChange {
    /// An input or a template has other bytes.
    Changed { recorded: String, found: String },
    /// The file in the report's folder was edited after the run that wrote it.
    Edited { recorded: String, found: String },
    /// The file is not in the report's folder.
    Missing { recorded: String },
    /// The run that is recorded and this one write different bytes.
    RunAgain { recorded: String, found: String },
    /// This run does not write it, or does not read it.
    Gone { recorded: String },
    /// The recorded run did not write it, or did not read it.
    New { found: String },
}

/// Both sides of a verification.
pub struct Compared<'a> {
    pub folder: &'a Path,
    pub recorded: &'a Manifest,
    /// The manifest that this run would write.
    pub again: &'a Manifest,
    pub results: &'a Results,
    pub files: &'a [OutputFile],
    /// The text of the spec file as it is now, where there is one.
    pub spec_now: Option<&'a str>,
}

impl Verification {
    /// The description of a report as a research object names each input by its bytes. Where all that differs is how an
    /// input or the spec is set, what this run writes into that one file differs with it, and nothing is wrong.
    fn forgive_the_crate(&mut self, compared: &Compared<'_>) {
        let reset = compared.recorded.inputs.iter().any(|file| {
            compared.again.inputs.iter().any(|other| other.name == file.name && other.sha256 != file.sha256)
        });
        if reset && self.inputs.is_empty() {
            self.outputs.retain(|file| {
                file.name != super::ro_crate::FILE_NAME || !matches!(file.change, FileChange::RunAgain { .. })
            });
        }
    }

    pub fn of(compared: &Compared<'_>) -> serde_json::Result<Self> {
        let Compared { recorded, again, .. } = compared;
        let tolerance = if recorded.numeric_class == again.numeric_class { 0.0 } else { TOLERANCE_ACROSS_CLASSES };
        let mut notes = Vec::new();
        let found = serde_json::to_value(compared.results)?;
        let results = results_differences(compared, &found, tolerance, &mut notes);
        let mut verification = Self {
            schema: SCHEMA,
            study: recorded.study.clone(),
            verdict: Verdict::Identical,
            numbers: results.results.numbers,
            files: recorded.outputs.len(),
            tolerance,
            program: results.program,
            spec: spec_differences(compared, &mut notes),
            inputs: input_differences(&recorded.inputs, &again.inputs, &mut notes),
            templates: file_differences(&recorded.templates, &again.templates),
            results: results.results.differences,
            outputs: output_differences(compared, &mut notes),
            notes,
        };
        verification.forgive_the_crate(compared);
        verification.verdict = verification.judge();
        Ok(verification)
    }

    /// An input is not the one that the report was made from.
    pub fn another_input(&self) -> bool {
        !self.inputs.is_empty()
    }

    fn judge(&self) -> Verdict {
        let numbers_agree = self.results.is_empty() && self.spec.is_empty() && self.inputs.is_empty();
        let edited =
            |file: &FileDifference| matches!(file.change, FileChange::Edited { .. } | FileChange::Missing { .. });
        if !numbers_agree || self.outputs.iter().any(edited) {
            return Verdict::NotReproduced;
        }
        match (self.program.is_empty(), self.outputs.is_empty()) {
            (true, true) => Verdict::Identical,
            // The same program writes the same files: another file is another report.
            (true, false) => Verdict::NotReproduced,
            (false, _) => Verdict::Reproduced,
        }
    }
}

struct ResultsDifferences {
    program: Vec<Difference>,
    results: difference::Comparison,
}

/// The recorded results are those in the folder: the numbers that a reader of it sees.
fn results_differences(
    compared: &Compared<'_>,
    found: &Value,
    tolerance: f64,
    notes: &mut Vec<String>,
) -> ResultsDifferences {
    let Compared { recorded, again, .. } = compared;
    let facts = |manifest: &Manifest| {
        serde_json::json!({
            "version": manifest.version,
            "numeric_class": manifest.numeric_class,
            "features": manifest.features,
        })
    };
    let mut program = difference::compare(&facts(recorded), &facts(again), 0.0).differences;
    let text = std::fs::read_to_string(compared.folder.join("results.json")).ok();
    let Some(mut on_disk) = text.and_then(|text| serde_json::from_str::<Value>(&text).ok()) else {
        notes.push("The folder has no readable results.json, so no number could be compared.".to_string());
        return ResultsDifferences { program, results: difference::Comparison::default() };
    };
    let mut found = found.clone();
    // The libraries are part of the program, and the manifest tells of the rest of it.
    let libraries = |tree: &mut Value| tree.as_object_mut().and_then(|tree| tree.shift_remove("program"));
    if let (Some(left), Some(right)) = (libraries(&mut on_disk), libraries(&mut found)) {
        let list = |program: &Value| serde_json::json!({"libraries": program.get("libraries")});
        program.extend(difference::compare(&list(&left), &list(&right), 0.0).differences);
    }
    ResultsDifferences { program, results: difference::compare(&on_disk, &found, tolerance) }
}

/// The spec file as it is now against the one that the report was made from.
fn spec_differences(compared: &Compared<'_>, notes: &mut Vec<String>) -> Vec<Difference> {
    let recorded = &compared.recorded.spec;
    let whole = |change| vec![Difference { path: vec![recorded.name.clone()], change }];
    let hash = sha256(recorded.text.as_bytes());
    if hash != recorded.sha256 {
        return whole(difference::Change::Value {
            recorded: format!("SHA-256 {}", recorded.sha256),
            found: format!("a text with SHA-256 {hash} in the manifest: the manifest was edited"),
        });
    }
    let Some(now) = compared.spec_now else {
        notes.push(format!("`{}` is no longer there; the spec in the manifest was run.", recorded.name));
        return Vec::new();
    };
    if now == recorded.text {
        return Vec::new();
    }
    match (tree(&recorded.text), tree(now)) {
        (Some(left), Some(right)) => {
            let differences = difference::compare(&left, &right, 0.0).differences;
            if differences.is_empty() {
                notes.push(format!("`{}` was set anew since: it says the same.", recorded.name));
            }
            differences
        }
        _ => whole(difference::Change::Value {
            recorded: "the spec in the manifest".to_string(),
            found: "a text that is not YAML".to_string(),
        }),
    }
}

fn tree(text: &str) -> Option<Value> {
    crate::spec::tree::parse(text).ok().map(|tree| tree.to_json())
}

fn input_differences(recorded: &[HashedInput], again: &[HashedInput], notes: &mut Vec<String>) -> Vec<FileDifference> {
    let mut differences = Vec::new();
    for file in recorded {
        match again.iter().find(|other| other.name == file.name) {
            Some(other) if other.sha256 == file.sha256 => {}
            Some(other) if other.content_sha256.is_some() && other.content_sha256 == file.content_sha256 => {
                notes.push(format!("`{}` has other bytes and says the same, in another order or form.", file.name));
            }
            Some(other) => differences.push(changed(&file.name, &file.sha256, &other.sha256)),
            None => differences.push(gone(&file.name, &file.sha256)),
        }
    }
    for file in again.iter().filter(|file| !recorded.iter().any(|other| other.name == file.name)) {
        differences.push(new(&file.name, &file.sha256));
    }
    differences
}

fn file_differences(recorded: &[HashedFile], again: &[HashedFile]) -> Vec<FileDifference> {
    let mut differences = Vec::new();
    for file in recorded {
        match again.iter().find(|other| other.name == file.name) {
            Some(other) if other.sha256 == file.sha256 => {}
            Some(other) => differences.push(changed(&file.name, &file.sha256, &other.sha256)),
            None => differences.push(gone(&file.name, &file.sha256)),
        }
    }
    for file in again.iter().filter(|file| !recorded.iter().any(|other| other.name == file.name)) {
        differences.push(new(&file.name, &file.sha256));
    }
    differences
}

fn changed(name: &str, recorded: &str, found: &str) -> FileDifference {
    let change = FileChange::Changed { recorded: recorded.to_string(), found: found.to_string() };
    FileDifference { name: name.to_string(), change }
}

fn gone(name: &str, recorded: &str) -> FileDifference {
    FileDifference { name: name.to_string(), change: FileChange::Gone { recorded: recorded.to_string() } }
}

fn new(name: &str, found: &str) -> FileDifference {
    FileDifference { name: name.to_string(), change: FileChange::New { found: found.to_string() } }
}

/// Each file three times: in the manifest, in the folder, and as it is written now. The subjects' file may be elsewhere.
fn output_differences(compared: &Compared<'_>, notes: &mut Vec<String>) -> Vec<FileDifference> {
    let mut differences = Vec::new();
    for file in &compared.recorded.outputs {
        let recorded = file.sha256.clone();
        let mut add = |change| differences.push(FileDifference { name: file.name.clone(), change });
        match std::fs::read(compared.folder.join(&file.name)) {
            Ok(bytes) => {
                let found = sha256(&bytes);
                if found != recorded {
                    add(FileChange::Edited { recorded: recorded.clone(), found });
                }
            }
            Err(_) if file.subject_level => {
                notes.push(format!("`{}` is not in the folder; its hash was compared.", file.name));
            }
            Err(_) => add(FileChange::Missing { recorded: recorded.clone() }),
        }
        match compared.files.iter().find(|other| other.name == file.name) {
            Some(other) => {
                let found = sha256(&other.bytes);
                if found != recorded {
                    add(FileChange::RunAgain { recorded, found });
                }
            }
            None => add(FileChange::Gone { recorded }),
        }
    }
    for file in compared.files {
        if !compared.recorded.outputs.iter().any(|other| other.name == file.name) {
            differences.push(new(&file.name, &sha256(&file.bytes)));
        }
    }
    differences
}
