//! What was computed once is not computed again, and never taken where anything it depends on has changed.

use super::small_study::{STUDY, study_with};
use crate::support::program::{Folder, command, vouch};
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn run(folder: &Folder, more: &[&str]) {
    let mut arguments = vec!["run", ".", "--out", "report"];
    arguments.extend(more);
    let outcome = vouch(&folder.path, &arguments);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

/// The lines of `vouch plan` that would be computed.
fn to_compute(folder: &Folder) -> Vec<String> {
    let outcome = vouch(&folder.path, &["plan", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    outcome.stdout.lines().filter(|line| line.contains("to compute ")).map(str::to_string).collect()
}

fn entries(folder: &Folder) -> Vec<PathBuf> {
    let units = folder.path.join(".vouch-cache/units");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(units).unwrap().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[test]
fn kept_units_give_the_same_bytes() {
    let folder = study_with(&[]);
    run(&folder, &["--no-cache"]);
    assert!(!folder.path.join(".vouch-cache").exists(), "--no-cache keeps nothing");
    let cold: Vec<Vec<u8>> = files(&folder);
    run(&folder, &[]);
    assert!(files(&folder) == cold);
    assert!(to_compute(&folder).is_empty(), "{:?}", to_compute(&folder));
    run(&folder, &[]);
    assert!(files(&folder) == cold, "a warm run has the bytes of a cold one");
    assert_eq!(folder.read_text(".vouch-cache/.gitignore"), "*\n");
}

fn files(folder: &Folder) -> Vec<Vec<u8>> {
    ["results.json", "report.html", "report.pdf", "manifest.json", "predictions.parquet"]
        .iter()
        .map(|name| folder.read(&format!("report/{name}")))
        .collect()
}

#[test]
fn pruning_leaves_what_the_study_needs() {
    let folder = study_with(&[]);
    run(&folder, &[]);
    let kept = entries(&folder);
    folder.write("study.yaml", &STUDY.replace("seed: 11", "seed: 12"));
    run(&folder, &[]);
    let prune = |days: &[&str]| {
        let outcome = vouch(&folder.path, &[&["plan", ".", "--prune"], days].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stdout.lines().last().unwrap().to_string()
    };
    // What was of use within a month may be of use again.
    assert!(prune(&[]).starts_with("removed 0 kept units"), "{}", prune(&[]));
    assert!(kept.iter().all(|path| path.exists()));
    // The pages of either run are no units of the study: they are set again.
    assert!(prune(&["0"]).starts_with(&format!("removed {} kept units", kept.len() + 1)));
    assert!(to_compute(&folder).is_empty(), "{:?}", to_compute(&folder));
    assert!(kept.iter().all(|path| !path.exists()), "of the study as it was nothing is left");
}

#[test]
fn a_new_variant_runs_only_what_depends_on_it() {
    let folder = study_with(&[]);
    run(&folder, &[]);
    let variant = "  small: {kind: logistic, label: Small, outcome: sick, predictors: [marker]}\nstatistics:";
    folder.write("study.yaml", &STUDY.replace("statistics:", variant));
    let plan = to_compute(&folder);
    assert_eq!(plan.len(), 2, "{plan:?}");
    assert!(plan[0].starts_with("fit small") && plan[0].contains("not computed before"), "{plan:?}");
    assert!(plan[1].starts_with("statistic performance") && plan[1].contains("model `small`"), "{plan:?}");
    run(&folder, &[]);
    let warm = folder.read("report/results.json");
    run(&folder, &["--no-cache"]);
    assert!(folder.read("report/results.json") == warm);
}

#[test]
fn what_a_unit_depends_on_makes_it_run_again() {
    let folder = study_with(&[]);
    run(&folder, &[]);
    let all = 6;
    for (from, to, count, why) in [
        ("seed: 11", "seed: 12", all, "seed"),
        ("where: months = 1", "where: months <= 2", all, "cohort"),
        ("title: A small study", "title: Another title", 0, ""),
        ("replicates: 200", "replicates: 100", 2, "statistic `performance`"),
        ("label: Marker,", "label: A marker,", 5, "variable `marker`"),
    ] {
        folder.write("study.yaml", &STUDY.replacen(from, to, 1));
        let plan = to_compute(&folder);
        assert_eq!(plan.len(), count, "{to}: {plan:?}");
        assert!(plan.iter().all(|line| line.contains(why)), "{to}: {plan:?}");
    }
    folder.write("study.yaml", STUDY);
    let table = folder.read_text("patients.csv");
    folder.write("patients.csv", &table.replacen(",1,", ",0,", 1));
    let plan = to_compute(&folder);
    assert!(plan.len() == all && plan[0].contains("input `patients.csv`"), "{plan:?}");
    let (head, rows) = table.split_once('\n').unwrap();
    let reversed: Vec<&str> = rows.lines().rev().collect();
    folder.write("patients.csv", &format!("{head}\n{}\n", reversed.join("\n")));
    assert!(to_compute(&folder).is_empty(), "rows in another order are the same input");
}

#[test]
fn a_damaged_entry_is_noticed_and_computed_again() {
    let folder = study_with(&[]);
    run(&folder, &[]);
    let whole = files(&folder);
    for (at, entry) in entries(&folder).into_iter().enumerate() {
        let mut bytes = std::fs::read(&entry).unwrap();
        match at % 3 {
            0 => bytes.truncate(bytes.len() / 2),
            1 => *bytes.last_mut().unwrap() ^= 0x20,
            _ => bytes.clear(),
        }
        std::fs::write(&entry, bytes).unwrap();
    }
    assert_eq!(to_compute(&folder).len(), 6);
    run(&folder, &[]);
    assert!(files(&folder) == whole);
    assert!(to_compute(&folder).is_empty());
}

#[test]
fn runs_at_once_and_killed_runs_do_no_harm() {
    let folder = study_with(&[]);
    run(&folder, &["--no-cache"]);
    let whole = folder.read("report/results.json");
    for milliseconds in [10, 40, 90, 150] {
        let mut child = command(&folder.path).args(["run", ".", "--out", "killed"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        _ = child.kill();
        _ = child.wait();
    }
    let children: Vec<_> = (0..4)
        .map(|number| command(&folder.path).args(["run", ".", "--out", &format!("at-once-{number}")]).spawn().unwrap())
        .collect();
    for (number, mut child) in children.into_iter().enumerate() {
        assert!(child.wait().unwrap().success());
        assert!(folder.read(&format!("at-once-{number}/results.json")) == whole);
    }
}

#[test]
fn a_study_that_cannot_be_written_beside_runs_all_the_same() {
    let folder = study_with(&[]);
    // A file where the folder would be.
    folder.write(".vouch-cache", "in the way");
    run(&folder, &[]);
    assert_eq!(folder.read_text(".vouch-cache"), "in the way");
}

#[test]
fn a_warm_run_is_quick() {
    let folder = study_with(&[]);
    run(&folder, &[]);
    let quickest = (0..5)
        .map(|_| {
            let start = Instant::now();
            run(&folder, &[]);
            start.elapsed()
        })
        .min()
        .unwrap();
    // 300 ms on an idle machine; this bound is for one that builds other things meanwhile.
    assert!(quickest < Duration::from_millis(1500), "{quickest:?}");
}
