//! `vouch audit FILE --results …` and `--predictions …`: the printed numbers beside those of data.

use super::audit::{AuditArguments, refuse};
use super::output::tell;
use super::{Exit, refuse_table};
use crate::audit::Reported;
use crate::audit::recompute::{Evidence, KnownNames, Names, ScoreTable, recompute as recompute_all, unknown_names};
use crate::audit::reported::matching;
use crate::data::hash::sha256;
use crate::predictions::file::PredictionsFile;
use crate::results::{Agreement, Published};
use std::path::Path;

/// The comparison that the arguments ask for; `None` when they name no data.
pub(super) fn recompute(
    arguments: &AuditArguments,
    reported: &mut Reported,
    text: &str,
) -> Result<Option<Published>, Exit> {
    if arguments.results.is_none() && arguments.predictions.is_none() {
        return Ok(None);
    }
    let mut declared_in = (reported.file_name.clone(), text.to_string());
    if let Some(path) = &arguments.map {
        declared_in = read_map(path, reported)?;
    }
    let results = arguments.results.as_deref().map(super::report::read).transpose()?;
    let mut scores = arguments.predictions.as_deref().map(read_scores).transpose()?;
    if let Some(scores) = &mut scores {
        for declared in Names::orientations(reported) {
            if let Some(column) = scores.scores.get_mut(&declared.model) {
                column.orientation = declared.orientation;
            }
        }
    }
    let evidence = Evidence { results: results.as_ref(), scores: scores.as_ref() };
    let unknown = unknown_names(&reported.matching, &KnownNames::of(&evidence));
    if !unknown.is_empty() {
        return Err(refuse(&declared_in.0, &declared_in.1, &unknown));
    }
    let published = recompute_all(reported, &evidence, sha256(text.as_bytes()));
    if published.figures().all(|figure| figure.agreement == Agreement::NotRecomputable) {
        tell!("None of the printed numbers has a counterpart in these data.");
        let names = Names::new(reported, &evidence);
        for cohort in &reported.cohorts {
            if let Err(why) = names.cohort(&cohort.name) {
                tell!("  {why}");
            }
        }
        return Err(Exit::Invalid);
    }
    Ok(Some(published))
}

/// A number that disagrees with the data makes the audit fail; with simulated data it says nothing about the paper.
pub(super) fn fails(published: &Published) -> bool {
    !published.simulated && published.count(Agreement::Disagrees) > 0
}

/// Takes over the counterparts that a file of their own declares.
fn read_map(path: &Path, reported: &mut Reported) -> Result<(String, String), Exit> {
    refuse_table(path, "the file with the counterparts of the paper's names")?;
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        tell!("`{name}` cannot be read: {error}");
        Exit::Input
    })?;
    let matching = matching::parse(&text).map_err(|problems| refuse(&name, &text, &problems))?;
    reported.matching.override_with(matching);
    Ok((name, text))
}

fn read_scores(path: &Path) -> Result<ScoreTable, Exit> {
    let bytes = std::fs::read(path).map_err(|error| {
        tell!("The predictions `{}` cannot be read: {error}", path.display());
        Exit::Input
    })?;
    PredictionsFile::parse(path, bytes).and_then(|file| file.score_table()).map_err(|problems| {
        problems.iter().for_each(|problem| tell!("{}: {problem}", path.display()));
        let count = if problems.len() == 1 { "1 problem".to_string() } else { format!("{} problems", problems.len()) };
        tell!("{count} in {}; nothing was audited.", path.display());
        Exit::Invalid
    })
}
