//! From a declared network to its ONNX file: found, or trained and written.

use super::architecture::Architecture;
use super::checkpoint;
use super::engine::gpu_name;
use super::export::to_onnx;
use super::graph::Graph;
use super::images::{Augmentation, ImageStack};
use super::store::{Found, KEY, Store};
use super::training::{Job, Next, Settings, State, Task, Watch};
use super::weights::{Named, Weights};
use crate::data::hash::sha256;
use crate::model::onnx::{InputShape, OnnxModel};
use crate::results::EpochFacts;
use crate::spec::raw::{RawArchitecture, RawProcessor, RawStart, RawTraining};
use crate::split::{EvaluationRows, TrainingRows, UnlabelledRows};
use crate::stats::random::Seed;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Raised when a change of this code changes what training gives.
const CODE: &str = "residual-training/1";
/// Metadata that the file carries beside the key.
pub const HISTORY: &str = "vouch.training_history";
pub const BEST_EPOCH: &str = "vouch.best_epoch";
/// Of a network that was trained on a GPU: which.
pub const TRAINED_ON: &str = "vouch.trained_on";

/// A network to be had.
pub struct Order<'a> {
    /// The model's name in the spec.
    pub id: &'a str,
    pub architecture: RawArchitecture,
    pub start: &'a RawStart,
    pub training: &'a RawTraining,
    pub images: &'a ImageStack,
    pub outcome: &'a [bool],
    pub training_rows: &'a TrainingRows,
    pub validation_rows: Option<&'a EvaluationRows>,
    /// Whose images pretraining may look at.
    pub unlabelled_rows: &'a UnlabelledRows,
    pub study_seed: u64,
    pub seed: Seed,
    /// What relative paths start from.
    pub folder: &'a Path,
    /// About the images: their units, scale and orientation; names of the classes.
    pub entries: Vec<(String, String)>,
    pub processor: RawProcessor,
    /// Do not train: a file that fits must be there.
    pub no_training: bool,
}

/// The file of a network, with how its training went.
pub struct Trained {
    pub model: OnnxModel,
    pub graph: Graph,
    pub history: Vec<EpochFacts>,
    pub best_epoch: Option<usize>,
    /// The GPU; `None` for the CPU.
    pub trained_on: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    #[error(transparent)]
    Device(#[from] super::engine::EngineError),
    #[error("{0}")]
    Training(#[from] super::training::TrainingError),
    #[error("its start `{path}` cannot be used: {reason}")]
    Start { path: String, reason: String },
    #[error("{0}")]
    NoTraining(&'static str),
    #[error("the trained network is not what was written: {0}")]
    Written(String),
}

/// Tells people what happens: "trained", "epoch 3 of 60, …".
pub type Tell<'a> = &'a (dyn Fn(&str) + Sync);

pub fn trained(order: &Order<'_>, store: &Store, tell: Tell<'_>) -> Result<Trained, OrderError> {
    let graph = Architecture::of(order.architecture).graph(order.images.channels, 2);
    let size = order.images.size;
    let shape = InputShape { channels: order.images.channels, height: size, width: size };
    let start_bytes = order.start_bytes()?;
    let data = order.data_hash();
    let key = order.key(&data, start_bytes.as_deref());
    match store.find(order.id, &key, shape) {
        Found::Fits(model) => {
            tell("taken from a file of the same training");
            return Ok(Trained::from_file(model, graph));
        }
        Found::Other if order.no_training => {
            return Err(OrderError::NoTraining(
                "the file that lies in its place is of other data, settings or program, and with --no-training nothing is trained",
            ));
        }
        Found::Nothing if order.no_training => {
            return Err(OrderError::NoTraining("it has no trained file, and with --no-training nothing is trained"));
        }
        Found::Other => tell("the file that lies in its place is of another training: training again"),
        Found::Nothing => {}
    }
    let device = match order.processor {
        RawProcessor::Cpu => None,
        RawProcessor::Gpu => Some(gpu_name()?),
    };
    tell(&device.as_ref().map_or("training".to_string(), |name| format!("training on {name}")));
    let job = Job {
        graph: &graph,
        images: order.images,
        task: Task::Outcome { outcome: order.outcome, rows: order.training_rows },
        validation: order.validation_rows,
        settings: order.settings(),
        processor: order.processor,
        seed: order.seed.child("training"),
    };
    let first = || order.first_weights(&graph, start_bytes.as_deref(), store, &key, tell);
    let state = run(&job, first, store.cached(&key, "checkpoint"), tell)?;
    let (weights, best_epoch) = state.outcome();
    let mut entries = vec![
        (KEY.to_string(), key.clone()),
        ("vouch.program".to_string(), format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))),
        ("vouch.training_data_sha256".to_string(), data),
        ("vouch.settings_sha256".to_string(), sha256(order.settings_text().as_bytes())),
        (BEST_EPOCH.to_string(), best_epoch.to_string()),
        (HISTORY.to_string(), serde_json::to_string(&state.history).unwrap_or_default()),
    ];
    entries.extend(device.map(|name| (TRAINED_ON.to_string(), name)));
    entries.extend(order.entries.iter().cloned());
    let bytes = to_onnx(&graph, weights, size, &entries);
    if let Err(error) = store.save(order.id, &key, &bytes) {
        tell(&format!("the trained network cannot be kept: {error}"));
    }
    for kind in ["checkpoint", "pretraining.checkpoint"] {
        if let Some(path) = store.cached(&key, kind) {
            // It has served; that it is not there is fine as well.
            _ = std::fs::remove_file(path);
        }
    }
    let model =
        OnnxModel::check(&bytes, order.folder, shape).map_err(|error| OrderError::Written(error.to_string()))?;
    Ok(Trained::from_file(model, graph))
}

/// How long training goes on before it keeps another checkpoint, which for a large network takes as long as an epoch.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(15);

/// Trains from a checkpoint where there is one, else from the first weights, and keeps checkpoints on the way.
fn run(
    job: &Job<'_>,
    first: impl FnOnce() -> Result<Weights, OrderError>,
    place: Option<PathBuf>,
    tell: Tell<'_>,
) -> Result<State, OrderError> {
    let state = match place.as_ref().and_then(|path| checkpoint::load(path, job.graph)) {
        Some(state) => {
            tell(&format!("goes on after epoch {}", state.history.len()));
            state
        }
        None => State::new(job.graph, first()?, &job.settings),
    };
    let mut keeper = Keeper { graph: job.graph, epochs: job.settings.epochs, place, kept: Instant::now(), tell };
    Ok(job.run(state, &mut keeper)?)
}

/// Tells how training goes, and keeps checkpoints.
struct Keeper<'a> {
    graph: &'a Graph,
    epochs: usize,
    place: Option<PathBuf>,
    /// When the last checkpoint was kept.
    kept: Instant,
    tell: Tell<'a>,
}

impl Watch for Keeper<'_> {
    fn after_epoch(&mut self, epoch: &EpochFacts) -> Next {
        (self.tell)(&progress(epoch, self.epochs));
        let due = self.place.is_some() && self.kept.elapsed() >= BETWEEN_CHECKPOINTS;
        if due { Next::Keep } else { Next::GoOn }
    }

    fn keep(&mut self, state: &State) {
        if let Some(path) = &self.place
            && let Err(error) = checkpoint::save(path, self.graph, state)
        {
            (self.tell)(&format!("no checkpoint can be kept: {error}"));
        }
        self.kept = Instant::now();
    }
}

/// "epoch 3 of 60: loss 0.612 (validation 0.655), AUC 0.71 (validation 0.64)"
fn progress(epoch: &EpochFacts, epochs: usize) -> String {
    let aside = |value: Option<f64>, digits: usize| {
        value.map(|value| format!(" (validation {value:.digits$})")).unwrap_or_default()
    };
    let auc = epoch.training_auc.map(|auc| format!(", AUC {auc:.2}{}", aside(epoch.validation_auc, 2)));
    format!(
        "epoch {} of {epochs}: loss {:.3}{}{}",
        epoch.epoch,
        epoch.training_loss,
        aside(epoch.validation_loss, 3),
        auc.unwrap_or_default()
    )
}

impl Trained {
    fn from_file(model: OnnxModel, graph: Graph) -> Self {
        let history = model.entry(HISTORY).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let best_epoch = model.entry(BEST_EPOCH).and_then(|text| text.parse().ok());
        let trained_on = model.entry(TRAINED_ON).map(str::to_string);
        Self { model, graph, history, best_epoch, trained_on }
    }
}

impl Order<'_> {
    fn settings(&self) -> Settings {
        let training = self.training;
        Settings {
            epochs: training.epochs,
            batch: training.batch,
            learning_rate: training.learning_rate,
            patience: self.validation_rows.map(|_| training.patience),
            augmentation: Augmentation {
                horizontal_flip: training.horizontal_flip,
                vertical_flip: training.vertical_flip,
                crop: training.random_crop,
            },
        }
    }

    fn settings_text(&self) -> String {
        let mut settings = json!({
            "model": self.id,
            "architecture": self.architecture,
            "start": self.start,
            "training": self.training,
            "channels": self.images.channels,
            "size": self.images.size,
            "border": self.images.border,
            "seed": self.study_seed,
            "entries": self.entries,
        });
        // Named only where it is not the CPU, so that files of earlier programs still fit.
        if self.processor == RawProcessor::Gpu {
            settings["train_on"] = json!(self.processor);
        }
        settings.to_string()
    }

    /// Everything that the weights depend on.
    fn key(&self, data: &str, start: Option<&[u8]>) -> String {
        let start = start.map(sha256).unwrap_or_default();
        sha256(format!("{CODE}\n{}\n{data}\n{start}", self.settings_text()).as_bytes())
    }

    /// Of the images and outcomes that training looks at, in the order of the cohort.
    fn data_hash(&self) -> String {
        let mut hasher = Sha256::new();
        let image = self.images.wide.len() / self.images.count().max(1);
        let mut take = |name: &str, rows: &[usize], with_outcome: bool| {
            hasher.update(name.as_bytes());
            for row in rows {
                if with_outcome {
                    hasher.update([u8::from(self.outcome[*row])]);
                }
                for value in &self.images.wide[row * image..(row + 1) * image] {
                    hasher.update(value.to_le_bytes());
                }
            }
        };
        take("training", self.training_rows.rows(), true);
        take("validation", self.validation_rows.map_or(&[], EvaluationRows::rows), true);
        if matches!(self.start, RawStart::Rotations { .. }) {
            take("pretraining", self.unlabelled_rows.rows(), false);
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn start_bytes(&self) -> Result<Option<Vec<u8>>, OrderError> {
        let (RawStart::Safetensors { path, sha256: declared } | RawStart::Onnx { path, sha256: declared }) = self.start
        else {
            return Ok(None);
        };
        let fails = |reason: String| OrderError::Start { path: path.clone(), reason };
        let bytes = std::fs::read(self.folder.join(path)).map_err(|error| fails(error.to_string()))?;
        let found = sha256(&bytes);
        if !found.eq_ignore_ascii_case(declared) {
            return Err(fails(format!("its SHA-256 is {found}, the spec declares {declared}")));
        }
        Ok(Some(bytes))
    }

    fn first_weights(
        &self,
        graph: &Graph,
        bytes: Option<&[u8]>,
        store: &Store,
        key: &str,
        tell: Tell<'_>,
    ) -> Result<Weights, OrderError> {
        let seed = self.seed.child("weights");
        match (self.start, bytes) {
            (RawStart::Rotations { epochs, learning_rate, .. }, _) => {
                let graph_of_turns = Architecture::of(self.architecture).graph(self.images.channels, 4);
                let job = Job {
                    graph: &graph_of_turns,
                    images: self.images,
                    task: Task::Rotation { rows: self.unlabelled_rows },
                    validation: None,
                    settings: Settings {
                        epochs: *epochs,
                        learning_rate: *learning_rate,
                        patience: None,
                        // Two flips are a half turn: with flips there would be nothing to tell.
                        augmentation: Augmentation {
                            horizontal_flip: false,
                            vertical_flip: false,
                            crop: self.training.random_crop,
                        },
                        ..self.settings()
                    },
                    processor: self.processor,
                    seed: self.seed.child("pretraining"),
                };
                let first = Weights::random(&graph_of_turns, seed.child("pretraining"));
                let told = |text: &str| tell(&format!("pretraining, {text}"));
                let state = run(&job, || Ok(first), store.cached(key, "pretraining.checkpoint"), &told)?;
                Ok(state.weights.with_new_classifier(graph, seed))
            }
            (RawStart::Safetensors { path, .. }, Some(bytes)) => Weights::from_safetensors(graph, bytes, seed)
                .map_err(|error| OrderError::Start { path: path.clone(), reason: error.to_string() }),
            (RawStart::Onnx { path, .. }, Some(bytes)) => {
                let fails = |reason: String| OrderError::Start { path: path.clone(), reason };
                let file = OnnxModel::tensors(bytes).map_err(|error| fails(error.to_string()))?;
                let find = |name: &str| {
                    let tensor = file.iter().find(|tensor| tensor.name == name);
                    Ok(tensor.map(|tensor| Named { shape: tensor.shape.clone(), values: tensor.values.clone() }))
                };
                Weights::from_named(graph, seed, find).map_err(|error| fails(error.to_string()))
            }
            _ => Ok(Weights::random(graph, seed)),
        }
    }
}
