//! Two AUCs on the same clustered rows: the paired test with clusters (patients) as the independent units.
//!
//! Estimand: AUC(a) − AUC(b) over rows, and the test that it is zero.
//!
//! Formula: the clustered variance of `discrimination/clustered_delong.rs`, taken of the differences of the placement
//! values of the two scores; z = difference / SE against the normal distribution; interval difference ± z SE, clipped to
//! [−1, 1]. With one row in each cluster this is the test of `delong.rs`.
//!
//! Sign: that of a − b. Assumptions, inputs, row order: as in `discrimination/clustered_delong.rs`.
//! Edge cases: identical scores: difference 0, statistic 0, P = 1; a difference without variance, or without a defined
//! one (fewer than two clusters with a positive row, or with a negative one): an error.
//!
//! Source: Obuchowski 1997, doi:10.2307/2533958. Oracle: the paper's formulas in plain loops of Python
//! (`fixtures/reference/clustered_auc.py`); `delong.rs` where every cluster has one row.

use super::delong::{PlacedScore, normal_p_value, signed_statistic};
use crate::stats::discrimination::clustered_delong::{clustered_delong_auc, clustered_variance};
use crate::stats::distribution::normal_critical;
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Orientation, Test};
use serde::{Deserialize, Serialize};

/// Two AUCs of the same clustered rows, held against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusteredAucComparison {
    pub auc_a: Estimate,
    pub auc_b: Estimate,
    /// AUC(a) − AUC(b), with the standard error that the pairing and the clusters give.
    pub difference: Estimate,
    /// Two-sided; its statistic has the sign of the difference.
    pub test: Test,
}

/// Compares two scores of the same rows; `cluster` labels the cluster of each row.
pub fn clustered_paired_delong(
    outcome: &[bool],
    cluster: &[usize],
    score_a: &[f64],
    orientation_a: Orientation,
    score_b: &[f64],
    orientation_b: Orientation,
    level: f64,
) -> Result<ClusteredAucComparison, StatsError> {
    let auc_a = clustered_delong_auc(outcome, score_a, cluster, orientation_a, level)?;
    let auc_b = clustered_delong_auc(outcome, score_b, cluster, orientation_b, level)?;
    let a = PlacedScore::new(outcome, score_a, orientation_a)?;
    let b = PlacedScore::new(outcome, score_b, orientation_b)?;
    let (counted_a, counted_b) = (a.counted(), b.counted());
    let placement = |unit: usize, event: bool| a.of_unit(unit, event) - b.of_unit(unit, event);
    let total = counted_a.half_pairs as i64 - counted_b.half_pairs as i64;
    let variance = clustered_variance(outcome, cluster, placement, total, counted_a.positives, counted_a.negatives);
    let Some(variance) = variance else {
        return Err(StatsError::Undefined {
            what: "clustered DeLong test",
            why: "too few clusters have rows with the event, or without it",
        });
    };
    let value = counted_a.auc_minus(counted_b);
    let standard_error = variance.sqrt();
    let statistic = signed_statistic("clustered DeLong test", value, standard_error)?;
    let half_width = normal_critical(level) * standard_error;
    let difference = Estimate::new(value, outcome.len()).with_standard_error(standard_error).with_interval(
        (value - half_width).max(-1.0),
        (value + half_width).min(1.0),
        level,
        "DeLong, paired, clustered (Obuchowski)",
    );
    Ok(ClusteredAucComparison {
        auc_a,
        auc_b,
        difference,
        test: Test {
            statistic: Some(statistic),
            distribution: NullDistribution::Normal,
            p_value: normal_p_value(statistic, Alternative::TwoSided),
            alternative: Alternative::TwoSided,
            method: "DeLong, paired, clustered (Obuchowski)".into(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::delong::paired_delong;
    use super::*;

    const OUTCOME: [bool; 6] = [false, false, true, true, true, false];
    const A: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
    const B: [f64; 6] = [1.0, 2.0, 6.0, 3.0, 5.0, 4.0];
    const HIGHER: Orientation = Orientation::HigherIsRisk;

    #[test]
    fn single_rows_give_the_paired_test() {
        let single = paired_delong(&OUTCOME, &A, HIGHER, &B, HIGHER, 0.95).unwrap();
        let ours = clustered_paired_delong(&OUTCOME, &[3, 1, 4, 2, 5, 9], &A, HIGHER, &B, HIGHER, 0.95).unwrap();
        assert_eq!(ours.difference.value, single.difference.value);
        assert!((ours.test.statistic.unwrap() - single.test.statistic.unwrap()).abs() < 1e-14);
    }

    #[test]
    fn edge_cases() {
        let pairs = [0, 1, 0, 1, 2, 2];
        let same = clustered_paired_delong(&OUTCOME, &pairs, &A, HIGHER, &A, HIGHER, 0.95).unwrap();
        assert_eq!((same.test.statistic, same.test.p_value), (Some(0.0), 1.0));
        let forth = clustered_paired_delong(&OUTCOME, &pairs, &A, HIGHER, &B, HIGHER, 0.95);
        let back = clustered_paired_delong(&OUTCOME, &pairs, &B, HIGHER, &A, HIGHER, 0.95);
        assert_eq!(forth.unwrap().test.statistic.unwrap(), -back.unwrap().test.statistic.unwrap());
        assert!(clustered_paired_delong(&OUTCOME, &[0; 6], &A, HIGHER, &B, HIGHER, 0.95).is_err());
    }
}
