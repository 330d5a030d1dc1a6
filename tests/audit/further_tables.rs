//! Survival rates with intervals, medians, hazard ratios, standardised differences, test statistics, analyses of variance, class
//! means, net benefit, standard errors, crude odds ratios, copied rows: what correct papers print passes, a changed number does
//! not. Values from R 4.3 (survival 3.5) or worked out in the comment.

use super::needs::{none, only, passes};
use vouch::audit::Verdict;

fn rates(entries: &str) -> String {
    format!("s:\n  kind: survival\n  times: [1, 3]\n{entries}")
}

/// `survfit(Surv(time, status) ~ 1, lung)` at 180, 365 days: n 228, at risk 160 and 65.
const LUNG: [(&str, &str, &str); 3] = [
    // conf.type, S(180) with limits, S(365) with limits, in percent.
    ("plain", "[\"72.2\", \"66.3\", \"78.0\"]", "[\"40.9\", \"33.9\", \"47.9\"]"),
    ("log", "[\"72.2\", \"66.6\", \"78.3\"]", "[\"40.9\", \"34.5\", \"48.6\"]"),
    ("log_log", "[\"72.2\", \"65.8\", \"77.5\"]", "[\"40.9\", \"33.9\", \"47.8\"]"),
];

#[test]
fn intervals_of_survival_rates() {
    for (method, first, second) in LUNG {
        let group = |first: &str| {
            format!(
                "  ci_method: {method}\n  groups: {{g: {{n: 228, at_risk: [160, 65], rates: [{first}, {second}]}}}}\n"
            )
        };
        passes(&rates(&group(first)), "V704");
        // 0.7 to either side is of 15,000 subjects; with Greenwood's variance 4 is too, of 480.
        only(&rates(&group("[\"72.2\", \"71.5\", \"72.9\"]")), "V704", Verdict::Inconsistent);
        only(&rates(&group("[\"72.2\", \"68.2\", \"76.1\"]")), "V704", Verdict::Inconsistent);
        // Fifteen to either side is of 35 subjects, and 160 are at risk.
        only(&rates(&group("[\"72.2\", \"56.2\", \"86.1\"]")), "V704", Verdict::Inconsistent);
    }
    // No method is stated: 4 to either side may be, 0.7 not; and clusters may widen it.
    let one = |first: &str| {
        format!("s: {{kind: survival, times: [1], groups: {{g: {{n: 228, at_risk: [160], rates: [{first}]}}}}}}\n")
    };
    none(&one("[\"72.2\", \"68.2\", \"76.1\"]"));
    none(&one("[\"72.2\", \"52.2\", \"88.1\"]"));
    only(&one("[\"72.2\", \"71.5\", \"72.9\"]"), "V704", Verdict::Inconsistent);
    // A limit that rises, and a rate outside its limits.
    only(
        &rates("  groups: {g: {n: 20, rates: [[\"72.2\", \"46.6\", \"88.1\"], [\"64.9\", \"51.1\", \"80.9\"]]}}\n"),
        "V704",
        Verdict::Implausible,
    );
    only(
        &rates("  groups: {g: {n: 20, rates: [[\"92.2\", \"46.6\", \"88.1\"], [\"54.9\", \"31.1\", \"74.9\"]]}}\n"),
        "V202",
        Verdict::Inconsistent,
    );
}

#[test]
fn a_median_and_survival_at_times() {
    let table = |unit: &str, median: &str, second: &str| {
        format!(
            "s: {{kind: survival, {unit}times: [12, 24], groups: {{g: {{n: 90, median: \"{median}\", rates: [\"81.0\", \"{second}\"]}}}}}}\n"
        )
    };
    passes(&table("time_unit: months, ", "30.2", "65.0"), "V705");
    passes(&table("time_unit: months, ", "20.0", "45.1"), "V705");
    passes(&table("time_unit: months, ", "24.3", "50.0"), "V705");
    only(&table("time_unit: months, ", "20.2", "65.0"), "V705", Verdict::Inconsistent);
    only(&table("time_unit: months, ", "30.2", "45.0"), "V705", Verdict::Inconsistent);
    // 2.5 years are 30 months; where no unit is stated the median may be in years.
    passes(&table("time_unit: months, median_unit: years, ", "2.51", "65.0"), "V705");
    none(&table("", "2.51", "65.0"));
    only(&table("time_unit: months, median_unit: years, ", "1.51", "65.0"), "V705", Verdict::Inconsistent);
    // Not reached with 45 percent alive; "NR" may be not reported.
    passes(&table("", "not reached", "55.0"), "V705");
    only(&table("", "not reached", "45.0"), "V705", Verdict::Inconsistent);
    none(&table("", "NR", "45.0"));
    // Incidences do not come down to a half.
    none(&table("time_unit: months, rates_are: conditional, ", "20.2", "65.0"));
}

#[test]
fn several_hazard_ratios() {
    let table = |p: &str, upper: &str| {
        format!(
            "s:\n  kind: survival\n  test: log_rank\n  p: \"<0.001\"\n  groups: {{a: {{n: 80, events: 20}}, b: {{n: 80, events: 41}}, c: {{n: 80, events: 60}}}}\n  hr:\n    - {{value: \"2.60\", ci: [\"1.53\", \"{upper}\"], p: \"{p}\", of: b, against: a, adjusted: false}}\n    - {{value: \"3.90\", ci: [\"2.35\", \"6.47\"], p: \"<0.001\", of: c, against: a, adjusted: true}}\n"
        )
    };
    // ln 2.6 / 0.272 is 3.51.
    passes(&table("<0.001", "4.43"), "V702");
    only(&table("0.21", "4.43"), "V702", Verdict::Implausible);
    only(&table("<0.001", "2.43"), "V202", Verdict::Inconsistent);
}

fn balance(row: &str) -> String {
    format!("t:\n  kind: baseline\n  columns: [{{id: a, n: 80}}, {{id: b, n: 90}}]\n  rows:\n    - {{id: x, {row}}}\n")
}

#[test]
fn standardised_differences() {
    let mean = |smd: &str| {
        balance(&format!(
            "type: mean_sd, cells: {{a: [\"61.23\", \"9.81\"], b: [\"58.74\", \"11.12\"]}}, smd: \"{smd}\""
        ))
    };
    // 2.49 over 9.81, over 11.12, over the root of their mean square; a tenth of that and ten times is not.
    for right in ["0.254", "0.224", "0.237", "-0.237", "23.7"] {
        passes(&mean(right), "V605");
    }
    for wrong in ["0.37", "0.023", "2.37"] {
        only(&mean(wrong), "V605", Verdict::Inconsistent);
    }
    // 40/80 and 30/90: 1/6 over 0.486, and by the arcsine.
    let share = |smd: &str| {
        balance(&format!(
            "type: categorical, levels: {{y: {{a: [40, \"50.0\"], b: [30, \"33.3\"]}}, n: {{a: [40, \"50.0\"], b: [60, \"66.7\"]}}}}, smd: \"{smd}\""
        ))
    };
    passes(&share("0.343"), "V605");
    passes(&share("0.340"), "V605");
    only(&share("0.434"), "V605", Verdict::Inconsistent);
    // Skewed: the logarithm may have been used. Weighted: with the SDs before.
    none(&balance("type: mean_sd, cells: {a: [\"6.23\", \"9.81\"], b: [\"8.74\", \"11.12\"]}, smd: \"0.45\""));
    none(&mean("0.37").replace("id: a", "id: weighted_a").replace("{a:", "{weighted_a:"));
}

#[test]
fn statistics_with_degrees_of_freedom() {
    let one = |test: &str| format!("tests:\n  - {{id: x, {test}}}\n");
    for right in [
        "t: \"2.31\", df: 98, p: \"0.023\"",
        "t: \"-2.31\", df: \"61.4\", p: \"0.024\"",
        "chi_squared: \"5.20\", df: 2, p: \"0.074\"",
        "f: \"4.10\", df: [2, 147], p: \"0.018\"",
        "z: \"1.97\", p: \"0.049\"",
        "z: \"4.97\", p: \"<0.001\"",
        // One-sided as stated; three comparisons, as stated.
        "t: \"2.31\", df: 98, p: \"0.0115\", tails: one",
        "t: \"2.31\", df: 98, p: \"0.069\", corrected: true",
    ] {
        none(&one(right));
    }
    passes(&one("t: \"2.31\", df: 98, p: \"0.023\""), "V606");
    for wrong in [
        "t: \"2.31\", df: 98, p: \"0.23\"",
        "t: \"2.31\", df: 98, p: \"0.0115\", tails: two",
        "chi_squared: \"5.20\", df: 2, p: \"0.022\"",
        "f: \"4.10\", df: [2, 147], p: \"0.18\"",
        "z: \"1.97\", p: \"<0.001\"",
    ] {
        only(&one(wrong), "V606", Verdict::Inconsistent);
    }
    // Ninety and eighty subjects have 168 degrees of freedom, a 2 x 2 table has one.
    let mean = |df: &str| {
        balance(&format!(
            "type: mean_sd, cells: {{a: [\"61.2\", \"9.8\"], b: [\"58.7\", \"11.1\"]}}, t: \"1.54\", df: {df}, p: \"0.125\""
        ))
    };
    passes(&mean("168"), "V606");
    only(&mean("186"), "V606", Verdict::Inconsistent);
    let share = |df: &str, p: &str| {
        balance(&format!(
            "type: categorical, levels: {{y: {{a: 40, b: 30}}}}, chi_squared: \"4.85\", df: {df}, p: \"{p}\""
        ))
    };
    passes(&share("1", "0.028"), "V606");
    only(&share("3", "0.183"), "V606", Verdict::Inconsistent);
    // Chi-squared beside Fisher's P.
    only(&share("1", "0.042"), "V606", Verdict::Inconsistent);
    none(&share("1", "0.042").replace("chi_squared:", "test: fisher, chi_squared:"));
}

#[test]
fn three_means() {
    let table = |p: &str, test: &str| {
        format!(
            "t:\n  kind: baseline\n  columns: [{{id: a, n: 50}}, {{id: b, n: 40}}, {{id: c, n: 30}}]\n  p_columns: {{all: [a, b, c]}}\n  stated_tests: {{continuous: {test}}}\n  rows:\n    - {{id: x, type: mean_sd, cells: {{a: [\"50.12\", \"5.03\"], b: [\"52.31\", \"6.11\"], c: [\"53.44\", \"5.52\"]}}, p: \"{p}\"}}\n"
        )
    };
    // Between: 50 (50.12 - 51.68)^2 + 40 (52.31 - 51.68)^2 + 30 (53.44 - 51.68)^2 = 230.5 over 2; within 3509 over 117:
    // F = 3.84, P 0.024. Welch 4.00, 0.023.
    passes(&table("0.024", "anova"), "V607");
    only(&table("0.81", "anova"), "V607", Verdict::Inconsistent);
    only(&table("<0.0001", "anova"), "V607", Verdict::Inconsistent);
    // By ranks, means say nothing.
    none(&table("0.81", "kruskal_wallis"));
}

#[test]
fn means_over_two_classes() {
    // TP 14, FN 6, FP 9, TN 71: F1 28/43 and 142/157; precision 14/23, 71/77; recall 14/20, 71/80.
    let row = |entries: &str, classes: &str| {
        format!(
            "cohorts: {{c: {{n: 100{classes}}}}}\nt: {{kind: performance, models: {{m: {{c: {{acc: \"0.850\", sens: \"0.700\", spec: \"0.888\", {entries}}}}}}}}}\n"
        )
    };
    let classes = ", positive: 20, negative: 80";
    let right = "f1_macro: \"0.778\", f1_weighted: \"0.854\", precision_macro: \"0.765\", precision_weighted: \"0.859\", recall_macro: \"0.794\", recall_weighted: \"0.850\"";
    passes(&row(right, classes), "V201");
    for (from, to) in [("0.778", "0.787"), ("0.854", "0.845"), ("0.765", "0.756"), ("0.794", "0.749")] {
        let wrong =
            row(&right.replace(from, to), classes).replace("kind: performance", "kind: performance, averaged: no");
        only(&wrong, "V201", Verdict::Impossible);
    }
    // Over three classes, where the file does not say that there are two.
    none(&row("f1_macro: \"0.512\"", ""));
}

#[test]
fn ratios_of_tables_with_an_empty_cell() {
    let row = |ratio: &str| {
        format!(
            "cohorts: {{a: {{n: 60, positive: 20, negative: 40}}}}\nt: {{models: {{u: {{a: {{sens: \"0.75\", spec: \"1.00\", {ratio}}}}}}}}}\n"
        )
    };
    // 0.25 / 1; a half in every cell: (5.5/21) / (40.5/41) = 0.265, and (15.5 · 40.5) / (5.5 · 0.5) = 228.
    for right in
        ["lr_negative: \"0.25\"", "lr_negative: \"0.27\"", "dor: \"228.3\"", "dor: \"0\"", "lr_positive: \"30.3\""]
    {
        none(&row(right));
    }
    for wrong in ["lr_negative: \"2.50\"", "dor: \"2.1\"", "lr_positive: \"1.30\""] {
        only(&row(wrong), "V201", Verdict::Impossible);
    }
}

#[test]
fn net_benefit_by_threshold() {
    let row = |points: &str| {
        format!(
            "cohorts: {{v: {{n: 200, positive: 40, negative: 160}}}}\nt: {{kind: performance, models: {{m: {{v: {{net_benefit: {{{points}}}}}}}}}}}\n"
        )
    };
    // 0.2 - 0.8 / 9 = 0.111; 0.2 - 0.8 / 4 = 0.
    let point = |model: &str, all: &str, none: &str| {
        format!("\"0.10\": {{model: \"{model}\", treat_all: \"{all}\", treat_none: \"{none}\"}}")
    };
    passes(&row(&point("0.152", "0.111", "0")), "V706");
    only(&row(&point("0.152", "0.111", "0.05")), "V706", Verdict::Inconsistent);
    only(&row(&point("0.152", "0.191", "0")), "V706", Verdict::Inconsistent);
    only(&row(&point("0.252", "0.111", "0")), "V706", Verdict::Inconsistent);
    // Standardised: 1 - (0.8 / 0.2) / 9 = 0.556.
    none(&row(&point("0.752", "0.556", "0")));
    // A curve of not treating.
    none(&row("\"0.10\": {model: \"0.152\", treat_all: \"0\", treat_none: \"0.35\"}"));
    // Two thresholds of one survival model: 0.263 at 0.23 is a risk of 0.4325, which at 0.40 gives 0.054.
    let survival = |second: &str| {
        format!(
            "cohorts: {{v: {{n: 200}}}}\nt: {{kind: survival_performance, models: {{m: {{v: {{net_benefit: {{\"0.23\": {{model: \"0.30\", treat_all: \"0.263\"}}, \"0.40\": {{model: \"0.20\", treat_all: \"{second}\"}}}}}}}}}}}}\n"
        )
    };
    passes(&survival("0.054"), "V706");
    only(&survival("0.154"), "V706", Verdict::Inconsistent);
}

#[test]
fn a_standard_error_beside_an_interval() {
    let row = |se: &str, method: &str| {
        format!(
            "cohorts: {{v: {{n: 200, positive: 40, negative: 160}}}}\nt: {{models: {{m: {{v: {{auc: {{value: \"0.854\", se: \"{se}\", ci: [\"0.787\", \"0.921\"]{method}}}}}}}}}}}\n"
        )
    };
    // (0.921 - 0.787) / 3.92 = 0.0342; of 200 subjects the exact binomial limits are 0.797 to 0.900.
    passes(&row("0.034", ""), "V207");
    passes(&row("0.034", ", ci_method: delong"), "V207");
    only(&row("0.134", ""), "V207", Verdict::Inconsistent);
    only(&row("0.043", ", ci_method: delong"), "V207", Verdict::Inconsistent);
    // DeLong stated, limits on the logit scale: logit 0.900 = 2.197, ± 1.96 · 0.050 / (0.900 · 0.100); and exact binomial ones.
    let on_logit = row("0.050", ", ci_method: delong").replace("0.854", "0.900");
    let on_logit = on_logit.replace("\"0.787\", \"0.921\"", "\"0.752\", \"0.964\"");
    none(&on_logit);
    only(&on_logit.replace("0.050", "0.043"), "V207", Verdict::Inconsistent);
    none(&row("0.034", ", ci_method: delong").replace("\"0.787\", \"0.921\"", "\"0.797\", \"0.900\""));
    let exact = row("0.064", "").replace("\"0.787\", \"0.921\"", "\"0.797\", \"0.900\"");
    none(&exact);
    let pair = |se: &str| {
        format!(
            "cohorts: {{v: {{n: 200}}}}\nc: {{kind: comparison, metric: auc, pairs: [{{first: a, second: b, cohort: v, difference: \"0.061\", se: \"{se}\", ci: [\"-0.045\", \"0.167\"]}}]}}\n"
        )
    };
    passes(&pair("0.054"), "V207");
    // With t of three degrees of freedom.
    none(&pair("0.033"));
    only(&pair("0.012"), "V207", Verdict::Inconsistent);
}

#[test]
fn the_interval_of_a_concordance_index() {
    let row = |low: &str, high: &str| {
        format!(
            "cohorts: {{v: {{n: 200}}}}\nt: {{kind: survival_performance, models: {{m: {{v: {{c_index: [\"0.778\", \"{low}\", \"{high}\"]}}}}}}}}\n"
        )
    };
    passes(&row("0.731", "0.825"), "V303");
    only(&row("0.774", "0.782"), "V303", Verdict::Implausible);
    none(&row("0.774", "0.782").replace("models: {m:", "models: {bootstrap_corrected:"));
}

#[test]
fn a_crude_odds_ratio_and_its_counts() {
    let file = |ratio: &str, section: &str| {
        format!(
            "cohorts: {{train: {{n: 100, positive: 40, negative: 60}}}}\nt1:\n  kind: baseline\n  columns: [{{id: neg, cohort: train, group: negative, n: 60}}, {{id: pos, cohort: train, group: positive, n: 40}}]\n  rows: [{{id: male, type: categorical, levels: {{male: {{neg: [24, \"40.0\"], pos: [28, \"70.0\"]}}}}}}]\n{section}: {{kind: regression, model: logistic, cohort: train, terms: [{{id: male, type: binary, or: \"{ratio}\"}}]}}\n"
        )
    };
    // 28 · 36 / (12 · 24) = 3.50, and 0.286.
    passes(&file("3.50", "univariable"), "V504");
    passes(&file("0.29", "univariable"), "V504");
    only(&file("5.31", "univariable"), "V504", Verdict::Inconsistent);
    // Adjusted, it is another; and so it is of another outcome than the event of the columns.
    none(&file("5.31", "multivariable"));
    none(&file("5.31", "univariable").replace("model: logistic,", "model: logistic, outcome: recurrence,"));
    // Two values are missing.
    none(&file("4.31", "univariable").replace("[24, \"40.0\"]", "[24, \"41.4\"]"));
}

#[test]
fn rows_of_two_models_that_are_alike_in_one_cohort() {
    let file = |second: &str, n: &str| {
        let row =
            "auc: [\"0.851\", \"0.774\", \"0.921\"], sens: \"0.80\", spec: \"0.75\", acc: \"0.77\", ppv: \"0.68\"";
        format!(
            "cohorts: {{train: {{n: {n}}}, test: {{n: 50}}}}\nt:\n  models:\n    a: {{train: {{{row}}}, test: {{auc: \"0.81\"}}}}\n    b: {{train: {{{row}}}, test: {{auc: \"{second}\"}}}}\n"
        )
    };
    only(&file("0.85", "100"), "V803", Verdict::Implausible);
    // Alike everywhere: one model under two names.
    none(&file("0.81", "100"));
    none(&file("0.85", "30"));
}

#[test]
fn a_wald_interval_is_held_to_its_middle_and_its_p() {
    let term = |method: &str, low: &str, p: &str| {
        format!(
            "t: {{kind: regression, model: cox{method}, terms: [{{id: x, type: continuous, hr: \"1.51\", ci: [\"{low}\", \"2.21\"], p: \"{p}\"}}]}}\n"
        )
    };
    let wald = ", ci_method: wald";
    // The logarithm's standard error is 0.195, z 2.12.
    passes(&term(wald, "1.03", "0.034"), "V501");
    only(&term(wald, "1.03", "0.21"), "V501", Verdict::Inconsistent);
    none(&term("", "1.03", "0.21"));
    only(&term(wald, "0.93", "0.05"), "V501", Verdict::Inconsistent);
    none(&term("", "0.93", "0.05"));
}

#[test]
fn means_over_readers_or_folds_without_a_word() {
    let table = |rows: &str| {
        format!("cohorts: {{v: {{n: 40, positive: 16, negative: 24}}}}\nt:\n  kind: performance\n  models:\n{rows}")
    };
    // Five folds, as in the solver's test: no shares of 16 and of 24, and predictive values of no pooled table.
    let folds = "    a: {v: {sens: \"0.713\", spec: \"0.779\", ppv: \"0.702\", npv: \"0.811\", f1: \"0.689\", acc: \"0.753\"}}\n";
    none(&table(folds));
    only(&table(folds).replace("kind: performance", "kind: performance\n  averaged: no"), "V201", Verdict::Impossible);
    // Accuracy outside sensitivity and specificity is no mean's.
    only(&table(&folds.replace("acc: \"0.753\"", "acc: \"0.853\"")), "V201", Verdict::Impossible);
    // One wrong figure beside four rows of shares of 16 and 24: 12/16, 18/24; 13/16, 20/24; 10/16, 19/24; 14/16, 17/24.
    let rows = |wrong: &str| {
        let row =
            |name: &str, sens: &str, spec: &str| format!("    {name}: {{v: {{sens: \"{sens}\", spec: \"{spec}\"}}}}\n");
        [("a", "0.750", "0.750"), ("b", "0.813", "0.833"), ("c", "0.625", "0.792"), ("d", wrong, "0.708")]
            .map(|(name, sens, spec)| row(name, sens, spec))
            .concat()
    };
    passes(&table(&rows("0.875")), "V201");
    // Four rows are too few to tell a wrong figure from a mean that only one row is; who knows that none is says so.
    none(&table(&rows("0.857")));
    let of_one_table = table(&rows("0.857")).replace("kind: performance", "kind: performance\n  averaged: no");
    only(&of_one_table, "V201", Verdict::Impossible);
    // A last row that is the mean of the others: (0.750 + 0.813 + 0.625) / 3, (0.750 + 0.833 + 0.792) / 3.
    none(&table(
        &rows("0.875").replace(
            "    d: {v: {sens: \"0.875\", spec: \"0.708\"}}",
            "    d: {v: {sens: \"0.729\", spec: \"0.792\"}}",
        ),
    ));
}

/// Two tables of one cohort share its class counts: 0.750 of 4 or 8, 0.667 of 3, 6 or 9 of ten subjects.
#[test]
fn rows_of_two_tables_of_a_cohort_are_joined() {
    let two = |cohort: &str| {
        format!(
            "cohorts: {{c: 10, d: 10}}\nt2: {{averaged: no, models: {{a: {{c: {{sens: \"0.750\"}}}}}}}}\nt3: {{averaged: no, models: {{b: {{{cohort}: {{sens: \"0.667\"}}}}}}}}\n"
        )
    };
    only(&two("c"), "V201", Verdict::Impossible);
    none(&two("d"));
    // A row that prints the cohort's own n is of the cohort.
    only(&two("c").replace("b: {c: {", "b: {c: {n: 10, "), "V201", Verdict::Impossible);
}
