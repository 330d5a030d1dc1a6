//! Predictors of a Cox model chosen by a screen and step by step, on the training part, against R 4.2.2 and survival 3.5-3:
//! `step(coxph(Surv(dtime, death) ~ age + meno + size + grade + nodes + pgr + er), direction = "both")` on the patients
//! of the Rotterdam tumour bank who were operated before 1990, after likelihood-ratio tests of each candidate alone; all
//! with `coxph.control(eps = 1e-14)`, since R's own limit leaves eight digits of some ratios.

use crate::support::program::{Folder, repository, vouch};
use serde_json::Value;

const STUDY: &str = "schema: study/1
id: chosen
title: Choice of the predictors of a Cox model
seed: 4
data: {path: rotterdam.csv, id: pid}
variables:
  age: {label: Age, kind: continuous}
  meno: {label: Menopause, kind: categorical, levels: {0: before, 1: after}}
  size: {label: Size, kind: ordinal, levels: {'<=20': small, '20-50': medium, '>50': large}}
  grade: {label: Grade, kind: ordinal, levels: {2: two, 3: three}}
  nodes: {label: Nodes, kind: continuous}
  pgr: {label: Progesterone receptors, kind: continuous}
  er: {label: Oestrogen receptors, kind: continuous}
  hormon: {label: Hormonal treatment, kind: categorical, levels: {0: not given, 1: given}}
  chemo: {label: Chemotherapy, kind: categorical, levels: {0: not given, 1: given}}
outcomes:
  death: {kind: survival, label: Death, time: dtime, unit: days, event: death = 1, report_in: years}
split: {temporal: {by: year, test_from: 1990}}
models:
  cox:
    kind: cox
    label: Chosen
    outcome: death
    predictors: [age, meno, size, grade, nodes, pgr, er, hormon, chemo]
    selection: {screen_p_below: 0.1, stepwise: both}
statistics:
  performance: {kind: survival_performance, outcome: death, partitions: [training, test], horizon: 5}
report:
  show:
    - {item: selection_table, caption: Choice}
    - {item: model_table, caption: The model}
    - {item: survival_performance_table, of: performance, caption: Performance}
";

fn study(spec: &str) -> Folder {
    let folder = Folder::new();
    std::fs::copy(repository().join("fixtures/rotterdam/rotterdam.csv"), folder.path.join("rotterdam.csv")).unwrap();
    folder.write("study.yaml", spec);
    folder
}

#[test]
fn predictors_of_a_cox_model_are_chosen_as_r_chooses_them() {
    let folder = study(STUDY);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    let selection = &results["models"][0]["selection"];
    assert_eq!(selection["regression"], "cox");

    let alone = |variable: &str| {
        let rows = selection["screen"].as_array().unwrap();
        rows.iter().find(|row| row["variable"] == variable).unwrap().clone()
    };
    let close = |value: &Value, expected: f64| {
        let value = value.as_f64().unwrap();
        assert!((value / expected - 1.0).abs() < 1e-8, "{value}, R has {expected}");
    };
    for (variable, p_value, ratio, kept) in
        [("hormon", 0.145596836382, 1.227488424101, false), ("chemo", 0.569672575414, 0.954329439941, false)]
    {
        let row = alone(variable);
        close(&row["p_value"], p_value);
        close(&row["terms"][0]["ratio"]["value"], ratio);
        assert_eq!(row["kept"], kept);
    }
    let steps: Vec<(&str, Option<&str>)> = selection["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["action"].as_str().unwrap(), step["variable"].as_str()))
        .collect();
    assert_eq!(steps, [("start", None), ("remove", Some("er")), ("remove", Some("meno"))]);
    for (step, expected) in [13190.85047, 13188.85833, 13187.05342].into_iter().enumerate() {
        close(&selection["steps"][step]["aic"], expected);
    }
    let chosen = ["age", "size", "grade", "nodes", "pgr"];
    assert_eq!(selection["selected"], serde_json::json!(chosen));
    assert_eq!(results["models"][0]["predictors"], serde_json::json!(chosen));
    for (term, coefficient, standard_error) in [
        (0, 0.0174603441912, 0.0025951350392),
        (1, 0.3653458919687, 0.0747876887873),
        (2, 0.7949177664978, 0.1041966393562),
        (3, 0.2859712785667, 0.0791764287279),
        (4, 0.0707436631904, 0.0054672239440),
        (5, -0.0002452395685, 0.0001161891555),
    ] {
        close(&selection["multivariable"][term]["coefficient"], coefficient);
        close(&selection["multivariable"][term]["standard_error"], standard_error);
    }

    let page = folder.read_text("report/report.html");
    assert!(page.contains("hazard ratio") && page.contains("by Cox regression as if nothing had been selected"));
    let reported = vouch(&folder.path, &["report", "report", "--as-reported"]);
    assert_eq!(reported.code, 0, "{}", reported.stderr);
    folder.write("reported.yaml", &reported.stdout);
    let audit = vouch(&folder.path, &["audit", "reported.yaml", "--results", "report/results.json"]);
    assert_eq!(audit.code, 0, "{}\n{}", audit.stdout, audit.stderr);
    assert!(audit.stdout.contains("none disagrees"), "{}", audit.stdout);
}

#[test]
fn a_candidate_that_orders_the_events_is_named() {
    let spec = STUDY.replace(
        "  er: {label: Oestrogen receptors, kind: continuous}",
        "  er: {label: Oestrogen receptors, kind: continuous}\n  after: {label: Afterwards, kind: continuous}",
    );
    let spec = spec.replace("\nvariables:", "\ncohort: {derive: {after: -dtime}}\nvariables:");
    let folder = study(&spec.replace("hormon, chemo]", "hormon, chemo, after]"));
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert!(outcome.stderr.contains("`after` orders the events without exception"), "{}", outcome.stderr);
}
