//! Two AUCs compared by the bootstrap, on the same subjects or on different ones.
//!
//! Estimand: AUC(a) − AUC(b). Formula: z = difference / SD of the replicates of the difference, against the normal
//! distribution (as pROC does); the interval of the difference is read off its replicates (kinds: `resample/bootstrap.rs`),
//! within [−1, 1]. Paired: a replicate draws subjects, and both scores of a subject come along. Unpaired: each sample is
//! drawn from a stream of its own.
//!
//! Sign: difference, z and interval are those of a − b. Assumptions: independent subjects (clusters of rows:
//! `resample/statistic.rs`). Inputs, ties, missing values: as in `discrimination/auc.rs`. Row order and threads: the same
//! bits, since subjects are ordered by class and the two ranks before they are drawn.
//!
//! Edge cases: a difference of zero in the data and in every replicate (identical scores): statistic 0, P = 1; another
//! difference without spread: an error. Replicates without both classes (simple sampling only) are left out and counted.
//!
//! Source: Robin et al. 2011, doi:10.1186/1471-2105-12-77.
//! Oracle: pROC 1.18.0, `roc.test(r1, r2, method = 'bootstrap', paired = TRUE, boot.n = 2000, boot.stratified = TRUE)`,
//! over five seeds, within the tolerance that those give.

use super::delong::{normal_p_value, signed_statistic};
use super::unpaired_delong::ScoredSample;
use crate::stats::discrimination::placement::{CountedPairs, HalfPairs, half_pairs};
use crate::stats::discrimination::ranking::{RankedScores, rank_scores, rank_units};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Orientation, Test};
use crate::stats::random::{Seed, Stream};
use crate::stats::resample::auc::{auc_replicates, auc_without_each, pairs_of_counts};
use crate::stats::resample::bootstrap::{BootstrapOptions, Sampling};
use crate::stats::resample::interval::{Observed, Weighted, acceleration, bootstrap_estimate};
use crate::stats::resample::replicates;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Two AUCs held against each other by the bootstrap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BootstrapAucComparison {
    pub auc_a: Estimate,
    pub auc_b: Estimate,
    /// AUC(a) − AUC(b).
    pub difference: Estimate,
    /// Two-sided; its statistic has the sign of the difference.
    pub test: Test,
}

/// Compares two scores of the same subjects.
pub fn paired_bootstrap_auc(
    outcome: &[bool],
    score_a: &[f64],
    orientation_a: Orientation,
    score_b: &[f64],
    orientation_b: Orientation,
    options: &BootstrapOptions,
    seed: Seed,
) -> Result<BootstrapAucComparison, StatsError> {
    options.validate()?;
    let pair = PairedScores::new(outcome, score_a, orientation_a, score_b, orientation_b)?;
    let drawn = replicates::run(
        options.replicates,
        seed,
        || pair.scratch(),
        |scratch, stream| pair.replicate(options.sampling, scratch, stream),
    );
    let without = pair.without_each(options.sampling);
    let all = Counted { a: pair.a.counted(), b: pair.b.counted() };
    let resampled = |value_of: fn(&Counted) -> f64, support: RangeInclusive<f64>| Resampled {
        observed: Observed { value: value_of(&all), n: outcome.len(), support, units: "" },
        replicates: drawn.iter().map(|counted| counted.as_ref().map(value_of)).collect(),
        without_each: without
            .iter()
            .map(|stratum| stratum.iter().map(|left| Weighted { value: value_of(left), times: 1.0 }).collect())
            .collect(),
    };
    let a = resampled(|counted| counted.a.auc(), AUC);
    let b = resampled(|counted| counted.b.auc(), AUC);
    // From integers: equal differences must be equal numbers.
    let difference = resampled(|counted| counted.a.auc_minus(counted.b), DIFFERENCE);
    compare("paired", &a, &b, &difference, options)
}

/// Compares the scores of two independent samples.
pub fn unpaired_bootstrap_auc(
    a: ScoredSample<'_>,
    b: ScoredSample<'_>,
    options: &BootstrapOptions,
    seed: Seed,
) -> Result<BootstrapAucComparison, StatsError> {
    options.validate()?;
    let resampled = |sample: ScoredSample<'_>, seed: Seed| {
        let ranked = Ranked::new(rank_scores(sample.outcome, sample.score, sample.orientation)?);
        Ok(Resampled {
            observed: Observed { value: ranked.counted().auc(), n: sample.outcome.len(), support: AUC, units: "" },
            replicates: auc_replicates(&ranked.scores, options, seed),
            without_each: auc_without_each(&ranked.scores, &ranked.pairs, options.sampling),
        })
    };
    let a = resampled(a, seed.child("a"))?;
    let b = resampled(b, seed.child("b"))?;
    let mut of_b = b.without_each.clone();
    // Leaving out a unit of b moves the difference the other way; a constant does not matter.
    of_b.iter_mut().flatten().for_each(|left| left.value = -left.value);
    let difference = Resampled {
        observed: Observed {
            value: a.observed.value - b.observed.value,
            n: a.observed.n + b.observed.n,
            support: DIFFERENCE,
            units: "",
        },
        replicates: a.replicates.iter().zip(&b.replicates).map(|(a, b)| Some((*a)? - (*b)?)).collect(),
        without_each: [a.without_each.clone(), of_b].concat(),
    };
    compare("unpaired", &a, &b, &difference, options)
}

const AUC: RangeInclusive<f64> = 0.0..=1.0;
const DIFFERENCE: RangeInclusive<f64> = -1.0..=1.0;

/// A number with its replicates, and its values without each unit by stratum.
struct Resampled {
    observed: Observed<'static>,
    replicates: Vec<Option<f64>>,
    without_each: Vec<Vec<Weighted>>,
}

impl Resampled {
    fn estimate(&self, options: &BootstrapOptions) -> Result<Estimate, StatsError> {
        bootstrap_estimate(&self.observed, &self.replicates, options, || acceleration(&self.without_each))
    }
}

fn compare(
    pairing: &'static str,
    a: &Resampled,
    b: &Resampled,
    difference: &Resampled,
    options: &BootstrapOptions,
) -> Result<BootstrapAucComparison, StatsError> {
    let difference = difference.estimate(options)?;
    let standard_error = difference.standard_error.unwrap_or(0.0);
    let statistic = signed_statistic("bootstrap comparison of two AUCs", difference.value, standard_error)?;
    let sampling = match options.sampling {
        Sampling::Simple => "",
        Sampling::Stratified => "stratified ",
    };
    let test = Test {
        statistic: Some(statistic),
        distribution: NullDistribution::Normal,
        p_value: normal_p_value(statistic, Alternative::TwoSided),
        alternative: Alternative::TwoSided,
        method: format!("{sampling}bootstrap, {pairing}").into(),
    };
    Ok(BootstrapAucComparison { auc_a: a.estimate(options)?, auc_b: b.estimate(options)?, difference, test })
}

/// The data, one replicate, or the data without one subject, as both scores see it.
#[derive(Clone, Copy, Debug)]
struct Counted {
    a: CountedPairs,
    b: CountedPairs,
}

struct Ranked {
    scores: RankedScores,
    pairs: HalfPairs,
}

impl Ranked {
    fn new(scores: RankedScores) -> Self {
        let pairs = half_pairs(&scores);
        Self { scores, pairs }
    }

    fn counted(&self) -> CountedPairs {
        let RankedScores { positives, negatives, .. } = self.scores;
        CountedPairs { half_pairs: self.pairs.total, positives, negatives }
    }

    /// Without one subject of `group`, which must not be the only one of its class.
    fn without(&self, event: bool, group: u32) -> CountedPairs {
        let CountedPairs { half_pairs, positives, negatives } = self.counted();
        if event {
            let half_pairs = half_pairs - self.pairs.of_positive[group as usize];
            CountedPairs { half_pairs, positives: positives - 1, negatives }
        } else {
            let half_pairs = half_pairs - self.pairs.of_negative[group as usize];
            CountedPairs { half_pairs, positives, negatives: negatives - 1 }
        }
    }
}

/// A subject as the two AUCs see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    event: bool,
    group_a: u32,
    group_b: u32,
}

struct PairedScores {
    a: Ranked,
    b: Ranked,
    /// Sorted, so that their order does not depend on that of the rows: first those without the event.
    subjects: Vec<Subject>,
}

/// Numbers of negatives and positives by group, for each score.
struct Scratch {
    a: Vec<[u32; 2]>,
    b: Vec<[u32; 2]>,
}

impl PairedScores {
    fn new(
        outcome: &[bool],
        score_a: &[f64],
        orientation_a: Orientation,
        score_b: &[f64],
        orientation_b: Orientation,
    ) -> Result<Self, StatsError> {
        let a = rank_units(outcome, score_a, orientation_a)?;
        let b = rank_units(outcome, score_b, orientation_b)?;
        let groups = a.group_of_unit.iter().zip(&b.group_of_unit);
        let mut subjects: Vec<Subject> = outcome
            .iter()
            .zip(groups)
            .map(|(event, (group_a, group_b))| Subject { event: *event, group_a: *group_a, group_b: *group_b })
            .collect();
        subjects.sort_unstable();
        Ok(Self { a: Ranked::new(a.scores), b: Ranked::new(b.scores), subjects })
    }

    fn scratch(&self) -> Scratch {
        Scratch { a: vec![[0; 2]; self.a.scores.groups.len()], b: vec![[0; 2]; self.b.scores.groups.len()] }
    }

    fn strata(&self, sampling: Sampling) -> Vec<&[Subject]> {
        match sampling {
            Sampling::Simple => vec![&self.subjects],
            Sampling::Stratified => {
                let (without_event, with_event) =
                    self.subjects.split_at(self.subjects.partition_point(|subject| !subject.event));
                vec![without_event, with_event]
            }
        }
    }

    fn replicate(&self, sampling: Sampling, scratch: &mut Scratch, stream: &mut Stream) -> Option<Counted> {
        scratch.a.fill([0; 2]);
        scratch.b.fill([0; 2]);
        for stratum in self.strata(sampling) {
            for _ in stratum {
                let subject = stratum[stream.below(stratum.len() as u64) as usize];
                scratch.a[subject.group_a as usize][usize::from(subject.event)] += 1;
                scratch.b[subject.group_b as usize][usize::from(subject.event)] += 1;
            }
        }
        Some(Counted { a: pairs_of_counts(&scratch.a)?, b: pairs_of_counts(&scratch.b)? })
    }

    /// The data without each subject, by stratum; a subject that is the only one of its class is left out.
    fn without_each(&self, sampling: Sampling) -> Vec<Vec<Counted>> {
        let of_subject = |subject: &Subject| {
            let of_class = if subject.event { self.a.scores.positives } else { self.a.scores.negatives };
            (of_class > 1).then(|| Counted {
                a: self.a.without(subject.event, subject.group_a),
                b: self.b.without(subject.event, subject.group_b),
            })
        };
        self.strata(sampling).into_iter().map(|stratum| stratum.iter().filter_map(of_subject).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::delong::paired_delong;
    use super::super::unpaired_delong::unpaired_delong;
    use super::*;
    use crate::stats::resample::bootstrap::BootstrapInterval;

    const HIGHER: Orientation = Orientation::HigherIsRisk;
    const KINDS: [BootstrapInterval; 3] =
        [BootstrapInterval::Percentile, BootstrapInterval::Basic, BootstrapInterval::BiasCorrectedAccelerated];

    struct Sample {
        outcome: Vec<bool>,
        a: Vec<f64>,
        b: Vec<f64>,
    }

    /// 100 subjects, 40 with the event, two correlated scores with ties.
    fn sample() -> Sample {
        let event = |i: i32| i % 5 < 2;
        let a = (0..100).map(|i| f64::from((i * 37) % 61) + if event(i) { 20.0 } else { 0.0 });
        let b = (0..100).map(|i| f64::from((i * 37) % 61 / 3 + (i * 17) % 13) + if event(i) { 3.0 } else { 0.0 });
        Sample { outcome: (0..100).map(event).collect(), a: a.collect(), b: b.collect() }
    }

    #[test]
    fn paired_is_near_delong() {
        let Sample { outcome, a, b } = sample();
        let delong = paired_delong(&outcome, &a, HIGHER, &b, HIGHER, 0.95).unwrap();
        for kind in KINDS {
            for sampling in [Sampling::Simple, Sampling::Stratified] {
                let options = BootstrapOptions { kind, sampling, replicates: 4000, ..Default::default() };
                let seed = Seed::from_study(8);
                let ours = paired_bootstrap_auc(&outcome, &a, HIGHER, &b, HIGHER, &options, seed).unwrap();
                assert!((ours.difference.value - delong.difference.value).abs() < 1e-15);
                let ratio = ours.difference.standard_error.unwrap() / delong.difference.standard_error.unwrap();
                assert!((ratio - 1.0).abs() < 0.07, "{ratio}");
                let (ours, theirs) = (ours.difference.interval.unwrap(), delong.difference.interval.clone().unwrap());
                assert!((ours.lower - theirs.lower).abs() < 0.03 && (ours.upper - theirs.upper).abs() < 0.03);
            }
        }
    }

    #[test]
    fn unpaired_is_near_delong() {
        let Sample { outcome, a, b } = sample();
        let first = ScoredSample { outcome: &outcome, score: &a, orientation: HIGHER };
        let second = ScoredSample { outcome: &outcome, score: &b, orientation: HIGHER };
        let delong = unpaired_delong(first, second, 0.95).unwrap();
        for kind in KINDS {
            let options = BootstrapOptions { kind, replicates: 4000, ..Default::default() };
            let ours = unpaired_bootstrap_auc(first, second, &options, Seed::from_study(8)).unwrap();
            let ratio = ours.difference.standard_error.unwrap() / delong.difference.standard_error.unwrap();
            assert!((ratio - 1.0).abs() < 0.07, "{ratio}");
            let (ours, theirs) = (ours.difference.interval.unwrap(), delong.difference.interval.clone().unwrap());
            assert!((ours.lower - theirs.lower).abs() < 0.03 && (ours.upper - theirs.upper).abs() < 0.03);
        }
    }

    #[test]
    fn identical_scores_do_not_differ() {
        let Sample { outcome, a, .. } = sample();
        let options = BootstrapOptions::default();
        let ours = paired_bootstrap_auc(&outcome, &a, HIGHER, &a, HIGHER, &options, Seed::from_study(8)).unwrap();
        assert_eq!((ours.test.statistic, ours.test.p_value), (Some(0.0), 1.0));
        let interval = ours.difference.interval.unwrap();
        assert_eq!((interval.lower, interval.upper), (0.0, 0.0));
        assert_eq!(ours.test.method, "stratified bootstrap, paired");
    }

    #[test]
    fn exchanging_the_scores_turns_the_sign() {
        let Sample { outcome, a, b } = sample();
        let (options, seed) = (BootstrapOptions::default(), Seed::from_study(8));
        let forth = paired_bootstrap_auc(&outcome, &a, HIGHER, &b, HIGHER, &options, seed).unwrap();
        let back = paired_bootstrap_auc(&outcome, &b, HIGHER, &a, HIGHER, &options, seed).unwrap();
        assert_eq!(forth.difference.value, -back.difference.value);
        assert!(forth.test.statistic.unwrap() > 0.0 && back.test.statistic.unwrap() < 0.0);
    }

    #[test]
    fn a_difference_without_spread_is_an_error() {
        let outcome = [true, true, false, false];
        let perfect = [4.0, 3.0, 2.0, 1.0];
        let options = BootstrapOptions::default();
        let result = paired_bootstrap_auc(&outcome, &perfect, HIGHER, &[1.0; 4], HIGHER, &options, Seed::from_study(8));
        assert!(matches!(result, Err(StatsError::Undefined { .. })));
    }
}
