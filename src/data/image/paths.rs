//! The files of every subject, from the patterns of the spec.

use super::problem::Fault;
use crate::data::{Table, column};
use crate::spec::diagnostic::suggestion;
use crate::spec::raw::RawImageData;
use crate::spec::{Diagnostic, Study};
use indexmap::IndexMap;
use std::path::PathBuf;

/// A path, or why a subject has none.
pub type ExpandedPath = Result<PathBuf, Fault>;

/// The paths of one pattern, in the order of the table.
pub type PathsBySubject = Vec<ExpandedPath>;

#[derive(Clone, Debug)]
pub struct ImagePaths {
    pub series: IndexMap<String, PathsBySubject>,
    pub masks: IndexMap<String, PathsBySubject>,
}

impl ImagePaths {
    /// Fills every pattern with the columns of the table. `{subject}` is the identifier.
    pub fn expand(study: &Study, data: &RawImageData, table: &Table) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let mut fill = |kind: &str, name: &String, pattern: &str| {
            let place = study.place(&format!("data/images/{kind}/{name}/path"));
            match paths_of(study, pattern, table) {
                Ok(paths) => Some((name.clone(), paths)),
                Err(unknown) => {
                    let names = table.column_names();
                    let candidates = names.iter().map(String::as_str).chain(["subject"]);
                    let help = suggestion(&unknown, candidates);
                    let message = format!("there is no column `{unknown}` for this path");
                    problems.push(Diagnostic::error("data/unknown-column", message, place).with_help(help));
                    None
                }
            }
        };
        let series = data.series.iter().filter_map(|(name, series)| fill("series", name, &series.path)).collect();
        let masks = data.masks.iter().filter_map(|(name, mask)| fill("masks", name, &mask.path)).collect();
        if problems.is_empty() { Ok(Self { series, masks }) } else { Err(problems) }
    }
}

/// The name of the unknown column when there is one.
fn paths_of(study: &Study, pattern: &str, table: &Table) -> Result<PathsBySubject, String> {
    let mut paths: Vec<Result<String, Fault>> = vec![Ok(String::new()); table.subjects.len()];
    let mut rest = pattern;
    while !rest.is_empty() {
        let (text, name, after) =
            match rest.split_once('{').and_then(|(text, tail)| Some((text, tail.split_once('}')?))) {
                Some((text, (name, after))) => (text, Some(name), after),
                None => (rest, None, ""),
            };
        let values = name.map(|name| values_of(name, table)).transpose()?;
        for (row, path) in paths.iter_mut().enumerate() {
            let Ok(written) = path else { continue };
            written.push_str(text);
            let (Some(values), Some(name)) = (&values, name) else { continue };
            match &values[row] {
                Some(value) if is_one_name(value) => written.push_str(value),
                Some(_) => *path = Err(Fault::UnsafePath { column: name.to_string() }),
                None => *path = Err(Fault::NoPath { column: name.to_string() }),
            }
        }
        rest = after;
    }
    Ok(paths.into_iter().map(|path| path.map(|path| study.folder().join(path))).collect())
}

fn values_of(name: &str, table: &Table) -> Result<Vec<Option<String>>, String> {
    match table.frame.column(name) {
        Ok(values) => column::texts(values).map_err(|_| name.to_string()),
        Err(_) if name == "subject" => Ok(table.subjects.iter().cloned().map(Some).collect()),
        Err(_) => Err(name.to_string()),
    }
}

/// A value of the table must not lead out of the folder that the pattern names.
fn is_one_name(value: &str) -> bool {
    !value.is_empty() && value != ".." && !value.contains(['/', '\\'])
}
