//! Predictive values at another prevalence.
//!
//! Estimand: P(event | positive call) and P(no event | negative call) where the event has prevalence π, by Bayes' rule:
//! PPV = Se π / (Se π + (1 − Sp)(1 − π)) and NPV = Sp (1 − π) / ((1 − Se) π + Sp (1 − π)).
//! Assumptions: sensitivity and specificity carry over to the other population. Needed where cases and controls were
//! sampled apart, because the table's own predictive values then describe the sampling.
//! Edge cases: a value is `None` where no call of that kind can happen; `None` for both where a class is missing.
//! Oracle: the formulae themselves, evaluated in R 4.2.2.

use super::confusion::ConfusionMatrix;
use crate::stats::error::StatsError;
use serde::{Deserialize, Serialize};

/// Predictive values for a declared prevalence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictiveValues {
    /// The prevalence they are for.
    pub prevalence: f64,
    /// P(event | positive call).
    pub positive: Option<f64>,
    /// P(no event | negative call).
    pub negative: Option<f64>,
}

/// The predictive values that the matrix's sensitivity and specificity give at `prevalence`.
pub fn at_prevalence(matrix: &ConfusionMatrix, prevalence: f64) -> Result<PredictiveValues, StatsError> {
    if !(0.0..=1.0).contains(&prevalence) {
        return Err(StatsError::OutOfRange { what: "prevalence", value: prevalence, expected: "between 0 and 1" });
    }
    if matrix.positives() == 0 || matrix.negatives() == 0 {
        return Ok(PredictiveValues { prevalence, positive: None, negative: None });
    }
    let share = |count: u64, of: u64| count as f64 / of as f64;
    let true_positive = share(matrix.true_positives, matrix.positives()) * prevalence;
    let false_positive = share(matrix.false_positives, matrix.negatives()) * (1.0 - prevalence);
    let true_negative = share(matrix.true_negatives, matrix.negatives()) * (1.0 - prevalence);
    let false_negative = share(matrix.false_negatives, matrix.positives()) * prevalence;
    let of_calls = |right: f64, wrong: f64| (right + wrong > 0.0).then(|| right / (right + wrong));
    Ok(PredictiveValues {
        prevalence,
        positive: of_calls(true_positive, false_positive),
        negative: of_calls(true_negative, false_negative),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Se 0.8, Sp 0.75, π = 0.1: PPV = 0.08/(0.08 + 0.225), NPV = 0.675/(0.675 + 0.02).
        let matrix = ConfusionMatrix { true_positives: 8, false_positives: 5, true_negatives: 15, false_negatives: 2 };
        let values = at_prevalence(&matrix, 0.1).unwrap();
        assert!((values.positive.unwrap() - 0.08 / 0.305).abs() < 1e-15);
        assert!((values.negative.unwrap() - 0.675 / 0.695).abs() < 1e-15);
        assert!(at_prevalence(&matrix, 1.5).is_err() && at_prevalence(&matrix, f64::NAN).is_err());
    }
}
