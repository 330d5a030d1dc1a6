//! The folder of a report: whole or not there, and nothing of anybody else's is lost.

use super::small_study::study_with;
use crate::support::program::{command, vouch};
use std::time::Duration;

#[test]
fn a_foreign_folder_is_refused_and_left_alone() {
    let folder = study_with(&[]);
    folder.write("thesis/chapter.txt", "years of work");
    let outcome = vouch(&folder.path, &["run", ".", "--out", "thesis"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert_eq!(folder.read_text("thesis/chapter.txt"), "years of work");
}

#[test]
fn places_that_cannot_be_written_are_refused_before_any_work() {
    let folder = study_with(&[]);
    folder.write("file", "text");
    for place in ["file", "file/below", "/proc/nowhere/report", ".", ".."] {
        let outcome = vouch(&folder.path, &["run", ".", "--out", place]);
        assert_eq!(outcome.code, 2, "{place}: {}", outcome.stderr);
    }
}

#[test]
fn files_beside_the_report_survive_the_next_run() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    folder.write("report/notes.txt", "for the reviewer");
    folder.write("report/figures/stale.svg", "<svg/>");
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    assert_eq!(folder.read_text("report/notes.txt"), "for the reviewer");
    let beside: Vec<_> = std::fs::read_dir(&folder.path).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!beside.iter().any(|name| name.to_string_lossy().contains("partial")), "{beside:?}");
}

#[test]
fn an_interrupted_run_leaves_the_previous_report_whole() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let before = folder.read("report/manifest.json");
    let results = folder.read("report/results.json");
    folder.write("study.yaml", &folder.read_text("study.yaml").replace("seed: 11", "seed: 12"));
    for milliseconds in [5, 20, 60, 120, 200] {
        let mut child = command(&folder.path).args(["run", ".", "--out", "report"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        _ = child.kill();
        _ = child.wait();
        // Whichever report is there, its files belong together.
        let manifest: serde_json::Value = serde_json::from_slice(&folder.read("report/manifest.json")).unwrap();
        for output in manifest["outputs"].as_array().unwrap() {
            let bytes = folder.read(&format!("report/{}", output["name"].as_str().unwrap()));
            assert_eq!(vouch::data::hash::sha256(&bytes), output["sha256"].as_str().unwrap());
        }
        if folder.read("report/manifest.json") == before {
            assert_eq!(folder.read("report/results.json"), results);
        }
    }
}
