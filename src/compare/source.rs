//! Where scores come from: a study that is run, the report of one, or a predictions file.

use super::facts::SourceFacts;
use crate::cache::Store;
use crate::data::{OutcomeData, VariableData};
use crate::model::ModelError;
use crate::pipeline::{self, Progress, Rejected};
use crate::predictions::file::PredictionsFile;
use crate::provenance::manifest::{Manifest, ManifestError};
use crate::results::Results;
use crate::spec::diagnostic::suggestion;
use crate::spec::raw::{RawModel, RawOrientation};
use crate::spec::{self, SpecError, Study};
use crate::stats::Orientation;
use indexmap::{IndexMap, IndexSet};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One model's scores, with what is known of the model.
#[derive(Clone, Debug)]
pub struct Source {
    pub label: String,
    pub model: String,
    pub simulated: bool,
    /// The outcome that the model predicts, where that is known.
    pub predicts: Option<String>,
    pub orientation: Orientation,
    pub gives_probability: bool,
    pub scores: Vec<f64>,
    pub table: Arc<ScoredTable>,
}

/// The subjects behind the scores. Nothing of it but counts goes into a result.
#[derive(Clone, Debug)]
pub struct ScoredTable {
    pub kind: Kind,
    pub name: String,
    pub file: PredictionsFile,
    /// Variables by which subjects can be grouped.
    pub groups: IndexMap<String, Grouping>,
    simulated: bool,
    models: IndexMap<String, KnownModel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Study,
    Report,
    Predictions,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    pub label: String,
    pub levels: Vec<String>,
    /// One per subject.
    pub of: Vec<Option<usize>>,
}

#[derive(Clone, Debug)]
struct KnownModel {
    label: String,
    outcome: String,
    orientation: Orientation,
    gives_probability: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("`{path}` is none of: a study, a report, a predictions file (CSV or Parquet)")]
    Unknown { path: PathBuf },
    #[error(
        "`{path}` is a network without its inputs: declare it as a model of the baseline's study, and name that study with the model, as STUDY@MODEL"
    )]
    Network { path: PathBuf },
    #[error("`{path}` cannot be read: {error}")]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("`{path}` is not a predictions file:\n  {}", .problems.join("\n  "))]
    Predictions { path: PathBuf, problems: Vec<String> },
    #[error(
        "the report `{path}` is here without its predictions.parquet, which stays with the data: compare where the data are, or name the study instead"
    )]
    WithoutPredictions { path: PathBuf },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("`{path}` has several models, name one as `{path}@MODEL`: {}", .models.join(", "))]
    WhichModel { path: PathBuf, models: Vec<String> },
    #[error("`{path}` has no model `{model}`; {help}")]
    NoSuchModel { path: PathBuf, model: String, help: String },
    #[error("the spec of `{path}` cannot be used")]
    Spec { path: PathBuf, error: SpecError },
    #[error("the data of `{path}` do not fit its spec")]
    Rejected { path: PathBuf, rejected: Box<Rejected> },
    #[error("`{path}`: {}", .errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Models { path: PathBuf, errors: Vec<ModelError> },
    #[error("the predictions of `{path}` cannot be written: {error}")]
    Polars { path: PathBuf, error: polars::error::PolarsError },
}

/// Reads what the arguments name, each `PATH` or `PATH@MODEL`, every path once.
pub fn load_all(arguments: &[String], progress: &dyn Progress) -> Result<Vec<Source>, SourceError> {
    let arguments: Vec<Argument> = arguments.iter().map(|argument| Argument::parse(argument)).collect();
    let paths: IndexSet<&PathBuf> = arguments.iter().map(|argument| &argument.path).collect();
    let tables: Vec<Result<Arc<ScoredTable>, SourceError>> =
        paths.iter().collect::<Vec<_>>().into_par_iter().map(|path| load(path, progress).map(Arc::new)).collect();
    let tables = tables.into_iter().collect::<Result<Vec<_>, _>>()?;
    let tables: IndexMap<&PathBuf, Arc<ScoredTable>> = paths.into_iter().zip(tables).collect();
    let chosen = arguments.iter().map(|Argument { path, model }| choose(tables[path].clone(), path, model.as_deref()));
    let mut sources = chosen.collect::<Result<Vec<_>, _>>()?;
    tell_apart(&mut sources);
    Ok(sources)
}

struct Argument {
    path: PathBuf,
    model: Option<String>,
}

impl Argument {
    fn parse(text: &str) -> Self {
        let whole = PathBuf::from(text);
        match text.rsplit_once('@') {
            Some((path, model)) if !whole.exists() && !path.is_empty() => {
                Self { path: PathBuf::from(path), model: Some(model.to_string()) }
            }
            _ => Self { path: whole, model: None },
        }
    }
}

fn load(path: &Path, progress: &dyn Progress) -> Result<ScoredTable, SourceError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    if path.is_dir() {
        return if path.join(crate::provenance::manifest::FILE_NAME).is_file() {
            report(path)
        } else if path.join("study.yaml").is_file() {
            study(path, progress)
        } else {
            Err(SourceError::Unknown { path: path.to_path_buf() })
        };
    }
    match extension.as_str() {
        "yaml" | "yml" => study(path, progress),
        "csv" | "tsv" | "parquet" => predictions(path),
        "onnx" => Err(SourceError::Network { path: path.to_path_buf() }),
        _ => Err(SourceError::Unknown { path: path.to_path_buf() }),
    }
}

fn predictions(path: &Path) -> Result<ScoredTable, SourceError> {
    let file = read(path)?;
    let groups = file
        .groups
        .iter()
        .map(|(name, values)| {
            let mut levels: Vec<String> = values.iter().flatten().cloned().collect();
            levels.sort_unstable();
            levels.dedup();
            let of = values.iter().map(|value| value.as_ref().and_then(|value| levels.binary_search(value).ok()));
            (name.clone(), Grouping { label: name.clone(), of: of.collect(), levels })
        })
        .collect();
    Ok(ScoredTable {
        kind: Kind::Predictions,
        name: file_name(path),
        file,
        groups,
        simulated: false,
        models: IndexMap::new(),
    })
}

fn read(path: &Path) -> Result<PredictionsFile, SourceError> {
    let bytes = std::fs::read(path).map_err(|error| SourceError::Unreadable { path: path.to_path_buf(), error })?;
    PredictionsFile::parse(path, bytes)
        .map_err(|problems| SourceError::Predictions { path: path.to_path_buf(), problems })
}

fn report(path: &Path) -> Result<ScoredTable, SourceError> {
    let manifest = Manifest::read(path)?;
    let predictions = path.join("predictions.parquet");
    if !predictions.is_file() {
        return Err(SourceError::WithoutPredictions { path: path.to_path_buf() });
    }
    let file = read(&predictions)?;
    let source = spec::Source { name: manifest.spec.name.clone(), text: manifest.spec.text.clone() };
    let study = spec::parse(source, path.to_path_buf())
        .map_err(|error| SourceError::Spec { path: path.to_path_buf(), error })?;
    Ok(ScoredTable {
        kind: Kind::Report,
        name: manifest.study,
        file,
        groups: IndexMap::new(),
        simulated: study.spec.data.simulated,
        models: models_of_spec(&study),
    })
}

fn study(path: &Path, progress: &dyn Progress) -> Result<ScoredTable, SourceError> {
    let study = spec::load(path).map_err(|error| SourceError::Spec { path: path.to_path_buf(), error })?;
    let prepared =
        pipeline::prepare(study).map_err(|rejected| SourceError::Rejected { path: path.to_path_buf(), rejected })?;
    let computed = pipeline::compute(&prepared, &Store::beside(&prepared.study), progress)
        .map_err(|errors| SourceError::Models { path: path.to_path_buf(), errors })?;
    let bytes =
        computed.predictions.to_parquet().map_err(|error| SourceError::Polars { path: path.to_path_buf(), error })?;
    let file = PredictionsFile::parse(Path::new("predictions.parquet"), bytes)
        .map_err(|problems| SourceError::Predictions { path: path.to_path_buf(), problems })?;
    let mut models = models_of_spec(&prepared.study);
    name_by_results(&mut models, &computed.results);
    let groups = prepared.cohort.variables.iter().filter_map(|(name, data)| {
        let VariableData::Levels(of) = data else { return None };
        let variable = prepared.study.spec.variables.get(name.as_str())?;
        let label = variable.label.clone().unwrap_or_else(|| name.clone());
        Some((name.clone(), Grouping { label, levels: variable.levels.values().cloned().collect(), of: of.clone() }))
    });
    Ok(ScoredTable {
        kind: Kind::Study,
        name: prepared.study.spec.id.clone(),
        file,
        groups: groups.collect(),
        simulated: prepared.study.spec.data.simulated,
        models,
    })
}

fn models_of_spec(study: &Study) -> IndexMap<String, KnownModel> {
    let known = |(id, model): (&String, &RawModel)| {
        let orientation = match model {
            RawModel::Scores { orientation: RawOrientation::LowerIsRisk, .. } => Orientation::LowerIsRisk,
            _ => Orientation::HigherIsRisk,
        };
        let facts = KnownModel {
            label: model.label().to_string(),
            outcome: model.outcome().to_string(),
            orientation,
            gives_probability: model.gives_probability(),
        };
        (id.clone(), facts)
    };
    study.spec.models.iter().map(known).collect()
}

fn name_by_results(models: &mut IndexMap<String, KnownModel>, results: &Results) {
    for facts in &results.models {
        if let Some(model) = models.get_mut(&facts.id) {
            model.gives_probability = facts.gives_probability;
        }
    }
}

fn choose(table: Arc<ScoredTable>, path: &Path, model: Option<&str>) -> Result<Source, SourceError> {
    let names: Vec<&str> = table.file.scores.keys().map(String::as_str).collect();
    let model = match (model, names.as_slice()) {
        (Some(model), _) if names.contains(&model) => model.to_string(),
        (Some(model), _) => {
            let help = suggestion(model, names.iter().copied());
            return Err(SourceError::NoSuchModel { path: path.to_path_buf(), model: model.to_string(), help });
        }
        (None, [only]) => (*only).to_string(),
        (None, _) => {
            let models = names.iter().map(ToString::to_string).collect();
            return Err(SourceError::WhichModel { path: path.to_path_buf(), models });
        }
    };
    let scores = table.file.scores[model.as_str()].clone();
    let known = table.models.get(&model);
    Ok(Source {
        label: known.map_or_else(|| model.clone(), |known| known.label.clone()),
        simulated: table.simulated,
        predicts: known.map(|known| known.outcome.clone()),
        orientation: known.map_or(Orientation::HigherIsRisk, |known| known.orientation),
        gives_probability: known.map_or_else(|| look_like_probabilities(&scores), |known| known.gives_probability),
        model,
        scores,
        table,
    })
}

/// Scores of an unknown model are taken for probabilities when all lie in [0, 1] and they are not calls.
fn look_like_probabilities(scores: &[f64]) -> bool {
    scores.iter().all(|score| (0.0..=1.0).contains(score)) && scores.iter().any(|score| *score != 0.0 && *score != 1.0)
}

/// Sources with one label get the name of their file or folder, and then a number.
fn tell_apart(sources: &mut [Source]) {
    let repeats = |sources: &[Source], at: usize| {
        sources.iter().enumerate().any(|(other, source)| other != at && source.label == sources[at].label)
    };
    let ambiguous: Vec<usize> = (0..sources.len()).filter(|at| repeats(sources, *at)).collect();
    for at in ambiguous {
        sources[at].label = format!("{} ({})", sources[at].label, sources[at].table.name);
    }
    for at in 1..sources.len() {
        let earlier = sources[..at].iter().filter(|source| source.label == sources[at].label).count();
        if earlier > 0 {
            sources[at].label = format!("{} #{}", sources[at].label, earlier + 1);
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

impl Source {
    pub fn facts(&self) -> SourceFacts {
        SourceFacts {
            label: self.label.clone(),
            model: self.model.clone(),
            kind: match self.table.kind {
                Kind::Study => "study",
                Kind::Report => "report",
                Kind::Predictions => "predictions",
            }
            .to_string(),
            name: self.table.name.clone(),
            sha256: self.table.file.sha256.clone(),
            gives_probability: self.gives_probability,
        }
    }

    pub fn outcome(&self, id: &str) -> Option<&OutcomeData> {
        self.table.file.outcomes.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_stands_behind_the_last_at_sign() {
        let parsed = Argument::parse("no/such@place/report@forest");
        assert_eq!((parsed.path.to_str().unwrap(), parsed.model.as_deref()), ("no/such@place/report", Some("forest")));
        assert!(Argument::parse("plain.csv").model.is_none());
    }

    #[test]
    fn calls_are_no_probabilities() {
        assert!(look_like_probabilities(&[0.0, 0.4, 1.0]));
        assert!(!look_like_probabilities(&[0.0, 1.0]) && !look_like_probabilities(&[0.5, 1.5]));
    }
}
