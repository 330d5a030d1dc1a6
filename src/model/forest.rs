//! Random forest of smartcore's classification trees. Each tree is a forest of one with a seed of its own, so that the
//! trees can be grown on any number of threads and the score is the share of trees that vote for the event.

use super::{Data, Fitted, ModelError, setting};
use crate::results::ModelFacts;
use crate::stats::Orientation;
use crate::stats::linear_algebra::Matrix;
use crate::stats::random::Seed;
use rayon::prelude::*;
use smartcore::ensemble::random_forest_classifier::{RandomForestClassifier, RandomForestClassifierParameters};
use smartcore::linalg::basic::matrix::DenseMatrix;

pub(super) struct Settings {
    pub trees: usize,
    pub depth: Option<u16>,
    pub leaf: usize,
}

pub(super) fn fit(
    data: &Data<'_>,
    mut facts: ModelFacts,
    settings: &Settings,
    seed: Seed,
) -> Result<Fitted, ModelError> {
    let model = facts.id.clone();
    let fails = |error: smartcore::error::Failed| ModelError::Fit { model: model.clone(), reason: error.to_string() };
    let columns = data.encoder.columns().len();
    let candidates = ((columns as f64).sqrt().floor() as usize).max(1);
    let training = dense(&data.encoder.standardised(data.cohort, data.training.rows())).map_err(fails)?;
    let everyone = dense(&data.encoder.standardised(data.cohort, &data.everyone())).map_err(fails)?;
    let outcome: Vec<u32> = data.training_outcome().into_iter().map(u32::from).collect();
    let votes: Vec<Result<Vec<u32>, smartcore::error::Failed>> = (0..settings.trees)
        .into_par_iter()
        .map(|tree| {
            let mut parameters = RandomForestClassifierParameters::default()
                .with_n_trees(1)
                .with_m(candidates)
                .with_min_samples_leaf(settings.leaf)
                .with_seed(seed.replicate(tree as u64).as_u64());
            parameters.max_depth = settings.depth;
            RandomForestClassifier::fit(&training, &outcome, parameters)?.predict(&everyone)
        })
        .collect();
    let mut counts = vec![0u32; data.cohort.n()];
    for vote in votes {
        for (count, vote) in counts.iter_mut().zip(vote.map_err(fails)?) {
            *count += vote;
        }
    }
    let scores = counts.into_iter().map(|count| f64::from(count) / settings.trees as f64).collect();
    let depth = settings.depth.map_or("none".to_string(), |depth| depth.to_string());
    facts.settings.push(setting("trees", settings.trees));
    facts.settings.push(setting("depth limit", depth));
    facts.settings.push(setting("fewest subjects in a leaf", settings.leaf));
    facts.settings.push(setting("columns tried at a split", candidates));
    facts.description = format!(
        "Random forest of {} classification trees (smartcore; {candidates} of {columns} columns tried at a split, at least {} subjects in a leaf); the score is the share of trees that vote for the event.",
        settings.trees, settings.leaf
    );
    Ok(Fitted { facts, orientation: Orientation::HigherIsRisk, scores, baseline: None, log_odds: Vec::new() })
}

fn dense(matrix: &Matrix) -> Result<DenseMatrix<f64>, smartcore::error::Failed> {
    DenseMatrix::new(matrix.rows(), matrix.columns(), matrix.values().to_vec(), false)
}
