//! What correct papers print, and what a checker must not accuse: each case was computed from data, or by the method that it
//! names. One number changed so that nothing honest explains it is still found.

use vouch::audit::{Verdict, audit, parse};

fn accused(text: &str) -> Vec<String> {
    let text = format!("schema: reported/1\n{text}");
    let reported = parse(&text, "correct.yaml").unwrap_or_else(|problems| panic!("{problems:#?}"));
    let found = audit(&reported).findings;
    let upper = found.into_iter().filter(|finding| finding.verdict <= Verdict::Implausible);
    upper.map(|finding| format!("{} {}", finding.rule, finding.message)).collect()
}

pub(super) fn silent(text: &str) {
    assert_eq!(accused(text), Vec::<String>::new(), "{text}");
}

pub(super) fn speaks(text: &str, rule: &str) {
    assert!(accused(text).iter().any(|finding| finding.starts_with(rule)), "{rule} is silent: {text}");
}

const COLUMN: &str =
    "cohorts: {all: {n: 100}}\nt:\n  kind: baseline\n  columns: [{id: all, cohort: all, n: 100}]\n  rows:\n";

#[test]
fn cells_with_denominators_of_their_own() {
    let rows = |first: &str| {
        format!(
            "{COLUMN}    - {{id: x, type: categorical, overlapping: true, levels: {{a: {{all: \"{first}\"}}, b: {{all: \"12/48 (25.0)\"}}, c: {{all: \"20/93 (21.5)\"}}}}}}\n"
        )
    };
    silent(&rows("30/50 (60.0)"));
    speaks(&rows("30/50 (62.0)"), "V101");
}

#[test]
fn overlapping_levels_each_with_missing_values() {
    // 57/100, 23/96, 40/93.
    silent(&format!(
        "{COLUMN}    - {{id: x, type: categorical, overlapping: true, levels: {{a: {{all: [57, \"57.0\"]}}, b: {{all: [23, \"24.0\"]}}, c: {{all: [40, \"43.0\"]}}}}}}\n"
    ));
}

#[test]
fn weighted_percents_beside_unweighted_counts() {
    let rows = |base: &str| {
        format!(
            "cohorts: {{s: {{n: 4821}}}}\nt:\n  kind: baseline\n  columns: [{{id: all, cohort: s, n: 4821}}]\n  rows:\n    - {{id: x, type: categorical{base}, levels: {{a: {{all: [2010, \"66.3\"]}}, b: {{all: [1105, \"11.2\"]}}, c: {{all: [930, \"8.4\"]}}, d: {{all: [776, \"14.1\"]}}}}}}\n"
        )
    };
    silent(&rows(""));
    silent(&rows(", percent_of: weighted"));
}

#[test]
fn a_percent_in_the_text_of_those_with_a_value() {
    // 30 of 73 known, in a cohort of 100.
    silent("cohorts: {all: {n: 100}}\nt: {kind: counts, invasion: {cohort: all, count: 30, percent: \"41.1\"}}\n");
    speaks(
        "cohorts: {all: {n: 70}}\nt: {kind: counts, invasion: {cohort: all, count: 30, percent: \"41.1\"}}\n",
        "V101",
    );
}

const CLASSES: &str = "cohorts: {all: {n: 100, positive: 40, negative: 60}}\nt: {kind: performance, models: {m: {all: ";

#[test]
fn sensitivity_of_the_readable_scans() {
    silent(&format!(
        "{CLASSES}{{sens: {{count: 30, of: 38, percent: \"78.9\"}}, spec: {{count: 50, of: 57, percent: \"87.7\"}}}}}}}}}}\n"
    ));
    // 25 of 37, 41 of 55, 66 of 92: eight subjects have no value of this marker.
    silent(&format!("{CLASSES}{{sens: \"67.6\", spec: \"74.5\", acc: \"71.7\"}}}}}}}}\n"));
    // No table of these has an accuracy of 83.0; a mean over readers who left out different scans could.
    let changed = format!("{CLASSES}{{sens: \"81.1\", spec: \"85.0\", acc: \"83.0\"}}}}}}}}\n");
    speaks(&changed.replace("kind: performance,", "kind: performance, averaged: no,"), "V201");
}

#[test]
fn predictive_values_at_the_prevalence_of_a_population() {
    let row = |ppv: &str| {
        format!(
            "cohorts: {{c: {{n: 300, positive: 150, negative: 150}}}}\nt: {{kind: performance, models: {{m: {{c: {{sens: \"80.0\", spec: \"90.0\", ppv: \"{ppv}\", npv: \"98.8\"}}}}}}}}\n"
        )
    };
    // Bayes at 5 %: 0.8·0.05 / (0.8·0.05 + 0.1·0.95) = 29.6 %, and 0.9·0.95 / (0.9·0.95 + 0.2·0.05) = 98.8 %.
    silent(&row("29.6"));
    speaks(&row("92.6"), "V201");
}

#[test]
fn words_of_two_meanings() {
    // 6.1 cancers per thousand screened.
    silent(
        "cohorts: {s: {n: 40000, positive: 280, negative: 39720}}\nt: {kind: performance, models: {m: {s: {sens: \"87.5\", spec: \"96.5\", recall_rate: \"4.1\", detection_rate: \"6.1\"}}}}\n",
    );
    // Kappa between the two readers.
    silent(
        "cohorts: {c: {n: 80, positive: 30, negative: 50}}\nt:\n  kind: readers\n  rows:\n    - {reader: r1, cohort: c, sens: \"0.87\", spec: \"0.80\", acc: \"0.83\", kappa: \"0.71\"}\n    - {reader: r2, cohort: c, sens: \"0.80\", spec: \"0.84\", acc: \"0.83\", kappa: \"0.71\"}\n",
    );
    // TP 14, FN 6, FP 9, TN 71: F1 of the positive class 0.651, of the negative 0.904, their mean 0.778.
    silent(
        "cohorts: {c: {n: 100, positive: 20, negative: 80}}\nt: {kind: performance, models: {m: {c: {acc: \"0.85\", sens: \"0.70\", spec: \"0.89\", f1: \"0.78\"}}}}\n",
    );
    // Three classes of 30: recall, averaged, is the accuracy.
    silent(
        "cohorts: {c: {n: 90}}\nt: {kind: performance, models: {m: {c: {acc: \"0.733\", sens: \"0.733\", spec: \"0.867\", ppv: \"0.741\", f1: \"0.735\"}}}}\n",
    );
    // 0.93 / 0.03.
    let ratio = |value: &str| {
        format!(
            "cohorts: {{c: {{n: 102, positive: 29, negative: 73}}}}\nt: {{kind: performance, models: {{m: {{c: {{sens: \"0.93\", spec: \"0.97\", lr_positive: \"{value}\"}}}}}}}}\n"
        )
    };
    silent(&ratio("31.0"));
    speaks(&ratio("13.0"), "V201");
}

#[test]
fn p_values_of_another_test_of_the_difference() {
    let pair = |test: &str, numbers: &str| {
        format!(
            "cohorts: {{c: {{n: 200, positive: 80, negative: 120}}}}\nd: {{kind: comparison, metric: auc{test}, pairs: [{{first: a, second: b, cohort: c, {numbers}}}]}}\n"
        )
    };
    // Non-inferiority with a margin of 0.05; one-sided; t with 4 degrees of freedom; times 15.
    silent(&pair(", test: noninferiority", "difference: \"-0.006\", ci: [\"-0.024\", \"0.012\"], p: \"<0.001\""));
    silent(&pair("", "difference: \"-0.011\", se: \"0.0121\", p: \"0.818\""));
    silent(&pair(
        ", test: obuchowski_rockette",
        "difference: \"0.048\", se: \"0.0120\", ci: [\"0.015\", \"0.081\"], p: \"0.016\"",
    ));
    silent(&pair("", "difference: \"0.045\", se: \"0.0182\", ci: [\"0.009\", \"0.081\"], p: \"0.201\""));
    speaks(&pair(", test: delong", "difference: \"0.045\", ci: [\"0.009\", \"0.081\"], p: \"0.60\""), "V402");
}

#[test]
fn t_of_a_linear_model_with_few_subjects() {
    // t = 4.00 with 8 degrees of freedom.
    let row = |p: &str| {
        format!(
            "cohorts: {{c: {{n: 12}}}}\nt: {{kind: regression, model: linear, cohort: c, terms: [{{id: x, beta: \"1.204\", se: \"0.301\", z: \"4.00\", p: \"{p}\"}}]}}\n"
        )
    };
    silent(&row("0.004"));
    speaks(&row("0.40"), "V501");
}

#[test]
fn means_of_skewed_or_partly_missing_values() {
    let test = |mean: &str, deviation: &str, p: &str| {
        format!(
            "t:\n  kind: baseline\n  columns: [{{id: a, n: 61}}, {{id: b, n: 52}}]\n  rows:\n    - {{id: x, type: mean_sd, test: t_test, cells: {{a: [\"{mean}\", \"{deviation}\"], b: [\"70.1\", \"9.9\"]}}, p: \"{p}\"}}\n"
        )
    };
    speaks(&test("58.7", "11.1", "0.62"), "V602");
    // The logarithm was tested: the SD is as large as the mean.
    silent(&test("58.7", "62.0", "0.003"));
    let whole = |mean: &str| {
        format!(
            "t:\n  kind: baseline\n  columns: [{{id: a, n: 500}}, {{id: b, n: 100}}, {{id: all, n: 600, sum_of: [a, b]}}]\n  rows:\n    - {{id: x, type: mean_sd, cells: {{a: [\"10.1\", \"4.0\"], b: [\"20.3\", \"9.0\"], all: [\"{mean}\", \"6.5\"]}}}}\n"
        )
    };
    // Known of 250 and 95: 12.9.
    silent(&whole("12.9"));
    speaks(&whole("18.9"), "V603");
}

#[test]
fn curves_that_are_not_of_these_subjects() {
    let row = |name: &str, kind: &str| {
        format!(
            "cohorts: {{c: {{n: 20, positive: 9, negative: 11}}}}\nt: {{kind: {kind}, models: {{{name}: {{c: {{auc: \"0.927\"}}}}}}}}\n"
        )
    };
    silent(&row("model", "performance"));
    speaks(&row("model", "performance, averaged: no"), "V301");
    silent(&row("optimism_corrected", "performance"));
    silent(&row("binormal_fit", "performance"));
    silent(&row("reader_1", "readers"));
}

#[test]
fn rates_that_rise() {
    let rates = |what: &str, low: &str| {
        format!(
            "s: {{kind: survival{what}, times: [1, 3, 5], groups: {{low: {{n: 150, rates: [{low}]}}, high: {{n: 150, rates: [\"12.1\", \"25.9\", \"34.0\"]}}}}}}\n"
        )
    };
    silent(&rates("", "\"4.7\", \"10.2\", \"15.8\""));
    silent(&rates(", rates_are: cumulative_incidence", "\"4.7\", \"10.2\", \"9.8\""));
    silent(
        "s: {kind: survival, rates_are: relative, times: [1, 3], groups: {a: {n: 300, rates: [\"100.6\", \"100.9\"]}}}\n",
    );
    speaks("s: {kind: survival, times: [1, 3, 5], groups: {a: {n: 300, rates: [\"78\", \"43\", \"48\"]}}}\n", "V701");
}

#[test]
fn a_cut_off_that_ends_the_follow_up() {
    let dates = |name: &str| {
        format!(
            "cohorts: {{c: {{n: 10}}}}\ndates:\n  - {{id: enrolment, span: \"2015-01/2019-12\"}}\n  - {{id: {name}, cut_off: \"2022-06-30\"}}\n"
        )
    };
    silent(&dates("data_cut_off_for_survival"));
    speaks(&dates("temporal_split"), "V902");
}

#[test]
fn scores_of_at_least_so_much_and_unread_pairs() {
    silent(
        "s: {kind: cutoffs, n: 200, cumulative: true, rows: {\"ge 1\": {n: 180, events: 60}, \"ge 2\": {n: 120, events: 52}, \"ge 3\": {n: 40, events: 25}}}\n",
    );
    let pairs = |neither: i32| {
        format!(
            "p: {{kind: paired, test: mcnemar, d: {{n: 100, both: 40, only_first: 10, only_second: 5, neither: {neither}}}}}\n"
        )
    };
    silent(&pairs(40));
    speaks(&pairs(54), "V109");
}

#[test]
fn intervals_with_a_prior_or_of_lesions() {
    let row = |more: &str| {
        format!(
            "cohorts: {{c: {{n: 60}}}}\nt: {{kind: regression, model: logistic, cohort: c{more}, terms: [{{id: x, type: binary, or: \"2.86\", ci: [\"1.40\", \"5.93\"]}}]}}\n"
        )
    };
    speaks(&row(""), "V502");
    silent(&row(", ci_method: other"));
    silent(&row(", unit: lesion"));
}

#[test]
fn a_ratio_per_standard_deviation_beside_a_coefficient_per_unit() {
    let row = |kind: &str| {
        format!(
            "t: {{kind: regression, model: cox, terms: [{{id: x, type: {kind}, beta: \"0.0431\", hr: \"1.57\"}}]}}\n"
        )
    };
    silent(&row("continuous"));
    speaks(&row("binary"), "V501");
}

#[test]
fn the_limits_of_two_assays() {
    let columns = |cohorts: [&str; 4]| {
        let column = |(index, cohort): (usize, &str)| {
            let group = if cohorts[..index].contains(&cohort) { "positive" } else { "negative" };
            format!("{{id: {}, cohort: {cohort}, group: {group}, n: 40}}", ["a", "b", "c", "d"][index])
        };
        let columns = cohorts.into_iter().enumerate().map(column);
        format!(
            "cohorts: {{x: {{n: 80}}, y: {{n: 80}}}}\nt:\n  kind: baseline\n  columns: [{}]\n  rows:\n    - {{id: m, type: median_range, cells: {{a: [\"31.4\", \"2.0\", \"1000.5\"], b: [\"95.5\", \"2.0\", \"1000.5\"], c: [\"28.3\", \"2.5\", \"1200.5\"], d: [\"77.2\", \"2.5\", \"1200.5\"]}}}}\n",
            columns.collect::<Vec<_>>().join(", ")
        )
    };
    silent(&columns(["x", "x", "y", "y"]));
    speaks(&columns(["x", "y", "x", "y"]), "V801");
}

#[test]
fn columns_that_are_named_yes_and_no() {
    silent(
        "t:\n  kind: baseline\n  columns: [{id: no, n: 60}, {id: yes, n: 40}]\n  rows:\n    - {id: x, type: categorical, levels: {yes: {no: [30, \"50.0\"], yes: [20, \"50.0\"]}, no: {no: [30, \"50.0\"], yes: [20, \"50.0\"]}}}\n",
    );
}

#[test]
fn numbers_that_cannot_be() {
    for row in ["p: \"1.20\"", "p: \"-0.03\"", "se: \"-0.2\"", "hr: \"-0.50\""] {
        speaks(&format!("t: {{kind: regression, model: cox, terms: [{{id: x, {row}}}]}}\n"), "V206");
    }
    silent(
        "t: {kind: regression, model: cox, terms: [{id: x, beta: \"-0.2\", p: \"1.00\"}, {id: y, p: \"<0.001\"}]}\n",
    );
}
