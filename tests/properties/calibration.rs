//! Calibration, reclassification and net benefit: what must hold whatever the data.

use proptest::prelude::*;
use vouch::stats::calibration::brier::brier_score;
use vouch::stats::calibration::expected_observed::observed_expected_ratio;
use vouch::stats::calibration::flexible_curve::{FlexibleCurveOptions, flexible_calibration_curve};
use vouch::stats::calibration::groups::calibration_groups;
use vouch::stats::calibration::hosmer_lemeshow::{HosmerLemeshowOptions, hosmer_lemeshow};
use vouch::stats::calibration::integrated_calibration_index::{
    Smoother, integrated_calibration_index, integrated_calibration_index_by,
};
use vouch::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};
use vouch::stats::calibration::log_loss::log_loss;
use vouch::stats::reclassification::integrated_discrimination::integrated_discrimination;
use vouch::stats::reclassification::net_reclassification::{categorical_nri, continuous_nri};
use vouch::stats::regression::logistic::{LogisticInput, LogisticOptions, logistic};
use vouch::stats::utility::net_benefit::{decision_curve, net_benefit_difference};

/// Subjects with two predicted probabilities, the second tied.
#[derive(Clone, Debug)]
struct Sample {
    outcome: Vec<bool>,
    fine: Vec<f64>,
    coarse: Vec<f64>,
}

impl Sample {
    fn reversed(&self) -> Self {
        let turn = |values: &[f64]| values.iter().rev().copied().collect();
        let outcome = self.outcome.iter().rev().copied().collect();
        Self { outcome, fine: turn(&self.fine), coarse: turn(&self.coarse) }
    }

    fn prevalence(&self) -> f64 {
        self.outcome.iter().filter(|event| **event).count() as f64 / self.outcome.len() as f64
    }
}

fn samples() -> impl Strategy<Value = Sample> {
    prop::collection::vec((any::<bool>(), 0.001..0.999f64, 1u8..10), 5..80).prop_map(|rows| Sample {
        outcome: rows.iter().map(|row| row.0).collect(),
        fine: rows.iter().map(|row| row.1).collect(),
        coarse: rows.iter().map(|row| f64::from(row.2) / 10.0).collect(),
    })
}

const THRESHOLDS: [f64; 5] = [0.0, 0.1, 0.3, 0.5, 0.9];

proptest! {
    #![proptest_config(super::cases(128))]

    #[test]
    fn row_order_does_not_matter_bit_for_bit(sample in samples()) {
        let turned = sample.reversed();
        for (p, q) in [(&sample.fine, &turned.fine), (&sample.coarse, &turned.coarse)] {
            let (y, z) = (&sample.outcome, &turned.outcome);
            prop_assert_eq!(brier_score(y, p, 0.95), brier_score(z, q, 0.95));
            prop_assert_eq!(log_loss(y, p, 0.95), log_loss(z, q, 0.95));
            prop_assert_eq!(observed_expected_ratio(y, p, 0.95), observed_expected_ratio(z, q, 0.95));
            prop_assert_eq!(calibration_groups(y, p, 4, 0.95), calibration_groups(z, q, 4, 0.95));
            for smoother in [Smoother::Lowess, Smoother::Loess] {
                prop_assert_eq!(
                    integrated_calibration_index_by(y, p, smoother),
                    integrated_calibration_index_by(z, q, smoother)
                );
            }
            let options = FlexibleCurveOptions::default();
            prop_assert_eq!(
                flexible_calibration_curve(y, p, &[0.2, 0.7], &options),
                flexible_calibration_curve(z, q, &[0.2, 0.7], &options)
            );
            let options = CalibrationOptions::default();
            prop_assert_eq!(weak_calibration(y, p, &options), weak_calibration(z, q, &options));
            prop_assert_eq!(decision_curve(y, p, &THRESHOLDS), decision_curve(z, q, &THRESHOLDS));
        }
        let (a, b) = (&sample, &turned);
        prop_assert_eq!(
            integrated_discrimination(&a.outcome, &a.fine, &a.coarse, 0.95),
            integrated_discrimination(&b.outcome, &b.fine, &b.coarse, 0.95)
        );
    }

    #[test]
    fn a_fitted_model_is_calibrated_on_its_own_subjects(sample in samples()) {
        let columns: [&[f64]; 1] = [&sample.fine];
        if let Ok(fit) = logistic(&LogisticInput::new(&sample.outcome, &columns), &LogisticOptions::default()) {
            let p: Vec<f64> = sample.fine.iter().map(|x| fit.probability(&[*x])).collect();
            if let Ok(weak) = weak_calibration(&sample.outcome, &p, &CalibrationOptions::default()) {
                prop_assert!((weak.slope.value - 1.0).abs() < 1e-5 && weak.intercept.value.abs() < 1e-5);
                prop_assert!(weak.in_the_large.value.abs() < 1e-9);
                prop_assert!(weak.joint_test.p_value > 0.999);
            }
            let ratio = observed_expected_ratio(&sample.outcome, &p, 0.95).unwrap().ratio;
            prop_assert!((ratio.value - 1.0).abs() < 1e-10);
        }
    }

    #[test]
    fn the_brier_score_is_between_zero_and_one_and_groups_hold_everyone(sample in samples()) {
        let brier = brier_score(&sample.outcome, &sample.coarse, 0.95).unwrap();
        prop_assert!((0.0..=1.0).contains(&brier.brier.value));
        prop_assert!(brier.scaled.is_none_or(|scaled| scaled <= 1.0));
        let groups = calibration_groups(&sample.outcome, &sample.coarse, 10, 0.95).unwrap();
        prop_assert_eq!(groups.iter().map(|group| group.n).sum::<usize>(), sample.outcome.len());
        prop_assert!(groups.iter().all(|group| group.n > 0 && group.lower <= group.mean_predicted + 1e-12));
        let test = hosmer_lemeshow(&sample.outcome, &sample.coarse, &HosmerLemeshowOptions::default()).unwrap().test;
        prop_assert!((0.0..=1.0).contains(&test.p_value));
    }

    #[test]
    fn distances_are_ordered(sample in samples()) {
        let distance = integrated_calibration_index(&sample.outcome, &sample.fine).unwrap();
        prop_assert!(distance.e50 <= distance.e90 && distance.e90 <= distance.e_max && distance.ici <= distance.e_max);
    }

    #[test]
    fn net_benefit_of_acting_on_all_is_its_formula_and_bounds_hold(sample in samples()) {
        let prevalence = sample.prevalence();
        for point in decision_curve(&sample.outcome, &sample.coarse, &THRESHOLDS).unwrap() {
            let weight = point.threshold / (1.0 - point.threshold);
            prop_assert_eq!(point.treat_all, prevalence - (1.0 - prevalence) * weight);
            prop_assert!(point.net_benefit.value <= prevalence);
            // A model that acts on all has the net benefit of acting on all.
            if point.true_positives + point.false_positives == sample.outcome.len() {
                prop_assert!((point.net_benefit.value - point.treat_all).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn exchanging_the_models_changes_the_sign(sample in samples()) {
        let Sample { outcome, fine, coarse } = &sample;
        let forth = net_benefit_difference(outcome, fine, coarse, &THRESHOLDS, 0.95).unwrap();
        let back = net_benefit_difference(outcome, coarse, fine, &THRESHOLDS, 0.95).unwrap();
        for (a, b) in forth.iter().zip(&back) {
            prop_assert_eq!(a.value, -b.value);
            prop_assert_eq!(a.standard_error, b.standard_error);
        }
        if let (Ok(forth), Ok(back)) =
            (integrated_discrimination(outcome, fine, coarse, 0.95), integrated_discrimination(outcome, coarse, fine, 0.95))
        {
            prop_assert_eq!(forth.idi.estimate.value, -back.idi.estimate.value);
            prop_assert_eq!(forth.idi.estimate.standard_error, back.idi.estimate.standard_error);
        }
        if let (Ok(forth), Ok(back)) =
            (continuous_nri(outcome, fine, coarse, 0.95), continuous_nri(outcome, coarse, fine, 0.95))
        {
            prop_assert_eq!(forth.nri.estimate.value, -back.nri.estimate.value);
            prop_assert!(forth.nri.estimate.value.abs() <= 2.0);
        }
    }

    #[test]
    fn one_category_reclassifies_no_one(sample in samples()) {
        if let Ok(result) = categorical_nri(&sample.outcome, &sample.fine, &sample.coarse, &[0.9999], 0.95) {
            prop_assert_eq!(result.reclassification.nri.estimate.value, 0.0);
        }
    }
}
