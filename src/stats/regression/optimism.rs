//! Bootstrap correction for optimism: how a model would do on new subjects, from the subjects it was developed on.
//!
//! Estimand, method and handling of replicates: [`crate::stats::resample::optimism`]. Measures: AUC; calibration slope and
//! intercept of a logistic recalibration; Brier score.
//!
//! The development is a closure: it gets the positions of the subjects to develop on (repeats allowed) and returns the
//! linear predictor (log odds) of **all** subjects. One seed per replicate: the same result at any number of threads.
//! Replicates are drawn by position, so that for [`optimism_bootstrap`] the order of subjects matters; put them in an
//! order of their contents first, as [`logistic_optimism`] does, whose result depends on the contents only.
//!
//! Edge cases: a replicate that cannot be developed or measured (one class, separation) is left out and counted in
//! `failed`; when fewer than two remain the result is an error. A calibration slope that does not exist on the original
//! subjects is an error at once.
//!
//! Source: Harrell, Lee and Mark 1996, doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4; Steyerberg et al. 2001,
//! doi:10.1016/S0895-4356(01)00341-9.
//! Oracle: rms 6.5-0 `validate` (five seeds of 200 replicates: within their spread).

use super::logistic::{LogisticInput, LogisticOptions, inverse_logit, logistic};
use super::row_order::row_order;
use crate::stats::discrimination::auc::auc;
use crate::stats::error::{StatsError, require_same_length};
use crate::stats::estimate::Orientation;
use crate::stats::resample::optimism::{Corrected, CorrectedMeasure, OptimismOptions, correct};
use serde::{Deserialize, Serialize};

/// Performance as it appears and corrected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptimismCorrected {
    /// Area under the receiver operating characteristic curve.
    pub auc: CorrectedMeasure,
    /// Apparent 1 for a maximum-likelihood fit; the corrected slope is the shrinkage that the model needs.
    pub slope: CorrectedMeasure,
    /// Of the model.
    pub intercept: CorrectedMeasure,
    /// Brier score.
    pub brier: CorrectedMeasure,
    /// Replicates that the means rest on.
    pub replicates: usize,
    /// Replicates left out.
    pub failed: usize,
}

/// Optimism of the development procedure `develop`.
pub fn optimism_bootstrap<Develop>(
    outcome: &[bool],
    develop: Develop,
    options: &OptimismOptions,
) -> Result<OptimismCorrected, StatsError>
where
    Develop: Fn(&[usize]) -> Result<Vec<f64>, StatsError> + Sync,
{
    let measured = |predictor: &[f64], rows: &[usize]| performance(outcome, predictor, rows);
    let Corrected { measures: [auc, slope, intercept, brier], replicates, failed } =
        correct(outcome.len(), develop, measured, options)?;
    Ok(OptimismCorrected { auc, slope, intercept, brier, replicates, failed })
}

/// Optimism of a logistic model of fixed columns. Row order does not matter, bit for bit.
pub fn logistic_optimism(
    outcome: &[bool],
    covariates: &[&[f64]],
    options: &OptimismOptions,
) -> Result<OptimismCorrected, StatsError> {
    for covariate in covariates {
        require_same_length("outcome", outcome.len(), "covariate", covariate.len())?;
    }
    let label: Vec<f64> = outcome.iter().map(|event| if *event { 1.0 } else { 0.0 }).collect();
    let contents: Vec<&[f64]> = std::iter::once(label.as_slice()).chain(covariates.iter().copied()).collect();
    let order = row_order(outcome.len(), &contents, |_| true);
    let outcome: Vec<bool> = order.iter().map(|row| outcome[*row]).collect();
    let columns: Vec<Vec<f64>> =
        covariates.iter().map(|column| order.iter().map(|row| column[*row]).collect()).collect();
    let develop = |rows: &[usize]| -> Result<Vec<f64>, StatsError> {
        let drawn: Vec<bool> = rows.iter().map(|row| outcome[*row]).collect();
        let drawn_columns: Vec<Vec<f64>> =
            columns.iter().map(|column| rows.iter().map(|row| column[*row]).collect()).collect();
        let slices: Vec<&[f64]> = drawn_columns.iter().map(Vec::as_slice).collect();
        let fit = logistic(&LogisticInput::new(&drawn, &slices), &LogisticOptions::default())?;
        let subject = |row: usize| columns.iter().map(|column| column[row]).collect::<Vec<f64>>();
        Ok((0..outcome.len()).map(|row| fit.linear_predictor(&subject(row))).collect())
    };
    optimism_bootstrap(&outcome, develop, options)
}

/// AUC, slope, intercept and Brier score.
fn performance(outcome: &[bool], predictor: &[f64], rows: &[usize]) -> Result<[f64; 4], StatsError> {
    require_same_length("outcome", outcome.len(), "linear predictor", predictor.len())?;
    let drawn: Vec<bool> = rows.iter().map(|row| outcome[*row]).collect();
    let values: Vec<f64> = rows.iter().map(|row| predictor[*row]).collect();
    let recalibrated = logistic(&LogisticInput::new(&drawn, &[&values]), &LogisticOptions::default())?;
    let squares: f64 = drawn
        .iter()
        .zip(&values)
        .map(|(event, value)| (inverse_logit(*value) - if *event { 1.0 } else { 0.0 }).powi(2))
        .sum();
    Ok([
        auc(&drawn, &values, Orientation::HigherIsRisk)?,
        recalibrated.coefficients[0].coefficient,
        recalibrated.intercept.coefficient,
        squares / rows.len() as f64,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Seed;

    fn sample() -> (Vec<bool>, Vec<f64>, Vec<f64>) {
        let mut stream = Seed::from_study(11).stream();
        let x: Vec<f64> = (0..80).map(|_| stream.unit()).collect();
        let noise: Vec<f64> = (0..80).map(|_| stream.unit()).collect();
        let outcome = x.iter().map(|x| stream.unit() < inverse_logit(3.0 * x - 1.5)).collect();
        (outcome, x, noise)
    }

    #[test]
    fn apparent_slope_is_one_and_optimism_is_positive() {
        let (outcome, x, noise) = sample();
        let result = logistic_optimism(&outcome, &[&x, &noise], &OptimismOptions::new(Seed::from_study(5))).unwrap();
        assert!((result.slope.apparent - 1.0).abs() < 1e-9 && result.intercept.apparent.abs() < 1e-9);
        assert!(result.auc.optimism > 0.0 && result.slope.corrected < 1.0 && result.brier.optimism < 0.0);
        assert_eq!(result.replicates + result.failed, 200);
    }

    #[test]
    fn a_model_that_does_not_look_at_the_data_is_not_optimistic() {
        let (outcome, x, _) = sample();
        let options = OptimismOptions { replicates: 400, seed: Seed::from_study(5) };
        let result = optimism_bootstrap(&outcome, |_| Ok(x.clone()), &options).unwrap();
        // The mean difference over 400 draws of an AUC with a standard error of about 0.06: within four of 0.003.
        assert!(result.auc.optimism.abs() < 0.012);
    }

    #[test]
    fn row_order_does_not_matter() {
        let (outcome, x, noise) = sample();
        let turn = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
        let turned: Vec<bool> = outcome.iter().rev().copied().collect();
        let options = OptimismOptions { replicates: 20, seed: Seed::from_study(5) };
        let first = logistic_optimism(&outcome, &[&x, &noise], &options).unwrap();
        let second = logistic_optimism(&turned, &[&turn(&x), &turn(&noise)], &options).unwrap();
        assert_eq!(first, second);
    }

    #[test]
    fn a_development_that_always_fails_is_an_error() {
        let (outcome, x, _) = sample();
        let develop = |rows: &[usize]| {
            if rows.windows(2).all(|pair| pair[1] == pair[0] + 1) { Ok(x.clone()) } else { Err(StatsError::NoEvents) }
        };
        let options = OptimismOptions { replicates: 10, seed: Seed::from_study(5) };
        assert!(optimism_bootstrap(&outcome, develop, &options).is_err());
    }
}
