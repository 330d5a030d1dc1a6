//! Bootstrap interval for one AUC.
//!
//! Estimand: the AUC (see `discrimination/auc.rs`); the unit that is drawn is the row, so rows must be independent. With
//! several rows per patient use `cluster.rs`.
//!
//! Method: scores are ranked once. A replicate draws, with replacement, ranks instead of rows, and counts its half pairs
//! in one pass: O(n) per replicate, no sorting, all in integers. [`Sampling::Stratified`] draws positives and negatives
//! apart; [`Sampling::Simple`] draws rows, and a replicate without both classes is undefined.
//! Intervals and their edge cases: `bootstrap.rs`. The acceleration of BCa comes from the jackknife in closed form; a
//! unit whose removal would leave one class only is left out of it.
//!
//! Ties, orientation, missing values: as in `discrimination/auc.rs`. Row order and threads: the same bits.
//!
//! Edge cases: perfect separation, or all tied: every replicate equals the estimate and the interval has width zero;
//! one positive: only the negatives vary under stratified sampling, so the interval is too narrow.
//!
//! Oracle: pROC 1.18.0, `ci.auc(r, method = 'bootstrap', boot.n = 2000, boot.stratified = TRUE)`, over five seeds,
//! within the tolerance that those give. (pROC centres on the median of the replicates; here it is the AUC itself.)

use super::bootstrap::{BootstrapOptions, Sampling};
use super::interval::{Observed, Weighted, acceleration, bootstrap_estimate};
use super::replicates;
use crate::stats::discrimination::placement::{CountedPairs, HalfPairs, auc_of, half_pairs};
use crate::stats::discrimination::ranking::{RankedScores, rank_scores};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Estimate, Orientation};
use crate::stats::random::{Seed, Stream};

/// The AUC with its bootstrap standard error and interval.
pub fn bootstrap_auc(
    outcome: &[bool],
    score: &[f64],
    orientation: Orientation,
    options: &BootstrapOptions,
    seed: Seed,
) -> Result<Estimate, StatsError> {
    options.validate()?;
    let scores = rank_scores(outcome, score, orientation)?;
    let pairs = half_pairs(&scores);
    let drawn = auc_replicates(&scores, options, seed);
    let observed = Observed {
        value: auc_of(pairs.total, scores.positives, scores.negatives),
        n: scores.units(),
        support: 0.0..=1.0,
        units: "",
    };
    bootstrap_estimate(&observed, &drawn, options, || {
        acceleration(&auc_without_each(&scores, &pairs, options.sampling))
    })
}

/// The AUCs of the replicates, in order.
pub(crate) fn auc_replicates(scores: &RankedScores, options: &BootstrapOptions, seed: Seed) -> Vec<Option<f64>> {
    let runs = runs_of_one_class(scores);
    match options.sampling {
        Sampling::Stratified => {
            let negatives = indices_of_units(runs.iter().map(|[negatives, _]| *negatives));
            let positives = indices_of_units(runs.iter().map(|[_, positives]| *positives));
            replicates::run(
                options.replicates,
                seed,
                || vec![0u64; runs.len()],
                |placements, stream| Some(stratified_replicate(&positives, &negatives, placements, stream)),
            )
        }
        Sampling::Simple => {
            let units = indices_of_units(runs.iter().flatten().copied());
            replicates::run(
                options.replicates,
                seed,
                || vec![[0u32; 2]; runs.len()],
                |counts, stream| simple_replicate(&units, counts, stream),
            )
        }
    }
}

/// Numbers of negatives and positives in ascending order of risk. Neighbouring scores that only one class has are taken
/// together: no sample of them can have another pair, and there is less to go through.
fn runs_of_one_class(scores: &RankedScores) -> Vec<[u32; 2]> {
    let mut runs: Vec<[u32; 2]> = Vec::new();
    for group in &scores.groups {
        match (runs.last_mut(), group.negatives, group.positives) {
            (Some([negatives, 0]), more, 0) => *negatives += more,
            (Some([0, positives]), 0, more) => *positives += more,
            _ => runs.push([group.negatives, group.positives]),
        }
    }
    runs
}

/// The index of each count, as many times as the count says.
fn indices_of_units(counts: impl Iterator<Item = u32>) -> Vec<u32> {
    (0u32..).zip(counts).flat_map(|(index, count)| std::iter::repeat_n(index, count as usize)).collect()
}

/// Negatives first: their counts give the half pairs of a positive in each group, which the positives then add up.
fn stratified_replicate(positives: &[u32], negatives: &[u32], placements: &mut [u64], stream: &mut Stream) -> f64 {
    placements.fill(0);
    for _ in 0..negatives.len() {
        placements[negatives[stream.below(negatives.len() as u64) as usize] as usize] += 1;
    }
    let mut below = 0;
    for placement in placements.iter_mut() {
        let here = *placement;
        *placement = 2 * below + here;
        below += here;
    }
    let mut total = 0;
    for _ in 0..positives.len() {
        total += placements[positives[stream.below(positives.len() as u64) as usize] as usize];
    }
    auc_of(total, positives.len() as u64, negatives.len() as u64)
}

/// `units` holds twice the index of the run, plus one for a positive.
fn simple_replicate(units: &[u32], counts: &mut [[u32; 2]], stream: &mut Stream) -> Option<f64> {
    counts.fill([0; 2]);
    for _ in 0..units.len() {
        let unit = units[stream.below(units.len() as u64) as usize];
        counts[(unit >> 1) as usize][(unit & 1) as usize] += 1;
    }
    pairs_of_counts(counts).map(CountedPairs::auc)
}

/// The pairs of groups in ascending order of risk, each with its numbers of negatives and positives; `None` without
/// both classes.
pub(crate) fn pairs_of_counts(counts: &[[u32; 2]]) -> Option<CountedPairs> {
    let (mut half_pairs, mut positives_so_far, mut negatives_so_far) = (0u64, 0u64, 0u64);
    for [negatives, positives] in counts {
        let (negatives, positives) = (u64::from(*negatives), u64::from(*positives));
        half_pairs += positives * (2 * negatives_so_far + negatives);
        negatives_so_far += negatives;
        positives_so_far += positives;
    }
    (positives_so_far > 0 && negatives_so_far > 0).then_some(CountedPairs {
        half_pairs,
        positives: positives_so_far,
        negatives: negatives_so_far,
    })
}

/// The AUC without one unit of each kind, by stratum.
pub(crate) fn auc_without_each(scores: &RankedScores, pairs: &HalfPairs, sampling: Sampling) -> Vec<Vec<Weighted>> {
    let mut without_positive = Vec::new();
    let mut without_negative = Vec::new();
    for (index, group) in scores.groups.iter().enumerate() {
        if scores.positives > 1 && group.positives > 0 {
            let value = auc_of(pairs.total - pairs.of_positive[index], scores.positives - 1, scores.negatives);
            without_positive.push(Weighted { value, times: f64::from(group.positives) });
        }
        if scores.negatives > 1 && group.negatives > 0 {
            let value = auc_of(pairs.total - pairs.of_negative[index], scores.positives, scores.negatives - 1);
            without_negative.push(Weighted { value, times: f64::from(group.negatives) });
        }
    }
    match sampling {
        Sampling::Stratified => vec![without_positive, without_negative],
        Sampling::Simple => {
            without_positive.append(&mut without_negative);
            vec![without_positive]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::BootstrapInterval;
    use super::*;
    use crate::stats::discrimination::delong::delong_auc;

    const HIGHER: Orientation = Orientation::HigherIsRisk;

    /// 60 subjects, 24 with the event, some scores tied.
    fn sample() -> (Vec<bool>, Vec<f64>) {
        let outcome: Vec<bool> = (0..60).map(|i| i % 5 < 2).collect();
        let score = (0..60).map(|i| f64::from((i * 37) % 41) + if i % 5 < 2 { 12.0 } else { 0.0 }).collect();
        (outcome, score)
    }

    #[test]
    fn the_standard_error_is_near_that_of_delong() {
        let (outcome, score) = sample();
        let delong = delong_auc(&outcome, &score, HIGHER, 0.95).unwrap();
        for sampling in [Sampling::Simple, Sampling::Stratified] {
            for kind in
                [BootstrapInterval::Percentile, BootstrapInterval::Basic, BootstrapInterval::BiasCorrectedAccelerated]
            {
                let options = BootstrapOptions { sampling, kind, replicates: 4000, ..Default::default() };
                let estimate = bootstrap_auc(&outcome, &score, HIGHER, &options, Seed::from_study(1)).unwrap();
                assert_eq!(estimate.value, delong.value);
                // The standard deviation of 4000 replicates is within 5% of its limit (four of its own errors), which
                // is some 3% from DeLong's at this size.
                let ratio = estimate.standard_error.unwrap() / delong.standard_error.unwrap();
                assert!((ratio - 1.0).abs() < 0.08, "{ratio}");
                let (ours, theirs) = (estimate.interval.unwrap(), delong.interval.clone().unwrap());
                assert!(
                    (ours.lower - theirs.lower).abs() < 0.04 && (ours.upper - theirs.upper).abs() < 0.04,
                    "{ours:?}"
                );
            }
        }
    }

    #[test]
    fn what_the_jackknife_leaves_out_is_left_out() {
        let (outcome, score) = sample();
        let scores = rank_scores(&outcome, &score, HIGHER).unwrap();
        let closed = auc_without_each(&scores, &half_pairs(&scores), Sampling::Simple).concat();
        let mut direct: Vec<f64> = (0..outcome.len())
            .map(|left_out| {
                let keep = |i: &usize| *i != left_out;
                let outcome: Vec<bool> = (0..60).filter(keep).map(|i| outcome[i]).collect();
                let score: Vec<f64> = (0..60).filter(keep).map(|i| score[i]).collect();
                crate::stats::discrimination::auc::auc(&outcome, &score, HIGHER).unwrap()
            })
            .collect();
        let mut values: Vec<f64> =
            closed.iter().flat_map(|item| std::iter::repeat_n(item.value, item.times as usize)).collect();
        direct.sort_by(f64::total_cmp);
        values.sort_by(f64::total_cmp);
        assert_eq!(direct, values);
    }

    #[test]
    fn runs_by_hand() {
        // Ascending: − −, + (two of one score, one of the next), ± tied, −.
        let outcome = [false, false, true, true, true, true, false, false];
        let score = [1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 5.0, 6.0];
        let scores = rank_scores(&outcome, &score, HIGHER).unwrap();
        assert_eq!(runs_of_one_class(&scores), [[2, 0], [0, 3], [1, 1], [1, 0]]);
        assert_eq!(indices_of_units([2, 0, 1].into_iter()), [0, 0, 2]);
    }

    #[test]
    fn perfect_separation_and_all_tied_have_width_zero() {
        let outcome = [true, true, false, false, false];
        for (score, auc) in [([5.0, 4.0, 3.0, 2.0, 1.0], 1.0), ([1.0; 5], 0.5)] {
            for kind in
                [BootstrapInterval::Percentile, BootstrapInterval::Basic, BootstrapInterval::BiasCorrectedAccelerated]
            {
                let options = BootstrapOptions { kind, ..Default::default() };
                let interval =
                    bootstrap_auc(&outcome, &score, HIGHER, &options, Seed::from_study(1)).unwrap().interval.unwrap();
                assert_eq!((interval.lower, interval.upper), (auc, auc));
            }
        }
    }

    #[test]
    fn one_positive_under_simple_sampling_reports_what_is_undefined() {
        // The positive is absent from a replicate of 5 with probability 0.8⁵ = 0.33.
        let options = BootstrapOptions { sampling: Sampling::Simple, ..Default::default() };
        let outcome = [true, false, false, false, false];
        let estimate =
            bootstrap_auc(&outcome, &[3.0, 1.0, 2.0, 4.0, 5.0], HIGHER, &options, Seed::from_study(1)).unwrap();
        let method = estimate.interval.unwrap().method;
        assert!(
            method.starts_with("bootstrap, percentile, 2000 replicates, 6") && method.ends_with("undefined"),
            "{method}"
        );
    }

    #[test]
    fn refuses_impossible_options() {
        let run = |options: BootstrapOptions| {
            bootstrap_auc(&[true, false], &[1.0, 0.0], HIGHER, &options, Seed::from_study(1)).is_err()
        };
        assert!(run(BootstrapOptions { replicates: 1, ..Default::default() }));
        assert!(run(BootstrapOptions { level: 1.0, ..Default::default() }));
    }
}
