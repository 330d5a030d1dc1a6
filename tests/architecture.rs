//! Data flow one way: no module uses one to its right, and the statistics use nothing of the rest.

use crate::support::program::repository;
use std::path::Path;

/// From left to right.
const HOUSE: [&str; 19] = [
    "stats",
    "audit",
    "spec",
    "data",
    "simulate",
    "cohort",
    "split",
    "cache",
    "features",
    "model",
    "predictions",
    "evaluate",
    "results",
    "report",
    "pipeline",
    "provenance",
    "compare",
    "pool",
    "cli",
];

/// What is allowed against the order of the list. `results` is the vocabulary in which the stages to its left say what
/// they did; it uses none of them. `pipeline` and `provenance` are the two halves of a run.
fn is_allowed(from: &str, to: &str) -> bool {
    to == "results" || (from == "pipeline" && to == "provenance")
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_module_uses_one_to_its_right() {
    let root = repository().join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let place = |name: &str| HOUSE.iter().position(|module| *module == name);
    let mut against = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&root).unwrap();
        let module = relative.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        let Some(from) = place(module) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        for used in text.split("crate::").skip(1) {
            let name: String = used.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            let Some(to) = place(&name) else { continue };
            let stats_reaches_out = module == "stats" && name != "stats";
            let results_reaches_out = module == "results" && !["results", "stats"].contains(&name.as_str());
            let audit_reaches_out = module == "audit" && !["audit", "stats", "results"].contains(&name.as_str());
            if stats_reaches_out
                || audit_reaches_out
                || results_reaches_out
                || (to > from && !is_allowed(module, &name))
            {
                against.push(format!("{} uses {name}", relative.display()));
            }
        }
    }
    against.sort();
    against.dedup();
    assert!(against.is_empty(), "{against:#?}");
}
