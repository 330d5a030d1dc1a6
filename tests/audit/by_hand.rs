//! Small files whose verdict is worked out in the comment.

use vouch::audit::{Finding, Replay, Verdict, audit, explain, list_rules, parse, replay, skeleton};

fn findings(body: &str) -> Vec<Finding> {
    let text = format!("schema: reported/1\n{body}");
    let reported = parse(&text, "test.yaml").unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    let audit = audit(&reported);
    for finding in &audit.findings {
        // Whatever the solver says about whole numbers, the plain second checker must not refute it.
        assert!(!matches!(replay(finding, &reported), Replay::Refuted(_)), "{finding:#?}");
    }
    audit.findings
}

fn only(body: &str) -> Finding {
    let mut found = findings(body);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn none(body: &str) {
    let found = findings(body);
    assert!(found.is_empty(), "{found:#?}");
}

fn column(cells: &str) -> String {
    format!(
        "t:\n  kind: baseline\n  columns: [{{id: a, n: 16}}]\n  rows:\n    - {{id: v, type: categorical, levels: {{{cells}}}}}\n"
    )
}

#[test]
fn a_percent_of_no_whole_number() {
    // 14/16 = 87.5 %; 14 / 0.775 = 18.06, and 14/18 = 77.8 %.
    let finding = only(&column("x: {a: [14, \"77.5\"]}, y: {a: [2, \"12.5\"]}"));
    assert_eq!((finding.rule, finding.verdict), ("V101", Verdict::Impossible));
    assert_eq!(finding.leaves.len(), 2);
    assert_eq!(finding.hypotheses[0].to.as_deref(), Some("87.5"));
}

#[test]
fn percents_of_those_with_a_value() {
    // 9/14 = 64.3 %, 5/14 = 35.7 %: two of 16 are missing, and not printed.
    none(&column("x: {a: [9, \"64.3\"]}, y: {a: [5, \"35.7\"]}"));
    // 62.5 % of 16 is 10; 12 (62.5) would be of 19.2 subjects.
    assert_eq!(only(&column("x: {a: [12, \"62.5\"]}")).verdict, Verdict::Impossible);
}

#[test]
fn overlapping_levels_are_a_question_and_exclusive_ones_an_answer() {
    none(&column("x: {a: 9}, y: {a: 9}"));
    let stated = column("x: {a: 9}, y: {a: 9}").replace("type: categorical", "type: categorical, overlapping: false");
    assert_eq!(only(&stated).rule, "V102");
}

#[test]
fn wholes_and_parts() {
    let finding = only("cohorts:\n  all: {n: 120, parts: [a, b]}\n  a: 80\n  b: 41\n");
    assert_eq!((finding.rule, finding.verdict), ("V103", Verdict::Impossible));
    none(
        "cohorts:\n  all: {n: 121, parts: [a, b]}\n  a: 80\n  b: 41\nflow: {screened: 150, all: {n: 121, from: screened, excluded: 29}}\n",
    );
}

#[test]
fn the_short_file_of_the_design_passes() {
    none(
        "cohorts: {test: {n: 40}}\ntable2:\n  models:\n    m1: {test: {auc: [\"0.85\", \"0.73\", \"0.97\"], sens: [\"0.84\"], spec: [\"0.71\"], acc: [\"0.78\"], ppv: [\"0.73\"], npv: [\"0.83\"]}}\n",
    );
}

#[test]
fn a_sensitivity_that_the_class_count_excludes() {
    // 11/16 = 0.69, 12/16 = 0.75.
    let finding =
        only("cohorts: {test: {n: 35, positive: 16, negative: 19}}\nt: {models: {m: {test: {sens: \"0.71\"}}}}\n");
    assert_eq!((finding.rule, finding.verdict), ("V201", Verdict::Impossible));
    assert_eq!(finding.leaves.len(), 2, "{finding:#?}");
}

#[test]
fn no_sample_of_any_size() {
    // Accuracy lies between sensitivity and specificity.
    let finding = only("cohorts: {c: {}}\nt: {models: {m: {c: {sens: \"0.91\", spec: \"0.81\", acc: \"0.96\"}}}}\n");
    assert_eq!((finding.rule, finding.verdict, finding.leaves.len()), ("V201", Verdict::Impossible, 3));
}

#[test]
fn rows_of_a_cohort_share_its_class_counts() {
    // n = 10: sensitivity 0.50 and 0.33 allow 2, 4, 6, 8 and 3, 6, 9 (and 0.33 of others by no rounding): 6 serves both,
    // until 0.75 allows 4 and 8 only.
    none("cohorts: {c: 10}\nt: {models: {a: {c: {sens: \"0.500\"}}, b: {c: {sens: \"0.333\"}}}}\n");
    let finding = only(
        "cohorts: {c: 10}\nt: {averaged: no, models: {a: {c: {sens: \"0.750\"}}, b: {c: {sens: \"0.333\", spec: \"0.500\"}}, d: {c: {sens: \"0.667\"}}}}\n",
    );
    assert_eq!((finding.rule, finding.verdict), ("V201", Verdict::Impossible));
}

#[test]
fn labels_exchanged() {
    // 20 with, 30 without: sensitivity 18/20, specificity 21/30, PPV 18/27, NPV 21/23; PPV and NPV exchanged.
    let finding = only(
        "cohorts: {c: {n: 50, positive: 20, negative: 30}}\nt: {models: {m: {c: {sens: \"0.900\", spec: \"0.700\", ppv: \"0.913\", npv: \"0.667\"}}}}\n",
    );
    assert!(finding.hypotheses.iter().any(|h| h.says == "ppv and npv exchanged"), "{finding:#?}");
}

#[test]
fn means_over_folds_have_no_table() {
    none(
        "cohorts: {c: 35}\nt: {averaged: folds, models: {m: {c: {sens: \"0.713\", spec: \"0.111\", acc: \"0.999\"}}}}\n",
    );
    none(
        "cohorts: {cross_validation: 35}\nt: {models: {m: {cross_validation: {sens: \"0.71\", spec: \"0.11\", acc: \"0.99\"}}}}\n",
    );
}

#[test]
fn an_area_below_its_operating_point() {
    // A curve through (0.29, 0.61) has at most 1 - 0.39 * 0.29 = 0.887.
    let finding = only("cohorts: {c: {}}\nt: {models: {m: {c: {auc: \"0.95\", sens: \"0.61\", spec: \"0.71\"}}}}\n");
    assert_eq!((finding.rule, finding.verdict), ("V301", Verdict::Inconsistent));
    // A binary reading: AUC = (sens + spec) / 2.
    none("cohorts: {c: {}}\nt: {models: {m: {c: {auc: \"0.65\", sens: \"0.60\", spec: \"0.70\"}}}}\n");
}

#[test]
fn intervals_far_too_narrow() {
    let found = findings(
        "cohorts: {c: {n: 40, positive: 20, negative: 20}}\nt: {models: {m: {c: {auc: [\"0.80\", \"0.79\", \"0.81\"], sens: [\"0.80\", \"0.78\", \"0.82\"]}}}}\n",
    );
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["V203", "V302"]);
    // Wilson's interval of 16/20.
    none(
        "cohorts: {c: {n: 40, positive: 20, negative: 20}}\nt: {models: {m: {c: {sens: [\"0.80\", \"0.58\", \"0.92\"]}}}}\n",
    );
}

#[test]
fn limits_in_the_wrong_order() {
    let finding = only("t: {kind: regression, terms: [{id: x, hr: \"1.25\", ci: [\"1.60\", \"1.05\"]}]}\n");
    assert_eq!((finding.rule, finding.verdict), ("V202", Verdict::Impossible));
    let finding = only("t: {kind: regression, terms: [{id: x, hr: \"1.25\", ci: [\"1.31\", \"1.60\"]}]}\n");
    assert_eq!((finding.rule, finding.verdict), ("V202", Verdict::Inconsistent));
    // A Wald interval that was not cut at 1 is no finding.
    none("cohorts: {c: 20}\nt: {models: {m: {c: {sens: [\"0.95\", \"0.85\", \"1.05\"]}}}}\n");
}

#[test]
fn the_pieces_of_a_coefficient() {
    // exp(0.64) = 1.896; z = 0.64 / 0.24 = 2.667, Wald 7.11, P 0.0077.
    none(
        "t: {kind: regression, model: cox, terms: [{id: x, beta: \"0.640\", se: \"0.240\", wald: \"7.11\", hr: \"1.896\", p: \"0.008\"}]}\n",
    );
    let wrong = |from: &str, to: &str| {
        let text = "t: {kind: regression, model: cox, terms: [{id: x, beta: \"0.640\", se: \"0.240\", wald: \"7.11\", hr: \"1.896\", p: \"0.008\"}]}\n";
        findings(&text.replace(from, to)).iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(wrong("1.896", "1.986"), ["V501"]);
    assert_eq!(wrong("7.11", "11.7"), ["V501", "V501"]);
    assert_eq!(wrong("\"0.008\"", "\"0.08\""), ["V501"]);
    // Twice the coefficient: a coding of -1 and 1.
    none("t: {kind: regression, terms: [{id: x, beta: \"0.320\", or: \"1.896\"}]}\n");
}

#[test]
fn a_floor_for_the_standard_error() {
    // Logistic, n = 64: at least 4/8 = 0.5. The interval has ln(3.2/1.8)/(2 * 1.96) = 0.147.
    let text = "t: {kind: regression, model: logistic, n: 64, terms: [{id: x, type: binary, or: \"2.40\", ci: [\"1.80\", \"3.20\"]}]}\n";
    assert_eq!(only(text).rule, "V502");
    none(&text.replace("binary", "continuous"));
}

#[test]
fn a_printed_level_of_two_where_some_have_no_value() {
    // 3 of 8 (37.5 %) in a column of 9: one subject's value is missing, so the other level has 5 and not 6. With 3 of 5
    // the tests give P of 0.43 to 1; with 6 in the place of 5, 0.32 to 0.69.
    let text = |cell: &str, p: &str| {
        format!(
            "t:\n  kind: baseline\n  columns: [{{id: a, n: 9}}, {{id: b, n: 5}}]\n  stated_tests: {{categorical: chi_squared}}\n  rows:\n    - {{id: v, type: categorical, levels: {{x: {{a: {cell}, b: [3, \"60.0\"]}}}}, p: \"{p}\"}}\n"
        )
    };
    none(&text("[3, \"37.5\"]", "0.83"));
    // Without a percent nothing says that nobody is missing.
    none(&text("3", "0.83"));
    // 3 of 9 is 33.3 %, and of no smaller column.
    assert_eq!(only(&text("[3, \"33.3\"]", "0.01")).rule, "V601");
}

#[test]
fn p_values_of_counts() {
    // 52/113 against 16/35: Pearson 0.975, Yates 1, Fisher 1.
    let text = "c:\n  kind: counts\n  stated_test: chi_squared\n  a: {count: 52, of: 113, percent: \"46.0\"}\n  b: {count: 16, of: 35, percent: \"45.7\"}\n  p: \"0.690\"\n";
    assert_eq!(only(text).rule, "V601");
    none(&text.replace("0.690", "0.975"));
    // With no test stated it is a question, not a finding.
    none(&text.replace("  stated_test: chi_squared\n", ""));
}

#[test]
fn a_whole_between_its_groups() {
    let text = "t:\n  kind: baseline\n  columns: [{id: a, n: 30}, {id: b, n: 20}, {id: all, n: 50, sum_of: [a, b]}]\n  rows:\n    - {id: age, type: mean_sd, cells: {a: [\"58.7\", \"9.1\"], b: [\"59.7\", \"9.2\"], all: [\"59.1\", \"9.1\"]}}\n";
    none(text);
    assert_eq!(only(&text.replace("59.1", "61.1")).verdict, Verdict::Impossible);
    assert_eq!(only(&text.replace("all: [\"59.1\", \"9.1\"]", "all: [\"59.1\", \"9.9\"]")).rule, "V603");
}

#[test]
fn survival_does_not_rise() {
    none("s: {kind: survival, times: [1, 2, 3], groups: {low: {rates: [\"78.5\", \"47.7\", \"42.8\"]}}}\n");
    assert_eq!(
        only("s: {kind: survival, times: [1, 2, 3], groups: {low: {rates: [\"78.5\", \"42.8\", \"47.7\"]}}}\n").rule,
        "V701"
    );
}

#[test]
fn dates_divide_within_the_enrolment() {
    none(
        "dates: [{id: enrolment, span: \"2016-08/2020-10\"}, {id: split, cut_off: \"2020-01-01\"}, {id: split, cohort: a, before: \"2019-12-31\"}]\n",
    );
    assert_eq!(
        only("dates: [{id: enrolment, span: \"2016-08/2020-10\"}, {id: split, cut_off: \"2021-01-01\"}]\n").rule,
        "V902"
    );
}

#[test]
fn what_is_said_against_what_is_printed() {
    let text = "cohorts: {c: {}}\nt: {models: {a: {c: {auc: \"0.92\"}}, b: {c: {auc: \"0.87\"}}}}\nd: {kind: comparison, metric: auc, reference: a, p: {c: {b: \"0.226\"}}}\nclaims:\n  - {id: x, kind: KIND, metric: auc, models: [a], than: [b], cohort: c}\n";
    none(&text.replace("KIND", "greater"));
    assert_eq!(only(&text.replace("KIND", "lower")).rule, "V901");
    assert_eq!(only(&text.replace("KIND", "significantly_better")).rule, "V901");
}

#[test]
fn problems_of_a_file_come_all_at_once_with_a_fix() {
    let problems = parse(
        "schema: reported/1\ncohorts: {test: {n: 35, positiv: 16}}\nt: {models: {m: {tset: {auc: 0.90, sensitivty: \"0.8\"}}}}\nclaim: [{kind: greater}]\n",
        "x",
    )
    .expect_err("four problems");
    let all: Vec<String> = problems.iter().map(|p| format!("{} {:?}", p.message, p.help)).collect();
    for (what, fix) in [
        ("positiv", "`positive`"),
        ("tset", "`test`"),
        ("0.90", "\\\"0.90\\\""),
        ("sensitivty", "`sensitivity`"),
        ("claim", "`claims`"),
    ] {
        assert!(all.iter().any(|line| line.contains(what) && line.contains(fix)), "{what} {fix}: {all:#?}");
    }
    assert!(problems.iter().all(|problem| problem.line > 0 && problem.column > 0));
}

#[test]
fn a_malformed_number_is_unreadable_and_accuses_nobody() {
    none(
        "cohorts: {test: {n: 35, positive: 16, negative: 19}}\nt: {models: {m: {test: {sens: \"0.7.1\", spec: \"NA\"}}}}\n",
    );
}

#[test]
fn the_skeleton_reads_and_holds() {
    let reported = parse(&skeleton(), "new.yaml").unwrap_or_else(|problems| panic!("{problems:#?}"));
    let audit = audit(&reported);
    assert!(audit.findings.is_empty(), "{:#?}", audit.findings);
}

#[test]
fn every_rule_explains_itself() {
    for rule in list_rules() {
        let text = explain(rule.code).expect("listed");
        assert!(text.contains(rule.name) && text.len() > 300, "{text}");
        for part in [rule.checks, rule.why, rule.example, rule.silent] {
            assert!(part.len() > 8, "{}", rule.code);
        }
    }
    assert_eq!(explain("V999"), None);
}

#[test]
fn what_correct_papers_do() {
    // A row that counts lesions: 75 in 61 patients, 40 in 30.
    none(
        "t:\n  kind: baseline\n  columns: [{id: a, n: 61}, {id: b, n: 30}]\n  rows:\n    - {id: side, type: categorical, levels: {left: {a: [40, \"53.3\"], b: [22, \"55.0\"]}, right: {a: [35, \"46.7\"], b: [18, \"45.0\"]}}}\n",
    );
    // Percents of the row: 10/30 and 20/30.
    none(
        "t:\n  kind: baseline\n  columns: [{id: a, n: 61}, {id: b, n: 52}]\n  rows:\n    - {id: x, type: categorical, levels: {yes: {a: [10, \"33.3\"], b: [20, \"66.7\"]}, no: {a: [51, \"61.4\"], b: [32, \"38.6\"]}}}\n",
    );
    // A classification report: macro means of precision, recall and F1.
    none(
        "cohorts: {c: 100}\nt: {models: {m: {c: {acc: \"0.90\", precision: \"0.72\", recall: \"0.95\", f1: \"0.78\"}}}}\n",
    );
    // Overlapping reasons for exclusion; five outcomes unknown.
    none("flow: {screened: 100, kept: {n: 80, from: screened, excluded: {a: 15, b: 10}}}\n");
    none(
        "cohorts: {c: {n: 100, positive: 40, negative: 55}}\nt: {models: {m: {c: {sens: \"0.75\", acc: \"0.80\"}}}}\n",
    );
    // The interval of the coefficient beside the ratio.
    none(
        "t: {kind: regression, terms: [{id: x, beta: \"0.182\", hr: \"1.20\", ci: [\"0.06\", \"0.30\"], p: \"0.003\"}]}\n",
    );
    // Shares typed as proportions.
    none(&column("x: {a: [8, \"0.50\"]}, y: {a: [8, \"0.50\"]}"));
    // A P-value of a level that is not printed, and one of another test.
    none(
        "t:\n  kind: baseline\n  columns: [{id: a, n: 61}, {id: b, n: 52}]\n  stated_tests: {categorical: chi_squared}\n  rows:\n    - {id: x, type: categorical, levels: {yes: {a: 10, b: 20}, no: {a: 40, b: 30}}, p: \"0.900\"}\n    - {id: y, type: categorical, test: mcnemar, levels: {yes: {a: 10, b: 20}, no: {a: 51, b: 32}}, p: \"0.900\"}\n",
    );
}

#[test]
fn a_percent_of_zero_that_is_rounded_up_is_of_nobody() {
    // 8 of any number is more than 0 %, which rounds up to 0.1 at least.
    let finding = only(
        "assume: {rounding: ceiling}\nt:\n  kind: baseline\n  columns: [{id: a, n: 16}]\n  rows:\n    - {id: v, type: categorical, levels: {x: {a: [8, \"0.0\"]}, y: {a: [8, \"50.0\"]}}}\n",
    );
    assert_eq!((finding.rule, finding.verdict), ("V101", Verdict::Impossible));
}

#[test]
fn several_numbers_in_one_text_are_refused_with_the_list_to_write() {
    let file = r#"
schema: reported/1
cohorts: {test: {n: 40}}
table_2:
  kind: performance
  models: {m: {test: {auc: "0.85 (0.73-0.97)", acc: "0.78 ± 0.05"}}}
survival:
  times: [1]
  groups: {low: {n: 80, rates: ["92.5% (85-97)"]}}
"#;
    let problems = parse(file, "typed.yaml").expect_err("three texts that hold several numbers");
    let helps: Vec<&str> = problems.iter().filter_map(|problem| problem.help.as_deref()).collect();
    assert!(helps.contains(&r#"write ["0.85", "0.73", "0.97"]"#), "{helps:?}");
    assert!(helps.contains(&r#"write ["92.5%", "85", "97"]"#), "{helps:?}");
    assert_eq!(problems.len(), 3, "{problems:?}");
}
