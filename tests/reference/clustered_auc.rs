//! AUCs of clustered rows, by `clustered_auc.py` beside the values: Obuchowski's formulas in plain loops.

use super::support::{Coverage, csv, floats, topic};
use std::collections::BTreeMap;
use vouch::stats::Orientation::HigherIsRisk;
use vouch::stats::comparison::clustered_delong::clustered_paired_delong;

#[test]
fn clustered_aucs_are_those_of_obuchowski_in_plain_loops() {
    let reference = topic("17_clustered_auc_py.json");
    let mut coverage = Coverage::of("17_clustered_auc_py", &reference);
    for case in reference["cases"].as_array().unwrap() {
        let data = csv(case["data"][0].as_str().unwrap());
        let columns: Vec<Vec<f64>> =
            case["columns"].as_array().unwrap().iter().map(|name| floats(&data[name.as_str().unwrap()])).collect();
        let complete: Vec<usize> = (0..columns[0].len())
            .filter(|row| columns.iter().all(|column| column[*row].is_finite()))
            .take(case["rows"].as_u64().unwrap() as usize)
            .collect();
        let of = |column: usize| complete.iter().map(|row| columns[column][*row]).collect::<Vec<f64>>();
        let outcome: Vec<bool> = of(0).into_iter().map(|value| Some(value) == case["positive"].as_f64()).collect();
        let cluster: Vec<usize> = of(1).into_iter().map(|value| value as usize).collect();
        let compared =
            clustered_paired_delong(&outcome, &cluster, &of(2), HigherIsRisk, &of(3), HigherIsRisk, 0.95).unwrap();
        let error = |estimate: &vouch::stats::Estimate| estimate.standard_error.unwrap();
        let ours = BTreeMap::from([
            ("auc_a", compared.auc_a.value),
            ("se_a", error(&compared.auc_a)),
            ("auc_b", compared.auc_b.value),
            ("se_b", error(&compared.auc_b)),
            ("difference", compared.difference.value),
            ("se_difference", error(&compared.difference)),
            ("z", compared.test.statistic.unwrap()),
        ]);
        for (name, expected) in case["values"].as_object().unwrap() {
            coverage.check(&format!("{}.{name}", case["id"]), ours[name.as_str()], expected, 1e-11);
        }
    }
    coverage.finish();
}
