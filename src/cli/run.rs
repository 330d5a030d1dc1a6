//! `vouch run STUDY`

use super::progress::Bar;
use super::{Exit, load, reject};
use crate::pipeline::{self, Computed, Prepared, Progress};
use crate::provenance::manifest::{FILE_NAME, Manifest};
use crate::provenance::output::{self, OutputFile};
use crate::results::{AnalysisOutcome, NoticeLevel, Results};
use std::error::Error;
use std::path::Path;

pub fn run(study: &Path, out: Option<&Path>) -> Exit {
    let study = match load(study) {
        Ok(study) => study,
        Err(exit) => return exit,
    };
    let folder = out.map_or_else(|| pipeline::default_output(&study), Path::to_path_buf);
    if let Err(error) = output::check(&folder) {
        eprintln!("{error}");
        return Exit::Invalid;
    }
    let prepared = match pipeline::prepare(study) {
        Ok(prepared) => prepared,
        Err(rejected) => return reject(&rejected),
    };
    let bar = Bar::new();
    let computed = pipeline::compute(&prepared, &bar);
    let computed = match computed {
        Ok(computed) => computed,
        Err(problems) => {
            bar.finish();
            for problem in problems {
                eprintln!("{problem}");
            }
            return Exit::Invalid;
        }
    };
    bar.stage("rendering", 1);
    let files = render_all(&prepared, &computed);
    bar.finish();
    let written = files.and_then(|files| Ok(output::write(&folder, &files)?));
    match written {
        Ok(()) => summarise(&computed.results, &folder),
        Err(error) => {
            eprintln!("The report cannot be written: {error}");
            Exit::Unexpected
        }
    }
}

/// Every file of the report, the manifest last.
fn render_all(prepared: &Prepared, computed: &Computed) -> Result<Vec<OutputFile>, Box<dyn Error>> {
    let mut files = super::report::render(&computed.results)?;
    files.insert(0, OutputFile::new("results.json", computed.results.to_json()?));
    files.push(OutputFile {
        name: "predictions.parquet".to_string(),
        bytes: computed.predictions.to_parquet()?,
        subject_level: true,
    });
    let manifest = Manifest::new(prepared, &files).to_json()?;
    files.push(OutputFile::new(FILE_NAME, manifest));
    Ok(files)
}

fn summarise(results: &Results, folder: &Path) -> Exit {
    for notice in results.notices.iter().filter(|notice| notice.level == NoticeLevel::Warning) {
        eprintln!("warning: {}", notice.message);
    }
    println!("{}", folder.join("report.html").display());
    println!("{}", folder.join("report.pdf").display());
    println!("{}", folder.join("results.json").display());
    eprintln!("`predictions.parquet` in the same folder holds rows of subjects: keep it where the data are kept.");
    let missing = |analysis: &crate::results::Analysis| matches!(analysis.outcome, AnalysisOutcome::NotComputed { .. });
    if results.analyses.iter().any(missing) { Exit::Incomplete } else { Exit::Fine }
}
