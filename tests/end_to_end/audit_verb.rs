//! `vouch audit` as an auditor types it.

use crate::support::program::{Folder, repository, vouch};

#[test]
fn the_shipped_paper_has_findings_and_says_so_by_its_exit_code() {
    let paper = "studies/pdac-lnm-dect/reported.yaml";
    let outcome = vouch(repository(), &["audit", paper]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("IMPOSSIBLE"), "{}", outcome.stdout);
    assert_eq!(vouch(repository(), &["audit", paper, "--fail-on", "never"]).code, 0);
    for format in ["json", "sarif"] {
        let text = vouch(repository(), &["audit", paper, "--format", format]).stdout;
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{format}");
    }
    assert!(vouch(repository(), &["audit", paper, "--format", "junit"]).stdout.starts_with("<?xml"));
    assert!(vouch(repository(), &["audit", paper, "--format", "html"]).stdout.starts_with("<!doctype html>"));
}

#[test]
fn every_rule_can_be_explained_and_a_misspelt_one_gets_the_nearest() {
    let folder = Folder::new();
    let list = vouch(&folder.path, &["audit", "--list"]).stdout;
    assert!(list.lines().count() > 10, "{list}");
    for line in list.lines() {
        let code = line.split_whitespace().next().unwrap();
        let outcome = vouch(&folder.path, &["audit", "--explain", code]);
        assert!(outcome.code == 0 && outcome.stdout.contains("Silent"), "{code}");
    }
    let wrong = vouch(&folder.path, &["audit", "--explain", "V1001"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("Did you mean"), "{}", wrong.stderr);
}

#[test]
fn the_skeleton_is_read_back_and_a_wrong_file_is_refused_with_its_places() {
    let folder = Folder::new();
    let skeleton = vouch(&folder.path, &["audit", "--new"]).stdout;
    folder.write("reported.yaml", &skeleton);
    let outcome = vouch(&folder.path, &["audit", "reported.yaml"]);
    assert!([0, 3].contains(&outcome.code), "{}", outcome.stderr);
    folder.write("reported.yaml", "schema: reported/1\nflaw: 3\n");
    let outcome = vouch(&folder.path, &["audit", "reported.yaml"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("reported.yaml:2:"), "{}", outcome.stderr);
    assert_eq!(vouch(&folder.path, &["audit", "nowhere.yaml"]).code, 5);
}
