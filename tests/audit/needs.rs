//! What published papers print, need by need: that it can be typed in, that the rules honour it, that a correct paper is
//! not accused of it, and, where it can be wrong, that it is noticed. The numbers are those of the table in docs/audit.md.

use vouch::audit::{Audit, Replay, Verdict, audit, parse, replay};

pub fn read(body: &str) -> Audit {
    let text = format!("schema: reported/1\n{body}");
    let reported = parse(&text, "test.yaml").unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    let audit = audit(&reported);
    for finding in &audit.findings {
        let again = replay(finding, &reported);
        assert!(!matches!(again, Replay::Refuted(_)), "{again:?}\n{finding:#?}");
        assert!(
            matches!(again, Replay::Confirmed(_)) || finding.message.contains("any size"),
            "{again:?}\n{finding:#?}"
        );
    }
    audit
}

pub fn none(body: &str) {
    let audit = read(body);
    assert!(audit.findings.is_empty(), "{:#?}", audit.findings);
}

pub fn only(body: &str, rule: &str, verdict: Verdict) {
    let audit = read(body);
    let found: Vec<(&str, Verdict)> = audit.findings.iter().map(|finding| (finding.rule, finding.verdict)).collect();
    assert_eq!(found, [(rule, verdict)], "{:#?}", audit.findings);
}

pub fn passes(body: &str, rule: &str) {
    none(body);
    let audit = read(body);
    let passed = audit.records.iter().any(|record| record.rule == rule && record.verdict == Verdict::Pass);
    assert!(passed, "{rule}: {:#?}", audit.records);
}

fn table(columns: &str, rows: &str) -> String {
    format!("t:\n  kind: baseline\n  columns: [{columns}]\n  rows:\n{rows}")
}

const TWO: &str = "{id: a, n: 40}, {id: b, n: 60}";

#[test]
fn need_1_bases_of_percents() {
    // Of the row: 10 + 20; of the table: 100; of those with stage late.
    none(&table(
        TWO,
        "    - {id: x, type: categorical, percent_of: row, levels: {yes: {a: [10, \"33.3\"], b: [20, \"66.7\"]}}}\n",
    ));
    none(&table(
        TWO,
        "    - {id: x, type: categorical, percent_of: table, levels: {yes: {a: [10, \"10.0\"], b: [20, \"20.0\"]}}}\n",
    ));
    let level = |percent: &str| {
        table(
            TWO,
            &format!(
                "    - {{id: stage, type: categorical, levels: {{early: {{a: 30, b: 45}}, late: {{a: 10, b: 15}}}}}}\n    - {{id: spread, type: categorical, percent_of: {{row: stage, level: late}}, levels: {{yes: {{a: [4, \"{percent}\"], b: [6, \"40.0\"]}}}}}}\n"
            ),
        )
    };
    none(&level("40.0"));
    // 4 of 10 or fewer: 4/9 is 44.4, 4/10 is 40.
    only(&level("41.5"), "V101", Verdict::Impossible);
    // For the whole table, and for a block.
    none(&format!(
        "t:\n  kind: baseline\n  percent_of: row\n  columns: [{TWO}]\n  rows:\n    - {{id: x, type: categorical, levels: {{yes: {{a: [10, \"33.3\"], b: [20, \"66.7\"]}}}}}}\n"
    ));
    none(&format!(
        "t:\n  kind: baseline\n  columns: [{TWO}]\n  blocks: {{lab: {{percent_of: row}}}}\n  rows:\n    - {{id: x, type: categorical, section: lab, levels: {{yes: {{a: [10, \"33.3\"], b: [20, \"66.7\"]}}}}}}\n"
    ));
}

#[test]
fn needs_2_and_6_numbers_of_subjects_by_row_and_block() {
    // 9/14 and 5/14 of a column of 40, printed and not printed.
    for n in ["", "n: {a: 14, b: 60}, "] {
        none(&table(
            TWO,
            &format!(
                "    - {{id: x, type: categorical, {n}levels: {{y: {{a: [9, \"64.3\"], b: [15, \"25.0\"]}}, z: {{a: [5, \"35.7\"], b: [45, \"75.0\"]}}}}}}\n"
            ),
        ));
    }
    // The row's own n decides: 9 is no 64.3 % of 13 or fewer.
    only(
        &table(TWO, "    - {id: x, type: categorical, n: {a: 13}, levels: {y: {a: [9, \"64.3\"]}}}\n"),
        "V101",
        Verdict::Impossible,
    );
    let block = |n: i32| {
        format!(
            "t:\n  kind: baseline\n  columns: [{TWO}]\n  blocks: {{lab: {{n: {{a: {n}}}}}}}\n  rows:\n    - {{id: x, type: categorical, section: lab, levels: {{y: {{a: [9, \"64.3\"]}}}}}}\n"
        )
    };
    none(&block(14));
    only(&block(13), "V101", Verdict::Impossible);
}

#[test]
fn need_3_cells_of_every_form() {
    none(&table(
        TWO,
        "    - {id: x, type: categorical, levels: {y: {a: \"10/40 (25.0%)\", b: \"15 (25.0)\"}, z: {a: \"75.0%\", b: 45}}}\n",
    ));
    // Percents only, of 16: 12.5 and 87.5 are 2 and 14; 77.5 is none of 16 or fewer.
    // The other row, 6, 5 and 5, shows that these are counts.
    let one = |percent: &str| {
        table(
            "{id: a, n: 16}",
            &format!(
                "    - {{id: x, type: categorical, levels: {{y: {{a: {{percent: \"12.5\"}}}}, z: {{a: {{percent: \"{percent}\"}}}}}}}}\n    - {{id: w, type: categorical, levels: {{t: {{a: \"37.5%\"}}, u: {{a: \"31.3%\"}}, v: {{a: \"31.3%\"}}}}}}\n"
            ),
        )
    };
    passes(&one("87.5"), "V104");
    only(&one("77.5"), "V104", Verdict::Impossible);
    // In a sentence: 77.5 % of 16.
    only("c: {kind: counts, x: {of: 16, percent: \"77.5\"}}\n", "V104", Verdict::Impossible);
    none("c: {kind: counts, x: {of: 16, percent: \"81.3\"}}\n");
}

#[test]
fn a_number_of_subjects_is_found_from_its_percents() {
    // 7/17, 10/17 and 3/17: 17 subjects, or 34, or 51.
    let audit = read(&table(
        "{id: a}",
        "    - {id: x, type: categorical, levels: {y: {a: \"41.2%\"}, z: {a: \"58.8%\"}}}\n    - {id: w, type: categorical, levels: {y: {a: \"17.6%\"}, z: {a: \"82.4%\"}}}\n",
    ));
    let says: Vec<&str> = audit.records.iter().filter(|r| r.rule == "V104").map(|r| r.says.as_str()).collect();
    assert!(says.iter().any(|line| line.contains("17, 34")), "{says:?}");
}

#[test]
fn need_4_unknown_as_a_level() {
    // 10 and 20 of 30 with a value, 5 of 35 without.
    for unknown in ["unknown", "not reported", "missing"] {
        none(&table(
            "{id: a, n: 35}",
            &format!(
                "    - {{id: x, type: categorical, levels: {{y: {{a: [10, \"33.3\"]}}, z: {{a: [20, \"66.7\"]}}, {unknown}: {{a: [5, \"14.3\"]}}}}}}\n"
            ),
        ));
    }
    none(&table(
        "{id: a, n: 35}",
        "    - {id: x, type: categorical, missing_levels: [u], levels: {y: {a: [10, \"33.3\"]}, z: {a: [20, \"66.7\"]}, u: {a: [5, \"14.3\"]}}}\n",
    ));
    // A name that does not say so: a question.
    none(&table(
        "{id: a, n: 35}",
        "    - {id: x, type: categorical, levels: {y: {a: [10, \"33.3\"]}, z: {a: [20, \"66.7\"]}, other: {a: [5, \"14.3\"]}}}\n",
    ));
}

#[test]
fn need_5_several_answers() {
    none(&table(
        TWO,
        "    - {id: x, type: categorical, overlapping: true, levels: {y: {a: [30, \"75.0\"]}, z: {a: [20, \"50.0\"]}}}\n",
    ));
}

#[test]
fn need_7_parts_in_several_ways() {
    let cohorts = |women: i32| {
        format!(
            "cohorts:\n  all: {{n: 100, parts: [[train, test], [women, men]]}}\n  train: 70\n  test: 30\n  women: {women}\n  men: 55\n"
        )
    };
    none(&cohorts(45));
    only(&cohorts(46), "V103", Verdict::Impossible);
}

#[test]
fn need_8_units_of_analysis() {
    let rows = |sens: &str| {
        format!(
            "cohorts:\n  test: {{n: 40, positive: 16, negative: 24, units: {{lesion: {{n: 90, positive: 50, negative: 40}}}}}}\nt:\n  models:\n    m: {{test: {{sens: \"0.75\"}}}}\nlesions:\n  kind: performance\n  unit: lesion\n  models:\n    m: {{test: {{sens: \"{sens}\"}}}}\n"
        )
    };
    // 0.713 is no share of 50 (35/50 = 0.70, 36/50 = 0.72); 0.74 is 37/50, and no share of 16.
    none(&rows("0.74"));
    only(&rows("0.713"), "V201", Verdict::Impossible);
    // Rows that count lesions, without their number: no accusation.
    none(&table(
        TWO,
        "    - {id: x, type: categorical, unit: lesion, levels: {y: {a: [41, \"53.2\"], b: [70, \"50.7\"]}}}\n",
    ));
}

#[test]
fn need_9_no_cohort_size() {
    none("cohorts: {c: {}}\nt: {models: {m: {c: {sens: \"0.91\", spec: \"0.81\", acc: \"0.86\"}}}}\n");
    // Predictive values and prevalence of two rows of one cohort that no cohort of any size has.
    let audit = read("cohorts: {c: {}}\nt: {models: {m: {c: {sens: \"0.91\", spec: \"0.81\", acc: \"0.96\"}}}}\n");
    assert_eq!(audit.findings[0].rule, "V201");
}

#[test]
fn needs_10_and_11_columns() {
    let text = |p: &str| {
        format!(
            "t:\n  kind: baseline\n  columns: [{{id: a, n: 40}}, {{id: b, n: 60}}, {{id: c, n: 50}}, {{id: all, n: 100, sum_of: [a, b]}}]\n  p_columns: {{ab: {{columns: [a, b], test: chi_squared}}, bc: {{columns: [b, c], test: fisher}}}}\n  rows:\n    - {{id: x, type: categorical, levels: {{y: {{a: 10, b: 30, c: 25, all: 40}}, z: {{a: 30, b: 30, c: 25, all: 60}}}}, p: {{ab: \"{p}\", bc: \"1.000\"}}}}\n"
        )
    };
    // 10/40 against 30/60: Pearson 6.25, P 0.0124; 30/60 against 25/50 are equal.
    none(&text("0.012"));
    only(&text("0.212"), "V601", Verdict::Inconsistent);
    only(&text("0.012").replace("all: 40", "all: 41"), "V102", Verdict::Impossible);
}

#[test]
fn need_12_p_values_beside_levels() {
    // One level against the rest: 10/40 against 30/60.
    passes(
        &table(
            TWO,
            "    - {id: x, type: categorical, levels: {y: {a: 10, b: 30}, z: {a: 20, b: 20}, w: {a: 10, b: 10}}, level_p: {y: \"0.012\"}}\n",
        ),
        "V601",
    );
    none(&table(
        TWO,
        "    - {id: x, type: categorical, reference: w, levels: {y: {a: 10, b: 30}, z: {a: 20, b: 20}, w: {a: 10, b: 10}}, level_p: {y: \"0.500\", z: \"1.00\"}}\n",
    ));
}

#[test]
fn need_13_cross_tables() {
    let text = |kappa: &str, p: &str| {
        format!(
            "x:\n  kind: cross_table\n  same_levels: true\n  test: mcnemar\n  columns: [neg, pos]\n  rows: {{neg: {{cells: [40, 8], total: 48}}, pos: [3, 32]}}\n  column_totals: [43, 40]\n  n: 83\n  agreement: \"86.7\"\n  kappa: \"{kappa}\"\n  p: \"{p}\"\n"
        )
    };
    // Observed 72/83, expected (48 * 43 + 35 * 40) / 83^2 = 0.5028: kappa 0.733. McNemar of 8 and 3: exact 0.227.
    passes(&text("0.733", "0.227"), "V108");
    only(&text("0.833", "0.227"), "V108", Verdict::Inconsistent);
    only(&text("0.733", "0.002"), "V108", Verdict::Inconsistent);
    only(&text("0.733", "0.227").replace("total: 48", "total: 47"), "V108", Verdict::Impossible);
    // A level that is not printed.
    none(&text("0.733", "0.227").replace("n: 83", "n: 90"));
}

#[test]
fn need_14_paired_cells() {
    let text = |discordant: i32, p: &str| {
        format!(
            "x:\n  kind: paired\n  test: mcnemar\n  with_aid: {{n: 80, both: 30, only_first: 8, only_second: 3, neither: 39, discordant: {discordant}, first: 38, p: \"{p}\"}}\n"
        )
    };
    passes(&text(11, "0.13"), "V109");
    only(&text(12, "0.13"), "V109", Verdict::Impossible);
    only(&text(11, "0.013"), "V109", Verdict::Inconsistent);
}

#[test]
fn need_15_summaries_in_rows_of_their_own() {
    let rows = |median: &str, sd: &str| {
        table(
            "{id: a, n: 40}",
            &format!(
                "    - {{id: age_mean, variable: age, type: mean, cells: {{a: \"61.2\"}}}}\n    - {{id: age_sd, variable: age, type: sd, cells: {{a: \"{sd}\"}}}}\n    - {{id: age_median, variable: age, type: median, cells: {{a: \"{median}\"}}}}\n    - {{id: age_min, variable: age, type: minimum, cells: {{a: \"33\"}}}}\n    - {{id: age_max, variable: age, type: maximum, cells: {{a: \"84\"}}}}\n    - {{id: age_width, variable: age, type: range_width, cells: {{a: \"51\"}}}}\n"
            ),
        )
    };
    passes(&rows("62", "9.8"), "V604");
    // The median lies 17 above the mean, with an SD of 9.8.
    only(&rows("79", "9.8"), "V604", Verdict::Inconsistent);
    // No numbers between 33 and 84 with mean 61.2 have an SD above sqrt(2 * 28.2 * 22.8) = 35.9.
    only(&rows("62", "41.0"), "V604", Verdict::Inconsistent);
    none(&table(
        "{id: a, n: 40}",
        "    - {id: age, type: summary, cells: {a: {mean: \"61.2\", sd: \"9.8\", median: \"62\", minimum: \"33\", maximum: \"84\", first_quartile: \"55\", third_quartile: \"69\", iqr_width: \"14\"}}}\n",
    ));
    only(
        &table("{id: a, n: 40}", "    - {id: age, type: median_iqr, cells: {a: [\"12\", \"15\", \"40\"]}}\n"),
        "V604",
        Verdict::Impossible,
    );
    // A single case has no SD.
    none(&table("{id: a, n: 1}", "    - {id: age, type: mean_sd, cells: {a: [\"61.2\"]}}\n"));
}

#[test]
fn need_16_means_with_their_own_n() {
    // 58.7 (11.1) of 50 against 70.1 (9.9) of 40: t is about 5.1.
    let text = |p: &str| {
        format!(
            "t:\n  kind: baseline\n  columns: [{TWO}]\n  stated_tests: {{continuous: t_test}}\n  rows:\n    - {{id: x, type: mean_sd, cells: {{a: [\"58.7\", \"11.1\", 38], b: [\"70.1\", \"9.9\", 52]}}, p: \"{p}\"}}\n    - {{id: s, type: slope_se, cells: {{a: [\"-1.2\", \"0.4\"], b: [\"-0.3\", \"0.5\"]}}, p: \"0.16\"}}\n"
        )
    };
    none(&text("<0.001"));
    only(&text("0.62"), "V602", Verdict::Inconsistent);
}

#[test]
fn need_17_a_header_against_its_rows() {
    let rows = "    - {id: x, type: categorical, levels: {y: {a: 10, b: 30}, z: {a: 32, b: 30}}}\n    - {id: w, type: categorical, levels: {y: {a: 12, b: 20}, z: {a: 30, b: 40}}}\n    - {id: v, type: categorical, levels: {y: {a: 22, b: 35}, z: {a: 20, b: 25}}}\n";
    only(&table("{id: a, n: 40}, {id: b, n: 60}", rows), "V102", Verdict::Implausible);
    none(&table("{id: a, n: 42}, {id: b, n: 60}", rows));
}

#[test]
fn need_18_stated_tests() {
    let p = |test: &str, p: &str| {
        table(
            TWO,
            &format!(
                "    - {{id: x, type: categorical, test: {test}, levels: {{y: {{a: 10, b: 30}}, z: {{a: 30, b: 30}}}}, p: \"{p}\"}}\n"
            ),
        )
    };
    // With n - 1 chi-squared is 6.1875, P 0.0129; Yates 5.25, P 0.0219.
    for (test, value) in [
        ("chi_squared", "0.0129"),
        ("yates", "0.022"),
        ("[chi_squared, fisher]", "0.013"),
        ("likelihood_ratio", "0.011"),
    ] {
        none(&p(test, value));
    }
    only(&p("[chi_squared, fisher]", "0.5"), "V601", Verdict::Inconsistent);
    for test in ["breslow_day", "log_rank", "mcnemar", "not_stated", "[chi_squared, permutation]"] {
        none(&p(test, "0.5"));
    }
    none(
        "cohorts: {c: {n: 40, positive: 16, negative: 24}}\nt: {models: {m: {c: {auc: {value: \"0.71\", p: \"0.02\"}}}}}\n",
    );
}

#[test]
fn need_19_typography_of_p() {
    for p in ["<.001", "<001", "5 * 10-5", ".007", "NS", "N/A", "P = 0.03", "2.3×10⁻⁵", "0.012*", "> .99"] {
        none(&format!("d: {{kind: comparison, metric: auc, pairs: [{{first: a, second: b, p: \"{p}\"}}]}}\n"));
    }
}

#[test]
fn need_20_comparison_lists() {
    let list = |difference: &str, p: &str| {
        format!(
            "cohorts: {{c: {{n: 80}}, d: {{n: 70}}}}\nt: {{models: {{a: {{c: {{auc: \"0.84\"}}, d: {{auc: \"0.80\"}}}}, b: {{c: {{auc: \"0.79\"}}}}}}}}\nd:\n  kind: comparison\n  metric: auc\n  pairs:\n    - {{first: a, second: b, cohort: c, test: delong, difference: \"{difference}\", ci: [\"0.01\", \"0.09\"], p: \"{p}\"}}\n    - {{first: a, cohort: c, second_cohort: d, difference: \"0.04\", p: \"0.50\"}}\n"
        )
    };
    // SE 0.0204, z 2.45, P 0.014.
    passes(&list("0.05", "0.014"), "V402");
    let audit = read(&list("0.09", "0.014"));
    assert!(audit.findings.iter().any(|f| f.rule == "V402" && f.id.ends_with("/table")), "{:#?}", audit.findings);
    only(&list("0.05", "0.60"), "V402", Verdict::Inconsistent);
}

#[test]
fn need_21_counts_in_metric_columns() {
    let row = |tp: i32| {
        format!(
            "cohorts: {{c: {{n: 60, positive: 20, negative: 40}}}}\nt: {{models: {{m: {{c: {{sens: {{value: \"0.85\", count: {tp}}}, recall_rate: {{value: \"0.45\", count: 27}}, missed: 3, ppv: {{value: \"0.63\", count: 17, of: 27}}}}}}}}}}\n"
        )
    };
    passes(&row(17), "V201");
    only(&row(16), "V201", Verdict::Impossible);
    none("cohorts: {c: {}}\nt: {models: {m: {c: {tp: 17, fn: 3, fp: 10, tn: 30, acc: \"0.78\", kappa: \"0.55\"}}}}\n");
}

#[test]
fn need_22_more_metrics() {
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {sens: \"0.85\", spec: \"0.75\", dor: \"17.0\", lr_positive: \"3.4\", lr_negative: \"0.20\", kappa: \"0.55\", f1: \"0.72\", missed_rate: \"0.15\", fdr: \"0.37\", balanced_accuracy: \"0.80\", false_omission_rate: \"0.09\", agreement: \"0.78\", jaccard: \"0.57\", detection_rate: \"0.28\", markedness: \"0.54\", mcc: \"0.57\"}}}}\n",
    );
    only(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {averaged: no, models: {m: {c: {sens: \"0.85\", spec: \"0.75\", jaccard: \"0.67\"}}}}\n",
        "V201",
        Verdict::Impossible,
    );
}

/// Found in simulated study 9,604,779: a specificity of 0.8 percent, alone in its column.
#[test]
fn a_small_percent_alone_in_its_column() {
    none(
        "cohorts: {c: {n: 131, positive: 11, negative: 120}}\nt: {models: {m: {c: {acc: \"9.2\", sens: \"100.0\", spec: [\"0.8\", \"0.0\", \"2.5\"], auc: \"46.3\"}}}}\n",
    );
    // With two decimals beside one it is a proportion.
    only(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {acc: \"78.3\", sens: \"0.83\"}}}}\n",
        "V201",
        Verdict::Impossible,
    );
}

#[test]
fn need_23_scales() {
    // Coefficients times 100.
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {sens: \"85.0\", spec: \"75.0\", kappa: \"55.2\", youden: \"60.0\", mcc: \"56.9\"}}}}\n",
    );
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {sens: [\"85.0\", \"0.64\", \"0.95\"], acc: \"78.3\", spec: [\"0.75\", \"60\", \"86\"]}}}}\n",
    );
    // 0.5 %, as stated: 0 of 20 is 0 %, 1 of 20 is 5 %.
    only(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {scale: percent, models: {m: {c: {sens: \"0.5\"}}}}\n",
        "V201",
        Verdict::Impossible,
    );
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {scale: percent, models: {m: {c: {sens: {value: \"0.5\", scale: proportion}}}}}\n",
    );
}

#[test]
fn need_24_methods_and_levels_of_intervals() {
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt:\n  ci_level: 90\n  ci_method: {auc: binomial_auc, sens: exact, spec: wald}\n  models: {m: {c: {auc: [\"0.84\", \"0.74\", \"0.91\"], sens: [\"0.95\", \"0.78\", \"1.00\"], spec: [\"0.75\", \"0.64\", \"0.86\"]}}}\n",
    );
}

#[test]
fn need_25_means_over_folds() {
    let folds = |sd: &str| {
        format!(
            "cohorts: {{c: {{n: 60, positive: 20, negative: 40}}}}\nt: {{averaged: {{over: folds, number: 5}}, models: {{m: {{c: {{auc: {{value: \"0.95\", sd: \"{sd}\"}}, sens: \"0.713\"}}}}}}}}\n"
        )
    };
    passes(&folds("0.04"), "V205");
    // sqrt(5/4 * 0.95 * 0.05) = 0.244.
    only(&folds("0.31"), "V205", Verdict::Impossible);
}

#[test]
fn need_26_readers() {
    let reader = |auc: &str| {
        format!(
            "cohorts: {{c: {{n: 60, positive: 20, negative: 40}}}}\nr:\n  kind: readers\n  reading: binary\n  rows:\n    - {{reader: r1, cohort: c, aid: without, years_of_experience: 12, auc: \"{auc}\", sens: \"0.85\", spec: \"0.75\"}}\n    - {{reader: r1, cohort: c, aid: with, auc: \"0.85\", sens: \"0.90\", spec: \"0.80\"}}\n    - {{reader: both, cohort: c, pooled: [r1, r2], sens: \"0.863\"}}\n"
        )
    };
    none(&reader("0.80"));
    only(&reader("0.85"), "V301", Verdict::Inconsistent);
    none(&reader("0.85").replace("reading: binary", "reading: rating"));
}

#[test]
fn needs_27_and_28_sets_and_samples() {
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {spec: \"0.75\", npv: \"0.91\", acc: \"0.78\"}}}}\n",
    );
    // 0.73 is no share of 20, but of those who were read it may be.
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {sample: clinically_negative, sens: \"0.73\"}, }}}\n",
    );
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {inadequate: {count: 4, as: excluded}, sens: \"0.73\"}}}}\n",
    );
    only(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {inadequate: {count: 4, as: negative}, sens: \"0.73\"}}}}\n",
        "V201",
        Verdict::Impossible,
    );
}

#[test]
fn need_29_cut_offs_and_deciles() {
    let text = |events: i32, rate: &str| {
        format!(
            "c: {{kind: cutoffs, rates: crude, n: 100, events: 20, rows: {{low: {{n: 50, events: 2, rate: \"{rate}\"}}, mid: {{n: 30, events: {events}, rate: \"20.0\"}}, high: {{n: 20, events: 12, rate: \"60.0\"}}}}}}\n"
        )
    };
    passes(&text(6, "4.0"), "V107");
    let audit = read(&text(7, "4.0"));
    assert!(audit.findings.iter().all(|f| f.rule == "V107") && !audit.findings.is_empty());
    only(&text(6, "4.9"), "V107", Verdict::Impossible);
    // A Kaplan-Meier rate may be anything near.
    none(&text(6, "4.9").replace("rates: crude, ", ""));
    only(
        "c: {kind: cutoffs, cumulative: true, n: 100, rows: {a: {n: 50}, b: {n: 45}, c: {n: 60}}}\n",
        "V107",
        Verdict::Impossible,
    );
}

#[test]
fn needs_30_and_31_models_side_by_side() {
    none(
        "t:\n  kind: regression\n  model: logistic\n  terms:\n    - {id: constant, beta: \"-2.10\", se: \"0.50\", wald: \"17.64\"}\n    - {id: age, univariable: {or: \"1.20\", ci: [\"1.06\", \"1.36\"], p: \"0.004\"}, multivariable: {beta: \"−0.105\", se: \"0.060\", z: \"−1.75\", p: \"0.080\"}}\n",
    );
    let models = |p: &str| {
        format!(
            "t:\n  kind: regression\n  model: cox\n  models:\n    step_1: {{n: 200, events: 60, terms: [{{id: x, hr: \"2.10\", ci: [\"1.30\", \"3.39\"], p: \"{p}\"}}]}}\n    step_2: {{n: 180, terms: [{{id: x, hr: \"1.80\", ci: [\"1.05\", \"3.09\"], p: \"0.033\"}}]}}\n"
        )
    };
    none(&models("0.002"));
    only(&models("0.62"), "V501", Verdict::Inconsistent);
    // Ratio and coefficient of two models.
    none("t: {kind: regression, terms: [{id: x, beta: \"0.50\", beta_of: model_2, or: \"2.40\"}]}\n");
}

#[test]
fn need_32_kinds_of_covariates() {
    let term = |fields: &str| {
        format!(
            "t: {{kind: regression, model: logistic, n: 64, terms: [{{id: x, {fields}, or: \"2.40\", ci: [\"1.80\", \"3.20\"]}}]}}\n"
        )
    };
    only(&term("type: binary"), "V502", Verdict::Inconsistent);
    // Coded -1 and 1: at least 2/8 = 0.25; the interval implies 0.147.
    only(&term("type: binary, coding: plus_minus_one"), "V502", Verdict::Inconsistent);
    // Over a range of 4 at least 4/(4 * 8) = 0.125.
    none(&term("type: continuous, range: [\"0\", \"4\"], unit: \"per point\""));
    for kind in ["continuous", "ordinal", "factor", "time_dependent"] {
        none(&term(&format!("type: {kind}")));
    }
    // 8 exposed of 64: at least sqrt(4/8 + 4/56) = 0.756.
    only(&term("type: binary, exposed: 8"), "V502", Verdict::Inconsistent);
}

#[test]
fn needs_33_to_35_reference_levels_sizes_and_tests() {
    let text = |reference: &str| {
        format!(
            "t: {{kind: regression, model: cox, strata: centre, terms: [{{id: x, ref: low, hr: \"2.10\", ci: [\"1.30\", \"3.39\"], p: \"0.002\", n: 100, events: 60}}]}}\nrestated:\n  - {{at: abstract, term: x, ref: {reference}, hr: \"0.48\"}}\n"
        )
    };
    only(&text("low"), "V802", Verdict::Inconsistent);
    none(&text("high"));
    // A log-rank P beside a Wald interval.
    none(
        "t: {kind: regression, model: cox, terms: [{id: x, hr: \"2.10\", ci: [\"1.30\", \"3.39\"], p: \"0.80\", p_test: log_rank}]}\n",
    );
}

#[test]
fn need_36_an_equation_and_its_example() {
    let text = |lp: &str, p: &str| {
        format!(
            "e:\n  kind: equation\n  link: logistic\n  intercept: \"-4.10\"\n  terms: {{age: \"0.031\", stage: \"0.85\"}}\n  examples:\n    - {{values: {{age: 65, stage: 1}}, linear_predictor: \"{lp}\", probability: \"{p}\"}}\n"
        )
    };
    // -4.10 + 0.031 * 65 + 0.85 = -1.235; 1 / (1 + exp(1.235)) = 0.225.
    passes(&text("-1.235", "0.225"), "V503");
    only(&text("-1.535", "0.177"), "V503", Verdict::Inconsistent);
    only(&text("-1.235", "0.325"), "V503", Verdict::Inconsistent);
    // A baseline of the mean predictor: a question.
    none(
        "e: {kind: equation, link: cox, baseline_survival: \"0.903\", terms: {x: \"0.50\"}, examples: [{values: {x: 1}, linear_predictor: \"0.50\", probability: \"25.5%\"}]}\n",
    );
    // Cox: 0.903^exp(0.5) = 0.845, risk 0.155.
    none(
        "e: {kind: equation, link: cox, mean_predictor: 0, baseline_survival: \"0.903\", terms: {x: \"0.50\"}, examples: [{values: {x: 1}, linear_predictor: \"0.50\", probability: \"15.5%\"}]}\n",
    );
    only(
        "e: {kind: equation, link: cox, mean_predictor: 0, baseline_survival: \"0.903\", terms: {x: \"0.50\"}, examples: [{values: {x: 1}, linear_predictor: \"0.50\", probability: \"25.5%\"}]}\n",
        "V503",
        Verdict::Inconsistent,
    );
}

#[test]
fn need_37_survival_groups() {
    let text = |events: i32, p: &str, ci: &str| {
        format!(
            "s:\n  kind: survival\n  test: log_rank\n  times: [1, 3]\n  groups:\n    low: {{n: 60, events: 20, median: [\"52\", \"40\", \"70\"], rates: [\"92.0\", \"71.0\"]}}\n    high: {{n: 40, events: {events}, median: \"24\", rates: [\"80.0\", \"45.0\"]}}\n    all: {{n: 100, events: 45, parts: [low, high]}}\n  hr: {{value: \"2.30\", ci: {ci}, of: high, against: low, adjusted: false}}\n  p: \"{p}\"\n"
        )
    };
    // SE of ln 2.3 (1.27 to 4.16) is 0.303, z 2.75, P 0.006; 45 events allow 0.298.
    passes(&text(25, "0.005", "[\"1.27\", \"4.16\"]"), "V702");
    only(&text(26, "0.005", "[\"1.27\", \"4.16\"]"), "V702", Verdict::Impossible);
    only(&text(25, "0.70", "[\"1.27\", \"4.16\"]"), "V702", Verdict::Implausible);
    let narrow = read(&text(25, "<0.001", "[\"1.90\", \"2.78\"]"));
    assert!(narrow.findings.iter().any(|f| f.id == "V702:s/hr"), "{:#?}", narrow.findings);
    only(
        &text(25, "0.005", "[\"1.27\", \"4.16\"]").replace("of: high, against: low", "of: low, against: high"),
        "V702",
        Verdict::Implausible,
    );
}

#[test]
fn need_38_tallies_of_markers() {
    let text = |two: i32| {
        format!(
            "m: {{kind: tally, n: 35, markers: {{a: 12, b: 9}}, by_number: {{\"0\": {}, \"1\": 9, \"2\": {two}}}}}\n",
            26 - two
        )
    };
    passes(&text(6), "V106");
    only(&text(5), "V106", Verdict::Impossible);
}

#[test]
fn need_39_restatements() {
    let text = |value: &str| {
        format!(
            "cohorts: {{c: {{}}}}\nt: {{models: {{m: {{c: {{auc: [\"0.871\", \"0.802\", \"0.940\"]}}}}}}}}\nrestated:\n  - {{at: abstract, model: m, cohort: c, auc: [\"{value}\", \"0.79\", \"0.93\"]}}\n  - {{at: discussion, of: /t/models/m/c/auc/0, value: \"87%\"}}\n"
        )
    };
    let audit = read(&text("0.87"));
    assert!(audit.findings.iter().all(|f| f.verdict == Verdict::Cosmetic), "{:#?}", audit.findings);
    let audit = read(&text("0.78"));
    assert!(audit.findings.iter().any(|f| f.verdict == Verdict::Inconsistent));
}

#[test]
fn need_40_claims() {
    let text = |claims: &str| {
        format!(
            "cohorts: {{c: {{n: 60, positive: 20, negative: 40}}}}\nt: {{kind: regression, model: logistic, terms: [{{id: x, or: \"2.40\", ci: [\"1.10\", \"5.24\"], p: \"0.028\"}}, {{id: y, or: \"1.10\", ci: [\"0.60\", \"2.02\"], p: \"0.76\"}}]}}\nclaims:\n{claims}"
        )
    };
    none(&text(
        "  - {id: a, kind: independent_predictor, table: t, variables: [x], p: \"0.05\"}\n  - {id: b, kind: selected_below, table: t, variables: [x], p: \"0.05\"}\n  - {id: c, kind: more, of: [/cohorts/c/negative, /cohorts/c/positive]}\n  - {id: d, kind: ratio_of, of: [/cohorts/c/negative, /cohorts/c/positive], value: \"2.0\"}\n",
    ));
    only(
        &text("  - {id: a, kind: independent_predictor, table: t, variables: [y], p: \"0.05\"}\n"),
        "V901",
        Verdict::Inconsistent,
    );
    only(
        &text("  - {id: a, kind: more, of: [/cohorts/c/positive, /cohorts/c/negative]}\n"),
        "V901",
        Verdict::Inconsistent,
    );
    only(
        &text("  - {id: a, kind: ratio_of, of: [/cohorts/c/negative, /cohorts/c/positive], value: \"2.5\"}\n"),
        "V901",
        Verdict::Inconsistent,
    );
    only(
        &text("  - {id: a, kind: difference_of, of: [/cohorts/c/negative, /cohorts/c/positive], value: \"10\"}\n"),
        "V901",
        Verdict::Inconsistent,
    );
}

#[test]
fn needs_41_to_43_flow_dates_and_odd_numbers() {
    none(
        "flow: {screened: \"12,004\", kept: {n: 11 900, from: screened, excluded: 104}}\ndates: [{id: enrolment, span: \"2016-08/2020-10\"}]\n",
    );
    none(
        "cohorts: {c: {n: 60, positive: 20, negative: 40}}\nt: {models: {m: {c: {sens: \"0.8.5\"}}}}\nr: {kind: regression, terms: [{id: x, beta: \"−0.105\", z: \"–1.75\", se: \"0.060\"}]}\n",
    );
}

#[test]
fn need_44_rounding_and_padding() {
    let text = |rounding: &str, sens: &str| {
        format!(
            "cohorts: {{c: {{n: 60, positive: 16, negative: 44}}}}\nt: {{{rounding}models: {{m: {{c: {{sens: \"{sens}\"}}}}}}}}\n"
        )
    };
    // 11/16 = 0.6875: cut off 0.68, half up 0.69, padded 0.70.
    for sens in ["0.68", "0.69", "0.70"] {
        none(&text("", sens));
    }
    none(&text("rounding: half_up, ", "0.69"));
    only(&text("rounding: half_up, ", "0.68"), "V201", Verdict::Impossible);
    none(&text("rounding: truncate, ", "0.68"));
    only(&text("rounding: half_up, ", "0.70"), "V201", Verdict::Impossible);
    none(&text("rounding: half_up, decimals: 1, ", "0.70"));
    none(&format!("assume: {{rounding: truncate}}\n{}", text("", "0.68")));
}

/// Found in simulated study 5,005,606: P = 1e-16, all rounded up, is printed as 0.000.
#[test]
fn a_p_value_of_zero_rounded_up() {
    none(
        "assume: {rounding: ceiling}\nd: {kind: comparison, metric: auc, pairs: [{first: a, second: b, difference: \"0.131\", se: \"0.016\", p: \"0.000\"}]}\n",
    );
}

#[test]
fn need_45_a_partial_source() {
    none(
        "assume: {source: partial}\ncohorts: {c: {}}\nt: {models: {a: {c: {auc: \"0.92\"}}}}\nclaims: [{id: x, kind: maximum, metric: auc, models: [a], cohort: c}]\nrestated: [{at: abstract, model: b, cohort: c, auc: \"0.80\"}]\n",
    );
}

#[test]
fn means_of_whole_numbers() {
    let row = |cell: &str, n: i32| {
        table(
            &format!("{{id: a, n: {n}}}"),
            &format!("    - {{id: nodes, type: mean_sd, values: integer, n: {{a: {n}}}, cells: {{a: {cell}}}}}\n"),
        )
    };
    // 97/28 = 3.464 (cut off 3.46, rounded up 3.47), 98/28 = 3.500.
    passes(&row("[\"3.46\", \"1.20\"]", 28), "V105");
    none(&row("[\"3.47\", \"1.20\"]", 28));
    only(&row("[\"3.48\", \"1.20\"]", 28), "V105", Verdict::Impossible);
    // Three whole numbers with mean 2.00: sums of squares 12, 14, 20, 24 ... and SD 0, 1, 2, 2.45; not 1.50.
    only(&row("[\"2.000\", \"1.500\"]", 3), "V105", Verdict::Impossible);
    // Many subjects: nothing can be said.
    let audit = read(&row("[\"3.47\", \"1.20\"]", 500));
    assert!(audit.records.iter().any(|r| r.rule == "V105" && r.says.contains("not informative")));
    // Zeros and ones with mean 0.41 have an SD of 0.49 or, with n - 1, 0.50.
    let shares = |sd: &str| {
        table(
            "{id: a, n: 40}",
            &format!("    - {{id: female, type: mean_sd, values: binary, cells: {{a: [\"0.41\", \"{sd}\"]}}}}\n"),
        )
    };
    passes(&shares("0.49"), "V105");
    only(&shares("0.43"), "V105", Verdict::Impossible);
    // Without the row's own n some may be missing: 3.48 is 73/21, 80/23, ...
    none(&table(
        "{id: a, n: 28}",
        "    - {id: nodes, type: mean_sd, values: integer, cells: {a: [\"3.48\", \"1.20\"]}}\n",
    ));
}

#[test]
fn one_width_of_all_intervals() {
    // Two cohorts of 30 and 90, every interval as wide as that of 600 subjects: p plus and minus 1.96 sqrt(p q / 600).
    let mut text = "cohorts: {a: {n: 30}, b: {n: 90}}\nt:\n  models:\n".to_string();
    for (model, p) in [0.70_f64, 0.75, 0.80, 0.85].into_iter().enumerate() {
        text += &format!("    m{model}:\n");
        for cohort in ["a", "b"] {
            let cell = |key: &str, p: f64| {
                let half = 1.959_964 * (p * (1.0 - p) / 600.0).sqrt();
                format!("{key}: [\"{p:.3}\", \"{:.3}\", \"{:.3}\"]", p - half, p + half)
            };
            text += &format!("      {cohort}: {{{}, {}}}\n", cell("ppv", p), cell("npv", p - 0.05));
        }
    }
    let audit = read(&text);
    assert!(
        audit.findings.iter().any(|f| f.rule == "V204" && f.verdict == Verdict::Implausible),
        "{:#?}",
        audit.findings
    );
}

#[test]
fn pooled_p_values_are_a_question() {
    let audit = read(
        "cohorts: {a: 40, b: 50, all: {n: 90, parts: [a, b]}}\nd: {kind: comparison, metric: auc, reference: m, p: {a: {x: \"0.86\"}, b: {x: \"0.23\"}, all: {x: \"<0.05\"}}}\n",
    );
    assert!(audit.findings.is_empty());
    assert!(audit.records.iter().any(|r| r.rule == "V403" && r.verdict == Verdict::Undecidable));
}
