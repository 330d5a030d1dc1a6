//! Robust Cox models with no more clusters than coefficients, by R's coxph.

use super::support::{Coverage, csv, floats, topic};
use vouch::stats::survival::cox::{CoxInput, CoxOptions, Ties, cox};

#[test]
fn robust_errors_of_few_clusters_are_those_of_coxph() {
    let reference = topic("15_cox_few_clusters.json");
    let data = csv("lung.csv");
    let names = ["time", "status", "age", "sex", "ph.karno", "wt.loss", "inst"];
    let columns = names.map(|name| floats(&data[name]));
    let complete: Vec<usize> =
        (0..columns[0].len()).filter(|row| columns.iter().all(|column| column[*row].is_finite())).collect();
    let [time, status, covariates @ .., institution] =
        columns.map(|column| complete.iter().map(|row| column[*row]).collect::<Vec<f64>>());
    let event: Vec<bool> = status.iter().map(|status| *status == 2.0).collect();
    let slices: Vec<&[f64]> = covariates.iter().map(Vec::as_slice).collect();
    let mut coverage = Coverage::of("15_cox_few_clusters", &reference);
    for case in reference["cases"].as_array().unwrap() {
        let cuts: Vec<f64> = serde_json::from_value(case["inst_cuts"].clone()).unwrap();
        let cluster: Vec<usize> =
            institution.iter().map(|inst| cuts.iter().filter(|cut| *inst >= **cut).count()).collect();
        let input = CoxInput { cluster: Some(&cluster), ..CoxInput::new(&time, &event, &slices) };
        let ties = if case["ties"] == "breslow" { Ties::Breslow } else { Ties::Efron };
        let fit = cox(&input, &CoxOptions { ties, ..CoxOptions::default() }).unwrap();
        assert!(fit.wald.is_none() && fit.robust_score.is_none() && fit.no_robust_test_because.is_some());
        for (j, coefficient) in fit.coefficients.iter().enumerate() {
            let name = |what: &str| format!("{}.{what}[{j}]", case["id"]);
            coverage.check(&name("coef"), coefficient.coefficient, &case["values"]["coef"][j], 1e-8);
            coverage.check(&name("se"), coefficient.standard_error, &case["values"]["se"][j], 1e-8);
            let robust = coefficient.robust_standard_error.unwrap();
            coverage.check(&name("robust_se"), robust, &case["values"]["robust_se"][j], 1e-7);
        }
        for (at, value) in fit.covariance.values().iter().enumerate() {
            coverage.check(
                &format!("{}.robust_var[{at}]", case["id"]),
                *value,
                &case["values"]["robust_var"][at],
                1e-6,
            );
        }
    }
    coverage.finish();
}
