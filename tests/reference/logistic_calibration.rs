//! The calibration, reclassification and net-benefit cases of 07_logistic.json.

use super::logistic::{Model, check_fit, keep};
use super::support::{Coverage, csv, floats, number};
use serde_json::Value;
use std::collections::BTreeMap;
use vouch::stats::Orientation;
use vouch::stats::calibration::brier::brier_score;
use vouch::stats::calibration::expected_observed::observed_expected_ratio;
use vouch::stats::calibration::groups::calibration_groups;
use vouch::stats::calibration::hosmer_lemeshow::{HosmerLemeshow, HosmerLemeshowOptions, hosmer_lemeshow};
use vouch::stats::calibration::integrated_calibration_index::integrated_calibration_index;
use vouch::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};
use vouch::stats::calibration::log_loss::log_loss;
use vouch::stats::discrimination::auc::auc;
use vouch::stats::reclassification::integrated_discrimination::integrated_discrimination;
use vouch::stats::reclassification::net_reclassification::{Improvement, categorical_nri, continuous_nri};
use vouch::stats::regression::logistic::{LogisticInput, LogisticOptions, logistic};
use vouch::stats::utility::net_benefit::decision_curve;

/// hoslem.test: the test alone.
pub fn check_hosmer_lemeshow_test(
    coverage: &mut Coverage,
    what: &str,
    outcome: &[bool],
    probability: &[f64],
    groups: usize,
    relative: f64,
    reference: &Value,
) -> HosmerLemeshow {
    let options = HosmerLemeshowOptions { groups, external: false };
    let ours = hosmer_lemeshow(outcome, probability, &options).unwrap();
    coverage.check(what, ours.test.statistic.unwrap(), &reference["statistic"], relative);
    coverage.check(what, (groups - 2) as f64, &reference["parameter"], 0.0);
    coverage.check(what, ours.test.p_value, &reference["p.value"], 10.0 * relative);
    coverage.check_that(what, 1, reference["method"].is_string());
    ours
}

/// The test with its table.
pub fn check_hosmer_lemeshow(
    coverage: &mut Coverage,
    what: &str,
    outcome: &[bool],
    probability: &[f64],
    reference: &Value,
) {
    let ours = check_hosmer_lemeshow_test(coverage, what, outcome, probability, 10, 1e-7, &reference["test"]);
    for (k, group) in ours.groups.iter().enumerate() {
        let (observed, expected) = (&reference["observed"]["data"][k], &reference["expected"]["data"][k]);
        let n = group.n as f64;
        coverage.check(&format!("{what} others {k}"), n - group.events as f64, &observed[0], 0.0);
        coverage.check(&format!("{what} events {k}"), group.events as f64, &observed[1], 0.0);
        coverage.check(&format!("{what} expected others {k}"), n - group.expected, &expected[0], 1e-7);
        coverage.check(&format!("{what} expected events {k}"), group.expected, &expected[1], 1e-7);
    }
}

/// The test part of rotterdam_scores.csv.
struct Scores {
    outcome: Vec<bool>,
    columns: BTreeMap<String, Vec<f64>>,
}

fn scores() -> Scores {
    let all = csv("rotterdam_scores.csv");
    let rows: Vec<usize> =
        all["split"].iter().enumerate().filter(|(_, split)| *split == "test").map(|(row, _)| row).collect();
    let columns: BTreeMap<String, Vec<f64>> =
        ["p_full", "p_clin"].iter().map(|name| (name.to_string(), keep(&floats(&all[*name]), &rows))).collect();
    let outcome = keep(&floats(&all["node_pos"]), &rows).iter().map(|value| *value == 1.0).collect();
    Scores { outcome, columns }
}

/// A case of predicted probabilities against outcomes.
pub fn check_calibration_case(coverage: &mut Coverage, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let scores = scores();
    let outcome = &scores.outcome;
    let probability = &scores.columns[case["columns"]["p"].as_str().unwrap()];
    let n = outcome.len() as f64;
    let brier = brier_score(outcome, probability, 0.95).unwrap();
    let weak = weak_calibration(outcome, probability, &CalibrationOptions::default()).unwrap();
    let predictor: Vec<f64> = probability.iter().map(|p| (p / (1.0 - p)).ln()).collect();
    let sloped = logistic(&LogisticInput::new(outcome, &[&predictor]), &LogisticOptions::default()).unwrap();
    let spiegelhalter = brier.spiegelhalter.clone().unwrap();
    for (key, value) in case["values"].as_object().unwrap() {
        let what = format!("{id} {key}");
        match key.as_str() {
            "n" => coverage.check(&what, n, value, 0.0),
            "brier" => coverage.check(&what, brier.brier.value, value, 1e-12),
            "brier_scaled" => coverage.check(&what, brier.scaled.unwrap(), value, 1e-12),
            "log_loss" => coverage.check(&what, log_loss(outcome, probability, 0.95).unwrap().value, value, 1e-12),
            "calibration_intercept_and_slope" => {
                let model = Model { outcome, columns: vec![&predictor], names: vec!["lg"], offset: None };
                check_fit(coverage, &what, &sloped, &model, value);
            }
            "calibration_in_the_large" => {
                let input = LogisticInput { outcome, covariates: &[], weight: None, offset: Some(&predictor) };
                let fit = logistic(&input, &LogisticOptions::default()).unwrap();
                let model = Model { outcome, columns: vec![], names: vec![], offset: Some(&predictor) };
                check_fit(coverage, &what, &fit, &model, value);
                assert!((weak.in_the_large.value - fit.intercept.coefficient).abs() < 1e-12, "{what}");
            }
            "observed_expected_ratio" => {
                let ratio = observed_expected_ratio(outcome, probability, 0.95).unwrap().ratio;
                coverage.check(&what, ratio.value, value, 1e-12);
            }
            "rms_val_prob" => {
                let distance = integrated_calibration_index(outcome, probability).unwrap();
                let area = auc(outcome, probability, Orientation::HigherIsRisk).unwrap();
                for (name, value) in value.as_object().unwrap() {
                    let joint = weak.joint_test.statistic.unwrap();
                    // Twice the log-likelihood of the given predictions above that of the share of events.
                    let given = n * weak.discrimination + 1.0;
                    let (ours, relative) = match name.as_str() {
                        // lrm counts concordance on binned predictions.
                        "Dxy" => (2.0 * area - 1.0, 1e-3),
                        "C (ROC)" => (area, 2e-4),
                        "R2" => {
                            let null = -2.0 * sloped.log_likelihood_null / n;
                            ((1.0 - (-given / n).exp()) / (1.0 - (-null).exp()), 1e-8)
                        }
                        "D" => (weak.discrimination, 1e-8),
                        "D:Chi-sq" => (given, 1e-8),
                        "U" => (weak.unreliability, 1e-8),
                        "U:Chi-sq" => (joint, 1e-8),
                        "U:p" => (weak.joint_test.p_value, 1e-8),
                        "Q" => (weak.quality, 1e-8),
                        "Brier" => (brier.brier.value, 1e-12),
                        "Intercept" => (weak.intercept.value, 1e-8),
                        "Slope" => (weak.slope.value, 1e-8),
                        "Emax" => (distance.e_max, 1e-10),
                        "E90" => (distance.e90, 1e-10),
                        "Eavg" => (distance.ici, 1e-10),
                        "S:z" => (spiegelhalter.statistic.unwrap(), 1e-10),
                        "S:p" => (spiegelhalter.p_value, 1e-10),
                        "D:p" => {
                            coverage.not_covered("val.prob leaves the P-value of D empty", value);
                            continue;
                        }
                        other => panic!("{what}: no check for {other}"),
                    };
                    coverage.check(&format!("{what} {name}"), ours, value, relative);
                }
            }
            "decile_table" => {
                let groups = calibration_groups(outcome, probability, 10, 0.95).unwrap();
                for (k, group) in groups.iter().enumerate() {
                    coverage.check(&what, group.n as f64, &value["n"][k], 0.0);
                    coverage.check(&what, group.mean_predicted, &value["mean_p"][k], 1e-12);
                    coverage.check(&what, group.events as f64, &value["events"][k], 0.0);
                }
            }
            "hosmer_lemeshow_external_10" => {
                check_hosmer_lemeshow_test(coverage, &what, outcome, probability, 10, 1e-10, value);
            }
            "net_benefit" => {
                let rows = value["data"].as_array().unwrap();
                let thresholds: Vec<f64> = rows.iter().map(|row| number(&row[0]).unwrap()).collect();
                for (point, row) in decision_curve(outcome, probability, &thresholds).unwrap().iter().zip(rows) {
                    coverage.check(&what, point.threshold, &row[0], 0.0);
                    coverage.check(&what, point.true_positives as f64, &row[1], 0.0);
                    coverage.check(&what, point.false_positives as f64, &row[2], 0.0);
                    coverage.check_near(&what, point.net_benefit.value, &row[3], 1e-10, 1e-14);
                    coverage.check_near(&what, point.treat_all, &row[4], 1e-10, 1e-14);
                }
            }
            "spiegelhalter_z" => coverage.check(&what, spiegelhalter.statistic.unwrap(), value, 1e-10),
            other => panic!("{what}: no check for {other}"),
        }
    }
}

/// The case of two models.
pub fn check_reclassification_case(coverage: &mut Coverage, case: &Value) {
    let scores = scores();
    let (old, new) = (&scores.columns["p_clin"], &scores.columns["p_full"]);
    let continuous = continuous_nri(&scores.outcome, old, new, 0.95).unwrap();
    let idi = integrated_discrimination(&scores.outcome, old, new, 0.95).unwrap();
    let (events, others) = (continuous.event_moves, continuous.other_moves);
    for (name, value) in case["values"]["improveProb"].as_object().unwrap() {
        let error = |part: &Improvement| part.estimate.standard_error.unwrap();
        let z = |part: &Improvement| part.test.as_ref().unwrap().statistic.unwrap();
        let ours = match name.as_str() {
            "n" => scores.outcome.len() as f64,
            "na" => events.n() as f64,
            "nb" => others.n() as f64,
            "pup.ev" => events.share_up(),
            "pup.ne" => others.share_up(),
            "pdown.ev" => events.share_down(),
            "pdown.ne" => others.share_down(),
            "nri" => continuous.nri.estimate.value,
            "se.nri" => error(&continuous.nri),
            "z.nri" => z(&continuous.nri),
            "nri.ev" => continuous.events.estimate.value,
            "se.nri.ev" => error(&continuous.events),
            "z.nri.ev" => z(&continuous.events),
            "nri.ne" => continuous.others.estimate.value,
            "se.nri.ne" => error(&continuous.others),
            "z.nri.ne" => z(&continuous.others),
            "improveSens" => idi.events.estimate.value,
            "improveSpec" => idi.others.estimate.value,
            "idi" => idi.idi.estimate.value,
            "se.idi" => error(&idi.idi),
            "z.idi" => z(&idi.idi),
            other => panic!("improveProb: no check for {other}"),
        };
        coverage.check(&format!("improveProb {name}"), ours, value, 1e-10);
    }
    let categorical = categorical_nri(&scores.outcome, old, new, &[0.4, 0.6], 0.95).unwrap().reclassification;
    for (name, value) in case["values"]["categorical_nri"].as_object().unwrap() {
        let ours = match name.as_str() {
            "NRI" => categorical.nri.estimate.value,
            "NRI+" => categorical.events.estimate.value,
            "NRI-" => categorical.others.estimate.value,
            "Pr(Up|Case)" => categorical.event_moves.share_up(),
            "Pr(Down|Case)" => categorical.event_moves.share_down(),
            "Pr(Down|Ctrl)" => categorical.other_moves.share_down(),
            "Pr(Up|Ctrl)" => categorical.other_moves.share_up(),
            other => panic!("categorical NRI: no check for {other}"),
        };
        coverage.check(&format!("categorical NRI {name}"), ours, value, 1e-10);
    }
}
