//! The area under the receiver operating characteristic curve.
//!
//! Estimand: the probability that a random subject with the event has a higher risk score than a random subject
//! without it, a tie counting one half: P(X₊ > X₋) + P(X₊ = X₋) / 2.
//!
//! Formula: AUC = U / (n₊ n₋) with U the Mann-Whitney statistic. Pairs are counted in integers, in O(n log n), so the
//! only rounding is that of the last division. They are counted in 64 bits: 131 072 subjects can have more than 2³² pairs.
//!
//! Inputs: `outcome` is `true` for the event; `score` in any unit, since only its order matters; `orientation` declares
//! which end of the score means the event and is never guessed: an AUC below one half stays below one half.
//! Ties: one half. Missing or infinite scores: an error that names the position. Row order: the same bits in any.
//!
//! Edge cases: all scores tied gives 0.5; perfect separation 1 (or 0); one positive is enough; one class is an error.
//!
//! Source: Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747.
//! Oracle: pROC 1.18.0, `auc(roc(y, s, levels = c(0, 1), direction = '<'))`; scikit-learn 1.9.1, `roc_auc_score`.

use super::placement::auc_of;
use super::ranking::{RankedScores, rank_scores};
use crate::stats::error::StatsError;
use crate::stats::estimate::Orientation;

/// The area under the ROC curve, ties counted one half.
pub fn auc(outcome: &[bool], score: &[f64], orientation: Orientation) -> Result<f64, StatsError> {
    Ok(auc_of_ranked(&rank_scores(outcome, score, orientation)?))
}

pub(crate) fn auc_of_ranked(scores: &RankedScores) -> f64 {
    let (mut negatives_below, mut half_pairs) = (0u64, 0u64);
    for group in &scores.groups {
        let negatives = u64::from(group.negatives);
        half_pairs += u64::from(group.positives) * (2 * negatives_below + negatives);
        negatives_below += negatives;
    }
    auc_of(half_pairs, scores.positives, scores.negatives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_pairs_by_hand() {
        // Positives 0.35, 0.8, 0.4 against negatives 0.1, 0.4, 0.4: 1 + 3 + (1 + 2 · ½) = 6 of 9 pairs.
        let outcome = [false, false, true, true, true, false];
        let score = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
        assert_eq!(auc(&outcome, &score, Orientation::HigherIsRisk).unwrap(), 6.0 / 9.0);
        assert_eq!(auc(&outcome, &score, Orientation::LowerIsRisk).unwrap(), 3.0 / 9.0);
    }

    #[test]
    fn edge_cases() {
        let auc = |outcome: &[bool], score: &[f64]| auc(outcome, score, Orientation::HigherIsRisk);
        assert_eq!(auc(&[true, false, true], &[0.3, 0.3, 0.3]).unwrap(), 0.5);
        assert_eq!(auc(&[true, false], &[1.0, 0.0]).unwrap(), 1.0);
        assert_eq!(auc(&[true, false], &[0.0, 1.0]).unwrap(), 0.0);
        assert_eq!(
            auc(&[false; 3], &[0.1, 0.2, 0.3]).unwrap_err(),
            StatsError::OneClass { positives: 0, negatives: 3 }
        );
    }

    #[test]
    fn pairs_beyond_32_bits_are_counted() {
        // 100 000 of each class, every positive above every negative but for one tie: 1 − ½ / 10¹⁰.
        let n = 100_000;
        let outcome: Vec<bool> = (0..2 * n).map(|i| i >= n).collect();
        let score: Vec<f64> = (0..2 * n).map(|i| if i == n { (n - 1) as f64 } else { i as f64 }).collect();
        assert_eq!(auc(&outcome, &score, Orientation::HigherIsRisk).unwrap(), 1.0 - 0.5e-10);
    }
}
