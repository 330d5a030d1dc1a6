//! A report goes into one archive and comes out of it, without rows of subjects.

use super::small_study::study_with;
use crate::support::program::vouch;

#[test]
fn a_report_goes_into_an_archive_and_comes_out_of_it() {
    let folder = study_with(&[]);
    let fine = |arguments: &[&str]| {
        let outcome = vouch(&folder.path, arguments);
        assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
        outcome.stdout
    };
    fine(&["run", ".", "--out", "report"]);
    folder.write("report/notes.txt", "not part of it");
    assert_eq!(fine(&["bundle", "report"]).trim(), "report.tar.gz");
    fine(&["bundle", "report", "--out", "again.tar.gz"]);
    assert!(folder.read("report.tar.gz") == folder.read("again.tar.gz"));
    fine(&["unbundle", "report.tar.gz", "--out", "received"]);
    for name in ["results.json", "report.html", "report.pdf", "manifest.json", "ro-crate-metadata.json"] {
        assert!(folder.read(&format!("received/{name}")) == folder.read(&format!("report/{name}")), "{name}");
    }
    assert!(!folder.path.join("received/predictions.parquet").exists());
    assert!(!folder.path.join("received/notes.txt").exists());
    // Whoever has the data can verify what was received.
    let outcome = vouch(&folder.path, &["verify", "received", "--study", "."]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn an_edited_report_and_a_damaged_archive_are_refused() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    assert_eq!(vouch(&folder.path, &["bundle", "report"]).code, 0);
    let mut bytes = folder.read("report.tar.gz");
    bytes.truncate(bytes.len() / 2);
    std::fs::write(folder.path.join("half.tar.gz"), bytes).unwrap();
    let outcome = vouch(&folder.path, &["unbundle", "half.tar.gz", "--out", "received"]);
    assert!(outcome.code == 2 && !folder.path.join("received").exists(), "{}", outcome.stderr);
    folder.write("elsewhere/thesis.txt", "years of work");
    let outcome = vouch(&folder.path, &["unbundle", "report.tar.gz", "--out", "elsewhere"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    folder.write("report/report.html", "<p>other</p>");
    let outcome = vouch(&folder.path, &["bundle", "report"]);
    assert!(outcome.code == 4 && outcome.stderr.contains("`report.html` is not what"), "{}", outcome.stderr);
    assert_eq!(vouch(&folder.path, &["bundle", "nowhere"]).code, 5);
}
