//! Each row's share of the score: the base of residuals and of the robust covariance.
//!
//! With h_k the hazard at the k-th step of a time with d events and x̄_k the risk set's mean there, the row's score residual
//! is ∫ (x − x̄)(dN − r dH): at its own event x − (1/d) Σ_k x̄_k, and at every event time at which it is at risk
//! −r Σ_k h_k (x − x̄_k), where a row with its own event at that time counts only 1 − k/d at step k (Efron). Both integrals
//! are differences of two running sums, so all rows together take one walk.

use super::extended::Extended;
use super::likelihood::{Hazards, TieTerms, cumulate, mean_weight, predict};
use super::prepare::Prepared;
use super::sweep::{covariates, risk_sweep};
use crate::stats::error::StatsError;
use crate::stats::linear_algebra::Matrix;
use std::collections::BTreeMap;

/// All in the order of the sorted rows, and in the columns as centred and scaled.
pub(super) struct ScoreParts {
    /// Score residuals by rows, not weighted.
    pub score: Vec<f64>,
    /// Expected number of events of each row, not weighted.
    pub expected: Vec<f64>,
    /// Mean covariates of the risk set at each block's time, by blocks.
    pub means: Vec<f64>,
    pub hazards: Hazards,
}

impl ScoreParts {
    pub fn new(data: &Prepared, ties: TieTerms, beta: &[f64]) -> Result<Self, StatsError> {
        let p = data.columns;
        let mut hazards = Hazards::new(data);
        let mut means = vec![0.0; data.blocks.len() * p];
        // Σ_k h_k x̄_k for those at risk, and for those with the event at that time.
        let mut drift = vec![0.0; data.blocks.len() * p];
        let mut tied_drift = vec![0.0; data.blocks.len() * p];
        let Hazards { risk, reference, increment, tied_increment, .. } = &mut hazards;
        risk_sweep(data, p, predict(data, beta), covariates::<0>(data), risk, reference, |set| {
            let count = set.deaths.len() as f64;
            let weight = mean_weight(data, set.deaths.clone());
            let terms = ties.sums(set.total, set.tied_total, set.deaths.len());
            increment[set.block] = weight * terms.inverse;
            tied_increment[set.block] = weight * (terms.inverse - terms.tied_inverse);
            for j in 0..p {
                let (sum, tied) = (set.sums[j], set.tied_sums[j]);
                let at = set.block * p + j;
                means[at] = (terms.inverse * sum - terms.tied_inverse * tied) / count;
                drift[at] = weight * (terms.square * sum - terms.tied_square * tied);
                tied_drift[at] = weight
                    * ((terms.square - terms.tied_square) * sum - (terms.tied_square - terms.twice_tied_square) * tied);
            }
        });
        hazards.cumulate(data);
        let mut parts = Self { score: vec![0.0; data.len() * p], expected: vec![0.0; data.len()], means, hazards };
        parts.integrate(data, &drift, &tied_drift);
        // Possible only where a monotone likelihood meets left truncation.
        if parts.score.iter().chain(&parts.expected).any(|value| !value.is_finite()) {
            let why = "the linear predictors are too far apart, as they are when the likelihood is monotone";
            return Err(StatsError::Undefined { what: "a residual of a Cox model", why });
        }
        Ok(parts)
    }

    fn integrate(&mut self, data: &Prepared, drift: &[f64], tied_drift: &[f64]) {
        let p = data.columns;
        let hazards = &self.hazards;
        let mut integral = vec![Extended::default(); drift.len()];
        cumulate(data, &hazards.reference, drift, p, &mut integral);
        let mut add = |row: usize, block: usize, expected: f64| {
            let dies = data.blocks[block].deaths().contains(&row);
            let entered = hazards.entered(data, block, row);
            let risk = hazards.risk[row] / data.weight[row];
            let expected = expected / data.weight[row];
            self.expected[row] = expected;
            for j in 0..p {
                let at = block * p + j;
                let through = match &entered {
                    Some(entered) => integral[at].minus(integral[entered.block * p + j], entered.factor),
                    None => integral[at].value(),
                };
                let through = if dies { through - drift[at] + tied_drift[at] } else { through };
                let x = data.design[row * p + j];
                let at_event = if dies { x - self.means[at] } else { 0.0 };
                self.score[row * p + j] = at_event - (expected * x - risk * through);
            }
        };
        let mut expected = Vec::new();
        for (index, block) in data.blocks.iter().enumerate() {
            expected.clear();
            expected.extend_from_slice(&hazards.risk[block.rows()]);
            hazards.expose(data, index..index + 1, &mut expected);
            block.rows().zip(&expected).for_each(|(row, expected)| add(row, index, *expected));
        }
    }
}

/// Weighted score residuals, summed within clusters (in the order of their labels), or one row each without clusters.
pub(super) fn robust_parts(
    data: &Prepared,
    ties: TieTerms,
    beta: &[f64],
    cluster: Option<&[usize]>,
) -> Result<Matrix, StatsError> {
    let p = data.columns;
    let parts = ScoreParts::new(data, ties, beta)?;
    let weighted = |row: usize, j: usize| data.weight[row] * parts.score[row * p + j];
    let Some(cluster) = cluster else {
        let values =
            (0..data.len()).flat_map(|row| (0..p).map(move |j| (row, j))).map(|(row, j)| weighted(row, j)).collect();
        return Matrix::from_rows(data.len(), p, values);
    };
    let mut position: BTreeMap<usize, usize> = data.source.iter().map(|row| (cluster[*row as usize], 0)).collect();
    for (index, value) in position.values_mut().enumerate() {
        *value = index;
    }
    let mut sums = Matrix::zeros(position.len(), p);
    for (row, source) in data.source.iter().enumerate() {
        if let Some(index) = position.get(&cluster[*source as usize]) {
            for j in 0..p {
                sums.add(*index, j, weighted(row, j));
            }
        }
    }
    Ok(sums)
}

/// V (Σ u uᵀ) V.
pub(super) fn sandwich(parts: &Matrix, model: &Matrix) -> Result<Matrix, StatsError> {
    let mut middle = Matrix::zeros(parts.columns(), parts.columns());
    for row in 0..parts.rows() {
        let values = parts.row(row);
        for (a, left) in values.iter().enumerate() {
            for (b, right) in values.iter().enumerate() {
                middle.add(a, b, left * right);
            }
        }
    }
    model.multiply(&middle)?.multiply(model)
}
