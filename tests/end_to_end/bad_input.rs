//! Bad input is normal input: a message that says what and where, the documented exit code, and never a panic.

use super::small_study::{patients, study_with};
use crate::support::program::vouch;

/// The spec with one change: the code of the message, the line it points at, the exit code.
fn refused(replacements: &[(&str, &str)], code: &str, points_at: &str, exit: i32) -> String {
    let folder = study_with(replacements);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, exit, "{replacements:?}: {}", outcome.stderr);
    assert!(outcome.stderr.contains(code), "{replacements:?} must say {code}: {}", outcome.stderr);
    let spec = folder.read_text("study.yaml");
    let line = spec.lines().position(|line| line.contains(points_at)).expect("the line is in the spec") + 1;
    assert!(outcome.stderr.contains(&format!("study.yaml:{line}:")), "must point at line {line}: {}", outcome.stderr);
    assert!(!folder.path.join("report").exists(), "nothing is written");
    outcome.stderr
}

#[test]
fn misspelt_names_get_the_nearest_name() {
    let text = refused(&[("title:", "titel:")], "spec/unknown-key", "titel:", 2);
    assert!(text.contains("did you mean `title`?"), "{text}");
    let text = refused(&[("kind: logistic", "kind: logistc")], "spec/choice", "logistc", 2);
    assert!(text.contains("did you mean `logistic`?"), "{text}");
    let text = refused(
        &[("[marker, stage, smoker]}\n  reader", "[marker, stgae, smoker]}\n  reader")],
        "spec/unknown-name",
        "stgae",
        2,
    );
    assert!(text.contains("did you mean `stage`?"), "{text}");
    let text = refused(&[("positive: sick = 1", "positive: sik = 1")], "expression/unknown-column", "sik = 1", 2);
    assert!(text.contains("did you mean `sick`?"), "{text}");
}

#[test]
fn all_problems_of_a_spec_are_reported_at_once() {
    let folder = study_with(&[
        ("seed: 11", "seed: eleven"),
        ("kind: categorical", "kind: categoric"),
        ("rule: youden", "rule: yuden"),
    ]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("3 problems"), "{}", outcome.stderr);
}

#[test]
fn the_missing_table_and_the_wrong_hash_are_about_input() {
    let text = refused(&[("patients.csv", "patient.csv")], "data/unreadable", "patient.csv", 5);
    assert!(text.contains("did you mean `patients.csv`"), "{text}");
    refused(&[("id: subject}", "id: subject, sha256: abc}")], "data/hash", "sha256: abc", 5);
    refused(&[("id: subject}", "id: subject, content_sha256: abc}")], "data/hash", "content_sha256", 5);
}

#[test]
fn columns_that_do_not_fit_are_named() {
    refused(&[("id: subject}", "id: subjct}")], "data/unknown-column", "subjct", 2);
    refused(&[("time: months", "time: stage")], "data/type", "time: stage", 2);
    refused(
        &[("marker: {label: Marker,", "marker: {column: smoker, label: Marker,")],
        "data/type",
        "column: smoker",
        2,
    );
    refused(&[("{I: I, II: II, III: III}", "{I: I, II: II}")], "data/levels", "{I: I, II: II}", 2);
    refused(&[("by: entered", "by: site")], "split/type", "by: site", 2);
}

#[test]
fn a_transform_without_a_value_is_no_silent_nan() {
    let change = [
        ("kind: continuous, summary: mean_sd", "kind: continuous, transform: log1p"),
        ("data: {path: patients.csv", "data: {path: negative.csv"),
    ];
    let folder = study_with(&change);
    let complete = patients();
    let table = complete.lines().enumerate().map(|(row, line)| {
        let mut fields: Vec<&str> = line.split(',').collect();
        if row == 10 {
            fields[3] = "-2.5";
        }
        fields.join(",") + "\n"
    });
    folder.write("negative.csv", &table.collect::<String>());
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("data/transform") && outcome.stderr.contains("row 10"), "{}", outcome.stderr);
}

#[test]
fn an_expression_that_fails_on_the_data_quotes_none_of_them() {
    let folder = study_with(&[("where: months = 1", "where: CAST(subject AS INT) > 3")]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("QX"), "{}", outcome.stderr);
}

#[test]
fn a_score_that_is_no_probability_is_found_before_anything_is_computed() {
    let change = [(
        "from: call, orientation: higher_is_risk}",
        "from: call * 2, orientation: higher_is_risk, is_probability: true}",
    )];
    let text = refused(&change, "data/probability", "call * 2", 2);
    assert!(text.contains("below 0 or above 1 in rows ") && text.contains("divide percents by 100"), "{text}");
}

#[test]
fn a_text_with_a_comma_is_told_to_need_quotes() {
    let change = [("label: Reader,", "label: Reader, the second,")];
    let text = refused(&change, "spec/unknown-key", "the second", 2);
    assert!(text.contains("put that text in quotes"), "{text}");
}

#[test]
fn a_horizon_must_be_in_the_future() {
    refused(&[("rates_at: [1, 2]}", "rates_at: [1, 2], horizon: -1}")], "spec/times", "horizon: -1", 2);
}

#[test]
fn expressions_that_do_not_parse_or_give_no_truth_value() {
    refused(&[("where: months = 1", "where: months <")], "expression/syntax", "months <", 2);
    refused(&[("where: months = 1", "where: months + 2")], "expression/type", "months + 2", 2);
    refused(&[("where: months = 1", "where: SUM(months) > 2")], "expression/", "SUM(months)", 2);
}

#[test]
fn partitions_that_cannot_be_analysed() {
    refused(&[("2016-01-01", "2031-01-01")], "split/cutoff", "2031-01-01", 2);
    refused(&[("2016-01-01", "2016-13-01")], "spec/date", "2016-13-01", 2);
    refused(
        &[("where: months = 1", "where: \"entered >= DATE '2016-01-01' AND sick = 1\"")],
        "split/one-class",
        "temporal",
        2,
    );
    refused(
        &[("partitions: [training, validation, test]", "partitions: [training, tset]")],
        "spec/partition",
        "tset",
        2,
    );
}

fn refused_table(change: impl Fn(&mut Vec<String>), code: &str) -> String {
    let folder = study_with(&[]);
    let mut lines: Vec<String> = patients().lines().map(str::to_string).collect();
    change(&mut lines);
    folder.write("patients.csv", &(lines.join("\n") + "\n"));
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains(code), "must say {code}: {}", outcome.stderr);
    assert!(!outcome.stderr.contains("QX"), "no identifier in a message: {}", outcome.stderr);
    outcome.stderr
}

/// Replaces one field of the tenth patient.
fn tenth(lines: &mut [String], column: usize, value: &str) {
    let mut fields: Vec<&str> = lines[10].split(',').collect();
    fields[column] = value;
    lines[10] = fields.join(",");
}

#[test]
fn a_subject_in_two_rows_could_stand_in_two_partitions() {
    let text = refused_table(
        |lines| {
            let first = lines[1].split(',').next().unwrap().to_string();
            let last = lines.last_mut().unwrap();
            let rest = last.split_once(',').unwrap().1.to_string();
            *last = format!("{first},{rest}");
        },
        "data/id-repeated",
    );
    assert!(text.contains("row 240"), "{text}");
}

#[test]
fn values_that_cannot_be_are_named_by_row() {
    assert!(refused_table(|lines| tenth(lines, 6, ""), "data/outcome-missing").contains("row 10"));
    assert!(refused_table(|lines| tenth(lines, 7, "-3"), "data/negative-time").contains("row 10"));
    assert!(refused_table(|lines| tenth(lines, 0, ""), "data/id-missing").contains("row 10"));
    assert!(refused_table(|lines| tenth(lines, 3, "high"), "data/type").contains("row 10"));
    assert!(refused_table(|lines| tenth(lines, 2, ""), "split/missing").contains("row 10"));
}

#[test]
fn files_that_are_no_spec() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", "nowhere"]).code, 5);
    for text in
        ["", "- a\n- b\n", "schema: [study/1\n", "a: &x 1\nb: *x\n", "\u{0}\u{1}", "schema: study/1\n---\nx: 1\n"]
    {
        folder.write("study.yaml", text);
        let outcome = vouch(&folder.path, &["check", "."]);
        assert_eq!(outcome.code, 2, "{text:?}: {}", outcome.stderr);
    }
    folder.write("study.yaml", super::small_study::STUDY);
    for text in ["", "subject,sick\n", "\u{ff}\u{fe}"] {
        folder.write("patients.csv", text);
        let outcome = vouch(&folder.path, &["check", "."]);
        assert!([2, 5].contains(&outcome.code), "{text:?}: {}", outcome.stderr);
    }
}

#[test]
fn signs_of_leakage_are_reported() {
    let folder = study_with(&[
        ("variables:\n", "variables:\n  answer: {kind: continuous, column: sick}\n"),
        ("predictors: [marker, stage, smoker]", "predictors: [marker, answer]"),
        ("kind: logistic,", "kind: forest, trees: 20,"),
    ]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("the outcome is defined by the column `sick`"), "{}", outcome.stderr);
}

#[test]
fn a_model_without_a_finite_fit_does_not_take_the_report_away() {
    let folder = study_with(&[
        ("variables:\n", "variables:\n  answer: {kind: continuous, column: sick}\n"),
        ("predictors: [marker, stage, smoker]", "predictors: [marker, answer]"),
    ]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 6, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("`answer` separates the classes"), "{}", outcome.stderr);
    let results: serde_json::Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();
    assert_eq!(results["not_fitted"][0]["id"], "clinical");
    assert_eq!(results["notices"][0]["code"], "model/not-fitted", "told before everything else");
    let analysis = |id: &str| results["analyses"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
    let judged: Vec<&str> =
        analysis("performance")["rows"].as_array().unwrap().iter().map(|row| row["model"].as_str().unwrap()).collect();
    assert_eq!(judged, ["reader"; 3], "the others are judged");
    assert_eq!(analysis("survival")["kind"], "not_computed", "its groups are those of the model");
    assert!(analysis("survival")["why"].as_str().unwrap().contains("`clinical`, which could not be fitted"));
    let page = folder.read_text("report/report.html");
    assert!(page.contains("could not be fitted") && page.contains("separates the classes"));
    // A second run, from what was kept, says the same.
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "again"]).code, 6);
    assert_eq!(folder.read("again/results.json"), folder.read("report/results.json"));
    // A comparison needs the model.
    let outcome = vouch(&folder.path, &["compare", ".@reader", ".@clinical"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("separates the classes"), "{}", outcome.stderr);
}

#[test]
fn days_that_are_declared_as_years_are_noticed() {
    let folder = study_with(&[("unit: months", "unit: years")]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("is `unit: years` their unit?"), "30 years are possible: {}", outcome.stderr);
    let folder = study_with(&[("time: months, unit: months", "time: months * 30, unit: months")]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("warning: Half of the times of `os` are above 81 years"), "{}", outcome.stderr);
}

#[test]
fn a_horizon_that_nobody_reaches_is_refused_with_the_longest_follow_up() {
    let with_cox = [
        ("  reader: {", "  risk: {kind: cox, label: Risk, outcome: os, predictors: [marker]}\n  reader: {"),
        (
            "  cox: {kind: cox,",
            "  judged: {kind: survival_performance, outcome: os, partitions: [training, test], horizon: 50}\n  cox: {kind: cox,",
        ),
    ];
    let text = refused(&with_cox, "data/horizon", "horizon: 50", 2);
    assert!(text.contains("nobody is followed for 50 years: the longest follow-up of `os` there is"), "{text}");
}

#[test]
fn a_key_that_stands_twice_is_told_beside_what_else_is_wrong() {
    let folder = study_with(&[
        ("seed: 11", "seed: three\ntitle: Again"),
        ("rule: youden", "rule: yuden"),
        ("kind: categorical, levels", "kind: &kind categoric, levels"),
        ("event: died = 1", "event: dead = 1"),
    ]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    for words in [
        "the key `title` stands here a second time",
        "`seed` must be a whole number, found text",
        "`yuden` is not a choice",
        "anchors and tags are not read",
        "there is no column `dead`",
    ] {
        assert!(outcome.stderr.contains(words), "{words:?} is not told: {}", outcome.stderr);
    }
}

/// A spec with independent mistakes of every sort: each is told at its line, and nothing that follows from another.
#[test]
fn independent_mistakes_are_told_in_one_run_each_at_its_line() {
    let mistakes = [
        // Two misspelt kinds: of a model, and of an analysis that others refer to.
        ("kind: logistic,", "kind: logistc,", "`logistc` is not a choice"),
        ("    kind: performance\n", "    kind: performence\n", "`performence` is not a choice"),
        // Keys: one that is required, one that is not.
        ("title:", "titel:", "`titel` is not a key"),
        ("rates_at: [1, 2]", "rate_at: [1, 2]", "`rate_at` is not a key"),
        // A name that nothing is near to takes nobody else with it.
        ("kind: scores,", "kind: abracadabra,", "`abracadabra` is not a choice"),
        ("seed: 11", "seed: eleven", "`seed` must be a whole number, found text"),
        (
            "replicates: 200",
            "replicates: many",
            "`statistics/performance/bootstrap/replicates` must be a whole number, found text",
        ),
        ("by: entered", "by: entred", "there is no column `entred`"),
        ("\"2016-01-01\"", "\"2016-13-01\"", "`2016-13-01` is not a date"),
        ("where: months = 1", "where: month = 1", "there is no column `month`"),
        ("[marker, stage, smoker]}\n  reader", "[marker, stgae, smoker]}\n  reader", "there is no variable `stgae`"),
        ("model: clinical,", "model: clinicla,", "there is no model `clinicla`"),
        ("event: died = 1", "event: dead = 1", "there is no column `dead`"),
        ("of: performance, caption: ROC", "of: perfromance, caption: ROC", "there is no analysis `perfromance`"),
    ];
    let replacements: Vec<(&str, &str)> = mistakes.iter().map(|(from, to, _)| (*from, *to)).collect();
    let folder = study_with(&replacements);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    let spec = folder.read_text("study.yaml");
    for (_, typed, message) in mistakes {
        let typed = typed.lines().next().unwrap();
        let line = spec.lines().position(|line| line.contains(typed)).expect("the line is in the spec") + 1;
        let told = outcome.stderr.split("error[").find(|problem| problem.contains(message));
        let told = told.unwrap_or_else(|| panic!("{message:?} is not told: {}", outcome.stderr));
        assert!(told.contains(&format!("study.yaml:{line}:")), "{message:?} stands in line {line}: {told}");
    }
    let words = format!("{} problems in ", mistakes.len());
    assert!(outcome.stderr.contains(&words), "only these, and no consequences of them: {}", outcome.stderr);
}

/// What refers to a declaration that cannot be read is not wrong for that.
#[test]
fn a_declaration_that_cannot_be_read_is_told_once() {
    for (from, to) in [
        (
            "marker: {label: Marker, unit: U/l, kind: continuous,",
            "marker: {label: Marker, unit: U/l, kind: abracadabra,",
        ),
        ("sick: {kind: binary,", "sick: {kind: abracadabra,"),
        ("clinical: {kind: logistic,", "clinical: {kind: abracadabra,"),
        ("{by: entered, test_from: \"2016-01-01\"}", "later"),
        ("    kind: performance\n", "    kind: abracadabra\n"),
        ("data: {path: patients.csv, id: subject}", "data: patients.csv"),
        ("levels: {I: I, II: II, III: III}", "levels: three"),
    ] {
        let folder = study_with(&[(from, to)]);
        let outcome = vouch(&folder.path, &["check", "."]);
        assert_eq!(outcome.code, 2, "{to}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("1 problem in "), "{to}: {}", outcome.stderr);
    }
}

#[test]
fn a_date_that_is_none_was_found_after_everything_was_computed() {
    for date in ["2024-13-40", "2024-11-31", "yesterday", "2024-2-3"] {
        let text = refused(&[("seed: 11", &format!("seed: 11\ndate: {date}"))], "spec/date", "date:", 2);
        assert!(text.contains(&format!("`{date}` is not a date")) && text.contains("YYYY-MM-DD"), "{text}");
    }
    let folder = study_with(&[("seed: 11", "seed: 11\ndate: 2024-02-29")]);
    assert_eq!(vouch(&folder.path, &["check", "."]).code, 0);
}

/// The study with a column of the table under another name.
fn with_column_renamed(from: &str, to: &str, replacements: &[(&str, &str)]) -> crate::support::program::Folder {
    let folder = study_with(replacements);
    let table = patients();
    let (head, rows) = table.split_once('\n').unwrap();
    let head: Vec<&str> = head.split(',').map(|name| if name == from { to } else { name }).collect();
    folder.write("patients.csv", &format!("{}\n{rows}", head.join(",")));
    folder
}

#[test]
fn the_help_for_a_name_with_a_dot_can_be_pasted() {
    let exclude = "where: months = 1";
    for (name, typed) in
        [("si.te", "si.te = 'north'"), ("order", "order = 'north'"), ("home town", "home town = 'north'")]
    {
        let folder = with_column_renamed("site", name, &[(exclude, &format!("where: {typed}"))]);
        let refused = vouch(&folder.path, &["check", "."]);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        let help = refused.stderr.lines().find_map(|line| line.split_once("stands in double quotes: "));
        let (_, pasted) = help.unwrap_or_else(|| panic!("{name}: {}", refused.stderr));
        let spec = folder.read_text("study.yaml");
        folder.write("study.yaml", &spec.replace(&format!("where: {typed}"), &format!("where: {}", pasted.trim())));
        let checked = vouch(&folder.path, &["check", "."]);
        assert_eq!(checked.code, 0, "{}", checked.stderr);
    }
    // The same of a draft.
    let folder = with_column_renamed("sick", "si.ck", &[]);
    let new = |outcome: &str| vouch(&folder.path, &["new", "patients.csv", "--id", "subject", "--outcome", outcome]);
    let refused = new("si.ck = 1");
    assert!(refused.code == 2 && refused.stderr.contains("'\"si.ck\" = 1'"), "{}", refused.stderr);
    assert_eq!(new("\"si.ck\" = 1").code, 0);
    // The same of the criterion that is offered where an outcome is missing.
    let folder = with_column_renamed("sick", "si.ck", &[("positive: sick = 1", "positive: '\"si.ck\" = 1'")]);
    let mut lines: Vec<String> = folder.read_text("patients.csv").lines().map(str::to_string).collect();
    tenth(&mut lines, 6, "");
    folder.write("patients.csv", &(lines.join("\n") + "\n"));
    let refused = vouch(&folder.path, &["check", "."]);
    let help = refused.stderr.lines().find_map(|line| line.split_once("`cohort: exclude`: "));
    let (_, pasted) = help.unwrap_or_else(|| panic!("{}", refused.stderr));
    let spec = folder.read_text("study.yaml");
    folder.write("study.yaml", &spec.replace("  exclude:\n", &format!("  exclude:\n    - {}\n", pasted.trim())));
    let checked = vouch(&folder.path, &["check", "."]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
}

#[test]
fn a_value_of_the_wrong_kind_is_named_by_its_full_path() {
    let text = refused(&[("threshold: {rule: youden}", "threshold: youden")], "spec/kind", "threshold: youden", 2);
    assert!(text.contains("`statistics/performance/threshold` must be a mapping, found text"), "{text}");
}

#[test]
fn the_criterion_that_leaves_nobody_is_named() {
    let text = refused(&[("where: months = 1", "where: months > 0")], "cohort/empty", "months > 0", 2);
    assert!(text.contains("`early` excludes all 240 that remained"), "{text}");
    let include = "  include:\n    - {id: nowhere, says: Lives nowhere, where: site = 'nowhere'}\n  exclude:\n";
    let text = refused(&[("  exclude:\n", include)], "cohort/empty", "site = 'nowhere'", 2);
    assert!(
        text.contains("`nowhere` includes none of the 240 that remained") && text.contains("there are `north`"),
        "{text}"
    );
}

#[test]
fn a_cast_of_dates_gets_a_hint_and_no_word_of_polars() {
    let folder = study_with(&[("where: months = 1", "where: CAST(visit AS DATE) > DATE '2012-01-01'")]);
    let table = patients().lines().enumerate().fold(String::new(), |table, (row, line)| {
        let visit =
            if row == 0 { "visit".to_string() } else { format!("{:02}/{:02}/2012", 1 + row % 28, 1 + row % 12) };
        table + line + "," + &visit + "\n"
    });
    folder.write("patients.csv", &table);
    let refused = vouch(&folder.path, &["check", "."]);
    assert!(refused.code == 2 && refused.stderr.contains("data/date"), "{}", refused.stderr);
    for words in ["`visit` has texts that are not read as dates", "DATE(visit, '%d/%m/%Y')", "visit_read >= DATE '"] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert!(!refused.stderr.contains("Deprecation"), "{}", refused.stderr);
    // What the hint says is read, and quietly.
    let spec = folder
        .read_text("study.yaml")
        .replace("cohort:\n", "cohort:\n  derive: {visit_read: \"DATE(visit, '%d/%m/%Y')\"}\n");
    folder.write(
        "study.yaml",
        &spec.replace("CAST(visit AS DATE) > DATE '2012-01-01'", "visit_read < DATE '2012-02-01'"),
    );
    let checked = vouch(&folder.path, &["check", "."]);
    assert!(checked.code == 0 && !checked.stderr.contains("Deprecation"), "{}", checked.stderr);
}

#[test]
fn a_level_that_cannot_be_estimated_was_first_told_by_the_run() {
    let grouped = [
        ("  exclude:\n", "  derive: {grp: \"CASE WHEN sick = 0 AND marker > 40 THEN 'b' ELSE 'a' END\"}\n  exclude:\n"),
        ("outcomes:", "  grp: {label: Group, kind: categorical, levels: {a: Usual, b: Odd}}\noutcomes:"),
        ("predictors: [marker, stage, smoker]", "predictors: [marker, grp]"),
        ("  cox: {kind", "  odds: {kind: regression, outcome: sick, partition: training, terms: [grp]}\n  cox: {kind"),
    ];
    let folder = study_with(&grouped);
    let checked = vouch(&folder.path, &["check", "."]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let of_model = "warning: Model `clinical` will have no finite fit: nobody at the level `Odd` of `grp` has `sick`";
    let of_analysis = "warning: The analysis `odds` will have no finite estimate of `grp`: nobody at the level `Odd`";
    assert!(checked.stderr.contains(of_model) && checked.stderr.contains(of_analysis), "{}", checked.stderr);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 6);
    let usual = vouch(&study_with(&[]).path, &["check", "."]);
    assert!(!usual.stderr.contains("no finite"), "{}", usual.stderr);
}

#[test]
fn one_predictor_was_blamed_where_only_two_together_separate() {
    let folder = study_with(&[
        ("  exclude:\n", "  derive: {other: CASE WHEN sick = 1 THEN 5 - marker ELSE -5 - marker END}\n  exclude:\n"),
        ("outcomes:", "  other: {label: Other, kind: continuous}\noutcomes:"),
        ("predictors: [marker, stage, smoker]", "predictors: [marker, other]"),
        (
            "  cox: {kind",
            "  odds: {kind: regression, outcome: sick, partition: training, terms: [marker, other]}\n  cox: {kind",
        ),
    ]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 6, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("the predictors together separate the classes"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("the terms together separate the classes"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("` separates the classes"), "{}", outcome.stderr);
}
