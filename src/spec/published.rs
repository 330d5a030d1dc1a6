//! `reported:`, the printed numbers of a publication: read, and its declared counterparts held against the study's names.

use super::diagnostic::Diagnostic;
use super::study::{Part, PartitionName, Study};
use crate::audit::recompute::{KnownNames, unknown_names};
use crate::audit::{self, Reported};

/// A file in the layout `reported/1`.
#[derive(Clone, Debug)]
pub struct PublishedFile {
    /// Without folders.
    pub name: String,
    pub text: String,
    pub reported: Reported,
}

impl PublishedFile {
    /// The file that the spec names, if it names one. Its problems are told at the spec's `reported:`, with their places in
    /// the file.
    pub(super) fn load(study: &Study) -> Result<Option<Self>, Vec<Diagnostic>> {
        let Some(relative) = &study.spec.reported else { return Ok(None) };
        let place = study.place("reported");
        let text = std::fs::read_to_string(study.path(relative)).map_err(|error| {
            let message = format!("the printed numbers `{relative}` cannot be read: {error}");
            let help = "paths start from the folder of the spec; `vouch audit --new` prints a file to fill in";
            vec![Diagnostic::error("reported/unreadable", message, place).with_help(help).about_input()]
        })?;
        let name = relative.rsplit(['/', '\\']).next().unwrap_or(relative).to_string();
        let told = |problem: audit::Diagnostic| {
            let message = format!("{relative}:{}:{}: {}", problem.line, problem.column, problem.message);
            let told = Diagnostic::error("reported/invalid", message, place);
            match problem.help {
                Some(help) => told.with_help(help),
                None => told,
            }
        };
        let reported =
            audit::parse(&text, &name).map_err(|problems| problems.into_iter().map(told).collect::<Vec<_>>())?;
        let unknown = unknown_names(&reported.matching, &known_names(study));
        if unknown.is_empty() {
            Ok(Some(Self { name, text, reported }))
        } else {
            Err(unknown.into_iter().map(told).collect())
        }
    }
}

fn known_names(study: &Study) -> KnownNames {
    let spec = &study.spec;
    let models = study.declared("models", spec.models.keys());
    let parts = if study.is_in_doubt("split") { Part::ALL.to_vec() } else { study.parts() };
    KnownNames {
        cohorts: parts.into_iter().map(|part| PartitionName::of(part).id).collect(),
        outcomes: study.declared("outcomes", spec.outcomes.keys()),
        variables: Some(study.declared("variables", spec.variables.keys())),
        // A section prints an analysis, or the coefficients of a model.
        analyses: Some(
            study.declared("statistics", spec.statistics.keys()).into_iter().chain(models.clone()).collect(),
        ),
        models,
    }
}
