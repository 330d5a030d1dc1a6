//! Bootstrap interval for an AUC whose rows come in clusters: several lesions, or several images, of one patient.
//!
//! Estimand: the AUC over rows (see `discrimination/auc.rs`); pairs within a cluster count as all others do. The unit
//! that is drawn is the cluster, with all its rows.
//!
//! Under [`Sampling::Stratified`] clusters are drawn within three strata (with positive rows only, negative only, both),
//! so that every replicate has both classes; under [`Sampling::Simple`] all clusters alike.
//! Intervals and their edge cases: `bootstrap.rs`. The acceleration of BCa leaves out one cluster at a time, in closed
//! form; a cluster whose removal would leave one class only is left out of it. Time O(n) per replicate.
//!
//! Assumptions: clusters are independent; there are enough of them (some 20 or more).
//! Labels of clusters only tell clusters apart. Ties, orientation, missing values: as in `discrimination/auc.rs`.
//! Row order, labelling and threads: the same bits, since clusters are ordered by what is in them.
//!
//! Edge cases: every cluster of size one: a bootstrap of rows; a single cluster: an error.
//! `n` of the result is the number of rows; the interval's method names the number of clusters.
//!
//! Source: Rutter 2000, doi:10.1016/S1076-6332(00)80381-5. No oracle: checked by hand and against `statistic.rs`.

use super::auc::pairs_of_counts;
use super::bootstrap::{BootstrapOptions, Sampling};
use super::interval::{Observed, Weighted, acceleration, bootstrap_estimate};
use super::replicates;
use crate::stats::discrimination::placement::{CountedPairs, HalfPairs, auc_of, half_pairs};
use crate::stats::discrimination::ranking::{RankedScores, rank_units};
use crate::stats::error::{StatsError, require_same_length};
use crate::stats::estimate::{Estimate, Orientation};
use crate::stats::random::{Seed, Stream};
use std::ops::Range;

/// The AUC with its standard error and interval from a bootstrap of clusters; `cluster` labels the cluster of each row.
pub fn bootstrap_auc_clustered(
    outcome: &[bool],
    score: &[f64],
    cluster: &[usize],
    orientation: Orientation,
    options: &BootstrapOptions,
    seed: Seed,
) -> Result<Estimate, StatsError> {
    options.validate()?;
    require_same_length("outcome", outcome.len(), "cluster", cluster.len())?;
    let ranked = rank_units(outcome, score, orientation)?;
    let clusters = Clusters::new(outcome, &ranked.group_of_unit, cluster, options.sampling);
    if clusters.count() < 2 {
        return Err(StatsError::TooFew { what: "number of clusters", needed: 2, found: clusters.count() });
    }
    let scores = ranked.scores;
    let pairs = half_pairs(&scores);
    let drawn = replicates::run(
        options.replicates,
        seed,
        || vec![[0u32; 2]; scores.groups.len()],
        |counts, stream| clusters.replicate(counts, stream),
    );
    let name = format!(" of {} clusters", clusters.count());
    let observed = Observed {
        value: auc_of(pairs.total, scores.positives, scores.negatives),
        n: scores.units(),
        support: 0.0..=1.0,
        units: &name,
    };
    bootstrap_estimate(&observed, &drawn, options, || acceleration(&clusters.auc_without_each(&scores, &pairs)))
}

/// A row in a cluster, as far as the AUC sees it: twice the group of its score, plus one with the event.
type Code = u32;

/// Clusters in an order that depends on their contents only; those of a stratum are neighbours.
struct Clusters {
    contents: Vec<Vec<Code>>,
    strata: Vec<Range<usize>>,
}

impl Clusters {
    fn new(outcome: &[bool], group_of_unit: &[u32], cluster: &[usize], sampling: Sampling) -> Self {
        let mut rows: Vec<(usize, Code)> = outcome
            .iter()
            .zip(group_of_unit)
            .zip(cluster)
            .map(|((event, group), label)| (*label, 2 * group + u32::from(*event)))
            .collect();
        rows.sort_unstable();
        let mut contents: Vec<Vec<Code>> = rows
            .chunk_by(|left, right| left.0 == right.0)
            .map(|rows| rows.iter().map(|(_, code)| *code).collect())
            .collect();
        let strata = match sampling {
            Sampling::Simple => {
                contents.sort_unstable();
                std::iter::once(0..contents.len()).collect()
            }
            Sampling::Stratified => {
                contents.sort_unstable_by(|left, right| (classes(left), left).cmp(&(classes(right), right)));
                let mut start = 0;
                contents
                    .chunk_by(|left, right| classes(left) == classes(right))
                    .map(|stratum| {
                        let range = start..start + stratum.len();
                        start = range.end;
                        range
                    })
                    .collect()
            }
        };
        Self { contents, strata }
    }

    fn count(&self) -> usize {
        self.contents.len()
    }

    fn replicate(&self, counts: &mut [[u32; 2]], stream: &mut Stream) -> Option<f64> {
        counts.fill([0; 2]);
        for stratum in &self.strata {
            for _ in stratum.clone() {
                let drawn = stratum.start + stream.below(stratum.len() as u64) as usize;
                for code in &self.contents[drawn] {
                    counts[(code >> 1) as usize][(code & 1) as usize] += 1;
                }
            }
        }
        pairs_of_counts(counts).map(CountedPairs::auc)
    }

    /// The AUC without each cluster, by stratum, where it is defined.
    fn auc_without_each(&self, scores: &RankedScores, pairs: &HalfPairs) -> Vec<Vec<Weighted>> {
        let without = |content: &Vec<Code>| {
            let positives = content.iter().filter(|code| *code & 1 == 1).count() as u64;
            let (left_positives, left_negatives) =
                (scores.positives - positives, scores.negatives - (content.len() as u64 - positives));
            let removed: u64 = content
                .iter()
                .map(|code| {
                    let group = (code >> 1) as usize;
                    if code & 1 == 1 { pairs.of_positive[group] } else { pairs.of_negative[group] }
                })
                .sum();
            // Pairs within the cluster were removed from both sides.
            let left = pairs.total + half_pairs_within(content) - removed;
            (left_positives > 0 && left_negatives > 0)
                .then(|| Weighted { value: auc_of(left, left_positives, left_negatives), times: 1.0 })
        };
        self.strata.iter().map(|stratum| self.contents[stratum.clone()].iter().filter_map(without).collect()).collect()
    }
}

/// Which classes a cluster has: 0 negatives only, 1 positives only, 2 both.
fn classes(content: &[Code]) -> u8 {
    match (content.iter().any(|code| code & 1 == 0), content.iter().any(|code| code & 1 == 1)) {
        (_, false) => 0,
        (false, true) => 1,
        (true, true) => 2,
    }
}

/// Half pairs between the positives and the negatives of one cluster; codes ascend, so negatives of a group come first.
fn half_pairs_within(content: &[Code]) -> u64 {
    let mut total = 0;
    let (mut negatives_below, mut negatives_here, mut group) = (0u64, 0u64, None);
    for code in content {
        if group != Some(code >> 1) {
            group = Some(code >> 1);
            negatives_below += negatives_here;
            negatives_here = 0;
        }
        if code & 1 == 0 {
            negatives_here += 1;
        } else {
            total += 2 * negatives_below + negatives_here;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::BootstrapInterval;
    use super::super::statistic::bootstrap_statistic;
    use super::*;
    use crate::stats::discrimination::auc::auc;

    const HIGHER: Orientation = Orientation::HigherIsRisk;

    /// 30 patients with two lesions each, of all three kinds.
    fn lesions() -> (Vec<bool>, Vec<f64>, Vec<usize>) {
        let outcome: Vec<bool> = (0..60).map(|i| i % 3 == 0 || i % 20 < 4).collect();
        let score = (0..60).map(|i| f64::from((i * 37) % 41) + if i % 3 == 0 { 10.0 } else { 0.0 }).collect();
        (outcome, score, (0..60).map(|i| (i / 2) * 7 % 31).collect())
    }

    #[test]
    fn pairs_within_a_cluster_by_hand() {
        // Groups 0: −; 1: − +; 2: − + +. Of the positives: one wins 1 and ties 1 (3 half pairs), two win 2 and tie 1 (5).
        assert_eq!(half_pairs_within(&[0, 2, 3, 4, 5, 5]), 3 + 5 + 5);
        assert_eq!((classes(&[0, 2]), classes(&[1]), classes(&[0, 3])), (0, 1, 2));
    }

    #[test]
    fn without_each_cluster_as_computed_anew() {
        let (outcome, score, cluster) = lesions();
        let ranked = rank_units(&outcome, &score, HIGHER).unwrap();
        let clusters = Clusters::new(&outcome, &ranked.group_of_unit, &cluster, Sampling::Simple);
        let mut closed: Vec<f64> = clusters
            .auc_without_each(&ranked.scores, &half_pairs(&ranked.scores))
            .concat()
            .iter()
            .map(|item| item.value)
            .collect();
        let mut direct: Vec<f64> = (0..31)
            .filter(|label| cluster.contains(label))
            .map(|label| {
                let rows: Vec<usize> = (0..60).filter(|row| cluster[*row] != label).collect();
                let outcome: Vec<bool> = rows.iter().map(|row| outcome[*row]).collect();
                let score: Vec<f64> = rows.iter().map(|row| score[*row]).collect();
                auc(&outcome, &score, HIGHER).unwrap()
            })
            .collect();
        closed.sort_by(f64::total_cmp);
        direct.sort_by(f64::total_cmp);
        assert_eq!(closed, direct);
    }

    #[test]
    fn agrees_with_the_general_bootstrap() {
        let (outcome, score, cluster) = lesions();
        let options = BootstrapOptions {
            sampling: Sampling::Simple,
            kind: BootstrapInterval::BiasCorrectedAccelerated,
            replicates: 4000,
            ..Default::default()
        };
        let seed = Seed::from_study(2);
        let ours = bootstrap_auc_clustered(&outcome, &score, &cluster, HIGHER, &options, seed).unwrap();
        let general = bootstrap_statistic(60, None, Some(&cluster), &options, seed, |rows| {
            let outcome: Vec<bool> = rows.iter().map(|row| outcome[*row]).collect();
            let score: Vec<f64> = rows.iter().map(|row| score[*row]).collect();
            auc(&outcome, &score, HIGHER).ok()
        })
        .unwrap();
        assert_eq!((ours.value, ours.n), (general.value, general.n));
        // The ratio of two standard deviations of 4000 replicates: four standard errors are 6.3%.
        assert!((ours.standard_error.unwrap() / general.standard_error.unwrap() - 1.0).abs() < 0.063);
        let (ours, general) = (ours.interval.unwrap(), general.interval.unwrap());
        assert!((ours.lower - general.lower).abs() < 0.02 && (ours.upper - general.upper).abs() < 0.02);
        assert_eq!(ours.method, general.method);
    }

    #[test]
    fn copies_of_a_patient_do_not_narrow_the_interval() {
        // Each lesion three times, as three rows of its patient: the same standard error as of single rows.
        let outcome: Vec<bool> = (0..40).map(|i| i % 2 == 0).collect();
        let score: Vec<f64> = (0..40).map(|i| f64::from((i * 7) % 23) + if i % 2 == 0 { 4.0 } else { 0.0 }).collect();
        let triple = |i: usize| i / 3;
        let outcome3: Vec<bool> = (0..120).map(|i| outcome[triple(i)]).collect();
        let score3: Vec<f64> = (0..120).map(|i| score[triple(i)]).collect();
        let (options, seed) = (BootstrapOptions { replicates: 4000, ..Default::default() }, Seed::from_study(2));
        let single = super::super::auc::bootstrap_auc(&outcome, &score, HIGHER, &options, seed).unwrap();
        let cluster: Vec<usize> = (0..120).map(triple).collect();
        let tripled = bootstrap_auc_clustered(&outcome3, &score3, &cluster, HIGHER, &options, seed).unwrap();
        assert_eq!(single.value, tripled.value);
        assert!((tripled.standard_error.unwrap() / single.standard_error.unwrap() - 1.0).abs() < 0.063);
    }

    #[test]
    fn one_cluster_is_an_error() {
        let options = BootstrapOptions::default();
        let seed = Seed::from_study(2);
        assert!(bootstrap_auc_clustered(&[true, false], &[1.0, 0.0], &[4, 4], HIGHER, &options, seed).is_err());
        assert!(bootstrap_auc_clustered(&[true, false], &[1.0, 0.0], &[4], HIGHER, &options, seed).is_err());
    }
}
