//! `ro-crate-metadata.json`: a report as a research object, so that it can be deposited as it is: RO-Crate 1.1
//! (w3id.org/ro/crate/1.1) with the profile Process Run Crate 0.5 (w3id.org/ro/wfrun/process/0.5).
//!
//! No person and no clock is in it. The date is the study's; a study without one gets that of the program's version, and
//! the crate says so. The file with rows of subjects is no part of it.

use super::manifest::{FILE_NAME as MANIFEST, HashedInput, SpecFile};
use super::output::OutputFile;
use crate::data::hash::sha256;
use crate::results::Results;
use crate::spec::study::days_of_date;
use serde_json::{Value, json};

pub const FILE_NAME: &str = "ro-crate-metadata.json";

/// When this version was made: the date of a crate whose study has none.
const VERSION_DATE: &str = "2026-11-27";

/// The crate of a report that consists of these files.
pub fn metadata(
    results: &Results,
    spec: &SpecFile,
    inputs: &[HashedInput],
    files: &[OutputFile],
) -> serde_json::Result<String> {
    let study = &results.study;
    let shared: Vec<&OutputFile> = files.iter().filter(|file| !file.subject_level).collect();
    let parts: Vec<Value> = shared.iter().map(|file| id(&file.name)).chain([id(MANIFEST)]).collect();
    let objects: Vec<Value> = inputs.iter().map(|input| id(&input_id(&input.name))).chain([id("#spec")]).collect();
    let produced: Vec<Value> = shared.iter().map(|file| id(&file.name)).collect();
    let declared = study.date.as_ref().filter(|date| days_of_date(date).is_some());
    let dated = match declared {
        Some(_) => String::new(),
        None => format!(" The study declares no date; {VERSION_DATE} is that of the program's version."),
    };
    let simulated = if study.simulated { "The data are simulated. " } else { "" };
    let mut graph = vec![
        json!({
            "@id": FILE_NAME,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": study.title,
            "description": format!(
                "{simulated}{} Report of the study {}, made by {} {}; the same spec, data and version give the same bytes.{dated}",
                study.description.as_deref().unwrap_or(&study.title),
                study.id,
                results.program.name,
                results.program.version
            ),
            "datePublished": declared.map_or(VERSION_DATE, String::as_str),
            "license": {"@id": "#licence"},
            "conformsTo": {"@id": "https://w3id.org/ro/wfrun/process/0.5"},
            "hasPart": parts,
            "mentions": {"@id": "#run"},
        }),
        json!({
            "@id": "https://w3id.org/ro/wfrun/process/0.5",
            "@type": "CreativeWork",
            "name": "Process Run Crate",
            "version": "0.5",
        }),
        json!({
            "@id": "#licence",
            "@type": "CreativeWork",
            "name": "Terms of use",
            "description": study.data_source.as_deref().map_or(
                "The study declares no licence: ask whoever made it.".to_string(),
                |source| format!("The study declares no licence of the report. Its data: {source}"),
            ),
        }),
        json!({
            "@id": "#program",
            "@type": "SoftwareApplication",
            "name": results.program.name,
            "softwareVersion": results.program.version,
            "description": format!("Numeric class {}.", results.program.numeric_class),
        }),
        json!({
            "@id": "#run",
            "@type": "CreateAction",
            "name": format!("Run of the study {}", study.id),
            "description": "Read the data, select the cohort, divide it, fit the models, compute the statistics, render the report.",
            "instrument": {"@id": "#program"},
            "object": objects,
            "result": produced,
        }),
        json!({
            "@id": "#spec",
            "@type": "CreativeWork",
            "name": spec.name,
            "description": format!("The spec of the study; its text is in {MANIFEST}."),
            "sha256": spec.sha256,
        }),
    ];
    for input in inputs {
        graph.push(json!({
            "@id": input_id(&input.name),
            "@type": "CreativeWork",
            "name": input.name,
            "description": "Rows of subjects: they stay with whoever holds the data, and are no part of this crate.",
            "sha256": input.sha256,
        }));
    }
    for file in shared {
        graph.push(json!({
            "@id": file.name,
            "@type": "File",
            "name": file_in_words(&file.name),
            "encodingFormat": media_type(&file.name),
            "contentSize": file.bytes.len().to_string(),
            "sha256": sha256(&file.bytes),
        }));
    }
    graph.push(json!({
        "@id": MANIFEST,
        "@type": "File",
        "name": file_in_words(MANIFEST),
        "encodingFormat": media_type(MANIFEST),
    }));
    let context = json!(["https://w3id.org/ro/crate/1.1/context", {"sha256": "http://schema.org/sha256"}]);
    Ok(serde_json::to_string_pretty(&json!({"@context": context, "@graph": graph}))? + "\n")
}

fn id(name: &str) -> Value {
    json!({"@id": name})
}

/// Letters and digits of the name, as an anchor.
fn input_id(name: &str) -> String {
    let letters = name.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' });
    format!("#input-{}", letters.collect::<String>())
}

fn file_in_words(name: &str) -> &'static str {
    match name {
        "results.json" => "Results",
        "report.html" | "report.pdf" => "Report",
        MANIFEST => "Manifest: what the report was made from and by, with hashes",
        _ if name.starts_with("figures/") => "Figure of the report",
        _ => "Part of the report",
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("json") => "application/json",
        Some("html") => "text/html",
        Some("pdf") => "application/pdf",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("csv") => "text/csv",
        Some("onnx") => "application/onnx",
        Some("yaml") => "application/yaml",
        _ => "application/octet-stream",
    }
}
