//! `vouch compare BASE VARIANT…`: is a variant better than the published baseline, on the same subjects?

use super::output::{print, tell};
use super::progress::Bar;
use super::{Exit, explain, load_error, refuse_table, reject};
use crate::compare::arrange::ArrangeError;
use crate::compare::declaration::{self, DeclarationError, DeclaredFile};
use crate::compare::facts::ComparisonResults;
use crate::compare::mismatch::Mismatch;
use crate::compare::source::{self, SourceError};
use crate::compare::{self, CompareError};
use crate::provenance::manifest::ManifestError;
use crate::provenance::output::OutputFile;
use crate::report;
use crate::results::NoticeLevel;
use clap::{Args, ValueEnum};
use std::error::Error;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct CompareArguments {
    /// The baseline: a study, the folder of a report, or a predictions file; with @MODEL where it has several models
    base: String,
    /// What is compared with it, likewise
    #[arg(required = true)]
    variants: Vec<String>,
    /// A compare/1 file that declares measure, family, margin and the rule of the verdict
    #[arg(long, value_name = "FILE")]
    declared: Option<PathBuf>,
    /// The folder for comparison.html, comparison.pdf and comparison.json
    #[arg(long)]
    out: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where subjects or outcomes do not match, write the identifiers to this file: it holds rows of subjects
    #[arg(long, value_name = "FILE")]
    unmatched: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn compare(arguments: &CompareArguments) -> Exit {
    let declared = match arguments.declared.as_deref().map(declared).transpose() {
        Ok(declared) => declared,
        Err(exit) => return exit,
    };
    let sources: Vec<String> = std::iter::once(&arguments.base).chain(&arguments.variants).cloned().collect();
    let bar = Bar::new();
    let horizon = declared.as_ref().and_then(|file| file.declaration.horizon);
    let loaded = source::load_all(&sources, horizon, &bar);
    bar.finish();
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return refuse_source(error),
    };
    let Some((base, variants)) = loaded.split_first() else { return Exit::Unexpected };
    match compare::compare(base, variants, declared.as_ref()) {
        Ok(results) => hand_out(&results, arguments),
        Err(error) => refuse(&error, arguments),
    }
}

fn declared(path: &Path) -> Result<DeclaredFile, Exit> {
    refuse_table(path, "the declaration, a YAML file")?;
    declaration::load(path).map_err(|error| match error {
        DeclarationError::Unreadable(error) => {
            tell!("`{}` cannot be read: {error}", path.display());
            Exit::Input
        }
        DeclarationError::Invalid { source, diagnostics } => explain(&source, &diagnostics),
    })
}

fn refuse_source(error: SourceError) -> Exit {
    match error {
        SourceError::Spec { path, error } => load_error(&path, error),
        SourceError::Rejected { rejected, .. } => reject(&rejected),
        error => {
            tell!("{error}");
            match error {
                SourceError::Unknown { .. }
                | SourceError::Unreadable { .. }
                | SourceError::WithoutPredictions { .. }
                | SourceError::Manifest(ManifestError::Unreadable { .. }) => Exit::Input,
                _ => Exit::Invalid,
            }
        }
    }
}

fn refuse(error: &CompareError, arguments: &CompareArguments) -> Exit {
    let text = error.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    tell!("{first}{}", letters.as_str());
    if let CompareError::Arrange(ArrangeError::Mismatch(mismatches)) = error {
        match &arguments.unmatched {
            None => tell!("--unmatched FILE writes a list of these subjects."),
            Some(path) => {
                if let Err(error) = std::fs::write(path, unmatched(mismatches)) {
                    tell!("`{}` cannot be written: {error}", path.display());
                    return Exit::Unexpected;
                }
                tell!("`{}` lists these subjects: keep it where the data are kept.", path.display());
            }
        }
    }
    Exit::Invalid
}

/// One line per subject that does not match.
fn unmatched(mismatches: &[Mismatch]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut text = "subject,variant,problem\n".to_string();
    for mismatch in mismatches {
        for subject in &mismatch.subjects {
            text += &format!("{},{},{}\n", quoted(subject), quoted(&mismatch.variant), mismatch.what.id());
        }
    }
    text
}

fn hand_out(results: &ComparisonResults, arguments: &CompareArguments) -> Exit {
    let failed = |error: Box<dyn Error>| {
        tell!("The comparison cannot be written: {error}");
        Exit::Unexpected
    };
    let json = match results.to_json() {
        Ok(json) => json,
        Err(error) => return failed(error.into()),
    };
    let printed = match arguments.format {
        Format::Text => print(&compare::summary::text(results), Exit::Fine),
        Format::Json => print(&json, Exit::Fine),
    };
    for notice in &results.notices {
        let word = if notice.level == NoticeLevel::Warning { "warning" } else { "note" };
        tell!("{word}: {}", notice.message);
    }
    let Some(folder) = &arguments.out else { return printed };
    let written = render(results, json).and_then(|files| Ok(super::report::write(folder, &files)?));
    match written {
        Ok(()) => {
            for name in ["comparison.html", "comparison.pdf", "comparison.json"] {
                tell!("{}", folder.join(name).display());
            }
            printed
        }
        Err(error) => failed(error),
    }
}

fn render(results: &ComparisonResults, json: String) -> Result<Vec<OutputFile>, Box<dyn Error>> {
    let document = compare::report::document(results);
    let (html, pdf) = rayon::join(|| report::html::render(&document), || report::pdf::render(&document));
    Ok(vec![
        OutputFile::new("comparison.json", json),
        OutputFile::new("comparison.html", html?),
        OutputFile::new("comparison.pdf", pdf?),
    ])
}
