//! One spec with other settings by name.

use super::small_study::study_with;
use crate::support::program::{Folder, vouch};
use serde_json::Value;

fn study() -> Folder {
    let folder = study_with(&[]);
    let spec = String::from_utf8(folder.read("study.yaml")).unwrap();
    let profiles = "profiles:\n  other-seed: {seed: 99}\n  broken: {seed: three}\n";
    folder.write("study.yaml", &(spec + profiles));
    folder
}

fn results(folder: &Folder, report: &str) -> Value {
    serde_json::from_slice(&folder.read(&format!("{report}/results.json"))).unwrap()
}

#[test]
fn a_profile_has_a_report_of_its_own_that_verifies() {
    let folder = study();
    let plain = vouch(&folder.path, &["run", ".", "--out", "plain"]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    let id = results(&folder, "plain")["study"]["id"].as_str().unwrap().to_string();
    let other = vouch(&folder.path, &["run", ".", "--profile", "other-seed"]);
    assert_eq!(other.code, 0, "{}", other.stderr);
    let report = format!("reports/{id}-other-seed");
    let tree = results(&folder, &report);
    assert_eq!(tree["study"]["seed"], 99);
    assert_eq!(tree["study"]["id"], format!("{id}-other-seed"));
    assert_ne!(tree["study"]["spec_sha256"], results(&folder, "plain")["study"]["spec_sha256"]);
    let verified = vouch(&folder.path, &["verify", &report]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn a_spec_gives_the_same_with_and_without_profiles_that_are_not_used() {
    let (with, without) = (study(), study_with(&[]));
    for folder in [&with, &without] {
        assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    }
    assert_eq!(with.read("report/results.json"), without.read("report/results.json"));
}

#[test]
fn a_profile_that_is_wrong_or_unknown_is_told_with_its_place() {
    let folder = study();
    let unknown = vouch(&folder.path, &["run", ".", "--profile", "other-sed"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("did you mean `other-seed`?"), "{}", unknown.stderr);
    let checked = vouch(&folder.path, &["check", "."]);
    assert_eq!(checked.code, 2, "{}", checked.stdout);
    assert!(checked.stderr.contains("broken: {seed: three}"), "{}", checked.stderr);
    assert!(checked.stderr.contains("--profile broken"), "{}", checked.stderr);
}
