//! A study of 240 made-up patients in 30 lines: quick to run, easy to break.

use crate::support::program::{Folder, vouch};
use std::fmt::Write;

/// Identifiers that cannot occur by chance, scores that carry a signal, a group, times with ties.
pub fn patients() -> String {
    let mut text = String::from("subject,site,entered,marker,stage,smoker,sick,months,died,call\n");
    let mut state = 1u64;
    let mut next = |bound: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % bound
    };
    for number in 0..240u64 {
        let sick = next(5) < 2;
        let marker = 200 + next(400) + if sick { 150 } else { 0 };
        let stage = ["I", "II", "III"][((next(3) + u64::from(sick)) % 3) as usize];
        let months = 1 + next(if sick { 50 } else { 80 });
        let died = next(100) < if sick { 60 } else { 35 };
        let call = u64::from(marker > 450);
        writeln!(
            text,
            "QX{:05}Z,{},20{:02}-{:02}-01,{}.{},{stage},{},{},{months},{},{call}",
            7919 * (number + 3) % 100_003,
            ["north", "south"][next(2) as usize],
            10 + number / 24,
            1 + number % 12,
            marker / 10,
            marker % 10,
            ["yes", "no"][next(2) as usize],
            u8::from(sick),
            u8::from(died)
        )
        .unwrap();
    }
    text
}

pub const STUDY: &str = r#"schema: study/1
id: small
title: A small study
seed: 11
data: {path: patients.csv, id: subject}
cohort:
  exclude:
    - {id: early, says: Followed for one month only, where: months = 1}
variables:
  marker: {label: Marker, unit: U/l, kind: continuous, summary: mean_sd}
  stage: {label: Stage, kind: ordinal, levels: {I: I, II: II, III: III}}
  smoker: {label: Smoker, kind: categorical, levels: {"no": Never, "yes": Ever}}
outcomes:
  sick: {kind: binary, label: Disease, positive: sick = 1}
  os: {kind: survival, label: Survival, time: months, unit: months, event: died = 1}
split:
  temporal: {by: entered, test_from: "2016-01-01"}
  validation: {fraction: 0.25, stratify: sick}
models:
  clinical: {kind: logistic, label: Clinical, outcome: sick, predictors: [marker, stage, smoker]}
  reader: {kind: scores, label: Reader, outcome: sick, from: call, orientation: higher_is_risk}
statistics:
  table: {kind: baseline_table, by: sick, within: [primary, test], variables: [marker, stage, smoker]}
  performance:
    kind: performance
    outcome: sick
    partitions: [training, validation, test]
    bootstrap: {replicates: 200}
    threshold: {rule: youden}
    metrics: [accuracy, sensitivity, specificity]
  survival: {kind: kaplan_meier, outcome: os, groups: {by: threshold, model: clinical, of: performance}, partitions: [all], rates_at: [1, 2]}
  cox: {kind: cox, outcome: os, partition: all, terms: [marker, stage]}
report:
  show:
    - {item: attrition_flow, caption: Flow}
    - {item: baseline_table, of: table, caption: Baseline}
    - {item: performance_table, of: performance, caption: Performance}
    - {item: roc_figure, of: performance, caption: ROC}
    - {item: survival_figure, of: survival, caption: Survival}
    - {item: cox_table, of: cox, caption: Cox}
"#;

/// The study in a folder of its own, each pair of texts replaced in the spec.
pub fn study_with(replacements: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    folder.write("patients.csv", &patients());
    let mut spec = STUDY.to_string();
    for (from, to) in replacements {
        assert!(spec.contains(from), "the spec has no {from:?}");
        spec = spec.replacen(from, to, 1);
    }
    folder.write("study.yaml", &spec);
    folder
}

#[test]
fn runs_and_writes_every_file() {
    let folder = study_with(&[]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for file in ["report.html", "report.pdf", "results.json", "manifest.json", "predictions.parquet"] {
        assert!(!folder.read(&format!("report/{file}")).is_empty(), "{file}");
    }
    let figures = std::fs::read_dir(folder.path.join("report/figures")).unwrap().count();
    assert_eq!(figures, 3);
    assert_eq!(outcome.stdout.lines().count(), 3, "stdout names the files: {}", outcome.stdout);
}

#[test]
fn a_report_is_rendered_again_from_its_results_alone() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    std::fs::remove_file(folder.path.join("patients.csv")).unwrap();
    let outcome = vouch(&folder.path, &["report", "report", "--out", "again"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(folder.read("report/report.html"), folder.read("again/report.html"));
    assert_eq!(folder.read("report/report.pdf"), folder.read("again/report.pdf"));
}

#[test]
fn check_is_a_dry_run_with_counts() {
    let folder = study_with(&[]);
    let outcome = vouch(&folder.path, &["check", "study.yaml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for words in
        ["240 rows", "Followed for one month only", "training", "sick", "clinical (logistic): marker, stage, smoker"]
    {
        assert!(outcome.stdout.contains(words), "{words}: {}", outcome.stdout);
    }
    assert!(!folder.path.join("reports").exists(), "a dry run writes nothing");
}

#[test]
fn every_verb_has_help() {
    let folder = Folder::new();
    for verb in [
        "new",
        "check",
        "run",
        "plan",
        "shard",
        "merge",
        "lock",
        "verify",
        "bundle",
        "unbundle",
        "compare",
        "pool",
        "report",
        "audit",
        "schema",
        "completions",
    ] {
        let outcome = vouch(&folder.path, &[verb, "--help"]);
        assert!(outcome.code == 0 && outcome.stdout.contains("Usage"), "{verb}");
    }
    assert!(vouch(&folder.path, &["--help"]).stdout.contains("Exit codes"));
    assert_eq!(vouch(&folder.path, &["ruin"]).code, 2);
}

#[test]
fn a_draft_from_a_table_is_a_study_that_runs() {
    let folder = Folder::new();
    folder.write("patients.csv", &patients());
    let outcome = vouch(&folder.path, &["new", "patients.csv", "--id", "subject", "--outcome", "sick = 1"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(!outcome.stdout.contains("QX"), "no identifier in a draft");
    folder.write("study.yaml", &outcome.stdout);
    let checked = vouch(&folder.path, &["check", "."]);
    assert_eq!(checked.code, 0, "{}\n{}", checked.stderr, outcome.stdout);
    assert_eq!(vouch(&folder.path, &["run", "."]).code, 0);
    let survival =
        ["new", "patients.csv", "--id", "subject", "--outcome", "died = 1", "--time", "months", "--unit", "months"];
    let outcome = vouch(&folder.path, &survival);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    folder.write("study.yaml", &outcome.stdout);
    let ran = vouch(&folder.path, &["run", "."]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stderr, outcome.stdout);
    // What happens during follow-up is known to nobody beforehand.
    let outcome = vouch(&folder.path, &["new", "patients.csv", "--id", "subject", "--outcome", "sick = 1"]);
    assert!(!outcome.stdout.contains("- died"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("nobody knows beforehand: months, died."), "{}", outcome.stdout);
    let wrong = vouch(&folder.path, &["new", "patients.csv", "--id", "subjct", "--outcome", "sick = 1"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("did you mean `subject`?"), "{}", wrong.stderr);
}
