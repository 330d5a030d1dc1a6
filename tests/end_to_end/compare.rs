//! A variant against a baseline: numbers without a rule, a verdict by a declared rule, refusal of what does not match.

use super::small_study::study_with;
use crate::support::program::{Folder, Outcome, vouch};
use serde_json::Value;
use std::fmt::Write;

/// Predictions of 200 made-up subjects: `noise` 0 ranks them well, more worse. Every third has the event.
fn predictions(noise: u64, extra: &str) -> String {
    let mut text = format!("subject,partition,outcome_sick,score_m{extra}\n");
    let mut state = 11u64;
    for number in 0..200u64 {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let sick = number % 3 == 0;
        let jitter = (state >> 33) % 1000;
        let signal = if sick { 620 } else { 380 };
        let score = (signal * (10 - noise) + jitter * (2 + noise)) / 12;
        let part = if number < 80 { "training" } else { "test" };
        let group = if extra.is_empty() { String::new() } else { format!(",{}", ["a", "b"][(number % 2) as usize]) };
        writeln!(text, "QX{:04}Z,{part},{},0.{:04}{group}", 7919 * (number + 3) % 10_007, u8::from(sick), score * 10)
            .unwrap();
    }
    text
}

fn two_models() -> Folder {
    let folder = Folder::new();
    folder.write("base.csv", &predictions(8, ",group_site"));
    folder.write("variant.csv", &predictions(4, ""));
    folder
}

const RULE: &str = "schema: compare/1
title: Is the variant better?
net_benefit_at: [0.3, 0.5]
reclassify_at: [0.4, 0.6]
subgroups: [site]
family: [auc, brier]
verdict: {measure: auc, claim: superior}
";

fn json(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    serde_json::from_str(&outcome.stdout).unwrap()
}

#[test]
fn without_a_rule_there_are_numbers_and_no_verdict() {
    let folder = two_models();
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("AUC") && outcome.stdout.contains("no verdict"), "{}", outcome.stdout);
    let found = json(&vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--format", "json"]));
    assert!(found["rule"].is_null() && found["variants"][0]["verdict"].is_null());
    assert_eq!((found["partition"].as_str(), found["n"].as_u64()), (Some("test"), Some(120)));
    let measures: Vec<&str> = found["variants"][0]["measures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["measure"].as_str().unwrap())
        .collect();
    assert_eq!(measures, ["auc", "sensitivity", "specificity", "accuracy", "brier", "log_loss", "net_benefit"]);
}

#[test]
fn a_declared_rule_gives_the_verdict_and_is_printed_with_it() {
    let folder = two_models();
    folder.write("rule.yaml", RULE);
    let arguments = ["compare", "base.csv", "variant.csv", "--declared", "rule.yaml", "--out", "out"];
    let outcome = vouch(&folder.path, &arguments);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("Declared rule: A variant is better than the base when its AUC is higher"));
    assert!(outcome.stdout.contains("m (variant.csv) is better than the base"), "{}", outcome.stdout);
    let found: Value = serde_json::from_slice(&folder.read("out/comparison.json")).unwrap();
    let rows = found["variants"][0]["measures"].as_array().unwrap();
    let family: Vec<&Value> = rows.iter().filter(|row| row["in_family"] == true).collect();
    assert_eq!(family.len(), 2, "AUC and Brier score");
    assert!(family.iter().all(|row| row["adjusted_p_value"].as_f64() >= row["test"]["p_value"].as_f64()));
    assert_eq!(found["variants"][0]["subgroups"][0]["levels"].as_array().unwrap().len(), 2);
    assert_eq!(found["declaration"]["sha256"].as_str().unwrap().len(), 64);
    let html = folder.read_text("out/comparison.html");
    for words in ["not proper scoring rules", "Subgroups", "is better than the base", "Forest plot"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(folder.read("out/comparison.pdf").starts_with(b"%PDF"));
    // A model is no better than itself, and the verdict says what the data could have shown.
    let outcome = vouch(&folder.path, &["compare", "base.csv", "base.csv", "--declared", "rule.yaml"]);
    assert!(outcome.stdout.contains("is not shown to be better"), "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn the_order_of_rows_and_threads_do_not_matter() {
    let folder = two_models();
    folder.write("rule.yaml", &format!("{RULE}bootstrap: {{replicates: 100}}\n"));
    let run = |base: &str| {
        let arguments = ["compare", base, "variant.csv", "--declared", "rule.yaml", "--format", "json"];
        json(&vouch(&folder.path, &arguments))
    };
    let first = run("base.csv");
    let text = folder.read_text("base.csv");
    let (head, rows) = text.split_once('\n').unwrap();
    let reversed: Vec<&str> = rows.lines().rev().collect();
    folder.write("base.csv", &format!("{head}\n{}\n", reversed.join("\n")));
    let mut second = run("base.csv");
    second["base"]["sha256"] = first["base"]["sha256"].clone();
    assert_eq!(first, second);
    assert!(first["variants"][0]["measures"][1]["bootstrap"].is_object(), "average precision by the bootstrap");
}

#[test]
fn non_inferiority_needs_a_margin_and_holds_within_it() {
    let folder = two_models();
    folder.write("rule.yaml", "schema: compare/1\nverdict: {measure: auc, claim: non_inferior}\n");
    let arguments = ["compare", "variant.csv", "base.csv", "--declared", "rule.yaml"];
    let outcome = vouch(&folder.path, &arguments);
    assert!(outcome.code == 2 && outcome.stderr.contains("needs a `margin`"), "{}", outcome.stderr);
    folder.write("rule.yaml", "schema: compare/1\nverdict: {measure: auc, claim: non_inferior, margin: 0.6}\n");
    assert!(vouch(&folder.path, &arguments).stdout.contains("is not inferior to the base"));
    folder.write("rule.yaml", "schema: compare/1\nverdict: {measure: auc, claim: non_inferior, margin: 0.01}\n");
    assert!(vouch(&folder.path, &arguments).stdout.contains("is not shown to be non-inferior"));
}

#[test]
fn what_does_not_match_is_refused_with_counts_and_rows_and_no_identifier() {
    let folder = two_models();
    let variant = folder.read_text("variant.csv");
    let mut lines: Vec<String> = variant.lines().map(str::to_string).collect();
    let gone = lines.remove(150);
    lines[120] = lines[120].replace(",test,0,", ",test,1,").replace(",test,1,1,", ",test,0,");
    let moved = lines[10].replace("training", "test");
    lines[10] = moved;
    folder.write("variant.csv", &(lines.join("\n") + "\n"));
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--unmatched", "list.csv"]);
    assert_eq!(outcome.code, 2, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("1 subject of the base is missing (row 150 of the base)"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("in another part"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("QX"), "{}", outcome.stderr);
    let list = folder.read_text("list.csv");
    assert!(list.contains(gone.split(',').next().unwrap()) && list.contains("not_in_variant"), "{list}");
}

#[test]
fn another_outcome_of_the_same_subject_is_refused() {
    let folder = two_models();
    let variant = folder.read_text("variant.csv");
    let mut lines: Vec<String> = variant.lines().map(str::to_string).collect();
    // Number 150 has the event.
    assert!(lines[151].contains(",test,1,"), "{}", lines[151]);
    lines[151] = lines[151].replace(",test,1,", ",test,0,");
    folder.write("variant.csv", &(lines.join("\n") + "\n"));
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("1 subject has another outcome"), "{}", outcome.stderr);
}

#[test]
fn models_of_a_study_and_of_its_report_agree() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let of = |base: &str, variant: &str| {
        let mut found = json(&vouch(&folder.path, &["compare", base, variant, "--format", "json"]));
        for side in ["base"] {
            found[side]["kind"] = "".into();
        }
        found["variants"][0]["source"]["kind"] = "".into();
        found
    };
    assert_eq!(of(".@clinical", ".@reader"), of("report@clinical", "report@reader"));
    let outcome = vouch(&folder.path, &["compare", ".@clinical", ".@raeder"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("did you mean `reader`?"), "{}", outcome.stderr);
    let outcome = vouch(&folder.path, &["compare", ".", ".@reader"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("clinical, reader"), "{}", outcome.stderr);
    folder.write("rule.yaml", "schema: compare/1\nsubgroups: [stage]\noutcome: sick\n");
    let arguments = ["compare", ".@clinical", ".@reader", "--declared", "rule.yaml", "--format", "json"];
    let found = json(&vouch(&folder.path, &arguments));
    assert_eq!(found["variants"][0]["subgroups"][0]["levels"][2]["level"], "III");
    std::fs::remove_file(folder.path.join("report/predictions.parquet")).unwrap();
    let outcome = vouch(&folder.path, &["compare", "report@clinical", "report@reader"]);
    assert!(outcome.code == 5 && outcome.stderr.contains("stays with the data"), "{}", outcome.stderr);
}

#[test]
fn a_survival_outcome_is_compared_by_its_c_index() {
    let folder = Folder::new();
    let table = |shift: u64| {
        let mut text = "subject,outcome_os_time,outcome_os_event,score_m\n".to_string();
        for number in 0..60u64 {
            let risk = (number * 37 + shift * (number % 7) * 11) % 60;
            writeln!(text, "QX{number},{},{},{risk}", 70 - (number * 37) % 60, u8::from(number % 4 > 0)).unwrap();
        }
        text
    };
    folder.write("base.csv", &table(1));
    folder.write("variant.csv", &table(0));
    folder.write("rule.yaml", "schema: compare/1\nverdict: {measure: concordance, claim: superior}\n");
    let arguments = ["compare", "base.csv", "variant.csv", "--declared", "rule.yaml", "--format", "json"];
    let found = json(&vouch(&folder.path, &arguments));
    let row = &found["variants"][0]["measures"][0];
    assert_eq!((row["measure"].as_str(), row["variant"].as_f64()), (Some("concordance"), Some(1.0)));
    assert_eq!(found["variants"][0]["verdict"]["holds"], true);
}

#[test]
fn a_wrong_declaration_gets_all_its_problems_with_their_places() {
    let folder = two_models();
    folder.write(
        "rule.yaml",
        "schema: compare/1\nfamily: [brier]\nreclassify_at: [0.6, 0.4]\nverdict: {measure: auc, claim: superior, margin: 0.1}\n",
    );
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--declared", "rule.yaml"]);
    assert_eq!(outcome.code, 2);
    for words in ["not in the family", "ascending order", "has no margin", "rule.yaml:2", "rule.yaml:3", "rule.yaml:4"]
    {
        assert!(outcome.stderr.contains(words), "{words}: {}", outcome.stderr);
    }
    folder.write("rule.yaml", "schema: compare/1\nfamly: [auc]\n");
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--declared", "rule.yaml"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("did you mean `family`?"), "{}", outcome.stderr);
    let outcome = vouch(&folder.path, &["compare", "base.csv", "model.onnx"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("STUDY@MODEL"), "{}", outcome.stderr);
}
