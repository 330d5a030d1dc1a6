//! Honest P-values, percents and intervals of kinds that a file does not name: they are asked about, and a misprint among
//! others is still found.

use vouch::audit::{audit, parse};

fn findings(file: &str) -> Vec<String> {
    let reported = parse(file, "typed.yaml").unwrap_or_else(|problems| panic!("{problems:#?}"));
    audit(&reported).findings.into_iter().map(|finding| finding.id).collect()
}

/// Five markers; P by Bonferroni for all of them, the intervals as they are.
const SCREEN: &str = r#"
schema: reported/1
t:
  kind: regression
  model: logistic
  terms:
    - {id: m1, or: "1.75", ci: ["0.90", "3.39"], p: "0.490"}
    - {id: m2, or: "0.49", ci: ["0.25", "0.98"], p: "0.220"}
    - {id: m3, or: "2.10", ci: ["1.30", "3.39"], p: "0.012"}
    - {id: m4, or: "0.64", ci: ["0.32", "1.29"], p: "1.000"}
    - {id: m5, or: "2.60", ci: ["1.40", "4.83"], p: "0.012"}
"#;

#[test]
fn p_values_that_were_corrected_stand_beside_intervals_that_were_not() {
    assert_eq!(findings(SCREEN), Vec::<String>::new());
    // A P-value that is smaller than its interval gives is of no correction.
    let smaller = SCREEN.replace(r#"["0.90", "3.39"], p: "0.490""#, r#"["0.90", "3.39"], p: "0.0001""#);
    assert!(findings(&smaller).contains(&"V501:t/m1/interval".to_string()), "{:?}", findings(&smaller));
}

const MEANS: &str = r#"
schema: reported/1
t:
  kind: baseline
  columns: [{id: a, n: 60}, {id: b, n: 60}]
  stated_tests: {continuous: t_test, categorical: chi_squared}
  rows:
    - {id: score, type: mean_sd, cells: {a: ["50.1", "9.8"], b: ["58.3", "10.4"]}, p: "0.45"}
"#;

#[test]
fn one_large_p_value_is_found_and_two_are_asked_about() {
    assert_eq!(findings(MEANS), ["V602:t/score/"]);
    let two = MEANS.to_string()
        + "    - {id: other, type: mean_sd, cells: {a: [\"20.1\", \"4.8\"], b: [\"23.3\", \"5.4\"]}, p: \"0.012\"}\n";
    assert_eq!(findings(&two), ["V602:t/score/"], "0.45 is more than twenty times what its means give");
    let corrected = two.replace(r#"p: "0.45""#, r#"p: "0.0004""#);
    assert_eq!(findings(&corrected), Vec::<String>::new());
}

#[test]
fn a_sample_before_and_after_may_have_a_paired_test() {
    let paired = r#"
schema: reported/1
t:
  kind: baseline
  columns: [{id: before, n: 40}, {id: after, n: 40}]
  stated_tests: {continuous: t_test}
  rows: [{id: score, type: mean_sd, cells: {before: ["50.1", "9.8"], after: ["52.3", "10.4"]}, p: "0.011"}]
"#;
    assert_eq!(findings(paired), Vec::<String>::new());
    let apart = paired.replace("before", "men").replace("after", "women");
    assert_eq!(findings(&apart), ["V602:t/score/"]);
}

#[test]
fn weighted_percents_have_no_denominator_and_their_p_value_is_of_weights() {
    let survey = r#"
schema: reported/1
t:
  kind: baseline
  columns: [{id: no, n: 1040}, {id: yes, n: 460}]
  stated_tests: {categorical: chi_squared}
  rows:
    - {id: sex, type: categorical, levels: {male: {no: [505, "49.9"], yes: [238, "47.1"]}, female: {no: [535, "50.1"], yes: [222, "52.9"]}}, p: "0.42"}
"#;
    assert!(!findings(survey).iter().any(|id| id.starts_with("V601")), "{:?}", findings(survey));
    let plain = survey.replace("49.9", "48.6").replace("47.1", "51.7").replace("50.1", "51.4").replace("52.9", "48.3");
    assert_eq!(findings(&plain), ["V601:t/sex/"]);
}

#[test]
fn a_conditional_model_counts_matched_sets() {
    let matched = r#"
schema: reported/1
t:
  kind: regression
  model: logistic
  n: 100
  strata: matched set
  terms: [{id: x, type: binary, or: "4.64", ci: ["2.59", "8.30"], p: "<0.001"}]
"#;
    assert_eq!(findings(matched), Vec::<String>::new());
    // An interval that is too narrow for its subjects, with a P-value that is not its own.
    let plain = matched.replace("  strata: matched set\n", "").replace("\"<0.001\"", "\"0.20\"");
    assert!(findings(&plain).contains(&"V502:t/x".to_string()), "{:?}", findings(&plain));
}

/// A 0/1 covariate per standard deviation, errors for clusters, and an interval of 90 percent: each has its own P-value.
#[test]
fn a_narrow_interval_with_its_own_p_value_may_be_of_another_kind() {
    let term = |n: u32, or: &str, ci: &str, p: &str| {
        format!(
            "schema: reported/1\nt:\n  kind: regression\n  model: logistic\n  n: {n}\n  terms: [{{id: x, type: binary, or: \"{or}\", \
             ci: [{ci}], p: \"{p}\"}}]\n"
        )
    };
    for (n, or, ci, p) in [
        (400, "1.62", "\"1.32\", \"1.99\"", "<0.001"),
        (300, "2.11", "\"1.46\", \"3.05\"", "<0.001"),
        (200, "1.96", "\"1.21\", \"3.18\"", "0.022"),
    ] {
        assert_eq!(findings(&term(n, or, ci, p)), Vec::<String>::new());
        let other = findings(&term(n, or, ci, "0.60"));
        assert!(other.contains(&"V502:t/x".to_string()), "{other:?}");
    }
    // Less than half as wide as it must be: of no standard deviation.
    let narrow = findings(&term(100, "1.62", "\"1.32\", \"1.99\"", "<0.001"));
    assert_eq!(narrow, ["V502:t/x"]);
}

/// The columns of another comparison are no base of this one's percents: the P-value is judged as ever.
#[test]
fn percents_of_other_columns_are_no_sign_of_weights() {
    let file = |p: &str| {
        format!(
            "schema: reported/1\nt:\n  kind: baseline\n  columns: [{{id: a, n: 61}}, {{id: b, n: 52}}, {{id: c, n: 19}}, {{id: d, n: 16}}]\n  \
             p_columns: {{one: [a, b], two: [c, d]}}\n  stated_tests: {{categorical: chi_squared}}\n  rows:\n    - {{id: married, type: \
             categorical, levels: {{no: {{a: [12, \"19.7\"], b: [8, \"15.4\"], c: [4, \"21.1\"], d: [2, \"12.5\"]}}, yes: {{a: [49, \
             \"80.3\"], b: [44, \"84.6\"], c: [15, \"78.9\"], d: [14, \"87.5\"]}}}}, p: {{one: \"{p}\"}}}}\n"
        )
    };
    assert_eq!(findings(&file("0.552")), Vec::<String>::new());
    let reported = parse(&file("0.552"), "typed.yaml").unwrap();
    assert!(audit(&reported).records.iter().any(|record| record.rule == "V601" && record.says.starts_with("Pearson")));
    assert_eq!(findings(&file("0.020")), ["V601:t/married/one"]);
}
