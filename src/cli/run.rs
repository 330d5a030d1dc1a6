//! `vouch run STUDY`

use super::output::{print, tell};
use super::progress::Bar;
use super::{Exit, StudyArguments, explain_models, load, prepare, reject};
use crate::cache::Store;
use crate::pipeline::{self, Computed, Prepared, Progress};
use crate::provenance::manifest::{self, FILE_NAME, Manifest};
use crate::provenance::output::{self, OutputFile};
use crate::provenance::ro_crate;
use crate::results::{NoticeLevel, Results};
use clap::Args;
use std::error::Error;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    study: StudyArguments,
    /// The folder of the report [default: reports/<id>]
    #[arg(long)]
    out: Option<PathBuf>,
    /// How many threads to use; the results do not depend on it [default: all cores]
    #[arg(long)]
    pub(super) threads: Option<NonZeroUsize>,
    /// Refuse to run when the spec or an input is not what `vouch lock` recorded
    #[arg(long)]
    sealed: bool,
    /// Compute everything, and keep nothing in .vouch-cache beside the study
    #[arg(long)]
    no_cache: bool,
    /// Train no network: use the trained files that are there, or stop
    #[arg(long)]
    no_training: bool,
}

pub fn run(arguments: &RunArguments) -> Exit {
    let RunArguments { study, out, sealed, no_cache, no_training, .. } = arguments;
    let study = match load(study) {
        Ok(study) => study,
        Err(exit) => return exit,
    };
    let folder = out.clone().unwrap_or_else(|| pipeline::default_output(&study));
    if let Err(error) = output::check(&folder) {
        tell!("{error}");
        return Exit::Invalid;
    }
    let prepared = match prepare(study) {
        Ok(prepared) => Prepared { no_training: *no_training, ..prepared },
        Err(rejected) => return reject(&rejected),
    };
    if *sealed && let Err(exit) = super::lock::hold(&prepared) {
        return exit;
    }
    let store = if *no_cache { Store::none() } else { Store::beside(&prepared.study) };
    write_report(&prepared, &store, &folder)
}

/// Computes what is not kept, renders, writes.
pub(super) fn write_report(prepared: &Prepared, store: &Store, folder: &Path) -> Exit {
    let bar = Bar::new();
    let computed = match pipeline::compute(prepared, store, &bar) {
        Ok(computed) => computed,
        Err(problems) => {
            bar.finish();
            return explain_models(&prepared.study, &problems);
        }
    };
    bar.stage("rendering", 1);
    let files = render_all(prepared, &computed, store, folder);
    bar.finish();
    let written = files.and_then(|files| Ok(output::write(folder, &files)?));
    match written {
        Ok(()) => summarise(&computed.results, folder),
        Err(error) => {
            tell!("The report cannot be written: {error}");
            Exit::Unexpected
        }
    }
}

/// Every file of the report, the manifest last.
fn render_all(
    prepared: &Prepared,
    computed: &Computed,
    store: &Store,
    folder: &Path,
) -> Result<Vec<OutputFile>, Box<dyn Error>> {
    let mut files = render_outputs(prepared, computed, store, folder)?;
    let manifest = Manifest::new(prepared, &files, folder).to_json()?;
    files.push(OutputFile::new(FILE_NAME, manifest));
    Ok(files)
}

/// Every file that the manifest lists.
pub(super) fn render_outputs(
    prepared: &Prepared,
    computed: &Computed,
    store: &Store,
    folder: &Path,
) -> Result<Vec<OutputFile>, Box<dyn Error>> {
    let json = computed.results.to_json()?;
    let mut files = super::report::render_once(&computed.results, &json, store)?;
    files.insert(0, OutputFile::new("results.json", json));
    files.push(OutputFile {
        name: "predictions.parquet".to_string(),
        bytes: computed.predictions.to_parquet()?,
        subject_level: true,
    });
    files.extend(computed.files.iter().map(|file| OutputFile {
        name: file.name.clone(),
        bytes: file.bytes.clone(),
        subject_level: file.subject_level,
    }));
    // A study with a folder for its networks has them there.
    if prepared.study.spec.networks.as_ref().is_none_or(|networks| networks.folder.is_none()) {
        let networks = computed.networks.iter().filter(|(_, network)| network.facts.parameters.is_some());
        files
            .extend(networks.map(|(id, network)| OutputFile::new(format!("networks/{id}.onnx"), network.onnx.clone())));
    }
    let (spec, inputs) = (manifest::spec_file(prepared, folder), manifest::inputs(prepared));
    files.push(OutputFile::new(ro_crate::FILE_NAME, ro_crate::metadata(&computed.results, &spec, &inputs, &files)?));
    Ok(files)
}

fn summarise(results: &Results, folder: &Path) -> Exit {
    for notice in results.notices.iter().filter(|notice| notice.level == NoticeLevel::Warning) {
        tell!("warning: {}", notice.message);
    }
    for warning in crate::report::glyph_warnings(results) {
        tell!("warning: {warning}");
    }
    if let Some(published) = &results.published {
        let on = if published.simulated { ", on simulated data," } else { "" };
        tell!("Of the printed numbers of {}{on} {}.", published.file, published.in_words());
    }
    tell!("`predictions.parquet` in the same folder holds rows of subjects: keep it where the data are kept.");
    let lacking = results.analyses.iter().any(|analysis| !analysis.outcome.lacks().is_empty());
    let is_complete = results.not_fitted.is_empty() && !lacking;
    let exit = if is_complete { Exit::Fine } else { Exit::Incomplete };
    let files = ["report.html", "report.pdf", "results.json"].map(|file| format!("{}\n", folder.join(file).display()));
    print(&files.concat(), exit)
}
