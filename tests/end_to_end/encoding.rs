//! Winsorised splines through the program against the same basis and fit of the library.

use super::small_study::{patients, study_with};
use crate::support::program::vouch;
use serde_json::Value;
use vouch::stats::baseline::quantile::{QuantileType, quantiles};
use vouch::stats::regression::logistic::{LogisticInput, LogisticOptions, logistic};
use vouch::stats::regression::splines::{RestrictedCubicSpline, SplineScale};
use vouch::stats::survival::cox::{CoxInput, CoxOptions, cox};

/// One patient of the made-up table.
struct Patient {
    entered: String,
    marker: f64,
    sick: bool,
    months: f64,
    died: bool,
}

/// Those that the study analyses and trains on: all but the ones followed for a month, who entered before 2016.
fn training() -> Vec<Patient> {
    patients()
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            Patient {
                entered: fields[2].to_string(),
                marker: fields[3].parse().unwrap(),
                sick: fields[6] == "1",
                months: fields[7].parse().unwrap(),
                died: fields[8] == "1",
            }
        })
        .filter(|patient| patient.months > 1.0 && patient.entered.as_str() < "2016-01-01")
        .collect()
}

const CHANGES: [(&str, &str); 4] = [
    (
        "kind: continuous, summary: mean_sd}",
        "kind: continuous, summary: mean_sd, winsorise: {lower_quantile: 0.05, upper_quantile: 0.9, type: 1}, transform: {spline: {quantiles: [0.1, 0.4, 0.7, 0.95]}}}",
    ),
    ("  validation: {fraction: 0.25, stratify: sick}\n", ""),
    (
        "predictors: [marker, stage, smoker]}",
        "predictors: [marker]}\n  risk: {kind: cox, label: Risk, outcome: os, predictors: [marker]}",
    ),
    ("partitions: [training, validation, test]", "partitions: [training, test]"),
];

#[test]
fn a_winsorised_spline_is_that_of_the_training_rows() {
    let folder = study_with(&CHANGES);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: Value = serde_json::from_slice(&folder.read("report/results.json")).unwrap();
    let model =
        |id: &str| results["models"].as_array().unwrap().iter().find(|model| model["id"] == id).unwrap().clone();

    let patients = training();
    let marker: Vec<f64> = patients.iter().map(|patient| patient.marker).collect();
    let limits = quantiles(&marker, &[0.05, 0.9], QuantileType::Type1).unwrap();
    let cut: Vec<f64> = marker.iter().map(|value| value.clamp(limits[0], limits[1])).collect();
    let knots = quantiles(&cut, &[0.1, 0.4, 0.7, 0.95], QuantileType::Type7).unwrap();
    let basis = RestrictedCubicSpline::with_knots(&knots, SplineScale::Range).unwrap().basis(&cut).unwrap();
    let columns: Vec<&[f64]> = basis.iter().map(Vec::as_slice).collect();
    let encoding = &model("clinical")["encodings"][0];
    assert_eq!((encoding["lower"].as_f64(), encoding["upper"].as_f64()), (Some(limits[0]), Some(limits[1])));
    let known: Vec<f64> = encoding["knots"].as_array().unwrap().iter().map(|knot| knot.as_f64().unwrap()).collect();
    assert_eq!(known, knots);

    let sick: Vec<bool> = patients.iter().map(|patient| patient.sick).collect();
    let fit = logistic(&LogisticInput::new(&sick, &columns), &LogisticOptions::default()).unwrap();
    let ours = model("clinical")["coefficients"].as_array().unwrap().clone();
    assert_eq!(ours[1]["level"], "linear term");
    assert_eq!(ours[3]["level"], "spline term 2");
    for (term, coefficient) in ours.iter().skip(1).zip(&fit.coefficients) {
        let (found, expected) = (term["coefficient"].as_f64().unwrap(), coefficient.coefficient);
        assert!((found - expected).abs() < 1e-4 * expected.abs().max(1.0), "{found} {expected}");
    }

    let years: Vec<f64> = patients.iter().map(|patient| patient.months / 12.0).collect();
    let died: Vec<bool> = patients.iter().map(|patient| patient.died).collect();
    let fit = cox(&CoxInput::new(&years, &died, &columns), &CoxOptions::default()).unwrap();
    let terms = model("risk")["cox"]["terms"].as_array().unwrap().clone();
    assert_eq!(terms.len(), 3);
    for (term, expected) in terms.iter().zip(fit.beta()) {
        let found = term["coefficient"].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} {expected}");
    }
}

#[test]
fn knots_that_coincide_take_the_model_away_and_name_the_variable() {
    let folder = study_with(&[(
        "kind: continuous, summary: mean_sd}",
        "kind: continuous, column: call, transform: {spline: {count: 3}}}",
    )]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 6, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("the variable `marker` cannot be encoded"), "{}", outcome.stderr);
}
