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

/// The predictions with another part for those of the test part.
fn in_part(text: &str, part: &str) -> String {
    text.replace(",test,", &format!(",{part},"))
}

#[test]
fn without_a_declaration_nobody_is_compared_on_whom_a_model_was_fitted() {
    let folder = two_models();
    for name in ["base.csv", "variant.csv"] {
        let text = folder.read_text(name);
        folder.write(name, &in_part(&text, "validation"));
    }
    let arguments = ["compare", "base.csv", "variant.csv", "--format", "json"];
    let outcome = vouch(&folder.path, &arguments);
    let found = json(&outcome);
    assert_eq!((found["partition"].as_str(), found["n"].as_u64()), (Some("validation"), Some(120)));
    assert!(outcome.stderr.contains("no test part"), "{}", outcome.stderr);
    // Everybody only when declared, and then said before everything else.
    folder.write("rule.yaml", "schema: compare/1\npartition: all\n");
    let arguments = ["compare", "base.csv", "variant.csv", "--declared", "rule.yaml", "--out", "out"];
    let outcome = vouch(&folder.path, &arguments);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(
        outcome.stdout.contains("n = 200 (everybody, with subjects that models were fitted on)"),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stderr.contains("warning: 80 of the 200 subjects"), "{}", outcome.stderr);
    let html = folder.read_text("out/comparison.html");
    let body = &html[html.find("<main").expect("the page has a main part")..];
    let warning = body.find("80 of the 200 subjects").expect("the warning is on the page");
    assert!(warning < body.find(">Verdict<").expect("there is a verdict"), "before the verdict");
    // A base of training subjects only has nobody to compare on.
    for name in ["base.csv", "variant.csv"] {
        let text = folder.read_text(name);
        folder.write(name, &text.replace(",validation,", ",training,"));
    }
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("declare `partition: all`"), "{}", outcome.stderr);
}

#[test]
fn on_everybody_too_a_subject_of_another_part_is_refused() {
    let folder = two_models();
    folder.write("rule.yaml", "schema: compare/1\npartition: all\n");
    let text = folder.read_text("variant.csv");
    // The first ten subjects are training subjects of the base, and held out in the variant.
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(row, line)| if row <= 10 { line.replace(",training,", ",validation,") } else { line.to_string() })
        .collect();
    folder.write("variant.csv", &(lines.join("\n") + "\n"));
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--declared", "rule.yaml"]);
    assert_eq!(outcome.code, 2, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("10 subjects are in another part"), "{}", outcome.stderr);
}

#[test]
fn a_base_without_parts_does_not_hide_that_a_variant_was_fitted_on_its_subjects() {
    let folder = two_models();
    let strip = |text: &str| text.replace(",partition", "").replace(",training,", ",").replace(",test,", ",");
    let text = folder.read_text("base.csv");
    folder.write("base.csv", &strip(&text));
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("80 subjects are in its training part"), "{}", outcome.stderr);
    // Held-out subjects alone are compared, whoever else the variant was fitted on.
    let text = folder.read_text("base.csv");
    let held_out: Vec<&str> =
        text.lines().enumerate().filter(|(row, _)| *row == 0 || *row > 80).map(|(_, line)| line).collect();
    folder.write("held_out.csv", &(held_out.join("\n") + "\n"));
    let found = json(&vouch(&folder.path, &["compare", "held_out.csv", "variant.csv", "--format", "json"]));
    assert_eq!(found["n"].as_u64(), Some(120));
    let text = folder.read_text("variant.csv");
    folder.write("variant.csv", &strip(&text));
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("does not say which subjects it was fitted on"), "{}", outcome.stderr);
}

#[test]
fn scores_that_nobody_fitted_are_compared_on_everybody() {
    let folder = study_with(&[
        ("  temporal: {by: entered, test_from: \"2016-01-01\"}\n  validation: {fraction: 0.25, stratify: sick}\n", ""),
        ("split:\n", ""),
        ("partitions: [training, validation, test]", "partitions: [all]"),
        ("within: [primary, test]", "within: [all]"),
        (
            "  reader: {",
            "  second: {kind: scores, label: Second, outcome: sick, from: marker, orientation: higher_is_risk}\n  reader: {",
        ),
    ]);
    let found = json(&vouch(&folder.path, &["compare", ".@reader", ".@second", "--format", "json"]));
    assert_eq!(found["partition"].as_str(), Some("all"));
    assert!(found["notices"].as_array().unwrap().iter().all(|notice| notice["level"] != "warning"), "{found}");
    let outcome = vouch(&folder.path, &["compare", ".@reader", ".@clinical"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("no held-out subjects"), "{}", outcome.stderr);
}

#[test]
fn one_net_benefit_has_one_interval_and_a_test_agrees_with_its_interval() {
    let folder = two_models();
    folder.write("rule.yaml", &format!("{RULE}bootstrap: {{replicates: 200}}\n"));
    let arguments =
        ["compare", "base.csv", "variant.csv", "--declared", "rule.yaml", "--format", "json", "--out", "out"];
    let found = json(&vouch(&folder.path, &arguments));
    let rows = found["variants"][0]["measures"].as_array().unwrap();
    let row = |measure: &str| rows.iter().find(|row| row["measure"] == measure).unwrap();
    let net_benefit = row("net_benefit");
    assert_eq!(net_benefit["label"], "Net benefit at 30%");
    assert_eq!(net_benefit["difference"], found["variants"][0]["net_benefit"][0]["difference"]);
    for measure in
        ["auc", "average_precision", "brier", "net_benefit", "calibration_slope", "integrated_calibration_index"]
    {
        let (difference, test) = (&row(measure)["difference"], &row(measure)["test"]);
        let limit = |key: &str| difference["interval"][key].as_f64().unwrap();
        let excludes_zero = limit("lower") > 0.0 || limit("upper") < 0.0;
        assert_eq!(excludes_zero, test["p_value"].as_f64().unwrap() < 0.05, "{measure}: {}", row(measure));
        let half = 1.959963984540054 * difference["standard_error"].as_f64().unwrap();
        let found = (limit("upper") - limit("lower")) / 2.0;
        assert!((found - half).abs() < 1e-12, "{measure}: one standard error for interval and test");
    }
    let html = folder.read_text("out/comparison.html");
    for words in ["DeLong", "McNemar", "The bootstrap draws subjects", "Pencina", "delta method, paired"] {
        assert!(html.contains(words), "{words}");
    }
}

/// Times, and risks by 5 that rank them the better the smaller the noise.
fn survival_predictions(noise: u64) -> String {
    let mut text = "subject,outcome_os_time,outcome_os_event,score_m,risk_m_by_5\n".to_string();
    let mut state = 5u64;
    for number in 0..160u64 {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let time = 1 + (number * 37) % 160;
        let jitter = (state >> 33) % 160;
        let risk = ((160 - time) * (10 - noise) + jitter * noise) as f64 / 1700.0;
        let score = (-(1.0 - risk).ln()).ln();
        writeln!(text, "QX{number},{:.3},{},{score:.9},{risk:.9}", time as f64 / 16.0, u8::from(number % 4 > 0))
            .unwrap();
    }
    text
}

#[test]
fn risks_of_a_survival_outcome_are_compared_by_a_declared_horizon() {
    let folder = Folder::new();
    folder.write("base.csv", &survival_predictions(8));
    folder.write("variant.csv", &survival_predictions(3));
    folder.write("rule.yaml", "schema: compare/1\nhorizon: 5\nnet_benefit_at: [0.3, 0.5]\nbootstrap: {replicates: 200}\nfamily: [time_dependent_auc, scaled_brier]\nverdict: {measure: scaled_brier, claim: superior}\n");
    let arguments =
        ["compare", "base.csv", "variant.csv", "--declared", "rule.yaml", "--format", "json", "--out", "out"];
    let found = json(&vouch(&folder.path, &arguments));
    let variant = &found["variants"][0];
    let rows = variant["measures"].as_array().unwrap();
    let measures: Vec<&str> = rows.iter().map(|row| row["measure"].as_str().unwrap()).collect();
    let wanted = [
        "concordance",
        "time_dependent_auc",
        "brier",
        "scaled_brier",
        "net_benefit",
        "calibration_slope",
        "observed_expected_ratio",
    ];
    assert_eq!(measures, wanted);
    assert_eq!(rows[1]["label"], "AUC by 5");
    assert_eq!(rows[4]["label"], "Net benefit at 30%, by 5");
    for row in rows {
        assert!(row["difference"]["interval"].is_object() && row["test"].is_object(), "{row}");
        let (base, variant) = (row["base"].as_f64().unwrap(), row["variant"].as_f64().unwrap());
        assert!((row["difference"]["value"].as_f64().unwrap() - (variant - base)).abs() < 1e-12, "{row}");
    }
    assert_eq!(rows[4]["difference"], variant["net_benefit"][0]["difference"], "one interval in the whole page");
    assert!(
        variant["calibration"]["base"]["slope"].is_object() && variant["calibration"]["base"]["in_the_large"].is_null()
    );
    assert_eq!(variant["verdict"]["holds"], true, "{}", variant["verdict"]);
    let html = folder.read_text("out/comparison.html");
    assert!(
        html.contains("inverse probability of censoring")
            && html.contains("Net benefit of acting on the predictions, risks by 5")
    );
    assert!(!html.contains("DeLong") && !html.contains("McNemar"), "methods that were not used");
    // Without a bootstrap only what has a formula is compared; without the horizon the C index is.
    folder.write("rule.yaml", "schema: compare/1\nhorizon: 5\n");
    let found = json(&vouch(
        &folder.path,
        &["compare", "base.csv", "variant.csv", "--declared", "rule.yaml", "--format", "json"],
    ));
    assert_eq!(found["variants"][0]["measures"].as_array().unwrap().len(), 2);
    folder.write("rule.yaml", "schema: compare/1\nverdict: {measure: scaled_brier, claim: superior}\n");
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--declared", "rule.yaml"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("declare `bootstrap`"), "{}", outcome.stderr);
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--out", "plain"]);
    assert!(outcome.stderr.contains("Only the C index is compared"), "{}", outcome.stderr);
    let html = folder.read_text("plain/comparison.html");
    for words in ["DeLong", "McNemar", "bootstrap draws", "declared family"] {
        assert!(!html.contains(words), "{words} was not used");
    }
    folder.write("rule.yaml", "schema: compare/1\nhorizon: 50\n");
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--declared", "rule.yaml"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("the longest follow-up is 10.0"), "{}", outcome.stderr);
    // Risks by another time are not those that were asked for.
    folder.write("rule.yaml", "schema: compare/1\nhorizon: 4\nbootstrap: {replicates: 200}\n");
    let outcome = vouch(&folder.path, &["compare", "base.csv", "variant.csv", "--declared", "rule.yaml"]);
    assert!(outcome.code == 0 && outcome.stderr.contains("gives no risk by 4"), "{}", outcome.stderr);
}

#[test]
fn a_report_has_the_risks_that_its_study_compares_with() {
    let folder = study_with(&[
        (
            "  reader: {",
            "  one: {kind: cox, label: One, outcome: os, predictors: [marker]}\n  two: {kind: cox, label: Two, outcome: os, predictors: [marker, stage]}\n  reader: {",
        ),
        (
            "  cox: {kind: cox,",
            "  judged: {kind: survival_performance, outcome: os, partitions: [training, test], horizon: 2}\n  cox: {kind: cox,",
        ),
    ]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let compare = |of: &str, horizon: &str| {
        folder.write("rule.yaml", &format!("schema: compare/1\nhorizon: {horizon}\nbootstrap: {{replicates: 100}}\n"));
        let (base, variant) = (format!("{of}@one"), format!("{of}@two"));
        json(&vouch(&folder.path, &["compare", &base, &variant, "--declared", "rule.yaml", "--format", "json"]))
    };
    let of_report = compare("report", "2");
    assert_eq!(of_report["variants"][0]["measures"].as_array().unwrap().len(), 7);
    assert_eq!(of_report["horizon"]["unit"], "years");
    assert_eq!(of_report["variants"][0]["measures"], compare(".", "2")["variants"][0]["measures"]);
    // A study computes them by any time, a report has those of its own horizons.
    assert_eq!(compare(".", "1.5")["variants"][0]["measures"].as_array().unwrap().len(), 7);
    assert_eq!(compare("report", "1.5")["variants"][0]["measures"].as_array().unwrap().len(), 2);
}
