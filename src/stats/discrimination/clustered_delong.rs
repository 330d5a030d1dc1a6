//! Interval for one AUC whose rows come in clusters (several lesions of one patient), without resampling.
//!
//! Estimand: the AUC over rows (see `auc.rs`), and the variance of its estimate over samples of independent clusters.
//!
//! Formula: with X_i the sum of the placement values V₁₀ of the m_i positive rows of cluster i, Y_i that of V₀₁ of its
//! n_i negative rows, M = Σ m_i, N = Σ n_i, and I clusters of which I₁₀ have a positive row and I₀₁ a negative one,
//! S₁₀ = I₁₀ / ((I₁₀ − 1) M) Σ (X_i − m_i A)², S₀₁ = I₀₁ / ((I₀₁ − 1) N) Σ (Y_i − n_i A)²,
//! S₁₁ = I / (I − 1) Σ (X_i − m_i A)(Y_i − n_i A), Var = S₁₀ / M + S₀₁ / N + 2 S₁₁ / (M N).
//! With one row in each cluster this is DeLong's variance. Interval: AUC ± z SE, clipped to [0, 1].
//!
//! Assumptions: clusters are independent, and there are enough of them (some 30 or more).
//! `cluster` labels the cluster of each row; labels only tell clusters apart. Ties, orientation, missing values: as in
//! `auc.rs`. Row order and labelling: the same bits, since clusters are added in the order of their contributions.
//!
//! Edge cases: fewer than two clusters with a positive row, or with a negative one, or an estimated variance below zero
//! (possible with very few clusters): `standard_error` and `interval` are `None`. Perfect separation: as in `delong.rs`.
//!
//! Source: Obuchowski 1997, doi:10.2307/2533958. Oracle: no package has it; the paper's formulas in
//! plain loops of Python (`fixtures/reference/clustered_auc.py`), whose interval holds the true AUC as often as it should in a
//! simulation; `delong.rs` where every cluster has one row; `resample/cluster.rs`.

use super::delong::{DelongScale, delong_estimate};
use super::placement::{CountedPairs, half_pairs};
use super::ranking::rank_units;
use crate::stats::error::{StatsError, require_level, require_same_length};
use crate::stats::estimate::{Estimate, Orientation};

/// The AUC with the standard error and the interval that independent clusters give.
pub fn clustered_delong_auc(
    outcome: &[bool],
    score: &[f64],
    cluster: &[usize],
    orientation: Orientation,
    level: f64,
) -> Result<Estimate, StatsError> {
    require_level(level)?;
    require_same_length("outcome", outcome.len(), "cluster", cluster.len())?;
    let ranked = rank_units(outcome, score, orientation)?;
    let pairs = half_pairs(&ranked.scores);
    let counted = CountedPairs {
        half_pairs: pairs.total,
        positives: ranked.scores.positives,
        negatives: ranked.scores.negatives,
    };
    let placement = |unit: usize, event: bool| {
        let group = ranked.group_of_unit[unit] as usize;
        if event { pairs.of_positive[group] as i64 } else { pairs.of_negative[group] as i64 }
    };
    let total = counted.half_pairs as i64;
    let variance = clustered_variance(outcome, cluster, placement, total, counted.positives, counted.negatives);
    let mut estimate = delong_estimate(counted.auc(), variance, outcome.len(), level, DelongScale::Plain);
    if let Some(interval) = &mut estimate.interval {
        interval.method = "DeLong, clustered (Obuchowski)".into();
    }
    Ok(estimate)
}

/// What one cluster adds: its rows, and its placements in half pairs.
#[derive(Clone, Copy, Default)]
struct Contribution {
    positives: u64,
    negatives: u64,
    of_positives: i128,
    of_negatives: i128,
}

/// The variance of an AUC, or of a difference of two, from the half pairs of each unit and their `total`.
pub(crate) fn clustered_variance(
    outcome: &[bool],
    cluster: &[usize],
    placement: impl Fn(usize, bool) -> i64,
    total: i64,
    positives: u64,
    negatives: u64,
) -> Option<f64> {
    let mut rows: Vec<usize> = (0..outcome.len()).collect();
    rows.sort_unstable_by_key(|row| cluster[*row]);
    let contributions: Vec<Contribution> = rows
        .chunk_by(|left, right| cluster[*left] == cluster[*right])
        .map(|rows| {
            rows.iter().fold(Contribution::default(), |mut sum, row| {
                let half_pairs = i128::from(placement(*row, outcome[*row]));
                if outcome[*row] {
                    sum.positives += 1;
                    sum.of_positives += half_pairs;
                } else {
                    sum.negatives += 1;
                    sum.of_negatives += half_pairs;
                }
                sum
            })
        })
        .collect();
    let with_positive = contributions.iter().filter(|contribution| contribution.positives > 0).count();
    let with_negative = contributions.iter().filter(|contribution| contribution.negatives > 0).count();
    if with_positive < 2 || with_negative < 2 {
        return None;
    }
    // 2 M N (X_i − m_i A) = M x_i − m_i H, where x_i and H are half pairs: exact until it is squared.
    let deviation = |placed: i128, own: u64, all: u64| i128::from(all) * placed - i128::from(own) * i128::from(total);
    let mut deviations: Vec<[i128; 2]> = contributions
        .iter()
        .map(|sum| {
            let of_positives = deviation(sum.of_positives, sum.positives, positives);
            let of_negatives = deviation(sum.of_negatives, sum.negatives, negatives);
            // Only products count: with one sign for both cases, exchanging two scores leaves the order of the sum.
            if (of_positives, of_negatives) < (0, 0) {
                [-of_positives, -of_negatives]
            } else {
                [of_positives, of_negatives]
            }
        })
        .collect();
    deviations.sort_unstable();
    let sum_of =
        |product: fn(f64, f64) -> f64| deviations.iter().fold(0.0, |sum, [x, y]| sum + product(*x as f64, *y as f64));
    let inflation = |clusters: usize| clusters as f64 / (clusters - 1) as f64;
    let (m, n) = (positives as f64, negatives as f64);
    // Each deviation of X is in units of 1 / (2 N M), and so is each of Y.
    let unit = 1.0 / (2.0 * m * n);
    let s10 = inflation(with_positive) / m * sum_of(|x, _| x * x) * unit * unit;
    let s01 = inflation(with_negative) / n * sum_of(|_, y| y * y) * unit * unit;
    let s11 = inflation(contributions.len()) * sum_of(|x, y| x * y) * unit * unit;
    let variance = s10 / m + s01 / n + 2.0 * s11 / (m * n);
    (variance >= 0.0).then_some(variance)
}

#[cfg(test)]
mod tests {
    use super::super::delong::delong_auc;
    use super::*;
    use crate::stats::random::Seed;
    use crate::stats::resample::bootstrap::{BootstrapOptions, Sampling};
    use crate::stats::resample::cluster::bootstrap_auc_clustered;

    const OUTCOME: [bool; 6] = [false, false, true, true, true, false];
    const SCORE: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
    const HIGHER: Orientation = Orientation::HigherIsRisk;

    fn standard_error(cluster: &[usize; 6]) -> Option<f64> {
        clustered_delong_auc(&OUTCOME, &SCORE, cluster, HIGHER, 0.95).unwrap().standard_error
    }

    #[test]
    fn by_hand() {
        // A = 2/3; V10 − A = −1/3, 1/3, 0 (rows 3, 4, 5); V01 − A = 1/3, −1/6, −1/6 (rows 1, 2, 6).
        // Clusters {1, 3}, {2, 4}, {5, 6}: X − mA = −1/3, 1/3, 0; Y − nA = 1/3, −1/6, −1/6; all inflations 3/2.
        // S10 / M = (3/2)(2/9) / 9 = 1/27; S01 / N = (3/2)(1/6) / 9 = 1/36; 2 S11 / 9 = 2 (3/2)(−1/6) / 9 = −1/18.
        let expected: f64 = 1.0 / 27.0 + 1.0 / 36.0 - 1.0 / 18.0;
        assert!((standard_error(&[7, 2, 7, 2, 4, 4]).unwrap() - expected.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn single_rows_give_delong() {
        let delong = delong_auc(&OUTCOME, &SCORE, HIGHER, 0.95).unwrap();
        assert!((standard_error(&[5, 4, 3, 2, 1, 0]).unwrap() - delong.standard_error.unwrap()).abs() < 1e-15);
    }

    #[test]
    fn copies_of_a_row_do_not_narrow_the_interval() {
        let copies = |i: usize| i / 4;
        let outcome: Vec<bool> = (0..24).map(|i| OUTCOME[copies(i)]).collect();
        let score: Vec<f64> = (0..24).map(|i| SCORE[copies(i)]).collect();
        let cluster: Vec<usize> = (0..24).map(copies).collect();
        let copied = clustered_delong_auc(&outcome, &score, &cluster, HIGHER, 0.95).unwrap();
        let delong = delong_auc(&OUTCOME, &SCORE, HIGHER, 0.95).unwrap();
        assert!((copied.standard_error.unwrap() - delong.standard_error.unwrap()).abs() < 1e-15);
        assert_eq!(copied.n, 24);
    }

    #[test]
    fn the_standard_error_is_near_that_of_a_bootstrap_of_clusters() {
        // 100 patients with three lesions, whose scores share a part.
        let outcome: Vec<bool> = (0..300).map(|i| (i * 7) % 11 < 4).collect();
        let cluster: Vec<usize> = (0..300).map(|i| i / 3).collect();
        let score: Vec<f64> = (0..300usize)
            .map(|i| ((i / 3 * 37) % 101 + (i * 53) % 31) as f64 + if outcome[i] { 20.0 } else { 0.0 })
            .collect();
        let ours = clustered_delong_auc(&outcome, &score, &cluster, HIGHER, 0.95).unwrap();
        let options = BootstrapOptions { replicates: 4000, sampling: Sampling::Simple, ..Default::default() };
        let drawn = bootstrap_auc_clustered(&outcome, &score, &cluster, HIGHER, &options, Seed::from_study(3)).unwrap();
        let ratio = ours.standard_error.unwrap() / drawn.standard_error.unwrap();
        // Four standard errors of a standard deviation of 4000 replicates are 4.5%; the rest is the small sample.
        assert!((ratio - 1.0).abs() < 0.06, "{ratio}");
    }

    #[test]
    fn too_few_clusters_have_no_interval() {
        assert_eq!(standard_error(&[1; 6]), None);
        // All positives in one cluster.
        assert_eq!(standard_error(&[1, 2, 3, 3, 3, 4]), None);
        assert!(clustered_delong_auc(&OUTCOME, &SCORE, &[1], HIGHER, 0.95).is_err());
    }
}
