//! No identifier and no row of a subject is in anything that may be shared.

use super::small_study::{patients, study_with};
use crate::support::program::vouch;

#[test]
fn no_identifier_is_in_what_may_be_shared() {
    let folder = study_with(&[]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let identifiers: Vec<String> = patients().lines().skip(1).map(|line| line[..8].to_string()).collect();
    let mut shared = vec![outcome.stdout.clone(), outcome.stderr.clone()];
    for file in ["results.json", "report.html", "manifest.json"] {
        shared.push(folder.read_text(&format!("report/{file}")));
    }
    shared.push(String::from_utf8_lossy(&folder.read("report/report.pdf")).into_owned());
    for figure in std::fs::read_dir(folder.path.join("report/figures")).unwrap().flatten() {
        shared.push(std::fs::read_to_string(figure.path()).unwrap());
    }
    for text in &shared {
        assert!(!identifiers.iter().any(|identifier| text.contains(identifier)));
    }
    let predictions = String::from_utf8_lossy(&folder.read("report/predictions.parquet")).into_owned();
    assert!(predictions.contains(&identifiers[0]), "the search would find one");
}

#[test]
fn the_manifest_marks_what_must_stay() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let manifest: serde_json::Value = serde_json::from_slice(&folder.read("report/manifest.json")).unwrap();
    let outputs = manifest["outputs"].as_array().unwrap();
    let marked: Vec<&str> =
        outputs.iter().filter(|file| file["subject_level"] == true).filter_map(|file| file["name"].as_str()).collect();
    assert_eq!(marked, ["predictions.parquet"]);
}
