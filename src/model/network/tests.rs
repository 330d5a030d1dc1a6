//! Training on made-up images with a known signal.

use super::architecture::Architecture;
use super::graph::Graph;
use super::images::{Augmentation, ImageStack};
use super::training::{Job, Next, Settings, State, Task, TrainingError, Watch};
use super::weights::Weights;
use super::{checkpoint, passes};
use crate::results::EpochFacts;
use crate::spec::raw::{RawArchitecture, RawProcessor};
use crate::split::{TrainingRows, UnlabelledRows};
use crate::stats::random::Seed;
use std::path::Path;

pub(crate) const SIZE: usize = 16;

/// Noise, with a bright square in the middle of every second image.
pub(crate) fn made_up(count: usize) -> (ImageStack, Vec<bool>) {
    let border = 2;
    let wide = SIZE + 2 * border;
    let mut stream = Seed::from_study(9).stream();
    let outcome: Vec<bool> = (0..count).map(|index| index % 2 == 1).collect();
    let mut values = Vec::new();
    for sick in &outcome {
        for place in 0..wide * wide {
            let (row, column) = (place / wide, place % wide);
            let middle = (7..13).contains(&row) && (7..13).contains(&column);
            let signal = if *sick && middle { 0.8 } else { 0.0 };
            values.push((stream.unit() - 0.5 + signal) as f32);
        }
    }
    (ImageStack { channels: 1, size: SIZE, border, wide: values, preparation: String::new() }, outcome)
}

fn settings(epochs: usize) -> Settings {
    Settings {
        epochs,
        batch: 8,
        learning_rate: 3e-3,
        patience: None,
        augmentation: Augmentation { horizontal_flip: true, vertical_flip: true, crop: true },
    }
}

struct Ground {
    graph: Graph,
    images: ImageStack,
    outcome: Vec<bool>,
    rows: TrainingRows,
}

impl Ground {
    fn new() -> Self {
        let (images, outcome) = made_up(32);
        let graph = Architecture::of(RawArchitecture::Tiny).graph(1, 2);
        Self { graph, images, outcome, rows: TrainingRows::of_everyone(32) }
    }

    fn job(&self, epochs: usize) -> Job<'_> {
        Job {
            graph: &self.graph,
            images: &self.images,
            task: Task::Outcome { outcome: &self.outcome, rows: &self.rows },
            validation: None,
            settings: settings(epochs),
            processor: RawProcessor::Cpu,
            seed: Seed::from_study(2),
        }
    }

    fn start(&self, job: &Job<'_>) -> State {
        State::new(&self.graph, Weights::random(&self.graph, Seed::from_study(1)), &job.settings)
    }

    fn trained(&self, epochs: usize) -> State {
        let job = self.job(epochs);
        job.run(self.start(&job), &mut Untouched).unwrap()
    }
}

struct Untouched;

impl Watch for Untouched {
    fn after_epoch(&mut self, _: &EpochFacts) -> Next {
        Next::GoOn
    }

    fn keep(&mut self, _: &State) {}
}

/// Keeps a checkpoint after the first epoch, and stops after the second.
struct BrokenOff<'a> {
    graph: &'a Graph,
    path: &'a Path,
}

impl Watch for BrokenOff<'_> {
    fn after_epoch(&mut self, epoch: &EpochFacts) -> Next {
        if epoch.epoch == 2 { Next::Stop } else { Next::Keep }
    }

    fn keep(&mut self, state: &State) {
        checkpoint::save(self.path, self.graph, state).unwrap();
    }
}

#[test]
fn a_signal_that_is_there_is_learnt() {
    let state = Ground::new().trained(12);
    let (first, last) = (state.history[0], state.history[11]);
    assert!(last.training_loss < 0.6 * first.training_loss, "{first:?} {last:?}");
    assert!(last.training_auc.unwrap() > 0.95, "{last:?}");
}

#[test]
fn weights_do_not_depend_on_threads() {
    let on = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| Ground::new().trained(2))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(5));
}

#[test]
fn a_training_that_was_broken_off_ends_the_same() {
    let ground = Ground::new();
    let whole = ground.trained(4);
    let job = ground.job(4);
    let path = std::env::temp_dir().join(format!("vouch-checkpoint-{}", std::process::id()));
    let broken = job.run(ground.start(&job), &mut BrokenOff { graph: &ground.graph, path: &path });
    assert!(matches!(broken, Err(TrainingError::Interrupted { epoch: 2 })));
    let kept = checkpoint::load(&path, &ground.graph).unwrap();
    assert_eq!(kept.history.len(), 2);
    let resumed = job.run(kept, &mut Untouched).unwrap();
    assert_eq!(resumed, whole);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_file_that_is_no_checkpoint_is_not_resumed_from() {
    let path = std::env::temp_dir().join(format!("vouch-no-checkpoint-{}", std::process::id()));
    std::fs::write(&path, b"something else").unwrap();
    assert!(checkpoint::load(&path, &Ground::new().graph).is_none());
    std::fs::remove_file(path).unwrap();
}

#[test]
fn turns_are_learnt_without_an_outcome() {
    // A bright edge on the left: which side it is on tells the turn.
    let wide = SIZE;
    let mut stream = Seed::from_study(4).stream();
    let values = (0..24 * wide * wide)
        .map(|place| (stream.unit() - 0.5) as f32 + if place % wide < 4 { 1.0 } else { 0.0 })
        .collect();
    let images = ImageStack { channels: 1, size: SIZE, border: 0, wide: values, preparation: String::new() };
    let graph = Architecture::of(RawArchitecture::Tiny).graph(1, 4);
    let rows = UnlabelledRows::of_everyone(24);
    let mut settings = settings(20);
    // A flip would undo what is to be learnt.
    settings.augmentation = Augmentation { horizontal_flip: false, vertical_flip: false, crop: false };
    let job = Job {
        graph: &graph,
        images: &images,
        task: Task::Rotation { rows: &rows },
        validation: None,
        settings,
        processor: RawProcessor::Cpu,
        seed: Seed::from_study(2),
    };
    let state = State::new(&graph, Weights::random(&graph, Seed::from_study(1)), &settings);
    let state = job.run(state, &mut Untouched).unwrap();
    assert!(state.history[19].training_loss < 0.7 * state.history[0].training_loss, "{:?}", state.history);
}

/// Weights with running moments that are not those of the start.
pub(crate) fn some_network(architecture: RawArchitecture) -> (Graph, Weights) {
    let graph = Architecture::of(architecture).graph(1, 2);
    let mut weights = Weights::random(&graph, Seed::from_study(6));
    let (images, _) = made_up(8);
    let placed: Vec<_> = (0..8).map(|row| (row, images.centre())).collect();
    let trace = passes::forward(&graph, &weights, images.batch(&placed), passes::Mode::Training);
    passes::update_running_moments(&graph, &mut weights, &trace);
    (graph, weights)
}

/// What the training code gives for one image: the values of every node.
pub(crate) fn values_of(graph: &Graph, weights: &Weights, images: &ImageStack, row: usize) -> Vec<Vec<f32>> {
    let trace = passes::forward(graph, weights, images.batch(&[(row, images.centre())]), passes::Mode::Evaluation);
    trace.values.into_iter().map(|batch| batch.values).collect()
}
