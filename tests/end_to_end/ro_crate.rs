//! A report is a research object that a validator of others accepts, and holds nothing of a subject.

use super::small_study::study_with;
use crate::support::program::{repository, skipped_without, vouch};
use serde_json::Value;
use std::process::Command;

#[test]
fn the_crate_lists_every_shared_file_with_its_hash() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let tree: Value = serde_json::from_slice(&folder.read("report/ro-crate-metadata.json")).unwrap();
    let graph = tree["@graph"].as_array().unwrap();
    let entity = |id: &str| graph.iter().find(|entity| entity["@id"] == id).unwrap_or_else(|| panic!("{id}"));
    let parts: Vec<&str> =
        entity("./")["hasPart"].as_array().unwrap().iter().map(|part| part["@id"].as_str().unwrap()).collect();
    assert!(parts.contains(&"results.json") && !parts.contains(&"predictions.parquet"), "{parts:?}");
    for part in parts {
        let bytes = folder.read(&format!("report/{part}"));
        if let Some(hash) = entity(part)["sha256"].as_str() {
            assert_eq!(hash, vouch::data::hash::sha256(&bytes), "{part}");
        }
    }
    assert!(!folder.read_text("report/ro-crate-metadata.json").contains("QX"));
}

#[test]
fn the_validator_accepts_the_crate() {
    let script = repository().join("tests/end_to_end/ro_crate.py");
    let python = std::env::var("VOUCH_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let there = Command::new(&python).args(["-c", "import rocrate_validator"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        skipped_without("roc-validator");
        return;
    }
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let validate = || Command::new(&python).arg(&script).arg(folder.path.join("report")).output().unwrap();
    let output = validate();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    // It would notice.
    let crate_text = folder.read_text("report/ro-crate-metadata.json");
    folder.write("report/ro-crate-metadata.json", &crate_text.replace("\"instrument\"", "\"tool\""));
    assert!(!validate().status.success());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
