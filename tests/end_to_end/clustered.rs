//! Rows that belong together, as the lesions of one patient do: intervals and tests rest on patients.

use super::small_study::{patients, study_with};
use crate::support::program::{Folder, vouch};
use serde_json::Value;

const ANALYSES: &str = r#"  lesions:
    kind: performance
    outcome: sick
    partitions: [all]
    bootstrap: {replicates: 200}
    threshold: {rule: youden}
    metrics: [sensitivity]
    interval: bootstrap
    cluster: patient
  alone: {kind: performance, outcome: sick, partitions: [all], threshold: {rule: youden}, metrics: [], cluster: lesion}
  plain: {kind: performance, outcome: sick, partitions: [all], threshold: {rule: youden}, metrics: []}
  compared: {kind: comparison, outcome: sick, reference: clinical, partitions: [all], cluster: patient}
  compared_alone: {kind: comparison, outcome: sick, reference: clinical, partitions: [all], cluster: lesion}
  compared_plain: {kind: comparison, outcome: sick, reference: clinical, partitions: [all]}
  discrete: {kind: cox, outcome: os, partition: all, terms: [marker, stage], ties: exact}
  continuous: {kind: cox, outcome: os, partition: all, terms: [marker, stage], ties: exact_marginal}
  cox:"#;

/// The small study, three rows to a patient; `change` is made to its spec.
fn study(change: (&str, &str)) -> Folder {
    let folder = study_with(&[
        (
            "outcomes:",
            "  patient: {label: Patient, kind: continuous}\n  lesion: {label: Lesion, kind: continuous}\noutcomes:",
        ),
        ("  cox:", ANALYSES),
    ]);
    let rows = patients().lines().enumerate().fold(String::new(), |text, (number, line)| match number {
        0 => format!("{line},patient,lesion\n"),
        _ => format!("{text}{line},{},{number}\n", number / 3),
    });
    folder.write("patients.csv", &rows);
    let spec = folder.read_text("study.yaml");
    assert!(spec.contains(change.0), "the spec has no {:?}", change.0);
    folder.write("study.yaml", &spec.replacen(change.0, change.1, 1));
    folder
}

fn analysis<'a>(results: &'a Value, id: &str) -> &'a Value {
    results["analyses"].as_array().unwrap().iter().find(|analysis| analysis["id"] == id).unwrap()
}

#[test]
fn intervals_and_tests_rest_on_clusters() {
    let folder = study(("seed: 11", "seed: 11"));
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    let number = |id: &str, path: &str| analysis(&results, id).pointer(path).unwrap().as_f64().unwrap();
    // With a cluster to each row the variances are DeLong's own.
    for (alone, plain, path) in [
        ("alone", "plain", "/rows/0/auc/standard_error"),
        ("compared_alone", "compared_plain", "/rows/0/test/statistic"),
    ] {
        let (alone, plain) = (number(alone, path), number(plain, path));
        assert!((alone - plain).abs() < 1e-9 * plain.abs(), "{path}: {alone} {plain}");
    }
    // With three rows to a cluster the estimate is the same and its error is not.
    assert_eq!(number("lesions", "/rows/0/auc/value"), number("plain", "/rows/0/auc/value"));
    assert_ne!(number("lesions", "/rows/0/auc/standard_error"), number("plain", "/rows/0/auc/standard_error"));
    let lesions = analysis(&results, "lesions");
    for method in ["/rows/0/auc_bootstrap/method", "/rows/0/metrics/0/interval/method"] {
        let method = lesions.pointer(method).unwrap().as_str().unwrap();
        assert!(method.contains("clusters"), "{method}");
    }
    let test = analysis(&results, "compared").pointer("/rows/0/test/method").unwrap().as_str().unwrap();
    assert!(test.contains("Obuchowski"), "{test}");
    // Discrete time and unknown order: two likelihoods of the same ties.
    let [discrete, continuous] = ["discrete", "continuous"].map(|id| number(id, "/multivariable/0/coefficient"));
    assert!(discrete != continuous && (discrete - continuous).abs() < 0.1 * discrete.abs(), "{discrete} {continuous}");
}

#[test]
fn what_has_no_counterpart_for_clusters_is_refused() {
    for (from, to, says) in [
        (
            "interval: bootstrap\n    cluster",
            "interval: wilson\n    cluster",
            "intervals of proportions take every row",
        ),
        ("metrics: [], cluster: lesion", "metrics: [], cluster: nobody", "`nobody`"),
        ("metrics: [], cluster", "metrics: [], auc_interval: hanley_mcneil, cluster", "takes every row for a subject"),
        (
            "partitions: [all], cluster: patient}",
            "partitions: [all], cluster: patient, test: bootstrap, bootstrap: {replicates: 200}}",
            "draws rows, not clusters",
        ),
    ] {
        let outcome = vouch(&study((from, to)).path, &["check", "."]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{to}: {}", outcome.stderr);
    }
}

#[test]
fn what_takes_clustered_rows_as_independent_is_said() {
    let outcome = vouch(&study(("seed: 11", "seed: 11")).path, &["check", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let note = outcome.stderr.lines().find(|line| line.contains("take all rows as independent")).expect("it is said");
    assert!(note.contains("`plain`") && !note.contains("`lesions`"), "{note}");
}

#[test]
fn a_row_of_no_known_cluster_is_not_passed_over() {
    let folder = study(("seed: 11", "seed: 11"));
    let rows = folder.read_text("patients.csv").replacen(",1,3\n", ",,3\n", 1);
    folder.write("patients.csv", &rows);
    for verb in ["check", "run"] {
        let outcome = vouch(&folder.path, &[verb, "."]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("`patient` is missing in row 3"), "{}", outcome.stderr);
    }
}
