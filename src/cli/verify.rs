//! `vouch verify REPORT`: runs the study of a report again and says "identical", or what differs.

use super::output::{print, print_line, tell};
use super::progress::Bar;
use super::{Exit, explain, prepare, refuse_table};
use crate::cache::Store;
use crate::pipeline::{self, Progress, Rejected};
use crate::provenance::manifest::{FILE_NAME, Manifest, ManifestError};
use crate::provenance::verification::{Compared, FileChange, FileDifference, Verdict, Verification};
use crate::spec::{self, Source, SpecError, Study};
use clap::{Args, ValueEnum};
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The folder of a report
    report: PathBuf,
    /// The study folder or YAML file, where the report does not say where it lies
    #[arg(long)]
    study: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn verify(arguments: &VerifyArguments) -> Exit {
    let verification = match run_again(arguments) {
        Ok(verification) => verification,
        Err(exit) => return exit,
    };
    let exit = match verification.verdict {
        _ if verification.another_input() => Exit::Input,
        Verdict::Identical | Verdict::Reproduced => Exit::Fine,
        Verdict::NotReproduced => Exit::NotReproduced,
    };
    match arguments.format {
        Format::Text => print(&in_words(&arguments.report, &verification), exit),
        Format::Json => match serde_json::to_string_pretty(&verification) {
            Ok(text) => print_line(text, exit),
            Err(error) => {
                tell!("{error}");
                Exit::Unexpected
            }
        },
    }
}

fn run_again(arguments: &VerifyArguments) -> Result<Verification, Exit> {
    let folder = &arguments.report;
    let recorded = Manifest::read(folder).map_err(|error| {
        tell!("{error}");
        if matches!(error, ManifestError::Unreadable { .. }) {
            tell!("A report is a folder that `vouch run` wrote, with its {FILE_NAME}.");
            return Exit::Input;
        }
        Exit::Invalid
    })?;
    let path = spec_path(arguments, &recorded)?;
    let spec_now = std::fs::read_to_string(&path).ok();
    let study = parse(&recorded, &path, folder)?;
    let prepared = prepare(study).map_err(|rejected| {
        let Rejected { study, diagnostics } = *rejected;
        let exit = explain(&study.source, &diagnostics);
        if arguments.study.is_none() && exit == Exit::Input {
            tell!("If the report or its study was moved, say where the study lies now with --study.");
        }
        exit
    })?;
    let bar = Bar::new();
    let computed = pipeline::compute(&prepared, &Store::none(), &bar).map_err(|problems| {
        bar.finish();
        for problem in problems {
            tell!("{problem}");
        }
        tell!("The models of this report cannot be fitted again.");
        Exit::NotReproduced
    })?;
    bar.stage("rendering", 1);
    let files = super::run::render_outputs(&prepared, &computed, &Store::none(), folder);
    bar.finish();
    let unexpected = |error: Box<dyn std::error::Error>| {
        tell!("The report cannot be made again: {error}");
        Exit::Unexpected
    };
    let files = files.map_err(unexpected)?;
    let again = Manifest::new(&prepared, &files, folder);
    let spec_now = spec_now.as_deref();
    let compared =
        Compared { folder, recorded: &recorded, again: &again, results: &computed.results, files: &files, spec_now };
    Verification::of(&compared).map_err(|error| unexpected(error.into()))
}

/// Where the spec lies, or lay: what its relative paths start from.
fn spec_path(arguments: &VerifyArguments, recorded: &Manifest) -> Result<PathBuf, Exit> {
    let path = match (&arguments.study, &recorded.spec.location) {
        (Some(study), _) if study.is_dir() => study.join(&recorded.spec.name),
        (Some(study), _) => study.clone(),
        (None, Some(location)) => arguments.report.join(location),
        (None, None) => {
            tell!(
                "The report does not say where its spec lies, since it was written to another place: name the study with --study."
            );
            return Err(Exit::Input);
        }
    };
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() || folder.is_dir() => Ok(path),
        _ => {
            tell!("There is no `{}`: name the study with --study.", path.display());
            Err(Exit::Input)
        }
    }
}

/// The study that the report was made from, read from the manifest.
fn parse(recorded: &Manifest, path: &Path, folder: &Path) -> Result<Study, Exit> {
    let source = Source { name: path.display().to_string(), text: recorded.spec.text.clone() };
    let relative_to = path.parent().map(Path::to_path_buf).unwrap_or_default();
    spec::parse(source, relative_to, recorded.spec.profile.as_deref()).map_err(|error| match error {
        SpecError::Table { path } => refuse_table(&path, "the spec, a YAML file").err().unwrap_or(Exit::Invalid),
        SpecError::Invalid(mut invalid) => {
            invalid.source.name = format!("{} (spec)", folder.join(FILE_NAME).display());
            explain(&invalid.source, &invalid.diagnostics)
        }
        SpecError::Unreadable { path, error } => {
            tell!("The spec `{}` cannot be read: {error}", path.display());
            Exit::Input
        }
    })
}

fn in_words(folder: &Path, verification: &Verification) -> String {
    /// More are in `--format json`.
    const MOST: usize = 40;
    let mut text = String::new();
    let verdict = match verification.verdict {
        Verdict::Identical => {
            format!("identical: {} numbers, {} files, bit for bit", verification.numbers, verification.files)
        }
        Verdict::Reproduced if verification.tolerance > 0.0 => format!(
            "reproduced by another numeric class: {} numbers agree within {} of their size, at least of 1",
            verification.numbers, verification.tolerance
        ),
        Verdict::Reproduced => {
            format!("reproduced by another program: all {} numbers are the same", verification.numbers)
        }
        Verdict::NotReproduced => "not reproduced".to_string(),
    };
    _ = writeln!(text, "{}: {verdict}", folder.display());
    let mut section = |name: &str, lines: Vec<String>| {
        for line in lines.iter().take(MOST) {
            _ = writeln!(text, "  {name:<9} {line}");
        }
        if lines.len() > MOST {
            _ = writeln!(text, "  {name:<9} and {} more: see --format json", lines.len() - MOST);
        }
    };
    let words = |differences: &[crate::provenance::difference::Difference]| -> Vec<String> {
        differences.iter().map(ToString::to_string).collect()
    };
    let files = |differences: &[FileDifference]| -> Vec<String> { differences.iter().map(file_in_words).collect() };
    section("program", words(&verification.program));
    section("spec", words(&verification.spec));
    section("input", files(&verification.inputs));
    section("template", files(&verification.templates));
    section("result", words(&verification.results));
    section("file", files(&verification.outputs));
    section("note", verification.notes.clone());
    text
}

fn file_in_words(file: &FileDifference) -> String {
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let name = &file.name;
    match &file.change {
        FileChange::Changed { recorded, found } => {
            format!("{name}: another file, SHA-256 {}… → {}…", short(recorded), short(found))
        }
        FileChange::Edited { .. } => format!("{name}: edited since the run that wrote it"),
        FileChange::Missing { .. } => format!("{name}: missing from the folder"),
        FileChange::RunAgain { .. } => format!("{name}: this run writes other bytes"),
        FileChange::Gone { .. } => format!("{name}: not there any more"),
        FileChange::New { .. } => format!("{name}: new"),
    }
}
