//! The confusion matrix of a score cut at a threshold.
//!
//! Rule: a subject is called positive when `score >= threshold` ([`Orientation::HigherIsRisk`]) or when
//! `score <= threshold` ([`Orientation::LowerIsRisk`]); a score equal to the threshold is positive in both.
//! Inputs: `outcome` true for the event, `score` of the same length, all finite. The threshold may be infinite (everyone
//! or no one is called positive) but not NaN.
//! Edge cases: one class only is allowed, and gives a matrix in which some metrics are not defined; no subject is an error.
//! Oracle: R 4.2.2, `sum(p == 1 & y == 1)` and so on (helpers.R, `cm`); scikit-learn 1.9.1 `confusion_matrix`.

use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::Orientation;
use serde::{Deserialize, Serialize};

/// The four counts of a binary call against the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    /// Has the event, called positive.
    pub true_positives: u64,
    /// Has not the event, called positive.
    pub false_positives: u64,
    /// Has not the event, called negative.
    pub true_negatives: u64,
    /// Has the event, called negative.
    pub false_negatives: u64,
}

impl ConfusionMatrix {
    /// The counts when `score` is cut at `threshold`.
    pub fn at(outcome: &[bool], score: &[f64], orientation: Orientation, threshold: f64) -> Result<Self, StatsError> {
        require_same_length("outcome", outcome.len(), "score", score.len())?;
        require_finite("score", score)?;
        if threshold.is_nan() {
            return Err(StatsError::NotFinite { what: "threshold", index: 0 });
        }
        let called: Vec<bool> = score.iter().map(|value| is_positive(*value, orientation, threshold)).collect();
        Self::of_calls(outcome, &called)
    }

    /// The counts of calls that are already made, such as a reader's.
    pub fn of_calls(outcome: &[bool], called_positive: &[bool]) -> Result<Self, StatsError> {
        require_same_length("outcome", outcome.len(), "calls", called_positive.len())?;
        if outcome.is_empty() {
            return Err(StatsError::Empty { what: "outcome" });
        }
        let mut matrix = Self { true_positives: 0, false_positives: 0, true_negatives: 0, false_negatives: 0 };
        for (event, called) in outcome.iter().zip(called_positive) {
            match (event, called) {
                (true, true) => matrix.true_positives += 1,
                (false, true) => matrix.false_positives += 1,
                (false, false) => matrix.true_negatives += 1,
                (true, false) => matrix.false_negatives += 1,
            }
        }
        Ok(matrix)
    }

    /// All subjects.
    pub fn n(&self) -> u64 {
        self.positives() + self.negatives()
    }

    /// Subjects with the event.
    pub fn positives(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// Subjects without the event.
    pub fn negatives(&self) -> u64 {
        self.true_negatives + self.false_positives
    }

    /// Subjects called positive.
    pub fn called_positive(&self) -> u64 {
        self.true_positives + self.false_positives
    }

    /// Subjects called negative.
    pub fn called_negative(&self) -> u64 {
        self.true_negatives + self.false_negatives
    }
}

/// The decision rule of the whole family.
pub fn is_positive(score: f64, orientation: Orientation, threshold: f64) -> bool {
    match orientation {
        Orientation::HigherIsRisk => score >= threshold,
        Orientation::LowerIsRisk => score <= threshold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 4] = [true, true, false, false];
    const SCORE: [f64; 4] = [0.9, 0.5, 0.5, 0.1];

    #[test]
    fn a_score_at_the_threshold_is_positive_in_both_orientations() {
        let higher = ConfusionMatrix::at(&OUTCOME, &SCORE, Orientation::HigherIsRisk, 0.5).unwrap();
        assert_eq!(
            higher,
            ConfusionMatrix { true_positives: 2, false_positives: 1, true_negatives: 1, false_negatives: 0 }
        );
        let lower = ConfusionMatrix::at(&OUTCOME, &SCORE, Orientation::LowerIsRisk, 0.5).unwrap();
        assert_eq!(
            lower,
            ConfusionMatrix { true_positives: 1, false_positives: 2, true_negatives: 0, false_negatives: 1 }
        );
    }

    #[test]
    fn infinite_thresholds_call_everyone_or_no_one() {
        let everyone = ConfusionMatrix::at(&OUTCOME, &SCORE, Orientation::HigherIsRisk, f64::NEG_INFINITY).unwrap();
        assert_eq!((everyone.called_positive(), everyone.called_negative()), (4, 0));
        let no_one = ConfusionMatrix::at(&OUTCOME, &SCORE, Orientation::LowerIsRisk, f64::NEG_INFINITY).unwrap();
        assert_eq!((no_one.called_positive(), no_one.n()), (0, 4));
    }

    #[test]
    fn unusable_input_is_an_error_with_its_position() {
        let orientation = Orientation::HigherIsRisk;
        assert_eq!(
            ConfusionMatrix::at(&OUTCOME, &[0.1, f64::NAN, 0.2, 0.3], orientation, 0.5),
            Err(StatsError::NotFinite { what: "score", index: 1 })
        );
        assert!(ConfusionMatrix::at(&OUTCOME, &SCORE, orientation, f64::NAN).is_err());
        assert!(ConfusionMatrix::at(&[], &[], orientation, 0.5).is_err());
        assert!(ConfusionMatrix::at(&OUTCOME, &SCORE[..3], orientation, 0.5).is_err());
    }
}
