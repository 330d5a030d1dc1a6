//! Every kind of analysis beside the shipped ones: declared, computed, printed; and refused where it makes no sense.

use super::small_study::{patients, study_with};
use crate::support::program::{Folder, vouch};
use serde_json::Value;

/// Two more readers beside `call`, and a second measurement of the marker.
fn patients_with_readers() -> String {
    let mut state = 5u64;
    let mut next = |bound: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % bound
    };
    let text = patients();
    let rows = text.lines().enumerate().map(|(number, line)| {
        if number == 0 {
            return format!("{line},reader_a,reader_b,reader_c,again");
        }
        let fields: Vec<&str> = line.split(',').collect();
        let (marker, call): (f64, u64) = (fields[3].parse().unwrap(), fields[9].parse().unwrap());
        let mut reader = || ["no", "yes"][if next(5) == 0 { 1 - call as usize } else { call as usize }];
        let readers = [reader(), reader(), reader()].join(",");
        format!("{line},{readers},{}", marker + next(30) as f64 / 10.0)
    });
    rows.map(|row| row + "\n").collect()
}

const VARIABLES: &str = r#"  reader_a: {label: Reader A, kind: categorical, levels: {"no": Negative, "yes": Positive}}
  reader_b: {label: Reader B, kind: categorical, levels: {"no": Negative, "yes": Positive}}
  reader_c: {label: Reader C, kind: categorical, levels: {"no": Negative, "yes": Positive}}
  again: {label: Second measurement, unit: U/l, kind: continuous}
outcomes:"#;

const STATISTICS: &str = r#"  metrics:
    kind: performance
    outcome: sick
    partitions: [test]
    auc_interval: logit_delong
    bootstrap: {replicates: 200, interval: bca}
    partial_auc: {over: sensitivity, from: 0.8}
    average_precision: true
    threshold: {rule: maximum, metric: matthews_correlation}
    metrics: [f1, balanced_accuracy, youden, false_discovery_rate]
    interval: bootstrap
  overall: {kind: baseline_table, by: sick, within: [test], variables: [marker, stage], categorical_test: trend, overall: true, differences: false}
  alike: {kind: set_comparison, partitions: [primary, test], variables: [marker, stage], outcomes: [sick]}
  calls: {kind: metric_comparison, thresholds_of: performance, reference: clinical, partitions: [test], non_inferiority_margin: 0.1, test: mcnemar_mid_p, interval: tango}
  areas: {kind: comparison, outcome: sick, reference: clinical, partitions: [test], test: bootstrap, bootstrap: {replicates: 200}, non_inferiority_margin: 0.05}
  sets: {kind: partition_comparison, outcome: sick, partitions: [training, test]}
  odds: {kind: regression, outcome: sick, partition: training, terms: [{variable: marker, per: 10}, stage, smoker]}
  firth: {kind: regression, outcome: sick, partition: training, terms: [stage], estimation: firth}
  groups: {kind: subgroups, outcome: sick, partition: all, variables: [smoker, stage], thresholds_of: performance, metrics: [sensitivity]}
  new_model: {kind: reclassification, outcome: sick, old: stage_only, new: clinical, partitions: [test], cut_points: [0.3, 0.6]}
  optimism: {kind: optimism, outcome: sick, replicates: 30}
  raters: {kind: agreement, ratings: [reader_a, reader_b, reader_c], partitions: [all]}
  repeats: {kind: agreement, ratings: [marker, again], partitions: [all], forms: [one_way_single, random_single, fixed_mean]}
  size: {kind: planning, outcome: sick, partition: test, auc_precision: [{auc: 0.8, width: 0.1}], development: [{parameters: 4, cox_snell_r_squared: 0.2}], detectable_difference: [{models: [clinical, reader], difference: 0.1}]}
  cox:"#;

const SHOWN: &str = r#"    - {item: performance_table, of: metrics, caption: Metrics}
    - {item: precision_recall_figure, of: metrics, caption: Precision}
    - {item: baseline_table, of: overall, caption: Overall}
    - {item: set_comparison_table, of: alike, caption: Alike}
    - {item: metric_comparison_table, of: calls, caption: Calls}
    - {item: comparison_table, of: areas, caption: Areas}
    - {item: partition_comparison_table, of: sets, caption: Sets}
    - {item: regression_table, of: odds, caption: Odds}
    - {item: regression_table, of: firth, caption: Penalised odds}
    - {item: regression_forest_figure, of: odds, caption: Forest}
    - {item: subgroup_table, of: groups, caption: Subgroups}
    - {item: subgroup_forest_figure, of: groups, caption: Forest of subgroups}
    - {item: reclassification_table, of: new_model, caption: Reclassification}
    - {item: optimism_table, of: optimism, caption: Optimism}
    - {item: agreement_table, of: raters, caption: Raters}
    - {item: agreement_table, of: repeats, caption: Repeats}
    - {item: planning_table, of: size, caption: Size}
    - {item: cox_table,"#;

/// A study says beforehand what a model has to show; its report has the rule and a verdict in words by it.
#[test]
fn a_declared_rule_gives_a_verdict_in_the_report() {
    let models = "  stage_only: {kind: logistic, label: Stage, outcome: sick, predictors: [stage]}\nstatistics:";
    let rules = "  better: {kind: comparison, outcome: sick, reference: stage_only, models: [clinical, stage_only], partitions: [test], verdict: superior}
  no_worse: {kind: metric_comparison, thresholds_of: performance, reference: clinical, models: [reader], metrics: [sensitivity], partitions: [test], non_inferiority_margin: 0.1, verdict: non_inferior}
  cox:";
    let shown = "    - {item: comparison_table, of: better, caption: Better}
    - {item: metric_comparison_table, of: no_worse, caption: No worse}
    - {item: cox_table,";
    let folder = study_with(&[("statistics:", models), ("  cox:", rules), ("    - {item: cox_table,", shown)]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: Value = serde_json::from_slice(&folder.read("report/results.json")).unwrap();
    let row = |id: &str| {
        let analyses = results["analyses"].as_array().unwrap();
        analyses.iter().find(|analysis| analysis["id"] == id).unwrap()["rows"][0].clone()
    };
    let better = row("better");
    let expected =
        better["difference"]["value"].as_f64() > Some(0.0) && better["test"]["p_value"].as_f64() < Some(0.05);
    assert_eq!(better["holds"], expected);
    let no_worse = row("no_worse");
    assert_eq!(no_worse["holds"], no_worse["non_inferiority"]["non_inferior"]);
    let page = folder.read_text("report/report.html");
    let word = if expected { "is better than" } else { "is not shown to be better than" };
    for words in [
        "Rule, declared with the study: a model is better than “Stage” when its AUC is higher and the two-sided P is below 0.05.",
        &format!("Verdict: in the test set, “Clinical” {word} “Stage” in AUC: "),
        "Rule, declared with the study: a model is not inferior to “Clinical” when",
        "“Reader” is not",
    ] {
        assert!(page.contains(words), "{words}");
    }
    // Without a margin there is no such rule, and P-values of another test are not adjusted in its place.
    let wrong = rules.replace("non_inferiority_margin: 0.1", "adjust: holm");
    let folder = study_with(&[("statistics:", models), ("  cox:", &wrong)]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert!(outcome.code == 2 && outcome.stderr.contains("2 problems"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("no `non_inferiority_margin`"), "{}", outcome.stderr);
}

/// The small study with every further kind of analysis, and one change to it.
fn study(from: &str, to: &str) -> Folder {
    let folder = study_with(&[
        ("outcomes:", VARIABLES),
        ("  cox:", STATISTICS),
        ("    - {item: cox_table,", SHOWN),
        (
            "  reader: {kind: scores",
            "  stage_only: {kind: logistic, label: Stage only, outcome: sick, predictors: [stage]}\n  reader: {kind: scores",
        ),
    ]);
    folder.write("patients.csv", &patients_with_readers());
    let spec = folder.read_text("study.yaml");
    assert!(spec.contains(from), "the spec has no {from:?}");
    folder.write("study.yaml", &spec.replacen(from, to, 1));
    folder
}

fn results_of(folder: &Folder) -> Value {
    results_with_code(folder, 0)
}

fn results_with_code(folder: &Folder, code: i32) -> Value {
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, code, "{}", outcome.stderr);
    serde_json::from_str(&folder.read_text("report/results.json")).unwrap()
}

fn analysis<'a>(results: &'a Value, id: &str) -> &'a Value {
    results["analyses"].as_array().unwrap().iter().find(|analysis| analysis["id"] == id).unwrap()
}

#[test]
fn every_kind_of_analysis_is_computed_and_printed() {
    let folder = study("seed: 11", "seed: 11");
    let results = results_of(&folder);
    let html = folder.read_text("report/report.html");
    for words in [
        "Matthews correlation coefficient",
        "The subjects of the primary set were compared with those of the test set",
        "Precision-recall curves are summarised by average precision",
        "McNemar",
        "Non-inferiority",
        "whose subjects are others",
        "Firth",
        "Interaction",
        "Read with care",
        "Optimism",
        "Fleiss",
        "ICC(2,1)",
        "Riley",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("NaN") && !html.contains("not a number"));

    // All subjects are those of both classes, and the trend has a test of its own.
    let overall = analysis(&results, "overall");
    let cell = &overall["rows"][0]["cells"][0];
    let n = |group: &str| cell[group]["n"].as_u64().unwrap();
    assert_eq!(n("overall"), n("negative") + n("positive"));
    assert!(cell["standardised_mean_difference"].is_null());
    let method = overall["rows"][1]["cells"][0]["test"]["method"].as_str().unwrap();
    assert!(method.contains("Armitage"), "{method}");
    let alike = analysis(&results, "alike");
    let counts = &alike["outcomes"][0]["cells"][0]["positive"]["counts"];
    let performance = &analysis(&results, "performance")["rows"];
    let test = performance.as_array().unwrap().iter().find(|row| row["partition"] == "test").unwrap();
    assert_eq!(counts[1], test["events"]);
    assert_eq!(alike["n_second"], test["n"]);

    // Readers: a pair's κ is that of its table, and three raters make three pairs.
    let raters = &analysis(&results, "raters")["rows"][0];
    assert_eq!(raters["pairs"].as_array().unwrap().len(), 3);
    // What McNemar compares adds up to the metric's denominator.
    for row in analysis(&results, "calls")["rows"].as_array().unwrap() {
        let right = &row["right"];
        let count = |key: &str| right[key].as_u64().unwrap();
        assert_eq!(
            count("both") + count("only_first") + count("only_second") + count("neither"),
            row["n"].as_u64().unwrap()
        );
    }
    // The levels of a variable hold all its subjects, and no more.
    let groups = analysis(&results, "groups");
    let n = |fits: &dyn Fn(&Value) -> bool| -> u64 {
        groups["rows"].as_array().unwrap().iter().filter(|row| fits(row)).map(|row| row["n"].as_u64().unwrap()).sum()
    };
    let all = n(&|row| row["model"] == "clinical" && row["variable"].is_null());
    for variable in ["smoker", "stage"] {
        assert_eq!(n(&|row| row["model"] == "clinical" && row["variable"] == variable), all, "{variable}");
    }
    // A threshold of the largest Matthews correlation is not below Youden's in that metric on the training part.
    assert_eq!(analysis(&results, "metrics")["thresholds"][0]["rule"], "largest Matthews correlation coefficient");
}

#[test]
fn separation_is_said_and_firth_has_an_estimate() {
    let derived = "cohort:\n  derive: {never: \"CASE WHEN sick = 1 THEN 'a' WHEN marker > 40 THEN 'b' ELSE 'a' END\"}";
    let folder = study("cohort:", derived);
    let spec = folder.read_text("study.yaml");
    let spec = spec
        .replacen(
            "outcomes:",
            "  never: {label: Separator, kind: categorical, levels: {a: Present, b: Absent}}\noutcomes:",
            1,
        )
        .replacen("terms: [{variable: marker, per: 10}, stage, smoker]", "terms: [marker, never]", 1)
        .replacen("terms: [stage], estimation: firth", "terms: [never], estimation: firth", 1);
    folder.write("study.yaml", &spec);
    // The model of all terms is the main part of a regression: without it the run is not complete.
    let results = results_with_code(&folder, 6);
    let lacking = results["notices"].as_array().unwrap().iter().filter(|notice| notice["code"] == "analysis/lacks");
    assert!(
        lacking.clone().count() == 1 && lacking.clone().all(|notice| notice["message"].to_string().contains("`odds`"))
    );
    let odds = analysis(&results, "odds");
    assert!(odds["multivariable"].as_array().unwrap().is_empty());
    let reasons: Vec<&str> =
        odds["not_estimated"].as_array().unwrap().iter().map(|row| row["why"].as_str().unwrap()).collect();
    assert_eq!(reasons.len(), 2);
    assert!(reasons.iter().all(|why| why.contains("separates the classes") && why.contains("Firth")), "{reasons:?}");
    let firth = &analysis(&results, "firth")["multivariable"][0];
    assert!(firth["coefficient"].as_f64().unwrap() < -1.0);
    assert!(folder.read_text("report/report.html").contains("separates the classes"));
}

#[test]
fn analyses_that_make_no_sense_are_refused_with_their_place() {
    for (from, to, code, says) in [
        ("metric: matthews_correlation}", "value: 0.5}", "spec/threshold", "needs a `metric`"),
        ("{rule: youden}", "{rule: youden, metric: f1}", "spec/threshold", "takes no `metric`"),
        ("from: 0.8}", "from: 0.8, to: 0.7}", "spec/range", "`from` must be below `to`"),
        ("test: bootstrap, bootstrap: {replicates: 200}", "test: bootstrap", "spec/bootstrap", "no `bootstrap`"),
        (
            "thresholds_of: performance, reference",
            "thresholds_of: table, reference",
            "spec/thresholds",
            "no performance",
        ),
        ("partitions: [training, test]}\n  odds", "partitions: [all, test]}\n  odds", "spec/partition", "in common"),
        (
            "variables: [smoker, stage], thresholds_of",
            "variables: [marker], thresholds_of",
            "spec/groups",
            "continuous",
        ),
        (", thresholds_of: performance, metrics: [sens", ", metrics: [sens", "spec/thresholds", "need a threshold"),
        ("old: stage_only, new", "old: reader, new", "spec/probability", "no probability"),
        ("cut_points: [0.3, 0.6]", "cut_points: [0.6, 0.3]", "spec/range", "increase"),
        (
            "outcome: sick, replicates: 30",
            "outcome: sick, models: [reader], replicates: 30",
            "spec/model-kind",
            "logistic",
        ),
        ("[reader_a, reader_b, reader_c]", "[reader_a, stage]", "spec/ratings", "is not rated as"),
        ("[marker, again]", "[marker]", "spec/ratings", "two raters"),
        (", cox_snell_r_squared: 0.2", "", "spec/planning", "one R²"),
        ("models: [clinical, reader]", "models: [clinical, clinical]", "spec/twice", "does not differ"),
        ("non_inferiority_margin: 0.05", "non_inferiority_margin: 0.0", "spec/margin", "above 0"),
        ("kind: subgroups", "kind: subgroup", "spec/choice", "did you mean `subgroups`"),
    ] {
        let folder = study(from, to);
        let outcome = vouch(&folder.path, &["check", "."]);
        assert_eq!(outcome.code, 2, "{to}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(code) && outcome.stderr.contains(says), "{to}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("study.yaml:"), "{}", outcome.stderr);
    }
}

#[test]
fn an_unknown_kind_lists_all_kinds_the_nearest_first() {
    let folder = study("kind: planning", "kind: plan");
    let outcome = vouch(&folder.path, &["check", "."]);
    for kind in ["performance", "comparison", "regression", "agreement", "planning"] {
        assert!(outcome.stderr.contains(&format!("`{kind}`")), "{kind}: {}", outcome.stderr);
    }
    assert!(outcome.stderr.contains("it can be `planning`,"), "{}", outcome.stderr);
}

#[test]
fn a_dry_run_names_the_kinds_that_are_not_used() {
    let outcome = vouch(&study_with(&[]).path, &["check", "."]);
    let line = outcome.stdout.lines().find(|line| line.contains("also available:")).unwrap();
    assert!(line.contains("regression") && line.contains("agreement") && !line.contains("cox"), "{line}");
}
