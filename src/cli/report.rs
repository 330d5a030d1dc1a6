//! `vouch report RESULTS`: renders again without the data.

use super::output::{print, tell};
use super::{Exit, refuse_table};
use crate::cache::{Key, Store, UnitKind, UnitName};
use crate::provenance::output::{self, OutputFile};
use crate::report::{self, ReportError, document::Document};
use crate::results::{Paper, Results};
use clap::{Args, ValueEnum};
use std::error::Error;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// A results.json, or the folder that holds it
    #[arg(required_unless_present = "print_template")]
    results: Option<PathBuf>,
    /// The folder for report.html, report.pdf and figures/
    #[arg(long, required_unless_present_any = ["print_template", "as_reported"])]
    out: Option<PathBuf>,
    /// Print the numbers of the report in the layout that `vouch audit` reads, instead of rendering it
    #[arg(long, conflicts_with = "out")]
    as_reported: bool,
    /// The paper of the PDF [default: as the study says, else a4]
    #[arg(long, value_enum)]
    paper: Option<PaperArgument>,
    /// A Typst template of your own for the PDF; it reads document.json and results.json
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Print the report's own template, to copy and change
    #[arg(long, conflicts_with_all = ["results", "out", "as_reported", "paper", "template"])]
    print_template: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PaperArgument {
    #[value(name = "a4")]
    A4,
    #[value(name = "us_letter", alias = "us-letter")]
    UsLetter,
}

/// Renders into a folder; as asked, prints the numbers as a `reported/1` file, or the template.
pub fn report(arguments: &ReportArguments) -> Exit {
    if arguments.print_template {
        return print(report::pdf::TEMPLATE, Exit::Fine);
    }
    let Some(results) = &arguments.results else { return Exit::Invalid };
    let mut results = match read(results) {
        Ok(results) => results,
        Err(exit) => return exit,
    };
    let Some(out) = &arguments.out else {
        return print(&report::as_reported(&results), Exit::Fine);
    };
    if let Some(paper) = arguments.paper {
        results.presentation.paper = match paper {
            PaperArgument::A4 => Paper::A4,
            PaperArgument::UsLetter => Paper::UsLetter,
        };
    }
    if let Some(path) = &arguments.template
        && let Err(exit) = refuse_table(path, "a Typst template (see --print-template)")
    {
        return exit;
    }
    let template = match arguments.template.as_deref().map(std::fs::read_to_string).transpose() {
        Ok(template) => template,
        Err(error) => {
            let path = arguments.template.as_deref().unwrap_or(Path::new(""));
            tell!("The template `{}` cannot be read: {error}", path.display());
            return Exit::Input;
        }
    };
    let rendered = match &template {
        None => render(&results),
        Some(template) => render_with(&results, |document| report::pdf::render_with(document, &results, template)),
    };
    let files = match rendered {
        Ok(files) => files,
        // With a template of one's own, what does not typeset is that template.
        Err(error) if template.is_some() => {
            tell!("{error}");
            return Exit::Invalid;
        }
        Err(error) => {
            tell!("The report cannot be made: {error}");
            return Exit::Unexpected;
        }
    };
    match write(out, &files) {
        Ok(()) => {
            for warning in report::glyph_warnings(&results) {
                tell!("warning: {warning}");
            }
            let files = ["report.html", "report.pdf"].map(|file| format!("{}\n", out.join(file).display()));
            print(&files.concat(), Exit::Fine)
        }
        Err(error) => {
            tell!("The report cannot be written to `{}`: {error}", out.display());
            Exit::Unexpected
        }
    }
}

/// The result tree of a file, or of the folder that holds it.
pub(super) fn read(results: &Path) -> Result<Results, Exit> {
    refuse_table(results, "a results.json, or the folder that holds it")?;
    let path = if results.is_dir() { results.join("results.json") } else { results.to_path_buf() };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            tell!("The results `{}` cannot be read: {error}", path.display());
            return Err(Exit::Input);
        }
    };
    Results::from_json(&text).map_err(|error| {
        tell!("`{}`: {error}", path.display());
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
    render_with(results, report::pdf::render)
}

fn render_with(
    results: &Results,
    set: impl Fn(&Document) -> Result<Vec<u8>, ReportError> + Sync + Send,
) -> Result<Vec<OutputFile>, Box<dyn Error>> {
    let document = report::build(results)?;
    // The two renderers share nothing, so they may run at once.
    let (html, pdf) = rayon::join(|| report::html::render(&document), || set(&document));
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
