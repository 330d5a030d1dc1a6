//! Discrimination, its resampling and its comparisons: what must hold whatever the data.

use proptest::prelude::*;
use vouch::stats::comparison::bootstrap::{paired_bootstrap_auc, unpaired_bootstrap_auc};
use vouch::stats::comparison::clustered_delong::clustered_paired_delong;
use vouch::stats::comparison::delong::paired_delong;
use vouch::stats::comparison::delong_many::{ModelScore, delong_many};
use vouch::stats::comparison::unpaired_delong::{ScoredSample, unpaired_delong};
use vouch::stats::discrimination::auc::auc;
use vouch::stats::discrimination::clustered_delong::clustered_delong_auc;
use vouch::stats::discrimination::delong::{DelongScale, delong_auc, delong_auc_scaled};
use vouch::stats::discrimination::hanley_mcneil::hanley_mcneil;
use vouch::stats::discrimination::partial_auc::{PartialAucAxis, PartialAucRange, partial_auc};
use vouch::stats::discrimination::precision_recall::precision_recall;
use vouch::stats::discrimination::roc_curve::roc_curve;
use vouch::stats::random::Seed;
use vouch::stats::resample::auc::bootstrap_auc;
use vouch::stats::resample::bootstrap::{BootstrapInterval, BootstrapOptions, Sampling};
use vouch::stats::resample::cluster::bootstrap_auc_clustered;
use vouch::stats::resample::statistic::bootstrap_statistic;
use vouch::stats::{Alternative, Estimate, Orientation};

const HIGHER: Orientation = Orientation::HigherIsRisk;
const LOWER: Orientation = Orientation::LowerIsRisk;

/// Subjects with two scores and a cluster.
#[derive(Clone, Debug)]
struct Sample {
    outcome: Vec<bool>,
    a: Vec<f64>,
    b: Vec<f64>,
    cluster: Vec<usize>,
}

impl Sample {
    fn take(&self, rows: &[usize]) -> Self {
        Self {
            outcome: rows.iter().map(|row| self.outcome[*row]).collect(),
            a: rows.iter().map(|row| self.a[*row]).collect(),
            b: rows.iter().map(|row| self.b[*row]).collect(),
            cluster: rows.iter().map(|row| self.cluster[*row]).collect(),
        }
    }

    fn a(&self) -> ScoredSample<'_> {
        ScoredSample { outcome: &self.outcome, score: &self.a, orientation: HIGHER }
    }

    fn b(&self) -> ScoredSample<'_> {
        ScoredSample { outcome: &self.outcome, score: &self.b, orientation: LOWER }
    }
}

/// Scores that are tied, spread over all magnitudes, or both zeros.
fn score() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3..4i32).prop_map(f64::from),
        3 => -1e3..1e3f64,
        1 => Just(-0.0),
        1 => prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL,
    ]
}

/// At least two subjects of each class.
fn sample() -> impl Strategy<Value = Sample> {
    prop::collection::vec((any::<bool>(), score(), score(), 0..9usize), 4..40)
        .prop_map(|rows| {
            let mut outcome: Vec<bool> = rows.iter().map(|row| row.0).collect();
            outcome[..4].copy_from_slice(&[true, true, false, false]);
            Sample {
                outcome,
                a: rows.iter().map(|row| row.1).collect(),
                b: rows.iter().map(|row| row.2).collect(),
                cluster: rows.iter().map(|row| row.3).collect(),
            }
        })
        .prop_filter("two clusters", |sample| sample.cluster.iter().any(|label| *label != sample.cluster[0]))
}

/// A sample, and an order of its rows.
fn shuffled() -> impl Strategy<Value = (Sample, Vec<usize>)> {
    sample().prop_flat_map(|sample| {
        let rows: Vec<usize> = (0..sample.outcome.len()).collect();
        (Just(sample), Just(rows).prop_shuffle())
    })
}

fn bootstrap_options() -> impl Strategy<Value = BootstrapOptions> {
    let kinds = [BootstrapInterval::Percentile, BootstrapInterval::Basic, BootstrapInterval::BiasCorrectedAccelerated];
    (prop::sample::select(kinds.to_vec()), any::<bool>()).prop_map(|(kind, stratified)| BootstrapOptions {
        kind,
        replicates: 70,
        sampling: if stratified { Sampling::Stratified } else { Sampling::Simple },
        ..Default::default()
    })
}

/// As text, every bit counts, an error is a value like others, and -0 differs from 0.
fn exactly<T: std::fmt::Debug>(value: T) -> String {
    format!("{value:?}")
}

/// Everything that may not depend on the order of the rows or the number of threads.
fn all_results(sample: &Sample, options: &BootstrapOptions) -> Vec<String> {
    let Sample { outcome, a, b, cluster } = sample;
    let seed = Seed::from_study(11);
    let range = PartialAucRange { axis: PartialAucAxis::Specificity, lower: 0.55, upper: 0.95 };
    let models = [
        ModelScore { score: a, orientation: HIGHER },
        ModelScore { score: b, orientation: LOWER },
        ModelScore { score: b, orientation: HIGHER },
    ];
    vec![
        exactly(auc(outcome, a, HIGHER)),
        exactly(roc_curve(outcome, a, LOWER)),
        exactly(delong_auc_scaled(outcome, a, HIGHER, 0.9, DelongScale::Logit)),
        exactly(partial_auc(outcome, a, HIGHER, range)),
        exactly(precision_recall(outcome, a, HIGHER)),
        exactly(paired_delong(outcome, a, HIGHER, b, LOWER, 0.95)),
        exactly(unpaired_delong(sample.a(), sample.b(), 0.95)),
        exactly(clustered_delong_auc(outcome, a, cluster, HIGHER, 0.95)),
        exactly(clustered_paired_delong(outcome, cluster, a, HIGHER, b, LOWER, 0.95)),
        exactly(delong_many(outcome, &models, 0.95)),
        exactly(bootstrap_auc(outcome, a, HIGHER, options, seed)),
        exactly(bootstrap_auc_clustered(outcome, a, cluster, HIGHER, options, seed)),
        exactly(paired_bootstrap_auc(outcome, a, HIGHER, b, LOWER, options, seed)),
        exactly(unpaired_bootstrap_auc(sample.a(), sample.b(), options, seed)),
    ]
}

fn within(estimate: &Estimate, least: f64) -> bool {
    estimate
        .interval
        .as_ref()
        .is_none_or(|interval| least <= interval.lower && interval.lower <= interval.upper && interval.upper <= 1.0)
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn auc_is_that_of_all_pairs(sample in sample()) {
        let Sample { outcome, a, .. } = &sample;
        let mut half_pairs = 0;
        let mut pairs = 0;
        for (i, event) in outcome.iter().enumerate() {
            for (j, other) in outcome.iter().enumerate() {
                if *event && !other {
                    pairs += 1;
                    half_pairs += if a[i] > a[j] { 2 } else { i32::from(a[i] == a[j]) };
                }
            }
        }
        prop_assert_eq!(auc(outcome, a, HIGHER).unwrap(), f64::from(half_pairs) / f64::from(2 * pairs));
    }

    #[test]
    fn delong_variance_is_that_of_its_definition(sample in sample()) {
        let Sample { outcome, a, .. } = &sample;
        let beats = |i: usize, j: usize| if a[i] > a[j] { 1.0 } else if a[i] == a[j] { 0.5 } else { 0.0 };
        let of_class = |class: bool| -> Vec<usize> { (0..a.len()).filter(|i| outcome[*i] == class).collect() };
        let (positives, negatives) = (of_class(true), of_class(false));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let variance_of_mean = |values: Vec<f64>| {
            let centre = mean(&values);
            let n = values.len() as f64;
            values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / (n - 1.0) / n
        };
        let v10 = positives.iter().map(|i| mean(&negatives.iter().map(|j| beats(*i, *j)).collect::<Vec<_>>())).collect();
        let v01 = negatives.iter().map(|j| mean(&positives.iter().map(|i| beats(*i, *j)).collect::<Vec<_>>())).collect();
        let expected = (variance_of_mean(v10) + variance_of_mean(v01)).sqrt();
        let ours = delong_auc(outcome, a, HIGHER, 0.95).unwrap().standard_error.unwrap();
        prop_assert!((ours - expected).abs() <= 1e-13, "{} {}", ours, expected);
    }

    #[test]
    fn clusters_of_one_row_are_no_clusters(sample in sample()) {
        let Sample { outcome, a, .. } = &sample;
        let own: Vec<usize> = (0..a.len()).collect();
        let clustered = clustered_delong_auc(outcome, a, &own, HIGHER, 0.95).unwrap();
        let single = delong_auc(outcome, a, HIGHER, 0.95).unwrap();
        prop_assert!((clustered.standard_error.unwrap() - single.standard_error.unwrap()).abs() <= 1e-14);
    }

    #[test]
    fn auc_does_not_change_under_a_monotone_map(sample in sample()) {
        // A map by rank: strictly increasing for any doubles, where an arctangent would merge neighbours.
        let Sample { outcome, a, .. } = &sample;
        let rank = |value: f64| a.iter().filter(|other| **other < value).count() as f64;
        let mapped: Vec<f64> = a.iter().map(|value| rank(*value).powi(3) - 7.0).collect();
        let turned: Vec<f64> = a.iter().map(|value| -value).collect();
        for level in [0.5, 0.95] {
            let original = delong_auc(outcome, a, HIGHER, level).unwrap();
            prop_assert_eq!(&original, &delong_auc(outcome, &mapped, HIGHER, level).unwrap());
            prop_assert_eq!(&original, &delong_auc(outcome, &turned, LOWER, level).unwrap());
        }
    }

    #[test]
    fn swapping_labels_or_orientation_gives_the_complement(sample in sample()) {
        let Sample { outcome, a, .. } = &sample;
        let swapped: Vec<bool> = outcome.iter().map(|event| !event).collect();
        let original = delong_auc(outcome, a, HIGHER, 0.95).unwrap();
        let others = [delong_auc(&swapped, a, HIGHER, 0.95).unwrap(), delong_auc(outcome, a, LOWER, 0.95).unwrap()];
        for other in others {
            prop_assert!((original.value + other.value - 1.0).abs() <= 1e-15);
            let (left, right) = (original.standard_error.unwrap(), other.standard_error.unwrap());
            prop_assert!((left - right).abs() <= 1e-15);
        }
    }

    #[test]
    fn the_area_under_the_curve_is_the_auc(sample in sample()) {
        let Sample { outcome, a, .. } = &sample;
        for axis in [PartialAucAxis::Specificity, PartialAucAxis::Sensitivity] {
            let whole = partial_auc(outcome, a, HIGHER, PartialAucRange { axis, lower: 0.0, upper: 1.0 }).unwrap();
            prop_assert!((whole.area - auc(outcome, a, HIGHER).unwrap()).abs() <= 1e-14);
        }
        let points = roc_curve(outcome, a, HIGHER).unwrap().points;
        for pair in points.windows(2) {
            prop_assert!(pair[0].threshold < pair[1].threshold);
            prop_assert!(pair[0].sensitivity >= pair[1].sensitivity && pair[0].specificity <= pair[1].specificity);
        }
        for point in points {
            let called = (0..a.len()).filter(|row| a[*row] >= point.threshold).count();
            prop_assert_eq!(called, point.true_positives + point.false_positives);
        }
    }

    #[test]
    fn areas_of_precision_and_recall_are_proportions(sample in sample()) {
        let curve = precision_recall(&sample.outcome, &sample.a, HIGHER).unwrap();
        for area in [curve.average_precision, curve.interpolated_area, curve.trapezoid_area] {
            prop_assert!((0.0..=1.0 + 1e-15).contains(&area));
        }
    }

    #[test]
    fn a_score_does_not_differ_from_itself(sample in sample()) {
        let Sample { outcome, a, .. } = &sample;
        let compared = paired_delong(outcome, a, HIGHER, a, HIGHER, 0.95).unwrap();
        prop_assert_eq!(compared.difference.value, 0.0);
        prop_assert_eq!((compared.test.statistic, compared.test.p_value), (Some(0.0), 1.0));
        prop_assert!(compared.correlation.is_none_or(|correlation| (correlation - 1.0).abs() < 1e-12));
    }

    #[test]
    fn exchanging_the_scores_changes_signs_only(sample in sample()) {
        let Sample { outcome, a, b, .. } = &sample;
        let forth = paired_delong(outcome, a, HIGHER, b, LOWER, 0.95);
        let back = paired_delong(outcome, b, LOWER, a, HIGHER, 0.95);
        let (Ok(forth), Ok(back)) = (&forth, &back) else {
            prop_assert_eq!(forth, back);
            return Ok(());
        };
        prop_assert_eq!((&forth.auc_a, &forth.auc_b), (&back.auc_b, &back.auc_a));
        prop_assert_eq!(forth.covariance, back.covariance);
        prop_assert_eq!(forth.difference.value, -back.difference.value);
        prop_assert_eq!(forth.test.statistic.unwrap(), -back.test.statistic.unwrap());
        prop_assert_eq!(forth.test.p_value, back.test.p_value);
        let (less, greater) = (forth.test_against(Alternative::Less), back.test_against(Alternative::Greater));
        prop_assert_eq!(less.p_value, greater.p_value);
        let (ours, theirs) = (forth.difference.interval.as_ref().unwrap(), back.difference.interval.as_ref().unwrap());
        prop_assert_eq!((ours.lower, ours.upper), (-theirs.upper, -theirs.lower));
        // The variance of the difference is that of the parts.
        let variance = |estimate: &Estimate| estimate.standard_error.unwrap().powi(2);
        let parts = variance(&forth.auc_a) + variance(&forth.auc_b) - 2.0 * forth.covariance;
        prop_assert!((variance(&forth.difference) - parts).abs() <= 1e-14);
    }

    #[test]
    fn intervals_stay_where_the_estimate_can_be(sample in sample(), options in bootstrap_options(), level in 0.01..0.999f64) {
        let Sample { outcome, a, b, cluster } = &sample;
        let options = BootstrapOptions { level, ..options };
        let seed = Seed::from_study(4);
        prop_assert!(within(&delong_auc(outcome, a, HIGHER, level).unwrap(), 0.0));
        prop_assert!(within(&delong_auc_scaled(outcome, a, HIGHER, level, DelongScale::Logit).unwrap(), 0.0));
        let positives = outcome.iter().filter(|event| **event).count();
        let value = auc(outcome, a, HIGHER).unwrap();
        prop_assert!(within(&hanley_mcneil(value, positives, outcome.len() - positives, level).unwrap(), 0.0));
        prop_assert!(within(&bootstrap_auc(outcome, a, HIGHER, &options, seed).unwrap(), 0.0));
        if let Ok(estimate) = bootstrap_auc_clustered(outcome, a, cluster, HIGHER, &options, seed) {
            prop_assert!(within(&estimate, 0.0));
        }
        if let Ok(compared) = paired_delong(outcome, a, HIGHER, b, HIGHER, level) {
            prop_assert!(within(&compared.difference, -1.0));
        }
        if let Ok(compared) = unpaired_delong(sample.a(), sample.b(), level) {
            prop_assert!(within(&compared.difference, -1.0));
        }
        if let Ok(compared) = paired_bootstrap_auc(outcome, a, HIGHER, b, HIGHER, &options, seed) {
            prop_assert!(within(&compared.difference, -1.0));
        }
    }

    #[test]
    fn p_values_are_proportions_and_sides_add_up(sample in sample()) {
        let Sample { outcome, a, b, .. } = &sample;
        if let Ok(compared) = paired_delong(outcome, a, HIGHER, b, HIGHER, 0.95) {
            let p = |alternative| compared.test_against(alternative).p_value;
            let (less, greater) = (p(Alternative::Less), p(Alternative::Greater));
            prop_assert!((0.0..=1.0).contains(&p(Alternative::TwoSided)));
            prop_assert!((less + greater - 1.0).abs() < 1e-9);
            prop_assert!((2.0 * less.min(greater) - p(Alternative::TwoSided)).abs() < 1e-9);
        }
        if let Ok(compared) = unpaired_delong(sample.a(), sample.b(), 0.95) {
            let p = |alternative| compared.test_against(alternative).p_value;
            prop_assert!((p(Alternative::Less) + p(Alternative::Greater) - 1.0).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&p(Alternative::TwoSided)));
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter((sample, order) in shuffled(), options in bootstrap_options()) {
        prop_assert_eq!(all_results(&sample, &options), all_results(&sample.take(&order), &options));
    }

    #[test]
    fn the_names_of_clusters_do_not_matter(sample in sample(), options in bootstrap_options()) {
        let Sample { outcome, a, cluster, .. } = &sample;
        let renamed: Vec<usize> = cluster.iter().map(|label| (label * 5 + 3) % 9).collect();
        let run = |labels| bootstrap_auc_clustered(outcome, a, labels, HIGHER, &options, Seed::from_study(4));
        prop_assert_eq!(exactly(run(cluster)), exactly(run(&renamed)));
        let closed = |labels| clustered_delong_auc(outcome, a, labels, HIGHER, 0.95);
        prop_assert_eq!(exactly(closed(cluster)), exactly(closed(&renamed)));
    }

    #[test]
    fn the_number_of_threads_does_not_matter(sample in sample(), options in bootstrap_options()) {
        let with_threads = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut results = all_results(&sample, &options);
                results.push(exactly(bootstrap_statistic(
                    sample.a.len(),
                    Some(&sample.outcome.iter().map(|event| usize::from(*event)).collect::<Vec<_>>()),
                    None,
                    &options,
                    Seed::from_study(4),
                    |rows| auc(&sample.take(rows).outcome, &sample.take(rows).a, HIGHER).ok(),
                )));
                results
            })
        };
        prop_assert_eq!(with_threads(1), with_threads(2));
    }
}
