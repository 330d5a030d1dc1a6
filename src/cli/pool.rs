//! `vouch pool SITE…`: the results of one study at several sites, together.

use super::Exit;
use super::output::{print, tell};
use crate::pool::facts::PooledResults;
use crate::pool::{self, Site};
use crate::provenance::output::OutputFile;
use crate::report;
use clap::{Args, ValueEnum};
use std::error::Error;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct PoolArguments {
    /// A results.json or its folder, as PATH or NAME=PATH
    #[arg(required = true, num_args = 1.., value_name = "SITE")]
    sites: Vec<String>,
    /// Coverage of the intervals
    #[arg(long, default_value_t = 0.95, value_parser = level)]
    level: f64,
    /// The folder for pooled.html, pooled.pdf and pooled.json
    #[arg(long)]
    out: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn level(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(level) if (0.5..1.0).contains(&level) => Ok(level),
        _ => Err("expected a number from 0.5 to below 1".to_string()),
    }
}

pub fn pool(arguments: &PoolArguments) -> Exit {
    let mut sites = Vec::new();
    for argument in &arguments.sites {
        let (label, path) = named(argument);
        match super::report::read(&path) {
            Ok(results) => sites.push(Site { label, results }),
            Err(exit) => return exit,
        }
    }
    match pool::pool(&sites, arguments.level) {
        Ok(results) => hand_out(&results, arguments),
        Err(error) => {
            tell!("{error}");
            Exit::Invalid
        }
    }
}

/// A site is called what stands before the sign, or as its folder.
fn named(argument: &str) -> (String, PathBuf) {
    match argument.split_once('=') {
        Some((label, path)) if !Path::new(argument).exists() => (label.to_string(), PathBuf::from(path)),
        _ => {
            let path = PathBuf::from(argument);
            let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
            let name = folder.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
            (name.unwrap_or_else(|| argument.to_string()), path)
        }
    }
}

fn hand_out(results: &PooledResults, arguments: &PoolArguments) -> Exit {
    let failed = |error: Box<dyn Error>| {
        tell!("The pooled results cannot be written: {error}");
        Exit::Unexpected
    };
    let json = match results.to_json() {
        Ok(json) => json,
        Err(error) => return failed(error.into()),
    };
    let printed = match arguments.format {
        Format::Text => print(&pool::summary::text(results), Exit::Fine),
        Format::Json => print(&json, Exit::Fine),
    };
    let Some(folder) = &arguments.out else { return printed };
    let written = render(results, json).and_then(|files| Ok(super::report::write(folder, &files)?));
    match written {
        Ok(()) => {
            for name in ["pooled.html", "pooled.pdf", "pooled.json"] {
                tell!("{}", folder.join(name).display());
            }
            printed
        }
        Err(error) => failed(error),
    }
}

fn render(results: &PooledResults, json: String) -> Result<Vec<OutputFile>, Box<dyn Error>> {
    let document = pool::report::document(results);
    let (html, pdf) = rayon::join(|| report::html::render(&document), || report::pdf::render(&document));
    Ok(vec![
        OutputFile::new("pooled.json", json),
        OutputFile::new("pooled.html", html?),
        OutputFile::new("pooled.pdf", pdf?),
    ])
}
