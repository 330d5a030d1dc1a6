//! A second table of features by subject: joined, or refused with counts.

use super::small_study::{patients, study_with};
use crate::support::program::{Folder, Outcome, vouch};

/// Subject and one IBSI-named feature, for every patient of the small study.
fn features() -> Vec<String> {
    let table = patients();
    let mut lines = vec!["patient,IBSI_Q4LE_mean".to_string()];
    for (row, line) in table.lines().skip(1).enumerate() {
        lines.push(format!("{},{}", line.split(',').next().unwrap(), 10 + (row * 37) % 91));
    }
    lines
}

fn checked(lines: &[String]) -> (Folder, Outcome) {
    let folder = study_with(&[
        ("id: subject}", "id: subject, features: {path: radiomics.csv, id: patient}}"),
        ("variables:\n", "variables:\n  radiomic: {kind: continuous, column: IBSI_Q4LE_mean}\n"),
        ("predictors: [marker, stage, smoker]", "predictors: [marker, radiomic]"),
    ]);
    folder.write("radiomics.csv", &(lines.join("\n") + "\n"));
    let outcome = vouch(&folder.path, &["check", "."]);
    assert!(!outcome.stderr.contains("QX"), "an identifier: {}", outcome.stderr);
    (folder, outcome)
}

#[test]
fn features_join_by_subject_in_any_order_of_their_rows() {
    let lines = features();
    let (folder, outcome) = checked(&lines);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("marker, radiomic"), "{}", outcome.stdout);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "one"]).code, 0);
    let mut turned = lines.clone();
    turned[1..].reverse();
    folder.write("radiomics.csv", &(turned.join("\n") + "\n"));
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "two"]).code, 0);
    assert_eq!(folder.read("one/results.json"), folder.read("two/results.json"));
    assert!(folder.read_text("one/results.json").contains("radiomics.csv"));
}

#[test]
fn subjects_that_do_not_match_are_refused_with_counts() {
    let mut lines = features();
    lines[5] = "QX99999Z,12".to_string();
    lines[9] = "QX88888Z,12".to_string();
    let (_, outcome) = checked(&lines);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("2 of the 240 subjects of the features"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("rows 5 and 9"), "{}", outcome.stderr);
    let (_, outcome) = checked(&features()[..200]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("analysed subjects are not in the features"), "{}", outcome.stderr);
}

#[test]
fn a_column_in_both_tables_and_a_subject_twice_are_refused() {
    let mut lines = features();
    lines[0] = "patient,marker".to_string();
    let (_, outcome) = checked(&lines);
    assert!(outcome.code == 2 && outcome.stderr.contains("both have the columns `marker`"), "{}", outcome.stderr);
    let mut lines = features();
    lines[7] = lines[6].clone();
    let (_, outcome) = checked(&lines);
    assert!(outcome.code == 2 && outcome.stderr.contains("data/id-repeated"), "{}", outcome.stderr);
    let mut lines = features();
    lines[0] = "patien,IBSI_Q4LE_mean".to_string();
    let (_, outcome) = checked(&lines);
    assert!(outcome.code == 2 && outcome.stderr.contains("there is no column `patient`"), "{}", outcome.stderr);
}
