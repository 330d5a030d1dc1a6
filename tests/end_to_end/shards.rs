//! The units of a study computed apart and merged give the report of a single run, byte for byte.

use super::small_study::study_with;
use crate::support::program::{Folder, command, skipped_without, vouch};
use std::process::Command;
use std::time::Duration;

fn fine(folder: &Folder, arguments: &[&str]) -> String {
    let outcome = vouch(&folder.path, arguments);
    assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
    outcome.stderr
}

fn single_run(folder: &Folder) -> Vec<u8> {
    fine(folder, &["run", ".", "--no-cache", "--out", "single"]);
    folder.read("single/results.json")
}

fn shard(folder: &Folder, units: &str, part: u64, parts: u64, from: &[String]) -> String {
    let (partition, out) = (format!("hash:{part}/{parts}"), format!("shards-{parts}/{units}-{part}"));
    let mut arguments = vec!["shard", ".", "--units", units, "--partition", &partition, "--out", &out];
    if !from.is_empty() {
        arguments.push("--from");
        arguments.extend(from.iter().map(String::as_str));
    }
    fine(folder, &arguments);
    out
}

fn all_shards(folder: &Folder, parts: u64) -> Vec<String> {
    let mut shards: Vec<String> = (1..=parts).map(|part| shard(folder, "fits", part, parts, &[])).collect();
    let fits = shards.clone();
    shards.extend((1..=parts).map(|part| shard(folder, "statistics", part, parts, &fits)));
    shards
}

fn merged(folder: &Folder, shards: &[String], out: &str) -> (Vec<u8>, String) {
    let mut arguments = vec!["merge", "."];
    arguments.extend(shards.iter().map(String::as_str));
    arguments.extend(["--out", out]);
    let said = fine(folder, &arguments);
    (folder.read(&format!("{out}/results.json")), said)
}

#[test]
fn one_three_and_seven_shards_give_the_bytes_of_a_single_run() {
    let folder = study_with(&[]);
    let single = single_run(&folder);
    for parts in [1, 3, 7] {
        let shards = all_shards(&folder, parts);
        let (bytes, said) = merged(&folder, &shards, "merged");
        assert!(bytes == single, "{parts} shards");
        assert!(!said.contains("computed now"), "{said}");
        // One gone: its units are computed while merging.
        let (bytes, _) = merged(&folder, &shards[1..], "merged");
        assert!(bytes == single, "{parts} shards without one");
    }
    let (bytes, said) = merged(&folder, &[], "merged");
    assert!(bytes == single && said.contains("computed now: fit clinical"), "{said}");
    assert!(folder.read("merged/report.pdf") == folder.read("single/report.pdf"));
}

#[test]
fn a_shard_of_another_study_is_not_used() {
    let folder = study_with(&[]);
    let shards = all_shards(&folder, 1);
    folder.write("study.yaml", &folder.read_text("study.yaml").replace("seed: 11", "seed: 12"));
    let single = single_run(&folder);
    let (bytes, said) = merged(&folder, &shards, "merged");
    assert!(bytes == single && said.contains("computed now"), "{said}");
    let outcome = vouch(&folder.path, &["merge", ".", "single"]);
    assert!(outcome.code == 5 && outcome.stderr.contains("is not a shard"), "{}", outcome.stderr);
    let outcome = vouch(&folder.path, &["shard", ".", "--units", "fits", "--partition", "3/4", "--out", "x"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("hash:3/16"), "{}", outcome.stderr);
}

#[test]
fn a_killed_shard_is_not_there() {
    let folder = study_with(&[]);
    for milliseconds in [5, 30, 80] {
        let mut child =
            command(&folder.path).args(["shard", ".", "--units", "fits", "--out", "killed"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        _ = child.kill();
        _ = child.wait();
        // Whole or not there.
        if folder.path.join("killed").exists() {
            assert!(folder.path.join("killed/shard.json").is_file());
        }
    }
}

#[test]
fn snakemake_runs_the_workflow() {
    let program = std::env::var("VOUCH_SNAKEMAKE").unwrap_or_else(|_| "snakemake".to_string());
    if Command::new(&program).arg("--version").output().is_err() {
        skipped_without("snakemake");
        return;
    }
    let folder = study_with(&[]);
    let single = single_run(&folder);
    for shards in ["1", "8", "37"] {
        let outcome = vouch(&folder.path, &["plan", ".", "--emit", "snakemake", "--shards", shards]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        folder.write("Snakefile", &outcome.stdout);
        let snakemake = || {
            let configuration = [
                format!("vouch={}", env!("CARGO_BIN_EXE_vouch")),
                format!("report=snake-{shards}"),
                format!("shards=s-{shards}"),
            ];
            let mut command = Command::new(&program);
            command.current_dir(&folder.path).args([
                "--cores",
                "2",
                "--quiet",
                "all",
                "--rerun-incomplete",
                "--config",
            ]);
            command.args(configuration).env("HOME", &folder.path);
            command
        };
        if shards == "8" {
            // Killed in the middle, and its lock left behind.
            let mut child = snakemake().spawn().unwrap();
            std::thread::sleep(Duration::from_millis(2500));
            _ = child.kill();
            _ = child.wait();
            _ = snakemake().arg("--unlock").output();
        }
        let output = snakemake().output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let results = format!("snake-{shards}/results.json");
        assert!(folder.read(&results) == single, "{shards} shards");
        if shards == "8" {
            std::fs::remove_dir_all(folder.path.join("s-8/fits-3")).unwrap();
            std::fs::remove_file(folder.path.join(&results)).unwrap();
            assert!(snakemake().output().unwrap().status.success());
            assert!(folder.read(&results) == single, "after a deleted shard");
        }
    }
}
