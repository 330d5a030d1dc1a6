//! Fits a network to training images by Adam on the cross-entropy, and stops by the loss on the validation part.
//!
//! The same images, settings and seed give the same weights at any number of threads: every epoch and batch has a stream
//! of its own, and sums have one order.

use super::batch::Batch;
use super::engine::{self, Engine, EngineError};
use super::graph::Graph;
use super::images::{Augmentation, ImageStack, Placement};
use super::loss::{cross_entropy, softmax};
use super::optimiser::Adam;
use super::weights::Weights;
use crate::results::EpochFacts;
use crate::spec::raw::RawProcessor;
use crate::split::{EvaluationRows, TrainingRows, UnlabelledRows};
use crate::stats::Orientation;
use crate::stats::discrimination::auc::auc;
use crate::stats::random::{Seed, Stream};

/// What the network learns to tell.
#[derive(Clone, Copy, Debug)]
pub enum Task<'a> {
    /// The outcome, which is known of every subject and learnt on the training rows.
    Outcome { outcome: &'a [bool], rows: &'a TrainingRows },
    /// By how many quarter turns an image was rotated (Gidaris et al. 2018, arXiv:1803.07728): no label is needed.
    Rotation { rows: &'a UnlabelledRows },
}

impl Task<'_> {
    fn rows(&self) -> &[usize] {
        match self {
            Task::Outcome { rows, .. } => rows.rows(),
            Task::Rotation { rows } => rows.rows(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    pub epochs: usize,
    pub batch: usize,
    pub learning_rate: f64,
    /// Stop when the validation loss has not fallen for this many epochs; the weights of its lowest are kept.
    pub patience: Option<usize>,
    pub augmentation: Augmentation,
}

/// The weights with the lowest validation loss so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    pub epoch: usize,
    pub loss: f64,
    pub weights: Weights,
}

/// Everything that training goes on from.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub weights: Weights,
    pub optimiser: Adam,
    pub best: Option<Best>,
    /// One entry per epoch that is done.
    pub history: Vec<EpochFacts>,
}

impl State {
    pub fn new(graph: &Graph, weights: Weights, settings: &Settings) -> Self {
        Self { weights, optimiser: Adam::new(graph, settings.learning_rate), best: None, history: Vec::new() }
    }

    /// The weights to use, and the epoch that they are of.
    pub fn outcome(&self) -> (&Weights, usize) {
        match &self.best {
            Some(best) => (&best.weights, best.epoch),
            None => (&self.weights, self.history.len()),
        }
    }

    fn is_over(&self, settings: &Settings) -> bool {
        let stale = self.best.as_ref().map_or(0, |best| self.history.len() - best.epoch);
        self.history.len() >= settings.epochs || settings.patience.is_some_and(|patience| stale >= patience)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    #[error("its loss is no longer a number in epoch {epoch}; a smaller learning rate may help")]
    Diverged { epoch: usize },
    #[error("training was interrupted after epoch {epoch}")]
    Interrupted { epoch: usize },
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Looks on while a network is trained.
pub trait Watch {
    fn after_epoch(&mut self, epoch: &EpochFacts) -> Next;

    /// The state that was asked for with [`Next::Keep`] or [`Next::Stop`].
    fn keep(&mut self, state: &State);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    GoOn,
    /// Go on, after the state was kept.
    Keep,
    /// Keep the state and train no more.
    Stop,
}

/// What is trained on what.
pub struct Job<'a> {
    pub graph: &'a Graph,
    pub images: &'a ImageStack,
    pub task: Task<'a>,
    pub validation: Option<&'a EvaluationRows>,
    pub settings: Settings,
    pub processor: RawProcessor,
    pub seed: Seed,
}

impl Job<'_> {
    /// Goes on from `state` until the epochs or the patience are used up.
    pub fn run(&self, mut state: State, watch: &mut dyn Watch) -> Result<State, TrainingError> {
        let (images, size) = (self.settings.batch, self.images.size);
        let (weights, optimiser) = (state.weights.clone(), state.optimiser.clone());
        let mut engine = engine::start(self.processor, self.graph, images, size, weights, optimiser)?;
        while !state.is_over(&self.settings) {
            let epoch = state.history.len() + 1;
            let training_loss = self.epoch(&mut *engine, epoch)?;
            let validation = self.validation.map(|rows| self.judge(&mut *engine, rows.rows())).transpose()?;
            if !training_loss.is_finite() || validation.as_ref().is_some_and(|judged| !judged.loss.is_finite()) {
                return Err(TrainingError::Diverged { epoch });
            }
            let training_auc = match self.task {
                Task::Outcome { rows, .. } => self.judge(&mut *engine, rows.rows())?.auc,
                Task::Rotation { .. } => None,
            };
            let facts = EpochFacts {
                epoch,
                training_loss,
                training_auc,
                validation_loss: validation.as_ref().map(|judged| judged.loss),
                validation_auc: validation.as_ref().and_then(|judged| judged.auc),
            };
            state.history.push(facts);
            if let Some(judged) = validation
                && state.best.as_ref().is_none_or(|best| judged.loss < best.loss)
            {
                state.best = Some(Best { epoch, loss: judged.loss, weights: engine.weights()? });
            }
            let next = watch.after_epoch(&facts);
            if next != Next::GoOn {
                (state.weights, state.optimiser) = engine.state()?;
                watch.keep(&state);
            }
            if next == Next::Stop {
                return Err(TrainingError::Interrupted { epoch });
            }
        }
        (state.weights, state.optimiser) = engine.state()?;
        Ok(state)
    }

    /// One walk through the training images in random order; the mean loss.
    fn epoch(&self, engine: &mut dyn Engine, epoch: usize) -> Result<f64, EngineError> {
        let seed = self.seed.replicate(epoch as u64);
        let mut rows = self.task.rows().to_vec();
        seed.child("order").stream().shuffle(&mut rows);
        let (mut sum, mut seen) = (0.0, 0);
        for (number, rows) in rows.chunks(self.settings.batch).enumerate() {
            // The moments of a single image normalise nothing.
            if rows.len() < 2 {
                continue;
            }
            let (batch, targets) = self.draw(rows, &mut seed.child("batch").replicate(number as u64).stream());
            sum += engine.step(batch, &targets)? * rows.len() as f64;
            seen += rows.len();
        }
        Ok(sum / seen.max(1) as f64)
    }

    /// Images as training varies them, with their classes.
    fn draw(&self, rows: &[usize], stream: &mut Stream) -> (Batch, Vec<usize>) {
        let mut targets = Vec::with_capacity(rows.len());
        let placed: Vec<(usize, Placement)> = rows
            .iter()
            .map(|row| {
                let mut placement = self.images.place(self.settings.augmentation, stream);
                targets.push(match self.task {
                    Task::Outcome { outcome, .. } => usize::from(outcome[*row]),
                    Task::Rotation { .. } => {
                        placement.turns = stream.below(4) as usize;
                        placement.turns
                    }
                });
                (*row, placement)
            })
            .collect();
        (self.images.batch(&placed), targets)
    }

    /// Loss and AUC on images as they are.
    fn judge(&self, engine: &mut dyn Engine, rows: &[usize]) -> Result<Judged, EngineError> {
        let mut items: Vec<(usize, Placement, usize)> = Vec::new();
        for row in rows {
            let centre = self.images.centre();
            match self.task {
                Task::Outcome { outcome, .. } => items.push((*row, centre, usize::from(outcome[*row]))),
                Task::Rotation { .. } => {
                    items.extend((0..4).map(|turns| (*row, Placement { turns, ..centre }, turns)));
                }
            }
        }
        let (mut sum, mut scores) = (0.0, Vec::with_capacity(items.len()));
        for part in items.chunks(self.settings.batch.max(1)) {
            let placed: Vec<(usize, Placement)> = part.iter().map(|(row, placement, _)| (*row, *placement)).collect();
            let targets: Vec<usize> = part.iter().map(|(.., target)| *target).collect();
            let logits = engine.logits(self.images.batch(&placed))?;
            sum += cross_entropy(&logits, &targets).value * part.len() as f64;
            scores.extend((0..part.len()).map(|index| softmax(logits.item(index))[1]));
        }
        let auc = match self.task {
            Task::Outcome { outcome, .. } => {
                let outcome: Vec<bool> = rows.iter().map(|row| outcome[*row]).collect();
                auc(&outcome, &scores, Orientation::HigherIsRisk).ok()
            }
            Task::Rotation { .. } => None,
        };
        Ok(Judged { loss: sum / items.len().max(1) as f64, auc })
    }
}

struct Judged {
    loss: f64,
    auc: Option<f64>,
}
