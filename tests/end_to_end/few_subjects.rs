//! What is not told where too few subjects would have to carry it.

use super::small_study::patients;
use crate::support::program::{Folder, vouch};
use serde_json::Value;

fn run(spec: &str) -> (Folder, Value) {
    let folder = Folder::new();
    folder.write("patients.csv", &patients());
    folder.write("study.yaml", spec);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert!(outcome.code == 0 || outcome.code == 6, "{}", outcome.stderr);
    let results = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    (folder, results)
}

/// Without a difference, DeLong's χ² of many models rejects every time where their number comes near that of the subjects.
#[test]
fn many_models_on_few_subjects_are_not_tested_all_at_once() {
    let mut spec = String::from(
        "schema: study/1\nid: many\ntitle: Many scores\nseed: 1\ndata: {path: patients.csv, id: subject}\nvariables: {}\n\
         outcomes:\n  sick: {kind: binary, label: Disease, positive: sick = 1}\nsplit: {validation: {fraction: 0.1, stratify: sick}}\n\
         models:\n",
    );
    for number in 1..=6 {
        spec.push_str(&format!(
            "  s{number}: {{kind: scores, label: Score {number}, outcome: sick, from: marker + {number} * months, orientation: higher_is_risk}}\n"
        ));
    }
    spec.push_str(
        "statistics:\n  compared: {kind: comparison, outcome: sick, reference: s1, partitions: [training, validation]}\n\
         report:\n  show: [{item: comparison_table, of: compared, caption: Compared}]\n",
    );
    let (folder, results) = run(&spec);
    let compared = &results["analyses"][0];
    assert_eq!(compared["too_few_for_all"], serde_json::json!(["validation"]));
    let tested: Vec<&str> =
        compared["overall"].as_array().unwrap().iter().map(|row| row["partition"].as_str().unwrap()).collect();
    assert_eq!(tested, ["training"]);
    let page = folder.read_text("report/report.html");
    assert!(page.contains("Test that all 6 models are equal") && page.contains("is not tested in the validation set"));
}

#[test]
fn no_risk_is_judged_by_a_time_that_nobody_of_the_set_is_followed_to() {
    let spec = "schema: study/1
id: short
title: A test part with a short follow-up
seed: 1
data: {path: patients.csv, id: subject}
cohort:
  derive:
    until: CASE WHEN entered >= DATE('2016-01-01') AND months > 20 THEN 20 ELSE months END
    dead: CASE WHEN entered >= DATE('2016-01-01') AND months > 20 THEN 0 ELSE died END
variables: {marker: {label: Marker, kind: continuous}}
outcomes: {os: {kind: survival, label: Survival, time: until, unit: months, event: dead = 1, report_in: months}}
split: {temporal: {by: entered, test_from: \"2016-01-01\"}}
models: {cox: {kind: cox, label: Cox, outcome: os, predictors: [marker]}}
statistics: {judged: {kind: survival_performance, outcome: os, partitions: [training, test], horizon: 30}}
report: {show: [{item: survival_performance_table, of: judged, caption: Performance}]}
";
    let (folder, results) = run(spec);
    let rows = results["analyses"][0]["rows"].as_array().unwrap();
    let of = |partition: &str| rows.iter().find(|row| row["partition"] == partition).unwrap();
    assert!(of("training")["brier"].is_object() && of("training")["expected"].is_number(), "{}", of("training"));
    let test = of("test");
    for measure in ["brier", "expected", "observed_expected_ratio", "calibration_distance"] {
        assert!(test[measure].is_null(), "{measure}: {}", test[measure]);
    }
    assert!(test["decision_curve"].as_array().is_none_or(Vec::is_empty) && test["harrell_c"].is_object());
    // What needs no horizon stays.
    assert!(test["observed_expected_follow_up"].is_object(), "{test}");
    assert!(folder.read_text("report/report.html").contains("Nobody of the set is followed to the horizon"));
}
