//! No identifier and no row of a subject is in anything that may be shared, and no small count where the study withholds it.

use super::small_study::{patients, study_with};
use crate::support::program::{Folder, repository, skipped_without, vouch};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Everything in a report that may be shared, as text; the words of the PDF where pdftotext is installed.
fn shared(report: &Path) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![report.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".pdf") {
                match Command::new("pdftotext").arg(&path).arg("-").output() {
                    Ok(output) => texts.push((name, String::from_utf8_lossy(&output.stdout).into_owned())),
                    Err(_) => skipped_without("pdftotext"),
                }
            } else if name != "predictions.parquet" {
                texts.push((name, String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()));
            }
        }
    }
    texts
}

#[test]
fn no_identifier_is_in_what_may_be_shared() {
    let folder = study_with(&[]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let identifiers: Vec<String> = patients().lines().skip(1).map(|line| line[..8].to_string()).collect();
    let mut texts = shared(&folder.path.join("report"));
    texts.push(("stdout".to_string(), outcome.stdout.clone()));
    texts.push(("stderr".to_string(), outcome.stderr.clone()));
    for (name, text) in &texts {
        assert!(!identifiers.iter().any(|identifier| text.contains(identifier)), "{name}");
    }
    let predictions = String::from_utf8_lossy(&folder.read("report/predictions.parquet")).into_owned();
    assert!(predictions.contains(&identifiers[0]), "the search would find one");
}

/// A shipped table numbers its subjects 1, 2, 3, and such numbers occur everywhere. So each study runs on a copy whose
/// subjects have names that cannot occur by chance.
#[test]
fn no_identifier_of_any_shipped_study_is_in_what_may_be_shared() {
    for entry in std::fs::read_dir(repository().join("studies")).unwrap().flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path().join("study.yaml")) else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let mut spec: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        let data = spec["data"].as_mapping_mut().unwrap();
        let path = entry.path().join(data["path"].as_str().unwrap());
        // Simulated subjects are nobody, and their names are the program's own.
        let simulated = data.contains_key("simulate");
        if simulated || path.extension().is_none_or(|extension| extension != "csv") || !path.exists() {
            continue;
        }
        let id = data["id"].as_str().unwrap().to_string();
        let table = std::fs::read_to_string(&path).unwrap();
        let column = table.lines().next().unwrap().split(',').position(|head| head.trim_matches('"') == id).unwrap();
        let folder = Folder::new();
        std::os::unix::fs::symlink(repository().join("fixtures"), folder.path.join("fixtures")).unwrap();
        let renamed = table.lines().enumerate().map(|(at, line)| {
            let mut cells: Vec<String> = line.split(',').map(str::to_string).collect();
            if at > 0 {
                cells[column] = format!("VQ{:05}ZX", 104_729 % 99_991 + at);
            }
            cells.join(",") + "\n"
        });
        folder.write("studies/it/subjects.csv", &renamed.collect::<String>());
        data.insert("path".into(), "subjects.csv".into());
        for hash in ["sha256", "content_sha256"] {
            data.remove(hash);
        }
        if let Ok(published) = std::fs::read_to_string(entry.path().join("reported.yaml")) {
            folder.write("studies/it/reported.yaml", &published);
        }
        folder.write("studies/it/study.yaml", &serde_yaml::to_string(&spec).unwrap());
        let outcome = vouch(&folder.path, &["run", "studies/it", "--out", "report"]);
        assert!(outcome.code == 0 || outcome.code == 6, "{name}: {}", outcome.stderr);
        let identifiers: BTreeSet<String> = folder
            .read_text("studies/it/subjects.csv")
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(column).unwrap().to_string())
            .collect();
        assert!(identifiers.len() > 20, "{name}");
        let mut texts = shared(&folder.path.join("report"));
        assert!(texts.iter().any(|(file, text)| file == "report.html" && text.len() > 100_000));
        texts.push(("the terminal".to_string(), outcome.stdout + &outcome.stderr));
        for (file, text) in texts {
            // Base64 of the fonts may hold the letters; an identifier is looked for as a whole.
            let found = text
                .match_indices("VQ")
                .find(|(at, _)| text.get(*at..at + 9).is_some_and(|word| identifiers.contains(word)));
            assert!(found.is_none(), "{name}: {file} names a subject");
        }
    }
}

#[test]
fn the_manifest_marks_what_must_stay() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let manifest: serde_json::Value = serde_json::from_slice(&folder.read("report/manifest.json")).unwrap();
    let outputs = manifest["outputs"].as_array().unwrap();
    let marked: Vec<&str> =
        outputs.iter().filter(|file| file["subject_level"] == true).filter_map(|file| file["name"].as_str()).collect();
    assert_eq!(marked, ["predictions.parquet"]);
}

/// Counts in a tree that are above nothing and below the minimum, by their path.
fn small(path: &str, value: &Value, minimum: u64, found: &mut Vec<String>) {
    match value {
        Value::Number(number) if number.as_u64().is_some_and(|count| count > 0 && count < minimum) => {
            let key = path.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or("");
            if !["replicates", "minimum", "folds"].contains(&key) {
                found.push(format!("{path} = {number}"));
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| small(&format!("{path}/{at}"), item, minimum, found))
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(key, item)| small(&format!("{path}/{key}"), item, minimum, found))
        }
        _ => {}
    }
}

fn small_counts(results: &Value, minimum: u64) -> Vec<String> {
    let mut found = Vec::new();
    for part in ["cohort", "variables", "partitions", "models", "analyses"] {
        small(part, &results[part], minimum, &mut found);
    }
    found
}

#[test]
fn no_small_count_is_left_where_the_study_withholds_it() {
    let open = study_with(&[]);
    assert_eq!(vouch(&open.path, &["run", ".", "--out", "report"]).code, 0);
    let results: Value = serde_json::from_slice(&open.read("report/results.json")).unwrap();
    assert!(!small_counts(&results, 10).is_empty(), "the search would find some");

    for minimum in [5, 10, 20] {
        let setting = format!("report:\n  privacy: {{minimum_cell: {minimum}}}\n");
        let folder = study_with(&[("report:\n", &setting)]);
        let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
        assert!(outcome.code == 0 || outcome.code == 6, "{}", outcome.stderr);
        let results: Value = serde_json::from_slice(&folder.read("report/results.json")).unwrap();
        let left = small_counts(&results, minimum);
        assert!(left.is_empty(), "minimum {minimum}: {left:#?}");
        let page = folder.read_text("report/report.html");
        assert!(page.contains(&format!("Counts from 1 to {} are withheld", minimum - 1)));
        // Curves: between two corners no class has a small count.
        let performance =
            results["analyses"].as_array().unwrap().iter().find(|analysis| analysis["kind"] == "performance");
        let sweeps = performance.and_then(|analysis| analysis["sweeps"].as_array()).cloned().unwrap_or_default();
        for sweep in &sweeps {
            let ends = [sweep["positives"].as_u64().unwrap(), sweep["negatives"].as_u64().unwrap()];
            let points = sweep["points"]
                .as_array()
                .unwrap()
                .iter()
                .map(|point| ["true_positives", "false_positives"].map(|key| point[key].as_u64().unwrap()));
            let all: Vec<[u64; 2]> = std::iter::once(ends).chain(points).chain([[0, 0]]).collect();
            for pair in all.windows(2) {
                for class in 0..2 {
                    let step = pair[0][class] - pair[1][class];
                    assert!(step == 0 || step >= minimum, "minimum {minimum}: {pair:?}");
                }
            }
        }
    }
}

/// What may be told of a curve is decided by counts that are no result: a run from kept analyses must have them too.
#[test]
fn a_warm_run_withholds_what_a_cold_one_does() {
    let folder = study_with(&[("report:\n", "report:\n  privacy: {minimum_cell: 5}\n")]);
    let runs = ["cold", "warm"].map(|out| {
        let outcome = vouch(&folder.path, &["run", ".", "--out", out]);
        assert!(outcome.code == 0 || outcome.code == 6, "{}", outcome.stderr);
        folder.read_text(&format!("{out}/results.json"))
    });
    assert!(!runs[0].contains("tallies"), "they are never written");
    assert!(runs[0] == runs[1], "the second run tells something else");
    let results: Value = serde_json::from_str(&runs[0]).unwrap();
    let survival = results["analyses"].as_array().unwrap().iter().find(|analysis| analysis["kind"] == "kaplan_meier");
    let groups = survival.unwrap()["partitions"][0]["groups"].as_array().unwrap();
    assert!(groups.iter().any(|group| group["curve"].as_array().unwrap().len() > 3), "there is a curve to tell");
}

#[test]
fn without_a_minimum_no_tally_is_written_either() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    assert!(!folder.read_text("report/results.json").contains("tallies"));
}
