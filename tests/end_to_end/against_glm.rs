//! The whole way from CSV to predictions against R: `p_full` of fixtures/reference/rotterdam_scores.csv is what `glm`
//! predicts, to six decimals, when it is trained on the patients of 1989 and before.

use crate::support::program::{Folder, repository, vouch};

use polars_io::prelude::{ParquetReader, SerReader};
use std::collections::HashMap;
use std::io::Cursor;

#[test]
fn logistic_predictions_are_those_of_glm() {
    let folder = Folder::new();
    let spec = std::fs::read_to_string(repository().join("studies/rotterdam-lnm/study.yaml")).unwrap();
    // Train on all earlier patients, as the reference did.
    let spec = spec.replacen("  validation: {fraction: 0.22, stratify: lnm}\n", "", 1);
    // The reference has no eligibility rules, and needs no statistics.
    let is_rule = |line: &&str| line.contains("where:") || line.trim() == "include:" || line.trim() == "exclude:";
    let head = spec.split("statistics:").next().unwrap();
    let head: String = head.lines().filter(|line| !is_rule(line)).map(|line| format!("{line}\n")).collect();
    let data = repository().join("fixtures/rotterdam/rotterdam.csv");
    let spec = head.replacen("../../fixtures/rotterdam/rotterdam.csv", data.to_str().unwrap(), 1);
    folder.write("study.yaml", &spec);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let frame = ParquetReader::new(Cursor::new(folder.read("report/predictions.parquet"))).finish().unwrap();
    let subjects = frame.column("subject").unwrap().str().unwrap().clone();
    let scores = frame.column("score_logistic").unwrap().f64().unwrap().clone();
    let ours: HashMap<String, f64> = subjects
        .iter()
        .zip(scores.iter())
        .map(|(subject, score)| (subject.unwrap().to_string(), score.unwrap()))
        .collect();
    let reference = std::fs::read_to_string(repository().join("fixtures/reference/rotterdam_scores.csv")).unwrap();
    let mut checked = 0;
    for line in reference.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let expected: f64 = fields[4].parse().unwrap();
        assert!((ours[fields[0]] - expected).abs() < 6e-7, "ours {}, glm {expected}", ours[fields[0]]);
        checked += 1;
    }
    assert_eq!(checked, 2982);
}
