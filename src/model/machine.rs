//! A support vector machine with a radial kernel on any standardised design, by linfa-svm. Its decision values become
//! probabilities by Platt scaling that is fitted on cross-fitted decision values, never on those of the fit itself.

use super::to_array;
use crate::results::Setting;
use crate::split::TrainingRows;
use crate::stats::linear_algebra::Matrix;
use crate::stats::random::Seed;
use crate::stats::regression::platt::{self, PlattScaling};
use linfa::prelude::*;
use linfa_svm::Svm;
use ndarray::Array1;
use rayon::prelude::*;

#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub cost: f64,
    /// One over the number of columns when not given.
    pub gamma: Option<f64>,
    pub folds: usize,
}

/// The stopping tolerance of the solver: libsvm's own default.
const TOLERANCE: f64 = 1e-3;

/// f(z) = Σᵢ wᵢ exp(−γ‖z − xᵢ‖²) − ρ over the support vectors xᵢ; above zero for the event. The probability is that of the
/// Platt scaling of f.
#[derive(Clone, Debug)]
pub struct Machine {
    support: Matrix,
    weights: Vec<f64>,
    offset: f64,
    gamma: f64,
    scaling: PlattScaling,
}

impl Machine {
    /// `design` has a row for every subject, standardised on the training rows; only the training rows' are fitted on.
    pub(super) fn fit(
        design: &Matrix,
        training: &TrainingRows,
        outcome: &[bool],
        settings: &Settings,
        seed: Seed,
    ) -> Result<Self, String> {
        let gamma = settings.gamma.unwrap_or(1.0 / design.columns() as f64);
        let training_outcome: Vec<bool> = training.rows().iter().map(|row| outcome[*row]).collect();
        let folds = assign_folds(&training_outcome, settings.folds, seed.child("platt"));

        // The last machine is trained on all training rows, the others on all but one fold of them.
        let kernels: Vec<Result<Kernel, String>> = (0..=settings.folds)
            .into_par_iter()
            .map(|fold| {
                let positions: Vec<usize> = (0..folds.len()).filter(|position| folds[*position] != fold).collect();
                Kernel::fit(design, &training.subset(&positions), outcome, settings.cost, gamma)
            })
            .collect();
        let mut kernels = kernels.into_iter().collect::<Result<Vec<_>, _>>()?;
        let Some(kernel) = kernels.pop() else { return Err("no machine was trained".to_string()) };
        let held_out: Vec<f64> = folds
            .iter()
            .zip(training.rows())
            .map(|(fold, row)| kernels[*fold].decision(design.row(*row), gamma))
            .collect();
        let scaling = platt::fit(&held_out, &training_outcome).map_err(|error| error.to_string())?;
        Ok(Self { support: kernel.support, weights: kernel.weights, offset: kernel.offset, gamma, scaling })
    }

    pub fn probability(&self, row: &[f64]) -> f64 {
        self.scaling.probability(decision(&self.support, &self.weights, self.offset, row, self.gamma))
    }

    /// ∂p/∂z at a standardised row: p(1 − p) times the slope of the Platt scaling times
    /// ∂f/∂z = Σᵢ wᵢ exp(−γ‖z − xᵢ‖²) · 2γ (xᵢ − z).
    pub fn gradient(&self, row: &[f64]) -> Vec<f64> {
        let probability = self.probability(row);
        // p = 1 / (1 + exp(A f + B)), so dp/df = −A p (1 − p).
        let slope = -self.scaling.a * probability * (1.0 - probability);
        let mut gradient = vec![0.0; row.len()];
        for (index, weight) in self.weights.iter().enumerate() {
            let support = self.support.row(index);
            let factor = slope * weight * kernel(support, row, self.gamma) * 2.0 * self.gamma;
            for (sum, (there, here)) in gradient.iter_mut().zip(support.iter().zip(row)) {
                *sum += factor * (there - here);
            }
        }
        gradient
    }

    pub(super) fn settings(&self, settings: &Settings) -> Vec<Setting> {
        vec![
            super::setting("C", settings.cost),
            super::setting("gamma", self.gamma),
            super::setting("support vectors", self.weights.len()),
            super::setting("Platt folds", settings.folds),
        ]
    }

    /// "Support vector machine … on {what} …": one sentence for the methods section.
    pub(super) fn description(&self, settings: &Settings, what: &str) -> String {
        format!(
            "Support vector machine with a radial kernel (C = {}, γ = {}) on {what} (linfa-svm); probabilities by Platt scaling, cross-fitted in {} folds.",
            settings.cost,
            (self.gamma * 1e4).round() / 1e4,
            settings.folds
        )
    }
}

/// What linfa has fitted: the support vectors with their weights.
struct Kernel {
    support: Matrix,
    weights: Vec<f64>,
    offset: f64,
}

impl Kernel {
    fn fit(design: &Matrix, rows: &TrainingRows, outcome: &[bool], cost: f64, gamma: f64) -> Result<Self, String> {
        let values = rows.rows().iter().flat_map(|row| design.row(*row)).copied().collect();
        let part = Matrix::from_rows(rows.rows().len(), design.columns(), values).map_err(|error| error.to_string())?;
        let targets = Array1::from_iter(rows.rows().iter().map(|row| outcome[*row]));
        // linfa's kernel is exp(−‖x − y‖² / ε).
        let machine = Svm::<f64, bool>::params()
            .pos_neg_weights(cost, cost)
            .eps(TOLERANCE)
            .gaussian_kernel(1.0 / gamma)
            .fit(&linfa::Dataset::new(to_array(&part), targets))
            .map_err(|error| error.to_string())?;
        // The bound below which linfa takes a weight for zero.
        let used: Vec<usize> =
            (0..machine.alpha.len()).filter(|index| machine.alpha[*index].abs() > 100.0 * f64::EPSILON).collect();
        let support = used.iter().flat_map(|index| part.row(*index)).copied().collect();
        Ok(Self {
            support: Matrix::from_rows(used.len(), design.columns(), support).map_err(|error| error.to_string())?,
            weights: used.iter().map(|index| machine.alpha[*index]).collect(),
            offset: machine.rho,
        })
    }

    fn decision(&self, row: &[f64], gamma: f64) -> f64 {
        decision(&self.support, &self.weights, self.offset, row, gamma)
    }
}

fn kernel(left: &[f64], right: &[f64], gamma: f64) -> f64 {
    let squares: f64 = left.iter().zip(right).map(|(left, right)| (left - right) * (left - right)).sum();
    libm::exp(-squares * gamma)
}

fn decision(support: &Matrix, weights: &[f64], offset: f64, row: &[f64], gamma: f64) -> f64 {
    let sum: f64 =
        weights.iter().enumerate().map(|(index, weight)| weight * kernel(support.row(index), row, gamma)).sum();
    sum - offset
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope_of_the_probability() {
        let machine = Machine {
            support: Matrix::from_rows(3, 2, vec![0.0, 1.0, -1.0, 0.5, 2.0, -0.5]).unwrap(),
            weights: vec![0.7, -1.0, 0.3],
            offset: 0.1,
            gamma: 0.4,
            scaling: platt::fit(&[-1.0, 0.2, 0.4, 1.5], &[false, true, false, true]).unwrap(),
        };
        let row = [0.3, -0.2];
        for (column, slope) in machine.gradient(&row).into_iter().enumerate() {
            let moved = |step: f64| {
                let mut row = row;
                row[column] += step;
                machine.probability(&row)
            };
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((slope - difference).abs() < 1e-9, "{slope} {difference}");
        }
    }
}
