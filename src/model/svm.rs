//! Support vector machine with a radial kernel, by linfa-svm on standardised columns. Its decision values become
//! probabilities by Platt scaling that is fitted on cross-fitted decision values, never on those of the fit itself.

use super::{Data, Fitted, ModelError, setting, to_array};
use crate::results::ModelFacts;
use crate::split::TrainingRows;
use crate::stats::Orientation;
use crate::stats::linear_algebra::Matrix;
use crate::stats::random::Seed;
use crate::stats::regression::platt;
use linfa::prelude::*;
use linfa_svm::Svm;
use ndarray::{Array1, ArrayView1};
use rayon::prelude::*;

pub(super) struct Settings {
    pub cost: f64,
    pub gamma: Option<f64>,
    pub folds: usize,
}

/// The stopping tolerance of the solver: libsvm's own default.
const TOLERANCE: f64 = 1e-3;

pub(super) fn fit(
    data: &Data<'_>,
    mut facts: ModelFacts,
    settings: &Settings,
    seed: Seed,
) -> Result<Fitted, ModelError> {
    let model = facts.id.clone();
    let fails = |reason: String| ModelError::Fit { model: model.clone(), reason };
    let gamma = settings.gamma.unwrap_or(1.0 / data.encoder.columns().len() as f64);
    let outcome = data.training_outcome();
    let folds = assign_folds(&outcome, settings.folds, seed.child("platt"));

    // The last machine is trained on all training rows, the others on all but one fold of them.
    let machines: Vec<Result<Svm<f64, bool>, String>> = (0..=settings.folds)
        .into_par_iter()
        .map(|fold| {
            let positions: Vec<usize> = (0..folds.len()).filter(|position| folds[*position] != fold).collect();
            train(data, &data.training.subset(&positions), settings.cost, gamma)
        })
        .collect();
    let mut machines = machines.into_iter().collect::<Result<Vec<_>, _>>().map_err(fails)?;
    let Some(machine) = machines.pop() else { return Err(fails("no machine was trained".to_string())) };

    let training = data.encoder.standardised(data.cohort, data.training.rows());
    let held_out: Vec<f64> =
        folds.iter().enumerate().map(|(position, fold)| decision(&machines[*fold], &training, position)).collect();
    let scaling =
        platt::fit(&held_out, &outcome).map_err(|source| ModelError::Statistics { model: facts.id.clone(), source })?;

    facts.settings.push(setting("C", settings.cost));
    facts.settings.push(setting("gamma", gamma));
    facts.settings.push(setting("support vectors", machine.nsupport()));
    facts.settings.push(setting("Platt folds", settings.folds));
    facts.description = format!(
        "Support vector machine with a radial kernel (C = {}, γ = {}) on standardised predictors (linfa-svm); probabilities by Platt scaling, cross-fitted in {} folds.",
        settings.cost,
        (gamma * 1e4).round() / 1e4,
        settings.folds
    );
    let everyone = data.encoder.standardised(data.cohort, &data.everyone());
    let scores = (0..everyone.rows())
        .into_par_iter()
        .map(|row| scaling.probability(decision(&machine, &everyone, row)))
        .collect();
    Ok(Fitted { facts, orientation: Orientation::HigherIsRisk, scores, baseline: None })
}

fn train(data: &Data<'_>, rows: &TrainingRows, cost: f64, gamma: f64) -> Result<Svm<f64, bool>, String> {
    let design = to_array(&data.encoder.standardised(data.cohort, rows.rows()));
    let targets = Array1::from_iter(rows.rows().iter().map(|row| data.outcome[*row]));
    // linfa's kernel is exp(−‖x − y‖² / ε).
    Svm::<f64, bool>::params()
        .pos_neg_weights(cost, cost)
        .eps(TOLERANCE)
        .gaussian_kernel(1.0 / gamma)
        .fit(&linfa::Dataset::new(design, targets))
        .map_err(|error| error.to_string())
}

/// Above zero for the event.
fn decision(machine: &Svm<f64, bool>, design: &Matrix, row: usize) -> f64 {
    machine.weighted_sum(&ArrayView1::from(design.row(row))) - machine.rho
}

/// A fold for each training position, each class dealt out in turn after a shuffle.
fn assign_folds(outcome: &[bool], folds: usize, seed: Seed) -> Vec<usize> {
    let mut assigned = vec![0; outcome.len()];
    let mut next = 0;
    for class in [false, true] {
        let mut positions: Vec<usize> = (0..outcome.len()).filter(|position| outcome[*position] == class).collect();
        seed.child(if class { "event" } else { "no event" }).stream().shuffle(&mut positions);
        for position in positions {
            assigned[position] = next % folds;
            next += 1;
        }
    }
    assigned
}
