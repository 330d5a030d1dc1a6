//! Performance tables of correct papers that a checker must not accuse, most of them computed from data or typed from print, and
//! the same with one number that nothing honest explains.

use super::correct_papers::{silent, speaks};

fn table(cohorts: &str, rows: &str) -> String {
    format!("cohorts: {{c: {{{cohorts}}}}}\nt: {{kind: performance, models: {{{rows}}}}}\n")
}

fn denied(text: &str) -> String {
    text.replace("kind: performance,", "kind: performance, averaged: no,")
}

#[test]
fn one_row_for_each_class_against_the_rest() {
    // The counts of PMC8009715, table 2: BI-RADS 3 and 4A of 411 images, 24 and 13 of the class.
    let counts = |missed: &str| {
        table(
            "n: 411",
            &format!(
                "birads_3: {{c: {{tp: 20, tn: 386, fp: 1, fn: 4, sens: \"83.3\", ppv: \"95.2\", f1: \"88.9\", acc: \"98.8\"}}}}, birads_4a: {{c: {{tp: 8, tn: 395, fp: 3, fn: {missed}, sens: \"61.5\", ppv: \"72.7\", f1: \"66.7\", acc: \"98.05\"}}}}"
            ),
        )
    };
    silent(&counts("5"));
    speaks(&counts("6"), "V201");
    // 150, 90 and 60 of 300: 132 12 6 | 13 71 6 | 7 8 45.
    let shares = |rows: &str| {
        table(
            "n: 300",
            &format!(
                "normal: {{c: {{sens: \"0.880\", spec: \"0.867\", ppv: \"0.868\", npv: \"0.878\"}}}}, benign: {{c: {{sens: \"0.789\", spec: \"0.905\", ppv: \"0.780\", npv: \"0.909\"}}}}, {rows}"
            ),
        )
    };
    let third = "malignant: {c: {sens: \"0.750\", spec: \"0.950\", ppv: \"0.789\", npv: \"0.938\"}}";
    silent(&shares(third));
    speaks(&denied(&shares(third)), "V201");
}

#[test]
fn one_score_for_three_outcomes() {
    let rows = "death: {c: {sens: \"82.8\", spec: \"57.4\", ppv: \"47.7\", npv: \"87.6\"}}, icu: {c: {sens: \"91.3\", spec: \"65.6\", ppv: \"58.3\", npv: \"93.5\"}}, aki: {c: {sens: \"73.6\", spec: \"76.9\", ppv: \"53.4\", npv: \"89.0\"}}";
    silent(&table("n: 200", rows));
    speaks(&denied(&table("n: 200", rows)), "V201");
}

/// 12/16, 13/16, 10/16, 14/16 and 18/24, 20/24, 19/24, 17/24: one row whose accuracy is of no 16 of 40.
#[test]
fn one_odd_row_beside_three_that_agree() {
    let rows = |accuracy: &str| {
        table(
            "n: 40",
            &format!(
                "a: {{c: {{sens: \"0.750\", spec: \"0.750\"}}}}, b: {{c: {{sens: \"0.813\", spec: \"0.833\", ppv: \"0.765\"}}}}, d: {{c: {{sens: \"0.625\", spec: \"0.792\", ppv: \"0.667\", npv: \"0.760\"}}}}, e: {{c: {{sens: \"0.875\", spec: \"0.708\", acc: \"{accuracy}\"}}}}"
            ),
        )
    };
    silent(&rows("0.775"));
    speaks(&rows("0.725"), "V201");
}

#[test]
fn predictive_values_of_two_models_at_one_prevalence() {
    // 5 percent; 37/44 and 27/44, 37/41 and 38/41.
    let rows = |npv: &str| {
        table(
            "n: 85, positive: 44, negative: 41",
            &format!(
                "a: {{c: {{sens: \"0.84\", spec: \"0.90\", ppv: \"0.31\", npv: \"0.99\"}}}}, b: {{c: {{sens: \"0.61\", spec: \"0.93\", ppv: \"0.31\", npv: \"{npv}\"}}}}"
            ),
        )
    };
    silent(&rows("0.98"));
    speaks(&rows("0.89"), "V201");
}

#[test]
fn averages_over_classes_of_two_models() {
    silent(&table(
        "n: 85, positive: 5",
        "a: {c: {acc: \"0.68\", precision: \"0.91\", recall: \"0.68\", f1: \"0.77\", spec: \"0.69\"}}, b: {c: {acc: \"0.82\", precision: \"0.96\", recall: \"0.82\", f1: \"0.87\"}}",
    ));
    silent(&table(
        "n: 300",
        "a: {c: {acc: \"83.66\", precision_weighted: \"85.36\", recall_weighted: \"83.66\", f1_weighted: \"83.93\"}}, b: {c: {acc: \"93.00\", precision_weighted: \"93.01\", recall_weighted: \"93.00\", f1_weighted: \"92.99\"}}",
    ));
    // Recall is the accuracy here, and no sensitivity of a point on the curve.
    let row = table(
        "n: 60, positive: 6, negative: 54",
        "a: {c: {auc: \"61.7\", acc: \"35.0\", precision: \"91.3\", recall: \"35.0\", f1: \"41.5\", spec: \"27.8\"}}",
    );
    silent(&row);
    speaks(&denied(&row), "V301");
}

/// No harmonic mean is above the arithmetic mean; only F1 over two classes beside shares of one may be.
#[test]
fn f1_above_the_mean_of_precision_and_recall() {
    let row = |f1: &str| {
        table(
            "n: 100, positive: 50, negative: 50",
            &format!("a: {{c: {{precision: \"0.82\", recall: \"0.84\", f1: \"{f1}\"}}}}"),
        )
    };
    silent(&row("0.83"));
    speaks(&row("0.93"), "V201");
    // 16 of 20, 4 false alarms among 80: 0.80, 0.80, and weighted by the classes 0.92.
    silent(
        &row("0.92").replace("50, negative: 50", "20, negative: 80").replace("0.82", "0.80").replace("0.84", "0.80"),
    );
}

#[test]
fn three_readers_and_all_their_readings() {
    // 48/88, 48/88, 47/88, and 143/264.
    let rows = |last: &str| {
        table(
            "n: 120, positive: 32",
            &format!(
                "r1: {{c: {{sens: \"71.9\", spec: \"54.5\", acc: \"59.2\"}}}}, r2: {{c: {{sens: \"81.2\", spec: \"54.5\", acc: \"61.7\"}}}}, r3: {{c: {{sens: \"75.0\", spec: \"53.4\", acc: \"59.2\"}}}}, pooled: {{c: {{sens: \"76.0\", spec: \"{last}\", acc: \"60.0\"}}}}"
            ),
        )
        .replace("kind: performance", "kind: readers")
    };
    silent(&rows("54.2"));
    speaks(&rows("45.2"), "V201");
}

#[test]
fn an_auc_that_is_a_mean_or_a_median() {
    // Five seeds; the median of 300 bootstrap samples.
    silent(&table(
        "n: 60, positive: 11, negative: 49",
        "a: {c: {auc: \"84.12\", acc: \"76.67\", sens: \"76.36\", spec: \"76.73\", f1: \"54.54\"}}, b: {c: {auc: \"93.10\", acc: \"85.67\", sens: \"85.45\", spec: \"85.71\", f1: \"68.73\"}}",
    ));
    let medians = table(
        "n: 40, positive: 12, negative: 28",
        "a: {c: {auc: [\"0.8743\", \"0.6990\", \"0.9985\"]}}, b: {c: {auc: [\"0.7170\", \"0.5283\", \"0.8707\"]}}",
    );
    silent(&medians);
    speaks(&denied(&medians), "V301");
    // 198 half pairs of 9 x 11: 0.8586, 0.9141, 0.7475, 0.6818, 0.8131 are 170, 181, 148, 135 and 161 of them.
    let curves = |last: &str| {
        let rows = ["0.8586", "0.9141", "0.7475", "0.6818", last];
        let rows: Vec<String> =
            rows.iter().enumerate().map(|(index, auc)| format!("m{index}: {{c: {{auc: \"{auc}\"}}}}")).collect();
        table("n: 20, positive: 9, negative: 11", &rows.join(", "))
    };
    silent(&curves("0.8131"));
    speaks(&curves("0.8113"), "V301");
}

#[test]
fn an_sd_beside_a_metric_is_of_means() {
    let row = "a: {c: {acc: {value: \"53.9\", sd: \"16.2\"}, sens: {value: \"38.0\", sd: \"29.3\"}, spec: {value: \"58.3\", sd: \"27.3\"}, ppv: {value: \"17.3\", sd: \"10.2\"}, npv: {value: \"68.9\", sd: \"24.5\"}, f1: {value: \"22.9\", sd: \"13.4\"}}}";
    silent(&table("n: 200", row));
    speaks(&denied(&table("n: 200", row)), "V201");
}

#[test]
fn folds_with_cut_offs_of_their_own() {
    // F1 below recall and precision, and limits beyond 100, are of means only.
    let rows = "a: {c: {acc: \"62.4\", sens: \"44.7\", spec: \"68.0\", ppv: \"42.5\", npv: \"80.7\", f1: \"33.6\"}}, b: {c: {acc: [\"73.4\", \"66.2\", \"80.6\"], sens: [\"67.3\", \"27.5\", \"107.2\"], spec: [\"74.9\", \"54.3\", \"95.4\"], ppv: [\"48.9\", \"39.8\", \"58.0\"], npv: [\"90.1\", \"80.7\", \"99.5\"], f1: [\"52.2\", \"35.3\", \"69.1\"]}}";
    silent(&table("n: 120", rows));
    speaks(&denied(&table("n: 120", rows)), "V201");
    // Accuracy alone, of five seeds.
    let alone = "a: {c: {acc: \"64.33\"}}, b: {c: {acc: \"83.67\"}}";
    silent(&table("n: 60", alone));
    speaks(&denied(&table("n: 60", alone)), "V201");
    // Narrow intervals of means over three folds.
    silent(&table(
        "n: 350, positive: 149",
        "a: {c: {auc: [\"0.683\", \"0.637\", \"0.729\"], acc: [\"0.640\", \"0.606\", \"0.673\"], sens: [\"0.524\", \"0.479\", \"0.569\"], spec: [\"0.726\", \"0.646\", \"0.806\"], f1: [\"0.553\", \"0.530\", \"0.576\"], ppv: [\"0.601\", \"0.539\", \"0.664\"], npv: [\"0.672\", \"0.656\", \"0.688\"]}}",
    ));
}

#[test]
fn a_training_set_with_made_subjects() {
    // 82 without the event, and 38 with it filled up to 82.
    let rows = |accuracy: &str| {
        table(
            "n: 120, positive: 38, negative: 82",
            &format!(
                "svm: {{c: {{acc: \"0.652\", sens: \"0.427\", spec: \"0.878\"}}}}, rf: {{c: {{acc: \"{accuracy}\", sens: \"0.720\", spec: \"0.854\"}}}}"
            ),
        )
    };
    silent(&rows("0.787"));
    speaks(&denied(&rows("0.787")), "V201");
    speaks(&rows("0.887"), "V201");
}

#[test]
fn accuracy_at_another_cut_off() {
    let rows = |first: &str, second: &str| {
        table(
            "n: 85, positive: 9",
            &format!(
                "a: {{c: {{acc: \"{first}\", sens: \"0.667\", spec: \"0.750\"}}}}, b: {{c: {{acc: \"{second}\", sens: \"0.667\", spec: \"0.671\"}}}}, d: {{c: {{acc: \"0.741\", sens: \"0.667\", spec: \"0.750\"}}}}"
            ),
        )
    };
    // At one half, and 6/9 and 57/76 or 51/76 at Youden's.
    silent(&rows("0.906", "0.894"));
    silent(&rows("0.741", "0.671"));
    // One odd row among good ones.
    speaks(&rows("0.906", "0.671"), "V201");
    silent(
        "cohorts: {ab: {}, ca: {}}\nt: {kind: performance, models: {m: {ab: {acc: \"0.952\", youden: \"0.818\", sens: \"0.913\", spec: \"0.905\"}, ca: {acc: \"0.927\", youden: \"0.764\", sens: \"0.913\", spec: \"0.851\"}}}}\n",
    );
}

#[test]
fn a_sensitivity_fixed_in_advance() {
    // 61 with and 289 without the event.
    let rows = |first: &str| {
        table(
            "n: 350, positive: 61",
            &format!(
                "a_90: {{c: {{sens: \"{first}\", spec: \".3322\", ppv: \".2218\", npv: \".9412\"}}}}, a_95: {{c: {{sens: \".9500\", spec: \".1834\", ppv: \".1973\", npv: \".9464\"}}}}, a_80: {{c: {{sens: \".8000\", spec: \".5744\", ppv: \".2849\", npv: \".9326\"}}}}, b_90: {{c: {{sens: \".9000\", spec: \".3045\", ppv: \".2269\", npv: \".9778\"}}}}"
            ),
        )
    };
    silent(&rows(".9000"));
    speaks(&denied(&rows(".9000")), "V201");
}

#[test]
fn a_marker_that_a_quarter_lacks() {
    // 9/14, 44/50, 9/15, 44/49 of 64 of the 85.
    let rows = |npv: &str| {
        table(
            "n: 85, positive: 22, negative: 63",
            &format!(
                "age: {{c: {{sens: \"59.09\", spec: \"74.60\", ppv: \"44.83\", npv: \"83.93\"}}}}, pct: {{c: {{auc: [\"76.71\", \"62.27\", \"91.16\"], sens: \"64.29\", spec: \"88.00\", ppv: \"60.00\", npv: \"{npv}\"}}}}"
            ),
        )
    };
    silent(&rows("89.80"));
    speaks(&rows("80.98"), "V201");
    // A grey zone between two cut-offs: 14/21, 83/149, 14/80, 83/90.
    silent(&table(
        "n: 200, positive: 29",
        "a: {c: {sens: \"66.67\", spec: \"55.70\", ppv: \"17.50\", npv: \"92.22\"}}",
    ));
    // Weighted from a case-cohort to its population.
    let weighted = |accuracy: &str| {
        table(
            "n: 350, positive: 56",
            &format!(
                "a: {{c: {{sens: \"89.3\", spec: \"85.7\", ppv: \"13.3\", npv: \"99.7\", acc: \"{accuracy}\"}}}}, b: {{c: {{sens: \"75.0\", spec: \"72.1\", ppv: \"6.2\", npv: \"99.2\", acc: \"72.2\"}}}}"
            ),
        )
    };
    silent(&weighted("85.8"));
    speaks(&weighted("58.8"), "V201");
}

#[test]
fn likelihood_ratios_with_one_digit_fewer() {
    // 0.82 / 0.14 and 0.18 / 0.86.
    let row = |ratio: &str| {
        table(
            "n: 40",
            &format!("a: {{c: {{sens: \".818\", spec: \".862\", lr_positive: \"{ratio}\", lr_negative: \"0.21\"}}}}"),
        )
    };
    silent(&row("5.86"));
    speaks(&row("8.56"), "V201");
}

#[test]
fn intervals_of_images() {
    // Wilson's of 581/840, 287/420, 294/420 slices of 120 patients.
    let row = |upper: &str| {
        table(
            "n: 120",
            &format!(
                "cnn: {{c: {{acc: [\"0.6917\", \"0.6596\", \"0.7220\"], sens: [\"0.6833\", \"0.6374\", \"{upper}\"], spec: [\"0.7000\", \"0.6545\", \"0.7419\"]}}}}"
            ),
        )
    };
    silent(&row("0.7260"));
    speaks(&row("0.7620"), "V203");
}

#[test]
fn a_decision_curve_of_complete_cases() {
    // 58 of 268 with the event, of 300 with 60.
    let row = |second: &str| {
        table(
            "n: 300, positive: 60, negative: 240",
            &format!(
                "m: {{c: {{net_benefit: {{\"0.10\": {{treat_all: \"0.129\"}}, \"0.20\": {{treat_all: \"{second}\"}}}}}}}}"
            ),
        )
    };
    silent(&row("0.021"));
    speaks(&row("0.012"), "V706");
}

#[test]
fn limits_beyond_one_are_even() {
    let row = |interval: &str| table("n: 100, positive: 40, negative: 60", &format!("a: {{c: {{{interval}}}}}"));
    // Wald's interval of 38/40 that was not cut.
    silent(&row("sens: [\"0.950\", \"0.882\", \"1.018\"]"));
    speaks(&row("sens: [\"0.950\", \"0.882\", \"1.108\"]"), "V202");
    speaks(&row("auc: [\"0.85\", \"0.78\", \"9.20\"]"), "V202");
    speaks(&row("spec: [\"90.0\", \"83.0\", \"970\"]"), "V202");
    // Zero of few, exact, and a rare thing in percent.
    silent(&row("acc: [\"0.0\", \"0.0\", \"70.8\"]").replace("n: 100, positive: 40, negative: 60", ""));
    let index = |value: &str| {
        format!(
            "cohorts: {{c: {{n: 250}}}}\nt: {{kind: survival_performance, models: {{m: {{c: {{harrell_c: \"{value}\"}}}}, k: {{c: {{harrell_c: \"0.68\"}}}}}}}}\n"
        )
    };
    silent(&index("0.71"));
    speaks(&index("7.01"), "V202");
}

#[test]
fn intervals_of_single_counts_are_of_no_means() {
    // 33/50, 56/70, 38/50, 49/70, exact; PPV 33/47 = 0.702.
    let rows = |ppv: &str| {
        table(
            "n: 120, positive: 50, negative: 70",
            &format!(
                "a: {{c: {{sens: [\"0.660\", \"0.512\", \"0.788\"], spec: [\"0.800\", \"0.687\", \"0.886\"], ppv: \"{ppv}\", npv: \"0.767\"}}}}, b: {{c: {{sens: [\"0.760\", \"0.618\", \"0.869\"], spec: [\"0.700\", \"0.579\", \"0.804\"], ppv: \"0.644\", npv: \"0.803\"}}}}"
            ),
        )
    };
    silent(&rows("0.702"));
    speaks(&rows("0.772"), "V201");
}

#[test]
fn youden_and_balanced_accuracy_are_sums_in_means_too() {
    let row = |youden: &str| {
        table(
            "n: 350",
            &format!(
                "a: {{c: {{sens: \"0.801\", spec: \"0.752\", youden: \"{youden}\", kappa: \"0.534\", mcc: \"0.544\"}}}}"
            ),
        )
    };
    silent(&row("0.553"));
    speaks(&row("0.533"), "V201");
    speaks(&table("n: 350", "b: {c: {sens: \"0.780\", spec: \"0.700\", bacc: \"0.758\", acc: \"0.735\"}}"), "V201");
}

/// C-indices of 0.143, in percent, were called misplaced beside each other.
#[test]
fn c_indices_of_fourteen_percent_in_every_row_are_in_percent() {
    let file = |second: &str, ci: &str| {
        format!(
            "cohorts: {{everyone: {{n: 40}}}}\nsurvival_models:\n  kind: survival_performance\n  horizon: 5 years\n  models:\n    a: \
             {{everyone: {{events: 7, uno_c: {{value: \"14.3\"{ci}}}}}}}\n    b: {{everyone: {{events: 7, uno_c: \"{second}\"}}}}\n"
        )
    };
    silent(&file("14.3", ""));
    silent(&file("0.0", ""));
    silent(&file("0.61", ", ci: [\"0.0\", \"38.5\"]"));
    speaks(&file("0.61", ""), "V202");
}

/// Predictive values were set aside as of another prevalence, and the two figures that were left as no means.
#[test]
fn a_row_of_means_is_asked_about_as_a_whole() {
    let file = table(
        "n: 259, positive: 96, negative: 163",
        "m0: {c: {acc: \"0.575\", sens: \"0.661\", spec: \"0.524\", ppv: \"0.452\", npv: \"0.723\"}}",
    );
    silent(&file);
    speaks(&denied(&file), "V201");
}
