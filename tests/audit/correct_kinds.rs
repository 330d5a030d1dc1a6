//! Correct figures of a kind that nobody typed: of folds, of another cut-off, weighted, corrected, one-sided. Each beside the
//! same with one number that no such kind explains.

use super::correct_papers::{silent, speaks};

fn performance(cohort: &str, rows: &str) -> String {
    format!("cohorts: {{c: {{{cohort}}}}}\nt: {{kind: performance, models: {{{rows}}}}}\n")
}

fn counts(columns: [u32; 2], rows: &str) -> String {
    format!(
        "t:\n  kind: baseline\n  columns: [{{id: a, n: {}}}, {{id: b, n: {}}}]\n  stated_tests: {{categorical: chi_squared}}\n  rows:\n{rows}",
        columns[0], columns[1]
    )
}

/// Means over ten folds with intervals of t, three times as wide as those of 200 subjects.
#[test]
fn intervals_too_wide_for_counts_are_of_folds() {
    let row = |specificity: &str| {
        performance(
            "n: 200",
            &format!(
                "m: {{c: {{acc: [\".38\", \".29\", \".47\"], sens: [\".56\", \".26\", \".85\"], spec: [\".29\"{specificity}], f1: [\".32\", \".16\", \".47\"], ppv: [\".22\", \".12\", \".33\"], npv: [\".46\", \".25\", \".68\"]}}}}"
            ),
        )
    };
    silent(&row(", \".05\", \".53\""));
    // 66 and 134 subjects have these.
    speaks(&row(", \".21\", \".37\"").replace("\".26\", \".85\"", "\".43\", \".68\""), "V201");
}

/// 27/29 and 53/91: 0.93 / 0.42.
#[test]
fn a_likelihood_ratio_from_two_digits() {
    let row = |ratio: &str| {
        performance("n: 120", &format!("m: {{c: {{sens: \"0.9310\", spec: \"0.5824\", lr_positive: \"{ratio}\"}}}}"))
    };
    silent(&row("2.23"));
    silent(&row("2.21"));
    speaks(&row("2.61").replace("kind: performance,", "kind: performance, averaged: no,"), "V201");
    // Said of the whole file it is the same.
    speaks(&format!("assume: {{averaged: no}}\n{}", row("2.61")), "V201");
}

/// 20/27 and 43/89 with the intervals of Wilson, in a cohort of 120 of whom 116 have the marker.
#[test]
fn a_marker_that_four_lack_with_exact_intervals() {
    let rows = |specificity: &str| {
        performance(
            "n: 120, positive: 27, negative: 93",
            &format!(
                "age: {{c: {{sens: [\"0.7407\", \"0.5532\", \"0.8683\"], spec: [\"0.9140\", \"0.8393\", \"0.9558\"], ppv: \"0.7143\", npv: \"0.9239\"}}}}, crp: {{c: {{sens: [\"0.7407\", \"0.5532\", \"0.8683\"], spec: [\"{specificity}\", \"0.3822\", \"0.5855\"], ppv: \"0.3030\", npv: \"0.8600\"}}}}"
            ),
        )
    };
    silent(&rows("0.4831"));
    speaks(&rows("0.4381"), "V201");
}

#[test]
fn accuracy_at_one_half_beside_youden() {
    // 21/23, 7/17 and 13/23, 17/17; 27 of 40 right at one half, both times.
    let two = |first: &str| {
        performance(
            "n: 40, positive: 23",
            &format!(
                "a: {{c: {{acc: \"{first}\", sens: \"0.913\", spec: \"0.412\"}}}}, b: {{c: {{acc: \"0.675\", sens: \"0.565\", spec: \"1.000\"}}}}"
            ),
        )
    };
    silent(&two("0.675"));
    speaks(&two("0.700"), "V201");
    // At one half a poor model calls all 133 of 200 negative.
    let poor = |accuracy: &str| {
        performance(
            "n: 200, positive: 67",
            &format!(
                "a: {{c: {{acc: \"80.0\", sens: \"71.6\", spec: \"84.2\"}}}}, b: {{c: {{acc: \"{accuracy}\", sens: \"80.6\", spec: \"33.1\"}}}}"
            ),
        )
    };
    silent(&poor("49.0"));
    silent(&poor("66.5"));
    speaks(&poor("56.5"), "V201");
}

/// 172 and 178 subjects, weighted to a prevalence of 12 percent: predictive values and accuracy are.
#[test]
fn two_rows_weighted_to_a_prevalence() {
    let rows = |ppv: &str| {
        performance(
            "n: 350, positive: 172",
            &format!(
                "a: {{c: {{sens: \".709\", spec: \".635\", ppv: \"{ppv}\", npv: \".936\", acc: \".644\"}}}}, b: {{c: {{sens: \".721\", spec: \".809\", ppv: \".359\", npv: \".951\", acc: \".798\"}}}}"
            ),
        )
    };
    silent(&rows(".224"));
    speaks(&rows(".424"), "V201");
}

/// Folds whose sizes differ by a subject: their mean is not quite that of all.
#[test]
fn means_over_folds_that_almost_fit_one_table() {
    // 11/15, 10/14 and 1/4, 1/4: the mean of 12/19 and 11/18 is 0.6213, of all 23/37 is 0.6216.
    let two_folds = |accuracy: &str| {
        performance(
            "n: 37",
            &format!(
                "m: {{c: {{acc: \"{accuracy}\", sens: \"0.724\", spec: \"0.250\", npv: \"0.200\", f1: \"0.750\", kappa: \"-0.024\"}}}}"
            ),
        )
    };
    silent(&format!("assume: {{rounding: half_even}}\n{}", two_folds("0.621")));
    let single = two_folds("0.651").replace("kind: performance,", "kind: performance, averaged: no,");
    speaks(&format!("assume: {{rounding: half_even}}\n{single}"), "V201");
    // Three folds of 4, 3 and 3 with and 6, 6 and 5 without the event: 8/9 and 17/18.
    silent(&performance(
        "n: 27, positive: 10, negative: 17",
        "m: {c: {acc: \"0.925\", sens: \"0.888\", spec: \"0.944\", ppv: \"0.888\", npv: \"0.944\", f1: \"0.888\", kappa: \"0.833\"}}",
    ));
    // Folds of six or seven with the event, which vary much.
    silent(&performance(
        "n: 95, positive: 68, negative: 27",
        "m: {c: {acc: \"0.493\", sens: \"0.466\", spec: \"0.563\", ppv: \"0.752\", npv: \"0.352\"}}",
    ));
    // Mostly of single tables, but for 0.779: 35/45 is 0.778.
    let rows = |sensitivity: &str| {
        performance(
            "n: 123, positive: 45, negative: 78",
            &format!(
                "a: {{c: {{acc: \"0.707\", sens: \"0.911\", spec: \"0.590\", ppv: \"0.562\", kappa: \"0.443\"}}}}, b: {{c: {{acc: \"0.634\", sens: \"{sensitivity}\", spec: \"0.551\", ppv: \"0.500\", npv: \"0.812\", kappa: \"0.295\"}}}}"
            ),
        )
    };
    let ceiling = |text: String| format!("assume: {{rounding: ceiling}}\n{text}");
    silent(&ceiling(rows("0.779")));
    speaks(&ceiling(rows("0.779")).replace("kind: performance,", "kind: performance, averaged: no,"), "V201");
}

/// Two readers of eight subjects: alike but for one subject, so that most figures are those of one table.
#[test]
fn two_readers_of_few_subjects() {
    let rows = performance(
        "n: 8, positive: 4, negative: 4",
        "a: {c: {acc: \"1.000\", sens: \"1.000\", spec: \"1.000\", kappa: \"1.000\"}}, b: {c: {acc: \"0.750\", sens: \"1.000\", spec: \"0.500\", ppv: \"0.667\", f1: \"0.800\", kappa: \"0.500\"}}, d: {c: {acc: \"0.875\", sens: \"1.000\", spec: \"0.750\", ppv: \"0.833\", npv: \"1.000\", kappa: \"0.750\"}}",
    );
    silent(&format!("assume: {{rounding: half_even}}\n{rows}"));
}

#[test]
fn a_covariate_per_deviation_that_is_not_significant() {
    let term = |ratio: &str, limits: &str, p: &str| {
        format!(
            "t: {{kind: regression, model: logistic, n: 150, terms: [{{id: male, type: binary, or: \"{ratio}\", ci: [{limits}], p: {p}}}]}}\n"
        )
    };
    silent(&term("1.33", "\"0.96\", \"1.84\"", "NS"));
    speaks(&term("1.75", "\"1.26\", \"2.42\"", "NS"), "V502");
}

/// Bonferroni's correction of twelve P-values: one is far from its interval, and the others are larger too.
#[test]
fn one_corrected_p_value_far_from_its_interval() {
    let terms = |second: &str, third: &str| {
        format!(
            "t: {{kind: regression, model: logistic, n: 150, terms: [{{id: a, or: \"2.15\", ci: [\"1.09\", \"4.23\"], p: \"0.289\"}}, {{id: b, or: \"1.36\", ci: [\"0.70\", \"2.65\"], p: \"{second}\"}}, {{id: c, or: \"0.72\", ci: [\"0.37\", \"1.38\"], p: \"{third}\"}}]}}\n"
        )
    };
    silent(&terms("1.000", "1.000"));
    speaks(&terms("0.365", "0.325"), "V501");
}

/// Tukey's P-values of two pairs of three columns.
#[test]
fn one_pair_of_three_columns_by_tukey() {
    let table = |last: [&str; 2]| {
        format!(
            "t:\n  kind: baseline\n  columns: [{{id: a, n: 60}}, {{id: b, n: 70}}, {{id: c, n: 50}}]\n  p_columns: {{ab: [a, b], ac: [a, c]}}\n  stated_tests: {{continuous: t_test}}\n  rows:\n    - {{id: v1, type: mean_sd, cells: {{a: [\"53.2\", \"10.9\"], b: [\"53.8\", \"8.7\"], c: [\"50.5\", \"9.7\"]}}, p: {{ab: \"{}\", ac: \"0.489\"}}}}\n    - {{id: v3, type: mean_sd, cells: {{a: [\"49.5\", \"9.8\"], b: [\"51.3\", \"9.0\"], c: [\"56.7\", \"10.2\"]}}, p: {{ab: \"{}\", ac: \"<0.001\"}}}}\n",
            last[0], last[1]
        )
    };
    silent(&table(["0.933", "0.527"]));
    speaks(&table(["0.729", "0.277"]), "V602");
}

#[test]
fn a_one_sided_exact_test() {
    let row = |p: &str| {
        counts(
            [87, 88],
            &format!(
                "    - {{id: v, type: categorical, levels: {{yes: {{a: [13, \"14.9\"], b: [16, \"18.2\"]}}, no: {{a: [74, \"85.1\"], b: [72, \"81.8\"]}}}}, p: \"{p}\"}}\n"
            ),
        )
    };
    silent(&row("0.564"));
    silent(&row("0.355"));
    speaks(&row("0.255"), "V601");
}

/// A survey: subjects are counted, percents and P-values weighted. In the last row two percents come near by rounding.
#[test]
fn half_of_the_percents_are_weighted() {
    let row = |id: &str, numbers: [u32; 4], shares: [&str; 4], p: &str| {
        format!(
            "    - {{id: {id}, type: categorical, levels: {{l1: {{a: [{}, \"{}\"], b: [{}, \"{}\"]}}, l2: {{a: [{}, \"{}\"], b: [{}, \"{}\"]}}}}, p: \"{p}\"}}\n",
            numbers[0], shares[0], numbers[1], shares[1], numbers[2], shares[2], numbers[3], shares[3]
        )
    };
    let rows = [
        row("v1", [525, 195, 543, 237], ["49.5", "45.1", "50.5", "54.9"], "0.1301"),
        row("v3", [520, 219, 548, 213], ["47.9", "51.3", "52.1", "48.7"], "0.2361"),
        row("v2", [543, 222, 525, 210], ["50.0", "48.6", "50.0", "51.4"], "0.6360"),
    ];
    silent(&counts([1068, 432], &rows.concat()));
    let counted = row("v2", [543, 222, 525, 210], ["50.8", "51.4", "49.2", "48.6"], "0.6360");
    speaks(&counts([1068, 432], &counted), "V601");
}

/// Percents alone: weighted ones, of which some are of no whole number; and counted ones with a misprint.
#[test]
fn percents_alone_are_of_counts_where_other_rows_show_it() {
    let table = |rows: &[(&str, &[&str])]| {
        let row = |(id, shares): &(&str, &[&str])| {
            let levels: Vec<String> =
                shares.iter().enumerate().map(|(at, share)| format!("l{at}: {{b: \"{share}%\"}}")).collect();
            format!("    - {{id: {id}, type: categorical, levels: {{{}}}}}\n", levels.join(", "))
        };
        let rows: String = rows.iter().map(row).collect();
        format!("t:\n  kind: baseline\n  columns: [{{id: b, n: 116}}]\n  rows:\n{rows}")
    };
    let odd: (&str, &[&str]) = ("odd", &["27.0", "22.5", "19.9", "30.5"]);
    silent(&table(&[odd, ("v1", &["27.3", "39.1", "33.6"]), ("v3", &["37.0", "63.0"]), ("v4", &["41.4", "58.6"])]));
    silent(&table(&[odd]));
    // 35, 26, 55 and 20, 40, 56 of 116.
    speaks(&table(&[odd, ("v1", &["30.2", "22.4", "47.4"]), ("v3", &["17.2", "34.5", "48.3"])]), "V104");
}

/// Wilson's limits of 20, 15, 18 of 27, and of 85, 70, 60 of 93; in the last, one limit.
#[test]
fn one_limit_that_is_not_of_the_tables_method() {
    let table = |last: &str| {
        performance(
            "n: 120, positive: 27, negative: 93",
            &format!(
                "a: {{c: {{sens: [\"0.7407\", \"0.5532\", \"0.8683\"], spec: [\"0.9140\", \"0.8393\", \"0.9558\"]}}}}, b: {{c: {{sens: [\"0.5556\", \"0.3731\", \"0.7241\"], spec: [\"0.7527\", \"0.6562\", \"0.8292\"]}}}}, d: {{c: {{sens: [\"0.6667\", \"0.4782\", \"0.8136\"], spec: [{last}]}}}}"
            ),
        )
    };
    silent(&table("\"0.6452\", \"0.5439\", \"0.7349\""));
    // Rounded up, and the exact interval.
    silent(&table("\"0.6452\", \"0.5439\", \"0.7350\""));
    silent(&table("\"0.6452\", \"0.5391\", \"0.7417\""));
    // 0.734 with a zero behind it: of a table whose program pads what it cut.
    silent(&table("\"0.6452\", \"0.5439\", \"0.7340\""));
    speaks(&table("\"0.6452\", \"0.5439\", \"0.7530\""), "V203");
    speaks(&table("\"0.6452\", \"0.4539\", \"0.7349\""), "V203");
}
