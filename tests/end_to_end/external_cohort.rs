//! A validation cohort from a file of its own, survival models, splines: what a spec can say of them and what it cannot.

use super::small_study::{patients, study_with};
use crate::support::program::{Folder, vouch};
use polars_io::prelude::{ParquetReader, SerReader};
use serde_json::Value;
use std::io::Cursor;

const DATA: &str = "data: {path: patients.csv, id: subject}";
const EXTERNAL: &str = "data: {path: patients.csv, id: subject, external: {path: others.csv, id: who, label: Elsewhere, columns: {marker_there: marker, months: time}, derive: {marker: marker_there / 10.0}, exclude: [{id: early, says: Seen once, where: months = 1}]}}";
const MODELS: &str = "statistics:\n";
const COX: &str = "  risk: {kind: cox, label: Risk, outcome: os, predictors: [marker, stage]}\nstatistics:\n  judged: {kind: survival_performance, outcome: os, partitions: [training, external], horizon: 3, thresholds: [0.2]}\n";
const ITEMS: &str = "    - {item: cox_table, of: cox, caption: Cox}\n";
const MORE_ITEMS: &str = "    - {item: cox_table, of: cox, caption: Cox}\n    - {item: survival_performance_table, of: judged, caption: Performance}\n    - {item: survival_calibration_figure, of: judged, caption: Calibration}\n    - {item: survival_decision_figure, of: judged, caption: Decisions}\n    - {item: survival_net_benefit_table, of: judged, caption: Net benefit}\n    - {item: cox_model_table, caption: Models}\n";

/// The same patients seen elsewhere: other names of columns, another unit, the same identifiers.
fn others() -> String {
    let mut text = "who,site,entered,marker,stage,smoker,sick,time,died,call\n".to_string();
    for line in patients().lines().skip(1) {
        let mut fields: Vec<String> = line.split(',').map(str::to_string).collect();
        fields[3] = format!("{}", fields[3].parse::<f64>().unwrap() * 10.0);
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

fn study(more: &[(&str, &str)]) -> Folder {
    let mut changes = vec![(DATA, EXTERNAL), (MODELS, COX), (ITEMS, MORE_ITEMS)];
    changes.extend_from_slice(more);
    let folder = study_with(&changes);
    folder.write("others.csv", &others());
    folder
}

fn results(folder: &Folder) -> Value {
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    serde_json::from_slice(&folder.read("report/results.json")).unwrap()
}

/// The spec is refused with this code at the place of `shown`, and the message says `words`.
fn refused(changes: &[(&str, &str)], code: &str, shown: &str, words: &str) {
    let folder = study(changes);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    for part in [code, shown, words, "study.yaml:"] {
        assert!(outcome.stderr.contains(part), "must say {part:?}: {}", outcome.stderr);
    }
    assert!(!outcome.stderr.contains("QX"), "no identifier in a message: {}", outcome.stderr);
}

#[test]
fn equal_identifiers_in_two_files_are_two_persons() {
    let folder = study(&[]);
    let results = results(&folder);
    let external = &results["external"]["flow"];
    assert_eq!((external["read"].as_u64(), external["steps"][0]["id"].as_str()), (Some(240), Some("early")));
    let n = |id: &str| {
        let partitions = results["partitions"].as_array().unwrap();
        partitions.iter().find(|partition| partition["id"] == id).unwrap()["n"].as_u64().unwrap()
    };
    // The same patients stay in both files, and all of them are analysed in each.
    assert_eq!(n("external"), external["analysed"].as_u64().unwrap());
    assert_eq!(n("external"), results["cohort"]["analysed"].as_u64().unwrap());
    let frame = ParquetReader::new(Cursor::new(folder.read("report/predictions.parquet"))).finish().unwrap();
    let subjects = frame.column("subject").unwrap().str().unwrap().clone();
    let scores = frame.column("score_risk").unwrap().f64().unwrap().clone();
    let of = |subject: &str| {
        let row = subjects.iter().position(|known| known == Some(subject));
        scores.get(row.unwrap_or_else(|| panic!("{subject} is not there"))).unwrap()
    };
    let twice = subjects.iter().flatten().filter(|subject| !subject.starts_with("external:"));
    let mut checked = 0;
    for subject in twice {
        assert!((of(subject) - of(&format!("external:{subject}"))).abs() < 1e-12);
        checked += 1;
    }
    assert_eq!(checked, n("external"));
}

#[test]
fn the_external_cohort_changes_nothing_that_is_fitted() {
    let cox = |results: &Value| {
        let models = results["models"].as_array().unwrap().clone();
        models.into_iter().find(|model| model["id"] == "risk").unwrap()
    };
    let with = cox(&results(&study(&[])));
    let folder = study(&[]);
    let half: Vec<String> = others().lines().take(121).map(str::to_string).collect();
    folder.write("others.csv", &(half.join("\n") + "\n"));
    assert_eq!(with, cox(&results(&folder)));
}

#[test]
fn the_manifest_names_both_files() {
    let folder = study(&[]);
    results(&folder);
    let manifest: Value = serde_json::from_slice(&folder.read("report/manifest.json")).unwrap();
    let names: Vec<&str> =
        manifest["inputs"].as_array().unwrap().iter().filter_map(|file| file["name"].as_str()).collect();
    assert_eq!(names, ["patients.csv", "others.csv"]);
    for file in ["results.json", "report.html", "manifest.json"] {
        let text = folder.read_text(&format!("report/{file}"));
        let found = others().lines().skip(1).any(|line| text.contains(line.split(',').next().unwrap()));
        assert!(!found, "{file} holds an identifier");
    }
    let checked = vouch(&folder.path, &["check", "."]);
    for words in ["others.csv: 240 rows", "External cohort", "Elsewhere", "Seen once"] {
        assert!(checked.stdout.contains(words), "{words}: {}", checked.stdout);
    }
}

#[test]
fn what_is_wrong_with_an_external_file_is_said_with_its_place() {
    refused(&[("months: time}", "months: tme}")], "data/unknown-column", "months: tme", "did you mean `time`?");
    refused(&[("id: who,", "id: whom,")], "data/unknown-column", "id: whom", "did you mean `who`?");
    let renamed = "columns: {marker_there: marker, smoked: smoker,";
    refused(
        &[("columns: {marker_there: marker,", renamed)],
        "data/unknown-column",
        "smoker: {label",
        "external: columns",
    );
    refused(
        &[("derive: {marker: marker_there / 10.0}, ", "")],
        "data/unknown-column",
        "marker: {label",
        "in the external cohort",
    );
    refused(
        &[("partitions: [training, external]", "partitions: [training, externl]")],
        "spec/partition",
        "externl",
        "external",
    );
    refused(&[(EXTERNAL, DATA)], "spec/partition", "external", "there is no external cohort");
    let folder = study(&[]);
    std::fs::remove_file(folder.path.join("others.csv")).unwrap();
    let outcome = vouch(&folder.path, &["check", "."]);
    assert!(outcome.code == 5 && outcome.stderr.contains("others.csv"), "{}", outcome.stderr);
}

#[test]
fn both_files_are_looked_at_before_anything_is_reported() {
    let folder = study(&[(
        "stage: {label: Stage, kind: ordinal, levels: {I: I, II: II, III: III}}",
        "stage: {label: Stage, kind: ordinal, levels: {I: I, II: II}}",
    )]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2);
    assert_eq!(outcome.stderr.matches("data/levels").count(), 2, "{}", outcome.stderr);
}

#[test]
fn binary_statistics_refuse_survival_models_and_the_other_way_round() {
    refused(
        &[
            ("kind: survival_performance, outcome: os", "kind: calibration, outcome: os"),
            (", horizon: 3, thresholds: [0.2]", ""),
        ],
        "spec/outcome-kind",
        "outcome: os",
        "a binary outcome is needed here",
    );
    refused(
        &[("kind: survival_performance, outcome: os", "kind: survival_performance, outcome: sick")],
        "spec/outcome-kind",
        "outcome: sick",
        "a survival outcome is needed here",
    );
    refused(
        &[("kind: cox, label: Risk, outcome: os", "kind: cox, label: Risk, outcome: sick")],
        "spec/outcome-kind",
        "outcome: sick",
        "survival",
    );
    refused(
        &[("kind: cox, label: Risk,", "kind: logistic, label: Risk,")],
        "spec/outcome-kind",
        "outcome: os",
        "binary",
    );
    refused(
        &[("predictors: [marker, stage]}\nstatistics", "predictors: [marker, stage], penalty: 1}\nstatistics")],
        "spec/unknown-key",
        "penalty",
        "cox",
    );
}

#[test]
fn splines_winsorising_and_horizons_that_cannot_be() {
    let marker = "kind: continuous, summary: mean_sd}";
    let with = |more: &str| format!("kind: continuous, summary: mean_sd, {more}}}");
    for (more, code, words) in [
        ("transform: {spline: {knots: [1, 2]}}", "spec/spline", "at least three numbers that increase"),
        ("transform: {spline: {knots: [1, 2, 3], count: 4}}", "spec/spline", "one of `knots`, `quantiles` and `count`"),
        ("transform: {spline: {quantiles: [0.1, 0.5, 1.9]}}", "spec/spline", "between 0 and 1"),
        ("transform: {splin: {count: 3}}", "spec/unknown-key", "did you mean `spline`?"),
        ("transform: log2p", "spec/choice", "did you mean `log1p`?"),
        ("winsorise: {type: 1}", "spec/winsorise", "upper_quantile: 0.99"),
        ("winsorise: {upper_quantile: 0.1, lower_quantile: 0.9}", "spec/winsorise", "must lie below"),
        ("winsorise: {upper_quantile: 1.5}", "spec/range", "at most 1"),
    ] {
        refused(&[(marker, &with(more))], code, "marker: {label", words);
    }
    let os = "os: {kind: survival, label: Survival, time: months, unit: months, event: died = 1}";
    let ends = |end: &str| os.replace("died = 1}", &format!("died = 1, censor_at: {end}}}"));
    refused(&[(os, &ends("{time: 2, unit: years}"))], "spec/times", "horizon: 3", "ends at 2");
    refused(&[(os, &ends("{time: 36, unit: months}"))], "spec/times", "horizon: 3", "weighted_at: 2.994");
    refused(&[(os, &ends("{time: 0, unit: months}"))], "spec/times", "censor_at", "after it begins");
    refused(&[("thresholds: [0.2]", "thresholds: [20]")], "spec/threshold", "[20]", "between 0 and 1");
}

#[test]
fn an_outcome_takes_expressions_and_follow_up_can_end() {
    let os = "os: {kind: survival, label: Survival, time: months, unit: months, event: died = 1}";
    let changed = "os: {kind: survival, label: Survival, time: CASE WHEN months > 60 THEN 60 ELSE months END, unit: months, event: died = 1, censor_at: {time: 3.5, unit: years}}";
    let results = results(&study(&[(os, changed)]));
    let row =
        &results["analyses"].as_array().unwrap().iter().find(|analysis| analysis["id"] == "judged").unwrap()["rows"][1];
    // 3.5 years are 42 months; the file says how many died by then.
    let died = patients()
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_string).collect::<Vec<_>>())
        .filter(|fields| (2..=42).contains(&fields[7].parse::<u32>().unwrap()) && fields[8] == "1")
        .count();
    assert_eq!(row["events"].as_u64().unwrap(), died as u64);
    assert_eq!(row["partition"], "external");
}

#[test]
fn a_score_from_the_data_is_judged_by_what_it_can_do() {
    let changes = [(
        "predictors: [marker, stage]}\nstatistics",
        "predictors: [marker, stage]}\n  theirs: {kind: scores, label: Theirs, outcome: os, from: call, orientation: higher_is_risk}\nstatistics",
    )];
    let results = results(&study(&changes));
    let rows =
        &results["analyses"].as_array().unwrap().iter().find(|analysis| analysis["id"] == "judged").unwrap()["rows"];
    let row = rows.as_array().unwrap().iter().find(|row| row["model"] == "theirs").unwrap();
    assert!(row["harrell_c"]["value"].is_number() && row["brier"].is_null());
    let undefined = row["undefined"].as_array().unwrap();
    assert!(undefined.iter().any(|entry| entry["why"].as_str().unwrap().contains("gives no risk")), "{undefined:?}");
}

#[test]
fn intervals_of_distances_are_resampled_where_asked_for() {
    let results = results(&study(&[("thresholds: [0.2]", "thresholds: [0.2], bootstrap: {replicates: 100}")]));
    let analyses = results["analyses"].as_array().unwrap();
    let row = &analyses.iter().find(|analysis| analysis["id"] == "judged").unwrap()["rows"][1];
    for (value, key) in [(&row["calibration_distance"]["ici"], "ici"), (&row["scaled_brier"], "scaled_brier")] {
        let resampled = &row["resampled"][key];
        assert_eq!(&resampled["value"], value, "the estimate is that of all subjects");
        let (lower, upper) = (&resampled["interval"]["lower"], &resampled["interval"]["upper"]);
        assert!(lower.as_f64().unwrap() < upper.as_f64().unwrap(), "{resampled}");
    }
    refused(&[("thresholds: [0.2]", "bootstrap: {replicates: 10}")], "spec/range", "replicates: 10", "at least 100");
}

#[test]
fn a_horizon_beyond_the_training_follow_up_has_no_risk_and_says_so() {
    let folder = study(&[("horizon: 3", "horizon: 30")]);
    // Elsewhere subjects were followed for six times as long: the horizon is within somebody's follow-up.
    let longer = others().lines().enumerate().fold(String::new(), |text, (row, line)| {
        let mut fields: Vec<String> = line.split(',').map(str::to_string).collect();
        if row > 0 {
            fields[7] = (6 * fields[7].parse::<u64>().unwrap()).to_string();
        }
        text + &fields.join(",") + "\n"
    });
    folder.write("others.csv", &longer);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 6, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("lacks its main part: no model has a predicted risk"), "{}", outcome.stderr);
    let results: Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    let row =
        &results["analyses"].as_array().unwrap().iter().find(|analysis| analysis["id"] == "judged").unwrap()["rows"][0];
    assert!(row["expected"].is_null());
    let text = row["undefined"].to_string();
    assert!(text.contains("before the horizon"), "{text}");
}
