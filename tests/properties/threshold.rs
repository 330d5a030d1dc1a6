//! What must hold for thresholds, proportions and paired calls whatever the data.

use proptest::prelude::*;
use vouch::stats::Orientation;
use vouch::stats::comparison::cochran_q::cochran_q;
use vouch::stats::comparison::mcnemar::{McNemarMethod, mcnemar};
use vouch::stats::comparison::paired_proportions::{PairedCounts, PairedInterval, paired_difference};
use vouch::stats::distribution::binomial_probability;
use vouch::stats::threshold::confusion::ConfusionMatrix;
use vouch::stats::threshold::metric::{Metric, Proportion};
use vouch::stats::threshold::proportion::{ProportionInterval, interval};
use vouch::stats::threshold::proportion_difference::difference;
use vouch::stats::threshold::rule::{ThresholdRule, choose};

const METHODS: [ProportionInterval; 6] = [
    ProportionInterval::Wilson,
    ProportionInterval::ClopperPearson,
    ProportionInterval::AgrestiCoull,
    ProportionInterval::Wald,
    ProportionInterval::WilsonContinuity,
    ProportionInterval::Jeffreys,
];

/// Outcomes with both classes, and scores with many ties.
fn scored() -> impl Strategy<Value = (Vec<bool>, Vec<f64>)> {
    prop::collection::vec((any::<bool>(), -4_i32..5), 2..40)
        .prop_map(|rows| rows.into_iter().map(|(event, score)| (event, f64::from(score) / 2.0)).unzip())
        .prop_filter("both classes", |(outcome, _): &(Vec<bool>, Vec<f64>)| {
            outcome.contains(&true) && outcome.contains(&false)
        })
}

#[test]
fn clopper_pearson_covers_at_least_its_level() {
    for n in 1..=25_u64 {
        let intervals: Vec<_> =
            (0..=n).map(|x| interval(x, n, 0.9, ProportionInterval::ClopperPearson).unwrap()).collect();
        for step in 1..200 {
            let p = f64::from(step) / 200.0;
            let covered: f64 = (0..=n)
                .filter(|x| intervals[*x as usize].lower <= p && p <= intervals[*x as usize].upper)
                .map(|x| binomial_probability(x, n, p))
                .sum();
            assert!(covered >= 0.9 - 1e-12, "n {n}, p {p}: {covered}");
        }
    }
}

proptest! {
    #![proptest_config(super::cases(128))]

    #[test]
    fn intervals_lie_in_the_unit_interval_and_hold_the_estimate(n in 1_u64..100_000, share in 0.0..=1.0_f64, level in 0.5..0.999_f64) {
        let x = ((n as f64 * share) as u64).min(n);
        for method in METHODS {
            let ours = interval(x, n, level, method).unwrap();
            let p = x as f64 / n as f64;
            prop_assert!(0.0 <= ours.lower && ours.upper <= 1.0);
            // Jeffreys' is a posterior interval of its own, which may leave the estimate just outside near the ends.
            if method != ProportionInterval::Jeffreys {
                prop_assert!(ours.lower <= p + 1e-15 && p <= ours.upper + 1e-15, "{method:?} {x}/{n} {ours:?}");
            }
            let mirror = interval(n - x, n, level, method).unwrap();
            prop_assert!((mirror.lower - (1.0 - ours.upper)).abs() < 1e-12 && (mirror.upper - (1.0 - ours.lower)).abs() < 1e-12);
        }
    }

    #[test]
    fn youden_and_its_like_are_the_best_of_all_cuts((outcome, score) in scored(), lower_is_risk in any::<bool>()) {
        let orientation = if lower_is_risk { Orientation::LowerIsRisk } else { Orientation::HigherIsRisk };
        let mut cuts: Vec<f64> = score.iter().flat_map(|score| [*score, score - 0.25, score + 0.25]).collect();
        cuts.extend([f64::INFINITY, f64::NEG_INFINITY]);
        for metric in [Metric::Youden, Metric::Accuracy, Metric::F1, Metric::MatthewsCorrelation] {
            let best = cuts
                .iter()
                .filter_map(|cut| metric.value(&ConfusionMatrix::at(&outcome, &score, orientation, *cut).unwrap()))
                .fold(f64::NEG_INFINITY, f64::max);
            let rule = if metric == Metric::Youden { ThresholdRule::Youden } else { ThresholdRule::Maximum { metric } };
            match choose(rule, &outcome, &score, orientation) {
                Ok(chosen) => {
                    prop_assert!((metric.value(&chosen.confusion).unwrap() - best).abs() < 1e-15);
                    let again = ConfusionMatrix::at(&outcome, &score, orientation, chosen.threshold).unwrap();
                    prop_assert_eq!(again, chosen.confusion);
                }
                Err(_) => prop_assert_eq!(best, f64::NEG_INFINITY),
            }
        }
    }

    #[test]
    fn the_sensitivity_asked_for_is_reached_at_the_best_specificity((outcome, score) in scored(), at_least in 0.0..=1.0_f64) {
        let orientation = Orientation::HigherIsRisk;
        let chosen = choose(ThresholdRule::Sensitivity { at_least }, &outcome, &score, orientation).unwrap();
        prop_assert!(Metric::Sensitivity.value(&chosen.confusion).unwrap() >= at_least);
        let best = score
            .iter()
            .flat_map(|score| [*score, score + 0.25])
            .map(|cut| ConfusionMatrix::at(&outcome, &score, orientation, cut).unwrap())
            .filter(|matrix| Metric::Sensitivity.value(matrix).unwrap() >= at_least)
            .map(|matrix| matrix.true_negatives)
            .max();
        prop_assert!(best.is_none_or(|best| chosen.confusion.true_negatives == best));
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing((outcome, score) in scored(), turn in 0_usize..40) {
        let turned = |len: usize| (0..len).map(move |index| (index + turn) % len);
        let outcome_turned: Vec<bool> = turned(outcome.len()).map(|index| outcome[index]).collect();
        let score_turned: Vec<f64> = turned(score.len()).map(|index| score[index]).collect();
        for rule in [ThresholdRule::Youden, ThresholdRule::ClosestTopLeft, ThresholdRule::Specificity { at_least: 0.7 }] {
            prop_assert_eq!(
                choose(rule, &outcome, &score, Orientation::HigherIsRisk),
                choose(rule, &outcome_turned, &score_turned, Orientation::HigherIsRisk)
            );
        }
    }

    #[test]
    fn differences_are_antisymmetric_and_bounded(a in 0_u64..30, m in 1_u64..30, b in 0_u64..30, n in 1_u64..30) {
        let (first, second) = (Proportion { successes: a.min(m), n: m }, Proportion { successes: b.min(n), n });
        let forth = difference(first, second, 0.95, ProportionInterval::Wilson).unwrap();
        let back = difference(second, first, 0.95, ProportionInterval::Wilson).unwrap();
        let (forth_limits, back_limits) = (forth.interval.unwrap(), back.interval.unwrap());
        prop_assert_eq!(forth.value, -back.value);
        prop_assert!((forth_limits.lower + back_limits.upper).abs() < 1e-15);
        prop_assert!(-1.0 <= forth_limits.lower && forth_limits.lower <= forth.value + 1e-15 && forth.value <= forth_limits.upper + 1e-15);
    }

    #[test]
    fn paired_tests_agree_with_each_other(both in 0_u64..20, b in 0_u64..20, c in 0_u64..20, neither in 0_u64..20) {
        let counts = PairedCounts { both, only_first: b, only_second: c, neither };
        prop_assume!(counts.discordant() > 0);
        let plain = mcnemar(&counts, McNemarMethod::ChiSquared { correction: false }).unwrap();
        let calls: Vec<(bool, bool)> = [(both, (true, true)), (b, (true, false)), (c, (false, true)), (neither, (false, false))]
            .into_iter()
            .flat_map(|(count, pair)| std::iter::repeat_n(pair, count as usize))
            .collect();
        let (first, second): (Vec<bool>, Vec<bool>) = calls.into_iter().unzip();
        prop_assert_eq!(PairedCounts::of(&first, &second).unwrap(), counts);
        let q = cochran_q(&[&first, &second]).unwrap();
        prop_assert!((q.statistic.unwrap() - plain.statistic.unwrap()).abs() < 1e-12);
        // Tango's interval leaves zero out exactly when McNemar's uncorrected test rejects.
        let tango = paired_difference(&counts, PairedInterval::Tango, 0.95).unwrap().interval.unwrap();
        let holds_zero = tango.lower <= 0.0 && 0.0 <= tango.upper;
        prop_assert!(holds_zero == (plain.p_value >= 0.05) || (plain.p_value - 0.05).abs() < 1e-9);
        let exact = mcnemar(&counts, McNemarMethod::Exact).unwrap().p_value;
        let mid = mcnemar(&counts, McNemarMethod::MidP).unwrap().p_value;
        prop_assert!(mid <= exact && exact <= 1.0);
    }
}
