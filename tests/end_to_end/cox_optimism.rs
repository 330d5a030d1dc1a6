//! Optimism of a Cox model, declared in a study of the German Breast Cancer Study Group, against rms
//! (fixtures/reference/20_cox_optimism.json).

use crate::support::program::{Folder, repository, vouch};
use serde_json::Value;

const STUDY: &str = "schema: study/1
id: gbsg
title: Optimism of a Cox model
seed: 4
data: {path: gbsg.csv, id: pid}
variables:
  age: {label: Age, kind: continuous}
  meno: {label: After menopause, kind: continuous}
  size: {label: Size, kind: continuous}
  grade: {label: Grade, kind: continuous}
  nodes: {label: Nodes, kind: continuous}
  pgr: {label: Progesterone receptors, kind: continuous}
  er: {label: Oestrogen receptors, kind: continuous}
outcomes:
  relapse: {kind: survival, label: Relapse, time: rfstime, unit: days, event: status = 1, report_in: years}
models:
  seven: {kind: cox, label: Seven variables, outcome: relapse, predictors: [age, meno, size, grade, nodes, pgr, er]}
statistics:
  optimism: {kind: optimism, outcome: relapse, replicates: 400}
report:
  show: [{item: optimism_table, of: optimism, caption: Optimism}]
";

fn study(spec: &str) -> Folder {
    let folder = Folder::new();
    std::fs::copy(repository().join("fixtures/reference/gbsg.csv"), folder.path.join("gbsg.csv")).unwrap();
    folder.write("study.yaml", spec);
    folder
}

#[test]
fn the_optimism_of_a_cox_model_is_that_of_rms() {
    let folder = study(STUDY);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    let row = &results["analyses"][0]["rows"][0];
    assert_eq!((row["n"].as_u64(), row["events"].as_u64()), (Some(686), Some(299)));
    let path = repository().join("fixtures/reference/20_cox_optimism.json");
    let reference: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let case = reference["cases"].as_array().unwrap().iter().find(|case| case["id"] == "gbsg_seven").unwrap();
    // Five runs of 200 replicates have optimisms of 0.0091 to 0.0112, and of 0.071 to 0.108.
    for (measure, allowed) in [("concordance", 0.003), ("slope", 0.05)] {
        let theirs = &case["values"][measure];
        let apparent = row[measure]["apparent"].as_f64().unwrap();
        assert!((apparent - theirs["apparent"].as_f64().unwrap()).abs() < 1e-6, "{measure}: {apparent}");
        let runs: Vec<f64> = theirs["corrected"].as_array().unwrap().iter().map(|run| run.as_f64().unwrap()).collect();
        let mean = runs.iter().sum::<f64>() / runs.len() as f64;
        let corrected = row[measure]["corrected"].as_f64().unwrap();
        assert!((corrected - mean).abs() < allowed && corrected < apparent, "{measure}: {corrected}, R has {mean}");
    }
    let page = folder.read_text("report/report.html");
    assert!(page.contains("Harrell&#39;s C</th>"), "no C in the table");
}

#[test]
fn a_model_that_is_not_developed_by_regression_is_refused_with_its_place() {
    let scores = "  other: {kind: scores, label: Nodes, outcome: relapse, from: nodes, orientation: higher_is_risk}\nstatistics:";
    let spec = STUDY.replace("statistics:", scores).replace("replicates: 400", "models: [other], replicates: 400");
    let checked = vouch(&study(&spec).path, &["check", "."]);
    assert_eq!(checked.code, 2, "{}", checked.stdout);
    assert!(checked.stderr.contains("`other` is no logistic and no Cox model"), "{}", checked.stderr);
}
