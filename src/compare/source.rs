//! Where scores come from: a study that is run, the report of one, or a predictions file.

use super::argument::Argument;
use super::facts::SourceFacts;
use super::network::Network;
use crate::cache::{Store, UnitKind};
use crate::data::{OutcomeData, VariableData};
use crate::model::ModelError;
use crate::pipeline::{self, Progress, Rejected};
use crate::predictions::file::PredictionsFile;
use crate::provenance::manifest::{Manifest, ManifestError};
use crate::results::ModelFacts;
use crate::spec::diagnostic::suggestion;
use crate::spec::raw::{RawHead, RawModel, RawOrientation, RawOutcome};
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
    pub outcome_label: Option<String>,
    /// The unit of that outcome's time, where it is a survival outcome.
    pub time_unit: Option<String>,
    /// The model was fitted on the training part; that of a file of predictions is taken to have been.
    pub is_fitted: bool,
    pub orientation: Orientation,
    pub gives_probability: bool,
    pub scores: Vec<f64>,
    pub table: Arc<ScoredTable>,
    /// The file of a bare network.
    network: Option<NetworkFile>,
}

#[derive(Clone, Debug)]
struct NetworkFile {
    name: String,
    sha256: String,
    /// How it was evaluated.
    note: String,
}

impl NetworkFile {
    fn new(path: &Path, image: &str, head: RawHead, sha256: &str) -> Self {
        let name = file_name(path);
        let head = match head {
            RawHead::Softmax => "by its own last layer",
            RawHead::Svm => {
                "by a support vector machine on its pooled features, fitted on the training part as that of the base is"
            }
        };
        let note = format!("{name} was evaluated on the model input `{image}`, {head}.");
        Self { name, sha256: sha256.to_string(), note }
    }
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
    outcome_label: Option<String>,
    time_unit: Option<String>,
    is_fitted: bool,
    orientation: Orientation,
    gives_probability: bool,
    /// Of a bare network, its file.
    network: Option<NetworkFile>,
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("`{path}` is none of: a study, a report, a predictions file (CSV or Parquet)")]
    Unknown { path: PathBuf },
    #[error(
        "`{path}` is a network without its inputs: name the baseline's study first, as STUDY or STUDY@MODEL, and the network after it"
    )]
    Network { path: PathBuf },
    #[error("`{path}` is a network on images, and the study `{study}` has no model inputs (`images:`)")]
    StudyWithoutImages { path: PathBuf, study: PathBuf },
    #[error("the study has no model input `{input}` to evaluate `{path}` on; {help}")]
    NoSuchInput { path: PathBuf, input: String, help: String },
    #[error("on which model input is `{path}` evaluated? Name it as `{path}@INPUT`: {}", .inputs.join(", "))]
    WhichInput { path: PathBuf, inputs: Vec<String> },
    #[error("`{path}` cannot be evaluated on the model input `{image}`: {why}")]
    NetworkDoesNotFit { path: PathBuf, image: String, why: String },
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

/// Reads what the arguments name, each `PATH` or `PATH@MODEL`, every path once. A study is asked for risks by `horizon` too.
pub fn load_all(
    arguments: &[String],
    horizon: Option<f64>,
    progress: &dyn Progress,
) -> Result<Vec<Source>, SourceError> {
    let arguments: Vec<Argument> = arguments.iter().map(|argument| Argument::parse(argument)).collect();
    let Some(base) = arguments.first() else { return Ok(Vec::new()) };
    let is_network = |argument: &Argument| Network::is_named_by(&argument.path);
    if is_network(base) {
        return Err(SourceError::Network { path: base.path.clone() });
    }
    // Networks are evaluated with the base's study, once for all.
    let mut networks: Vec<Network> = Vec::new();
    let mut names: Vec<Option<String>> = Vec::new();
    for argument in &arguments {
        names.push(is_network(argument).then(|| {
            let network = Network::new(&argument.path, argument.model.as_deref(), &networks);
            let id = network.id.clone();
            networks.push(network);
            id
        }));
    }
    let paths: IndexSet<&PathBuf> =
        arguments.iter().filter(|argument| !is_network(argument)).map(|argument| &argument.path).collect();
    let nothing = Vec::new();
    let load = |path: &Path| {
        let networks = if path == base.path { &networks } else { &nothing };
        let named = arguments.iter().filter(|argument| argument.path == path).map(|argument| argument.model.clone());
        let asked = Asked { models: named.collect(), networks, of: base.model.as_deref(), horizon };
        load(path, &asked, progress).map(Arc::new)
    };
    let tables: Vec<Result<Arc<ScoredTable>, SourceError>> =
        paths.iter().collect::<Vec<_>>().into_par_iter().map(|path| load(path)).collect();
    let tables = tables.into_iter().collect::<Result<Vec<_>, _>>()?;
    let tables: IndexMap<&PathBuf, Arc<ScoredTable>> = paths.into_iter().zip(tables).collect();
    let chosen = arguments.iter().zip(&names).map(|(argument, network)| match network {
        Some(id) => choose(tables[&base.path].clone(), &base.path, Some(id)),
        None => choose(tables[&argument.path].clone(), &argument.path, argument.model.as_deref()),
    });
    let mut sources = chosen.collect::<Result<Vec<_>, _>>()?;
    tell_apart(&mut sources);
    Ok(sources)
}

/// What of a study is compared.
struct Asked<'a> {
    /// `None` for all, of which there is perhaps one.
    models: Option<Vec<String>>,
    /// Bare networks that are evaluated with the study, and the model of it whose place they take.
    networks: &'a [Network],
    of: Option<&'a str>,
    /// The time by which risks are compared.
    horizon: Option<f64>,
}

impl Asked<'_> {
    /// Names are told before anything is computed.
    fn check(&self, study: &Study, path: &Path) -> Result<(), SourceError> {
        let known = &study.spec.models;
        let path = path.to_path_buf();
        let unknown = self.models.iter().flatten().find(|name| !known.contains_key(name.as_str()));
        match (unknown, &self.models) {
            (Some(name), _) => {
                let help = suggestion(name, known.keys().map(String::as_str));
                Err(SourceError::NoSuchModel { path, model: name.clone(), help })
            }
            (None, None) if known.len() != 1 => {
                Err(SourceError::WhichModel { path, models: known.keys().cloned().collect() })
            }
            _ => Ok(()),
        }
    }

    fn wants(&self, model: &str) -> bool {
        let named = self.models.as_ref().is_none_or(|models| models.iter().any(|name| name == model));
        named || self.networks.iter().any(|network| network.id == model)
    }
}

fn load(path: &Path, asked: &Asked<'_>, progress: &dyn Progress) -> Result<ScoredTable, SourceError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    if path.is_dir() {
        return if path.join(crate::provenance::manifest::FILE_NAME).is_file() {
            without_networks(asked)?;
            report(path)
        } else if path.join("study.yaml").is_file() {
            study(path, asked, progress)
        } else {
            Err(SourceError::Unknown { path: path.to_path_buf() })
        };
    }
    match extension.as_str() {
        "yaml" | "yml" => study(path, asked, progress),
        "csv" | "tsv" | "parquet" => without_networks(asked).and_then(|()| predictions(path)),
        _ => Err(SourceError::Unknown { path: path.to_path_buf() }),
    }
}

/// Only a study has the images that a network looks at.
fn without_networks(asked: &Asked<'_>) -> Result<(), SourceError> {
    match asked.networks.first() {
        Some(network) => Err(SourceError::Network { path: network.path.clone() }),
        None => Ok(()),
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
    let study = spec::parse(source, path.to_path_buf(), manifest.spec.profile.as_deref())
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

fn study(path: &Path, asked: &Asked<'_>, progress: &dyn Progress) -> Result<ScoredTable, SourceError> {
    let mut study = spec::load(path, None).map_err(|error| SourceError::Spec { path: path.to_path_buf(), error })?;
    asked.check(&study, path)?;
    for network in asked.networks {
        let model = network.model(&study, path, asked.of)?;
        study = study.with_model(network.id.clone(), model);
    }
    let prepared = pipeline::prepare(study, progress)
        .map_err(|rejected| SourceError::Rejected { path: path.to_path_buf(), rejected })?;
    // A comparison is of scores: what the study says of them by itself is not computed.
    let store = Store::beside(&prepared.study);
    let units = prepared.units(&store).only(|name| name.kind == UnitKind::Fit && asked.wants(&name.id));
    let computed = pipeline::compute_units(&prepared, &units, progress)
        .map_err(|errors| SourceError::Models { path: path.to_path_buf(), errors })?;
    if !computed.not_fitted.is_empty() {
        return Err(SourceError::Models { path: path.to_path_buf(), errors: computed.not_fitted });
    }
    let mut predictions = computed.predictions;
    predictions.add_risk_times(asked.horizon);
    let bytes = predictions.to_parquet().map_err(|error| SourceError::Polars { path: path.to_path_buf(), error })?;
    let file = PredictionsFile::parse(Path::new("predictions.parquet"), bytes)
        .map_err(|problems| SourceError::Predictions { path: path.to_path_buf(), problems })?;
    let mut models = models_of_spec(&prepared.study);
    for network in asked.networks {
        if let (Some(known), Some(RawModel::Onnx { image, sha256, head, .. })) =
            (models.get_mut(&network.id), prepared.study.spec.models.get(&network.id))
        {
            known.network = Some(NetworkFile::new(&network.path, image, *head, sha256));
        }
    }
    name_by_facts(&mut models, &computed.models);
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
            outcome_label: study.spec.outcomes.get(model.outcome()).map(|outcome| match outcome {
                RawOutcome::Binary { label, .. } | RawOutcome::Survival { label, .. } => label.clone(),
            }),
            time_unit: match study.spec.outcomes.get(model.outcome()) {
                Some(RawOutcome::Survival { report_in, .. }) => Some(pipeline::unit_name(*report_in).to_string()),
                _ => None,
            },
            is_fitted: !matches!(model, RawModel::Scores { .. }),
            orientation,
            gives_probability: model.gives_probability(),
            network: None,
        };
        (id.clone(), facts)
    };
    study.spec.models.iter().map(known).collect()
}

fn name_by_facts(models: &mut IndexMap<String, KnownModel>, found: &[ModelFacts]) {
    for facts in found {
        if let Some(model) = models.get_mut(&facts.id) {
            model.gives_probability = facts.gives_probability;
        }
    }
}

fn choose(table: Arc<ScoredTable>, path: &Path, model: Option<&str>) -> Result<Source, SourceError> {
    let names: Vec<&str> = table.file.scores.keys().map(String::as_str).collect();
    // A network that was handed beside a study is none of its own models.
    let is_own = |name: &&str| table.models.get(*name).is_none_or(|known| known.network.is_none());
    let own: Vec<&str> = names.iter().copied().filter(is_own).collect();
    let model = match (model, own.as_slice()) {
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
        outcome_label: known.and_then(|known| known.outcome_label.clone()),
        time_unit: known.and_then(|known| known.time_unit.clone()),
        is_fitted: known.is_none_or(|known| known.is_fitted),
        orientation: known.map_or(Orientation::HigherIsRisk, |known| known.orientation),
        gives_probability: known.map_or_else(|| look_like_probabilities(&scores), |known| known.gives_probability),
        network: known.and_then(|known| known.network.clone()),
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
    /// What a reader should know of how these scores came about.
    pub fn note(&self) -> Option<&String> {
        self.network.as_ref().map(|network| &network.note)
    }

    pub fn facts(&self) -> SourceFacts {
        let file = self.network.as_ref();
        SourceFacts {
            label: self.label.clone(),
            model: self.model.clone(),
            kind: match self.table.kind {
                _ if file.is_some() => "network",
                Kind::Study => "study",
                Kind::Report => "report",
                Kind::Predictions => "predictions",
            }
            .to_string(),
            name: file.map_or(&self.table.name, |file| &file.name).clone(),
            sha256: file.map_or(&self.table.file.sha256, |file| &file.sha256).clone(),
            gives_probability: self.gives_probability,
        }
    }

    /// Predicted risks by that time, where the source has them.
    pub fn risks_by(&self, horizon: f64) -> Option<&[f64]> {
        let risks = self.table.file.risks.get(&self.model)?;
        risks.iter().find(|column| column.time == horizon).map(|column| column.risk.as_slice())
    }

    pub fn outcome(&self, id: &str) -> Option<&OutcomeData> {
        self.table.file.outcomes.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_no_probabilities() {
        assert!(look_like_probabilities(&[0.0, 0.4, 1.0]));
        assert!(!look_like_probabilities(&[0.0, 1.0]) && !look_like_probabilities(&[0.5, 1.5]));
    }
}
