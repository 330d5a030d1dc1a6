//! `vouch report RESULTS`: renders again without the data.

use super::Exit;
use crate::cache::{Key, Store, UnitKind, UnitName};
use crate::provenance::output::{self, OutputFile};
use crate::report;
use crate::results::Results;
use std::error::Error;
use std::path::Path;

/// Renders into the folder `out`; without one, prints the numbers as a `reported/1` file.
pub fn report(results: &Path, out: Option<&Path>) -> Exit {
    let results = match read(results) {
        Ok(results) => results,
        Err(exit) => return exit,
    };
    let Some(out) = out else {
        print!("{}", report::as_reported(&results));
        return Exit::Fine;
    };
    let written = render(&results).and_then(|files| Ok(write(out, &files)?));
    match written {
        Ok(()) => {
            println!("{}", out.join("report.html").display());
            println!("{}", out.join("report.pdf").display());
            Exit::Fine
        }
        Err(error) => {
            eprintln!("The report cannot be written to `{}`: {error}", out.display());
            Exit::Unexpected
        }
    }
}

/// The result tree of a file, or of the folder that holds it.
pub(super) fn read(results: &Path) -> Result<Results, Exit> {
    let path = if results.is_dir() { results.join("results.json") } else { results.to_path_buf() };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("The results `{}` cannot be read: {error}", path.display());
            return Err(Exit::Input);
        }
    };
    Results::from_json(&text).map_err(|error| {
        eprintln!("`{}`: {error}", path.display());
        Exit::Invalid
    })
}

/// HTML, PDF and figures of a result tree, from the store where it has them.
pub(super) fn render_once(results: &Results, json: &str, store: &Store) -> Result<Vec<OutputFile>, Box<dyn Error>> {
    let key = Key::of_rendering(json);
    if let Some(files) = store.get(&key).and_then(|bytes| output::unpack(&bytes)) {
        return Ok(files);
    }
    let files = render(results)?;
    store.put(&UnitName::new(UnitKind::Rendering, &results.study.id), &key, &output::pack(&files));
    Ok(files)
}

/// HTML, PDF and figures of a result tree.
pub(super) fn render(results: &Results) -> Result<Vec<OutputFile>, Box<dyn Error>> {
    let document = report::build(results)?;
    // The two renderers share nothing, so they may run at once.
    let (html, pdf) = rayon::join(|| report::html::render(&document), || report::pdf::render(&document));
    let mut files = vec![OutputFile::new("report.html", html?), OutputFile::new("report.pdf", pdf?)];
    for figure in report::figures(&document) {
        files.push(OutputFile::new(format!("figures/{}", figure.name), figure.svg));
    }
    Ok(files)
}

pub(super) fn write(folder: &Path, files: &[OutputFile]) -> std::io::Result<()> {
    for file in files {
        let path = folder.join(&file.name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, &file.bytes)?;
    }
    Ok(())
}
