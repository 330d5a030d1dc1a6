//! `vouch audit` with results or predictions at hand, `vouch report --as-reported`, and a study that names the printed
//! numbers of its publication.

use super::small_study::{patients, study_with};
use crate::support::program::{Folder, vouch};

/// The small study, run, with its own report typed in.
fn run_and_typed_in() -> Folder {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let printed = vouch(&folder.path, &["report", "report", "--as-reported"]);
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    folder.write("reported.yaml", &printed.stdout);
    folder
}

/// The first AUC of the file, one and a half hundredths higher.
fn with_a_wrong_auc(text: &str) -> String {
    let at = text.find("auc: {value: \"0.").unwrap() + "auc: {value: \"".len();
    let printed: f64 = text[at..at + 5].parse().unwrap();
    format!("{}{:.3}{}", &text[..at], printed - 0.015, &text[at + 5..])
}

#[test]
fn the_report_agrees_with_its_results_and_a_changed_number_does_not() {
    let folder = run_and_typed_in();
    let outcome = vouch(&folder.path, &["audit", "reported.yaml", "--results", "report"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("none disagrees"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("IMPOSSIBLE") && !outcome.stdout.contains("INCONSISTENT"), "{}", outcome.stdout);

    let wrong = with_a_wrong_auc(&folder.read_text("reported.yaml"));
    folder.write("wrong.yaml", &wrong);
    let with = |more: &[&str]| {
        let mut arguments = vec!["audit", "wrong.yaml", "--results", "report/results.json"];
        arguments.extend(more);
        vouch(&folder.path, &arguments)
    };
    let outcome = with(&[]);
    assert_eq!(outcome.code, 3, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("DISAGREES (1)") && outcome.stdout.contains("recomputed 0."), "{}", outcome.stdout);
    assert_eq!(with(&["--fail-on", "never"]).code, 0);
    let json: serde_json::Value = serde_json::from_str(&with(&["--format", "json"]).stdout).unwrap();
    assert_eq!(json["recomputed"]["counts"]["disagrees"], 1);
    let sarif: serde_json::Value = serde_json::from_str(&with(&["--format", "sarif"]).stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let failed: Vec<_> =
        results.iter().filter(|result| result["ruleId"] == "R001" && result["kind"] == "fail").collect();
    let line = failed[0]["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap() as usize;
    assert!(failed.len() == 1 && wrong.lines().nth(line - 1).unwrap().contains("auc"), "{failed:#?}");
    assert!(with(&["--format", "html"]).stdout.contains("Printed and recomputed"));
    assert!(with(&["--format", "junit"]).stdout.contains("type=\"disagrees\""));
}

#[test]
fn predictions_give_what_they_can_and_say_what_they_lack() {
    let folder = run_and_typed_in();
    folder.write("map.yaml", "outcome: sick\nthresholds: {clinical: youden, reader: \"0.5\"}\n");
    let outcome = vouch(
        &folder.path,
        &["audit", "reported.yaml", "--predictions", "report/predictions.parquet", "--map", "map.yaml"],
    );
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("none disagrees"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("NOT RECOMPUTABLE"), "{}", outcome.stdout);
    folder.write("map.yaml", "thresholds: {clinicl: youden}\n");
    let wrong = vouch(
        &folder.path,
        &["audit", "reported.yaml", "--predictions", "report/predictions.parquet", "--map", "map.yaml"],
    );
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("map.yaml:1:") && wrong.stderr.contains("did you mean `clinical`?"),
        "{}",
        wrong.stderr
    );
    assert_eq!(vouch(&folder.path, &["audit", "reported.yaml", "--map", "map.yaml"]).code, 2, "a map needs data");
}

#[test]
fn wrong_predictions_are_refused_by_row_and_column_without_a_subject() {
    let folder = run_and_typed_in();
    let read = |csv: &str| {
        folder.write("scores.csv", csv);
        let outcome = vouch(&folder.path, &["audit", "reported.yaml", "--predictions", "scores.csv"]);
        assert_eq!(outcome.code, 2, "{}", outcome.stdout);
        assert!(!outcome.stderr.contains("QZ7"), "no subject is named: {}", outcome.stderr);
        outcome.stderr
    };
    let head = "subject,partition,outcome_sick,score_clinical\n";
    let said = read(&format!("{head}QZ7,test,1,0.7\nQZ8,test,0,NaN\nQZ7,test,2,0.1\nQZ9,,0,0.3\n"));
    for words in [
        "`subject` repeats an earlier one in row 3",
        "not a finite number in row 2",
        "neither 0 nor 1 in row 3",
        "`partition` is missing in row 4",
        "4 problems",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(read(&format!("{head}QZ7,test,1,0.7\nQZ8,test,1,0.2\n")).contains("one class only"));
    assert!(
        read("subject,partition,outcome_sick,scores_clinical,score_x\nQZ7,test,1,0.7,1\nQZ8,test,0,1,1\n")
            .contains("`scores_clinical` is unknown")
    );
    // Without partitions, or with others, a file still holds the cohort as a whole; the sets that it lacks are named.
    for csv in [
        "subject,outcome_sick,score_clinical\nQZ7,1,0.7\nQZ8,0,0.1\n".to_string(),
        format!("{head}QZ7,elsewhere,1,0.7\nQZ8,elsewhere,0,0.2\n"),
    ] {
        folder.write("scores.csv", &csv);
        let outcome = vouch(&folder.path, &["audit", "reported.yaml", "--predictions", "scores.csv"]);
        assert!(outcome.stdout.contains("the data have no set `training`"), "{}{}", outcome.stdout, outcome.stderr);
    }
    assert_eq!(vouch(&folder.path, &["audit", "reported.yaml", "--predictions", "none.csv"]).code, 5);
    assert_eq!(vouch(&folder.path, &["audit", "reported.yaml", "--results", "none.json"]).code, 5);
}

#[test]
fn a_study_that_names_its_publication_shows_both() {
    let folder = run_and_typed_in();
    let wrong = with_a_wrong_auc(&folder.read_text("reported.yaml"));
    folder.write("reported.yaml", &wrong);
    let spec = folder.read_text("study.yaml").replacen("seed: 11", "seed: 11\nreported: reported.yaml", 1);
    folder.write("study.yaml", &spec);
    let before = folder.read_text("report/results.json");
    let outcome = vouch(&folder.path, &["run", ".", "--out", "both"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("1 disagrees"), "{}", outcome.stderr);
    let results: serde_json::Value = serde_json::from_slice(&folder.read("both/results.json")).unwrap();
    let mut without = results.clone();
    without.as_object_mut().unwrap().remove("published");
    assert_eq!(without, serde_json::from_str::<serde_json::Value>(&before).unwrap(), "nothing else changes");
    let page = folder.read_text("both/report.html");
    for words in ["Published and recomputed", "disagrees", "Recomputed"] {
        assert!(page.contains(words), "{words}");
    }
    let manifest: serde_json::Value = serde_json::from_slice(&folder.read("both/manifest.json")).unwrap();
    let input = manifest["inputs"].as_array().unwrap().iter().find(|input| input["name"] == "reported.yaml").unwrap();
    assert_eq!(input["sha256"], results["published"]["sha256"]);
    assert!(patients().lines().skip(1).all(|line| !page.contains(&line[..8])), "no identifier");
}

#[test]
fn a_publication_that_is_missing_or_names_what_the_study_lacks_is_refused() {
    let folder = run_and_typed_in();
    let spec = folder.read_text("study.yaml");
    folder.write("study.yaml", &spec.replacen("seed: 11", "seed: 11\nreported: repotred.yaml", 1));
    let missing = vouch(&folder.path, &["check", "."]);
    assert!(missing.code == 5 && missing.stderr.contains("repotred.yaml"), "{}", missing.stderr);
    folder.write("study.yaml", &spec.replacen("seed: 11", "seed: 11\nreported: reported.yaml", 1));
    let typed = folder.read_text("reported.yaml");
    // It says already which analysis each section prints.
    assert!(typed.contains("\nmatch:\n"), "{typed}");
    let matched = "\nmatch:\n  models: {their_model: clinicla}\n  cohorts: {internal: [training, validaton]}\n";
    folder.write("reported.yaml", &typed.replacen("\nmatch:\n", matched, 1));
    let unknown = vouch(&folder.path, &["check", "."]);
    assert_eq!(unknown.code, 2, "{}", unknown.stderr);
    for words in ["did you mean `clinical`?", "did you mean `validation`?", "2 problems"] {
        assert!(unknown.stderr.contains(words), "{words}: {}", unknown.stderr);
    }
}

/// The hazard ratio of risk groups is the main result of many a paper: the groups of an analysis are a term by its name.
#[test]
fn the_hazard_ratio_of_risk_groups_is_set_beside_the_studys() {
    let reported = "schema: reported/1\nsource: {year: 2020}\ncohorts: {all: {n: 238}}\nmatch:\n  variables: {risk_group: \"survival: High risk\"}\n\
        table3:\n  kind: regression\n  model: cox\n  cohort: all\n  terms:\n    - {id: risk_group, type: binary, hr: \"9.99\", p: \"0.5\"}\n";
    let folder = study_with(&[
        ("seed: 11", "seed: 11\nreported: reported.yaml"),
        ("terms: [marker, stage]", "terms: [marker, {groups_of: survival}]"),
    ]);
    folder.write("reported.yaml", reported);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: serde_json::Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    let analysis = |id: &str| results["analyses"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
    let terms = analysis("cox")["multivariable"].as_array().unwrap();
    let groups = terms.iter().find(|row| row["groups_of"] == "survival").unwrap();
    let text = results["published"].to_string();
    let ratio = groups["hazard_ratio"]["value"].as_f64().unwrap();
    assert!(text.contains(&format!("\"recomputed\":{ratio}")), "{ratio} stands beside 9.99: {text}");
    // A name that is neither a variable nor an analysis is told before anything runs.
    folder.write("reported.yaml", &reported.replace("survival: High", "survivel: High"));
    let outcome = vouch(&folder.path, &["check", "."]);
    assert!(outcome.code == 2 && outcome.stderr.contains("did you mean `survival`?"), "{}", outcome.stderr);
}
