//! Tables as they come out of spreadsheets: refused by line, column and row, with what to do, and without a value.

use super::small_study::{patients, study_with};
use crate::support::program::{Folder, vouch};

/// What `check` says of the small study with another table.
fn refused(table: &[u8]) -> String {
    let folder = study_with(&[]);
    std::fs::write(folder.path.join("patients.csv"), table).unwrap();
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("QX"), "no identifier in a message: {}", outcome.stderr);
    outcome.stderr
}

/// The table with one field of a line replaced; the first line has the names.
fn with_field(line: usize, column: usize, text: &str) -> String {
    let table = patients();
    let changed = table.lines().enumerate().map(|(at, whole)| {
        let mut fields: Vec<&str> = whole.split(',').collect();
        if at == line {
            fields[column] = text;
        }
        fields.join(",") + "\n"
    });
    changed.collect()
}

#[test]
fn a_column_that_stands_twice_was_renamed_in_silence() {
    let text = refused(with_field(0, 9, "marker").as_bytes());
    assert!(text.contains("columns 4 and 10 are both called `marker`"), "{text}");
}

#[test]
fn a_line_that_is_too_short_was_padded_with_missing_values() {
    let table = patients().replacen(",0\n", "\n", 1);
    let line = table.lines().position(|line| line.split(',').count() == 9).unwrap() + 1;
    let text = refused(table.as_bytes());
    assert!(text.contains(&format!("line {line} has fewer fields than the 10")), "{text}");
}

#[test]
fn other_formats_are_named() {
    let semicolons = patients().replace(',', ";").replace('.', ",");
    let text = refused(semicolons.as_bytes());
    assert!(text.contains("separated by semicolons") && text.contains("decimals are written with a comma"), "{text}");
    let text = refused(patients().replace(',', "\t").as_bytes());
    assert!(text.contains("separated by tabs"), "{text}");
    let mut latin = patients().replacen("north", "n\u{f6}rd", 1).into_bytes();
    let at = latin.windows(2).position(|pair| pair == "\u{f6}".as_bytes()).unwrap();
    latin.splice(at..at + 2, [0xf6]);
    assert!(refused(&latin).contains("is not UTF-8"));
    let wide: Vec<u8> = patients().encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refused(&wide).contains("UTF-16"));
    assert!(refused(b"").contains("the file is empty"));
    assert!(refused(b"subject,sick\n").contains("no rows"));
}

#[test]
fn all_columns_with_texts_for_numbers_are_told_at_once() {
    let table = with_field(7, 3, "high");
    let folder = study_with(&[("where: months = 1", "where: months < 2")]);
    let mut lines: Vec<String> = table.lines().map(str::to_string).collect();
    let mut fields: Vec<&str> = lines[12].split(',').collect();
    fields[7] = "long";
    lines[12] = fields.join(",");
    folder.write("patients.csv", &(lines.join("\n") + "\n"));
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    for words in ["the column `marker` is not a number in row 7", "the column `months` is not a number in row 12"] {
        assert_eq!(outcome.stderr.matches(words).count(), 1, "{words}: {}", outcome.stderr);
    }
    assert!(!outcome.stderr.contains("high") && !outcome.stderr.contains("\"long\""), "{}", outcome.stderr);
}

#[test]
fn a_date_that_is_none_was_met_by_the_advice_to_write_a_number() {
    let text = refused(with_field(5, 2, "soon").as_bytes());
    assert!(text.contains("`entered` is not a date written as YYYY-MM-DD in row 5"), "{text}");
}

#[test]
fn dates_of_an_unknown_order_are_not_guessed() {
    let table: String = patients()
        .lines()
        .map(|line| {
            let mut fields: Vec<String> = line.split(',').map(str::to_string).collect();
            if let [year, month, day] = fields[2].split('-').collect::<Vec<_>>()[..] {
                fields[2] = format!("{month}/{day}/{year}");
            }
            fields.join(",") + "\n"
        })
        .collect();
    let text = refused(table.as_bytes());
    assert!(text.contains("YYYY-MM-DD") && text.contains("DATE(entered, '%d/%m/%Y')"), "{text}");
    // As texts they have another order: they are not compared either.
    let folder = study_with(&[
        ("where: months = 1", "where: \"entered < '2011-01-01'\""),
        ("  temporal: {by: entered, test_from: \"2016-01-01\"}\n", ""),
        ("[training, validation, test]", "[training, validation]"),
        ("within: [primary, test]", "within: [primary]"),
    ]);
    folder.write("patients.csv", &table);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert!(outcome.code == 2 && outcome.stderr.contains("data/date"), "{}", outcome.stderr);
    // Said how to read them, they are dates.
    let folder = study_with(&[
        ("cohort:\n", "cohort:\n  derive: {day: \"DATE(entered, '%m/%d/%Y')\"}\n"),
        ("by: entered", "by: day"),
    ]);
    folder.write("patients.csv", &table);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

#[test]
fn an_outcome_that_nobody_has_is_no_matter_of_the_cut_off() {
    let folder = study_with(&[("positive: sick = 1", "positive: sick = 2")]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("`sick` is true of none of the"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("cut-off"), "{}", outcome.stderr);
}

#[test]
fn a_criterion_about_a_text_that_nobody_has_is_remarked() {
    let folder = study_with(&[("where: months = 1", "where: stage = 'iii'")]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("no subject has the text `iii` in `stage`; `III` is nearest"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_constant_predictor_did_not_vanish_without_a_word() {
    let table: String = patients()
        .lines()
        .enumerate()
        .map(|(at, line)| {
            let mut fields: Vec<&str> = line.split(',').collect();
            if at > 0 {
                fields[3] = "7.5";
            }
            fields.join(",") + "\n"
        })
        .collect();
    let folder = study_with(&[]);
    folder.write("patients.csv", &table);
    let checked = vouch(&folder.path, &["check", "."]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(checked.stderr.contains("`clinical` is fitted without `marker`"), "{}", checked.stderr);
    assert!(checked.stderr.contains("`cox` cannot estimate `marker`"), "{}", checked.stderr);
    assert!(checked.stdout.contains("clinical (logistic): stage, smoker"), "{}", checked.stdout);
    vouch(&folder.path, &["run", ".", "--out", "report"]);
    let results: serde_json::Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    assert_eq!(results["models"][0]["predictors"], serde_json::json!(["stage", "smoker"]));
}

/// The table was typed in place of its spec: its rows are nobody's business.
#[test]
fn a_table_in_the_place_of_a_spec_is_not_read_out() {
    let folder = study_with(&[]);
    folder.write("rows.yaml", &patients());
    for arguments in [
        ["check", "patients.csv"].as_slice(),
        &["check", "rows.yaml"],
        &["run", "patients.csv"],
        &["run", "rows.yaml"],
        &["plan", "patients.csv"],
        &["lock", "patients.csv"],
        &["compare", ".", ".", "--declared", "patients.csv"],
        &["compare", ".", ".", "--declared", "rows.yaml"],
        &["report", "patients.csv", "--out", "x"],
        &["audit", "patients.csv"],
        &["audit", "rows.yaml"],
    ] {
        let outcome = vouch(&folder.path, arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.stderr);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!said.contains("QX") && !said.contains("north"), "{arguments:?}: {said}");
        if arguments.contains(&"patients.csv") {
            assert!(said.contains("`patients.csv` is a table"), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn what_a_run_cannot_draw_or_compare_is_told_by_check() {
    for (from, to, says) in [
        ("item: roc_figure", "item: precision_recall_figure", "average_precision: true"),
        (
            "  table: {kind",
            "  tests: {kind: comparison, outcome: sick, reference: clinical, models: [clinical], partitions: [test]}\n  table: {kind",
            "no model is there to be compared with `clinical`",
        ),
    ] {
        let outcome = vouch(&study_with(&[(from, to)]).path, &["check", "."]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{to}: {}", outcome.stderr);
    }
}

#[test]
fn a_transform_that_a_regression_does_not_take_is_said() {
    let folder = study_with(&[("kind: continuous, summary: mean_sd", "kind: continuous, transform: log1p")]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert!(outcome.stderr.contains("The analysis `cox` takes `marker` as measured"), "{}", outcome.stderr);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    assert!(
        folder.read_text("report/report.html").contains("As measured, without the transformation that the models use")
    );
}

#[test]
fn a_draft_takes_no_follow_up_time_for_a_predictor_and_spells_out_no_defaults() {
    let folder = Folder::new();
    folder.write("patients.csv", &patients());
    let draft = vouch(&folder.path, &["new", "patients.csv", "--id", "subject", "--outcome", "died = 1"]);
    assert_eq!(draft.code, 0, "{}", draft.stderr);
    assert!(draft.stdout.contains("beforehand: months."), "{}", draft.stdout);
    assert!(!draft.stdout.contains("\n  months:"), "{}", draft.stdout);
    for key in ["transform", "coding", "simulated", "penalty", "auc_interval", "missing", "cohort"] {
        assert!(!draft.stdout.contains(&format!("{key}:")), "{key}: {}", draft.stdout);
    }
    folder.write("study.yaml", &draft.stdout);
    assert_eq!(vouch(&folder.path, &["check", "."]).code, 0);
    for wrong in ["marker", "sick = 2", "stage = 'IV'", "sick >= 0"] {
        let outcome = vouch(&folder.path, &["new", "patients.csv", "--id", "subject", "--outcome", wrong]);
        assert_eq!(outcome.code, 2, "{wrong}: {}", outcome.stdout);
        assert!(outcome.stderr.contains("is no outcome"), "{}", outcome.stderr);
    }
}

#[test]
fn a_report_that_was_moved_is_told_how_to_verify_it() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "a/b/report"]).code, 0);
    std::fs::create_dir_all(folder.path.join("c/d")).unwrap();
    std::fs::rename(folder.path.join("a/b/report"), folder.path.join("c/report")).unwrap();
    let outcome = vouch(&folder.path, &["verify", "c/report"]);
    assert_ne!(outcome.code, 0);
    assert!(outcome.stderr.contains("--study"), "{}", outcome.stderr);
}
