//! A report is what its study gives, or the exact list of what differs.

use super::small_study::study_with;
use crate::support::program::{Folder, Outcome, vouch};
use serde_json::Value;

fn reported() -> Folder {
    let folder = study_with(&[]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    folder
}

fn verify(folder: &Folder) -> Outcome {
    vouch(&folder.path, &["verify", "report"])
}

fn edit(folder: &Folder, name: &str, change: impl Fn(&mut Value)) {
    let mut tree: Value = serde_json::from_slice(&folder.read(name)).unwrap();
    change(&mut tree);
    folder.write(name, &(serde_json::to_string_pretty(&tree).unwrap() + "\n"));
}

/// The first row of the performance analysis.
fn first_auc(results: &mut Value) -> &mut Value {
    let analyses = results["analyses"].as_array_mut().unwrap();
    let performance = analyses.iter_mut().find(|analysis| analysis["id"] == "performance").unwrap();
    &mut performance["rows"][0]["auc"]["value"]
}

#[test]
fn a_fresh_report_is_identical() {
    let folder = reported();
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.starts_with("report: identical: "), "{}", outcome.stdout);
    let json = vouch(&folder.path, &["verify", "report", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["verdict"], "identical");
    assert!(json["numbers"].as_u64().unwrap() > 300);
}

#[test]
fn a_number_that_was_edited_is_named_with_both_values() {
    let folder = reported();
    edit(&folder, "report/results.json", |results| *first_auc(results) = 0.9375.into());
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 4, "{}{}", outcome.stdout, outcome.stderr);
    assert!(
        outcome.stdout.contains("result    performance / clinical / training / AUC: 0.938 → "),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.contains("results.json: edited since"), "{}", outcome.stdout);
    assert_eq!(outcome.stdout.matches("  result ").count(), 1, "{}", outcome.stdout);
}

#[test]
fn an_edited_spec_is_named_by_its_key() {
    let folder = reported();
    let spec = folder.read_text("study.yaml");
    folder.write("study.yaml", &spec.replace("test_from: \"2016-01-01\"", "test_from: \"2017-01-01\""));
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 4, "{}{}", outcome.stdout, outcome.stderr);
    assert!(
        outcome.stdout.contains("spec      split / temporal / test from: 2016-01-01 → 2017-01-01"),
        "{}",
        outcome.stdout
    );
    folder.write("study.yaml", &format!("# a comment\n{spec}"));
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 0, "a comment is no difference: {}", outcome.stdout);
    assert!(outcome.stdout.contains("set anew"), "{}", outcome.stdout);
}

#[test]
fn another_input_is_exit_code_5_and_what_it_moves_is_listed() {
    let folder = reported();
    let table = folder.read_text("patients.csv");
    folder.write("patients.csv", &table.replacen(",1,", ",0,", 3));
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 5, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("input     patients.csv: another file"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("  result "), "{}", outcome.stdout);
    std::fs::remove_file(folder.path.join("patients.csv")).unwrap();
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 5, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("patients.csv"), "{}", outcome.stderr);
}

#[test]
fn rows_in_another_order_are_the_same_input() {
    let folder = reported();
    let table = folder.read_text("patients.csv");
    let (head, rows) = table.split_once('\n').unwrap();
    let reversed: Vec<&str> = rows.lines().rev().collect();
    folder.write("patients.csv", &format!("{head}\n{}\n", reversed.join("\n")));
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("identical") && outcome.stdout.contains("in another order"), "{}", outcome.stdout);
}

#[test]
fn another_program_reproduces_the_numbers() {
    let folder = reported();
    edit(&folder, "report/manifest.json", |manifest| manifest["version"] = "0.0.9".into());
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("reproduced by another program"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("program   version: 0.0.9 → "), "{}", outcome.stdout);
}

#[test]
fn across_numeric_classes_there_is_a_tolerance() {
    let folder = reported();
    let hash_anew = |folder: &Folder| {
        let hash = vouch::data::hash::sha256(&folder.read("report/results.json"));
        edit(folder, "report/manifest.json", |manifest| {
            manifest["numeric_class"] = "cuda-f32/1".into();
            manifest["outputs"][0]["sha256"] = hash.clone().into();
        });
    };
    let move_by = |folder: &Folder, by: f64| {
        edit(folder, "report/results.json", |results| {
            let auc = first_auc(results);
            *auc = (auc.as_f64().unwrap() + by).into();
        });
    };
    move_by(&folder, 5e-4);
    hash_anew(&folder);
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("another numeric class"), "{}", outcome.stdout);
    move_by(&folder, 5e-3);
    hash_anew(&folder);
    let outcome = verify(&folder);
    assert_eq!(outcome.code, 4, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn a_report_written_elsewhere_names_no_folder_of_the_machine() {
    let folder = study_with(&[]);
    let elsewhere = Folder::new();
    let out = elsewhere.path.join("report");
    let out = out.to_str().unwrap();
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", out]).code, 0);
    let manifest = elsewhere.read_text("report/manifest.json");
    let name = folder.path.file_name().unwrap().to_str().unwrap();
    assert!(!manifest.contains(name) && !manifest.contains("/tmp"), "{manifest}");
    let outcome = vouch(&folder.path, &["verify", out]);
    assert!(outcome.code == 5 && outcome.stderr.contains("--study"), "{}", outcome.stderr);
    let outcome = vouch(&folder.path, &["verify", out, "--study", "."]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn what_is_no_report_is_refused() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["verify", "nowhere"]).code, 5);
    folder.write("report/manifest.json", "{\"schema\": \"manifest/1\", \"outputs\": []}");
    let outcome = verify(&folder);
    assert!(outcome.code == 2 && outcome.stderr.contains("manifest/1"), "{}", outcome.stderr);
    folder.write("report/manifest.json", "not json");
    assert_eq!(verify(&folder).code, 2);
}

#[test]
fn a_sealed_study_runs_only_on_what_was_locked() {
    let folder = study_with(&[]);
    let sealed = || vouch(&folder.path, &["run", ".", "--sealed", "--out", "report"]);
    let outcome = sealed();
    assert!(outcome.code == 5 && outcome.stderr.contains("vouch lock"), "{}", outcome.stderr);
    let outcome = vouch(&folder.path, &["lock", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.trim_end().ends_with("study.lock"), "{}", outcome.stdout);
    assert!(!folder.read_text("study.lock").contains("QX"), "no identifier in a lock");
    assert_eq!(sealed().code, 0);
    let (spec, table) = (folder.read_text("study.yaml"), folder.read_text("patients.csv"));
    folder.write("study.yaml", &format!("# a comment\n{spec}"));
    assert_eq!(sealed().code, 0, "a comment says nothing else");
    folder.write("study.yaml", &spec.replace("seed: 11", "seed: 12"));
    let outcome = sealed();
    assert!(outcome.code == 5 && outcome.stderr.contains("spec says something else"), "{}", outcome.stderr);
    folder.write("study.yaml", &spec);
    folder.write("patients.csv", &table.replacen(",1,", ",0,", 1));
    let outcome = sealed();
    assert!(outcome.code == 5 && outcome.stderr.contains("`patients.csv` is not the locked one"), "{}", outcome.stderr);
    folder.write("study.lock", "{}");
    assert_eq!(sealed().code, 2);
}
