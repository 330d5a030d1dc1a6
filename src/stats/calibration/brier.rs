//! The Brier score, its scaled form, and Spiegelhalter's test of calibration.
//!
//! Estimand: the mean squared difference between predicted probability and outcome, E(p − Y)²; 0 is perfect, and
//! π(1 − π) that of predicting the share of events π for everyone.
//!
//! Formulas: Brier = Σ(p − y)²/n, with the standard error of a mean; scaled = 1 − Brier / (π(1 − π)), the share of the
//! reference's error that the model removes (1 perfect, 0 no better than π, negative worse).
//! Spiegelhalter: z = Σ(y − p)(1 − 2p) / √Σ(1 − 2p)² p(1 − p), standard normal when the predictions are the
//! probabilities; two-sided.
//!
//! Input: outcomes (`true` the event), probabilities in [0, 1]. Row order does not matter, bit for bit.
//! Edge cases: with one class the scaled score is `None`; when every prediction is 0, ½ or 1 Spiegelhalter's variance is
//! 0 and the test is `None`. Limits of the Brier score are not clipped.
//!
//! Source: Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2; Spiegelhalter 1986, doi:10.1002/sim.4780050506;
//! Steyerberg et al. 2010, doi:10.1097/EDE.0b013e3181c30fb2 (scaled).
//! Oracle: rms 6.5-0 `val.prob`; the definitions in R 4.2.2.

use super::check_probabilities;
use super::groups::Sorted;
use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The Brier score and what is derived from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrierScore {
    /// With limits from the standard error of a mean of squares.
    pub brier: Estimate,
    /// Of predicting the share of events for everyone.
    pub reference: f64,
    /// 1 − Brier / reference.
    pub scaled: Option<f64>,
    /// That the predictions are the probabilities.
    pub spiegelhalter: Option<Test>,
}

/// Brier score of predicted probabilities.
pub fn brier_score(outcome: &[bool], probability: &[f64], level: f64) -> Result<BrierScore, StatsError> {
    check_probabilities(outcome, probability)?;
    require_level(level)?;
    let rows = Sorted::new(outcome, probability);
    let n = outcome.len() as f64;
    let squares: Vec<f64> = rows.pairs().map(|(y, p)| (p - y) * (p - y)).collect();
    let brier = squares.iter().sum::<f64>() / n;
    let variance = squares.iter().map(|square| (square - brier) * (square - brier)).sum::<f64>() / n;
    let error = (variance / n).sqrt();
    let half = normal_critical(level) * error;
    let share = rows.outcome.iter().filter(|event| **event).count() as f64 / n;
    let reference = share * (1.0 - share);
    Ok(BrierScore {
        brier: Estimate::new(brier, outcome.len()).with_standard_error(error).with_interval(
            brier - half,
            brier + half,
            level,
            "normal, standard error of the mean",
        ),
        reference,
        scaled: (reference > 0.0).then(|| 1.0 - brier / reference),
        spiegelhalter: spiegelhalter(&rows),
    })
}

fn spiegelhalter(rows: &Sorted) -> Option<Test> {
    let (distance, variance) = rows.pairs().fold((0.0, 0.0), |(distance, variance), (y, p)| {
        let tilt = 1.0 - 2.0 * p;
        (distance + (y - p) * tilt, variance + tilt * tilt * p * (1.0 - p))
    });
    let z = distance / variance.sqrt();
    (variance > 0.0).then(|| Test {
        statistic: Some(z),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(z),
        alternative: Alternative::TwoSided,
        method: Cow::Borrowed("Spiegelhalter"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Squares 0.04, 0.25, 0.16, 0.01 for y = 0, 1, 1, 1 at 0.2, 0.5, 0.6, 0.9: Brier 0.115; reference 3/16.
        // Spiegelhalter: Σ(y − p)(1 − 2p) = −0.12 + 0 − 0.08 − 0.08 = −0.28;
        // Σ(1 − 2p)²p(1 − p) = 0.36·0.16 + 0 + 0.04·0.24 + 0.64·0.09 = 0.1248.
        let score = brier_score(&[false, true, true, true], &[0.2, 0.5, 0.6, 0.9], 0.95).unwrap();
        assert!((score.brier.value - 0.115).abs() < 1e-15);
        assert!((score.scaled.unwrap() - (1.0 - 0.115 / 0.1875)).abs() < 1e-14);
        let test = score.spiegelhalter.unwrap();
        assert!((test.statistic.unwrap() + 0.28 / 0.1248f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn one_class_has_no_scaled_score_and_certain_predictions_no_test() {
        let score = brier_score(&[true, true], &[1.0, 0.5], 0.95).unwrap();
        assert_eq!((score.brier.value, score.scaled, score.spiegelhalter), (0.125, None, None));
    }

    #[test]
    fn a_single_subject_has_no_spread() {
        let score = brier_score(&[true], &[0.4], 0.95).unwrap();
        assert!((score.brier.value - 0.36).abs() < 1e-15);
        assert_eq!(score.brier.standard_error, Some(0.0));
    }
}
