//! Survival analyses beside the plain ones, declared in a study of the Rotterdam data, against R
//! (fixtures/reference/04_km.json, 05_logrank.json, 06_cox.json; the values of competing risks are those of survival 3.5-3
//! and cmprsk 2.2-11 that tests/reference/competing_risks.rs has with their calls).

use crate::support::program::{Folder, repository, vouch};
use serde_json::Value;

const STUDY: &str = r#"schema: study/1
id: rotterdam-survival
title: Survival in the Rotterdam tumour bank
seed: 3
data: {path: rotterdam.csv, id: pid}
cohort:
  derive: {until: "CASE WHEN recur = 1 THEN rtime ELSE dtime END", positive: "CASE WHEN nodes > 0 THEN 1 ELSE 0 END", seen_from: "CASE WHEN dtime > age * 10 THEN age * 10 ELSE NULL END"}
variables:
  age: {label: Age, unit: years, kind: continuous}
  meno: {label: Menopause, kind: categorical, levels: {0: Before, 1: After}}
  size: {label: Size, kind: ordinal, levels: {"<=20": small, "20-50": middle, ">50": large}}
  grade: {label: Grade, kind: ordinal, levels: {2: Two, 3: Three}}
  nodes: {label: Nodes, kind: continuous}
  positive: {label: Nodal status, kind: categorical, levels: {0: Negative, 1: Positive}}
  hormon: {label: Hormone therapy, kind: categorical, levels: {0: "No", 1: "Yes"}}
  chemo: {label: Chemotherapy, kind: categorical, levels: {0: "No", 1: "Yes"}}
  pgr: {label: Progesterone receptors, kind: continuous}
  er: {label: Oestrogen receptors, kind: continuous}
  year: {label: Year, kind: continuous}
  seen_from: {label: First seen, unit: days, kind: continuous}
outcomes:
  os: {kind: survival, label: Survival, time: dtime, unit: days, event: death = 1, report_in: days}
  relapse: {kind: survival, label: Recurrence, time: until, unit: days, event: recur = 1, report_in: days}
  death: {kind: survival, label: Death, time: until, unit: days, event: recur = 0 AND death = 1, report_in: days}
statistics:
  by_size:
    kind: kaplan_meier
    outcome: os
    groups: {by: variable, variable: size}
    partitions: [all]
    rates_at: [365]
    test: {trend: true, pairwise: holm}
  weighted:
    kind: kaplan_meier
    outcome: os
    groups: {by: variable, variable: size}
    partitions: [all]
    rates_at: [365]
    test: {weight: fleming_harrington, rho: 1}
  stratified:
    kind: kaplan_meier
    outcome: os
    groups: {by: variable, variable: hormon}
    partitions: [all]
    rates_at: [365]
    test: {stratify: positive}
  means:
    kind: kaplan_meier
    outcome: os
    groups: {by: variable, variable: positive}
    partitions: [all]
    rates_at: [365]
    restricted_mean_to: 3652
  late_curves:
    kind: kaplan_meier
    outcome: os
    groups: {by: variable, variable: positive}
    partitions: [all]
    rates_at: [1826]
    entry: seen_from
  strata: {kind: cox, outcome: os, partition: all, terms: [age, nodes, grade], fit: {strata: [size]}}
  robust: {kind: cox, outcome: os, partition: all, terms: [age, nodes], fit: {cluster: year}}
  firth: {kind: cox, outcome: os, partition: all, terms: [age, nodes], ties: breslow, fit: {firth: true}}
  chosen: {kind: cox, outcome: os, partition: all, terms: [age, meno, size, grade, nodes, pgr, er, hormon, chemo], fit: {selection: {direction: backward}}}
  late: {kind: cox, outcome: os, partition: all, terms: [nodes, grade], fit: {entry: seen_from}}
  incidence:
    kind: cumulative_incidence
    outcome: relapse
    competing: [death]
    groups: {by: variable, variable: size}
    partitions: [all]
    rates_at: [365, 1826, 3652]
  by_hormon: {kind: cumulative_incidence, outcome: death, competing: [relapse], groups: {by: variable, variable: hormon}, partitions: [all], rates_at: [365]}
  fine_gray: {kind: fine_gray, outcome: relapse, competing: [death], partition: all, terms: [age, positive, grade, hormon]}
report:
  show:
    - {item: survival_table, of: by_size, caption: Survival by size}
    - {item: survival_table, of: means, caption: Means}
    - {item: survival_table, of: late_curves, caption: Delayed entry}
    - {item: cox_table, of: strata, caption: Stratified}
    - {item: cox_table, of: late, caption: Delayed entry}
    - {item: cox_table, of: firth, caption: Penalised}
    - {item: cox_table, of: chosen, caption: Chosen}
    - {item: incidence_figure, of: incidence, caption: Incidence}
    - {item: incidence_table, of: incidence, caption: Incidence}
    - {item: fine_gray_table, of: fine_gray, caption: Fine-Gray}
    - {item: fine_gray_forest_figure, of: fine_gray, caption: Fine-Gray}
"#;

fn study() -> Folder {
    let folder = Folder::new();
    let table = std::fs::read_to_string(repository().join("fixtures/rotterdam/rotterdam.csv")).unwrap();
    folder.write("rotterdam.csv", &table);
    folder.write("study.yaml", STUDY);
    folder
}

fn case(file: &str, id: &str) -> Value {
    let path = repository().join("fixtures/reference").join(file);
    let tree: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = tree["cases"].as_array().unwrap();
    cases.iter().find(|case| case["id"] == id).unwrap()["values"].clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn close(found: &Value, wanted: f64, tolerance: f64, what: &str) {
    let found = number(found);
    assert!((found - wanted).abs() <= tolerance * wanted.abs(), "{what}: {found}, R has {wanted}");
}

#[test]
fn survival_statistics_of_a_study_agree_with_r() {
    let folder = study();
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    let analysis = |id: &str| results["analyses"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();

    // survival 3.5-3: coxph(Surv(age * 10, dtime, death) ~ nodes + factor(grade), subset(rotterdam, dtime > age * 10)).
    let late = analysis("late");
    assert_eq!(late["n"], 2818);
    for (row, coefficient, error) in
        [(0, 0.0888446015383788, 0.00471272077569637), (1, 0.3772804172734974, 0.07280066153595192)]
    {
        close(&late["multivariable"][row]["coefficient"], coefficient, 1e-8, "coefficient with delayed entry");
        close(&late["multivariable"][row]["standard_error"], error, 1e-7, "its standard error");
    }
    close(&late["concordance"]["value"], 0.66721504398458, 1e-9, "concordance with delayed entry");

    // survfit(Surv(age * 10, dtime, death) ~ positive) at 1826 days.
    let set = &analysis("late_curves")["partitions"][0];
    for (group, survival, error, lower, upper) in [
        (0, 0.86741154726575365, 0.011300425641639482, 0.8455434967706168, 0.88984516491891885),
        (1, 0.64640372062492335, 0.017678161314900062, 0.6126674059674948, 0.68199771355212657),
    ] {
        let rate = &set["groups"][group]["rates"][0];
        close(&rate["value"], survival, 1e-10, "survival with delayed entry");
        close(&rate["standard_error"], error, 1e-10, "its standard error");
        close(&rate["interval"]["lower"], lower, 1e-9, "its lower limit");
        close(&rate["interval"]["upper"], upper, 1e-9, "its upper limit");
    }
    close(&set["groups"][1]["median"]["value"], 2858.0, 1e-12, "median with delayed entry");

    // Recurrence and death share their time, and either ends the follow-up: survfit(Surv(until, recur == 0 & death == 0) ~ 1).
    let all = results["partitions"].as_array().unwrap().iter().find(|part| part["id"] == "all").unwrap();
    for outcome in ["relapse", "death"] {
        let facts = all["outcomes"].as_array().unwrap().iter().find(|facts| facts["outcome"] == outcome).unwrap();
        close(&facts["median_follow_up"]["value"], 3387.0, 1e-12, outcome);
    }

    let size = case("05_logrank.json", "rotterdam_size");
    let found = &analysis("by_size")["partitions"][0];
    close(&found["log_rank"]["statistic"], number(&size["logrank"]["chisq"]), 1e-10, "log-rank");
    let z = number(&found["comparisons"]["trend"]["statistic"]);
    assert!((z.abs() - number(&size["trend"]["z"])).abs() < 1e-9, "trend {z}");
    for (at, pair) in found["comparisons"]["pairwise"].as_array().unwrap().iter().enumerate() {
        close(&pair["test"]["p_value"], number(&size["pairwise_holm"]["p"][at]), 1e-8, "P of a pair");
        close(&pair["adjusted_p_value"], number(&size["pairwise_holm"]["holm"][at]), 1e-8, "Holm's P of a pair");
    }
    let found = &analysis("weighted")["partitions"][0]["log_rank"];
    close(&found["statistic"], number(&size["peto_rho1"]["chisq"]), 1e-10, "weighted log-rank");
    let strata = case("05_logrank.json", "rotterdam_hormon_strata_np");
    let found = &analysis("stratified")["partitions"][0]["log_rank"];
    close(&found["statistic"], number(&strata["logrank"]["chisq"]), 1e-10, "stratified log-rank");

    let reference = &case("04_km.json", "rotterdam_os_by_nodepos")["survRM2"];
    let found = &analysis("means")["partitions"][0]["comparisons"];
    for (at, arm) in ["arm0", "arm1"].into_iter().enumerate() {
        close(&found["restricted_means"][at]["value"], number(&reference[arm]["data"][0][0]), 1e-10, "restricted mean");
    }
    let contrast = &reference["contrast"]["data"][0];
    let difference = &found["mean_differences"][0];
    close(&difference["difference"]["value"], number(&contrast[0]), 1e-10, "difference of means");
    close(&difference["difference"]["interval"]["lower"], number(&contrast[1]), 1e-8, "difference of means, lower");
    close(&difference["test"]["p_value"], number(&contrast[3]), 1e-6, "difference of means, P");

    let reference = &case("06_cox.json", "rotterdam_strata_size")["efron"];
    let found = analysis("strata");
    for (at, row) in found["multivariable"].as_array().unwrap().iter().enumerate() {
        close(&row["coefficient"], number(&reference["coef"][at]), 1e-7, "stratified Cox");
        close(&row["standard_error"], number(&reference["se"][at]), 1e-6, "stratified Cox, SE");
    }
    let robust = &analysis("robust")["multivariable"][0];
    let plain = &analysis("firth")["multivariable"][0];
    assert!(number(&robust["standard_error"]) != number(&plain["standard_error"]));
    let variance = analysis("robust")["details"]["variance"].as_str().unwrap();
    assert!(variance.starts_with("robust (sandwich), clustered by ") && variance.contains(" clusters; with so few"));
    let path = &case("06_cox.json", "rotterdam_os")["stepAIC_backward"]["path"];
    let steps = analysis("chosen")["details"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), path.as_array().unwrap().len());
    for (step, wanted) in steps.iter().zip(path.as_array().unwrap()) {
        close(&step["value"], number(&wanted["aic"]), 1e-10, "AIC of a step");
        if let Some(term) = step["term"].as_str() {
            assert_eq!(wanted["step"], format!("- {term}"));
        }
    }

    // Gray's statistic by size, and of the competing event by hormone therapy: cmprsk::cuminc.
    let incidence = analysis("incidence");
    close(&incidence["partitions"][0]["gray"]["statistic"], 171.57433850760893, 1e-10, "Gray's test");
    let by_hormon = &analysis("by_hormon")["partitions"][0];
    close(&by_hormon["gray"]["statistic"], 2.9896254097226214, 1e-10, "Gray's test of the competing event");
    // The groups' incidences at five years, weighted by nothing, cannot give the whole; their counts can.
    let groups = incidence["partitions"][0]["groups"].as_array().unwrap();
    let total = |key: &str| groups.iter().map(|group| group[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((total("n"), total("events"), total("competing")), (2982, 1518, 195));
    // cmprsk::crr, age per year, nodes > 0, grade 3, hormon.
    let crr = [-0.00791897273590383, 0.8169375819655618, 0.487171103595287, -0.1804396084661489];
    let errors = [0.002141096712122926, 0.0557123413241606, 0.06265092202247917, 0.08524654597788084];
    for (at, row) in analysis("fine_gray")["multivariable"].as_array().unwrap().iter().enumerate() {
        close(&row["coefficient"], crr[at], 1e-7, "Fine-Gray");
        close(&row["standard_error"], errors[at], 1e-7, "Fine-Gray, SE");
    }

    let html = folder.read_text("report/report.html");
    for words in [
        "Trend over the groups",
        "Mean up to",
        "strata: Size",
        "Firth",
        "stepwise backward by AIC",
        "Aalen-Johansen",
        "SHR",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("NaN"));
}

/// Death of any cause in the place of death without relapse: subjects with both have two events at one time.
#[test]
fn two_events_at_one_time_are_counted_alike_whichever_is_of_interest() {
    let folder = study();
    folder.write("study.yaml", &STUDY.replace("event: recur = 0 AND death = 1", "event: death = 1"));
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    let analysis = |id: &str| results["analyses"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
    let total = |id: &str, key: &str| -> u64 {
        let groups = analysis(id)["partitions"][0]["groups"].as_array().unwrap();
        groups.iter().map(|group| group[key].as_u64().unwrap()).sum()
    };
    // 1518 had a relapse, of whom 1077 died; 195 died without one. Relapse is declared first, so it counts.
    assert_eq!((total("incidence", "events"), total("incidence", "competing")), (1518, 195));
    assert_eq!((total("by_hormon", "events"), total("by_hormon", "competing")), (195, 1518));
    let fine_gray = analysis("fine_gray");
    assert_eq!((fine_gray["events"].as_u64(), fine_gray["competing_events"].as_u64()), (Some(1518), Some(195)));
    let told = "1077 events come at the same time as another of the same subject";
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    assert!(folder.read_text("report/report.html").contains(told));
}

#[test]
fn an_outcome_that_lies_wholly_within_another_cannot_compete_with_it() {
    let folder = study();
    let change = [
        ("event: recur = 1,", "event: recur = 1 OR death = 1,"),
        ("event: recur = 0 AND death = 1", "event: death = 1"),
    ];
    let text = change.iter().fold(STUDY.to_string(), |text, (from, to)| text.replace(from, to));
    folder.write("study.yaml", &text);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("every event of `death` (1272)"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("none of them counts"), "{}", outcome.stderr);
}

#[test]
fn who_was_never_under_observation_is_told_with_the_remedy_and_without_a_row() {
    let folder = study();
    let spec = folder.read_text("study.yaml");
    let everyone = "CASE WHEN dtime > age * 10 THEN age * 10 ELSE NULL END";
    assert!(spec.contains(everyone));
    folder.write("study.yaml", &spec.replacen(everyone, "age * 10", 1));
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert!(outcome.stderr.contains("`seen_from` is not before the end of follow-up"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("at position"), "{}", outcome.stderr);
}

#[test]
fn survival_analyses_that_make_no_sense_are_refused() {
    for (from, to, code, says) in [
        ("test: {stratify: positive}", "test: {stratify: age}", "spec/groups", "strata need levels"),
        ("{weight: fleming_harrington, rho: 1}", "{weight: fleming_harrington}", "spec/log-rank", "needs `rho`"),
        ("{trend: true, pairwise: holm}", "{trend: true, rho: 1}", "spec/log-rank", "fleming_harrington"),
        ("restricted_mean_to: 3652", "restricted_mean_to: 0", "spec/times", "above 0"),
        ("competing: [death]\n", "competing: [relapse]\n", "spec/twice", "competes with itself"),
        ("competing: [death], partition", "competing: [], partition", "spec/competing", "no competing event"),
        ("fit: {firth: true}", "fit: {firth: true, robust: true}", "spec/firth", "robust variance"),
        ("{direction: backward}", "{direction: both, p: 0.1}", "spec/selection", "AIC or BIC"),
    ] {
        let folder = study();
        assert!(STUDY.contains(from), "the spec has no {from:?}");
        folder.write("study.yaml", &STUDY.replacen(from, to, 1));
        let outcome = vouch(&folder.path, &["check", "."]);
        assert_eq!(outcome.code, 2, "{to}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(code) && outcome.stderr.contains(says), "{to}: {}", outcome.stderr);
    }
}
